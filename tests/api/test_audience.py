"""What each audience gets, proven from outside: from the bytes that leave the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

Json = dict[str, Any]

AREAS = {"/api/map/districts", "/api/map/outline"}
"""Maps of districts and countries: they hold no element of the grid."""

STRIKE = {"strike", "damage", "weapon", "explosions", "casualties"}


def claims_of(picture: Json) -> list[Json]:
    """Return the claims of all incidents."""
    return [claim for incident in picture["incidents"] for claim in incident["claims"]]


def ask(client: httpx.Client, audience: str) -> tuple[Json, str]:
    """Return the picture, and all its text as it left."""
    response = client.get("/api/picture", params={"audience": audience})
    assert response.status_code == 200
    picture = response.json()
    return picture, json.dumps(picture, ensure_ascii=False)


def test_public_picture_names_no_asset_and_quotes_no_report(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    _, public = ask(client, "public")
    assert full["assets"]
    for asset in full["assets"]:
        assert asset["name"] not in public
        assert asset["id"] not in public
    for report in full["reports"]:
        assert json.dumps(report["text"], ensure_ascii=False).strip('"') not in public
    strike = [c["span"]["text"] for c in claims_of(full) if c["kind"] in STRIKE]
    assert strike
    assert not [words for words in strike if words in public]
    shown = json.loads(public)
    assert all(i["claims"] == [] for i in shown["incidents"])
    assert shown["reports"] == []
    assert shown["assets"] == []


def test_public_picture_tells_of_no_strike(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    assert {f["name"] for i in full["incidents"] for f in i["facts"]} & STRIKE
    shown, _ = ask(client, "public")
    assert not {f["name"] for i in shown["incidents"] for f in i["facts"]} & STRIKE


def test_public_picture_has_only_approved_notices(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    assert any(n["approved_by"] is None for n in full["notices"])
    shown, _ = ask(client, "public")
    assert all(n["approved_at"] for n in shown["notices"])


def test_the_public_gets_a_schedule_once_approved_and_never_who_approved_it(
    client: httpx.Client, officer: httpx.Client
) -> None:
    full, _ = ask(client, "operator")
    (planned,) = [n for n in full["notices"] if n["notice_class"] == "planned"]
    assert any(any(row) for row in full["schedule"]["is_off"])
    assert ask(client, "public")[0]["schedule"] is None
    assert "<h2>Графік" not in client.get("/public").text

    officer.post(f"/api/notices/{planned['id']}/approve").raise_for_status()
    shown, public = ask(client, "public")
    page = client.get("/public").text
    assert shown["schedule"] == full["schedule"]
    assert planned["id"] in {n["id"] for n in shown["notices"]}
    assert "<h2>Графік" in page
    assert "за Києвом, UTC+2" in page
    assert "UTC." not in page
    for text in (public, page):
        assert "Olena Koval" not in text
        assert not [r["id"] for r in full["reports"] if r["id"] in text]


def test_official_picture_names_no_element(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    _, official = ask(client, "official")
    for asset in full["assets"]:
        assert f'"{asset["id"]}"' not in official
    shown = json.loads(official)
    assert shown["margin"]["worst_element"] is None
    jobs = shown["repair"]["jobs"]
    assert {job[field] for job in jobs for field in ("asset", "name", "reason")} == {"withheld"}
    assert shown["shedding"]["steps"] == []
    assert shown["shedding"]["returns"] == []


def test_what_is_left_out_is_said(client: httpx.Client) -> None:
    for audience in ("public", "official"):
        assert ask(client, audience)[0]["held_back"]


@pytest.mark.parametrize("audience", ["public", "official"])
def test_grid_layer_is_for_operators(client: httpx.Client, audience: str) -> None:
    response = client.get("/api/map/grid", params={"audience": audience})
    assert response.status_code == 403
    assert "coordinates" not in response.text


def test_grid_layer_has_no_rank_and_no_protection(client: httpx.Client) -> None:
    layer = client.get("/api/map/grid", params={"audience": "operator"}).json()
    assert {name for f in layer["features"] for name in f["properties"]} == {"kind", "kv"}
    assert {name for f in layer["features"] for name in f} == {"type", "geometry", "properties"}


def objects_in(value: object) -> Iterator[Json]:
    """Yield every object of an answer, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from objects_in(inner)


def told_of_elements(answer: object) -> set[str]:
    """Return which of rank, protection and coordinates of the grid's elements an answer tells.

    Where a district lies is no secret; an object that names one is left out.
    """
    parts = {
        "rank": {"avoided_mwh", "rank"},
        "protection": {"from_level", "to_level", "protection"},
        "coordinates": {"lon", "lat", "coordinates"},
    }
    keys = [set(found) for found in objects_in(answer) if "name_uk" not in found]
    return {part for part, names in parts.items() if any(names & found for found in keys)}


def test_no_answer_puts_coordinates_to_a_rank_or_a_protection(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    parts = {"report_id": "reports", "notice_id": "notices", "incident_id": "incidents"}
    ids = {name: full[part][0]["id"] for name, part in parts.items()}
    ids["district_id"] = full["districts"][0]["consequence"]["district"]
    paths = client.get("/openapi.json").json()["paths"]
    told = {}
    for path in (path.format(**ids) for path, methods in paths.items() if "get" in methods):
        response = client.get(path, params={"audience": "operator"})
        if "json" in response.headers["Content-Type"] and path not in AREAS:
            told[path] = told_of_elements(response.json())
    assert told.pop("/api/picture") == {"rank", "protection"}
    assert told.pop("/api/map/grid") == {"coordinates"}
    assert set().union(*told.values()) == set()


def test_the_grid_layer_cannot_be_joined_to_the_ranking(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    ranked = full["reinforcement"]["chosen"]
    assert ranked
    layer = client.get("/api/map/grid").text
    for element in (*full["assets"], *ranked):
        for word in {element["name"], element.get("id"), element.get("asset")} - {None}:
            assert word not in layer
            assert word.rpartition(":")[2] not in layer


def test_reports_are_not_for_the_public(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    path = f"/api/reports/{full['reports'][0]['id']}"
    assert client.get(path, params={"audience": "public"}).status_code == 403
    assert client.get(path, params={"audience": "official"}).json()["report"]["text"]


@pytest.mark.parametrize("language", ["uk", "en"])
def test_public_page_is_the_public_projection(client: httpx.Client, language: str) -> None:
    full, _ = ask(client, "operator")
    page = client.get("/public", params={"lang": language}).text
    assert "<script" not in page
    for asset in full["assets"]:
        assert asset["name"] not in page
    for incident in full["incidents"]:
        assert incident["title"] not in page
