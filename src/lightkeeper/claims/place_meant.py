"""Places that a text means but does not name: "the city", "the capital", "the coastal city"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lightkeeper.claims.place_mentions import PlaceMention, as_ref
from lightkeeper.claims.place_names import LEVELS, country_of
from lightkeeper.claims.place_words import PlaceWords
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

_NAMED_AFTER = frozenset({"the_city", "the_raion", "the_hromada"})
_WORD_AFTER = re.compile(r"\s+[\"«“]?([^\W\d_][\w'’-]*)")
_ASIDES = frozenset({"oblast_centre", "the_oblast", "the_country", "around_capital"})


def meant_places(
    text: str,
    folded: str,
    mentions: Sequence[PlaceMention],
    words: PlaceWords,
    context: Sequence[PlaceCode],
    gazetteer: Gazetteer,
) -> list[PlaceMention]:
    """Resolve "the city", "the capital", "the coastal city", "the regional centre"."""
    out: list[PlaceMention] = []
    taken = [(m.start, m.end) for m in mentions]
    for (kind, pattern), _ in words.generic.present(folded):
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(s < end and start < e for s, e in taken):
                continue
            if kind == "the_city" and re.match(r"(?:'s)?\s+of\s", folded[end : end + 5]):
                continue
            if kind in _NAMED_AFTER and _is_named_after(kind, text, end, words):
                continue
            before = [m for m in (*mentions, *out) if m.end <= start]
            before.sort(key=lambda m: m.start)
            place = _meant(kind, folded, before, mentions, words, context, gazetteer)
            if place is None and kind not in {"epithet"}:
                continue
            ref = as_ref(text[start:end], place)
            out.append(PlaceMention(start, end, ref, is_generic=True, is_aside=kind in _ASIDES))
            taken.append((start, end))
    return out


def _is_named_after(kind: str, text: str, end: int, words: PlaceWords) -> bool:
    """Say whether a name follows ("у селі Іванівка"), or what "район" is around ("у районі
    вокзалу")."""
    after = _WORD_AFTER.match(text, end)
    if after is None or words.lexicon.language == "en":
        return False
    word = after.group(1)
    return word[0].isupper() or (kind == "the_raion" and words.is_what_is_around(word))


def _meant(
    kind: str,
    folded: str,
    before: Sequence[PlaceMention],
    mentions: Sequence[PlaceMention],
    words: PlaceWords,
    context: Sequence[PlaceCode],
    gazetteer: Gazetteer,
) -> Place | None:
    """Return the place that a generic word means, by the places that are named before it."""
    codes = [m.ref.code for m in reversed(before) if m.ref.code is not None]
    codes += list(context)
    places = [gazetteer.place(c) for c in codes]
    if kind == "the_capital":
        return _capital(gazetteer)
    if kind == "around_capital":
        has_capital = any(p.code == c.code for p in places[:2] if (c := _capital(gazetteer)))
        found = gazetteer.find("Київська область", levels=(PlaceLevel.OBLAST,))
        return found[0] if has_capital and found else None
    if kind == "the_country":
        return country_of(gazetteer)
    if kind == "epithet":
        named = [
            m.ref.code
            for m in mentions
            if m.ref.level is PlaceLevel.SETTLEMENT and words.has_epithet(folded, m.start, m.end)
        ]
        distinct = list(dict.fromkeys(named)) or list(
            dict.fromkeys(m.ref.code for m in mentions if m.ref.level is PlaceLevel.SETTLEMENT)
        )
        return gazetteer.place(distinct[0]) if len(distinct) == 1 and distinct[0] else None
    for place in places:
        if kind == "the_city":
            if place.level is PlaceLevel.SETTLEMENT:
                return place
            if place.level is PlaceLevel.CITY_DISTRICT:
                return gazetteer.level_up(place.code, PlaceLevel.SETTLEMENT)
            if place.level in (PlaceLevel.RAION, PlaceLevel.HROMADA):
                seat = gazetteer.seat(place.code)
                if seat is not None:
                    return seat
        if kind == "the_raion" and place.level in LEVELS["raion"]:
            return place
        if kind == "the_hromada" and place.level is PlaceLevel.HROMADA:
            return place
        if kind in {"the_oblast", "oblast_centre"}:
            oblast = gazetteer.level_up(place.code, PlaceLevel.OBLAST)
            if oblast is not None:
                return oblast if kind == "the_oblast" else gazetteer.seat(oblast.code)
    if places and places[0].level is PlaceLevel.SETTLEMENT:
        raion = gazetteer.level_up(places[0].code, PlaceLevel.RAION)
        if kind == "the_raion" and raion and gazetteer.seat(raion.code) == places[0]:
            return raion
        if kind == "the_hromada":
            return places[0]  # a community is spoken of by its town
    return None


def _capital(gazetteer: Gazetteer) -> Place | None:
    country = country_of(gazetteer)
    return gazetteer.seat(country.code) if country is not None else None
