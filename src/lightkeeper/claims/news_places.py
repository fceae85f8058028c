"""Where the incidents of Latin American news happened: the places a sentence names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lightkeeper.claims.news_atlas import (
    COUNTRY,
    QUARTER,
    TOWN,
    UNIT,
    Atlas,
    NewsScene,
    country_of,
    read_atlas,
)

_TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:'[a-z]+)?|--|[,;:().\"]")
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class NewsPlace:
    """A place named in a sentence; `rank` is 0 for quarters up to 4 for a country."""

    start: int
    end: int
    name: str
    level: str
    rank: int
    country: str | None

    def written(self, country: str) -> str:
        """Write the place as the keys do."""
        if self.rank == COUNTRY:
            return self.country or country
        return f"{self.country or country}: {self.name.upper()} ({self.level.upper()})"


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """Places told together, the finest first: "La Tiendita canton, San Vicente department"."""

    start: int
    end: int
    places: tuple[NewsPlace, ...]
    is_list: bool = False
    """Several under one word of level: "the Escalon and San Benito neighborhoods"."""

    @property
    def finest(self) -> NewsPlace:
        """Return the place that says most exactly where."""
        return self.places[0]

    @property
    def listed(self) -> tuple[NewsPlace, ...]:
        """Return all places as fine as the finest."""
        return tuple(p for p in self.places if p.rank == self.finest.rank)

    @property
    def country(self) -> str | None:
        """Return the country that a name in the group belongs to, if only one may."""
        return next((p.country for p in self.places if p.country), None)


def read_place_groups(sentence: str, scene: NewsScene) -> list[PlaceGroup]:
    """Return the places where something may have happened, those told together in one group."""
    found = _places(sentence, scene)
    groups: list[list[NewsPlace]] = []
    for place in found:
        between = sentence[groups[-1][-1].end : place.start] if groups else ""
        if groups and _is_link(between):
            groups[-1].append(place)
        else:
            groups.append([place])
    return [
        PlaceGroup(
            g[0].start,
            max(p.end for p in g),
            tuple(sorted(g, key=lambda p: (p.rank, p.start))),
            is_list=_is_list(sentence, g),
        )
        for g in groups
    ]


def _is_list(sentence: str, group: Sequence[NewsPlace]) -> bool:
    words = sentence[max(0, group[0].start - 20) : group[-1].end + 20]
    plurals = read_atlas().plurals
    return len(group) > 1 and any(m.group() in plurals for m in _TOKEN.finditer(words))


def _is_link(between: str) -> bool:
    words = [m.group() for m in _TOKEN.finditer(between)]
    atlas = read_atlas()
    known = atlas.words.links | atlas.words.locative | atlas.levels.keys() | {"and"}
    return len(words) <= 6 and known.issuperset(words)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The words and marks of a sentence, and which of them belong to places found so far."""

    words: Sequence[str]
    spans: Sequence[tuple[int, int]]
    taken: dict[int, NewsPlace]

    def put(
        self, first: int, last: int, name: str, level: str, rank: int, country: str | None
    ) -> None:
        """Take the words from `first` to `last` for a place, unless one is taken."""
        if any(i in self.taken for i in range(first, last + 1)):
            return
        place = NewsPlace(self.spans[first][0], self.spans[last][1], name, level, rank, country)
        for i in range(first, last + 1):
            self.taken[i] = place


def _places(sentence: str, scene: NewsScene) -> list[NewsPlace]:
    atlas = read_atlas()
    found = list(_TOKEN.finditer(sentence))
    tokens = _Tokens([m.group() for m in found], [m.span() for m in found], {})
    for i, word in enumerate(tokens.words):
        if word in atlas.levels:
            _put_with_level(tokens, i, scene, atlas)
        elif word in atlas.leading:
            last = _run(tokens.words, i + 1, 1, atlas)
            if last > i:
                level, rank = atlas.leading[word]
                tokens.put(i, last, " ".join(tokens.words[i + 1 : last + 1]), level, rank, None)
    for i in range(len(tokens.words)):
        if i not in tokens.taken:
            _put_known(tokens, i, scene, atlas)
    for i, word in enumerate(tokens.words):
        capital = atlas.capitals.get(scene.country)
        if word == "capital" and capital and _is_the_capital(tokens.words, i):
            tokens.put(i, i, capital, "city", TOWN, scene.country)
        elif _is_here(tokens.words, i, atlas) and scene.country in atlas.names.get(
            scene.sent_from or "", {}
        ):
            tokens.put(i, i, scene.sent_from or "", "city", TOWN, scene.country)
    _put_apposed(tokens, atlas)
    for i in range(1, len(tokens.words)):
        _put_unknown(tokens, i, atlas)
    places = {id(p): p for p in tokens.taken.values()}.values()
    countries = [
        NewsPlace(m.start(), m.end(), name.lower(), "country", COUNTRY, name)
        for name, _ in atlas.countries
        for m in re.finditer(rf"\b(?<=in ){name.lower()}\b(?! city)", sentence)
        if not any(p.start < m.end() and m.start() < p.end for p in places)
    ]
    return sorted([*places, *countries], key=lambda p: p.start)


def _put_with_level(tokens: _Tokens, at: int, scene: NewsScene, atlas: Atlas) -> None:
    """Take the names that a word of level stands with: "the town of X", "X and Y cantons"."""
    words = tokens.words
    level, rank = atlas.levels[words[at]]
    for first, last in _named(words, at, atlas):
        name = " ".join(words[first : last + 1])
        if level == "city" and f"{name} city" in atlas.names:
            continue
        if rank == UNIT and not _is_unit(words, first, at, name, atlas):
            continue
        if words[at] in atlas.whole:
            if first > at or not _ends_a_place(words, at, atlas):
                continue
            name = f"{name} {words[at]}"
        if _is_of_a_body(words, first, at, atlas):
            continue
        tokens.put(first, last, name, level, rank, country_of(name, scene, atlas))
        if first > at and first in tokens.taken:
            tokens.taken.setdefault(at, tokens.taken[first])


def _ends_a_place(words: Sequence[str], at: int, atlas: Atlas) -> bool:
    """Say whether a word of level ends what it names: not "university cafeteria"."""
    following = words[at + 1] if at + 1 < len(words) else "."
    return not following[0].isalpha() or following in (
        atlas.words.after_name | atlas.words.after_level
    )


def _put_known(tokens: _Tokens, at: int, scene: NewsScene, atlas: Atlas) -> None:
    """Take the longest name of the gazetteer that begins here, if it stands as a place does."""
    words = tokens.words
    for size in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
        name = " ".join(words[at : at + size]).removesuffix("'s")
        if name not in atlas.names or any(j in tokens.taken for j in range(at, at + size)):
            continue
        country = country_of(name, scene, atlas)
        if country is not None and _is_there(tokens, at, at + size, atlas):
            rank = atlas.names[name][country]
            tokens.put(at, at + size - 1, name, _LEVEL_OF[rank], rank, country)
        return


_LEVEL_OF = {QUARTER: "neighborhood", TOWN: "city", UNIT: "department"}


def _put_unknown(tokens: _Tokens, at: int, atlas: Atlas) -> None:
    """Take a name that no list knows for a town where one stands: "murdered in Huamaguilla"."""
    words = tokens.words
    last = _run(words, at, 1, atlas)
    own = words[at : last + 1]
    following = words[last + 1] if last + 1 < len(words) else "."
    if words[at - 1] not in {"in", "at", "near", "between"} or not own or len(own) == _LONGEST_NAME:
        return
    if following not in atlas.words.after_name or f"{own[0]} {following}" in atlas.names:
        return
    if any(w in atlas.not_towns or w.endswith(atlas.not_town_endings) for w in own):
        return
    name = " ".join(own)
    if not any(name.startswith(country.lower()) for country, _ in atlas.countries):
        tokens.put(at, last, name, "town", TOWN, None)


def _is_the_capital(words: Sequence[str], at: int) -> bool:
    before = words[max(0, at - 2) : at]
    if not before:
        return False
    return before[-1] in {"the", "this", "country's"} or (
        before[0] in {"the", "in"} and before[-1].endswith("an")
    )


def _is_here(words: Sequence[str], at: int, atlas: Atlas) -> bool:
    """Say whether the place is meant that the news was sent from: "this fishing port"."""
    return words[at] == "here" or (
        words[at] in atlas.words.here and "this" in words[max(0, at - 2) : at]
    )


def _is_unit(words: Sequence[str], first: int, level: int, name: str, atlas: Atlas) -> bool:
    """Say whether a department is a part of a country, not of a government or a company."""
    if UNIT in atlas.names.get(name, {}).values():
        return True
    return words[level] != "state" and first > 0 and words[first - 1] in {"in", ",", "and"}


def _named(words: Sequence[str], level: int, atlas: Atlas) -> list[tuple[int, int]]:
    """Return the first and last word of each name that a word of level belongs to."""
    following = level + 1
    if following < len(words) and words[following] == "of":
        first = following + 1
        if first < len(words) and words[first] == "the" and words[level] not in atlas.whole:
            return []
        last = _run(words, first, 1, atlas)
        spans = [(first, last)] if last >= first else []
        if spans and _is_part_of_a_town(words, level, " ".join(words[first : last + 1]), atlas):
            spans = []
        while spans and words[level] in atlas.plurals:
            then = spans[-1][1] + 1
            while then < len(words) and words[then] in {",", "and"}:
                then += 1
            last = _run(words, then, 1, atlas)
            if then == spans[-1][1] + 1 or last < then:
                break
            spans.append((then, last))
        if spans:
            return spans
    first = _run(words, level - 1, -1, atlas)
    spans = [(first, level - 1)] if first < level else []
    if spans and first > 0 and words[first - 1] in atlas.words.not_before_a_name:
        return []
    while spans and words[level] in atlas.plurals:
        then = spans[-1][0] - 1
        while then >= 0 and words[then] in {",", "and"}:
            then -= 1
        first = _run(words, then, -1, atlas)
        if then == spans[-1][0] - 1 or first > then:
            break
        spans.append((first, then))
    return spans[::-1]


def _run(words: Sequence[str], start: int, step: int, atlas: Atlas) -> int:
    """Return the last index of a run of words of a name from `start` on, or the one before it."""
    at = start
    while (
        0 <= at < len(words)
        and abs(at - start) < _LONGEST_NAME
        and words[at] not in atlas.not_names
        and words[at] not in atlas.levels
        and words[at][0].isalpha()
        and not words[at].endswith("'s")
    ):
        at += step
    return at - step


def _is_part_of_a_town(words: Sequence[str], level: int, town: str, atlas: Atlas) -> bool:
    """Say whether the name stands before: "the Las Flores neighborhood of Valdivia"."""
    own = words[_run(words, level - 1, -1, atlas) : level]
    is_name = bool(own) and not any(w.endswith(atlas.not_town_endings) for w in own)
    is_town = min(atlas.names.get(town, {}).values(), default=QUARTER) > QUARTER
    return is_name and is_town and atlas.levels[words[level]][1] == QUARTER


def _is_of_a_body(words: Sequence[str], first: int, level: int, atlas: Atlas) -> bool:
    """Say whether the place only tells whose an office is: "governor of Antioquia department"."""
    at = min(first, level) - 1
    while at >= 0 and words[at] in {"the", "of"}:
        at -= 1
    return at >= 0 and at < min(first, level) - 1 and words[at] in atlas.words.bodies


def _is_there(tokens: _Tokens, first: int, end: int, atlas: Atlas) -> bool:
    """Say whether a bare name of the gazetteer stands where a place of an event may stand."""
    words, taken, around = tokens.words, tokens.taken, atlas.words
    before = words[first - 1] if first else ""
    if before == "the" and first > 1:
        return False
    if before in around.locative or before in around.before_a_town_hit:
        return True
    if before == "out" and first > 1:
        return words[first - 2] in {"blacked", "blacking"}
    if before == "of" and first > 1:
        return words[first - 2] in around.part_of
    if before in {"from", "to"} and first > 1:
        told_before = words[first - 2] in (around.routes if before == "from" else around.part_of)
        return told_before or (before == "to" and first - 2 in taken)
    if before in {",", "and", "("}:
        return first - 2 in taken
    following = words[end : end + 1]
    return bool(following) and following[0] == "," and end + 1 in taken


def _put_apposed(tokens: _Tokens, atlas: Atlas) -> None:
    """Take unknown names told right before a place: "in Sajandi, La Fonda corregimiento"."""
    words, taken = tokens.words, tokens.taken
    for i in sorted(taken):
        place = taken[i]
        if i - 1 in taken or place.rank < TOWN:
            continue
        link = i - 1
        while link >= 0 and words[link] in {"the", "in", "("}:
            link -= 1
        if link >= 0 and words[link] == ",":
            link -= 1
        elif link == i - 1:
            continue
        first = _run(words, link, -1, atlas)
        if first > link or first == 0 or link in taken:
            continue
        if words[first - 1] in {"in", "at", "near", "outside"}:
            name = " ".join(words[first : link + 1])
            rank = QUARTER if place.rank == TOWN else TOWN
            tokens.put(first, link, name, "town", rank, place.country)
