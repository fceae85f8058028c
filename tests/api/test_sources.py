"""Sources and entry by hand, as any client meets them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

SAID = {"source": "Dispatcher on the telephone", "text": "Частина Полтави без світла."}


def by_hand(client: httpx.Client) -> dict[str, Any]:
    (found,) = (s for s in client.get("/api/sources").json() if s["kind"] == "manual")
    return dict(found)


def test_the_public_does_not_see_sources(client: httpx.Client) -> None:
    refused = client.get("/api/sources", params={"audience": "public"})
    assert refused.status_code == 403
    public = client.get("/api/picture", params={"audience": "public"}).json()
    assert public["sources"] == []
    assert "sources" in public["held_back"]


def test_officials_and_operators_see_the_same_sources(client: httpx.Client) -> None:
    views = [
        client.get("/api/sources", params={"audience": audience}).json()
        for audience in ("official", "operator")
    ]
    assert views[0] == views[1] == client.get("/api/picture").json()["sources"]


def test_nobody_enters_a_report_without_a_name(client: httpx.Client) -> None:
    assert client.post("/api/reports", json=SAID).status_code == 403


def test_a_report_by_hand_is_in_the_picture_with_its_source_and_time(
    officer: httpx.Client,
) -> None:
    before = by_hand(officer)["n_new"]
    said = SAID | {"published_at": "2026-01-10T05:40:00+02:00"}
    answer = officer.post("/api/reports", json=said)
    assert answer.status_code == 201
    again = officer.post("/api/reports", json=said)
    assert again.json() == answer.json()
    report = officer.get(f"/api/reports/{answer.json()}").json()
    assert report["report"]["source"] == SAID["source"]
    assert report["report"]["published_at"] == "2026-01-10T03:40:00Z"
    assert [c["kind"] for c in report["claims"]] == ["outage"]
    now = by_hand(officer)
    assert (now["state"], now["n_new"]) == ("ok", before + 1)


@pytest.mark.parametrize(
    "fault",
    [
        {"text": " \n"},
        {"source": "  "},
        {"text": "Power is out. " * 20_000},
        {"text": "х" * 25_000_000},
        {"published_at": "2026-01-10T05:40:00"},
    ],
)
def test_what_is_no_report_is_refused(officer: httpx.Client, fault: dict[str, str]) -> None:
    answer = officer.post("/api/reports", json=SAID | fault)
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_an_inspection_under_way_is_told_and_is_no_result(officer: httpx.Client) -> None:
    picture = officer.get("/api/picture").json()
    asset = next(a for a in picture["assets"] if a["basis"] == "inferred")
    step = {"asset": asset["id"], "stage": "no_access", "note": "mines"}
    assert officer.post("/api/inspections", json=step).status_code == 204
    found = {a["id"]: a for a in officer.get("/api/picture").json()["assets"]}[asset["id"]]
    assert found["inspection"] == "no_access"
    assert found["p_intact"] == asset["p_intact"]
    both = step | {"state": 2}
    assert officer.post("/api/inspections", json=both).status_code == 422
    assert officer.post("/api/inspections", json={"asset": asset["id"]}).status_code == 422
