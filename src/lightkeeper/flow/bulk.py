"""Cascades of eight scenarios in step: what `kernels.cascade_range` answers, to the last bit.

A lost branch is a zero in the pattern of the intact factor, so eight damaged networks are factored
and solved by the same steps on eight numbers at once. Columns that no scenario of the eight has
changed are shared. A lane that is done takes the next scenario. Kernels here call those of
`kernels` and `lanes`; numba does not see a change there, so clear its cache after one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lightkeeper.flow.arrays import Factor, Grid, Lost, Out, Parts, Room, Rules, State
from lightkeeper.flow.kernels import (
    MAX_REFINEMENTS,
    REFINE_ABOVE,
    REPLACED_PIVOT,
    SMALL_MW,
    TINY_PIVOT,
    TRIP_MARGIN,
    UNSOLVED_ABOVE,
    balance_island,
    balance_proportional,
    bare,
    begin_balance,
    group_by_island,
    label_islands,
    make_room,
    pairwise_sum,
    ramp_islands,
    sum_of,
)
from lightkeeper.flow.lanes import (
    ALL_LANES,
    N_LANES,
    add,
    clear,
    larger,
    load,
    magnitude,
    mul,
    reciprocal,
    replace_small,
    spread,
    store,
    sub,
)
from lightkeeper.units import BoolArray, FloatArray, IntArray

ByteArray = NDArray[np.uint8]

# With more branches lost in a round than this, islands are looked for from every bus.
MAX_PAIRS = 64
# So they are where a network has fewer buses than this for each branch lost.
BUSES_PER_PAIR = 150
# Buses a flood takes before it is the next one's turn.
FLOOD_STEPS = 8
# With more buses in new islands than this, or units lost, the first balance is like the later ones.
MAX_MOVED = 200
# State of a flood: nothing to meet; something to meet but nowhere to go; under way; a whole island.
IDLE, STUCK, FLOODING, DRY = 0, 1, 2, 3


class Factors(NamedTuple):
    """Factors of eight damaged networks and what goes in and out of a solution.

    Bytes are masks of lanes: `off` (branches that are out), `quiet` (branches without flow),
    `grounded` (references), `mark` (columns to be computed anew), `changed` (columns that differ
    from the intact factor; only their rows of `l_value`, `d`, `inv_d` are filled).
    """

    off: ByteArray
    quiet: ByteArray
    grounded: ByteArray
    mark: ByteArray
    changed: ByteArray
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


class Intact(NamedTuple):
    """The network before any loss: factor, islands, and the last bus (the reference) of each.

    `start` is the state each scenario starts from, `settled` the same balanced, with `alive`
    islands and `injection` of buses [p.u.] without units. Buses (in the case's order) and units by
    island are in `room`; `rank` is the place of a bus there, where `served` and `infeed` stand by
    rank; `is_same` marks islands whose balance leaves buses as they are. Units at bus v are
    `unit_at[unit_at_start[v]:unit_at_start[v + 1]]`.
    """

    factor: Factor
    label: IntArray
    n_islands: int
    last: IntArray
    grounded: ByteArray
    order: IntArray
    start: State
    settled: State
    alive: BoolArray
    injection: FloatArray
    room: Room
    rank: IntArray
    served: FloatArray
    infeed: FloatArray
    has_infeed: bool
    is_same: BoolArray
    unit_at_start: IntArray
    unit_at: IntArray


class Rows(NamedTuple):
    """Scenarios under way, a row for each lane: what is on, what it does, what has been opened.

    `label` is the island of each bus and `last` the last bus of each island, by number; `pair` is
    what the search for islands begins with, buses that were connected before the latest losses;
    `extra` are the references that the intact network does not have.
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
    last: IntArray
    n_islands: IntArray
    pair: IntArray
    n_pairs: IntArray
    extra: IntArray
    n_extra: IntArray


class Search(NamedTuple):
    """Scratch of the search for islands: by bus, then by flood, then by bus again."""

    owner: IntArray
    next_bus: IntArray
    head: IntArray
    tail: IntArray
    up: IntArray
    state: ByteArray
    touched: IntArray
    stack: IntArray
    moved: IntArray
    n_moved: IntArray
    hit: BoolArray


# ------------------------------------------------------------------------------------ flow


@njit(nogil=True)
def _aligned(n_rows: int) -> FloatArray:
    """Zeros for rows of lanes, at the start of a cache line."""
    room = np.zeros(n_rows * N_LANES + N_LANES)
    skip = (64 - room.ctypes.data % 64) % 64 // 8
    return room[skip : skip + n_rows * N_LANES]


@njit(nogil=True)
def _make_factors(grid: Grid) -> Factors:
    n_bus, n_branch = len(grid.place), len(grid.from_bus)
    return Factors(
        np.zeros(n_branch, np.uint8),
        np.zeros(n_branch, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_bus, np.uint8),
        _aligned(len(grid.l_row)),
        _aligned(n_bus),
        _aligned(n_bus),
        _aligned(n_bus),
        _aligned(n_bus),
        _aligned(n_bus),
        _aligned(n_bus),
        _aligned(n_branch),
        _aligned(1),
        _aligned(1),
        _aligned(1),
    )


@bare
def _refactor(grid: Grid, intact: Factor, lanes: Factors) -> None:
    """Compute the marked columns anew in every lane, as `kernels.refactor` does in one."""
    l_start, l_row = grid.l_start, grid.l_row
    l_value, column = lanes.l_value, lanes.column
    for j in range(len(lanes.mark)):
        if lanes.mark[j] == 0:
            continue
        for q in range(l_start[j], l_start[j + 1]):
            store(column, l_row[q], spread(0.0))
        pivot = spread(0.0)
        size = spread(0.0)
        for q in range(grid.near_start[j], grid.near_start[j + 1]):
            k = grid.near_branch[q]
            b = clear(spread(grid.b_pu[k]), lanes.off[k])
            pivot = add(pivot, b)
            size = add(size, magnitude(b))
            w = grid.near_bus[q]
            if w > j:
                store(column, w, sub(load(column, w), b))
        for q in range(grid.row_start[j], grid.row_start[j + 1]):
            i = grid.row_col[q]
            p = grid.row_pos[q]
            if lanes.changed[i] != 0:
                value = load(l_value, p)
                scaled = mul(value, load(lanes.d, i))
                pivot = sub(pivot, mul(scaled, value))
                for r in range(p + 1, l_start[i + 1]):
                    w = l_row[r]
                    store(column, w, sub(load(column, w), mul(scaled, load(l_value, r))))
            elif intact.l_value[p] != 0.0:
                shared = intact.l_value[p] * intact.d[i]
                pivot = sub(pivot, spread(shared * intact.l_value[p]))
                for r in range(p + 1, l_start[i + 1]):
                    w = l_row[r]
                    store(column, w, sub(load(column, w), spread(shared * intact.l_value[r])))
        pivot = replace_small(
            pivot, mul(spread(TINY_PIVOT), size), mul(spread(REPLACED_PIVOT), size)
        )
        inverse = clear(reciprocal(pivot), lanes.grounded[j])
        store(lanes.d, j, clear(pivot, lanes.grounded[j]))
        store(lanes.inv_d, j, inverse)
        for q in range(l_start[j], l_start[j + 1]):
            store(l_value, q, mul(load(column, l_row[q]), inverse))
        lanes.changed[j] |= lanes.mark[j]
        lanes.mark[j] = 0


@bare
def _restore(grid: Grid, intact: Factor, lanes: Factors, done: int) -> None:
    """Put the intact factor back in the lanes of the mask `done`."""
    for j in range(len(lanes.changed)):
        mine = lanes.changed[j] & done
        if mine == 0:
            continue
        lanes.changed[j] &= ~np.uint8(done)
        if lanes.changed[j] == 0:
            continue  # no lane differs any more: shared from here on
        for c in range(N_LANES):
            if mine >> c & 1 == 0:
                continue
            lanes.d[N_LANES * j + c] = intact.d[j]
            lanes.inv_d[N_LANES * j + c] = intact.inv_d[j]
            for q in range(grid.l_start[j], grid.l_start[j + 1]):
                lanes.l_value[N_LANES * q + c] = intact.l_value[q]


@bare
def _solve(grid: Grid, intact: Factor, lanes: Factors, x: FloatArray) -> None:
    """Solve L D L' x = x in place, in every lane."""
    l_start, l_row, l_value = grid.l_start, grid.l_row, lanes.l_value
    n = len(lanes.changed)
    for j in range(n):
        value = load(x, j)
        if lanes.changed[j] != 0:
            for q in range(l_start[j], l_start[j + 1]):
                v = l_row[q]
                store(x, v, sub(load(x, v), mul(load(l_value, q), value)))
            store(x, j, mul(value, load(lanes.inv_d, j)))
        else:
            for q in range(l_start[j], l_start[j + 1]):
                v = l_row[q]
                store(x, v, sub(load(x, v), mul(spread(intact.l_value[q]), value)))
            store(x, j, mul(value, spread(intact.inv_d[j])))
    for j in range(n - 1, -1, -1):
        value = load(x, j)
        if lanes.changed[j] != 0:
            for q in range(l_start[j], l_start[j + 1]):
                value = sub(value, mul(load(l_value, q), load(x, l_row[q])))
        else:
            for q in range(l_start[j], l_start[j + 1]):
                value = sub(value, mul(spread(intact.l_value[q]), load(x, l_row[q])))
        store(x, j, value)


@bare
def _flows(grid: Grid, lanes: Factors, worst: FloatArray) -> None:
    """Flows [p.u.] from angles, and their Kirchhoff mismatch in `work`; `worst` is the largest."""
    angle, flow, mismatch = lanes.angle, lanes.flow, lanes.work
    for q in range(len(mismatch)):
        mismatch[q] = lanes.injection[q]
    for k in range(len(grid.from_bus)):
        i, j = grid.from_bus[k], grid.to_bus[k]
        turned = sub(sub(load(angle, i), load(angle, j)), spread(grid.shift_rad[k]))
        f = clear(mul(spread(grid.b_pu[k]), turned), lanes.quiet[k])
        store(flow, k, f)
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
def _solve_flows(grid: Grid, intact: Factor, lanes: Factors, busy: int) -> int:
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
    _flows(grid, lanes, worst)
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
        _flows(grid, lanes, worst)
        for c in range(N_LANES):
            if not worst[c] < 0.5 * before[c]:
                rest &= ~(1 << c)
    solved = 0
    for c in range(N_LANES):
        if worst[c] <= UNSOLVED_ABOVE * scale[c]:
            solved |= 1 << c
    return solved


# ------------------------------------------------------------------------------------ scenarios


@njit(nogil=True)
def _make_rows(grid: Grid) -> Rows:
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    return Rows(
        np.empty((N_LANES, n_branch), np.bool_),
        np.empty((N_LANES, n_bus), np.bool_),
        np.empty((N_LANES, n_bus), np.int32),
        np.empty((N_LANES, n_bus), np.bool_),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit)),
        np.empty((N_LANES, n_unit), np.bool_),
        np.empty((N_LANES, n_bus)),
        np.empty((N_LANES, n_bus)),
        np.empty((N_LANES, n_branch), np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_bus), np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, 2 * MAX_PAIRS), np.int32),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, n_bus), np.int32),
        np.zeros(N_LANES, np.int32),
    )


@njit(nogil=True)
def _make_search(n_bus: int) -> Search:
    return Search(
        np.full(n_bus, -1, np.int32),
        np.empty(n_bus, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.uint8),
        np.empty(n_bus, np.int32),
        np.empty(n_bus, np.int32),
        np.empty(n_bus, np.int32),
        np.zeros(1, np.int32),
        np.zeros(n_bus, np.bool_),
    )


@bare
def _mark(parent: IntArray, mark: ByteArray, v: int, bit: int) -> None:
    while v != -1 and mark[v] & bit == 0:
        mark[v] |= np.uint8(bit)
        v = parent[v]


@bare
def _add_pair(rows: Rows, c: int, i: int, j: int) -> None:
    """Note that two buses of lane c may no longer be connected; off buses do not matter."""
    if not (rows.bus_on[c, i] and rows.bus_on[c, j]):
        return
    n = rows.n_pairs[c]
    if n < MAX_PAIRS:
        rows.pair[c, 2 * n] = i
        rows.pair[c, 2 * n + 1] = j
    rows.n_pairs[c] += 1


@bare
def _open(grid: Grid, lanes: Factors, rows: Rows, c: int, k: int) -> None:
    """Take branch k out in lane c and mark what of the factor that changes."""
    if not rows.branch_on[c, k]:
        return
    rows.branch_on[c, k] = False
    rows.opened[c, rows.n_opened[c]] = k
    rows.n_opened[c] += 1
    bit = 1 << c
    lanes.off[k] |= np.uint8(bit)
    lanes.quiet[k] |= np.uint8(bit)
    i, j = grid.from_bus[k], grid.to_bus[k]
    _mark(grid.parent, lanes.mark, min(i, j), bit)
    _add_pair(rows, c, i, j)


@bare
def _start(base: State, lost: Lost, s: int, rows: Rows, c: int) -> None:
    """Let lane c run as before any loss, less the units that scenario `s` loses."""
    for u in range(len(base.p)):
        rows.p[c, u] = base.p[u]
        rows.unit_on[c, u] = base.unit_on[u]
    for i in range(len(base.served)):
        rows.served[c, i] = base.served[i]
        rows.infeed[c, i] = base.infeed[i]
    if len(lost.load_factor) > 0:
        for i in range(len(base.served)):
            rows.served[c, i] *= lost.load_factor[s, i]
    if len(lost.unit_factor) > 0:
        for u in range(len(base.p)):
            if lost.unit_factor[s, u] != 1.0:
                rows.p_max[c, u] *= lost.unit_factor[s, u]
                rows.p_min[c, u] = min(rows.p_min[c, u], rows.p_max[c, u])
                rows.p[c, u] = min(rows.p[c, u], rows.p_max[c, u])
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        rows.unit_on[c, lost.unit_index[q]] = False


@bare
def _begin(
    grid: Grid,
    base: State,
    intact: Intact,
    lost: Lost,
    s: int,
    lanes: Factors,
    rows: Rows,
    c: int,
    out: Out,
) -> None:
    """Set lane c to the intact network less what scenario `s` says; as `begin_scenario`."""
    # Element by element: assigning whole rows would copy them twice.
    for k in range(len(grid.from_bus)):
        rows.branch_on[c, k] = grid.branch_on[k]
    for u in range(len(grid.unit_bus)):
        rows.p_min[c, u] = base.p_min[u]
        rows.p_max[c, u] = base.p_max[u]
    for i in range(len(grid.place)):
        rows.bus_on[c, i] = grid.bus_on[i]
        rows.label[c, i] = intact.label[i]
    for i in range(intact.n_islands):
        rows.last[c, i] = intact.last[i]
    rows.n_islands[c] = intact.n_islands
    rows.n_opened[c] = rows.n_pairs[c] = rows.n_extra[c] = 0
    if len(lost.load_factor) > 0 or len(lost.unit_factor) > 0:
        _start(base, lost, s, rows, c)
    first, stop = lost.bus_start[s], lost.bus_start[s + 1]
    for q in range(first, stop):
        rows.bus_on[c, grid.place[lost.bus_index[q]]] = False
    for q in range(lost.branch_start[s], lost.branch_start[s + 1]):
        _open(grid, lanes, rows, c, lost.branch_index[q])
    before = -1
    for q in range(first, stop):
        v = grid.place[lost.bus_index[q]]
        rows.label[c, v] = -1
        _add_reference(lanes, rows, c, v)
        _mark(grid.parent, lanes.mark, v, 1 << c)
        for r in range(grid.near_start[v], grid.near_start[v + 1]):
            w = grid.near_bus[r]
            _open(grid, lanes, rows, c, grid.near_branch[r])
            # All that lost buses connected is chained, whichever of them connected it.
            if rows.bus_on[c, w]:
                if before >= 0:
                    _add_pair(rows, c, before, w)
                before = w
    for k in range(len(grid.from_bus)):
        out.trip_round[s, k] = 0 if rows.branch_on[c, k] else -1
    for i in range(len(grid.place)):
        out.demand_mw[s, i] = grid.demand_mw[i]
        if len(lost.load_factor) > 0:
            out.demand_mw[s, i] *= lost.load_factor[s, i]


@bare
def _add_reference(lanes: Factors, rows: Rows, c: int, v: int) -> None:
    bit = np.uint8(1 << c)
    if lanes.grounded[v] & bit == 0:
        lanes.grounded[v] |= bit
        rows.extra[c, rows.n_extra[c]] = v
        rows.n_extra[c] += 1


@bare
def _root(up: IntArray, g: int) -> int:
    while up[g] != g:
        up[g] = up[up[g]]
        g = up[g]
    return g


@bare
def _flood(grid: Grid, rows: Rows, c: int, g: int, search: Search, n_touched: int) -> int:
    """Let flood g take some more buses; floods that meet become one. Returns buses touched."""
    owner, next_bus, head, tail = search.owner, search.next_bus, search.head, search.tail
    for _ in range(FLOOD_STEPS):
        v = head[g]
        if v < 0:
            break
        head[g] = next_bus[v]
        for p in range(grid.near_start[v], grid.near_start[v + 1]):
            if not rows.branch_on[c, grid.near_branch[p]]:
                continue
            w = grid.near_bus[p]
            if owner[w] < 0:
                owner[w] = g
                next_bus[w] = -1
                search.touched[n_touched] = w
                n_touched += 1
                if head[g] < 0:
                    head[g] = w
                else:
                    next_bus[tail[g]] = w
                tail[g] = w
            elif owner[w] != g:
                mine, other = _root(search.up, g), _root(search.up, owner[w])
                if mine != other:
                    search.up[other] = mine
    return n_touched


@bare
def _drop_met(up: IntArray, owner: IntArray, pair: IntArray, n_pairs: int) -> int:
    """Keep the pairs whose floods have not met; returns their number."""
    n = 0
    for q in range(n_pairs):
        i, j = pair[2 * q], pair[2 * q + 1]
        if _root(up, owner[i]) != _root(up, owner[j]):
            pair[2 * n], pair[2 * n + 1] = i, j
            n += 1
    return n


@bare
def _pass_over(up: IntArray, owner: IntArray, pair: IntArray, n_pairs: int, dry: int) -> int:
    """Pair what the island of the flood `dry` lay between with each other instead of with it."""
    n = 0
    before = -1
    for q in range(n_pairs):
        i, j = pair[2 * q], pair[2 * q + 1]
        if _root(up, owner[j]) == dry:
            i, j = j, i
        if _root(up, owner[i]) == dry:
            i, before = before, j
        if i >= 0:
            pair[2 * n], pair[2 * n + 1] = i, j
            n += 1
    return n


@bare
def _split_islands(grid: Grid, lanes: Factors, rows: Rows, c: int, search: Search) -> None:
    """Number the islands of lane c anew where the latest losses cut it.

    Floods start at both ends of whatever was lost and take turns; those that meet become one. A
    flood that runs dry before has taken in a whole island; what lay on its other sides must then
    meet instead. When nothing is left to meet, what no dry flood has taken in is what remains of
    the old island, and need not be followed.
    """
    owner, head, up, state = search.owner, search.head, search.up, search.state
    pair, n_pairs = rows.pair[c], rows.n_pairs[c]
    rows.n_pairs[c] = 0
    n_floods, n_touched, n_dry = 0, 0, 0
    for q in range(2 * n_pairs):
        v = pair[q]
        if owner[v] < 0:
            head[n_floods] = search.tail[n_floods] = v
            owner[v] = up[n_floods] = n_floods
            state[n_floods] = IDLE
            search.next_bus[v] = -1
            search.touched[n_touched] = v
            n_touched += 1
            n_floods += 1
    while True:
        n_pairs = _drop_met(up, owner, pair, n_pairs)
        if n_pairs == 0:
            break
        for g in range(n_floods):
            if state[g] != DRY:
                state[g] = IDLE
        for q in range(2 * n_pairs):
            state[_root(up, owner[pair[q]])] = STUCK
        for g in range(n_floods):
            root = _root(up, g)
            if head[g] >= 0 and state[root] == STUCK:
                state[root] = FLOODING
        for g in range(n_floods):
            if up[g] == g and state[g] == STUCK:
                state[g] = DRY
                n_dry += 1
                n_pairs = _pass_over(up, owner, pair, n_pairs, g)
        for g in range(n_floods):
            if head[g] >= 0 and state[_root(up, g)] == FLOODING:
                n_touched = _flood(grid, rows, c, g, search, n_touched)
    if n_dry > 0:
        _number_dry(lanes, rows, c, search, n_floods, n_touched)
    for q in range(n_touched):
        owner[search.touched[q]] = -1


@bare
def _number_dry(
    lanes: Factors, rows: Rows, c: int, search: Search, n_floods: int, n_touched: int
) -> None:
    """Give each dry flood of lane c the number of a new island, and all islands references."""
    label, last = rows.label[c], rows.last[c]
    first_new = rows.n_islands[c]
    number = search.tail  # no longer needed as such
    for g in range(n_floods):
        if search.up[g] == g and search.state[g] == DRY:
            number[g] = rows.n_islands[c]
            last[number[g]] = -1
            rows.n_islands[c] += 1
    for q in range(n_touched):
        v = search.touched[q]
        g = _root(search.up, search.owner[v])
        if search.state[g] == DRY:
            label[v] = number[g]
            last[number[g]] = max(last[number[g]], v)
            search.moved[search.n_moved[0]] = v
            search.n_moved[0] += 1
    _find_references(lanes, rows, c, first_new)


@bare
def _find_references(lanes: Factors, rows: Rows, c: int, first_new: int) -> None:
    """Find the last bus of each old island anew where it has gone, and ground new references."""
    label, last = rows.label[c], rows.last[c]
    for i in range(first_new):
        v = last[i]
        if v < 0 or label[v] == i:
            continue
        while v >= 0 and label[v] != i:
            v -= 1
        last[i] = v
        if v >= 0:
            _add_reference(lanes, rows, c, v)
    for i in range(first_new, rows.n_islands[c]):
        _add_reference(lanes, rows, c, last[i])


@bare
def _label_anew(grid: Grid, lanes: Factors, rows: Rows, c: int, search: Search) -> None:
    """Number all islands of lane c from scratch."""
    rows.n_pairs[c] = 0
    label, last = rows.label[c], rows.last[c]
    n = label_islands(grid, rows.branch_on[c], rows.bus_on[c], label, search.stack)
    for v in range(len(label)):
        if label[v] >= 0:
            last[label[v]] = v
    for i in range(n):
        _add_reference(lanes, rows, c, last[i])
    rows.n_islands[c] = n


@bare
def _find_islands(grid: Grid, lanes: Factors, rows: Rows, c: int, search: Search) -> None:
    """Bring the islands of lane c and their references up to date with its losses."""
    n_pairs = rows.n_pairs[c]
    search.n_moved[0] = 0
    if n_pairs > MAX_PAIRS or n_pairs * BUSES_PER_PAIR > len(grid.place):
        search.n_moved[0] = MAX_MOVED + 1
        _label_anew(grid, lanes, rows, c, search)
    else:
        if n_pairs > 0:
            _split_islands(grid, lanes, rows, c, search)
        if rows.n_extra[c] > 0:
            _find_references(lanes, rows, c, rows.n_islands[c])


@bare
def _balance(grid: Grid, rules: Rules, rows: Rows, c: int, room: Room) -> None:
    state = State(
        rows.p[c], rows.p_min[c], rows.p_max[c], rows.unit_on[c], rows.served[c], rows.infeed[c]
    )
    parts = Parts(rows.label[c], rows.alive[c], rows.alive[c])
    n_islands = rows.n_islands[c]
    if rules.proportional:
        balance_proportional(parts, n_islands, grid.place, grid.unit_bus, state, room)
    else:
        ramp_islands(parts, n_islands, grid.place, grid.unit_bus, grid.ramp_pu, state, room)


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
def _sum_without(
    values: FloatArray, first: int, stop: int, gone: IntArray, n_gone: int, work: FloatArray
) -> float:
    """Sum `values[first:stop]` but for the places `gone`, which are sorted."""
    n = 0
    at = first
    for g in range(n_gone):
        for q in range(at, gone[g]):
            work[n] = values[q]
            n += 1
        at = gone[g] + 1
    for q in range(at, stop):
        work[n] = values[q]
        n += 1
    total: float = pairwise_sum(work, n)
    return total


@bare
def _settle(
    grid: Grid, rules: Rules, state: State, n_units: int, load: float, feed: float, room: Room
) -> tuple[float, float]:
    """Balance the island of the first units in `room`; factors on its loads and infeeds, 0 if dead.

    What `ramp_islands` and `balance_proportional` do in each island.
    """
    units, running, work = room.unit_member, room.running, room.work
    if rules.proportional:
        for q in range(n_units):
            work[q] = state.p[units[q]]
        supply = feed + pairwise_sum(work, n_units)
        both = max(min(supply, load), 0.0)
        of_supply = both / supply if both > SMALL_MW else 0.0
        for q in range(n_units):
            state.p[units[q]] *= of_supply
        return (both / load if both > SMALL_MW else 0.0), of_supply
    n = 0
    for q in range(n_units):
        if state.unit_on[units[q]]:
            running[n] = units[q]
            n += 1
    kept = balance_island(running, n, load, feed, state, grid.ramp_pu, work) if n > 0 else 0.0
    for q in range(n_units):
        u = units[q]
        if kept <= 0.0:
            state.unit_on[u] = False
        if not state.unit_on[u]:
            state.p[u] = 0.0
    return max(kept, 0.0), 1.0 if kept > 0.0 else 0.0


@bare
def _balance_new(
    grid: Grid, rules: Rules, intact: Intact, rows: Rows, c: int, i: int, search: Search, room: Room
) -> None:
    """Balance the new island i of lane c, a few buses of `search.moved`."""
    label, buses, units = rows.label[c], room.bus_member, room.unit_member
    n_buses, n_units = 0, 0
    for q in range(search.n_moved[0]):
        v = search.moved[q]
        if label[v] == i:
            buses[n_buses] = intact.order[v]
            n_buses += 1
            for r in range(intact.unit_at_start[v], intact.unit_at_start[v + 1]):
                units[n_units] = intact.unit_at[r]
                n_units += 1
    _sort(buses, n_buses)
    _sort(units, n_units)
    state = State(
        rows.p[c], rows.p_min[c], rows.p_max[c], rows.unit_on[c], rows.served[c], rows.infeed[c]
    )
    load = sum_of(state.served, buses, 0, n_buses, room.work)
    feed = sum_of(state.infeed, buses, 0, n_buses, room.work)
    of_load, of_feed = _settle(grid, rules, state, n_units, load, feed, room)
    rows.alive[c, i] = of_load > 0.0
    for q in range(n_buses):
        state.served[buses[q]] *= of_load
        state.infeed[buses[q]] *= of_feed


@bare
def _balance_rest(
    grid: Grid,
    rules: Rules,
    intact: Intact,
    lost: Lost,
    s: int,
    rows: Rows,
    c: int,
    i: int,
    search: Search,
    room: Room,
) -> bool:
    """Balance what is left of island i; whether its buses stay as in the settled network."""
    label, gone, units = rows.label[c], room.bus_member, room.unit_member
    first, stop = intact.room.bus_start[i], intact.room.bus_start[i + 1]
    n_gone, n_units = 0, 0
    for q in range(search.n_moved[0]):
        v = search.moved[q]
        if intact.label[v] == i:
            gone[n_gone] = intact.rank[intact.order[v]]
            n_gone += 1
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        v = lost.bus_index[q]
        if intact.label[grid.place[v]] == i:
            gone[n_gone] = intact.rank[v]
            n_gone += 1
    rows.alive[c, i] = False
    if n_gone == stop - first:
        return True
    _sort(gone, n_gone)
    for q in range(intact.room.unit_start[i], intact.room.unit_start[i + 1]):
        u = intact.room.unit_member[q]
        if label[grid.unit_bus[u]] == i:
            units[n_units] = u
            n_units += 1
    state = State(
        rows.p[c], rows.p_min[c], rows.p_max[c], rows.unit_on[c], rows.served[c], rows.infeed[c]
    )
    load = _sum_without(intact.served, first, stop, gone, n_gone, room.work)
    feed = 0.0
    if intact.has_infeed:
        feed = _sum_without(intact.infeed, first, stop, gone, n_gone, room.work)
    of_load, of_feed = _settle(grid, rules, state, n_units, load, feed, room)
    rows.alive[c, i] = of_load > 0.0
    if of_load == 1.0 and (of_feed == 1.0 or not intact.has_infeed):
        return bool(intact.is_same[i])
    for q in range(first, stop):
        b = intact.room.bus_member[q]
        if label[grid.place[b]] == i:
            state.served[b] *= of_load
            state.infeed[b] *= of_feed
    return False


@bare
def _balance_first(
    grid: Grid,
    rules: Rules,
    intact: Intact,
    lost: Lost,
    s: int,
    rows: Rows,
    c: int,
    search: Search,
    room: Room,
) -> bool:
    """Balance lane c in its first round, where only islands that lost something are worked out.

    The others are as in the settled network. Returns whether all buses but those of
    `search.moved` and those lost inject as there.
    """
    hit = search.hit
    n_hits = 0
    for i in range(intact.n_islands):
        hit[i] = False
        rows.alive[c, i] = intact.alive[i]
    for i in range(intact.n_islands, rows.n_islands[c]):
        hit[intact.label[rows.last[c, i]]] = True
        n_hits += 1
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        i = intact.label[grid.place[lost.bus_index[q]]]
        if i >= 0:
            hit[i] = True
            n_hits += 1
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        i = intact.label[grid.unit_bus[lost.unit_index[q]]]
        if i >= 0:
            hit[i] = True
            n_hits += 1
    state = intact.start if n_hits > 0 else intact.settled
    for b in range(len(grid.place)):
        rows.served[c, b] = state.served[b]
        rows.infeed[c, b] = state.infeed[b]
    for u in range(len(grid.unit_bus)):
        rows.p[c, u] = state.p[u]
        rows.unit_on[c, u] = state.unit_on[u]
    if n_hits == 0:
        return True
    for q in range(lost.unit_start[s], lost.unit_start[s + 1]):
        rows.unit_on[c, lost.unit_index[q]] = False
        rows.p[c, lost.unit_index[q]] = 0.0
    for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
        b = lost.bus_index[q]
        v = grid.place[b]
        rows.served[c, b] = 0.0
        rows.infeed[c, b] = 0.0
        for r in range(intact.unit_at_start[v], intact.unit_at_start[v + 1]):
            rows.unit_on[c, intact.unit_at[r]] = False
            rows.p[c, intact.unit_at[r]] = 0.0
    is_same = True
    for i in range(intact.n_islands):
        if hit[i]:
            same = _balance_rest(grid, rules, intact, lost, s, rows, c, i, search, room)
            is_same = is_same and same
            continue
        for q in range(intact.room.bus_start[i], intact.room.bus_start[i + 1]):
            b = intact.room.bus_member[q]
            rows.served[c, b] = intact.settled.served[b]
            rows.infeed[c, b] = intact.settled.infeed[b]
        for q in range(intact.room.unit_start[i], intact.room.unit_start[i + 1]):
            u = intact.room.unit_member[q]
            rows.p[c, u] = intact.settled.p[u]
            rows.unit_on[c, u] = intact.settled.unit_on[u]
    for i in range(intact.n_islands, rows.n_islands[c]):
        _balance_new(grid, rules, intact, rows, c, i, search, room)
    return is_same


@bare
def _inject(
    grid: Grid,
    intact: Intact,
    lost: Lost,
    s: int,
    lanes: Factors,
    rows: Rows,
    c: int,
    search: Search,
    is_same: bool,
) -> None:
    """Fill what is injected in lane c, and which of its phase shifters are in dead islands.

    `is_same`: most buses inject as in the settled network, see `_balance_first`.
    """
    label, bit = rows.label[c], np.uint8(1 << c)
    for k in grid.shifters:
        if rows.branch_on[c, k]:
            lanes.quiet[k] &= ~bit
            if not rows.alive[c, label[grid.from_bus[k]]]:
                lanes.quiet[k] |= bit
    injection, served, infeed = lanes.injection, rows.served[c], rows.infeed[c]
    if is_same:
        for v in range(len(label)):
            injection[N_LANES * v + c] = intact.injection[v]
        for q in range(search.n_moved[0]):
            v = search.moved[q]
            b = intact.order[v]
            injection[N_LANES * v + c] = (infeed[b] - served[b]) / grid.base_mva
        for q in range(lost.bus_start[s], lost.bus_start[s + 1]):
            injection[N_LANES * grid.place[lost.bus_index[q]] + c] = 0.0
    else:
        for b in range(len(label)):
            at = N_LANES * grid.place[b] + c
            injection[at] = (infeed[b] - served[b]) / grid.base_mva
    for u in range(len(grid.unit_bus)):
        injection[N_LANES * grid.unit_bus[u] + c] += rows.p[c, u] / grid.base_mva


@bare
def _trip(
    grid: Grid,
    rules: Rules,
    lost: Lost,
    s: int,
    n_rounds: int,
    lanes: Factors,
    rows: Rows,
    c: int,
    out: Out,
) -> int:
    """Trip what is overloaded in lane c, if a round is left; returns the number of overloads."""
    n_over = 0
    impaired = len(lost.rating_factor) > 0
    for k in range(len(grid.from_bus)):
        limit = grid.limit_mw[k]
        if impaired:
            limit *= lost.rating_factor[s, k]
        if abs(lanes.flow[N_LANES * k + c]) * grid.base_mva > limit * TRIP_MARGIN:
            n_over += 1
            if n_rounds < rules.max_rounds:
                _open(grid, lanes, rows, c, k)
                out.trip_round[s, k] = n_rounds
    return n_over


@bare
def _finish(
    grid: Grid,
    rules: Rules,
    s: int,
    solved: bool,
    lanes: Factors,
    rows: Rows,
    c: int,
    number: IntArray,
    out: Out,
) -> None:
    """Fill row `s` of the results, and clear lane c of what was out in it."""
    for i in range(rows.n_islands[c]):
        number[i] = -1
    n_live = 0
    for i in range(len(grid.place)):
        label = rows.label[c, grid.place[i]]
        out.island[s, i] = -1
        if label >= 0 and rows.alive[c, label]:
            if number[label] < 0:
                number[label] = n_live
                n_live += 1
            out.island[s, i] = number[label]
    out.n_islands[s] = n_live
    for i in range(len(grid.place)):
        out.served_mw[s, i] = rows.served[c, i]
        out.infeed_mw[s, i] = rows.infeed[c, i]
    for u in range(len(grid.unit_bus)):
        out.unit_mw[s, u] = rows.p[c, u]
    if rules.keep_flows:
        for k in range(len(grid.from_bus)):
            flow = lanes.flow[N_LANES * k + c] * grid.base_mva
            out.flow_mw[s, k] = flow if solved else np.nan
    bit = np.uint8(1 << c)
    for q in range(rows.n_opened[c]):
        lanes.off[rows.opened[c, q]] &= ~bit
        lanes.quiet[rows.opened[c, q]] &= ~bit
    for q in range(rows.n_extra[c]):
        lanes.grounded[rows.extra[c, q]] &= ~bit


@njit(nogil=True)
def _know_intact(grid: Grid, base: State, factor: Factor, rules: Rules) -> Intact:
    n_bus, n_unit = len(grid.place), len(grid.unit_bus)
    label, last = np.empty(n_bus, np.int32), np.full(n_bus, -1, np.int32)
    order = np.empty(n_bus, np.int32)
    n_islands = label_islands(grid, grid.branch_on, grid.bus_on, label, order)
    grounded = np.zeros(n_bus, np.uint8)
    for v in range(n_bus):
        if label[v] >= 0:
            last[label[v]] = v
        else:
            grounded[v] = ALL_LANES
    for i in range(n_islands):
        grounded[last[i]] = ALL_LANES
    for b in range(n_bus):
        order[grid.place[b]] = b
    room, work = make_room(n_bus, n_unit), make_room(n_bus, n_unit)
    start, settled = _copy_state(base), _copy_state(base)
    begin_balance(label, n_islands, grid.place, grid.unit_bus, start, room)
    alive = np.zeros(n_bus, np.bool_)
    parts = Parts(label, alive, alive)
    if rules.proportional:
        balance_proportional(parts, n_islands, grid.place, grid.unit_bus, settled, work)
    else:
        ramp_islands(parts, n_islands, grid.place, grid.unit_bus, grid.ramp_pu, settled, work)
    injection, rank = np.empty(n_bus), np.zeros(n_bus, np.int32)
    served, infeed = np.zeros(n_bus), np.zeros(n_bus)
    is_same = np.ones(n_bus, np.bool_)
    for b in range(n_bus):
        injection[grid.place[b]] = (settled.infeed[b] - settled.served[b]) / grid.base_mva
    for i in range(n_islands):
        for q in range(room.bus_start[i], room.bus_start[i + 1]):
            b = room.bus_member[q]
            rank[b] = q
            served[q], infeed[q] = start.served[b], start.infeed[b]
            if start.served[b] != settled.served[b] or start.infeed[b] != settled.infeed[b]:
                is_same[i] = False
    unit_at_start, unit_at = np.zeros(n_bus + 1, np.int32), np.empty(n_unit, np.int32)
    every = np.arange(n_bus).astype(np.int32)
    group_by_island(every, grid.unit_bus, n_bus, unit_at_start, unit_at)
    return Intact(
        factor,
        label,
        n_islands,
        last,
        grounded,
        order,
        start,
        settled,
        alive,
        injection,
        room,
        rank,
        served,
        infeed,
        bool(np.any(infeed != 0.0)),
        is_same,
        unit_at_start,
        unit_at,
    )


@njit(nogil=True)
def _copy_state(state: State) -> State:
    return State(
        state.p.copy(),
        state.p_min,
        state.p_max,
        state.unit_on.copy(),
        state.served.copy(),
        state.infeed.copy(),
    )


@bare
def _run(
    grid: Grid,
    base: State,
    intact: Intact,
    lost: Lost,
    rules: Rules,
    first: int,
    stop: int,
    lanes: Factors,
    rows: Rows,
    search: Search,
    room: Room,
    scenario: IntArray,
    n_rounds: IntArray,
    out: Out,
) -> None:
    factor = intact.factor
    is_plain = len(lost.load_factor) == 0 and len(lost.unit_factor) == 0
    upcoming, busy = first, 0
    while True:
        for c in range(N_LANES):
            if busy >> c & 1 == 0 and upcoming < stop:
                s = upcoming
                upcoming += 1
                busy |= 1 << c
                scenario[c], n_rounds[c] = s, 0
                _begin(grid, base, intact, lost, s, lanes, rows, c, out)
        if busy == 0:
            break
        for c in range(N_LANES):
            if busy >> c & 1:
                n_rounds[c] += 1
                _find_islands(grid, lanes, rows, c, search)
                s = scenario[c]
                is_same = False
                if n_rounds[c] == 1 and is_plain and search.n_moved[0] <= MAX_MOVED:
                    is_same = _balance_first(grid, rules, intact, lost, s, rows, c, search, room)
                else:
                    if n_rounds[c] == 1 and is_plain:
                        _start(base, lost, s, rows, c)
                    _balance(grid, rules, rows, c, room)
                _inject(grid, intact, lost, s, lanes, rows, c, search, is_same)
        _refactor(grid, factor, lanes)
        solved = _solve_flows(grid, factor, lanes, busy)
        done = 0
        for c in range(N_LANES):
            if busy >> c & 1 == 0:
                continue
            s = scenario[c]
            has_flow = solved >> c & 1 != 0
            n_over = 0
            if has_flow and rules.trip_overloads:
                n_over = _trip(grid, rules, lost, s, n_rounds[c], lanes, rows, c, out)
            if n_over == 0 or n_rounds[c] >= rules.max_rounds:
                out.n_rounds[s] = n_rounds[c]
                out.converged[s] = has_flow and n_over == 0
                _finish(grid, rules, s, has_flow, lanes, rows, c, search.stack, out)
                done |= 1 << c
        _restore(grid, factor, lanes, done)
        busy &= ~done


@njit(cache=True, nogil=True)
def bulk_range(
    grid: Grid,
    base: State,
    factor: Factor,
    lost: Lost,
    rules: Rules,
    first: int,
    stop: int,
    out: Out,
) -> None:
    """Run scenarios `first` to `stop` (not included) and fill their rows of `out`."""
    n_bus, n_unit = len(grid.place), len(grid.unit_bus)
    lanes, rows, search = _make_factors(grid), _make_rows(grid), _make_search(n_bus)
    intact = _know_intact(grid, base, factor, rules)
    for v in range(n_bus):
        lanes.grounded[v] = intact.grounded[v]
    for k in range(len(grid.from_bus)):
        lanes.quiet[k] = 0 if grid.branch_on[k] else ALL_LANES
    scenario, n_rounds = np.empty(N_LANES, np.int32), np.empty(N_LANES, np.int32)
    room = make_room(n_bus, n_unit)
    _run(
        grid,
        base,
        intact,
        lost,
        rules,
        first,
        stop,
        lanes,
        rows,
        search,
        room,
        scenario,
        n_rounds,
        out,
    )
