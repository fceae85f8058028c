"""Compiled kernels of the cascade, one scenario at a time.

Buses are in elimination order here (see `ldl.Structure`), but for
what is served and fed in, which keep the case's order. Power is in MW, angles are in rad. Kernels
release the GIL, hold no state, and treat each scenario alone, so results depend neither on the
number of threads nor on what else is in the batch.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Parts, Rules, State
from lightkeeper.flow.balance_kernels import balance_proportional, make_room, ramp_islands
from lightkeeper.flow.compiled import bare, entry
from lightkeeper.flow.references import by_reference
from lightkeeper.units import BoolArray, FloatArray, IntArray

# A branch trips above its limit times this.
TRIP_MARGIN = 1.0 + 1e-9
# A pivot below this share of the bus's own susceptances is replaced, and the solution refined.
TINY_PIVOT = 1e-11
REPLACED_PIVOT = 1e-7
# Kirchhoff mismatch [p.u., relative to the largest injection] above which a solution is refined,
# and above which it is no solution.
REFINE_ABOVE = 1e-11
UNSOLVED_ABOVE = 1e-8
MAX_REFINEMENTS = 12


# ------------------------------------------------------------------------------------ islands


@bare
def label_islands(
    grid: Grid, branch_on: BoolArray, bus_on: BoolArray, label: IntArray, stack: IntArray
) -> int:
    """Label connected parts from 0, -1 for buses that are off; return their number."""
    n = len(label)
    label[:] = -1
    count = 0
    for first in range(n):
        if not bus_on[first] or label[first] >= 0:
            continue
        label[first] = count
        stack[0] = first
        height = 1
        while height > 0:
            height -= 1
            v = stack[height]
            for p in range(grid.near_start[v], grid.near_start[v + 1]):
                w = grid.near_bus[p]
                if label[w] < 0 and branch_on[grid.near_branch[p]]:
                    label[w] = count
                    stack[height] = w
                    height += 1
        count += 1
    return count


# ------------------------------------------------------------------------------------ flow


@bare
def mark_path(parent: IntArray, mark: BoolArray, bus: int) -> None:
    """Mark the columns of L that a change at `bus` reaches: its path to the root of the tree."""
    while bus != -1 and not mark[bus]:
        mark[bus] = True
        bus = parent[bus]


@bare
def refactor(
    grid: Grid,
    branch_on: BoolArray,
    grounded: BoolArray,
    mark: BoolArray,
    factor: Factor,
    column: FloatArray,
) -> None:
    """Compute the marked columns of L and D anew; the others must be up to date.

    The last bus of each island in elimination order is its reference: its pivot, which would be
    zero, is left out (`inv_d` = 0), and so its angle is zero. A vanishing pivot (reactances of
    opposite sign at a bus) is replaced; `solve_flow` refines that away. `column` is scratch,
    (n_bus,).
    """
    l_value, d, inv_d = factor.l_value, factor.d, factor.inv_d
    for j in range(len(d)):
        if not mark[j]:
            continue
        for q in range(grid.l_start[j], grid.l_start[j + 1]):
            column[grid.l_row[q]] = 0.0
        pivot = 0.0
        size = 0.0
        for q in range(grid.near_start[j], grid.near_start[j + 1]):
            k = grid.near_branch[q]
            if branch_on[k]:
                b = grid.b_pu[k]
                pivot += b
                size += abs(b)
                if grid.near_bus[q] > j:
                    column[grid.near_bus[q]] -= b
        for q in range(grid.row_start[j], grid.row_start[j + 1]):
            i = grid.row_col[q]
            value = l_value[grid.row_pos[q]]
            if value != 0.0:
                scaled = value * d[i]
                pivot -= scaled * value
                for r in range(grid.row_pos[q] + 1, grid.l_start[i + 1]):
                    column[grid.l_row[r]] -= scaled * l_value[r]
        if grounded[j]:
            d[j] = 0.0
            inv_d[j] = 0.0
        else:
            if abs(pivot) <= TINY_PIVOT * size:
                pivot = REPLACED_PIVOT * size
            d[j] = pivot
            inv_d[j] = 1.0 / pivot
        for q in range(grid.l_start[j], grid.l_start[j + 1]):
            l_value[q] = column[grid.l_row[q]] * inv_d[j]


@bare
def solve(l_start: IntArray, l_row: IntArray, factor: Factor, x: FloatArray) -> None:
    """Solve L D L' x = x in place."""
    l_value, inv_d = factor.l_value, factor.inv_d
    n = len(x)
    for j in range(n):
        value = x[j]
        if value != 0.0:
            for q in range(l_start[j], l_start[j + 1]):
                x[l_row[q]] -= l_value[q] * value
            x[j] = value * inv_d[j]
    for j in range(n - 1, -1, -1):
        value = x[j]
        for q in range(l_start[j], l_start[j + 1]):
            value -= l_value[q] * x[l_row[q]]
        x[j] = value


@bare
def branch_flows(
    grid: Grid, branch_on: BoolArray, parts: Parts, angle: FloatArray, flow_pu: FloatArray
) -> None:
    """Flows [p.u.] from angles; zero on branches that are out or in dead islands."""
    for k in range(len(flow_pu)):
        i, j = grid.from_bus[k], grid.to_bus[k]
        if branch_on[k] and parts.alive[parts.label[i]]:
            flow_pu[k] = grid.b_pu[k] * (angle[i] - angle[j] - grid.shift_rad[k])
        else:
            flow_pu[k] = 0.0


@njit(nogil=True)
def mismatch_of_flows(
    grid: Grid,
    injection_pu: FloatArray,
    grounded: BoolArray,
    flow_pu: FloatArray,
    mismatch: FloatArray,
) -> float:
    """Kirchhoff mismatch [p.u.] at every bus but the references; returns the largest."""
    mismatch[:] = injection_pu
    for k in range(len(flow_pu)):
        f = flow_pu[k]
        mismatch[grid.from_bus[k]] -= f
        mismatch[grid.to_bus[k]] += f
    worst = 0.0
    for v in range(len(mismatch)):
        if grounded[v]:
            mismatch[v] = 0.0
        if not abs(mismatch[v]) < np.inf:
            return np.inf
        worst = max(worst, abs(mismatch[v]))
    return worst


@njit(nogil=True)
def solve_flow(
    grid: Grid,
    branch_on: BoolArray,
    parts: Parts,
    factor: Factor,
    injection_pu: FloatArray,
    angle: FloatArray,
    flow_pu: FloatArray,
    work: FloatArray,
) -> bool:
    """Angles and flows [p.u.] of balanced injections; returns whether they solve the equations.

    Every solution is checked by Kirchhoff's current law on the flows themselves and refined where
    that misses; a low-rank solver can take the place of the two calls of `solve`.
    """
    angle[:] = injection_pu
    for k in grid.shifters:
        if branch_on[k] and parts.alive[parts.label[grid.from_bus[k]]]:
            extra = grid.b_pu[k] * grid.shift_rad[k]
            angle[grid.from_bus[k]] += extra
            angle[grid.to_bus[k]] -= extra
    scale = 1.0
    for v in range(len(angle)):
        scale = max(scale, abs(angle[v]))
    solve(grid.l_start, grid.l_row, factor, angle)
    branch_flows(grid, branch_on, parts, angle, flow_pu)
    worst = mismatch_of_flows(grid, injection_pu, parts.grounded, flow_pu, work)
    for _ in range(MAX_REFINEMENTS):
        if worst <= REFINE_ABOVE * scale:
            break
        solve(grid.l_start, grid.l_row, factor, work)
        for v in range(len(angle)):
            angle[v] += work[v]
        branch_flows(grid, branch_on, parts, angle, flow_pu)
        before = worst
        worst = mismatch_of_flows(grid, injection_pu, parts.grounded, flow_pu, work)
        if not worst < 0.5 * before:
            break
    return worst <= UNSOLVED_ABOVE * scale


# ------------------------------------------------------------------------------------ cascade


@bare
def find_references(label: IntArray, last: IntArray, grounded: BoolArray) -> None:
    """Mark the last bus of each island, and every bus that is off, as reference."""
    last[:] = -1
    for v in range(len(label)):
        grounded[v] = label[v] < 0
        if label[v] >= 0:
            last[label[v]] = v
    for i in range(len(last)):
        if last[i] >= 0:
            grounded[last[i]] = True


@entry
def factor_intact(grid: Grid) -> Factor:
    """Factor of the network with every branch in service."""
    n = len(grid.parent)
    label = np.empty(n, np.int32)
    stack = np.empty(n, np.int32)
    label_islands(grid, grid.branch_on, grid.bus_on, label, stack)
    grounded = np.zeros(n, np.bool_)
    find_references(label, stack, grounded)
    factor = Factor(np.zeros(len(grid.l_row)), np.zeros(n), np.zeros(n))
    refactor(grid, grid.branch_on, grounded, np.ones(n, np.bool_), factor, np.empty(n))
    return factor


@njit(nogil=True)
def begin_scenario(
    grid: Grid,
    base: State,
    lost: Lost,
    s: int,
    state: State,
    branch_on: BoolArray,
    bus_on: BoolArray,
    limit: FloatArray,
    mark: BoolArray,
) -> None:
    """Set everything to the intact network, then take away and impair what scenario `s` says."""
    branch_on[:] = grid.branch_on
    bus_on[:] = grid.bus_on
    limit[:] = grid.limit_mw
    state.p[:] = base.p
    state.p_min[:] = base.p_min
    state.p_max[:] = base.p_max
    state.unit_on[:] = base.unit_on
    state.served[:] = base.served
    state.infeed[:] = base.infeed
    if len(lost.load_factor) > 0:
        for i in range(len(bus_on)):
            state.served[i] *= lost.load_factor[s, i]
    if len(lost.rating_factor) > 0:
        for k in range(len(branch_on)):
            limit[k] *= lost.rating_factor[s, k]
    if len(lost.unit_factor) > 0:
        for u in range(len(state.p)):
            if lost.unit_factor[s, u] != 1.0:
                state.p_max[u] *= lost.unit_factor[s, u]
                state.p_min[u] = min(state.p_min[u], state.p_max[u])
                state.p[u] = min(state.p[u], state.p_max[u])
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        state.unit_on[lost.unit_index[q]] = False
    for q in range(lost.branch_start[s], lost.branch_start[s + 1]):
        open_branch(grid, lost.branch_index[q], branch_on, mark)
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        v = grid.place[lost.bus_index[q]]
        bus_on[v] = False
        mark_path(grid.parent, mark, v)
        for r in range(grid.near_start[v], grid.near_start[v + 1]):
            open_branch(grid, grid.near_branch[r], branch_on, mark)


@bare
def open_branch(grid: Grid, k: int, branch_on: BoolArray, mark: BoolArray) -> None:
    """Take a branch out and mark what of the factor that changes."""
    if branch_on[k]:
        branch_on[k] = False
        mark_path(grid.parent, mark, min(grid.from_bus[k], grid.to_bus[k]))


@bare
def begin_results(grid: Grid, lost: Lost, s: int, branch_on: BoolArray, out: Out) -> None:
    """Fill what of row `s` of the results is known before anything happens."""
    if len(out.trip_round) > 0:
        for k in range(len(branch_on)):
            out.trip_round[s, k] = 0 if branch_on[k] else -1
    total = 0.0
    for i in range(len(grid.place)):
        demand = grid.demand_mw[i]
        if len(lost.load_factor) > 0:
            demand *= lost.load_factor[s, i]
        total += demand
        if len(out.demand_mw) > 0:
            out.demand_mw[s, i] = demand
    out.total_demand_mw[s] = total


@njit(nogil=True)
def write_results(
    grid: Grid,
    rules: Rules,
    s: int,
    state: State,
    parts: Parts,
    flow_pu: FloatArray,
    solved: bool,
    number: IntArray,
    out: Out,
) -> None:
    """Fill row `s` in the case's own numbering; live islands go by their first bus."""
    number[:] = -1
    n_live = 0
    for i in range(len(grid.place)):
        c = parts.label[grid.place[i]]
        found = -1
        if c >= 0 and parts.alive[c]:
            if number[c] < 0:
                number[c] = n_live
                n_live += 1
            found = number[c]
        if len(out.island) > 0:
            out.island[s, i] = found
    total = 0.0
    for i in range(len(grid.place)):
        total += state.served[i]
    out.total_served_mw[s] = total
    if len(out.served_mw) > 0:
        out.served_mw[s, :] = state.served
    if len(out.infeed_mw) > 0:
        out.infeed_mw[s, :] = state.infeed
    if len(out.unit_mw) > 0:
        out.unit_mw[s, :] = state.p
    out.n_islands[s] = n_live
    if len(out.flow_mw) > 0:
        for k in range(len(flow_pu)):
            out.flow_mw[s, k] = flow_pu[k] * grid.base_mva if solved else np.nan


@bare
def restore_factor(grid: Grid, intact: Factor, factor: Factor, changed: BoolArray) -> None:
    """Put the intact factor back, bit for bit, where a scenario changed it."""
    for j in range(len(changed)):
        if changed[j]:
            changed[j] = False
            factor.d[j] = intact.d[j]
            factor.inv_d[j] = intact.inv_d[j]
            for q in range(grid.l_start[j], grid.l_start[j + 1]):
                factor.l_value[q] = intact.l_value[q]


@entry
def cascade_range(
    all_grid: Grid,
    all_base: State,
    intact: Factor,
    all_lost: Lost,
    rules: Rules,
    todo: IntArray,
    first: int,
    stop: int,
    all_out: Out,
) -> None:
    """Run the scenarios `todo[first:stop]` and fill their rows of `out`."""
    grid, base = by_reference(all_grid), by_reference(all_base)
    lost, out = by_reference(all_lost), by_reference(all_out)
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    branch_on, bus_on = np.empty(n_branch, np.bool_), np.empty(n_bus, np.bool_)
    limit, flow = np.empty(n_branch), np.empty(n_branch)
    state = State(
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit),
        np.empty(n_unit, np.bool_),
        np.empty(n_bus),
        np.empty(n_bus),
    )
    parts = Parts(np.empty(n_bus, np.int32), np.empty(n_bus, np.bool_), np.empty(n_bus, np.bool_))
    number, stack = np.empty(n_bus, np.int32), np.empty(n_bus, np.int32)
    # Columns of the factor to be computed anew this round, and those changed in this scenario.
    mark, changed = np.zeros(n_bus, np.bool_), np.zeros(n_bus, np.bool_)
    injection, angle, work = np.empty(n_bus), np.empty(n_bus), np.empty(n_bus)
    room = make_room(n_bus, n_unit)
    factor = Factor(intact.l_value.copy(), intact.d.copy(), intact.inv_d.copy())
    to_mw = grid.base_mva

    for place in range(first, stop):
        s = todo[place]
        begin_scenario(grid, base, lost, s, state, branch_on, bus_on, limit, mark)
        begin_results(grid, lost, s, branch_on, out)
        solved, settled = True, True
        n_rounds = 0
        while True:
            n_rounds += 1
            n_islands = label_islands(grid, branch_on, bus_on, parts.label, stack)
            if rules.proportional:
                balance_proportional(parts, n_islands, grid.place, grid.unit_bus, state, room)
            else:
                ramp_islands(parts, n_islands, grid.place, grid.unit_bus, grid.ramp_pu, state, room)
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
            if not solved or not rules.trip_overloads:
                break
            n_over = 0
            for k in range(n_branch):
                if abs(flow[k]) * to_mw > limit[k] * TRIP_MARGIN:
                    n_over += 1
                    if n_rounds < rules.max_rounds:
                        open_branch(grid, k, branch_on, mark)
                        if len(out.trip_round) > 0:
                            out.trip_round[s, k] = n_rounds
            if n_over == 0:
                break
            if n_rounds >= rules.max_rounds:
                settled = False
                break

        write_results(grid, rules, s, state, parts, flow, solved, number, out)
        out.n_rounds[s] = n_rounds
        out.converged[s] = solved and settled
        restore_factor(grid, intact, factor, changed)
