"""Whose voice a report is: told from the name of its channel, never from its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lightkeeper.claims.model import SpeakerRole
from lightkeeper.incidents.model import ChannelKind
from lightkeeper.reports.model import MediaType, Report

# First match wins; the order matters ("Kyiv regional military administration" is no military).
_CHANNELS: tuple[tuple[SpeakerRole, str], ...] = (
    (
        SpeakerRole.OBLAST_ADMINISTRATION,
        r"\bова\b|\bода\b|обласна (військова|державна)|областная|облдержадмін|"
        r"(regional|oblast) (military |state )?administration|губернатор|governor",
    ),
    (
        SpeakerRole.RAION_ADMINISTRATION,
        r"\bрва\b|\bрда\b|районна (військова|державна)|районная|"
        r"(district|raion) (military |state )?administration",
    ),
    (
        SpeakerRole.MAYOR,
        r"міський голова|городской голова|\bмер\b|\bмэр\b|\bmayor\b",
    ),
    (
        SpeakerRole.CITY_ADMINISTRATION,
        r"\bмва\b|\bкмва\b|міська (військова|рада)|міськрада|городская|горсовет|"
        r"city (military |state )?(administration|council)|селищна (військова|рада)|громад",
    ),
    (
        SpeakerRole.DISTRIBUTION_OPERATOR,
        r"обленерго|облэнерго|oblenergo|електромереж|электросет|\bgrids?\b|\bдтек\b|\bdtek\b",
    ),
    (
        SpeakerRole.SYSTEM_OPERATOR,
        r"укренерго|укрэнерго|ukrenergo|оператор системи передачі|оператор системы передачи|"
        r"transmission (system )?operator",
    ),
    (
        SpeakerRole.EMERGENCY_SERVICE,
        r"\bдснс\b|\bгсчс\b|рятувальник|спасател|emergency service",
    ),
    (
        SpeakerRole.MILITARY,
        r"повітряні сили|воздушные силы|air force|генштаб|генеральний штаб|general staff|"
        r"\bсили оборони\b|defen[cs]e forces",
    ),
    (
        SpeakerRole.GOVERNMENT,
        r"міністерство|министерство|ministry|кабмін|cabinet of ministers|\bнкрекп\b|регулятор",
    ),
    (SpeakerRole.OFFICIALS, r"прокуратур|prosecutor|поліція|полиция|police|залізниц|railway"),
)
_ALERT_RELAY = r"тривог|тревог|air ?alert|air raid|\balarm"
_WATCHER = r"монітор|монитор|monitor"

_CHANNEL_PATTERNS = tuple((role, re.compile(p, re.IGNORECASE)) for role, p in _CHANNELS)
_ALERT_RELAY_PATTERN = re.compile(_ALERT_RELAY, re.IGNORECASE)
_WATCHER_PATTERN = re.compile(_WATCHER, re.IGNORECASE)

KNOWS_ITSELF = frozenset({role for role, _ in _CHANNELS} | {SpeakerRole.LOCAL_RESIDENTS})
"""Roles whose own report is evidence from their own knowledge."""

OFFICIAL = frozenset(role for role, _ in _CHANNELS)
"""Roles whose own report confirms what they say."""

_KINDRED: tuple[frozenset[SpeakerRole], ...] = (
    frozenset(
        {
            SpeakerRole.ENERGY_OFFICIALS,
            SpeakerRole.SYSTEM_OPERATOR,
            SpeakerRole.DISTRIBUTION_OPERATOR,
            SpeakerRole.GOVERNMENT,
        }
    ),
    frozenset({SpeakerRole.MAYOR, SpeakerRole.CITY_ADMINISTRATION}),
)

NAMED_BODIES = (OFFICIAL | {SpeakerRole.ENERGY_OFFICIALS}) - {SpeakerRole.OFFICIALS}
"""Roles that name one body once the place is known; "officials" does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who speaks in a report itself. MEDIA when the channel does not say. `label` is for people."""

    role: SpeakerRole
    label: str
    knows_itself: bool
    is_relay: bool


def author_of(report: Report, channels: Mapping[str, ChannelKind] | None = None) -> Author:
    """Author by what is on record of the channel, else by the channel's name.

    A forward speaks with the voice of the channel it came from.
    """
    name = report.forwarded_from or report.channel or report.source
    if channels and name in channels:
        return _author_of_kind(channels[name])
    if report.media_type is MediaType.MANUAL:
        return Author(
            role=SpeakerRole.UNNAMED, label="entered by hand", knows_itself=True, is_relay=False
        )
    if report.media_type is MediaType.ALERT or _ALERT_RELAY_PATTERN.search(name):
        return _author_of_kind(ChannelKind.ALERT_RELAY)
    for role, pattern in _CHANNEL_PATTERNS:
        if pattern.search(name):
            return Author(role=role, label=describe(role), knows_itself=True, is_relay=False)
    is_watcher = _WATCHER_PATTERN.search(name)
    return _author_of_kind(ChannelKind.WATCHERS if is_watcher else ChannelKind.NEWS)


def _author_of_kind(kind: ChannelKind) -> Author:
    match kind:
        case ChannelKind.ALERT_RELAY:
            return Author(
                role=SpeakerRole.MEDIA, label="alert relay", knows_itself=False, is_relay=True
            )
        case ChannelKind.WATCHERS:
            return Author(
                role=SpeakerRole.UNNAMED,
                label="unofficial watchers",
                knows_itself=True,
                is_relay=False,
            )
        case ChannelKind.NEWS:
            return Author(role=SpeakerRole.MEDIA, label="media", knows_itself=False, is_relay=False)
        case _:
            role = SpeakerRole(kind.value)
            return Author(role=role, label=describe(role), knows_itself=True, is_relay=False)


def is_same_body(a: SpeakerRole, b: SpeakerRole) -> bool:
    """Whether two roles may be one body, given the same place."""
    return a is b or any(a in kin and b in kin for kin in _KINDRED)


def kin_of(role: SpeakerRole) -> SpeakerRole:
    """One role for all that may be one body with it, whichever of them is named."""
    return next((min(kin) for kin in _KINDRED if role in kin), role)


def describe(role: SpeakerRole) -> str:
    """Role in words."""
    return _WORDS.get(role, role.value.replace("_", " "))


_WORDS = {
    SpeakerRole.SYSTEM_OPERATOR: "transmission system operator",
    SpeakerRole.DISTRIBUTION_OPERATOR: "distribution operator",
    SpeakerRole.SELF: "the report itself",
    SpeakerRole.MEDIA: "media",
    SpeakerRole.UNNAMED: "an unnamed source",
}
