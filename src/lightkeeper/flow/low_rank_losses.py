"""Compiled kernels of the low-rank engine: what a scenario loses, cuts off and injects."""

from __future__ import annotations

from lightkeeper.flow.arrays import Factor, Grid, Lost, Rules, State
from lightkeeper.flow.balance_kernels import SMALL_MW, balance_island
from lightkeeper.flow.compiled import bare, bare_sums
from lightkeeper.flow.floods import DRY, MAX_PAIRS, flood_apart, forget, root_of
from lightkeeper.flow.lanes import N_LANES, spread, store
from lightkeeper.flow.low_rank_work import MAX_LOST, MAX_MOVED, MAX_UNITS, N_WAYS, Plan, Work
from lightkeeper.units import FloatArray, IntArray

# ------------------------------------------------------------------------------------ losses


@bare
def _lose_branch(grid: Grid, plan: Plan, work: Work, c: int, k: int) -> bool:
    """Note that lane c loses branch k; whether it can be dealt with here."""
    if not work.on[k]:
        return True
    n = work.n_lost[c]
    if plan.label[grid.from_bus[k]] != plan.main or n == MAX_LOST:
        return False
    work.on[k] = False
    work.lost[c, n] = k
    work.n_lost[c] = n + 1
    return True


@bare
def _lose(grid: Grid, plan: Plan, lost: Lost, s: int, work: Work, c: int) -> bool:
    """Gather what lane c loses; whether it can be dealt with here."""
    work.n_lost[c] = 0
    if lost.unit_start[s + 1] - lost.unit_start[s] > MAX_UNITS:
        return False
    for q in range(lost.branch_start[s], lost.branch_start[s + 1]):
        if not _lose_branch(grid, plan, work, c, lost.branch_index[q]):
            return False
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        v = grid.place[lost.bus_index[q]]
        if plan.label[v] < 0:
            continue
        if plan.label[v] != plan.main or grid.near_start[v] == grid.near_start[v + 1]:
            return False
        work.bus_lost[v] = 1
        for r in range(grid.near_start[v], grid.near_start[v + 1]):
            if not _lose_branch(grid, plan, work, c, grid.near_branch[r]):
                return False
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        u = lost.unit_index[q]
        label = plan.label[grid.unit_bus[u]]
        if label >= 0 and label != plan.main:
            return False
        work.unit_lost[u] = 1
    return True


@bare
def _find_again(grid: Grid, lost: Lost, s: int, work: Work, c: int) -> None:
    """Let what `_lose` took be there again for the next lane."""
    for j in range(work.n_lost[c]):
        work.on[work.lost[c, j]] = True
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        work.bus_lost[grid.place[lost.bus_index[q]]] = 0
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        work.unit_lost[lost.unit_index[q]] = 0


@bare
def _forward(grid: Grid, plan: Plan, factor: Factor, work: Work, row: int, k: int) -> None:
    """Take a transfer from the lower to the upper end of branch k through L, along its path."""
    l_start, l_row, l_value = grid.l_start, grid.l_row, factor.l_value
    dense, y, scaled, path = work.dense, work.y[row], work.scaled[row], work.path[row]
    i, j = grid.from_bus[k], grid.to_bus[k]
    v = min(i, j)
    dense[v] = 1.0
    dense[max(i, j)] = -1.0
    depth = plan.depth[v]
    work.length[row] = depth + 1
    while depth >= 0:
        value = dense[v]
        dense[v] = 0.0
        y[depth] = value
        scaled[depth] = value * factor.inv_d[v]
        path[depth] = v
        for q in range(l_start[v], l_start[v + 1]):
            dense[l_row[q]] -= l_value[q] * value
        v = grid.parent[v]
        depth -= 1


@bare
def _shared(path_a: IntArray, path_b: IntArray, n: int) -> int:
    """How many of their first n buses two paths share."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if path_a[middle] == path_b[middle]:
            low = middle + 1
        else:
            high = middle
    return low


@bare_sums
def _product(a: FloatArray, b: FloatArray, n: int) -> float:
    total = 0.0
    for i in range(n):
        total += a[i] * b[i]
    return total


@bare
def _factor_small(grid: Grid, plan: Plan, work: Work, c: int) -> int:
    """Factor the small system of lane c; returns how many of its branches must be kept.

    Branches leave one by one. One that leaves nothing between its ends is then the only way
    between two parts: it is kept, and carries nothing, as each part will be balanced by itself.
    """
    small, length = work.small[c], work.length
    first, n_kept = MAX_LOST * c, 0
    for j in range(work.n_lost[c]):
        b = grid.b_pu[work.lost[c, j]]
        row = first + j
        pivot = 1.0 / b - _product(work.y[row], work.scaled[row], length[row])
        for i in range(j):
            if work.is_kept[c, i]:
                small[j, i] = small[i, j] = 0.0
                continue
            n = min(length[row], length[first + i])
            n = _shared(work.path[row], work.path[first + i], n)
            value = -_product(work.y[row], work.scaled[first + i], n)
            for p in range(i):
                value -= small[j, p] * small[p, i]
            # L D in the lower triangle, L in the upper one, 1 / D between.
            small[j, i] = value
            small[i, j] = value * small[i, i]
        for i in range(j):
            pivot -= small[j, i] * small[i, j]
        work.is_kept[c, j] = not abs(pivot * b) > plan.cut_below
        if work.is_kept[c, j]:
            n_kept += 1
        else:
            small[j, j] = 1.0 / pivot
    return n_kept


# ------------------------------------------------------------------------------------ balance


@bare
def _cut_off(grid: Grid, plan: Plan, work: Work, c: int, n_kept: int) -> bool:
    """Find the buses that are cut off in lane c; whether that agrees with the small system."""
    work.n_moved[c] = work.n_parts[c] = 0
    if n_kept == 0:
        return True
    if n_kept > MAX_PAIRS:
        return False
    n_pairs = 0
    for j in range(work.n_lost[c]):
        if work.is_kept[c, j]:
            work.pair[2 * n_pairs] = grid.from_bus[work.lost[c, j]]
            work.pair[2 * n_pairs + 1] = grid.to_bus[work.lost[c, j]]
            n_pairs += 1
    search = work.search
    n_floods, n_touched, n_dry = flood_apart(grid, work.on, work.pair, n_pairs, search)
    fits = n_dry == n_kept
    if fits:
        number = search.tail  # no longer needed as such
        for g in range(n_floods):
            if search.up[g] == g and search.state[g] == DRY:
                number[g] = work.n_parts[c]
                work.n_parts[c] += 1
        for q in range(n_touched):
            v = search.touched[q]
            g = root_of(search.up, search.owner[v])
            if search.state[g] == DRY:
                if work.n_moved[c] == MAX_MOVED:
                    fits = False
                    break
                work.moved[c, work.n_moved[c]] = v
                work.moved_part[c, work.n_moved[c]] = number[g]
                work.n_moved[c] += 1
    forget(search, n_touched)
    return bool(fits)


@bare
def _sort(rows: IntArray, n: int) -> None:
    """Sort the first few rows in place."""
    for i in range(1, n):
        row = rows[i]
        j = i
        while j > 0 and rows[j - 1] > row:
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row


@bare
def _touch_unit(work: Work, c: int, u: int, p_mw: float) -> None:
    """Let unit u of lane c give `p_mw`."""
    n = work.n_touched[c]
    work.touched[c, n] = u
    work.touched_mw[c, n] = p_mw
    work.n_touched[c] = n + 1


@bare
def _balance_part(
    grid: Grid, plan: Plan, rules: Rules, work: Work, start: State, c: int, part: int
) -> bool:
    """Balance a part that is cut off from the main island; whether there was room for it."""
    state, units, running, sums = work.state, work.units, work.running, work.sums
    load, feed, n_units, is_lost = 0.0, 0.0, 0, False
    for q in range(work.n_moved[c]):
        if work.moved_part[c, q] != part:
            continue
        v = work.moved[c, q]
        is_lost = work.bus_lost[v] != 0
        load += plan.bus[5 * v]
        feed += plan.bus[5 * v + 1]
        for r in range(plan.unit_at_start[v], plan.unit_at_start[v + 1]):
            if n_units + work.n_touched[c] == MAX_MOVED - MAX_UNITS:
                return False
            units[n_units] = plan.unit_at[r]
            n_units += 1
    _sort(units, n_units)
    of_load, of_feed = 0.0, 0.0
    n, supply = 0, feed
    for q in range(n_units):
        u = units[q]
        if state.unit_on[u] and work.unit_lost[u] == 0:
            running[n] = u
            n += 1
            supply += state.p[u]
    if is_lost:
        pass
    elif rules.proportional:
        both = max(min(supply, load), 0.0)
        if both > SMALL_MW:
            of_load, of_feed = both / load, both / supply
    elif n > 0:
        of_load = max(balance_island(running, n, load, feed, state, grid.ramp_pu, sums), 0.0)
        of_feed = 1.0 if of_load > 0.0 else 0.0
    work.is_live[c, part] = of_load > 0.0
    for q in range(work.n_moved[c]):
        if work.moved_part[c, q] == part:
            v = work.moved[c, q]
            work.moved_served[c, q] = of_load * plan.bus[5 * v]
            work.moved_infeed[c, q] = of_feed * plan.bus[5 * v + 1]
    for q in range(n_units):
        u = units[q]
        p = 0.0
        if of_load > 0.0 and state.unit_on[u] and work.unit_lost[u] == 0:
            p = state.p[u] * of_feed if rules.proportional else state.p[u]
        _touch_unit(work, c, u, p)
        state.p[u], state.unit_on[u] = start.p[u], start.unit_on[u]
    return True


@bare
def _balance_main(
    grid: Grid, plan: Plan, rules: Rules, work: Work, lost: Lost, s: int, c: int
) -> bool:
    """Balance what is left of the main island; False where units must trip or nothing is left."""
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        v = grid.place[lost.bus_index[q]]
        if work.bus_lost[v] != 0 and not work.is_moved[v]:
            return False  # everything else was cut off from this bus
    load, feed, made = plan.total[0], plan.total[1], plan.total[2]
    headroom, footroom, n_able = plan.total[3], plan.total[4], plan.total_able
    for q in range(work.n_moved[c]):
        v = work.moved[c, q]
        load -= plan.bus[5 * v]
        feed -= plan.bus[5 * v + 1]
        made -= plan.bus[5 * v + 2]
        headroom -= plan.bus[5 * v + 3]
        footroom -= plan.bus[5 * v + 4]
        n_able -= plan.bus_able[v]
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        u = lost.unit_index[q]
        if work.unit_lost[u] == 1 and not work.is_moved[grid.unit_bus[u]] and work.state.unit_on[u]:
            work.unit_lost[u] = 2  # listed once, though it may be named twice
            made -= plan.unit[u]
            headroom -= plan.unit_up[u]
            footroom -= plan.unit_down[u]
            n_able -= work.state.p_max[u] > 0.0
    way = work.way
    of_supply, of_load, up, down = 1.0, 1.0, 0.0, 0.0
    if rules.proportional:
        supply = feed + made
        both = min(supply, load)
        if not both > SMALL_MW:
            return False
        of_supply, of_load = both / supply, both / load
    else:
        if n_able == 0 or load <= SMALL_MW or load - feed - made + footroom < -0.5 * SMALL_MW:
            return False
        deficit = load - feed - made
        if deficit < 0.0 and footroom > 0.0:
            down = min(-deficit / footroom, 1.0)
        elif deficit > 0.0:
            if headroom > 0.0:
                up = min(deficit / headroom, 1.0)
            if deficit > headroom:
                of_load = (made + max(headroom, 0.0) + feed) / load
                if not of_load * load > SMALL_MW:
                    return False
    way[c] = 1.0
    way[N_LANES + c] = of_supply - 1.0
    way[2 * N_LANES + c] = of_load - 1.0
    way[3 * N_LANES + c] = up
    way[4 * N_LANES + c] = down
    expected = 0.0
    for i in range(N_WAYS):
        expected += way[N_LANES * i + c] * plan.weight_of[i]
    work.expected[c] = expected
    work.served_mw[c] = of_load * load
    return True


@bare
def mark_path(grid: Grid, work: Work, v: int) -> None:
    """Make room for changes on the path from bus v to the root."""
    mark, change = work.mark, work.change
    while v >= 0 and mark[v] == 0:
        mark[v] = 1
        store(change, v, spread(0.0))
        v = grid.parent[v]


@bare
def _inject(grid: Grid, work: Work, c: int, v: int, by_pu: float) -> None:
    """Change what is injected at bus v in lane c."""
    if by_pu != 0.0:
        mark_path(grid, work, v)
        work.change[N_LANES * v + c] += by_pu
        work.has_change[c] = True


@bare
def _change_injections(grid: Grid, plan: Plan, work: Work, lost: Lost, s: int, c: int) -> None:
    """Inject in lane c what differs from the main island's rule."""
    way, base_mva = work.way, grid.base_mva
    of_supply, of_load = 1.0 + way[N_LANES + c], 1.0 + way[2 * N_LANES + c]
    up, down = way[3 * N_LANES + c], way[4 * N_LANES + c]
    expected = work.expected[c]
    for q in range(work.n_moved[c]):
        v = work.moved[c, q]
        by = work.moved_infeed[c, q] - work.moved_served[c, q]
        by -= of_supply * (plan.bus[5 * v + 2] + plan.bus[5 * v + 1]) - of_load * plan.bus[5 * v]
        by -= up * plan.bus[5 * v + 3] - down * plan.bus[5 * v + 4]
        by /= base_mva
        expected += plan.weight[v] * by
        _inject(grid, work, c, v, by)
        if plan.may_shift and not work.is_live[c, work.moved_part[c, q]]:
            for r in range(grid.near_start[v], grid.near_start[v + 1]):
                k = grid.near_branch[r]
                if work.on[k] and grid.from_bus[k] == v and grid.shift_rad[k] != 0.0:
                    turned = grid.b_pu[k] * grid.shift_rad[k]
                    _inject(grid, work, c, v, -turned)
                    _inject(grid, work, c, grid.to_bus[k], turned)
    for q in range(work.n_touched[c]):
        v = grid.unit_bus[work.touched[c, q]]
        by = work.touched_mw[c, q] / base_mva
        expected += plan.weight[v] * by
        _inject(grid, work, c, v, by)
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        u = lost.unit_index[q]
        if work.unit_lost[u] == 2:
            work.unit_lost[u] = 3
            v = grid.unit_bus[u]
            by = -(of_supply * plan.unit[u] + up * plan.unit_up[u] - down * plan.unit_down[u])
            by /= base_mva
            expected += plan.weight[v] * by
            _inject(grid, work, c, v, by)
            _touch_unit(work, c, u, 0.0)
    work.expected[c] = expected
    if plan.may_shift:
        for j in range(work.n_lost[c]):
            k = work.lost[c, j]
            turned = grid.b_pu[k] * grid.shift_rad[k]
            _inject(grid, work, c, grid.from_bus[k], -turned)
            _inject(grid, work, c, grid.to_bus[k], turned)


@bare
def prepare_lane(
    grid: Grid,
    plan: Plan,
    factor: Factor,
    start: State,
    rules: Rules,
    lost: Lost,
    s: int,
    work: Work,
    c: int,
) -> bool:
    """Work out what lane c loses, cuts off and injects; False where another engine must."""
    work.has_change[c] = False
    work.n_moved[c] = work.n_touched[c] = work.n_parts[c] = 0
    fits = _lose(grid, plan, lost, s, work, c)
    if fits:
        for j in range(work.n_lost[c]):
            _forward(grid, plan, factor, work, MAX_LOST * c + j, work.lost[c, j])
        n_kept = _factor_small(grid, plan, work, c)
        fits = _cut_off(grid, plan, work, c, n_kept)
    if fits:
        for part in range(work.n_parts[c]):
            fits = fits and _balance_part(grid, plan, rules, work, start, c, part)
        for q in range(work.n_moved[c]):
            work.is_moved[work.moved[c, q]] = True
        fits = fits and _balance_main(grid, plan, rules, work, lost, s, c)
        for q in range(work.n_moved[c]):
            work.is_moved[work.moved[c, q]] = False
        if fits:
            _change_injections(grid, plan, work, lost, s, c)
    _find_again(grid, lost, s, work, c)
    if not fits:
        for i in range(N_WAYS):
            work.way[N_LANES * i + c] = 0.0
        work.n_lost[c] = 0
    return bool(fits)
