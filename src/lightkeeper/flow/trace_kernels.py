"""Compiled kernels of a cascade told step by step: what trips when and why, and what it costs.

They stand on those of `kernels`; buses are in elimination order here too.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Parts, Room, Rules, State
from lightkeeper.flow.balance_kernels import balance_ramped, make_room
from lightkeeper.flow.compiled import entry
from lightkeeper.flow.kernels import (
    TRIP_MARGIN,
    begin_results,
    begin_scenario,
    find_references,
    label_islands,
    open_branch,
    refactor,
    restore_factor,
    solve_flow,
    write_results,
)
from lightkeeper.flow.ramp_rate_kernels import balance_by_ramp_rate
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Counts are 64 bit wherever they come from, so that each kernel is compiled once.
Whole: TypeAlias = int | np.signedinteger

# Trip rules, kinds of elements, causes of trips, causes of losses: places in the enums of `model`.
ALL_AT_ONCE, WORST_FIRST, TIMED_RELAYS = 0, 1, 2
BRANCH, UNIT = 0, 1
OVERLOAD, HIDDEN_FAILURE, SURPLUS, DEAD_ISLAND = 0, 1, 2, 3
LOST_BEFORE, LOST_WITH_BUS, LOST_NO_SUPPLY, LOST_SURPLUS, LOST_DEFICIT = 0, 1, 2, 3, 4
N_LOSSES = 5
# Columns of the rows that are returned.
EVENT_WIDTH = 7  # scenario, step, time_s, kind, row, cause, amount
STEP_WIDTH = 4 + N_LOSSES  # scenario, time_s, live islands, served_mw, then losses by cause
# Relays whose accumulated excess is this near to the threshold trip together with the first.
TIE = 1.0 - 1e-9
# Loadings this near to the worst tie with it; the lower row trips.
SAME_LOADING = 1.0 + 1e-9


class TraceRules(NamedTuple):
    """Options as numbers. A relay trips when its excess adds up to `relay_s` times the limit."""

    trip: int
    hidden_failure_pu: float
    seed: int
    max_rounds: int
    ramp_least_mw: float
    infeed_follows_load: bool
    start_s: float
    horizon_s: float
    relay_s: float


class Log(NamedTuple):
    """Rows written so far; `n` holds how many events."""

    event: FloatArray
    n: IntArray


@njit(nogil=True)
def _account(
    grid: Grid,
    before: State,
    state: State,
    parts: Parts,
    n_islands: int,
    room: Room,
    loss: FloatArray,
) -> None:
    """Add up by cause what the balance just done took away [MW]."""
    for i in range(n_islands):
        was, feed, kept = 0.0, 0.0, 0.0
        for q in range(room.bus_start[i], room.bus_start[i + 1]):
            k = room.bus_member[q]
            was += before.served[k]
            feed += before.infeed[k]
            kept += state.served[k]
        if was <= kept:
            continue
        cause = LOST_DEFICIT
        if not parts.alive[i]:
            made, n_able = 0.0, 0
            for q in range(room.unit_start[i], room.unit_start[i + 1]):
                u = room.unit_member[q]
                if before.unit_on[u]:
                    made += before.p[u]
                    n_able += before.p_max[u] > 0.0
            if n_able == 0:
                cause = LOST_NO_SUPPLY
            elif made + feed > was:
                cause = LOST_SURPLUS
        loss[cause] += was - kept
    for k in range(len(grid.place)):
        if parts.label[grid.place[k]] < 0:
            loss[LOST_WITH_BUS] += before.served[k]


# ------------------------------------------------------------------------------------ trips


@njit(nogil=True)
def _note(
    log: Log, s: int, step: Whole, time_s: float, kind: int, row: int, cause: int, amount: float
) -> None:
    """Add one event."""
    at = log.n[0]
    log.event[at, 0], log.event[at, 1], log.event[at, 2] = s, step, time_s
    log.event[at, 3], log.event[at, 4], log.event[at, 5] = kind, row, cause
    log.event[at, 6] = amount
    log.n[0] += 1


@njit(nogil=True)
def _note_units(
    grid: Grid,
    before: State,
    state: State,
    parts: Parts,
    size: FloatArray,
    log: Log,
    s: int,
    step: Whole,
    time_s: float,
) -> None:
    """Add the units that tripped for surplus, smallest first, then those of dead islands."""
    n_unit = len(before.p)
    chosen, key = np.empty(n_unit, np.int64), np.empty(n_unit)
    n = 0
    for u in range(n_unit):
        label = parts.label[grid.unit_bus[u]]
        if before.unit_on[u] and not state.unit_on[u] and label >= 0 and before.p[u] > 0.0:
            chosen[n] = u
            # After everything that tripped for surplus: whatever a dead island takes along.
            key[n] = np.rint(size[u] * 1e6) if parts.alive[label] else np.inf
            n += 1
    for q in np.argsort(key[:n], kind="mergesort"):
        u = chosen[q]
        cause = SURPLUS if key[q] < np.inf else DEAD_ISLAND
        _note(log, s, step, time_s, UNIT, u, cause, before.p[u])


@njit(nogil=True)
def _mix(x: np.uint64, word: int) -> np.uint64:
    x += np.uint64(0x9E3779B97F4A7C15) * (np.uint64(word) + np.uint64(1))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(nogil=True)
def draw(seed: int, s: int, k: int) -> float:
    """Return a number in [0, 1) that seed, scenario and branch alone decide (SplitMix64).

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    return float(_mix(_mix(_mix(np.uint64(0), seed), s), k) >> np.uint64(11)) * 2.0**-53


@njit(nogil=True)
def _expose(
    grid: Grid,
    rules: TraceRules,
    s: int,
    step: Whole,
    time_s: float,
    queue: IntArray,
    n_queue: Whole,
    branch_on: BoolArray,
    mark: BoolArray,
    load_pu: FloatArray,
    log: Log,
) -> Whole:
    """Trip branches beside those in `queue` whose relays hide a failure; returns their number."""
    begin = n_queue
    i = 0
    while i < n_queue:
        for v in (grid.from_bus[queue[i]], grid.to_bus[queue[i]]):
            for q in range(grid.near_start[v], grid.near_start[v + 1]):
                k = grid.near_branch[q]
                if branch_on[k] and draw(rules.seed, s, k) < rules.hidden_failure_pu:
                    open_branch(grid, k, branch_on, mark)
                    _note(log, s, step, time_s, BRANCH, k, HIDDEN_FAILURE, load_pu[k])
                    queue[n_queue] = k
                    n_queue += 1
        i += 1
    return n_queue - begin


@njit(nogil=True)
def _run_relays(
    rules: TraceRules,
    left_s: float,
    branch_on: BoolArray,
    limit: FloatArray,
    load_pu: FloatArray,
    relay_s: FloatArray,
    queue: IntArray,
) -> tuple[float, int, int]:
    """Let the relays run until the first trips, if that is within `left_s`.

    Each relay's state is its accumulated excess over its limit, divided by the limit; it falls
    below the limit as it rises above, never under zero. Returns how long it takes [s], how many
    branches trip (in `queue`), how many are above their limit.
    """
    n_over = 0
    wait_s = np.inf
    for k in range(len(limit)):
        if branch_on[k] and load_pu[k] > TRIP_MARGIN:
            n_over += 1
            wait_s = min(wait_s, max(rules.relay_s - relay_s[k], 0.0) / (load_pu[k] - 1.0))
    if wait_s > left_s:
        return wait_s, 0, n_over
    n_trips = 0
    for k in range(len(limit)):
        if branch_on[k] and limit[k] < np.inf:
            relay_s[k] = max(relay_s[k] + (load_pu[k] - 1.0) * wait_s, 0.0)
            if load_pu[k] > TRIP_MARGIN and relay_s[k] >= rules.relay_s * TIE:
                queue[n_trips] = k
                n_trips += 1
    return wait_s, n_trips, n_over


@njit(nogil=True)
def _overloads(
    rules: TraceRules, branch_on: BoolArray, load_pu: FloatArray, queue: IntArray
) -> tuple[int, int]:
    """Choose what trips this round, all or the worst; how many trip, how many are overloaded."""
    n_over, worst = 0, 0.0
    for k in range(len(load_pu)):
        if branch_on[k] and load_pu[k] > TRIP_MARGIN:
            if rules.trip == ALL_AT_ONCE:
                queue[n_over] = k
            elif n_over == 0 or load_pu[k] > worst * SAME_LOADING:
                worst = load_pu[k]
                queue[0] = k
            n_over += 1
    return (n_over if rules.trip == ALL_AT_ONCE else min(n_over, 1)), n_over


# ------------------------------------------------------------------------------------ scenarios


@njit(nogil=True)
def _copy_state(state: State, into: State) -> None:
    into.p[:] = state.p
    into.p_min[:] = state.p_min
    into.p_max[:] = state.p_max
    into.unit_on[:] = state.unit_on
    into.served[:] = state.served
    into.infeed[:] = state.infeed


@njit(nogil=True)
def _new_state(n_bus: int, n_unit: int) -> State:
    return State(
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit, np.bool_),
        np.empty(n_bus),
        np.empty(n_bus),
    )


@njit(nogil=True)
def _with_room(rows: FloatArray, n: Whole, more: Whole) -> FloatArray:
    """Return the rows, or a longer copy if `more` do not fit after the first `n`."""
    if n + more <= len(rows):
        return rows
    longer = np.empty((2 * len(rows) + more, rows.shape[1]))
    longer[:n] = rows[:n]
    return longer


@entry
def trace_range(
    grid: Grid,
    base: State,
    intact: Factor,
    lost: Lost,
    keep: Rules,
    rules: TraceRules,
    first: int,
    stop: int,
    out: Out,
    n_over_left: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """Run scenarios `first` to `stop` (not included); returns events and steps, row by row."""
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    branch_on, bus_on = np.empty(n_branch, np.bool_), np.empty(n_bus, np.bool_)
    limit, flow, load_pu = np.empty(n_branch), np.empty(n_branch), np.empty(n_branch)
    relay_s, queue = np.empty(n_branch), np.empty(n_branch, np.int32)
    state, before = _new_state(n_bus, n_unit), _new_state(n_bus, n_unit)
    rate, low, high, size = (
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit),
    )
    parts = Parts(np.empty(n_bus, np.int32), np.empty(n_bus, np.bool_), np.empty(n_bus, np.bool_))
    number, stack = np.empty(n_bus, np.int32), np.empty(n_bus, np.int32)
    mark, changed = np.zeros(n_bus, np.bool_), np.zeros(n_bus, np.bool_)
    injection, angle, work = np.empty(n_bus), np.empty(n_bus), np.empty(n_bus)
    room = make_room(n_bus, n_unit)
    factor = Factor(intact.l_value.copy(), intact.d.copy(), intact.inv_d.copy())
    to_mw = grid.base_mva
    timed = rules.trip == TIMED_RELAYS
    loss = np.zeros(N_LOSSES)
    steps = np.empty((64, STEP_WIDTH))
    n_steps = np.int64(0)
    log = Log(np.empty((64, EVENT_WIDTH)), np.zeros(1, np.int64))

    for s in range(first, stop):
        begin_scenario(grid, base, lost, s, state, branch_on, bus_on, limit, mark)
        begin_results(grid, lost, s, branch_on, out)
        log = Log(_with_room(log.event, log.n[0], np.int64(n_branch + n_unit)), log.n)
        relay_s[:] = 0.0
        load_pu[:] = np.nan
        loss[:] = 0.0
        for i in range(n_bus):
            loss[LOST_BEFORE] += out.demand_mw[s, i] - state.served[i]
        for u in range(n_unit):
            r = grid.ramp_pu[u]
            if state.p_max[u] <= 0.0:
                rate[u] = 0.0
            elif r == np.inf:
                rate[u] = max(state.p_max[u] - state.p_min[u], 0.0)
            else:
                rate[u] = max(r * state.p_max[u], rules.ramp_least_mw) if r > 0.0 else 0.0
        time_s = rules.start_s if timed else np.nan
        if rules.hidden_failure_pu > 0.0:
            n_queue = np.int64(0)
            for k in range(n_branch):
                if grid.branch_on[k] and not branch_on[k]:
                    queue[n_queue] = k
                    n_queue += 1
            begun = log.n[0]
            _expose(
                grid, rules, s, np.int64(0), time_s, queue, n_queue, branch_on, mark, load_pu, log
            )
            for e in range(begun, log.n[0]):
                out.trip_round[s, int(log.event[e, 4])] = 1

        solved, settled = True, True
        n_rounds, n_islands, last = np.int64(0), 0, False
        while True:
            n_before = n_islands
            n_islands = label_islands(grid, branch_on, bus_on, parts.label, stack)
            if not timed or last or n_islands > n_before:
                _copy_state(state, before)
                if timed:
                    balance_by_ramp_rate(
                        parts,
                        n_islands,
                        grid.place,
                        grid.unit_bus,
                        rate,
                        rules.infeed_follows_load,
                        state,
                        room,
                        low,
                        high,
                        size,
                    )
                else:
                    size[:] = state.p
                    balance_ramped(
                        parts, n_islands, grid.place, grid.unit_bus, grid.ramp_pu, state, room
                    )
                _account(grid, before, state, parts, n_islands, room, loss)
                _note_units(grid, before, state, parts, size, log, s, n_rounds, time_s)
                if last:
                    moved = 0.0
                    for u in range(n_unit):
                        moved = max(moved, abs(state.p[u] - before.p[u]))
                    for i in range(n_bus):
                        moved = max(moved, abs(state.served[i] - before.served[i]))
                    if moved == 0.0:
                        break
            n_rounds += 1
            find_references(parts.label, stack, parts.grounded)
            refactor(grid, branch_on, parts.grounded, mark, factor, work)
            for v in range(n_bus):
                changed[v] |= mark[v]
                mark[v] = False
            for i in range(n_bus):
                injection[grid.place[i]] = (state.infeed[i] - state.served[i]) / to_mw
            for u in range(n_unit):
                injection[grid.unit_bus[u]] += state.p[u] / to_mw
            solved = solve_flow(grid, branch_on, parts, factor, injection, angle, flow, work)
            for k in range(n_branch):
                load_pu[k] = abs(flow[k]) * to_mw / limit[k]

            steps = _with_room(steps, n_steps, np.int64(1))
            n_live, served = 0, 0.0
            for i in range(n_islands):
                n_live += parts.alive[i]
            for i in range(n_bus):
                served += state.served[i]
            steps[n_steps, 0], steps[n_steps, 1] = s, time_s
            steps[n_steps, 2], steps[n_steps, 3] = n_live, served
            steps[n_steps, 4:] = loss
            loss[:] = 0.0
            n_steps += 1
            if not solved or last:
                break

            if timed:
                wait_s, n_trips, n_over = _run_relays(
                    rules, rules.horizon_s - time_s, branch_on, limit, load_pu, relay_s, queue
                )
            else:
                wait_s = 0.0
                n_trips, n_over = _overloads(rules, branch_on, load_pu, queue)
            settled = bool(n_over == 0 or n_rounds < rules.max_rounds)
            if n_trips == 0 or not settled:
                if not timed or not settled:
                    break
                last = True
                time_s = rules.horizon_s if n_over > 0 else time_s
                continue
            time_s += wait_s
            begun = log.n[0]
            for q in range(n_trips):
                k = queue[q]
                open_branch(grid, k, branch_on, mark)
                _note(log, s, n_rounds, time_s, BRANCH, k, OVERLOAD, load_pu[k])
            if rules.hidden_failure_pu > 0.0:
                _expose(
                    grid, rules, s, n_rounds, time_s, queue, n_trips, branch_on, mark, load_pu, log
                )
            for e in range(begun, log.n[0]):
                out.trip_round[s, int(log.event[e, 4])] = n_rounds

        n_over_left[s] = 0
        for k in range(n_branch):
            n_over_left[s] += branch_on[k] and load_pu[k] > TRIP_MARGIN
        write_results(grid, keep, s, state, parts, flow, solved, number, out)
        out.n_rounds[s] = n_rounds
        out.converged[s] = solved and settled
        restore_factor(grid, intact, factor, changed)
    return log.event[: log.n[0]].copy(), steps[:n_steps].copy()
