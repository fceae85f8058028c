from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from lightkeeper.plans import MobileOptions, SiteNeed, place_units
from lightkeeper.region.model import DistrictId, MobileKind, MobileUnit, ServiceKind

OPTIONS = MobileOptions()

GENERATOR = MobileUnit(
    id="g",
    name="g",
    kind=MobileKind.GENERATOR,
    power_mw=1.0,
    energy_mwh=0.0,
    ready_h=0.0,
    lon=30.0,
    lat=50.0,
)
HOSPITAL = SiteNeed(
    site="h",
    name="h",
    kind=ServiceKind.HOSPITAL,
    district=DistrictId("d"),
    demand_mw=0.5,
    needs_heat=False,
    has_own_generator=True,
    stops_h=10.0,
    back_h=30.0,
    people=0,
    lon=30.0,
    lat=50.0,
)
PUMPS = replace(HOSPITAL, site="p", name="p", kind=ServiceKind.WATER, has_own_generator=False)
BOILER_HOUSE = replace(
    PUMPS, site="b", name="b", kind=ServiceKind.HEAT, demand_mw=4.0, needs_heat=True
)


def test_a_unit_that_arrives_in_time_keeps_all_the_hours_without_supply() -> None:
    plan = place_units([GENERATOR], [HOSPITAL], OPTIONS)
    (placement,) = plan.placements
    assert (placement.unit, placement.site, placement.kept_h) == ("g", "h", 20.0)
    assert placement.arrives_h == 0.0
    assert plan.service_hours_kept == 20.0
    assert plan.service_hours_lost == 0.0
    assert plan.unused == ()
    assert "10.0 h before it stops" in placement.reason
    assert "until the supply returns" in placement.reason


def test_the_road_and_the_fuel_shorten_what_is_kept() -> None:
    # Two degrees of latitude are 222.4 km, with a detour of 1.3 at 40 km/h 7.23 h.
    far = replace(GENERATOR, lat=52.0, ready_h=6.0, energy_mwh=5.0)
    (placement,) = place_units([far], [HOSPITAL], OPTIONS).placements
    assert placement.arrives_h == pytest.approx(6 + 222.39 * 1.3 / 40, abs=1e-2)
    assert placement.kept_h == pytest.approx(10.0)  # 5 MWh at 0.5 MW
    assert "until its fuel or the horizon ends" in placement.reason


@pytest.mark.parametrize(
    ("unit", "need", "is_placed"),
    [
        (replace(GENERATOR, power_mw=0.4), HOSPITAL, False),
        (replace(GENERATOR, kind=MobileKind.FUEL, power_mw=0.0, energy_mwh=5.0), HOSPITAL, True),
        (replace(GENERATOR, kind=MobileKind.FUEL, energy_mwh=5.0), PUMPS, False),
        (replace(GENERATOR, kind=MobileKind.BOILER, power_mw=2.0), BOILER_HOUSE, True),
        (replace(GENERATOR, kind=MobileKind.BOILER, power_mw=2.0), HOSPITAL, False),
        (replace(GENERATOR, power_mw=5.0), BOILER_HOUSE, False),
        (GENERATOR, replace(HOSPITAL, stops_h=31.0), False),
        (replace(GENERATOR, ready_h=30.0), HOSPITAL, False),
        (GENERATOR, replace(HOSPITAL, stops_h=60.0, back_h=math.inf), False),
    ],
)
def test_what_suits_what(unit: MobileUnit, need: SiteNeed, is_placed: bool) -> None:
    plan = place_units([unit], [need], OPTIONS)
    assert bool(plan.placements) is is_placed
    assert plan.unused == (() if is_placed else ("g",))


def test_a_boiler_warms_as_many_as_it_can() -> None:
    boiler = replace(GENERATOR, kind=MobileKind.BOILER)  # 1 MW for 4 MW of heat
    (placement,) = place_units([boiler], [BOILER_HOUSE], OPTIONS).placements
    assert placement.share_pu == 0.25
    assert placement.worth == pytest.approx(0.25 * 20.0 * 5.0)
    assert "for 25% of the heat" in placement.reason


def test_a_site_too_large_for_every_unit_is_named() -> None:
    plan = place_units([GENERATOR], [replace(HOSPITAL, demand_mw=3.0)], OPTIONS)
    assert plan.too_large == ("h",)
    assert plan.service_hours_lost == 20.0


def test_nothing_to_place_and_nowhere_to_go() -> None:
    assert place_units([], [HOSPITAL], OPTIONS).service_hours_lost == 20.0
    assert place_units([GENERATOR], [], OPTIONS).unused == ("g",)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_assignment_of_all_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units = [
        replace(
            GENERATOR,
            id=f"u{i}",
            kind=MobileKind(rng.choice(list(MobileKind))),
            power_mw=float(rng.uniform(0.2, 3)),
            energy_mwh=float(rng.uniform(1, 20)),
            lon=float(rng.uniform(29, 31)),
        )
        for i in range(4)
    ]
    needs = [
        replace(
            HOSPITAL,
            site=f"s{i}",
            kind=ServiceKind(rng.choice(["hospital", "water", "heat"])),
            demand_mw=float(rng.uniform(0.2, 3)),
            needs_heat=bool(rng.random() < 0.3),
            has_own_generator=bool(rng.random() < 0.5),
            stops_h=float(rng.uniform(0, 20)),
            people=int(rng.integers(0, 50_000)),
        )
        for i in range(5)
    ]
    alone = {
        (u.id, n.site): sum(p.worth for p in place_units([u], [n], OPTIONS).placements)
        for u in units
        for n in needs
    }
    best = max(
        sum(alone[u.id, n.site] for u, n in zip(units, chosen, strict=True))
        for chosen in permutations(needs, len(units))
    )
    found = place_units(units, needs, OPTIONS)
    assert sum(p.worth for p in found.placements) == pytest.approx(best)
    assert len({p.site for p in found.placements}) == len(found.placements)
