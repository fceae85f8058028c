"""Where the few mobile generators, fuel deliveries and portable boilers should go.

What a unit is worth at a site is the hours of service it keeps there, times what an hour of that
service weighs. Each unit goes to one site and each site gets one unit, so that the best plan is an
assignment problem, solved exactly (Crouse 2016).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from lightkeeper.plans.travel import TravelOptions, travel_h
from lightkeeper.region.model import DistrictId, MobileKind, MobileUnit, ServiceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNeed:
    """A site that will stop, and when: `stops_h` and `back_h` in hours from now.

    `back_h` is when its supply returns, infinite where no repair is foreseen. With `needs_heat` it
    is heat that it lacks, and `demand_mw` is heat, else electricity. `people` depend on it; 0 where
    nobody knows how many.
    """

    site: str
    name: str
    kind: ServiceKind
    district: DistrictId
    demand_mw: float
    needs_heat: bool
    has_own_generator: bool
    stops_h: float
    back_h: float
    people: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Send a unit to a site, which stops at `stops_h` without it and runs `kept_h` hours more.

    `share_pu` is below 1 where a boiler warms only part of the people.
    """

    unit: str
    unit_name: str
    site: str
    site_name: str
    kind: ServiceKind
    district: DistrictId
    arrives_h: float
    stops_h: float
    kept_h: float
    share_pu: float
    worth: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MobilePlan:
    """The placements, the dearest first; what is left over, and how much service is lost still.

    `too_large` names the sites that will stop and that no unit here could carry.
    """

    placements: tuple[Placement, ...]
    unused: tuple[str, ...]
    service_hours_kept: float
    service_hours_lost: float
    too_large: tuple[str, ...]


_WEIGHT = MappingProxyType(
    {
        ServiceKind.HOSPITAL: 10.0,
        ServiceKind.WATER: 5.0,
        ServiceKind.HEAT: 5.0,
        ServiceKind.EMERGENCY: 3.0,
        ServiceKind.COMMUNICATIONS: 2.0,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileOptions:
    """What an hour of service weighs by its kind (illustrative; 1 where absent), and how far.

    An hour counts up to `horizon_h` from now. Where people are known, an hour also weighs
    ``1 + people / people_scale``.
    """

    horizon_h: float = 48.0
    weight: Mapping[ServiceKind, float] = field(default_factory=lambda: _WEIGHT)
    people_scale: float = 20_000.0
    travel: TravelOptions = field(default_factory=TravelOptions)


def place_units(
    units: Sequence[MobileUnit], needs: Sequence[SiteNeed], options: MobileOptions
) -> MobilePlan:
    """Send each unit where it keeps the most service; exact for one unit a site.

    A generator must carry the whole demand of the site, for a service half supplied is not
    supplied; fuel lengthens what the site's own generator does; a boiler warms as many as it can.
    """
    way_h = travel_h(
        np.array([u.lon for u in units], np.float64),
        np.array([u.lat for u in units], np.float64),
        np.array([n.lon for n in needs], np.float64),
        np.array([n.lat for n in needs], np.float64),
        options.travel,
    )
    arrives_h = way_h + np.array([u.ready_h for u in units], np.float64)[:, None]
    kept_h = np.zeros_like(way_h)
    for i, unit in enumerate(units):
        for j, need in enumerate(needs):
            kept_h[i, j] = _kept_h(unit, need, float(arrives_h[i, j]), options)
    share = np.array([[_share_pu(u, n) for n in needs] for u in units]).reshape(way_h.shape)
    worth = share * kept_h * np.array([_hour_weight(need, options) for need in needs])
    # Hours on the road break ties, and weigh far less than a minute of service.
    # Loads in a tenth of a second or more, and few commands come here.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(worth - 1e-6 * way_h, maximize=True)
    placements = sorted(
        (
            _place(units[i], needs[j], arrives_h[i, j], kept_h[i, j], share[i, j], worth[i, j])
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if worth[i, j] > 0
        ),
        key=lambda p: (-p.worth, p.unit),
    )
    used = {p.unit for p in placements}
    kept = sum(p.kept_h for p in placements)
    without_h = [_without_h(need, options) for need in needs]
    too_large = [
        n.name
        for n, hours in zip(needs, without_h, strict=True)
        if hours > 0 and not any(_suits(u, n) for u in units)
    ]
    return MobilePlan(
        placements=tuple(placements),
        unused=tuple(u.id for u in units if u.id not in used),
        service_hours_kept=kept,
        service_hours_lost=sum(without_h) - kept,
        too_large=tuple(too_large),
    )


def _suits(unit: MobileUnit, need: SiteNeed) -> bool:
    """Whether the unit can carry the site at all."""
    match unit.kind:
        case MobileKind.FUEL:
            return need.has_own_generator and not need.needs_heat
        case MobileKind.BOILER:
            return need.needs_heat
        case MobileKind.GENERATOR:
            return not need.needs_heat and unit.power_mw >= need.demand_mw


def _share_pu(unit: MobileUnit, need: SiteNeed) -> float:
    """What share of the need the unit carries; only heat can be carried in part."""
    if not need.needs_heat or need.demand_mw <= unit.power_mw:
        return 1.0
    return unit.power_mw / need.demand_mw


def _kept_h(unit: MobileUnit, need: SiteNeed, arrives_h: float, options: MobileOptions) -> float:
    """Hours of service that the unit adds before the supply returns or the horizon ends."""
    if not _suits(unit, need):
        return 0.0
    starts_h = max(arrives_h, need.stops_h)
    is_limited = unit.energy_mwh > 0 and need.demand_mw > 0
    load_mw = need.demand_mw * _share_pu(unit, need)
    runs_h = unit.energy_mwh / load_mw if is_limited else math.inf
    return max(min(need.back_h, options.horizon_h, starts_h + runs_h) - starts_h, 0.0)


def _without_h(need: SiteNeed, options: MobileOptions) -> float:
    return max(min(need.back_h, options.horizon_h) - need.stops_h, 0.0)


def _hour_weight(need: SiteNeed, options: MobileOptions) -> float:
    return options.weight.get(need.kind, 1.0) * (1.0 + need.people / options.people_scale)


def _place(
    unit: MobileUnit,
    need: SiteNeed,
    arrives_h: float,
    kept_h: float,
    share_pu: float,
    worth: float,
) -> Placement:
    late_h = arrives_h - need.stops_h
    when = f"{late_h:.1f} h after it stops" if late_h > 0 else f"{-late_h:.1f} h before it stops"
    fuel = kept_h + 1e-9 < need.back_h - max(arrives_h, need.stops_h)
    until = "its fuel or the horizon ends" if fuel else "the supply returns"
    part = f" for {share_pu:.0%} of the heat" if share_pu < 1 else ""
    return Placement(
        unit=unit.id,
        unit_name=unit.name,
        site=need.site,
        site_name=need.name,
        kind=need.kind,
        district=need.district,
        arrives_h=arrives_h,
        stops_h=need.stops_h,
        kept_h=kept_h,
        share_pu=share_pu,
        worth=worth,
        reason=f"arrives {when} and keeps it going{part} for {kept_h:.1f} h, until {until}",
    )
