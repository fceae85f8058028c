"""Instants and hours of outage as residents read them: the clock on the wall, its offset said.

Everything else in Lightkeeper, CAP included, keeps UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lightkeeper.notices.catalogue import load_texts
from lightkeeper.units import require_utc

_DATE = {"uk": "%d.%m.%Y %H:%M", "en": "%d %b %Y, %H:%M"}
_DAY = {"uk": "%d.%m", "en": "%d %b"}


def say_instant(at: datetime, *, time_zone: str, language: str) -> str:
    """Return an instant by the clock of a zone: "10 Jan 2026, 08:00 (Kyiv time, UTC+2)"."""
    local = require_utc(at).astimezone(ZoneInfo(time_zone))
    zones = load_texts(language)["zones"]
    zone = zones.get(time_zone, zones["other"])
    return f"{local:{_DATE[language]}} ({zone}, {_say_offset(local)})"


def list_off_times(
    is_off: Sequence[bool], *, starts_at: datetime, slot_min: int, time_zone: str, language: str
) -> list[str]:
    """Return when a queue is off by the clock of a zone: "08:00-10:00", slots that touch as one.

    A later day is named. Where the clocks change in between, a time after the change says its
    offset.
    """
    zone = ZoneInfo(time_zone)
    first = require_utc(starts_at).astimezone(zone)

    def clock(slot: int) -> datetime:
        return (starts_at + slot * timedelta(minutes=slot_min)).astimezone(zone)

    def say(at: datetime) -> str:
        changed = at.utcoffset() != first.utcoffset()
        return f"{at:%H:%M}" + (f" ({_say_offset(at)})" if changed else "")

    times = []
    begin: int | None = None
    for i, off in enumerate((*is_off, False)):
        if off and begin is None:
            begin = i
        elif not off and begin is not None:
            from_at = clock(begin)
            day = "" if from_at.date() == first.date() else f"{from_at:{_DAY[language]}} "
            times.append(f"{day}{say(from_at)}\N{EN DASH}{say(clock(i))}")
            begin = None
    return times


def _say_offset(local: datetime) -> str:
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
