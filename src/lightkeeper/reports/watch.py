"""Files and folders watched: what is new or changed since the last look, read when it is whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports.archive import EXPORT_NAME
from lightkeeper.reports.model import Report
from lightkeeper.reports.read import ReadOptions, make_report, read_document
from lightkeeper.reports.source import Coverage, SourceBatch, SourceFailed, SourceSettings

WATCHED_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".json", ".zip"})
SETTLED_AFTER = timedelta(seconds=5)
"""A file whose time lies so far back is no longer being written."""

Mark = tuple[int, int, str]
"""Time of change in ns, size, and what was wrong with it; the mark of a file at its last look."""

READ, PENDING, GONE = "read", "pending", "gone"


def watch_files(source: SourceSettings, cursor: str, now: datetime) -> SourceBatch:
    """Read the files at `source.path` that are new or changed.

    A file is read once it has not changed for a while, or between two looks, so that none is read
    half written. A text file that changes is another version of its report. One that is taken out
    of the folder is only counted: its report stays, since files are tidied away.

    Raises
    ------
    SourceFailed
        There is no such file or folder, or it may not be read.
    """
    base = Path(source.path or "")
    known = _read_cursor(cursor)
    options = ReadOptions(max_bytes=source.max_bytes)
    seen: dict[str, Mark] = {}
    reports: list[Report] = []
    coverage: list[Coverage] = []
    try:
        files = _list_files(base)
    except OSError as error:
        raise SourceFailed(f'"{base}": {error.strerror or error}') from error
    for name, path in files.items():
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue  # taken away between listing and looking
        mark = (stat.st_mtime_ns, stat.st_size)
        before = known.get(name)
        if before is not None and before[:2] == mark and before[2] != PENDING:
            seen[name] = before
            continue
        changed_at = datetime.fromtimestamp(stat.st_mtime, tz=UTC)
        is_same_as_before = before is not None and before[:2] == mark
        if not is_same_as_before and now - changed_at < SETTLED_AFTER:
            seen[name] = (*mark, PENDING)
            continue
        try:
            document = read_document(path, channel=source.channel, options=options)
            seen[name] = (*mark, READ)
        except ReportUnreadable as error:
            seen[name] = (*mark, str(error))
            continue
        reports += (_as_item(report, f"{source.name}/{name}") for report in document.reports)
        coverage += document.coverage
    gone = {name: (0, 0, GONE) for name in known if name not in seen}
    problems = [what for _, _, what in seen.values() if what not in (READ, PENDING)]
    return SourceBatch(
        reports=tuple(reports),
        coverage=tuple(coverage),
        cursor=json.dumps({**seen, **gone}, ensure_ascii=False),
        problems=tuple(problems),
        n_gone=len(gone),
    )


def _list_files(base: Path) -> dict[str, Path]:
    """Files by name below the folder; exports in folders of their own are found too."""
    if base.is_file() or (base / EXPORT_NAME).is_file():
        return {base.name: base / EXPORT_NAME if base.is_dir() else base}
    found: dict[str, Path] = {}
    for path in sorted(base.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if (path / EXPORT_NAME).is_file():
                found[f"{path.name}/{EXPORT_NAME}"] = path / EXPORT_NAME
        elif path.suffix.lower() in WATCHED_SUFFIXES:
            found[path.name] = path
    return found


def _as_item(report: Report, item: str) -> Report:
    """Give a report of a whole file the file as its item, so that a change is a version of it."""
    if report.item is not None:
        return report
    made = make_report(
        report.source,
        report.text,
        item=item,
        media_type=report.media_type,
        detect_language=lambda _: report.language,
    )
    return replace(report, id=made.id, item=item)


def _read_cursor(cursor: str) -> dict[str, Mark]:
    return {
        name: (int(m[0]), int(m[1]), str(m[2])) for name, m in json.loads(cursor or "{}").items()
    }
