"""The small pattern language of the lexicons, for people who know a language and not Python.

без світла           these words, one after another
знеструмлен*         a word that begins so, with any ending
*обленерго           a word that ends so
explosion*|blast*    one or the other
?повністю            this word may be missing
*                    any one word, but not the first
#                    a number, in figures or words
..                   up to ten words in between, within the sentence
...                  anything in between, within the sentence
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NUMBER_MARK = "№"
"""Numbers stand as this character, repeated, in the text that patterns are matched on."""

_ANY = "*"
_ENDING = r"\w*(?:['-]\w+)*"
# The two classes share no character and give nothing back, so a gap is tried one way only.
_BETWEEN = r"[^\w'%№.!?;\n-]++"
_GAP = rf"(?:{_BETWEEN}[\w'%№-]++){{0,10}}?{_BETWEEN}"
_WIDE_GAP = r"[^!?\n]{0,200}?"
_SPACE = r"[ \t\"«»“”‘’'(]+"


@dataclass(frozen=True, slots=True)
class Matcher:
    """Many patterns, matched together.

    Each pattern is tried only where one of the stems it may begin with stands in the text, which is
    what keeps hundreds of rules quick.
    """

    patterns: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Yield the matches in order; of two that overlap the earlier, then the longer."""
        stop = len(text) if end is None else end
        found: list[re.Match[str]] = []
        for stems, pattern in self.patterns:
            for stem in stems:
                is_ending = stem[0] == _ANY
                stem = stem.lstrip(_ANY)
                at = text.find(stem, start, stop)
                while at >= 0:
                    first = at
                    while is_ending and first > start and _joins(text[first - 1], stem):
                        first -= 1
                    if first == 0 or not _joins(text[first - 1], stem):
                        match = pattern.match(text, first, stop)
                        if match is not None:
                            found.append(match)
                    at = text.find(stem, at + 1, stop)
        found.sort(key=lambda m: (m.start(), -m.end()))
        last = -1
        for match in found:
            if match.start() >= last:
                yield match
                last = match.end()

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match, None if there is none."""
        return next(self.finditer(text, start, end), None)

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """Return a match that begins at `start`."""
        for stems, pattern in self.patterns:
            if text.startswith(stems, start) or any(s[0] == _ANY for s in stems):
                match = pattern.match(text, start)
                if match is not None:
                    return match
        return None


def compile_patterns(patterns: Iterable[str]) -> Matcher:
    """Compile patterns for folded text.

    Raises
    ------
    ValueError
        A pattern is empty or starts or ends with a gap.
    """
    return Matcher(tuple((_stems(p), re.compile(translate(p))) for p in patterns))


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


def _stems(pattern: str) -> tuple[str, ...]:
    """Return what a match may begin with: of every first word that may not be missing."""
    stems: list[str] = []
    for word in _words(pattern):
        for alternative in word.removeprefix("?").split("|"):
            stem = NUMBER_MARK if alternative == "#" else alternative.rstrip(_ANY)
            if not stem.strip(_ANY):
                raise ValueError(f"pattern {pattern!r}: a word is empty")
            stems.append(stem)
        if not word.startswith("?"):
            break
    return tuple(dict.fromkeys(stems))


def _word(word: str) -> str:
    return f"(?:{'|'.join(_alternative(a) for a in word.split('|'))})"


def _alternative(word: str) -> str:
    if word == "*":
        return r"[\w'-]+"
    if not word:
        raise ValueError("pattern: a word is empty")
    if word == "#":
        return f"{NUMBER_MARK}+"
    tail = _ENDING if word.endswith("*") else r"(?!\w)" if word[-1:].isalnum() else ""
    head = r"[\w'-]*" if word[0] == _ANY else ""
    return head + re.escape(word.strip(_ANY)) + tail


def _joins(before: str, stem: str) -> bool:
    return (before.isalnum() or before == "_") if stem[0] != NUMBER_MARK else before == NUMBER_MARK
