"""Read what an operator has: feeder-off lists, call-centre counts, inspections (CSV or JSON)."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lightkeeper.damage.model import (
    AssetId,
    DamageState,
    Inspection,
    InspectionStage,
    InspectionStep,
    Observation,
    SupplyState,
)
from lightkeeper.errors import DataInvalid, Problem
from lightkeeper.region.model import DistrictId, FeederId, Region
from lightkeeper.units import require_utc

_FEEDER_STATES = {
    "off": SupplyState.DARK,
    "dark": SupplyState.DARK,
    "вимкнено": SupplyState.DARK,
    "відключено": SupplyState.DARK,
    "on": SupplyState.SUPPLIED,
    "supplied": SupplyState.SUPPLIED,
    "увімкнено": SupplyState.SUPPLIED,
}


MAX_DIGITS = 9
"""No count of calls or customers has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """How many calls about no power, per customer, are a sign of an outage. Illustrative.

    Fewer calls are no sign of anything: people without power also have no telephone.
    """

    min_feeder_rate: float = 0.1
    min_district_rate: float = 0.02


def read_feeder_list(path: Path, region: Region) -> tuple[Observation, ...]:
    """Read the file of a feeder list; see `parse_feeder_list`."""
    return parse_feeder_list(_read_text(path), path.name, region)


def parse_feeder_list(text: str, name: str, region: Region) -> tuple[Observation, ...]:
    """Read a list of feeders that are off or on: columns `feeder`, `state`, `at`.

    `state` is off, dark, on or supplied; `at` is an ISO 8601 instant with its offset, or empty. A
    feeder that comes twice has the state of its latest row, the lower row where times do not tell.

    Raises
    ------
    DataInvalid
        With every fault found, by row.
    """
    rows, problems = _read_rows(text, name, required=("feeder", "state"))
    known = set(region.feeders.id.tolist())
    latest: dict[str, Observation] = {}
    for number, row in rows:
        where = f"{name} row {number}"
        at = _instant(row, where, problems)
        feeder = row["feeder"]
        state = _FEEDER_STATES.get(row["state"].casefold())
        if feeder not in known:
            problems.append(_unknown_feeder(where, feeder))
        if state is None:
            what = f'state is "{row["state"]}"'
            problems.append(Problem(where, what, "write off or on"))
        if feeder not in known or state is None:
            continue
        before = latest.get(feeder)
        if before is None or before.at is None or at is None or at >= before.at:
            latest[feeder] = Observation(
                state=state,
                district=None,
                feeder=FeederId(feeder),
                share_off=(1.0, 1.0) if state is SupplyState.DARK else (0.0, 0.0),
                at=at,
                source=f"feeder list {where}",
            )
    if problems:
        raise DataInvalid(f'feeder list "{name}"', problems)
    return tuple(latest.values())


def read_call_counts(
    path: Path, region: Region, options: CallOptions | None = None
) -> tuple[Observation, ...]:
    """Read the file of call-centre counts; see `parse_call_counts`."""
    return parse_call_counts(_read_text(path), path.name, region, options)


def parse_call_counts(
    text: str, name: str, region: Region, options: CallOptions | None = None
) -> tuple[Observation, ...]:
    """Read calls about no power: columns `district` or `feeder`, `calls`, `customers`, `at`.

    A feeder whose share of callers reaches `min_feeder_rate` counts as dark, a district whose share
    reaches `min_district_rate` as partly dark; fewer calls say nothing.

    Raises
    ------
    DataInvalid
        With every fault found, by row.
    """
    limits = options or CallOptions()
    rows, problems = _read_rows(text, name, required=("calls", "customers"))
    feeders = set(region.feeders.id.tolist())
    districts = {str(d.id) for d in region.districts}
    found: list[Observation] = []
    for number, row in rows:
        where = f"{name} row {number}"
        feeder, district = row.get("feeder", ""), row.get("district", "")
        if bool(feeder) == bool(district):
            problems.append(
                Problem(where, "needs a district or a feeder, not both", "fill one of the two")
            )
            continue
        if feeder and feeder not in feeders:
            problems.append(_unknown_feeder(where, feeder))
        if district and district not in districts:
            problems.append(
                Problem(where, f'district "{district}" is not in the region', "use its id")
            )
        calls = _count(row, "calls", where, problems)
        customers = _count(row, "customers", where, problems)
        at = _instant(row, where, problems)
        if customers == 0:
            problems.append(Problem(where, "customers is 0", "give the number of customers"))
        if not calls or not customers:
            continue
        if calls / customers < (limits.min_feeder_rate if feeder else limits.min_district_rate):
            continue
        found.append(
            Observation(
                state=SupplyState.DARK if feeder else SupplyState.PARTLY_DARK,
                district=None if feeder else DistrictId(district),
                feeder=FeederId(feeder) if feeder else None,
                share_off=(1.0, 1.0) if feeder else (min(calls / customers, 1.0), 1.0),
                at=at,
                source=f"call-centre count {where}: {calls} calls of {customers} customers",
            )
        )
    if problems:
        raise DataInvalid(f'call counts "{name}"', problems)
    return tuple(found)


_STAGES = {
    "assigned": InspectionStage.ASSIGNED,
    "призначено": InspectionStage.ASSIGNED,
    "no_access": InspectionStage.NO_ACCESS,
    "no access": InspectionStage.NO_ACCESS,
    "немає доступу": InspectionStage.NO_ACCESS,
}
_RESULTS = {
    "intact": DamageState.INTACT,
    "ціле": DamageState.INTACT,
    "impaired": DamageState.IMPAIRED,
    "пошкоджено": DamageState.IMPAIRED,
    "destroyed": DamageState.DESTROYED,
    "знищено": DamageState.DESTROYED,
}


def parse_inspections(
    text: str, name: str, assets: Collection[str]
) -> tuple[Inspection | InspectionStep, ...]:
    """Read inspections: columns `asset`, `status`, `at`, `by`, and `note` if there is one.

    `status` is assigned, no_access, or the result: intact, impaired, destroyed. `at` is when it was
    so, with its offset; `by` who says it.

    Raises
    ------
    DataInvalid
        With every fault found, by row.
    """
    rows, problems = _read_rows(text, name, required=("asset", "status", "at", "by"))
    found: list[Inspection | InspectionStep] = []
    for number, row in rows:
        where = f"{name} row {number}"
        asset, status = row["asset"], row["status"].casefold()
        at = _instant(row, where, problems)
        if asset not in assets:
            problems.append(
                Problem(where, f'asset "{asset}" is not in the region', "use its id of the picture")
            )
        if status not in _STAGES and status not in _RESULTS:
            what, words = f'status is "{row["status"]}"', ", ".join((*_STAGES, *_RESULTS))
            problems.append(Problem(where, what, f"write one of {words}"))
        if not row["at"]:
            problems.append(Problem(where, "at is empty", "write when it was seen, with offset"))
        if not row["by"]:
            problems.append(Problem(where, "by is empty", "write who says it"))
        if problems or at is None:
            continue
        by, seen = row["by"], row.get("note", "")
        if stage := _STAGES.get(status):
            found.append(InspectionStep(asset=AssetId(asset), stage=stage, by=by, at=at, note=seen))
        else:
            state = _RESULTS[status]
            found.append(Inspection(asset=AssetId(asset), state=state, by=by, at=at, note=seen))
    if problems:
        raise DataInvalid(f'inspections "{name}"', problems)
    return tuple(found)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise DataInvalid(
            f'list "{path.name}"',
            [Problem(path.name, f"cannot be read ({fault})", "save it as CSV or JSON in UTF-8")],
        ) from fault


_Rows = tuple[list[tuple[int, dict[str, str]]], list[Problem]]


def _read_rows(text: str, name: str, required: tuple[str, ...]) -> _Rows:
    """Rows with their number: of the line in CSV, counted from 1 in JSON."""
    if text.lstrip("\ufeff \t\r\n")[:1] in {"[", "{"}:
        return _read_json_rows(text, name, required)
    return _read_csv_rows(text, name, required)


def _read_json_rows(text: str, name: str, required: tuple[str, ...]) -> _Rows:
    """A list of objects, alone or as the one list of an object ({"feeders": [...]})."""
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as fault:
        problem = Problem(name, f"is no JSON ({fault})", "save the list again")
        raise DataInvalid(f'list "{name}"', [problem]) from fault
    if isinstance(value, dict):
        lists = [part for part in value.values() if isinstance(part, list)]
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list):
        problem = Problem(name, "holds no list of rows", "write a list of objects")
        raise DataInvalid(f'list "{name}"', [problem])
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[Problem] = []
    for number, raw in enumerate(value, start=1):
        where = f"{name} row {number}"
        if not isinstance(raw, dict):
            problems.append(Problem(where, "is no object", 'write {"column": value, ...}'))
            continue
        row = {
            str(key).strip().casefold(): "" if cell is None else str(cell).strip()
            for key, cell in raw.items()
        }
        missing = [column for column in required if column not in row]
        if missing:
            problems.append(Problem(where, f"has no {', '.join(missing)}", "give each row all"))
            continue
        rows.append((number, row))
    return rows, problems


def _read_csv_rows(text: str, name: str, required: tuple[str, ...]) -> _Rows:
    """Comma or semicolon, as spreadsheets write them."""
    lines = text.lstrip("\ufeff").splitlines()
    header = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if header.count(";") > header.count(",") else ",")
    names = [(column or "").strip().casefold() for column in reader.fieldnames or ()]
    reader.fieldnames = names
    missing = [column for column in required if column not in names]
    if missing:
        raise DataInvalid(
            f'list "{name}"',
            [
                Problem(
                    f"{name} row 1",
                    f"has no column {', '.join(missing)}",
                    "write the column names in the first row",
                )
            ],
        )
    problems: list[Problem] = []
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        table = [(reader.line_num, raw) for raw in reader]
    except csv.Error as fault:
        problem = Problem(f"{name} row {reader.line_num}", str(fault), "save it as CSV in UTF-8")
        raise DataInvalid(f'list "{name}"', [problem]) from fault
    for number, raw in table:
        if None in raw or any(value is None for value in raw.values()):
            problems.append(
                Problem(
                    f"{name} row {number}",
                    f"does not have {len(names)} cells",
                    "give each column one cell",
                )
            )
            continue
        rows.append((number, {key: value.strip() for key, value in raw.items()}))
    return rows, problems


def _unknown_feeder(where: str, feeder: str) -> Problem:
    return Problem(where, f'feeder "{feeder}" is not in the region', "use an id of feeders.csv")


def _instant(row: Mapping[str, str], where: str, problems: list[Problem]) -> datetime | None:
    text = row.get("at", "")
    if not text:
        return None
    try:
        return require_utc(datetime.fromisoformat(text))
    except ValueError:
        problems.append(
            Problem(
                where, f'at is "{text}"', "write an instant with its offset: 2026-01-10T04:10+02:00"
            )
        )
        return None


def _count(row: Mapping[str, str], name: str, where: str, problems: list[Problem]) -> int | None:
    text = row[name]
    if text.isdecimal() and len(text) <= MAX_DIGITS:
        return int(text)
    problems.append(Problem(where, f'{name} is "{text}"', "write a whole number, 0 or more"))
    return None
