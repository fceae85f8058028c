"""From words and lists to observed supply states.

Only what is said of the event itself (layer INCIDENT), positively and of a place no coarser than a
district counts: "power outages across multiple regions" is no observation of every district, and a
scheduled outage is no sign of damage. A later word beats an earlier one; without times an outage
stands against a restoration told elsewhere, because a dark district shown as supplied harms more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lightkeeper.claims.model import Certainty, Claim, ClaimKind, Count, Layer, OutageType
from lightkeeper.damage.model import Observation, SupplyState
from lightkeeper.damage.places import feeders_in_place, find_districts
from lightkeeper.incidents.model import FieldStatus, Incident
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import FeederId, PlaceCode, Region
from lightkeeper.reports.model import ReportId

SOME: tuple[float, float] = (0.05, 1.0)
"""An outage of unsaid extent: single feeders fail every day, what is announced is more."""

SUPPLIED: tuple[float, float] = (0.0, 0.1)
"""Supply is back, but for single feeders."""

# Read in this order, the first that is found decides; stems in English, Ukrainian and Russian.
_SEVERAL_REGIONS = re.compile(
    r"\b(regions|oblasts|provinces|nationwide|countrywide|областях|областей|регіонах|регіонів|"
    r"регионах|регионов|по всій (країні|україні)|по всей (стране|украине))\b|country"
)
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_EXTENTS: tuple[tuple[re.Pattern[str], tuple[float, float]], ...] = (
    (
        re.compile(
            r"more than half|most\b|majorit|widespread|large[- ]scale|massive|(large|significant|"
            r"greater) part|понад половин|більш|масштабн|масов|значн|больш|массов|значительн"
        ),
        (0.5, 1.0),
    ),
    (
        re.compile(
            r"partial|part\b|parts\b|some\b|several|multiple|few\b|neighbo|частков|частин|кільк|"
            r"декільк|окрем|частичн|част[ьи]|нескольк|отдельн"
        ),
        (0.05, 0.9),
    ),
    (re.compile(r"half|половин"), (0.35, 0.65)),
    (re.compile(r"\bthird|третин|трет[ьи]"), (0.2, 0.5)),
    (
        re.compile(
            r"\b(total|full|fully|complete|completely|entire|all|whole)\b|blackout|повн|весь|вся\b|"
            r"усе\b|все\b|усі\b|цілком|полност|блекаут|блэкаут"
        ),
        (0.9, 1.0),
    ),
)
# People behind one customer or household: illustrative bounds.
_PEOPLE_PER_UNIT = {
    "people": (1.0, 1.0),
    "residents": (1.0, 1.0),
    "customers": (1.2, 3.5),
    "consumers": (1.2, 3.5),
    "subscribers": (1.2, 3.5),
    "households": (1.2, 3.5),
}
NO_SIGN_OF_DAMAGE = (
    OutageType.SCHEDULED,
    OutageType.PLANNED_WORKS,
    OutageType.POWER_LIMIT_INDUSTRY,
)
"""Outages that somebody decided; they are no observation of what is hurt."""
_NOT_SURE = (Certainty.POSSIBLE, Certainty.UNLIKELY, Certainty.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Word:
    """One claim's word on one place, before words are put together."""

    at: datetime | None
    report: ReportId
    start: int
    is_restored: bool
    observation: Observation


def observe_incidents(
    incidents: Iterable[Incident],
    region: Region,
    gazetteer: Gazetteer,
    reported_at: Mapping[ReportId, datetime] | None = None,
) -> tuple[Observation, ...]:
    """Find what the incidents say of each district's supply.

    Parameters
    ----------
    gazetteer
        It leads from a settlement to its district.
    reported_at
        When each report was published, for claims that give no time themselves.

    Returns
    -------
    tuple
        At most one observation for each district, and for each settlement inside one.
    """
    words: dict[tuple[str, str], list[_Word]] = {}
    for incident in incidents:
        denied = {
            claim for f in incident.facts if f.status is FieldStatus.DENIED for claim in f.claims
        }
        for claim in incident.claims:
            if claim.id in denied or not _counts(claim):
                continue
            for observation in _observe_claim(claim, incident, region, gazetteer):
                at = observation.at or (reported_at or {}).get(claim.report)
                key = (str(observation.district), str(observation.place or ""))
                words.setdefault(key, []).append(
                    _Word(
                        at,
                        claim.report,
                        claim.span.start,
                        claim.kind is ClaimKind.RESTORED,
                        observation,
                    )
                )
    return tuple(_put_together(words[key]) for key in sorted(words))


def share_of_words(extent: str | None) -> tuple[float, float] | None:
    """Bounds of the share of people without power that words of extent give.

    None: the words speak of several regions, so of no district.

    >>> share_of_words("several districts")
    (0.05, 0.9)
    >>> share_of_words("multiple regions") is None
    True
    """
    if not extent:
        return SOME
    text = extent.casefold().replace("_", " ")
    if _SEVERAL_REGIONS.search(text):
        return None
    percent = _PERCENT.search(text)
    if percent:
        share = min(float(percent.group(1).replace(",", ".")) / 100, 1.0)
        return max(share - 0.1, min(share, 0.01)), min(share + 0.1, 1.0)
    for pattern, share_off in _EXTENTS:
        if pattern.search(text):
            return share_off
    return SOME


def narrow(first: Observation, second: Observation) -> Observation:
    """Put two observations of one thing together; where they do not meet, the second counts."""
    low = max(first.share_off[0], second.share_off[0])
    high = min(first.share_off[1], second.share_off[1])
    if low > high:
        low, high = second.share_off
    state = second.state
    if state is not SupplyState.SUPPLIED:
        state = SupplyState.DARK if low >= 0.5 else SupplyState.PARTLY_DARK
    return replace(
        second,
        state=state,
        share_off=(low, high),
        at=second.at or first.at,
        source=f"{first.source}; {second.source}",
        claims=(*first.claims, *(c for c in second.claims if c not in first.claims)),
    )


def _counts(claim: Claim) -> bool:
    return (
        claim.kind in (ClaimKind.OUTAGE, ClaimKind.RESTORED)
        and claim.layer is Layer.INCIDENT
        and not claim.is_negated
        and claim.certainty not in _NOT_SURE
        and claim.outage_type not in NO_SIGN_OF_DAMAGE
    )


def _observe_claim(
    claim: Claim, incident: Incident, region: Region, gazetteer: Gazetteer
) -> list[Observation]:
    found: list[Observation] = []
    at = None if claim.time is None else claim.time.to_at or claim.time.from_at
    for place in claim.places or incident.places:
        meant = None
        if place.code is not None:
            meant = find_districts(region, place.code, place.level, gazetteer)
        if meant is None or meant.local is None:
            continue
        district = region.districts[meant.local]
        part: PlaceCode | None = None
        feeders: tuple[FeederId, ...] = ()
        people = district.population
        is_part = bool(place.part)
        if meant.part is not None:
            inside = feeders_in_place(region, meant.local, meant.part, gazetteer)
            n_all = int((region.feeders.district == meant.local).sum())
            if 0 < inside.size < n_all:
                part = meant.part
                feeders = tuple(FeederId(str(f)) for f in region.feeders.id[inside])
                people = int(region.feeders.population[inside].sum())
            elif inside.size == 0:
                # The place has no feeders of its own in the model: somewhere in the district.
                is_part = True
        share_off = _share_off(claim, people, is_part)
        if share_off is None or (claim.kind is ClaimKind.RESTORED and is_part):
            continue
        state = SupplyState.PARTLY_DARK
        if claim.kind is ClaimKind.RESTORED and share_off == SUPPLIED:
            state = SupplyState.SUPPLIED
        elif share_off[0] >= 0.5:
            state = SupplyState.DARK
        found.append(
            Observation(
                state=state,
                district=district.id,
                feeder=None,
                share_off=share_off,
                at=at,
                source=f"claim {claim.id}",
                claims=(claim.id,),
                place=part,
                feeders=feeders,
            )
        )
    return found


def _share_off(claim: Claim, people: int, is_part: bool) -> tuple[float, float] | None:
    extent = share_of_words(claim.extent)
    if extent is None:
        return None
    if claim.kind is ClaimKind.RESTORED:
        # "Partly restored" and "restored in half of the town" leave somebody in the dark.
        return SUPPLIED if extent == SOME or extent[0] >= 0.9 else (0.05, 0.9)
    if is_part:
        return SOME[0], 0.95
    counted = _share_of_count(claim.customers, people)
    return counted or extent


def _share_of_count(count: Count | None, people: int) -> tuple[float, float] | None:
    """Bounds from "12 thousand customers", with a fifth or a quarter to spare on either side."""
    if count is None or count.unit not in _PEOPLE_PER_UNIT or people <= 0:
        return None
    low, high = _PEOPLE_PER_UNIT[count.unit]
    least = count.min if count.min is not None else count.best
    most = count.max if count.max is not None else count.best
    if not least and not most:
        return None
    return (
        min(max((least or 0) * low * 0.8 / people, 0.0005), 0.9),
        1.0 if most is None else min(max(most * high * 1.25 / people, 0.02), 1.0),
    )


def _put_together(words: list[_Word]) -> Observation:
    """Fold the words on one place: later beats earlier, agreeing words narrow the bounds."""
    dated = sorted(
        ((w.at, w.start, n, w) for n, w in enumerate(words) if w.at is not None),
        key=lambda entry: entry[:3],
    )
    current: Observation | None = None
    is_restored = False
    for _, _, _, word in dated:
        agrees = current is not None and word.is_restored == is_restored
        current = narrow(current, word.observation) if current and agrees else word.observation
        is_restored = word.is_restored
    # In one undated report the last word counts; between undated reports an outage stands.
    last: dict[ReportId, list[_Word]] = {}
    for word in sorted((w for w in words if w.at is None), key=lambda w: (w.report, w.start)):
        told = last.setdefault(word.report, [])
        if told and told[-1].is_restored != word.is_restored:
            told.clear()
        told.append(word)
    undated = [w for told in last.values() for w in told]
    if current is None:
        is_restored = all(w.is_restored for w in undated)
    for word in undated:
        if word.is_restored == is_restored:
            current = narrow(current, word.observation) if current else word.observation
    assert current is not None
    return current
