from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lightkeeper.claims.model import Certainty, ClaimKind, Count, Layer, OutageType
from lightkeeper.damage import Observation, SupplyState, observe_incidents
from lightkeeper.damage.observe import share_of_words
from lightkeeper.incidents.model import Fact, FieldStatus
from lightkeeper.region import Gazetteer, PlaceLevel, Region
from lightkeeper.reports.model import ReportId

if TYPE_CHECKING:
    from tests.unit.damage.conftest import Tell

OUT, BACK = ClaimKind.OUTAGE, ClaimKind.RESTORED


@pytest.mark.parametrize(
    ("words", "share_off"),
    [
        (None, (0.05, 1.0)),
        ("widespread", (0.5, 1.0)),
        ("several districts", (0.05, 0.9)),
        ("part of the city", (0.05, 0.9)),
        ("a large part of the city", (0.5, 1.0)),
        ("more than half", (0.5, 1.0)),
        ("half of the town", (0.35, 0.65)),
        ("completely", (0.9, 1.0)),
        ("total", (0.9, 1.0)),
        ("повністю", (0.9, 1.0)),
        ("частково", (0.05, 0.9)),
        ("кілька районів", (0.05, 0.9)),
        ("більшість споживачів", (0.5, 1.0)),
        ("без света весь город", (0.9, 1.0)),
        ("40 %", (0.3, 0.5)),
        ("100%", (0.9, 1.0)),
        ("multiple regions", None),
        ("у кількох областях", None),
        ("across the country", None),
    ],
)
def test_words_of_extent(words: str | None, share_off: tuple[float, float] | None) -> None:
    assert share_of_words(words) == pytest.approx(share_off)


def test_outage_of_a_city_is_an_observation(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = tell.claim(OUT, "CITY", extent="widespread")
    (found,) = observe_incidents([tell.incident(claim)], region, gazetteer)
    assert found == Observation(
        state=SupplyState.DARK,
        district=region.districts[0].id,
        feeder=None,
        share_off=(0.5, 1.0),
        at=None,
        source=f"claim {claim.id}",
        claims=(claim.id,),
    )


def test_what_is_no_observation(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    claims = (
        tell.claim(OUT, "ONE", level=PlaceLevel.OBLAST),
        tell.claim(OUT, "CITY", extent="multiple regions"),
        tell.claim(OUT, "CITY", layer=Layer.CONTEXT),
        tell.claim(OUT, "CITY", is_negated=True),
        tell.claim(OUT, "CITY", certainty=Certainty.UNKNOWN),
        tell.claim(OUT, "NOWHERE"),
        replace(tell.claim(OUT, "CITY"), outage_type=OutageType.SCHEDULED),
        replace(tell.claim(OUT, "CITY"), outage_type=OutageType.PLANNED_WORKS),
        tell.claim(ClaimKind.STRIKE, "CITY"),
        tell.claim(BACK, "CITY", part="the left bank"),
    )
    assert observe_incidents([tell.incident(*claims)], region, gazetteer) == ()
    denied = tell.claim(OUT, "CITY")
    incident = replace(
        tell.incident(denied),
        facts=(
            Fact(
                name="outage",
                value="outage",
                certainty=Certainty.OBSERVED,
                status=FieldStatus.DENIED,
                claims=(denied.id,),
            ),
        ),
    )
    assert observe_incidents([incident], region, gazetteer) == ()


def test_raion_does_not_speak_for_its_city(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    incident = tell.incident(tell.claim(OUT, "RAION", level=PlaceLevel.RAION))
    found = observe_incidents([incident], region, gazetteer)
    assert [o.district for o in found] == ["raion"]


def test_town_is_a_part_of_its_district(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    incident = tell.incident(tell.claim(OUT, "TOWN", extent="complete"))
    (found,) = observe_incidents([incident], region, gazetteer)
    assert found.district == "raion"
    assert found.place == "TOWN"
    assert found.feeders == ("f7", "f8", "f11")
    assert found.state is SupplyState.DARK
    # A hamlet without feeders in the model: somewhere in the district.
    incident = tell.incident(tell.claim(OUT, "HAMLET", extent="complete"))
    (found,) = observe_incidents([incident], region, gazetteer)
    assert (found.place, found.state) == (None, SupplyState.PARTLY_DARK)
    # So is a quarter of a city, and words for a part.
    for claim in (
        tell.claim(OUT, "QUARTER", extent="complete"),
        tell.claim(OUT, "CITY", extent="complete", part="several districts"),
    ):
        (found,) = observe_incidents([tell.incident(claim)], region, gazetteer)
        assert (found.district, found.state) == ("city", SupplyState.PARTLY_DARK)
        assert found.share_off == (0.05, 0.95)


def test_customers_bound_the_share(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    people = Count(best=5400, unit="people")
    incident = tell.incident(tell.claim(OUT, "CITY", customers=people))
    (found,) = observe_incidents([incident], region, gazetteer)
    assert found.share_off == pytest.approx((0.32, 0.5))
    at_least = Count(min=2000, unit="customers", approximate=True)
    incident = tell.incident(tell.claim(OUT, "CITY", customers=at_least))
    (found,) = observe_incidents([incident], region, gazetteer)
    assert found.share_off == pytest.approx((2000 * 1.2 * 0.8 / 13500, 1.0))
    assert found.state is SupplyState.PARTLY_DARK


def states(
    found: tuple[Observation, ...],
) -> list[tuple[str, SupplyState]]:
    return [(str(o.district), o.state) for o in found]


def test_later_beats_earlier(
    region: Region, gazetteer: Gazetteer, tell: Tell, noon: datetime
) -> None:
    later = noon + timedelta(hours=3)
    out = tell.claim(OUT, "CITY", at=noon, extent="complete", report="r1")
    back = tell.claim(BACK, "CITY", at=later, report="r2")
    for claims in ((out, back), (back, out)):
        found = observe_incidents([tell.incident(*claims)], region, gazetteer)
        assert states(found) == [("city", SupplyState.SUPPLIED)]
        assert found[0].claims == (back.id,)
    again = tell.claim(OUT, "CITY", at=later + timedelta(hours=1), report="r3")
    found = observe_incidents([tell.incident(out, back, again)], region, gazetteer)
    assert states(found) == [("city", SupplyState.PARTLY_DARK)]


def test_time_of_the_report_where_the_claim_has_none(
    region: Region, gazetteer: Gazetteer, tell: Tell, noon: datetime
) -> None:
    out = tell.claim(OUT, "CITY", report="late")
    back = tell.claim(BACK, "CITY", report="early")
    incident = tell.incident(out, back)
    published = {ReportId("early"): noon, ReportId("late"): noon + timedelta(hours=1)}
    found = observe_incidents([incident], region, gazetteer, published)
    assert states(found) == [("city", SupplyState.PARTLY_DARK)]
    swapped = {ReportId("late"): noon, ReportId("early"): noon + timedelta(hours=1)}
    found = observe_incidents([incident], region, gazetteer, swapped)
    assert states(found) == [("city", SupplyState.SUPPLIED)]


def test_without_times_an_outage_told_elsewhere_stands(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    out = tell.claim(OUT, "CITY", report="r1")
    back = tell.claim(BACK, "CITY", report="r2")
    found = observe_incidents([tell.incident(out, back)], region, gazetteer)
    assert states(found) == [("city", SupplyState.PARTLY_DARK)]
    same = tell.claim(BACK, "CITY", report="r1")
    found = observe_incidents([tell.incident(out, same)], region, gazetteer)
    assert states(found) == [("city", SupplyState.SUPPLIED)]


def test_agreeing_words_narrow_the_bounds(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    first = tell.claim(OUT, "CITY", report="r1", extent="several districts")
    second = tell.claim(OUT, "CITY", report="r2", extent="widespread")
    (found,) = observe_incidents(
        [tell.incident(first, name="i1"), tell.incident(second, name="i2")], region, gazetteer
    )
    assert found.share_off == (0.5, 0.9)
    assert found.claims == (first.id, second.id)


def test_partly_restored_is_still_partly_dark(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    incident = tell.incident(tell.claim(BACK, "PORT", extent="partially"))
    (found,) = observe_incidents([incident], region, gazetteer)
    assert found.state is SupplyState.PARTLY_DARK
    assert found.share_off == (0.05, 0.9)
