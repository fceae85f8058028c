"""The text of one news item of the MUC-4 kind: who sent it from where and when, its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lightkeeper.claims.folding import fold

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_HEAD = re.compile(
    r"\A\s*(?P<place>[a-z .'-]+?)(?: \((?P<country>[a-z .'-]+)\))?,\s+"
    r"(?:no date|(?P<d>\d{1,2}) (?P<m>[a-z]{3})[a-z]* (?P<y>\d\d))\b"
)
_PARAGRAPH = re.compile(r"\n\s*\n|\n {3,}(?=\S)")
_SENTENCE = re.compile(
    r"(?<!\b[a-z])(?<!\b(?:mr|dr|ms|st|no|km|lt))(?<!\b(?:mrs|gen|col|maj|sgt|jr\.))[.!?][\"')]*\s+"
)
_INSERTED = re.compile(r"\[[^\]]*\]?")
LONGEST = 2_000
"""A sentence of more characters is cut: reading time grows faster than the sentence does."""
_DAY = re.compile(rf"\d{{1,2}} (?:{'|'.join(MONTHS)})")


@dataclass(frozen=True, slots=True)
class NewsSentence:
    """One sentence, folded, with single blanks; `paragraph` counts from 0."""

    text: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class NewsText:
    """A news item; `told` is None where the head line has no date.

    `sent_from` and `body`, all after the head line, are folded.
    """

    sent_from: str | None
    sent_from_country: str | None
    told: date | None
    sentences: tuple[NewsSentence, ...]
    body: str


def read_news_text(text: str) -> NewsText:
    """Part a news item into head line and sentences.

    What the editor put in brackets is left out (expansions of names, marks of speakers), but not
    days.
    """
    folded = fold(text)
    head = _HEAD.match(folded)
    body = folded[head.end() :] if head else folded
    # What stands before the text proper names the station that told it.
    body = body.partition("[text]")[2] or body
    body = _INSERTED.sub(lambda m: m.group() if _DAY.search(m.group()) else " ", body)
    sentences: list[NewsSentence] = []
    for number, paragraph in enumerate(_PARAGRAPH.split(body)):
        flat = re.sub(r"\s+", " ", paragraph).strip()
        start = 0
        for end in (*(m.end() for m in _SENTENCE.finditer(flat)), len(flat)):
            sentence = flat[start:end].strip()
            start = end
            sentences += (NewsSentence(s, number) for s in _cut(sentence))
    return NewsText(
        sent_from=head.group("place").strip() if head else None,
        sent_from_country=head.group("country") if head else None,
        told=_told(head),
        sentences=tuple(sentences),
        body=folded[head.end() :] if head else folded,
    )


def _cut(sentence: str) -> Iterator[str]:
    """Yield a sentence in pieces of at most `LONGEST`, cut at blanks where there are any."""
    while len(sentence) > LONGEST:
        at = sentence.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield sentence[:at].rstrip()
        sentence = sentence[at:]
    if sentence:
        yield sentence


def _told(head: re.Match[str] | None) -> date | None:
    if head is None or head.group("d") is None:
        return None
    month = next((i for i, m in enumerate(MONTHS, 1) if m.startswith(head.group("m"))), None)
    try:
        return date(1900 + int(head.group("y")), month, int(head.group("d"))) if month else None
    except ValueError:
        return None
