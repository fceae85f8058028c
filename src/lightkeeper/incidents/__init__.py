"""Incidents: claims about the same event, what contradicts, what is unknown, and who says so."""

from lightkeeper.incidents.model import (
    Contradiction,
    Fact,
    FieldStatus,
    Importance,
    Incident,
    IncidentId,
    MergeDecision,
    ReconcileOptions,
    Reconciliation,
    Similar,
    SourceGroup,
    Superseded,
    Unknown,
    UnsharedQuote,
)
from lightkeeper.incidents.reconcile import reconcile

__all__ = [
    "Contradiction",
    "Fact",
    "FieldStatus",
    "Importance",
    "Incident",
    "IncidentId",
    "MergeDecision",
    "ReconcileOptions",
    "Reconciliation",
    "Similar",
    "SourceGroup",
    "Superseded",
    "Unknown",
    "UnsharedQuote",
    "reconcile",
]
