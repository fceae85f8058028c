"""An incident: claims about the same event, with what contradicts and what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from lightkeeper.claims.model import Certainty, Claim, ClaimId, PlaceRef, TimeRef
from lightkeeper.reports.model import ReportId

IncidentId = NewType("IncidentId", str)


class FieldStatus(StrEnum):
    """How a value stands. "Confirmed" needs the speaker's own report, not a retelling."""

    REPORTED = "reported"
    PRELIMINARY = "preliminary"
    ATTRIBUTED = "attributed"
    CONFIRMED = "confirmed"
    CORROBORATED = "corroborated"
    CONTRADICTED = "contradicted"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One merged value of an incident and the claims it stands on.

    `name` is the field ("explosions", "weapon", "outage", "casualties", ...), `value` its words in
    English for the machine ("about 10"); `certainty` the weakest of the claims merged.
    """

    name: str
    value: str
    certainty: Certainty
    status: FieldStatus
    claims: tuple[ClaimId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Values that do not agree, with the claims on each side. Shown, not settled."""

    field: str
    sides: tuple[tuple[str, tuple[ClaimId, ...]], ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something a decision needs that nobody has said.

    `reason` is "stated" (a report says it is not known; see `claims`) or "not_mentioned".
    """

    subject: str
    reason: str
    claims: tuple[ClaimId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGroup:
    """Reports that go back to one origin; together they are one source."""

    reports: tuple[ReportId, ...]
    origin: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Claims about one event. Undated incidents keep `time` relative."""

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
    parent: IncidentId | None = None
    children: tuple[IncidentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDecision:
    """A person's word on what belongs together; later decisions win over earlier ones.

    `kind` "merge": the reports are of one event; "split": they are not. `by` and `at` are kept.
    """

    kind: str
    reports: tuple[ReportId, ...]
    by: str
    at: datetime
