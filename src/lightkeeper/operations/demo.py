"""The demo: an invented attack on a synthetic network, played on its own date."""

from __future__ import annotations

import tempfile
import tomllib
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from lightkeeper.operations.language_model import endpoint_from
from lightkeeper.operations.workspace import (
    Progress,
    Workspace,
    clock_from,
    no_progress,
    options_from,
)
from lightkeeper.region import load_demo_region, load_gazetteer
from lightkeeper.reports import Report, read_path
from lightkeeper.settings import Settings
from lightkeeper.storage import Event, ReportReceived, ShortageOrdered, open_store

RECEIVED_AFTER = timedelta(minutes=1)


def open_demo(
    settings: Settings, *, keep: Path | None = None, progress: Progress = no_progress
) -> Workspace:
    """Return a workspace with the demo's reports in its log, at the times they came in.

    `keep` names the database file; without it the log is a new one in the temporary folder.
    """
    progress("reading the demo's region", 0.0)
    region = load_demo_region()
    database = keep or Path(tempfile.mkdtemp(prefix="lightkeeper-demo-")) / "demo.sqlite"
    store = open_store(database)
    progress("reading the demo's reports", 0.5)
    with as_file(files("lightkeeper.operations").joinpath("demo_reports")) as folder:
        timetable = tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))
        received = [
            (_received_at(report, entry.get("received_at")), report)
            for entry in timetable["report"]
            for report in read_path(folder / entry["file"])
        ]
    if store.head() is None:
        for at, report in sorted(received, key=lambda pair: (pair[0], pair[1].id)):
            event = Event(actor="demo", payload=ReportReceived(report=report))
            store.append([event], at=at)
        order = timetable["order"]
        store.append(
            [
                Event(
                    actor="demo",
                    payload=ShortageOrdered(
                        shortage_mw=order["shortage_mw"], source=order["source"]
                    ),
                )
            ],
            at=order["received_at"],
        )
    progress("demo ready", 1.0)
    return Workspace(
        store=store,
        region=region,
        gazetteer=load_gazetteer(),
        options=options_from(settings),
        cap_sender=settings.cap_sender,
        language_model=endpoint_from(settings),
        now=clock_from(timetable["starts_at"]),
    )


def _received_at(report: Report, given: datetime | None) -> datetime:
    if report.published_at is not None:
        return report.published_at + RECEIVED_AFTER
    if given is None:
        raise ValueError(f"demo report {report.source} needs received_at in demo.toml")
    return given
