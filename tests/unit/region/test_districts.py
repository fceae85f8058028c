from __future__ import annotations

from dataclasses import replace

import pytest

from lightkeeper.errors import PlaceUnknown
from lightkeeper.region import (
    DistrictId,
    Gazetteer,
    PlaceCode,
    Region,
    district_of,
    districts_of,
)

UKRAINE = PlaceCode("UA")
KHARKIV_OBLAST = PlaceCode("UA63000000000041885")
KHARKIV = PlaceCode("UA63120270010096107")
IZIUM_RAION = PlaceCode("UA63040000000023521")
IZIUM = PlaceCode("UA63040090010029555")


@pytest.mark.parametrize(
    ("name", "within", "districts"),
    [
        ("Ізюмський район", UKRAINE, ("izium",)),
        ("Ізюм", UKRAINE, ("izium",)),
        ("Ізюмська громада", UKRAINE, ("izium",)),
        ("Савинці", KHARKIV_OBLAST, ("izium",)),
        ("Харків", UKRAINE, ("kharkiv",)),
        ("Салтівський район", KHARKIV_OBLAST, ("kharkiv",)),
        ("Харківська громада", KHARKIV_OBLAST, ("kharkiv",)),
        ("Харківський район", KHARKIV_OBLAST, ("kharkiv",)),
        ("Пісочин", KHARKIV_OBLAST, ()),
        ("Харківська область", UKRAINE, ("kharkiv", "izium")),
        ("Україна", UKRAINE, ("kharkiv", "izium")),
        ("Львів", UKRAINE, ()),
        ("Львівська область", UKRAINE, ()),
    ],
)
def test_districts_of_a_place(
    gazetteer: Gazetteer,
    small_region: Region,
    name: str,
    within: PlaceCode,
    districts: tuple[str, ...],
) -> None:
    """The region has Kharkiv city and Izium Raion, and not the raion around Kharkiv."""
    code = gazetteer.find_one(name, within=within).code
    assert districts_of(small_region, gazetteer, code) == districts


def test_a_raion_does_not_take_in_the_city_set_apart_from_it(
    gazetteer: Gazetteer, small_region: Region
) -> None:
    raion = gazetteer.find_one("Харківський район", within=KHARKIV_OBLAST).code
    around = replace(small_region.districts[1], id=DistrictId("around"), place=raion)
    region = replace(small_region, districts=(small_region.districts[0], around))
    assert districts_of(region, gazetteer, raion) == ("around",)
    village = gazetteer.find_one("Пісочин", within=raion).code
    assert districts_of(region, gazetteer, village) == ("around",)
    assert districts_of(region, gazetteer, KHARKIV) == ("kharkiv",)


def test_one_district_or_none(gazetteer: Gazetteer, small_region: Region) -> None:
    assert district_of(small_region, gazetteer, IZIUM) == "izium"
    assert district_of(small_region, gazetteer, KHARKIV_OBLAST) is None


def test_a_district_whose_place_the_gazetteer_does_not_know(
    gazetteer: Gazetteer, small_region: Region
) -> None:
    own = replace(small_region.districts[0], place=PlaceCode("X1"))
    region = replace(small_region, districts=(own, small_region.districts[1]))
    assert districts_of(region, gazetteer, PlaceCode("X1")) == ("kharkiv",)
    assert districts_of(region, gazetteer, IZIUM_RAION) == ("izium",)
    with pytest.raises(PlaceUnknown):
        districts_of(region, gazetteer, PlaceCode("X2"))
