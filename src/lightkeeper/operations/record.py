"""What people and files add to the log: reports, observations, inspections, decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage import (
    AssetId,
    DamageState,
    Inspection,
    InspectionStage,
    InspectionStep,
    list_assets,
    read_call_counts,
    read_feeder_list,
)
from lightkeeper.errors import InputError, ReportUnreadable
from lightkeeper.incidents.model import MergeDecision
from lightkeeper.operations.understand import ClaimReader
from lightkeeper.operations.workspace import Progress, Workspace, no_progress
from lightkeeper.reports import (
    Coverage,
    Document,
    Posts,
    Report,
    make_report,
    read_document,
    refuse_long,
)
from lightkeeper.reports.model import ReportId
from lightkeeper.storage import (
    ClaimRestored,
    ClaimRetracted,
    Event,
    InspectionRecorded,
    InspectionUnderWay,
    LogSeq,
    MergeDecided,
    MergeUndone,
    ObservationRecorded,
    ReportDeleted,
    ReportReceived,
    ReportRestored,
    ReportRetracted,
    ShortageOrdered,
    tell_posts,
)

REPORT_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".json", ".zip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What came of reading files: new reports, those held already, and what could not be read.

    `deleted` are posts held that an export shows no more.
    """

    new: tuple[Report, ...]
    known: tuple[Report, ...]
    unreadable: tuple[ReportUnreadable, ...]
    deleted: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of a list of observations; not new where the same list is in force already."""

    n_observations: int
    is_new: bool


def read_reports(
    paths: Iterable[Path], *, progress: Progress = no_progress
) -> tuple[list[Report], list[ReportUnreadable]]:
    """Read files and folders; one that cannot be read does not stop the others."""
    documents, unreadable = _read_documents(paths, progress)
    return _distinct(documents), unreadable


def _distinct(documents: Iterable[Document]) -> list[Report]:
    return list({r.id: r for document in documents for r in document.reports}.values())


def _read_documents(
    paths: Iterable[Path], progress: Progress
) -> tuple[list[Document], list[ReportUnreadable]]:
    documents = []
    unreadable = []
    files = []
    for path in paths:
        found = _files(path)
        files += found
        if not found:
            suffixes = ", ".join(sorted(REPORT_SUFFIXES))
            mend = f"of a folder, files are read that end in {suffixes}"
            unreadable.append(ReportUnreadable(str(path), "there is no report file in it", mend))
    for i, file in enumerate(files):
        progress(f"reading {file.name}", i / len(files))
        try:
            documents.append(read_document(file))
        except ReportUnreadable as error:
            unreadable.append(error)
    progress("reports read", 1.0)
    return documents, unreadable


def ingest(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    actor: str,
    at: datetime | None = None,
    progress: Progress = no_progress,
) -> Ingested:
    """Read files and folders and add what is new to the log, all of it in one step.

    A post that an export lacks, between the first and the last it has, and that is held from an
    earlier one, was deleted at its source.
    """
    documents, unreadable = _read_documents(paths, progress)
    coverage = [shown for document in documents for shown in document.coverage]
    reports = _distinct(documents)
    gone = _find_deleted(workspace, reports, coverage) if coverage else []
    return _receive(workspace, reports, unreadable, gone, actor=actor, at=at)


def _find_deleted(
    workspace: Workspace, reports: Sequence[Report], coverage: Sequence[Coverage]
) -> list[Report]:
    posts = Posts()
    for entry in workspace.store.events():
        tell_posts(posts, entry)
    for report in reports:
        posts.receive(report)
    return list({r.id: r for shown in coverage for r in posts.missing(shown)}.values())


def find_without_claims(
    workspace: Workspace, reports: Sequence[Report], *, progress: Progress = no_progress
) -> tuple[Report, ...]:
    """Return the reports that nothing can be read from; a person should look at them."""
    reader = ClaimReader(workspace.gazetteer)
    silent = []
    for i, report in enumerate(reports):
        progress("looking for claims", i / len(reports))
        if not reader.read(report):
            silent.append(report)
    return tuple(silent)


def enter_report(
    workspace: Workspace,
    *,
    source: str,
    text: str,
    published_at: datetime | None,
    actor: str,
    at: datetime | None = None,
) -> Ingested:
    """Add a report entered by hand, said by `source`, in the name of `actor`.

    The same words again are the same report if they were said at the same time; where nobody says
    when, if they are entered on the same day.
    """
    if not source.strip():
        raise InputError("a report needs its source; say whose words these are")
    if not actor.strip():
        raise InputError("the log keeps who did it; give your name")
    at = at or workspace.now()
    said_at = f"{published_at:%Y-%m-%dT%H:%M}" if published_at else f"{at:%Y-%m-%d}"
    words = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    report = make_report(
        source.strip(),
        refuse_long(source, text),
        published_at=published_at,
        item=f"{said_at} {words}",
    )
    return _receive(workspace, [report], [], [], actor=actor, at=at)


def retract_report(workspace: Workspace, report: ReportId, *, reason: str, actor: str) -> None:
    """Take a report out of every figure; it stays in the log."""
    _require_report(workspace, report)
    _log(workspace, actor, ReportRetracted(report=report, reason=reason))


def restore_report(workspace: Workspace, report: ReportId, *, reason: str, actor: str) -> None:
    """Undo a retraction."""
    _require_report(workspace, report)
    _log(workspace, actor, ReportRestored(report=report, reason=reason))


def retract_claim(workspace: Workspace, claim: ClaimId, *, reason: str, actor: str) -> None:
    """Take one claim out of every figure."""
    _log(workspace, actor, ClaimRetracted(claim=claim, reason=reason))


def restore_claim(workspace: Workspace, claim: ClaimId, *, reason: str, actor: str) -> None:
    """Undo a claim's retraction."""
    _log(workspace, actor, ClaimRestored(claim=claim, reason=reason))


def decide_merge(
    workspace: Workspace, kind: str, reports: Sequence[ReportId], *, actor: str
) -> LogSeq:
    """Record a person's word that reports are ("merge") or are not ("split") of one event."""
    if kind not in ("merge", "split"):
        raise InputError(f'decision "{kind}" is neither "merge" nor "split"')
    if len(set(reports)) < 2:
        raise InputError(f"to {kind} reports, name two or more")
    for report in reports:
        _require_report(workspace, report)
    decision = MergeDecision(kind=kind, reports=tuple(reports), by=actor, at=workspace.now())
    return _log(workspace, actor, MergeDecided(decision=decision))


def undo_merge(workspace: Workspace, decision: LogSeq, *, actor: str) -> None:
    """Take a merge or split back, as if it had never been made."""
    if decision not in workspace.store.state().decision_seqs:
        raise InputError(f"log entry {decision} is no merge or split in force")
    _log(workspace, actor, MergeUndone(decision=decision))


def record_inspection(
    workspace: Workspace,
    asset: AssetId,
    state: DamageState | None,
    *,
    stage: InspectionStage | None = None,
    note: str,
    actor: str,
) -> None:
    """Record what a crew saw at an asset; or, with `stage`, how far it has come on its way."""
    if (state is None) == (stage is None):
        raise InputError(
            "give the state that was seen, or the stage of the inspection, one of them"
        )
    if asset not in set(list_assets(workspace.region).id.tolist()):
        raise InputError(f'asset "{asset}" is not in the region "{workspace.region.name}"')
    at = workspace.now()
    if state is not None:
        seen = Inspection(asset=asset, state=state, by=actor, at=at, note=note)
        _log(workspace, actor, InspectionRecorded(inspection=seen))
    if stage is not None:
        step = InspectionStep(asset=asset, stage=stage, by=actor, at=at, note=note)
        _log(workspace, actor, InspectionUnderWay(step=step))


def record_observations(workspace: Workspace, path: Path, kind: str, *, actor: str) -> Recorded:
    """Record a distribution operator's list; it replaces the earlier one of the same file name.

    `kind` is "feeders" (feeder-off list) or "calls" (call-centre counts). A list that says the same
    as the one in force adds nothing to the log.
    """
    if not path.is_file():
        raise InputError(f'list "{path}": there is no such file; check the path')
    match kind:
        case "feeders":
            observations = read_feeder_list(path, workspace.region)
        case "calls":
            observations = read_call_counts(path, workspace.region)
        case _:
            raise InputError(f'observations of kind "{kind}" are not known: "feeders" or "calls"')
    payload = ObservationRecorded(name=f"{kind}:{path.name}", observations=tuple(observations))
    in_force: ObservationRecorded | None = None
    for entry in workspace.store.events():
        if isinstance(entry.payload, ObservationRecorded) and entry.payload.name == payload.name:
            in_force = entry.payload
    is_new = payload != in_force
    if is_new:
        _log(workspace, actor, payload)
    return Recorded(n_observations=len(observations), is_new=is_new)


def order_shortage(workspace: Workspace, shortage_mw: float, *, source: str, actor: str) -> None:
    """Record an order of the transmission operator to take power off; 0 ends it."""
    if not 0 <= shortage_mw < float("inf"):
        raise InputError(f"a shortage of {shortage_mw} MW cannot be ordered; give zero or more")
    _log(workspace, actor, ShortageOrdered(shortage_mw=shortage_mw, source=source))


def _receive(
    workspace: Workspace,
    reports: Sequence[Report],
    unreadable: Sequence[ReportUnreadable],
    gone: Sequence[Report],
    *,
    actor: str,
    at: datetime | None,
) -> Ingested:
    events = [Event(actor=actor, payload=ReportReceived(report=report)) for report in reports]
    events += (Event(actor=actor, payload=ReportDeleted(report=r.id)) for r in gone)
    entries = workspace.store.append(events, at=at or workspace.now()) if events else ()
    added = {e.payload.report.id for e in entries if isinstance(e.payload, ReportReceived)}
    return Ingested(
        new=tuple(r for r in reports if r.id in added),
        known=tuple(r for r in reports if r.id not in added),
        unreadable=tuple(unreadable),
        deleted=tuple(gone),
    )


def _log(
    workspace: Workspace,
    actor: str,
    payload: ReportRetracted
    | ReportRestored
    | ClaimRetracted
    | ClaimRestored
    | MergeDecided
    | MergeUndone
    | InspectionRecorded
    | InspectionUnderWay
    | ObservationRecorded
    | ShortageOrdered,
) -> LogSeq:
    if not actor.strip():
        raise InputError("the log keeps who did it; give your name")
    (entry,) = workspace.store.append([Event(actor=actor, payload=payload)], at=workspace.now())
    return entry.seq


def _require_report(workspace: Workspace, report: ReportId) -> None:
    if report not in workspace.store.state().received_at:
        raise InputError(f'report "{report}" is not in the log; see `lightkeeper picture`')


def _files(path: Path) -> list[Path]:
    if path.is_dir() and not (path / "result.json").is_file():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in REPORT_SUFFIXES)
    return [path]
