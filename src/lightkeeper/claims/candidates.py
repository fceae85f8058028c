"""Rules applied to a text: stretches that assert something, before their fields are read."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from lightkeeper.claims.lexicon import Lexicon, Rule
from lightkeeper.claims.matchers import Matcher
from lightkeeper.claims.model import ClaimKind, OutageType
from lightkeeper.claims.patterns import NUMBER_MARK
from lightkeeper.claims.sentences import Sentence, number_of_sentence

_TRIM = re.compile(r"^(?:[\s\"«»“”‘’'•\-–—*#,;:.🔴🟢]|📌)+")
_LEADING = re.compile(
    r"^(?:but|and|as well as|while|але|а|та|і|й|но|и|leaving|leading to|resulting in|causing)\s+",
    re.IGNORECASE,
)

_AND = re.compile(r"(?<!\w)(?:and|та|і|й|и)(?!\w)")
DENIABLE = frozenset(
    {
        ClaimKind.STRIKE,
        ClaimKind.DAMAGE,
        ClaimKind.EXPLOSIONS,
        ClaimKind.OUTAGE,
        ClaimKind.SERVICES,
    }
)
DENIED_WITHIN = DENIABLE | {ClaimKind.RESTORED, ClaimKind.REPAIR}
_FIGURE = re.compile(rf"\s*[\d{NUMBER_MARK}]")
_NEGATED_WORDS = 2
"""How many words at the end of a match a "not" before them denies ("light ... was not lost")."""
_CAUSE_WORDS = 2
"""How many words may stand between a word of cause and the strike it gives as one."""
AFTER_EFFECTS = frozenset(
    {ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.SERVICES, ClaimKind.REPAIR, ClaimKind.SCHEDULE}
)
"""What a strike is named for only as the cause ("reconnected after the night attack")."""
WAITING = frozenset({"waiting_for_permission", "waiting_for_all_clear"})
"""Work that waits is told by what there is not ("the military have not allowed it")."""
SHUT_OFF = frozenset({"water_off", "heat_off", "disrupted", "mobile_degraded"})
"""Effects on services that one "without" may tell of several."""
SUPPLY = frozenset({
    ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.SCHEDULE, ClaimKind.FORECAST,
    ClaimKind.SERVICES,
})  # fmt: skip
"""What a number of customers may be told of."""
TOLD_IN_CLAUSES = frozenset({
    ClaimKind.REPAIR, ClaimKind.UNKNOWN, ClaimKind.FORECAST, ClaimKind.ADVICE, ClaimKind.SCHEDULE,
})  # fmt: skip
"""What is told by one clause and the next together."""
NAMED_TWICE = frozenset({ClaimKind.OUTAGE, ClaimKind.SCHEDULE})
"""What is told once by its words and once by what they are called for short."""
ONE_PER_SENTENCE = frozenset({ClaimKind.WEAPON, ClaimKind.ALERT, ClaimKind.ALL_CLEAR})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule's match. `start` and `end` bound the segments it stands in; `at` is the match.

    `said` is the part of the segments that tells it: up to, or from, the words of cause that join
    it to another claim of the same segments.
    """

    rule: Rule
    sentence: Sentence
    start: int
    end: int
    at: tuple[int, int]
    said: tuple[int, int]


def find_candidates(
    masked: str, sentences: tuple[Sentence, ...], lexicon: Lexicon
) -> list[tuple[Candidate, ClaimKind]]:
    """Find what is asserted, in order of the text.

    Of two rules for the same kind that meet in one segment the earlier in the file holds.
    """
    found: defaultdict[int, list[tuple[Candidate, ClaimKind]]] = defaultdict(list)
    orders = {number_of_sentence(sentences, m.start()) for m in lexicon.orders.finditer(masked)}
    blocked: list[tuple[int, int]] = []
    for rule, when in lexicon.rules_when.present(masked):
        runs_on = rule.kind in TOLD_IN_CLAUSES
        for number, match in _matches(when, masked, sentences, runs_on=runs_on):
            start, end = match.span()
            if number in orders or any(s < end and start < e for s, e in blocked):
                continue
            sentence = sentences[number]
            segments = [s for s in sentence.segments if s[0] < end and start < s[1]]
            if not segments:
                continue
            first, last = segments[0][0], segments[-1][1]
            # "Power is back for 600, the rest will have it by noon": each clause by its own words.
            if rule.unless is not None and rule.unless.search(masked, first, last):
                continue
            if rule.needs is not None and not rule.needs.search(
                masked, sentence.start, sentence.end
            ):
                continue
            if rule.kind is None:
                blocked.append((start, end))
                continue
            said = rule
            if (
                not rule.is_negated
                and rule.effect not in WAITING
                and _is_negated(masked, match, rule.kind, lexicon)
            ):
                # "Not hit" is told; "not restored" tells nothing new.
                if rule.kind not in DENIABLE:
                    continue
                said = replace(rule, is_negated=True)
            told = found[number]
            if _is_told(told, rule, first, last, (start, end), masked, lexicon):
                # "Set a depot ablaze and hit a substation": the later words may tell of another.
                later = (
                    when.search(masked, start + 1, end) if rule.kind is ClaimKind.DAMAGE else None
                )
                if later is None or _is_told(
                    told, rule, first, last, later.span(), masked, lexicon
                ):
                    continue
                start, end = later.span()
            if rule.kind in NAMED_TWICE and any(
                k is rule.kind and masked[c.at[1] : start].strip() in {"(", "—", "–"}
                for c, k in found[number]
            ):
                continue  # "emergency shutdowns (GAV)": the words and their short name
            found[number].append(
                (Candidate(said, sentence, first, last, (start, end), (first, last)), rule.kind)
            )
    out: list[tuple[Candidate, ClaimKind]] = []
    for _, own in sorted(found.items()):
        kept = sorted(
            (f for f in own if not _is_told_elsewhere(f, own, masked, lexicon)),
            key=lambda f: f[0].at,
        )
        out += ((_part_at_cause(c, kept, masked, lexicon), kind) for c, kind in kept)
    plain = {(kind, c.rule.harm) for c, kind in out if not c.rule.is_weak}
    return [(c, kind) for c, kind in out if not c.rule.is_weak or (kind, c.rule.harm) not in plain]


def _matches(
    when: Matcher, masked: str, sentences: tuple[Sentence, ...], *, runs_on: bool
) -> Iterator[tuple[int, re.Match[str]]]:
    """Return the matches that lie in one sentence, with its number, each kept within its segment
    where it may be; what is left of one so shortened may hold further ones."""
    waiting = deque(when.finditer(masked))
    while waiting:
        match = waiting.popleft()
        number = number_of_sentence(sentences, match.start())
        if number is None or match.end() > sentences[number].end:
            continue
        kept = _within_segment(match, when, masked, sentences[number], runs_on=runs_on)
        yield number, kept
        if kept.end() < match.end():
            waiting.extendleft(reversed([*when.finditer(masked, kept.end(), match.end())]))


def _within_segment(
    match: re.Match[str], when: Matcher, masked: str, sentence: Sentence, *, runs_on: bool
) -> re.Match[str]:
    """Return the match that begins at the same word but stays within its segment, if there is one.

    `runs_on`: what is told runs over clauses ("they start work, as soon as they may").

    "Reconnected 4,500 customers, 800 are still without light": what is told after the comma is told
    of its own. "Debris fell on a yard: windows were broken": so are the windows, where a match
    from the yard on holds words that tell something alone.
    """
    start, end = match.span()
    last = next((s[1] for s in sentence.segments if s[0] <= start < s[1]), end)
    if end <= last:
        return match
    shorter = when.search(masked, start, last)
    if shorter is not None and shorter.start() == start:
        return shorter
    for first, stop in () if runs_on else sentence.segments:
        if last <= first < end:
            later = when.search(masked, first, stop)
            if later is not None and later.start() < end:
                return later
    return match


def _is_negated(masked: str, match: re.Match[str], kind: ClaimKind, lexicon: Lexicon) -> bool:
    """Say whether a "not" stands right before a match or before its last words, or a "there is
    none" right after it."""
    start, end = match.span()
    before = lexicon.negations.finditer(masked, max(0, start - 8), start)
    if any(not masked[m.end() : start].strip() for m in before):
        return True
    if kind in DENIED_WITHIN and not _asks_for_not(match.re, lexicon):
        for negation in lexicon.negations.finditer(masked, start, end):
            if _FIGURE.match(masked, negation.end()):
                continue  # "cut off were not 8.9 but 6.3 thousand"
            if len(masked[negation.end() : end].split()) <= _NEGATED_WORDS:
                return True
    after = lexicon.absences.search(masked, end, min(len(masked), end + 24))
    return after is not None and not masked[end : after.start()].strip(" \"»”'")


@lru_cache(maxsize=10_000)
def _asks_for_not(pattern: re.Pattern[str], lexicon: Lexicon) -> bool:
    """Say whether a pattern has a "not" of its own."""
    return lexicon.negations.search(pattern.pattern) is not None


def _part_at_cause(
    one: Candidate, found: list[tuple[Candidate, ClaimKind]], masked: str, lexicon: Lexicon
) -> Candidate:
    """Part "left without power after explosions", where both are claimed, at "after".

    `found` are the claims of its sentence.
    """
    first, last = one.said
    for other, _ in found:
        if other is one:
            continue
        if one.at[1] <= other.at[0] < last:
            joint = _last(lexicon.because.finditer(masked, one.at[1], other.at[0]))
            if joint is not None:
                last = joint.start()
        elif first < other.at[1] <= one.at[0]:
            joint = _last(lexicon.because.finditer(masked, other.at[1], one.at[0]))
            if joint is not None:
                first = joint.end()
            elif lexicon.because.match(masked, one.at[0]) is not None:
                first = one.at[0]
    return one if (first, last) == one.said else replace(one, said=(first, last))


def _last(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    return next(iter(deque(matches, maxlen=1)), None)


def _is_told_elsewhere(
    one: tuple[Candidate, ClaimKind],
    found: list[tuple[Candidate, ClaimKind]],
    masked: str,
    lexicon: Lexicon,
) -> bool:
    """Say whether a strike is only the cause given for damage or an outage in the same segment.

    "A missile strike damaged a substation" is one claim of damage with its weapon.
    """
    candidate, kind = one
    if candidate.rule.is_last and any(
        other is not candidate and other_kind in SUPPLY and not other.rule.is_negated
        for other, other_kind in found
    ):
        return True
    if kind is ClaimKind.OUTAGE and candidate.rule.outage_type is None:
        # "Planned works on Friday: no power in Lisova street" tells of one outage.
        return any(other.rule.outage_type is OutageType.PLANNED_WORKS for other, _ in found)
    if kind is not ClaimKind.STRIKE or candidate.rule.is_negated:
        return False
    has_weapon = any(
        pattern.search(masked, candidate.start, candidate.end)
        for _, pattern in lexicon.weapons.present(masked)
    )
    is_cause = lexicon.because.match(masked, candidate.at[0]) is not None or any(
        len(masked[m.end() : candidate.at[0]].split()) <= _CAUSE_WORDS
        for m in lexicon.because.finditer(
            masked, max(candidate.sentence.start, candidate.at[0] - 40), candidate.at[0]
        )
    )
    for other, other_kind in found:
        meets = other.start < candidate.end and candidate.start < other.end
        if meets and other_kind in {ClaimKind.DAMAGE, ClaimKind.WEAPON}:
            if not other.rule.is_negated:
                return True
        elif meets and other_kind is ClaimKind.OUTAGE and other.rule.is_negated:
            return True  # "no outages caused by shelling" tells of no shelling
        elif (
            meets
            and not is_cause
            and other.at[1] <= candidate.at[0]
            and _AND.search(masked, other.at[1], candidate.at[0]) is not None
        ):
            continue  # "the power failures and the subsequent shelling"
        elif meets and not is_cause and _names_target(candidate, other, masked, lexicon):
            continue  # "a strike on a substation left the town without light"
        elif other_kind in AFTER_EFFECTS and not has_weapon and (meets or is_cause):
            return True
    return False


def _names_target(one: Candidate, other: Candidate, masked: str, lexicon: Lexicon) -> bool:
    """Say whether what was struck is named between a strike and what is told after it."""
    return one.at[0] < other.at[0] and any(
        pattern.search(masked, one.at[0], other.at[0]) is not None
        for _, pattern in lexicon.targets.present(masked)
    )


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out marks, list signs and conjunctions at the ends of a span."""
    head = _TRIM.match(text[start:end])
    if head:
        start += head.end()
    lead = _LEADING.match(text[start:end])
    if lead:
        start += lead.end()
    while end > start and text[end - 1] in " \t\r\n\"«“‘'’”»,;:.!?…—–-":
        end -= 1
    return start, end


def _is_told(
    told: list[tuple[Candidate, ClaimKind]],
    rule: Rule,
    first: int,
    last: int,
    at: tuple[int, int],
    masked: str,
    lexicon: Lexicon,
) -> bool:
    """Say whether what a match tells has been told by an earlier rule."""
    return any(
        _is_same(c, k, rule, first, last, at)
        and not (k is rule.kind and _is_of_another(c, rule, at, masked, lexicon))
        for c, k in told
    )


def _is_of_another(
    other: Candidate, rule: Rule, at: tuple[int, int], masked: str, lexicon: Lexicon
) -> bool:
    """Say whether damage told in the segment of other damage is that of something else: "set a
    warehouse ablaze and struck a substation"."""
    if rule.kind is not ClaimKind.DAMAGE or rule.effect == other.rule.effect:
        return False
    first, then = sorted((other.at, at))
    if first[1] > then[0] or _AND.search(masked, first[1], then[0] + 4) is None:
        return False
    return any(p.search(masked, *then) for _, p in lexicon.targets.present(masked))


def _is_between(one: Candidate, at: tuple[int, int]) -> bool:
    """Say whether a match lies between the words of another that stand in other segments: "in the
    raion a tree fell on the wires - five villages are off"."""
    if one.rule.kind is ClaimKind.UNKNOWN:
        return False  # "how many homes are damaged, is being counted"
    segments = [s for s in one.sentence.segments if s[0] < one.at[1] and one.at[0] < s[1]]
    return len(segments) > 1 and one.at[0] < at[0] and at[1] < one.at[1]


def _is_same(
    other: Candidate,
    kind: ClaimKind,
    rule: Rule,
    first: int,
    last: int,
    at: tuple[int, int],
) -> bool:
    """Say whether a match tells what an earlier one tells already."""
    if kind is not rule.kind:
        # What one rule reads as something else is not read again: "emergency outages were lifted".
        return (
            rule.kind not in {ClaimKind.WEAPON, ClaimKind.SERVICES}
            and kind is not ClaimKind.WEAPON
            and other.at[0] < at[1]
            and at[0] < other.at[1]
            and (
                (other.at[0] <= at[0] and at[1] <= other.at[1] and not _is_between(other, at))
                or (other.rule.is_negated and rule.is_negated)
            )
        )
    if kind is ClaimKind.UNKNOWN and other.rule.subject != rule.subject:
        return False
    if kind is ClaimKind.REPAIR and other.rule is rule:
        return True  # "There is no access: we wait for permission" tells one thing
    effects = {other.rule.effect, rule.effect}
    if len(effects) == 2 and effects <= SHUT_OFF and other.at[1] != at[1]:
        return False  # "without water or heat"
    if other.at[0] < at[1] and at[0] < other.at[1]:
        return True
    if other.rule is not rule and kind in {
        ClaimKind.SERVICES, ClaimKind.CASUALTIES, ClaimKind.UNKNOWN,
    }:  # fmt: skip
        return False
    if kind in ONE_PER_SENTENCE:
        return other.start < last and first < other.end
    return other.start < last and first < other.end and other.rule.is_negated == rule.is_negated
