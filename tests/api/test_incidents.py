"""One incident by its id: found by every id it had, withheld from the public."""

from __future__ import annotations

import httpx


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
