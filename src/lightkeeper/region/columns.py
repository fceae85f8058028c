"""Every column of every region table, described once.

The CSV reader and writer and `validate_region` read this table. A column that names a row
elsewhere holds its id; `REFERENCES` says where to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lightkeeper.grid.columns import Column, ColumnKind
from lightkeeper.region.model import (
    BuildingType,
    HeatingKind,
    HeatSourceKind,
    MobileKind,
    Need,
    ServiceKind,
    WarmPointKind,
)

QUEUES: tuple[str, ...] = tuple(f"{group}.{part}" for group in range(1, 7) for part in (1, 2))
"""The twelve sub-queues of the hourly schedule."""

LIST_SEPARATOR = "|"

_TEXT, _NUMBER, _INTEGER, _FLAG = (
    ColumnKind.TEXT,
    ColumnKind.NUMBER,
    ColumnKind.INTEGER,
    ColumnKind.FLAG,
)


def _text(table: str, name: str, meaning: str, *, choices: tuple[str, ...] = ()) -> Column:
    return Column(
        table=table, name=name, kind=_TEXT, required=True, meaning=meaning, choices=choices
    )


def _optional(table: str, name: str, meaning: str, *, choices: tuple[str, ...] = ()) -> Column:
    return Column(table=table, name=name, kind=_TEXT, default="", meaning=meaning, choices=choices)


def _point(table: str) -> tuple[Column, Column]:
    return (
        Column(
            table=table,
            name="lon",
            kind=_NUMBER,
            unit="deg",
            required=True,
            low=-180.0,
            high=180.0,
            meaning="Longitude, WGS 84.",
        ),
        Column(
            table=table,
            name="lat",
            kind=_NUMBER,
            unit="deg",
            required=True,
            low=-90.0,
            high=90.0,
            meaning="Latitude, WGS 84.",
        ),
    )


def _people(table: str, meaning: str) -> Column:
    return Column(
        table=table,
        name="population",
        kind=_INTEGER,
        unit="people",
        required=True,
        low=0.0,
        meaning=meaning,
    )


def _amount(table: str, name: str, unit: str, meaning: str, default: float | None = None) -> Column:
    return Column(
        table=table,
        name=name,
        kind=_NUMBER,
        unit=unit,
        required=default is None,
        default=default,
        low=0.0,
        meaning=meaning,
    )


_ALL: tuple[Column, ...] = (
    _text("districts", "id", "Id of the district, unique in the table."),
    _text("districts", "place", "Codifier entry the district stands for: a raion or a city."),
    _text("districts", "oblast", "Code of the oblast it lies in."),
    _text("districts", "name_uk", "Name in Ukrainian."),
    _text("districts", "name_en", "Name in English."),
    _people("districts", "People who live there."),
    *_point("districts"),
    _text("feeders", "id", "Id of the feeder, unique in the table."),
    _text("feeders", "load", "Load of the network that the feeder is a part of."),
    _text("feeders", "district", "District it supplies."),
    _optional("feeders", "place", "Code of the settlement it supplies."),
    _optional(
        "feeders",
        "queue",
        "Sub-queue of the hourly schedule; empty for a feeder outside every queue.",
        choices=("", *QUEUES),
    ),
    _amount("feeders", "demand_mw", "MW", "Demand with nothing shed."),
    _people("feeders", "People who live on it."),
    Column(
        table="feeders",
        name="is_critical",
        kind=_FLAG,
        default=False,
        meaning="Supplies a service that lives depend on; then it stands in no queue.",
    ),
    _text("heat_sources", "id", "Id of the heat source, unique in the table."),
    _text("heat_sources", "name", "Name people use."),
    _text(
        "heat_sources", "kind", "What it is.", choices=tuple(kind.value for kind in HeatSourceKind)
    ),
    _optional("heat_sources", "plant", "Power plant of the network that a CHP is."),
    _optional("heat_sources", "feeder", "Feeder its pumps hang on; empty where not known."),
    _text("heat_sources", "districts", f'Districts it warms, with "{LIST_SEPARATOR}" between.'),
    _people("heat_sources", "People whose homes it warms."),
    *_point("heat_sources"),
    _amount("heat_sources", "backup_h", "h", "Hours its pumps run without the feeder.", 0.0),
    _text("services", "id", "Id of the site, unique in the table."),
    _text("services", "name", "Name people use."),
    _text("services", "kind", "What it does.", choices=tuple(kind.value for kind in ServiceKind)),
    _text("services", "district", "District it stands in."),
    _text("services", "feeder", "Feeder it hangs on; of the same district, outside every queue."),
    _amount("services", "backup_h", "h", "Hours its own supply lasts."),
    _amount("services", "demand_mw", "MW", "Its share of the feeder's demand.", 0.0),
    *_point("services"),
    _text("warm_points", "id", "Id of the point, unique in the table."),
    _text("warm_points", "name", "Name or address people use."),
    _text(
        "warm_points", "kind", "What it is.", choices=tuple(kind.value for kind in WarmPointKind)
    ),
    _text("warm_points", "district", "District it stands in."),
    Column(
        table="warm_points",
        name="capacity",
        kind=_INTEGER,
        unit="people",
        required=True,
        low=0.0,
        meaning="People it holds.",
    ),
    *_point("warm_points"),
    _text("dependencies", "id", "Id of the row, unique in the table."),
    _text("dependencies", "dependent", "Service, heat source or feeder that needs something."),
    _text(
        "dependencies",
        "need",
        "What it needs; rows of one dependent and one need are alternatives.",
        choices=tuple(need.value for need in Need),
    ),
    _text("dependencies", "supplier", "Service, heat source or feeder that can give it."),
    _amount("dependencies", "buffer_h", "h", "Hours the dependent goes on without it.", 0.0),
    _text("homes", "id", "Id of the group, unique in the table."),
    _text("homes", "district", "District the homes stand in."),
    _text(
        "homes", "type", "How they are built.", choices=tuple(kind.value for kind in BuildingType)
    ),
    _text(
        "homes",
        "heating",
        "What warms them: a heat source of the district, the feeder, gas, or a stove.",
        choices=tuple(kind.value for kind in HeatingKind),
    ),
    _people("homes", "People who live in them."),
    _text("temperatures", "id", "Id of the row, unique in the table."),
    _optional("temperatures", "district", "District it is of; empty for all without their own."),
    Column(
        table="temperatures",
        name="hour",
        kind=_INTEGER,
        unit="h",
        required=True,
        low=0.0,
        meaning="Hours after the hour of the picture; hours between may be left out.",
    ),
    Column(
        table="temperatures",
        name="outdoor_c",
        kind=_NUMBER,
        unit="°C",
        required=True,
        low=-60.0,
        high=60.0,
        meaning="Temperature of the outdoor air.",
    ),
    _text("mobile_units", "id", "Id of the unit, unique in the table."),
    _text("mobile_units", "name", "Name people use."),
    _text("mobile_units", "kind", "What it is.", choices=tuple(kind.value for kind in MobileKind)),
    _amount("mobile_units", "power_mw", "MW", "Electric power; of a boiler, heat.", 0.0),
    _amount(
        "mobile_units", "energy_mwh", "MWh", "What its fuel gives; 0 where it is refilled.", 0.0
    ),
    _amount("mobile_units", "ready_h", "h", "Hours until it can leave.", 0.0),
    *_point("mobile_units"),
)

TABLES: tuple[str, ...] = (
    "districts",
    "feeders",
    "heat_sources",
    "services",
    "warm_points",
    "dependencies",
    "homes",
    "temperatures",
    "mobile_units",
)
"""The tables of a region in the order they are read: what is referred to comes first."""

REGION_COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {table: tuple(c for c in _ALL if c.table == table) for table in TABLES}
)
"""The columns of each table, in the order they are written."""

REFERENCES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("feeders", "load"): "loads",
        ("feeders", "district"): "districts",
        ("heat_sources", "feeder"): "feeders",
        ("heat_sources", "districts"): "districts",
        ("services", "district"): "districts",
        ("services", "feeder"): "feeders",
        ("warm_points", "district"): "districts",
        ("homes", "district"): "districts",
        ("temperatures", "district"): "districts",
    }
)
"""Table whose ids a column names, by table and column; "loads" is the network's."""

NODE_TABLES: tuple[str, ...] = ("services", "heat_sources", "feeders")
"""The tables whose ids `dependencies` may name; an id is in one of them only."""
