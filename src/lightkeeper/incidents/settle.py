"""One number for a field from the numbers that several reports tell. Never their sum."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from lightkeeper.claims.model import Certainty, Claim, Count
from lightkeeper.incidents.counts import agree, bounds, is_same_value, merge, say
from lightkeeper.incidents.gather import Gathered, Told
from lightkeeper.incidents.model import FieldStatus, Replacement
from lightkeeper.incidents.origins import OFFICIAL, is_same_body

Number: TypeAlias = tuple[Claim, Count]


def settle_numbers(
    name: str,
    numbers: Sequence[Number],
    uncounted: Sequence[Claim],
    word: str,
    gathered: Gathered,
    *,
    is_state: bool = False,
) -> None:
    """Add the fact that stands, what was superseded on the way, and what contradicts.

    Parameters
    ----------
    numbers
        Of one thing, in order of telling.
    uncounted
        Claims of the same thing without a number; they stand behind the fact too.
    word
        What is counted, in the plural.
    is_state
        The number changes as time goes on (people without power): a later one replaces an earlier
        one whoever says it.
    """
    current = _drop_superseded(name, _totals(numbers), word, gathered, is_state=is_state)
    sides = _sides(current)
    counts = [merge([n for _, n in side]) for side in sides]
    told = [
        Told(_say(count, word), tuple(c for c, _ in side), count)
        for count, side in zip(counts, sides, strict=True)
    ]
    if len(told) == 1:
        gathered.add(name, told[0].value, [*told[0].claims, *uncounted], count=counts[0])
        return
    gathered.contradict(name, told, "The numbers cannot both be right.")
    claims = [*(c for t in told for c in t.claims), *uncounted]
    value = " or ".join(t.value for t in told)
    gathered.add(name, value, claims, FieldStatus.CONTRADICTED)


def _say(count: Count, word: str) -> str:
    if word in ("killed", "injured", "missing") and count.best == 0:
        return f"nobody {word}"
    return f"{say(count)} {word}"


def _totals(numbers: Sequence[Number]) -> list[Number]:
    """Without numbers that are a part of a greater one in the same report."""
    return [
        (claim, count)
        for claim, count in numbers
        if not any(
            other.report == claim.report and not agree(n, count) and bounds(n)[0] > bounds(count)[1]
            for other, n in numbers
        )
    ]


def _sides(numbers: Sequence[Number]) -> list[list[Number]]:
    """Groups within which all numbers agree with each other, in order of first telling."""
    sides: list[list[Number]] = []
    for claim, count in numbers:
        home = next((s for s in sides if all(agree(count, n) for _, n in s)), None)
        if home is None:
            sides.append([(claim, count)])
        else:
            home.append((claim, count))
    return sides


def _drop_superseded(
    name: str, numbers: Sequence[Number], word: str, gathered: Gathered, *, is_state: bool
) -> list[Number]:
    """Leave out numbers that a later word replaced."""
    kept: list[Number] = []
    for claim, count in numbers:
        later = [
            (c, n)
            for c, n in numbers
            if _is_other_value(n, count, claim.certainty)
            and gathered.is_later(c, claim)
            and _may_replace(c, claim, gathered, is_state=is_state)
            and not _is_old_news(c, n, numbers, gathered)
        ]
        if not later:
            kept.append((claim, count))
            continue
        next_one, number = later[0]
        gathered.supersede(
            name,
            Told(_say(count, word), (claim,), count),
            Told(_say(number, word), (next_one,), number),
            how_replaced(next_one, count, gathered),
        )
    return kept


def how_replaced(newer: Claim, old: Count, gathered: Gathered) -> Replacement:
    """Whether the newer report calls what it replaces a mistake, or took it back by an edit."""
    if any(is_same_value(old, n) for n in gathered.standing.withdrawn):
        return Replacement.EDIT
    text = gathered.standing.reports[newer.report].text
    return Replacement.CORRECTION if _CORRECTS.search(text) else Replacement.UPDATE


_CORRECTS = re.compile(
    r"\bуточнення\b|помилк|виправл|\bуточнение\b|ошибоч|ошибк|исправл|"
    r"\bcorrect(ion|ed|s|ing)\b|\bmistake|\bin error\b|erroneous",
    re.IGNORECASE,
)


def _is_other_value(new: Count, old: Count, old_certainty: Certainty) -> bool:
    """Whether a number replaces another.

    "34,200" replaces "about 41,000", and a preliminary "up to 15" gives way to "7"; a mere bound
    that leaves room for a number replaces nothing.
    """
    if new.best is not None and old.best is not None:
        return new.best != old.best
    if new.best is not None and old_certainty is Certainty.PRELIMINARY:
        return True
    return not agree(new, old)


def _may_replace(later: Claim, earlier: Claim, gathered: Gathered, *, is_state: bool) -> bool:
    """Whether the later claim is of someone who may correct the earlier one.

    That is the same source; of a state, any body; of what nobody answers for, any body too. What a
    body said itself only that body corrects: a retelling with another number contradicts it.
    """
    standing = gathered.standing
    author, author_before = standing.authors[later.report], standing.authors[earlier.report]
    role = author.role if author.role in OFFICIAL else later.attribution.role
    if is_state:
        return role in OFFICIAL
    groups = standing.sources.group_of
    if groups[later.report] != groups[earlier.report]:
        is_nameless = not standing.sources.groups[groups[earlier.report]].adds_support
        return is_nameless and author.role in OFFICIAL
    return author_before.role not in OFFICIAL or (
        author.role in OFFICIAL and is_same_body(author.role, author_before.role)
    )


def _is_old_news(claim: Claim, count: Count, numbers: Sequence[Number], gathered: Gathered) -> bool:
    """Whether a retelling only repeats a number that was told before it."""
    if gathered.standing.authors[claim.report].role in OFFICIAL:
        return False
    return any(is_same_value(n, count) and gathered.is_later(claim, c) for c, n in numbers)
