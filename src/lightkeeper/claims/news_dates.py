"""Days that a sentence of a news item names, as days of the calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from lightkeeper.claims.news_text import MONTHS

_MONTH = "|".join(MONTHS)
_WORDS = {
    "one": 1, "a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_NUMBER = rf"\d{{1,2}}|{'|'.join(_WORDS)}"
_TH = r"(?:st|nd|rd|th|d)"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_RANGE = re.compile(
    rf"\b(?:between|from )?(?:the night of )?(?P<d1>\d{{1,2}})(?: (?P<m1>{_MONTH}))?"
    rf"(?: and | to |-| - | or | and the (?:early )?(?:morning|night|dawn) of )"
    rf"(?P<d2>\d{{1,2}}) (?P<m2>{_MONTH})(?: (?:19)?(?P<y>\d\d)\b)?"
)
_DAY = re.compile(
    rf"\b(?P<d>\d{{1,2}})(?:{_TH} of)? (?P<m>{_MONTH})(?: (?:19)?(?P<y>\d\d)\b)?"
    rf"|\b(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:{_TH})?\b"
)
_DAY_OF_MONTH = re.compile(
    rf"\b(?:on|of|dawn of|night of|morning of|until) the (?P<d>\d{{1,2}}){_TH}"
    r"(?: of (?P<which>this|last) month)?"
    r"(?! [a-z]*(?:front|brigade|floor|street|anniversary|region))"
)
_AGO = re.compile(rf"\b(?P<n>{_NUMBER}) (?P<unit>days?|nights?|weeks?|months?) (?:ago|earlier)\b")
_DAY_BEFORE = re.compile(r"\b(?:the day before yesterday|the night before last)\b")
_WEEKEND = re.compile(r"\b(?:last|this past) weekend\b")
_LAST_MONTH = re.compile(r"\b(?:last|the past) month\b")
_WEEKDAYS = re.compile(
    rf"\b(?:between|from) (?:(?:the )?(?:night|evening) of )?(?P<a>{'|'.join(WEEKDAYS)})"
    r"(?: [a-z]+)?"
    rf" (?:and|to|until) (?:(?:the )?(?:early )?(?:morning|dawn) of )?(?P<b>{'|'.join(WEEKDAYS)})\b"
)
_TODAY = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening|noon|dawn))\b")
_YESTERDAY = re.compile(r"\b(?:yesterday|last night|overnight)\b")
_WEEKDAY = re.compile(rf"\b(?:(?P<last>last|this past) )?(?P<w>{'|'.join(WEEKDAYS)})\b(?!'s)")
_LONG_AGO = re.compile(
    r"\b(?:last year|years? ago|years? earlier|in (?:early |late |mid-?)?19(?P<y1>\d\d)"
    r"|(?:since|of) 19\d\d|last century|decades? ago"
    r"|(?:during|in) the (?:past|last) (?:few |\w+ )?years"
    rf"|in (?:early |late )?(?:{_MONTH})(?: of)? (?:last year|19(?P<y2>\d\d)))\b"
)
_IN_MONTH = re.compile(
    rf"\b(?:in|during|last|since|past) (?:early |late |mid-?)?(?P<m>{_MONTH})\b(?! \d)"
)
_REPORTED = re.compile(
    r"\b(?:said|says|reported|announced|informed|stated|disclosed|confirmed|revealed|indicated|noted"
    r"|added|told \w+|learned|denounced|condemned|issued|released|published|acknowledged|claimed"
    r"|explained|admitted|declared|recalled|denied|warned|made public|made known)"
    r"(?: (?:here|on|early|late|this|in|at|the|city|to|reporters))* $"
)
"""The day of a report is not that of what it tells."""
STALE_DAYS = 61
"""An event longer ago is no news: such keys leave it out."""


@dataclass(frozen=True, slots=True)
class DayMention:
    """Days from `first` to `last`, both included; None where they are only known to be long ago."""

    start: int
    end: int
    first: date | None
    last: date | None

    def is_stale(self, told: date) -> bool:
        """Say whether the days lie too long before the news."""
        return self.last is None or (told - self.last).days > STALE_DAYS


def read_days(sentence: str, told: date) -> list[DayMention]:
    """Return the days that a folded sentence names, in order; days to come are left out."""
    found: list[DayMention] = []

    def add(match: re.Match[str], first: date | None, last: date | None) -> None:
        if any(m.start < match.end() and match.start() < m.end for m in found):
            return
        if last is not None and last > told:
            # A day to come: kept out, but its words are taken.
            found.append(DayMention(match.start(), match.end(), date.max, date.max))
            return
        found.append(DayMention(match.start(), match.end(), first, last))

    for match in _RANGE.finditer(sentence):
        last = _day(match["d2"], match["m2"], match["y"], told)
        first = _day(match["d1"], match["m1"] or match["m2"], match["y"], told)
        if first and last and first <= last:
            add(match, first, last)
    for match in _DAY.finditer(sentence):
        day = _day(match["d"] or match["d3"], match["m"] or match["m3"], match["y"], told)
        if day:
            add(match, day, day)
    for match in _LONG_AGO.finditer(sentence):
        year = match["y1"] or match["y2"]
        years = 0 if year is None else told.year - 1900 - int(year)
        if year is None or years > 1 or (years == 1 and told.month > 2):
            add(match, None, None)
    for match in _AGO.finditer(sentence):
        n = _WORDS.get(match["n"]) or int(match["n"])
        day = told - timedelta(days=n * {"d": 1, "n": 1, "w": 7, "m": 30}[match["unit"][0]])
        spread = timedelta(days={"d": 0, "n": 0, "w": 1, "m": 15}[match["unit"][0]])
        add(match, day - spread, min(day + spread, told))
    for match in _TODAY.finditer(sentence):
        add(match, told, told)
    for match in _DAY_BEFORE.finditer(sentence):
        add(match, told - timedelta(days=2), told - timedelta(days=2))
    for match in _YESTERDAY.finditer(sentence):
        add(match, told - timedelta(days=1), told - timedelta(days=1))
    for match in _WEEKDAYS.finditer(sentence):
        last = _last_weekday(match["b"], told)
        add(match, _last_weekday(match["a"], last), last)
    for match in _WEEKDAY.finditer(sentence):
        day = _last_weekday(match["w"], told)
        day -= timedelta(days=7 if day == told and match["last"] else 0)
        add(match, day, day)
    for match in _WEEKEND.finditer(sentence):
        sunday = _last_weekday("sunday", told)
        add(match, sunday - timedelta(days=1), sunday)
    for match in _DAY_OF_MONTH.finditer(sentence):
        day = _last_day_of_month(int(match["d"]), told, before=match["which"] == "last")
        if day:
            add(match, day, day)
    for match in _LAST_MONTH.finditer(sentence):
        last = told.replace(day=1) - timedelta(days=1)
        add(match, last.replace(day=1), last)
    for match in _IN_MONTH.finditer(sentence):
        month = MONTHS.index(match["m"]) + 1
        first = date(told.year if month <= told.month else told.year - 1, month, 1)
        last = min((first + timedelta(days=31)).replace(day=1) - timedelta(days=1), told)
        add(match, first, last)
    return sorted(
        (m for m in found if m.last != date.max and not _REPORTED.search(sentence[: m.start])),
        key=lambda m: m.start,
    )


def _last_weekday(name: str, until: date) -> date:
    return until - timedelta(days=(until.weekday() - WEEKDAYS.index(name)) % 7)


def _last_day_of_month(day: int, told: date, *, before: bool) -> date | None:
    """Return the last day of this number up to `told`, or of the month before."""
    month = told.replace(day=1)
    if before or day > told.day:
        month = (month - timedelta(days=1)).replace(day=1)
    return month.replace(day=day) if 1 <= day <= monthrange(month.year, month.month)[1] else None


def _day(d: str, m: str, y: str | None, told: date) -> date | None:
    month = MONTHS.index(m) + 1
    year = 1900 + int(y) if y else told.year
    try:
        day = date(year, month, int(d))
        # Without a year the nearest such day: the elections of next May, the attack of last May.
        if y is None and day > told + timedelta(days=180):
            return day.replace(year=year - 1)
    except ValueError:
        return None
    return day


def written(day: date) -> str:
    """Write a day as the keys do: 04 MAR 90."""
    return f"{day.day:02d} {MONTHS[day.month - 1][:3].upper()} {day.year % 100:02d}"
