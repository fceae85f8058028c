"""Statistics of a network that tell a plausible one from a made-up one.

The measures are those of A. B. Birchfield et al., "A metric-based validation process to assess the
realism of synthetic power grids", Energies 10(8) 1233, 2017; the same function is run over
published cases for comparison (docs/method/synthetic-region.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, shortest_path

from lightkeeper.flow import FlowOptions, build_case, lose, no_loss, run_cascade
from lightkeeper.grid.model import Network
from lightkeeper.units import FloatArray

Quantiles = tuple[float, float, float]
"""10 %, median, 90 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStatistics:
    """Lines of one voltage. Corridors count parallel circuits once."""

    kv: float
    n_buses: int
    n_circuits: int
    corridors_per_bus: float
    length_km: Quantiles
    x_ohm_per_km: Quantiles
    x_pu: Quantiles
    x_to_r: Quantiles
    rating_mva: Quantiles
    loading_pu: Quantiles
    load_share: float
    capacity_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStatistics:
    """Of the graph of buses: parallel branches count once; the largest island counts.

    `degree_share` has the shares of buses with degree 1, 2, 3, 4, 5 and more. `clustering` is the
    Watts-Strogatz coefficient over buses of degree 2 and more, `path_hops` the mean shortest path.
    `transformer_x_pu` is on the transformer's own rating.
    """

    name: str
    n_buses: int
    n_branches: int
    mean_degree: float
    degree_share: tuple[float, ...]
    clustering: float
    path_hops: float
    diameter_hops: int
    peak_mw: float
    capacity_over_peak: float
    largest_unit_over_peak: float
    transformer_x_pu: Quantiles
    transformer_loading_pu: Quantiles
    line_loading_pu: Quantiles
    share_loaded_over_half: float
    levels: tuple[LevelStatistics, ...]


def measure(network: Network) -> NetworkStatistics:
    """Measure a network at its base state (linear flow, before any loss)."""
    case = build_case(network)
    base = run_cascade(case, no_loss(), options=FlowOptions(trip_overloads=False, keep_flows=True))
    assert base.flow_mw is not None
    loading = np.abs(base.flow_mw[0]) / case.limit_mw  # 0 where there is no limit
    lines, transformers = network.lines, network.transformers
    n_lines = len(lines.id)
    a, b = case.from_bus, case.to_bus
    graph = _graph(case.n_bus, a[case.branch_on], b[case.branch_on])
    hops = _hops(graph)
    degree = np.diff(graph.indptr)
    units, ties = network.generators, network.ties
    peak = float(case.load_mw.sum())
    capacity = np.concatenate((units.p_max_mw, ties.import_limit_mw))
    rated = transformers.rating_mva > 0
    return NetworkStatistics(
        name=network.name,
        n_buses=case.n_bus,
        n_branches=len(a),
        mean_degree=float(degree.mean()),
        degree_share=tuple(
            float((degree == k).mean() if k < 5 else (degree >= 5).mean()) for k in range(1, 6)
        ),
        clustering=_clustering(graph),
        path_hops=float(hops[hops > 0].mean()),
        diameter_hops=int(hops.max()),
        peak_mw=peak,
        capacity_over_peak=float(units.p_max_mw.sum() / peak),
        largest_unit_over_peak=float(capacity.max() / peak),
        transformer_x_pu=_quantiles(
            (transformers.x_pu * transformers.rating_mva / network.base_mva)[rated]
        ),
        transformer_loading_pu=_quantiles(loading[n_lines:][rated]),
        line_loading_pu=_quantiles(loading[:n_lines]),
        share_loaded_over_half=float((loading[:n_lines] > 0.5).mean()),
        levels=tuple(
            _level(network, float(kv), loading[:n_lines])
            for kv in np.unique(network.buses.base_kv)
            if (network.buses.base_kv[lines.from_bus] == kv).sum() >= 5
        ),
    )


def cascade_share(
    network: Network, *, n_lost: int, n_draws: int, seed: int, least_kv: float = 0.0
) -> tuple[float, float, float]:
    """Lose `n_lost` random branches at once, `n_draws` times, and follow the cascade.

    Branches with an end below `least_kv` are not drawn.

    Returns the share of draws in which further branches trip, the share in which more than 1 MW is
    unserved, and the greatest unserved load over the peak.
    """
    case = build_case(network)
    rng = np.random.default_rng(seed)
    kv = network.buses.base_kv
    is_drawn = case.branch_on & (
        least_kv <= 0.0 or np.minimum(kv[case.from_bus], kv[case.to_bus]) >= least_kv
    )
    on = np.flatnonzero(is_drawn)
    lost = [rng.choice(on, n_lost, replace=False).tolist() for _ in range(n_draws)]
    result = run_cascade(case, lose(case, branches=lost))
    unserved = (result.demand_mw - result.served_mw).sum(axis=1)
    tripped = (result.trip_round > 0).any(axis=1)
    return (
        float(tripped.mean()),
        float((unserved > 1.0).mean()),
        float(unserved.max() / case.load_mw.sum()),
    )


def _level(network: Network, kv: float, loading: FloatArray) -> LevelStatistics:
    lines, buses = network.lines, network.buses
    mine = buses.base_kv[lines.from_bus] == kv
    at = buses.base_kv == kv
    ends = np.sort(np.column_stack((lines.from_bus[mine], lines.to_bus[mine])), axis=1)
    ohm = lines.x_pu[mine] * kv**2 / network.base_mva
    with np.errstate(divide="ignore", invalid="ignore"):
        per_km = ohm / lines.length_km[mine]
        x_to_r = lines.x_pu[mine] / lines.r_pu[mine]
    loads, units = network.loads, network.generators
    demand = np.maximum(loads.p_mw, 0.0)
    return LevelStatistics(
        kv=kv,
        n_buses=int(at.sum()),
        n_circuits=int(mine.sum()),
        corridors_per_bus=len(np.unique(ends, axis=0)) / int(at.sum()),
        length_km=_quantiles(lines.length_km[mine]),
        x_ohm_per_km=_quantiles(per_km),
        x_pu=_quantiles(lines.x_pu[mine]),
        x_to_r=_quantiles(x_to_r),
        rating_mva=_quantiles(lines.rating_mva[mine]),
        loading_pu=_quantiles(loading[mine]),
        load_share=float(demand[at[loads.bus]].sum() / demand.sum()),
        capacity_share=float(units.p_max_mw[at[units.bus]].sum() / units.p_max_mw.sum()),
    )


def _quantiles(values: FloatArray) -> Quantiles:
    """Of the values that are known; NaN where none is."""
    known = values[np.isfinite(values)]
    if not len(known):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(known, (0.1, 0.5, 0.9))
    return (float(low), float(middle), float(high))


def _graph(n: int, a: np.ndarray, b: np.ndarray) -> csr_array:
    """Simple undirected graph of the largest island."""
    pairs = coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    both = (pairs + pairs.T).tocsr()
    both.data[:] = 1.0
    label = connected_components(both, directed=False)[1]
    largest = np.flatnonzero(label == np.bincount(label).argmax())
    return csr_array(both[largest][:, largest])


def _hops(graph: csr_array) -> np.ndarray:
    """Shortest paths in hops from up to 1,000 buses, evenly taken, to all."""
    step = max(1, graph.shape[0] // 1000)
    return np.asarray(
        shortest_path(graph, unweighted=True, indices=np.arange(0, graph.shape[0], step))
    )


def _clustering(graph: csr_array) -> float:
    """Mean over buses of degree 2 and more of the share of neighbour pairs that are neighbours."""
    degree = np.diff(graph.indptr)
    triangles = np.asarray((graph @ graph).multiply(graph).sum(axis=1)).ravel() / 2
    able = degree >= 2
    pairs = degree[able] * (degree[able] - 1) / 2
    return float((triangles[able] / pairs).mean())
