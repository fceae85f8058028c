"""Compiled kernels of the balance of islands, which serve all engines.

Labels are in elimination order of buses (see `ldl.Structure`) where nothing else is said; what is
served and fed in keeps the case's order. Power is in MW. Kernels release the GIL and hold no state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lightkeeper.flow.arrays import Parts, Room, State
from lightkeeper.flow.compiled import bare, entry
from lightkeeper.units import BoolArray, FloatArray, IndexArray, IntArray

# A surplus or deficit below this [MW] counts as balanced.
SMALL_MW = 1e-7
# By the rule PROPORTIONAL nothing is scaled for less than this share of the load, so that an island
# that was balanced before and lost nothing stays as it is, bit for bit. Not by the rule RAMPED: the
# rules written in plain numpy have units moved by a rounding error.
ROUNDING = 1e-12


@entry
def make_room(n_bus: int, n_unit: int) -> Room:
    """Scratch for `balance_ramped` and `balance_proportional`."""
    return Room(
        np.empty(n_bus + 3, np.int32),
        np.empty(n_bus, np.uint32),
        np.empty(n_bus + 3, np.int32),
        np.empty(n_unit, np.uint32),
        np.empty(n_unit, np.uint32),
        np.empty(max(n_bus, n_unit)),
    )


@bare
def _sum_block(values: FloatArray, start: int, n: int) -> float:
    """Sum up to 128 values in eight strands."""
    total = 0.0
    if n < 8:
        for i in range(start, start + n):
            total += values[i]
        return total
    r0, r1, r2, r3 = values[start], values[start + 1], values[start + 2], values[start + 3]
    r4, r5, r6, r7 = values[start + 4], values[start + 5], values[start + 6], values[start + 7]
    whole = n - n % 8
    for i in range(start + 8, start + whole, 8):
        r0 += values[i]
        r1 += values[i + 1]
        r2 += values[i + 2]
        r3 += values[i + 3]
        r4 += values[i + 4]
        r5 += values[i + 5]
        r6 += values[i + 6]
        r7 += values[i + 7]
    total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(start + whole, start + n):
        total += values[i]
    return float(total)


def _summation(below: Any) -> Any:
    """Sum by halves, each summed by `below`."""

    @bare
    def sum_range(values: FloatArray, start: int, n: int) -> float:
        if n <= 128:
            return float(_sum_block(values, start, n))
        half = n // 2
        half -= half % 8
        return float(below(values, start, half) + below(values, start + half, n - half))

    return sum_range


def _halving(depth: int) -> Any:
    found: Any = _sum_block
    for _ in range(depth):
        found = _summation(found)
    return found


# Enough for 128 * 2**15 values. Recursion could not be cached.
_sum_range = _halving(15)


@bare
def pairwise_sum(values: FloatArray, n: int) -> float:
    """Sum the first `n` values in halves, in the order numpy's sum has.

    Rounding errors then grow with the logarithm of n, and the rules give, bit for bit, what they
    give written in plain numpy: units at rest are told from units that a rounding error moved.
    """
    total: float = _sum_range(values, 0, n)
    return total


@bare
def group_by_island(
    label: IntArray, at: IntArray, n_islands: int, start: IntArray, member: IndexArray
) -> None:
    """List the rows of each island in ascending order: row k stands at bus `at[k]`.

    The rows of island i are `member[start[i]:start[i + 1]]`; rows at buses without one are left
    out.
    """
    start[: n_islands + 1] = 0
    for k in range(len(at)):
        i = label[at[k]]
        if i >= 0:
            start[i + 1] += 1
    for i in range(n_islands):
        start[i + 1] += start[i]
    for k in range(len(at)):
        i = label[at[k]]
        if i >= 0:
            member[start[i]] = k
            start[i] += 1
    for i in range(n_islands, 0, -1):
        start[i] = start[i - 1]
    start[0] = 0


@bare
def sum_of(values: FloatArray, rows: IndexArray, first: int, stop: int, work: FloatArray) -> float:
    """Sum the values of `rows[first:stop]`; `work` is scratch."""
    total = 0.0
    if stop - first < 8:  # as `pairwise_sum`, which need not be called for the many small islands
        for q in range(first, stop):
            total += values[rows[q]]
        return total
    for q in range(first, stop):
        work[q - first] = values[rows[q]]
    return float(pairwise_sum(work, stop - first))


@bare
def _reach(p_max: float, ramp: float) -> float:
    """How far a unit may move [MW]; units without positive PMAX never move."""
    return ramp * p_max if p_max > 0.0 else 0.0


@bare
def _headroom(state: State, ramp: FloatArray, u: int) -> float:
    return float(min(state.p_max[u] - state.p[u], _reach(state.p_max[u], ramp[u])))


@bare
def _footroom(state: State, ramp: FloatArray, u: int) -> float:
    return float(min(state.p[u] - state.p_min[u], _reach(state.p_max[u], ramp[u])))


@bare
def _sum_rooms(
    units: IndexArray, n: int, state: State, ramp: FloatArray, work: FloatArray
) -> tuple[float, float, float, int]:
    """Output, headroom and footroom [MW] of the first `n` units, and how many have PMAX > 0."""
    n_able = 0
    for q in range(n):
        work[q] = state.p[units[q]]
        n_able += state.p_max[units[q]] > 0.0
    made = pairwise_sum(work, n)
    for q in range(n):
        work[q] = _headroom(state, ramp, units[q])
    headroom = pairwise_sum(work, n)
    for q in range(n):
        work[q] = _footroom(state, ramp, units[q])
    return made, headroom, pairwise_sum(work, n), n_able


@bare
def _trip_smallest(
    units: IndexArray, n: int, need: float, state: State, ramp: FloatArray, work: FloatArray
) -> int:
    """Trip units, smallest output first, until the rest can come down to `need` [MW].

    `units` keeps those that still run, in order. Returns their number, or -1 when every unit with
    output has tripped and a surplus is left.
    """
    while True:
        smallest = np.inf
        u = -1
        for q in range(n):
            if state.p[units[q]] > 0.0:
                size = np.rint(state.p[units[q]] * 1e6)
                if size < smallest:
                    smallest = size
                    u = units[q]
        if u < 0:
            return -1
        state.unit_on[u] = False
        kept = 0
        for q in range(n):
            if units[q] != u:
                units[kept] = units[q]
                kept += 1
        n = kept
        made, _, footroom, _ = _sum_rooms(units, n, state, ramp, work)
        if need - made + footroom >= -SMALL_MW:
            return n


@bare
def balance_island(
    units: IndexArray,
    n: int,
    load: float,
    feed: float,
    state: State,
    ramp: FloatArray,
    work: FloatArray,
) -> float:
    """Balance one island with `n` running units; returns the factor on its loads, 0 if dead."""
    made, headroom, footroom, n_able = _sum_rooms(units, n, state, ramp, work)
    if n_able == 0 or load <= SMALL_MW:
        return 0.0
    if load - feed - made + footroom < -SMALL_MW:
        n = _trip_smallest(units, n, load - feed, state, ramp, work)
        if n < 0:
            return 0.0
        made, headroom, footroom, n_able = _sum_rooms(units, n, state, ramp, work)
        if n_able == 0:
            return 0.0
    deficit = load - feed - made
    if deficit < 0.0 and footroom > 0.0:
        share = max(deficit / footroom, -1.0)
        for q in range(n):
            state.p[units[q]] += _footroom(state, ramp, units[q]) * share
    elif deficit > 0.0:
        if headroom > 0.0:
            share = min(deficit / headroom, 1.0)
            for q in range(n):
                state.p[units[q]] += _headroom(state, ramp, units[q]) * share
        if deficit > headroom:
            for q in range(n):
                work[q] = state.p[units[q]]
            supply = pairwise_sum(work, n) + feed
            return supply / load if supply > SMALL_MW else 0.0
    return 1.0


@bare
def begin_balance(
    label: IntArray, n_islands: int, place: IntArray, unit_bus: IntArray, state: State, room: Room
) -> None:
    """List buses and units by island; what stands at a bus that is off is off."""
    group_by_island(label, place, n_islands, room.bus_start, room.bus_member)
    group_by_island(label, unit_bus, n_islands, room.unit_start, room.unit_member)
    for i in range(len(place)):
        if label[place[i]] < 0:
            state.served[i] = 0.0
            state.infeed[i] = 0.0
    for u in range(len(unit_bus)):
        if not state.unit_on[u] or label[unit_bus[u]] < 0:
            state.unit_on[u] = False
            state.p[u] = 0.0


@bare
def ramp_islands(
    parts: Parts,
    n_islands: int,
    place: IntArray,
    unit_bus: IntArray,
    ramp: FloatArray,
    state: State,
    room: Room,
) -> None:
    """Do what `balance_ramped` does, for kernels."""
    begin_balance(parts.label, n_islands, place, unit_bus, state, room)
    ramp_listed(parts.alive, n_islands, ramp, state, room, True)


@bare
def ramp_listed(
    alive_islands: BoolArray,
    n_islands: int,
    ramp: FloatArray,
    state: State,
    room: Room,
    has_infeed: bool,
) -> None:
    """Balance the islands that `room` lists by the rule RAMPED; no infeed need be looked at."""
    for i in range(n_islands):
        first, stop = room.bus_start[i], room.bus_start[i + 1]
        n_units = 0
        for q in range(room.unit_start[i], room.unit_start[i + 1]):
            if state.unit_on[room.unit_member[q]]:
                room.running[n_units] = room.unit_member[q]
                n_units += 1
        kept = 0.0
        if n_units > 0:
            load = sum_of(state.served, room.bus_member, first, stop, room.work)
            feed = 0.0
            if has_infeed:
                feed = sum_of(state.infeed, room.bus_member, first, stop, room.work)
            kept = balance_island(room.running, n_units, load, feed, state, ramp, room.work)
        alive = kept > 0.0
        alive_islands[i] = alive
        if kept != 1.0:
            for q in range(first, stop):
                state.served[room.bus_member[q]] *= kept
                if not alive:
                    state.infeed[room.bus_member[q]] = 0.0
        for q in range(room.unit_start[i], room.unit_start[i + 1]):
            u = room.unit_member[q]
            if not alive:
                state.unit_on[u] = False
            if not state.unit_on[u]:
                state.p[u] = 0.0


@entry
def balance_ramped(
    parts: Parts,
    n_islands: int,
    place: IntArray,
    unit_bus: IntArray,
    ramp: FloatArray,
    state: State,
    room: Room,
) -> None:
    """Balance every island in place by the rule RAMPED; `parts.alive` is filled.

    Loads and infeeds are in the case's order of buses, labels in that of `place`. The method page
    gives the rule in words.
    """
    ramp_islands(parts, n_islands, place, unit_bus, ramp, state, room)


@bare
def balance_proportional(
    parts: Parts, n_islands: int, place: IntArray, unit_bus: IntArray, state: State, room: Room
) -> None:
    """Balance every island in place: surplus scales units and infeed, deficit scales loads."""
    begin_balance(parts.label, n_islands, place, unit_bus, state, room)
    scale_listed(parts.alive, n_islands, state, room, True)


@bare
def scale_listed(
    alive_islands: BoolArray, n_islands: int, state: State, room: Room, has_infeed: bool
) -> None:
    """Balance the islands that `room` lists by the rule PROPORTIONAL, as `ramp_listed`."""
    for i in range(n_islands):
        first, stop = room.bus_start[i], room.bus_start[i + 1]
        first_unit, stop_unit = room.unit_start[i], room.unit_start[i + 1]
        load = sum_of(state.served, room.bus_member, first, stop, room.work)
        supply = 0.0
        if has_infeed:
            supply = sum_of(state.infeed, room.bus_member, first, stop, room.work)
        supply += sum_of(state.p, room.unit_member, first_unit, stop_unit, room.work)
        both = max(min(supply, load), 0.0)
        alive = both > SMALL_MW
        alive_islands[i] = alive
        if alive and abs(supply - load) <= ROUNDING * load:
            continue
        of_supply = both / supply if alive else 0.0
        of_load = both / load if alive else 0.0
        if of_load != 1.0:
            for q in range(first, stop):
                state.served[room.bus_member[q]] *= of_load
        if of_supply != 1.0:
            for q in range(first_unit, stop_unit):
                state.p[room.unit_member[q]] *= of_supply
            if has_infeed:
                for q in range(first, stop):
                    state.infeed[room.bus_member[q]] *= of_supply
