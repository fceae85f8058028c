"""Two readings of one report beside each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lightkeeper.claims import (
    Casualties,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    PlaceRef,
    Span,
    Weapons,
    extract,
)
from lightkeeper.claims.attribution import SELF
from lightkeeper.claims.compare import Agreement, compare_readings
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports import make_report
from lightkeeper.reports.model import ReportId

TEXT = "Вибухи у Лубнах. Без світла 300 абонентів у Миргороді. Троє поранених."


def one(kind: ClaimKind, start: int, end: int, name: str = "a") -> Claim:
    return Claim(
        id=ClaimId(name),
        report=ReportId("r"),
        kind=kind,
        layer=Layer.INCIDENT,
        span=Span(start, end, "x" * (end - start)),
        attribution=SELF,
    )


def test_a_reading_agrees_with_itself(gazetteer: Gazetteer) -> None:
    claims = extract(make_report("desk", TEXT), gazetteer)
    assert len(claims) == 3
    found = compare_readings(claims, claims, gazetteer)
    assert [c.agreement for c in found] == [Agreement.SAME] * 3
    assert [c.rules for c in found] == [c.id for c in claims]


def test_what_only_one_reads_stands_alone_in_the_order_of_the_text(gazetteer: Gazetteer) -> None:
    rules = [one(ClaimKind.EXPLOSIONS, 10, 20, "r1"), one(ClaimKind.OUTAGE, 40, 50, "r2")]
    model = [one(ClaimKind.OUTAGE, 42, 60, "m1"), one(ClaimKind.DAMAGE, 25, 30, "m2")]
    found = compare_readings(rules, model, gazetteer)
    assert [(c.agreement, c.rules, c.model) for c in found] == [
        (Agreement.ONLY_RULES, "r1", None),
        (Agreement.ONLY_MODEL, None, "m2"),
        (Agreement.SAME, "r2", "m1"),
    ]


@pytest.mark.parametrize(
    ("kinds", "is_pair"),
    [
        ((ClaimKind.STRIKE, ClaimKind.DAMAGE), True),
        ((ClaimKind.UNKNOWN, ClaimKind.CASUALTIES), True),
        ((ClaimKind.OUTAGE, ClaimKind.RESTORED), False),
        ((ClaimKind.ALERT, ClaimKind.ALL_CLEAR), False),
    ],
)
def test_near_kinds_are_compared(
    gazetteer: Gazetteer, kinds: tuple[ClaimKind, ClaimKind], is_pair: bool
) -> None:
    found = compare_readings([one(kinds[0], 0, 9)], [one(kinds[1], 0, 9)], gazetteer)
    assert len(found) == (1 if is_pair else 2)
    if is_pair:
        assert [(d.field, d.rules, d.model) for d in found[0].differences] == [("kind", *kinds)]


def test_the_same_kind_is_preferred_to_a_near_one(gazetteer: Gazetteer) -> None:
    rules = [one(ClaimKind.STRIKE, 0, 20, "r")]
    model = [one(ClaimKind.DAMAGE, 0, 20, "near"), one(ClaimKind.STRIKE, 15, 30, "same")]
    found = compare_readings(rules, model, gazetteer)
    assert {(c.rules, c.model) for c in found} == {("r", "same"), (None, "near")}


def test_each_field_on_which_both_speak_is_compared(gazetteer: Gazetteer) -> None:
    place = gazetteer.find_one("Лубни")
    other = gazetteer.find_one("Миргород")
    base = replace(
        one(ClaimKind.STRIKE, 0, 9),
        places=(PlaceRef(text="Лубнах", code=place.code, level=place.level),),
        count=Count(min=3, best=3, max=3),
        customers=Count(best=300, approximate=True),
        casualties=Casualties(status=CasualtyStatus.COUNTED, killed=3),
        weapons=Weapons(mode="either", items=("FAB", "KAB")),
        target="substation",
    )
    changed = replace(
        base,
        places=(PlaceRef(text="Миргороді", code=other.code, level=other.level),),
        layer=Layer.CONTEXT,
        certainty=Certainty.LIKELY,
        is_negated=True,
        count=Count(min=3, approximate=True),
        customers=Count(max=300),
        casualties=Casualties(status=CasualtyStatus.ZERO, killed=0),
        weapons=Weapons(mode="both", items=("FAB", "KAB")),
        target="transformer",
    )
    (found,) = compare_readings([base], [changed], gazetteer)
    assert found.agreement is Agreement.DIFFERS
    assert {d.field: (d.rules, d.model) for d in found.differences} == {
        "layer": ("incident", "context"),
        "certainty": ("observed", "likely"),
        "polarity": ("positive", "negative"),
        "count": ("3", "at least 3"),
        "customers": ("about 300", "up to 300"),
        "casualties": ("counted: killed 3", "zero: killed 0"),
        "weapon": ("FAB or KAB", "FAB, KAB"),
        "target": ("substation", "transformer"),
        "place": ("Лубнах", "Миргороді"),
    }
    bare = one(ClaimKind.STRIKE, 0, 9)
    (silent,) = compare_readings([base], [bare], gazetteer)
    assert silent.agreement is Agreement.SAME


def test_a_place_within_the_other_is_no_difference(gazetteer: Gazetteer) -> None:
    town = gazetteer.find_one("Лубни")
    oblast = gazetteer.find_one("Полтавська область")
    refs = [(PlaceRef(text=p.name_uk, code=p.code, level=p.level),) for p in (town, oblast)]
    rules, model = (replace(one(ClaimKind.OUTAGE, 0, 9), places=r) for r in refs)
    (found,) = compare_readings([rules], [model], gazetteer)
    assert found.agreement is Agreement.SAME
