"""One incident by its id: found by every id it had, withheld from the public."""

from __future__ import annotations

import httpx
import pytest


def test_an_incident_is_found_by_every_id_it_ever_had(client: httpx.Client) -> None:
    picture = client.get("/api/picture", params={"audience": "operator"}).json()
    for incident in picture["incidents"]:
        for alias in incident["aliases"]:
            found = client.get(f"/api/incidents/{alias}", params={"audience": "operator"}).json()
            assert found["incident"]["id"] == incident["id"]
            assert incident["id"] not in [s["incident"] for s in found["similar"]]
    missing = client.get("/api/incidents/i-nothing", params={"audience": "operator"})
    assert missing.status_code == 404


def test_the_public_sees_no_single_incident(client: httpx.Client) -> None:
    picture = client.get("/api/picture", params={"audience": "operator"}).json()
    known = picture["incidents"][0]["id"]
    answer = client.get(f"/api/incidents/{known}", params={"audience": "public"})
    assert answer.status_code == 403
    assert known not in answer.text.replace(f"/api/incidents/{known}", "")


@pytest.mark.parametrize("language", ["uk", "en"])
@pytest.mark.parametrize("audience", ["operator", "public"])
def test_the_picture_and_the_brief_call_an_incident_the_same(
    client: httpx.Client, audience: str, language: str
) -> None:
    picture = client.get("/api/picture", params={"audience": audience}).json()
    asked = {"audience": audience, "language": language}
    brief = client.get("/api/brief", params=asked).json()
    titles = {t["incident"]: t[language] for t in picture["incident_titles"]}
    assert set(titles) == {i["id"] for i in picture["incidents"]}
    told = {i["id"]: i["title"] for i in brief["incidents"]}
    assert told
    if audience == "public":
        # A brief for the public names no place finer than a raion, a map does name the district.
        told = {i: title.partition(" — ")[0] for i, title in told.items()}
        titles = {i: title.partition(" — ")[0] for i, title in titles.items()}
    assert {i: titles[i] for i in told} == told
