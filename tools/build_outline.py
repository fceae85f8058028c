"""Build the map's outline of Ukraine and its neighbours from Natural Earth.

The source is the npm package world-atlas (Natural Earth 4.1.0 as TopoJSON), fetched with

    npm pack world-atlas@2.0.2
    tar xzf world-atlas-2.0.2.tgz
    python tools/build_outline.py package/countries-10m.json

Natural Earth draws Crimea as part of Russia at every scale. Borders here are the internationally
recognised ones (United Nations General Assembly resolution 68/262), so those pieces are Ukraine's.
The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping
from shapely.ops import unary_union

OUT = Path(__file__).parent.parent / "src/lightkeeper/region/data/outline.geojson"
UKRAINE, RUSSIA = "804", "643"
VIEW = box(17.0, 42.0, 46.0, 55.5)  # what the map can show around Ukraine, degrees
# Everything that Natural Earth gives Russia within this ring lies in Crimea or off its shore. In
# the east the ring follows the Kerch strait, leaving the Taman peninsula outside.
CRIMEA = Polygon(
    [(32.3, 44.2), (36.4, 44.7), (36.60, 45.20), (36.66, 45.28), (36.62, 45.46), (36.3, 45.7),
     (35.3, 46.3), (33.4, 46.3), (32.3, 45.6)]
)  # fmt: skip
TOLERANCE = 0.004  # degrees, about 0.4 km
BACKGROUND_TOLERANCE = 0.015
LEAST_AREA = 0.0005  # square degrees, about 4 km2: smaller islets are left out

NAMES = {
    "804": ("UA", "Ukraine", "Україна"), "643": ("RU", "Russia", "Росія"),
    "112": ("BY", "Belarus", "Білорусь"), "616": ("PL", "Poland", "Польща"),
    "703": ("SK", "Slovakia", "Словаччина"), "348": ("HU", "Hungary", "Угорщина"),
    "642": ("RO", "Romania", "Румунія"), "498": ("MD", "Moldova", "Молдова"),
    "100": ("BG", "Bulgaria", "Болгарія"), "792": ("TR", "Türkiye", "Туреччина"),
    "268": ("GE", "Georgia", "Грузія"), "440": ("LT", "Lithuania", "Литва"),
    "428": ("LV", "Latvia", "Латвія"), "203": ("CZ", "Czechia", "Чехія"),
    "040": ("AT", "Austria", "Австрія"), "688": ("RS", "Serbia", "Сербія"),
    "191": ("HR", "Croatia", "Хорватія"),
    "070": ("BA", "Bosnia and Herzegovina", "Боснія і Герцеговина"),
    "499": ("ME", "Montenegro", "Чорногорія"),
}  # fmt: skip


class Topology:
    """Decodes a TopoJSON file; arcs are simplified once, so neighbours keep a common border."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        countries = data["objects"]["countries"]["geometries"]
        self.geometries = [g for g in countries if g.get("id") in NAMES]
        (sx, sy), (tx, ty) = data["transform"]["scale"], data["transform"]["translate"]
        self.arcs: list[list[tuple[float, float]]] = []
        for arc in data["arcs"]:
            x = y = 0
            points = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                points.append((x * sx + tx, y * sy + ty))
            self.arcs.append(points)

    def simplify(self) -> None:
        fine = {i for g in self.geometries if g["id"] == UKRAINE for i in _flat(g["arcs"])}
        for g in self.geometries:
            if g["id"] == RUSSIA:
                for polygon in g["arcs"]:
                    if self.is_crimean(self.polygon(polygon)):
                        fine |= set(_flat(polygon))
        for i, points in enumerate(self.arcs):
            if len(points) > 2:
                tolerance = TOLERANCE if i in fine else BACKGROUND_TOLERANCE
                self.arcs[i] = list(LineString(points).simplify(tolerance).coords)

    def ring(self, indices: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for i in indices:
            arc = self.arcs[i] if i >= 0 else self.arcs[~i][::-1]
            points += arc[1:] if points else arc
        return points

    def polygon(self, rings: list[list[int]]) -> Polygon:
        outer, *holes = (self.ring(r) for r in rings)
        return Polygon(outer, [h for h in holes if len(h) > 3]) if len(outer) > 3 else Polygon()

    def polygons(self, geometry: dict[str, object]) -> list[Polygon]:
        arcs = geometry["arcs"]
        assert isinstance(arcs, list)
        return [self.polygon(p) for p in (arcs if geometry["type"] == "MultiPolygon" else [arcs])]

    @staticmethod
    def is_crimean(polygon: Polygon) -> bool:
        return not polygon.is_empty and CRIMEA.contains(polygon.buffer(0).representative_point())


def _flat(arcs: object) -> list[int]:
    if isinstance(arcs, int):
        return [arcs if arcs >= 0 else ~arcs]
    assert isinstance(arcs, list)
    return [i for part in arcs for i in _flat(part)]


def outlines(topology: Topology) -> dict[str, MultiPolygon]:
    topology.simplify()
    pieces: dict[str, list[Polygon]] = {}
    for g in topology.geometries:
        pieces[g["id"]] = topology.polygons(g)
    crimea = [p for p in pieces[RUSSIA] if topology.is_crimean(p)]
    if not any(p.buffer(0).contains(Point(34.10, 44.95)) for p in crimea):
        raise SystemExit("Simferopol is not in the pieces moved to Ukraine: check the source")
    pieces[RUSSIA] = [p for p in pieces[RUSSIA] if not topology.is_crimean(p)]
    pieces[UKRAINE] += crimea
    out = {}
    for code, polygons in pieces.items():
        whole = unary_union([shapely.make_valid(p) for p in polygons if not p.is_empty])
        whole = shapely.set_precision(whole.intersection(VIEW), 0.001)
        parts = [p for p in shapely.get_parts(whole) if p.geom_type == "Polygon"]
        parts = [Polygon(p.exterior, _lakes(p)) for p in parts if p.area > LEAST_AREA]
        if parts:
            out[code] = MultiPolygon(sorted(parts, key=lambda p: -p.area))
    return out


def _lakes(polygon: Polygon) -> list[object]:
    return [r for r in polygon.interiors if Polygon(r).area > LEAST_AREA]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topojson", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    shapes = outlines(Topology(args.topojson))
    lines = []
    for code in sorted(shapes, key=lambda c: (c != UKRAINE, NAMES[c][0])):
        iso, name_en, name_uk = NAMES[code]
        geometry = shapely.orient_polygons(shapes[code])
        feature = {
            "type": "Feature",
            "id": iso,
            "properties": {"iso": iso, "name_en": name_en, "name_uk": name_uk},
            "geometry": mapping(geometry),
        }
        text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        lines.append(
            json.dumps(_rounded(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
        )
        print(
            iso, name_en, shapely.get_num_coordinates(geometry), "points", len(lines[-1]), "bytes"
        )
    body = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    args.out.write_text(body, encoding="utf-8")
    print(args.out.name, args.out.stat().st_size, "bytes")


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return value


if __name__ == "__main__":
    main()
