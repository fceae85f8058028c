"""Times: relative without a date, intervals with one, never invented."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import load_lexicon
from lightkeeper.claims.model import TimeRef
from lightkeeper.claims.times import find_times

KYIV = ZoneInfo("Europe/Kyiv")
SUNDAY = datetime(2026, 1, 11, 8, 0, tzinfo=KYIV)


def times(language: str, text: str, at: datetime | None) -> list[TimeRef]:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    return [m.time for m in find_times(fold(text), lexicon, at, KYIV)]


@pytest.mark.parametrize(
    ("language", "text", "weekday", "part"),
    [
        ("en", "rockets struck early Thursday morning", "thursday", "early_morning"),
        ("en", "late Wednesday", "wednesday", "evening"),
        ("en", "on Friday", "friday", None),
        ("uk", "вранці у четвер", "thursday", "morning"),
        ("uk", "минулої ночі", None, "night"),
        ("ru", "ночью", None, "night"),
    ],
)
def test_without_a_date_time_stays_relative(
    language: str, text: str, weekday: str | None, part: str | None
) -> None:
    (time,) = times(language, text, None)
    assert (time.weekday, time.part_of_day) == (weekday, part)
    assert time.from_at is None
    assert time.to_at is None


@pytest.mark.parametrize("text", ["at 04:10", "о 04:10", "станом на 07:00", "10 січня"])
def test_clock_and_calendar_without_a_year_make_no_instant(text: str) -> None:
    for time in times("en" if text.startswith("at") else "uk", text, None):
        assert time.from_at is None
        assert time.to_at is None


@pytest.mark.parametrize(
    ("language", "text", "start", "end", "precision"),
    [
        ("uk", "о 04:10", "2026-01-11T04:10", "2026-01-11T04:10", "minute"),
        ("uk", "о 23:50", "2026-01-10T23:50", "2026-01-10T23:50", "minute"),
        ("uk", "станом на 07:00", None, "2026-01-11T07:00", "as_of"),
        ("en", "as of 07:00", None, "2026-01-11T07:00", "as_of"),
        ("uk", "близько 07:40", "2026-01-11T07:10", "2026-01-11T08:10", "hour"),
        ("uk", "у ніч на 11 січня", "2026-01-10T22:00", "2026-01-11T06:00", "night"),
        ("uk", "минулої ночі", "2026-01-10T22:00", "2026-01-11T06:00", "night"),
        ("en", "last night", "2026-01-10T22:00", "2026-01-11T06:00", "night"),
        ("ru", "прошедшей ночью", "2026-01-10T22:00", "2026-01-11T06:00", "night"),
        ("uk", "вранці 10 січня", "2026-01-10T06:00", "2026-01-10T11:00", "part_of_day"),
        ("en", "on Thursday morning", "2026-01-08T06:00", "2026-01-08T11:00", "part_of_day"),
        ("uk", "завтра з 10:00 до 13:00", "2026-01-12T10:00", "2026-01-12T13:00", "range"),
        ("uk", "з 22:00 до 02:00", "2026-01-11T22:00", "2026-01-12T02:00", "range"),
    ],
)
def test_with_a_publication_time_words_become_instants(
    language: str, text: str, start: str | None, end: str, precision: str
) -> None:
    (time,) = times(language, text, SUNDAY)

    def instant(at: str | None) -> datetime | None:
        return datetime.fromisoformat(at).replace(tzinfo=KYIV) if at else None

    assert time.from_at == instant(start)
    assert time.to_at == instant(end)
    assert time.precision == precision
