"""Compiled kernels of the screening: what a pair of losses does at most, and what results say.

The bound is exact, so a pair that passes is left out without changing any answer.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from lightkeeper.flow.arrays import Factor, Grid
from lightkeeper.flow.compiled import entry
from lightkeeper.flow.kernels import solve
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Where the other branches would carry less than this part of a transfer between a branch's ends,
# factors lose digits (or two branches are a cut): such losses are run, never bounded.
LEAST_LEFT = 1e-3
# Kirchhoff mismatch [per unit transferred] above which a factor counts as unknown.
WRONG_TRANSFER = 1e-9
# A flow must stay below its limit by this share and by this much [MW] to count as within it: far
# above what rounding can do to the sums here, far below what matters.
SAFE_PU = 1e-7
SAFE_MW = 1e-6


@entry
def transfers(grid: Grid, factor: Factor, branches: IntArray) -> FloatArray:
    """Flow on each branch by a transfer of 1 between the ends of each given branch.

    NaN where the factor, which is not refined here, does not give it.
    """
    n_bus, n_branch = len(grid.place), len(grid.from_bus)
    angle, mismatch = np.empty(n_bus), np.empty(n_bus)
    flow = np.zeros((len(branches), n_branch))
    for i in range(len(branches)):
        k = branches[i]
        angle[:] = 0.0
        angle[grid.from_bus[k]] += 1.0
        angle[grid.to_bus[k]] -= 1.0
        mismatch[:] = angle
        solve(grid.l_start, grid.l_row, factor, angle)
        for m in range(n_branch):
            if grid.branch_on[m]:
                f, t = grid.from_bus[m], grid.to_bus[m]
                flow[i, m] = grid.b_pu[m] * (angle[f] - angle[t])
                mismatch[f] -= flow[i, m]
                mismatch[t] += flow[i, m]
        for v in range(n_bus):
            if not abs(mismatch[v]) <= WRONG_TRANSFER:
                flow[i] = np.nan
                break
    return flow


@njit(cache=True, nogil=True)
def find_bridges(grid: Grid) -> BoolArray:
    """Branches in service whose loss alone splits an island, (n_branch,).

    Source: R. E. Tarjan, "A note on finding the bridges of a graph", Inf. Process. Lett. 2 (1974).
    """
    n = len(grid.place)
    bridge = np.zeros(len(grid.from_bus), np.bool_)
    seen, low = np.full(n, -1, np.int32), np.empty(n, np.int32)
    path, came_by = np.empty(n, np.int32), np.empty(n, np.int32)
    upcoming = grid.near_start[:n].copy()
    count = 0
    for root in range(n):
        if seen[root] >= 0:
            continue
        seen[root] = low[root] = count
        count += 1
        path[0], came_by[0] = root, -1
        height = 1
        while height > 0:
            v = path[height - 1]
            if upcoming[v] < grid.near_start[v + 1]:
                w, k = grid.near_bus[upcoming[v]], grid.near_branch[upcoming[v]]
                upcoming[v] += 1
                if k == came_by[height - 1]:
                    continue
                if seen[w] >= 0:
                    low[v] = min(low[v], seen[w])
                else:
                    seen[w] = low[w] = count
                    count += 1
                    path[height], came_by[height] = w, k
                    height += 1
            else:
                height -= 1
                if height > 0:
                    above = path[height - 1]
                    low[above] = min(low[above], low[v])
                    bridge[came_by[height]] = low[v] > seen[above]
    return bridge


@njit(cache=True, nogil=True)
def outage_factors(flow: FloatArray, branches: IntArray, bridge: BoolArray) -> BoolArray:
    """Turn transfers into flows by the loss of a branch that carried 1, in place.

    Returns for which branches that is known well: not for bridges, for one. The rows of the others
    are set to zero.
    """
    known = np.empty(len(branches), np.bool_)
    for i in range(len(branches)):
        left = 1.0 - flow[i, branches[i]]
        known[i] = abs(left) > LEAST_LEFT and not bridge[branches[i]]
        if known[i]:
            flow[i] /= left
            flow[i, branches[i]] = 0.0
        else:
            flow[i] = 0.0
    return known


@njit(cache=True, nogil=True)
def worst_shares(
    factor: FloatArray, known: BoolArray, flow_mw: FloatArray, limit_mw: FloatArray
) -> FloatArray:
    """Largest share of any branch's room that the loss of a branch takes, per MW it carried."""
    share = np.zeros(len(factor))
    for i in range(len(factor)):
        if known[i]:
            for k in range(len(flow_mw)):
                room = limit_mw[k] * (1.0 - SAFE_PU) - abs(flow_mw[k]) - SAFE_MW
                if room > 0.0:
                    share[i] = max(share[i], abs(factor[i, k]) / room)
                elif factor[i, k] != 0.0:
                    share[i] = np.inf
    return share


@njit(cache=True, nogil=True)
def harmless_pairs(
    factor_a: FloatArray,
    branch_a: IntArray,
    known_a: BoolArray,
    share_a: FloatArray,
    factor_b: FloatArray,
    branch_b: IntArray,
    known_b: BoolArray,
    share_b: FloatArray,
    flow_mw: FloatArray,
    limit_mw: FloatArray,
) -> BoolArray:
    """Which pairs of branches, both with known factors, overload nothing and split nothing.

    With both lost, each passes on what it would carry if the other alone were lost and it were
    still there: g_a = (f_a + L_ab f_b) / (1 - L_ab L_ba), and likewise g_b.
    """
    harmless = np.zeros((len(branch_a), len(branch_b)), np.bool_)
    for i in range(len(branch_a)):
        a = branch_a[i]
        if not known_a[i]:
            continue
        for j in range(len(branch_b)):
            b = branch_b[j]
            if not known_b[j] or a == b:
                continue
            on_a, on_b = factor_b[j, a], factor_a[i, b]
            left = 1.0 - on_a * on_b
            if abs(left) <= LEAST_LEFT:
                continue
            pass_a = (flow_mw[a] + on_a * flow_mw[b]) / left
            pass_b = (flow_mw[b] + on_b * flow_mw[a]) / left
            if share_a[i] * abs(pass_a) + share_b[j] * abs(pass_b) <= 1.0:
                harmless[i, j] = True
                continue
            fine = True
            for k in range(len(flow_mw)):
                flow = abs(flow_mw[k] + factor_a[i, k] * pass_a + factor_b[j, k] * pass_b)
                if flow > limit_mw[k] * (1.0 - SAFE_PU) - SAFE_MW and k != a and k != b:
                    fine = False
                    break
            harmless[i, j] = fine
    return harmless


@njit(cache=True, nogil=True)
def harmless_after_bridge(
    flow_mw: FloatArray,
    factor_b: FloatArray,
    branch_b: IntArray,
    known_b: BoolArray,
    limit_mw: FloatArray,
) -> BoolArray:
    """Which branches with known factors overload nothing when lost after each of some bridges.

    Row i of `flow_mw` is the settled flow without bridge i. A bridge carries no loop flow, so the
    factors of the intact network hold on either side of it.
    """
    harmless = np.zeros((len(flow_mw), len(branch_b)), np.bool_)
    for i in range(len(flow_mw)):
        for j in range(len(branch_b)):
            if not known_b[j]:
                continue
            lost = flow_mw[i, branch_b[j]]
            fine = True
            for k in range(flow_mw.shape[1]):
                flow = abs(flow_mw[i, k] + factor_b[j, k] * lost)
                if flow > limit_mw[k] * (1.0 - SAFE_PU) - SAFE_MW and k != branch_b[j]:
                    fine = False
                    break
            harmless[i, j] = fine
    return harmless


@njit(cache=True, nogil=True)
def measure(
    island: IntArray,
    n_islands: IntArray,
    unit_mw: FloatArray,
    base_served_mw: FloatArray,
    people: FloatArray,
    unit_bus: IntArray,
    unit_can_mw: FloatArray,
    base_unit_mw: FloatArray,
    unit_start: IntArray,
    unit_index: IntArray,
    separated_mw: FloatArray,
    separated_people: FloatArray,
    least_reserve_mw: FloatArray,
) -> None:
    """Load and people away from the island with most load, and the least reserve of any live one.

    A unit at rest that ran before counts as tripped, so it is no reserve.
    """
    n_bus, n_unit = island.shape[1], len(unit_bus)
    load, reserve, living = np.empty(n_bus), np.empty(n_bus), np.empty(n_bus)
    is_lost = np.zeros(n_unit, np.bool_)
    for s in range(len(island)):
        n = n_islands[s]
        load[:n] = 0.0
        reserve[:n] = 0.0
        living[:n] = 0.0
        total, everyone, least = 0.0, 0.0, np.inf
        for q in range(unit_start[s], unit_start[s + 1]):
            is_lost[unit_index[q]] = True
        for i in range(n_bus):
            total += base_served_mw[i]
            everyone += people[i]
            if island[s, i] >= 0:
                load[island[s, i]] += base_served_mw[i]
                living[island[s, i]] += people[i]
        for u in range(n_unit):
            at, p = island[s, unit_bus[u]], unit_mw[s, u]
            if at >= 0 and not is_lost[u] and (p > 0.0 or base_unit_mw[u] <= 0.0):
                reserve[at] += max(unit_can_mw[u] - p, 0.0)
        largest = 0
        for i in range(n):
            if load[i] > load[largest]:
                largest = i
            least = min(least, reserve[i])
        separated_mw[s] = total - load[largest] if n > 0 else total
        separated_people[s] = everyone - living[largest] if n > 0 else everyone
        least_reserve_mw[s] = least if n > 0 else 0.0
        for q in range(unit_start[s], unit_start[s + 1]):
            is_lost[unit_index[q]] = False
