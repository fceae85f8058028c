"""Kind and title of an incident: short, factual, from the merged claims only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lightkeeper.claims.model import Claim, ClaimKind, OutageType
from lightkeeper.incidents.accounts import Account, Family, Scope, sort_of
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.incidents.words import say_code, say_weapons
from lightkeeper.region import PlaceLevel

_ENERGY = ("power_plant", "chp_plant", "substation", "energy_facility", "energy_system")
_CAUSES = {
    Family.WEATHER: "Power outage from the weather",
    Family.TECHNICAL: "Power outage from a technical fault",
}
_TARGETS = {
    "power_plant": "power plants",
    "chp_plant": "combined heat and power plants",
    "substation": "a substation",
    "energy_facility": "an energy facility",
    "energy_system": "the energy system",
}
_TARGETS_OF_WAVE = _TARGETS | {
    "substation": "substations",
    "energy_facility": "energy facilities",
}


def kind_of(accounts: Sequence[Account]) -> str:
    """Sort of incident: "wave", "strike_outage", "strike", "outage_emergency", "restored",
    "alert", ...
    """
    if any(a.scope is Scope.WAVE for a in accounts):
        return "wave"
    family = sort_of(accounts)
    if family is not Family.ATTACK:
        return f"outage_{family.value}"
    kinds = {c.kind for a in accounts for c in a.claims if not c.is_negated}
    is_dark = bool(kinds & {ClaimKind.OUTAGE, ClaimKind.RESTORED})
    if kinds & {ClaimKind.STRIKE, ClaimKind.EXPLOSIONS, ClaimKind.WEAPON, ClaimKind.DAMAGE}:
        return "strike_outage" if is_dark else "strike"
    if is_dark and ClaimKind.OUTAGE not in kinds:
        return "restored"
    if is_dark:
        types = {c.outage_type for a in accounts for c in a.claims if c.outage_type is not None}
        said = types - {OutageType.UNKNOWN}
        return "outage_emergency" if said == {OutageType.EMERGENCY} else "outage"
    warnings = {ClaimKind.ALERT, ClaimKind.ALL_CLEAR, ClaimKind.ADVICE}
    return "alert" if kinds <= warnings else "report"


def title_of(accounts: Sequence[Account], tree: SiteTree) -> str:
    """For example "Explosions and power outage — Izium, Kharkiv Oblast"."""
    claims = [c for a in accounts for c in a.claims if not c.is_negated and c.id not in a.following]
    return f"{_what(claims, accounts)} — {_where(accounts, tree)}"


def hits_energy(claims: Iterable[Claim]) -> bool:
    """Whether claims tell of a strike on, or damage to, something of the energy system."""
    return any(c.target in _TARGETS for c in claims if c.kind in _STRIKE_KINDS)


def _what(claims: Sequence[Claim], accounts: Sequence[Account]) -> str:
    family = sort_of(accounts)
    if family in _CAUSES:
        return _CAUSES[family]
    kinds = {c.kind for c in claims}
    is_wave = any(a.scope is Scope.WAVE for a in accounts)
    parts: list[str] = []
    if ClaimKind.EXPLOSIONS in kinds and not is_wave and not hits_energy(claims):
        parts.append("explosions")
    elif kinds & {ClaimKind.STRIKE, ClaimKind.WEAPON, ClaimKind.DAMAGE}:
        parts.append(_strike(claims, is_wave=is_wave))
    if ClaimKind.OUTAGE in kinds:
        parts.append("power outages" if is_wave else "power outage")
    elif ClaimKind.RESTORED in kinds:
        parts.append("power back")
    if not parts:
        parts.append(_other(kinds))
    text = " and ".join(parts)
    return text[0].upper() + text[1:]


def _strike(claims: Sequence[Claim], *, is_wave: bool) -> str:
    kinds = {c.kind for c in claims}
    is_hit = any(c.weapons is not None or c.effect == "hit" for c in claims)
    if not is_hit and not kinds & {ClaimKind.STRIKE, ClaimKind.WEAPON, ClaimKind.EXPLOSIONS}:
        noun = "damage"
    else:
        noun = "strikes" if is_wave else "strike"
        weapons = [c.weapons for c in claims if c.weapons is not None and c.kind in _STRIKE_KINDS]
        words = say_weapons(weapons) if weapons else ""
        if words and " or " not in words and len(words) < 40:
            noun = f"{words} {noun}"
    targets = {c.target for c in claims if c.target is not None}
    target = next((t for t in _ENERGY if t in targets), None)
    if target is None:
        return noun
    words = (_TARGETS_OF_WAVE if is_wave else _TARGETS)[target]
    return f"{noun} {'to' if noun == 'damage' else 'on'} {words}"


_STRIKE_KINDS = (ClaimKind.STRIKE, ClaimKind.WEAPON, ClaimKind.DAMAGE)


def _other(kinds: set[ClaimKind]) -> str:
    if ClaimKind.ALERT in kinds:
        return "air alert"
    for kind in (ClaimKind.CASUALTIES, ClaimKind.SERVICES, ClaimKind.REPAIR):
        if kind in kinds:
            return say_code(kind.value)
    return "report"


def _where(accounts: Sequence[Account], tree: SiteTree) -> str:
    sites = [s for a in accounts for s in a.sites]
    if any(a.scope is Scope.WAVE for a in accounts):
        return _how_many_regions(accounts) or _wave_place(sites, tree)
    if not sites:
        return "place not stated"
    fine = tree.finest(sites)
    # The most often named; the name decides a tie, so that order does not.
    main = min(fine, key=lambda s: (-sites.count(s), tree.name(s), s))
    others = len({tree.up(s, PlaceLevel.RAION) or s for s in fine}) - 1
    name = tree.name(main)
    oblast = tree.up(main, PlaceLevel.OBLAST)
    text = name if oblast is None or oblast == main else f"{name}, {tree.name(oblast)}"
    return f"{text}, and {others} more" if others > 0 else text


_N_REGIONS = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
    r"(?: \w+)? (?:regions|oblasts)\b",
    re.IGNORECASE,
)


def _how_many_regions(accounts: Sequence[Account]) -> str | None:
    """ "ten regions" where the reports give one number of regions, else None."""
    words = [
        word
        for a in accounts
        if a.scope is Scope.WAVE
        for c in a.claims
        for word in (c.extent, *(p.text for p in c.places), *(p.part for p in c.places))
    ]
    told = {m.group().casefold() for word in words if word and (m := _N_REGIONS.search(word))}
    return told.pop() if len(told) == 1 else None


def _wave_place(sites: Sequence[SiteKey], tree: SiteTree) -> str:
    fine = {s for s in sites if tree.level(s) is not PlaceLevel.COUNTRY}
    names = sorted({tree.name(s) for s in tree.finest(fine)})
    if not names:
        return "several regions"
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return f"{', '.join(names)} and other regions"
