"""A picture of files alone: nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.notices import Audience, AudienceOptions, Picture, project
from lightkeeper.operations.calculate import calculate
from lightkeeper.operations.picture import assemble
from lightkeeper.operations.record import read_reports
from lightkeeper.operations.understand import ClaimReader
from lightkeeper.operations.workspace import Progress, no_progress, options_from
from lightkeeper.region import load_gazetteer, read_region
from lightkeeper.settings import Settings
from lightkeeper.storage import LogSeq, State


def picture_of_files(
    paths: Sequence[Path],
    region: Path | None,
    audience: Audience,
    *,
    settings: Settings,
    progress: Progress = no_progress,
) -> Picture:
    """Read and reconcile report files; with a region, compute its figures too.

    Raises
    ------
    ReportUnreadable
        A file cannot be read; nothing is shown of a part, lest it pass for the whole.
    """
    reports, unreadable = read_reports(paths)
    if unreadable:
        raise unreadable[0]
    now = datetime.now(UTC)
    options = options_from(settings)
    gazetteer = load_gazetteer()
    state = State(reports=tuple(reports), received_at={r.id: now for r in reports})
    calculated = calculate(
        state,
        at=now,
        reader=ClaimReader(gazetteer),
        gazetteer=gazetteer,
        region=None if region is None else read_region(region),
        options=options,
        progress=progress,
    )
    return project(
        assemble(calculated, state, seq=LogSeq(0), as_of=now),
        audience,
        now=now,
        options=AudienceOptions(delay_min=options.hold_min),
    )
