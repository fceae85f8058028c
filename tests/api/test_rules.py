"""What the server refuses, and what it says when it does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

Json = dict[str, Any]


def notices(client: httpx.Client) -> list[Json]:
    found: list[Json] = client.get("/api/picture").json()["notices"]
    return found


def reports(client: httpx.Client) -> list[Json]:
    found: list[Json] = client.get("/api/picture").json()["reports"]
    return found


@pytest.mark.parametrize("host", ["example.org", "lightkeeper.attacker.example", "192.0.2.7"])
def test_another_host_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/api/picture", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "origin", ["https://attacker.example", "http://127.0.0.1:1", "null", "https://{host}"]
)
def test_a_page_of_another_origin_writes_nothing(officer: httpx.Client, origin: str) -> None:
    host = officer.base_url.netloc.decode()
    headers = {"Origin": origin.format(host=host)}
    report = reports(officer)[0]["id"]
    for method, path in (
        ("POST", "/api/session"),
        ("POST", f"/api/reports/{report}/retract"),
        ("DELETE", "/api/merges/1"),
    ):
        body = {"name": "Mallory", "reason": "none"}
        response = officer.request(method, path, headers=headers, json=body)
        assert response.status_code == 403
        assert "origin" in response.json()["message"]
        assert response.headers["Content-Security-Policy"]
    assert not any(r["is_retracted"] for r in reports(officer))
    own = officer.post(
        "/api/session", headers={"Origin": f"http://{host}"}, json={"name": "Olena Koval"}
    )
    assert own.status_code == 200


def test_nothing_may_be_loaded_from_elsewhere(client: httpx.Client) -> None:
    policy = client.get("/public").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


@pytest.mark.parametrize(
    "at",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-01-10T04:10:00",  # no offset: whose clock?
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_bad_moment_is_refused_with_the_reason(client: httpx.Client, at: str) -> None:
    response = client.get("/api/picture", params={"at": at})
    assert response.status_code == 422
    assert any("query.at" in problem for problem in response.json()["problems"])


def test_a_past_moment_knows_less(client: httpx.Client) -> None:
    now = client.get("/api/picture").json()
    received = sorted(r["received_at"] for r in now["reports"])
    then = client.get("/api/picture", params={"at": received[2]}).json()
    assert {r["received_at"] for r in then["reports"]} == set(received[:3])
    assert datetime.fromisoformat(then["as_of"]) <= datetime.fromisoformat(received[2])


def test_nobody_approves_without_a_name(client: httpx.Client) -> None:
    draft = next(n for n in notices(client) if n["approved_by"] is None)
    response = client.post(f"/api/notices/{draft['id']}/approve")
    assert response.status_code == 403
    assert "name" in response.json()["message"]
    assert next(n for n in notices(client) if n["id"] == draft["id"])["approved_by"] is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_is_one(client: httpx.Client, name: str) -> None:
    assert client.post("/api/session", json={"name": name}).status_code == 422


def test_cap_of_a_draft_is_refused(client: httpx.Client) -> None:
    draft = next(n for n in notices(client) if n["approved_by"] is None)
    response = client.get(f"/api/notices/{draft['id']}/cap")
    assert response.status_code == 403
    assert "<alert" not in response.text


def test_an_approved_notice_waits_for_its_hold_and_then_leaves(officer: httpx.Client) -> None:
    for draft in notices(officer):
        if draft["approved_by"] is not None:
            continue
        done = officer.post(f"/api/notices/{draft['id']}/approve").json()
        assert done["approved_by"] == "Olena Koval"
        cap = officer.get(f"/api/notices/{draft['id']}/cap")
        if datetime.fromisoformat(done["not_before"]) <= datetime.fromisoformat(
            done["approved_at"]
        ):
            assert cap.status_code == 200
            assert cap.headers["Content-Type"].startswith("application/cap+xml")
            assert "<status>Exercise</status>" in cap.text
        else:
            assert cap.status_code == 403
        assert officer.post(f"/api/notices/{draft['id']}/approve").status_code == 403


def test_a_retracted_report_leaves_the_figures_and_comes_back(officer: httpx.Client) -> None:
    before = officer.get("/api/picture").json()
    report = before["reports"][-1]["id"]
    path = f"/api/reports/{report}"
    assert officer.post(f"{path}/retract", json={"reason": "a mistake"}).status_code == 204
    without = officer.get("/api/picture").json()
    assert report not in {r for i in without["incidents"] for r in i["reports"]}
    assert next(r for r in without["reports"] if r["id"] == report)["is_retracted"]
    assert officer.post(f"{path}/restore", json={"reason": "no mistake"}).status_code == 204
    after = officer.get("/api/picture").json()
    assert after["incidents"] == before["incidents"]
    assert after["totals"] == before["totals"]


def test_errors_are_told_in_one_form(client: httpx.Client) -> None:
    for response in (
        client.get("/api/reports/none"),
        client.get("/api/picture", params={"audience": "enemy"}),
        client.post("/api/session", content=b"\xff", headers={"Content-Type": "application/json"}),
        client.get("/api/nothing"),
    ):
        assert response.status_code in {400, 404, 422}
        assert set(response.json()) == {"error", "message", "problems"}
