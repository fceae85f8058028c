"""Plants by type, ties to neighbours, and the dispatch of a winter evening peak."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lightkeeper.errors import ModelError
from lightkeeper.grid.model import GeneratorKind
from lightkeeper.region.synth_backbone import farthest_first
from lightkeeper.region.synth_demand import Sites
from lightkeeper.region.synth_draft import Units
from lightkeeper.region.synth_places import Settlements
from lightkeeper.region.synth_standards import (
    FIRM_CAPACITY_PU,
    LARGEST_UNIT_PU,
    UNIT_TYPES,
    UnitType,
)
from lightkeeper.units import FloatArray, IntArray

LARGEST_AT_LOW_MW = 110.0
"""Units above this size are connected to the backbone, smaller ones at the lowest voltage."""

LOW_BUS_LIMIT_MW = 160.0
"""No more than this at one bus of the lowest voltage, so that two circuits can carry it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A neighbouring system: roughly where the tie leaves, and its share of the import limit."""

    name: str
    lon: float
    lat: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """What plants may be connected to: rows of sites and of buses.

    `hub_site` (n_hubs,) with `mid_bus`; `top_of_hub` holds the bus of the highest voltage, or -1.
    """

    hub_site: IntArray
    mid_bus: IntArray
    top_of_hub: IntArray


@dataclass(slots=True)
class _Rows:
    """Units as they are placed."""

    bus: list[int]
    plant: list[str]
    kind: list[str]
    p_max: list[float]
    kind_row: list[int]


def place_plants(
    sites: Sites,
    settlements: Settlements,
    backbone: Backbone,
    *,
    peak_mw: float,
    rng: np.random.Generator,
) -> Units:
    """Place plants of every kind until each kind has its share of capacity; undispatched."""
    rows = _Rows([], [], [], [], [])
    at_bus: dict[int, float] = {}
    largest = LARGEST_UNIT_PU * peak_mw
    for kind_row, unit_type in enumerate(UNIT_TYPES):
        sizes = [size for size in unit_type.unit_mw if size <= largest]
        wanted = unit_type.capacity_pu * peak_mw
        if unit_type.kind is GeneratorKind.THERMAL:
            # The last of the table: it makes up for what the others could not be built for.
            sizes = sizes or [min(unit_type.unit_mw)]
            wanted = max(wanted, FIRM_CAPACITY_PU * peak_mw - _firm_mw(rows))
        if not sizes:
            continue
        places = _places_for(unit_type, sites, settlements, backbone, rng)
        _fill(rows, at_bus, kind_row, unit_type, sizes, wanted, places, backbone, sites, rng)
    kind_row_of = np.array(rows.kind_row)
    p_max = np.array(rows.p_max)
    least = np.array([t.min_pu for t in UNIT_TYPES])[kind_row_of]
    black = np.array([t.black_start_share for t in UNIT_TYPES])[kind_row_of]
    return Units(
        bus=np.array(rows.bus, dtype=np.int32),
        plant=np.array(rows.plant, dtype=np.str_),
        kind=np.array(rows.kind, dtype=np.str_),
        is_tie=np.zeros(len(p_max), dtype=np.bool_),
        p_mw=p_max * np.array([t.dispatch_pu for t in UNIT_TYPES])[kind_row_of],
        p_min_mw=p_max * least,
        p_max_mw=p_max,
        ramp_pu_per_min=np.array([t.ramp_pu_per_min for t in UNIT_TYPES])[kind_row_of],
        is_black_start=_by_plant(np.array(rows.plant, dtype=np.str_), black, rng),
    )


def _firm_mw(rows: _Rows) -> float:
    """Capacity that does not depend on the weather."""
    weather = (GeneratorKind.SOLAR.value, GeneratorKind.WIND.value)
    return sum(mw for mw, kind in zip(rows.p_max, rows.kind, strict=True) if kind not in weather)


def _by_plant(plant: np.ndarray, share: FloatArray, rng: np.random.Generator) -> np.ndarray:
    """One draw per plant: its first unit can start in the dark."""
    _, first = np.unique(plant, return_index=True)
    able = np.zeros(len(plant), dtype=np.bool_)
    able[first] = rng.random(len(first)) < share[first]
    return able


def _places_for(
    unit_type: UnitType,
    sites: Sites,
    settlements: Settlements,
    backbone: Backbone,
    rng: np.random.Generator,
) -> IntArray:
    """Sites for plants of a kind, in the order they are taken."""
    near = _demand_within(sites, 40.0)
    hubs = backbone.hub_site
    people = settlements.population[sites.settlement]
    match unit_type.kind:
        case GeneratorKind.NUCLEAR:
            # Away from the cities, on the strongest part of the backbone, far from each other.
            top = hubs[backbone.top_of_hub >= 0]
            able = top if len(top) >= 4 else hubs
            quiet = able[np.argsort(near[able], kind="stable")[: max(3, int(0.7 * len(able)))]]
            start = int(rng.integers(len(quiet)))
            return quiet[farthest_first(sites.xy_km[quiet], start, len(quiet))]
        case GeneratorKind.THERMAL | GeneratorKind.GAS:
            # Where the demand is, but not two within 40 km before every area has one.
            key = rng.random(len(hubs)) ** (1.0 / np.maximum(near[hubs], 1.0))
            wished = [int(site) for site in hubs[np.argsort(-key, kind="stable")]]
            spread: list[int] = []
            for site in wished:
                gap = np.hypot(*(sites.xy_km[spread] - sites.xy_km[site]).T)
                if not spread or gap.min() > 40.0:
                    spread.append(site)
            return np.array([*spread, *(s for s in wished if s not in spread)], dtype=np.int32)
        case GeneratorKind.CHP:
            # In the cities, largest first, one per city before a second.
            order = np.argsort(-people, kind="stable")
            _, first = np.unique(sites.settlement[order], return_index=True)
            cities = order[np.sort(first)]
            return cities[people[cities] > 60_000].astype(np.int32)
        case GeneratorKind.HYDRO:
            start = int(rng.integers(len(hubs)))
            return hubs[farthest_first(sites.xy_km[hubs], start, len(hubs))]
        case _:
            country = np.flatnonzero(near < np.median(near))
            return rng.permutation(country).astype(np.int32)


def _demand_within(sites: Sites, radius_km: float) -> FloatArray:
    """Demand within a radius of each site."""
    x, y = sites.xy_km[:, 0], sites.xy_km[:, 1]
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 < radius_km**2
    return np.asarray(near @ sites.demand_mw, dtype=np.float64)


def _fill(
    rows: _Rows,
    at_bus: dict[int, float],
    kind_row: int,
    unit_type: UnitType,
    sizes: list[float],
    wanted: float,
    places: IntArray,
    backbone: Backbone,
    sites: Sites,
    rng: np.random.Generator,
) -> None:
    """Build plants along `places` until the capacity is reached; go round again if need be."""
    hub_row = {int(site): i for i, site in enumerate(backbone.hub_site)}
    built, n_plants = 0.0, 0
    for site in list(places) * 3:
        if built >= wanted:
            return
        hub = hub_row.get(int(site), -1)
        # The large units first: a system is not made of its smallest size.
        size = float(rng.choice(sizes[-2:]))
        low, high = unit_type.units_per_plant
        n_units = int(rng.integers(low, high + 1))
        name = f"{unit_type.kind.value}-{n_plants + 1:03d}"
        placed = 0
        for unit in range(n_units):
            if built + 0.5 * min(sizes) > wanted:
                break
            unit_mw = size if built + size <= wanted + 0.5 * size else float(min(sizes))
            bus = int(site)
            if hub >= 0 and (
                unit_mw > LARGEST_AT_LOW_MW or unit_type.kind is GeneratorKind.NUCLEAR
            ):
                bus = int(backbone.mid_bus[hub])
                if unit_type.kind is GeneratorKind.NUCLEAR and backbone.top_of_hub[hub] >= 0:
                    bus = int(backbone.top_of_hub[hub]) if unit else bus
            elif at_bus.get(bus, 0.0) + unit_mw > LOW_BUS_LIMIT_MW:
                if hub < 0:
                    unit_mw = min(sizes)
                    if at_bus.get(bus, 0.0) + unit_mw > LOW_BUS_LIMIT_MW:
                        break
                else:
                    bus = int(backbone.mid_bus[hub])
            rows.bus.append(bus)
            rows.plant.append(name)
            rows.kind.append(unit_type.kind.value)
            rows.kind_row.append(kind_row)
            rows.p_max.append(unit_mw)
            at_bus[bus] = at_bus.get(bus, 0.0) + unit_mw
            built += unit_mw
            placed += 1
        n_plants += placed > 0


def add_ties(
    units: Units,
    neighbours: tuple[Neighbour, ...],
    sites: Sites,
    backbone: Backbone,
    *,
    neighbour_xy_km: FloatArray,
    import_limit_mw: float,
) -> Units:
    """Tie each neighbour to the backbone substation nearest to where its line leaves.

    A third of the import limit is in use at the peak; as much may be exported as imported.
    """
    nearest: list[int] = []
    for xy in neighbour_xy_km:
        gap = np.hypot(*(sites.xy_km[backbone.hub_site] - xy).T)
        gap[nearest] += 1000.0  # two neighbours share a substation only if there are too few
        nearest.append(int(np.argmin(gap)))
    share = np.array([n.share for n in neighbours])
    limit = np.round(import_limit_mw * share / share.sum())
    n = len(neighbours)
    return Units(
        bus=np.concatenate((units.bus, backbone.mid_bus[nearest])).astype(np.int32),
        plant=np.concatenate((units.plant, np.array([n.name for n in neighbours], dtype=np.str_))),
        kind=np.concatenate((units.kind, np.array([""] * n, dtype=np.str_))),
        is_tie=np.concatenate((units.is_tie, np.ones(n, dtype=np.bool_))),
        p_mw=np.concatenate((units.p_mw, limit / 3)),
        p_min_mw=np.concatenate((units.p_min_mw, -limit)),
        p_max_mw=np.concatenate((units.p_max_mw, limit)),
        ramp_pu_per_min=np.concatenate((units.ramp_pu_per_min, np.full(n, 0.02))),
        is_black_start=np.concatenate((units.is_black_start, np.zeros(n, dtype=np.bool_))),
    )


def dispatch(units: Units, demand_mw: float) -> Units:
    """Balance the peak: thermal takes what is left, then every flexible unit shares the rest.

    Whole megawatt-tenths per unit; the last tenth goes to the unit with most room.

    Raises
    ------
    ModelError
        The plants cannot cover the demand.
    """
    p = units.p_mw.copy()
    thermal = units.kind == GeneratorKind.THERMAL.value
    flexible = (units.ramp_pu_per_min > 0) & ~units.is_tie
    for movable in (thermal, flexible):
        gap = demand_mw - p.sum()
        room = np.where(movable, units.p_max_mw - p if gap > 0 else p - units.p_min_mw, 0.0)
        # Thermal keeps a fifth of its room as reserve for the loss of a unit.
        use = min(1.0, abs(gap) / max(room.sum(), 1e-9)) * (0.8 if movable is thermal else 1.0)
        use = min(use, abs(gap) / max(room.sum(), 1e-9))
        p += np.sign(gap) * use * room
    p = np.round(p, 1)
    gap = demand_mw - p.sum()
    room = np.where(flexible, units.p_max_mw - p if gap > 0 else p - units.p_min_mw, 0.0)
    p[int(np.argmax(room))] += gap
    if abs(gap) > room.max():
        raise ModelError(
            f"the plants of the synthetic region miss the demand by {gap:.1f} MW; "
            "choose a larger region, or another seed"
        )
    return replace(units, p_mw=p)
