"""Incidents: claims about the same event, what contradicts, what is unknown, and who says so."""

from lightkeeper.incidents.model import (
    ChannelKind,
    Contradiction,
    Fact,
    FieldStatus,
    Importance,
    Incident,
    IncidentId,
    MergeDecision,
    ReconcileOptions,
    Reconciliation,
    Replacement,
    Similar,
    SourceGroup,
    Superseded,
    Unknown,
    UnsharedQuote,
)
from lightkeeper.incidents.reconcile import reconcile
from lightkeeper.incidents.stream import Stream

__all__ = [
    "ChannelKind",
    "Contradiction",
    "Fact",
    "FieldStatus",
    "Importance",
    "Incident",
    "IncidentId",
    "MergeDecision",
    "ReconcileOptions",
    "Reconciliation",
    "Replacement",
    "Similar",
    "SourceGroup",
    "Stream",
    "Superseded",
    "Unknown",
    "UnsharedQuote",
    "reconcile",
]
