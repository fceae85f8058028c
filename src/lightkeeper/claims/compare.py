"""Two readings of one report beside each other: where they agree, differ, or stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lightkeeper.claims.model import (
    Casualties,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    PlaceRef,
    TimeRef,
)
from lightkeeper.region.gazetteer import Gazetteer

NEAR_KINDS = frozenset({
    frozenset({ClaimKind.STRIKE, ClaimKind.DAMAGE}),
    frozenset({ClaimKind.STRIKE, ClaimKind.EXPLOSIONS}),
    frozenset({ClaimKind.STRIKE, ClaimKind.WEAPON}),
    frozenset({ClaimKind.SCHEDULE, ClaimKind.OUTAGE}),
    frozenset({ClaimKind.FORECAST, ClaimKind.REPAIR}),
    frozenset({ClaimKind.UNKNOWN, ClaimKind.CASUALTIES}),
})  # fmt: skip
"""Kinds by which two readers may tell one and the same assertion."""


class Agreement(StrEnum):
    """How two readings stand to each other at one place of a report."""

    SAME = "same"
    DIFFERS = "differs"
    ONLY_RULES = "only_rules"
    ONLY_MODEL = "only_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field on which both say something, and not the same."""

    field: str
    rules: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One claim of either reading, or the claims of both for the same words."""

    agreement: Agreement
    rules: ClaimId | None
    model: ClaimId | None
    differences: tuple[Difference, ...] = ()


def compare_readings(
    rules: Sequence[Claim], model: Sequence[Claim], gazetteer: Gazetteer
) -> tuple[Comparison, ...]:
    """Put the claims of the rules and of the model beside each other, in the order of the text.

    Claims belong together when their words overlap and their kinds are the same or near; pairs are
    one to one, of the greatest overlap. A field that one of the two leaves out is no difference.
    """
    pairs = _pairs(rules, model)
    found: list[tuple[int, Comparison]] = []
    for i, j in pairs:
        differences = tuple(_differences(rules[i], model[j], gazetteer))
        agreement = Agreement.DIFFERS if differences else Agreement.SAME
        one = Comparison(
            agreement=agreement, rules=rules[i].id, model=model[j].id, differences=differences
        )
        found.append((rules[i].span.start, one))
    paired = {i for i, _ in pairs}, {j for _, j in pairs}
    for i, claim in enumerate(rules):
        if i not in paired[0]:
            alone = Comparison(agreement=Agreement.ONLY_RULES, rules=claim.id, model=None)
            found.append((claim.span.start, alone))
    for j, claim in enumerate(model):
        if j not in paired[1]:
            alone = Comparison(agreement=Agreement.ONLY_MODEL, rules=None, model=claim.id)
            found.append((claim.span.start, alone))
    return tuple(comparison for _, comparison in sorted(found, key=lambda f: f[0]))


def _pairs(rules: Sequence[Claim], model: Sequence[Claim]) -> list[tuple[int, int]]:
    if not rules or not model:
        return []
    likeness = np.array([[_likeness(a, b) for b in model] for a in rules])
    # Loads in a tenth of a second or more, and few commands come here.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(likeness, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if likeness[i, j] > 0]


def _likeness(a: Claim, b: Claim) -> float:
    """Share of the shorter span that the other covers, 0 to 1; the same kind adds one."""
    if a.kind is not b.kind and frozenset({a.kind, b.kind}) not in NEAR_KINDS:
        return 0.0
    shared = min(a.span.end, b.span.end) - max(a.span.start, b.span.start)
    if shared <= 0:
        return 0.0
    overlap = shared / min(a.span.end - a.span.start, b.span.end - b.span.start)
    return overlap + (a.kind is b.kind)


def _differences(rules: Claim, model: Claim, gazetteer: Gazetteer) -> list[Difference]:
    said: list[tuple[str, str | None, str | None]] = [
        ("kind", rules.kind, model.kind),
        ("layer", rules.layer, model.layer),
        ("polarity", _polarity(rules), _polarity(model)),
        ("certainty", rules.certainty, model.certainty),
        ("speaker", rules.attribution.role, model.attribution.role),
        ("time", _time(rules.time), _time(model.time)),
        ("count", _count(rules.count), _count(model.count)),
        ("customers", _count(rules.customers), _count(model.customers)),
        ("casualties", _casualties(rules.casualties), _casualties(model.casualties)),
        ("weapon", _weapon(rules), _weapon(model)),
        ("target", rules.target, model.target),
    ]
    out = [
        Difference(field=field, rules=a, model=b)
        for field, a, b in said
        if a is not None and b is not None and a != b
    ]
    if rules.places and model.places and not _are_near(rules.places, model.places, gazetteer):
        places = (", ".join(p.text for p in side) for side in (rules.places, model.places))
        out.append(Difference(field="place", rules=next(places), model=next(places)))
    return out


def _are_near(a: Sequence[PlaceRef], b: Sequence[PlaceRef], gazetteer: Gazetteer) -> bool:
    """Say whether a place of one side is, or lies in, a place of the other; or the words meet."""
    return any(
        (gazetteer.contains(p.code, q.code) or gazetteer.contains(q.code, p.code))
        if p.code is not None and q.code is not None
        else p.text == q.text
        for p in a
        for q in b
    )


def _polarity(claim: Claim) -> str:
    return "negative" if claim.is_negated else "positive"


def _count(count: Count | None) -> str | None:
    if count is None:
        return None
    if count.best is not None:
        return f"about {count.best}" if count.approximate else str(count.best)
    low, high = count.min, count.max
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"up to {high}"


def _casualties(said: Casualties | None) -> str | None:
    if said is None:
        return None
    harm = {"killed": said.killed, "injured": said.injured, "missing": said.missing}
    numbers = ", ".join(f"{name} {n}" for name, n in harm.items() if n is not None)
    return f"{said.status}: {numbers}" if numbers else str(said.status)


def _weapon(claim: Claim) -> str | None:
    if claim.weapons is None:
        return None
    joint = " or " if claim.weapons.mode == "either" else ", "
    return joint.join(claim.weapons.items)


def _time(time: TimeRef | None) -> str | None:
    """Say when, if words of the report say it: the moment of publication is nobody's reading."""
    if time is None or not time.text:
        return None
    if time.from_at is None and time.to_at is None:
        return " ".join(w for w in (time.weekday, time.part_of_day) if w) or None
    ends = (t.isoformat(timespec="minutes") if t else "" for t in (time.from_at, time.to_at))
    return "/".join(ends)
