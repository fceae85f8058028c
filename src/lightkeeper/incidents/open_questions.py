"""What does not fit and what nobody has said: shown with the claims on each side, not settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from lightkeeper.claims.model import CasualtyStatus, Claim, ClaimId, ClaimKind, TimeRef
from lightkeeper.incidents.accounts import Account, Scope
from lightkeeper.incidents.importance import grade
from lightkeeper.incidents.model import Contradiction, Importance, Unknown
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.incidents.words import say_extent
from lightkeeper.region import PlaceLevel
from lightkeeper.reports.model import ReportId

_EVENT_PLACE = frozenset(
    {
        ClaimKind.EXPLOSIONS,
        ClaimKind.STRIKE,
        ClaimKind.WEAPON,
        ClaimKind.DAMAGE,
        ClaimKind.OUTAGE,
    }
)
_ENERGY_ASSETS = frozenset(
    {"substation", "transformer", "power_line", "power_plant", "chp_plant", "heat_facility"}
)
_NEEDED = (
    "casualties",
    "damage_extent",
    "energy_asset",
    "time",
    "date",
    "people_without_power",
    "restoration_time",
)
"""What a decision needs, in the order it is asked."""


def place_difference(accounts: Sequence[Account], tree: SiteTree) -> list[Contradiction]:
    """The same thing told of a place by one report and of a place within it by another.

    Such as a city and its district. What is told of an oblast only is vague, not different.
    """
    told: dict[SiteKey, dict[_Thing, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for account in accounts:
        if account.scope is not Scope.LOCAL:
            continue
        for claim in account.claims:
            if claim.kind in _EVENT_PLACE and not claim.is_negated:
                for site in {tree.key(p) for p in claim.places}:
                    if tree.level(site) not in _WIDE:
                        told[site][claim.kind, claim.target].append(claim)
    differing: set[SiteKey] = set()
    for outer, inner in permutations(told, 2):
        if tree.contains(outer, inner) and _tell_apart(told[outer], told[inner]):
            differing |= {outer, inner}
    if not differing:
        return []
    return [
        Contradiction(
            field="place",
            importance=grade("place") if _reach_apart(differing, tree) else Importance.LOW,
            sides=tuple(
                (_say_site(site, tree), _ids([c for claims in told[site].values() for c in claims]))
                for site in sorted(differing, key=lambda s: (tree.name(s), s))
            ),
            note="The reports name different places; whether the event reaches all of the larger "
            "one is not said.",
        )
    ]


def _reach_apart(sites: set[SiteKey], tree: SiteTree) -> bool:
    """Whether the places differ in which district's crews go there; a town's quarter does not."""
    return any(tree.level(s) in (PlaceLevel.RAION, PlaceLevel.HROMADA) for s in sites)


_Thing = tuple[ClaimKind, str | None]


def _tell_apart(outer: Mapping[_Thing, list[Claim]], inner: Mapping[_Thing, list[Claim]]) -> bool:
    """Whether one report tells of the outer place what another tells of the inner one."""
    return any(
        {c.report for c in outer[thing]} != {c.report for c in inner[thing]}
        for thing in outer.keys() & inner.keys()
    )


_WIDE = (PlaceLevel.COUNTRY, PlaceLevel.OBLAST)


def _say_site(site: SiteKey, tree: SiteTree) -> str:
    level = tree.level(site)
    if level is PlaceLevel.SETTLEMENT:
        return f"{tree.name(site)} (city)" if tree.is_city(site) else tree.name(site)
    if level is PlaceLevel.RAION:
        return f"{tree.name(site)} (district)"
    return tree.name(site)


def second_attack(accounts: Sequence[Account]) -> list[Contradiction]:
    """A following strike that some reports tell of and others do not. Silence is no denial."""
    told = [c for a in accounts for c in a.claims if c.id in a.following]
    if not told:
        return []
    tellers = {c.report for c in told}
    silent = {a.report.id for a in accounts} - tellers
    if not silent:
        return []
    what = say_extent(told)
    return [
        Contradiction(
            field="possible_second_attack",
            importance=grade("possible_second_attack"),
            sides=(
                (f"a further strike followed{f' ({what})' if what else ''}", _ids(told)),
                (f"not mentioned in {_reports(silent)}", ()),
            ),
            note="Uncorroborated: the other reports are silent on it, which is not a denial.",
        )
    ]


def _reports(ids: set[ReportId]) -> str:
    return "1 other report" if len(ids) == 1 else f"{len(ids)} other reports"


def _ids(claims: Sequence[Claim]) -> tuple[ClaimId, ...]:
    return tuple(c.id for c in claims)


def find_unknowns(claims: Sequence[Claim]) -> list[Unknown]:
    """What a decision needs and no claim gives: said to be unknown, or not mentioned at all."""
    stated: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.kind is ClaimKind.UNKNOWN:
            stated[_SUBJECTS.get(claim.subject or "", claim.subject or "other")].append(claim)
        elif claim.casualties is not None and claim.casualties.status in _SILENT:
            stated["casualties"].append(claim)
    known = _answered(claims)
    found = [
        Unknown(subject=subject, reason="stated", claims=_ids(told))
        for subject, told in sorted(stated.items())
        if subject not in known
    ]
    # An alarm alone, or power that is back, leaves nothing of this to ask.
    is_event = any(c.kind in _EVENT_PLACE and not c.is_negated for c in claims)
    found.extend(
        Unknown(subject=subject, reason="not_mentioned")
        for subject in _NEEDED
        if is_event and subject not in known and subject not in stated and subject != "date"
    )
    if any(c.kind in _EVENT_PLACE and c.time is not None for c in claims):
        # A weekday or a time of day is said, but not which.
        found = [replace(u, subject="date") if u.subject == "time" else u for u in found]
    order = {subject: i for i, subject in enumerate(_NEEDED)}
    found = [replace(u, importance=grade(u.subject)) for u in found]
    return sorted(found, key=lambda u: (order.get(u.subject, len(order)), u.subject))


_SILENT = (CasualtyStatus.NOT_RELEASED, CasualtyStatus.NONE_REPORTED)
_SUBJECTS = {"customers": "people_without_power"}


def is_dated(time: TimeRef | None) -> bool:
    """Whether a calendar time is said."""
    return time is not None and (time.from_at is not None or time.to_at is not None)


def _answered(claims: Sequence[Claim]) -> set[str]:
    answered: set[str] = set()
    for claim in claims:
        if claim.is_negated:
            continue
        if claim.casualties is not None and claim.casualties.status not in _SILENT:
            answered.add("casualties")
        if claim.target in _ENERGY_ASSETS:
            answered.add("energy_asset")
        if claim.customers is not None and claim.kind in {ClaimKind.OUTAGE, ClaimKind.RESTORED}:
            answered.add("people_without_power")
        if claim.kind in _EVENT_PLACE and is_dated(claim.time):
            answered.add("time")
        if claim.kind is ClaimKind.RESTORED and claim.effect == "full":
            answered |= {"restoration_time", "people_without_power"}
    return answered
