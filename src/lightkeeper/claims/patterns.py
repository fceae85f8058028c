"""The small pattern language of the lexicons, for people who know a language and not Python.

без світла           these words, one after another
знеструмлен*         a word that begins so, with any ending
*обленерго           a word that ends so
explosion*|blast*    one or the other
?повністю            this word may be missing
*                    any one word, but not the first
#                    a number, in figures or words
@                    a clock time in figures, 08:30
..                   up to ten words in between, within the sentence
...                  anything in between, within the sentence
a .. b & c .. d      what stands before & and after it, in either order, up to ten words apart
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Generic, TypeAlias, TypeVar

NUMBER_MARK = "№"
"""Numbers stand as this character, repeated, in the text that patterns are matched on."""

TIME_MARK = "ӿ"
"""Clock times stand as this letter, repeated."""
_MARKS = {"#": NUMBER_MARK, "@": TIME_MARK}
_MARK_LETTERS = frozenset(_MARKS.values())

T = TypeVar("T")
_ANY = "*"
_HEAD = 4
_SHORT_HEAD = 2
"""How many first letters of a word are looked up; of a stem too short for four, two."""
_WORD_OR_NUMBER = re.compile(rf"\w+|{NUMBER_MARK}+")
_ENDING = r"\w*(?:['-]\w+)*"
# The two classes share no character and give nothing back, so a gap is tried one way only.
_BETWEEN = r"[^\w'%№.!?;\n-]++"
_GAP = rf"(?:{_BETWEEN}[\w'%№-]++){{0,10}}?{_BETWEEN}"
_WIDE_GAP = r"[^!?\n]{0,200}?(?<!\w)"
_SPACE = r"[ \t\"«»“”‘’'(]+"


Needs: TypeAlias = tuple[frozenset[str], ...]
"""For each further word of a pattern the first letters of which a text must hold some."""
Needing: TypeAlias = tuple[str, Needs]
"""A regular expression, compiled when a text first needs it, and what it needs."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Many patterns, matched together.

    Each pattern is tried only in texts that hold the first letters of all its words, and there only
    at words that begin like one of its stems, which is what keeps hundreds of rules quick:
    `by_head` holds, by the first letters of a stem, the stem and its patterns with the first
    letters of their other words, and `loose` the patterns whose matches may begin in other ways.
    """

    by_head: Mapping[str, tuple[tuple[str, tuple[Needing, ...]], ...]]
    loose: tuple[tuple[str, str], ...]
    heads: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", frozenset(self.by_head))

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Return the matches in order; of two that overlap the earlier, then the longer."""
        return _in_order(self._matches(text, start, len(text) if end is None else end))

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match, None if there is none."""
        found = self._matches(text, start, len(text) if end is None else end)
        return min(found, key=_place_of) if found else None

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """Return a match that begins at `start`."""
        found = [m for m in self._matches(text, start, len(text)) if m.start() == start]
        return max(found, key=lambda m: m.end()) if found else None

    def _matches(self, text: str, start: int, stop: int) -> list[re.Match[str]]:
        places, heads = _word_starts(text)
        found: list[re.Match[str]] = []
        if not self.heads.isdisjoint(heads):
            for head in self.heads & heads:
                where = places[head]
                first = bisect_left(where, start) if start else 0
                here = where[first : bisect_left(where, stop, first)]
                for stem, patterns in self.by_head[head] if here else ():
                    for at in here:
                        if text.startswith(stem, at):
                            for pattern, needs in patterns:
                                for some in needs:
                                    if heads.isdisjoint(some):
                                        break
                                else:
                                    match = _compiled(pattern).match(text, at, stop)
                                    if match is not None:
                                        found.append(match)
        if self.loose:
            found += self.match_loose(text, start, stop)
        return found

    def match_loose(self, text: str, start: int, stop: int) -> list[re.Match[str]]:
        """Return the matches of patterns that may begin before their stem."""
        found: list[re.Match[str]] = []
        for stem, pattern in self.loose:
            at = text.find(stem, start, stop)
            while at >= 0:
                first = at
                while first > start and (text[first - 1].isalnum() or text[first - 1] in "_'-"):
                    first -= 1
                # What a pattern takes before its stem has hyphens too, but begins with a letter.
                while first < at and text[first] in "'-":
                    first += 1
                match = _compiled(pattern).match(text, first, stop)
                if match is not None:
                    found.append(match)
                at = text.find(stem, at + 1, stop)
        return found


@dataclass(slots=True)
class TextMatcher:
    """A matcher for one text only: its patterns at the words where they may match, in order."""

    places: tuple[tuple[int, re.Pattern[str]], ...]
    matcher: Matcher

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Return the matches in order; of two that overlap the earlier, then the longer."""
        return _in_order(self._matches(text, start, len(text) if end is None else end))

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match, None if there is none."""
        found = self._matches(text, start, len(text) if end is None else end)
        return min(found, key=_place_of) if found else None

    def _matches(self, text: str, start: int, stop: int) -> list[re.Match[str]]:
        first = bisect_left(self.places, start, key=_first) if start else 0
        found = [
            match
            for at, pattern in self.places[first:]
            if at < stop and (match := pattern.match(text, at, stop)) is not None
        ]
        if self.matcher.loose:
            found += self.matcher.match_loose(text, start, stop)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MatcherTable(Generic[T]):
    """Matchers and what each stands for, in order; those without a word in a text are passed over.

    `by_head` holds, by the first letters of a stem, the stem and its patterns, each with its row
    and the first letters of its other words; `loose` the rows that may begin in other ways.
    """

    rows: tuple[tuple[T, Matcher], ...]
    by_head: Mapping[str, tuple[tuple[str, tuple[tuple[int, Needing], ...]], ...]] = field(
        init=False
    )
    heads: frozenset[str] = field(init=False)
    loose: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        by_head: defaultdict[str, defaultdict[str, list[tuple[int, Needing]]]]
        by_head = defaultdict(lambda: defaultdict(list))
        for i, (_, matcher) in enumerate(self.rows):
            for head, stems in matcher.by_head.items():
                for stem, patterns in stems:
                    by_head[head][stem] += ((i, pattern) for pattern in patterns)
        object.__setattr__(
            self,
            "by_head",
            {
                head: tuple((stem, tuple(own)) for stem, own in stems.items())
                for head, stems in by_head.items()
            },
        )
        object.__setattr__(self, "heads", frozenset(by_head))
        loose = tuple(i for i, (_, matcher) in enumerate(self.rows) if matcher.loose)
        object.__setattr__(self, "loose", loose)

    def __iter__(self) -> Iterator[tuple[T, Matcher]]:
        return iter(self.rows)

    def present(self, text: str) -> tuple[tuple[T, TextMatcher], ...]:
        """Return the rows that may match in a text, in order."""
        return _present(self, text)


def _in_order(found: list[re.Match[str]]) -> Iterator[re.Match[str]]:
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


def _place_of(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), -match.end()


def _first(place: tuple[int, re.Pattern[str]]) -> int:
    return place[0]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def compile_patterns(patterns: Iterable[str]) -> Matcher:
    """Compile patterns for folded text.

    Raises
    ------
    ValueError
        A pattern is empty or starts or ends with a gap.
    """
    by_head: defaultdict[str, defaultdict[str, list[Needing]]]
    by_head = defaultdict(lambda: defaultdict(list))
    loose: list[tuple[str, str]] = []
    for words in (w for given in patterns for w in _orders(given)):
        pattern, needs = translate(words), _needs(words)
        for first in _first_words(words):
            stem, head = _stem(first), _head(first)
            if head is None:
                loose.append((stem.lstrip(_ANY), pattern))
            else:
                by_head[head][stem].append((pattern, needs))
    return Matcher(
        {
            head: tuple((stem, tuple(own)) for stem, own in stems.items())
            for head, stems in by_head.items()
        },
        tuple(loose),
    )


def _orders(pattern: str) -> tuple[str, ...]:
    """Return the two orders of what stands before and after "&"; a pattern without it alone."""
    one, both, other = pattern.partition(" & ")
    return (f"{one} .. {other}", f"{other} .. {one}") if both else (pattern,)


def _stem(word: str) -> str:
    return _MARKS.get(word) or word.rstrip(_ANY)


def _head(word: str) -> str | None:
    """Return what `_word_starts` keeps a word of a pattern by, None if it may begin otherwise.

    A short word without other endings is kept whole: so many words begin as it does.
    """
    stem = _stem(word)
    if stem in _MARK_LETTERS:
        return stem
    if not stem[:1].isalnum():
        return None
    if len(stem) >= _HEAD:
        return stem[:_HEAD]
    if not word.endswith(_ANY) and re.fullmatch(r"\w+", stem):
        return f"={stem}"
    return stem[:_SHORT_HEAD] if len(stem) >= _SHORT_HEAD else None


@lru_cache(maxsize=256)
def _present(table: MatcherTable[T], text: str) -> tuple[tuple[T, TextMatcher], ...]:
    places, heads = _word_starts(text)
    found: dict[int, list[tuple[int, re.Pattern[str]]]] = {i: [] for i in table.loose}
    held: dict[frozenset[str], bool] = {}
    for head in table.heads & heads:
        for stem, patterns in table.by_head[head]:
            for at in places[head]:
                if text.startswith(stem, at):
                    for i, (pattern, needs) in patterns:
                        for some in needs:
                            holds = held.get(some)
                            if holds is None:
                                holds = held[some] = not heads.isdisjoint(some)
                            if not holds:
                                break
                        else:
                            found.setdefault(i, []).append((at, _compiled(pattern)))
    out: list[tuple[T, TextMatcher]] = []
    for i in sorted(found):
        value, matcher = table.rows[i]
        out.append((value, TextMatcher(tuple(sorted(found[i], key=_first)), matcher)))
    return tuple(out)


@lru_cache(maxsize=64)
def _word_starts(text: str) -> tuple[dict[str, list[int]], frozenset[str]]:
    """Return where words begin, by their first letters, short ones also by "=word"; and those."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for match in _WORD_OR_NUMBER.finditer(text):
        at, end = match.span()
        if end - at < _HEAD:
            word = text[at:end]
            places[word[0] if word[0] in _MARK_LETTERS else f"={word}"].append(at)
        elif text[at] in _MARK_LETTERS:
            places[text[at]].append(at)
        places[text[at : at + _HEAD]].append(at)
        places[text[at : at + _SHORT_HEAD]].append(at)
    return dict(places), frozenset(places)


def translate(pattern: str) -> str:
    """Translate one pattern to a regular expression that begins where its first word does."""
    words = _words(pattern)
    if not words or words[0] in {"..", "..."} or words[-1] in {"..", "..."}:
        raise ValueError(f"pattern {pattern!r}: write words at both ends")
    out: list[str] = []
    joint = ""
    for word in words:
        if word in {"..", "..."}:
            joint = _GAP if word == ".." else _WIDE_GAP
            continue
        body = _word(word.removeprefix("?"))
        is_first = not any(not o.endswith(f"{_SPACE})?") for o in out)
        if word.startswith("?"):
            out.append(f"(?:{body}{_SPACE})?" if is_first else f"(?:{joint}{body})?")
            joint = "" if is_first else _SPACE
        else:
            out.append(joint + body)
            joint = _SPACE
    return "".join(out)


def _words(pattern: str) -> list[str]:
    return pattern.lower().replace("ё", "е").replace("’", "'").split()


def _needs(pattern: str) -> Needs:
    """Return, for each word besides the first that every match holds, with what it may begin."""
    needs: set[frozenset[str]] = set()
    is_first = True
    for word in _words(pattern):
        if word.startswith("?") or word in {"..", "...", _ANY}:
            continue
        if is_first:
            is_first = False
            continue
        heads = [_head(alternative) for alternative in word.split("|")]
        known = frozenset(head for head in heads if head is not None)
        if len(known) == len(set(heads)):
            needs.add(known)
    return tuple(sorted(needs, key=len))


def _first_words(pattern: str) -> tuple[str, ...]:
    """Return what a match may begin with: of every first word that may not be missing."""
    found: list[str] = []
    for word in _words(pattern):
        for alternative in word.removeprefix("?").split("|"):
            if not _stem(alternative).strip(_ANY):
                raise ValueError(f"pattern {pattern!r}: a word is empty")
            found.append(alternative)
        if not word.startswith("?"):
            break
    return tuple(dict.fromkeys(found))


def _word(word: str) -> str:
    return f"(?:{'|'.join(_alternative(a) for a in word.split('|'))})"


def _alternative(word: str) -> str:
    if word == "*":
        return r"[\w'-]+"
    if not word:
        raise ValueError("pattern: a word is empty")
    if word in _MARKS:
        return f"{_MARKS[word]}+"
    tail = _ENDING if word.endswith("*") else r"(?!\w)" if word[-1:].isalnum() else ""
    head = r"[\w'-]*" if word[0] == _ANY else ""
    return head + re.escape(word.strip(_ANY)) + tail
