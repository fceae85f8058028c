"""The log: what happened, when, who did it, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, TypeAlias

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage.model import Inspection, InspectionStep, Observation
from lightkeeper.incidents.model import MergeDecision
from lightkeeper.notices.model import Notice, NoticeId
from lightkeeper.reports.model import Report, ReportId
from lightkeeper.reports.source import SourceCheck, SourceRecord
from lightkeeper.storage.spells import FeederSpell

LogSeq = NewType("LogSeq", int)
"""Place of an entry in the log: 1, 2, 3, ... without gaps."""


class EventKind(StrEnum):
    """What can happen. A kind once released keeps its name and its meaning."""

    REPORT_RECEIVED = "report_received"
    REPORT_RETRACTED = "report_retracted"
    REPORT_RESTORED = "report_restored"
    REPORT_DELETED = "report_deleted"
    REPORT_SHOWN_AGAIN = "report_shown_again"
    SOURCE_CHECKED = "source_checked"
    CLAIM_RETRACTED = "claim_retracted"
    CLAIM_RESTORED = "claim_restored"
    MERGE_DECIDED = "merge_decided"
    MERGE_UNDONE = "merge_undone"
    OBSERVATION_RECORDED = "observation_recorded"
    INSPECTION_RECORDED = "inspection_recorded"
    INSPECTION_UNDER_WAY = "inspection_under_way"
    NOTICE_DRAFTED = "notice_drafted"
    NOTICE_APPROVED = "notice_approved"
    NOTICE_WITHDRAWN = "notice_withdrawn"
    SHORTAGE_ORDERED = "shortage_ordered"
    REVIEW_CONFIRMED = "review_confirmed"
    REVIEW_REOPENED = "review_reopened"
    PICTURE_COMPUTED = "picture_computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReceived:
    """A report came in. The text lies in its own table, the log holds its digest."""

    kind: ClassVar[EventKind] = EventKind.REPORT_RECEIVED
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRetracted:
    """The report no longer counts; it stays stored."""

    kind: ClassVar[EventKind] = EventKind.REPORT_RETRACTED
    report: ReportId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRestored:
    """A retraction was a mistake."""

    kind: ClassVar[EventKind] = EventKind.REPORT_RESTORED
    report: ReportId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDeleted:
    """Its source no longer shows the post: no version of it counts; all stay stored."""

    kind: ClassVar[EventKind] = EventKind.REPORT_DELETED
    report: ReportId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShownAgain:
    """Its source shows this version now, whatever it showed since."""

    kind: ClassVar[EventKind] = EventKind.REPORT_SHOWN_AGAIN
    report: ReportId


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChecked:
    """Looks at sources: what is new, what is wrong; the last look at each.

    The quiet ones of several sources share an entry, and not every one is logged.
    """

    kind: ClassVar[EventKind] = EventKind.SOURCE_CHECKED
    checks: tuple[SourceCheck, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRetracted:
    """One claim of a report no longer counts."""

    kind: ClassVar[EventKind] = EventKind.CLAIM_RETRACTED
    claim: ClaimId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRestored:
    """A claim's retraction was a mistake."""

    kind: ClassVar[EventKind] = EventKind.CLAIM_RESTORED
    claim: ClaimId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDecided:
    """A person merged or split reports."""

    kind: ClassVar[EventKind] = EventKind.MERGE_DECIDED
    decision: MergeDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone:
    """The decision in log entry `decision` is taken back, as if it had never been made."""

    kind: ClassVar[EventKind] = EventKind.MERGE_UNDONE
    decision: LogSeq


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRecorded:
    """A list of observed supply states, such as an operator's feeder-off list.

    It replaces the earlier list of the same name; an empty one withdraws it.
    """

    kind: ClassVar[EventKind] = EventKind.OBSERVATION_RECORDED
    name: str
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRecorded:
    """A crew saw an asset."""

    kind: ClassVar[EventKind] = EventKind.INSPECTION_RECORDED
    inspection: Inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionUnderWay:
    """A crew is assigned to an asset, or could not get to it."""

    kind: ClassVar[EventKind] = EventKind.INSPECTION_UNDER_WAY
    step: InspectionStep


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDrafted:
    """A notice was drafted, or drafted anew under the same id: an earlier approval falls."""

    kind: ClassVar[EventKind] = EventKind.NOTICE_DRAFTED
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeApproved:
    """A named person approved the draft as it then stood."""

    kind: ClassVar[EventKind] = EventKind.NOTICE_APPROVED
    notice: NoticeId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWithdrawn:
    """A notice is no longer to be shown or sent."""

    kind: ClassVar[EventKind] = EventKind.NOTICE_WITHDRAWN
    notice: NoticeId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortageOrdered:
    """The transmission operator ordered this much power off; it replaces the order before."""

    kind: ClassVar[EventKind] = EventKind.SHORTAGE_ORDERED
    shortage_mw: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewConfirmed:
    """A person looked at an item of the review queue and lets it stand."""

    kind: ClassVar[EventKind] = EventKind.REVIEW_CONFIRMED
    item: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReopened:
    """An item of the review queue is to be looked at again."""

    kind: ClassVar[EventKind] = EventKind.REVIEW_REOPENED
    item: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureComputed:
    """A picture was computed: what is needed to compute it again and to see that it is the same.

    `inputs_sha256` is over region, options and state; `versions` are (part, version) pairs.
    """

    kind: ClassVar[EventKind] = EventKind.PICTURE_COMPUTED
    inputs_sha256: str
    seed: int
    n_scenarios: int
    versions: tuple[tuple[str, str], ...]


Payload: TypeAlias = (
    ReportReceived
    | ReportRetracted
    | ReportRestored
    | ReportDeleted
    | ReportShownAgain
    | SourceChecked
    | ClaimRetracted
    | ClaimRestored
    | MergeDecided
    | MergeUndone
    | ObservationRecorded
    | InspectionRecorded
    | InspectionUnderWay
    | NoticeDrafted
    | NoticeApproved
    | NoticeWithdrawn
    | ShortageOrdered
    | ReviewConfirmed
    | ReviewReopened
    | PictureComputed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to be logged. `actor` is a person's name or the program's part that acted."""

    actor: str
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the log; `sha256` is chained over the line before."""

    seq: LogSeq
    at: datetime
    actor: str
    payload: Payload
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """Last line of the log. Kept elsewhere, it shows later that no line was cut off."""

    seq: LogSeq
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the log says at one moment.

    `seq` is the last entry it stands on, 0 for none. `reports` holds all that were received, in
    order of arrival; absent from `live_reports` are the retracted ones, those that a later version
    replaced (`replaced_by`) and those that their source deleted (`deleted_at`). `decisions` are
    those in force, in order, `decision_seqs` their entries. `reviewed` are the items of the
    review queue that a person let stand. `inspections` has the latest per asset,
    `inspection_steps` what is under way and newer than that, `observations` the latest list per
    name, `feeder_spells` what such lists said of single feeders in the course of time,
    `sources` every source that was ever looked at.
    """

    seq: LogSeq = LogSeq(0)
    reports: tuple[Report, ...] = ()
    received_at: Mapping[ReportId, datetime]
    retracted_reports: frozenset[ReportId] = frozenset()
    replaced_by: Mapping[ReportId, ReportId] = field(default_factory=dict)
    deleted_at: Mapping[ReportId, datetime] = field(default_factory=dict)
    retracted_claims: frozenset[ClaimId] = frozenset()
    decisions: tuple[MergeDecision, ...] = ()
    decision_seqs: tuple[LogSeq, ...] = ()
    observations: tuple[Observation, ...] = ()
    feeder_spells: tuple[FeederSpell, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    inspection_steps: tuple[InspectionStep, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    notices: tuple[Notice, ...] = ()
    shortage_mw: float = 0.0
    reviewed: frozenset[str] = frozenset()

    @property
    def live_reports(self) -> tuple[Report, ...]:
        """Reports that count."""
        return tuple(
            r
            for r in self.reports
            if r.id not in self.retracted_reports
            and r.id not in self.replaced_by
            and r.id not in self.deleted_at
        )
