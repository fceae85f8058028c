from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from lightkeeper.errors import InputError
from lightkeeper.storage import Event, LogHead, LogSeq, open_store, verify

Received = Callable[[str], Event]


@pytest.fixture
def tampered(path: Path, received: Received, t0: datetime) -> Callable[[str], list[str]]:
    """Faults found after someone changed the file behind the program's back."""

    def tamper(statement: str) -> list[str]:
        with open_store(path) as store:
            store.append([received(name) for name in ("a", "b", "c")], at=t0)
        connection = sqlite3.connect(path)
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()
        connection.close()
        with open_store(path) as store:
            return [str(p) for p in verify(store)]

    return tamper


def test_an_untouched_log_has_no_problem(tampered: Callable[[str], list[str]]) -> None:
    assert tampered("SELECT 1") == []


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("UPDATE log SET actor = 'x' WHERE seq = 2", "log entry 2", "does not fit its digest"),
        (
            "UPDATE log SET at = '2026-01-09T04:00:00.000000Z' WHERE seq = 2",
            "log entry 2",
            "digest",
        ),
        ("DELETE FROM log WHERE seq = 2", "log entry 3", "entries are missing"),
        ("UPDATE reports SET text = 'light' WHERE text = 'b'", "log entry 2", "as it was received"),
        ("DELETE FROM reports WHERE text = 'b'", "log entry 2", "is not stored"),
        ("UPDATE log SET kind = 'unheard_of' WHERE seq = 3", "log entry 3", "cannot be read"),
    ],
)
def test_a_change_is_found_where_it_was_made(
    tampered: Callable[[str], list[str]], statement: str, where: str, what: str
) -> None:
    problems = tampered(statement)
    assert any(p.startswith(where) and what in p for p in problems)


def test_lines_cut_off_show_against_a_head_kept_elsewhere(
    path: Path, received: Received, t0: datetime, tampered: Callable[[str], list[str]]
) -> None:
    assert tampered("DELETE FROM log WHERE seq = 3") == []
    with open_store(path) as store:
        problems = verify(store, expected_head=LogHead(seq=LogSeq(3), sha256="0" * 64))
        assert [p.where for p in problems] == ["log entry 3"]
        head = store.head()
        assert verify(store, expected_head=head) == []


def test_an_entry_that_cannot_be_read_is_named(
    path: Path, tampered: Callable[[str], list[str]]
) -> None:
    tampered("UPDATE log SET payload = '{', kind = 'claim_retracted' WHERE seq = 2")
    with open_store(path) as store, pytest.raises(InputError, match="log entry 2"):
        store.events()
