"""Which share of a district's homes is without window panes, as far as reports count it.

Reports count windows, flats or buildings, say that they are damaged or that panes are out, and tell
each other's numbers again. What follows is a band; where no number is told there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lightkeeper.claims.model import Certainty, Claim, ClaimId, ClaimKind, Layer
from lightkeeper.consequences.model import BrokenWindows
from lightkeeper.damage.places import find_districts
from lightkeeper.incidents.counts import bounds, is_told
from lightkeeper.incidents.model import FieldStatus, Incident
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import Region

PEOPLE_PER_HOME = (2.0, 3.0)
"""Illustrative bounds; homes of a district are given by their people."""

HOMES_PER_UNIT = {"flats": (1.0, 1.0), "buildings": (1.0, 80.0), "windows": (1 / 6, 1 / 2)}
"""Homes behind one of what is counted: a house or a block of flats, 2 to 6 windows a home."""

_PANES = re.compile(
    r"\bwindow|\bglass\b|\bpanes?\b|\bвікн|\bвікон\b|\bшибк|\bшибок\b|\bскл[оа]\b|"
    r"\bокон\b|\bокн[аоы]|\bст[её]к(ло|ла|ол)\b"
)
_NOT_SURE = (Certainty.POSSIBLE, Certainty.UNLIKELY, Certainty.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Told:
    """One claim's word on one district: homes without panes, or None where no number is told."""

    district: int
    claim: ClaimId
    unit: str
    homes: tuple[float, float] | None


def find_broken_windows(
    incidents: Iterable[Incident], region: Region, gazetteer: Gazetteer
) -> tuple[BrokenWindows, ...]:
    """Read from the claims which share of the homes of each district has no panes.

    Numbers of one incident tell of the same damage: the least is the largest of the lower bounds,
    the most the sum over what is counted (flats, buildings, windows) of the largest upper bound.
    Incidents add up. "Damaged" alone need not mean the panes: its lower bound is 0. What is denied,
    replaced, not sure, or of a place that is not within one district does not count.
    """
    people = np.zeros(len(region.districts))
    row_of = {d.id: row for row, d in enumerate(region.districts)}
    for group in region.homes:
        people[row_of[group.district]] += group.population
    least, most = np.zeros(people.size), np.zeros(people.size)
    claims: dict[int, dict[ClaimId, None]] = {}
    counted: set[int] = set()
    for incident in incidents:
        told = [t for c in _standing(incident) for t in _read(c, incident, region, gazetteer)]
        for district in {t.district for t in told}:
            mine = [t for t in told if t.district == district]
            claims.setdefault(district, {}).update(dict.fromkeys(t.claim for t in mine))
            numbers = [(t.unit, t.homes) for t in mine if t.homes is not None]
            if numbers:
                counted.add(district)
                least[district] += max(low for _, (low, _) in numbers)
                for unit in {unit for unit, _ in numbers}:
                    most[district] += max(high for u, (_, high) in numbers if u == unit)
    return tuple(
        BrokenWindows(
            district=region.districts[row].id,
            share=None
            if row not in counted or people[row] <= 0
            else (
                float(min(least[row] * PEOPLE_PER_HOME[0] / people[row], 1.0)),
                float(min(most[row] * PEOPLE_PER_HOME[1] / people[row], 1.0)),
            ),
            claims=tuple(claims[row]),
        )
        for row in sorted(claims)
    )


def _standing(incident: Incident) -> list[Claim]:
    """Return the claims of damage to homes that nobody denied or replaced."""
    gone = {c for f in incident.facts if f.status is FieldStatus.DENIED for c in f.claims}
    gone |= {c for old in incident.superseded for c in old.claims}
    return [
        claim
        for claim in incident.claims
        if claim.kind is ClaimKind.DAMAGE
        and claim.layer is Layer.INCIDENT
        and not claim.is_negated
        and claim.certainty not in _NOT_SURE
        and claim.id not in gone
        and (claim.target == "residential" or _unit(claim) in ("flats", "windows"))
    ]


def _unit(claim: Claim) -> str:
    return "" if claim.count is None else claim.count.unit or ""


def _read(claim: Claim, incident: Incident, region: Region, gazetteer: Gazetteer) -> list[_Told]:
    districts = set()
    for place in claim.places or incident.places:
        if place.code is not None:
            meant = find_districts(region, place.code, place.level, gazetteer)
            if meant is not None and meant.local is not None:
                districts.add(meant.local)
    unit = _unit(claim)
    names_panes = unit == "windows" or _PANES.search(claim.span.text.casefold()) is not None
    homes: tuple[float, float] | None = None
    if claim.count is not None and unit in HOMES_PER_UNIT and is_told(claim.count):
        low, high = bounds(claim.count)
        # "More than" has no upper bound of its own; twice is far for a count that was published.
        high = 2 * low if np.isinf(high) else high
        per_low, per_high = HOMES_PER_UNIT[unit]
        homes = (max(low, 0.0) * per_low if names_panes else 0.0, high * per_high)
    if homes is None and not names_panes:
        return []
    if len(districts) > 1 and homes is not None:
        homes = (0.0, homes[1])  # Nobody says how the number is divided.
    return [_Told(district, claim.id, unit, homes) for district in sorted(districts)]
