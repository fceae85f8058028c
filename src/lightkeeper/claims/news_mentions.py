"""What a sentence of Latin American news tells of incidents: what was done, to whom, with what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lightkeeper.claims.news_things import Target, gap, instruments, read_own_targets
from lightkeeper.claims.news_words import NewsWords, Trigger, news_words

_BREAK = re.compile(
    r"[;:]|--|,? (?:and |but |or )?\b(?:when|while|where|after|before|but|because|as|which|who|whom"
    r"|whose|according|causing|leaving|injuring|killing|wounding|said|says|reported|adding|that)\b"
    r"|, (?:and|but) (?=[a-z]+ )"
)
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|be|is|are|got)(?: (?:[a-z]+ly|also|then|later|not|shot and))*\s*$"
)
_PASSIVE_AND = re.compile(r"\b(?:was|were|been) [a-z]+(?:ed|en|wn)\b[^;]* and(?: [a-z]+ly)*\s*$")
""""Were stopped at the bridge and burned": the subject of the first is that of the second."""
_BY = re.compile(r"\s*(?:,[^,]*, )?by\b")
_POSSESSIVE = re.compile(r"'s\s*$")
_TOLD_BEFORE = re.compile(r"\b(?:who|which|that)\s+(?:was|were|had been|have been|has been)\b")
""""The people who were killed": whom is told before "who"."""
_RELATIVE = re.compile(r"\b(?:that|which)$")
_SAYS = re.compile(r"\W*(?:said|says|reported|adding)")
_PRONOUN = re.compile(r"\b(?:him|her|them)\b")
_HE = re.compile(r"\b(?:he|she|they|who)\b")
_ONE = re.compile(r"\bwas\b[^,]*$")
_SOMEBODY = re.compile(
    r"(?:kill|murder|execut|shoot|shot|wound|injur)\w* (?:at least |about |some |another )?"
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+) "
    r"(?!(?:and|or|others?|more|of|in|dead)\b)[a-z]"
)
"""Killed so many of whatever trade."""
_THEIRS = frozenset({"TRANSPORT VEHICLE", "TRANSPORTATION ROUTE", "LAW ENFORCEMENT FACILITY"})
"""Things that soldiers and police have in war: no incident if told with them."""
_BYSTANDERS = re.compile(r"\b(?:civilians?|children|minors?|passengers|bystanders)\b")
"""Where such people were hurt too, an attack on soldiers is an incident."""
_AUTHORITIES = re.compile(
    r"\b(?:police|army|troops|soldiers|authorities|agents|court|judge)\b"
    r"(?! (?:uniform|dress|clothes))"
)
"""Whom these take is arrested."""
_ANOTHER = re.compile(
    r"\b(?:another|a second|the second|the third|separate|a similar)\b"
    r"(?! (?:person|man|two|one|three|woman|wounded))"
)
_BOMB = re.compile(r"bombs?|devices?|dynamite|explosives|charges?|grenades?")
_DEFINITE = re.compile(r"\b(?:the|this|that|these|those|today's|yesterday's) (?:[a-z-]+ )?$")
_ON_THE_WAY = re.compile(
    r"\b(?:from|(?<!fire )(?<!and )to|toward|towards|return|returned|returning|leaving|left"
    r"|heading for|arrived in|traveling in|fled in|escaped in|along|driving)"
    r"(?: (?:his|her|their|the|a|an|two|in|home|own))*(?: [a-z-]+){0,2} $"
)
_IN_HOSPITAL = re.compile(
    r"\b(?:died|taken|rushed|admitted|treated|recovering)\b[^,;]* (?:in|at|to) [^,;]{0,30}"
    r"\b(?:hospitals?|clinics?|(?:health|medical) center)$"
)
"""Where the wounded were taken."""
_NO_ACCIDENT = frozenset({"ATTACK", "ARSON", "BOMBING"})
_EXPLOSIVES = frozenset({"DYNAMITE", "EXPLOSIVE", "BOMB", "VEHICLE BOMB", "LETTER BOMB"})
_ROBBED = frozenset({"FINANCIAL", "COMMERCIAL"})
"""Where a robbery may have been, also where it is named before the taking."""
_TAKINGS = frozenset({"ROBBERY", "HIJACKING"})
_REACH = 130
"""How many characters from the words of an incident its subject and object are looked for."""


@dataclass(slots=True)
class Mention:
    """One telling of an incident in one sentence; `at` are the words that tell of it."""

    type: str
    at: tuple[int, int]
    is_definite: bool
    """"The attack" points back to an incident that was told."""
    is_result: bool
    """What came of an incident: "houses were damaged"."""
    is_murder: bool
    """Somebody was murdered or kidnapped, by the word itself."""
    is_another: bool
    """"Another", "a second": beside an incident that was told."""
    is_taking: bool
    """People were taken, by words that may tell of a murder too."""
    victims: frozenset[str]
    spans: list[tuple[int, int]]
    """Where the things stand that it was done to."""
    instruments: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def read_mentions(sentence: str) -> list[Mention]:
    """Return the incidents that one folded sentence tells of, one of each type."""
    words = news_words()
    if sentence.endswith("?") or words.statistics.search(sentence):
        return []
    found = [
        mention
        for trigger in words.triggers
        for match in trigger.words.finditer(sentence)
        if (mention := _mention(sentence, match.span(), trigger, words)) is not None
    ]
    if any(m.is_murder and m.type == "ATTACK" for m in found):
        found = [m for m in found if not m.is_taking]
    if any(m.type == "ROBBERY" for m in found):
        # "They stormed a bank and took the money": the storming is part of it.
        found = [m for m in found if m.type != "ATTACK" or m.victims or m.is_murder]
    out: list[Mention] = []
    for mention in sorted(found, key=lambda m: m.at):
        same = next((m for m in out if family(m.type) == family(mention.type)), None)
        if same is None:
            out.append(mention)
        else:
            _unite(same, mention)
    for mention in out:
        mention.instruments = _instruments_of(mention, sentence)
    _add_targets(out, sentence)
    for mention in out:
        kinds = {i.partition(":")[0] for i in mention.instruments}
        if mention.type == "ATTACK" and mention.targets and kinds and kinds <= _EXPLOSIVES:
            mention.type = "BOMBING"
    return out


def family(kind: str) -> str:
    """Return what types one incident may be told by: a bombing is an attack too."""
    return "ATTACK" if kind == "BOMBING" else kind


def is_of_soldiers(sentence: str) -> bool:
    """Say whether a sentence speaks of soldiers or guerrillas."""
    return news_words().soldiers.search(sentence) is not None


def _unite(same: Mention, mention: Mention) -> None:
    if mention.type == "BOMBING":
        same.type = "BOMBING"
    same.victims |= mention.victims
    same.spans += mention.spans
    same.is_definite = same.is_definite and mention.is_definite
    same.is_result = same.is_result and mention.is_result
    same.is_another = same.is_another or mention.is_another
    same.is_murder = same.is_murder and mention.is_murder


@dataclass(frozen=True, slots=True)
class _Clause:
    """The words of a trigger and those around it up to the next clauses."""

    before: str
    own: str
    after: str
    is_passive: bool
    is_both: bool
    """Passive by what stands before "and": subject and object may be whom it befell."""
    whom: str
    """Where to look for whom or what it was done to."""


def _clause(sentence: str, at: tuple[int, int], trigger: Trigger, words: NewsWords) -> _Clause:
    start, end = at
    left = max((m.end() for m in _BREAK.finditer(sentence, 0, start)), default=0)
    before = sentence[max(left, start - _REACH) : start]
    far_before = sentence[max(0, start - _REACH) : start]
    right = _BREAK.search(sentence, end)
    after = sentence[end : min(right.start() if right else len(sentence), end + _REACH)]
    if right and _SAYS.match(right.group()):
        # "..., the electric company said": who says so is no part of it.
        after = after.rpartition(",")[0] or after
    is_passive = not trigger.is_noun and (
        trigger.is_of_subject or _PASSIVE.search(before) is not None or _BY.match(after) is not None
    )
    is_both = not trigger.is_noun and _PASSIVE_AND.search(before) is not None
    whom = sentence[start:end]
    whom += before if is_passive or is_both else ""
    whom += after if is_both or not is_passive else ""
    if trigger.is_noun and _POSSESSIVE.search(before):
        whom += before[-60:]
    if is_passive and _TOLD_BEFORE.search(sentence[max(0, start - 30) : start]):
        whom += far_before
    elif is_passive and _RELATIVE.search(sentence[:left]) and not _kinds(words, whom):
        # "The line that feeds the city was cut": the clause belongs to what stands before it.
        before = far_before
        whom += before
    return _Clause(before, sentence[start:end], after, is_passive, is_both, whom)


def _kinds(words: NewsWords, text: str) -> set[str]:
    return {name for name, pattern in words.targets if pattern.search(text)}


def _mention(
    sentence: str, at: tuple[int, int], trigger: Trigger, words: NewsWords
) -> Mention | None:
    clause = _clause(sentence, at, trigger, words)
    if words.not_so.search(clause.before):
        return None
    if trigger.type in _NO_ACCIDENT and words.accidents.search(sentence):
        return None
    victims = frozenset(name for name, p in words.victims if p.search(clause.whom))
    if not _befalls(sentence, at[0], clause, trigger, victims, words):
        return None
    start, end = at
    spans = [(start, end + len(clause.after))]
    if trigger.type == "ROBBERY":
        spans.append((0, start))
    if clause.is_passive or clause.is_both or trigger.type == "BOMBING":
        spans.append((start - len(clause.before), start))
    may_be_definite = trigger.is_noun or _BOMB.match(clause.own) is not None
    near = clause.before[-40:] + clause.own + clause.after[:60]
    return Mention(
        type=trigger.type,
        at=at,
        is_definite=may_be_definite and _DEFINITE.search(sentence[:start]) is not None,
        is_result=trigger.needs == "thing" and clause.is_passive and " by " not in clause.after,
        is_murder=trigger.needs == "no soldiers",
        is_another=_ANOTHER.search(near) is not None,
        is_taking=trigger.needs == "people",
        victims=victims,
        spans=spans,
    )


def _befalls(
    sentence: str,
    start: int,
    clause: _Clause,
    trigger: Trigger,
    victims: frozenset[str],
    words: NewsWords,
) -> bool:
    """Say whether there is whom or what the trigger needs, and not only soldiers or guerrillas."""
    things = _kinds(words, clause.whom)
    is_of_war = words.soldiers.search(clause.whom) is not None
    if is_of_war and not (victims - {"PERSON"} or things - _THEIRS or _BYSTANDERS.search(sentence)):
        return False
    if trigger.needs == "people" or trigger.type == "HIJACKING":
        told = sentence[max(0, start - 30) : start]
        is_he = clause.is_passive and _HE.search(told) is not None
        is_somebody = bool(victims) or is_he or _PRONOUN.search(clause.own) is not None
        is_arrest = _AUTHORITIES.search(clause.before) is not None
        return not is_arrest and (is_somebody or trigger.needs != "people")
    if trigger.needs == "thing":
        return bool(things)
    if trigger.needs == "civilians" and not (victims or things):
        # "He was killed": somebody who is named, and no soldier.
        is_one = clause.is_passive and _ONE.search(clause.before) is not None
        return not is_of_war and (is_one or _SOMEBODY.match(sentence, start) is not None)
    return True


def _instruments_of(mention: Mention, sentence: str) -> list[str]:
    if mention.type == "KIDNAPPING":
        return []
    found = instruments(sentence)
    return [i for i in found if mention.type != "ARSON" or i.startswith("MOLOTOV")]


def _add_targets(mentions: Sequence[Mention], sentence: str) -> None:
    """Add each thing that a sentence names to the incident that is told nearest to it.

    A bombing of nothing takes what works for energy from the other clauses: "the tower fell after
    charges went off".
    """
    named = [
        (target, at)
        for target, at in read_own_targets(sentence)
        if target.kind != "TRANSPORTATION ROUTE"
        and not _ON_THE_WAY.search(sentence[: at[0]])
        and not _IN_HOSPITAL.search(sentence[: at[1]])
    ]
    for target, (start, end) in named:
        near = [
            m
            for m in mentions
            if any(s <= start and end <= e for s, e in m.spans)
            and m.type != "KIDNAPPING"
            and (m.type != "ROBBERY" or target.kind in _ROBBED or start >= m.at[0])
        ]
        if near:
            mention = min(near, key=lambda m: gap(m.at, (start, end)))
            is_odd = target.effect == "TARGET TAKEN" and mention.type not in _TAKINGS
            mention.targets.append(replace(target, effect=None) if is_odd else target)
    bare = [m for m in mentions if m.type == "BOMBING" and not m.targets and not m.victims]
    taken = [t for m in mentions for t in m.targets]
    for mention in bare[:1]:
        mention.targets += [t for t, _ in named if t.kind == "ENERGY" and t not in taken]
