"""Sentences, the segments they are made of, and quotations, all with offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter

from lightkeeper.claims.matchers import Matcher

_END = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s|$)|\n+|\s(?=[▪▫•●◾🔸🔹]\ufe0f?\s)")
_BREAK = re.compile(r"[,;:]\s+|\s[-—–]\s+|[()]")
_HOUR_ENDS = re.compile(r"[ap]\.m\.\s+[A-Z]")
"""What may end a sentence after all: "at 5 a.m. A fire broke out"."""
_QUOTES = (("“", "”"), ("«", "»"), ("‘", "’"), ('"', '"'), ("„", "“"))
_STARTS_SENTENCE = re.compile(r"[\s\"'«“„‘(\[]*(?:[^\W\d_a-zа-яіїєґё]|\d|[^\w\s])")
WRAPPED_LINE_CHARS = 76
"""A line so long that stops without a mark is a folded one, not a heading."""
LONGEST_SENTENCE = 3_000
"""What goes on longer without a stop is no sentence and is cut there, at a blank if one is near."""
_START = attrgetter("start")
QUOTE_MIN_WORDS = 4
"""A shorter quotation is a name or a word held at arm's length, not speech."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Speech between quotation marks; `start` and `end` leave the marks out."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `paragraph` counts blocks of lines; `segments` are its parts between commas,
    colons, dashes and conjunctions that set two statements against each other."""

    start: int
    end: int
    paragraph: int
    segments: tuple[tuple[int, int], ...]


def cut(
    text: str, start: int, end: int, *, longest: int, marks: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Cut a stretch into pieces of at most `longest` characters.

    A piece ends after the last of the best marks in its last fifth, of the first of `marks` that
    stands there; without one it ends where it must. What is read piece by piece takes time in
    proportion to its length.
    """
    pieces: list[tuple[int, int]] = []
    while end - start > longest:
        latest = start + longest
        earliest = latest - longest // 5
        ends = (
            text.rfind(m, earliest, latest) + len(m) for m in marks if m in text[earliest:latest]
        )
        until = next(ends, latest)
        pieces.append((start, until))
        start = until
    return [*pieces, (start, end)]


def find_quotes(text: str) -> tuple[Quote, ...]:
    """Find quotations of at least four words; they may run over several sentences."""
    quotes: list[Quote] = []
    for opening, closing in _QUOTES:
        if opening not in text:
            continue
        ends = [
            m.start() for m in re.finditer(closing, text) if not _is_apostrophe(text, m.start())
        ]
        position = 0
        while (start := text.find(opening, position)) >= 0:
            after = bisect_right(ends, start)
            end = ends[after] if after < len(ends) else -1
            if end < 0 or text.find("\n\n", start, end) >= 0:
                position = start + 1
                continue
            if len(text[start + 1 : end].split()) >= QUOTE_MIN_WORDS:
                quotes.append(Quote(start + 1, end))
            position = end + 1
    return tuple(sorted(quotes, key=lambda q: q.start))


def split_sentences(
    text: str, abbreviations: re.Pattern[str], conjunctions: Matcher, folded: str
) -> tuple[Sentence, ...]:
    """Split a text into sentences.

    Parameters
    ----------
    abbreviations
        Matches, at the end of what stands before a full stop, words that are written with one.
    conjunctions
        Words that begin a new segment ("but", "while").
    """
    bounds: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith("\n"):
            if _is_wrapped(text, match.start(), match.end()):
                continue
        else:
            if (
                match.group() == "."
                and abbreviations.search(folded, max(start, match.start() - 12), match.start())
                and not _HOUR_ENDS.match(text, match.start() - 3)
            ):
                continue
            if not _STARTS_SENTENCE.match(text, match.end()) and text[match.end() :].strip():
                continue
        bounds.append((start, match.end()))
        start = match.end()
    bounds.append((start, len(text)))
    bounds = [
        piece
        for first, last in bounds
        for piece in cut(text, first, last, longest=LONGEST_SENTENCE, marks=(" ",))
    ]

    found: list[tuple[int, int, int]] = []
    paragraph = 0
    # Where blank lines part paragraphs, a line end after a full stop may be folding only.
    parting = "\n\n" if "\n\n" in text.strip().replace("\r", "") else "\n"
    for first, last in bounds:
        body = text[first:last]
        begin = first + len(body) - len(body.lstrip())
        end = last - (len(body) - len(body.rstrip()))
        if begin < end:
            found.append((begin, end, paragraph))
        tail = text[end:last].replace("\r", "")
        if parting in (tail if begin < end else body.replace("\r", "")):
            paragraph += 1
    marked = _marked(folded, [(begin, end) for begin, end, _ in found])
    return tuple(
        Sentence(begin, end, paragraph, _segments(text, marked, begin, end, conjunctions))
        for begin, end, paragraph in found
    )


def number_of_sentence(sentences: tuple[Sentence, ...], at: int) -> int | None:
    """Return the number of the sentence that holds a place of the text, None between two."""
    number = bisect_right(sentences, at, key=_START) - 1
    return number if number >= 0 and at < sentences[number].end else None


def mark_sentences(folded: str, sentences: tuple[Sentence, ...]) -> str:
    """Put line ends between sentences, and only there, so that no pattern runs over two.

    The length is kept.
    """
    return _marked(folded, [(s.start, s.end) for s in sentences])


def _marked(folded: str, stretches: list[tuple[int, int]]) -> str:
    out: list[str] = []
    position = 0
    for start, end in stretches:
        out.append("\n" * (start - position))
        out.append(folded[start:end].replace("\n", " ").replace("\r", " "))
        position = end
    out.append("\n" * (len(folded) - position))
    return "".join(out)


def _is_wrapped(text: str, start: int, end: int) -> bool:
    """Say whether a line end only folds a long line: the sentence goes on after it."""
    if end - start > 1 or not text[end : end + 1].isalnum():
        return False
    line = text[text.rfind("\n", 0, start) + 1 : start].rstrip()
    if line[-1:] in {"", ".", "!", "?", "…", ":", ";"}:
        return False
    return text[end].islower() or line[-1] == "," or len(line) >= WRAPPED_LINE_CHARS


def _segments(
    text: str, folded: str, start: int, end: int, conjunctions: Matcher
) -> tuple[tuple[int, int], ...]:
    cuts = [(m.start(), m.end()) for m in _BREAK.finditer(text, start, end)]
    cuts += [(m.start(), m.start()) for m in conjunctions.finditer(folded, start, end)]
    out: list[tuple[int, int]] = []
    begin = start
    for cut_start, cut_end in [*sorted(cuts), (end, end)]:
        if cut_start > begin and text[begin:cut_start].strip():
            out.append((begin, cut_start))
        begin = max(begin, cut_end)
    return tuple(out) or ((start, end),)


def _is_apostrophe(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return text[at] == "’" and (after.isalnum() or (text[at - 1 : at] == "s" and after == " "
            and "‘" not in text[at : at + 400] and "’" in text[at + 1 : at + 400]))  # fmt: skip
