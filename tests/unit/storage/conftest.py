"""Events to write and a store to write them to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lightkeeper.reports import MediaType, Report, ReportId
from lightkeeper.storage import Event, ReportReceived, Store, open_store


@pytest.fixture
def t0() -> datetime:
    return datetime(2026, 1, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def minute() -> timedelta:
    return timedelta(minutes=1)


@pytest.fixture
def make_report() -> Callable[[str], Report]:
    def make(text: str) -> Report:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Report(
            id=ReportId(digest[:16]),
            source="зв'язок",
            channel=None,
            text=text,
            sha256=digest,
            media_type=MediaType.TEXT,
            language="uk",
            published_at=datetime(2026, 1, 10, 3, 30, tzinfo=UTC),
        )

    return make


@pytest.fixture
def received(make_report: Callable[[str], Report]) -> Callable[[str], Event]:
    def make(text: str) -> Event:
        return Event(actor="officer", payload=ReportReceived(report=make_report(text)))

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as opened:
        yield opened
