"""Which of the places of one name is meant: by what else a text names and by how large they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lightkeeper.claims.place_mentions import (
    COORDINATED,
    SENTENCE_STARTS,
    PlaceMention,
    as_ref,
)
from lightkeeper.region.gazetteer import Gazetteer, SettlementKind
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

_QUALIFIES = re.compile(r"(?:им|ій|ої|ий|го|му|ою|их|ый|ой|ая|ую|ые)\s+[а-яіїєґ]")
"""Ends as an adjective before a noun does: "Кримським мостом"."""


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A name in a text and the places that it may be of, the most prominent first."""

    start: int
    end: int
    places: tuple[Place, ...]
    is_doubtful: bool = False
    """A bare name of a small place, which is one only where others bear it out."""


def choose(
    named: Sequence[NamedPlace], context: Sequence[PlaceCode], gazetteer: Gazetteer
) -> list[Place | None]:
    """Choose among namesakes: the one near the places that are sure, else the largest."""
    candidates = [n.places for n in named]
    given = {code for c in context for code in _chain(c, gazetteer)}
    sure = {
        places[0].code: set(_chain(places[0].code, gazetteer))
        for places in candidates
        if len(places) == 1 or _is_clear(places)
    }
    chosen: list[Place | None] = []
    last: Place | None = None
    for places in candidates:
        if chosen and chosen[-1] is not None:
            last = chosen[-1]
        if len(places) == 1:
            chosen.append(places[0])
            continue
        # What a name itself would make known says nothing about which of its places is meant.
        known = given.union(*(c for code, c in sure.items() if code != places[0].code))
        scores = [_nearness(p.code, known, gazetteer) for p in places]
        best = max(scores)
        at_best = [p for p, s in zip(places, scores, strict=True) if s == best]
        clear = _stands_out(places, gazetteer)
        if (
            places[0].level is PlaceLevel.RAION
            and at_best[0].level is PlaceLevel.CITY_DISTRICT
            and best > scores[0]
        ):
            chosen.append(at_best[0])
        elif clear and (best == scores[0] or best < 2):
            chosen.append(places[0])
        elif _is_clear(tuple(at_best)):
            chosen.append(at_best[0])
        else:
            near = _of_same_oblast(at_best, last, gazetteer)
            chosen.append(near[0] if near and _is_clear(near) else None)
    return chosen


def _of_same_oblast(
    places: Sequence[Place], other: Place | None, gazetteer: Gazetteer
) -> tuple[Place, ...]:
    """Return the places in the oblast of another, none without one."""
    oblast = None if other is None else gazetteer.level_up(other.code, PlaceLevel.OBLAST)
    if oblast is None:
        return ()
    return tuple(p for p in places if gazetteer.contains(oblast.code, p.code))


def _stands_out(places: tuple[Place, ...], gazetteer: Gazetteer) -> bool:
    """Say whether the first of namesakes is meant: by its people, or as the only city."""
    if _is_clear(places):
        return True
    kinds = [gazetteer.kind(p.code) for p in places]
    return kinds[0] is SettlementKind.CITY and SettlementKind.CITY not in kinds[1:]


def confirmed(
    text: str,
    named: Sequence[NamedPlace],
    mentions: Sequence[PlaceMention],
    context: Sequence[PlaceCode],
    gazetteer: Gazetteer,
) -> list[PlaceMention]:
    """Return the bare names of small places that what stands around them bears out.

    One lies in the raion or community that is spoken of, or goes on a list of places of its
    oblast ("Херсон, Білозерка").
    """
    codes = [m.ref.code for m in mentions if m.ref.code is not None]
    oblasts = {
        oblast.code
        for c in (*codes, *context)
        if (oblast := gazetteer.level_up(c, PlaceLevel.OBLAST)) is not None
    }
    known = {code for c in (*codes, *context) for code in _chain(c, gazetteer)}
    ends = {m.end: m.ref.code for m in mentions}
    out: list[PlaceMention] = []
    for one in named:
        if not one.is_doubtful:
            continue
        start, end, places = one.start, one.end, one.places
        near = [p for p in places if _nearness(p.code, known, gazetteer) > 1]
        before = next((e for e in sorted(ends, reverse=True) if e <= start), None)
        beside = [ends[before]] if before is not None else []
        if before is None or not COORDINATED.match(text[before:start]):
            beside = [
                m.ref.code for m in mentions
                if m.start >= end and COORDINATED.match(text[end : m.start])
            ]  # fmt: skip
        if len(near) != 1 and beside:
            code = beside[0]
            oblast = gazetteer.level_up(code, PlaceLevel.OBLAST) if code else None
            if oblast is not None:
                near = [p for p in places if gazetteer.contains(oblast.code, p.code)]
                near = near[:1] if _is_clear(tuple(near)) else []
        if (
            not near
            and len(oblasts) == 1
            and SENTENCE_STARTS.search(text[max(0, start - 4) : start])
        ):
            (own,) = oblasts
            inside = [p for p in places if gazetteer.contains(own, p.code)]
            near = inside[:1] if len(inside) == 1 or _is_clear(tuple(inside)) else []
        if not near and len(oblasts) == 1 and not _QUALIFIES.match(text, end - 2):
            # "Обстріли Білозерки": the seat of a community of the oblast that is spoken of.
            (own,) = oblasts
            inside = [p for p in places if gazetteer.contains(own, p.code)]
            seats = [p for p in inside if _is_seat(p, gazetteer)]
            near = seats if len(seats) == 1 else []
        if len(near) == 1:
            out.append(PlaceMention(start, end, as_ref(text[start:end], near[0])))
            ends[end] = near[0].code
    return out


def _is_seat(place: Place, gazetteer: Gazetteer) -> bool:
    hromada = gazetteer.level_up(place.code, PlaceLevel.HROMADA)
    return hromada is not None and gazetteer.seat(hromada.code) == place


def _nearness(code: PlaceCode, known: set[PlaceCode], gazetteer: Gazetteer) -> int:
    """Count the known places that a place lies in, but for the country."""
    return sum(c in known for c in gazetteer.ancestors(code)[:-1]) if known else 0


def _chain(code: PlaceCode, gazetteer: Gazetteer) -> tuple[PlaceCode, ...]:
    return (code, *gazetteer.ancestors(code)[:-1])


def _is_clear(places: tuple[Place, ...]) -> bool:
    """Say whether the first stands out: an oblast or raion, or far more people than the next."""
    if len(places) < 2:
        return bool(places)
    a, b = places[0], places[1]
    if a.level is not PlaceLevel.SETTLEMENT and a.level is not PlaceLevel.CITY_DISTRICT:
        return a.level is not b.level or a.level is PlaceLevel.COUNTRY
    return (a.population or 0) >= max(5_000, 5 * (b.population or 0))
