"""What a gazetteer knows by a name as texts write it: in a case, with a level, as an adjective."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.place_words import (
    ADJECTIVE,
    COMPANY,
    base_forms,
    guessed_forms,
    level_forms,
    towns_of,
)
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

LARGE = 20_000
"""A town of so many people is known by its bare name; a smaller one wants a word of place."""
LEVELS = {
    "raion": (PlaceLevel.RAION, PlaceLevel.CITY_DISTRICT),
    "oblast": (PlaceLevel.OBLAST,),
    "hromada": (PlaceLevel.HROMADA,),
    "settlement": (PlaceLevel.SETTLEMENT,),
}
"""What a word of level may mean."""
_REMEMBERED = 100_000
_KNOWN = (3, -LARGE)
"""Prominence of a town that is known by any of its spellings."""
_WIDE = (PlaceLevel.COUNTRY, PlaceLevel.OBLAST, PlaceLevel.RAION)


@lru_cache(maxsize=4)
def country_of(gazetteer: Gazetteer) -> Place | None:
    """Return the country whose places a gazetteer holds, None where it names none."""
    return next((p for p in gazetteer if p.level is PlaceLevel.COUNTRY), None)


def prominence(place: Place) -> tuple[int, int]:
    """Sort key: oblasts, raions and hromadas before settlements, then by people."""
    rank = _WIDE.index(place.level) if place.level in _WIDE else len(_WIDE)
    return rank, -(place.population or 0) if rank == len(_WIDE) else 0


@dataclass(slots=True)
class PlaceNames:
    """Looks up names in one gazetteer; remembers what it has looked up."""

    gazetteer: Gazetteer
    _found: dict[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)

    def spelt(self, phrase: str, lexicon: Lexicon) -> tuple[Place, ...]:
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
                if fold(phrase).startswith(start) and phrase.count(" ") <= start.count(" "):
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
                found = {c: p for c, p in found.items() if p in official or prominence(p) < _KNOWN}
            self._found[key] = tuple(sorted(found.values(), key=prominence))
        return self._found[key]

    def of_level(self, phrase: str, level: str, lexicon: Lexicon) -> tuple[Place, ...]:
        """Places named with their level: "Ізюмському районі", "Kharkiv region"."""
        key = (f"{lexicon.language}:{level}", phrase)
        if key not in self._found:
            head = phrase.rsplit(None, 1)[0]
            found: dict[PlaceCode, Place] = {}
            for form in level_forms(head, level, lexicon.language):
                for place in self.gazetteer.find(form, levels=LEVELS[level]):
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
                for wanted in LEVELS[level]:
                    place = self.gazetteer.level_up(town.code, wanted)
                    if place is not None and self.gazetteer.seat(place.code) == town:
                        found.setdefault(place.code, place)
        return found

    def named_after(self, phrase: str, lexicon: Lexicon, *, is_plant: bool) -> tuple[Place, ...]:
        """Return the town that a facility is named after: "Кременчуцький НПЗ" is of Kremenchuk.

        It is the seat of the raion, else the community, else the oblast of that name, else the only
        town or village that the adjective may be of. A large power plant named after an oblast
        stands somewhere in it.
        """
        adjective = ADJECTIVE.fullmatch(fold(phrase))
        if lexicon.language == "en" or not adjective:
            return ()
        if is_plant:
            oblasts = self.of_level(f"{phrase} oblast", "oblast", lexicon)
            if oblasts:
                return oblasts
        for level in ("raion", "hromada", "oblast"):
            seats = {
                seat.code: seat
                for place in self.of_level(f"{phrase} {level}", level, lexicon)
                if place.level is not PlaceLevel.CITY_DISTRICT
                and (seat := self.gazetteer.seat(place.code)) is not None
            }
            if seats:
                return tuple(sorted(seats.values(), key=prominence))
        towns = {
            town.code: town
            for form in towns_of(adjective.group(1))
            for town in self.gazetteer.find(form, levels=(PlaceLevel.SETTLEMENT,))
        }
        return tuple(towns.values()) if len(towns) == 1 else ()
