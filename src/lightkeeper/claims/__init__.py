"""Claims: what one report asserts, with its words, its speaker and how sure it is."""

from lightkeeper.claims.evaluate import Evaluation, Item, Reading, evaluate, read_item, read_set
from lightkeeper.claims.extract import ExtractOptions, extract, read_places
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
    "Evaluation",
    "ExtractOptions",
    "Item",
    "Layer",
    "OutageType",
    "PlaceRef",
    "Reading",
    "Span",
    "SpeakerRole",
    "TimeRef",
    "Weapons",
    "evaluate",
    "extract",
    "read_item",
    "read_places",
    "read_set",
]
