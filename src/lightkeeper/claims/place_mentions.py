"""Places as they stand in a text, and which of them are named together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lightkeeper.claims.model import PlaceRef
from lightkeeper.claims.place_names import LEVELS, PlaceNames
from lightkeeper.claims.place_words import PlaceWords
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import Place, PlaceLevel

SENTENCE_STARTS = re.compile(r"(?:^|[.!?…:\n»”]\s*|[^\w\s,]\s*)\Z")
_SHARED = ("oblast", "raion", "hromada")
_OWNING = re.compile(r"['’]s \Z")
COORDINATED = re.compile(
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


def as_ref(text: str, place: Place | None) -> PlaceRef:
    """Return what is named by these words; of a place that is not known, that it is a town."""
    return PlaceRef(
        text=text,
        code=place.code if place else None,
        level=place.level if place else PlaceLevel.SETTLEMENT,
    )


def with_shared_level(
    text: str,
    folded: str,
    mentions: Sequence[PlaceMention],
    words: PlaceWords,
    names: PlaceNames,
) -> list[PlaceMention]:
    """Give "Rivne" and "Poltava" of "Rivne, Poltava and Sumy regions" the level of the last."""
    out = list(mentions)
    shared: dict[int, str] = {}
    for i in range(len(out) - 2, -1, -1):
        here, after = out[i], out[i + 1]
        if not COORDINATED.match(text[here.end : after.start]):
            continue
        level = next(
            (k for k in _SHARED if words.ends_with_level(folded, after.end, k)),
            shared.get(after.end),
        )
        if level is None or after.ref.level not in LEVELS[level]:
            continue
        if here.ref.level in LEVELS[level]:
            out[i] = replace(here, end=here.end)
            continue
        places = names.of_level(f"{here.ref.text} {level}", level, words.lexicon)
        if places:
            out[i] = replace(here, ref=as_ref(here.ref.text, _beside(after, places, names)))
            shared[out[i].end] = level
    return out


def _beside(other: PlaceMention, places: Sequence[Place], names: PlaceNames) -> Place:
    """Return the place that shares most of what it lies in with another, the first of equals."""
    if other.ref.code is None:
        return places[0]
    around = set(names.gazetteer.ancestors(other.ref.code)[:-1])
    return max(places, key=lambda p: len(around.intersection(names.gazetteer.ancestors(p.code))))


def grouped(
    text: str, mentions: Sequence[PlaceMention], gazetteer: Gazetteer
) -> tuple[PlaceMention, ...]:
    """Number the places that are named together; mark those that only say where another lies."""
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
                and gazetteer.contains(outer, inner)
            ):
                out.append(replace(mention, group=group, is_container=True))
                continue
            if (
                _OWNING.search(text, out[-1].start, mention.start)
                and inner is not None
                and outer is not None
                and inner != outer
                and gazetteer.contains(inner, outer)
            ):
                out[-1] = replace(out[-1], is_container=True)  # "Volyn's Kovel district"
            elif not COORDINATED.match(gap):
                group += 1
        else:
            group += 1
        out.append(replace(mention, group=group))
    return tuple(out)
