from __future__ import annotations

from pathlib import Path

import pytest
from shapely import STRtree
from shapely.geometry import Point

from lightkeeper.errors import DataInvalid, PlaceUnknown
from lightkeeper.region import (
    Gazetteer,
    PlaceCode,
    PlaceLevel,
    SettlementKind,
    country_polygon,
    load_gazetteer,
)
from lightkeeper.region.gazetteer import COLUMNS

UKRAINE = PlaceCode("UA")
KHARKIV_OBLAST = PlaceCode("UA63000000000041885")
KYIV = PlaceCode("UA80000000000093317")
IZIUM_RAION = PlaceCode("UA63040000000023521")
IZIUM = PlaceCode("UA63040090010029555")


@pytest.mark.parametrize(
    ("spelling", "name_en"),
    [
        ("Ізюм", "Izium"),
        ("IZIUM", "Izium"),
        ("Izyum", "Izium"),
        ("Izum", "Izium"),
        ("Изюм", "Izium"),
        ("м. Ізюм", "Izium"),
        ("Kharkov", "Kharkiv"),
        ("Харьков", "Kharkiv"),
        ("Kiev", "Kyiv"),
        ("Odessa", "Odesa"),
        ("Dnepr", "Dnipro"),
        ("Nikolaev", "Mykolaiv"),
        ("Zaporozhye", "Zaporizhzhia"),
        ("Chernigov", "Chernihiv"),
        ("Lvov", "Lviv"),
        ("Rovno", "Rivne"),
        ("Куп'янськ", "Kupiansk"),
        ("Купʼянськ", "Kupiansk"),
        ("Slavyansk", "Sloviansk"),
        ("Кривой Рог", "Kryvyi Rih"),
        # names before a renaming
        ("Дніпропетровськ", "Dnipro"),
        ("Кіровоград", "Kropyvnytskyi"),
        ("Червоноград", "Sheptytskyi"),
        ("Новомосковськ", "Samar"),
        ("Новоград-Волинський", "Zviahel"),
        ("Красноград", "Berestyn"),
        ("Первомайський", "Zlatopil"),  # another town's name to this day
        ("Dniprodzerzhynsk", "Kamianske"),
        # above the settlement
        ("Харківська область", "Kharkiv Oblast"),
        ("Харківщина", "Kharkiv Oblast"),
        ("Kharkiv region", "Kharkiv Oblast"),
        ("Харьковская область", "Kharkiv Oblast"),
        ("Закарпаття", "Zakarpattia Oblast"),
        ("Волинь", "Volyn Oblast"),
        ("Crimea", "Autonomous Republic of Crimea"),
        ("Крим", "Autonomous Republic of Crimea"),
        ("Изюмский район", "Izium Raion"),
        ("Izium district", "Izium Raion"),
        ("Izyum Rayon", "Izium Raion"),
        ("Ізюмська міська громада", "Izium Hromada"),
        ("Украина", "Ukraine"),
    ],
)
def test_every_spelling_finds_the_place(gazetteer: Gazetteer, spelling: str, name_en: str) -> None:
    assert gazetteer.find(spelling)[0].name_en == name_en


def test_a_name_of_another_city_today_wins_over_one_of_the_past(gazetteer: Gazetteer) -> None:
    """Nikopol was once called Slovianske too."""
    assert [p.name_en for p in gazetteer.find("Слов’янськ")] == ["Sloviansk"]


def test_of_many_places_the_greatest_comes_first(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Миколаївка")
    people = [p.population or 0 for p in found]
    assert len(found) > 50
    assert people == sorted(people, reverse=True)


def test_within_and_levels_narrow_the_search(gazetteer: Gazetteer) -> None:
    everywhere = gazetteer.find("Шевченкове")
    here = gazetteer.find("Шевченкове", within=KHARKIV_OBLAST)
    assert 0 < len(here) < len(everywhere)
    assert all(gazetteer.contains(KHARKIV_OBLAST, p.code) for p in here)
    raions = gazetteer.find("Шевченківський район", levels={PlaceLevel.RAION})
    districts = gazetteer.find("Шевченківський район", levels={PlaceLevel.CITY_DISTRICT})
    assert raions == []
    assert {p.level for p in districts} == {PlaceLevel.CITY_DISTRICT}


def test_an_unknown_name_finds_nothing_and_suggests(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Ізюмбург") == []
    with pytest.raises(PlaceUnknown, match="Чугуїв"):
        gazetteer.find_one("Чугуїів")
    with pytest.raises(PlaceUnknown, match="codifier"):
        gazetteer.place(PlaceCode("UA00"))


def test_hierarchy(gazetteer: Gazetteer) -> None:
    levels = [gazetteer.place(c).level for c in gazetteer.ancestors(IZIUM)]
    assert levels == ["hromada", "raion", "oblast", "country"]
    assert gazetteer.contains(IZIUM_RAION, IZIUM)
    assert gazetteer.contains(IZIUM, IZIUM)
    assert not gazetteer.contains(IZIUM, IZIUM_RAION)
    raion = gazetteer.level_up(IZIUM, PlaceLevel.RAION)
    assert raion is not None
    assert raion.code == IZIUM_RAION
    assert gazetteer.level_up(IZIUM_RAION, PlaceLevel.SETTLEMENT) is None


def test_a_city_with_special_status_is_its_own_oblast(gazetteer: Gazetteer) -> None:
    assert gazetteer.ancestors(KYIV) == (UKRAINE,)
    for level in (PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.SETTLEMENT):
        place = gazetteer.level_up(KYIV, level)
        assert place is not None
        assert place.code == KYIV
    district = gazetteer.find_one("Дарницький район", within=KYIV)
    oblast = gazetteer.level_up(district.code, PlaceLevel.OBLAST)
    assert oblast is not None
    assert oblast.code == KYIV


def test_children(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.children(UKRAINE, PlaceLevel.OBLAST)) == 25
    assert len(gazetteer.children(UKRAINE, PlaceLevel.RAION)) == 136
    raions = {p.name_en for p in gazetteer.children(KHARKIV_OBLAST)}
    assert raions == {
        f"{n} Raion"
        for n in ("Berestyn", "Bohodukhiv", "Chuhuiv", "Izium", "Kharkiv", "Kupiansk", "Lozova")
    }
    assert len(gazetteer.children(KYIV, PlaceLevel.CITY_DISTRICT)) == 10


def test_kind_seat_and_point(gazetteer: Gazetteer) -> None:
    assert gazetteer.kind(IZIUM) is SettlementKind.CITY
    assert gazetteer.kind(IZIUM_RAION) is None
    seat = gazetteer.seat(IZIUM_RAION)
    assert seat is not None
    assert seat.code == IZIUM
    assert gazetteer.point(IZIUM_RAION) == gazetteer.point(IZIUM)
    assert gazetteer.seat(IZIUM) is None


def test_every_oblast_raion_and_hromada_has_its_seat_in_it(gazetteer: Gazetteer) -> None:
    for level in (PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.HROMADA):
        for place in gazetteer.children(UKRAINE, level):
            seat = gazetteer.seat(place.code)
            assert seat is not None, place
            # Kyiv is the seat of the oblast around it.
            assert gazetteer.contains(place.code, seat.code) or seat.code == KYIV


def test_names_without_the_word_for_the_level(gazetteer: Gazetteer) -> None:
    assert {"Харківська", "Харьковская", "Kharkiv"} <= set(gazetteer.stems(KHARKIV_OBLAST))
    assert {"Ізюмський", "Изюмский", "Izium"} <= set(gazetteer.stems(IZIUM_RAION))
    assert gazetteer.stems(IZIUM) == ()


def test_unknown_stays_unknown(gazetteer: Gazetteer) -> None:
    settlements = gazetteer.children(UKRAINE, PlaceLevel.SETTLEMENT)
    without = [p for p in settlements if p.lon is None]
    assert without
    assert all(p.lat is None and p.population is None for p in without)
    assert gazetteer.point(without[0].code) is None
    for level in (PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.HROMADA):
        assert all(p.population is None for p in gazetteer.children(UKRAINE, level))
    assert all(p.population is None or p.population > 0 for p in settlements)


def test_known_population_counts_each_settlement_once(gazetteer: Gazetteer) -> None:
    by_raion = [gazetteer.known_population(p.code) for p in gazetteer.children(KHARKIV_OBLAST)]
    assert gazetteer.known_population(KHARKIV_OBLAST) == sum(n or 0 for n in by_raion)
    assert gazetteer.known_population(KYIV) == gazetteer.place(KYIV).population


def test_the_table_is_whole(gazetteer: Gazetteer) -> None:
    order = list(PlaceLevel)
    n_by_level = dict.fromkeys(PlaceLevel, 0)
    codes = set()
    for place in gazetteer:
        codes.add(place.code)
        n_by_level[place.level] += 1
        assert place.name_uk
        assert place.name_en
        assert (place.lon is None) == (place.lat is None)
        if place.parent is not None:
            above = gazetteer.place(place.parent).level
            assert order.index(above) < order.index(place.level)
    assert len(codes) == len(gazetteer)
    assert n_by_level == {
        PlaceLevel.COUNTRY: 1,
        PlaceLevel.OBLAST: 25,
        PlaceLevel.RAION: 136,
        PlaceLevel.HROMADA: 1772,
        PlaceLevel.SETTLEMENT: 29703,
        PlaceLevel.CITY_DISTRICT: 108,
    }


def test_coordinates_lie_in_the_country_and_cities_have_them(gazetteer: Gazetteer) -> None:
    """The outline is of another source than the coordinates, so it checks them."""
    ukraine = country_polygon("UA").buffer(0.03)
    placed = [p for p in gazetteer if p.lon is not None]
    tree = STRtree([Point(p.lon or 0.0, p.lat or 0.0) for p in placed])
    inside = set(tree.query(ukraine, predicate="contains").tolist())
    assert [p.name_en for i, p in enumerate(placed) if i not in inside] == []
    cities = [
        p
        for p in gazetteer.children(UKRAINE, PlaceLevel.SETTLEMENT)
        if gazetteer.kind(p.code) is SettlementKind.CITY
    ]
    assert [p.name_en for p in cities if p.lon is None] == ["Prypiat"]


@pytest.mark.parametrize(
    ("name", "raion", "lon", "lat"),
    [  # of several places of the name in the oblast, the one meant
        ("Шевченкове", "Куп’янський район", 37.18, 49.69),
        ("Андріївка", "Ізюмський район", 36.63, 49.53),
        ("Малинівка", "Чугуївський район", 36.72, 49.80),
    ],
)
def test_ambiguous_names_have_the_right_coordinates(
    gazetteer: Gazetteer, name: str, raion: str, lon: float, lat: float
) -> None:
    place = gazetteer.find(name, within=KHARKIV_OBLAST)[0]
    above = gazetteer.level_up(place.code, PlaceLevel.RAION)
    assert above is not None
    assert above.name_uk == raion
    assert (place.lon, place.lat) == pytest.approx((lon, lat), abs=0.05)


def test_parts_of_cities_are_not_settlements(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Салтівка", within=KHARKIV_OBLAST) == [] or all(
        (p.population or 0) < 10_000 for p in gazetteer.find("Салтівка", within=KHARKIV_OBLAST)
    )
    villages = [p for p in gazetteer if gazetteer.kind(p.code) is SettlementKind.VILLAGE]
    assert max(p.population or 0 for p in villages) < 30_000


def test_another_table_by_path(tmp_path: Path) -> None:
    rows = [
        "\t".join(COLUMNS),
        "\t".join(["XX", "country", "", "Країна", "Land", "", "", "", "", "", ""]),
        "\t".join(
            ["X1", "settlement", "city", "Місто", "Town", "XX", "", "1.5", "2.5", "70", "Ort"]
        ),
    ]
    path = tmp_path / "places.tsv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    other = load_gazetteer(path)
    place = other.find_one("ort")
    assert (place.code, place.lon, place.lat, place.population) == ("X1", 1.5, 2.5, 70)


def test_a_table_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.tsv"
    path.write_text("code,name\n", encoding="utf-8")
    with pytest.raises(DataInvalid, match="columns"):
        load_gazetteer(path)
    path.write_text("\t".join(COLUMNS) + "\nXX\tcountry\n", encoding="utf-8")
    with pytest.raises(DataInvalid, match="row 2"):
        load_gazetteer(path)
