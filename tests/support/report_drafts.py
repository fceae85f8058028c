"""Reports and claims by hand, for tests that should not depend on how a text is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lightkeeper.claims import (
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
from lightkeeper.region import Gazetteer
from lightkeeper.reports import MediaType, Report, ReportId

T0 = datetime(2026, 1, 10, 22, 0, tzinfo=UTC)


@dataclass
class Draft:
    """A report in the making: each claim appends its sentence to the text."""

    gazetteer: Gazetteer
    name: str
    hours: float | None
    channel: str | None
    forwarded_from: str | None = None
    layer: Layer = Layer.INCIDENT
    text: str = ""
    claims: list[Claim] = field(default_factory=list)

    @property
    def id(self) -> ReportId:
        return ReportId(hashlib.sha256(self.name.encode()).hexdigest()[:16])

    def say(self, words: str) -> Draft:
        """Add words that are no claim."""
        self.text += words + " "
        return self

    def tell(
        self,
        kind: ClaimKind,
        words: str | None = None,
        *,
        at: str | tuple[str, ...] | None = None,
        by: SpeakerRole = SpeakerRole.SELF,
        time: TimeRef | tuple[float, float] | None = None,
        **said: object,
    ) -> Draft:
        """Add a claim. `at`: place names; `time`: hours from T0."""
        words = (
            words if words is not None else f"{self.name} tells of {kind.value} {len(self.claims)}."
        )
        start = len(self.text)
        self.text += words + " "
        names = (at,) if isinstance(at, str) else at or ()
        if isinstance(time, tuple):
            first, last = (T0 + timedelta(hours=h) for h in time)
            time = TimeRef(text="", from_at=first, to_at=last, precision="range")
        claim = Claim(
            id=ClaimId(f"{self.id}:{kind.value}:{start}"),
            report=self.id,
            kind=kind,
            layer=self.layer,
            span=Span(start=start, end=start + len(words), text=words),
            attribution=Attribution(role=by),
            places=tuple(self.place(n) for n in names),
            time=time,
        )
        self.claims.append(replace(claim, **said))  # type: ignore[arg-type]
        return self

    def place(self, name: str) -> PlaceRef:
        found = self.gazetteer.find(name)
        if not found:
            return PlaceRef(text=name, code=None, level=None)
        return PlaceRef(text=name, code=found[0].code, level=found[0].level)

    def report(self) -> Report:
        return Report(
            id=self.id,
            source=self.channel or f"{self.name}.txt",
            channel=self.channel,
            text=self.text,
            sha256=hashlib.sha256(self.text.encode()).hexdigest(),
            media_type=MediaType.TELEGRAM if self.channel else MediaType.TEXT,
            language="en",
            published_at=None if self.hours is None else T0 + timedelta(hours=self.hours),
            forwarded_from=self.forwarded_from,
        )
