"""A claim: one assertion in one report, with its words, its speaker and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from lightkeeper.region.model import PlaceCode, PlaceLevel
from lightkeeper.reports.model import ReportId

ClaimId = NewType("ClaimId", str)
"""Report id, kind and span start: "3f2a...:explosions:1204"."""


class ClaimKind(StrEnum):
    """What is asserted."""

    ALERT = "alert"
    ALL_CLEAR = "all_clear"
    EXPLOSIONS = "explosions"
    STRIKE = "strike"
    WEAPON = "weapon"
    DAMAGE = "damage"
    OUTAGE = "outage"
    RESTORED = "restored"
    CASUALTIES = "casualties"
    SERVICES = "services"
    REPAIR = "repair"
    CONDITIONS = "conditions"
    ADVICE = "advice"
    UNKNOWN = "unknown"
    FORECAST = "forecast"
    SCHEDULE = "schedule"
    """Hourly outages announced by turns, in force, lifted or not in force (`is_negated`)."""


class Layer(StrEnum):
    """Whether the claim is of the event itself. Only INCIDENT claims become incident facts."""

    INCIDENT = "incident"
    CONTEXT = "context"
    NARRATIVE = "narrative"
    OUT_OF_SCOPE = "out_of_scope"


class Certainty(StrEnum):
    """CAP 1.2 certainty, and PRELIMINARY for what the speaker calls so."""

    OBSERVED = "observed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    PRELIMINARY = "preliminary"
    UNKNOWN = "unknown"


class CasualtyStatus(StrEnum):
    """Four different things; the absence of a claim is the fifth, "not mentioned"."""

    COUNTED = "counted"
    ZERO = "zero"
    NONE_REPORTED = "none_reported"
    NOT_RELEASED = "not_released"


class OutageType(StrEnum):
    """Why it is dark, if the text says so."""

    DAMAGE = "damage"
    EMERGENCY = "emergency"
    SCHEDULED = "scheduled"
    POWER_LIMIT_INDUSTRY = "power_limit_industry"
    WEATHER = "weather"
    TECHNICAL = "technical"
    PLANNED_WORKS = "planned_works"
    UNKNOWN = "unknown"


class SpeakerRole(StrEnum):
    """Who is speaking, by office."""

    SELF = "self"
    CITY_ADMINISTRATION = "city_administration"
    MAYOR = "mayor"
    RAION_ADMINISTRATION = "raion_administration"
    OBLAST_ADMINISTRATION = "oblast_administration"
    GOVERNMENT = "government"
    MILITARY = "military"
    SYSTEM_OPERATOR = "tso"
    DISTRIBUTION_OPERATOR = "dso"
    ENERGY_OFFICIALS = "energy_officials"
    EMERGENCY_SERVICE = "emergency_service"
    OFFICIALS = "officials"
    LOCAL_RESIDENTS = "local_residents"
    EXPERT = "expert"
    FOREIGN_OFFICIAL = "foreign_official"
    UTILITY = "utility"
    SOCIAL_MEDIA = "social_media"
    WORKER = "worker"
    MEDIA = "media"
    UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Span:
    """`text` equals `report.text[start:end]`, to the letter."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who says it, through whom.

    `role` SELF: the report's own author. Otherwise the report attributes the claim to `role`
    (`name` where given); that is "attributed to", not "confirmed by". `chain` runs from the report
    to the origin. `span` holds the words that attribute, None for SELF.
    """

    role: SpeakerRole
    name: str | None = None
    chain: tuple[str, ...] = ()
    span: Span | None = None

    @property
    def is_second_hand(self) -> bool:
        """True when the report tells what someone else said."""
        return self.role is not SpeakerRole.SELF


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRef:
    """A place as named: `code` is None when the gazetteer does not know it.

    `part` is the words for a part of the place ("several districts"); nothing finer is inferred.
    """

    text: str
    code: PlaceCode | None
    level: PlaceLevel | None
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRef:
    """When, as far as the words go.

    Without a date the time stays relative: "early Thursday morning" is weekday "thursday",
    part_of_day "early_morning", and `from_at`/`to_at` None. An open end is None.
    """

    text: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    weekday: str | None = None
    part_of_day: str | None = None
    precision: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number as said; a bound that is not said is None."""

    min: int | None = None
    best: int | None = None
    max: int | None = None
    approximate: bool = False
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapons:
    """`mode`: "one", "either" (alternatives) or "both" (used together)."""

    mode: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Casualties:
    """Numbers are None where not said; `status` says what kind of silence that is.

    A number that is not exact ("at least three") stands in `bounds` as it was said; the number
    itself is then its best value, or its lower bound.
    """

    status: CasualtyStatus
    killed: int | None = None
    injured: int | None = None
    missing: int | None = None
    bounds: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One assertion. Fields that the text does not give are None."""

    id: ClaimId
    report: ReportId
    kind: ClaimKind
    layer: Layer
    span: Span
    attribution: Attribution
    places: tuple[PlaceRef, ...] = ()
    time: TimeRef | None = None
    count: Count | None = None
    weapons: Weapons | None = None
    customers: Count | None = None
    """For OUTAGE, RESTORED and SERVICES: `unit` "customers", "households" or "people", as written.
    `count` holds the other number there ("63 settlements")."""
    target: str | None = None
    effect: str | None = None
    outage_type: OutageType | None = None
    extent: str | None = None
    services: tuple[str, ...] = ()
    casualties: Casualties | None = None
    subject: str | None = None
    """For UNKNOWN: what is not known ("casualties", "damage_extent", "location")."""
    alert_type: str | None = None
    """"air_alarm", "missile_threat" or "uav_threat"."""
    temperature_c: float | None = None
    cause: str | None = None
    """Of an outage or damage, as said: "strike", "debris", "weather", "technical"."""
    certainty: Certainty = Certainty.OBSERVED
    """UNKNOWN is hearsay: a rumour, or what its own teller does not vouch for."""
    is_negated: bool = False
