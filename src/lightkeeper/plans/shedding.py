"""Emergency shedding an operator orders: least weighted shed, then whole feeders in order.

The linear optimum of `delivery` is the bound. Feeders are on or off, so the shed of each bus is
covered by whole feeders (`feeder_choice`); every list is checked by the same program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.plans.damaged_grid import DamagedGrid, damage_grid, without_sources
from lightkeeper.plans.delivery import Delivery, NearestDispatch
from lightkeeper.plans.feeder_choice import TOLERANCE_MW, FeederChoice
from lightkeeper.plans.feeder_search import SearchOptions
from lightkeeper.plans.model import ReturnStep, SheddingPlan, ShedStep
from lightkeeper.plans.return_order import return_order
from lightkeeper.region.model import DistrictId, FeederId, Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

_LIST_TRIPS = 1
"""How often units are tripped for what a list asks of them beyond the linear optimum."""

_MAX_DEAD = 5
"""Islands without a source that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheddingOptions:
    """What a MW of shed costs, and how far equipment may be pushed.

    An ordinary MW weighs 1, a MW of a feeder that serves a service `critical_weight`; both are
    multiplied by the district's `district_weight` (1 where absent) and by
    ``1 + rotation_per_h * hours_off`` of the feeder, so that those already cut are cut later.
    `max_exchanges` bounds the search for a better list once one is found, `max_trips` about how
    many units that would run below their minimum are tripped.
    `search` looks for a better list where the one found is far above the linear optimum, which may
    take seconds; None: the list found at once.
    `ramp_pu` limits the rise of a unit to that fraction of its maximum; None: to its maximum.
    """

    critical_weight: float = 100.0
    district_weight: Mapping[DistrictId, float] = field(default_factory=dict)
    rotation_per_h: float = 0.05
    use_short_time_rating: bool = False
    ramp_pu: float | None = None
    max_exchanges: int = 12
    max_trips: int = 12
    search: SearchOptions | None = None


def plan_shedding(
    region: Region,
    case: FlowCase,
    lost: Scenarios,
    *,
    scenario: int = 0,
    feeder_lost: BoolArray | None = None,
    hours_off: FloatArray | None = None,
    options: SheddingOptions,
) -> SheddingPlan:
    """Choose the feeders to switch off so that the damaged grid holds, services kept first.

    Parameters
    ----------
    lost
        The loss; only row `scenario` is read. `load_factor`, if given, is what is left of each
        bus's demand, the demand of `feeder_lost` taken off (as `scenarios_of_states` makes it).
    feeder_lost
        (n_feeders,) feeders broken themselves (see `locally_off`): nothing can supply them, so
        their demand is unsupplied.
    hours_off
        (n_feeders,) hours already spent without power, for the rotation.

    Returns
    -------
    SheddingPlan
        served + shed + unsupplied equals demand. Demand that hangs on no feeder weighs 1 a MW, may
        be shed in any amount, and is then named in `notes`.
    """
    limit_mw = short_time_limits(region, case) if options.use_short_time_rating else None
    grid = damage_grid(case, lost, scenario, limit_mw=limit_mw, ramp_pu=options.ramp_pu)
    feeders = region.feeders
    n_feeders = len(feeders.id)
    lost_mask = np.zeros(n_feeders, bool) if feeder_lost is None else feeder_lost
    bus = region.network.loads.bus[feeders.load]
    asked_mw, loose_mw, broken_mw = _split_load(grid, bus, feeders.demand_mw, lost_mask)
    weight = _feeder_weights(region, hours_off, options)

    # The program lets units go down to zero. One that cannot run that low trips, and the optimum is
    # sought again without it.
    is_tripped = _too_large(grid)
    grid = without_sources(grid, is_tripped)
    most_trips = int(is_tripped.sum()) + options.max_trips
    choice = FeederChoice(grid, bus, asked_mw, weight, loose_mw)
    nearest = NearestDispatch(grid)
    lists_left = _LIST_TRIPS
    while True:
        bound = choice.bound()
        first = None
        low = _too_low(grid, nearest.solve(choice.by_bus(bound.served_mw), is_tripped))
        if lists_left and not low.any():
            # Whole feeders shed a little more, which may be too little for another unit.
            first = choice.first_list(bound)
            on_mw = choice.by_bus(choice.served_by_list(first))
            low = _too_low(grid, nearest.solve(on_mw, is_tripped))
            lists_left -= 1
        if is_tripped.sum() >= most_trips or not low.any():
            break
        is_tripped |= low
        left = without_sources(grid, is_tripped)
        if (left.island >= 0).sum() < (grid.island >= 0).sum():  # the last source of an island
            is_known = np.isin(left.branch, grid.branch[choice.limited])
            known = np.flatnonzero(is_known).astype(np.int32)
            choice = FeederChoice(left, bus, asked_mw, weight, loose_mw, known)
            nearest = NearestDispatch(left)
        grid = left
        choice.trip(is_tripped)
    if first is None:
        first = choice.first_list(bound)
    found = choice.improve(first, bound, options.max_exchanges, options.search)
    is_off = found.is_off
    final_mw = choice.served_by_list(is_off)
    dispatch = nearest.solve(choice.by_bus(final_mw), is_tripped)
    blocks = choice.blocks

    live_block = grid.island[blocks.bus] >= 0
    live_demand = float(blocks.demand_mw[live_block].sum())
    served = float(dispatch.served_mw.sum())
    unsupplied = float(blocks.demand_mw[~live_block].sum() + broken_mw)
    shed_block = np.where(live_block, blocks.demand_mw - final_mw, 0.0)
    steps = _steps(region, is_off, asked_mw, weight)
    return SheddingPlan(
        scenario=scenario,
        demand_mw=live_demand + unsupplied,
        served_mw=served,
        unsupplied_mw=unsupplied,
        bound_mw=max(float((blocks.demand_mw - bound.served_mw)[live_block].sum()), 0.0),
        shed_mw=max(live_demand - served, 0.0),
        objective=max(float(blocks.weight @ shed_block), 0.0),
        bound_objective=max(bound.objective, 0.0),
        least_objective=max(found.least, 0.0),
        steps=steps,
        returns=_returns(region, grid, is_off, asked_mw, weight),
        dispatch_mw=dispatch.source_mw[: grid.n_unit],
        flow_mw=dispatch.flow_mw,
        served_by_bus_mw=dispatch.served_mw,
        notes=_notes(
            region,
            grid,
            float(shed_block[choice.is_loose].sum()),
            dispatch,
            asked_mw,
            is_off,
            int((is_tripped & (grid.source_p_mw > 0)).sum()),
        ),
    )


def _too_large(grid: DamagedGrid) -> BoolArray:
    """Sources (n_source,) whose technical minimum is above all the demand of their island.

    Where nobody has any demand a source stands still and nothing is to be said of it.
    """
    live = grid.island >= 0
    n_island = int(grid.island.max(initial=-1)) + 1
    demand_mw = np.bincount(grid.island[live], grid.load_mw[live], n_island)
    island = grid.island[grid.source_bus]
    most_mw = np.where(island >= 0, demand_mw[island] if n_island else 0.0, np.inf)
    has_demand = (grid.source_max_mw > 0) & (most_mw > 0)
    return np.asarray(has_demand & (grid.source_min_mw > most_mw + TOLERANCE_MW))


def _too_low(grid: DamagedGrid, dispatch: Delivery) -> BoolArray:
    """In each island the source that runs furthest below its technical minimum, if any does."""
    below = np.where(
        dispatch.source_mw > TOLERANCE_MW, grid.source_min_mw - dispatch.source_mw, 0.0
    )
    found = np.zeros(len(below), bool)
    island = grid.island[grid.source_bus]
    for here in np.unique(island[(below > TOLERANCE_MW) & (island >= 0)]):
        found[np.argmax(np.where(island == here, below, -np.inf))] = True
    return found


def short_time_limits(region: Region, case: FlowCase) -> FloatArray:
    """Limits (n_branch,) by short-time rating; where none is given the lasting one holds."""
    network = region.network
    short = np.concatenate(
        [
            network.lines.rating_short_mva,
            network.transformers.rating_short_mva,
            np.zeros(len(network.switches.id)),
        ]
    )
    return np.where(short > 0, np.maximum(short, case.limit_mw), case.limit_mw)


def _split_load(
    grid: DamagedGrid, bus: IntArray, demand_mw: FloatArray, is_lost: BoolArray
) -> tuple[FloatArray, FloatArray, float]:
    """(demand of each feeder, load by bus on no feeder, demand of broken feeders).

    A bus's load is what the network says is left; its whole feeders share it in proportion to their
    demand, and what exceeds their demand hangs on no feeder.
    """
    whole_mw = np.where(is_lost, 0.0, demand_mw)
    on_feeders = np.bincount(bus, whole_mw, grid.n_bus)
    covered = np.minimum(on_feeders, grid.load_mw)
    share = np.divide(covered, on_feeders, out=np.zeros(grid.n_bus), where=on_feeders > 0)
    return whole_mw * share[bus], grid.load_mw - covered, float(demand_mw[is_lost].sum())


def _feeder_weights(
    region: Region, hours_off: FloatArray | None, options: SheddingOptions
) -> FloatArray:
    feeders = region.feeders
    by_district = np.array(
        [options.district_weight.get(d.id, 1.0) for d in region.districts] or [1.0]
    )
    weight = by_district[feeders.district]
    weight = weight * np.where(feeders.is_critical, options.critical_weight, 1.0)
    if hours_off is not None:
        weight = weight * (1.0 + options.rotation_per_h * hours_off)
    return weight


def _steps(
    region: Region, is_off: BoolArray, asked_mw: FloatArray, weight: FloatArray
) -> tuple[ShedStep, ...]:
    """Cheapest first, and of the same weight the largest relief first."""
    feeders = region.feeders
    off = np.flatnonzero(is_off)
    order = off[np.lexsort((off, -asked_mw[off], weight[off]))]
    return tuple(
        ShedStep(
            feeder=FeederId(str(feeders.id[i])),
            district=region.districts[feeders.district[i]].id,
            shed_mw=float(asked_mw[i]),
            people=int(feeders.population[i]),
            serves_critical=bool(feeders.is_critical[i]),
        )
        for i in order
    )


def _returns(
    region: Region,
    grid: DamagedGrid,
    is_off: BoolArray,
    asked_mw: FloatArray,
    weight: FloatArray,
) -> tuple[ReturnStep, ...]:
    feeders = region.feeders
    bus = region.network.loads.bus[feeders.load]
    order, waits = return_order(grid, bus, asked_mw, weight, is_off)
    needs_mw = np.zeros(int(grid.island.max(initial=-1)) + 1)
    steps = []
    for i, waits_for_lines in zip(order.tolist(), waits.tolist(), strict=True):
        island = int(grid.island[bus[i]])
        needs_mw[island] += asked_mw[i]
        steps.append(
            ReturnStep(
                feeder=FeederId(str(feeders.id[i])),
                district=region.districts[feeders.district[i]].id,
                back_mw=float(asked_mw[i]),
                people=int(feeders.population[i]),
                serves_critical=bool(feeders.is_critical[i]),
                island=island,
                needs_mw=float(needs_mw[island]),
                waits_for_lines=waits_for_lines,
            )
        )
    return tuple(steps)


def _notes(
    region: Region,
    grid: DamagedGrid,
    loose_mw: float,
    dispatch: Delivery,
    asked_mw: FloatArray,
    is_off: BoolArray,
    n_tripped: int,
) -> tuple[str, ...]:
    notes: list[str] = []
    if loose_mw > TOLERANCE_MW:
        notes.append(
            f"{loose_mw:.1f} MW of the shed hangs on no feeder of the region and must be cut by "
            "other means"
        )
    notes += _short_islands(region, grid, asked_mw, is_off)
    if n_tripped:
        notes.append(
            f"{n_tripped} unit(s) are tripped: they cannot run as low as their island needs"
        )
    below = (dispatch.source_mw > TOLERANCE_MW) & (
        dispatch.source_mw < grid.source_min_mw - TOLERANCE_MW
    )
    if below.any():
        notes.append(
            f"{int(below.sum())} unit(s) are asked to run below their technical minimum "
            f"({grid.source_min_mw[below].sum() - dispatch.source_mw[below].sum():.1f} MW below)"
        )
    return tuple(notes)


def _short_islands(
    region: Region, grid: DamagedGrid, asked_mw: FloatArray, is_off: BoolArray
) -> list[str]:
    """Islands that cannot keep their services, then those that no source is left to."""
    notes = []
    critical = is_off & region.feeders.is_critical
    bus = region.network.loads.bus[region.feeders.load]
    for island in np.unique(grid.island[bus[critical]]):
        here = critical & (grid.island[bus] == island)
        buses = np.flatnonzero(grid.island == island).astype(np.int32)
        notes.append(
            f"island around {_place(region, grid, buses)} ({len(buses)} buses): "
            f"{int(here.sum())} feeder(s) that serve services, {asked_mw[here].sum():.1f} MW, "
            "must be cut too"
        )
    dead = (grid.part >= 0) & (grid.island < 0)
    lacks_mw = np.bincount(grid.part[dead], grid.load_mw[dead], int(grid.part.max(initial=-1)) + 1)
    largest = np.argsort(-lacks_mw, kind="stable")
    largest = largest[lacks_mw[largest] > TOLERANCE_MW]
    for part in largest[:_MAX_DEAD]:
        buses = np.flatnonzero(grid.part == part).astype(np.int32)
        notes.append(
            f"no source is left around {_place(region, grid, buses)} ({len(buses)} buses): "
            f"{lacks_mw[part]:.1f} MW without supply"
        )
    if len(largest) > _MAX_DEAD:
        notes.append(
            f"no source is left in {len(largest) - _MAX_DEAD} further islands: "
            f"{lacks_mw[largest[_MAX_DEAD:]].sum():.1f} MW without supply"
        )
    return notes


def _place(region: Region, grid: DamagedGrid, buses: IntArray) -> str:
    """Name of the substation with the most load among these buses, of the bus if it has none."""
    network = region.network
    bus = int(buses[np.argmax(grid.load_mw[buses])])
    substation = int(network.buses.substation[bus])
    name = network.substations.name[substation] if substation >= 0 else network.buses.id[bus]
    return f'"{name}"'
