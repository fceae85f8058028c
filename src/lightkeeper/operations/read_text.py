"""Say what would be read in a text. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lightkeeper.claims import Claim, extract
from lightkeeper.notices.picture import PlaceName
from lightkeeper.operations.language_model import ModelEndpoint, SecondReading, read_with_model
from lightkeeper.operations.record import read_reports
from lightkeeper.operations.understand import ClaimReader
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import Report, make_report, refuse_long

SOURCE = "a text that is tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """What the rules read in a text, and what a language model does if it was asked."""

    report: Report
    claims: tuple[Claim, ...]
    place_names: tuple[PlaceName, ...]
    second: SecondReading | None


def try_text(
    text: str,
    *,
    gazetteer: Gazetteer,
    published_at: datetime | None = None,
    channel: str | None = None,
    endpoint: ModelEndpoint | None = None,
) -> ReadText:
    """Read a text as if it were a report of the log.

    Parameters
    ----------
    endpoint
        A language model to read it too: the text is sent there.

    Raises
    ------
    ReportUnreadable
        The text is empty, or longer than a report.
    """
    report = make_report(
        SOURCE, refuse_long(SOURCE, text), channel=channel, published_at=published_at
    )
    claims = tuple(extract(report, gazetteer))
    return read_report(report, claims, gazetteer=gazetteer, endpoint=endpoint)


def read_report(
    report: Report,
    claims: tuple[Claim, ...],
    *,
    gazetteer: Gazetteer,
    endpoint: ModelEndpoint | None = None,
) -> ReadText:
    """Put what was read of a report together; with an endpoint, its language model reads it too."""
    second = None if endpoint is None else read_with_model(report, claims, gazetteer, endpoint)
    return ReadText(
        report=report,
        claims=claims,
        place_names=name_places((*claims, *(second.claims if second else ())), gazetteer),
        second=second,
    )


def read_files(
    paths: Sequence[Path],
    *,
    endpoint: ModelEndpoint | None = None,
    progress: Progress = no_progress,
) -> tuple[ReadText, ...]:
    """Read the reports of files and folders.

    Raises
    ------
    ReportUnreadable
        A file cannot be read.
    """
    reports, unreadable = read_reports(paths)
    if unreadable:
        raise unreadable[0]
    gazetteer = load_gazetteer()
    reader = ClaimReader(gazetteer)
    done = []
    for i, report in enumerate(reports):
        progress("reading reports", i / len(reports))
        claims = reader.read(report)
        done.append(read_report(report, claims, gazetteer=gazetteer, endpoint=endpoint))
    return tuple(done)


def name_places(claims: Iterable[Claim], gazetteer: Gazetteer) -> tuple[PlaceName, ...]:
    """Return the official names of the places that claims are about, each once."""
    codes = dict.fromkeys(p.code for c in claims for p in c.places if p.code is not None)
    places = (gazetteer.place(code) for code in codes if code in gazetteer)
    return tuple(PlaceName(code=p.code, name_uk=p.name_uk, name_en=p.name_en) for p in places)
