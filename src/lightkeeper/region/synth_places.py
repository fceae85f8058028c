"""Settlements and districts of a synthetic region: who lives where, and in which district.

A district is a raion, or a city of at least `city_population` people set apart from its raion. Its
polygon is the union of the Voronoi cells of its settlements, clipped to the outline.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPoint, mapping, shape
from shapely.geometry.base import BaseGeometry

from lightkeeper.errors import PlaceUnknown
from lightkeeper.region.model import District, DistrictId, Place, PlaceCode, PlaceLevel
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

KM_PER_DEGREE = 111.32
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlements:
    """Populated places with coordinates. Shape: (n_settlements,); `district` is a row."""

    code: StrArray
    name: StrArray
    lon: FloatArray
    lat: FloatArray
    population: IntArray
    district: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Plane kilometres around a centre; good to some per cent over a country's extent."""

    lon0: float
    lat0: float

    def to_km(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return points of shape (n, 2)."""
        scale = np.cos(np.radians(self.lat0))
        return np.column_stack(
            ((lon - self.lon0) * scale * KM_PER_DEGREE, (lat - self.lat0) * KM_PER_DEGREE)
        )

    def to_degrees(self, xy_km: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return longitudes and latitudes of points of shape (n, 2)."""
        scale = np.cos(np.radians(self.lat0))
        return (
            self.lon0 + xy_km[:, 0] / (scale * KM_PER_DEGREE),
            self.lat0 + xy_km[:, 1] / KM_PER_DEGREE,
        )


def distance_km(
    lon_a: FloatArray, lat_a: FloatArray, lon_b: FloatArray, lat_b: FloatArray
) -> FloatArray:
    """Great-circle distance, element by element."""
    lat_1, lat_2 = np.radians(lat_a), np.radians(lat_b)
    half = (
        np.sin((lat_2 - lat_1) / 2) ** 2
        + np.cos(lat_1) * np.cos(lat_2) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)), dtype=np.float64)


def settle(
    places: Sequence[Place],
    *,
    bounding_box: tuple[float, float, float, float] | None,
    outline: BaseGeometry | None,
    city_population: int,
) -> tuple[Settlements, tuple[District, ...]]:
    """Choose the settlements inside the box and gather them into districts with polygons.

    Parameters
    ----------
    places
        A whole country's gazetteer: the parents of the settlements must be among them.
    bounding_box
        (west, south, east, north) in degrees, or None for all.
    outline
        The recognised outline; None takes the convex hull of the settlements.

    Raises
    ------
    PlaceUnknown
        Nothing with coordinates and population lies inside.
    """
    by_code = {place.code: place for place in places}
    chosen = [place for place in places if _is_settlement(place, bounding_box)]
    if not chosen:
        raise PlaceUnknown(
            str(bounding_box or "country"), "choose a bounding box or country with populated places"
        )
    chosen.sort(key=lambda place: (-(place.population or 0), place.code))
    head = [_district_place(place, by_code, city_population) for place in chosen]
    # Districts in the order of the codifier, so that rows are stable.
    codes = sorted({place.code for place in head})
    row = {code: i for i, code in enumerate(codes)}
    settlements = Settlements(
        code=np.array([place.code for place in chosen], dtype=np.str_),
        name=np.array([place.name_uk or place.name_en for place in chosen], dtype=np.str_),
        lon=np.array([place.lon for place in chosen], dtype=np.float64),
        lat=np.array([place.lat for place in chosen], dtype=np.float64),
        population=np.array([place.population for place in chosen], dtype=np.int32),
        district=np.array([row[place.code] for place in head], dtype=np.int32),
    )
    polygons = _polygons(settlements, len(codes), bounding_box, outline)
    districts = []
    for i, code in enumerate(codes):
        place, mine = by_code[code], settlements.district == i
        lon, lat = _middle(settlements, mine, polygons[i])
        districts.append(
            District(
                id=DistrictId(code),
                place=code,
                oblast=_ancestor(place, by_code, PlaceLevel.OBLAST).code,
                name_uk=place.name_uk,
                name_en=place.name_en,
                population=int(settlements.population[mine].sum()),
                lon=lon,
                lat=lat,
                polygon=polygons[i],
            )
        )
    return settlements, tuple(districts)


def _is_settlement(place: Place, box: tuple[float, float, float, float] | None) -> bool:
    if place.lon is None or place.lat is None or not place.population:
        return False
    # City districts are counted with their city; units above a settlement have no houses of their
    # own (cities with the rank of an oblast are listed as settlements too, or stand alone).
    if place.level is not PlaceLevel.SETTLEMENT:
        return False
    return box is None or (box[0] <= place.lon <= box[2] and box[1] <= place.lat <= box[3])


def _ancestor(place: Place, by_code: Mapping[PlaceCode, Place], level: PlaceLevel) -> Place:
    """The unit of that level the place lies in, else the highest below the country."""
    here = place
    while here.level is not level and here.parent is not None:
        above = by_code.get(here.parent)
        if above is None or above.level is PlaceLevel.COUNTRY:
            break
        here = above
    return here


def _district_place(
    place: Place, by_code: Mapping[PlaceCode, Place], city_population: int
) -> Place:
    if (place.population or 0) >= city_population:
        return place
    return _ancestor(place, by_code, PlaceLevel.RAION)


def _middle(
    settlements: Settlements, mine: BoolArray, polygon: Mapping[str, object]
) -> tuple[float, float]:
    """Where its people are on average, if that is in the district, else a point inside."""
    weight = settlements.population[mine].astype(np.float64)
    lon = round(float(np.average(settlements.lon[mine], weights=weight)), 4)
    lat = round(float(np.average(settlements.lat[mine], weights=weight)), 4)
    area = shape(dict(polygon))
    if not area.contains(shapely.Point(lon, lat)):
        inside = area.representative_point()
        lon, lat = round(inside.x, 4), round(inside.y, 4)
    return lon, lat


def _polygons(
    settlements: Settlements,
    n_districts: int,
    box: tuple[float, float, float, float] | None,
    outline: BaseGeometry | None,
) -> list[Mapping[str, object]]:
    """Union of Voronoi cells by district, clipped and simplified as one coverage."""
    points = MultiPoint(np.column_stack((settlements.lon, settlements.lat)))
    frame = outline if outline is not None else points.convex_hull.buffer(0.1)
    if box is not None:
        frame = frame.intersection(shapely.box(*box))
    cells = list(shapely.voronoi_polygons(points, extend_to=frame.envelope.buffer(1.0)).geoms)
    # A cell is known by the settlement in it; two settlements on one spot share a cell.
    tree = shapely.STRtree(cells)
    at = shapely.points(settlements.lon, settlements.lat)
    cell_district = np.full(len(cells), -1, dtype=np.int64)
    for settlement, cell in np.asarray(tree.query(at, predicate="intersects")).T[::-1]:
        cell_district[cell] = settlements.district[settlement]
    merged = [
        shapely.union_all([cells[c] for c in np.flatnonzero(cell_district == i)]).intersection(
            frame
        )
        for i in range(n_districts)
    ]
    simple = shapely.coverage_simplify(np.array(merged, dtype=object), tolerance=0.02)
    return [_as_geojson(geometry) for geometry in simple]


def _as_geojson(geometry: BaseGeometry) -> Mapping[str, object]:
    """A plain GeoJSON geometry of polygons with 4 decimals (about 10 m)."""
    parts = [
        part
        for part in shapely.get_parts(geometry)
        if part.geom_type == "Polygon" and not part.is_empty
    ]
    rounded = shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]
    rounded = shapely.transform(rounded, lambda xy: np.round(xy, 4))
    plain: dict[str, object] = json.loads(json.dumps(mapping(rounded)))
    return plain
