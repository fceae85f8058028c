"""When: clock times, days, parts of days. Relative words stay relative without a date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import TimeRef
from lightkeeper.claims.patterns import TIME_MARK
from lightkeeper.claims.time_pieces import Piece, TimePatterns, find_pieces, time_patterns

BY = "by"
"""Precision of what is to be done by then."""
_CLOCKS = frozenset({"at", "around", "as_of", "span", "ago"})
PAST_DAY = timedelta(hours=24)
"""How far "over the past day" reaches back from when it is told."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

PARTS_H = {
    "early_morning": (0, 7),
    "morning": (6, 11),
    "day": (6, 18),
    "afternoon": (12, 18),
    "evening": (18, 24),
}
"""Hours a part of a day runs from and to; the night runs from 22 to 6 of the next day."""
NIGHT_H = (22, 6)
NIGHTS = frozenset({"last_night", "this_night", "before_last_night"})
BY_H = {"midday": 13, "evening": 18, "morning": 6, "end_of_day": 24}
"""The hour by which "before midday" or "by the end of the day" is meant."""
_CLOCK_TIME = re.compile(r"(?:[01]?\d|2[0-4])[:.][0-5]\d")


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time as said."""

    start: int
    end: int
    time: TimeRef


def find_times(
    folded: str, lexicon: Lexicon, published_at: datetime | None, zone: ZoneInfo
) -> tuple[TimeMention, ...]:
    """Find every time of a text, resolved as far as words and `published_at` allow.

    Without `published_at` no instant is made: a clock time without a day is no instant either.
    """
    local = published_at.astimezone(zone) if published_at else None
    pieces = _longest(find_pieces(folded, lexicon))
    return tuple(_group(folded, pieces, local, time_patterns(lexicon)))


def mask_times(text: str, mentions: tuple[TimeMention, ...]) -> str:
    """Put the time mark in the place of every clock time in figures; the length is kept."""
    masked = text
    for mention in mentions:
        for match in _CLOCK_TIME.finditer(text, mention.start, mention.end):
            mark = TIME_MARK * (match.end() - match.start())
            masked = f"{masked[: match.start()]}{mark}{masked[match.end() :]}"
    return masked


def _longest(pieces: Iterable[Piece]) -> list[Piece]:
    """Leave out what stands within a longer piece of another kind; equal stretches stay."""
    order = sorted(pieces, key=lambda x: (x[0], -x[1]))
    out: list[Piece] = []
    reaching: list[Piece] = []
    for piece in order:
        reaching = [o for o in reaching if o[1] > piece[0]]
        covering = (o for o in reaching if piece[1] <= o[1])
        if any((o[2] == piece[2] or o[2] in {"span", "date", "by"}) for o in covering):
            continue
        out.append(piece)
        reaching.append(piece)
    return out


def _group(
    folded: str,
    pieces: list[Piece],
    local: datetime | None,
    p: TimePatterns,
) -> list[TimeMention]:
    """Put neighbouring pieces together: "early Thursday morning", "вранці 10 січня"."""
    groups: list[list[Piece]] = []
    last = 0
    for piece in pieces:
        gap = folded[last : piece[0]]
        if groups and len(gap) <= 6 and not re.search(r"[.;!?\n]", gap):
            groups[-1].append(piece)
            last = max(last, piece[1])
            continue
        groups.append([piece])
        last = piece[1]
    out: list[TimeMention] = []
    day: dict[str, object] = {}
    for group in groups:
        start, end = min(p[0] for p in group), max(p[1] for p in group)
        found: dict[str, object] = {}
        for piece in group:
            found.setdefault(piece[2], piece[3])
        ats = [piece for piece in group if piece[2] == "at"]
        if len(ats) > 1 and p.to.fullmatch(folded, ats[0][1], ats[1][0]):
            found = {"span": (ats[0][3], ats[1][3])}  # "from 6 a.m. to 10 a.m."
        # "Tomorrow, 12 January ...: from 00:00 to 07:00": hours belong to the day named before.
        if "date" in found or found.get("day") in {"today", "yesterday", "tomorrow"}:
            day = {k: v for k, v in found.items() if k in {"date", "day"}}
        elif "span" in found:
            found = found | day
        elif found.get("past") == "day" and day.get("day") != "tomorrow":
            found = day or found  # "On 16 December ... Ten more were hurt over the day"
        if "weekday" in found and "span" not in found and "date" not in found:
            day = {"weekday": found["weekday"], "ahead": True}
        time_ref = _resolve(folded[start:end], found, local)
        if local is not None and time_ref.from_at is not None and not found.keys() & _CLOCKS:
            lead = folded[max(0, start - 24) : start]
            if p.since.search(lead) or p.is_since.match(folded, start):
                if time_ref.from_at <= local:
                    # "Since Monday" reaches to the moment it is told.
                    time_ref = replace(time_ref, to_at=_utc(local), precision="range")
            elif p.not_before.search(lead):
                time_ref = replace(_ahead(time_ref, local), to_at=None, precision="range")
        out.append(TimeMention(start, end, time_ref))
    return out


def _resolve(text: str, found: dict[str, object], local: datetime | None) -> TimeRef:
    weekday = found.get("weekday")
    part = found.get("part")
    day_word = found.get("day")
    if part is None and day_word in NIGHTS:
        part = "night"
    base = TimeRef(
        text=text,
        weekday=str(weekday) if weekday else None,
        part_of_day=str(part) if part else None,
        precision="part_of_day" if part else "day" if weekday or day_word else "unknown",
    )
    if local is None:
        return base
    return _with_instants(base, found, local)


def _with_instants(base: TimeRef, found: dict[str, object], local: datetime) -> TimeRef:
    day = _day(found, local)
    zone = local.tzinfo
    today = day or local.date()

    def instant(at: time, on: date) -> datetime:
        return datetime.combine(on, at, tzinfo=zone)

    def ref(a: datetime | None, b: datetime | None, precision: str) -> TimeRef:
        return TimeRef(
            text=base.text,
            from_at=_utc(a),
            to_at=_utc(b),
            weekday=base.weekday,
            part_of_day=base.part_of_day,
            precision=precision,
        )

    if (pair := found.get("span")) is not None and isinstance(pair, tuple):
        a, b = instant(pair[0], today), instant(pair[1], today)
        return ref(a, b if b > a else b + timedelta(days=1), "range")
    if isinstance(ago := found.get("ago"), timedelta):
        half = timedelta(minutes=30)
        return ref(local - ago - half, min(local, local - ago + half), "hour")
    if "past" in found:
        return (
            ref(_new_year(local), local, "range")
            if found["past"] == "year"
            else ref(local - PAST_DAY, local, "range")
        )
    for kind in ("at", "around", "as_of"):
        at = found.get(kind)
        if isinstance(at, time):
            moment = instant(at, today)
            if day is None and moment > local + timedelta(hours=6):
                moment -= timedelta(days=1)
            if kind == "as_of":
                return ref(None, moment, "as_of")
            half = timedelta(minutes=30 if kind == "around" else 0)
            return ref(moment - half, moment + half, "hour" if half else "minute")
    year_alone = found.get("year")
    if year_alone is None and day is None and "years_ago" in found:
        year_alone = str(local.year - int(str(found["years_ago"])))
    if isinstance(year_alone, str):
        begin = instant(time(0), date(int(year_alone), 1, 1))
        return ref(begin, instant(time(23, 59), date(int(year_alone), 12, 31)), "year")
    month = found.get("month")
    if isinstance(month, tuple) and day is None:
        year = month[1] or local.year - (month[0] > local.month)
        after = date(year + month[0] // 12, month[0] % 12 + 1, 1)
        begin, end = instant(time(0), date(year, month[0], 1)), instant(time(0), after)
        return ref(begin, end - timedelta(minutes=1), "month")
    if isinstance(by := found.get("by"), str):
        end = instant(time(0), today) + timedelta(hours=BY_H[by])
        return ref(None, end if end > local else end + timedelta(days=1), BY)
    part = base.part_of_day
    if part == "night":
        on = day or _night_before(found, local)
        a = instant(time(NIGHT_H[0]), on - timedelta(days=1))
        return ref(a, instant(time(NIGHT_H[1]), on), "night")
    if part in PARTS_H:
        first, last = PARTS_H[part]
        start = datetime.combine(today, time(0), tzinfo=zone)
        return ref(
            instant(time(first), today),
            start + timedelta(days=1) if last == 24 else instant(time(last), today),
            "part_of_day",
        )
    if day is not None:
        return ref(instant(time(0), day), instant(time(23, 59), day), "day")
    return base


def _ahead(time_ref: TimeRef, local: datetime) -> TimeRef:
    """A weekday that is to come is the next one."""
    week = timedelta(days=7)
    if time_ref.weekday is None or time_ref.to_at is None or time_ref.to_at > local:
        return time_ref
    start = time_ref.from_at
    return replace(
        time_ref, from_at=None if start is None else start + week, to_at=time_ref.to_at + week
    )


def _new_year(local: datetime) -> datetime:
    return local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _night_before(found: dict[str, object], local: datetime) -> date:
    """Return the morning of the night that is meant: this one, or the one before."""
    on = local.date()
    if found.get("day") == "this_night":
        return on + timedelta(days=1) if local.hour >= NIGHT_H[0] else on
    if found.get("day") == "before_last_night" or (
        found.get("day") == "last_night" and local.hour < 4
    ):
        on -= timedelta(days=1)
    return on


def _day(found: dict[str, object], local: datetime) -> date | None:
    when = found.get("date")
    past_years = int(str(found.get("years_ago", 0)))
    if past_years and (isinstance(when, tuple) or found.get("day") == "today"):
        month, number = when if isinstance(when, tuple) else (local.month, local.day)
        try:
            return date(local.year - past_years, month, number)
        except ValueError:
            return None
    if isinstance(when, tuple):
        month, number = when
        for year in (local.year, local.year - 1, local.year + 1):
            try:
                on = date(year, month, number)
            except ValueError:
                continue
            if abs((on - local.date()).days) <= 183:
                return on
        return None
    word = found.get("day")
    if word in {"today", "yesterday", "tomorrow"}:
        return local.date() + timedelta(
            days={"today": 0, "yesterday": -1, "tomorrow": 1}[str(word)]
        )
    weekday = found.get("weekday")
    if weekday is not None:
        if found.get("ahead"):
            ahead = (WEEKDAYS.index(str(weekday)) - local.weekday()) % 7
            return local.date() + timedelta(days=ahead)
        back = (local.weekday() - WEEKDAYS.index(str(weekday))) % 7
        return local.date() - timedelta(days=back)
    return None


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at is not None else None
