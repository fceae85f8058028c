"""Times as residents read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lightkeeper.notices import list_off_times, say_instant

WINTER = datetime(2026, 1, 10, 6, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 10, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "time_zone", "language", "said"),
    [
        (WINTER, "Europe/Kyiv", "uk", "10.01.2026 08:00 (за Києвом, UTC+2)"),
        (WINTER, "Europe/Kyiv", "en", "10 Jan 2026, 08:00 (Kyiv time, UTC+2)"),
        (SUMMER, "Europe/Kyiv", "uk", "11.07.2026 01:30 (за Києвом, UTC+3)"),
        (WINTER, "America/New_York", "en", "10 Jan 2026, 01:00 (local time, UTC-5)"),
        (WINTER, "Asia/Kathmandu", "en", "10 Jan 2026, 11:45 (local time, UTC+5:45)"),
    ],
)
def test_an_instant_says_its_clock(at: datetime, time_zone: str, language: str, said: str) -> None:
    assert say_instant(at, time_zone=time_zone, language=language) == said


def off_times(off: str, starts_at: datetime, language: str = "uk") -> list[str]:
    """Return the times of one queue in Kyiv; "x" is a half hour off."""
    return list_off_times(
        [c == "x" for c in off],
        starts_at=starts_at,
        slot_min=30,
        time_zone="Europe/Kyiv",
        language=language,
    )


@pytest.mark.parametrize(
    ("off", "times"),
    [
        ("....", []),
        ("xx..x", ["22:00–23:00", "11.01 00:00–00:30"]),
        ("...xx", ["23:30–00:30"]),
    ],
)
def test_slots_that_touch_are_one_time_and_a_later_day_is_named(off: str, times: list[str]) -> None:
    assert off_times(off, datetime(2026, 1, 10, 20, 0, tzinfo=UTC)) == times


def test_a_later_day_is_named_in_the_language() -> None:
    starts_at = datetime(2026, 1, 10, 20, 0, tzinfo=UTC)
    assert off_times("....x", starts_at, "en") == ["11 Jan 00:00–00:30"]


def test_a_time_after_the_clocks_change_says_its_offset() -> None:
    # Clocks go back at 04:00 local, 01:00 UTC, on 25 October 2026.
    starts_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert off_times("xx", starts_at) == ["03:30–03:30 (UTC+2)"]
    assert off_times("x..x", starts_at) == ["03:30–03:00 (UTC+2)", "04:00 (UTC+2)–04:30 (UTC+2)"]
