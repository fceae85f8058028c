"""Cascades in batches: islands, balance, flow, trips, until nothing more trips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import TypeVar

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Rules, State
from lightkeeper.flow.balance import Dispatch, proportional_base
from lightkeeper.flow.bulk import BulkWork, bulk_range, make_bulk_work
from lightkeeper.flow.kernels import cascade_range, factor_intact
from lightkeeper.flow.lanes import N_LANES
from lightkeeper.flow.ldl import Structure, adjacency, analyse
from lightkeeper.flow.low_rank import make_plan, trip_limit_mw
from lightkeeper.flow.low_rank_kernels import low_rank_range
from lightkeeper.flow.low_rank_work import Plan, Work, make_work
from lightkeeper.flow.model import (
    ALL_BUT_FLOWS,
    BalanceRule,
    CascadeResult,
    FlowCase,
    FlowOptions,
    Output,
    Scenarios,
)
from lightkeeper.flow.scenarios import check_scenarios, no_loss, select
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Pieces a batch is cut into for each thread, so that one slow piece does not hold up the rest.
PIECES_PER_THREAD = 8
# ...but no more of them than leave each so many scenarios, since each piece sets up anew.
PIECE_SIZE = 64
# From how many scenarios on those that the low-rank engine leaves are run eight in step.
IN_STEP_FROM = 64
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
    out = result_arrays(
        prepared.case,
        scenarios.n_scenarios,
        keep_flows=options.keep_flows,
        outputs=options.outputs,
    )
    with Engines(prepared, options, in_bulk=is_bulk(scenarios, options)) as engines:
        engines.run(scenarios, out)
    return as_result(out, keep_flows=wants_flows(options))


def iter_cascade(
    case: FlowCase | PreparedCase,
    scenarios: Scenarios,
    options: FlowOptions | None = None,
    *,
    chunk: int = 1000,
    reuse: bool = False,
) -> Iterator[CascadeResult]:
    """Run a batch in chunks of scenarios, in order, so that memory stays bounded.

    With `reuse` the arrays of a result are those of the one before, written over: copy what is
    to be kept. That saves the time that the system takes to give out fresh memory.
    """
    if chunk < 1:
        raise InputError(f"chunk is {chunk}; give 1 or more")
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    check_scenarios(prepared.case, scenarios)
    options = options or FlowOptions()
    n = scenarios.n_scenarios
    out: Out | None = None
    with Engines(prepared, options, in_bulk=is_bulk(scenarios, options)) as engines:
        for start in range(0, n, chunk):
            size = min(chunk, n - start)
            if out is None or not reuse:
                out = result_arrays(
                    prepared.case, size, keep_flows=options.keep_flows, outputs=options.outputs
                )
            # The last chunk may be shorter.
            part = Out._make(rows[:size] for rows in out)
            engines.run(select(scenarios, start, start + size), part)
            yield as_result(part, keep_flows=wants_flows(options))


def is_bulk(scenarios: Scenarios, options: FlowOptions) -> bool:
    """Whether a batch is large enough for the kernels that run eight scenarios in step."""
    return scenarios.n_scenarios >= options.bulk_from


def wants_flows(options: FlowOptions) -> bool:
    """Whether flows are asked for, in either way."""
    return options.keep_flows or Output.FLOWS in options.outputs


class Engines:
    """What runs batches of one case by the same options, with what they share.

    In bulk, the low-rank engine answers what does not trip; what is left goes to the engine of
    cascades, eight in step. Both work on `n_threads` threads, each with scratch of its own that is
    used again.
    """

    def __init__(self, prepared: PreparedCase, options: FlowOptions, *, in_bulk: bool) -> None:
        check_options(options)
        self._case, self._factor = prepared.case, prepared.factor
        self._grid = prepared.grid._replace(ramp_pu=ramp_pu_a_round(prepared.case, options))
        self._base = base_state(prepared.case, options)
        self._rules = Rules(
            proportional=options.rule is BalanceRule.PROPORTIONAL,
            trip_overloads=options.trip_overloads,
            keep_flows=wants_flows(options),
            max_rounds=options.max_rounds,
        )
        self._in_bulk = in_bulk
        self._plan = self._make_plan() if in_bulk else None
        self._limit_mw = trip_limit_mw(self._grid)
        self._n_threads = options.n_threads
        self._pool = ThreadPoolExecutor(options.n_threads) if options.n_threads > 1 else None
        self._low_rank_works: SimpleQueue[Work] = SimpleQueue()
        self._bulk_works: SimpleQueue[BulkWork] = SimpleQueue()

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, scenarios: Scenarios, out: Out) -> None:
        """Run every scenario of a batch and fill its row of `out`."""
        n, lost = scenarios.n_scenarios, lost_arrays(scenarios)
        todo = np.arange(n, dtype=np.int32)
        if self._plan is not None and self._is_plain(scenarios):
            is_left = np.empty(n, np.bool_)
            self._run_low_rank(self._plan, lost, n, out, is_left)
            todo = np.flatnonzero(is_left).astype(np.int32)
        if self._in_bulk and len(todo) >= IN_STEP_FROM:
            self._run_in_step(lost, todo, out)
        else:
            self._in_pieces(
                lambda first, stop: cascade_range(
                    self._grid, self._base, self._factor, lost, self._rules, todo, first, stop, out
                ),
                len(todo),
            )

    def _make_plan(self) -> Plan | None:
        """Run the empty scenario, and solve the network for what its injections are made of."""
        intact = result_arrays(self._case, 1, keep_flows=False)
        once = self._rules._replace(trip_overloads=False)
        lost, todo = lost_arrays(no_loss()), np.zeros(1, np.int32)
        cascade_range(self._grid, self._base, self._factor, lost, once, todo, 0, 1, intact)
        return make_plan(self._grid, self._factor, self._base, self._rules, intact)

    def _is_plain(self, scenarios: Scenarios) -> bool:
        """Whether all scenarios start from the same state, with the same limits."""
        is_impaired = scenarios.load_factor is not None or scenarios.unit_factor is not None
        rated = scenarios.rating_factor is not None and self._rules.trip_overloads
        return not is_impaired and not rated

    def _run_low_rank(self, plan: Plan, lost: Lost, n: int, out: Out, is_left: BoolArray) -> None:
        def piece(first: int, stop: int) -> None:
            work = _take(self._low_rank_works, lambda: make_work(self._grid, plan, self._base))
            low_rank_range(
                self._grid,
                plan,
                self._factor,
                self._base,
                self._limit_mw,
                lost,
                self._rules,
                work,
                first,
                stop,
                out,
                is_left,
            )
            self._low_rank_works.put(work)

        self._in_pieces(piece, n)

    def _run_in_step(self, lost: Lost, todo: IntArray, out: Out) -> None:
        def piece(first: int, stop: int) -> None:
            work = _take(self._bulk_works, lambda: make_bulk_work(self._grid, self._base))
            bulk_range(
                self._grid,
                self._base,
                self._factor,
                lost,
                self._rules,
                work,
                todo,
                first,
                stop,
                out,
            )
            self._bulk_works.put(work)

        self._in_pieces(piece, len(todo))

    def _in_pieces(self, work: Callable[[int, int], None], n: int) -> None:
        if n == 0:
            return
        if self._pool is None:
            work(0, n)
            return
        # Rows of eight scenarios stay together.
        cuts = np.linspace(0, n, _n_pieces(n, self._n_threads) + 1).astype(int)
        cuts[1:-1] = np.minimum((cuts[1:-1] + N_LANES // 2) // N_LANES * N_LANES, n)
        list(self._pool.map(work, cuts[:-1].tolist(), cuts[1:].tolist()))


def _take(kept: SimpleQueue[T], make: Callable[[], T]) -> T:
    """Scratch that no thread uses now, or new."""
    try:
        return kept.get_nowait()
    except Empty:
        return make()


def _n_pieces(n: int, n_threads: int) -> int:
    # As many for each thread.
    return n_threads * max(1, min(PIECES_PER_THREAD, n // (n_threads * PIECE_SIZE)))


def in_pieces(work: Callable[[tuple[int, int]], T], n: int, n_threads: int) -> list[T]:
    """Call `work` with the bounds of each piece of `n` scenarios, on threads; results in order."""
    n_threads = min(n_threads, n)
    if n_threads <= 1:
        return [work((0, n))] if n else []
    cuts = np.linspace(0, n, _n_pieces(n, n_threads) + 1).astype(int).tolist()
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


def result_arrays(
    case: FlowCase,
    n: int,
    *,
    keep_flows: bool,
    outputs: frozenset[Output] = ALL_BUT_FLOWS,
) -> Out:
    """Return room for the results of `n` scenarios."""
    n_bus, n_branch, n_unit = case.n_bus, len(case.from_bus), len(case.unit_bus)

    def rows(output: Output) -> int:
        return n if output in outputs or (keep_flows and output is Output.FLOWS) else 0

    return Out(
        total_demand_mw=np.empty(n),
        total_served_mw=np.empty(n),
        demand_mw=np.empty((rows(Output.DEMAND), n_bus)),
        served_mw=np.empty((rows(Output.SERVED), n_bus)),
        infeed_mw=np.empty((rows(Output.INFEED), n_bus)),
        unit_mw=np.empty((rows(Output.UNITS), n_unit)),
        island=np.empty((rows(Output.ISLANDS), n_bus), np.int32),
        n_islands=np.empty(n, np.int32),
        n_rounds=np.empty(n, np.int32),
        trip_round=np.empty((rows(Output.TRIPS), n_branch), np.int32),
        converged=np.empty(n, np.bool_),
        flow_mw=np.empty((rows(Output.FLOWS), n_branch)),
    )


def as_result(out: Out, *, keep_flows: bool) -> CascadeResult:
    """Return filled arrays as a result."""
    return CascadeResult(
        total_demand_mw=out.total_demand_mw,
        total_served_mw=out.total_served_mw,
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
