"""From what fails to what a mobile unit could keep going."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lightkeeper.consequences.model import ChainLink
from lightkeeper.plans.mobile import SiteNeed
from lightkeeper.region.model import Need, Region, ServiceKind

HEAT_KW_PER_PERSON = 1.5
"""What a person's home and its share of other buildings take on a cold day; illustrative."""


def site_needs(
    region: Region, failures: Iterable[ChainLink], *, heat_kw_per_person: float = HEAT_KW_PER_PERSON
) -> tuple[SiteNeed, ...]:
    """List the sites that electricity or heat from outside would keep going, with nothing repaired.

    A service that stops for want of power needs electricity; one that stops for want of something
    else (water, gas, the heat of another) is left out: no generator helps it. A heat source that is
    down itself needs heat for the people whose homes it warms. A boiler house without power would
    need electricity too, but how much the region does not say.
    """
    services = {s.id: s for s in region.services}
    sources = {h.id: h for h in region.heat_sources}
    needs = []
    for failure in failures:
        if failure.works_until_h is None:
            continue
        service, source = services.get(failure.id), sources.get(failure.id)
        if service is not None and failure.because == Need.POWER:
            needs.append(
                SiteNeed(
                    site=service.id,
                    name=service.name,
                    kind=service.kind,
                    district=service.district,
                    demand_mw=service.demand_mw,
                    needs_heat=False,
                    has_own_generator=service.backup_h > 0,
                    stops_h=failure.works_until_h,
                    back_h=math.inf,
                    people=0,
                    lon=service.lon,
                    lat=service.lat,
                )
            )
        elif source is not None and failure.because == "damage":
            needs.append(
                SiteNeed(
                    site=source.id,
                    name=source.name,
                    kind=ServiceKind.HEAT,
                    district=failure.district,
                    demand_mw=source.population * heat_kw_per_person / 1000,
                    needs_heat=True,
                    has_own_generator=False,
                    stops_h=failure.works_until_h,
                    back_h=math.inf,
                    people=source.population,
                    lon=source.lon,
                    lat=source.lat,
                )
            )
    return tuple(needs)
