"""Places as named in a text: found in the gazetteer, resolved within the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import PlaceRef
from lightkeeper.claims.place_words import (
    ADJECTIVE,
    COMPANY,
    REGION_NOUN,
    PlaceWords,
    base_forms,
    guessed_forms,
    level_forms,
    place_words,
    towns_of,
)
from lightkeeper.region.gazetteer import Gazetteer, SettlementKind
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ‑-][^\W\d_]+)*")
_MAX_WORDS = 3
_REMEMBERED = 100_000
_SHARED = ("oblast", "raion", "hromada")
_ASIDES = frozenset({"oblast_centre", "the_oblast", "the_country", "around_capital"})
_DOUBTFUL = "?"
"""Marks a bare name of a small place, which is one only where others bear it out."""
_HEADS = re.compile(r"(?:(?:,| та| і| и)\s[^\W\d_a-zа-яіїєґё][\w'’-]+)*\s?(?:[—–:]|-\s)")
"""What follows the places that open a message: "A and B: drones"."""
_STARTS = re.compile(r"(?:^|[.!?…:\n»”]\s*|[^\w\s,]\s*)\Z")
_LARGE = 20_000
_KNOWN = (3, -_LARGE)
"""Prominence of a town that is known by any of its spellings."""
"""A town of so many people is known by its bare name; a smaller one wants a word of place."""
_WIDE = (PlaceLevel.COUNTRY, PlaceLevel.OBLAST, PlaceLevel.RAION)
_LEVELS = {
    "raion": (PlaceLevel.RAION, PlaceLevel.CITY_DISTRICT),
    "oblast": (PlaceLevel.OBLAST,),
    "hromada": (PlaceLevel.HROMADA,),
    "settlement": (PlaceLevel.SETTLEMENT,),
}
_COORDINATED = re.compile(
    r"(?:\s*(?:,|,?\s(?:and|та|і|й|и|или|або|or|as well as)\s)|\s(?:and|та|і|й|и)\s)\s*"
    r"(?:the surrounding\s|the\s|на\s|у\s|в\s|in\s)?\Z"
)
_NESTED = re.compile(
    r"(?:,?\s*\(?|\s+of\s+(?:the\s+)?|\s+in\s+(?:the\s+)?|,\s+a\s+[\w\s]{0,30}\b(?:in|of|within)\s+(?:the\s+)?"
    r"|,?\s+(?:на|у|в|во)\s+|['’]s\s+)\Z"
)


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place in the text. `group` numbers places named together ("A, B and C regions")."""

    start: int
    end: int
    ref: PlaceRef
    group: int = -1
    is_speakers: bool = False
    """The place belongs to an office ("Odesa Governor"), the event need not be there."""
    is_container: bool = False
    """Named only to say where the place before it lies ("Izium district of Kharkiv region")."""
    is_generic: bool = False
    """Meant by a word such as "the city"."""
    is_aside: bool = False
    """A generic word that does not become what the report speaks of ("the regional centre")."""


@lru_cache(maxsize=4)
def country_of(gazetteer: Gazetteer) -> Place | None:
    """Return the country whose places a gazetteer holds, None where it names none."""
    return next((p for p in gazetteer if p.level is PlaceLevel.COUNTRY), None)


@dataclass(slots=True)
class PlaceFinder:
    """Finds places of one gazetteer; remembers what it has looked up."""

    gazetteer: Gazetteer
    _found: dict[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)
    _first: dict[tuple[str, str], tuple[PlaceCode, ...]] = field(default_factory=dict)

    def find(
        self, text: str, folded: str, lexicon: Lexicon, *, context: tuple[PlaceCode, ...] = ()
    ) -> tuple[PlaceMention, ...]:
        """Find the places of a text, in order.

        Parameters
        ----------
        context
            Places known from elsewhere (channel, title): an ambiguous name is the one near them.
        """
        names = place_words(lexicon)
        words = list(_WORD.finditer(text))
        persons = _person_words(text, folded, words, lexicon, self)
        raw: list[tuple[int, int, tuple[Place, ...], str]] = []
        abroad = names.abroad(folded)
        i = 0
        street_until = -1
        while i < len(words):
            word = words[i]
            street = names.streets.match(folded, word.start())
            # "Two streets in Brovary" name no street.
            if street and not names.prepositions_after.match(folded, street.end()):
                street_until = _clause_end(folded, word.end())
            if (
                not text[word.start()].isupper()
                or i in persons
                or word.start() < street_until
                or any(s <= word.start() < e for s, e in abroad)
            ):
                i += 1
                continue
            hit = self._at(text, folded, words, i, lexicon, names)
            if hit is None:
                i += 1
                continue
            n_words, places, mark = hit
            if names.street_after is not None and names.street_after.match(
                folded, words[i + n_words - 1].end()
            ):
                i += n_words
                continue
            raw.append((word.start(), words[i + n_words - 1].end(), places, mark))
            i += n_words
        plain = [row for row in raw if row[3] != _DOUBTFUL]
        chosen = self._choose(plain, context)
        mentions = [
            PlaceMention(s, e, _as_ref(text[s:e], place))
            for (s, e, _, _), place in zip(plain, chosen, strict=True)
        ]
        if len(plain) < len(raw):
            mentions += self._confirmed(text, raw, mentions, context)
        mentions += self._generic(text, folded, mentions, lexicon, names, context)
        mentions = self._extend_shared_level(
            text, folded, sorted(mentions, key=lambda m: m.start), names
        )
        return self._grouped(text, mentions)

    def find_first(self, text: str, folded: str, lexicon: Lexicon) -> tuple[PlaceCode, ...]:
        """Codes of the places of a heading or a channel's name, finest first, no context."""
        key = (lexicon.language, text)
        if key not in self._first:
            if len(self._first) > _REMEMBERED:
                self._first.clear()
            found = [m.ref for m in self.find(text, folded, lexicon) if m.ref.code is not None]
            self._first[key] = tuple(ref.code for ref in found if ref.code is not None)
        return self._first[key]

    # ------------------------------------------------------------------ candidates

    def _at(
        self,
        text: str,
        folded: str,
        words: list[re.Match[str]],
        i: int,
        lexicon: Lexicon,
        names: PlaceWords,
    ) -> tuple[int, tuple[Place, ...], str] | None:
        """Return the longest name that starts at word `i`: words used, places, level word."""
        for n in range(min(_MAX_WORDS, len(words) - i), 0, -1):
            part = words[i : i + n]
            if any(
                not text[a.end() : b.start()].isspace() or "\n" in text[a.end() : b.start()]
                for a, b in pairwise(part)
            ):
                continue
            start, end = part[0].start(), part[-1].end()
            phrase = text[start:end]
            level = names.level_of(folded, part[-1].start(), part[-1].end()) if n > 1 else None
            if level is not None:
                places = self._with_level(phrase, level, lexicon)
                if places:
                    return n, places, level
                if level == "raion" and part[1].group() not in {"та", "і", "й", "и"}:
                    return None  # "The Druzhba district" is no place called Druzhba.
                continue
            if n == 1 and lexicon.language != "en" and ADJECTIVE.fullmatch(folded[start:end]):
                shared = names.shared_level.match(text, end)
                if shared is not None:
                    noun = shared.group("level").lower()
                    level = names.level_of(noun, 0, len(noun))
                    places = self._with_level(f"{phrase} {level}", level, lexicon) if level else ()
                    if places and level:
                        return 1, places, level
            if folded[start:end] in names.not_places:
                continue
            if n == 1 and names.facility_after.match(folded, end):
                is_plant = names.plant_after.match(folded, end) is not None
                town = self._named_after(phrase, lexicon, is_plant=is_plant)
                if town:
                    return 1, town, ""
            if n > 1 and not part[-1].group()[0].isupper():
                continue
            places = self._bare(phrase, lexicon)
            if not places:
                continue
            if n == 1 and not self._is_plain(text, folded, start, end, places, names):
                starts = _STARTS.search(text[max(0, start - 4) : start])
                # "Bilozerka has no power", "Зеленівка — обстріл": common words open otherwise.
                may_be = not starts or lexicon.language == "en" or _HEADS.match(text, end)
                if may_be and not names.is_given_name(folded[start:end]):
                    return n, places, _DOUBTFUL
                continue
            return n, places, ""
        return None

    def _bare(self, phrase: str, lexicon: Lexicon) -> tuple[Place, ...]:
        """Places spelt so, in any case form."""
        key = (lexicon.language, phrase)
        if len(self._found) > _REMEMBERED:
            self._found.clear()
        if key not in self._found:
            found: dict[PlaceCode, Place] = {}
            for form in base_forms(phrase, lexicon.language):
                if self.gazetteer.is_spelling(form):
                    for place in self.gazetteer.find(form):
                        found.setdefault(place.code, place)
            if not found and lexicon.language != "en":
                for form in guessed_forms(phrase, lexicon):
                    for place in (
                        self.gazetteer.find(form) if self.gazetteer.is_spelling(form) else ()
                    ):
                        found.setdefault(place.code, place)
            for row in lexicon.places.get("nicknames", ()) if not found else ():
                start, _, name = row.partition("* ")
                if fold(phrase).startswith(start):
                    named = self.gazetteer.find(name, levels=(PlaceLevel.OBLAST,))
                    found.update((place.code, place) for place in named)
            company = COMPANY.fullmatch(fold(phrase))
            if company:
                # "Сумиобленерго" is of the town by its name, and of the oblast by what it serves.
                served = ((c, self.gazetteer.level_up(c, PlaceLevel.OBLAST)) for c in found)
                found = {
                    c if company.group("region") is None else oblast.code: found[c]
                    if company.group("region") is None
                    else oblast
                    for c, oblast in served
                    if oblast is not None
                    and (found[c] == oblast or self.gazetteer.seat(oblast.code) == found[c])
                }
            forms = {fold(form) for form in base_forms(phrase, lexicon.language)}
            official = [p for p in found.values() if fold(p.name_uk) in forms]
            if official:
                # A small place that is also spelt so is not meant where one is called so.
                found = {c: p for c, p in found.items() if p in official or _prominence(p) < _KNOWN}
            self._found[key] = tuple(sorted(found.values(), key=_prominence))
        return self._found[key]

    def _with_level(self, phrase: str, level: str, lexicon: Lexicon) -> tuple[Place, ...]:
        """Places named with their level: "Ізюмському районі", "Kharkiv region"."""
        key = (f"{lexicon.language}:{level}", phrase)
        if key not in self._found:
            head = phrase.rsplit(None, 1)[0]
            found: dict[PlaceCode, Place] = {}
            for form in level_forms(head, level, lexicon.language):
                for place in self.gazetteer.find(form, levels=_LEVELS[level]):
                    found.setdefault(place.code, place)
            if not found and lexicon.language == "ru":
                found = self._around_towns(head, level)
            self._found[key] = tuple(found.values())
        return self._found[key]

    def _around_towns(self, head: str, level: str) -> dict[PlaceCode, Place]:
        """Places of a level whose seat a Russian adjective is of: "Снигирёвская громада" is
        called in Ukrainian by another spelling, but its town is known by this one too."""
        adjective = ADJECTIVE.fullmatch(fold(head))
        found: dict[PlaceCode, Place] = {}
        for form in towns_of(adjective.group(1)) if adjective else ():
            for town in self.gazetteer.find(form, levels=(PlaceLevel.SETTLEMENT,)):
                for wanted in _LEVELS[level]:
                    place = self.gazetteer.level_up(town.code, wanted)
                    if place is not None and self.gazetteer.seat(place.code) == town:
                        found.setdefault(place.code, place)
        return found

    def _named_after(self, phrase: str, lexicon: Lexicon, *, is_plant: bool) -> tuple[Place, ...]:
        """Return the town that a facility is named after: "Кременчуцький НПЗ" is of Kremenchuk.

        It is the seat of the raion, else the community, else the oblast of that name, else the only
        town or village that the adjective may be of. A large power plant named after an oblast
        stands somewhere in it.
        """
        adjective = ADJECTIVE.fullmatch(fold(phrase))
        if lexicon.language == "en" or not adjective:
            return ()
        if is_plant:
            oblasts = self._with_level(f"{phrase} oblast", "oblast", lexicon)
            if oblasts:
                return oblasts
        for level in ("raion", "hromada", "oblast"):
            seats = {
                seat.code: seat
                for place in self._with_level(f"{phrase} {level}", level, lexicon)
                if place.level is not PlaceLevel.CITY_DISTRICT
                and (seat := self.gazetteer.seat(place.code)) is not None
            }
            if seats:
                return tuple(sorted(seats.values(), key=_prominence))
        towns = {
            town.code: town
            for form in towns_of(adjective.group(1))
            for town in self.gazetteer.find(form, levels=(PlaceLevel.SETTLEMENT,))
        }
        return tuple(towns.values()) if len(towns) == 1 else ()

    def _is_plain(
        self,
        text: str,
        folded: str,
        start: int,
        end: int,
        places: tuple[Place, ...],
        names: PlaceWords,
    ) -> bool:
        """Say whether a single word is used as a place here, not as a person or a common word."""
        before = folded[max(0, start - 24) : start]
        has_preposition = names.prepositions.search(before) is not None
        best = places[0]
        if best.level in (PlaceLevel.OBLAST, PlaceLevel.COUNTRY) or REGION_NOUN.fullmatch(
            folded[start:end]
        ):
            return True
        is_large = (best.population or 0) >= _LARGE or any(
            p.level is PlaceLevel.SETTLEMENT and self.gazetteer.kind(p.code) is SettlementKind.CITY
            for p in places
        )
        word = folded[start:end]
        if names.is_given_name(word):
            is_heading = not text[:start].strip(" \n🔴🟢📍⚡️❗") and is_large
            return is_heading or (
                has_preposition
                and (
                    names.locative(word)
                    or (is_large and names.near.search(before) is not None)
                    or (before.endswith(" in ") and not text[end + 1 : end + 2].isupper())
                )
            )
        starts_sentence = _STARTS.search(text[max(0, start - 4) : start])
        if is_large:
            return True
        return has_preposition and not starts_sentence

    # ------------------------------------------------------------------ resolution

    def _choose(
        self, raw: list[tuple[int, int, tuple[Place, ...], str]], context: tuple[PlaceCode, ...]
    ) -> list[Place | None]:
        """Choose among namesakes: the one near the places that are sure, else the largest."""
        given = {code for c in context for code in self._chain(c)}
        sure = {
            places[0].code: set(self._chain(places[0].code))
            for _, _, places, _ in raw
            if len(places) == 1 or _is_clear(places)
        }
        chosen: list[Place | None] = []
        for _, _, places, _ in raw:
            if len(places) == 1:
                chosen.append(places[0])
                continue
            # What a name itself would make known says nothing about which of its places is meant.
            known = given.union(*(c for code, c in sure.items() if code != places[0].code))
            scores = [self._nearness(p.code, known) for p in places]
            best = max(scores)
            at_best = [p for p, s in zip(places, scores, strict=True) if s == best]
            clear = self._stands_out(places)
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
                chosen.append(None)
        return chosen

    def _stands_out(self, places: tuple[Place, ...]) -> bool:
        """Say whether the first of namesakes is meant: by its people, or as the only city."""
        if _is_clear(places):
            return True
        kinds = [self.gazetteer.kind(p.code) for p in places]
        return kinds[0] is SettlementKind.CITY and SettlementKind.CITY not in kinds[1:]

    def _confirmed(
        self,
        text: str,
        raw: list[tuple[int, int, tuple[Place, ...], str]],
        mentions: list[PlaceMention],
        context: tuple[PlaceCode, ...],
    ) -> list[PlaceMention]:
        """Return the bare names of small places that what stands around them bears out.

        One lies in the raion or community that is spoken of, or goes on a list of places of its
        oblast ("Херсон, Білозерка").
        """
        codes = [m.ref.code for m in mentions if m.ref.code is not None]
        oblasts = {
            oblast.code
            for c in (*codes, *context)
            if (oblast := self.gazetteer.level_up(c, PlaceLevel.OBLAST)) is not None
        }
        known = {code for c in (*codes, *context) for code in self._chain(c)}
        ends = {m.end: m.ref.code for m in mentions}
        out: list[PlaceMention] = []
        for start, end, places, mark in raw:
            if mark != _DOUBTFUL:
                continue
            near = [p for p in places if self._nearness(p.code, known) > 1]
            before = next((e for e in sorted(ends, reverse=True) if e <= start), None)
            beside = [ends[before]] if before is not None else []
            if before is None or not _COORDINATED.match(text[before:start]):
                beside = [
                    m.ref.code for m in mentions
                    if m.start >= end and _COORDINATED.match(text[end : m.start])
                ]  # fmt: skip
            if len(near) != 1 and beside:
                code = beside[0]
                oblast = self.gazetteer.level_up(code, PlaceLevel.OBLAST) if code else None
                if oblast is not None:
                    near = [p for p in places if self.gazetteer.contains(oblast.code, p.code)]
                    near = near[:1] if _is_clear(tuple(near)) else []
            if not near and len(oblasts) == 1 and _STARTS.search(text[max(0, start - 4) : start]):
                (own,) = oblasts
                inside = [p for p in places if self.gazetteer.contains(own, p.code)]
                near = inside[:1] if len(inside) == 1 or _is_clear(tuple(inside)) else []
            if len(near) == 1:
                out.append(PlaceMention(start, end, _as_ref(text[start:end], near[0])))
                ends[end] = near[0].code
        return out

    def _nearness(self, code: PlaceCode, known: set[PlaceCode]) -> int:
        return sum(c in known for c in self.gazetteer.ancestors(code)[:-1]) if known else 0

    def _chain(self, code: PlaceCode) -> tuple[PlaceCode, ...]:
        return (code, *self.gazetteer.ancestors(code)[:-1])

    def _generic(
        self,
        text: str,
        folded: str,
        mentions: list[PlaceMention],
        lexicon: Lexicon,
        names: PlaceWords,
        context: tuple[PlaceCode, ...],
    ) -> list[PlaceMention]:
        """Resolve "the city", "the capital", "the coastal city", "the regional centre"."""
        out: list[PlaceMention] = []
        if _any_generic(lexicon).search(folded) is None:
            return out
        taken = [(m.start, m.end) for m in mentions]
        for kind, pattern in names.generic:
            for match in pattern.finditer(folded):
                start, end = match.span()
                if any(s < end and start < e for s, e in taken):
                    continue
                if kind == "the_city" and re.match(r"(?:'s)?\s+of\s", folded[end : end + 5]):
                    continue
                before = [m for m in (*mentions, *out) if m.end <= start]
                before.sort(key=lambda m: m.start)
                place = self._meant(kind, text, folded, start, before, mentions, names, context)
                if place is None and kind not in {"epithet"}:
                    continue
                ref = _as_ref(text[start:end], place)
                out.append(PlaceMention(start, end, ref, is_generic=True, is_aside=kind in _ASIDES))
                taken.append((start, end))
        return out

    def _meant(
        self,
        kind: str,
        text: str,
        folded: str,
        start: int,
        before: list[PlaceMention],
        mentions: list[PlaceMention],
        names: PlaceWords,
        context: tuple[PlaceCode, ...],
    ) -> Place | None:
        codes = [m.ref.code for m in reversed(before) if m.ref.code is not None]
        codes += list(context)
        places = [self.gazetteer.place(c) for c in codes]
        if kind == "the_capital":
            return self._capital()
        if kind == "around_capital":
            has_capital = any(p.code == c.code for p in places[:2] if (c := self._capital()))
            found = self.gazetteer.find("Київська область", levels=(PlaceLevel.OBLAST,))
            return found[0] if has_capital and found else None
        if kind == "the_country":
            return country_of(self.gazetteer)
        if kind == "epithet":
            named = [
                m.ref.code
                for m in mentions
                if m.ref.level is PlaceLevel.SETTLEMENT
                and names.has_epithet(folded, m.start, m.end)
            ]
            distinct = list(dict.fromkeys(named)) or list(
                dict.fromkeys(m.ref.code for m in mentions if m.ref.level is PlaceLevel.SETTLEMENT)
            )
            return self.gazetteer.place(distinct[0]) if len(distinct) == 1 and distinct[0] else None
        for place in places:
            if kind == "the_city":
                if place.level is PlaceLevel.SETTLEMENT:
                    return place
                if place.level in (PlaceLevel.RAION, PlaceLevel.HROMADA):
                    seat = self.gazetteer.seat(place.code)
                    if seat is not None:
                        return seat
            if kind == "the_raion" and place.level is PlaceLevel.RAION:
                return place
            if kind in {"the_oblast", "oblast_centre"}:
                oblast = self.gazetteer.level_up(place.code, PlaceLevel.OBLAST)
                if oblast is not None:
                    return oblast if kind == "the_oblast" else self.gazetteer.seat(oblast.code)
        return None

    def _capital(self) -> Place | None:
        country = country_of(self.gazetteer)
        return self.gazetteer.seat(country.code) if country is not None else None

    # ------------------------------------------------------------------ groups

    def _extend_shared_level(
        self, text: str, folded: str, mentions: list[PlaceMention], names: PlaceWords
    ) -> list[PlaceMention]:
        """Give "Rivne" and "Poltava" of "Rivne, Poltava and Sumy regions" the level of the last."""
        out = list(mentions)
        shared: dict[int, str] = {}
        for i in range(len(out) - 2, -1, -1):
            here, after = out[i], out[i + 1]
            if not _COORDINATED.match(text[here.end : after.start]):
                continue
            level = next(
                (k for k in _SHARED if names.ends_with_level(folded, after.end, k)),
                shared.get(after.end),
            )
            if level is None or after.ref.level not in _LEVELS[level]:
                continue
            if here.ref.level in _LEVELS[level]:
                out[i] = replace(here, end=here.end)
                continue
            places = self._with_level(f"{here.ref.text} {level}", level, names.lexicon)
            if places:
                out[i] = replace(here, ref=_as_ref(here.ref.text, places[0]))
                shared[out[i].end] = level
        return out

    def _grouped(self, text: str, mentions: list[PlaceMention]) -> tuple[PlaceMention, ...]:
        out: list[PlaceMention] = []
        group = -1
        for mention in mentions:
            if out:
                gap = text[out[-1].end : mention.start]
                inner, outer = out[-1].ref.code, mention.ref.code
                if (
                    _NESTED.match(gap)
                    and inner is not None
                    and outer is not None
                    and inner != outer
                    and self.gazetteer.contains(outer, inner)
                ):
                    out.append(replace(mention, group=group, is_container=True))
                    continue
                if not _COORDINATED.match(gap):
                    group += 1
            else:
                group += 1
            out.append(replace(mention, group=group))
        return tuple(out)


@cache
def _any_generic(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what finds any word such as "the city"; most messages have none."""
    return re.compile("|".join(pattern.pattern for _, pattern in place_words(lexicon).generic))


def _as_ref(text: str, place: Place | None) -> PlaceRef:
    return PlaceRef(
        text=text,
        code=place.code if place else None,
        level=place.level if place else PlaceLevel.SETTLEMENT,
    )


def _prominence(place: Place) -> tuple[int, int]:
    """Sort key: oblasts, raions and hromadas before settlements, then by people."""
    rank = _WIDE.index(place.level) if place.level in _WIDE else len(_WIDE)
    return rank, -(place.population or 0) if rank == len(_WIDE) else 0


def _is_clear(places: tuple[Place, ...]) -> bool:
    """Say whether the first stands out: an oblast or raion, or far more people than the next."""
    if len(places) < 2:
        return bool(places)
    a, b = places[0], places[1]
    if a.level is not PlaceLevel.SETTLEMENT and a.level is not PlaceLevel.CITY_DISTRICT:
        return a.level is not b.level or a.level is PlaceLevel.COUNTRY
    return (a.population or 0) >= max(5_000, 5 * (b.population or 0))


def _person_words(
    text: str, folded: str, words: list[re.Match[str]], lexicon: Lexicon, finder: PlaceFinder
) -> set[int]:
    """Numbers of the words that are a person's name: a given name and what follows it.

    A surname found so is a person's wherever it stands again.
    """
    persons: set[int] = set()
    surnames: set[str] = set()
    names = place_words(lexicon)
    for i, word in enumerate(words):
        if not word.group()[0].isupper() or i + 1 >= len(words):
            continue
        after = words[i + 1]
        is_pair = after.group()[0].isupper() and text[word.end() : after.start()] == " "
        if is_pair and names.is_given_name(folded[word.start() : word.end()]):
            level = names.level_of(folded, after.start(), after.end())
            if level is None and not finder._bare(f"{word.group()} {after.group()}", lexicon):
                persons |= {i, i + 1}
                surnames.add(_stem(folded[after.start() : after.end()]))
    for i, word in enumerate(words):
        if word.group()[0].isupper() and _stem(folded[word.start() : word.end()]) in surnames:
            persons.add(i)
    return persons


def _stem(word: str) -> str:
    return word.removesuffix("'s")[: max(5, len(word) - 2)]


def _clause_end(folded: str, start: int) -> int:
    end = re.compile(r"[.;!?\n](?:\s|$)|\)").search(folded, start + 2)
    return end.start() if end else len(folded)
