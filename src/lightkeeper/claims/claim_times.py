"""When: the time of a claim, from its own words outwards to the moment it was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lightkeeper.claims.candidates import Candidate
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.locate import Locator
from lightkeeper.claims.model import ClaimKind, Layer, OutageType, TimeRef
from lightkeeper.claims.sentences import Sentence, number_of_sentence
from lightkeeper.claims.times import BY, TimeMention

STATES = frozenset({ClaimKind.OUTAGE, ClaimKind.SERVICES, ClaimKind.CONDITIONS})
HEADED = STATES | {ClaimKind.CASUALTIES, ClaimKind.RESTORED}
"""What the "as of" of a heading holds for."""
HELD = STATES | {ClaimKind.CASUALTIES}
"""What "as of 08:00" tells of that moment, not of all the time before."""
EVENTS = frozenset({ClaimKind.STRIKE, ClaimKind.DAMAGE, ClaimKind.EXPLOSIONS})
"""What the night or day of a heading holds for ("The night in the region:")."""
HEADING_WORDS = 8
PARTS_OF_DAYS = frozenset({"part_of_day", "night", "day", "range"})
SINCE = EVENTS | STATES
"""What goes on since a moment that is told; a return or a repair was at that moment."""
PROMISED = frozenset({ClaimKind.FORECAST, ClaimKind.REPAIR, ClaimKind.SCHEDULE})
DONE = frozenset({ClaimKind.DAMAGE, ClaimKind.RESTORED})
RECENT = frozenset({ClaimKind.EXPLOSIONS})
LONG_PAST = timedelta(days=10)
"""What ended so long before a message is told as background."""
_CAUSE_REACH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTimes:
    """The times of one report, and which of them is a claim's.

    `has_claim` says whether a segment makes a claim; `recent_min` how far back "there are
    explosions" reaches.
    """

    folded: str
    lexicon: Lexicon
    times: tuple[TimeMention, ...]
    sentences: tuple[Sentence, ...]
    locator: Locator
    published_at: datetime | None
    recent_min: int
    has_claim: Callable[[tuple[int, int]], bool]

    def of(self, candidate: Candidate, kind: ClaimKind, layer: Layer) -> TimeRef | None:
        """Return when what a claim tells was or is, None where nothing says."""
        sentence = candidate.sentence
        inside = [t for t in self.times if sentence.start <= t.start < sentence.end]
        at = self.published_at
        if at is not None and kind in STATES:
            # "Without power after last night's attack" holds now; the night is that of the attack.
            inside = [
                t for t in inside
                if t.time.precision != BY
                and not self._is_of_cause(t, candidate)
                and not self._is_still_so(t, candidate, at)
            ]  # fmt: skip
        if kind not in PROMISED:
            # "61 of 94 houses are warm, the rest will be by evening": the promise is another's.
            inside = [
                t for t in inside
                if t.time.precision != BY or candidate.start <= t.start < candidate.end
            ]  # fmt: skip
        ranges = [t for t in inside if t.time.precision == "range"]
        if len(ranges) == 1 and (
            kind is ClaimKind.SCHEDULE or candidate.rule.outage_type is OutageType.PLANNED_WORKS
        ):
            return ranges[0].time  # "today, for queues 5 and 6 (12:00-16:00)"
        if kind is ClaimKind.SCHEDULE and not any(
            candidate.start <= t.start < candidate.end for t in ranges
        ):
            # "Hourly outages tomorrow: 1 queue from 00:00 to 07:00, 2 from 07:00"
            free = (
                t for t in ranges if t.start >= candidate.end and not self._is_told(t, sentence)
            )
            if (first := next(free, None)) is not None:
                return first.time
        own = [t for t in inside if candidate.start <= t.start < candidate.end]
        if at is not None and kind is ClaimKind.DAMAGE and not own and self._burns(candidate):
            at = at.astimezone(UTC)  # "At night missiles hit the plant, a fire rages"
            return TimeRef(text="", from_at=at, to_at=at, precision="as_of")
        before = [t for t in inside if t.start < candidate.start]
        if own or before:
            said = (own or before[-1:])[0].time
            if at is not None and kind in SINCE and self._is_since((own or before[-1:])[0]):
                # "Under fire since nine in the morning": from then on until it is told.
                begin = said.from_at
                if begin is not None and begin <= at:
                    return replace(said, to_at=at.astimezone(UTC), precision="range")
            if kind is ClaimKind.SCHEDULE and said.precision == BY and at is not None:
                return replace(said, from_at=at.astimezone(UTC), precision="range")
            return _to_come(said, at) if kind is ClaimKind.FORECAST else _state_time(said, kind)
        if kind not in STATES and len(inside) == 1 and not self._is_of_other(inside[0], candidate):
            said = inside[0].time
            return _to_come(said, at) if kind is ClaimKind.FORECAST else said
        headed = self._headed_time(candidate) if kind in HEADED else None
        if headed is not None:
            return _state_time(headed, kind)
        if kind in EVENTS and layer is Layer.INCIDENT and not candidate.rule.when_told:
            over = self._day_of_heading(candidate)
            if over is not None:
                return over
        if candidate.rule.when_told is not None and at is not None and layer is Layer.INCIDENT:
            at = at.astimezone(UTC)
            since = {"recent": timedelta(minutes=self.recent_min), "ongoing": timedelta(0)}
            told = candidate.rule.when_told
            precision = "recent" if told == "recent" else "as_of"
            return TimeRef(text="", from_at=at - since[told], to_at=at, precision=precision)
        if kind is ClaimKind.RESTORED and candidate.rule.effect == "full" and at is not None:
            at = at.astimezone(UTC)  # "The town has power again": it has now
            return TimeRef(text="", from_at=at, to_at=at, precision="as_of")
        is_state = kind in STATES
        if (
            at is None
            or layer is not Layer.INCIDENT
            or (candidate.rule.is_negated and not is_state)
        ):
            return None
        return _as_published(kind, at, timedelta(minutes=self.recent_min))

    def _burns(self, candidate: Candidate) -> bool:
        return candidate.rule.effect == "fire" and (
            self.lexicon.burning.search(self.folded, candidate.start, candidate.end) is not None
        )

    def _is_told(self, mention: TimeMention, sentence: Sentence) -> bool:
        """Say whether the segment that a time stands in tells a claim."""
        return any(
            first <= mention.start < last and self.has_claim((first, last))
            for first, last in sentence.segments
        )

    def _is_of_other(self, mention: TimeMention, candidate: Candidate) -> bool:
        """Say whether a time stands in a segment that another claim is told in."""
        return any(
            first <= mention.start < last and self.has_claim((first, last))
            for first, last in candidate.sentence.segments
            if first >= candidate.end
        )

    def _headed_time(self, candidate: Candidate) -> TimeRef | None:
        """Return the "as of" of a heading without claims ("Situation as of 10:00:")."""
        for mention in self.times:
            if mention.start >= candidate.sentence.start or mention.time.precision != "as_of":
                continue
            number = number_of_sentence(self.sentences, mention.start)
            if number is not None and self.sentences[number].start not in self.locator.asserting:
                return mention.time
        return None

    def _day_of_heading(self, candidate: Candidate) -> TimeRef | None:
        """Return the night or day that a short heading right above the claim's paragraph, or at its
        head, names ("The night in the region.")."""
        number = number_of_sentence(self.sentences, candidate.sentence.start)
        for at in range((number or 0) - 1, -1, -1):
            sentence = self.sentences[at]
            if candidate.sentence.paragraph - sentence.paragraph > 1:
                return None
            told = [t for t in self.times if sentence.start <= t.start < sentence.end]
            is_heading = (
                len(self.folded[sentence.start : sentence.end].split()) <= HEADING_WORDS
                and sentence.start not in self.locator.asserting
            )
            if told:
                is_part = told[0].time.precision in PARTS_OF_DAYS and told[0].time.from_at
                return told[0].time if is_heading and is_part else None
        return None

    def _is_still_so(
        self, mention: TimeMention, candidate: Candidate, published_at: datetime
    ) -> bool:
        """Say whether a state told of a part of the day that is not over holds when it is told:
        "in the morning no trains run", "since the night", "the buses stand today"."""
        time = mention.time
        if time.precision not in PARTS_OF_DAYS or time.from_at is None or time.to_at is None:
            return False
        if not time.from_at <= published_at <= time.to_at and not self._is_since(mention):
            return False
        return self.lexicon.past.search(self.folded, candidate.start, candidate.end) is None

    def _is_since(self, mention: TimeMention) -> bool:
        words = self.folded[mention.start : mention.end]
        lead = self.folded[max(0, mention.start - 24) : mention.start].rstrip()
        return any(
            words.startswith(f"{w} ") or lead.endswith(f" {w}") or lead == w
            for w in self.lexicon.times["clock"]["since"]
        )

    def _is_of_cause(self, mention: TimeMention, candidate: Candidate) -> bool:
        """Say whether a part of a day is told of the cause of what the claim tells."""
        if mention.time.precision == "as_of":
            return False
        before = max(candidate.sentence.start, mention.start - _CAUSE_REACH)
        joint = [m.end() for m in self.lexicon.because.finditer(self.folded, before, mention.start)]
        if not joint:
            # "The night raid left 112 houses without heat": the night is that of the raid.
            return (
                self.lexicon.leads_to.search(self.folded, mention.end, candidate.at[1]) is not None
            )
        # Words of the claim between the joint and the time make the time the claim's own, and so
        # does a time that is said of it ("after this morning's blackouts").
        if not self.folded[mention.end : candidate.at[0]].strip() and (
            mention.end <= candidate.at[0]
        ):
            return False
        return candidate.at[0] > mention.start or candidate.at[1] <= joint[-1]

    def _is_of_what_led(self, mention: TimeMention, candidate: Candidate) -> bool:
        """Say whether a time is that of a strike which left things as the claim tells
        ("the night raid left 112 houses cold")."""
        end = candidate.at[1]
        return any(
            name == "strike"
            and (struck := pattern.search(self.folded, mention.start, end)) is not None
            and not self.folded[mention.end : struck.start()].strip()
            and self.lexicon.leads_to.search(self.folded, struck.end(), end) is not None
            for name, pattern in self.lexicon.causes.present(self.folded)
        )


def _to_come(time: TimeRef, published_at: datetime | None) -> TimeRef:
    """What is expected "by 18:00" is so on the day of the message, or on the next."""
    if published_at is None or time.to_at is None:
        return time
    if time.precision == "night" and time.from_at is not None and time.to_at <= published_at:
        day = timedelta(days=1)  # "during the night" of a promise is the next one
        return replace(time, from_at=time.from_at + day, to_at=time.to_at + day)
    if time.precision == "minute":
        time = replace(time, from_at=None, precision="as_of")
    if time.from_at is not None or time.to_at is None:
        return time
    end = time.to_at
    while end < published_at:
        end += timedelta(days=1)
    return replace(time, to_at=end)


def is_long_past(time: TimeRef | None, published_at: datetime) -> bool:
    """Say whether a time lies so far back that it is told as background."""
    if time is None or time.to_at is None:
        return False
    # "In January" sums up, though the month ended but yesterday.
    limit = timedelta(0) if time.precision in {"month", "year"} else LONG_PAST
    return published_at - time.to_at > limit


def is_summary(time: TimeRef | None, kind: ClaimKind, published_at: datetime) -> bool:
    """Say whether what is told of events sums up a long time ("600 strikes since October")."""
    return (
        kind in EVENTS
        and time is not None
        and time.precision == "range"
        and time.from_at is not None
        and published_at - time.from_at > LONG_PAST
    )


def _state_time(time: TimeRef, kind: ClaimKind) -> TimeRef:
    """A state "as of 08:00" held at that moment; what was done by then has an open beginning."""
    if kind in HELD and time.precision == "as_of" and time.from_at is None:
        return replace(time, from_at=time.to_at)
    return time


def _as_published(kind: ClaimKind, at: datetime, recent: timedelta) -> TimeRef | None:
    """When a dated message does not say: what it tells holds at the moment it was published."""
    at = at.astimezone(UTC)
    if kind in {ClaimKind.ALERT, ClaimKind.ALL_CLEAR}:
        return TimeRef(text="", from_at=at, to_at=at, precision="minute")
    if kind in RECENT:
        return TimeRef(text="", from_at=at - recent, to_at=at, precision="recent")
    if kind in STATES:
        return TimeRef(text="", from_at=at, to_at=at, precision="as_of")
    if kind in DONE or kind is ClaimKind.STRIKE:
        return TimeRef(text="", from_at=None, to_at=at, precision="as_of")
    return None
