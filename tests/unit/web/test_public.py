"""The public page's words for times, and what it refuses to render."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from small_picture import make_picture

from lightkeeper.notices.picture import ScheduleEntry
from lightkeeper.web.public import list_off_times, render_public


def make_schedule(off: str, starts_at: datetime) -> ScheduleEntry:
    """Return one queue; "x" is a half hour off."""
    zeros = (0.0,) * len(off)
    return ScheduleEntry(
        starts_at=starts_at,
        slot_min=30,
        queues=("1.1",),
        is_off=(tuple(c == "x" for c in off),),
        needed_mw=zeros,
        shed_mw=zeros,
        hours_off=(off.count("x") / 2,),
        breaches=(),
    )


@pytest.mark.parametrize(
    ("off", "times"),
    [
        ("....", []),
        ("xx..x", ["22:00–23:00", "11.01 00:00–00:30"]),
        ("...xx", ["23:30–00:30"]),
    ],
)
def test_slots_that_touch_are_one_time(off: str, times: list[str]) -> None:
    schedule = make_schedule(off, datetime(2026, 1, 10, 22, 0, tzinfo=UTC))
    assert list_off_times(schedule, 0) == times


def test_only_the_public_projection_is_rendered() -> None:
    with pytest.raises(ValueError, match="operator"):
        render_public(make_picture(), "uk")
