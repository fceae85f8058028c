"""Make a synthetic region: a plausible network and the people on it, from public populated places.

It contains no real infrastructure: where people live is public, where lines and plants stand is
drawn by chance. `Network.is_synthetic` is set, and everything computed on it is an exercise.
The method, its assumptions and its figures are in docs/method/synthetic-region.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from lightkeeper.errors import DataInvalid, Problem
from lightkeeper.region.model import Region
from lightkeeper.region.synth_assemble import assemble
from lightkeeper.region.synth_backbone import choose_hubs, farthest_first
from lightkeeper.region.synth_demand import Sites, place_sites, spread_demand
from lightkeeper.region.synth_dependencies import add_dependencies
from lightkeeper.region.synth_gazetteer import outline_of, places_of
from lightkeeper.region.synth_layout import make_buses, make_corridors
from lightkeeper.region.synth_people import (
    make_feeders,
    make_heat_sources,
    make_services,
    make_warm_points,
)
from lightkeeper.region.synth_places import Projection, settle
from lightkeeper.region.synth_plants import Neighbour, add_ties, dispatch, place_plants
from lightkeeper.region.synth_security import secure
from lightkeeper.region.synth_standards import conductors_of, transformers_of
from lightkeeper.units import FloatArray, IntArray

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


VOLTAGES_KV: Mapping[str, tuple[float, float, float]] = {"UA": (750.0, 330.0, 110.0)}
USUAL_VOLTAGES_KV = (400.0, 220.0, 110.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthOptions:
    """What region to make.

    `bounding_box` is (west, south, east, north); None takes the whole country. `peak_mw` None
    takes `kw_per_person` for everyone there. `voltages_kv` are the highest, the backbone's and the
    distribution's voltage, None what is usual in the country; the highest is left out of a system
    under `least_top_mw`. `n_buses` is met as far as there are settlements to serve.
    """

    seed: int = 1
    country: str = "UA"
    bounding_box: tuple[float, float, float, float] | None = None
    n_buses: int = 1500
    peak_mw: float | None = None
    kw_per_person: float = 0.48
    industry_share: float = 0.35
    city_population: int = 200_000
    voltages_kv: tuple[float, float, float] | None = None
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
    voltages_kv = _voltages(options)
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
    buses, backbone = make_buses(
        sites, hub_site, voltages_kv, has_top=peak_mw >= options.least_top_mw
    )
    corridors, candidates = make_corridors(buses, backbone, sites, frame, voltages_kv, rng)
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
    load_mw = np.concatenate((site_load, np.zeros(len(buses.site) - len(site_load))))
    units = dispatch(units, float(load_mw.sum()))

    tell("security", 0.0)
    corridors = secure(
        corridors, candidates, units, load_mw, progress=lambda share: tell("security", share)
    )
    tell("people", 0.0)
    part = "" if options.bounding_box is None else " (part)"
    network = assemble(
        f"Synthetic {options.country}{part}, seed {options.seed}",
        buses,
        corridors,
        units,
        sites,
        site_load,
        settlements.name,
        power_factor=options.power_factor,
        rng=rng,
    )
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
    return add_dependencies(region, seed=options.seed)


def _voltages(options: SynthOptions) -> tuple[float, float, float]:
    """The three voltages; raise `DataInvalid` where there is no standard equipment for them."""
    voltages = options.voltages_kv or VOLTAGES_KV.get(options.country, USUAL_VOLTAGES_KV)
    top_kv, mid_kv, low_kv = voltages
    has_all = all(conductors_of(kv) for kv in voltages) and all(
        transformers_of(*pair) for pair in ((top_kv, mid_kv), (mid_kv, low_kv))
    )
    if not has_all:
        known = "(750, 330, 110) or (400, 220, 110)"
        raise DataInvalid(
            "options of the synthetic region",
            [Problem("voltages_kv", f"{voltages} has no standard equipment", f"use {known}")],
        )
    return voltages


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
