"""Lists that a heading with a colon opens: each line tells what the heading says, of its own place.

"Without power:" and lines such as "Sumy district - 3,200 customers". A heading whose lines count
says nothing more itself; one whose lines only name places says it of them all. The same list may
stand in one sentence, parted by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lightkeeper.claims.candidates import Candidate
from lightkeeper.claims.model import ClaimKind
from lightkeeper.claims.numbers import NumberMention
from lightkeeper.claims.place_mentions import PlaceMention
from lightkeeper.claims.sentences import Sentence

LISTED = frozenset({ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.EXPLOSIONS, ClaimKind.STRIKE})
_MARK = re.compile(r"\s*(?:[^\w\s\"'«“„(#@]+\ufe0f?|\d{1,2}[.)])\s*(?=\w)")
_PIECE = re.compile(r"(?:[^,;]|,(?=\S))+")
_COUNTED = re.compile(
    r"\W{0,4}[^\W\d][^:—–\n]{2,40}(?::|\s[—–-])\s(?:[^\W\d]+ ){0,2}\d[\d, ]*\W{0,2}"
)
SUPPLY = frozenset({ClaimKind.OUTAGE, ClaimKind.RESTORED})
_LONGEST_LINE_WORDS = 14
_SHORTEST_LIST = 2

Told = tuple[Candidate, ClaimKind]
Area = tuple[int, int]


def with_lists(
    told: Sequence[Told],
    text: str,
    sentences: Sequence[Sentence],
    places: Sequence[PlaceMention],
    numbers: Sequence[NumberMention],
) -> list[Told]:
    """Return the candidates, in order of the text, with what the lines of lists tell."""
    out: list[Told] = []
    taken = -1
    asserting = {c.sentence.start for c, _ in told}
    for one in told:
        out.append(one)
        candidate, kind = one
        head = candidate.sentence
        colon = text.find(":", candidate.at[1], head.end)
        if kind in SUPPLY and _has_number((head.start, head.end), numbers):
            rows = list(_followers(text, sentences, head, asserting))
            for sentence, area in rows:
                place = _place(area, places)
                if place is None or not _has_number(area, numbers):
                    break
                at = (place.start, place.end)
                out.append((Candidate(candidate.rule, sentence, *area, at, area), kind))
        if kind not in LISTED or candidate.rule.is_negated or colon < 0 or head.start == taken:
            continue
        if colon == head.end - 1:
            rows = _lines(text, sentences, head, asserting)
        else:
            rows = list(_pieces(text, head, colon))
        named = [(row, place) for row in rows if (place := _place(row[1], places)) is not None]
        counted = [(row, place) for row, place in named if _has_number(row[1], numbers)]
        if len(counted) >= _SHORTEST_LIST and len(counted) == len(named):
            taken = head.start
            if not _has_number((head.start, colon), numbers):
                out.pop()
            for (sentence, (start, end)), place in counted:
                at = (place.start, place.end)
                line = Candidate(candidate.rule, sentence, start, end, at, (start, end))
                out.append((line, kind))
        elif named and colon == head.end - 1:
            end = named[-1][0][1][1]
            whole = replace(candidate, sentence=replace(head, end=end), end=end)
            out[-1] = (replace(whole, said=(candidate.said[0], end)), kind)
    return out


def _lines(
    text: str, sentences: Sequence[Sentence], head: Sentence, asserting: set[int]
) -> list[tuple[Sentence, Area]]:
    """Return the lines right after a heading that are marked as those of a list, or short."""
    rows: list[tuple[Sentence, Area]] = []
    for line in sentences[sentences.index(head) + 1 :]:
        words = text[line.start : line.end]
        is_own = line.start in asserting or line.paragraph > head.paragraph + len(rows) + 1
        if is_own or len(words.split()) > _LONGEST_LINE_WORDS or words.endswith(":"):
            break
        if not _MARK.match(words) and words.endswith((".", "!")) and rows:
            break
        rows.append((line, (line.start, line.end)))
    return rows


def _followers(
    text: str, sentences: Sequence[Sentence], head: Sentence, asserting: set[int]
) -> Iterator[tuple[Sentence, Area]]:
    """Return the sentences right after one that only name a place and a number: "Nizhyn: 8,700
    customers off. Nosivka: 3,450."."""
    for line in sentences[sentences.index(head) + 1 :]:
        if line.start in asserting or not _COUNTED.fullmatch(text, line.start, line.end):
            break
        yield line, (line.start, line.end)


def _pieces(text: str, head: Sentence, colon: int) -> Iterator[tuple[Sentence, Area]]:
    for piece in _PIECE.finditer(text, colon + 1, head.end):
        yield head, piece.span()


def _place(area: Area, places: Sequence[PlaceMention]) -> PlaceMention | None:
    inside = (p for p in places if area[0] <= p.start < area[1])
    return next((p for p in inside if not p.is_speakers and not p.is_generic), None)


def _has_number(area: Area, numbers: Sequence[NumberMention]) -> bool:
    return any(area[0] <= n.start < area[1] and not n.is_vague for n in numbers)
