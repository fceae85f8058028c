from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lightkeeper.errors import DeliveryError, InputError, StoreBusy
from lightkeeper.storage import (
    Event,
    LogHead,
    LogSeq,
    ReportReceived,
    ReportRetracted,
    Store,
    StoreOptions,
    open_store,
    verify,
)

Received = Callable[[str], Event]


def test_a_report_comes_back_to_the_letter(store: Store, received: Received, t0: datetime) -> None:
    text = "Темно.\r\n\tІзюм – «без світла» 💡 \u00a0кінець "
    (entry,) = store.append([received(text)], at=t0)
    (read,) = store.events()
    assert read == entry
    assert isinstance(read.payload, ReportReceived)
    assert read.payload.report.text == text


def test_the_same_report_twice_is_stored_once(
    store: Store, received: Received, t0: datetime, minute: timedelta
) -> None:
    assert len(store.append([received("a"), received("a")], at=t0)) == 1
    assert store.append([received("a"), received("b")], at=t0 + minute)[0].seq == 2
    assert store.append([received("a")], at=t0 + 2 * minute) == ()
    assert [e.seq for e in store.events()] == [1, 2]
    assert store.state().received_at[store.state().reports[0].id] == t0


def test_many_reports_in_one_go(store: Store, received: Received, t0: datetime) -> None:
    events = [received(f"report {i}") for i in range(1200)]
    assert len(store.append(events, at=t0)) == 1200
    assert store.append(events, at=t0) == ()


def test_any_past_moment_can_be_rebuilt(
    store: Store, received: Received, t0: datetime, minute: timedelta
) -> None:
    first = received("a")
    assert isinstance(first.payload, ReportReceived)
    report = first.payload.report.id
    store.append([first], at=t0)
    store.append(
        [Event(actor="n", payload=ReportRetracted(report=report, reason="false"))], at=t0 + minute
    )
    assert [r.id for r in store.state(t0).live_reports] == [report]
    assert store.state(t0 - minute).reports == ()
    after = store.state(t0 + minute)
    assert after.live_reports == ()
    assert [r.id for r in after.reports] == [report]
    assert after.seq == 2


def test_an_instant_without_a_zone_is_refused(store: Store, received: Received) -> None:
    naive = datetime.fromisoformat("2026-01-10T04:00:00")
    with pytest.raises(ValueError, match="no time zone"):
        store.append([received("a")], at=naive)


def test_a_clock_a_little_behind_is_accepted_and_one_far_behind_is_not(
    store: Store, received: Received, t0: datetime, minute: timedelta
) -> None:
    store.append([received("a")], at=t0)
    store.append([received("b")], at=t0 - 5 * minute)
    assert [e.seq for e in store.events()] == [1, 2]
    assert [e.seq for e in store.events(t0 - minute)] == [2]
    with pytest.raises(InputError, match="set the clock of this machine right"):
        store.append([received("c")], at=t0 - 60 * minute)
    assert len(store.events()) == 2
    store.append([received("c")], at=t0 - 60 * minute, allow_earlier=True)
    assert len(store.events()) == 3


def test_all_of_a_batch_or_none_of_it(store: Store, received: Received, t0: datetime) -> None:
    with pytest.raises(InputError, match="cannot be written as UTF-8"):
        store.append([received("a"), received_with_half_a_character(received)], at=t0)
    assert store.events() == ()


def received_with_half_a_character(received: Received) -> Event:
    whole = received("b")
    assert isinstance(whole.payload, ReportReceived)
    return Event(actor="half \ud800", payload=whole.payload)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET actor = 'nobody'",
        "DELETE FROM log",
        "INSERT OR REPLACE INTO log SELECT seq, at, kind, 'x', subject, report_id, payload, sha256 "
        "FROM log",
        "INSERT INTO log SELECT 9, at, kind, actor, subject, report_id, payload, sha256 FROM log",
        "UPDATE reports SET text = 'light is on'",
        "DELETE FROM reports",
        "INSERT OR REPLACE INTO reports SELECT id, 'light is on', details FROM reports",
    ],
)
def test_the_database_refuses_to_rewrite_history(
    store: Store, received: Received, path: Path, t0: datetime, statement: str
) -> None:
    store.append([received("a")], at=t0)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|never"):
        connection.execute(statement)
    connection.close()
    assert verify(store) == []


def test_an_empty_log_has_no_head(store: Store, received: Received, t0: datetime) -> None:
    assert store.head() is None
    (entry,) = store.append([received("a")], at=t0)
    assert store.head() == LogHead(seq=LogSeq(1), sha256=entry.sha256)


def test_opening_again_keeps_everything(path: Path, received: Received, t0: datetime) -> None:
    with open_store(path) as store:
        written = store.append([received("a")], at=t0)
    with open_store(f"sqlite:///{path}") as store:
        assert store.events() == written


def test_two_processes_write_at_once_and_nothing_is_lost(path: Path) -> None:
    script = textwrap.dedent(
        """
        import hashlib, sys
        from datetime import UTC, datetime
        from lightkeeper.reports import MediaType, Report, ReportId
        from lightkeeper.storage import Event, ReportReceived, open_store

        with open_store(sys.argv[1]) as store:
            for i in range(40):
                text = f"{sys.argv[2]} {i}"
                digest = hashlib.sha256(text.encode()).hexdigest()
                report = Report(id=ReportId(digest[:16]), source="s", channel=None, text=text,
                                sha256=digest, media_type=MediaType.TEXT, language=None,
                                published_at=None)
                store.append([Event(actor=sys.argv[2], payload=ReportReceived(report=report))],
                             at=datetime.now(UTC))
        """
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "ab"]
    assert [w.wait(timeout=60) for w in writers] == [0, 0]
    with open_store(path) as store:
        entries = store.events()
        assert [e.seq for e in entries] == list(range(1, 81))
        assert {e.actor for e in entries} == {"a", "b"}
        assert verify(store) == []


def test_a_process_killed_in_the_middle_loses_nothing_stored_before(
    path: Path, received: Received, t0: datetime, minute: timedelta
) -> None:
    script = textwrap.dedent(
        """
        import sys
        from datetime import UTC, datetime
        from lightkeeper.storage import ClaimRetracted, Event, open_store
        from lightkeeper.storage.database import WRITE
        from sqlalchemy import text

        store = open_store(sys.argv[1])
        store.append([Event(actor="before", payload=ClaimRetracted(claim="c:1", reason="r"))],
                     at=datetime(2026, 1, 10, 4, 1, tzinfo=UTC))
        with store._engine.connect().execution_options(**{WRITE: True}) as connection:
            with connection.begin():
                connection.execute(text(
                    "INSERT INTO log SELECT seq + 1, at, kind, 'half', subject, report_id, payload,"
                    " sha256 FROM log ORDER BY seq DESC LIMIT 1"))
                print("in the middle", flush=True)
                sys.stdin.read()
        """
    )
    with open_store(path) as store:
        store.append([received("a")], at=t0)
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "in the middle\n"
    writer.kill()
    writer.wait(timeout=30)
    writer.stdout.close()
    writer.stdin.close()
    with open_store(path) as store:
        assert [e.actor for e in store.events()] == ["officer", "before"]
        store.append([received("b")], at=t0 + 2 * minute)
        assert verify(store) == []


def test_a_busy_store_says_so(path: Path, received: Received, t0: datetime) -> None:
    with open_store(path, options=StoreOptions(busy_timeout_s=0.05)) as store:
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="try again"):
            store.append([received("a")], at=t0)
        assert store.events() == ()
        other.rollback()
        other.close()
        assert len(store.append([received("a")], at=t0)) == 1


def test_threads_share_a_store(store: Store, received: Received, t0: datetime) -> None:
    def write(name: str) -> None:
        for i in range(10):
            store.append([received(f"{name} {i}")], at=t0)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.seq for e in store.events()] == list(range(1, 31))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("a page of notes, long enough to be taken for a header of something " * 9)
    with pytest.raises(InputError, match="not a database"):
        open_store(file)
    assert file.read_text().startswith("a page of notes")


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    with pytest.raises(InputError, match=r"another program \(songs\)"):
        open_store(file)


def test_a_newer_schema_is_refused(path: Path) -> None:
    open_store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(InputError, match=r"9999.*upgrade Lightkeeper"):
        open_store(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder exists"):
        open_store(tmp_path / "nowhere" / "store.db")


def test_an_unknown_kind_of_database() -> None:
    with pytest.raises(InputError, match="no driver"):
        open_store("clay+tablet://host/db")
    with pytest.raises(InputError, match="not a database URL"):
        open_store("://")


def test_a_password_is_never_shown() -> None:
    with pytest.raises(InputError) as caught:
        open_store("clay+tablet://me:secret@host/db")
    assert "secret" not in str(caught.value)


def test_a_read_only_file(path: Path, received: Received, t0: datetime) -> None:
    open_store(path).close()
    with (
        open_store(f"sqlite:///file:{path}?mode=ro&uri=true") as store,
        pytest.raises(DeliveryError, match="may not be written"),
    ):
        store.append([received("a")], at=t0)
