"""From a place in words to the districts it means, and how precisely."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode, PlaceLevel, Region
from lightkeeper.units import IntArray


class Precision(StrEnum):
    """How finely a place is said."""

    SETTLEMENT = "settlement"
    RAION = "raion"
    OBLAST = "oblast"
    COUNTRY = "country"


PRECISION_OF_LEVEL = {
    PlaceLevel.CITY_DISTRICT: Precision.SETTLEMENT,
    PlaceLevel.SETTLEMENT: Precision.SETTLEMENT,
    PlaceLevel.HROMADA: Precision.RAION,
    PlaceLevel.RAION: Precision.RAION,
    PlaceLevel.OBLAST: Precision.OBLAST,
    PlaceLevel.COUNTRY: Precision.COUNTRY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The districts a place means.

    `districts`: every row the place covers or lies in. `local` is the one district the words are
    about: the district that stands for the place, or the one that contains it; None for anything
    coarser. `part` is the place's own code when it is only a part of `local`.
    """

    districts: tuple[int, ...]
    local: int | None
    part: PlaceCode | None
    precision: Precision


def find_districts(
    region: Region, code: PlaceCode, level: PlaceLevel | None, gazetteer: Gazetteer
) -> Meant | None:
    """Find the districts a place means; None when it is not in the region.

    A raion whose city is a district of its own means both, but words about the raion are local to
    the raion's own district only: they do not say that the city is dark. An oblast or the country
    is never local, unless it is itself a district (a city with the rank of an oblast).
    """
    own = {d.place: row for row, d in enumerate(region.districts)}
    known_level = gazetteer.place(code).level if code in gazetteer else level
    precision = PRECISION_OF_LEVEL.get(known_level, Precision.OBLAST) if known_level else None
    inside = tuple(
        row
        for row, d in enumerate(region.districts)
        if d.place == code or d.oblast == code or _is_below(d.place, code, gazetteer)
    )
    if code in own:
        # A city with the rank of an oblast is as precise as a settlement.
        if precision in (Precision.OBLAST, Precision.COUNTRY, None):
            precision = Precision.SETTLEMENT if len(inside) == 1 else Precision.OBLAST
        is_local = precision in (Precision.SETTLEMENT, Precision.RAION)
        return Meant(
            districts=inside, local=own[code] if is_local else None, part=None, precision=precision
        )
    if inside:
        fine = precision in (Precision.SETTLEMENT, Precision.RAION) and len(inside) == 1
        return Meant(
            districts=inside,
            local=inside[0] if fine else None,
            part=None,
            precision=precision or Precision.OBLAST,
        )
    if known_level is PlaceLevel.COUNTRY:
        return Meant(
            districts=tuple(range(len(region.districts))),
            local=None,
            part=None,
            precision=Precision.COUNTRY,
        )
    for above in _ancestors(code, gazetteer):
        if above in own:
            row = own[above]
            return Meant(
                districts=(row,), local=row, part=code, precision=precision or Precision.SETTLEMENT
            )
    return None


def feeders_in_place(
    region: Region, district: int, code: PlaceCode, gazetteer: Gazetteer
) -> IntArray:
    """Rows of the district's feeders that supply the place or a place below it; may be empty."""
    rows = np.flatnonzero(region.feeders.district == district)
    codes = region.feeders.place[rows]
    inside = {
        c for c in set(codes.tolist()) if c == code or _is_below(PlaceCode(c), code, gazetteer)
    }
    return rows[[c in inside for c in codes.tolist()]].astype(np.int32)


def _ancestors(code: PlaceCode, gazetteer: Gazetteer) -> tuple[PlaceCode, ...]:
    return gazetteer.ancestors(code) if code in gazetteer else ()


def _is_below(code: PlaceCode, above: PlaceCode, gazetteer: Gazetteer) -> bool:
    return above in _ancestors(code, gazetteer)
