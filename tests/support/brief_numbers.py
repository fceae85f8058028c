"""Which numbers a sentence of a brief may have: told by its claims, or counts of things listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from lightkeeper.claims import Claim, ClaimId
from lightkeeper.incidents.brief import Brief, Sentence
from lightkeeper.incidents.brief.facts import numbers_of
from lightkeeper.reports import Report, ReportId

KYIV = ZoneInfo("Europe/Kyiv")
_NUMBER = re.compile(r"\d+")
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”")


def sentences_of(brief: Brief) -> list[Sentence]:
    """Every sentence of a brief, the timeline's included."""
    return [
        *brief.overview,
        *(s for i in brief.incidents for s in i.takeaways),
        *(s for i in brief.incidents for p in i.retelling for s in p.sentences),
        *(e.sentence for e in brief.timeline),
    ]


def numbers_in(text: str) -> set[int]:
    """Whole numbers outside quotation marks, however they are grouped."""
    plain = _QUOTED.sub(" ", text).replace("\N{NO-BREAK SPACE}", "")
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", plain)
    return {int(n) for n in _NUMBER.findall(plain)}


def numbers_told(claims: Iterable[Claim], reports: Mapping[ReportId, Report]) -> set[int]:
    """Numbers that the claims tell: counts, harm, temperatures, and the clock and date of times."""
    found: set[int] = set()
    for claim in claims:
        for count in numbers_of(claim).values():
            found |= {n for n in (count.min, count.best, count.max) if n is not None}
        if claim.temperature_c is not None:
            found |= numbers_in(f"{claim.temperature_c:g}")
        times: list[datetime | None] = [reports[claim.report].published_at]
        if claim.time is not None:
            times += [claim.time.from_at, claim.time.to_at]
        for at in times:
            if at is not None:
                local = at.astimezone(KYIV)
                found |= {local.day, local.year, local.hour, local.minute}
        for words in (claim.span.text, *(p.text for p in claim.places), claim.extent or ""):
            found |= numbers_in(words)
    return found


def untold_numbers(
    sentence: Sentence,
    claims: Mapping[ClaimId, Claim],
    reports: Mapping[ReportId, Report],
    brief: Brief,
) -> set[int]:
    """Numbers of a sentence that nothing tells; titles count the places that they leave out."""
    allowed = numbers_told((claims[c] for c in sentence.claims), reports)
    allowed |= {len(listed.ids) for listed in sentence.listed}
    for incident in brief.incidents:
        if incident.title in sentence.text:
            allowed |= numbers_in(incident.title)
    return numbers_in(sentence.text) - allowed
