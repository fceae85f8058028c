"""Make a synthetic region: a plausible network and the people on it, from public populated places.

It contains no real infrastructure: where people live is public, where lines and plants stand is
drawn by chance. `Network.is_synthetic` is set, and everything computed on it is an exercise.
The method, its assumptions and its figures are in docs/method/synthetic-region.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from lightkeeper.grid.build import make_network
from lightkeeper.grid.model import Network
from lightkeeper.region.model import Region
from lightkeeper.region.synth_backbone import (
    Graph,
    candidate_edges,
    choose_hubs,
    farthest_first,
    lay_lines,
    spread_evenly,
)
from lightkeeper.region.synth_demand import Sites, place_sites, spread_demand
from lightkeeper.region.synth_draft import BASE_MVA, Corridors, DraftBuses, Units
from lightkeeper.region.synth_gazetteer import outline_of, places_of
from lightkeeper.region.synth_people import (
    SYNTHETIC,
    make_feeders,
    make_heat_sources,
    make_services,
    make_warm_points,
)
from lightkeeper.region.synth_places import Projection, distance_km, settle
from lightkeeper.region.synth_plants import Backbone, Neighbour, add_ties, dispatch, place_plants
from lightkeeper.region.synth_security import secure
from lightkeeper.region.synth_standards import (
    SHORT_TERM_LINE_PU,
    SHORT_TERM_TRANSFORMER_PU,
    conductors_of,
    transformers_of,
)
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

NEIGHBOURS: Mapping[str, tuple[Neighbour, ...]] = {
    "UA": (
        Neighbour(name="Poland", lon=23.2, lat=50.8, share=0.30),
        Neighbour(name="Slovakia", lon=22.3, lat=48.6, share=0.20),
        Neighbour(name="Hungary", lon=22.6, lat=48.2, share=0.20),
        Neighbour(name="Romania", lon=25.9, lat=48.0, share=0.20),
        Neighbour(name="Moldova", lon=29.0, lat=47.8, share=0.10),
    )
}
"""Systems a country's synthetic network is tied to; points on the border, shares assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthOptions:
    """What region to make.

    `bounding_box` is (west, south, east, north); None takes the whole country. `peak_mw` None
    takes `kw_per_person` for everyone there. `voltages_kv` are the highest, the backbone's and the
    distribution's voltage; the highest is left out of a system under `least_top_mw`.
    """

    seed: int = 1
    country: str = "UA"
    bounding_box: tuple[float, float, float, float] | None = None
    n_buses: int = 1500
    peak_mw: float | None = None
    kw_per_person: float = 0.48
    industry_share: float = 0.35
    city_population: int = 200_000
    voltages_kv: tuple[float, float, float] = (750.0, 330.0, 110.0)
    least_top_mw: float = 8000.0
    import_limit_pu: float = 0.10
    hub_spacing_km: float = 18.0
    power_factor: float = 0.95


def make_region(
    options: SynthOptions, *, progress: Callable[[str, float], None] | None = None
) -> Region:
    """Make the region that the options describe; the same options give the same region.

    Parameters
    ----------
    progress
        Called with a stage in words and the share of it done, 0 to 1.

    Raises
    ------
    ExtraMissing
        Another country than Ukraine, and the package with its places is not installed.
    PlaceUnknown
        The country or the box holds no populated place.
    DataInvalid
        Too few buses for the demand.
    ModelError
        The network cannot be made secure with standard equipment.
    """
    tell = progress or (lambda stage, share: None)
    rng = np.random.default_rng(options.seed)
    tell("places", 0.0)
    outline = outline_of(options.country)
    settlements, districts = settle(
        places_of(options.country),
        bounding_box=options.bounding_box,
        outline=outline,
        city_population=options.city_population,
    )
    frame = _frame(settlements.lon, settlements.lat, outline)
    projection = Projection(
        lon0=float(np.median(settlements.lon)), lat0=float(np.median(settlements.lat))
    )
    peak_mw = round(
        options.peak_mw or options.kw_per_person * float(settlements.population.sum()) / 1000.0
    )
    demand_mw = spread_demand(
        settlements, peak_mw=float(peak_mw), industry_share=options.industry_share, rng=rng
    )
    tell("substations", 0.0)
    n_hubs = max(3, round(options.n_buses / 11))
    sites = place_sites(
        settlements,
        demand_mw,
        n_sites=options.n_buses - round(1.1 * n_hubs),
        projection=projection,
        frame=frame,
        rng=rng,
    )
    feeders = make_feeders(
        sites,
        settlements,
        demand_mw,
        np.array([d.oblast for d in districts], dtype=np.str_),
        rng=rng,
    )

    tell("backbone", 0.0)
    hub_site = choose_hubs(sites, n_hubs=n_hubs, min_spacing_km=options.hub_spacing_km)
    buses, backbone = _make_buses(sites, hub_site, float(peak_mw), options)
    corridors, candidates = _make_corridors(buses, backbone, sites, frame, options, rng)
    units = place_plants(sites, settlements, backbone, peak_mw=float(peak_mw), rng=rng)
    neighbours = _neighbours(options, sites, hub_site, projection)
    units = add_ties(
        units,
        neighbours,
        sites,
        backbone,
        neighbour_xy_km=projection.to_km(
            np.array([n.lon for n in neighbours]), np.array([n.lat for n in neighbours])
        ),
        import_limit_mw=options.import_limit_pu * peak_mw,
    )
    site_load = np.bincount(
        feeders.load, weights=feeders.demand_mw, minlength=len(sites.lon)
    ).astype(np.float64)
    site_load = np.round(site_load, 4)
    load_mw = np.zeros(len(buses.site))
    load_mw[: len(site_load)] = site_load
    units = dispatch(units, float(load_mw.sum()))

    tell("security", 0.0)
    corridors = secure(
        corridors, candidates, units, load_mw, progress=lambda share: tell("security", share)
    )
    tell("people", 0.0)
    network = _assemble(buses, corridors, units, sites, site_load, settlements.name, options, rng)
    region = Region(
        name=network.name,
        network=network,
        districts=districts,
        feeders=feeders,
        heat_sources=make_heat_sources(
            districts, settlements, feeders, sites, units, buses.site, rng=rng
        ),
        services=make_services(districts, feeders, sites, rng=rng),
        warm_points=make_warm_points(districts, sites, rng=rng),
    )
    tell("done", 1.0)
    return region


def _frame(lon: FloatArray, lat: FloatArray, outline: BaseGeometry | None) -> BaseGeometry:
    """Where substations may stand."""
    if outline is not None:
        # Coarse outlines cut off piers and spits; 2 km of slack keeps them.
        return outline.buffer(0.02)
    return MultiPoint(np.column_stack((lon, lat))).convex_hull.buffer(0.05)


def _neighbours(
    options: SynthOptions, sites: Sites, hub_site: IntArray, projection: Projection
) -> tuple[Neighbour, ...]:
    """The country's neighbours, or unnamed ones at the rim of what was cut out."""
    if options.bounding_box is None and options.country in NEIGHBOURS:
        return NEIGHBOURS[options.country]
    xy = sites.xy_km[hub_site]
    start = int(np.argmax(np.hypot(*(xy - xy.mean(axis=0)).T)))
    rim = hub_site[farthest_first(xy, start, min(4, len(xy)))]
    return tuple(
        Neighbour(
            name=f"neighbour {i + 1}",
            lon=float(sites.lon[site]),
            lat=float(sites.lat[site]),
            share=1.0,
        )
        for i, site in enumerate(rim)
    )


def _make_buses(
    sites: Sites, hub_site: IntArray, peak_mw: float, options: SynthOptions
) -> tuple[DraftBuses, Backbone]:
    """One bus of the lowest voltage per site, one of the backbone per hub, some of the highest."""
    top_kv, mid_kv, low_kv = options.voltages_kv
    n_sites, n_hubs = len(sites.lon), len(hub_site)
    mid_bus = np.arange(n_sites, n_sites + n_hubs, dtype=np.int32)
    top_of_hub = np.full(n_hubs, -1, dtype=np.int32)
    n_top = round(n_hubs / 9) if peak_mw >= options.least_top_mw else 0
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


def _make_corridors(
    buses: DraftBuses,
    backbone: Backbone,
    sites: Sites,
    frame: BaseGeometry,
    options: SynthOptions,
    rng: np.random.Generator,
) -> tuple[Corridors, Corridors]:
    """Lay the lines of every voltage, lightest conductor first, and two transformers per joint."""
    top_kv, mid_kv, low_kv = options.voltages_kv
    tops = np.flatnonzero(backbone.top_of_hub >= 0)
    levels = [
        (low_kv, np.arange(len(sites.lon), dtype=np.int32), 1.18),
        (mid_kv, backbone.mid_bus, 1.25),
        (top_kv, backbone.top_of_hub[tops], 1.25),
    ]
    parts: list[tuple[IntArray, IntArray, int, IntArray, bool]] = []
    spare: list[tuple[IntArray, IntArray, int]] = []
    for kv, bus, lines_per_point in levels:
        if not len(bus):
            continue
        xy = sites.xy_km[buses.site[bus]]
        edges = candidate_edges(xy)
        at_home = _runs_inside(edges, sites, buses.site[bus], frame)
        graph: Graph = lay_lines(xy, edges, at_home, rng=rng, lines_per_point=lines_per_point)
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


def _assemble(
    buses: DraftBuses,
    corridors: Corridors,
    units: Units,
    sites: Sites,
    site_load: FloatArray,
    settlement_name: StrArray,
    options: SynthOptions,
    rng: np.random.Generator,
) -> Network:
    """One row per circuit, ids and names that say synthetic, and the columns of the tables."""
    number = buses.site + 1
    bus_id = [f"B-{s:04d}-{kv:.0f}" for s, kv in zip(number, buses.kv, strict=True)]
    top_kv = np.zeros(len(sites.lon))
    np.maximum.at(top_kv, buses.site, buses.kv)
    level = _protection(top_kv, options.voltages_kv[2], rng)
    row = np.repeat(np.arange(len(corridors.from_bus)), corridors.n_circuits)
    circuit = np.concatenate([np.arange(1, n + 1) for n in corridors.n_circuits])
    line, other = corridors.is_line[row], ~corridors.is_line[row]
    a, b = corridors.from_bus[row], corridors.to_bus[row]
    branch_id = np.array(
        [
            f"{'N' if is_line else 'T'}-{number[i]:04d}-{buses.kv[i]:.0f}-"
            f"{number[j]:04d}-{buses.kv[j]:.0f}-{c}"
            if not is_line
            else f"N-{buses.kv[i]:.0f}-{number[i]:04d}-{number[j]:04d}-{c}"
            for i, j, c, is_line in zip(a, b, circuit, line, strict=True)
        ]
    )
    electric: dict[str, NDArray[np.generic]] = {
        "from_bus": a,
        "to_bus": b,
        "r_pu": np.round(corridors.r_pu()[row], 7),
        "x_pu": np.round(corridors.x_pu()[row], 7),
        "b_pu": np.round(corridors.b_pu()[row], 6),
    }
    rating = np.round(corridors.rating_mva()[row], 1)
    gen, tie = np.flatnonzero(~units.is_tie), np.flatnonzero(units.is_tie)
    q_factor = float(np.tan(np.arccos(options.power_factor)))
    biggest = int(np.argmax(np.where(units.is_tie, 0.0, units.p_max_mw)))
    order = dict.fromkeys(units.plant[gen], 0)
    unit_id = []
    for plant in units.plant[gen]:
        order[plant] += 1
        unit_id.append(f"G-{plant}-{order[plant]}")
    box = "" if options.bounding_box is None else " part"
    return make_network(
        f"Synthetic {options.country}{box}, seed {options.seed}",
        BASE_MVA,
        True,
        {
            "substations": {
                "id": [f"S-{i + 1:04d}" for i in range(len(sites.lon))],
                "name": [
                    f"S-{i + 1:04d} {settlement_name[s]} {SYNTHETIC}"
                    for i, s in enumerate(sites.settlement)
                ],
                "lon": sites.lon,
                "lat": sites.lat,
                "protection_level": level,
            },
            "buses": {
                "id": bus_id,
                "substation": buses.site,
                "base_kv": buses.kv,
                "lon": sites.lon[buses.site],
                "lat": sites.lat[buses.site],
                "is_reference": np.arange(len(bus_id)) == units.bus[biggest],
            },
            "lines": {
                "id": branch_id[line],
                **{name: values[line] for name, values in electric.items()},
                "rating_mva": rating[line],
                "rating_short_mva": np.round(rating[line] * SHORT_TERM_LINE_PU, 1),
                "length_km": corridors.length_km[row][line],
            },
            "transformers": {
                "id": branch_id[other],
                **{name: values[other] for name, values in electric.items()},
                "rating_mva": rating[other],
                "rating_short_mva": np.round(rating[other] * SHORT_TERM_TRANSFORMER_PU, 1),
                "protection_level": level[buses.site[a[other]]],
            },
            "generators": {
                "id": unit_id,
                "plant": units.plant[gen],
                "bus": units.bus[gen],
                "kind": units.kind[gen],
                "p_mw": units.p_mw[gen],
                "p_min_mw": units.p_min_mw[gen],
                "p_max_mw": units.p_max_mw[gen],
                "q_min_mvar": -0.4 * units.p_max_mw[gen],
                "q_max_mvar": 0.6 * units.p_max_mw[gen],
                "v_setpoint_pu": 1.02,
                "ramp_pu_per_min": units.ramp_pu_per_min[gen],
                "is_black_start": units.is_black_start[gen],
            },
            "ties": {
                "id": [f"X-{i + 1}" for i in range(len(tie))],
                "bus": units.bus[tie],
                "neighbour": units.plant[tie],
                "p_mw": units.p_mw[tie],
                "import_limit_mw": units.p_max_mw[tie],
                "export_limit_mw": -units.p_min_mw[tie],
            },
            "loads": {
                "id": [f"L-{i + 1:04d}" for i in range(len(site_load))],
                "bus": np.arange(len(site_load), dtype=np.int32),
                "p_mw": site_load,
                "q_mvar": np.round(site_load * q_factor, 3),
            },
        },
    )


def _protection(top_kv: FloatArray, low_kv: float, rng: np.random.Generator) -> IntArray:
    """Protection level by site: about half of the backbone at 1, a sixth at 2, hardly any at 3.

    The proportions follow the public counts of the three levels; which site has which is chance.
    """
    backbone = rng.choice(4, size=len(top_kv), p=[0.32, 0.50, 0.16, 0.02])
    low = rng.choice(2, size=len(top_kv), p=[0.92, 0.08])
    return np.where(top_kv > low_kv, backbone, low).astype(np.int32)
