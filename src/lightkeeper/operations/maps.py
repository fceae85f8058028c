"""Maps as GeoJSON: districts, the country's outline, and the grid for those who may see it."""

from __future__ import annotations

import json

from lightkeeper.errors import NotAllowed
from lightkeeper.notices.audience import may_see_grid
from lightkeeper.notices.model import Audience
from lightkeeper.region import Region, load_outline


def districts_geojson(region: Region) -> bytes:
    """Return the districts as a GeoJSON FeatureCollection, UTF-8."""
    return _collection(
        [
            {
                "type": "Feature",
                "id": d.id,
                "geometry": d.polygon,
                "properties": {
                    "name_uk": d.name_uk,
                    "name_en": d.name_en,
                    "lon": d.lon,
                    "lat": d.lat,
                },
            }
            for d in region.districts
        ]
    )


def outline_geojson() -> bytes:
    """Return countries' outlines as GeoJSON, in the internationally recognised borders."""
    return json.dumps(load_outline(), ensure_ascii=False, separators=(",", ":")).encode()


def grid_geojson(region: Region, audience: Audience) -> bytes:
    """Return lines and buses as GeoJSON with voltage alone; no id, name, rank or protection level.

    An id would let anyone put coordinates to the ranking of what to protect.

    Raises
    ------
    NotAllowed
        The audience may not see where elements are.
    """
    if not may_see_grid(audience):
        raise NotAllowed(f'the audience "{audience}" does not see the grid layer')
    network = region.network
    buses, lines = network.buses, network.lines
    points: list[dict[str, object]] = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": _point(buses.lon[i], buses.lat[i])},
            "properties": {"kind": "bus", "kv": float(buses.base_kv[i])},
        }
        for i in range(len(buses.id))
    ]
    wires: list[dict[str, object]] = [
        {
            "type": "Feature",
            "geometry": {
                "type": "LineString",
                "coordinates": [
                    _point(buses.lon[f], buses.lat[f]),
                    _point(buses.lon[t], buses.lat[t]),
                ],
            },
            "properties": {"kind": "line", "kv": float(buses.base_kv[f])},
        }
        for f, t in zip(lines.from_bus, lines.to_bus, strict=True)
    ]
    return _collection([*wires, *points])


def _point(lon: float, lat: float) -> list[float]:
    return [round(float(lon), 4), round(float(lat), 4)]


def _collection(features: list[dict[str, object]]) -> bytes:
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
