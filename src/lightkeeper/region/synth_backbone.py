"""Where the lines run: a planar graph per voltage, joined by transformers at hubs.

Each voltage level is built from the relative neighbourhood graph of its sites (a spanning, planar
graph of mean degree about 2.5, as real networks have) and mended until no single line separates
anything: a dead end or a bridge gets a second way or a second circuit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from lightkeeper.region.synth_demand import Sites
from lightkeeper.units import BoolArray, FloatArray, IntArray

DOUBLE_CIRCUIT_KM = 30.0
"""Dead ends up to this length get a second circuit; longer ones a second way, if there is one."""

HUB_LIMIT_MW = 260.0
"""A backbone substation feeds no more; above, a city gets another one."""

DEEP_INFEED_KM = 5.0
"""Least distance between two backbone substations of one city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines of one voltage level between points; `n_circuits` side by side. Shape: (n_edges,)."""

    a: IntArray
    b: IntArray
    n_circuits: IntArray


def choose_hubs(sites: Sites, *, n_hubs: int, min_spacing_km: float) -> IntArray:
    """Sites that become backbone substations, by spacing as well as by demand.

    Weighted k-means over the sites, half of the weight by demand and half by area, started from
    the farthest-point order; then hubs nearer than the spacing give way to the heavier. Where a
    hub would feed more than `HUB_LIMIT_MW`, as in a large city, it gets another one beside it.
    """
    weight = 0.5 * sites.demand_mw / sites.demand_mw.sum() + 0.5 / len(sites.lon)
    centre = sites.xy_km[farthest_first(sites.xy_km, int(np.argmax(sites.demand_mw)), n_hubs)]
    for _ in range(15):
        group = cKDTree(centre).query(sites.xy_km)[1]
        total = np.bincount(group, weights=weight, minlength=len(centre))
        for axis in (0, 1):
            moved = np.bincount(group, weights=weight * sites.xy_km[:, axis], minlength=len(centre))
            centre[:, axis] = np.where(total > 0, moved / np.maximum(total, 1e-12), centre[:, axis])
    near = np.asarray(cKDTree(sites.xy_km).query(centre)[1])
    group = cKDTree(centre).query(sites.xy_km)[1]
    load = np.bincount(group, weights=sites.demand_mw, minlength=len(centre))
    kept: list[int] = []
    for hub in near[np.argsort(-load, kind="stable")]:
        gaps = np.hypot(*(sites.xy_km[kept] - sites.xy_km[hub]).T) if kept else np.array([np.inf])
        if gaps.min() >= min_spacing_km:
            kept.append(int(hub))
    for _ in range(n_hubs):
        group = cKDTree(sites.xy_km[kept]).query(sites.xy_km)[1]
        load = np.bincount(group, weights=sites.demand_mw, minlength=len(kept))
        full = int(np.argmax(load))
        mine = np.flatnonzero(group == full)
        gap = np.hypot(*(sites.xy_km[mine] - sites.xy_km[kept[full]]).T)
        near = mine[gap >= DEEP_INFEED_KM]
        if load[full] <= HUB_LIMIT_MW or not len(near):
            break
        # Where most of what is too far from the first one would be near the second.
        reach = np.hypot(*(sites.xy_km[near][:, None] - sites.xy_km[mine][None]).transpose(2, 0, 1))
        kept.append(int(near[np.argmax((reach < gap) @ sites.demand_mw[mine])]))
    return np.array(sorted(kept), dtype=np.int32)


def spread_evenly(xy: FloatArray, n: int) -> IntArray:
    """Rows near the centres of n parts of equal extent (k-means from the farthest-point order)."""
    middle = int(np.argmin(np.hypot(*(xy - xy.mean(axis=0)).T)))
    centre = xy[farthest_first(xy, middle, n)]
    for _ in range(20):
        group = np.asarray(cKDTree(centre).query(xy)[1])
        size = np.bincount(group, minlength=len(centre))
        for axis in (0, 1):
            total = np.bincount(group, weights=xy[:, axis], minlength=len(centre))
            centre[:, axis] = np.where(size > 0, total / np.maximum(size, 1), centre[:, axis])
    return np.unique(np.asarray(cKDTree(xy).query(centre)[1])).astype(np.int32)


def farthest_first(xy: FloatArray, start: int, n: int) -> IntArray:
    """Rows in farthest-point order: each next is the one farthest from all before."""
    chosen = [start]
    gap = np.hypot(*(xy - xy[start]).T)
    while len(chosen) < min(n, len(xy)):
        chosen.append(int(np.argmax(gap)))
        gap = np.minimum(gap, np.hypot(*(xy - xy[chosen[-1]]).T))
    return np.array(chosen, dtype=np.int32)


def lay_lines(
    xy: FloatArray,
    edges: IntArray,
    is_allowed: BoolArray,
    *,
    rng: np.random.Generator,
    lines_per_point: float,
    spur_share: float,
) -> Graph:
    """Join points so that no single circuit separates any of them.

    Parameters
    ----------
    xy
        Points in kilometres, shape (n, 2), n >= 2.
    edges
        Lines to choose from: `candidate_edges` of the points.
    is_allowed
        Shape (n_edges,). False where a line would leave the country; such a one is taken only
        where nothing else joins two parts.
    lines_per_point
        Lines are left out, the longest first, down to this number over n, as long as none of the
        others becomes a bridge: it is half of the mean degree.
    spur_share
        Share of the points that end as double-circuit spurs, as many substations of a
        distribution voltage do.
    """
    n = len(xy)
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    is_used = _is_relative_neighbour(xy, edges, length) & is_allowed
    n_circuits = np.where(is_used, 1, 0)
    _join_parts(n, edges, np.where(is_allowed, length, 10.0 * length), n_circuits)
    for _ in range(2 * n):
        bridges = _bridges(n, edges, n_circuits)
        if not len(bridges):
            break
        _mend(bridges, edges, length, is_allowed, n_circuits, rng)
    single = np.flatnonzero(n_circuits == 1)
    for row in single[np.argsort(-length[single] * rng.uniform(0.6, 1.6, len(single)))]:
        if np.count_nonzero(n_circuits) <= lines_per_point * n:
            break
        n_circuits[row] = 0
        if len(_bridges(n, edges, n_circuits)) or not _is_joined(n, edges, n_circuits):
            n_circuits[row] = 1
    _make_spurs(n, edges, length, n_circuits, round(spur_share * n), rng)
    used = np.flatnonzero(n_circuits)
    return Graph(
        a=edges[used, 0].astype(np.int32),
        b=edges[used, 1].astype(np.int32),
        n_circuits=n_circuits[used].astype(np.int32),
    )


def candidate_edges(xy: FloatArray) -> IntArray:
    """Delaunay edges, shape (n_edges, 2), sorted; all pairs when there are too few points."""
    if len(xy) < 4:
        return np.array(
            [(i, j) for i in range(len(xy)) for j in range(i + 1, len(xy))], dtype=np.int32
        )
    triangles = Delaunay(xy, qhull_options="QJ Pp").simplices
    pairs = np.concatenate((triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]))
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int32)


def _is_relative_neighbour(xy: FloatArray, edges: IntArray, length: FloatArray) -> BoolArray:
    """True where no third point is nearer to both ends than they are to each other."""
    tree = cKDTree(xy)
    keep = np.ones(len(edges), dtype=bool)
    for i, (a, b) in enumerate(edges):
        near = tree.query_ball_point(xy[a], length[i] * 0.999999)
        others = [k for k in near if k not in (a, b)]
        if others and np.hypot(*(xy[others] - xy[b]).T).min() < length[i] * 0.999999:
            keep[i] = False
    return keep


def _bridges(n: int, edges: IntArray, n_circuits: IntArray) -> IntArray:
    """Rows of single-circuit edges whose loss separates the graph (Tarjan's low-link)."""
    adjacent: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for edge in np.flatnonzero(n_circuits).tolist():
        a, b = int(edges[edge, 0]), int(edges[edge, 1])
        adjacent[a].append((b, edge))
        adjacent[b].append((a, edge))
    order = [-1] * n
    low = [0] * n
    found: list[int] = []
    clock = 0
    for root in range(n):
        if order[root] >= 0:
            continue
        order[root] = low[root] = clock
        clock += 1
        stack: list[tuple[int, int, Iterator[tuple[int, int]]]]
        stack = [(root, -1, iter(adjacent[root]))]
        while stack:
            node, via, neighbours = stack[-1]
            step = next(neighbours, None)
            if step is None:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    low[parent] = min(low[parent], low[node])
                    if low[node] > order[parent] and n_circuits[via] == 1:
                        found.append(via)
                continue
            other, row = step
            if row == via:
                continue
            if order[other] < 0:
                order[other] = low[other] = clock
                clock += 1
                stack.append((other, row, iter(adjacent[other])))
            else:
                low[node] = min(low[node], order[other])
    return np.array(sorted(found), dtype=np.int32)


def _make_spurs(
    n: int,
    edges: IntArray,
    length: FloatArray,
    n_circuits: IntArray,
    n_wanted: int,
    rng: np.random.Generator,
) -> None:
    """Make double-circuit spurs, in place: of two single lines the longer goes, the other doubles.

    Only where that leaves no other line a bridge.
    """
    for point in rng.permutation(n):
        on = np.flatnonzero(n_circuits)
        degree = np.bincount(edges[on].ravel(), minlength=n)
        if (degree == 1).sum() >= n_wanted:
            return
        mine = on[(edges[on] == point).any(axis=1)]
        if len(mine) != 2 or (n_circuits[mine] != 1).any():
            continue
        short, long = mine[np.argsort(length[mine], kind="stable")]
        n_circuits[short], n_circuits[long] = 2, 0
        if len(_bridges(n, edges, n_circuits)) or not _is_joined(n, edges, n_circuits):
            n_circuits[short], n_circuits[long] = 1, 1


def _join_parts(n: int, edges: IntArray, cost: FloatArray, n_circuits: IntArray) -> None:
    """Add the cheapest edges, in place, that make one of all the parts (Kruskal)."""
    on = np.flatnonzero(n_circuits)
    graph = coo_array((np.ones(len(on)), (edges[on, 0], edges[on, 1])), shape=(n, n))
    part = connected_components(graph, directed=False)[1]
    for edge in np.argsort(cost, kind="stable"):
        a, b = part[edges[edge]]
        if a != b:
            n_circuits[edge] = 1
            part[part == b] = a


def _is_joined(n: int, edges: IntArray, n_circuits: IntArray) -> bool:
    on = np.flatnonzero(n_circuits)
    graph = coo_array((np.ones(len(on)), (edges[on, 0], edges[on, 1])), shape=(n, n))
    return bool(connected_components(graph, directed=False)[0] == 1)


def _mend(
    bridges: IntArray,
    edges: IntArray,
    length: FloatArray,
    is_allowed: BoolArray,
    n_circuits: IntArray,
    rng: np.random.Generator,
) -> None:
    """Secure one bridge at least, in place: a second circuit if short, else the shortest way round.

    One at a time, longest first: a way round the end of a long spur often secures it all.
    """
    n = int(edges.max()) + 1
    bridge = int(bridges[np.argmax(length[bridges])])
    if length[bridge] <= DOUBLE_CIRCUIT_KM * rng.uniform(0.5, 1.5):
        n_circuits[bridge] = 2
        return
    on = np.flatnonzero(n_circuits)
    on = on[on != bridge]
    graph = coo_array((np.ones(len(on)), (edges[on, 0], edges[on, 1])), shape=(n, n))
    side = connected_components(graph, directed=False)[1]
    across = (n_circuits == 0) & (
        (side[edges[:, 0]] == side[edges[bridge, 0]])
        & (side[edges[:, 1]] == side[edges[bridge, 1]])
        | (side[edges[:, 1]] == side[edges[bridge, 0]])
        & (side[edges[:, 0]] == side[edges[bridge, 1]])
    )
    ways = np.flatnonzero(across & is_allowed)
    if len(ways) and length[ways].min() <= 2.5 * length[bridge]:
        n_circuits[ways[np.argmin(length[ways])]] = 1
    else:
        n_circuits[bridge] = 2
