"""Who hangs on what: feeders and their queues, services, heat sources, shelters and warm points."""

from __future__ import annotations

import numpy as np

from lightkeeper.grid.model import GeneratorKind
from lightkeeper.region.columns import QUEUES
from lightkeeper.region.model import (
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatSource,
    HeatSourceKind,
    Service,
    ServiceKind,
    WarmPoint,
    WarmPointKind,
)
from lightkeeper.region.synth_demand import Sites
from lightkeeper.region.synth_draft import Units
from lightkeeper.region.synth_places import Settlements
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

FEEDER_MW = 3.5
"""Usual peak of a 10 kV feeder; a substation has 2 or 3 to 12 of them."""

CRITICAL_FEEDER_SHARE = 0.10
"""Share of a district's feeders that supply services and stand in no queue (at least one)."""

SYNTHETIC = "(synthetic)"

# Kind, people per site, most sites per district, own supply in hours (low, high), demand in MW.
_SERVICES: tuple[tuple[ServiceKind, int, int, tuple[float, float], tuple[float, float]], ...] = (
    (ServiceKind.HOSPITAL, 40_000, 30, (8.0, 72.0), (0.2, 1.2)),
    (ServiceKind.WATER, 100_000, 12, (0.0, 12.0), (0.3, 2.0)),
    (ServiceKind.HEAT, 100_000, 12, (0.0, 6.0), (0.2, 1.0)),
    (ServiceKind.COMMUNICATIONS, 80_000, 15, (2.0, 8.0), (0.02, 0.1)),
    (ServiceKind.EMERGENCY, 100_000, 10, (12.0, 48.0), (0.02, 0.1)),
)
_PREFIX = {
    ServiceKind.HOSPITAL: "H",
    ServiceKind.WATER: "W",
    ServiceKind.HEAT: "T",
    ServiceKind.COMMUNICATIONS: "C",
    ServiceKind.EMERGENCY: "E",
}

# District heating: people warmed per MW of electric CHP capacity, and by one boiler house.
PEOPLE_PER_CHP_MW = 750.0
PEOPLE_PER_BOILER_HOUSE = 40_000
HEATED_SHARE = 0.6
URBAN_SETTLEMENT = 5_000


def make_feeders(
    sites: Sites,
    settlements: Settlements,
    demand_mw: FloatArray,
    oblast: StrArray,
    *,
    rng: np.random.Generator,
) -> Feeders:
    """Split every substation into feeders and put them into queues.

    People and demand are conserved: feeders of a district sum to its settlements.

    Parameters
    ----------
    demand_mw
        By settlement, shape (n_settlements,).
    oblast
        By district, shape (n_districts,): queues are balanced within each.
    """
    city_sites: dict[int, IntArray] = {
        int(row): np.flatnonzero(sites.settlement == row).astype(np.int32)
        for row in np.flatnonzero(sites.served_by < 0)
    }
    load: list[int] = []
    place: list[int] = []
    demand: list[float] = []
    people: list[int] = []
    for site in range(len(sites.lon)):
        main = int(sites.settlement[site])
        served = [
            (int(row), float(demand_mw[row]), int(settlements.population[row]))
            for row in np.flatnonzero(sites.served_by == site)
        ]
        if main in city_sites:
            mine = city_sites[main]
            share = sites.demand_mw[mine] / sites.demand_mw[mine].sum()
            heads = _whole_parts(int(settlements.population[main]), share)
            here = int(np.flatnonzero(mine == site)[0])
            served.append((main, float(share[here] * demand_mw[main]), int(heads[here])))
        parts = _share_feeders(served)
        for row, part_mw, part_people, n_feeders in parts:
            weight = rng.uniform(0.6, 1.4, n_feeders)
            load += [site] * n_feeders
            place += [row] * n_feeders
            demand += list(part_mw * weight / weight.sum())
            people += list(_whole_parts(part_people, weight))
    load_row = np.array(load, dtype=np.int32)
    ordinal = np.concatenate([np.arange(1, c + 1) for c in np.bincount(load_row)])
    demand_by_feeder = np.round(np.array(demand), 4)
    district = sites.district[load_row]
    critical = _choose_critical(district, load_row, rng)
    return Feeders(
        id=np.array(
            [f"F-{s + 1:04d}-{k:02d}" for s, k in zip(load_row, ordinal, strict=True)],
            dtype=np.str_,
        ),
        load=load_row,
        district=district.astype(np.int32),
        place=settlements.code[np.array(place)],
        queue=_queue_up(oblast[district], demand_by_feeder, critical),
        demand_mw=demand_by_feeder,
        population=np.array(people, dtype=np.int32),
        is_critical=critical,
    )


def _share_feeders(
    served: list[tuple[int, float, int]],
) -> list[tuple[int, float, int, int]]:
    """Settlement, demand, people and number of feeders, from (settlement, demand, people).

    A settlement larger than the usual feeder of the substation gets feeders of its own; the
    smaller ones share theirs, each named after its largest.
    """
    served = sorted(served, key=lambda part: (-part[1], part[0]))
    total = sum(mw for _, mw, _ in served)
    least = 2 if total < FEEDER_MW else 3
    size = total / float(np.clip(round(total / FEEDER_MW), least, 12))
    large = [part for part in served if part[1] > size or part is served[0]]
    small = served[len(large) :]
    n_bins = min(len(small), max(1, round(sum(mw for _, mw, _ in small) / size)))
    bins: list[list[tuple[int, float, int]]] = [[] for _ in range(n_bins)]
    for part in small:
        min(bins, key=lambda group: sum(mw for _, mw, _ in group)).append(part)
    parts = [(row, mw, people, max(1, round(mw / size))) for row, mw, people in large]
    parts += [
        (group[0][0], sum(mw for _, mw, _ in group), sum(n for _, _, n in group), 1)
        for group in bins
    ]
    missing = least - sum(n for _, _, _, n in parts)
    if missing > 0:
        row, mw, people, n = parts[0]
        parts[0] = (row, mw, people, n + missing)
    return parts


def _whole_parts(total: int, weight: FloatArray) -> IntArray:
    """Split a whole number by weight into whole parts that sum to it (largest remainders)."""
    exact = total * weight / weight.sum()
    parts: IntArray = np.floor(exact).astype(np.int32)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def _choose_critical(district: IntArray, load: IntArray, rng: np.random.Generator) -> BoolArray:
    """Feeders that supply services: one in ten of each district, spread over its substations."""
    critical = np.zeros(len(district), dtype=np.bool_)
    for d in np.unique(district):
        mine = np.flatnonzero(district == d)
        n = max(1, round(CRITICAL_FEEDER_SHARE * len(mine)))
        # The first choice of every substation comes before the second choice of any.
        mine = rng.permutation(mine)
        turn = np.zeros(len(mine), dtype=np.int64)
        seen: dict[int, int] = {}
        for i, site in enumerate(load[mine]):
            turn[i] = seen.get(int(site), 0)
            seen[int(site)] = int(turn[i]) + 1
        critical[mine[np.argsort(turn, kind="stable")[:n]]] = True
    return critical


def _queue_up(oblast: StrArray, demand_mw: FloatArray, critical: BoolArray) -> StrArray:
    """Sub-queue per feeder: in each oblast the next largest goes to the sub-queue with least."""
    queue = np.full(len(oblast), "", dtype="U3")
    for name in np.unique(oblast):
        mine = np.flatnonzero((oblast == name) & ~critical)
        total = np.zeros(len(QUEUES))
        for feeder in mine[np.argsort(-demand_mw[mine], kind="stable")]:
            least = int(np.argmin(total))
            queue[feeder] = QUEUES[least]
            total[least] += demand_mw[feeder]
    return queue


def make_services(
    districts: tuple[District, ...], feeders: Feeders, sites: Sites, *, rng: np.random.Generator
) -> tuple[Service, ...]:
    """Put services on the critical feeders of their district."""
    services: list[Service] = []
    room = 0.8 * feeders.demand_mw
    for d, district in enumerate(districts):
        able = np.flatnonzero((feeders.district == d) & feeders.is_critical)
        turn = 0
        for kind, people, most, (low_h, high_h), (low_mw, high_mw) in _SERVICES:
            for k in range(int(np.clip(round(district.population / people), 1, most))):
                feeder = int(able[turn % len(able)])
                turn += 1
                demand = float(min(rng.uniform(low_mw, high_mw), 0.5 * room[feeder]))
                room[feeder] -= demand
                lon, lat = _near(sites, int(feeders.load[feeder]), rng)
                name = f"{_PREFIX[kind]}-{d + 1:03d}-{k + 1:02d}"
                services.append(
                    Service(
                        id=name,
                        name=f"{name} {district.name_uk} {SYNTHETIC}",
                        kind=kind,
                        district=district.id,
                        feeder=FeederId(str(feeders.id[feeder])),
                        backup_h=round(float(rng.uniform(low_h, high_h)), 1),
                        demand_mw=round(demand, 3),
                        lon=lon,
                        lat=lat,
                    )
                )
    return tuple(services)


def make_heat_sources(
    districts: tuple[District, ...],
    settlements: Settlements,
    feeders: Feeders,
    sites: Sites,
    units: Units,
    site_of_bus: IntArray,
    *,
    rng: np.random.Generator,
) -> tuple[HeatSource, ...]:
    """CHP plants warm their own district first; boiler houses warm the rest of its towns."""
    sources: list[HeatSource] = []
    town = settlements.population >= URBAN_SETTLEMENT
    cold = HEATED_SHARE * np.bincount(
        settlements.district[town],
        weights=settlements.population[town],
        minlength=len(districts),
    )
    chp = np.flatnonzero(units.kind == GeneratorKind.CHP.value)
    for plant in np.unique(units.plant[chp]):
        rows = chp[units.plant[chp] == plant]
        site = int(site_of_bus[units.bus[rows[0]]])
        d = int(sites.district[site])
        warmed = int(min(cold[d], PEOPLE_PER_CHP_MW * units.p_max_mw[rows].sum()))
        if warmed == 0:
            continue
        cold[d] -= warmed
        sources.append(
            HeatSource(
                id=f"Q-{plant}",
                name=f"Q-{plant} {districts[d].name_uk} {SYNTHETIC}",
                kind=HeatSourceKind.CHP,
                plant=str(plant),
                feeder=None,
                districts=(districts[d].id,),
                population=warmed,
                lon=float(sites.lon[site]),
                lat=float(sites.lat[site]),
            )
        )
    for d, district in enumerate(districts):
        n = int(np.ceil(cold[d] / PEOPLE_PER_BOILER_HOUSE))
        able = np.flatnonzero((feeders.district == d) & feeders.is_critical)
        for k, warmed in enumerate(_whole_parts(int(cold[d]), np.ones(n)) if n else ()):
            feeder = int(able[k % len(able)])
            lon, lat = _near(sites, int(feeders.load[feeder]), rng)
            name = f"Q-{d + 1:03d}-{k + 1:02d}"
            sources.append(
                HeatSource(
                    id=name,
                    name=f"{name} {district.name_uk} {SYNTHETIC}",
                    kind=HeatSourceKind.BOILER_HOUSE,
                    plant="",
                    feeder=FeederId(str(feeders.id[feeder])),
                    districts=(DistrictId(district.id),),
                    population=int(warmed),
                    lon=lon,
                    lat=lat,
                )
            )
    return tuple(sources)


def make_warm_points(
    districts: tuple[District, ...], sites: Sites, *, rng: np.random.Generator
) -> tuple[WarmPoint, ...]:
    """Shelters and warm points by population, near the substations' settlements."""
    points: list[WarmPoint] = []
    for d, district in enumerate(districts):
        mine = np.flatnonzero(sites.district == d)
        for k in range(int(np.clip(round(district.population / 25_000), 2, 12))):
            kind = WarmPointKind.SHELTER if k % 2 else WarmPointKind.WARM_POINT
            capacity = rng.integers(100, 600) if k % 2 else rng.integers(30, 150)
            lon, lat = _near(sites, int(rng.choice(mine)), rng)
            name = f"P-{d + 1:03d}-{k + 1:02d}"
            points.append(
                WarmPoint(
                    id=name,
                    name=f"{name} {district.name_uk} {SYNTHETIC}",
                    kind=kind,
                    district=district.id,
                    capacity=int(capacity // 10 * 10),
                    lon=lon,
                    lat=lat,
                )
            )
    return tuple(points)


def _near(sites: Sites, site: int, rng: np.random.Generator) -> tuple[float, float]:
    """A point within about a kilometre of a substation."""
    dx, dy = rng.uniform(-0.01, 0.01, 2)
    return round(float(sites.lon[site] + dx), 4), round(float(sites.lat[site] + dy), 4)
