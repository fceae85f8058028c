"""An incident: claims about the same event, with what contradicts and what is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from lightkeeper.claims.model import Certainty, Claim, ClaimId, Count, PlaceRef, TimeRef
from lightkeeper.reports.model import ReportId

IncidentId = NewType("IncidentId", str)


class ChannelKind(StrEnum):
    """Who speaks in a channel, as an operator has it on record."""

    ALERT_RELAY = "alert_relay"
    CITY_ADMINISTRATION = "city_administration"
    RAION_ADMINISTRATION = "raion_administration"
    OBLAST_ADMINISTRATION = "oblast_administration"
    MAYOR = "mayor"
    DISTRIBUTION_OPERATOR = "dso"
    SYSTEM_OPERATOR = "tso"
    GOVERNMENT = "government"
    EMERGENCY_SERVICE = "emergency_service"
    MILITARY = "military"
    OFFICIALS = "officials"
    WATCHERS = "watchers"
    NEWS = "news"


class FieldStatus(StrEnum):
    """How a value stands. "Confirmed" needs the speaker's own report, not a retelling."""

    REPORTED = "reported"
    PRELIMINARY = "preliminary"
    ATTRIBUTED = "attributed"
    CONFIRMED = "confirmed"
    CORROBORATED = "corroborated"
    CONTRADICTED = "contradicted"
    DENIED = "denied"


class Importance(StrEnum):
    """How much an open question matters to a decision.

    HIGH: lives, or where crews and power have to go, depend on it. MEDIUM: it changes the size of
    the answer, not its kind. LOW: it changes what is told, not what is done.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One merged value of an incident and the claims it stands on.

    `name` is the field ("explosions", "weapon", "outage", "casualties", ...), `value` its words in
    English for the machine ("about 10"); `certainty` the weakest of the claims merged; `n_sources`
    how many independent sources of the incident tell it, 0 when only relays and nameless news do;
    `count` the number, where the value is one.
    """

    name: str
    value: str
    certainty: Certainty
    status: FieldStatus
    claims: tuple[ClaimId, ...]
    n_sources: int = 1
    count: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Values that do not agree, with the claims on each side. Shown, not settled."""

    field: str
    sides: tuple[tuple[str, tuple[ClaimId, ...]], ...]
    note: str
    importance: Importance = Importance.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something a decision needs that nobody has said.

    `reason` is "stated" (a report says it is not known; see `claims`) or "not_mentioned".
    """

    subject: str
    reason: str
    claims: tuple[ClaimId, ...] = ()
    importance: Importance = Importance.MEDIUM


class Replacement(StrEnum):
    """Why a value no longer stands. CORRECTION: it was wrong. UPDATE: it was right then. EDIT: the
    post that told it was changed."""

    UPDATE = "update"
    CORRECTION = "correction"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A value that a later word of the same body replaced. Kept, never current.

    `old_count` and `new_count` are the numbers, where the values are ones.
    """

    field: str
    old: str
    new: str
    by: ReportId
    claims: tuple[ClaimId, ...]
    how: Replacement = Replacement.UPDATE
    old_count: Count | None = None
    new_count: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGroup:
    """Reports that go back to one origin; together they are one source.

    `adds_support` is False where the group says nothing from its own knowledge (an alert relay,
    news without a named source) while another group does.
    """

    reports: tuple[ReportId, ...]
    origin: str
    reason: str
    adds_support: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsharedQuote:
    """Words in quotation marks that no other report of the same origin has.

    A rewrite may have made them up: they are shown with this mark and support nothing. `text` is
    `report.text[start:end]`.
    """

    report: ReportId
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Another incident that might be the same one, offered to a person.

    `probability` is that of the best pair of accounts, `reasons` its evidence in words, for and
    against; `ruled_out` says what keeps the two apart, None where the evidence is only too weak.
    """

    incident: IncidentId
    probability: float
    reasons: tuple[str, ...]
    ruled_out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Claims about one event. Undated incidents keep `time` relative.

    `aliases` are all the ids that ever stood for a part of this incident (one for each report's
    account of it); `id` is one of them.
    """

    id: IncidentId
    title: str
    kind: str
    places: tuple[PlaceRef, ...]
    time: TimeRef | None
    claims: tuple[Claim, ...]
    reports: tuple[ReportId, ...]
    sources: tuple[SourceGroup, ...]
    n_independent_sources: int
    facts: tuple[Fact, ...]
    contradictions: tuple[Contradiction, ...]
    unknowns: tuple[Unknown, ...]
    superseded: tuple[Superseded, ...] = ()
    parent: IncidentId | None = None
    children: tuple[IncidentId, ...] = ()
    aliases: tuple[IncidentId, ...] = ()
    unshared_quotes: tuple[UnsharedQuote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDecision:
    """A person's word on what belongs together; later decisions win over earlier ones.

    `kind` "merge": the reports are of one event; "split": no two of them are. `by` and `at` are
    kept.
    """

    kind: str
    reports: tuple[ReportId, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Every claim given is in exactly one place: an incident, or `outside`.

    Outside are claims of context, narrative or out of scope, and those that belong to no event.
    """

    incidents: tuple[Incident, ...]
    outside: tuple[Claim, ...]

    def find(self, incident: IncidentId) -> Incident | None:
        """Incident that an id stands for now, also after merges."""
        for candidate in self.incidents:
            if incident == candidate.id or incident in candidate.aliases:
                return candidate
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOptions:
    """How claims become incidents. Weights are natural log-odds; docs/method/incidents.md.

    `channels` says who speaks in a channel, by its name; of others the name itself is read.
    `min_probability`: two accounts are one event from here on. `same_event_gap_h`: dated accounts
    further apart are never one event. `follow_up_h`: how long after an event a report may still
    tell of its repair, its victims, or power coming back. `lookback_h`: an event told without a
    time happened at most so long before the report was published. `told_after_h`: up to so long
    after an event, or after another telling, a telling is likely to be of it still.
    """

    min_probability: float = 0.9
    channels: Mapping[str, ChannelKind] = field(default_factory=dict)
    same_event_gap_h: float = 10.0
    follow_up_h: float = 36.0
    lookback_h: float = 12.0
    told_after_h: float = 16.0

    prior_dated: float = -2.0
    prior_undated: float = -4.0
    weight_same_place: float = 2.5
    weight_within_raion: float = 2.25
    weight_within_oblast: float = 0.5
    weight_same_scope: float = 2.0
    weight_time_overlap: float = 2.5
    weight_relative_time: float = 0.3
    weight_count: float = 1.5
    weight_count_differs: float = -0.5
    weight_weapon: float = 0.8
    weight_weapon_set: float = 1.5
    weight_weapon_differs: float = -0.75
    weight_origin: float = 1.0
    weight_target: float = 0.5
    weight_sort_open: float = -0.25
    weight_voice: float = 1.0
    weight_reply: float = 3.0
    weight_rewrite: float = 4.0
    weight_copy: float = 6.0

    rewrite_similarity: float = 85.0
    quote_similarity: float = 90.0
    quote_min_chars: int = 25
    shared_shingles: int = 6
