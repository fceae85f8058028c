"""The hour-by-hour consequences of an ensemble, as bands, with what can be decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

import numpy as np

from lightkeeper.consequences.buildings import EDGE, ROOMS, hours_until_in, load_buildings
from lightkeeper.consequences.distribution import bands, confidence_levels, distributions
from lightkeeper.consequences.exposure import DRAIN_BELOW_C, THRESHOLDS_C, TYPES
from lightkeeper.consequences.follow import Followed
from lightkeeper.consequences.model import (
    Band,
    Course,
    DistrictCourse,
    DrainDecision,
    HomeHold,
    Range,
    ServiceCourse,
)
from lightkeeper.damage.model import DamageEnsemble
from lightkeeper.region.model import BuildingType, DistrictId, HeatingKind, Region
from lightkeeper.units import FloatArray

WORTH_TELLING = 0.01
"""Services that fail with less chance than this at every hour are not listed."""

WORTH_DRAINING = 0.02
"""Sources whose pipes freeze with less chance than this are not listed."""

REACH_KM = 1.5
"""How far people walk to a warm point."""

_KM_PER_DEGREE = 111.2

_Hours = tuple[float | None, float | None, float | None]


def describe_course(region: Region, ensemble: DamageEnsemble, followed: Followed) -> Course:
    """Turn what happens in every scenario into bands, counts and decisions.

    `followed` is of the same scenarios as `ensemble`; its weights are used.
    """
    weight, effective = ensemble.weight, ensemble.effective_sample_size
    totals = bands(
        np.stack(
            [
                followed.people_off,
                followed.unserved_mw,
                followed.people_without_heat,
                followed.people_below[:, 0],
                followed.people_below[:, 1],
            ],
            axis=1,
        ),
        weight,
        effective,
    )
    customer_hours, energy, service_hours = distributions(
        np.column_stack([followed.customer_hours, followed.unserved_mwh, followed.service_hours]),
        weight,
        effective,
    )
    n_h = followed.people_off.shape[1]
    total = dict(zip(followed.kinds, followed.kind_total.tolist(), strict=True))
    failed = bands(followed.failed, weight, effective)
    return Course(
        hours=tuple(range(n_h)),
        district_hours=tuple(followed.district_hours.tolist()),
        people_off=totals[0],
        unserved_mw=totals[1],
        people_without_heat=totals[2],
        people_below_16=totals[3],
        people_below_10=totals[4],
        services_failed={
            kind: band for kind, band in zip(followed.kinds, failed, strict=True) if total[kind]
        },
        services_total={kind: n for kind, n in total.items() if n},
        customer_hours=customer_hours,
        unserved_energy_mwh=energy,
        service_hours=service_hours,
        outdoor_c=_outdoor(region, followed.outdoor_c),
        people_with_known_homes=int(followed.homes.n_known),
        districts=_districts(region, followed, weight, effective),
        services=_services(region, followed),
        drains=_drains(region, followed, weight),
        homes=_homes(followed, _outdoor(region, followed.outdoor_c)),
        n_scenarios=int((weight > 0).sum()),
        effective_sample_size=effective,
        notes=(*followed.notes, *_few_scenarios(effective)),
    )


def _few_scenarios(effective: float) -> tuple[str, ...]:
    """Say where there are too few scenarios to tell how far sampling may have moved a figure."""
    _, median, high = confidence_levels(effective)
    if None in median:
        return (f"{effective:.0f} effective scenarios: too few to tell the error of the medians",)
    if None in high:
        return (f"{effective:.0f} effective scenarios: too few to bound the 95 % points",)
    return ()


def _outdoor(region: Region, outdoor_c: FloatArray) -> tuple[float | None, ...]:
    """Mean over the districts, weighted by their people; None where any is not known."""
    people = np.array([d.population for d in region.districts], dtype=np.float64)
    if people.sum() == 0:
        return tuple(None for _ in range(outdoor_c.shape[1]))
    mean = people @ outdoor_c / people.sum()
    found: list[float | None] = [None if np.isnan(c) else round(float(c), 2) for c in mean]
    return tuple(found)


def _districts(
    region: Region, followed: Followed, weight: FloatArray, effective: float
) -> tuple[DistrictCourse, ...]:
    off = _ranges(bands(followed.district_people_off, weight, effective))
    without = _ranges(bands(followed.district_without_heat, weight, effective))
    below = _ranges(bands(followed.district_below_16, weight, effective))
    capacity = {d.id: 0 for d in region.districts}
    for point in region.warm_points:
        capacity[point.district] += point.capacity
    reach = people_in_reach(region)
    return tuple(
        DistrictCourse(
            district=district.id,
            people_off=off[row],
            people_without_heat=without[row],
            people_below_16=below[row],
            warm_point_capacity=capacity[district.id],
            people_in_reach_of_warm_point=reach[district.id],
            is_short_of_warm_points=tuple(
                None if people is None else people > capacity[district.id]
                for people in below[row].median
            ),
        )
        for row, district in enumerate(region.districts)
    )


def _ranges(found: tuple[Band, ...]) -> tuple[Range, ...]:
    def whole(course: tuple[float | None, ...]) -> tuple[int | None, ...]:
        return tuple(None if x is None else round(x) for x in course)

    return tuple(Range(p05=whole(b.p05), median=whole(b.median), p95=whole(b.p95)) for b in found)


def people_in_reach(region: Region, reach_km: float = REACH_KM) -> Mapping[DistrictId, int]:
    """Count the people of each district who live within reach of a warm point.

    People live where their feeder begins, at its substation, as far as the model knows: a coarse
    figure. A feeder without a place reaches nothing.
    """
    buses, sites = region.network.buses, region.network.substations
    bus = region.network.loads.bus[region.feeders.load]
    site = buses.substation[bus]
    lon = np.where(site >= 0, np.append(sites.lon, np.nan)[site], buses.lon[bus])
    lat = np.where(site >= 0, np.append(sites.lat, np.nan)[site], buses.lat[bus])
    is_near = np.zeros(bus.size, dtype=np.bool_)
    for point in region.warm_points:
        dy = (lat - point.lat) * _KM_PER_DEGREE
        dx = (lon - point.lon) * _KM_PER_DEGREE * np.cos(np.radians(point.lat))
        is_near |= np.hypot(dx, dy) <= reach_km
    district = region.feeders.district
    return {
        d.id: int(region.feeders.population[is_near & (district == row)].sum())
        for row, d in enumerate(region.districts)
    }


def _services(region: Region, followed: Followed) -> tuple[ServiceCourse, ...]:
    """Services and heat sources that may fail, the likeliest first."""
    graph = followed.graph
    found = []
    everyone = [
        *((s.id, s.name, s.kind.value, s.district) for s in region.services),
        *((h.id, h.name, h.kind.value, h.districts[0]) for h in region.heat_sources),
    ]
    for node, (id_, name, kind, district) in enumerate(everyone):
        p = np.clip(followed.node_p[node], 0.0, 1.0)
        is_known = bool(graph.is_known[node])
        if is_known and p.max() < WORTH_TELLING:
            continue
        half = np.flatnonzero(p >= 0.5)
        shown = tuple(p[followed.district_hours].round(3).tolist())
        found.append(
            ServiceCourse(
                id=id_,
                name=name,
                kind=kind,
                district=district,
                p_failed=shown if is_known else None,
                first_fails_h=float(half[0]) if half.size and is_known else None,
            )
        )
    return tuple(sorted(found, key=lambda s: (-max(s.p_failed or (2.0,)), s.id)))


def _homes(followed: Followed, outdoor: tuple[float | None, ...]) -> tuple[HomeHold, ...]:
    """How long every type that people live in holds heat from now on."""
    known = np.array(list(takewhile(lambda c: c is not None, outdoor)), dtype=np.float64)
    people = np.sum([p.sum(axis=0) for p in followed.homes.people.values()], axis=0)
    buildings = load_buildings()

    def until(type_: BuildingType, threshold_c: float, zone: int) -> _Hours:
        found = hours_until_in(buildings[type_], threshold_c, known, zone=zone)
        fast, usual, slow = (round(h, 1) if np.isfinite(h) else None for h in found)
        return fast, usual, slow

    return tuple(
        HomeHold(
            type=type_.value,
            people=int(people[row]),
            below_16_h=until(type_, THRESHOLDS_C[0], ROOMS),
            below_10_h=until(type_, THRESHOLDS_C[1], ROOMS),
            drain_h=until(type_, DRAIN_BELOW_C, EDGE),
        )
        for row, type_ in enumerate(TYPES)
        if people[row] > 0
    )


def _drains(region: Region, followed: Followed, weight: FloatArray) -> tuple[DrainDecision, ...]:
    """Sources whose pipes may freeze, the earliest decision first."""
    buildings = load_buildings()
    homes = followed.homes
    district_heated = homes.people[HeatingKind.DISTRICT]
    row_of = {d.id: row for row, d in enumerate(region.districts)}
    share = weight / weight.sum()
    found = []
    for row, source in enumerate(region.heat_sources):
        hour = followed.freeze_h[:, row]
        freezes = np.isfinite(hour) & (weight > 0)
        p = float(share[freezes].sum())
        if p < WORTH_DRAINING:
            continue
        (of,) = distributions(hour[freezes][:, None].astype(np.float64), weight[freezes], 1.0)
        types = district_heated[[row_of[d] for d in source.districts]].sum(axis=0) > 0
        those = [buildings[t] for t, is_there in zip(TYPES, types, strict=True) if is_there]
        drain_h = max(b.drain_h for b in those)
        found.append(
            DrainDecision(
                source=source.id,
                name=source.name,
                districts=source.districts,
                population=source.population,
                p_freezes=p,
                freezes_h=(of.p05, of.median, of.p95),
                drain_h=drain_h,
                decide_by_h=max(of.p05 - drain_h, 0.0),
                refill_days=(
                    min(b.refill_days[0] for b in those),
                    max(b.refill_days[1] for b in those),
                ),
            )
        )
    return tuple(sorted(found, key=lambda d: (d.decide_by_h, -d.p_freezes, d.source)))
