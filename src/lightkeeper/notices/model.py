"""A notice: text a person approved, for an audience, through a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from lightkeeper.claims.model import ClaimId
from lightkeeper.region.model import DistrictId

NoticeId = NewType("NoticeId", str)


class Audience(StrEnum):
    """Who is looking. Each gets its own projection of everything."""

    PUBLIC = "public"
    OFFICIAL = "official"
    OPERATOR = "operator"


class NoticeClass(StrEnum):
    """Decides when it may go out.

    LIFE_SAFETY is never delayed; PLANNED is public at once; UNPLANNED is by district or coarser
    and held back by a set delay.
    """

    LIFE_SAFETY = "life_safety"
    PLANNED = "planned"
    UNPLANNED = "unplanned"


class CapStatus(StrEnum):
    """CAP 1.2 status values in use; ACTUAL is refused for a synthetic network."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """One language of a notice. Plain words, no asset, no place finer than a district."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A draft until `approved_by` is set; `not_before` is when it may leave.

    `polygon` is the district's outer ring, closed, as (lat, lon) pairs in WGS 84.
    `claims` and `calculation` are what its figures trace to; `schedule` is the fingerprint of the
    hourly schedule that the notice tells, "" for the other classes.
    """

    id: NoticeId
    notice_class: NoticeClass
    status: CapStatus
    districts: tuple[DistrictId, ...]
    area_uk: str
    area_en: str
    polygon: tuple[tuple[float, float], ...]
    texts: tuple[NoticeText, ...]
    severity: str
    urgency: str
    certainty: str
    drafted_at: datetime
    not_before: datetime
    expires_at: datetime
    claims: tuple[ClaimId, ...]
    calculation: str
    schedule: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = None
