"""Broken windows as a share of homes, from what reports count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lightkeeper.claims import Certainty, Claim, ClaimKind, Count, Layer, Span
from lightkeeper.consequences import BrokenWindows, find_broken_windows
from lightkeeper.incidents.model import (
    Fact,
    FieldStatus,
    Incident,
    Superseded,
)
from lightkeeper.region import (
    BuildingType,
    DistrictId,
    Gazetteer,
    HeatingKind,
    HomeGroup,
    PlaceCode,
    PlaceLevel,
    Region,
)

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import Tell

# 9,000 people in homes of the city: 3,000 to 4,500 homes.
CITY_PEOPLE = 9000


@pytest.fixture(scope="module")
def homes(region: Region) -> Region:
    group = HomeGroup(
        id="a",
        district=DistrictId("city"),
        type=BuildingType.BRICK,
        heating=HeatingKind.DISTRICT,
        population=CITY_PEOPLE,
    )
    return replace(region, homes=(group,))


def damage(
    tell: Tell,
    words: str,
    count: Count | None,
    *places: str,
    target: str | None = "residential",
    certainty: Certainty = Certainty.OBSERVED,
    is_negated: bool = False,
    layer: Layer = Layer.INCIDENT,
) -> Claim:
    claim = tell.claim(
        ClaimKind.DAMAGE,
        *(places or ("CITY",)),
        count=count,
        target=target,
        certainty=certainty,
        is_negated=is_negated,
        layer=layer,
    )
    start = claim.span.start
    return replace(claim, span=Span(start, start + len(words), words))


def exactly(n: int, unit: str) -> Count:
    return Count(min=n, best=n, max=n, unit=unit)


def read(region: Region, gazetteer: Gazetteer, *incidents: Incident) -> tuple[BrokenWindows, ...]:
    return find_broken_windows(incidents, region, gazetteer)


def share(found: tuple[BrokenWindows, ...]) -> tuple[float, float]:
    (only,) = found
    assert only.district == "city"
    assert only.share is not None
    return only.share


def test_flats_without_panes_are_a_share_of_the_homes(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = damage(tell, "вибито вікна у 450 квартирах", exactly(450, "flats"))
    found = read(homes, gazetteer, tell.incident(claim))
    # 450 homes of 3,000 to 4,500.
    assert share(found) == pytest.approx((0.10, 0.15))
    assert found[0].claims == (claim.id,)


def test_damaged_homes_need_not_have_lost_their_panes(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = damage(tell, "пошкоджено 450 квартир", exactly(450, "flats"))
    assert share(read(homes, gazetteer, tell.incident(claim))) == pytest.approx((0.0, 0.15))


def test_words_that_look_like_glass_are_none(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    for words in ("пошкоджено склад і 450 квартир", "450 flats of a panel house damaged"):
        claim = damage(tell, words, exactly(450, "flats"))
        assert share(read(homes, gazetteer, tell.incident(claim)))[0] == 0.0


def test_windows_and_buildings_give_wider_bands(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    windows = damage(
        tell, "вибито понад 1200 вікон", Count(min=1200, approximate=True, unit="windows")
    )
    # At six a home 200 homes; twice the number at two a home 1,200.
    low, high = share(read(homes, gazetteer, tell.incident(windows)))
    assert (low, high) == pytest.approx((200 / 4500, 1200 / 3000))
    houses = damage(tell, "windows blown out in 9 buildings", exactly(9, "buildings"))
    low, high = share(read(homes, gazetteer, tell.incident(houses)))
    assert (low, high) == pytest.approx((9 / 4500, 720 / 3000))


def test_numbers_told_again_are_not_added_and_incidents_are(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    first = damage(tell, "вибито вікна у 450 квартирах", exactly(450, "flats"))
    again = damage(tell, "вікна вибито у 440 квартирах", exactly(440, "flats"))
    other = damage(tell, "вибито шибки у 90 квартирах", exactly(90, "flats"))
    one = tell.incident(first, again)
    assert share(read(homes, gazetteer, one)) == pytest.approx((0.10, 0.15))
    found = read(homes, gazetteer, one, tell.incident(other, name="i2"))
    assert share(found) == pytest.approx((0.12, 0.18))
    assert found[0].claims == (first.id, again.id, other.id)
    # Of one incident, in whatever order it is told.
    assert share(read(homes, gazetteer, tell.incident(again, first))) == pytest.approx((0.10, 0.15))


def test_a_share_is_never_above_one(homes: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    claim = damage(tell, "windows out in 90,000 flats", exactly(90_000, "flats"))
    assert share(read(homes, gazetteer, tell.incident(claim))) == (1.0, 1.0)


def test_without_a_number_the_share_is_not_known(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claims = (
        damage(tell, "вибито вікна у будинках", None),
        damage(tell, "windows were shattered in several flats", Count(min=2, unit="flats")),
    )
    for claim in claims:
        (found,) = read(homes, gazetteer, tell.incident(claim))
        assert found.share is None
        assert found.claims == (claim.id,)
    # Damage that says nothing of homes or panes says nothing here.
    silent = damage(tell, "damage to a school", None, target="education")
    assert read(homes, gazetteer, tell.incident(silent)) == ()


def test_without_homes_in_the_table_there_is_no_share(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = damage(tell, "вибито вікна у 450 квартирах", exactly(450, "flats"), "PORT")
    (found,) = read(homes, gazetteer, tell.incident(claim))
    assert (found.district, found.share) == ("port", None)


def test_a_number_of_several_districts_is_not_divided(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = damage(tell, "вибито вікна у 450 квартирах", exactly(450, "flats"), "CITY", "TOWN")
    found = {w.district: w.share for w in read(homes, gazetteer, tell.incident(claim))}
    assert found == {"city": pytest.approx((0.0, 0.15)), "raion": None}
    oblast = replace(
        claim,
        places=tuple(
            replace(p, code=PlaceCode("ONE"), level=PlaceLevel.OBLAST) for p in claim.places
        ),
    )
    assert read(homes, gazetteer, tell.incident(oblast)) == ()


def test_what_is_denied_replaced_or_not_sure_does_not_count(
    homes: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    number = exactly(450, "flats")
    words = "вибито вікна у 450 квартирах"
    for claim in (
        damage(tell, words, number, is_negated=True),
        damage(tell, words, number, certainty=Certainty.UNKNOWN),
        damage(tell, words, number, layer=Layer.CONTEXT),
    ):
        assert read(homes, gazetteer, tell.incident(claim)) == ()
    claim = damage(tell, words, number)
    fact = Fact(
        name="damage",
        value="450",
        certainty=Certainty.OBSERVED,
        status=FieldStatus.DENIED,
        claims=(claim.id,),
    )
    old = Superseded(field="damage", old="450", new="20", by=claim.report, claims=(claim.id,))
    incident = tell.incident(claim)
    assert read(homes, gazetteer, replace(incident, facts=(fact,))) == ()
    assert read(homes, gazetteer, replace(incident, superseded=(old,))) == ()
