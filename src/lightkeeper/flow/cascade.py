"""Cascades in batches: islands, balance, flow, trips, until nothing more trips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Rules, State
from lightkeeper.flow.balance import Dispatch, proportional_base
from lightkeeper.flow.bulk import bulk_range
from lightkeeper.flow.kernels import cascade_range, factor_intact
from lightkeeper.flow.ldl import Structure, adjacency, analyse
from lightkeeper.flow.model import BalanceRule, CascadeResult, FlowCase, FlowOptions, Scenarios
from lightkeeper.flow.scenarios import check_scenarios, select
from lightkeeper.units import FloatArray

# Pieces a batch is cut into for each thread, so that one slow piece does not hold up the rest.
PIECES_PER_THREAD = 8
# ...but no more of them than leave each so many scenarios, since each piece sets up anew.
PIECE_SIZE = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCase:
    """A case with its order of elimination and the factor of the intact network."""

    case: FlowCase
    structure: Structure
    grid: Grid
    factor: Factor


def prepare(case: FlowCase) -> PreparedCase:
    """Order, analyse and factor a case once, for many calls of `run_cascade`."""
    live = np.flatnonzero(case.branch_on).astype(np.int32)
    structure = analyse(case.n_bus, case.from_bus, case.to_bus, live)
    place, order = structure.position, structure.order
    from_bus, to_bus = place[case.from_bus], place[case.to_bus]
    near_start, near_bus, near_branch = adjacency(case.n_bus, from_bus, to_bus, live)
    grid = Grid(
        base_mva=case.base_mva,
        from_bus=from_bus,
        to_bus=to_bus,
        b_pu=case.susceptance_pu,
        shift_rad=case.shift_rad,
        limit_mw=case.limit_mw,
        branch_on=case.branch_on,
        bus_on=case.bus_on[order],
        place=place,
        near_start=near_start,
        near_bus=near_bus,
        near_branch=near_branch,
        shifters=live[case.shift_rad[live] != 0.0],
        parent=structure.parent,
        l_start=structure.l_start,
        l_row=structure.l_row,
        row_start=structure.row_start,
        row_col=structure.row_col,
        row_pos=structure.row_pos,
        unit_bus=place[case.unit_bus],
        ramp_pu=case.unit_ramp_pu_per_min,  # set anew for each run, by its options
        demand_mw=case.load_mw,
    )
    return PreparedCase(case=case, structure=structure, grid=grid, factor=factor_intact(grid))


def run_cascade(
    case: FlowCase | PreparedCase, scenarios: Scenarios, options: FlowOptions | None = None
) -> CascadeResult:
    """Run every scenario of a batch until nothing trips.

    Each round finds the islands, balances each by the rule, solves the DC flow, and trips at once
    every branch loaded above its limit. Rounds start from the dispatch and the served loads of the
    round before; nothing shed, tripped or dead comes back. Scenarios are independent: a result
    depends neither on the other scenarios nor on `n_threads`.

    Raises
    ------
    InputError
        A scenario names an element the case does not have, a factor or an option is out of range.
    """
    options = options or FlowOptions()
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    check_scenarios(prepared.case, scenarios)
    check_options(options)
    grid = prepared.grid._replace(ramp_pu=ramp_pu_a_round(prepared.case, options))
    base = base_state(prepared.case, options)
    lost = lost_arrays(scenarios)
    rules = Rules(
        proportional=options.rule is BalanceRule.PROPORTIONAL,
        trip_overloads=options.trip_overloads,
        keep_flows=options.keep_flows,
        max_rounds=options.max_rounds,
    )
    n = scenarios.n_scenarios
    out = result_arrays(prepared.case, n, keep_flows=options.keep_flows)

    # The same answers, to the last bit; eight at a time from where that pays.
    run = bulk_range if n >= options.bulk_from else cascade_range

    def piece(bounds: tuple[int, int]) -> None:
        run(grid, base, prepared.factor, lost, rules, *bounds, out)

    in_pieces(piece, n, options.n_threads)
    return as_result(out, keep_flows=options.keep_flows)


def iter_cascade(
    case: FlowCase | PreparedCase,
    scenarios: Scenarios,
    options: FlowOptions | None = None,
    *,
    chunk: int = 1000,
) -> Iterator[CascadeResult]:
    """Run a batch in chunks of scenarios, in order, so that memory stays bounded."""
    if chunk < 1:
        raise InputError(f"chunk is {chunk}; give 1 or more")
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    check_scenarios(prepared.case, scenarios)
    options = options or FlowOptions()
    if scenarios.n_scenarios >= options.bulk_from:
        # What pays for the whole pays for each chunk of it.
        options = replace(options, bulk_from=1)
    for start in range(0, scenarios.n_scenarios, chunk):
        yield run_cascade(prepared, select(scenarios, start, start + chunk), options)


def in_pieces(work: Callable[[tuple[int, int]], T], n: int, n_threads: int) -> list[T]:
    """Call `work` with the bounds of each piece of `n` scenarios, on threads; results in order."""
    n_threads = min(n_threads, n)
    if n_threads <= 1:
        return [work((0, n))] if n else []
    n_pieces = max(n_threads, min(n_threads * PIECES_PER_THREAD, n // PIECE_SIZE))
    cuts = np.linspace(0, n, n_pieces + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(work, pairwise(cuts)))


def check_options(options: FlowOptions) -> None:
    """Raise InputError for an option out of range."""
    if options.ramp_pu is not None and not options.ramp_pu >= 0.0:
        raise InputError(f"ramp_pu is {options.ramp_pu}; give zero or more, or None")
    if not options.ramp_min >= 0.0:
        raise InputError(f"ramp_min is {options.ramp_min}; give zero or more minutes")
    if options.max_rounds < 1 or options.n_threads < 1:
        raise InputError("max_rounds and n_threads are 1 or more")


def ramp_pu_a_round(case: FlowCase, options: FlowOptions) -> FloatArray:
    """How far each unit may move in a round, as a fraction of its PMAX, (n_unit,)."""
    if options.ramp_pu is not None:
        return np.full(len(case.unit_bus), float(options.ramp_pu))
    ramp = case.unit_ramp_pu_per_min
    # Written apart, since inf times 0 minutes has no value.
    moves = np.isfinite(ramp)
    return np.where(moves, np.where(moves, ramp, 0.0) * options.ramp_min, np.inf)


def base_state(case: FlowCase, options: FlowOptions) -> State:
    """Return what runs before any loss; not to be written to."""
    if options.rule is BalanceRule.PROPORTIONAL:
        start = proportional_base(
            load_mw=case.load_mw,
            infeed_mw=case.infeed_mw,
            unit_bus=case.unit_bus,
            unit_scheduled_mw=case.unit_scheduled_mw,
            unit_on=case.unit_on,
        )
    else:
        start = Dispatch(
            unit_mw=case.unit_p_mw,
            unit_on=case.base_unit_on,
            served_mw=case.base_served_mw,
            infeed_mw=case.base_infeed_mw,
        )
    return State(
        p=start.unit_mw,
        p_min=case.unit_min_mw,
        p_max=case.unit_max_mw,
        unit_on=start.unit_on,
        served=start.served_mw,
        infeed=start.infeed_mw,
    )


def lost_arrays(scenarios: Scenarios) -> Lost:
    """Return the batch as the kernels read it."""

    def rows(factor: FloatArray | None) -> FloatArray:
        return np.zeros((0, 0)) if factor is None else np.ascontiguousarray(factor, np.float64)

    return Lost(
        branch_start=np.ascontiguousarray(scenarios.branch_start, np.int32),
        branch_index=np.ascontiguousarray(scenarios.branch_index, np.int32),
        bus_start=np.ascontiguousarray(scenarios.bus_start, np.int32),
        bus_index=np.ascontiguousarray(scenarios.bus_index, np.int32),
        unit_start=np.ascontiguousarray(scenarios.unit_start, np.int32),
        unit_index=np.ascontiguousarray(scenarios.unit_index, np.int32),
        load_factor=rows(scenarios.load_factor),
        rating_factor=rows(scenarios.rating_factor),
        unit_factor=rows(scenarios.unit_factor),
    )


def result_arrays(case: FlowCase, n: int, *, keep_flows: bool) -> Out:
    """Return room for the results of `n` scenarios."""
    n_bus, n_branch, n_unit = case.n_bus, len(case.from_bus), len(case.unit_bus)
    return Out(
        demand_mw=np.empty((n, n_bus)),
        served_mw=np.empty((n, n_bus)),
        infeed_mw=np.empty((n, n_bus)),
        unit_mw=np.empty((n, n_unit)),
        island=np.empty((n, n_bus), np.int32),
        n_islands=np.empty(n, np.int32),
        n_rounds=np.empty(n, np.int32),
        trip_round=np.empty((n, n_branch), np.int32),
        converged=np.empty(n, np.bool_),
        flow_mw=np.empty((n, n_branch) if keep_flows else (0, 0)),
    )


def as_result(out: Out, *, keep_flows: bool) -> CascadeResult:
    """Return filled arrays as a result."""
    return CascadeResult(
        demand_mw=out.demand_mw,
        served_mw=out.served_mw,
        infeed_mw=out.infeed_mw,
        unit_mw=out.unit_mw,
        island=out.island,
        n_islands=out.n_islands,
        n_rounds=out.n_rounds,
        trip_round=out.trip_round,
        converged=out.converged,
        flow_mw=out.flow_mw if keep_flows else None,
    )
