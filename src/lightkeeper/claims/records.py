"""Claims of reports that are records, not prose: what a feed of air alerts says."""

from __future__ import annotations

from lightkeeper.claims.model import (
    Attribution,
    Claim,
    ClaimId,
    ClaimKind,
    Layer,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
)
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports.alert_text import AlertChange, place_of, read_change
from lightkeeper.reports.alerts import Alert
from lightkeeper.reports.model import MediaType, Report

RECORDS = frozenset({MediaType.ALERT})
"""Reports that `read_record` reads instead of `extract`."""


def read_record(report: Report, gazetteer: Gazetteer) -> list[Claim]:
    """Read the claims of a change in a feed of air alerts. Every span is the feed's own record.

    The end of an alert is an all-clear for its place, followed by what goes on in the same oblast;
    where only a part of the place is still under alarm, it is none.
    """
    change = read_change(report.text)
    if change.is_start:
        return [_claim(report, ClaimKind.ALERT, change.alert, change.span, change, gazetteer)]
    claims = []
    if not any(
        other.part and other.title == change.alert.title for other, _ in change.still_active
    ):
        claims = [_claim(report, ClaimKind.ALL_CLEAR, change.alert, change.span, change, gazetteer)]
    return claims + [
        _claim(report, ClaimKind.ALERT, other, span, change, gazetteer)
        for other, span in change.still_active
    ]


def _claim(
    report: Report,
    kind: ClaimKind,
    alert: Alert,
    span: tuple[int, int],
    change: AlertChange,
    gazetteer: Gazetteer,
) -> Claim:
    found = place_of(alert, gazetteer)
    code, level = found if found is not None else (None, None)
    at = change.seen_at
    time = TimeRef(text="", from_at=at, to_at=at, precision="as_of")
    if kind is ClaimKind.ALERT and alert.started_at is not None:
        at = min(alert.started_at, at)
        time = TimeRef(text="", from_at=at, to_at=at, precision="minute")
    return Claim(
        id=ClaimId(f"{report.id}:{kind}:{span[0]}"),
        report=report.id,
        kind=kind,
        layer=Layer.INCIDENT,
        span=Span(span[0], span[1], report.text[span[0] : span[1]]),
        attribution=Attribution(role=SpeakerRole.SELF),
        places=(PlaceRef(text=alert.title, code=code, level=level, part=alert.part),),
        time=time,
        alert_type=alert.alert_type,
    )
