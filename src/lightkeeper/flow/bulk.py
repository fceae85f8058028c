"""Cascades of eight scenarios in step: what `kernels.cascade_range` answers, to the last bit.

Each round factors anew what the latest trips changed, in all eight networks at once; islands come
with it. Each is then balanced by itself, and the flows of all eight are solved together. A lane
that is done takes the next scenario.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Room, Rules, State
from lightkeeper.flow.balance_kernels import make_room, ramp_listed, scale_listed
from lightkeeper.flow.compiled import bare, entry
from lightkeeper.flow.kernels import TRIP_MARGIN
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
from lightkeeper.units import BoolArray, FloatArray, IndexArray, IntArray


class Rows(NamedTuple):
    """Scenarios under way, a row for each lane: what is on, what it does, what has been opened.

    `bus` and `unit` list what is not dead or lost, the first `n_buses` and `n_units`, in the case's
    order; what is not listed stays as it is.
    """

    branch_on: BoolArray
    bus_on: BoolArray
    label: IndexArray
    p: FloatArray
    p_min: FloatArray
    p_max: FloatArray
    unit_on: BoolArray
    served: FloatArray
    infeed: FloatArray
    opened: IntArray
    n_opened: IntArray
    n_seen: IntArray  # of what is opened, in rounds before
    bus: IndexArray
    n_buses: IntArray
    unit: IndexArray
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
    found: IntArray  # (n_branch,) overloads
    over_words: NDArray[np.uint64]  # `lanes.over`, eight branches at a time
    bus: IndexArray  # every bus, (n_bus,)
    order: IndexArray  # bus of the case at each place of the order of elimination
    unit_bus: IndexArray  # bus of the case of each unit
    slot: IndexArray  # (n_bus,) number of each island to be balanced, from 1; 0 for the others
    alive: BoolArray  # (n_bus + 1,) which of those live; 0 does
    other: IndexArray  # scratch, rows of buses or units
    limit: FloatArray  # what a branch trips above [MW], where a scenario says nothing else
    has_infeed: bool


@entry
def make_bulk_work(grid: Grid, base: State) -> BulkWork:
    """Room for one thread."""
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    over = np.zeros((n_branch + 7) // 8 * 8, np.uint8)
    lanes = Factors(
        np.zeros(n_branch, np.uint8),
        np.zeros(n_branch, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.full(len(grid.l_row), 255, np.uint8),
        np.zeros(n_bus, np.uint8),
        over,
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
        np.empty((N_LANES, n_bus), np.uint32),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit), np.bool_),
        np.zeros((N_LANES, n_bus)),
        np.zeros((N_LANES, n_bus)),
        np.empty((N_LANES, n_branch), np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_bus), np.uint32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_unit), np.uint32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
        np.zeros(N_LANES, np.int32),
    )
    order = np.empty(n_bus, np.uint32)
    for i in range(n_bus):
        order[grid.place[i]] = i
    number, found = np.empty(n_bus, np.int32), np.empty(n_branch + 7, np.int32)
    return BulkWork(
        lanes,
        rows,
        make_room(n_bus, n_unit),
        number,
        found,
        over.view(np.uint64),
        np.arange(n_bus).astype(np.uint32),
        order,
        order[grid.unit_bus],
        np.empty(n_bus, np.uint32),
        np.empty(n_bus + 1, np.bool_),
        np.empty(max(n_bus, n_unit), np.uint32),
        grid.limit_mw * TRIP_MARGIN,
        bool(np.any(base.infeed != 0.0)),
    )


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
        rows.bus_on[c, i] = grid.bus_on[grid.place[i]]
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
    rows.n_opened[c] = rows.n_seen[c] = 0
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
        rows.bus_on[c, lost.bus_index[q]] = False
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
    bus: IndexArray,
    listed: IndexArray,
    n: int,
    label: IndexArray,
    slot: IndexArray,
    n_slots: int,
    start: IntArray,
    member: IndexArray,
    other: IndexArray,
) -> None:
    """List the first n rows of `listed`, each at its `bus`, by slot of their island, in order.

    As `balance_kernels.group_by_island`, but most rows are in one island: they are told from the
    `other` ones, which is scratch, in one walk without a branch, since where those are is anyone's
    guess.
    """
    for i in range(n_slots + 1):
        start[i] = 0
    most = slot[label[bus[listed[n // 2]]]] if n > 0 else 0
    if most == 0:
        most = n_slots  # none
    n_most, n_other = 0, 0
    for q in range(n):
        row = listed[q]
        i = slot[label[bus[row]]]
        member[n_most] = row
        other[n_other] = row
        n_most += i == most
        n_other += (i != 0) & (i != most)
    for q in range(n_other):
        start[slot[label[bus[other[q]]]] + 1] += 1
    if n_most > 0:
        start[most + 1] = n_most
    for i in range(n_slots):
        start[i + 1] += start[i]
    if n_most > 0 and start[most] > 0:
        # The later ones first, since they move up.
        for q in range(n_most - 1, -1, -1):
            member[start[most] + q] = member[q]
    if n_most > 0:
        start[most] += n_most
    for q in range(n_other):
        i = slot[label[bus[other[q]]]]
        member[start[i]] = other[q]
        start[i] += 1
    for i in range(n_slots, 0, -1):
        start[i] = start[i - 1]
    start[0] = 0


@bare
def _touch(grid: Grid, rules: Rules, rows: Rows, c: int, work: BulkWork) -> int:
    """Number the islands of lane c to be balanced this round; returns the next number.

    At first, and by the rule RAMPED (see `balance_kernels.ROUNDING`), these are all; else those
    that lost something.
    """
    label, opened, slot, order = rows.label[c], rows.opened[c], work.slot, work.order
    n_islands = int(rows.n_islands[c])
    if rows.n_rounds[c] == 1 or not rules.proportional:
        for i in range(n_islands):
            slot[i] = i + 1
        return n_islands + 1
    for i in range(n_islands):
        slot[i] = 0
    n_slots = 1
    for q in range(rows.n_seen[c], rows.n_opened[c]):
        k = opened[q]
        for end in (grid.from_bus[k], grid.to_bus[k]):
            i = label[order[end]]
            if slot[i] == 0:
                slot[i] = n_slots
                n_slots += 1
    rows.n_seen[c] = rows.n_opened[c]
    return n_slots


@bare
def _drop_dead(rows: Rows, c: int, work: BulkWork) -> None:
    """Take what is in dead islands from the lists; those buses are off from now on."""
    label, slot, alive = rows.label[c], work.slot, work.alive
    listed, kept = rows.bus[c], 0
    for q in range(rows.n_buses[c]):
        b = listed[q]
        lives = alive[slot[label[b]]]
        rows.bus_on[c, b] = lives
        listed[kept] = b
        kept += lives
    rows.n_buses[c] = kept
    listed, kept = rows.unit[c], 0
    for q in range(rows.n_units[c]):
        u = listed[q]
        listed[kept] = u
        kept += rows.bus_on[c, work.unit_bus[u]]
    rows.n_units[c] = kept


@bare
def _balance(grid: Grid, rules: Rules, rows: Rows, c: int, work: BulkWork) -> None:
    """Balance the islands of lane c, as those of one scenario are in `balance_kernels`.

    What is dead has nothing left and stays so: it need not be looked at again. A bus that is off is
    an island, which is dead.
    """
    state = by_reference(
        State(
            rows.p[c], rows.p_min[c], rows.p_max[c], rows.unit_on[c], rows.served[c], rows.infeed[c]
        )
    )
    label, bus_on, room, slot, alive = (
        rows.label[c],
        rows.bus_on[c],
        work.room,
        work.slot,
        work.alive,
    )
    buses, units, n_buses, n_units = rows.bus[c], rows.unit[c], rows.n_buses[c], rows.n_units[c]
    if rows.n_rounds[c] == 1:
        # Later, only what has died is off.
        for i in range(n_buses):
            if not bus_on[i]:
                state.served[i] = 0.0
                state.infeed[i] = 0.0
        for u in range(n_units):
            if not state.unit_on[u] or not bus_on[work.unit_bus[u]]:
                state.unit_on[u] = False
                state.p[u] = 0.0
    n = _touch(grid, rules, rows, c, work)
    bus_start, unit_start, other = room.bus_start, room.unit_start, work.other
    _list_by_island(work.bus, buses, n_buses, label, slot, n, bus_start, room.bus_member, other)
    _list_by_island(
        work.unit_bus, units, n_units, label, slot, n, unit_start, room.unit_member, other
    )
    if rules.proportional:
        scale_listed(alive, n, state, room, work.has_infeed)
    else:
        ramp_listed(alive, n, grid.ramp_pu, state, room, work.has_infeed)
    n_dead, alive[0] = 0, True
    for i in range(n):
        n_dead += not alive[i]
    if n_dead > 0:
        _drop_dead(rows, c, work)


@bare
def _inject(grid: Grid, lanes: Factors, rows: Rows, order: IndexArray, busy: int) -> None:
    """Fill what is injected in every lane, and which phase shifters are in dead islands."""
    injection, served, infeed = lanes.injection, rows.served, rows.infeed
    base_mva, n_bus = grid.base_mva, len(order)
    for v in range(n_bus):
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
                if not rows.bus_on[c, order[grid.from_bus[k]]]:
                    lanes.quiet[k] |= bit


# ------------------------------------------------------------------------------------ trips


@bare
def _list_overloads(
    grid: Grid, lost: Lost, rows: Rows, lanes: Factors, work: BulkWork, lanes_asked: int
) -> int:
    """List in `work.found` the branches above their limit in some lane; returns how many.

    `lanes.over` then says in which of the lanes asked. Flows without a solution are in none.
    """
    over, words, found = lanes.over, work.over_words, work.found
    for c in range(N_LANES):
        if lanes_asked >> c & 1 == 0 or len(lost.rating_factor) == 0:
            continue
        bit, s = np.uint8(1 << c), rows.scenario[c]
        for k in range(len(grid.from_bus)):
            limit = grid.limit_mw[k] * lost.rating_factor[s, k]
            is_over = abs(lanes.flow[N_LANES * k + c]) * grid.base_mva > limit * TRIP_MARGIN
            over[k] = over[k] | bit if is_over else over[k] & ~bit
    n = 0
    for w in range(len(words)):
        if words[w] == 0:
            continue
        for k in range(8 * w, min(8 * w + 8, len(grid.from_bus))):
            over[k] &= np.uint8(lanes_asked)
            found[n] = k
            n += over[k] != 0
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
        label = rows.label[c, i]
        found = -1
        if rows.bus_on[c, i]:
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
    lanes, rows = work.lanes, work.rows
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
                _balance(grid, rules, rows, c, work)
        _inject(grid, lanes, rows, work.order, busy)
        solved = solve_lanes(grid, factor, lanes, work.limit, busy)
        n_over = 0
        if rules.trip_overloads:
            n_over = _list_overloads(grid, lost, rows, lanes, work, busy & solved)
        overloaded = 0
        for q in range(n_over):
            overloaded |= lanes.over[found[q]]
        done = 0
        for c in range(N_LANES):
            s = scenario[c]
            settled = overloaded >> c & 1 == 0
            if busy >> c & 1 == 0 or not (settled or n_rounds[c] >= rules.max_rounds):
                continue
            has_flow = solved >> c & 1 != 0
            out.n_rounds[s] = n_rounds[c]
            out.converged[s] = has_flow and settled
            _finish(grid, s, has_flow, lanes, rows, c, work.number, out)
            done |= 1 << c
        for q in range(n_over):
            k = found[q]
            tripping = lanes.over[k] & ~done
            for c in range(N_LANES):
                if tripping >> c & 1:
                    _open(grid, lanes, rows, c, k)
                    if len(out.trip_round) > 0:
                        out.trip_round[scenario[c], k] = n_rounds[c]
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
