"""How an entry becomes a row: payload text, digest, and the chain from one row to the next."""

from __future__ import annotations

import json
from datetime import datetime

from lightkeeper.reports.model import Report
from lightkeeper.storage.encode import canonical_json, decode, encode, sha256_hex
from lightkeeper.storage.model import (
    ClaimRestored,
    ClaimRetracted,
    EventKind,
    InspectionRecorded,
    InspectionUnderWay,
    MergeDecided,
    MergeUndone,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    ObservationRecorded,
    Payload,
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
)
from lightkeeper.storage.tables import LogRow, ReportRow, format_at

_PAYLOADS: tuple[type[Payload], ...] = (
    ReportRetracted,
    ReportRestored,
    ReportDeleted,
    ReportShownAgain,
    SourceChecked,
    ClaimRetracted,
    ClaimRestored,
    MergeDecided,
    MergeUndone,
    ObservationRecorded,
    InspectionRecorded,
    InspectionUnderWay,
    NoticeDrafted,
    NoticeApproved,
    NoticeWithdrawn,
    ShortageOrdered,
    ReviewConfirmed,
    ReviewReopened,
    PictureComputed,
)
_BY_KIND = {payload.kind: payload for payload in _PAYLOADS}

START = "0" * 64
"""What the first row is chained to."""


def split_report(report: Report) -> ReportRow:
    """The report's row: its text to the letter, everything else as canonical JSON."""
    fields = json.loads(encode(report))
    text = fields.pop("text")
    return ReportRow(id=report.id, text=text, details=canonical_json(fields))


def join_report(text: str, details: str) -> Report:
    """Inverse of `split_report`."""
    return decode(Report, canonical_json({**json.loads(details), "text": text}))


def subject_of(payload: Payload) -> str:
    """What an event is about: an id, or the name of a list."""
    match payload:
        case ReportReceived(report=received):
            return received.id
        case ReportRetracted(report=report) | ReportRestored(report=report):
            return report
        case ReportDeleted(report=report) | ReportShownAgain(report=report):
            return report
        case SourceChecked(checks=checks):
            return ", ".join(check.name for check in checks)
        case ClaimRetracted(claim=claim) | ClaimRestored(claim=claim):
            return claim
        case MergeDecided(decision=decision):
            return " ".join(decision.reports)
        case MergeUndone(decision=seq):
            return str(seq)
        case ObservationRecorded(name=name):
            return name
        case InspectionRecorded(inspection=inspection):
            return inspection.asset
        case InspectionUnderWay(step=step):
            return step.asset
        case NoticeDrafted(notice=drafted):
            return drafted.id
        case NoticeApproved(notice=notice) | NoticeWithdrawn(notice=notice):
            return notice
        case ShortageOrdered(source=source):
            return source
        case ReviewConfirmed(item=item) | ReviewReopened(item=item):
            return item
        case PictureComputed(inputs_sha256=inputs):
            return inputs


def encode_payload(payload: Payload) -> str:
    """Payload as stored. A report's line holds the digest of its row, not the text again."""
    if isinstance(payload, ReportReceived):
        row = split_report(payload.report)
        return canonical_json(
            {"report": row.id, "row_sha256": report_digest(row.text, row.details)}
        )
    return encode(payload)


def decode_payload(kind: str, text: str, report: Report | None) -> Payload:
    """Inverse of `encode_payload`; ValueError when kind, payload and report do not fit."""
    event_kind = EventKind(kind)
    if event_kind is EventKind.REPORT_RECEIVED:
        if report is None:
            raise ValueError("the report of this entry is not in the table of reports")
        return ReportReceived(report=report)
    return decode(_BY_KIND[event_kind], text)


def report_digest(text: str, details: str) -> str:
    """Digest over both columns of a report's row."""
    return sha256_hex(canonical_json([text, details]))


def chain_digest(
    previous: str, *, seq: int, at: datetime, kind: str, actor: str, subject: str, payload: str
) -> str:
    """Digest of a row over the digest of the row before it."""
    return sha256_hex(canonical_json([previous, seq, format_at(at), kind, actor, subject, payload]))


def row_digest(previous: str, row: LogRow) -> str:
    """`chain_digest` of a stored row."""
    return chain_digest(
        previous,
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        actor=row.actor,
        subject=row.subject,
        payload=row.payload,
    )
