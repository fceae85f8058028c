from __future__ import annotations

import pytest

from lightkeeper.damage import find_districts
from lightkeeper.damage.places import Precision, feeders_in_place
from lightkeeper.region import Gazetteer, PlaceCode, PlaceLevel, Region


@pytest.mark.parametrize(
    ("code", "districts", "local", "part", "precision"),
    [
        ("CITY", (0,), 0, None, Precision.SETTLEMENT),
        ("QUARTER", (0,), 0, "QUARTER", Precision.SETTLEMENT),
        ("RAION", (0, 1), 1, None, Precision.RAION),
        ("TOWN", (1,), 1, "TOWN", Precision.SETTLEMENT),
        ("H2", (1,), 1, "H2", Precision.RAION),
        ("H1", (0,), 0, None, Precision.RAION),
        ("PORT", (2,), 2, None, Precision.SETTLEMENT),
        ("R2", (2,), 2, None, Precision.RAION),
        ("ONE", (0, 1), None, None, Precision.OBLAST),
        ("TWO", (2,), None, None, Precision.OBLAST),
        ("LAND", (0, 1, 2), None, None, Precision.COUNTRY),
    ],
)
def test_what_a_place_means(
    region: Region,
    gazetteer: Gazetteer,
    code: str,
    districts: tuple[int, ...],
    local: int | None,
    part: str | None,
    precision: Precision,
) -> None:
    meant = find_districts(region, PlaceCode(code), None, gazetteer)
    assert meant is not None
    assert (meant.districts, meant.local, meant.part, meant.precision) == (
        districts,
        local,
        part,
        precision,
    )


def test_place_outside_the_region_means_nothing(region: Region, gazetteer: Gazetteer) -> None:
    assert find_districts(region, PlaceCode("NOWHERE"), PlaceLevel.SETTLEMENT, gazetteer) is None


def test_feeders_of_a_place_and_below_it(region: Region, gazetteer: Gazetteer) -> None:
    def rows(code: str) -> list[int]:
        return [int(f) for f in feeders_in_place(region, 1, PlaceCode(code), gazetteer)]

    assert rows("TOWN") == [7, 8, 11]
    assert rows("H2") == [7, 8, 9, 10, 11]
    assert rows("HAMLET") == []
