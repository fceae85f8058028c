"""A source: where reports come from, what one look at it brings, and how well it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lightkeeper.errors import DeliveryError
from lightkeeper.region.model import PlaceLevel
from lightkeeper.reports.model import Report


class SourceKind(StrEnum):
    """What can be asked for reports."""

    FILES = "files"
    TELEGRAM_EXPORT = "telegram_export"
    TELEGRAM_PAGE = "telegram_page"
    TELEGRAM_LIVE = "telegram_live"
    FEED = "feed"
    ARTICLE = "article"
    ALERTS_IN_UA = "alerts_in_ua"
    ALERTS_IN_UA_STATUSES = "alerts_in_ua_statuses"
    UKRAINE_ALARM = "ukraine_alarm"
    FEEDERS = "feeders"
    CALLS = "calls"
    INSPECTIONS = "inspections"
    MANUAL = "manual"


ALERT_KINDS = frozenset(
    {SourceKind.ALERTS_IN_UA, SourceKind.ALERTS_IN_UA_STATUSES, SourceKind.UKRAINE_ALARM}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One entry of the file of sources.

    `every_s`: how often it is asked. `silent_after_h`: nothing new for longer is too long; None
    where silence says nothing (an alert feed on a quiet day). `token_env` names the environment
    variable that holds the key, which is neither stored nor logged; `api_id_env` and `api_hash_env`
    those of a Telegram application. `channel` is the name of who speaks, where the source itself
    does not say; `speaks_for` how wide that body speaks (settlement, raion, oblast, country).
    `full_text`: of a feed, read the articles too. `last`: messages of a live channel
    read at each look. `regions`: a saved list of Ukraine Alarm's regions.
    """

    name: str
    kind: SourceKind
    path: str | None = None
    url: str | None = None
    channel: str | None = None
    speaks_for: PlaceLevel | None = None
    every_s: float = 60.0
    silent_after_h: float | None = None
    timeout_s: float = 20.0
    max_mb: float = 8.0
    full_text: bool = False
    token_env: str | None = None
    api_id_env: str | None = None
    api_hash_env: str | None = None
    session: str | None = None
    regions: str | None = None
    last: int = 100

    @property
    def max_bytes(self) -> int:
        """`max_mb` in bytes."""
        return int(self.max_mb * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that a source shows from one item number to another.

    A post known from before, numbered between `first` and `last` and not among `present`, is gone.
    """

    source: str
    first: int
    last: int
    present: frozenset[int]


@dataclass(frozen=True, slots=True)
class ReceivedList:
    """A list of an operator as it came, to be read with the region's tables at hand."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceBatch:
    """What one look at a source brought.

    `cursor` is handed back at the next look. `problems` are what could not be read; the rest was.
    `is_live`: the source shows this now (a saved copy may be old). `n_gone` counts files taken out
    of a watched folder; their reports stay.
    """

    reports: tuple[Report, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    lists: tuple[ReceivedList, ...] = ()
    cursor: str = ""
    problems: tuple[str, ...] = ()
    is_live: bool = False
    n_gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What is held of a source: the cursor of the last look, and its posts by item."""

    cursor: str = ""
    posts: Mapping[str, Report] = field(default_factory=dict)


class SourceFailed(DeliveryError):
    """A source did not answer as it should; `retry_after_s` if it said when to come back."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        self.reason, self.retry_after_s = reason, retry_after_s
        super().__init__(reason)


class SourceState(StrEnum):
    """How a source does, the worst first."""

    FAILED = "failed"
    UNWATCHED = "unwatched"
    SILENT = "silent"
    WAITING = "waiting"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """What is known of the looks at one source. Instants are None where it never happened."""

    name: str
    kind: SourceKind
    every_s: float = 60.0
    silent_after_h: float | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_new_at: datetime | None = None
    last_tried_at: datetime | None = None
    failing_since: datetime | None = None
    n_failed: int = 0
    n_new: int = 0
    n_gone: int = 0
    reason: str = ""
    cursor: str = ""


LOGGED_EVERY = timedelta(minutes=10)
"""How often looks that bring nothing are logged; so "last seen" of a past moment is that exact."""


def state_of(record: SourceRecord, now: datetime) -> SourceState:
    """Say how a source does at a moment.

    UNWATCHED: nobody has asked it for much longer than `every_s`, so nothing is known of it.
    """
    if record.kind is SourceKind.MANUAL:
        return SourceState.OK if record.last_new_at is not None else SourceState.WAITING
    if record.last_tried_at is None:
        return SourceState.WAITING
    missed = LOGGED_EVERY + timedelta(seconds=3 * record.every_s)
    if now - record.last_tried_at > missed + timedelta(seconds=backoff_s(record)):
        return SourceState.UNWATCHED
    if record.reason:
        return SourceState.FAILED
    heard_at = record.last_new_at or record.first_seen_at
    if record.silent_after_h is None or heard_at is None:
        return SourceState.OK
    is_silent = now - heard_at > timedelta(hours=record.silent_after_h)
    return SourceState.SILENT if is_silent else SourceState.OK


MAX_WAIT_S = 3600.0


def backoff_s(record: SourceRecord) -> float:
    """Seconds to wait beyond `every_s` after failures: doubled by each, an hour at most."""
    if record.n_failed == 0:
        return 0.0
    return min(record.every_s * (2.0 ** min(record.n_failed, 10) - 1.0), MAX_WAIT_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """One look at a source: whether it answered, what was wrong, how many new reports came."""

    name: str
    kind: SourceKind
    at: datetime
    answered: bool
    n_new: int = 0
    n_gone: int = 0
    reason: str = ""
    cursor: str = ""
    every_s: float = 60.0
    silent_after_h: float | None = None


def note(record: SourceRecord | None, check: SourceCheck) -> SourceRecord:
    """Return what is known of a source after a look at it."""
    before = record or SourceRecord(name=check.name, kind=check.kind)
    at, answered = check.at, check.answered
    return SourceRecord(
        name=check.name,
        kind=check.kind,
        every_s=check.every_s,
        silent_after_h=check.silent_after_h,
        first_seen_at=before.first_seen_at or (at if answered else None),
        last_seen_at=at if answered else before.last_seen_at,
        last_new_at=at if check.n_new else before.last_new_at,
        last_tried_at=at,
        failing_since=(before.failing_since or at) if check.reason else None,
        n_failed=0 if answered else before.n_failed + 1,
        n_new=before.n_new + check.n_new,
        n_gone=check.n_gone,
        reason=check.reason,
        cursor=check.cursor,
    )
