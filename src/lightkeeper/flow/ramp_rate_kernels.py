"""Compiled kernels of the balance by ramp rates, over the time that a step of a cascade takes."""

from __future__ import annotations

import numpy as np
from numba import njit

from lightkeeper.flow.arrays import Parts, Room, State
from lightkeeper.flow.balance_kernels import SMALL_MW, begin_balance, sum_of
from lightkeeper.units import FloatArray, IndexArray, IntArray


@njit(nogil=True)
def fill_towards(
    units: IndexArray, n: int, need: float, bound: FloatArray, rate: FloatArray, p: FloatArray
) -> float:
    """Move units towards their bounds in proportion to rate until they give `need` [MW].

    Returns what they then give; less or more than `need` where all are at their bounds.
    """
    for _ in range(n + 2):
        made, total = 0.0, 0.0
        for q in range(n):
            u = units[q]
            made += p[u]
            if p[u] != bound[u]:
                total += rate[u]
        gap = need - made
        if abs(gap) <= SMALL_MW or total <= 0.0:
            return float(made)
        share = abs(gap) / total
        for q in range(n):
            u = units[q]
            step = share * rate[u]
            if abs(bound[u] - p[u]) <= step:
                p[u] = bound[u]
            elif gap > 0.0:
                p[u] += step
            else:
                p[u] -= step
    return float(made)


@njit(nogil=True)
def balance_by_ramp_rate(
    parts: Parts,
    n_islands: int,
    place: IntArray,
    unit_bus: IntArray,
    rate: FloatArray,
    follows: bool,
    state: State,
    room: Room,
    low: FloatArray,
    high: FloatArray,
    size: FloatArray,
) -> None:
    """Balance every island in place: units share by ramp rate, then trip or loads scale down.

    `rate` is how far each unit may move [MW]. `size` keeps the output by which units were chosen
    to trip; `low` and `high` are scratch. Where loads scale down, so does infeed that `follows`.
    """
    begin_balance(parts.label, n_islands, place, unit_bus, state, room)
    for i in range(n_islands):
        first, stop = room.bus_start[i], room.bus_start[i + 1]
        n, n_able = 0, 0
        for q in range(room.unit_start[i], room.unit_start[i + 1]):
            u = room.unit_member[q]
            if state.unit_on[u]:
                room.running[n] = u
                n += 1
                n_able += state.p_max[u] > 0.0
                low[u] = min(max(state.p_min[u], state.p[u] - rate[u]), state.p[u])
                high[u] = max(min(state.p_max[u], state.p[u] + rate[u]), state.p[u])
        load = sum_of(state.served, room.bus_member, first, stop, room.work)
        feed = sum_of(state.infeed, room.bus_member, first, stop, room.work)
        kept = 0.0
        if n_able > 0 and load > SMALL_MW:
            kept = _balance_by_ramp_rate(
                room.running, n, load, feed, rate, follows, state, low, high, size
            )
        parts.alive[i] = kept > 0.0
        for q in range(first, stop):
            if kept != 1.0:
                state.served[room.bus_member[q]] *= kept
            if kept == 0.0 or follows:
                state.infeed[room.bus_member[q]] *= kept
        for q in range(room.unit_start[i], room.unit_start[i + 1]):
            u = room.unit_member[q]
            if kept == 0.0:
                state.unit_on[u] = False
            if not state.unit_on[u]:
                state.p[u] = 0.0


@njit(nogil=True)
def _balance_by_ramp_rate(
    units: IndexArray,
    n: int,
    load: float,
    feed: float,
    rate: FloatArray,
    follows: bool,
    state: State,
    low: FloatArray,
    high: FloatArray,
    size: FloatArray,
) -> float:
    """Balance one island; returns the factor on its loads, 0 if dead."""
    need = load - feed
    made = 0.0
    for q in range(n):
        made += state.p[units[q]]
    if made - need > SMALL_MW:
        made = fill_towards(units, n, need, low, rate, state.p)
        while made - need > SMALL_MW:
            smallest = -1
            for q in range(n):
                u = units[q]
                if state.p[u] > 0.0 and (
                    smallest < 0 or np.rint(state.p[u] * 1e6) < np.rint(state.p[smallest] * 1e6)
                ):
                    smallest = u
            if smallest < 0:
                return 0.0
            size[smallest] = state.p[smallest]
            state.unit_on[smallest] = False
            state.p[smallest] = low[smallest] = high[smallest] = 0.0
            made = 0.0
            for q in range(n):
                made += state.p[units[q]]
    if made - need < -SMALL_MW:
        made = fill_towards(units, n, need, high, rate, state.p)
        if made - need < -SMALL_MW:
            if not follows:
                return float((made + feed) / load) if made + feed > SMALL_MW else 0.0
            return float(made / need) if made > SMALL_MW else 0.0
    return 1.0
