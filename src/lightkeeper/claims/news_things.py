"""Things and instruments that a sentence of Latin American news names, and what came of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from lightkeeper.claims.news_words import Table, news_words

Span: TypeAlias = tuple[int, int]
_FAILED = re.compile(
    r"\b(?:(?:failed to|(?:did|does) not|never|without) (?:explod|detonat|ignit|go(?:ing|es)? off)"
    r"|(?:deactivat|defus|disarm)(?:ed|ing)\b)"
)
_WENT_OFF = re.compile(
    r"(?:blew|blow(?:n|ing)?) up (?:at|in|near|outside|inside|on|next|beside|under|as|when|while"
    r"|early|late|yesterday|today|last|this|shortly|before|after)\b"
)
"""A bomb that blew up somewhere; what it did to the place is not told by these words."""
_OF_ANOTHER = re.compile(
    r" (?:of|from|belonging to|owned by) (?:the |a |an |its |his |their )?(?:[a-z'-]+ ){0,3}"
)
"""Between a thing and what it belongs to: "pylons of the power plant"."""

_OF_A_PERSON = re.compile(
    r" (?:professors?|students?|teachers?|rectors?|deans?|employees?|workers?|guards?|managers?"
    r"|owners?|officials?|directors?|presidents?|leaders?|members?|spokes[a-z]+|sources|clerks?"
    r"|authorities|cashiers?|tellers?|drivers?|executives?|engineers?|technicians?|inspectors?)\b"
)
""""A university professor" is no university."""
_STRIKES = re.compile(
    r" (?:bombed|strafed|machinegunned|rocketed|shelled|attacked|fired|dropped)\b"
)
"""What did it: "helicopters bombed"."""


@dataclass(frozen=True, slots=True)
class Target:
    """A thing something was done to: its kind, how the text calls it, and what came of it.

    `effect` is None where the text tells none.
    """

    kind: str
    words: str
    effect: str | None = None

    @property
    def fill(self) -> str:
        """Write the target as the keys do."""
        return f'{self.kind}: "{self.words}"'


def read_targets(sentence: str) -> list[tuple[Target, Span]]:
    """Return the things that a sentence names, in order, each with the effect told nearest."""
    words = news_words()
    has_failed = _FAILED.search(sentence) is not None
    effects = [
        (m.span(), name)
        for name, p in words.effects
        for m in p.finditer(sentence)
        if not _WENT_OFF.match(sentence, m.start())
    ]
    out: list[tuple[Target, Span]] = []
    for kind, named, at in sorted(_fills(sentence, words.targets), key=lambda f: f[2]):
        near = min(effects, key=lambda e: gap(e[0], at), default=None)
        told = near[1] if near else None
        out.append((Target(kind, named, "NO DAMAGE" if has_failed else told), at))
    return out


def read_own_targets(sentence: str) -> list[tuple[Target, Span]]:
    """Return the things of a sentence that are neither instruments nor owners of the one before."""
    taken = [m.span() for _, p in news_words().instruments for m in p.finditer(sentence)]
    out: list[tuple[Target, Span]] = []
    last = -1
    for target, (start, end) in read_targets(sentence):
        is_owner = last >= 0 and _OF_ANOTHER.fullmatch(sentence, last, start) is not None
        last = end
        is_other = _OF_A_PERSON.match(sentence, end) or _STRIKES.match(sentence, end)
        if not (is_owner or is_other or any(s < end and start < e for s, e in taken)):
            out.append((target, (start, end)))
    return out


def read_effect(sentence: str) -> str | None:
    """Return the first effect that a sentence tells of, of whatever thing."""
    found = [
        (match.start(), name)
        for name, pattern in news_words().effects
        if (match := pattern.search(sentence)) is not None
    ]
    return min(found)[1] if found else None


def tells_consequences(sentence: str) -> bool:
    """Say whether a sentence tells that something works no more, or has to be mended."""
    return news_words().consequences.search(sentence) is not None


def instruments(sentence: str) -> list[str]:
    """Return instruments of a sentence; "explosive" and "gun" only where nothing finer is named."""
    found = [f'{kind}: "{named}"' for kind, named, _ in _fills(sentence, news_words().instruments)]
    fine = [f for f in found if not f.startswith(("EXPLOSIVE", "GUN"))]
    if any(f.startswith("VEHICLE BOMB") for f in fine):
        fine = [f for f in fine if not f.startswith("BOMB")]
    return (fine or found[:1])[:2]


def gap(a: Span, b: Span) -> int:
    """Return how many characters stand between two spans."""
    return max(a[0] - b[1], b[0] - a[1], 0)


def _fills(sentence: str, table: Table) -> list[tuple[str, str, Span]]:
    """Return kind, words and place of what a table knows; none that says less than another."""
    taken: list[Span] = []
    out: dict[tuple[str, str], Span] = {}
    for kind, pattern in table:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if not any(s < end and start < e for s, e in taken):
                taken.append((start, end))
                out.setdefault((kind, match.group().upper()), (start, end))
    return [
        (*fill, at)
        for fill, at in out.items()
        if not any(o != fill and _says(o, fill) for o in out)
    ]


def _says(other: tuple[str, str], fill: tuple[str, str]) -> bool:
    """Say whether another fill of the same kind has all the words of this one."""
    theirs, own = ({w.rstrip("S") for w in re.findall(r"\w+", f[1])} for f in (other, fill))
    return other[0] == fill[0] and own <= theirs
