"""Claims: what one report asserts, with its words, its speaker and how sure it is."""

from lightkeeper.claims.extract import ExtractOptions, extract
from lightkeeper.claims.model import (
    Attribution,
    Casualties,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)

__all__ = [
    "Attribution",
    "Casualties",
    "CasualtyStatus",
    "Certainty",
    "Claim",
    "ClaimId",
    "ClaimKind",
    "Count",
    "ExtractOptions",
    "Layer",
    "OutageType",
    "PlaceRef",
    "Span",
    "SpeakerRole",
    "TimeRef",
    "Weapons",
    "extract",
]
