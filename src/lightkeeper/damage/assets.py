"""List what can be hurt, and find which local supply hangs on what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import shape

from lightkeeper.damage.model import AssetKind, Assets
from lightkeeper.region.model import HeatSourceKind, Region
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSupply:
    """How feeders hang on buses and substations. Shape of every column: (n_feeders,).

    `substation` is a row of `Network.substations`, -1 where the model gives none.
    `is_off_when_impaired` marks the half of a substation's feeders that an impaired substation
    cannot carry: half of them rounded down, those without services first, then in row order.
    """

    bus: IntArray
    substation: IntArray
    is_off_when_impaired: BoolArray


def list_assets(region: Region) -> Assets:
    """List everything in the region that can be hurt and repaired as one thing.

    Substations, power plants (a unit without a plant is a plant of its own), lines, feeders, heat
    sources, in this order. A substation belongs to the district most of its feeders' people live
    in; what has no feeders to the district it stands in; a line to the one its middle lies in.
    """
    network = region.network
    sites = network.substations
    generators = network.generators
    buses = network.buses
    names = np.where(generators.plant != "", generators.plant, generators.id)
    plants, first_unit = np.unique(names, return_index=True)
    in_order = np.argsort(first_unit, kind="stable")
    plants, first_unit = plants[in_order], first_unit[in_order]
    plant_bus = generators.bus[first_unit]
    line_lon = (buses.lon[network.lines.from_bus] + buses.lon[network.lines.to_bus]) / 2
    line_lat = (buses.lat[network.lines.from_bus] + buses.lat[network.lines.to_bus]) / 2
    bus_lon, bus_lat, bus_level = _bus_sites(region)
    feeder_bus = local_supply(region).bus

    sources = region.heat_sources
    source_lon = np.array([s.lon for s in sources], dtype=np.float64)
    source_lat = np.array([s.lat for s in sources], dtype=np.float64)
    groups = [
        (
            AssetKind.SUBSTATION,
            sites.id,
            sites.name,
            np.arange(sites.id.size),
            sites.lon,
            sites.lat,
        ),
        (AssetKind.POWER_PLANT, plants, plants, first_unit, bus_lon[plant_bus], bus_lat[plant_bus]),
        (
            AssetKind.LINE,
            network.lines.id,
            network.lines.id,
            np.arange(network.lines.id.size),
            line_lon,
            line_lat,
        ),
        (
            AssetKind.FEEDER,
            region.feeders.id,
            region.feeders.id,
            np.arange(region.feeders.id.size),
            bus_lon[feeder_bus],
            bus_lat[feeder_bus],
        ),
        (
            AssetKind.HEAT_SOURCE,
            np.array([s.id for s in sources], dtype=np.str_),
            np.array([s.name for s in sources], dtype=np.str_),
            np.arange(len(sources)),
            source_lon,
            source_lat,
        ),
    ]
    kind = np.concatenate([np.full(g[1].size, g[0].value) for g in groups])
    ids = np.concatenate(
        [np.array([f"{g[0].value}:{i}" for i in g[1]], dtype=np.str_) for g in groups]
    )
    lon = np.concatenate([g[4] for g in groups]).astype(np.float64)
    lat = np.concatenate([g[5] for g in groups]).astype(np.float64)
    district = _containing_districts(region, lon, lat)
    district[kind == AssetKind.FEEDER] = region.feeders.district
    is_site = np.flatnonzero(kind == AssetKind.SUBSTATION)
    fed = _district_fed(region)
    district[is_site] = np.where(fed >= 0, fed, district[is_site])
    level = np.zeros(ids.size, dtype=np.int32)
    level[is_site] = sites.protection_level
    level[kind == AssetKind.POWER_PLANT] = bus_level[plant_bus]
    return Assets(
        id=ids,
        kind=kind,
        name=np.concatenate([g[2] for g in groups]),
        element=np.concatenate([g[3] for g in groups]).astype(np.int32),
        district=district,
        lon=lon,
        lat=lat,
        protection_level=level,
    )


def asset_rows(assets: Assets, kind: AssetKind) -> IntArray:
    """Rows of one kind, in the order of their elements' table."""
    return np.flatnonzero(assets.kind == kind.value).astype(np.int32)


def plant_units(region: Region, assets: Assets) -> tuple[IntArray, IntArray]:
    """Return (asset row, generator row) for every unit of every power plant."""
    generators = region.network.generators
    names = np.where(generators.plant != "", generators.plant, generators.id)
    rows = asset_rows(assets, AssetKind.POWER_PLANT)
    row_of = {str(assets.name[row]): int(row) for row in rows}
    return (
        np.array([row_of[str(name)] for name in names], dtype=np.int32),
        np.arange(names.size, dtype=np.int32),
    )


def heat_source_plants(region: Region, assets: Assets) -> list[tuple[int, int]]:
    """Return (heat source row, power plant row) for every CHP: they are one site."""
    row_of = {str(assets.name[row]): int(row) for row in asset_rows(assets, AssetKind.POWER_PLANT)}
    return [
        (int(row), row_of[source.plant])
        for row, source in zip(
            asset_rows(assets, AssetKind.HEAT_SOURCE), region.heat_sources, strict=True
        )
        if source.kind is HeatSourceKind.CHP and source.plant in row_of
    ]


def local_supply(region: Region) -> LocalSupply:
    """Find each feeder's bus and substation, and what an impaired substation drops."""
    feeders = region.feeders
    bus = region.network.loads.bus[feeders.load]
    substation = region.network.buses.substation[bus]
    order = np.lexsort((np.arange(bus.size), feeders.is_critical, substation))
    drops = np.zeros(bus.size, dtype=np.bool_)
    sites, start, count = np.unique(substation[order], return_index=True, return_counts=True)
    for site, first, n in zip(sites, start, count, strict=True):
        if site >= 0:
            drops[order[first : first + n // 2]] = True
    return LocalSupply(bus=bus, substation=substation, is_off_when_impaired=drops)


def _bus_sites(region: Region) -> tuple[FloatArray, FloatArray, IntArray]:
    """Place and protection level of every bus: its substation's, else its own and level 0."""
    buses, sites = region.network.buses, region.network.substations
    has = buses.substation >= 0
    lon, lat = buses.lon.copy(), buses.lat.copy()
    level = np.zeros(lon.size, dtype=np.int32)
    lon[has] = sites.lon[buses.substation[has]]
    lat[has] = sites.lat[buses.substation[has]]
    level[has] = sites.protection_level[buses.substation[has]]
    return lon, lat, level


def _district_fed(region: Region) -> IntArray:
    """The district most of each substation's people live in, -1 for one without feeders."""
    n_sites, n_districts = region.network.substations.id.size, len(region.districts)
    supply = local_supply(region)
    has = (supply.substation >= 0) & (region.feeders.district >= 0)
    people = np.zeros((n_sites, n_districts))
    # One person more per feeder: a substation of empty feeders still belongs somewhere.
    np.add.at(
        people,
        (supply.substation[has], region.feeders.district[has]),
        region.feeders.population[has] + 1.0,
    )
    if n_districts == 0:
        return np.full(n_sites, -1, dtype=np.int32)
    return np.where(people.sum(axis=1) > 0, people.argmax(axis=1), -1).astype(np.int32)


def _containing_districts(region: Region, lon: FloatArray, lat: FloatArray) -> IntArray:
    """The district each point lies in, -1 outside all or where the place is not known."""
    found = np.full(lon.size, -1, dtype=np.int32)
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not region.districts or known.size == 0:
        return found
    tree = shapely.STRtree([shape(dict(d.polygon)) for d in region.districts])
    points = shapely.points(lon[known], lat[known])
    # "intersects" takes points on a border too; the first district in row order gets them.
    point, district = tree.query(points, predicate="intersects")
    order = np.lexsort((district, point))
    first, at = np.unique(point[order], return_index=True)
    found[known[first]] = district[order][at]
    return found
