"""The values of claims in plain English for a duty officer."""

from __future__ import annotations

from collections.abc import Iterable

from lightkeeper.claims.model import Casualties, CasualtyStatus, Claim, OutageType, Weapons
from lightkeeper.incidents.weapons import is_kind_of

_WEAPONS = {
    "KAB": "guided aerial bomb (KAB)",
    "FAB": "unguided aerial bomb (FAB)",
    "aerial_bomb": "aerial bomb",
    "shahed_uav": "Shahed-type drone",
    "fpv_drone": "FPV drone",
    "uav": "attack drone",
    "mlrs": "multiple rocket launcher",
    "s300": "S-300 missile",
}
_OUTAGES = {
    OutageType.DAMAGE: "power outage from damage",
    OutageType.EMERGENCY: "emergency shutdowns",
    OutageType.SCHEDULED: "scheduled outages",
    OutageType.POWER_LIMIT_INDUSTRY: "power limits for industry",
    OutageType.WEATHER: "power outage from the weather",
    OutageType.TECHNICAL: "power outage from a technical fault",
    OutageType.PLANNED_WORKS: "power off for planned works",
    OutageType.UNKNOWN: "power outage",
}
_QUOTE_MAX_CHARS = 160


def say_code(code: str) -> str:
    """A code of the claims in words: "energy_facility" is "energy facility"."""
    return code.replace("_", " ")


def say_weapon(item: str) -> str:
    """One weapon in words."""
    return _WEAPONS.get(item, say_code(item))


def say_weapons(weapons: Iterable[Weapons]) -> str:
    """Weapons told by several claims. A class gives way to its kind; alternatives stay so."""
    told = list(weapons)
    items = sorted({item for w in told for item in w.items})
    finest = [i for i in items if not any(o != i and is_kind_of(o, i) for o in items)]
    words = [say_weapon(i) for i in finest]
    if len(words) == 1:
        return words[0]
    if any(w.mode == "either" for w in told):
        return " or ".join(words)
    return " and ".join(words)


def say_outage(types: Iterable[OutageType | None]) -> str:
    """Sort of outage; the unknown sort gives way to a known one."""
    known = sorted({t for t in types if t is not None and t is not OutageType.UNKNOWN})
    return " and ".join(_OUTAGES[t] for t in known) if known else _OUTAGES[OutageType.UNKNOWN]


def say_casualties(casualties: Casualties) -> str:
    """Casualties, each kind of silence in its own words."""
    match casualties.status:
        case CasualtyStatus.NOT_RELEASED:
            return "not released"
        case CasualtyStatus.NONE_REPORTED:
            return "none reported so far"
        case CasualtyStatus.ZERO:
            return _numbers(casualties) or "said to be none"
        case CasualtyStatus.COUNTED:
            return _numbers(casualties) or "some, number not said"


def _numbers(casualties: Casualties) -> str:
    told = (
        ("killed", casualties.killed),
        ("injured", casualties.injured),
        ("missing", casualties.missing),
    )
    return ", ".join(f"{number} {word}" for word, number in told if number is not None)


def quote(claim: Claim) -> str:
    """The claim's own words, cut where they run on."""
    text = " ".join(claim.span.text.split())
    if len(text) > _QUOTE_MAX_CHARS:
        text = text[:_QUOTE_MAX_CHARS].rsplit(" ", 1)[0] + " ..."
    return f"“{text}”"


def say_extent(claims: Iterable[Claim]) -> str:
    """Extents and parts of places told, each once."""
    parts = [p for c in claims for p in (c.extent, *(place.part for place in c.places)) if p]
    return ", ".join({say_code(p).casefold(): say_code(p) for p in reversed(parts)}.values())
