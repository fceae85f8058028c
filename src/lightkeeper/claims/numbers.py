"""Numbers in figures and words, with what is said of their precision and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import ceil, floor

from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import Count
from lightkeeper.claims.patterns import NUMBER_MARK

_DIGITS = re.compile(r"\d+")
_FIGURE = re.compile(
    r"(?<![\w№.,:/-])-?\d{1,3}(?:[  ]\d{3})+(?![\d])|(?<![\w№:/-])\d{1,3}(?:,\d{3})+(?!\d)"
    r"|(?<![\w№:/-])(?<!\w[.,])\d+(?:[.,]\d+)?(?!\d|:\d)"
)
_NOT_A_COUNT = re.compile(
    r"-[^\W\d_]{1,3}\b|[-–]?\s?(?:річн|летн|year|st\b|nd\b|rd\b|th\b)|:\d|\.\d\d?\.|/\d"
)
_LONGEST_FIGURE = 16
"""What has more digits and marks is a code or a card's number; nothing is counted so."""
_LARGEST = 1e10
"""More than there are people."""
_SHARES = {"half": 2, "third": 3, "quarter": 4}
"""Qualifiers that take a part: of "half of the 34,200" 17,100 are told."""
_BETWEEN_SUM = re.compile(r"[\s-]+\Z")
_NOTHING_BETWEEN = re.compile(r"[ ,—–~-]*(?:(?<= )(?:в|у|на|по|во|at|in|on) )?")
_BECOMES_REACH = 30
_AFTER_DASH = re.compile(r"[—–-]\s*\Z")
_INTO_PLACE = re.compile(r"\s(?:в|у|во|in|across)\s")
"""What follows says where, not what is counted: "about a thousand in villages"."""
_OF_WHOLE = re.compile(r"\s(?:out\s)?(?:of|із?|з|зі|из)\s(?:the\s|its\s|all\s)?")
_TO = re.compile(r"\s(?:to|до)\s")
_FROM = re.compile(r"(?<!\w)(?:from|із?|з|зі|с|со)\s\Z")
WHOLE = "whole"
"""The unit of a number that is only what another is a part of, or came down from."""
_NEXT_WORDS = re.compile(r"(?:[\s\"«»'“”-]*[^\W\d_][\w'-]*){1,4}")
"""As many words as may stand between a number and what it counts, and that word."""
_BEFORE_DASH = re.compile(r"([^\W\d_][\w'-]*(?:\s[^\W\d_][\w'-]*){0,2})\s?(?:[—–:]|\s-)\s\Z")
_GOES_ON = re.compile(r"'[^\W\d_]")


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A number as said; `start` takes in "about", "at least" and the like."""

    start: int
    end: int
    count: Count
    unit: str | None
    unit_start: int
    """Where the word of the unit stands; the number's end when there is none."""
    is_vague: bool = False


def find_numbers(
    folded: str, lexicon: Lexicon, blocked: tuple[tuple[int, int], ...] = ()
) -> tuple[NumberMention, ...]:
    """Find every number of a text.

    Parameters
    ----------
    blocked
        Stretches that are no counts: clock times, dates, ages.
    """
    atoms = _atoms(folded, lexicon)
    if atoms:
        spans = [*blocked, *(m.span() for m in lexicon.ages.finditer(folded))]
        atoms = [a for a in atoms if not any(s < a[1] and a[0] < e for s, e in spans)]
    joined = _join(folded, atoms, lexicon)
    mentions: list[NumberMention] = []
    for i, (start, end, low, high) in enumerate(joined):
        limit = joined[i + 1][0] if i + 1 < len(joined) else len(folded)
        begin, kinds = _qualifiers(folded, start, joined[i - 1][1] if i else 0, lexicon)
        if lexicon.negations.search(folded, max(0, begin - 5), begin) is not None:
            continue  # "not four but three"
        unit, unit_start = _unit(folded, end, limit, lexicon)
        if unit is None:
            unit, unit_start = _unit_before(folded, begin, end, lexicon)
        # "Rose to six, of the wounded - to 30": the word for rising stands once.
        goes_on = _AFTER_DASH.search(folded, max(0, begin - 4), begin) is not None
        reach = _BECOMES_REACH * (2 if goes_on else 1)
        if folded[start:end] in lexicon.round_numbers:
            kinds |= {"approx"}
        if kinds == {"max"} and lexicon.becomes.search(folded, max(0, begin - reach), begin):
            kinds = frozenset()  # "rose to three" is three, not up to three
        if low != high and lexicon.becomes.search(folded, max(0, begin - _BECOMES_REACH), begin):
            low = high  # "rose from two to five"
        mentions.append(NumberMention(begin, end, _count(low, high, kinds, unit), unit, unit_start))
    mentions = _without_wholes(folded, mentions)
    taken = [(m.start, m.end) for m in mentions]
    for match in lexicon.vague.finditer(folded):
        if not any(s < match.end() and match.start() < e for s, e in taken):
            unit, unit_start = _unit(folded, match.end(), len(folded), lexicon)
            if unit is not None:
                count = Count(min=2, approximate=True, unit=unit)
                mentions.append(
                    NumberMention(match.start(), match.end(), count, unit, unit_start, True)
                )
    return tuple(sorted(mentions, key=lambda m: m.start))


def _without_wholes(folded: str, mentions: list[NumberMention]) -> list[NumberMention]:
    """Let the part count what the whole does: "450 out of 9,000 homes", "from 600 to 90 homes"."""
    out = list(mentions)
    for i, (a, b) in enumerate(pairwise(out)):
        between = folded[a.end : b.start]
        if a.unit is None and b.unit is not None and _OF_WHOLE.fullmatch(between):
            out[i] = replace(a, unit=b.unit, count=replace(a.count, unit=b.unit))
            out[i + 1] = replace(b, unit=WHOLE)
        elif _TO.fullmatch(between) and _FROM.search(folded, max(0, a.start - 6), a.start):
            out[i] = replace(a, unit=WHOLE)
    return out


def mask_numbers(folded: str, mentions: tuple[NumberMention, ...]) -> str:
    """Put the number mark in the place of every exact or qualified number; the length is kept."""
    for mention in mentions:
        if not mention.is_vague:
            mark = NUMBER_MARK * (mention.end - mention.start)
            folded = f"{folded[: mention.start]}{mark}{folded[mention.end :]}"
    return folded


def _atoms(folded: str, lexicon: Lexicon) -> list[tuple[int, int, float, float]]:
    """Single numbers and ranges written in one: (start, end, low, high)."""
    found: list[tuple[int, int, float, float]] = []
    last = 0
    for digits in _DIGITS.finditer(folded):
        at = digits.start()
        at -= folded[at - 1 : at] == "-"
        match = _FIGURE.match(folded, at) if at >= last else None
        if match is None:
            continue
        last = match.end()
        if last - at > _LONGEST_FIGURE or _NOT_A_COUNT.match(folded, last):
            continue
        value = _figure(match.group(), lexicon.language)
        found.append((at, last, value, value))
    for word in lexicon.number_names.finditer(folded):
        if not _GOES_ON.match(folded, word.end()):  # "сім'я" are not seven
            value = lexicon.number_words[word.group()]
            found.append((*word.span(), value, value))
    return sorted(found)


def _figure(text: str, language: str) -> float:
    text = text.replace(" ", "").replace(" ", "")
    if "," in text:
        # "16,000" is sixteen thousand in English; "2,5" is two and a half in the others.
        is_thousands = re.fullmatch(r"-?\d{1,3}(?:,\d{3})+", text) and language == "en"
        text = text.replace(",", "" if is_thousands else ".")
    return float(text)


@cache
def _scales(lexicon: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a scale after a number, and the joint of a range."""
    words = "|".join(sorted(map(re.escape, lexicon.scales), key=len, reverse=True))
    return (
        re.compile(rf"\s*(?:{words})\b\.?"),
        re.compile(rf"\s*(?:[-–—]|\b(?:{lexicon.alternatives})\b)\s*\Z"),
    )


def _join(
    folded: str, atoms: list[tuple[int, int, float, float]], lexicon: Lexicon
) -> list[tuple[int, int, float, float]]:
    """Put together scales ("18,5 тис."), sums ("сорок одна") and ranges ("п'ять-шість")."""
    scale, between_range = _scales(lexicon)
    out: list[tuple[int, int, float, float]] = []
    for start, end, low, high in atoms:
        match = scale.match(folded, end)
        factor = 1
        if match:
            factor = lexicon.scales[match.group().strip().rstrip(".")]
            end = match.end()
        if out:
            p_start, p_end, p_low, p_high = out[-1]
            gap = folded[p_end:start]
            is_word = not folded[p_start].isdigit() and not folded[start].isdigit()
            if (
                gap
                and is_word
                and _BETWEEN_SUM.match(gap)
                and 20 <= p_low == p_high < _LARGEST
                and ((low < 10 and p_low % 10 == 0 and p_low < 100) or (p_low >= 100 and low < 100))
            ):
                out[-1] = (p_start, end, (p_low + low) * factor, (p_high + high) * factor)
                continue
            if gap and between_range.match(gap) and p_low == p_high < low * factor:
                p_factor = factor if p_low < low else 1
                out[-1] = (p_start, end, p_low * p_factor, high * factor)
                continue
        out.append((start, end, low * factor, high * factor))
    for match in lexicon.scale_names.finditer(folded):
        # "близько тисячі": a scale word alone is one of it, in the singular forms listed.
        if not any(s < match.end() and match.start() < e for s, e, _, _ in out):
            value = lexicon.number_words[match.group()]
            out.append((*match.span(), value, value))
    return sorted(out)


def _qualifiers(
    folded: str, start: int, floor: int, lexicon: Lexicon
) -> tuple[int, frozenset[str]]:
    kinds: set[str] = set()
    begin = start
    again = True
    while again:
        again = False
        for kind, pattern in lexicon.qualifiers.present(folded):
            window = max(floor, begin - 40)
            for match in pattern.finditer(folded, window, begin):
                # "About in 300 houses" is about three hundred.
                if _NOTHING_BETWEEN.fullmatch(folded, match.end(), begin):
                    kinds.add(kind)
                    begin, again = match.start(), True
                    break
            if again:
                break
    return begin, frozenset(kinds)


def _unit(folded: str, end: int, limit: int, lexicon: Lexicon) -> tuple[str | None, int]:
    """Find what is counted: the nearest unit word in the few words that follow."""
    cause = lexicon.because.search(folded, end, min(limit, end + 60))
    limit = min(limit, cause.start()) if cause is not None else limit
    place = _INTO_PLACE.search(folded, end, min(limit, end + 60))
    limit = place.start() if place is not None else limit
    reach = _NEXT_WORDS.match(folded, end, limit)
    if reach is None:
        return None, end
    best: tuple[int, int, str] | None = None
    for unit, pattern in lexicon.units.present(folded):
        match = pattern.search(folded, end, reach.end())
        if match and (best is None or (match.start(), -match.end()) < best[:2]):
            best = (match.start(), -match.end(), unit)
    return (best[2], best[0]) if best else (None, end)


def _unit_before(folded: str, start: int, end: int, lexicon: Lexicon) -> tuple[str | None, int]:
    """Find what is counted before a dash or colon: "Power lines down: more than 40"."""
    head = _BEFORE_DASH.search(folded, max(0, start - 60), start)
    if head is None:
        return None, end
    for unit, pattern in lexicon.units.present(folded):
        found = pattern.search(folded, head.start(1), head.end(1))
        # "Nosivka community: 3,450" counts no communities.
        if found and (lexicon.language != "en" or found.group().endswith("s")):
            return unit, end
    return None, end


def _count(low: float, high: float, kinds: frozenset[str], unit: str | None) -> Count:
    for share, parts in _SHARES.items():
        if share in kinds:
            low, high, kinds = low / parts, high / parts, kinds | {"approx"}
    low, high = round(low, 6), round(high, 6)
    a, b = (round(low), round(high)) if "approx" in kinds else (floor(low), ceil(high))
    if low == high:
        # No whole number is "2,5 queues": they lie between two and three.
        a, b = (b, b) if "max" in kinds else (a, a) if "min" in kinds else (a, b)
    if a != b:
        return Count(min=a, max=b, approximate=True, unit=unit)
    if "min" in kinds:
        return Count(min=a, approximate=True, unit=unit)
    if "max" in kinds:
        return Count(max=a, approximate=True, unit=unit)
    if "approx" in kinds:
        return Count(best=a, approximate=True, unit=unit)
    return Count(min=a, best=a, max=a, unit=unit)
