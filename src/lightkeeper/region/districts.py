"""Which districts a place stands for: one rule for reports, damage and notices."""

from __future__ import annotations

from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import DistrictId, PlaceCode, PlaceLevel, Region


def districts_of(region: Region, gazetteer: Gazetteer, code: PlaceCode) -> tuple[DistrictId, ...]:
    """Return the districts that a place is, lies in, or is made of; none if it is elsewhere.

    A district is a raion, or a large city set apart from its raion. So

    - a settlement, a city's district or a hromada belongs to the nearest district above it;
    - a raion that is a district is that district alone, without the cities set apart from it;
    - a hromada with a city set apart in it is that city;
    - an oblast or the country is all its districts.

    Order is that of `region.districts`. Raises `PlaceUnknown` for a code that is neither in the
    gazetteer nor a district's.
    """
    by_place = {d.place: d.id for d in region.districts}
    if code in by_place:
        return (by_place[code],)
    level = gazetteer.place(code).level
    if level in (PlaceLevel.COUNTRY, PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.HROMADA):
        below = tuple(
            d.id
            for d in region.districts
            if d.oblast == code or (d.place in gazetteer and gazetteer.contains(code, d.place))
        )
        if below:
            return below
    for above in gazetteer.ancestors(code):
        if above in by_place:
            return (by_place[above],)
    return ()


def district_of(region: Region, gazetteer: Gazetteer, code: PlaceCode) -> DistrictId | None:
    """Return the one district a place stands for; None if there is none or more than one."""
    found = districts_of(region, gazetteer, code)
    return found[0] if len(found) == 1 else None
