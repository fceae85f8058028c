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
    GAS = "gas"


class HeatSourceKind(StrEnum):
    """What warms a district heating network."""

    CHP = "chp"
    BOILER_HOUSE = "boiler_house"


class Need(StrEnum):
    """What a service, a heat source or a feeder cannot do without."""

    POWER = "power"
    WATER = "water"
    GAS = "gas"
    PUMPING = "pumping"
    COMMUNICATIONS = "communications"


class BuildingType(StrEnum):
    """How a home holds its heat; thermal figures by type are in `lightkeeper.consequences`."""

    DETACHED = "detached"
    PANEL_HIGH_RISE = "panel_high_rise"
    PANEL_FIVE_STOREY = "panel_five_storey"
    BRICK = "brick"
    PRE_WAR_BRICK = "pre_war_brick"
    INSULATED = "insulated"


class HeatingKind(StrEnum):
    """What warms a home: a heat source, its feeder, gas with a pump on its feeder, or a stove."""

    DISTRICT = "district"
    ELECTRIC = "electric"
    GAS_BOILER = "gas_boiler"
    STOVE = "stove"


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
    """A plant that warms districts. `plant` names `Generators.plant` for a CHP, else "".

    `backup_h` is how long its pumps run without the feeder.
    """

    id: str
    name: str
    kind: HeatSourceKind
    plant: str
    feeder: FeederId | None
    districts: tuple[DistrictId, ...]
    population: int
    lon: float
    lat: float
    backup_h: float = 0.0


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
class Dependency:
    """Who needs what from whom; rows of one dependent and one need are alternatives.

    `dependent` and `supplier` are ids of services, heat sources or feeders. The feeder that a
    service or heat source hangs on is always one of the alternatives of its need for power.
    `buffer_h` is how long the dependent goes on without (a tank, a battery, gas in the pipe); of
    several rows of a need the largest holds, and of power also the dependent's `backup_h`.
    """

    id: str
    dependent: str
    need: Need
    supplier: str
    buffer_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeGroup:
    """People of a district whose homes are built and heated alike."""

    id: str
    district: DistrictId
    type: BuildingType
    heating: HeatingKind
    population: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdoorHour:
    """Outdoor temperature at an hour, counted from the hour of the picture.

    `district` is "" for all that have no hours of their own.
    """

    id: str
    district: str
    hour: int
    outdoor_c: float


class MobileKind(StrEnum):
    """What can be driven to a site. Fuel goes only to sites with a generator of their own."""

    GENERATOR = "generator"
    FUEL = "fuel"
    BOILER = "boiler"


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileUnit:
    """A generator, fuel or a boiler that can be sent where it is needed.

    `power_mw` is electric of a generator, thermal of a boiler, and says nothing of fuel.
    `energy_mwh` is what its fuel gives, 0 where it is refilled as it runs. It can leave after
    `ready_h` hours.
    """

    id: str
    name: str
    kind: MobileKind
    power_mw: float
    energy_mwh: float
    ready_h: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A network and the people on it.

    Without `dependencies` services know only their feeder; without `homes` or `temperatures`
    nothing is said of the cold.
    """

    name: str
    network: Network
    districts: tuple[District, ...]
    feeders: Feeders
    heat_sources: tuple[HeatSource, ...]
    services: tuple[Service, ...]
    warm_points: tuple[WarmPoint, ...]
    dependencies: tuple[Dependency, ...] = ()
    homes: tuple[HomeGroup, ...] = ()
    temperatures: tuple[OutdoorHour, ...] = ()
    mobile_units: tuple[MobileUnit, ...] = ()
