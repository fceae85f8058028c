"""Which patterns match where: those of a language found by the words of a text, in one pass.

A text of thirty words meets thousands of patterns. Each word of the patterns, with its
alternatives, is a *kind* of word; which kinds a word of a text is of is found once and remembered.
A pattern is tried only at words of the kinds that it may begin with, and only where words of every
other kind that it needs follow in the same line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from typing import Generic, TypeAlias, TypeVar

from lightkeeper.claims.patterns import (
    NUMBER_MARK,
    both_orders,
    first_words,
    further_words,
    leads,
    translate,
)

T = TypeVar("T")
_REMEMBERED = 50_000
"""So many words are remembered before all are forgotten."""
_FEW = 16
"""So many places of a text are looked through as quickly as the first of them is found."""


@dataclass(slots=True, eq=False)
class _Pattern:
    """A pattern of the matcher of this number, compiled when first tried."""

    matcher: int
    expression: str
    needs: frozenset[int]
    """Kinds of words that every match holds besides the first."""
    compiled: re.Pattern[str] | None = None

    def compile(self) -> re.Pattern[str]:
        self.compiled = _compiled(self.expression)
        return self.compiled


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


Found: TypeAlias = Mapping[int, list[tuple[int, _Pattern]]]
"""By the number of a matcher, where in a text which of its patterns may match, in order."""
_ByNeed: TypeAlias = Mapping[frozenset[int], tuple[_Pattern, ...]]
_Known: TypeAlias = tuple[frozenset[int], _ByNeed, _ByNeed]
"""Of a word the kinds it is of that patterns need; and by what else they need the patterns that may
begin with it, and those that may begin before it."""
_LINE_END: _Known = (frozenset(), {}, {})
_AT = itemgetter(0)


class Vocabulary:
    """Patterns that are looked for in the same texts, by the words they hold."""

    def __init__(self) -> None:
        self._n_matchers = 0
        self._kinds: dict[str, int] = {}
        self._whole: defaultdict[str, list[int]] = defaultdict(list)
        self._open: defaultdict[str, list[int]] = defaultdict(list)
        self._inner: list[tuple[str, int]] = []
        self._begun: defaultdict[int, list[_Pattern]] = defaultdict(list)
        self._needed: set[int] = set()
        self._signs = ""
        self._known: dict[str, _Known | None] = {}

    def matcher(self, patterns: Iterable[str]) -> Matcher:
        """Compile patterns for folded text, to be matched together.

        Raises
        ------
        ValueError
            A pattern is empty or starts or ends with a gap.
        """
        number = self._n_matchers
        self._n_matchers += 1
        # What was found in a text before knows nothing of these.
        self._known.clear()
        _found.cache_clear()
        _present.cache_clear()
        for words in (w for given in patterns for w in both_orders(given)):
            expression = translate(words)
            needs = frozenset(self._kind(word) for word in further_words(words))
            self._needed |= needs
            pattern = _Pattern(number, expression, needs)
            for first in dict.fromkeys(first_words(words)):
                self._begun[self._kind(first)].append(pattern)
        return Matcher(self, number)

    def _kind(self, word: str) -> int:
        """Return the number of a word of a pattern."""
        kind = self._kinds.get(word)
        if kind is None:
            kind = self._kinds[word] = len(self._kinds)
            for lead in leads(word):
                if lead.is_inner:
                    self._inner.append((lead.letters, kind))
                else:
                    (self._open if lead.is_open else self._whole)[lead.letters].append(kind)
                if _word("").fullmatch(lead.letters) is None:
                    self._signs += lead.letters
        return kind

    def look_up(self, text: str) -> Found:
        """Return where which patterns may match in a text."""
        words: list[tuple[int, _Known]] = []
        all_known = self._known
        for match in _word(self._signs).finditer(text):
            word = match.group()
            known = all_known[word] if word in all_known else self._look_up_word(word)
            if known is not None:
                words.append((match.start(), known))
        found: defaultdict[int, list[tuple[int, _Pattern]]] = defaultdict(list)
        # From the last word to the first: what a pattern needs comes after its first word, and
        # before the line ends.
        held: set[int] = set()
        are_held = held.issuperset
        for at, known in reversed(words):
            if known is _LINE_END:
                held.clear()
                continue
            kinds, begun, within = known
            for needs in filter(are_held, begun):
                for pattern in begun[needs]:
                    found[pattern.matcher].append((at, pattern))
            for needs in filter(are_held, within):
                for pattern in within[needs]:
                    found[pattern.matcher].append((_whole_start(text, at), pattern))
            held |= kinds
        for places in found.values():
            if len(places) > 1:
                places.sort(key=_AT)
        return found

    def _look_up_word(self, word: str) -> _Known | None:
        if word == "\n":
            return _LINE_END
        kinds = set(self._whole.get(word, ()))
        for n in range(1, len(word) + 1):
            kinds.update(self._open.get(word[:n], ()))
        inner = {kind for letters, kind in self._inner if letters in word}
        needed = frozenset((kinds | inner) & self._needed)
        begun, within = self._begun_by(kinds), self._begun_by(inner)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        known = (needed, begun, within) if needed or begun or within else None
        self._known[word] = known
        return known

    def _begun_by(self, kinds: set[int]) -> _ByNeed:
        """Return the patterns that may begin with a word of these kinds, each once."""
        by_need: defaultdict[frozenset[int], list[_Pattern]] = defaultdict(list)
        patterns = (p for kind in sorted(kinds) for p in self._begun.get(kind, ()))
        for pattern in dict.fromkeys(patterns):
            by_need[pattern.needs].append(pattern)
        return {needs: tuple(own) for needs, own in by_need.items()}


@cache
def _word(signs: str) -> re.Pattern[str]:
    return re.compile(rf"\w+|{NUMBER_MARK}+|[\n{re.escape(signs)}]")


def _whole_start(text: str, at: int) -> int:
    """Return where the word begins that is written in one with hyphens and apostrophes."""
    first = at
    while first and (text[first - 1].isalnum() or text[first - 1] in "_'-"):
        first -= 1
    while text[first] in "'-":
        first += 1
    return first


@lru_cache(maxsize=64)
def _found(vocabulary: Vocabulary, text: str) -> Found:
    return vocabulary.look_up(text)


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """Patterns matched together: those that a vocabulary keeps under one number."""

    vocabulary: Vocabulary
    number: int

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Return the matches in order; of two that overlap the earlier, then the longer."""
        places = _found(self.vocabulary, text).get(self.number)
        if places is None:
            return iter(())
        found = _matches(places, text, start, len(text) if end is None else end)
        if len(found) < 2:
            return iter(found)
        found.sort(key=_place_of)
        kept: list[re.Match[str]] = []
        last = -1
        for match in found:
            if match.start() >= last:
                kept.append(match)
                last = match.end()
        return iter(kept)

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match, None if there is none."""
        places = _found(self.vocabulary, text).get(self.number)
        if places is None:
            return None
        found = _matches(places, text, start, len(text) if end is None else end)
        return min(found, key=_place_of) if found else None

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """Return a match that begins at `start`."""
        places = _found(self.vocabulary, text).get(self.number)
        if places is None:
            return None
        found = [m for m in _matches(places, text, start, len(text)) if m.start() == start]
        return max(found, key=lambda m: m.end()) if found else None


def _matches(
    places: list[tuple[int, _Pattern]], text: str, start: int, stop: int
) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    if len(places) > _FEW and start:
        places = places[bisect_left(places, start, key=_AT) :]
    for at, pattern in places:
        if at >= stop:
            break
        if at >= start:
            match = (pattern.compiled or pattern.compile()).match(text, at, stop)
            if match is not None:
                found.append(match)
    return found


def _place_of(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), -match.end()


@dataclass(frozen=True, slots=True, eq=False)
class MatcherTable(Generic[T]):
    """Matchers of one vocabulary and what each stands for, in order."""

    rows: tuple[tuple[T, Matcher], ...]
    row_of: Mapping[int, int] = field(init=False)
    """By the number of a matcher the number of its row."""

    def __post_init__(self) -> None:
        numbers = {matcher.number: i for i, (_, matcher) in enumerate(self.rows)}
        object.__setattr__(self, "row_of", numbers)

    def __iter__(self) -> Iterator[tuple[T, Matcher]]:
        return iter(self.rows)

    def present(self, text: str) -> tuple[tuple[T, Matcher], ...]:
        """Return the rows that may match in a text, in order."""
        return _present(self, text)


@lru_cache(maxsize=256)
def _present(table: MatcherTable[T], text: str) -> tuple[tuple[T, Matcher], ...]:
    if not table.rows:
        return ()
    numbers = table.row_of.keys() & _found(table.rows[0][1].vocabulary, text).keys()
    return tuple(table.rows[i] for i in sorted(table.row_of[n] for n in numbers))
