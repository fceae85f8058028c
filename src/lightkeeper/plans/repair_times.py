"""Read the table of repair and access times."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from lightkeeper.damage.model import AssetKind, DamageState
from lightkeeper.errors import DataInvalid, Problem


class AccessReason(StrEnum):
    """Why a site is closed to crews."""

    ALARM = "alarm"
    RUBBLE = "rubble"
    CLEARANCE = "clearance"


_Row = TypeVar("_Row", AssetKind, AccessReason)
_HURT = (DamageState.IMPAIRED, DamageState.DESTROYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTimes:
    """Hours of work by kind and state, and hours until a site is open by reason and state.

    `repair_h` are the usual hours (medians). One repair in twenty takes `late_factor` times as long
    or longer; hours are lognormal. Of that spread `shared_pu` (of the variance of the logarithm) is
    common to all sites: weather, alarms and want of spares slow every crew.
    """

    name: str
    repair_h: Mapping[tuple[AssetKind, DamageState], float]
    access_h: Mapping[tuple[AccessReason, DamageState], float]
    late_factor: Mapping[tuple[AssetKind, DamageState], float]
    shared_pu: float


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

    def number(keys: tuple[str, ...], mend: str, least: float, most: float = math.inf) -> float:
        value: object = raw
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        given = math.nan
        if isinstance(value, int | float) and not isinstance(value, bool):
            given = float(value)
        if least <= given <= most:
            return given
        problems.append(Problem(f"{where}, {'.'.join(keys)}", f"is {value!r}", mend))
        return least

    def by_state(
        table: str, rows: Iterable[_Row], mend: str, least: float
    ) -> dict[tuple[_Row, DamageState], float]:
        return {
            (row, state): number((table, row.value, state.name.lower()), mend, least)
            for row in rows
            for state in _HURT
        }

    times = RepairTimes(
        name=str(raw.get("name", where)),
        repair_h=by_state("repair_h", AssetKind, "give hours above zero", 1e-3),
        access_h=by_state(
            "access_h",
            (AccessReason.CLEARANCE, AccessReason.RUBBLE),
            "give hours, zero or more",
            0.0,
        ),
        late_factor=by_state("late_factor", AssetKind, "give a factor, 1 or more", 1.0),
        shared_pu=number(("shared_pu",), "give a share, 0 to 1", 0.0, 1.0),
    )
    if problems:
        raise DataInvalid("repair times", problems)
    return times
