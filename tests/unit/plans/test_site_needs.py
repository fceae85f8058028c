from __future__ import annotations

import math

from lightkeeper.consequences.model import ChainLink
from lightkeeper.plans import site_needs
from lightkeeper.region import load_demo_region
from lightkeeper.region.model import HeatSourceKind, ServiceKind


def test_only_what_a_unit_could_keep_going_is_a_need() -> None:
    region = load_demo_region()
    hospital = next(s for s in region.services if s.kind is ServiceKind.HOSPITAL)
    pumps = next(s for s in region.services if s.kind is ServiceKind.WATER)
    boiler = next(h for h in region.heat_sources if h.kind is HeatSourceKind.BOILER_HOUSE)

    def fails(site: str, because: str, at_h: float | None = 5.0) -> ChainLink:
        return ChainLink(
            id=site,
            name=site,
            kind="any",
            district=hospital.district,
            works_until_h=at_h,
            because=because,
        )

    needs = site_needs(
        region,
        [
            fails(hospital.id, "power", 12.0),
            fails(pumps.id, "gas"),
            fails(boiler.id, "damage", 0.0),
            fails(boiler.id, "water"),
            fails(hospital.id, "", None),
        ],
        heat_kw_per_person=2.0,
    )
    assert [n.site for n in needs] == [hospital.id, boiler.id]
    power, heat = needs
    assert (power.stops_h, power.demand_mw, power.needs_heat) == (12.0, hospital.demand_mw, False)
    assert power.has_own_generator == (hospital.backup_h > 0)
    assert heat.needs_heat
    assert heat.demand_mw == boiler.population * 2.0 / 1000
    assert heat.people == boiler.population
    assert power.back_h == math.inf
