"""Read the table of repair and access times."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from lightkeeper.damage.model import AssetKind, DamageState
from lightkeeper.errors import DataInvalid, Problem


class AccessReason(StrEnum):
    """Why a site is closed to crews."""

    ALARM = "alarm"
    RUBBLE = "rubble"
    CLEARANCE = "clearance"


_HURT = (DamageState.IMPAIRED, DamageState.DESTROYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTimes:
    """Hours of work by kind and state, and hours until a site is open by reason and state."""

    name: str
    repair_h: Mapping[tuple[AssetKind, DamageState], float]
    access_h: Mapping[tuple[AccessReason, DamageState], float]


def load_repair_times(path: Path | None = None) -> RepairTimes:
    """Read a table; the shipped illustrative one when no path is given.

    Raises
    ------
    DataInvalid
        With every figure that is missing, negative or not a number.
    """
    if path is None:
        where = "repair_times.toml"
        text = files("lightkeeper.plans").joinpath(where).read_text(encoding="utf-8")
    else:
        where, text = str(path), path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise DataInvalid("repair times", [Problem(where, str(fault), "mend the TOML")]) from fault
    problems: list[Problem] = []

    def hours(table: str, row: str, state: DamageState, *, least: float) -> float:
        value: object = raw
        for key in (table, row, state.name.lower()):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= least:
            return float(value)
        problems.append(
            Problem(
                f"{where}, {table}.{row}.{state.name.lower()}",
                f"is {value!r}",
                "give hours, zero or more" if least == 0 else "give hours above zero",
            )
        )
        return least

    times = RepairTimes(
        name=str(raw.get("name", where)),
        repair_h={
            (k, s): hours("repair_h", k.value, s, least=1e-3) for k in AssetKind for s in _HURT
        },
        access_h={
            (r, s): hours("access_h", r.value, s, least=0.0)
            for r in (AccessReason.CLEARANCE, AccessReason.RUBBLE)
            for s in _HURT
        },
    )
    if problems:
        raise DataInvalid("repair times", problems)
    return times
