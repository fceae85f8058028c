"""Read what a distribution operator has: feeder-off lists and call-centre counts (CSV)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lightkeeper.damage.model import Observation, SupplyState
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """How many calls about no power, per customer, are a sign of an outage. Illustrative.

    Fewer calls are no sign of anything: people without power also have no telephone.
    """

    min_feeder_rate: float = 0.1
    min_district_rate: float = 0.02


def read_feeder_list(path: Path, region: Region) -> tuple[Observation, ...]:
    """Read a list of feeders that are off or on: columns `feeder`, `state`, `at`.

    `state` is off, dark, on or supplied; `at` is an ISO 8601 instant with its offset, or empty. A
    feeder that comes twice has the state of its latest row, the lower row where times do not tell.

    Raises
    ------
    DataInvalid
        With every fault found, by row.
    """
    rows, problems = _read_rows(path, required=("feeder", "state"))
    known = set(region.feeders.id.tolist())
    latest: dict[str, Observation] = {}
    for number, row in rows:
        where = f"{path.name} row {number}"
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
        raise DataInvalid(f'feeder list "{path.name}"', problems)
    return tuple(latest.values())


def read_call_counts(
    path: Path, region: Region, options: CallOptions | None = None
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
    rows, problems = _read_rows(path, required=("calls", "customers"))
    feeders = set(region.feeders.id.tolist())
    districts = {str(d.id) for d in region.districts}
    found: list[Observation] = []
    for number, row in rows:
        where = f"{path.name} row {number}"
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
        raise DataInvalid(f'call counts "{path.name}"', problems)
    return tuple(found)


def _read_rows(
    path: Path, required: tuple[str, ...]
) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    """Rows with their line number; comma or semicolon, as spreadsheets write them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise DataInvalid(
            f'list "{path.name}"',
            [Problem(path.name, f"cannot be read ({fault})", "save it as CSV in UTF-8")],
        ) from fault
    lines = text.splitlines()
    header = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if header.count(";") > header.count(",") else ",")
    names = [(name or "").strip().casefold() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    missing = [name for name in required if name not in names]
    if missing:
        raise DataInvalid(
            f'list "{path.name}"',
            [
                Problem(
                    f"{path.name} row 1",
                    f"has no column {', '.join(missing)}",
                    "write the column names in the first row",
                )
            ],
        )
    problems: list[Problem] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for raw in reader:
        number = reader.line_num
        if None in raw or any(value is None for value in raw.values()):
            problems.append(
                Problem(
                    f"{path.name} row {number}",
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
    if text.isdecimal():
        return int(text)
    problems.append(Problem(where, f'{name} is "{text}"', "write a whole number, 0 or more"))
    return None
