"""Do two reports go back to one origin? A rewrite is no second source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from rapidfuzz import fuzz

from lightkeeper.claims.model import SpeakerRole
from lightkeeper.incidents.accounts import Account
from lightkeeper.incidents.counts import is_same_value, is_told
from lightkeeper.incidents.model import ReconcileOptions
from lightkeeper.incidents.origins import OFFICIAL, describe, is_same_body
from lightkeeper.reports.model import Report

_QUOTED = re.compile(r"«([^»]+)»|“([^”]+)”|„([^“”]+)[“”]|\"([^\"]+)\"|‘([^’]+(?:’\w[^’]*)*)’")
_MIN_CHARS = 60
"""Shorter texts are alike by form ("all clear in ..."), not by origin."""


_CLOCKS_APART = timedelta(minutes=5)
"""How far the clocks of two channels may differ."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Why two reports go back to one origin.

    `is_copy`: the words themselves are passed on. Otherwise both only name the same body.
    """

    reason: str
    is_copy: bool


def find_rewrite(a: Account, b: Account, options: ReconcileOptions) -> Rewrite | None:
    """Why two accounts, already of one place and time, go back to one origin; None if they do not.

    In order: a later version of one post, a forward, the same words, a shared quotation, the same
    named body with the same number, weapon or wording (two of the three where no date ties the
    reports together, one where a date does, or where one of the two is that body's own report).
    """
    if is_version(a.report, b.report):
        return Rewrite("a later version of the same post", is_copy=True)
    if _is_forward(a.report, b.report) or _is_forward(b.report, a.report):
        return Rewrite("forwarded", is_copy=True)
    text_a, text_b = plain(a.report.text), plain(b.report.text)
    if (
        min(len(text_a), len(text_b)) >= _MIN_CHARS
        and not is_same_voice(a, b)  # who says the same words again fills in a form
        and fuzz.ratio(text_a, text_b, score_cutoff=options.rewrite_similarity) > 0
        and _numbers(text_a) == _numbers(text_b)  # the same words with other numbers are a form
    ):
        return Rewrite("the same words", is_copy=True)
    if _share_quote(a.report.text, b.report.text, options):
        return Rewrite("a shared quotation", is_copy=True)
    own = retold_body(a, b)
    body = own or shared_body(a, b)
    if body is None:
        return None
    is_dated = a.window is not None and b.window is not None
    signature = {
        "number": shares_count(a, b),
        "weapon": bool(a.weapons) and a.weapons == b.weapons,
        "wording": _share_wording(a.report.text, b.report.text, options),
    }
    told = [name for name, is_shared in signature.items() if is_shared]
    if len(told) >= (1 if is_dated or own else 2):
        what = " and ".join(told)
        if own:
            return Rewrite(f"one retells the {describe(own)}, with the same {what}", is_copy=False)
        return Rewrite(f"both name the {describe(body)}, with the same {what}", is_copy=False)
    return None


def is_version(a: Report, b: Report) -> bool:
    """Whether two reports are versions of one post: the same item of the same source."""
    return a.item is not None and a.item == b.item and a.source == b.source and a.id != b.id


def shared_body(a: Account, b: Account) -> SpeakerRole | None:
    """Body that both accounts attribute to; both retell, neither is that body itself."""
    shared = a.origins & b.origins
    return min(shared) if shared else None


def retold_body(a: Account, b: Account) -> SpeakerRole | None:
    """Body that one account attributes to and that speaks itself in the other."""
    for teller, body in ((a, b), (b, a)):
        if (
            teller.author.role not in OFFICIAL
            and body.author.role in OFFICIAL
            and not _is_before(teller.report, body.report)
        ):
            for role in sorted(teller.origins):
                if is_same_body(role, body.author.role):
                    return role
    return None


def shares_count(a: Account, b: Account) -> bool:
    """Whether both give the same number of the same thing; "several" does not count."""
    return any(
        kind_a is kind_b and is_told(count_a) and is_same_value(count_a, count_b)
        for kind_a, count_a in a.counts
        for kind_b, count_b in b.counts
    )


def _is_before(a: Report, b: Report) -> bool:
    """Whether one report was published before another: too early to pass it on."""
    return (
        a.published_at is not None
        and b.published_at is not None
        and a.published_at < b.published_at - _CLOCKS_APART
    )


def _is_forward(later: Report, origin: Report) -> bool:
    if later.forwarded_from is None or _is_before(later, origin):
        return False
    return later.forwarded_from in (origin.channel, origin.source) and (
        plain(origin.text) in plain(later.text) or plain(later.text) in plain(origin.text)
    )


def is_same_voice(a: Account, b: Account) -> bool:
    """Whether one channel speaks in both, for itself."""
    return (
        a.report.channel is not None
        and a.report.channel == b.report.channel
        and a.report.forwarded_from is None
        and b.report.forwarded_from is None
        and a.author.knows_itself
    )


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _share_quote(a: str, b: str, options: ReconcileOptions) -> bool:
    quotes_b = quotes_of(b, options.quote_min_chars)
    return any(
        fuzz.ratio(qa, qb, score_cutoff=options.quote_similarity) > 0
        for qa in quotes_of(a, options.quote_min_chars)
        for qb in quotes_b
    )


def _share_wording(a: str, b: str, options: ReconcileOptions) -> bool:
    """Whether enough runs of four words stand in both texts (Broder's shingles)."""
    return len(shingles_of(a) & shingles_of(b)) >= options.shared_shingles


@lru_cache(maxsize=4096)
def shingles_of(text: str) -> frozenset[str]:
    """Runs of four words of a text, without case and punctuation."""
    words = plain(text).split()
    return frozenset(" ".join(words[i : i + 4]) for i in range(len(words) - 3))


@lru_cache(maxsize=8192)
def quotes_of(text: str, min_chars: int = 25) -> tuple[str, ...]:
    """Quotations of at least `min_chars` in a text, without case and punctuation."""
    found = ("".join(groups) for groups in _QUOTED.findall(text))
    return tuple(words for q in found if len(words := plain(q)) >= min_chars)


def locate_quotes(text: str) -> list[tuple[int, int]]:
    """Start and end of each quotation in a text, without its marks."""
    found = []
    for match in _QUOTED.finditer(text):
        group = next(i for i, words in enumerate(match.groups(), 1) if words is not None)
        found.append(match.span(group))
    return found


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Text without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))
