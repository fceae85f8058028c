"""What weighs much is left out on demand, said to be, and found at a route of its own."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

Json = dict[str, Any]

PARTS = ("services", "assets")


def ask(client: httpx.Client, audience: str, *without: str) -> tuple[Json, int]:
    """Return the picture and the bytes that it is."""
    response = client.get("/api/picture", params={"audience": audience, "without": without})
    assert response.status_code == 200
    return response.json(), len(response.content)


def without_services(picture: Json) -> list[Json]:
    return [
        entry | {"consequence": entry["consequence"] | {"services": []}}
        for entry in picture["districts"]
    ]


@pytest.mark.parametrize("audience", ["public", "official", "operator"])
def test_only_what_was_not_wanted_is_left_out(client: httpx.Client, audience: str) -> None:
    full, _ = ask(client, audience)
    lean, _ = ask(client, audience, *PARTS)
    assert full["left_out"] == []
    assert lean["left_out"] == list(PARTS)
    assert lean["assets"] == []
    assert lean["districts"] == without_services(full)
    changed = {"left_out", "assets", "districts"}
    assert {k: v for k, v in lean.items() if k not in changed} == {
        k: v for k, v in full.items() if k not in changed
    }


def test_the_picture_weighs_less_by_what_is_left_out(client: httpx.Client) -> None:
    (full, n_full), (_, n_lean) = ask(client, "operator"), ask(client, "operator", *PARTS)
    parts = [full["assets"], *(d["consequence"]["services"] for d in full["districts"])]
    weight = sum(
        len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())
        for part in parts
        if part
    )
    assert weight > 300_000
    # Numbers may be written a little shorter or longer.
    assert n_full - n_lean > 0.95 * weight


@pytest.mark.parametrize("audience", ["public", "official", "operator"])
def test_what_is_left_out_is_found_at_its_own_route(client: httpx.Client, audience: str) -> None:
    full, _ = ask(client, audience)
    asked = {"audience": audience}
    assert client.get("/api/assets", params=asked).json() == full["assets"]
    for entry in full["districts"][:5]:
        district = entry["consequence"]["district"]
        assert client.get(f"/api/districts/{district}", params=asked).json() == entry


def test_the_public_is_told_of_no_district_that_is_not_released(client: httpx.Client) -> None:
    full, _ = ask(client, "operator")
    released = {d["consequence"]["district"] for d in ask(client, "public")[0]["districts"]}
    hidden = [
        d["consequence"]["district"]
        for d in full["districts"]
        if d["consequence"]["district"] not in released
    ]
    assert hidden
    answer = client.get(f"/api/districts/{hidden[0]}", params={"audience": "public"})
    assert answer.status_code == 404
    assert client.get("/api/districts/nowhere").status_code == 404


def test_an_unknown_part_is_refused(client: httpx.Client) -> None:
    assert client.get("/api/picture", params={"without": "everything"}).status_code == 422


def test_hours_are_told_only_of_districts_of_which_something_is_known(
    client: httpx.Client,
) -> None:
    picture, _ = ask(client, "operator")
    known = {
        d["consequence"]["district"]
        for d in picture["districts"]
        if d["consequence"]["inferred"] or d["consequence"]["knowledge"] != "no_report"
    }
    assert known
    for course in (picture["course"], picture["with_plan"]["course"]):
        assert {d["district"] for d in course["districts"]} == known
