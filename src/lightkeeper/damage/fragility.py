"""Read the table that leads from what is said of an event to ordinal damage.

The shipped table is illustrative. It runs one way only, from words to probability: there is no
function here that asks what it would take to hurt something.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from lightkeeper.damage.model import AssetKind
from lightkeeper.damage.places import Precision
from lightkeeper.errors import DataInvalid, Problem

N_PROTECTION_LEVELS = 4


class EffectClass(StrEnum):
    """Broad classes of what happened; the only thing that leads to damage."""

    EXPLOSIONS_NEARBY = "explosions_nearby"
    SHELLING = "shelling"
    STRIKE = "strike"
    STRIKE_ON_ENERGY_FACILITY = "strike_on_energy_facility"
    STRIKE_ON_SUBSTATION = "strike_on_substation"
    STRIKE_ON_POWER_PLANT = "strike_on_power_plant"
    STRIKE_ON_LINE = "strike_on_line"
    STRIKE_ON_HEAT_FACILITY = "strike_on_heat_facility"
    OUTAGE_REPORTED = "outage_reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Expected number of hurt assets per event, by kind."""

    meaning: str
    max_events: int
    total_is_kept: bool
    hurt: Mapping[AssetKind, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFragility:
    """What the states mean for a kind, and how protection level 0-3 changes the chances.

    `prior` is (impaired, destroyed) with nothing reported.
    """

    impaired: str
    destroyed: str
    hurt_by_protection: tuple[float, ...]
    destroyed_by_protection: tuple[float, ...]
    prior: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FragilityTable:
    """The whole table; see `fragility.toml` for what each entry means."""

    name: str
    max_probability: float
    event_spread: float
    site_correlation: float
    precision: Mapping[Precision, float]
    effects: Mapping[EffectClass, Effect]
    kinds: Mapping[AssetKind, KindFragility]
    switched_off_share: tuple[float, ...]
    switched_off_prior: tuple[float, ...]
    targets: Mapping[str, EffectClass]
    weapons: Mapping[str, EffectClass]


def load_fragility(path: Path | None = None) -> FragilityTable:
    """Read a fragility table; the shipped illustrative one when no path is given.

    Raises
    ------
    DataInvalid
        With every fault found: unknown or missing keys, values out of range.
    """
    if path is None:
        name = "fragility.toml"
        text = files("lightkeeper.damage").joinpath(name).read_text(encoding="utf-8")
    else:
        name, text = str(path), path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise DataInvalid(
            f'fragility table "{name}"', [Problem(name, str(fault), "mend the TOML")]
        ) from fault
    reader = _Reader(name)
    table = FragilityTable(
        name=str(raw.get("name", name)),
        max_probability=reader.number(raw, "max_probability", 0.0, 1.0),
        event_spread=reader.number(raw, "event_spread", 0.0, 1.0),
        site_correlation=reader.number(raw, "site_correlation", 0.0, 1.0),
        precision={
            p: reader.number(reader.table(raw, "precision"), p.value, 0.0, 1.0, "precision.")
            for p in Precision
        },
        effects={e: reader.effect(reader.table(raw, "effect"), e) for e in EffectClass},
        kinds={k: reader.kind(reader.table(raw, "kind"), k) for k in AssetKind},
        switched_off_share=reader.numbers(
            reader.table(raw, "switched_off"), "share", None, "switched_off."
        ),
        switched_off_prior=reader.numbers(
            reader.table(raw, "switched_off"), "prior", None, "switched_off."
        ),
        targets=reader.words(raw, "target"),
        weapons=reader.words(raw, "weapon"),
    )
    if len(table.switched_off_share) != len(table.switched_off_prior):
        reader.say("switched_off", "share and prior differ in length", "give one prior per share")
    if sum(table.switched_off_prior) >= 1:
        reader.say("switched_off.prior", "the priors sum to 1 or more", "leave room for none")
    if reader.problems:
        raise DataInvalid(f'fragility table "{name}"', reader.problems)
    return table


class _Reader:
    """Reads values and keeps every fault it meets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def say(self, where: str, what: str, mend: str) -> None:
        self.problems.append(Problem(f"{self.name}, {where}", what, mend))

    def table(self, raw: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = raw.get(key)
        if isinstance(value, Mapping):
            return value
        if not any(p.where.endswith(f", [{key}]") for p in self.problems):
            self.say(f"[{key}]", "is missing", "copy it from the shipped table")
        return {}

    def number(
        self, raw: Mapping[str, object], key: str, low: float, high: float, where: str = ""
    ) -> float:
        value = raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.say(where + key, f"is {value!r}", f"give a number from {low:g} to {high:g}")
            return low
        if not low <= value <= high:
            self.say(where + key, f"is {value:g}", f"give a number from {low:g} to {high:g}")
            return low
        return float(value)

    def numbers(
        self, raw: Mapping[str, object], key: str, count: int | None, where: str
    ) -> tuple[float, ...]:
        value = raw.get(key)
        if not isinstance(value, list) or (count is not None and len(value) != count):
            wanted = "a list" if count is None else f"a list of {count}"
            self.say(where + key, f"is {value!r}", f"give {wanted} of numbers from 0 to 1")
            return (0.0,) * (count or 0)
        named = {str(i): v for i, v in enumerate(value)}
        return tuple(self.number(named, i, 0.0, 1.0, f"{where}{key} number ") for i in named)

    def effect(self, raw: Mapping[str, object], effect: EffectClass) -> Effect:
        row = self.table(raw, effect.value)
        where = f"effect.{effect.value}."
        hurt = self.table(row, "hurt")
        known = {kind.value for kind in AssetKind}
        for key in hurt:
            if key not in known:
                self.say(
                    where + "hurt", f'"{key}" is no kind of asset', f"use one of {sorted(known)}"
                )
        return Effect(
            meaning=str(row.get("meaning", "")),
            max_events=int(self.number(row, "max_events", 1, 1000, where)),
            total_is_kept=row.get("total_is_kept") is True,
            hurt={
                kind: self.number(hurt, kind.value, 0.0, 100.0, where + "hurt.")
                for kind in AssetKind
                if kind.value in hurt
            },
        )

    def kind(self, raw: Mapping[str, object], kind: AssetKind) -> KindFragility:
        row = self.table(raw, kind.value)
        where = f"kind.{kind.value}."
        impaired, destroyed = self.numbers(row, "prior", 2, where)
        return KindFragility(
            impaired=str(row.get("impaired", "")),
            destroyed=str(row.get("destroyed", "")),
            hurt_by_protection=self.numbers(row, "hurt_by_protection", N_PROTECTION_LEVELS, where),
            destroyed_by_protection=self.numbers(
                row, "destroyed_by_protection", N_PROTECTION_LEVELS, where
            ),
            prior=(impaired, destroyed),
        )

    def words(self, raw: Mapping[str, object], key: str) -> dict[str, EffectClass]:
        found: dict[str, EffectClass] = {}
        known = {effect.value: effect for effect in EffectClass}
        for word, value in self.table(raw, key).items():
            if isinstance(value, str) and value in known:
                found[word] = known[value]
            else:
                self.say(f"{key}.{word}", f"is {value!r}", f"use one of {sorted(known)}")
        return found
