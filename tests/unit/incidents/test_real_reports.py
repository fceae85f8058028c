"""The four reports beside the repository, from their files to incidents."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path

import pytest

from lightkeeper.claims import extract
from lightkeeper.incidents import Incident, Reconciliation, reconcile
from lightkeeper.region import Gazetteer
from lightkeeper.reports import Report, read_path


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[Report]:
    files = sorted((shared / "reports").glob("*.txt"))
    return [report for file in files for report in read_path(file)]


@pytest.fixture(scope="module")
def result(reports: list[Report], gazetteer: Gazetteer) -> Reconciliation:
    return reconcile([c for r in reports for c in extract(r, gazetteer)], reports, gazetteer)


@pytest.fixture(scope="module")
def named(result: Reconciliation, reports: list[Report]) -> dict[str, Incident]:
    """Top-level incidents by the files they stand on."""
    name_of = {r.id: Path(r.source).stem for r in reports}
    return {
        " ".join(sorted(name_of[r] for r in i.reports)): i
        for i in result.incidents
        if i.parent is None
    }


def test_three_incidents(named: dict[str, Incident]) -> None:
    assert set(named) == {
        "izum-retelling-a izum-retelling-b",
        "barrage-ten-regions",
        "kyiv-power-plants",
    }


def test_izium_is_one_source(named: dict[str, Incident]) -> None:
    incident = named["izum-retelling-a izum-retelling-b"]
    assert incident.title == "Explosions and power outage — Izium, Kharkiv Oblast"
    assert incident.n_independent_sources == 1
    assert incident.children == ()
    facts = {f.name: f for f in incident.facts}
    assert facts["explosions"].value == "about 10 explosions"
    assert facts["outage"].status == "attributed"
    assert facts["casualties"].value == "not released"
    assert "possible_second_attack" in facts
    assert {"place", "possible_second_attack"} <= {c.field for c in incident.contradictions}
    unknown = {u.subject for u in incident.unknowns}
    assert unknown >= {"casualties", "damage_extent", "energy_asset", "time", "restoration_time"}


def test_the_wave_has_its_strikes(named: dict[str, Incident], result: Reconciliation) -> None:
    wave = named["barrage-ten-regions"]
    assert wave.kind == "wave"
    children = {i.title for i in result.incidents if i.parent == wave.id}
    assert {t.partition(" — ")[2] for t in children} == {
        "Kharkiv, Kharkiv Oblast",
        "Odesa, Odesa Oblast",
    }


def test_nothing_is_made_up(result: Reconciliation) -> None:
    for incident in result.incidents:
        assert incident.time is None or (incident.time.from_at, incident.time.to_at) == (None, None)
        said = [incident.title, *(f"{f.name} {f.value}" for f in incident.facts)]
        assert not any(re.search(r"\b(19|20)\d\d\b|killed|injured", words) for words in said)
        for claim in incident.claims:
            assert claim.casualties is None or (
                claim.casualties.killed,
                claim.casualties.injured,
                claim.casualties.missing,
            ) == (None, None, None)


def test_any_order_of_arrival_gives_the_same(
    result: Reconciliation, reports: list[Report], gazetteer: Gazetteer
) -> None:
    claims = {r.id: extract(r, gazetteer) for r in reports}
    for order in permutations(reports):
        assert reconcile([c for r in order for c in claims[r.id]], order, gazetteer) == result
