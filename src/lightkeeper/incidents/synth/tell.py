"""From what a post tells to its text and the claims that a perfect reader finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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
from lightkeeper.reports import MediaType, make_report
from lightkeeper.reports.model import Report

_RECENT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Telling:
    """One sentence: its kind, its words, the values in it, where, with what, and when it was."""

    kind: str
    words: str
    values: Mapping[str, object]
    places: tuple[PlaceRef, ...]
    weapon: str
    event_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What one post consists of; `copied` is the post that a forward passes on whole."""

    channel: str
    item: str
    at: datetime
    language: str
    tellings: tuple[Telling, ...] = ()
    after: tuple[str, ...] = ()
    attribution: SpeakerRole = SpeakerRole.SELF
    reply_to: str | None = None
    forwarded_from: str | None = None
    copied: tuple[Report, tuple[Claim, ...]] | None = None


def write_post(post: Post) -> tuple[Report, tuple[Claim, ...]]:
    """Return the report and the claims that stand in it."""
    if post.copied is not None:
        origin, claims = post.copied
        report = _report(post, origin.text)
        return report, tuple(
            replace(c, id=_claim_id(report, c.kind, c.span.start), report=report.id) for c in claims
        )
    text = " ".join([*(t.words for t in post.tellings), *post.after])
    report = _report(post, text)
    start = 0
    found = []
    for telling in post.tellings:
        start = text.index(telling.words, start)
        found.append(_claim(report, telling, start, post.attribution))
        start += len(telling.words)
    return report, tuple(found)


def _report(post: Post, text: str) -> Report:
    report = make_report(
        post.channel,
        text,
        channel=post.channel,
        published_at=post.at,
        item=post.item,
        reply_to=post.reply_to,
        forwarded_from=post.forwarded_from,
        media_type=MediaType.TELEGRAM,
        detect_language=lambda _: post.language,
    )
    return report


def _claim_id(report: Report, kind: ClaimKind, start: int) -> ClaimId:
    return ClaimId(f"{report.id}:{kind}:{start}")


def _claim(report: Report, telling: Telling, start: int, role: SpeakerRole) -> Claim:
    kind = _KINDS[telling.kind]
    blank = Claim(
        id=_claim_id(report, kind, start),
        report=report.id,
        kind=kind,
        layer=Layer.CONTEXT if telling.kind == "statistics" else Layer.INCIDENT,
        span=Span(start, start + len(telling.words), telling.words),
        attribution=Attribution(role=role),
        places=telling.places if telling.kind not in ("none_reported", "statistics") else (),
    )
    return _filled(blank, telling, report.published_at or telling.event_at)


_KINDS = {
    "alert": ClaimKind.ALERT,
    "all_clear": ClaimKind.ALL_CLEAR,
    "explosions": ClaimKind.EXPLOSIONS,
    "explosions_n": ClaimKind.EXPLOSIONS,
    "explosions_at": ClaimKind.EXPLOSIONS,
    "rumour": ClaimKind.EXPLOSIONS,
    "denial": ClaimKind.EXPLOSIONS,
    "strike": ClaimKind.STRIKE,
    "damage": ClaimKind.DAMAGE,
    "wave": ClaimKind.DAMAGE,
    "wave_launched": ClaimKind.STRIKE,
    "outage": ClaimKind.OUTAGE,
    "outage_part": ClaimKind.OUTAGE,
    "correction": ClaimKind.OUTAGE,
    "weather": ClaimKind.OUTAGE,
    "technical": ClaimKind.OUTAGE,
    "restored": ClaimKind.RESTORED,
    "none_reported": ClaimKind.CASUALTIES,
    "injured": ClaimKind.CASUALTIES,
    "statistics": ClaimKind.STRIKE,
}


def _filled(claim: Claim, telling: Telling, at: datetime) -> Claim:
    """Claim with the values of its sentence."""
    recent = TimeRef(text="", from_at=at - _RECENT, to_at=at, precision="recent")
    match telling.kind:
        case "alert" | "all_clear":
            now = TimeRef(text="", from_at=at, to_at=at, precision="minute")
            return replace(claim, alert_type="air_alarm", time=now)
        case "explosions":
            return replace(claim, time=recent, count=Count(min=2, unit="explosions"))
        case "explosions_n":
            return replace(claim, time=recent, count=_about(telling))
        case "explosions_at":
            clock = telling.event_at.replace(second=0, microsecond=0)
            then = TimeRef(text="", from_at=clock, to_at=clock, precision="minute")
            return replace(claim, time=then, count=_about(telling))
        case "rumour":
            return replace(claim, certainty=Certainty.UNKNOWN)
        case "denial":
            return replace(claim, is_negated=True)
        case "strike":
            return replace(claim, weapons=Weapons(mode="one", items=(telling.weapon,)))
        case "wave_launched":
            return replace(
                claim, weapons=Weapons(mode="one", items=(telling.weapon,)), extent="several"
            )
        case "damage" | "wave":
            return replace(claim, target="energy_facility", effect="damaged")
        case "outage" | "correction" | "weather" | "technical":
            n = int(str(telling.values["customers"]))
            count = Count(min=n, best=n, max=n, unit="customers")
            return replace(claim, customers=count, outage_type=_OUTAGES.get(telling.kind))
        case "restored":
            return replace(claim, effect="full")
        case "none_reported":
            return replace(claim, casualties=Casualties(status=CasualtyStatus.NONE_REPORTED))
        case "injured":
            harm = Casualties(
                status=CasualtyStatus.COUNTED, injured=int(str(telling.values["injured"]))
            )
            return replace(claim, casualties=harm)
        case _:
            return claim


def _about(telling: Telling) -> Count:
    return Count(best=int(str(telling.values["n"])), approximate=True, unit="explosions")


_OUTAGES = {"weather": OutageType.WEATHER, "technical": OutageType.TECHNICAL}
