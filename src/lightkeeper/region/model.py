"""Places, districts and who depends on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from lightkeeper.grid.model import Network
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

PlaceCode = NewType("PlaceCode", str)
DistrictId = NewType("DistrictId", str)
FeederId = NewType("FeederId", str)
QueueId = NewType("QueueId", str)
"""Sub-queue of the hourly schedule, "1.1" to "6.2"."""


class PlaceLevel(StrEnum):
    """Levels of the official codifier, from the top."""

    COUNTRY = "country"
    OBLAST = "oblast"
    RAION = "raion"
    HROMADA = "hromada"
    SETTLEMENT = "settlement"
    CITY_DISTRICT = "city_district"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the gazetteer; coordinates and population are None where no source has them."""

    code: PlaceCode
    level: PlaceLevel
    name_uk: str
    name_en: str
    parent: PlaceCode | None
    lon: float | None
    lat: float | None
    population: int | None
    spellings: tuple[str, ...] = ()


class ServiceKind(StrEnum):
    """Services people's lives depend on; never in an outage queue."""

    HOSPITAL = "hospital"
    WATER = "water"
    HEAT = "heat"
    COMMUNICATIONS = "communications"
    EMERGENCY = "emergency"


class HeatSourceKind(StrEnum):
    """What warms a district heating network."""

    CHP = "chp"
    BOILER_HOUSE = "boiler_house"


class WarmPointKind(StrEnum):
    """Where people can go."""

    SHELTER = "shelter"
    WARM_POINT = "warm_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """The unit of the picture: a raion, or a large city set apart from its raion.

    `polygon` is a GeoJSON geometry (Polygon or MultiPolygon, WGS 84). `place` is the codifier entry
    the district stands for; every place below it that is not another district's belongs to it.
    """

    id: DistrictId
    place: PlaceCode
    oblast: PlaceCode
    name_uk: str
    name_en: str
    population: int
    lon: float
    lat: float
    polygon: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeders:
    """Distribution feeders, the switchable unit; a feeder is on or off. Shape: (n_feeders,).

    `load` is a row of `Network.loads`, `district` a row of `Region.districts`. `queue` is "" for a
    feeder outside every queue (it supplies a service). `place` is the settlement's code.
    """

    id: StrArray
    load: IntArray
    district: IntArray
    place: StrArray
    queue: StrArray
    demand_mw: FloatArray
    population: IntArray
    is_critical: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatSource:
    """A plant that warms districts. `plant` names `Generators.plant` for a CHP, else ""."""

    id: str
    name: str
    kind: HeatSourceKind
    plant: str
    feeder: FeederId | None
    districts: tuple[DistrictId, ...]
    population: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One site of a service, the feeder it hangs on, and how long its own supply lasts."""

    id: str
    name: str
    kind: ServiceKind
    district: DistrictId
    feeder: FeederId
    backup_h: float
    demand_mw: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPoint:
    """A shelter or a heated point with its own supply."""

    id: str
    name: str
    kind: WarmPointKind
    district: DistrictId
    capacity: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A network and the people on it."""

    name: str
    network: Network
    districts: tuple[District, ...]
    feeders: Feeders
    heat_sources: tuple[HeatSource, ...]
    services: tuple[Service, ...]
    warm_points: tuple[WarmPoint, ...]
