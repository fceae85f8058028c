"""The map's background: Ukraine within its internationally recognised borders, and neighbours."""

from __future__ import annotations

import json
from importlib.resources import files

from shapely.geometry import MultiPolygon, shape

from lightkeeper.errors import PlaceUnknown


def load_outline() -> dict[str, object]:
    """Read the shipped outlines: a GeoJSON FeatureCollection, Ukraine first.

    Each feature has the ISO 3166 code as `id` and the properties `iso`, `name_uk` and `name_en`;
    it is clipped to the map's view. How it was made: `data/SOURCES.md`.
    """
    text = files("lightkeeper.region").joinpath("data", "outline.geojson").read_text("utf-8")
    outline: dict[str, object] = json.loads(text)
    return outline


def country_polygon(iso: str) -> MultiPolygon:
    """Return a country's outline as a shape; raise `PlaceUnknown` for one not on the map.

    >>> from shapely.geometry import Point
    >>> country_polygon("UA").contains(Point(34.10, 44.95))  # Simferopol
    True
    """
    features = load_outline()["features"]
    assert isinstance(features, list)
    for feature in features:
        if feature["id"] == iso:
            polygon = shape(feature["geometry"])
            assert isinstance(polygon, MultiPolygon)
            return polygon
    raise PlaceUnknown(iso, "give the ISO 3166 code of Ukraine or a neighbour, such as UA")
