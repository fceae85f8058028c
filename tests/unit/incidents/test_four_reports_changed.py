"""The four reports beside the repository, line by line, also when they come changed or late."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lightkeeper.claims import extract
from lightkeeper.incidents import FieldStatus, Incident, Reconciliation, reconcile
from lightkeeper.incidents.stream import open_stream, receive, snapshot
from lightkeeper.region import Gazetteer
from lightkeeper.reports import Report, read_path
from lightkeeper.reports.read import make_report

IZIUM = {"izum-retelling-a", "izum-retelling-b"}
SPELLINGS = {"Izum": "Izyum", "Kharkiv": "Kharkov", "Odesa": "Odessa", "Kyiv": "Kiev"}


@dataclass(frozen=True, slots=True)
class Found:
    """What the reports make: incidents by the files they stand on, children left out."""

    all: Reconciliation
    top: dict[frozenset[str], Incident]

    @property
    def izium(self) -> Incident:
        return self.top[frozenset(IZIUM)]


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[Report]:
    files = sorted((shared / "reports").glob("*.txt"))
    return [report for file in files for report in read_path(file)]


def find(reports: Sequence[Report], gazetteer: Gazetteer) -> Found:
    claims = [c for r in reports for c in extract(r, gazetteer)]
    result = reconcile(claims, reports, gazetteer)
    name_of = {r.id: Path(r.source).stem for r in reports}
    top = {
        frozenset(name_of[r] for r in i.reports): i for i in result.incidents if i.parent is None
    }
    return Found(result, top)


def changed(report: Report, text: str) -> Report:
    return make_report(report.source, text, media_type=report.media_type)


def as_given(reports: list[Report]) -> list[Report]:
    return reports


def paragraphs_turned(reports: list[Report]) -> list[Report]:
    """The first paragraph stays, the rest comes in the opposite order."""
    turned = []
    for report in reports:
        first, *rest = [p for p in report.text.split("\n") if p.strip()]
        turned.append(changed(report, "\n\n".join([first, *reversed(rest)])))
    return turned


def spelled_otherwise(reports: list[Report]) -> list[Report]:
    pattern = re.compile(rf"\b({'|'.join(SPELLINGS)})\b")
    return [changed(r, pattern.sub(lambda m: SPELLINGS[m.group()], r.text)) for r in reports]


CHANGES = [as_given, paragraphs_turned, spelled_otherwise]


@pytest.fixture(scope="module", params=CHANGES, ids=lambda change: change.__name__)
def found(request: pytest.FixtureRequest, reports: list[Report], gazetteer: Gazetteer) -> Found:
    return find(request.param(reports), gazetteer)


def test_three_events_and_the_two_early_thursdays_apart(found: Found) -> None:
    assert set(found.top) == {
        frozenset(IZIUM),
        frozenset({"barrage-ten-regions"}),
        frozenset({"kyiv-power-plants"}),
    }


def test_two_retellings_are_one_source(found: Found) -> None:
    assert len(found.izium.reports) == 2
    assert found.izium.n_independent_sources == 1
    (group,) = found.izium.sources
    assert "not held" in group.origin


def test_about_ten_explosions_not_twenty(found: Found) -> None:
    (explosions,) = [f for f in found.izium.facts if f.name == "explosions"]
    assert explosions.value == "about 10 explosions"
    assert explosions.count is not None
    assert (explosions.count.best, explosions.count.approximate) == (10, True)
    assert explosions.n_sources == 1


def test_what_is_attributed_is_not_confirmed(found: Found) -> None:
    by_name = {f.name: f for f in found.izium.facts}
    assert by_name["outage"].status is FieldStatus.ATTRIBUTED
    held = {f.status for f in found.izium.facts}
    assert not held & {FieldStatus.CONFIRMED, FieldStatus.CORROBORATED}


def test_the_alarm_came_before(found: Found) -> None:
    assert any(f.name == "alert" and f.value == "air alarm" for f in found.izium.facts)


def test_silences_are_said_as_such(found: Found) -> None:
    by_name = {f.name: f for f in found.izium.facts}
    assert by_name["casualties"].value == "not released"
    unknown = {u.subject: u for u in found.izium.unknowns}
    assert unknown["casualties"].reason == "stated"
    assert unknown["energy_asset"].reason == "not_mentioned"
    assert {unknown[s].importance for s in ("casualties", "energy_asset")} == {"high"}
    assert "substation" not in repr([f.value for f in found.izium.facts])


def test_the_second_attack_is_possible_and_inside(found: Found) -> None:
    assert [f.name for f in found.izium.facts].count("possible_second_attack") == 1
    (open_one,) = [c for c in found.izium.contradictions if c.field == "possible_second_attack"]
    (said, teller), (silent, nobody) = open_one.sides
    assert "further strike" in said
    assert len({c.report for c in found.izium.claims if c.id in teller}) == 1
    assert (silent, nobody) == ("not mentioned in 1 other report", ())
    assert "not a denial" in open_one.note
    izium = [i for i in found.all.incidents if "Izium" in i.title]
    assert izium == [found.izium]


def test_district_or_city_is_shown(found: Found) -> None:
    (place,) = [c for c in found.izium.contradictions if c.field == "place"]
    assert {side for side, _ in place.sides} == {"Izium (city)", "Izium Raion (district)"}
    assert all(claims for _, claims in place.sides)


def test_the_wave_is_parent_of_its_strikes(found: Found) -> None:
    wave = found.top[frozenset({"barrage-ten-regions"})]
    children = [i for i in found.all.incidents if i.parent == wave.id]
    assert sorted(i.title.partition(" — ")[2] for i in children) == [
        "Kharkiv, Kharkiv Oblast",
        "Odesa, Odesa Oblast",
    ]
    assert wave.children == tuple(sorted(i.id for i in children))


def test_quotes_that_the_sibling_lacks_are_flagged(found: Found) -> None:
    texts = {q.text for q in found.izium.unshared_quotes}
    assert any("deafening" in t for t in texts)
    assert len({q.report for q in found.izium.unshared_quotes}) == 1


@pytest.mark.parametrize("late", range(4))
def test_one_report_late_changes_nothing(
    late: int, reports: list[Report], gazetteer: Gazetteer
) -> None:
    whole = find(reports, gazetteer).all
    stream = open_stream(gazetteer)
    for report in [*reports[:late], *reports[late + 1 :], reports[late]]:
        receive(stream, [(report, extract(report, gazetteer))])
    assert snapshot(stream) == whole
