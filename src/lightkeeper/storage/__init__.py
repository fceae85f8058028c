"""Storage: an append-only log, the state projected from it, and any past moment."""

from lightkeeper.storage.encode import decode, encode
from lightkeeper.storage.model import (
    ClaimRestored,
    ClaimRetracted,
    Event,
    EventKind,
    InspectionRecorded,
    LogEntry,
    LogHead,
    LogSeq,
    MergeDecided,
    MergeUndone,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    ObservationRecorded,
    Payload,
    PictureComputed,
    ReportReceived,
    ReportRestored,
    ReportRetracted,
    State,
)
from lightkeeper.storage.project import project
from lightkeeper.storage.store import Store, StoreOptions, open_store
from lightkeeper.storage.verify import verify

__all__ = [
    "ClaimRestored",
    "ClaimRetracted",
    "Event",
    "EventKind",
    "InspectionRecorded",
    "LogEntry",
    "LogHead",
    "LogSeq",
    "MergeDecided",
    "MergeUndone",
    "NoticeApproved",
    "NoticeDrafted",
    "NoticeWithdrawn",
    "ObservationRecorded",
    "Payload",
    "PictureComputed",
    "ReportReceived",
    "ReportRestored",
    "ReportRetracted",
    "State",
    "Store",
    "StoreOptions",
    "decode",
    "encode",
    "open_store",
    "project",
    "verify",
]
