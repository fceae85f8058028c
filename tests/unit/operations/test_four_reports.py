"""The four real reports: three incidents, and nothing that nobody said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lightkeeper.claims import CasualtyStatus, Layer
from lightkeeper.notices import Audience, Picture
from lightkeeper.operations import picture_of_files
from lightkeeper.settings import Settings

IZIUM = {"izum-retelling-a.txt", "izum-retelling-b.txt"}


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[Path]:
    return sorted((shared / "reports").glob("*.txt"))


@pytest.fixture(scope="module")
def picture(reports: list[Path]) -> Picture:
    return picture_of_files(reports, None, Audience.OPERATOR, settings=Settings())


def test_three_incidents_one_of_two_reports_and_one_source(picture: Picture) -> None:
    source_of = {r.id: Path(r.source).name for r in picture.reports}
    top = {
        frozenset(source_of[r] for r in i.reports): i for i in picture.incidents if i.parent is None
    }
    assert set(top) == {
        frozenset(IZIUM),
        frozenset({"barrage-ten-regions.txt"}),
        frozenset({"kyiv-power-plants.txt"}),
    }
    assert top[frozenset(IZIUM)].n_independent_sources == 1
    for incident in picture.incidents:
        if incident.parent is not None:
            assert incident.parent == top[frozenset({"barrage-ten-regions.txt"})].id


def test_spans_are_verbatim(picture: Picture, reports: list[Path]) -> None:
    texts = {p.name: p.read_text(encoding="utf-8") for p in reports}
    source_of = {r.id: Path(r.source).name for r in picture.reports}
    claims = [c for i in picture.incidents for c in i.claims] + list(picture.outside)
    assert len(claims) > 40
    for claim in claims:
        assert claim.span.text in texts[source_of[claim.report]]


def test_no_date_no_casualty_number_no_asset_name(picture: Picture) -> None:
    for incident in picture.incidents:
        for time in [incident.time, *(c.time for c in incident.claims)]:
            assert time is None or (time.from_at is None and time.to_at is None)
        for claim in incident.claims:
            if claim.casualties is not None:
                assert claim.casualties.status in (
                    CasualtyStatus.NONE_REPORTED,
                    CasualtyStatus.NOT_RELEASED,
                )
                assert claim.casualties.killed is None
                assert claim.casualties.injured is None
        # An asset's name would be a proper name beside the kind of asset.
        for fact in incident.facts:
            assert not re.search(r"\b[A-Z]\w+ (substation|power plant|TPP|CHP)\b", fact.value)
            assert not re.search(r"\b(19|20)\d\d\b", fact.value)
    assert picture.assets == ()


def test_what_the_izium_retellings_come_to(picture: Picture) -> None:
    izium = next(i for i in picture.incidents if len(i.reports) == 2)
    facts = {f.name: f for f in izium.facts}
    assert "about 10" in facts["explosions"].value
    assert {"KAB", "FAB"} <= {
        item for c in izium.claims if c.weapons is not None for item in c.weapons.items
    }
    assert all(
        c.weapons.mode == "either"
        for c in izium.claims
        if c.weapons is not None and {"KAB", "FAB"} <= set(c.weapons.items)
    )
    assert facts["casualties"].value == "not released"
    assert facts["outage"].status.value == "attributed"
    assert {"casualties", "energy_asset"} <= {u.subject for u in izium.unknowns}
    assert {c.field for c in izium.contradictions} >= {"place"}
    text = " ".join(f.value for f in izium.facts)
    assert "Svyaz" not in text


def test_kharkiv_and_odesa_are_told_apart(picture: Picture) -> None:
    by_title = {i.title.split("—")[-1].split(",")[0].strip(): i for i in picture.incidents}
    assert {"Kharkiv", "Odesa"} <= set(by_title)
    kharkiv, odesa = by_title["Kharkiv"], by_title["Odesa"]
    assert any(c.count is not None and c.count.best == 15 for c in kharkiv.claims)
    assert not any(c.count is not None and c.count.best == 15 for c in odesa.claims)
    assert any(c.casualties is not None for c in odesa.claims)
    assert not any(c.casualties is not None for c in kharkiv.claims)


def test_ten_regions_is_no_number_of_strikes_and_bakhmut_no_incident(picture: Picture) -> None:
    claims = [c for i in picture.incidents for c in i.claims]
    counts = {c.count.best for c in claims if c.count is not None} - {None}
    assert counts <= {10, 15}
    strikes = [c for i in picture.incidents for c in i.claims if c.kind.value == "strike"]
    assert all(c.count is None or c.count.best != 10 for c in strikes)
    assert not any("Bakhmut" in i.title for i in picture.incidents)
    assert all(c.layer is Layer.INCIDENT for i in picture.incidents for c in i.claims)
