"""Buses, lines and transformers of every voltage, before anything is known of the flows."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lightkeeper.region.synth_backbone import (
    Graph,
    candidate_edges,
    lay_lines,
    spread_evenly,
)
from lightkeeper.region.synth_demand import Sites
from lightkeeper.region.synth_draft import Corridors, DraftBuses
from lightkeeper.region.synth_places import distance_km
from lightkeeper.region.synth_plants import Backbone
from lightkeeper.region.synth_standards import conductors_of, transformers_of
from lightkeeper.units import BoolArray, FloatArray, IntArray


def make_buses(
    sites: Sites,
    hub_site: IntArray,
    voltages_kv: tuple[float, float, float],
    *,
    has_top: bool,
) -> tuple[DraftBuses, Backbone]:
    """One bus of the lowest voltage per site, one of the backbone per hub, some of the highest."""
    top_kv, mid_kv, low_kv = voltages_kv
    n_sites, n_hubs = len(sites.lon), len(hub_site)
    mid_bus = np.arange(n_sites, n_sites + n_hubs, dtype=np.int32)
    top_of_hub = np.full(n_hubs, -1, dtype=np.int32)
    n_top = round(n_hubs / 9) if has_top else 0
    if n_top >= 4:
        chosen = spread_evenly(sites.xy_km[hub_site], n_top)
        top_of_hub[chosen] = n_sites + n_hubs + np.arange(len(chosen))
    tops = np.flatnonzero(top_of_hub >= 0)
    return (
        DraftBuses(
            site=np.concatenate((np.arange(n_sites), hub_site, hub_site[tops])).astype(np.int32),
            kv=np.concatenate(
                (
                    np.full(n_sites, low_kv),
                    np.full(n_hubs, mid_kv),
                    np.full(len(tops), top_kv),
                )
            ),
        ),
        Backbone(hub_site=hub_site, mid_bus=mid_bus, top_of_hub=top_of_hub),
    )


def make_corridors(
    buses: DraftBuses,
    backbone: Backbone,
    sites: Sites,
    frame: BaseGeometry,
    voltages_kv: tuple[float, float, float],
    rng: np.random.Generator,
) -> tuple[Corridors, Corridors]:
    """Lay the lines of every voltage, lightest conductor first, and two transformers per joint."""
    top_kv, mid_kv, low_kv = voltages_kv
    tops = np.flatnonzero(backbone.top_of_hub >= 0)
    levels = [
        (low_kv, np.arange(len(sites.lon), dtype=np.int32), 1.18, 0.15),
        (mid_kv, backbone.mid_bus, 1.25, 0.0),
        (top_kv, backbone.top_of_hub[tops], 1.25, 0.0),
    ]
    parts: list[tuple[IntArray, IntArray, int, IntArray, bool]] = []
    spare: list[tuple[IntArray, IntArray, int]] = []
    for kv, bus, lines_per_point, spur_share in levels:
        if not len(bus):
            continue
        xy = sites.xy_km[buses.site[bus]]
        edges = candidate_edges(xy)
        at_home = _runs_inside(edges, sites, buses.site[bus], frame)
        graph: Graph = lay_lines(
            xy, edges, at_home, rng=rng, lines_per_point=lines_per_point, spur_share=spur_share
        )
        kind = conductors_of(kv)[0]
        parts.append((bus[graph.a], bus[graph.b], kind, graph.n_circuits, True))
        used = {(int(a), int(b)) for a, b in zip(graph.a, graph.b, strict=True)}
        left = np.array(
            [(a, b) for a, b in edges[at_home] if (int(a), int(b)) not in used],
            dtype=np.int32,
        ).reshape(-1, 2)
        spare.append((bus[left[:, 0]], bus[left[:, 1]], kind))
    hub_load = _load_by_hub(sites, backbone.hub_site)
    small = transformers_of(mid_kv, low_kv)[0]
    parts.append(
        (
            backbone.mid_bus,
            backbone.hub_site,
            small,
            np.maximum(2, np.ceil(hub_load / 125.0)).clip(max=4).astype(np.int32),
            False,
        )
    )
    if len(tops):
        parts.append(
            (
                backbone.top_of_hub[tops],
                backbone.mid_bus[tops],
                transformers_of(top_kv, mid_kv)[0],
                np.full(len(tops), 2, dtype=np.int32),
                False,
            )
        )
    return (
        _corridors([(a, b, k, n, line) for a, b, k, n, line in parts], buses, sites),
        _corridors([(a, b, k, np.ones(len(a), np.int32), True) for a, b, k in spare], buses, sites),
    )


def _runs_inside(edges: IntArray, sites: Sites, site: IntArray, frame: BaseGeometry) -> BoolArray:
    """True where at most an eighth of the straight line leaves the country (or crosses the sea)."""
    ends = np.stack(
        [np.column_stack((sites.lon[site[e]], sites.lat[site[e]])) for e in edges.T], axis=1
    )
    lines = shapely.linestrings(ends)
    shapely.prepare(frame)
    whole = shapely.length(lines)
    inside = np.where(
        shapely.contains_properly(frame, lines),
        whole,
        shapely.length(shapely.intersection(frame, lines)),
    )
    return np.asarray(inside >= 0.875 * whole, dtype=np.bool_)


def _load_by_hub(sites: Sites, hub_site: IntArray) -> FloatArray:
    """Demand nearest to each hub."""
    gap = np.hypot(
        *(sites.xy_km[:, None, :] - sites.xy_km[hub_site][None, :, :]).transpose(2, 0, 1)
    )
    return np.bincount(
        np.argmin(gap, axis=1), weights=sites.demand_mw, minlength=len(hub_site)
    ).astype(np.float64)


def _corridors(
    parts: list[tuple[IntArray, IntArray, int, IntArray, bool]], buses: DraftBuses, sites: Sites
) -> Corridors:
    a = np.concatenate([p[0] for p in parts]).astype(np.int32)
    b = np.concatenate([p[1] for p in parts]).astype(np.int32)
    is_line = np.concatenate([np.full(len(p[0]), p[4]) for p in parts])
    site_a, site_b = buses.site[a], buses.site[b]
    straight = distance_km(
        sites.lon[site_a], sites.lat[site_a], sites.lon[site_b], sites.lat[site_b]
    )
    # A line is longer than the crow flies: 15 % is usual for overhead lines.
    length = np.where(is_line, np.maximum(0.5, 1.15 * straight), 0.0)
    return Corridors(
        from_bus=a,
        to_bus=b,
        is_line=is_line,
        kind=np.concatenate([np.full(len(p[0]), p[2]) for p in parts]).astype(np.int32),
        n_circuits=np.concatenate([p[3] for p in parts]).astype(np.int32),
        length_km=np.round(length, 1).astype(np.float64),
    )
