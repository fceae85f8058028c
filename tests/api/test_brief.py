"""Briefs and the review queue over HTTP: every way out passes the audience, every act is undone."""

from __future__ import annotations

import re

import httpx
import pytest

LANGUAGES = ("uk", "en")
PARTS = ("", "/page", "/markdown", "/drawing")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_a_brief_leaves_in_every_form(client: httpx.Client, part: str, language: str) -> None:
    answer = client.get(f"/api/brief{part}", params={"language": language})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    words = {"uk": "Довідка", "en": "Brief"}[language]
    assert part == "/drawing" or words in answer.text
    assert "<script" not in answer.text


def test_every_sentence_of_the_demo_has_claims_that_are_noted(client: httpx.Client) -> None:
    brief = client.get("/api/brief", params={"language": "en"}).json()
    noted = {f["claim"] for f in brief["footnotes"]}
    sentences = [
        *brief["overview"],
        *(s for i in brief["incidents"] for p in i["retelling"] for s in p["sentences"]),
        *(e["sentence"] for e in brief["timeline"]),
    ]
    assert len(sentences) > 20
    assert all(s["claims"] and set(s["claims"]) <= noted for s in sentences)


@pytest.mark.parametrize("part", PARTS)
def test_the_public_gets_no_strike_and_no_source(client: httpx.Client, part: str) -> None:
    text = client.get(
        f"/api/brief{part}", params={"language": "en", "audience": "public"}
    ).text.casefold()
    reports = client.get("/api/picture").json()["reports"]
    assert not any(r["id"] in text or r["source"].casefold() in text for r in reports)
    for word in ("explosion", "missile", "drone", "energy facility", "a hit on", "city of"):
        assert word not in text, word


def test_a_brief_of_one_incident_of_a_place_and_of_a_period(client: httpx.Client) -> None:
    incidents = client.get("/api/picture").json()["incidents"]
    one = incidents[1]["id"]
    brief = client.get("/api/brief", params={"incident": one, "language": "en"}).json()
    assert brief["incidents"][0]["id"] == one
    at = {"place": "Полтавська область", "language": "en"}
    placed = client.get("/api/brief", params=at).json()
    assert 0 < len(placed["incidents"]) < len(incidents)
    before = {"to_at": "2026-01-09T00:00:00Z", "language": "en"}
    assert client.get("/api/brief", params=before).json()["incidents"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"incident": "i-nothing"}, 404),
        ({"place": "Nowhereville"}, 422),
        ({"language": "de"}, 422),
        ({"from_at": "yesterday"}, 422),
        ({"from_at": "2026-01-11T00:00:00Z", "to_at": "2026-01-10T00:00:00Z"}, 422),
    ],
)
def test_an_odd_request_says_what_is_wrong(
    client: httpx.Client, query: dict[str, str], status: int
) -> None:
    answer = client.get("/api/brief", params=query)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_the_public_has_no_review_queue(client: httpx.Client) -> None:
    assert client.get("/api/review", params={"audience": "public"}).status_code == 403


def test_an_item_is_let_stand_by_a_named_person_and_opened_again(
    client: httpx.Client, officer: httpx.Client
) -> None:
    items = client.get("/api/review").json()
    item = items[0]["id"]
    assert client.post(f"/api/review/{item}/confirm", json={}).status_code == 403
    assert officer.post(f"/api/review/{item}/confirm", json={"note": "seen"}).status_code == 201
    assert item not in {i["id"] for i in client.get("/api/review").json()}
    assert officer.post(f"/api/review/{item}/confirm", json={}).status_code == 404
    assert officer.post(f"/api/review/{item}/reopen", json={}).status_code == 201
    assert client.get("/api/review").json() == items
    assert officer.post(f"/api/review/{item}/reopen", json={}).status_code == 404


def test_a_claim_is_taken_back_and_restored(client: httpx.Client, officer: httpx.Client) -> None:
    items = client.get("/api/review").json()
    claim = items[0]["claims"][0]
    assert client.post(f"/api/claims/{claim}/retract", json={}).status_code == 403
    assert officer.post(f"/api/claims/{claim}/retract", json={"note": "misread"}).status_code == 204
    left = client.get("/api/review").json()
    assert not any(claim in i["claims"] for i in left)
    assert officer.post(f"/api/claims/{claim}/restore", json={}).status_code == 204
    assert client.get("/api/review").json() == items
    assert officer.post("/api/claims/a:b:1/retract", json={}).status_code == 404


def test_reasons_come_in_both_languages(client: httpx.Client) -> None:
    for item in client.get("/api/review").json():
        assert re.search(r"[а-яіїє]", item["reason"]["uk"])
        assert not re.search(r"[{}]", item["reason"]["en"] + item["reason"]["uk"])
