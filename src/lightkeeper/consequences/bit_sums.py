"""Sums over courses held as bits: compiled loops, all in one file since they call each other."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lightkeeper.units import FloatArray, IntArray

MaskArray = NDArray[np.uint64]
"""Bit k is set when something is off at hour k."""

_ZERO, _ONE = np.uint64(0), np.uint64(1)
# Index of the lowest bit by a de Bruijn sequence (Leiserson, Prokop and Randall 1998).
_SEQUENCE, _SHIFT = 0x03F79D71B4CB0A89, np.uint64(58)
_INDEX = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _INDEX[((_SEQUENCE << _bit) & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit
_FACTOR = np.uint64(_SEQUENCE)
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def _add(out: FloatArray, bits: np.uint64, amount: float) -> None:
    """Add an amount at every hour that is set."""
    while bits != _ZERO:
        low = bits & (~bits + _ONE)
        out[_INDEX[(low * _FACTOR) >> _SHIFT]] += amount
        bits ^= low


@njit(cache=True, nogil=True)
def number_masks(masks: MaskArray) -> tuple[MaskArray, IntArray]:
    """Return the different masks, 0 the first of them, and which of them each entry is."""
    size = 1024
    slot = np.full(size, -1, dtype=np.int32)
    found = np.zeros(size, dtype=np.uint64)
    n = 1
    index = np.zeros(masks.shape, dtype=np.int32)
    for s in range(masks.shape[0]):
        for f in range(masks.shape[1]):
            mask = masks[s, f]
            if mask == _ZERO:
                continue
            at = _place(slot, found, mask)
            if slot[at] < 0:
                slot[at] = n
                found[n] = mask
                n += 1
            index[s, f] = slot[at]
            if 2 * n > size:
                size *= 4
                slot = np.full(size, -1, dtype=np.int32)
                found = np.concatenate((found, np.zeros(size - found.size, dtype=np.uint64)))
                for k in range(1, n):
                    slot[_place(slot, found, found[k])] = k
    return found[:n].copy(), index


@njit(cache=True, nogil=True)
def _place(slot: IntArray, found: MaskArray, mask: np.uint64) -> int:
    """Return where in a hash table a mask is, or where it is to go."""
    at = np.int64((mask * _SCATTER) >> np.uint64(32)) & (slot.size - 1)
    while slot[at] >= 0 and found[slot[at]] != mask:
        at = (at + 1) & (slot.size - 1)
    return int(at)


@njit(cache=True, nogil=True)
def sum_people(
    by_district: FloatArray,
    chance: FloatArray,
    mask: MaskArray,
    district: IntArray,
    people: FloatArray,
    weight: FloatArray,
) -> None:
    """Add people off, (n_scenarios, n_districts, n_hours), and the chance of every feeder."""
    for s in range(mask.shape[0]):
        for f in range(mask.shape[1]):
            if mask[s, f] != _ZERO:
                _add(by_district[s, district[f]], mask[s, f], people[f])
                _add(chance[f], mask[s, f], weight[s])


@njit(cache=True, nogil=True)
def mark_histories(
    needed: NDArray[np.bool_],
    mask_index: IntArray,
    district: IntArray,
    series: IntArray,
    member: IntArray,
    broken: FloatArray,
    people: FloatArray,
) -> None:
    """Mark (series, mask, member) of homes on feeders; `people` (n_districts,) says where any are.

    Homes that lose no heat need no history unless windows are broken.
    """
    for s in range(mask_index.shape[0]):
        for f in range(mask_index.shape[1]):
            d, k = district[f], mask_index[s, f]
            if d >= 0 and people[d] > 0 and (k > 0 or broken[member[s], d] > 0):
                needed[series[d], k, member[s]] = True


@njit(cache=True, nogil=True)
def sum_homes(
    without: FloatArray,
    below: FloatArray,
    mask_index: IntArray,
    masks: MaskArray,
    row_of: IntArray,
    table: MaskArray,
    district: IntArray,
    share: FloatArray,
    series: IntArray,
    member: IntArray,
    broken: FloatArray,
    people: FloatArray,
) -> None:
    """Add homes that hang on their feeder: without heat, and below each threshold.

    `without` (n_scenarios, n_districts, n_hours) and `below` (n_scenarios, n_districts,
    n_thresholds, n_hours) are added to in place; `people` has shape (n_districts, n_types), `share`
    is that of each feeder in its district, `row_of` (n_series, n_masks, n_members) a row of
    `table` (n_rows, n_types, 2 with and without panes, n_thresholds), or -1.
    """
    total = people.sum(axis=1)
    for s in range(mask_index.shape[0]):
        m = member[s]
        for f in range(mask_index.shape[1]):
            d, k = district[f], mask_index[s, f]
            if d < 0 or total[d] <= 0:
                continue
            if k > 0:
                _add(without[s, d], masks[k], share[f] * total[d])
            row = row_of[series[d], k, m]
            if row >= 0:
                _add_cold(below[s, d], table[row], people[d], share[f], broken[m, d])


@njit(cache=True, nogil=True)
def sum_entries(
    without: FloatArray,
    below: FloatArray,
    scenario: IntArray,
    district: IntArray,
    mask: MaskArray,
    row: IntArray,
    table: MaskArray,
    member: IntArray,
    broken: FloatArray,
    people: FloatArray,
) -> None:
    """Add homes given one by one: `people` has shape (n_entries, n_types); else as `sum_homes`."""
    for e in range(scenario.size):
        s, d = scenario[e], district[e]
        _add(without[s, d], mask[e], people[e].sum())
        _add_cold(below[s, d], table[row[e]], people[e], 1.0, broken[member[s], d])


@njit(cache=True, nogil=True)
def _add_cold(
    below: FloatArray, bits: MaskArray, people: FloatArray, share: float, broken: float
) -> None:
    for t in range(people.size):
        if people[t] > 0:
            for threshold in range(below.shape[0]):
                if broken < 1:
                    _add(below[threshold], bits[t, 0, threshold], people[t] * share * (1 - broken))
                if broken > 0:
                    _add(below[threshold], bits[t, 1, threshold], people[t] * share * broken)


@njit(cache=True, nogil=True)
def cool_homes(
    series: FloatArray,
    weather_c: FloatArray,
    member: IntArray,
    mask: MaskArray,
    half_mask: MaskArray,
    half_share: FloatArray,
    loss: FloatArray,
    decay: FloatArray,
    drive: FloatArray,
    heat: FloatArray,
    gain: FloatArray,
    set_c: FloatArray,
    thresholds_c: FloatArray,
    drain_below_c: float,
    edge: int,
) -> tuple[MaskArray, NDArray[np.float32]]:
    """Follow homes of two zones through their histories, hour by hour.

    Parameters
    ----------
    series
        Outdoor temperature by history, shape (n, n_steps); `weather_c` (n_members,) is added.
    mask, half_mask, half_share
        Hours without heat, hours with less and how much then, shape (n,).
    loss, heat, decay, drive
        Of all draws of buildings: (n_members, n_types, 2, n_zones[, n_zones]).

    Returns
    -------
    Hours below each threshold as bits, (n, n_types, 2, n_thresholds), and the hour from which the
    edge of a building with panes is too cold for its pipes, (n, n_types), infinite if never.
    """
    n, n_steps = series.shape
    n_types, n_glass = loss.shape[1], loss.shape[2]
    below = np.zeros((n, n_types, n_glass, thresholds_c.size), dtype=np.uint64)
    edge_h = np.full((n, n_types), np.inf, dtype=np.float32)
    rooms = 1 - edge
    power = np.empty(2)
    for i in range(n):
        m = member[i]
        for t in range(n_types):
            for g in range(n_glass):
                now = set_c.copy()
                for k in range(n_steps + 1):
                    bit = _ONE << np.uint64(k)
                    for q in range(thresholds_c.size):
                        if now[rooms] < thresholds_c[q]:
                            below[i, t, g, q] |= bit
                    if g == 0 and now[edge] < drain_below_c and edge_h[i, t] == np.inf:
                        edge_h[i, t] = k
                    if k == n_steps:
                        break
                    given = 1.0
                    if mask[i] & bit != _ZERO:
                        given = 0.0
                    elif half_mask[i] & bit != _ZERO:
                        given = half_share[i]
                    outdoor = series[i, k] + weather_c[m]
                    is_heated = False
                    for z in range(2):
                        power[z] = given * heat[m, t, g, z] + gain[z] + loss[m, t, g, z] * outdoor
                        is_heated = is_heated or given * heat[m, t, g, z] > 0
                    first = (
                        decay[m, t, g, 0, 0] * now[0]
                        + decay[m, t, g, 0, 1] * now[1]
                        + drive[m, t, g, 0, 0] * power[0]
                        + drive[m, t, g, 0, 1] * power[1]
                    )
                    second = (
                        decay[m, t, g, 1, 0] * now[0]
                        + decay[m, t, g, 1, 1] * now[1]
                        + drive[m, t, g, 1, 0] * power[0]
                        + drive[m, t, g, 1, 1] * power[1]
                    )
                    # The thermostat: heating stops at the set temperature, it does not cool.
                    now[0] = min(first, set_c[0]) if is_heated else first
                    now[1] = min(second, set_c[1]) if is_heated else second
    return below, edge_h
