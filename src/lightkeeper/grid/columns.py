"""Every column of every network table, described once.

The CSV reader and writer, `make_network`, `validate` and the page `docs/reference/grid-tables.md`
all read this table, so that a column cannot mean two things.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from lightkeeper.grid.model import (
    Buses,
    GeneratorKind,
    Generators,
    Lines,
    Loads,
    Shunts,
    Substations,
    Switches,
    Ties,
    Transformers,
)

Scalar = str | float | int | bool


class ColumnKind(StrEnum):
    """What a column holds. In CSV a reference is the id of the row it points at."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    BUS = "bus"
    SUBSTATION = "substation"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy type of the column in a `Network`."""
        return np.dtype(_DTYPE[self])

    @property
    def is_reference(self) -> bool:
        """True where the model holds a 0-based row and CSV the id."""
        return self in (ColumnKind.BUS, ColumnKind.SUBSTATION)


_DTYPE: Mapping[ColumnKind, type[np.generic]] = MappingProxyType(
    {
        ColumnKind.TEXT: np.str_,
        ColumnKind.NUMBER: np.float64,
        ColumnKind.INTEGER: np.int32,
        ColumnKind.FLAG: np.bool_,
        ColumnKind.BUS: np.int32,
        ColumnKind.SUBSTATION: np.int32,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of one table.

    `default` is the value of an absent column or empty cell; NaN means "not known". `same_as` takes
    the default from another column of the row instead, through `by_value` where it is given. `low`
    and `high` bound the value, inclusive, or exclusive at the low end with `excludes_low`.
    """

    table: str
    name: str
    kind: ColumnKind
    meaning: str
    unit: str = ""
    required: bool = False
    default: Scalar | None = None
    same_as: str = ""
    by_value: Mapping[str, float] | None = None
    low: float = -math.inf
    high: float = math.inf
    excludes_low: bool = False
    may_be_infinite: bool = False
    choices: tuple[str, ...] = ()

    @property
    def may_be_unknown(self) -> bool:
        """True where NaN is a value: "not known"."""
        return isinstance(self.default, float) and math.isnan(self.default)


UNLIMITED_MW = 1e6
"""Limit of a unit that has none: more than any network, and shares of headroom stay numbers."""

RAMP_PU_PER_MIN_BY_KIND: Mapping[str, float] = MappingProxyType(
    {
        GeneratorKind.NUCLEAR: 0.0,
        GeneratorKind.HYDRO: 0.5,
        GeneratorKind.CHP: 0.02,
        GeneratorKind.THERMAL: 0.02,
        GeneratorKind.GAS: 0.06,
        GeneratorKind.SOLAR: 0.0,
        GeneratorKind.WIND: 0.0,
        GeneratorKind.STORAGE: 1.0,
        GeneratorKind.OTHER: 0.02,
    }
)
"""Illustrative ramp by type where the model gives none; see docs/method/grid.md for sources."""

UNKNOWN = math.nan
INF = math.inf

_TEXT, _NUM, _INT, _FLAG = (
    ColumnKind.TEXT,
    ColumnKind.NUMBER,
    ColumnKind.INTEGER,
    ColumnKind.FLAG,
)
_BUS, _SUB = ColumnKind.BUS, ColumnKind.SUBSTATION


def _id(table: str, what: str) -> Column:
    return Column(
        table=table,
        name="id",
        kind=_TEXT,
        required=True,
        meaning=f"Id of the {what}, unique in the table.",
    )


def _in_service(table: str) -> Column:
    return Column(
        table=table,
        name="in_service",
        kind=_FLAG,
        default=True,
        meaning="False: kept in the model, but not connected.",
    )


def _bus(table: str, name: str, meaning: str) -> Column:
    return Column(table=table, name=name, kind=_BUS, required=True, meaning=meaning)


def _place(table: str) -> tuple[Column, Column]:
    return (
        Column(
            table=table,
            name="lon",
            kind=_NUM,
            unit="deg",
            default=UNKNOWN,
            low=-180.0,
            high=180.0,
            meaning="Longitude, WGS 84.",
        ),
        Column(
            table=table,
            name="lat",
            kind=_NUM,
            unit="deg",
            default=UNKNOWN,
            low=-90.0,
            high=90.0,
            meaning="Latitude, WGS 84.",
        ),
    )


def _protection(table: str) -> Column:
    return Column(
        table=table,
        name="protection_level",
        kind=_INT,
        default=0,
        low=0,
        high=3,
        meaning="Engineering protection built: 0 none to 3 heaviest.",
    )


def _impedance(table: str) -> tuple[Column, Column, Column]:
    return (
        Column(
            table=table,
            name="r_pu",
            kind=_NUM,
            unit="p.u.",
            default=0.0,
            meaning="Series resistance on base_mva.",
        ),
        Column(
            table=table,
            name="x_pu",
            kind=_NUM,
            unit="p.u.",
            required=True,
            meaning="Series reactance on base_mva; not zero. "
            "Negative for series capacitors and star equivalents.",
        ),
        Column(
            table=table,
            name="b_pu",
            kind=_NUM,
            unit="p.u.",
            default=0.0,
            meaning="Total charging susceptance on base_mva.",
        ),
    )


def _ratings(table: str) -> tuple[Column, Column]:
    return (
        Column(
            table=table,
            name="rating_mva",
            kind=_NUM,
            unit="MVA",
            default=0.0,
            low=0.0,
            meaning="Continuous rating; 0 means unlimited.",
        ),
        Column(
            table=table,
            name="rating_short_mva",
            kind=_NUM,
            unit="MVA",
            default=0.0,
            low=0.0,
            meaning="Short-time rating; 0 means that only rating_mva is known.",
        ),
    )


def _number(table: str, name: str, unit: str, default: float, meaning: str) -> Column:
    return Column(table=table, name=name, kind=_NUM, unit=unit, default=default, meaning=meaning)


_ALL: tuple[Column, ...] = (
    _id("substations", "site"),
    Column(table="substations", name="name", kind=_TEXT, same_as="id", meaning="Name people use."),
    *_place("substations"),
    _protection("substations"),
    _id("buses", "bus"),
    Column(
        table="buses",
        name="substation",
        kind=_SUB,
        default=-1,
        meaning="Site the bus stands in; empty (-1 in the model) where the model does not say.",
    ),
    Column(
        table="buses",
        name="base_kv",
        kind=_NUM,
        unit="kV",
        default=UNKNOWN,
        low=0.0,
        excludes_low=True,
        meaning="Nominal voltage, line to line.",
    ),
    *_place("buses"),
    Column(
        table="buses",
        name="v_pu",
        kind=_NUM,
        unit="p.u.",
        default=1.0,
        low=0.0,
        excludes_low=True,
        meaning="Voltage magnitude: start value of the AC power flow.",
    ),
    _number("buses", "angle_deg", "deg", 0.0, "Voltage angle: start value, and the reference's."),
    Column(
        table="buses",
        name="is_reference",
        kind=_FLAG,
        default=False,
        meaning="Angle reference. None is needed: each island finds its own.",
    ),
    _in_service("buses"),
    _id("lines", "circuit"),
    _bus("lines", "from_bus", "Bus at the start; flow from here is positive."),
    _bus("lines", "to_bus", "Bus at the end."),
    *_impedance("lines"),
    *_ratings("lines"),
    Column(
        table="lines",
        name="length_km",
        kind=_NUM,
        unit="km",
        default=UNKNOWN,
        low=0.0,
        meaning="Route length.",
    ),
    _in_service("lines"),
    _id("transformers", "transformer"),
    _bus("transformers", "from_bus", "Bus on the tap side; flow from here is positive."),
    _bus("transformers", "to_bus", "Bus on the other side."),
    *_impedance("transformers"),
    Column(
        table="transformers",
        name="tap_ratio",
        kind=_NUM,
        unit="p.u.",
        default=1.0,
        low=0.0,
        excludes_low=True,
        meaning="Off-nominal turns ratio, from side over to side.",
    ),
    _number("transformers", "shift_deg", "deg", 0.0, "Phase shift; positive delays the to side."),
    *_ratings("transformers"),
    _protection("transformers"),
    _in_service("transformers"),
    _id("generators", "unit"),
    Column(
        table="generators",
        name="plant",
        kind=_TEXT,
        same_as="id",
        meaning="Power plant: units of one site share it.",
    ),
    _bus("generators", "bus", "Bus the unit feeds."),
    Column(
        table="generators",
        name="kind",
        kind=_TEXT,
        default=GeneratorKind.OTHER.value,
        choices=tuple(k.value for k in GeneratorKind),
        meaning="What drives the unit.",
    ),
    _number("generators", "p_mw", "MW", 0.0, "Scheduled active power."),
    Column(
        table="generators",
        name="p_min_mw",
        kind=_NUM,
        unit="MW",
        default=0.0,
        meaning="Least active power in service; negative for storage and dispatchable demand.",
    ),
    Column(
        table="generators",
        name="p_max_mw",
        kind=_NUM,
        unit="MW",
        required=True,
        meaning="Greatest active power.",
    ),
    _number("generators", "q_mvar", "Mvar", 0.0, "Scheduled reactive power."),
    Column(
        table="generators",
        name="q_min_mvar",
        kind=_NUM,
        unit="Mvar",
        default=-INF,
        may_be_infinite=True,
        meaning="Least reactive power; -inf: no limit is known.",
    ),
    Column(
        table="generators",
        name="q_max_mvar",
        kind=_NUM,
        unit="Mvar",
        default=INF,
        may_be_infinite=True,
        meaning="Greatest reactive power; inf: no limit is known.",
    ),
    Column(
        table="generators",
        name="v_setpoint_pu",
        kind=_NUM,
        unit="p.u.",
        default=1.0,
        low=0.0,
        excludes_low=True,
        meaning="Voltage the unit holds at its bus.",
    ),
    Column(
        table="generators",
        name="ramp_pu_per_min",
        kind=_NUM,
        unit="p.u./min",
        same_as="kind",
        by_value=RAMP_PU_PER_MIN_BY_KIND,
        low=0.0,
        meaning="Ramp as a fraction of p_max_mw per minute; 0 for inflexible units.",
    ),
    Column(
        table="generators",
        name="is_black_start",
        kind=_FLAG,
        default=False,
        meaning="Can start without supply from the network.",
    ),
    _in_service("generators"),
    _id("ties", "tie"),
    _bus("ties", "bus", "Bus of the network the tie ends at."),
    Column(
        table="ties",
        name="neighbour",
        kind=_TEXT,
        default="",
        meaning="System on the other side.",
    ),
    _number("ties", "p_mw", "MW", 0.0, "Scheduled import, positive into the network."),
    Column(
        table="ties",
        name="import_limit_mw",
        kind=_NUM,
        unit="MW",
        required=True,
        low=0.0,
        meaning="Greatest import.",
    ),
    Column(
        table="ties",
        name="export_limit_mw",
        kind=_NUM,
        unit="MW",
        default=0.0,
        low=0.0,
        meaning="Greatest export, as a positive number.",
    ),
    _in_service("ties"),
    _id("loads", "load"),
    _bus("loads", "bus", "Bus the demand is drawn at."),
    Column(
        table="loads",
        name="p_mw",
        kind=_NUM,
        unit="MW",
        required=True,
        meaning="Active demand; negative is a fixed infeed.",
    ),
    _number("loads", "q_mvar", "Mvar", 0.0, "Reactive demand."),
    _in_service("loads"),
    _id("shunts", "shunt"),
    _bus("shunts", "bus", "Bus the shunt stands at."),
    _number("shunts", "g_mw", "MW", 0.0, "Active power drawn at 1 p.u. voltage."),
    _number("shunts", "b_mvar", "Mvar", 0.0, "Reactive power injected at 1 p.u. voltage."),
    _in_service("shunts"),
    _id("switches", "switch"),
    _bus("switches", "from_bus", "Bus on one side."),
    _bus("switches", "to_bus", "Bus on the other side."),
    Column(
        table="switches",
        name="is_closed",
        kind=_FLAG,
        default=True,
        meaning="A closed switch joins its buses into one electrical node.",
    ),
)

TableClass = (
    type[Substations]
    | type[Buses]
    | type[Lines]
    | type[Transformers]
    | type[Generators]
    | type[Ties]
    | type[Loads]
    | type[Shunts]
    | type[Switches]
)

TABLES: Mapping[str, TableClass] = MappingProxyType(
    {
        "substations": Substations,
        "buses": Buses,
        "lines": Lines,
        "transformers": Transformers,
        "generators": Generators,
        "ties": Ties,
        "loads": Loads,
        "shunts": Shunts,
        "switches": Switches,
    }
)
"""The tables of a network in the order they are read: what is referred to comes first."""

COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {table: tuple(c for c in _ALL if c.table == table) for table in TABLES}
)
"""The columns of each table, in the order they are written."""

TABLE_OF_REFERENCE: Mapping[ColumnKind, str] = MappingProxyType(
    {ColumnKind.BUS: "buses", ColumnKind.SUBSTATION: "substations"}
)
