from __future__ import annotations

import json

import pytest
from shapely.geometry import Point

from lightkeeper.errors import PlaceUnknown
from lightkeeper.region import country_polygon, load_outline


@pytest.mark.parametrize(
    ("city", "lon", "lat"),
    [
        ("Simferopol", 34.10, 44.95),
        ("Sevastopol", 33.52, 44.60),
        ("Kerch", 36.47, 45.36),
        ("Yalta", 34.16, 44.50),
        ("Armiansk", 33.69, 46.11),
        ("Kharkiv", 36.23, 49.99),
        ("Uzhhorod", 22.29, 48.62),
        ("Luhansk", 39.31, 48.57),
        ("Donetsk", 37.80, 48.00),
        ("Mariupol", 37.55, 47.10),
        ("Izmail", 28.84, 45.35),
    ],
)
def test_cities_of_ukraine(city: str, lon: float, lat: float) -> None:
    assert country_polygon("UA").contains(Point(lon, lat)), city
    assert not country_polygon("RU").contains(Point(lon, lat)), city


def test_cities_of_neighbours() -> None:
    for iso, lon, lat in (("RU", 36.58, 50.60), ("PL", 21.01, 52.23), ("MD", 28.86, 47.01)):
        assert country_polygon(iso).contains(Point(lon, lat))
        assert not country_polygon("UA").contains(Point(lon, lat))


def test_countries_are_valid_and_do_not_overlap() -> None:
    features = load_outline()["features"]
    assert isinstance(features, list)
    codes = [f["id"] for f in features]
    shapes = {iso: country_polygon(iso) for iso in codes}
    assert codes[0] == "UA"
    assert {"BY", "HU", "MD", "PL", "RO", "RU", "SK"} <= set(codes)
    assert all(s.is_valid for s in shapes.values())
    for iso in codes[1:]:
        assert shapes["UA"].intersection(shapes[iso]).area < 1e-3, iso
    assert all(f["properties"]["name_uk"] and f["properties"]["name_en"] for f in features)


def test_crimea_hangs_on_the_mainland() -> None:
    """The border that the source draws across the isthmus is gone."""
    mainland = max(country_polygon("UA").geoms, key=lambda p: p.area)
    assert mainland.contains(Point(36.23, 49.99))
    assert mainland.contains(Point(34.10, 44.95))


def test_the_page_stays_light() -> None:
    assert len(json.dumps(load_outline(), separators=(",", ":"))) < 120_000


def test_a_country_off_the_map() -> None:
    with pytest.raises(PlaceUnknown, match="BR"):
        country_polygon("BR")
