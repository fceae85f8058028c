"""Factors of eight damaged networks in step, and what is solved with them.

A lost branch is a zero in the pattern of the intact factor, so eight networks are factored and
solved by the same steps on eight numbers at once; columns that none of the eight has changed are
shared. Which entries of a column are linked to it at all is kept lane by lane: a bus linked to
nothing above it is the last of its island, and so its reference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightkeeper.flow.arrays import Factor, Grid
from lightkeeper.flow.compiled import bare
from lightkeeper.flow.kernels import (
    MAX_REFINEMENTS,
    REFINE_ABOVE,
    REPLACED_PIVOT,
    TINY_PIVOT,
    UNSOLVED_ABOVE,
)
from lightkeeper.flow.lanes import (
    ALL_LANES,
    N_LANES,
    above,
    add,
    clear,
    larger,
    load,
    magnitude,
    mul,
    pick,
    reciprocal,
    replace_small,
    spread,
    store,
    store_whole,
    sub,
    turn,
)
from lightkeeper.units import FloatArray, IndexArray, IntArray

ByteArray = NDArray[np.uint8]


class Factors(NamedTuple):
    """Factors of eight damaged networks and what goes in and out of a solution.

    Bytes are masks of lanes: `off` (branches that are out), `quiet` (branches without flow),
    `grounded` (references), `mark` (columns to be computed anew), `changed` (columns that differ
    from the intact factor; only their rows of `linked`, `l_value`, `d`, `inv_d` are filled),
    `linked` (entries of L that are there, whatever their value; all are in the intact factor),
    `over` (branches above `limit`, padded with zeros to a multiple of eight).
    """

    off: ByteArray
    quiet: ByteArray
    grounded: ByteArray
    mark: ByteArray
    changed: ByteArray
    linked: ByteArray
    row_linked: ByteArray
    over: ByteArray
    l_value: FloatArray
    d: FloatArray
    inv_d: FloatArray
    column: FloatArray
    injection: FloatArray
    angle: FloatArray
    work: FloatArray
    flow: FloatArray
    scale: FloatArray
    worst: FloatArray
    before: FloatArray


@bare
def mark_paths(parent: IntArray, mark: ByteArray, v: int, bit: int) -> None:
    """Mark in a lane the columns that a change at bus v reaches."""
    while v != -1 and mark[v] & bit == 0:
        mark[v] |= np.uint8(bit)
        v = parent[v]


@bare
def refactor_lanes(grid: Grid, intact: Factor, lanes: Factors) -> None:
    """Compute the marked columns anew in every lane, as `kernels.refactor` does in one."""
    l_start, l_row, near_branch, near_bus = (
        grid.l_start,
        grid.l_row,
        grid.near_branch,
        grid.near_bus,
    )
    row_col, row_pos, shared_value = grid.row_col, grid.row_pos, intact.l_value
    l_value, column, d = lanes.l_value, lanes.column, lanes.d
    linked, row_linked, changed, off = lanes.linked, lanes.row_linked, lanes.changed, lanes.off
    for j in range(len(lanes.mark)):
        if lanes.mark[j] == 0:
            continue
        for q in range(l_start[j], l_start[j + 1]):
            store(column, l_row[q], spread(0.0))
            row_linked[l_row[q]] = 0
        pivot = spread(0.0)
        size = spread(0.0)
        for q in range(grid.near_start[j], grid.near_start[j + 1]):
            k = near_branch[q]
            b = clear(spread(grid.b_pu[k]), off[k])
            pivot = add(pivot, b)
            size = add(size, magnitude(b))
            w = near_bus[q]
            if w > j:
                store(column, w, sub(load(column, w), b))
                row_linked[w] |= ~off[k]
        for q in range(grid.row_start[j], grid.row_start[j + 1]):
            i = row_col[q]
            p = row_pos[q]
            if changed[i] != 0:
                here = linked[p]
                if here == 0:
                    continue
                value = load(l_value, p)
                scaled = mul(value, load(d, i))
                pivot = sub(pivot, mul(scaled, value))
                for r in range(p + 1, l_start[i + 1]):
                    w = l_row[r]
                    row_linked[w] |= here & linked[r]
                    store(column, w, sub(load(column, w), mul(scaled, load(l_value, r))))
            else:
                shared = shared_value[p] * intact.d[i]
                pivot = sub(pivot, spread(shared * shared_value[p]))
                for r in range(p + 1, l_start[i + 1]):
                    w = l_row[r]
                    row_linked[w] = ALL_LANES
                    store(column, w, sub(load(column, w), spread(shared * shared_value[r])))
        above_it = np.uint8(0)
        for q in range(l_start[j], l_start[j + 1]):
            linked[q] = row_linked[l_row[q]]
            above_it |= linked[q]
        lanes.grounded[j] = ~above_it
        pivot = replace_small(
            pivot, mul(spread(TINY_PIVOT), size), mul(spread(REPLACED_PIVOT), size)
        )
        inverse = clear(reciprocal(pivot), lanes.grounded[j])
        store(d, j, clear(pivot, lanes.grounded[j]))
        store(lanes.inv_d, j, inverse)
        for q in range(l_start[j], l_start[j + 1]):
            store(l_value, q, mul(load(column, l_row[q]), inverse))
        changed[j] |= lanes.mark[j]
        lanes.mark[j] = 0


@bare
def restore_lanes(grid: Grid, intact: Factor, lanes: Factors, done: int) -> None:
    """Put the intact factor back in the lanes of the mask `done`."""
    bits = np.uint8(done)
    for j in range(len(lanes.changed)):
        mine = lanes.changed[j] & bits
        if mine == 0:
            continue
        lanes.changed[j] &= ~bits
        if grid.parent[j] >= 0:
            lanes.grounded[j] &= ~bits
        else:
            lanes.grounded[j] |= bits
        if lanes.changed[j] == 0:
            continue  # no lane differs any more: shared from here on
        for q in range(grid.l_start[j], grid.l_start[j + 1]):
            lanes.linked[q] |= bits
        for c in range(N_LANES):
            if mine >> c & 1 == 0:
                continue
            lanes.d[N_LANES * j + c] = intact.d[j]
            lanes.inv_d[N_LANES * j + c] = intact.inv_d[j]
            for q in range(grid.l_start[j], grid.l_start[j + 1]):
                lanes.l_value[N_LANES * q + c] = intact.l_value[q]


@bare
def label_lanes(grid: Grid, lanes: Factors, label: IndexArray, n_islands: IntArray) -> None:
    """Number the islands of each lane from 0 in its row of `label`, buses that are off as well.

    Labels are in the case's order of buses. A bus is in the island of any bus that it is linked to
    above; without one it is the last of its own.
    """
    l_start, l_row, linked, changed = grid.l_start, grid.l_row, lanes.linked, lanes.changed
    grounded, parent, place, at = lanes.grounded, grid.parent, grid.place, lanes.work
    n_bus = len(changed)
    count, one = spread(0.0), spread(1.0)
    for j in range(n_bus - 1, -1, -1):
        if changed[j] == 0 and parent[j] >= 0:
            store(at, j, load(at, parent[j]))
            continue
        value = count
        count = add(count, clear(one, ~grounded[j]))
        if changed[j] != 0:
            for q in range(l_start[j], l_start[j + 1]):
                value = pick(linked[q], load(at, l_row[q]), value)
        store(at, j, value)
    store(lanes.scale, 0, count)
    for c in range(N_LANES):
        n_islands[c] = int(lanes.scale[c])
    i = 0
    while i + N_LANES <= n_bus:
        r = turn(
            load(at, place[i]),
            load(at, place[i + 1]),
            load(at, place[i + 2]),
            load(at, place[i + 3]),
            load(at, place[i + 4]),
            load(at, place[i + 5]),
            load(at, place[i + 6]),
            load(at, place[i + 7]),
        )
        store_whole(label, i, r[0])
        store_whole(label, n_bus + i, r[1])
        store_whole(label, 2 * n_bus + i, r[2])
        store_whole(label, 3 * n_bus + i, r[3])
        store_whole(label, 4 * n_bus + i, r[4])
        store_whole(label, 5 * n_bus + i, r[5])
        store_whole(label, 6 * n_bus + i, r[6])
        store_whole(label, 7 * n_bus + i, r[7])
        i += N_LANES
    while i < n_bus:
        for c in range(N_LANES):
            label[c, i] = int(at[N_LANES * place[i] + c])
        i += 1


@bare
def _solve(grid: Grid, intact: Factor, lanes: Factors, x: FloatArray) -> None:
    """Solve L D L' x = x in place, in every lane."""
    l_start, l_row, l_value = grid.l_start, grid.l_row, lanes.l_value
    shared, changed, inv_d, shared_inv_d = intact.l_value, lanes.changed, lanes.inv_d, intact.inv_d
    n = len(changed)
    for j in range(n):
        value = load(x, j)
        if changed[j] != 0:
            for q in range(l_start[j], l_start[j + 1]):
                v = l_row[q]
                store(x, v, sub(load(x, v), mul(load(l_value, q), value)))
            store(x, j, mul(value, load(inv_d, j)))
        else:
            for q in range(l_start[j], l_start[j + 1]):
                v = l_row[q]
                store(x, v, sub(load(x, v), mul(spread(shared[q]), value)))
            store(x, j, mul(value, spread(shared_inv_d[j])))
    for j in range(n - 1, -1, -1):
        value = load(x, j)
        if changed[j] != 0:
            for q in range(l_start[j], l_start[j + 1]):
                value = sub(value, mul(load(l_value, q), load(x, l_row[q])))
        else:
            for q in range(l_start[j], l_start[j + 1]):
                value = sub(value, mul(spread(shared[q]), load(x, l_row[q])))
        store(x, j, value)


@bare
def _flows(grid: Grid, lanes: Factors, limit: FloatArray) -> None:
    """Flows [p.u.] from angles, what of them is above its limit, and their Kirchhoff mismatch.

    The mismatch goes to `work`, its largest value in each lane to `worst`.
    """
    angle, flow, mismatch, worst = lanes.angle, lanes.flow, lanes.work, lanes.worst
    from_bus, to_bus, quiet, over = grid.from_bus, grid.to_bus, lanes.quiet, lanes.over
    for q in range(len(mismatch)):
        mismatch[q] = lanes.injection[q]
    for k in range(len(from_bus)):
        i, j = from_bus[k], to_bus[k]
        turned = sub(sub(load(angle, i), load(angle, j)), spread(grid.shift_rad[k]))
        f = clear(mul(spread(grid.b_pu[k]), turned), quiet[k])
        store(flow, k, f)
        over[k] = above(mul(magnitude(f), spread(grid.base_mva)), spread(limit[k]))
        store(mismatch, i, sub(load(mismatch, i), f))
        store(mismatch, j, add(load(mismatch, j), f))
    most = spread(0.0)
    finite = spread(0.0)
    for v in range(len(grid.place)):
        value = clear(load(mismatch, v), lanes.grounded[v])
        store(mismatch, v, value)
        most = larger(most, magnitude(value))
        finite = add(finite, sub(value, value))
    store(worst, 0, add(most, finite))


@bare
def solve_lanes(grid: Grid, intact: Factor, lanes: Factors, limit: FloatArray, busy: int) -> int:
    """Angles and flows of the injections; returns the mask of lanes that have a solution.

    As `kernels.solve_flow`: each solution is checked by Kirchhoff's law and refined alone.
    """
    angle, work = lanes.angle, lanes.work
    for q in range(len(angle)):
        angle[q] = lanes.injection[q]
    for k in grid.shifters:
        extra = clear(spread(grid.b_pu[k] * grid.shift_rad[k]), lanes.quiet[k])
        store(angle, grid.from_bus[k], add(load(angle, grid.from_bus[k]), extra))
        store(angle, grid.to_bus[k], sub(load(angle, grid.to_bus[k]), extra))
    most = spread(1.0)
    for v in range(len(grid.place)):
        most = larger(most, magnitude(load(angle, v)))
    scale, worst, before = lanes.scale, lanes.worst, lanes.before
    store(scale, 0, most)
    _solve(grid, intact, lanes, angle)
    _flows(grid, lanes, limit)
    rest = busy
    for _ in range(MAX_REFINEMENTS):
        for c in range(N_LANES):
            if rest >> c & 1 and worst[c] <= REFINE_ABOVE * scale[c]:
                rest &= ~(1 << c)
        if rest == 0:
            break
        for v in range(len(grid.place)):
            store(work, v, clear(load(work, v), ALL_LANES & ~rest))
        _solve(grid, intact, lanes, work)
        for v in range(len(grid.place)):
            store(angle, v, add(load(angle, v), clear(load(work, v), ALL_LANES & ~rest)))
        store(before, 0, load(worst, 0))
        _flows(grid, lanes, limit)
        for c in range(N_LANES):
            if not worst[c] < 0.5 * before[c]:
                rest &= ~(1 << c)
    solved = 0
    for c in range(N_LANES):
        if worst[c] <= UNSOLVED_ABOVE * scale[c]:
            solved |= 1 << c
    return solved
