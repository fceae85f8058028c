"""The words and figures of a text that tell of times, before they are put together.

What ends in figures is looked for where figures stand, and what stands before them there: most of a
text need not be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from typing import TypeAlias

from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.matchers import Matcher, MatcherTable, Vocabulary
from lightkeeper.claims.patterns import translate

Times: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]
"""The times file of a lexicon."""
Piece: TypeAlias = tuple[int, int, str, object]
"""A word or figures of time: from where to where, of what sort, and what they say."""

_DIGITS = re.compile(r"\d+")
_CLOCK_DIGITS = re.compile(r"\d[:.]\d\d")
_BEFORE = 40
"""How far before figures the words that belong to them are looked for."""
_DAY = re.compile(r"[0-3]?\d(?!\d)")
_NUMERIC_DATE = re.compile(
    r"(?<![.:,])(?P<d>[0-3]?\d)\.(?P<m>0[1-9]|1[0-2])(?P<year>\.(?:20)?\d\d)?(?![\d:]|\.\d)"
)
_IN = re.compile(r"(?<!\w)(?:in|у|в)\s+\Z")
_YEAR_ALONE = re.compile(r"(20[0-3]\d)(?!\w|[:.]\d)(?:\s+(?:році|году))?")
_YEAR = re.compile(r"\s+(20\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class TimePatterns:
    """What finds times. Names ending in `before` match right before figures, the others at their
    first digit; `since` and `not_before` match right before a time."""

    words: MatcherTable[tuple[str, str]]
    """What a word tells: ("part", "morning"), ("day", "today"), ("weekday", "monday"),
    ("by", "midday"), ("month", "5"), ("hour", "17")."""
    day_month: re.Pattern[str]
    month_before: re.Pattern[str]
    months: tuple[tuple[int, re.Pattern[str]], ...]
    clock: re.Pattern[str]
    hour: re.Pattern[str]
    preposition_before: re.Pattern[str]
    span: re.Pattern[str]
    span_from: re.Pattern[str]
    from_before: re.Pattern[str]
    ago: re.Pattern[str]
    since: re.Pattern[str]
    is_since: re.Pattern[str]
    to: re.Pattern[str]
    not_before: re.Pattern[str]


@cache
def time_patterns(lexicon: Lexicon) -> TimePatterns:
    """Compile the times file of a lexicon, once."""
    table = lexicon.times
    months = tuple(
        (int(n), re.compile("|".join(map(translate, v)))) for n, v in table["month"].items()
    )
    month = "|".join(p.pattern for _, p in months)
    words = {k: "|".join(re.escape(w) for w in v) for k, v in table["clock"].items()}
    clock = r"(?:(?:[01]?\d|2[0-3])[:.][0-5]\d|24[:.]00)"
    return TimePatterns(
        words=MatcherTable(
            tuple(
                ((kind, name), lexicon.vocabulary.matcher(forms))
                for kind, key in (
                    ("part", "part_of_day"),
                    ("day", "day"),
                    ("weekday", "weekday"),
                    ("by", "by"),
                    ("moment", "moment"),
                    ("past", "past"),
                )
                for name, forms in table[key].items()
            )
            + _word_months(table, lexicon.vocabulary)
            + _word_hours(table, lexicon.vocabulary)
        ),
        day_month=re.compile(rf"(?P<d>[0-3]?\d)\s+(?P<m>{month})"),
        month_before=re.compile(rf"(?<!\w)(?P<m>{month})\s+\Z"),
        months=months,
        clock=re.compile(rf"(?<![:.,]){clock}(?!\d|:\d)(?!\s?(?:тис|млн|%))"),
        hour=re.compile(
            r"(?<![:.,])(?P<h>1\d|2[0-3]|0?\d)(?:-[^\W\d_]{1,3})?\s?"
            rf"(?:(?P<am>{words['am']})|(?P<pm>{words['pm']})|(?P<plain>{words['oclock']}))(?!\w)"
        ),
        preposition_before=re.compile(
            rf"(?<!\w)(?P<prep>{words['as_of']}|{words['around']}|{words['at']})\s+\Z"
        ),
        span=re.compile(rf"(?<!:)(?P<a>{clock})\s*[-–—]\s*(?P<b>{clock})"),
        span_from=re.compile(
            rf"(?P<a>{clock})\s*(?:{words['to']}|[-–—])\s*"
            rf"(?:(?P<b>{clock})|(?P<midnight>{words['midnight']})|(?P<noon>{words['noon']}))"
        ),
        from_before=re.compile(rf"(?<!\w)(?:{words['from']})\s+\Z"),
        ago=_ago(lexicon),
        since=re.compile(rf"(?<!\w)(?:{words['since']})\s+\Z"),
        is_since=re.compile(rf"(?:{words['since']})\s"),
        to=re.compile(rf"\s*(?:{words['to']}|[-–—])\s*"),
        not_before=re.compile(rf"(?<!\w)(?:{words['not_before']})\s+\Z"),
    )


def _ago(lexicon: Lexicon) -> re.Pattern[str]:
    """ "Two years ago", "half an hour ago"."""
    numbers = "|".join(sorted(map(re.escape, lexicon.number_words), key=len, reverse=True))
    units = "|".join(
        f"(?P<{name}>{'|'.join(map(re.escape, forms))})"
        for name, forms in lexicon.times["ago"].items()
        if name != "ago"
    )
    ago = "|".join(map(re.escape, lexicon.times["ago"]["ago"]))
    return re.compile(rf"(?<!\w)(?:(?P<n>\d{{1,3}}|{numbers})\s+)?(?:{units})\s+(?:{ago})(?!\w)")


def _word_months(
    table: Times, vocabulary: Vocabulary
) -> tuple[tuple[tuple[str, str], Matcher], ...]:
    """Months without a day: "in May"."""
    before = "|".join(table["clock"]["month"])
    return tuple(
        (("month", number), vocabulary.matcher(f"{before} {form}" for form in forms))
        for number, forms in table["month"].items()
    )


def _word_hours(
    table: Times, vocabulary: Vocabulary
) -> tuple[tuple[tuple[str, str], Matcher], ...]:
    """Hours in words: "о п'ятій ранку"."""
    out: list[tuple[tuple[str, str], Matcher]] = []
    clock = table["clock"]
    for number, forms in enumerate(clock.get("hours", ()), start=1):
        said = "|".join(forms.split())
        for half, ends in ((0, (*clock["am"], *clock["oclock"])), (12, clock["pm"])):
            words = vocabulary.matcher(f"{said} {end.rstrip('.')}" for end in ends)
            out.append((("hour", str(number % 12 + half)), words))
    return tuple(out)


def find_pieces(folded: str, lexicon: Lexicon) -> list[Piece]:
    """Find the words and figures that tell of times; some may stand within others."""
    p = time_patterns(lexicon)
    figures = [m.start() for m in _DIGITS.finditer(folded)]
    pieces: list[Piece] = []
    if figures:
        if _CLOCK_DIGITS.search(folded):
            pieces += _spans(folded, figures, p)
            pieces += _clock_times(folded, figures, p, lexicon)
        pieces += _hours(folded, figures, p, lexicon)
        pieces += _dates(folded, figures, p)
        pieces += _years(folded, figures)
    pieces += _agos(folded, lexicon, p.ago)
    for (kind, name), pattern in p.words.present(folded):
        for match in pattern.finditer(folded):
            start, end = match.span()
            if kind == "month":
                year = _YEAR.match(folded, end)
                end = year.end() if year else end
                said = (int(name), int(year.group(1)) if year else None)
                pieces.append((start, end, kind, said))
            elif kind == "moment":
                if name == "full_day":
                    pieces.append((start, end, "span", (time(0), time(0))))
                else:
                    pieces.append((start, end, "around", time(12 if name == "noon" else 0)))
            elif kind == "hour":
                is_plain = folded[start:end].endswith(lexicon.times["clock"]["oclock"])
                if is_plain and not p.preposition_before.search(folded, max(0, start - 24), start):
                    continue  # "two hours" are no hour
                begin, word = _preposition(folded, 0, start, p)
                pieces.append((begin, end, _how_exact(word, lexicon), time(int(name))))
            else:
                pieces.append((start, end, kind, name))
    return pieces


def _spans(folded: str, figures: Iterable[int], p: TimePatterns) -> Iterator[Piece]:
    """ "From 10:00 to 12:00", "10:00-12:00"."""
    last = 0
    for at in figures:
        if at < last:
            continue
        before = p.from_before.search(folded, max(last, at - _BEFORE), at)
        match = p.span_from.match(folded, at) if before else None
        start = before.start() if before and match else at
        match = match or p.span.match(folded, at)
        if match:
            last = match.end()
            end = match.group("b")
            until = _clock(end) if end else time(12 if match.group("noon") else 0)
            yield start, last, "span", (_clock(match.group("a")), until)


def _clock_times(
    folded: str, figures: Iterable[int], p: TimePatterns, lexicon: Lexicon
) -> Iterator[Piece]:
    last = 0
    for at in figures:
        match = p.clock.match(folded, at) if at >= last else None
        if match:
            start, word = _preposition(folded, last, at, p)
            last = match.end()
            if ":" in match.group() or word:
                yield start, last, _how_exact(word, lexicon), _clock(match.group())


def _hours(
    folded: str, figures: Iterable[int], p: TimePatterns, lexicon: Lexicon
) -> Iterator[Piece]:
    """ "At 5 a.m.", "о 5 ранку"; "5 hours" are no hour."""
    last = 0
    for at in figures:
        match = p.hour.match(folded, at) if at >= last else None
        if match:
            start, word = _preposition(folded, last, at, p)
            last = match.end()
            if match.group("plain") and not word:
                continue
            hour = int(match.group("h"))
            if match.group("pm") and hour < 12:
                hour += 12
            elif match.group("am") and hour == 12:
                hour = 0
            yield start, last, _how_exact(word, lexicon), time(hour)


def _preposition(folded: str, last: int, at: int, p: TimePatterns) -> tuple[int, str]:
    """Return where a time begins, and the preposition before its figures if there is one."""
    before = p.preposition_before.search(folded, max(last, at - _BEFORE), at)
    return (before.start(), before.group("prep")) if before else (at, "")


def _how_exact(word: str, lexicon: Lexicon) -> str:
    """Return what a preposition says of the time after it."""
    clock = lexicon.times["clock"]
    return next((k for k in ("as_of", "around") if word and word in clock[k]), "at")


def _dates(folded: str, figures: Iterable[int], p: TimePatterns) -> Iterator[Piece]:
    """ "10 January", "January 10", "10.01.2026"."""
    last = 0
    for at in figures:
        if at < last:
            continue
        before = p.month_before.search(folded, max(last, at - _BEFORE), at)
        day = _DAY.match(folded, at) if before else None
        if before and day:
            start, last = before.start(), day.end()
            yield start, last, "date", (_month(before.group("m"), p), int(day.group()))
        elif match := p.day_month.match(folded, at):
            last = match.end()
            yield at, last, "date", (_month(match.group("m"), p), int(match.group("d")))
    for at in figures:
        # "25.11" is no clock time; "12.11" is a date only with its year.
        match = _NUMERIC_DATE.match(folded, at)
        if match and (match.group("year") or int(match.group("d")) > 23):
            yield *match.span(), "date", (int(match.group("m")), int(match.group("d")))


def _month(words: str, p: TimePatterns) -> int:
    return next(n for n, pattern in p.months if pattern.fullmatch(words))


def _years(folded: str, figures: Iterable[int]) -> Iterator[Piece]:
    """ "In 2025", without a month."""
    for at in figures:
        match = _YEAR_ALONE.match(folded, at)
        before = _IN.search(folded, max(0, at - _BEFORE), at) if match else None
        if match and before:
            yield before.start(), match.end(), "year", match.group(1)


def _agos(folded: str, lexicon: Lexicon, pattern: re.Pattern[str]) -> list[Piece]:
    out: list[Piece] = []
    if not any(word in folded for word in lexicon.times["ago"]["ago"]):
        return out
    for match in pattern.finditer(folded):
        said = match.group("n")
        unit = next(u for u in ("half_hour", "minutes", "hours", "years") if match.group(u))
        number = 1.0 if said is None else lexicon.number_words.get(said) or float(said)
        if unit == "years":
            out.append((*match.span(), "years_ago", round(number)))
        else:
            minutes = {"half_hour": 30, "minutes": number, "hours": 60 * number}[unit]
            out.append((*match.span(), "ago", timedelta(minutes=minutes)))
    return out


def _clock(text: str) -> time:
    hours, minutes = re.split(r"[:.]", text)
    return time(int(hours) % 24, int(minutes))
