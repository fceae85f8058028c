"""Find every fault of a region: what is wrong, where, how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from lightkeeper.errors import Problem
from lightkeeper.region.columns import NODE_TABLES, REGION_COLUMNS, TABLES
from lightkeeper.region.csv_rows import node_fault, range_fault, reference_fault
from lightkeeper.region.model import (
    District,
    HeatingKind,
    HeatSource,
    HeatSourceKind,
    MobileKind,
    Region,
)

_DEMAND_TOLERANCE_PU = 0.005
_DEMAND_TOLERANCE_MW = 0.01
_PEOPLE_TOLERANCE_PU = 0.01
_OVERLAP_TOLERANCE_PU = 0.01  # of the smaller district; borders from two sources differ a little

_SINGULAR = {
    "districts": "district",
    "feeders": "feeder",
    "heat_sources": "heat source",
    "services": "service",
    "warm_points": "warm point",
    "dependencies": "dependency",
    "homes": "home group",
    "temperatures": "temperature",
    "mobile_units": "mobile unit",
}


class _Report:
    """Collects problems; names each object by its id and its row in the file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, table: str, row: int, id: str, what: str, mend: str, *, is_warning: bool = False
    ) -> None:
        where = f'{_SINGULAR[table]} "{id}"'
        mend = f"{mend}, row {row + 2} of {table}.csv"
        self.problems.append(Problem(where, what, mend, is_warning=is_warning))


def validate_region(region: Region) -> list[Problem]:
    """Return every problem of a region, errors before warnings; the network's are not among them.

    An error makes results wrong or impossible; a warning is worth a look.
    """
    report = _Report()
    if not region.districts:
        report.problems.append(Problem("region", "has no district", "add rows to districts.csv"))
    ids = {
        "districts": [str(d.id) for d in region.districts],
        "feeders": region.feeders.id.tolist(),
        "heat_sources": [h.id for h in region.heat_sources],
        "services": [s.id for s in region.services],
        "warm_points": [w.id for w in region.warm_points],
        "dependencies": [d.id for d in region.dependencies],
        "homes": [h.id for h in region.homes],
        "temperatures": [t.id for t in region.temperatures],
        "mobile_units": [m.id for m in region.mobile_units],
    }
    for table in TABLES:
        _check_ids(table, ids[table], report)
    _check_ranges(region, report)
    _check_feeders(region, report)
    _check_demand(region, report)
    _check_services(region, report)
    _check_heat_sources(region, report)
    for row, point in enumerate(region.warm_points):
        _check_reference(
            "warm_points", row, point.id, "district", point.district, ids["districts"], report
        )
    _check_dependencies(region, ids, report)
    _check_homes(region, report)
    _check_temperatures(region, report)
    for row, unit in enumerate(region.mobile_units):
        if unit.kind != MobileKind.FUEL and unit.power_mw == 0:
            report.add("mobile_units", row, unit.id, "has no power", "give its power_mw")
        elif unit.kind == MobileKind.FUEL and unit.energy_mwh == 0:
            report.add("mobile_units", row, unit.id, "is fuel without energy", "give energy_mwh")
    _check_districts(region.districts, report)
    _check_people(region, report)
    return sorted(report.problems, key=lambda p: p.is_warning)


def _check_ids(table: str, ids: list[str], report: _Report) -> None:
    for id, n in Counter(ids).items():
        if n > 1:
            row = len(ids) - 1 - ids[::-1].index(id)
            report.add(table, row, id, f"comes {n} times", "give each its own id")
        if not id:
            report.add(table, ids.index(id), id, "has no id", "give it one")


def _check_ranges(region: Region, report: _Report) -> None:
    """Check every value against its column's choices and bounds."""
    f = region.feeders
    for column in REGION_COLUMNS["feeders"]:
        if column.name not in ("load", "district"):
            for row, value in enumerate(getattr(f, column.name).tolist()):
                if wrong := range_fault(column, value):
                    what = f"{column.name} {wrong[0]}"
                    report.add("feeders", row, str(f.id[row]), what, wrong[1])
    for table in TABLES:
        if table == "feeders":
            continue
        for row, record in enumerate(getattr(region, table)):
            for column in REGION_COLUMNS[table]:
                value = getattr(record, column.name)
                if value is None or isinstance(value, tuple):
                    continue
                if wrong := range_fault(column, value):
                    report.add(table, row, record.id, f"{column.name} {wrong[0]}", wrong[1])


def _check_reference(
    table: str, row: int, id: str, name: str, value: str, known: Iterable[str], report: _Report
) -> bool:
    target = "feeders" if name == "feeder" else "districts"
    wrong = reference_fault(value, list(known), target)
    if wrong:
        report.add(table, row, id, f"{name} {wrong[0]}", wrong[1])
    return wrong is None


def _check_feeders(region: Region, report: _Report) -> None:
    f = region.feeders
    for name, bound, target in (
        ("load", len(region.network.loads.id), "loads"),
        ("district", len(region.districts), "districts"),
    ):
        values = getattr(f, name)
        for row in np.flatnonzero((values < 0) | (values >= bound)).tolist():
            what = f"{name} is row {values[row]}; there are {bound} {target}"
            report.add("feeders", row, str(f.id[row]), what, f"give a row of {target}")
    in_queue = f.queue != ""
    for row in np.flatnonzero(f.is_critical & in_queue).tolist():
        what = f"supplies a service and stands in queue {f.queue[row]}"
        report.add("feeders", row, str(f.id[row]), what, "leave queue empty")
    for row in np.flatnonzero(~f.is_critical & ~in_queue).tolist():
        report.add(
            "feeders",
            row,
            str(f.id[row]),
            "stands in no queue and is not critical",
            "give its queue, or set is_critical",
            is_warning=True,
        )


def _check_demand(region: Region, report: _Report) -> None:
    """What the feeders of a load draw is what the network says of it."""
    loads, f = region.network.loads, region.feeders
    is_known = (f.load >= 0) & (f.load < len(loads.id))
    drawn_mw = np.bincount(f.load[is_known], weights=f.demand_mw[is_known], minlength=len(loads.id))
    has_feeder = np.isin(np.arange(len(loads.id)), f.load[is_known])
    allowed_mw = np.maximum(_DEMAND_TOLERANCE_MW, _DEMAND_TOLERANCE_PU * np.abs(loads.p_mw))
    is_off = has_feeder & ~(np.abs(drawn_mw - loads.p_mw) <= allowed_mw)
    for row in np.flatnonzero(is_off).tolist():
        what = f"its feeders draw {drawn_mw[row]:.3f} MW, p_mw is {loads.p_mw[row]:.3f}"
        mend = f"make them equal, row {row + 2} of loads.csv or demand_mw in feeders.csv"
        report.problems.append(Problem(f'load "{loads.id[row]}"', what, mend))
    for row in np.flatnonzero(~has_feeder & (loads.p_mw > 0) & loads.in_service).tolist():
        mend = f"add its feeders, row {row + 2} of loads.csv; without one nobody lives on it"
        report.problems.append(
            Problem(f'load "{loads.id[row]}"', "has no feeder", mend, is_warning=True)
        )


def _check_services(region: Region, report: _Report) -> None:
    f = region.feeders
    row_of_feeder = {id: row for row, id in enumerate(f.id.tolist())}
    districts = [d.id for d in region.districts]
    for row, service in enumerate(region.services):
        _check_reference(
            "services", row, service.id, "district", service.district, districts, report
        )
        if not _check_reference(
            "services", row, service.id, "feeder", service.feeder, row_of_feeder, report
        ):
            continue
        at = row_of_feeder[service.feeder]
        district = int(f.district[at])
        if 0 <= district < len(districts) and districts[district] != service.district:
            what = f'stands in district "{service.district}", its feeder in "{districts[district]}"'
            report.add("services", row, service.id, what, "give a feeder of its own district")
        if f.queue[at]:
            what = f'hangs on feeder "{service.feeder}", which stands in queue {f.queue[at]}'
            report.add("services", row, service.id, what, "take that feeder out of the queues")
        elif not f.is_critical[at]:
            what = f'hangs on feeder "{service.feeder}", which is not marked critical'
            report.add("services", row, service.id, what, "set is_critical of that feeder")
    needed_mw: Counter[str] = Counter()
    for service in region.services:
        needed_mw[service.feeder] += service.demand_mw  # type: ignore[assignment]
    for id, at in row_of_feeder.items():
        if needed_mw[id] > f.demand_mw[at] + _DEMAND_TOLERANCE_MW:
            what = f"draws {f.demand_mw[at]:.3f} MW, its services {needed_mw[id]:.3f} MW"
            report.add("feeders", at, id, what, "raise demand_mw", is_warning=True)


def _check_heat_sources(region: Region, report: _Report) -> None:
    plants = set(region.network.generators.plant.tolist())
    people = {d.id: d.population for d in region.districts}
    feeders = set(region.feeders.id.tolist())
    for row, source in enumerate(region.heat_sources):
        _check_plant(row, source, plants, report)
        if source.feeder is not None:
            _check_reference(
                "heat_sources", row, source.id, "feeder", source.feeder, feeders, report
            )
        if not source.districts:
            report.add("heat_sources", row, source.id, "warms no district", "give its districts")
        is_known = [
            _check_reference("heat_sources", row, source.id, "districts", d, people, report)
            for d in source.districts
        ]
        there = sum(people.get(d, 0) for d in source.districts)
        if all(is_known) and source.population > there:
            what = f"warms {source.population} people, its districts have {there}"
            report.add("heat_sources", row, source.id, what, "check both", is_warning=True)


def _check_plant(row: int, source: HeatSource, plants: set[str], report: _Report) -> None:
    is_chp = source.kind is HeatSourceKind.CHP
    if is_chp and source.plant not in plants:
        what = f'is a CHP; plant "{source.plant}" is not in generators.csv'
        report.add("heat_sources", row, source.id, what, "give the plant of its units")
    if not is_chp and source.plant:
        what = f'is a {source.kind.value} with plant "{source.plant}"'
        report.add("heat_sources", row, source.id, what, "leave plant empty, or make it a chp")


def _check_districts(districts: tuple[District, ...], report: _Report) -> None:
    for place, n in Counter(d.place for d in districts).items():
        if n > 1:
            row = max(i for i, d in enumerate(districts) if d.place == place)
            what = f'{n} districts stand for place "{place}"'
            report.add("districts", row, districts[row].id, what, "give each its own place")
    shapes: list[tuple[int, BaseGeometry]] = []
    for row, d in enumerate(districts):
        try:
            polygon = shape(dict(d.polygon))
        except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
            report.add("districts", row, d.id, "its polygon cannot be read", "mend it as GeoJSON")
            continue
        if polygon.geom_type not in ("Polygon", "MultiPolygon") or polygon.is_empty:
            what = f"its geometry is {polygon.geom_type}, or empty"
            report.add("districts", row, d.id, what, "give a Polygon or MultiPolygon")
        elif not polygon.is_valid:
            what = f"its polygon is not valid: {shapely.is_valid_reason(polygon)}"
            report.add("districts", row, d.id, what, "mend the ring in districts.geojson")
        else:
            west, south, east, north = polygon.bounds
            if west < -180 or east > 180 or south < -90 or north > 90:
                what = "its polygon is not in degrees of longitude and latitude"
                report.add("districts", row, d.id, what, "give WGS 84, longitude first")
                continue
            shapes.append((row, polygon))
            if not polygon.covers(Point(d.lon, d.lat)):
                what = f"its point ({d.lon}, {d.lat}) lies outside its polygon"
                report.add("districts", row, d.id, what, "move the point", is_warning=True)
    _check_overlaps(districts, shapes, report)


def _check_overlaps(
    districts: tuple[District, ...], shapes: list[tuple[int, BaseGeometry]], report: _Report
) -> None:
    geometries = [g for _, g in shapes]
    if not geometries:
        return
    tree = shapely.STRtree(geometries)
    for i, j in sorted(zip(*tree.query(geometries, predicate="intersects").tolist(), strict=True)):
        if i >= j:
            continue
        shared = geometries[i].intersection(geometries[j]).area
        share = shared / min(geometries[i].area, geometries[j].area)
        if share > _OVERLAP_TOLERANCE_PU:
            row, other = shapes[j][0], districts[shapes[i][0]].id
            what = f'overlaps district "{other}" by {share:.0%} of the smaller one'
            report.add("districts", row, districts[row].id, what, "mend districts.geojson")


def _check_people(region: Region, report: _Report) -> None:
    """People live on feeders: a district's population is the sum of its feeders'."""
    f = region.feeders
    n = len(region.districts)
    is_known = (f.district >= 0) & (f.district < n)
    living = np.bincount(f.district[is_known], weights=f.population[is_known], minlength=n)
    for row, d in enumerate(region.districts):
        if abs(living[row] - d.population) > max(1.0, _PEOPLE_TOLERANCE_PU * d.population):
            what = f"has {d.population} people, its feeders {living[row]:.0f}"
            report.add("districts", row, d.id, what, "make them agree", is_warning=True)


def _check_dependencies(region: Region, ids: dict[str, list[str]], report: _Report) -> None:
    """Every row names two things there are, and no id stands for two things."""
    table_of: dict[str, str] = {}
    for table in NODE_TABLES:
        for row, id in enumerate(ids[table]):
            if table_of.setdefault(id, table) != table and region.dependencies:
                what = f"has the id of a row of {table_of[id]}.csv, so a dependency is not clear"
                report.add(table, row, id, what, "give it another id")
    for row, dependency in enumerate(region.dependencies):
        for name, value in (("dependent", dependency.dependent), ("supplier", dependency.supplier)):
            if wrong := node_fault(value, table_of):
                report.add("dependencies", row, dependency.id, f"{name} {wrong[0]}", wrong[1])
        if dependency.dependent == dependency.supplier:
            what = f'"{dependency.dependent}" needs itself'
            report.add("dependencies", row, dependency.id, what, "name its supplier")


def _check_homes(region: Region, report: _Report) -> None:
    living = {d.id: 0 for d in region.districts}
    has_source = {d for source in region.heat_sources for d in source.districts}
    for row, group in enumerate(region.homes):
        if not _check_reference("homes", row, group.id, "district", group.district, living, report):
            continue
        living[group.district] += group.population
        if group.heating is HeatingKind.DISTRICT and group.district not in has_source:
            what = f'is on district heating; no heat source warms district "{group.district}"'
            report.add("homes", row, group.id, what, "add the heat source", is_warning=True)
    for row, district in enumerate(region.districts):
        if living[district.id] > district.population * (1 + _PEOPLE_TOLERANCE_PU) + 1.0:
            what = f"has {district.population} people, its homes {living[district.id]}"
            report.add("districts", row, district.id, what, "make them agree", is_warning=True)


def _check_temperatures(region: Region, report: _Report) -> None:
    districts = {str(d.id) for d in region.districts}
    seen: set[tuple[str, int]] = set()
    for row, point in enumerate(region.temperatures):
        if point.district:
            _check_reference(
                "temperatures", row, point.id, "district", point.district, districts, report
            )
        if (point.district, point.hour) in seen:
            what = f"gives hour {point.hour} again"
            report.add("temperatures", row, point.id, what, "remove one of the two")
        seen.add((point.district, point.hour))
