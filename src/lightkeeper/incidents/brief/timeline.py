"""What happened when, as far as the words go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lightkeeper.claims.model import Claim, TimeRef
from lightkeeper.incidents.brief.facts import finish, ids_of, is_told_before, state
from lightkeeper.incidents.brief.model import Sentence, Sort, TimelineEntry
from lightkeeper.incidents.brief.standing import Sourcing
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import Fact

_UNTIMED = frozenset({"advice", "conditions", "target", "weapon", "rumour", "forecast", "number"})
_EVENT = frozenset({"explosions", "strikes", "damage"})
_ORDER = ("before", "event", "none", "after")

_When = tuple[str, datetime | None, datetime | None, str]
"""Basis, both ends, words."""


def make_timeline(sourcings: Iterable[Sourcing], words: Words) -> tuple[TimelineEntry, ...]:
    """Entries of all incidents: dated ones in order, then the rest in the order that is told."""
    entries: list[tuple[tuple[bool, float, int], TimelineEntry]] = []
    for sourcing in sourcings:
        for fact in sourcing.incident.facts:
            if fact.name in _UNTIMED:
                continue
            by_time: dict[_When, list[Claim]] = {}
            for claim in sourcing.told(fact.claims):
                by_time.setdefault(_when(claim, fact, sourcing, words), []).append(claim)
            for (basis, from_at, to_at, when), claims in by_time.items():
                for said in state(fact, claims, sourcing, words):
                    sort = (
                        Sort.UNCORROBORATED if fact.name == "possible_second_attack" else Sort.FACT
                    )
                    entry = TimelineEntry(
                        when=when,
                        basis=basis,
                        from_at=from_at,
                        to_at=to_at,
                        incident=sourcing.incident.id,
                        sentence=Sentence(
                            text=finish(said.text),
                            sort=sort,
                            claims=ids_of(said.claims),
                            field=fact.name,
                            status=fact.status,
                            listed=said.listed,
                        ),
                    )
                    entries.append((_key(entry, fact, claims), entry))
    return tuple(_without_repeats([e for _, e in sorted(entries, key=lambda pair: pair[0])]))


def _key(entry: TimelineEntry, fact: Fact, claims: list[Claim]) -> tuple[bool, float, int]:
    at = entry.from_at or entry.to_at
    return (at is None, 0.0 if at is None else at.timestamp(), _ORDER.index(_order(fact, claims)))


def _order(fact: Fact, claims: list[Claim]) -> str:
    if fact.name == "possible_second_attack":
        return "after"
    if any(is_told_before(c) for c in claims):
        return "before"
    return "event" if fact.name in _EVENT else "none"


def _when(claim: Claim, fact: Fact, sourcing: Sourcing, words: Words) -> _When:
    time = claim.time or TimeRef(text="")
    said = words.span(time.from_at, time.to_at)
    if said is not None:
        return "said", time.from_at, time.to_at, said
    order = _order(fact, [claim])
    relative = words.relative(claim.time)
    report = sourcing.reports.get(claim.report)
    at = None if report is None else report.published_at
    if at is not None and not sourcing.sources_withheld:
        return "told", at, at, words.text("time.told", at=words.instant(at))
    if relative is not None:
        return "relative", None, None, relative
    return "none" if order == "none" else "relative", None, None, words.text(f"time.{order}")


def _without_repeats(entries: list[TimelineEntry]) -> list[TimelineEntry]:
    seen: set[tuple[str, str]] = set()
    kept = []
    for entry in entries:
        key = (entry.when, entry.sentence.text)
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return kept
