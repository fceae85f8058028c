"""Ask sources, put what is new into the log, and keep how each of them does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Event as Signal
from threading import Lock, Thread
from time import monotonic

from lightkeeper.damage import (
    Inspection,
    Observation,
    list_assets,
    parse_call_counts,
    parse_feeder_list,
    parse_inspections,
)
from lightkeeper.errors import DeliveryError, InputError
from lightkeeper.notices.picture import SourceEntry
from lightkeeper.operations.source_file import read_source_file
from lightkeeper.operations.workspace import Workspace, utc_now
from lightkeeper.reports.look import Tools, look
from lightkeeper.reports.model import MediaType
from lightkeeper.reports.posts import Posts
from lightkeeper.reports.source import (
    LOGGED_EVERY,
    MAX_WAIT_S,
    Previous,
    SourceBatch,
    SourceCheck,
    SourceFailed,
    SourceKind,
    SourceRecord,
    SourceSettings,
    backoff_s,
    note,
    state_of,
)
from lightkeeper.storage import (
    Event,
    InspectionRecorded,
    InspectionUnderWay,
    LogSeq,
    ObservationRecorded,
    Payload,
    ReportDeleted,
    ReportReceived,
    ReportShownAgain,
    SourceChecked,
    State,
    open_store,
    tell_posts,
)

MAX_REASON = 500
MAX_CURSOR = 4096
"""A longer cursor (thousands of files) is kept while the program runs and not logged."""

JOIN_WITHIN_S = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of one look. `wait_s`: when to look again."""

    name: str
    answered: bool
    n_new: int
    n_versions: int
    n_deleted: int
    reason: str
    wait_s: float


class SourceDesk:
    """Asks sources and logs what they bring. Safe to share between threads.

    What is held follows the log, also what other processes write to it.
    """

    def __init__(self, workspace: Workspace, tools: Tools) -> None:
        self._workspace, self._tools = workspace, tools
        self._lock = Lock()
        self._seq = self._own = LogSeq(0)
        self._posts = Posts()
        self._records: dict[str, SourceRecord] = {}
        self._logged_at: dict[str, datetime] = {}
        self._unlogged: dict[str, SourceCheck] = {}
        self._lists: dict[str, tuple[Observation, ...]] = {}
        self._inspections: set[Payload] = set()
        self._assets: frozenset[str] | None = None

    def records(self) -> Mapping[str, SourceRecord]:
        """How each source does, to the last look of this process."""
        with self._lock:
            self._catch_up()
            return dict(self._records)

    def look(self, source: SourceSettings, *, is_dry: bool = False) -> Looked:
        """Ask a source and log what is new; a failure is logged and returned, never raised.

        `is_dry`: log nothing.
        """
        with self._lock:
            self._catch_up()
            record = self._records.get(source.name)
            cursor = record.cursor if record is not None else ""
            previous = Previous(cursor=cursor, posts=self._posts.of_source(source.name))
        check = _start_check(source, cursor, self._workspace.now())
        payloads: list[Payload] = []
        retry_after_s = 0.0
        try:
            batch = look(source, previous, check.at, self._tools)
            payloads = self._read_lists(source, batch)
            check = replace(
                check,
                answered=True,
                reason=_say(batch.problems),
                cursor=batch.cursor,
                n_gone=batch.n_gone,
            )
        except (InputError, DeliveryError) as error:
            batch = SourceBatch()
            check = replace(check, reason=str(error)[:MAX_REASON])
            if isinstance(error, SourceFailed) and error.retry_after_s is not None:
                retry_after_s = min(error.retry_after_s, MAX_WAIT_S)
        except Exception as error:
            # A fault of the program in one source must not end the watch over it in silence.
            _log.exception("source %s", source.name)
            batch = SourceBatch()
            check = replace(check, reason=f"the program failed: {type(error).__name__}")
        with self._lock:
            self._catch_up()
            payloads = [*self._changes(batch), *self._unknown(payloads)]
            try:
                looked = self._record(source, check, payloads, is_dry=is_dry)
            except (InputError, DeliveryError) as error:
                looked = self._remember(replace(check, reason=str(error), n_new=0))
        return replace(looked, wait_s=max(looked.wait_s, retry_after_s))

    # ------------------------------------------------------------------ what is new

    def _changes(self, batch: SourceBatch) -> list[Payload]:
        """New versions, posts that are back and posts that are gone."""
        payloads: list[Payload] = []
        for report in batch.reports:
            key = None if report.item is None else (report.source, report.item)
            is_known = self._posts.knows(report.id)
            if not is_known:
                payloads.append(ReportReceived(report=report))
            if key is None or not batch.is_live:
                continue
            current = self._posts.current(key)
            is_other = is_known and current is not None and current.id != report.id
            if is_other or self._posts.is_deleted(key):
                payloads.append(ReportShownAgain(report=report.id))
        for shown in batch.coverage:
            payloads += (ReportDeleted(report=r.id) for r in self._posts.missing(shown))
        return payloads

    def _read_lists(self, source: SourceSettings, batch: SourceBatch) -> list[Payload]:
        """Read an operator's lists with the region's tables at hand."""
        region = self._workspace.region
        payloads: list[Payload] = []
        for received in batch.lists:
            if source.kind is SourceKind.INSPECTIONS:
                if self._assets is None:
                    self._assets = frozenset(list_assets(region).id.tolist())
                for said in parse_inspections(received.text, received.name, self._assets):
                    if isinstance(said, Inspection):
                        payloads.append(InspectionRecorded(inspection=said))
                    else:
                        payloads.append(InspectionUnderWay(step=said))
                continue
            parse = parse_feeder_list if source.kind is SourceKind.FEEDERS else parse_call_counts
            observations = parse(received.text, received.name, region)
            name = f"{source.kind}:{source.name}"
            payloads.append(ObservationRecorded(name=name, observations=observations))
        return payloads

    def _unknown(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Leave out lists that are in force already and inspections that are held."""
        return [
            payload
            for payload in payloads
            if payload not in self._inspections
            and not (
                isinstance(payload, ObservationRecorded)
                and self._lists.get(payload.name) == payload.observations
            )
        ]

    # ------------------------------------------------------------------ the log

    def _record(
        self, source: SourceSettings, check: SourceCheck, payloads: list[Payload], *, is_dry: bool
    ) -> Looked:
        n_new = sum(not isinstance(p, ReportDeleted | ReportShownAgain) for p in payloads)
        n_versions = sum(self._is_version(p) for p in payloads)
        n_deleted = sum(isinstance(p, ReportDeleted) for p in payloads)
        check = replace(check, n_new=n_new)
        if is_dry:
            looked = _looked(check, note(None, check))
        else:
            if payloads or self._is_worth_logging(check):
                self._log(source, check, payloads)
            else:
                self._unlogged[check.name] = check
            looked = self._remember(check)
        return replace(looked, n_new=n_new - n_versions, n_versions=n_versions, n_deleted=n_deleted)

    def _log(self, source: SourceSettings, check: SourceCheck, payloads: list[Payload]) -> None:
        """Log what is new and this look, and with it the last quiet looks at other sources."""
        checks = {**self._unlogged, check.name: check}
        short = tuple(
            c if len(c.cursor) <= MAX_CURSOR else replace(c, cursor="") for c in checks.values()
        )
        events = [Event(actor=f"source:{source.name}", payload=p) for p in payloads]
        events.append(Event(actor="lightkeeper", payload=SourceChecked(checks=short)))
        entries = self._workspace.store.append(events, at=self._workspace.now())
        self._own = entries[-1].seq
        self._unlogged.clear()
        self._logged_at |= dict.fromkeys(checks, entries[-1].at)
        self._catch_up()

    def _remember(self, check: SourceCheck) -> Looked:
        record = note(self._records.get(check.name), check)
        self._records[check.name] = record
        return _looked(check, record)

    def _is_worth_logging(self, check: SourceCheck) -> bool:
        record = self._records.get(check.name)
        logged_at = self._logged_at.get(check.name)
        return (
            record is None
            or logged_at is None
            or check.at - logged_at >= LOGGED_EVERY
            or record.reason != check.reason
            or record.n_gone != check.n_gone
        )

    def _is_version(self, payload: Payload) -> bool:
        if not isinstance(payload, ReportReceived) or payload.report.item is None:
            return False
        return self._posts.current((payload.report.source, payload.report.item)) is not None

    def _catch_up(self) -> None:
        """Take in what was logged since, by whomever."""
        for entry in self._workspace.store.events(after=self._seq):
            self._seq = entry.seq
            tell_posts(self._posts, entry)
            match entry.payload:
                case SourceChecked(checks=checks) if entry.seq != self._own:
                    for check in checks:
                        self._records[check.name] = note(self._records.get(check.name), check)
                        self._logged_at[check.name] = check.at
                case ObservationRecorded(name=name, observations=observations):
                    self._lists[name] = observations
                case InspectionRecorded() | InspectionUnderWay():
                    self._inspections.add(entry.payload)
                case _:
                    pass


def make_tools(workspace: Workspace, environment: Mapping[str, str]) -> Tools:
    """Return what looks need; keys are taken from the environment when they are needed."""
    return Tools(gazetteer=workspace.gazetteer, secrets=environment)


class SourcePoller:
    """Asks each source at its own pace in the background, one thread each."""

    def __init__(self, desk: SourceDesk, sources: Sequence[SourceSettings]) -> None:
        self._desk = desk
        self._stop = Signal()
        self._threads = [
            Thread(target=self._run, args=(s,), name=f"source {s.name}", daemon=True)
            for s in sources
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more; wait a moment for looks that are under way. What they bring is whole or not
        in the log at all."""
        self._stop.set()
        give_up_at = monotonic() + JOIN_WITHIN_S
        for thread in self._threads:
            thread.join(max(give_up_at - monotonic(), 0.0))

    def _run(self, source: SourceSettings) -> None:
        while not self._stop.is_set():
            looked = self._desk.look(source)
            self._stop.wait(looked.wait_s)


def list_sources(
    state: State,
    configured: Sequence[SourceSettings],
    now: datetime,
    *,
    live: Mapping[str, SourceRecord] | None = None,
) -> tuple[SourceEntry, ...]:
    """Return every source and how it does: those configured, others of the log, entry by hand.

    Parameters
    ----------
    live
        Records newer than the log, of the process that asks the sources.
    """
    records = {r.name: r for r in state.sources} | dict(live or {})
    listed = [
        replace(
            records.get(s.name) or SourceRecord(name=s.name, kind=s.kind),
            kind=s.kind,
            every_s=s.every_s,
            silent_after_h=s.silent_after_h,
        )
        for s in configured
    ]
    names = {s.name for s in configured}
    listed += [records[name] for name in records if name not in names]
    listed.append(_by_hand(state))
    return tuple(_entry(record, now) for record in listed)


def list_logged_sources(database: str, file: Path | None) -> tuple[SourceEntry, ...]:
    """Return how each source does by the log alone; no region is opened for it."""
    configured = () if file is None else read_source_file(file)
    with open_store(database) as store:
        return list_sources(store.state(), configured, utc_now())


def _by_hand(state: State) -> SourceRecord:
    entered = [r for r in state.reports if r.media_type is MediaType.MANUAL]
    last = max((state.received_at[r.id] for r in entered), default=None)
    return SourceRecord(
        name="", kind=SourceKind.MANUAL, last_seen_at=last, last_new_at=last, n_new=len(entered)
    )


def _entry(record: SourceRecord, now: datetime) -> SourceEntry:
    return SourceEntry(
        name=record.name,
        kind=record.kind,
        state=state_of(record, now),
        last_seen_at=record.last_seen_at,
        last_new_at=record.last_new_at,
        failing_since=record.failing_since,
        reason=record.reason,
        n_new=record.n_new,
        n_gone=record.n_gone,
        every_s=record.every_s,
        silent_after_h=record.silent_after_h,
    )


def _start_check(source: SourceSettings, cursor: str, at: datetime) -> SourceCheck:
    return SourceCheck(
        name=source.name,
        kind=source.kind,
        at=at,
        answered=False,
        cursor=cursor,
        every_s=source.every_s,
        silent_after_h=source.silent_after_h,
    )


def _looked(check: SourceCheck, record: SourceRecord) -> Looked:
    return Looked(
        name=check.name,
        answered=check.answered,
        n_new=check.n_new,
        n_versions=0,
        n_deleted=0,
        reason=check.reason,
        wait_s=record.every_s + backoff_s(record),
    )


def _say(problems: Sequence[str]) -> str:
    """The first problems in words, within bounds."""
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return ("; ".join(problems[:3])[:MAX_REASON] + more) if problems else ""
