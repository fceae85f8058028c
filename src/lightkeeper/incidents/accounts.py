"""From the claims of one report to its accounts: what it tells of each event it speaks of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lightkeeper.claims.model import (
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    SpeakerRole,
)
from lightkeeper.incidents.model import IncidentId, ReconcileOptions
from lightkeeper.incidents.origins import NAMED_BODIES, Author, author_of
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.region import PlaceLevel
from lightkeeper.reports.model import Report

EVENT_KINDS = frozenset(
    {
        ClaimKind.EXPLOSIONS,
        ClaimKind.STRIKE,
        ClaimKind.WEAPON,
        ClaimKind.DAMAGE,
        ClaimKind.OUTAGE,
        ClaimKind.ALERT,
        ClaimKind.RESTORED,
        ClaimKind.CASUALTIES,
        ClaimKind.SERVICES,
    }
)
"""Kinds that by themselves make an event worth showing."""

_ATTACK_KINDS = frozenset({ClaimKind.EXPLOSIONS, ClaimKind.STRIKE, ClaimKind.WEAPON})
_ATTACK_OUTAGES = frozenset({OutageType.DAMAGE, OutageType.EMERGENCY})

_HAPPENS = frozenset({ClaimKind.EXPLOSIONS, ClaimKind.STRIKE, ClaimKind.ALERT, ClaimKind.DAMAGE})
"""Kinds whose time is the time of the event; the others may be told long after."""

_HARM = frozenset({ClaimKind.CASUALTIES})
"""Kinds that may be told late, but whose time, where one is said, is that of the event."""

_SEVERAL_REGIONS = re.compile(
    r"\b(regions|oblasts|provinces|across (the country|ukraine)|nationwide)\b|"
    r"област(ях|ей|ям)\b|регіон(ах|ів)\b|регион(ах|ов)\b|по всій (країні|україні)",
    re.IGNORECASE,
)


_AFTER = re.compile(
    r"\b(subsequent(ly)?|that followed|followed by|later (shelling|strike|attack)|second (attack|"
    r"strike|wave)|repeat(ed)? (attack|strike|shelling)|renewed (attack|strike|shelling)|"
    r"повторн\w+|подальш\w+ (обстріл|удар|атак)\w*|наступн\w+ (обстріл|удар|атак)\w*|"
    r"після цього|слідом|последующ\w+|затем|вслед)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…]+[\s»”\"’]+|\n")


def _find_following(claims: Sequence[Claim], text: str) -> frozenset[ClaimId]:
    """Strikes told as coming after the one the report is about.

    The words that say so may stand beside the claim's own, in its sentence of `text`. A strike told
    once more with the weapons of a following one ("the shelling") is that one, unless the report
    has it with other words for the event itself.
    """
    strikes = [c for c in claims if c.kind in _ATTACK_KINDS and not c.is_negated]
    following = [c for c in strikes if _is_told_as_following(c, text)]
    weapons = {c.weapons.items for c in following if c.weapons is not None}
    before = {c.span.start for c in following}
    again = [
        c
        for c in strikes
        if c.weapons is not None
        and c.weapons.items in weapons
        and c.count is None
        and c.span.start > min(before)
    ]
    return frozenset(c.id for c in (*following, *again))


def _is_told_as_following(claim: Claim, text: str) -> bool:
    start = max((m.end() for m in _SENTENCE_END.finditer(text, 0, claim.span.start)), default=0)
    end = _SENTENCE_END.search(text, claim.span.end)
    near = text[max(start, claim.span.start - 40) : claim.span.end]
    after = text[claim.span.end : min(end.start() if end else len(text), claim.span.end + 40)]
    return bool(_AFTER.search(near) or _AFTER.match(after.lstrip()))


class Scope(StrEnum):
    """How far an account reaches."""

    LOCAL = "local"
    WAVE = "wave"
    NOWHERE = "nowhere"


class Family(StrEnum):
    """What sort of event; events of two sorts are never one. OPEN: the report does not say."""

    ATTACK = "attack"
    WEATHER = "weather"
    TECHNICAL = "technical"
    PLANNED = "planned"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Window:
    """Time within which an event lies. `is_assumed`: bounded by when it was told, not by words."""

    from_at: datetime
    to_at: datetime
    is_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one report tells of one event. The atom of merging.

    `sites` are the finest places named, `cities` those of them that
    are cities or towns. `following` are claims of a strike that came after the
    event: they do not help to tell the event from others. `window` is None for what is only
    follow-up, or when neither words nor publication give a time; `as_of` is when the report could
    know. `is_more_than_alarm` tells that
    something happened, `is_dark` of people without power, `is_back` of power back for all.
    """

    id: IncidentId
    report: Report
    author: Author
    claims: tuple[Claim, ...]
    scope: Scope
    family: Family
    sites: frozenset[SiteKey]
    cities: frozenset[SiteKey]
    oblasts: frozenset[SiteKey]
    window: Window | None
    as_of: datetime | None
    weekdays: frozenset[str]
    parts_of_day: frozenset[str]
    origins: frozenset[SpeakerRole]
    origin_names: frozenset[str]
    counts: tuple[tuple[ClaimKind, Count], ...]
    weapons: frozenset[str]
    targets: frozenset[str]
    following: frozenset[ClaimId]
    has_event: bool
    is_more_than_alarm: bool
    is_dark: bool
    is_back: bool


def sort_of(accounts: Iterable[Account]) -> Family:
    """Sort of the event that accounts tell of: an attack where none of them says."""
    return next((a.family for a in accounts if a.family is not Family.OPEN), Family.ATTACK)


def make_accounts(
    report: Report, claims: Iterable[Claim], tree: SiteTree, options: ReconcileOptions
) -> list[Account]:
    """Group one report's claims of layer INCIDENT by where and what; order of claims is no matter.

    Every claim ends in exactly one account. Claims that name no place go with the nearest claim
    before them that does.
    """
    ordered = sorted(
        (c for c in claims if c.layer is Layer.INCIDENT), key=lambda c: (c.span.start, c.id)
    )
    groups: list[tuple[Scope, Family, frozenset[SiteKey], list[Claim]]] = []
    family_of = _families(ordered)
    for family in sorted(set(family_of)):
        members = [c for c, f in zip(ordered, family_of, strict=True) if f is family]
        for scope, sites, grouped in _group_by_place(members, tree):
            groups.append((scope, family, sites, grouped))
    return [
        _make_account(report, scope, family, sites, grouped, tree, options)
        for scope, family, sites, grouped in groups
    ]


_PLANNED = frozenset(
    {OutageType.SCHEDULED, OutageType.PLANNED_WORKS, OutageType.POWER_LIMIT_INDUSTRY}
)


def _own_family(claim: Claim) -> Family | None:
    """Family that the claim itself shows, None where it would fit several."""
    if claim.is_negated:
        return None
    if claim.kind is ClaimKind.SCHEDULE or claim.outage_type in _PLANNED:
        return Family.PLANNED
    if claim.outage_type is OutageType.WEATHER or claim.cause == "weather":
        return Family.WEATHER
    if claim.outage_type is OutageType.TECHNICAL or claim.cause == "technical":
        return Family.TECHNICAL
    if claim.kind in _ATTACK_KINDS or claim.outage_type in _ATTACK_OUTAGES:
        return Family.ATTACK
    return None


def _families(claims: Sequence[Claim]) -> list[Family]:
    """Family of each claim. One that would fit several takes the report's: an attack if it has one.

    A report of ice alone is of ice throughout; one of an attack that also mentions ice is not.
    """
    own = [_own_family(c) for c in claims]
    shown = set(own) - {None}
    rest = next((f for f in Family if f in shown), Family.OPEN)
    return [rest if family is None else family for family in own]


def _group_by_place(
    claims: Sequence[Claim], tree: SiteTree
) -> list[tuple[Scope, frozenset[SiteKey], list[Claim]]]:
    sites_of = {c.id: tree.finest(tree.key(p) for p in c.places) for c in claims}
    wide = {c.id for c in claims if _is_wide(c, sites_of[c.id], tree)}
    areas = _areas((sites_of[c.id] for c in claims if c.id not in wide), tree)
    areas = _fold_into_wave(areas, [sites_of[c.id] for c in claims if c.id in wide], tree)

    wave: list[Claim] = []
    local: dict[frozenset[SiteKey], list[Claim]] = {area: [] for area in areas}
    waiting: list[Claim] = []
    last: list[Claim] | None = None
    for claim in claims:
        sites = sites_of[claim.id]
        if sites:
            home = next((a for a in areas if sites <= a), None)
            last = wave if claim.id in wide or home is None else local[home]
            last.append(claim)
        elif last is not None:
            last.append(claim)
        elif claim.id in wide:
            last = wave
            last.append(claim)
        else:
            waiting.append(claim)  # before the first place named: it is of what follows

    groups: list[tuple[Scope, frozenset[SiteKey], list[Claim]]] = []
    if wave:
        named = frozenset().union(*(sites_of[c.id] for c in wave))
        groups.append((Scope.WAVE, named, wave))
    groups.extend((Scope.LOCAL, area, members) for area, members in local.items() if members)
    if waiting:
        if groups:
            first = min(groups, key=lambda g: (g[2][0].span.start, g[2][0].id))
            first[2][:0] = waiting
        else:
            groups.append((Scope.NOWHERE, frozenset(), waiting))
    return groups


def _is_wide(claim: Claim, sites: frozenset[SiteKey], tree: SiteTree) -> bool:
    """Whether a claim speaks of several oblasts or of the country."""
    if any(tree.level(s) is PlaceLevel.COUNTRY for s in sites):
        return True
    if len({tree.up(s, PlaceLevel.OBLAST) or s for s in sites}) > 1:
        return True
    words = [claim.extent or "", *(p.part or "" for p in claim.places)]
    if claim.count is not None and claim.count.unit in ("regions", "oblasts"):
        return True
    return any(_SEVERAL_REGIONS.search(w) for w in words)


def _areas(site_sets: Iterable[frozenset[SiteKey]], tree: SiteTree) -> list[frozenset[SiteKey]]:
    """One area per raion spoken of. An oblast alone joins the only raion named in it, if one is."""
    by_raion: dict[SiteKey, set[SiteKey]] = {}
    by_oblast: dict[SiteKey, set[SiteKey]] = {}
    linked: list[set[SiteKey]] = []
    for sites in site_sets:
        keys: set[SiteKey] = set()
        for site in sites:
            if tree.level(site) is PlaceLevel.OBLAST:
                by_oblast.setdefault(site, set()).add(site)
                keys.add(site)
            else:
                raion = tree.up(site, PlaceLevel.RAION) or site
                by_raion.setdefault(raion, set()).add(site)
                keys.add(raion)
        if keys:
            linked.append(keys)
    # One claim about several raions of an oblast makes them one area.
    for oblast in by_oblast:
        within = [r for r in by_raion if tree.contains(oblast, r)]
        merged = _connected(linked, within)
        if len(merged) == 1:
            linked.append({oblast, *within})
    every = _connected(linked, [*by_raion, *by_oblast])
    return sorted(
        (
            frozenset(s for key in group for s in (*by_raion.get(key, ()), *by_oblast.get(key, ())))
            for group in every
        ),
        key=sorted,
    )


def _connected(links: Iterable[set[SiteKey]], nodes: Iterable[SiteKey]) -> list[set[SiteKey]]:
    groups: list[set[SiteKey]] = [{n} for n in nodes]
    known = {n for g in groups for n in g}
    for link in links:
        keys = link & known
        touched = [g for g in groups if g & keys]
        if len(touched) > 1:
            groups = [g for g in groups if not g & keys]
            groups.append(set().union(*touched))
    return groups


def _fold_into_wave(
    areas: list[frozenset[SiteKey]], wide: Sequence[frozenset[SiteKey]], tree: SiteTree
) -> list[frozenset[SiteKey]]:
    """A single place that only illustrates a wave ("Kyiv and other regions") is no own event."""
    if len(areas) != 1 or not wide:
        return areas
    named = frozenset().union(*wide)
    covered = all(any(tree.contains(s, a) or tree.contains(a, s) for s in named) for a in areas[0])
    named_finely = any(tree.level(s) is not PlaceLevel.COUNTRY for s in named)
    return [] if covered and named_finely else areas


def _make_account(
    report: Report,
    scope: Scope,
    family: Family,
    sites: frozenset[SiteKey],
    claims: Sequence[Claim],
    tree: SiteTree,
    options: ReconcileOptions,
) -> Account:
    oblasts = (tree.up(s, PlaceLevel.OBLAST) for s in sites)
    key = Scope.WAVE if scope is Scope.WAVE else " ".join(_id_sites(sites, tree))
    times = [c.time for c in claims if c.time is not None]
    following = _find_following(claims, report.text)
    of_event = [
        c
        for c in claims
        if not c.is_negated and c.certainty is not Certainty.UNKNOWN and c.id not in following
    ]
    return Account(
        id=_account_id(report, key, family),
        report=report,
        author=author_of(report, options.channels),
        claims=tuple(claims),
        scope=scope,
        family=family,
        sites=sites,
        cities=frozenset(s for s in sites if tree.is_city(s)),
        oblasts=frozenset(o for o in oblasts if o is not None),
        window=_window(report, claims, options),
        as_of=_as_of(report, claims),
        weekdays=frozenset(t.weekday for t in times if t.weekday is not None),
        parts_of_day=frozenset(t.part_of_day for t in times if t.part_of_day is not None),
        origins=frozenset(c.attribution.role for c in claims if c.attribution.role in NAMED_BODIES),
        origin_names=frozenset(
            c.attribution.name.casefold() for c in claims if c.attribution.name is not None
        ),
        counts=tuple(
            (c.kind, count)
            for c in of_event
            for count in (c.count, c.customers)
            if count is not None and c.kind is not ClaimKind.ALERT
        ),
        weapons=frozenset(
            item
            for c in of_event
            if c.weapons is not None and c.kind is not ClaimKind.ALERT
            for item in c.weapons.items
        ),
        targets=frozenset(c.target for c in of_event if c.target is not None),
        following=following,
        has_event=any(c.kind in EVENT_KINDS and not c.is_negated for c in claims),
        is_more_than_alarm=any(c.kind in EVENT_KINDS - {ClaimKind.ALERT} for c in of_event),
        is_dark=any(c.kind is ClaimKind.OUTAGE for c in of_event),
        is_back=any(c.kind is ClaimKind.RESTORED and c.effect == "full" for c in of_event),
    )


def _id_sites(sites: frozenset[SiteKey], tree: SiteTree) -> list[str]:
    """Raions rather than finer sites: an id should outlive a better reading of the place."""
    return sorted({tree.up(s, PlaceLevel.RAION) or s for s in sites})


def _account_id(report: Report, key: str, family: Family) -> IncidentId:
    digest = hashlib.sha256(f"{report.id}\x00{key}\x00{family}".encode()).hexdigest()
    return IncidentId(f"i-{digest[:12]}")


def _window(report: Report, claims: Sequence[Claim], options: ReconcileOptions) -> Window | None:
    """Time of the event: as said of what happened, else as said of its effects, else assumed."""
    happened = [c for c in claims if c.kind in _HAPPENS and not c.is_negated]
    for told in (happened, [c for c in claims if c.kind in _HARM]):
        said = [
            (c.time.from_at, c.time.to_at or c.time.from_at)
            for c in told
            if c.time is not None and c.time.from_at is not None
        ]
        if said:
            return Window(min(f for f, _ in said), max(t for _, t in said), is_assumed=False)
    if not happened:
        return None
    until = [c.time.to_at for c in happened if c.time is not None and c.time.to_at is not None]
    latest = max(until, default=report.published_at)
    if latest is None:
        return None
    return Window(latest - timedelta(hours=options.lookback_h), latest, is_assumed=True)


def _as_of(report: Report, claims: Sequence[Claim]) -> datetime | None:
    if report.published_at is not None:
        return report.published_at
    times = [c.time for c in claims if c.time is not None]
    ends = [end for t in times if (end := t.to_at or t.from_at) is not None]
    return max(ends, default=None)
