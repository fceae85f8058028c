"""Incidents: claims about the same event, what contradicts, what is unknown, and who says so."""

from lightkeeper.incidents.model import (
    Contradiction,
    Fact,
    FieldStatus,
    Incident,
    IncidentId,
    MergeDecision,
    ReconcileOptions,
    Reconciliation,
    SourceGroup,
    Superseded,
    Unknown,
)
from lightkeeper.incidents.reconcile import reconcile

__all__ = [
    "Contradiction",
    "Fact",
    "FieldStatus",
    "Incident",
    "IncidentId",
    "MergeDecision",
    "ReconcileOptions",
    "Reconciliation",
    "SourceGroup",
    "Superseded",
    "Unknown",
    "reconcile",
]
