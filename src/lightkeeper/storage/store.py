"""The store: append events, read them back, rebuild any past moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import Session

from lightkeeper.errors import InputError
from lightkeeper.storage.chain import (
    START,
    chain_digest,
    decode_payload,
    encode_payload,
    join_report,
    split_report,
    subject_of,
)
from lightkeeper.storage.database import WRITE, connect, in_plain_words, parse_address, prepare
from lightkeeper.storage.model import Event, LogEntry, LogHead, LogSeq, ReportReceived, State
from lightkeeper.storage.project import project
from lightkeeper.storage.tables import LogRow, ReportRow
from lightkeeper.units import require_utc

_ENTRY_COLUMNS = (
    LogRow.seq,
    LogRow.at,
    LogRow.kind,
    LogRow.actor,
    LogRow.payload,
    LogRow.sha256,
    ReportRow.text,
    ReportRow.details,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """How patient the store is.

    `busy_timeout_s`: how long to wait for another writer. `clock_skew_s`: how far an entry may lie
    before the last one (two machines' clocks, or two processes that took the time in one order and
    wrote in the other).
    """

    busy_timeout_s: float = 10.0
    clock_skew_s: float = 600.0


class Store:
    """An open store. Safe to share between threads; close it, or use it in a `with`."""

    def __init__(self, engine: Engine, options: StoreOptions) -> None:
        self._engine = engine
        self._options = options

    @property
    def location(self) -> str:
        """Address of the database, without a password."""
        return self._engine.url.render_as_string()

    def append(
        self, events: Sequence[Event], *, at: datetime, allow_earlier: bool = False
    ) -> tuple[LogEntry, ...]:
        """Add events to the log, all or none, and return the entries made.

        A report that is stored already makes no entry: the same file twice is one report.

        Parameters
        ----------
        at
            Now, with time zone. May lie up to `clock_skew_s` before the last entry.
        allow_earlier
            Accept any `at`: the way out when a clock once ran far ahead.

        Raises
        ------
        InputError
            `at` lies too far before the last entry; nothing is written.
        StoreBusy
            Another process wrote for longer than `busy_timeout_s`.
        """
        at = require_utc(at)
        with (
            in_plain_words(self._engine.url),
            self._engine.connect().execution_options(**{WRITE: True}) as connection,
            connection.begin(),
        ):
            if not allow_earlier:
                self._refuse_earlier(connection, at)
            try:
                return _append(connection, events, at)
            except UnicodeEncodeError as error:
                raise InputError(
                    f"an event cannot be written as UTF-8 ({error.reason}); "
                    "read its text again with the right encoding"
                ) from error

    def events(
        self, until: datetime | None = None, *, after: LogSeq | None = None
    ) -> tuple[LogEntry, ...]:
        """Entries with `at` not after `until` and `seq` above `after`, in order of `seq`."""
        query = (
            select(*_ENTRY_COLUMNS)
            .outerjoin(ReportRow, LogRow.report_id == ReportRow.id)
            .order_by(LogRow.seq)
        )
        if after is not None:
            query = query.where(LogRow.seq > after)
        if until is not None:
            query = query.where(LogRow.at <= require_utc(until))
        with in_plain_words(self._engine.url), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(self._entry(*row) for row in rows)

    def state(self, until: datetime | None = None) -> State:
        """What was known at `until`; None: now."""
        return project(self.events(until))

    def head(self) -> LogHead | None:
        """Last line of the log, None when it is empty."""
        with in_plain_words(self._engine.url), self._engine.connect() as connection:
            last = _last_row(connection)
        return None if last is None else LogHead(seq=LogSeq(last[0]), sha256=last[2])

    def read_rows(self) -> list[tuple[LogRow, ReportRow | None]]:
        """The log as stored, undecoded, for `verify`."""
        query = (
            select(LogRow, ReportRow)
            .outerjoin(ReportRow, LogRow.report_id == ReportRow.id)
            .order_by(LogRow.seq)
        )
        with in_plain_words(self._engine.url), Session(self._engine) as session:
            return [(row[0], row[1]) for row in session.execute(query)]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _entry(
        self,
        seq: int,
        at: datetime,
        kind: str,
        actor: str,
        payload: str,
        sha256: str,
        text: str | None,
        details: str | None,
    ) -> LogEntry:
        try:
            report = None if text is None or details is None else join_report(text, details)
            return LogEntry(
                seq=LogSeq(seq),
                at=at,
                actor=actor,
                payload=decode_payload(kind, payload, report),
                sha256=sha256,
            )
        except ValueError as error:
            raise InputError(
                f'store "{self.location}": log entry {seq} cannot be read '
                f"({str(error).splitlines()[0]}); verify the store, put back a copy of it"
            ) from error

    def _refuse_earlier(self, connection: Connection, at: datetime) -> None:
        last = _last_row(connection)
        if last is None:
            return
        if at < last[1] - timedelta(seconds=self._options.clock_skew_s):
            raise InputError(
                f'store "{self.location}": the new entry is of {at.isoformat()}, the last one of '
                f"{last[1].isoformat()}; set the clock of this machine right"
            )


def open_store(address: str | Path, *, options: StoreOptions | None = None) -> Store:
    """Open a store, making or upgrading its tables.

    Parameters
    ----------
    address
        A path of an SQLite file, or any SQLAlchemy URL.

    Raises
    ------
    InputError
        Not a database, another program's, of a newer version, or in a folder that is not there.
    StoreBusy
        Another process held the database for longer than `busy_timeout_s`.
    """
    options = options or StoreOptions()
    url = parse_address(address)
    engine = connect(url, busy_timeout_s=options.busy_timeout_s)
    try:
        with in_plain_words(url):
            prepare(engine, busy_timeout_s=options.busy_timeout_s)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, options)


def _last_row(connection: Connection) -> tuple[int, datetime, str] | None:
    query = select(LogRow.seq, LogRow.at, LogRow.sha256).order_by(LogRow.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (row.seq, row.at, row.sha256)


def _append(connection: Connection, events: Sequence[Event], at: datetime) -> tuple[LogEntry, ...]:
    last = _last_row(connection)
    seq, previous = (0, START) if last is None else (last[0], last[2])
    stored = _stored_ids(connection, events)
    report_rows: list[dict[str, object]] = []
    log_rows: list[dict[str, object]] = []
    entries: list[LogEntry] = []
    for item in events:
        report_id: str | None = None
        if isinstance(item.payload, ReportReceived):
            report_id = item.payload.report.id
            if report_id in stored:
                continue
            stored.add(report_id)
            row = split_report(item.payload.report)
            report_rows.append({"id": row.id, "text": row.text, "details": row.details})
        seq += 1
        kind, subject = item.payload.kind.value, subject_of(item.payload)
        payload = encode_payload(item.payload)
        previous = chain_digest(
            previous,
            seq=seq,
            at=at,
            kind=kind,
            actor=item.actor,
            subject=subject,
            payload=payload,
        )
        log_rows.append(
            {
                "seq": seq,
                "at": at,
                "kind": kind,
                "actor": item.actor,
                "subject": subject,
                "report_id": report_id,
                "payload": payload,
                "sha256": previous,
            }
        )
        entries.append(
            LogEntry(
                seq=LogSeq(seq), at=at, actor=item.actor, payload=item.payload, sha256=previous
            )
        )
    if report_rows:
        connection.execute(insert(ReportRow), report_rows)
    if log_rows:
        connection.execute(insert(LogRow), log_rows)
    return tuple(entries)


def _stored_ids(connection: Connection, events: Sequence[Event]) -> set[str]:
    ids = [e.payload.report.id for e in events if isinstance(e.payload, ReportReceived)]
    stored: set[str] = set()
    for start in range(0, len(ids), 500):  # SQLite limits the variables of one statement
        part = ids[start : start + 500]
        stored.update(connection.scalars(select(ReportRow.id).where(ReportRow.id.in_(part))))
    return stored
