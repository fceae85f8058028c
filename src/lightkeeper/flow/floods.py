"""Where losses cut a network: a search from both ends of what was lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lightkeeper.flow.arrays import Grid
from lightkeeper.flow.compiled import bare
from lightkeeper.units import BoolArray, IntArray

# With more pairs of buses to be found connected or not, all islands are better labelled anew.
MAX_PAIRS = 64
# Buses a flood takes before it is the next one's turn.
FLOOD_STEPS = 8
# State of a flood: nothing to meet; something to meet but nowhere to go; under way; a whole island.
IDLE, STUCK, FLOODING, DRY = 0, 1, 2, 3


class Search(NamedTuple):
    """Scratch of a search: by bus, then by flood, then by bus again.

    After a search the buses touched are the first of `touched`; their flood is the root of `owner`.
    """

    owner: IntArray
    next_bus: IntArray
    head: IntArray
    tail: IntArray
    up: IntArray
    state: NDArray[np.uint8]
    touched: IntArray


@njit(nogil=True)
def make_search(n_bus: int) -> Search:
    """Room for a search in a network of `n_bus` buses."""
    return Search(
        np.full(n_bus, -1, np.int32),
        np.empty(n_bus, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(2 * MAX_PAIRS, np.uint8),
        np.empty(n_bus, np.int32),
    )


@bare
def root_of(up: IntArray, g: int) -> int:
    """Flood that flood g has become part of."""
    while up[g] != g:
        up[g] = up[up[g]]
        g = up[g]
    return g


@bare
def _flood(grid: Grid, branch_on: BoolArray, g: int, search: Search, n_touched: int) -> int:
    """Let flood g take some more buses; floods that meet become one. Returns buses touched."""
    owner, next_bus, head, tail = search.owner, search.next_bus, search.head, search.tail
    for _ in range(FLOOD_STEPS):
        v = head[g]
        if v < 0:
            break
        head[g] = next_bus[v]
        for p in range(grid.near_start[v], grid.near_start[v + 1]):
            if not branch_on[grid.near_branch[p]]:
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
                mine, other = root_of(search.up, g), root_of(search.up, owner[w])
                if mine != other:
                    search.up[other] = mine
    return n_touched


@bare
def _drop_met(up: IntArray, owner: IntArray, pair: IntArray, n_pairs: int) -> int:
    """Keep the pairs whose floods have not met; returns their number."""
    n = 0
    for q in range(n_pairs):
        i, j = pair[2 * q], pair[2 * q + 1]
        if root_of(up, owner[i]) != root_of(up, owner[j]):
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
        if root_of(up, owner[j]) == dry:
            i, j = j, i
        if root_of(up, owner[i]) == dry:
            i, before = before, j
        if i >= 0:
            pair[2 * n], pair[2 * n + 1] = i, j
            n += 1
    return n


@bare
def flood_apart(
    grid: Grid, branch_on: BoolArray, pair: IntArray, n_pairs: int, search: Search
) -> tuple[int, int, int]:
    """Find what is cut off between pairs of buses that were connected before.

    Floods start at both buses of each pair and take turns; those that meet become one. A flood
    that runs dry before has taken in a whole island; what lay on its other sides must then meet
    instead. When nothing is left to meet, what no dry flood has taken in is what remains of the
    old island, and need not be followed.

    Returns the numbers of floods, of buses touched, and of dry floods, each of which is a new
    island. `forget` must follow.
    """
    owner, head, up, state = search.owner, search.head, search.up, search.state
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
            state[root_of(up, owner[pair[q]])] = STUCK
        for g in range(n_floods):
            root = root_of(up, g)
            if head[g] >= 0 and state[root] == STUCK:
                state[root] = FLOODING
        for g in range(n_floods):
            if n_pairs > 0 and up[g] == g and state[g] == STUCK:
                state[g] = DRY
                n_dry += 1
                n_pairs = _pass_over(up, owner, pair, n_pairs, g)
        for g in range(n_floods):
            if head[g] >= 0 and state[root_of(up, g)] == FLOODING:
                n_touched = _flood(grid, branch_on, g, search, n_touched)
    return n_floods, n_touched, n_dry


@bare
def forget(search: Search, n_touched: int) -> None:
    """Make the room ready for the next search."""
    for q in range(n_touched):
        search.owner[search.touched[q]] = -1
