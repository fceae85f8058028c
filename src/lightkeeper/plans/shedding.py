"""Emergency shedding an operator orders: least weighted shed, then whole feeders in order.

The linear optimum of `delivery` is the bound. Feeders are on or off, so the shed of each bus is
covered by whole feeders with the smallest overshoot; then feeders that fit into the capacity so
freed are put back; every list is checked by the same program before it is returned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.plans.delivery import (
    Blocks,
    DamagedGrid,
    Delivery,
    LeastShed,
    damage_grid,
    nearest_dispatch,
)
from lightkeeper.plans.model import SheddingPlan, ShedStep
from lightkeeper.region.model import DistrictId, FeederId, Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

_TOLERANCE_MW = 1e-5
# Subsets of up to this many feeders are all tried (2**14 sums); beyond it the choice is greedy.
_ENUMERATE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class SheddingOptions:
    """What a MW of shed costs, and how far equipment may be pushed.

    An ordinary MW weighs 1, a MW of a feeder that serves a service `critical_weight`; both are
    multiplied by the district's `district_weight` (1 where absent) and by
    ``1 + rotation_per_h * hours_off`` of the feeder, so that those already cut are cut later.
    `ramp_pu` limits the rise of a unit to that fraction of its maximum; None: to its maximum.
    """

    critical_weight: float = 100.0
    district_weight: dict[DistrictId, float] = field(default_factory=dict)
    rotation_per_h: float = 0.05
    use_short_time_rating: bool = False
    ramp_pu: float | None = None
    max_repairs: int = 8


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

    unit = _join_blocks(bus, asked_mw, weight, loose_mw)
    program = LeastShed(grid, unit.blocks)
    bound = program.solve()
    is_off = _whole_feeders(program, unit, bound, asked_mw, lost_mask, options.max_repairs)
    is_off &= (grid.island[bus] >= 0) & (asked_mw > 0)

    served_by_block = _served_blocks(unit, asked_mw, is_off)
    final = _solve_with(program, unit, served_by_block)
    served_bus: FloatArray = np.bincount(unit.blocks.bus, final.served_mw, grid.n_bus).astype(
        np.float64
    )
    dispatch = nearest_dispatch(grid, served_bus)

    live_block = grid.island[unit.blocks.bus] >= 0
    live_demand = float(unit.blocks.demand_mw[live_block].sum())
    served = float(dispatch.served_mw.sum())
    unsupplied = float(unit.blocks.demand_mw[~live_block].sum() + broken_mw)
    shed_block = np.where(live_block, unit.blocks.demand_mw - final.served_mw, 0.0)
    steps = _steps(region, is_off, asked_mw, weight)
    return SheddingPlan(
        scenario=scenario,
        demand_mw=live_demand + unsupplied,
        served_mw=served,
        unsupplied_mw=unsupplied,
        bound_mw=max(float((unit.blocks.demand_mw - bound.served_mw)[live_block].sum()), 0.0),
        shed_mw=max(live_demand - served, 0.0),
        objective=max(float(unit.blocks.weight @ shed_block), 0.0),
        bound_objective=max(bound.objective, 0.0),
        steps=steps,
        dispatch_mw=dispatch.source_mw[: grid.n_unit],
        flow_mw=dispatch.flow_mw,
        served_by_bus_mw=dispatch.served_mw,
        notes=_notes(region, grid, unit, shed_block, dispatch, asked_mw, is_off),
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Units:
    """Blocks of the program and which block each feeder is in; loose load has its own blocks."""

    blocks: Blocks
    block_of_feeder: IntArray
    is_loose: BoolArray


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


def _join_blocks(
    bus: IntArray, asked_mw: FloatArray, weight: FloatArray, loose_mw: FloatArray
) -> _Units:
    """One block per bus and weight: feeders alike to the program need no column each."""
    key = np.stack([bus.astype(np.float64), weight], axis=1)
    kinds, block = np.unique(key, axis=0, return_inverse=True)
    loose_bus = np.flatnonzero(loose_mw > _TOLERANCE_MW).astype(np.int32)
    n_kind = len(kinds)
    return _Units(
        blocks=Blocks(
            bus=np.concatenate([kinds[:, 0].astype(np.int32), loose_bus]),
            demand_mw=np.concatenate(
                [np.bincount(block.ravel(), asked_mw, n_kind), loose_mw[loose_bus]]
            ),
            weight=np.concatenate([kinds[:, 1], np.ones(len(loose_bus))]),
        ),
        block_of_feeder=block.ravel().astype(np.int32),
        is_loose=np.arange(n_kind + len(loose_bus)) >= n_kind,
    )


def _served_blocks(unit: _Units, asked_mw: FloatArray, is_off: BoolArray) -> FloatArray:
    """Demand left on by block; loose load may always be served in full."""
    on = np.bincount(
        unit.block_of_feeder, np.where(is_off, 0.0, asked_mw), len(unit.blocks.demand_mw)
    )
    return np.where(unit.is_loose, unit.blocks.demand_mw, on)


def _solve_with(program: LeastShed, unit: _Units, at_most_mw: FloatArray) -> Delivery:
    program.bound(np.zeros(len(at_most_mw)), at_most_mw)
    return program.solve()


def cover(amount_mw: float, each_mw: FloatArray) -> BoolArray:
    """Choose items that sum to at least `amount_mw` with the smallest overshoot found.

    >>> import numpy as np
    >>> cover(5.0, np.array([4.0, 3.0, 2.5])).tolist()
    [False, True, True]
    """
    chosen = np.zeros(len(each_mw), bool)
    if amount_mw <= _TOLERANCE_MW:
        return chosen
    if len(each_mw) <= _ENUMERATE:
        member = (np.arange(1 << len(each_mw))[:, None] >> np.arange(len(each_mw))) & 1
        total = member @ each_mw
        enough = total >= amount_mw - _TOLERANCE_MW
        if not enough.any():
            return ~chosen
        best = int(np.argmin(np.where(enough, total, np.inf)))
        return np.asarray(member[best], dtype=np.bool_)
    # Largest first while they fit whole, then the smallest single item that closes the rest.
    rest = amount_mw
    for item in np.argsort(-each_mw, kind="stable"):
        if each_mw[item] <= rest + _TOLERANCE_MW:
            chosen[item] = True
            rest -= each_mw[item]
    if rest > _TOLERANCE_MW:
        left = np.flatnonzero(~chosen)
        if len(left):
            chosen[left[np.argmin(each_mw[left])]] = True
    return chosen


def _switch_off(
    unit: _Units, shed_mw: FloatArray, asked_mw: FloatArray, is_off: BoolArray
) -> BoolArray:
    """Cover the further shed of every block by whole feeders still on."""
    is_off = is_off.copy()
    for block in np.flatnonzero((shed_mw > _TOLERANCE_MW) & ~unit.is_loose):
        here = np.flatnonzero((unit.block_of_feeder == block) & ~is_off & (asked_mw > 0))
        is_off[here[cover(float(shed_mw[block]), asked_mw[here])]] = True
    return is_off


def _put_back(
    unit: _Units, room_mw: FloatArray, asked_mw: FloatArray, is_off: BoolArray
) -> BoolArray:
    """Switch on the feeders that fit into the room the program sees in each block."""
    is_off = is_off.copy()
    for block in np.flatnonzero((room_mw > _TOLERANCE_MW) & ~unit.is_loose):
        here = np.flatnonzero((unit.block_of_feeder == block) & is_off)
        stay_off = cover(float(asked_mw[here].sum() - room_mw[block]), asked_mw[here])
        is_off[here[~stay_off]] = False
    return is_off


def _whole_feeders(
    program: LeastShed,
    unit: _Units,
    bound: Delivery,
    asked_mw: FloatArray,
    is_lost: BoolArray,
    max_repairs: int,
) -> BoolArray:
    """Feeders to switch off: cover the linear shed, mend until feasible, then put back.

    A list is feasible when the program serves all that is left on. Cutting more load can overload
    a line in a meshed grid (a counter-flow goes), hence the mending; it ends because every round
    switches something off, and with everything off the program is feasible.
    """
    is_off = _mend(
        program,
        unit,
        _switch_off(unit, unit.blocks.demand_mw - bound.served_mw, asked_mw, is_lost),
        asked_mw,
    )
    for _ in range(max_repairs):
        on = _served_blocks(unit, asked_mw, is_off)
        # The list in hand is feasible to the solver's tolerance; leave it that much room.
        floor = np.where(unit.is_loose, 0.0, np.maximum(on - _TOLERANCE_MW, 0.0))
        program.bound(floor, unit.blocks.demand_mw)
        back = _put_back(unit, program.solve().served_mw - on, asked_mw, is_off)
        if (back == is_off).all():
            break
        mended = _mend(program, unit, back, asked_mw)
        if unit.blocks.weight @ _shed(unit, asked_mw, mended) >= unit.blocks.weight @ _shed(
            unit, asked_mw, is_off
        ):
            break
        is_off = mended
    return is_off & ~is_lost


def _shed(unit: _Units, asked_mw: FloatArray, is_off: BoolArray) -> FloatArray:
    return unit.blocks.demand_mw - _served_blocks(unit, asked_mw, is_off)


def _mend(program: LeastShed, unit: _Units, is_off: BoolArray, asked_mw: FloatArray) -> BoolArray:
    """Switch further feeders off until the program serves all that is left on."""
    while True:
        on = _served_blocks(unit, asked_mw, is_off)
        short = on - _solve_with(program, unit, on).served_mw
        more = _switch_off(unit, short, asked_mw, is_off)
        if (more == is_off).all():
            return is_off
        is_off = more


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


def _notes(
    region: Region,
    grid: DamagedGrid,
    unit: _Units,
    shed_block: FloatArray,
    dispatch: Delivery,
    asked_mw: FloatArray,
    is_off: BoolArray,
) -> tuple[str, ...]:
    notes: list[str] = []
    loose = float(shed_block[unit.is_loose].sum())
    if loose > _TOLERANCE_MW:
        notes.append(
            f"{loose:.1f} MW of the shed hangs on no feeder of the region and must be cut by "
            "other means"
        )
    critical = is_off & region.feeders.is_critical
    bus = region.network.loads.bus[region.feeders.load]
    for island in np.unique(grid.island[bus[critical]]):
        here = critical & (grid.island[bus] == island)
        notes.append(
            f"island {island} ({int((grid.island == island).sum())} buses): "
            f"{int(here.sum())} feeder(s) that serve services, {asked_mw[here].sum():.1f} MW, "
            "must be cut too"
        )
    below = (dispatch.source_mw > _TOLERANCE_MW) & (
        dispatch.source_mw < grid.source_min_mw - _TOLERANCE_MW
    )
    if below.any():
        notes.append(
            f"{int(below.sum())} unit(s) are asked to run below their technical minimum "
            f"({grid.source_min_mw[below].sum() - dispatch.source_mw[below].sum():.1f} MW below)"
        )
    return tuple(notes)
