"""A region as a folder of CSV files that people edit by hand, or as one zip of that folder.

The network's folder, and beside its files `region.toml`, one CSV file per table of the region and
`districts.geojson`. References are ids. The same region gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from lightkeeper.errors import Problem, RegionInvalid
from lightkeeper.grid.build import text_fault
from lightkeeper.grid.columns import TABLES as NETWORK_TABLES
from lightkeeper.grid.columns import Column, ColumnKind
from lightkeeper.grid.csv_folder import check_folder, read_ids, write_network, write_synced
from lightkeeper.grid.model import Network
from lightkeeper.region.columns import (
    LIST_SEPARATOR,
    NODE_TABLES,
    REFERENCES,
    REGION_COLUMNS,
    TABLES,
)
from lightkeeper.region.csv_rows import (
    CsvRows,
    Row,
    node_fault,
    read_csv,
    reference_fault,
    write_csv,
)
from lightkeeper.region.model import (
    BuildingType,
    Dependency,
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatingKind,
    HeatSource,
    HeatSourceKind,
    HomeGroup,
    MobileKind,
    MobileUnit,
    Need,
    OutdoorHour,
    PlaceCode,
    Region,
    Service,
    ServiceKind,
    WarmPoint,
    WarmPointKind,
)
from lightkeeper.region.validate import validate_region

_HEAD = "region.toml"
_POLYGONS = "districts.geojson"
_REGION_FILES = (_HEAD, *(f"{table}.csv" for table in TABLES), _POLYGONS)
_NETWORK_FILES = ("network.toml", *(f"{table}.csv" for table in NETWORK_TABLES))
_MOST_BYTES = 2**30  # of an unpacked zip; a larger one is not a region but a mistake

_MEND_IF_ABSENT = {
    "districts": "add it; a region has districts",
    "feeders": "add it; a region has feeders",
}

Rows = dict[str, CsvRows]
Ids = dict[str, list[str] | None]
"""Ids of each table, faulty rows included; None where they cannot be told."""


def read_region(path: Path) -> Region:
    """Read a region from a folder or a zip of one, written by `write_region` or by hand.

    Raises
    ------
    RegionInvalid
        With every fault of the files, network included; where the files themselves are sound, with
        every error (not the warnings) of `validate_region`.
    """
    region, problems = check_region(path)
    errors = [p for p in problems if not p.is_warning]
    if region is None or errors:
        raise RegionInvalid(f"region {path}", errors)
    return region


def check_region(path: Path) -> tuple[Region | None, list[Problem]]:
    """Read and validate a folder or zip; return all problems as values, the network's included.

    The region is None when the files cannot be read as one. Then what can be read is still checked
    row by row and reference by reference, but not how the tables agree.
    """
    try:
        with _as_folder(path) as folder:
            region, problems = _read_folder(folder)
    except RegionInvalid as error:
        return None, list(error.problems)
    return region, problems if region is None else problems + validate_region(region)


def load_demo_region() -> Region:
    """Read the synthetic region of the demo, which ships with the package."""
    shipped = files("lightkeeper.region").joinpath("data", "demo-region.zip")
    with as_file(shipped) as path:
        return read_region(path)


def write_region(region: Region, path: Path) -> None:
    """Write a region to a folder, or to one file if `path` ends in ".zip".

    New files are complete on disk before the first old one is replaced.

    Raises
    ------
    RegionInvalid
        A text would not survive the file: line breaks, blanks around it, an id that begins as a
        comment does or holds the sign that separates ids.
    """
    texts = _texts(region)
    path.parent.mkdir(parents=True, exist_ok=True)
    writing = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    try:
        write_network(region.network, writing)
        for name, text in texts.items():
            write_synced(writing / name, text)
        if path.suffix == ".zip":
            packed = writing / "packed"
            _pack(writing, packed)
            packed.replace(path)
        else:
            path.mkdir(exist_ok=True)
            for name in (*_NETWORK_FILES, *_REGION_FILES):
                (writing / name).replace(path / name)
    finally:
        shutil.rmtree(writing, ignore_errors=True)


# ---------------------------------------------------------------- zip


@contextmanager
def _as_folder(path: Path) -> Iterator[Path]:
    """Yield the folder itself, or what is in the zip, unpacked for the time being."""
    if path.is_dir():
        yield path
        return
    problem: Problem | None = None
    with tempfile.TemporaryDirectory(prefix="lightkeeper-region-") as unpacked:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(unpacked))
        except FileNotFoundError:
            problem = Problem(str(path), "is not there", "give the region's folder or zip")
        except (zipfile.BadZipFile, OSError) as error:
            mend = "give the region's folder, or a zip of it"
            problem = Problem(str(path), f"cannot be read: {error}", mend)
        if problem:
            raise RegionInvalid(f"region {path}", [problem])
        yield Path(unpacked)


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Unpack the files of a region, from the top of the zip or from the one folder in it."""
    wanted = {*_NETWORK_FILES, *_REGION_FILES}
    members = [m for m in archive.infolist() if Path(m.filename).name in wanted]
    if sum(m.file_size for m in members) > _MOST_BYTES:
        raise OSError("it unpacks to more than 1 GiB")
    for member in members:
        (folder / Path(member.filename).name).write_bytes(archive.read(member))


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in (*_NETWORK_FILES, *_REGION_FILES):
            # Fixed time, system and rights: the same region gives the same bytes anywhere.
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, (folder / name).read_bytes())


# ---------------------------------------------------------------- reading


def _read_folder(folder: Path) -> tuple[Region | None, list[Problem]]:
    """Read everything; the region is None where a file has a fault."""
    network, network_problems = check_folder(folder)
    problems: list[Problem] = []
    name = _read_head(folder, problems)
    rows = {
        table: read_csv(
            folder / f"{table}.csv",
            REGION_COLUMNS[table],
            problems,
            mend_if_absent=_MEND_IF_ABSENT.get(table, ""),
        )
        for table in TABLES
    }
    ids: Ids = {table: rows[table].ids for table in TABLES}
    ids["loads"] = read_ids(folder, "loads")
    if not (folder / "loads.csv").exists():
        problems.append(Problem("loads.csv", "is missing", "add it; feeders are parts of loads"))
    _check_references(rows, ids, problems)
    polygons = _read_polygons(folder, ids["districts"], problems)
    if problems or network is None:
        return None, network_problems + problems
    return _region_of(name, network, rows, polygons), network_problems


def _read_head(folder: Path, problems: list[Problem]) -> str:
    try:
        entries = tomllib.loads((folder / _HEAD).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problems.append(Problem(_HEAD, "is missing", 'add it with name = "..."'))
        return ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problems.append(Problem(_HEAD, f"cannot be read: {error}", "mend it; it is TOML in UTF-8"))
        return ""
    name = entries.get("name")
    if not isinstance(name, str) or not name:
        problems.append(Problem(_HEAD, "gives no name", 'write name = "..."'))
    problems.extend(
        Problem(_HEAD, f'there is no entry "{key}"', "remove it; there is only name")
        for key in sorted(entries.keys() - {"name"})
    )
    return str(name)


def _check_references(rows: Rows, ids: Ids, problems: list[Problem]) -> None:
    """Check every reference of a sound row into a table whose ids are known."""
    known = {table: None if names is None else frozenset(names) for table, names in ids.items()}
    for (table, column), target in REFERENCES.items():
        there = known[target]
        if there is None:
            continue
        for line, row in rows[table].rows:
            cell = str(row[column])
            names = cell.split(LIST_SEPARATOR) if column == "districts" else [cell]
            for name in filter(None, (n.strip() for n in names)):
                if wrong := reference_fault(name, there, target):
                    where = f"{table}.csv row {line}"
                    problems.append(Problem(where, f"{column} {wrong[0]}", wrong[1]))
    nodes = [known[table] for table in NODE_TABLES]
    if all(there is not None for there in nodes):
        everyone = frozenset[str]().union(*filter(None, nodes))
        for line, row in rows["dependencies"].rows:
            for column in ("dependent", "supplier"):
                if wrong := node_fault(str(row[column]), everyone):
                    where = f"dependencies.csv row {line}"
                    problems.append(Problem(where, f"{column} {wrong[0]}", wrong[1]))


def _read_polygons(
    folder: Path, districts: Sequence[str] | None, problems: list[Problem]
) -> dict[str, Mapping[str, object]]:
    """Read geometries by district id; check that each district has one, if they are known."""

    def fault(where: str, what: str, mend: str) -> None:
        problems.append(Problem(where, what, mend))

    try:
        collection = json.loads((folder / _POLYGONS).read_text(encoding="utf-8-sig"))
        features = collection["features"]
        pairs = [(i, f.get("id"), f.get("geometry")) for i, f in enumerate(features)]
    except FileNotFoundError:
        fault(_POLYGONS, "is missing", "add it: a FeatureCollection of the districts")
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        fault(_POLYGONS, f"is not a GeoJSON FeatureCollection: {error!r}", "mend the file")
        return {}
    polygons: dict[str, Mapping[str, object]] = {}
    for i, key, geometry in pairs:
        where = f"{_POLYGONS} feature {i}"
        if not isinstance(geometry, dict):
            fault(where, "has no geometry", "give a Polygon or MultiPolygon")
        elif not isinstance(key, str) or (districts is not None and key not in districts):
            fault(where, f'id is "{key}", which is not in districts.csv', "give a district's id")
        elif key in polygons:
            fault(where, f'the district "{key}" comes twice', "remove one")
        else:
            polygons[key] = geometry
    for key in filter(None, districts or ()):
        if key not in polygons:
            fault(_POLYGONS, f'the district "{key}" has no feature', "add it with its id")
    return polygons


def _region_of(
    name: str, network: Network, rows: Rows, polygons: Mapping[str, Mapping[str, object]]
) -> Region:
    """Build the region from rows that are known to be sound."""
    table = {t: [row for _, row in rows[t].rows] for t in TABLES}
    row_of_load = {key: i for i, key in enumerate(network.loads.id.tolist())}
    row_of_district = {str(row["id"]): i for i, row in enumerate(table["districts"])}
    feeders = table["feeders"]
    return Region(
        name=name,
        network=network,
        districts=tuple(
            District(
                id=DistrictId(str(r["id"])),
                place=PlaceCode(str(r["place"])),
                oblast=PlaceCode(str(r["oblast"])),
                name_uk=str(r["name_uk"]),
                name_en=str(r["name_en"]),
                population=int(r["population"]),
                lon=float(r["lon"]),
                lat=float(r["lat"]),
                polygon=polygons[str(r["id"])],
            )
            for r in table["districts"]
        ),
        feeders=Feeders(
            id=np.array([r["id"] for r in feeders], dtype=np.str_),
            load=np.array([row_of_load[str(r["load"])] for r in feeders], dtype=np.int32),
            district=np.array(
                [row_of_district[str(r["district"])] for r in feeders], dtype=np.int32
            ),
            place=np.array([r["place"] for r in feeders], dtype=np.str_),
            queue=np.array([r["queue"] for r in feeders], dtype=np.str_),
            demand_mw=np.array([r["demand_mw"] for r in feeders], dtype=np.float64),
            population=np.array([r["population"] for r in feeders], dtype=np.int32),
            is_critical=np.array([r["is_critical"] for r in feeders], dtype=np.bool_),
        ),
        heat_sources=tuple(
            HeatSource(
                id=str(r["id"]),
                name=str(r["name"]),
                kind=HeatSourceKind(str(r["kind"])),
                plant=str(r["plant"]),
                feeder=FeederId(str(r["feeder"])) if r["feeder"] else None,
                districts=tuple(
                    DistrictId(d.strip()) for d in str(r["districts"]).split(LIST_SEPARATOR)
                ),
                population=int(r["population"]),
                lon=float(r["lon"]),
                lat=float(r["lat"]),
                backup_h=float(r["backup_h"]),
            )
            for r in table["heat_sources"]
        ),
        services=tuple(
            Service(
                id=str(r["id"]),
                name=str(r["name"]),
                kind=ServiceKind(str(r["kind"])),
                district=DistrictId(str(r["district"])),
                feeder=FeederId(str(r["feeder"])),
                backup_h=float(r["backup_h"]),
                demand_mw=float(r["demand_mw"]),
                lon=float(r["lon"]),
                lat=float(r["lat"]),
            )
            for r in table["services"]
        ),
        warm_points=tuple(
            WarmPoint(
                id=str(r["id"]),
                name=str(r["name"]),
                kind=WarmPointKind(str(r["kind"])),
                district=DistrictId(str(r["district"])),
                capacity=int(r["capacity"]),
                lon=float(r["lon"]),
                lat=float(r["lat"]),
            )
            for r in table["warm_points"]
        ),
        dependencies=tuple(
            Dependency(
                id=str(r["id"]),
                dependent=str(r["dependent"]),
                need=Need(str(r["need"])),
                supplier=str(r["supplier"]),
                buffer_h=float(r["buffer_h"]),
            )
            for r in table["dependencies"]
        ),
        homes=tuple(
            HomeGroup(
                id=str(r["id"]),
                district=DistrictId(str(r["district"])),
                type=BuildingType(str(r["type"])),
                heating=HeatingKind(str(r["heating"])),
                population=int(r["population"]),
            )
            for r in table["homes"]
        ),
        temperatures=tuple(
            OutdoorHour(
                id=str(r["id"]),
                district=str(r["district"]),
                hour=int(r["hour"]),
                outdoor_c=float(r["outdoor_c"]),
            )
            for r in table["temperatures"]
        ),
        mobile_units=tuple(
            MobileUnit(
                id=str(r["id"]),
                name=str(r["name"]),
                kind=MobileKind(str(r["kind"])),
                power_mw=float(r["power_mw"]),
                energy_mwh=float(r["energy_mwh"]),
                ready_h=float(r["ready_h"]),
                lon=float(r["lon"]),
                lat=float(r["lat"]),
            )
            for r in table["mobile_units"]
        ),
    )


# ---------------------------------------------------------------- writing


def _texts(region: Region) -> dict[str, str]:
    """Return the region's own files by name."""
    records: dict[str, Sequence[object]] = {
        table: getattr(region, table) for table in TABLES if table != "feeders"
    }
    problems: list[Problem] = []
    if not region.name.isprintable() or not region.name:
        problems.append(Problem("name", "is empty or has control signs", "give another name"))
    texts = {_HEAD: f"name = {json.dumps(region.name, ensure_ascii=False)}\n"}
    for table in TABLES:
        columns = REGION_COLUMNS[table]
        rows = (
            _feeder_rows(region)
            if table == "feeders"
            else [{c.name: _plain(getattr(r, c.name)) for c in columns} for r in records[table]]
        )
        problems += _text_problems(table, columns, rows)
        texts[f"{table}.csv"] = write_csv(columns, rows)
    if problems:
        raise RegionInvalid(f'region "{region.name}" cannot be written', problems)
    texts[_POLYGONS] = _polygons_text(region.districts)
    return texts


def _text_problems(table: str, columns: Sequence[Column], rows: Sequence[Row]) -> list[Problem]:
    """Find texts that would not read back as they are."""
    problems = []
    for i, row in enumerate(rows):
        for column in columns:
            if column.kind is not ColumnKind.TEXT:
                continue
            value = str(row[column.name])
            fault = text_fault(column, value)
            if not fault and column.required and not value:
                fault = "it is empty"
            if (
                not fault
                and (table, column.name) == ("districts", "id")
                and LIST_SEPARATOR in value
            ):
                fault = f'{value!r} has "{LIST_SEPARATOR}" in it, which separates ids'
            if fault:
                where = f"row {i + 2} of {table}.csv"
                problems.append(Problem(where, f"{column.name}: {fault}", "give another text"))
    return problems


def _plain(value: object) -> str | float | int | bool:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return LIST_SEPARATOR.join(value)
    return value if isinstance(value, float | int | bool) else str(value)


def _feeder_rows(region: Region) -> list[Row]:
    f = region.feeders
    load_ids = region.network.loads.id.tolist()
    columns: dict[str, Sequence[str | float | int | bool]] = {
        "id": f.id.tolist(),
        "load": [load_ids[i] for i in f.load.tolist()],
        "district": [region.districts[i].id for i in f.district.tolist()],
        "place": f.place.tolist(),
        "queue": f.queue.tolist(),
        "demand_mw": f.demand_mw.tolist(),
        "population": f.population.tolist(),
        "is_critical": f.is_critical.tolist(),
    }
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _polygons_text(districts: Sequence[District]) -> str:
    """GeoJSON with one feature per line, so that a change of one district is one line."""
    features = [
        {
            "type": "Feature",
            "id": d.id,
            "properties": {"name_uk": d.name_uk, "name_en": d.name_en},
            "geometry": d.polygon,
        }
        for d in districts
    ]
    lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
