"""Cascades of eight scenarios in step: what `kernels.cascade_range` answers, to the last bit.

Each round factors anew what the latest trips changed, in all eight networks at once; islands come
with it. Each is then balanced by itself, and the flows of all eight are solved together. A lane
that is done takes the next scenario.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Room, Rules, State
from lightkeeper.flow.compiled import bare, entry
from lightkeeper.flow.kernels import (
    TRIP_MARGIN,
    make_room,
    ramp_listed,
    scale_listed,
)
from lightkeeper.flow.lane_factor import (
    Factors,
    label_lanes,
    mark_paths,
    refactor_lanes,
    restore_lanes,
    solve_lanes,
)
from lightkeeper.flow.lanes import ALL_LANES, N_LANES, aligned
from lightkeeper.flow.references import by_reference
from lightkeeper.units import BoolArray, FloatArray, IntArray


class Rows(NamedTuple):
    """Scenarios under way, a row for each lane: what is on, what it does, what has been opened.

    `bus` and `unit` list what is not dead or lost, the first `n_buses` and `n_units`, in the case's
    order; what is not listed stays as it is.
    """

    branch_on: BoolArray
    bus_on: BoolArray
    label: IntArray
    alive: BoolArray
    p: FloatArray
    p_min: FloatArray
    p_max: FloatArray
    unit_on: BoolArray
    served: FloatArray
    infeed: FloatArray
    opened: IntArray
    n_opened: IntArray
    bus: IntArray
    n_buses: IntArray
    unit: IntArray
    n_units: IntArray
    n_islands: IntArray
    scenario: IntArray
    n_rounds: IntArray


class BulkWork(NamedTuple):
    """Scratch of one thread."""

    lanes: Factors
    rows: Rows
    room: Room
    number: IntArray
    found: IntArray  # (n_branch + 1,) overloads
    order: IntArray  # bus of the case at each place of the order of elimination
    limit: FloatArray  # what a branch trips above [MW], where a scenario says nothing else
    has_infeed: bool


@entry
def make_bulk_work(grid: Grid, base: State) -> BulkWork:
    """Room for one thread."""
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    lanes = Factors(
        np.zeros(n_branch, np.uint8),
        np.zeros(n_branch, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.full(len(grid.l_row), 255, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_branch, np.uint8),
        aligned(len(grid.l_row)),
        aligned(n_bus),
        aligned(n_bus),
        aligned(n_bus),
        aligned(n_bus),
        aligned(n_bus),
        aligned(n_bus),
        aligned(n_branch),
        aligned(1),
        aligned(1),
        aligned(1),
    )
    for v in range(n_bus):
        lanes.grounded[v] = ALL_LANES if grid.parent[v] < 0 else 0
    for k in range(n_branch):
        lanes.quiet[k] = 0 if grid.branch_on[k] else ALL_LANES
    rows = Rows(
        np.empty((N_LANES, n_branch), np.bool_),
        np.empty((N_LANES, n_bus), np.bool_),
        np.empty((N_LANES, n_bus), np.int32),
        np.empty((N_LANES, n_bus), np.bool_),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit), np.bool_),
        np.zeros((N_LANES, n_bus)),
        np.zeros((N_LANES, n_bus)),
        np.empty((N_LANES, n_branch), np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_bus), np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_unit), np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
    )
    order = np.empty(n_bus, np.int32)
    for i in range(n_bus):
        order[grid.place[i]] = i
    number, found = np.empty(n_bus, np.int32), np.empty(n_branch + 1, np.int32)
    limit = grid.limit_mw * TRIP_MARGIN
    has_infeed = bool(np.any(base.infeed != 0.0))
    return BulkWork(lanes, rows, make_room(n_bus, n_unit), number, found, order, limit, has_infeed)


# ------------------------------------------------------------------------------------ losses


@bare
def _open(grid: Grid, lanes: Factors, rows: Rows, c: int, k: int) -> None:
    """Take branch k out in lane c and mark what of the factor that changes."""
    if not rows.branch_on[c, k]:
        return
    rows.branch_on[c, k] = False
    rows.opened[c, rows.n_opened[c]] = k
    rows.n_opened[c] += 1
    bit = np.uint8(1 << c)
    lanes.off[k] |= bit
    lanes.quiet[k] |= bit
    mark_paths(grid.parent, lanes.mark, min(grid.from_bus[k], grid.to_bus[k]), 1 << c)


@bare
def _begin(
    grid: Grid,
    base: State,
    lost: Lost,
    s: int,
    lanes: Factors,
    rows: Rows,
    c: int,
    out: Out,
) -> None:
    """Set lane c to the intact network less what scenario `s` says; as `begin_scenario`."""
    # Element by element: assigning whole rows would copy them twice.
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    for k in range(n_branch):
        rows.branch_on[c, k] = grid.branch_on[k]
    for i in range(n_bus):
        rows.bus_on[c, i] = grid.bus_on[i]
        rows.bus[c, i] = i
        rows.served[c, i] = base.served[i]
        rows.infeed[c, i] = base.infeed[i]
    for u in range(n_unit):
        rows.unit[c, u] = u
        rows.p[c, u] = base.p[u]
        rows.p_min[c, u] = base.p_min[u]
        rows.p_max[c, u] = base.p_max[u]
        rows.unit_on[c, u] = base.unit_on[u]
    rows.n_buses[c], rows.n_units[c] = n_bus, n_unit
    rows.n_opened[c] = 0
    if len(lost.load_factor) > 0:
        for i in range(n_bus):
            rows.served[c, i] *= lost.load_factor[s, i]
    if len(lost.unit_factor) > 0:
        for u in range(n_unit):
            if lost.unit_factor[s, u] != 1.0:
                rows.p_max[c, u] *= lost.unit_factor[s, u]
                rows.p_min[c, u] = min(rows.p_min[c, u], rows.p_max[c, u])
                rows.p[c, u] = min(rows.p[c, u], rows.p_max[c, u])
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        rows.unit_on[c, lost.unit_index[q]] = False
    for q in range(lost.branch_start[s], lost.branch_start[s + 1]):
        _open(grid, lanes, rows, c, lost.branch_index[q])
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        v = grid.place[lost.bus_index[q]]
        rows.bus_on[c, v] = False
        mark_paths(grid.parent, lanes.mark, v, 1 << c)
        for r in range(grid.near_start[v], grid.near_start[v + 1]):
            _open(grid, lanes, rows, c, grid.near_branch[r])
    if len(out.trip_round) > 0:
        for k in range(n_branch):
            out.trip_round[s, k] = 0 if rows.branch_on[c, k] else -1
    total = 0.0
    for i in range(n_bus):
        demand = grid.demand_mw[i]
        if len(lost.load_factor) > 0:
            demand *= lost.load_factor[s, i]
        total += demand
        if len(out.demand_mw) > 0:
            out.demand_mw[s, i] = demand
    out.total_demand_mw[s] = total


# ------------------------------------------------------------------------------------ balance


@bare
def _list_by_island(
    label: IntArray,
    at: IntArray,
    listed: IntArray,
    n: int,
    n_islands: int,
    start: IntArray,
    member: IntArray,
) -> None:
    """List the first n rows of `listed` by island, in order; as `kernels.group_by_island`.

    Most rows are in one island. It is counted without touching memory, since each count there
    would wait for the one before; and without a branch, since where the others are is anyone's
    guess. `start` has two places more than it would need.
    """
    for i in range(n_islands + 3):
        start[i] = 0
    never, anything = n_islands + 1, n_islands + 2  # not written, not read
    most = label[at[listed[n // 2]]] if n > 0 else 0
    count = 0
    for q in range(n):
        i = label[at[listed[q]]]
        is_most, is_off = i == most, i < 0
        count += is_most
        found = start[never if is_most or is_off else i + 1]
        start[anything if is_most or is_off else i + 1] = found + 1
    if most >= 0:
        start[most + 1] = count
    start[never] = 0
    for i in range(n_islands):
        start[i + 1] += start[i]
    first_of_most = start[max(most, 0)]
    place = first_of_most
    for q in range(n):
        row = listed[q]
        i = label[at[row]]
        is_most, is_off = i == most, i < 0
        if is_off:
            continue
        here = place if is_most else start[never if is_most else i]
        member[here] = row
        start[anything if is_most else i] = here + 1
        place += is_most
    if most >= 0:
        start[most] = place
    for i in range(n_islands, 0, -1):
        start[i] = start[i - 1]
    start[0] = 0


@bare
def _drop_dead(label: IntArray, alive: BoolArray, at: IntArray, listed: IntArray, n: int) -> int:
    """Keep the rows in live islands; returns their number."""
    kept = 0
    for q in range(n):
        row = listed[q]
        i = label[at[row]]
        listed[kept] = row
        kept += i >= 0 and alive[i]
    return kept


@bare
def _balance(grid: Grid, rules: Rules, rows: Rows, c: int, room: Room, has_infeed: bool) -> None:
    """Balance the islands of lane c, as `kernels.ramp_islands` and `balance_proportional` do.

    What is dead has nothing left and stays so: it need not be looked at again.
    """
    state = by_reference(
        State(
            rows.p[c], rows.p_min[c], rows.p_max[c], rows.unit_on[c], rows.served[c], rows.infeed[c]
        )
    )
    label, alive, n_islands = rows.label[c], rows.alive[c], rows.n_islands[c]
    bus_on = rows.bus_on[c]
    for v in range(len(bus_on)):
        if not bus_on[v]:
            label[v] = -1
    buses, units, n_buses, n_units = rows.bus[c], rows.unit[c], rows.n_buses[c], rows.n_units[c]
    place, unit_bus, served, infeed = grid.place, grid.unit_bus, rows.served[c], rows.infeed[c]
    p, unit_on = rows.p[c], rows.unit_on[c]
    if rows.n_rounds[c] == 1:
        # Later, only what has died is off.
        for i in range(n_buses):
            if label[place[i]] < 0:
                served[i] = 0.0
                infeed[i] = 0.0
        for u in range(n_units):
            if not unit_on[u] or label[unit_bus[u]] < 0:
                unit_on[u] = False
                p[u] = 0.0
    _list_by_island(label, place, buses, n_buses, n_islands, room.bus_start, room.bus_member)
    _list_by_island(label, unit_bus, units, n_units, n_islands, room.unit_start, room.unit_member)
    if rules.proportional:
        scale_listed(alive, n_islands, state, room, has_infeed)
    else:
        ramp_listed(alive, n_islands, grid.ramp_pu, state, room, has_infeed)
    rows.n_buses[c] = _drop_dead(label, alive, place, buses, n_buses)
    rows.n_units[c] = _drop_dead(label, alive, unit_bus, units, n_units)


@bare
def _inject(grid: Grid, lanes: Factors, rows: Rows, order: IntArray, busy: int) -> None:
    """Fill what is injected in every lane, and which phase shifters are in dead islands."""
    injection, served, infeed = lanes.injection, rows.served, rows.infeed
    base_mva = grid.base_mva
    for v in range(len(order)):
        b = order[v]
        for c in range(N_LANES):
            injection[N_LANES * v + c] = (infeed[c, b] - served[c, b]) / base_mva
    for c in range(N_LANES):
        if busy >> c & 1 == 0:
            continue
        for q in range(rows.n_units[c]):
            u = rows.unit[c, q]
            injection[N_LANES * grid.unit_bus[u] + c] += rows.p[c, u] / base_mva
        bit = np.uint8(1 << c)
        for k in grid.shifters:
            if rows.branch_on[c, k]:
                lanes.quiet[k] &= ~bit
                if not rows.alive[c, rows.label[c, grid.from_bus[k]]]:
                    lanes.quiet[k] |= bit


# ------------------------------------------------------------------------------------ trips


@bare
def _overloads(grid: Grid, lost: Lost, s: int, lanes: Factors, c: int, number: IntArray) -> int:
    """List in `number` what is above its limit in lane c; returns how many there are."""
    n = 0
    if len(lost.rating_factor) == 0:
        bit, over = np.uint8(1 << c), lanes.over
        for k in range(len(over)):
            number[n] = k
            n += over[k] & bit != 0
        return n
    for k in range(len(grid.from_bus)):
        limit = grid.limit_mw[k] * lost.rating_factor[s, k]
        number[n] = k
        n += abs(lanes.flow[N_LANES * k + c]) * grid.base_mva > limit * TRIP_MARGIN
    return n


@bare
def _finish(
    grid: Grid, s: int, solved: bool, lanes: Factors, rows: Rows, c: int, number: IntArray, out: Out
) -> None:
    """Fill row `s` of the results, and clear lane c of what was out in it."""
    for i in range(rows.n_islands[c]):
        number[i] = -1
    n_live = 0
    for i in range(len(grid.place)):
        label = rows.label[c, grid.place[i]]
        found = -1
        if label >= 0 and rows.alive[c, label]:
            if number[label] < 0:
                number[label] = n_live
                n_live += 1
            found = number[label]
        if len(out.island) > 0:
            out.island[s, i] = found
    out.n_islands[s] = n_live
    total = 0.0
    for i in range(len(grid.place)):
        total += rows.served[c, i]
    out.total_served_mw[s] = total
    if len(out.served_mw) > 0:
        for i in range(len(grid.place)):
            out.served_mw[s, i] = rows.served[c, i]
    if len(out.infeed_mw) > 0:
        for i in range(len(grid.place)):
            out.infeed_mw[s, i] = rows.infeed[c, i]
    if len(out.unit_mw) > 0:
        for u in range(len(grid.unit_bus)):
            out.unit_mw[s, u] = rows.p[c, u]
    if len(out.flow_mw) > 0:
        for k in range(len(grid.from_bus)):
            flow = lanes.flow[N_LANES * k + c] * grid.base_mva
            out.flow_mw[s, k] = flow if solved else np.nan
    bit = np.uint8(1 << c)
    for q in range(rows.n_opened[c]):
        lanes.off[rows.opened[c, q]] &= ~bit
        lanes.quiet[rows.opened[c, q]] &= ~bit


@bare
def _run(
    grid: Grid,
    base: State,
    factor: Factor,
    lost: Lost,
    rules: Rules,
    todo: IntArray,
    first: int,
    stop: int,
    work: BulkWork,
    out: Out,
) -> None:
    lanes, rows, room = work.lanes, work.rows, work.room
    scenario, n_rounds, found = rows.scenario, rows.n_rounds, work.found
    upcoming, busy = first, 0
    while True:
        for c in range(N_LANES):
            if busy >> c & 1 == 0 and upcoming < stop:
                scenario[c], n_rounds[c] = todo[upcoming], 0
                upcoming += 1
                busy |= 1 << c
                _begin(grid, base, lost, scenario[c], lanes, rows, c, out)
        if busy == 0:
            break
        refactor_lanes(grid, factor, lanes)
        label_lanes(grid, lanes, rows.label, rows.n_islands)
        for c in range(N_LANES):
            if busy >> c & 1:
                n_rounds[c] += 1
                _balance(grid, rules, rows, c, room, work.has_infeed)
        _inject(grid, lanes, rows, work.order, busy)
        solved = solve_lanes(grid, factor, lanes, work.limit, busy)
        done = 0
        for c in range(N_LANES):
            if busy >> c & 1 == 0:
                continue
            s = scenario[c]
            has_flow = solved >> c & 1 != 0
            n_over = 0
            if has_flow and rules.trip_overloads:
                n_over = _overloads(grid, lost, s, lanes, c, found)
            if n_over == 0 or n_rounds[c] >= rules.max_rounds:
                out.n_rounds[s] = n_rounds[c]
                out.converged[s] = has_flow and n_over == 0
                _finish(grid, s, has_flow, lanes, rows, c, work.number, out)
                done |= 1 << c
                continue
            for q in range(n_over):
                _open(grid, lanes, rows, c, found[q])
                if len(out.trip_round) > 0:
                    out.trip_round[s, found[q]] = n_rounds[c]
        restore_lanes(grid, factor, lanes, done)
        busy &= ~done


@entry
def bulk_range(
    grid: Grid,
    base: State,
    factor: Factor,
    lost: Lost,
    rules: Rules,
    work: BulkWork,
    todo: IntArray,
    first: int,
    stop: int,
    out: Out,
) -> None:
    """Run the scenarios `todo[first:stop]` and fill their rows of `out`."""
    _run(
        by_reference(grid),
        by_reference(base),
        by_reference(factor),
        by_reference(lost),
        rules,
        todo,
        first,
        stop,
        by_reference(work),
        by_reference(out),
    )
