"""Screening: which single and double losses cost load or tear the network apart.

Single losses are all run. Of the pairs of branches, those are left out after which provably nothing
trips and nothing more is cut off than by one of the two alone; the others are run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.cascade import PreparedCase, base_state, prepare, run_cascade
from lightkeeper.flow.islands import label_islands
from lightkeeper.flow.model import CascadeResult, FlowCase, FlowOptions, Scenarios
from lightkeeper.flow.scenarios import lose, no_loss
from lightkeeper.flow.screening_kernels import (
    find_bridges,
    harmless_after_bridge,
    harmless_pairs,
    measure,
    outage_factors,
    transfers,
    worst_shares,
)
from lightkeeper.grid.model import Network
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Values in a block of outage factors: 32 MiB. Scenarios of a chunk: results stay below 100 MiB.
BLOCK_VALUES = 4 << 20
CHUNK_VALUES = 1 << 20


class LossKind(StrEnum):
    """What is lost: a branch or two, a unit, all buses of a substation."""

    BRANCH = "branch"
    UNIT = "unit"
    SUBSTATION = "substation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What each loss comes to; one row for each that was run, in no order of importance.

    `kind` (n,) are places in `LossKind`; `row` (n, 2) the rows lost: branches (the second -1 for
    single losses), a unit, or a group of buses. `unserved_mw` is beyond what is unserved before any
    loss, `extra_mw` beyond the worse of the two alone (for single losses the same).
    `separated_mw`: load that was served and is not in the largest live island. `n_islands`: live
    ones. `n_trips`: branches that tripped. `least_reserve_mw`: what the units of the island with
    the least could still give; 0 where nothing lives.

    `n_trips_before` and `unserved_before_mw` are what happens without any loss.

    `n_losses` were to be looked at, `n_bounded` of them were not run because provably nothing trips
    after them and nothing more is cut off than by one of the two alone. `is_complete` is False
    after a cancel or at the cap.
    """

    order: int
    kind: IntArray
    row: IntArray
    unserved_mw: FloatArray
    extra_mw: FloatArray
    separated_mw: FloatArray
    n_islands: IntArray
    n_trips: IntArray
    least_reserve_mw: FloatArray
    n_losses: int
    n_bounded: int
    n_trips_before: int
    unserved_before_mw: float
    is_complete: bool


Watch = Callable[[float], bool]
"""Called now and then with the share done, 0 to 1; returns whether to go on."""


def go_on(_done_pu: float) -> bool:
    """Watch nothing and never cancel."""
    return True


def screen_single(
    case: FlowCase | PreparedCase,
    *,
    substations: Sequence[IntArray] = (),
    options: FlowOptions | None = None,
    watch: Watch = go_on,
) -> Screening:
    """Run the loss of each branch, each unit and each group of buses in service.

    `substations` are rows of buses, as from `substation_buses`.

    Examples
    --------
    >>> from lightkeeper.flow import make_case, screen_single
    >>> case = make_case(
    ...     base_mva=100, n_bus=2, from_bus=[0], to_bus=[1], x_pu=0.1, load_mw=[0, 60],
    ...     unit_bus=[0], unit_scheduled_mw=60, unit_max_mw=80,
    ... )
    >>> screen_single(case).unserved_mw.tolist()  # the branch, the unit
    [60.0, 60.0]
    """
    options = replace(options or FlowOptions(), keep_flows=False)
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    case = prepared.case
    branches, units = np.flatnonzero(case.branch_on), np.flatnonzero(case.unit_on)
    groups = [g for g in range(len(substations)) if case.bus_on[substations[g]].any()]
    sizes = [len(branches), len(units), len(groups)]
    kind = np.repeat(np.arange(3, dtype=np.int32), sizes)
    row = np.full((len(kind), 2), -1, np.int32)
    row[:, 0] = np.concatenate([branches, units, np.asarray(groups, np.int64)])

    def scenarios(first: int, stop: int) -> Scenarios:
        rows = [(int(k), int(r)) for k, r in zip(kind[first:stop], row[first:stop, 0], strict=True)]
        return lose(
            case,
            branches=[[r] if k == 0 else [] for k, r in rows],
            units=[[r] if k == 1 else [] for k, r in rows],
            buses=[substations[r].tolist() if k == 2 else [] for k, r in rows],
        )

    intact = run_cascade(prepared, no_loss(), options)
    before = float(_unserved(intact)[0])
    found = _Found(prepared, options, before, len(kind))
    done = _run(found, scenarios, len(kind), watch, 0.0)
    return Screening(
        order=1,
        kind=kind[:done],
        row=row[:done],
        unserved_mw=found.unserved_mw[:done],
        extra_mw=found.unserved_mw[:done].copy(),
        separated_mw=found.separated_mw[:done],
        n_islands=found.n_islands[:done],
        n_trips=found.n_trips[:done],
        least_reserve_mw=found.least_reserve_mw[:done],
        n_losses=len(kind),
        n_bounded=0,
        n_trips_before=int((intact.trip_round[0] > 0).sum()),
        unserved_before_mw=before,
        is_complete=done == len(kind),
    )


def screen_pairs(
    case: FlowCase | PreparedCase,
    *,
    options: FlowOptions | None = None,
    max_runs: int = 5_000_000,
    watch: Watch = go_on,
) -> Screening:
    """Find what the loss of any two branches in service does.

    A pair is left out where no flow after it exceeds its limit, and it splits nothing, or only what
    one of the two splits alone (then it sheds what that one sheds). At most `max_runs` of the
    others are run.
    """
    options = replace(options or FlowOptions(), keep_flows=False)
    if max_runs < 0:
        raise InputError(f"max_runs is {max_runs}; give zero or more")
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    branches = np.flatnonzero(prepared.case.branch_on).astype(np.int32)
    n = len(branches)
    n_pairs = n * (n - 1) // 2
    intact = run_cascade(prepared, no_loss(), replace(options, keep_flows=True))
    before = float(_unserved(intact)[0])
    alone = np.zeros(n)
    pairs: list[IntArray] = []
    n_left, goes_on = 0, True
    for rows, done in _pairs_to_run(prepared, branches, intact, options, alone, before):
        pairs.append(rows[: max(max_runs - n_left, 0)])
        n_left += len(rows)
        goes_on = watch(0.2 * done)
        if not goes_on:
            break
    row = np.concatenate([np.zeros((0, 2), np.int32), *pairs])
    if not goes_on:
        row = row[:0]

    def scenarios(first: int, stop: int) -> Scenarios:
        count = stop - first
        return replace(
            no_loss(count),
            branch_start=2 * np.arange(count + 1, dtype=np.int32),
            branch_index=branches[row[first:stop]].ravel(),
        )

    found = _Found(prepared, options, before, len(row))
    done_rows = _run(found, scenarios, len(row), watch, 0.2)
    kept = row[:done_rows]
    unserved = found.unserved_mw[:done_rows]
    return Screening(
        order=2,
        kind=np.zeros(done_rows, np.int32),
        row=branches[kept],
        unserved_mw=unserved,
        extra_mw=unserved - np.maximum(alone[kept[:, 0]], alone[kept[:, 1]]),
        separated_mw=found.separated_mw[:done_rows],
        n_islands=found.n_islands[:done_rows],
        n_trips=found.n_trips[:done_rows],
        least_reserve_mw=found.least_reserve_mw[:done_rows],
        n_losses=n_pairs,
        n_bounded=n_pairs - n_left if goes_on else 0,
        n_trips_before=int((intact.trip_round[0] > 0).sum()),
        unserved_before_mw=before,
        is_complete=goes_on and done_rows == n_left,
    )


def substation_buses(network: Network) -> tuple[tuple[str, ...], tuple[IntArray, ...]]:
    """Names of the substations and their buses.

    Buses belong together that the network table gives one substation, or that transformers and
    closed switches in service join. Without a substation's id the name is that of the first bus.
    """
    buses, trafos, switches = network.buses, network.transformers, network.switches
    n = len(buses.id)
    same: list[tuple[int, int]] = []
    for substation in np.unique(buses.substation[buses.substation >= 0]):
        same.extend(pairwise(np.flatnonzero(buses.substation == substation).tolist()))
    named = np.array(same, np.int32).reshape(-1, 2)
    joins = np.concatenate([np.ones(len(named), np.bool_), trafos.in_service, switches.is_closed])
    label = label_islands(
        np.concatenate([named[:, 0], trafos.from_bus, switches.from_bus]),
        np.concatenate([named[:, 1], trafos.to_bus, switches.to_bus]),
        joins,
        np.ones(n, np.bool_),
    )
    groups = tuple(
        np.flatnonzero(label == i).astype(np.int32) for i in range(int(label.max(initial=-1)) + 1)
    )
    names = []
    for group in groups:
        sites = buses.substation[group]
        known = sites[sites >= 0]
        names.append(str(network.substations.id[known[0]] if len(known) else buses.id[group[0]]))
    return tuple(names), groups


class _Found:
    """Figures of the losses run so far, and what is needed to get them."""

    def __init__(
        self, prepared: PreparedCase, options: FlowOptions, before_mw: float, n: int
    ) -> None:
        self.prepared = prepared
        self.options = options
        self.base = base_state(prepared.case, options)
        self.before_mw = before_mw
        self.unserved_mw = np.zeros(n)
        self.separated_mw = np.zeros(n)
        self.least_reserve_mw = np.zeros(n)
        self.n_islands = np.zeros(n, np.int32)
        self.n_trips = np.zeros(n, np.int32)

    def add(self, scenarios: Scenarios, first: int, stop: int) -> None:
        case = self.prepared.case
        result = run_cascade(self.prepared, scenarios, self.options)
        here = slice(first, stop)
        self.unserved_mw[here] = np.maximum(_unserved(result) - self.before_mw, 0.0)
        self.n_islands[here] = result.n_islands
        self.n_trips[here] = (result.trip_round > 0).sum(axis=1)
        measure(
            result.island,
            result.n_islands,
            result.unit_mw,
            self.base.served,
            case.unit_bus,
            np.where(self.base.unit_on, case.unit_max_mw, -np.inf),
            self.base.p,
            scenarios.unit_start,
            scenarios.unit_index,
            self.separated_mw[here],
            self.least_reserve_mw[here],
        )


def _run(
    found: _Found,
    scenarios: Callable[[int, int], Scenarios],
    n: int,
    watch: Watch,
    before_pu: float,
) -> int:
    """Run `n` losses in chunks; returns how many were run before the watch said no."""
    chunk = max(CHUNK_VALUES // _n_values(found.prepared.case), 16)
    first = 0
    while first < n and watch(before_pu + (1.0 - before_pu) * first / n):
        stop = min(first + chunk, n)
        found.add(scenarios(first, stop), first, stop)
        first = stop
    if first == n:
        watch(1.0)
    return first


def _pairs_to_run(
    prepared: PreparedCase,
    branches: IntArray,
    intact: CascadeResult,
    options: FlowOptions,
    alone: FloatArray,
    before_mw: float,
) -> Iterator[tuple[IntArray, float]]:
    """Yield pairs that have to be run, as places in `branches`, and the share of all looked at.

    `alone` (n_branches,) is filled with what each branch alone leaves unserved.
    """
    case, n = prepared.case, len(branches)
    is_settled = bool(intact.converged[0]) and not (intact.trip_round[0] > 0).any()
    assert intact.flow_mw is not None
    flow = intact.flow_mw[0]
    limit = case.limit_mw
    block = max(min(BLOCK_VALUES // max(len(flow), 1), n), 1)
    starts = range(0, n, block)
    # What each branch alone does; flows are kept for bridges only.
    is_bridge = find_bridges(prepared.grid)
    known, share = np.zeros(n, np.bool_), np.zeros(n)
    flow_of_bridge: dict[int, FloatArray] = {}
    for first in starts:
        rows = branches[first : first + block]
        here = slice(first, first + len(rows))
        factor, known[here] = _factors(prepared, rows, is_bridge)
        share[here] = worst_shares(factor, known[here], flow, limit)
        chunk = max(CHUNK_VALUES // _n_values(case), 16)
        for at in range(first, first + len(rows), chunk):
            some = branches[at : min(at + chunk, first + len(rows))]
            single = lose(case, branches=[[int(b)] for b in some])
            result = run_cascade(prepared, single, replace(options, keep_flows=True))
            assert result.flow_mw is not None
            alone[at : at + len(some)] = np.maximum(_unserved(result) - before_mw, 0.0)
            calm = result.converged & ~(result.trip_round > 0).any(axis=1)
            for i in range(len(some)):
                if is_bridge[some[i]] and calm[i]:
                    flow_of_bridge[at + i] = result.flow_mw[i].copy()
    looked_at = 0
    for first in starts:
        left = slice(first, min(first + block, n))
        factor_a, _ = _factors(prepared, branches[left], is_bridge)
        for second in range(first, n, block):
            right = slice(second, min(second + block, n))
            factor_b = factor_a
            if second != first:
                factor_b = _factors(prepared, branches[right], is_bridge)[0]
            harmless = harmless_pairs(
                factor_a,
                branches[left],
                known[left],
                share[left],
                factor_b,
                branches[right],
                known[right],
                share[right],
                flow,
                limit,
            )
            for rows_of, others, factors, turned in (
                (left, right, factor_b, False),
                (right, left, factor_a, True),
            ):
                bridges = [i for i in range(rows_of.start, rows_of.stop) if i in flow_of_bridge]
                if not bridges:
                    continue
                quiet = harmless_after_bridge(
                    np.array([flow_of_bridge[i] for i in bridges]),
                    factors,
                    branches[others],
                    known[others],
                    limit,
                )
                place = np.array(bridges) - rows_of.start
                if turned:
                    harmless[:, place] |= quiet.T
                else:
                    harmless[place] |= quiet
            if not is_settled:
                harmless[:] = False
            to_run = np.argwhere(~harmless) + np.array([first, second])
            to_run = to_run[to_run[:, 0] < to_run[:, 1]]
            looked_at += (left.stop - left.start) * (right.stop - right.start)
            yield to_run.astype(np.int32), min(looked_at / max(n * (n + block) / 2, 1.0), 1.0)


def _factors(
    prepared: PreparedCase, rows: IntArray, is_bridge: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Outage factors (n_rows, n_branch), and for which rows they are known."""
    flow = transfers(prepared.grid, prepared.factor, rows)
    return flow, outage_factors(flow, rows, is_bridge)


def _unserved(result: CascadeResult) -> FloatArray:
    unserved: FloatArray = (result.demand_mw - result.served_mw).sum(axis=1)
    return unserved


def _n_values(case: FlowCase) -> int:
    """Values a scenario's results take."""
    return 4 * case.n_bus + 2 * len(case.from_bus) + len(case.unit_bus)
