"""What of a language model's answer is believed.

Words that do not stand in the report are refused. What words mean (which place, which moment, how
many, which weapon) is read by the project's own grammar, never taken from the model. Its claims
stand beside those of the rules and never replace them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from lightkeeper.claims.amounts import CUSTOMERS
from lightkeeper.claims.attribution import SELF, Voice, find_voices
from lightkeeper.claims.candidates import find_candidates, trim
from lightkeeper.claims.extract import ExtractOptions, finder_of
from lightkeeper.claims.folding import fold
from lightkeeper.claims.language_model import AskedClaim, Outcome, why_not_sent
from lightkeeper.claims.lexicon import Lexicon, load_lexicon
from lightkeeper.claims.matchers import MatcherTable
from lightkeeper.claims.model import (
    Attribution,
    Casualties,
    CasualtyStatus,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.claims.numbers import NumberMention, find_numbers, mask_numbers
from lightkeeper.claims.place_mentions import PlaceMention
from lightkeeper.claims.sentences import (
    find_quotes,
    mark_sentences,
    number_of_sentence,
    split_sentences,
)
from lightkeeper.claims.things import CLASSES_OVER
from lightkeeper.claims.times import TimeMention, find_times
from lightkeeper.claims.visible import Visible, visible
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports.model import Report

Mention = TypeVar("Mention", NumberMention, PlaceMention, TimeMention, Voice)
MAX_CLAIMS = 200
MAX_WORDS = 20
"""Places or weapons of one claim."""
MAX_QUOTE_CHARS = 500
"""A longer quotation points at nothing."""


_ASKED = AskedClaim.model_fields.keys()
"""What else a model adds is passed over."""


class Reason(StrEnum):
    """Why a claim of the model, or one field of it, is not believed."""

    NOT_AS_ASKED = "not_as_asked"
    NOT_VERBATIM = "not_verbatim"
    QUOTE_LENGTH = "quote_length"
    ORDER_TO_READER = "order_to_reader"
    """The words tell the reader what to do; they tell nothing of an event."""
    ZERO_NOT_READ = "zero_not_read"
    """"Nobody was hurt" is believed only where the rules read it in the same words."""
    ELSEWHERE = "elsewhere"
    """The words of a number stand in the report, but not in the sentence of the claim."""
    NOT_READABLE = "not_readable"
    """The words stand in the report, the project's own grammar reads nothing in them."""
    REPEATED = "repeated"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was not believed: a claim (`field` "claim"), or a field of the claim that is kept.

    `words` are the model's, cut short; they are data and may be anything.
    """

    field: str
    words: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReading:
    """What a model's answer comes to; `outcome` says whether it could be read at all."""

    outcome: Outcome
    claims: tuple[Claim, ...] = ()
    refused: tuple[Refusal, ...] = ()


def check_answer(
    report: Report, answer: str, gazetteer: Gazetteer, options: ExtractOptions | None = None
) -> ModelReading:
    """Keep of a model's answer what the report bears out.

    Parameters
    ----------
    answer
        The text of the model's message: the JSON asked for, which may stand in a code fence or
        after thoughts in `<think>`.

    Returns
    -------
    ModelReading
        Its claims have verbatim spans and ids of their own ("report:model:kind:start").
    """
    if (reason := why_not_sent(report)) is not None:
        return ModelReading(outcome=reason)
    try:
        said = json.loads(_json_part(answer))
    except (ValueError, RecursionError):
        return ModelReading(outcome=Outcome.NOT_JSON)
    rows = said.get("claims") if isinstance(said, dict) else said
    if not isinstance(rows, list):
        return ModelReading(outcome=Outcome.NOT_AS_ASKED)
    options = options or ExtractOptions()
    lexicon = load_lexicon(report.language or "", options.lexicons)
    if lexicon is None:
        raise AssertionError("a language without a lexicon is not sent")
    check = _Check(report, lexicon, gazetteer, options)
    for row in rows[:MAX_CLAIMS]:
        check.add(row)
    if len(rows) > MAX_CLAIMS:
        check.refuse("claim", f"{len(rows) - MAX_CLAIMS} more", Reason.TOO_MANY)
    return ModelReading(
        outcome=Outcome.ANSWERED, claims=tuple(check.claims), refused=tuple(check.refused)
    )


def _json_part(answer: str) -> str:
    """Return the JSON of an answer without thoughts before it and the fence around it."""
    text = answer.rpartition("</think>")[2].strip()
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.DOTALL)
    return fenced.group(1) if fenced is not None else text


class _Check:
    """One report being compared with what a model says of it."""

    def __init__(
        self, report: Report, lexicon: Lexicon, gazetteer: Gazetteer, options: ExtractOptions
    ) -> None:
        self.report, self.lexicon = report, lexicon
        self.seen: Visible = visible(report.text)
        self.text = text = self.seen.text
        self.claims: list[Claim] = []
        self.refused: list[Refusal] = []
        self._quoted: set[tuple[ClaimKind, int]] = set()
        folded = fold(text)
        quotes = find_quotes(text)
        self.sentences = split_sentences(text, lexicon.abbreviations, lexicon.conjunctions, folded)
        self.folded = folded = mark_sentences(folded, self.sentences)
        self.times = find_times(folded, lexicon, report.published_at, ZoneInfo(options.time_zone))
        blocked = tuple((t.start, t.end) for t in self.times)
        self.numbers = find_numbers(folded, lexicon, blocked)
        self.masked = mask_numbers(folded, self.numbers)
        self.orders = {
            number_of_sentence(self.sentences, m.start())
            for m in lexicon.orders.finditer(self.masked)
        }
        self.places = finder_of(gazetteer).find(text, folded, lexicon)
        self.voices = find_voices(text, folded, self.sentences, quotes, lexicon)

    def refuse(self, field: str, words: str, reason: Reason) -> None:
        self.refused.append(Refusal(field=field, words=words[:MAX_QUOTE_CHARS], reason=reason))

    def add(self, row: object) -> None:
        """Keep a claim, or say why not."""
        try:
            fields = row if not isinstance(row, dict) else {k: row[k] for k in row.keys() & _ASKED}
            said = AskedClaim.model_validate(fields)
        except ValidationError:
            self.refuse("claim", json.dumps(row, ensure_ascii=False), Reason.NOT_AS_ASKED)
            return
        if not said.quote.strip() or len(said.quote) > MAX_QUOTE_CHARS:
            self.refuse("claim", said.quote, Reason.QUOTE_LENGTH)
            return
        at = self.text.find(said.quote)
        while at >= 0 and (said.kind, at) in self._quoted:
            at = self.text.find(said.quote, at + 1)
        if at < 0:
            is_there = said.quote in self.text
            self.refuse("claim", said.quote, Reason.REPEATED if is_there else Reason.NOT_VERBATIM)
            return
        self._quoted.add((said.kind, at))
        start, end = trim(self.text, at, at + len(said.quote))
        if start >= end:
            self.refuse("claim", said.quote, Reason.QUOTE_LENGTH)
            return
        first, last = (number_of_sentence(self.sentences, at) for at in (start, end - 1))
        if {first, last} & self.orders:
            self.refuse("claim", said.quote, Reason.ORDER_TO_READER)
            return
        number = self._number(said, start, end)
        casualties = self._casualties(said, number)
        if casualties is not None and casualties.status is CasualtyStatus.ZERO:
            read = self._zero_in_rules(start, end)
            if read is None:
                self.refuse("claim", said.quote, Reason.ZERO_NOT_READ)
                return
            casualties = read
        self.claims.append(self._claim(said, start, end, casualties, number))

    def _claim(
        self,
        said: AskedClaim,
        start: int,
        end: int,
        casualties: Casualties | None,
        number: Count | None,
    ) -> Claim:
        is_supply = said.kind in {ClaimKind.OUTAGE, ClaimKind.RESTORED}
        is_customers = is_supply and number is not None and number.unit in CUSTOMERS
        is_counted = number is not None and casualties is None and not is_customers
        has_target = said.kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE}
        targets = self._things(self.lexicon.targets, start, end) if has_target else []
        has_services = said.kind in {ClaimKind.SERVICES, ClaimKind.REPAIR}
        services = self._things(self.lexicon.services, start, end) if has_services else []
        span = self._span(start, end)
        claim = Claim(
            id=ClaimId(f"{self.report.id}:model:{said.kind}:{span.start}"),
            report=self.report.id,
            kind=said.kind,
            layer=said.layer,
            span=span,
            attribution=self._attribution(said, start),
            places=self._places(said, start),
            time=self._time(said, start),
            count=number if is_counted else None,
            customers=number if is_customers else None,
            weapons=self._weapons(said, start),
            target=targets[0] if targets else None,
            services=tuple(services),
            casualties=casualties,
            certainty=said.certainty,
            is_negated=said.negated,
        )
        n_same = sum(c.id.partition("#")[0] == claim.id for c in self.claims)
        return replace(claim, id=ClaimId(f"{claim.id}#{n_same + 1}")) if n_same else claim

    def _span(self, start: int, end: int) -> Span:
        start, end = self.seen.original(start, end)
        return Span(start, end, self.report.text[start:end])

    # ------------------------------------------------------------------ words and what they mean

    def _where(
        self, words: str, near: int, within: tuple[int, int] | None = None
    ) -> tuple[int, int] | None:
        """Return where words stand in the report, at their occurrence nearest to a claim.

        What an order to the reader says is not looked at.
        """
        words = words.strip()
        if not words:
            return None
        starts = [
            m.start()
            for m in re.finditer(re.escape(words), self.text)
            if number_of_sentence(self.sentences, m.start()) not in self.orders
            and (within is None or within[0] <= m.start() < within[1])
        ]
        if not starts:
            return None
        start = min(starts, key=lambda at: abs(at - near))
        return start, start + len(words)

    def _found(
        self, field: str, words: str, near: int, within: tuple[int, int] | None = None
    ) -> tuple[int, int] | None:
        where = self._where(words, near, within)
        if where is None:
            is_elsewhere = within is not None and self._where(words, near) is not None
            self.refuse(field, words, Reason.ELSEWHERE if is_elsewhere else Reason.NOT_VERBATIM)
        return where

    def _sentences_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the sentences that a quotation stands in."""
        first, last = (number_of_sentence(self.sentences, at) for at in (start, end - 1))
        return (
            start if first is None else self.sentences[first].start,
            end if last is None else self.sentences[last].end,
        )

    def _attribution(self, said: AskedClaim, near: int) -> Attribution:
        if said.speaker_words is None:
            return SELF
        where = self._found("speaker", said.speaker_words, near)
        if where is None:
            return SELF
        voice = _meeting(self.voices, where)
        if voice is not None:
            span = voice.attribution.span
            moved = None if span is None else self._span(span.start, span.end)
            return replace(voice.attribution, span=moved)
        roles = [
            role for role, pattern in self.lexicon.speakers if pattern.search(self.folded, *where)
        ]
        span = self._span(*where)
        role = roles[0] if roles else SpeakerRole.UNNAMED
        return Attribution(role=role, chain=(span.text,), span=span)

    def _places(self, said: AskedClaim, near: int) -> tuple[PlaceRef, ...]:
        refs: list[PlaceRef] = []
        for words in said.place_words[:MAX_WORDS]:
            where = self._found("place", words, near)
            if where is None:
                continue
            found = _all_meeting(self.places, where)
            plain = [m.ref for m in found if not m.is_container] or [m.ref for m in found]
            # A place that the gazetteer does not know has its words only.
            refs += plain or [PlaceRef(text=words.strip(), code=None, level=None)]
        unique: dict[str, PlaceRef] = {}
        for ref in refs:
            unique.setdefault(ref.code or ref.text, ref)
        return tuple(unique.values())

    def _time(self, said: AskedClaim, near: int) -> TimeRef | None:
        if said.time_words is None:
            return None
        where = self._found("time", said.time_words, near)
        if where is None:
            return None
        mention = _meeting(self.times, where)
        return mention.time if mention is not None else TimeRef(text=said.time_words.strip())

    def _number(self, said: AskedClaim, start: int, end: int) -> Count | None:
        """Return what a claim counts: the number must stand in its own sentence."""
        if said.number_words is None:
            return None
        within = self._sentences_of(start, end)
        where = self._found("number", said.number_words, start, within)
        if where is None:
            return None
        mention = _meeting(self.numbers, where)
        if mention is None:
            self.refuse("number", said.number_words, Reason.NOT_READABLE)
            return None
        return mention.count

    def _casualties(self, said: AskedClaim, number: Count | None) -> Casualties | None:
        if said.kind is not ClaimKind.CASUALTIES or said.casualties is None:
            return None
        values: dict[str, int | None] = {}
        if said.casualties is CasualtyStatus.COUNTED and said.harm is not None and number:
            values[said.harm] = number.best if number.best is not None else number.min
        is_zero = 0 in values.values()
        return Casualties(
            status=CasualtyStatus.ZERO if is_zero else said.casualties,
            killed=values.get("killed"),
            injured=values.get("injured"),
            missing=values.get("missing"),
        )

    def _zero_in_rules(self, start: int, end: int) -> Casualties | None:
        """Return the zero that the rules read in the same words, None if they read none."""
        for candidate, kind in find_candidates(self.masked, self.sentences, self.lexicon):
            rule = candidate.rule
            meets = candidate.at[0] < end and start < candidate.at[1]
            if kind is ClaimKind.CASUALTIES and meets and rule.status == CasualtyStatus.ZERO:
                return Casualties(
                    status=CasualtyStatus.ZERO,
                    killed=0 if "killed" in rule.harm else None,
                    injured=0 if "injured" in rule.harm else None,
                    missing=0 if "missing" in rule.harm else None,
                )
        return None

    def _weapons(self, said: AskedClaim, near: int) -> Weapons | None:
        items: list[str] = []
        for words in said.weapon_words[:MAX_WORDS]:
            where = self._found("weapon", words, near, self._sentences_of(near, near + 1))
            if where is None:
                continue
            named = self._things(self.lexicon.weapons, *where)
            if not named:
                self.refuse("weapon", words, Reason.NOT_READABLE)
            items += named
        named_too = set(items)
        items = sorted(i for i in named_too if not CLASSES_OVER.get(i, set()) & named_too)
        if not items:
            return None
        number = number_of_sentence(self.sentences, near)
        sentence = self.sentences[number] if number is not None else None
        is_either = sentence is not None and (
            self.lexicon.either.search(self.folded, sentence.start, sentence.end) is not None
        )
        mode = "one" if len(items) == 1 else "either" if is_either else "both"
        return Weapons(mode=mode, items=tuple(items))

    def _things(self, table: MatcherTable[str], start: int, end: int) -> list[str]:
        found = [
            (match.start(), -match.end(), name)
            for name, pattern in table.present(self.folded)
            for match in pattern.finditer(self.folded, start, end)
        ]
        return list(dict.fromkeys(name for _, _, name in sorted(found)))


def _all_meeting(mentions: tuple[Mention, ...], where: tuple[int, int]) -> list[Mention]:
    return [m for m in mentions if m.start < where[1] and where[0] < m.end]


def _meeting(mentions: tuple[Mention, ...], where: tuple[int, int]) -> Mention | None:
    """Return what the project's own grammar read in a stretch; of several the longest."""
    found = _all_meeting(mentions, where)
    return max(found, key=lambda m: m.end - m.start) if found else None
