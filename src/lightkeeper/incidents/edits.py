"""What an edited post said before and says no more."""

from __future__ import annotations

from collections.abc import Sequence

from lightkeeper.claims.model import Claim, ClaimKind, Count
from lightkeeper.incidents.counts import is_same_value, say
from lightkeeper.incidents.gather import Gathered, Told
from lightkeeper.incidents.model import Replacement
from lightkeeper.incidents.words import quote, say_casualties

FIELDS = {
    ClaimKind.OUTAGE: "without_power",
    ClaimKind.RESTORED: "power_back",
    ClaimKind.STRIKE: "strikes",
}
"""Facts that are called otherwise than the kind of claim they stand on."""


def record_edits(claims: Sequence[Claim], gathered: Gathered) -> None:
    """Note as superseded what a post said before it was edited and its last version does not say.

    `claims` are in order of telling, those of all versions among them.
    """
    replaced_by = gathered.standing.replaced_by
    for claim in claims:
        version = replaced_by.get(claim.report)
        if version is None or claim.is_negated:
            continue
        said_now = [c for c in claims if c.report == version and c.kind is claim.kind]
        if any(_says_the_same(claim, now) for now in said_now):
            continue
        field, old = FIELDS.get(claim.kind, claim.kind.value), number_of(claim)
        newer = next((c for c in said_now if (number_of(c) is None) == (old is None)), None)
        new = Told("no longer said", ()) if newer is None else _told(newer)
        gathered.supersede(field, _told(claim), new, Replacement.EDIT, by=version)


def number_of(claim: Claim) -> Count | None:
    """The number that a claim is about."""
    return claim.customers if claim.customers is not None else claim.count


def _told(claim: Claim) -> Told:
    number = number_of(claim)
    if claim.casualties is not None:
        value = say_casualties(claim.casualties)
    else:
        value = quote(claim) if number is None else f"{say(number)} {number.unit or ''}".strip()
    return Told(value, (claim,), number)


def _says_the_same(old: Claim, now: Claim) -> bool:
    a, b = number_of(old), number_of(now)
    if a is not None or b is not None:
        return a is not None and b is not None and is_same_value(a, b)
    if old.casualties is not None:
        return old.casualties == now.casualties
    return (old.effect, old.target) == (now.effect, now.target)
