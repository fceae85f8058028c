"""Demand by population and industry, and the 110 kV substations that carry it.

A substation carries what one of its kind usually carries: a big city is split over many, small
settlements share the one nearest to them in their district.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from lightkeeper.errors import DataInvalid, Problem
from lightkeeper.region.synth_places import Projection, Settlements
from lightkeeper.units import BoolArray, FloatArray, IntArray

PEOPLE_PER_KM2 = 3500.0
"""Density that gives a city its radius."""

LARGEST_SUBSTATION_MW = 60.0
"""No 110 kV substation carries more at the peak, but for a single town that needs it."""

USUAL_CITY_SUBSTATION_MW = 40.0
SMALLEST_CITY_SUBSTATION_MW = 12.0
"""A settlement above the first is split over several substations, none below the second."""

SMALLEST_SUBSTATION_MW = 1.0
"""A settlement gets no substation of its own for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Load substations. Shape: (n_sites,).

    `settlement` is the row of the largest settlement served; `served_by` has shape
    (n_settlements,) and holds the site of a settlement, -1 for a city that several sites share.
    """

    lon: FloatArray
    lat: FloatArray
    xy_km: FloatArray  # (n_sites, 2)
    district: IntArray
    settlement: IntArray
    demand_mw: FloatArray
    served_by: IntArray


def spread_demand(
    settlements: Settlements, *, peak_mw: float, industry_share: float, rng: np.random.Generator
) -> FloatArray:
    """Share the peak among the settlements: by head, and industry unevenly among the towns.

    Industry follows the people with a heavy-tailed factor (log-normal, sigma 0.8), and sits only
    where more than 10,000 live.
    """
    people = settlements.population.astype(np.float64)
    industry = np.where(people > 10_000, people * rng.lognormal(0.0, 0.8, len(people)), 0.0)
    if industry.sum() == 0.0:
        industry = people
    by_head = people / people.sum()
    return np.asarray(
        peak_mw * ((1 - industry_share) * by_head + industry_share * industry / industry.sum()),
        dtype=np.float64,
    )


def place_sites(
    settlements: Settlements,
    demand_mw: FloatArray,
    *,
    n_sites: int,
    projection: Projection,
    frame: BaseGeometry,
    rng: np.random.Generator,
) -> Sites:
    """Place about `n_sites` substations: cities by their demand, the country by spacing.

    Raises
    ------
    DataInvalid
        Fewer substations than the demand needs at 60 MW each.
    """
    n_districts = int(settlements.district.max()) + 1
    least = int(np.ceil(demand_mw.sum() / (0.75 * LARGEST_SUBSTATION_MW))) + n_districts
    if n_sites < least:
        raise DataInvalid(
            "options of the synthetic region",
            [
                Problem(
                    "n_buses",
                    f"{n_sites} substations are too few for {demand_mw.sum():.0f} MW "
                    f"in {n_districts} districts",
                    f"ask for at least {int(least * 1.15) + 8} buses, or a smaller region",
                )
            ],
        )
    xy = projection.to_km(settlements.lon, settlements.lat)
    is_city = demand_mw > USUAL_CITY_SUBSTATION_MW
    cities = np.flatnonzero(is_city).astype(np.int32)
    n_in_cities = int(np.ceil(demand_mw[cities] / USUAL_CITY_SUBSTATION_MW).sum())
    alone = _choose_by_spacing(xy, settlements, ~is_city, n_sites - n_in_cities)
    for _ in range(8):
        owner = np.concatenate((cities, alone))
        served_by = _serve(xy, settlements.district, xy[owner], owner, is_city)
        better = _rebalance(alone, len(cities), served_by, demand_mw, settlements.district, is_city)
        if np.array_equal(better, alone):
            break
        alone = better

    # What the country does not need goes to the cities, in smaller substations.
    per_city = _split_cities(demand_mw[cities], n_sites - len(alone))
    in_city = [
        _inside(
            _city_points(xy[row], int(n), float(settlements.population[row]), rng),
            xy[row],
            projection,
            frame,
        )
        for row, n in zip(cities, per_city, strict=True)
    ]
    position = np.concatenate((*in_city, xy[alone]))
    owner = np.concatenate((np.repeat(cities, per_city), alone)).astype(np.int32)
    served_by = _serve(xy, settlements.district, position, owner, is_city)
    load = np.bincount(
        served_by[~is_city], weights=demand_mw[~is_city], minlength=len(position)
    ).astype(np.float64)
    for row in cities:
        mine = np.flatnonzero(owner == row)
        share = rng.uniform(0.7, 1.3, len(mine))
        load[mine] += demand_mw[row] * share / share.sum()
    lon, lat = projection.to_degrees(position)
    return Sites(
        lon=np.round(lon, 4),
        lat=np.round(lat, 4),
        xy_km=position,
        district=settlements.district[owner],
        settlement=owner,
        demand_mw=load,
        served_by=served_by,
    )


def _serve(
    xy: FloatArray, district: IntArray, position: FloatArray, owner: IntArray, is_city: BoolArray
) -> IntArray:
    """Site of every settlement: its own, else the nearest in its district; -1 for split cities."""
    served_by = np.full(len(xy), -1, dtype=np.int32)
    for d in np.unique(district):
        mine = np.flatnonzero(district[owner] == d)
        here = np.flatnonzero((district == d) & ~is_city)
        if len(here):
            served_by[here] = mine[cKDTree(position[mine]).query(xy[here])[1]]
    own = ~is_city[owner]
    served_by[owner[own]] = np.flatnonzero(own)
    return served_by


def _rebalance(
    alone: IntArray,
    n_cities: int,
    served_by: IntArray,
    demand_mw: FloatArray,
    district: IntArray,
    is_city: BoolArray,
) -> IntArray:
    """Give up the sites with too little to do, and relieve those with too much."""
    load = np.bincount(
        served_by[~is_city], weights=demand_mw[~is_city], minlength=n_cities + len(alone)
    )[n_cities:]
    small = load < SMALLEST_SUBSTATION_MW
    # A district's only site stays, however small: its settlements have no other.
    here = district[alone]
    small &= np.isin(here, np.concatenate((here[~small], district[is_city])))
    kept = {int(row) for row in alone[~small]}
    for i in np.flatnonzero(load > LARGEST_SUBSTATION_MW - 10.0):
        served = np.flatnonzero(served_by == n_cities + i)
        others = served[served != alone[i]]
        if len(others):
            kept.add(int(others[np.argmax(demand_mw[others])]))
    return np.array(sorted(kept), dtype=np.int32)


def _split_cities(demand_mw: FloatArray, n_wanted: int) -> IntArray:
    """Substations per city: demand over the size that gives the count wanted, at least 2 each."""
    low, high = SMALLEST_CITY_SUBSTATION_MW, USUAL_CITY_SUBSTATION_MW
    for _ in range(30):
        size = (low + high) / 2
        if np.maximum(2, np.ceil(demand_mw / size)).sum() > n_wanted:
            low = size
        else:
            high = size
    return np.maximum(2, np.ceil(demand_mw / high)).astype(np.int32)


def _choose_by_spacing(
    xy: FloatArray, settlements: Settlements, free: BoolArray, n_wanted: int
) -> IntArray:
    """Settlements that get a site of their own: the largest of each district, then by spacing."""
    heads = []
    for d in np.unique(settlements.district):
        mine = np.flatnonzero(settlements.district == d)
        # The rows run from the largest settlement down.
        if len(mine) and free[mine[0]]:
            heads.append(int(mine[0]))
    candidates = [int(row) for row in np.flatnonzero(free) if row not in set(heads)]
    if len(heads) + len(candidates) <= n_wanted:
        return np.array(sorted(heads + candidates), dtype=np.int32)
    low, high = 0.0, 200.0
    chosen: list[int] = heads
    for _ in range(18):
        spacing = (low + high) / 2
        trial = _spaced(xy, heads, candidates, spacing)
        if len(trial) > n_wanted:
            low = spacing
        else:
            high, chosen = spacing, trial
    return np.array(sorted(chosen), dtype=np.int32)


def _spaced(xy: FloatArray, heads: list[int], candidates: list[int], spacing: float) -> list[int]:
    """Take candidates in order unless one is taken within the spacing (a grid finds it)."""
    grid: dict[tuple[int, int], list[int]] = {}
    taken: list[int] = []

    def put(row: int) -> None:
        taken.append(row)
        grid.setdefault((int(xy[row, 0] // spacing), int(xy[row, 1] // spacing)), []).append(row)

    for row in heads:
        put(row)
    for row in candidates:
        cx, cy = int(xy[row, 0] // spacing), int(xy[row, 1] // spacing)
        near = (
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in grid.get((cx + dx, cy + dy), ())
        )
        if all(np.hypot(*(xy[other] - xy[row])) >= spacing for other in near):
            put(row)
    return taken


def _city_points(
    centre: FloatArray, n: int, population: float, rng: np.random.Generator
) -> FloatArray:
    """Spread n points over a disc of the city's size, evenly (sunflower) with some jitter."""
    radius = max(2.0, float(np.sqrt(population / PEOPLE_PER_KM2 / np.pi)))
    k = np.arange(n)
    r = radius * np.sqrt((k + 0.5) / n)
    angle = k * np.pi * (3 - np.sqrt(5.0)) + rng.uniform(0, 2 * np.pi)
    jitter = rng.normal(0.0, 0.12 * radius / np.sqrt(n), (n, 2))
    return np.asarray(
        centre + np.column_stack((r * np.cos(angle), r * np.sin(angle))) + jitter,
        dtype=np.float64,
    )


def _inside(
    xy: FloatArray, centre: FloatArray, projection: Projection, frame: BaseGeometry
) -> FloatArray:
    """Draw points that fell into the sea or over the border back towards the centre."""
    points = xy.copy()
    for _ in range(6):
        outside = ~shapely.contains_xy(frame, *projection.to_degrees(points))
        points[outside] = centre + 0.6 * (points[outside] - centre)
    return points
