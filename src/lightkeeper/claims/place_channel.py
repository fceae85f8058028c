"""Where a channel speaks: the places that its name gives, as wide as it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.place_names import PlaceNames
from lightkeeper.claims.place_words import ADJECTIVE
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

_CAPITAL = re.compile(r"[^\W\d_a-zа-яёіїєґ][\w'’-]+(?: [^\W\d_a-zа-яёіїєґ][\w'’-]+)?")


def places_of_channel(
    name: str,
    found: Sequence[PlaceCode],
    speaks_for: PlaceLevel | None,
    names: PlaceNames,
    lexicon: Lexicon,
) -> tuple[PlaceCode, ...]:
    """Return the places of a channel, the one that it speaks for first.

    Parameters
    ----------
    found
        Places that the name gives as any text would.
    speaks_for
        The level of the place the channel speaks for, None where it is not known.
    """
    codes = list(found) or [p.code for p in _named(name, speaks_for, names, lexicon)]
    if codes and speaks_for is not None:
        place = names.gazetteer.place(codes[0])
        codes[0] = _as_wide(place, speaks_for, names.gazetteer).code
    return tuple(codes)


def _named(
    name: str, speaks_for: PlaceLevel | None, names: PlaceNames, lexicon: Lexicon
) -> Iterator[Place]:
    """Yield what a name means where it is short of words: "Сумський оглядач" is of Sumy; and the
    largest of namesakes where a body of some place speaks: "Горсовет Каменского"."""
    for match in _CAPITAL.finditer(name):
        for words in dict.fromkeys((match.group(), *match.group().split())):
            if ADJECTIVE.fullmatch(fold(words)) and lexicon.language != "en":
                for level in ("oblast", "raion"):
                    for place in names.of_level(f"{words} {level}", level, lexicon)[:1]:
                        seat = names.gazetteer.seat(place.code)
                        yield place if seat is None or speaks_for is PlaceLevel.OBLAST else seat
                        return
            if speaks_for not in (None, PlaceLevel.COUNTRY):
                for place in names.spelt(words, lexicon)[:1]:
                    yield place
                    return


def _as_wide(place: Place, level: PlaceLevel, gazetteer: Gazetteer) -> Place:
    """Return the town of a raion or a community, or the raion or oblast of its seat."""
    if level is PlaceLevel.SETTLEMENT:
        is_wide = place.level in (PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.HROMADA)
        return (gazetteer.seat(place.code) if is_wide else None) or place
    if level in (PlaceLevel.RAION, PlaceLevel.OBLAST):
        wide = gazetteer.level_up(place.code, level)
        town = gazetteer.seat(place.code) or place
        if wide is not None and gazetteer.seat(wide.code) == town:
            return wide
    return place
