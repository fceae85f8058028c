"""Compiled kernels of the low-rank engine: one round of flow, eight scenarios in step.

`low_rank` says what they rest on.
"""

from __future__ import annotations

from typing import Any

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Rules, State
from lightkeeper.flow.compiled import bare, entry
from lightkeeper.flow.lanes import (
    N_LANES,
    add,
    add_product,
    larger,
    load,
    magnitude,
    mul,
    spread,
    store,
    store_at,
    sub,
    sub_product,
    turn,
)
from lightkeeper.flow.low_rank_losses import mark_path, prepare_lane
from lightkeeper.flow.low_rank_work import MAX_LOST, N_WAYS, Plan, Work
from lightkeeper.flow.references import by_reference
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Largest error of the weighted sum of Kirchhoff's law [p.u., of the largest injection].
WRONG_ABOVE = 1e-9


# ------------------------------------------------------------------------------------ flow


@bare
def _forward_changes(grid: Grid, factor: Factor, work: Work) -> None:
    """Take the changed injections through L and D^-1, where they reach."""
    l_start, l_row, l_value, change = grid.l_start, grid.l_row, factor.l_value, work.change
    for j in range(len(work.mark)):
        if work.mark[j] == 0:
            continue
        value = load(change, j)
        for q in range(l_start[j], l_start[j + 1]):
            v = l_row[q]
            store(change, v, sub_product(load(change, v), spread(l_value[q]), value))
        store(change, j, mul(value, spread(factor.inv_d[j])))


@bare
def _compensate(grid: Grid, plan: Plan, work: Work, c: int) -> bool:
    """Change the right side of lane c so that its lost branches carry nothing.

    Returns whether what that takes is of a size that leaves digits.
    """
    small, right, way, change = work.small[c], work.right, work.way, work.change
    n = work.n_lost[c]
    for j in range(n):
        if work.is_kept[c, j]:
            right[j] = 0.0
            continue
        row, k = MAX_LOST * c + j, work.lost[c, j]
        path, y = work.path[row], work.y[row]
        value = 0.0
        for i in range(N_WAYS):
            value += way[N_LANES * i + c] * plan.drop[N_WAYS * k + i]
        if work.has_change[c]:
            for d in range(work.length[row]):
                if work.mark[path[d]] != 0:
                    value += y[d] * change[N_LANES * path[d] + c]
        for i in range(j):
            value -= small[i, j] * right[i]
        right[j] = value
    for j in range(n - 1, -1, -1):
        if work.is_kept[c, j]:
            continue
        value = right[j] * small[j, j]
        for i in range(j + 1, n):
            if not work.is_kept[c, i]:
                value -= small[j, i] * right[i]
        right[j] = value
    for j in range(n):
        if not abs(right[j]) <= plan.most_pu:
            return False
    for j in range(n):
        if right[j] == 0.0:
            continue
        row = MAX_LOST * c + j
        path, scaled = work.path[row], work.scaled[row]
        mark_path(grid, work, path[work.length[row] - 1])
        for d in range(work.length[row]):
            change[N_LANES * path[d] + c] += right[j] * scaled[d]
    return True


@bare
def _backward(grid: Grid, plan: Plan, factor: Factor, work: Work) -> None:
    """Angles of every lane from what the forward step left."""
    l_start, l_row, l_value = grid.l_start, grid.l_row, factor.l_value
    angle, along, way = work.angle, plan.along, work.way
    w0, w1, w2, w3, w4 = load(way, 0), load(way, 1), load(way, 2), load(way, 3), load(way, 4)
    for j in range(len(work.mark) - 1, -1, -1):
        at = N_WAYS * j
        value = mul(w0, spread(along[at]))
        value = add_product(value, w1, spread(along[at + 1]))
        value = add_product(value, w2, spread(along[at + 2]))
        value = add_product(value, w3, spread(along[at + 3]))
        value = add_product(value, w4, spread(along[at + 4]))
        if work.mark[j] != 0:
            work.mark[j] = 0
            value = add(value, load(work.change, j))
        for q in range(l_start[j], l_start[j + 1]):
            value = sub_product(value, spread(l_value[q]), load(angle, l_row[q]))
        store(angle, j, value)


@bare
def _flow_of(grid: Grid, plan: Plan, angle: FloatArray, k: int) -> Any:  # lanes
    turned = sub(load(angle, grid.from_bus[k]), load(angle, grid.to_bus[k]))
    return mul(spread(plan.b_mw[k]), sub(turned, spread(grid.shift_rad[k])))


@bare
def _flows(
    grid: Grid, plan: Plan, limit: FloatArray, work: Work, flow: FloatArray, at: IntArray
) -> None:
    """Flows [MW] into `flow` from the places `at` on; their weighted sum and largest overload."""
    angle, weight = work.angle, plan.weight_drop
    n = len(limit)
    total, over = spread(0.0), spread(0.0)
    k = 0
    while k + N_LANES <= n:
        f0, f1 = _flow_of(grid, plan, angle, k), _flow_of(grid, plan, angle, k + 1)
        f2, f3 = _flow_of(grid, plan, angle, k + 2), _flow_of(grid, plan, angle, k + 3)
        f4, f5 = _flow_of(grid, plan, angle, k + 4), _flow_of(grid, plan, angle, k + 5)
        f6, f7 = _flow_of(grid, plan, angle, k + 6), _flow_of(grid, plan, angle, k + 7)
        total = add_product(total, f0, spread(weight[k]))
        total = add_product(total, f1, spread(weight[k + 1]))
        total = add_product(total, f2, spread(weight[k + 2]))
        total = add_product(total, f3, spread(weight[k + 3]))
        total = add_product(total, f4, spread(weight[k + 4]))
        total = add_product(total, f5, spread(weight[k + 5]))
        total = add_product(total, f6, spread(weight[k + 6]))
        total = add_product(total, f7, spread(weight[k + 7]))
        over = larger(over, sub(magnitude(f0), spread(limit[k])))
        over = larger(over, sub(magnitude(f1), spread(limit[k + 1])))
        over = larger(over, sub(magnitude(f2), spread(limit[k + 2])))
        over = larger(over, sub(magnitude(f3), spread(limit[k + 3])))
        over = larger(over, sub(magnitude(f4), spread(limit[k + 4])))
        over = larger(over, sub(magnitude(f5), spread(limit[k + 5])))
        over = larger(over, sub(magnitude(f6), spread(limit[k + 6])))
        over = larger(over, sub(magnitude(f7), spread(limit[k + 7])))
        r = turn(f0, f1, f2, f3, f4, f5, f6, f7)
        store_at(flow, at[0] + k, r[0])
        store_at(flow, at[1] + k, r[1])
        store_at(flow, at[2] + k, r[2])
        store_at(flow, at[3] + k, r[3])
        store_at(flow, at[4] + k, r[4])
        store_at(flow, at[5] + k, r[5])
        store_at(flow, at[6] + k, r[6])
        store_at(flow, at[7] + k, r[7])
        k += N_LANES
    while k < n:
        f = _flow_of(grid, plan, angle, k)
        total = add_product(total, f, spread(weight[k]))
        over = larger(over, sub(magnitude(f), spread(limit[k])))
        store(work.lane, 2, f)
        for c in range(N_LANES):
            flow[at[c] + k] = work.lane[2 * N_LANES + c]
        k += 1
    store(work.lane, 0, total)
    store(work.lane, 1, over)


# ------------------------------------------------------------------------------------ results


@bare
def _clear(plan: Plan, flow: FloatArray, at: int, k: int) -> float:
    """Let branch k carry nothing; returns what of the weighted sum goes with it."""
    gone = flow[at + k] * plan.weight_drop[k]
    flow[at + k] = 0.0
    return float(gone)


@bare
def _is_settled(
    grid: Grid, plan: Plan, limit: FloatArray, work: Work, c: int, flow: FloatArray, at: int
) -> bool:
    """Whether lane c has a solution in which nothing is above its limit.

    Lost and dead branches, for which the angles say something too, are set to zero.
    """
    total = work.lane[c]
    for j in range(work.n_lost[c]):
        total -= _clear(plan, flow, at, work.lost[c, j])
    for q in range(work.n_moved[c]):
        if not work.is_live[c, work.moved_part[c, q]]:
            v = work.moved[c, q]
            for r in range(grid.near_start[v], grid.near_start[v + 1]):
                total -= _clear(plan, flow, at, grid.near_branch[r])
    if not abs(total / grid.base_mva - work.expected[c]) <= WRONG_ABOVE * plan.scale:
        return False
    if plan.may_trip and work.lane[N_LANES + c] > 0.0:
        for k in range(len(limit)):
            if abs(flow[at + k]) > limit[k]:
                return False
    return True


@bare
def _number_islands(plan: Plan, work: Work, c: int, s: int, out: Out) -> None:
    """Number the live islands of lane c by their first bus, in the case's order of buses."""
    island, number, first_new = out.island[s], work.number, len(plan.part)
    is_new = plan.n_live > 1
    for part in range(work.n_parts[c]):
        is_new = is_new or work.is_live[c, part]
    for i in range(len(plan.part)):
        island[i] = plan.part[i]
    for q in range(work.n_moved[c]):
        part = work.moved_part[c, q]
        live = work.is_live[c, part]
        island[plan.order[work.moved[c, q]]] = first_new + part if live else -1
    if not is_new:
        return
    for i in range(first_new + work.n_parts[c]):
        number[i] = -1
    n = 0
    for i in range(len(plan.part)):
        label = island[i]
        if label >= 0:
            if number[label] < 0:
                number[label] = n
                n += 1
            island[i] = number[label]


@bare
def _write(grid: Grid, plan: Plan, work: Work, c: int, s: int, out: Out) -> None:
    """Fill what is asked of row `s` of the results, but for flows."""
    way = work.way
    of_supply, of_load = 1.0 + way[N_LANES + c], 1.0 + way[2 * N_LANES + c]
    up, down = way[3 * N_LANES + c], way[4 * N_LANES + c]
    served, n_live = work.served_mw[c] + plan.served_rest_total, plan.n_live
    for q in range(work.n_moved[c]):
        served += work.moved_served[c, q]
    for part in range(work.n_parts[c]):
        n_live += work.is_live[c, part]
    out.n_islands[s] = n_live
    out.n_rounds[s] = 1
    out.converged[s] = True
    out.total_demand_mw[s] = plan.demand_total
    out.total_served_mw[s] = served
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    if len(out.demand_mw) > 0:
        for i in range(n_bus):
            out.demand_mw[s, i] = grid.demand_mw[i]
    if len(out.served_mw) > 0:
        for i in range(n_bus):
            out.served_mw[s, i] = plan.served_rest[i] + of_load * plan.served[i]
        for q in range(work.n_moved[c]):
            out.served_mw[s, plan.order[work.moved[c, q]]] = work.moved_served[c, q]
    if len(out.infeed_mw) > 0:
        for i in range(n_bus):
            out.infeed_mw[s, i] = plan.infeed_rest[i] + of_supply * plan.infeed[i]
        for q in range(work.n_moved[c]):
            out.infeed_mw[s, plan.order[work.moved[c, q]]] = work.moved_infeed[c, q]
    if len(out.unit_mw) > 0:
        for u in range(n_unit):
            p = plan.unit_rest[u] + of_supply * plan.unit[u]
            out.unit_mw[s, u] = p + up * plan.unit_up[u] - down * plan.unit_down[u]
        for q in range(work.n_touched[c]):
            out.unit_mw[s, work.touched[c, q]] = work.touched_mw[c, q]
    if len(out.island) > 0:
        _number_islands(plan, work, c, s, out)
    if len(out.trip_round) > 0:
        for k in range(n_branch):
            out.trip_round[s, k] = 0 if grid.branch_on[k] else -1
        for j in range(work.n_lost[c]):
            out.trip_round[s, work.lost[c, j]] = -1


@bare
def _run(
    grid: Grid,
    plan: Plan,
    factor: Factor,
    start: State,
    limit: FloatArray,
    lost: Lost,
    rules: Rules,
    work: Work,
    first: int,
    stop: int,
    out: Out,
    all_flows: FloatArray,
    some_flows: FloatArray,
    is_left: BoolArray,
) -> int:
    n_branch = len(grid.from_bus)
    at = work.at
    has_flows = len(out.flow_mw) > 0
    n_left = 0
    for begin in range(first, stop, N_LANES):
        n = min(N_LANES, stop - begin)
        writes_rows = has_flows and n == N_LANES
        flow = all_flows if writes_rows else some_flows
        any_change = False
        for c in range(N_LANES):
            at[c] = n_branch * (begin + c if writes_rows else c)
            if c < n:
                s = begin + c
                is_left[s] = not prepare_lane(grid, plan, factor, start, rules, lost, s, work, c)
                any_change = any_change or work.has_change[c]
            else:
                work.n_lost[c] = 0
                for i in range(N_WAYS):
                    work.way[N_LANES * i + c] = 0.0
        if has_flows or plan.may_trip:
            if any_change:
                _forward_changes(grid, factor, work)
            for c in range(n):
                if not is_left[begin + c]:
                    is_left[begin + c] = not _compensate(grid, plan, work, c)
            _backward(grid, plan, factor, work)
            _flows(grid, plan, limit, work, flow, at)
        else:
            work.mark[:] = 0
        for c in range(n):
            s = begin + c
            if not is_left[s] and (has_flows or plan.may_trip):
                is_left[s] = not _is_settled(grid, plan, limit, work, c, flow, at[c])
            if is_left[s]:
                n_left += 1
                continue
            _write(grid, plan, work, c, s, out)
            if has_flows and not writes_rows:
                for k in range(n_branch):
                    out.flow_mw[s, k] = flow[at[c] + k]
    return n_left


@entry
def low_rank_range(
    grid: Grid,
    plan: Plan,
    factor: Factor,
    start: State,
    limit: FloatArray,
    lost: Lost,
    rules: Rules,
    work: Work,
    first: int,
    stop: int,
    out: Out,
    is_left: BoolArray,
) -> int:
    """Run scenarios `first` to `stop` (not included) and fill their rows of `out`.

    `limit` [MW] is what branches trip above. Scenarios that another engine must run, since
    something trips or a bound here is exceeded, are marked in `is_left`; returns their number.
    """
    n_left: int = _run(
        by_reference(grid),
        by_reference(plan),
        by_reference(factor),
        by_reference(start),
        limit,
        by_reference(lost),
        rules,
        by_reference(work),
        first,
        stop,
        by_reference(out),
        out.flow_mw.reshape(-1),
        work.flow.reshape(-1),
        is_left,
    )
    return n_left
