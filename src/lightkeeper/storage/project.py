"""From the log to the state: a pure function of the entries, in order of `seq`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage.model import AssetId, Inspection, InspectionStep, Observation
from lightkeeper.incidents.model import MergeDecision
from lightkeeper.notices.model import Notice, NoticeId
from lightkeeper.reports.model import Report, ReportId
from lightkeeper.reports.posts import Posts
from lightkeeper.reports.source import SourceRecord, note
from lightkeeper.storage.model import (
    ClaimRestored,
    ClaimRetracted,
    InspectionRecorded,
    InspectionUnderWay,
    LogEntry,
    LogSeq,
    MergeDecided,
    MergeUndone,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    ObservationRecorded,
    PictureComputed,
    ReportDeleted,
    ReportReceived,
    ReportRestored,
    ReportRetracted,
    ReportShownAgain,
    ReviewConfirmed,
    ReviewReopened,
    ShortageOrdered,
    SourceChecked,
    State,
)
from lightkeeper.storage.spells import Spells


def tell_posts(posts: Posts, entry: LogEntry) -> None:
    """Tell what an entry says of posts and their versions."""
    match entry.payload:
        case ReportReceived(report=report):
            posts.receive(report)
        case ReportDeleted(report=report_id):
            posts.take_away(report_id, entry.at)
        case ReportShownAgain(report=report_id):
            posts.show_again(report_id)
        case ReportRestored(report=report_id):
            posts.restore(report_id)
        case _:
            pass


def project(entries: Iterable[LogEntry]) -> State:
    """State after `entries`.

    An entry about something unknown (the retraction of a report that is not there) changes nothing
    else: with clocks a little apart, `events(until)` may hold the answer without the question.
    """
    reports: dict[ReportId, Report] = {}
    received_at: dict[ReportId, datetime] = {}
    posts = Posts()
    retracted_reports: set[ReportId] = set()
    retracted_claims: set[ClaimId] = set()
    decisions: dict[LogSeq, MergeDecision] = {}
    observations: dict[str, tuple[Observation, ...]] = {}
    spells = Spells()
    inspections: dict[AssetId, Inspection] = {}
    steps: dict[AssetId, InspectionStep] = {}
    sources: dict[str, SourceRecord] = {}
    notices: dict[NoticeId, Notice] = {}

    reviewed: set[str] = set()

    last = LogSeq(0)
    shortage_mw = 0.0

    for entry in entries:
        last = entry.seq
        tell_posts(posts, entry)
        match entry.payload:
            case ReportReceived(report=report):
                reports.setdefault(report.id, report)
                received_at.setdefault(report.id, entry.at)
            case ReportRetracted(report=report_id):
                retracted_reports.add(report_id)
            case ReportRestored(report=report_id):
                retracted_reports.discard(report_id)
            case SourceChecked(checks=checks):
                sources |= {c.name: note(sources.get(c.name), c) for c in checks}
            case ClaimRetracted(claim=claim):
                retracted_claims.add(claim)
            case ClaimRestored(claim=claim):
                retracted_claims.discard(claim)
            case MergeDecided(decision=decision):
                decisions[entry.seq] = decision
            case MergeUndone(decision=seq):
                decisions.pop(seq, None)
            case ObservationRecorded(name=name, observations=listed):
                observations.pop(name, None)
                observations[name] = listed
                spells.note((o for one in observations.values() for o in one), entry.at)
            case InspectionRecorded(inspection=inspection):
                known = inspections.get(inspection.asset)
                if known is None or inspection.at >= known.at:
                    inspections[inspection.asset] = inspection
            case InspectionUnderWay(step=step):
                before = steps.get(step.asset)
                if before is None or step.at >= before.at:
                    steps[step.asset] = step
            case NoticeDrafted(notice=notice):
                notices[notice.id] = replace(notice, approved_by=None, approved_at=None)
            case NoticeApproved(notice=notice_id, by=by):
                if notice_id in notices:
                    notices[notice_id] = replace(
                        notices[notice_id], approved_by=by, approved_at=entry.at
                    )
            case NoticeWithdrawn(notice=notice_id):
                notices.pop(notice_id, None)
            case ShortageOrdered(shortage_mw=ordered):
                shortage_mw = ordered
            case ReviewConfirmed(item=item):
                reviewed.add(item)
            case ReviewReopened(item=item):
                reviewed.discard(item)
            case ReportDeleted() | ReportShownAgain() | PictureComputed():
                pass

    return State(
        seq=last,
        reports=tuple(reports.values()),
        received_at=received_at,
        retracted_reports=frozenset(retracted_reports),
        replaced_by=posts.replaced_by(),
        deleted_at=posts.deleted_at(),
        retracted_claims=frozenset(retracted_claims),
        decisions=tuple(decisions.values()),
        decision_seqs=tuple(decisions),
        observations=tuple(o for listed in observations.values() for o in listed),
        feeder_spells=spells.all(),
        inspections=tuple(inspections[a] for a in sorted(inspections)),
        inspection_steps=tuple(
            steps[a]
            for a in sorted(steps)
            if a not in inspections or inspections[a].at < steps[a].at
        ),
        sources=tuple(sources.values()),
        notices=tuple(notices.values()),
        shortage_mw=shortage_mw,
        reviewed=frozenset(reviewed),
    )
