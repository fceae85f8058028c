"""What a sentence of Latin American news tells of incidents: what was done, to whom, with what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from lightkeeper.claims.matchers import Matcher, Vocabulary

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
_POSSESSIVE = re.compile(r"'s\s*$")
_TOLD_BEFORE = re.compile(r"\b(?:who|which|that)\s+(?:was|were|had been|have been|has been)\b")
""""The people who were killed": whom is told before "who"."""
_FAILED = re.compile(
    r"\b(?:(?:failed to|(?:did|does) not|never|without) (?:explod|detonat|ignit|go(?:ing|es)? off|go off)"
    r"|(?:deactivat|defus|disarm)(?:ed|ing)\b)"
)
_WENT_OFF = re.compile(
    r"(?:blew|blow(?:n|ing)?) up (?:at|in|near|outside|inside|on|next|beside|under|as|when|while|early"
    r"|late|yesterday|today|last|this|shortly|before|after)\b"
)
"""A bomb that blew up somewhere; what it did to the place is not told by these words."""
_PRONOUN = re.compile(r"\b(?:him|her|them)\b")
_SOMEBODY = re.compile(
    r"(?:kill|murder|execut|shoot|shot|wound|injur)\w* (?:at least |about |some |another )?"
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+) (?!and\b|or\b|others?\b|more\b|of\b|in\b|dead\b)[a-z]"
)
"""Killed so many of whatever trade."""
_SAYS = re.compile(r"\W*(?:said|says|reported|adding)")
_RELATIVE = re.compile(r"\b(?:that|which)$")
_BY = re.compile(r"\s*(?:,[^,]*, )?by\b")
_ONE = re.compile(r"\bwas\b[^,]*$")
_THEIRS = frozenset({"TRANSPORT VEHICLE", "TRANSPORTATION ROUTE", "LAW ENFORCEMENT FACILITY"})
"""Things that soldiers and police have in war: no incident if told with them."""
_BYSTANDERS = re.compile(r"\b(?:civilians?|children|minors?|passengers|bystanders)\b")
"""Where such people were hurt too, an attack on soldiers is an incident."""
_ANOTHER = re.compile(
    r"\b(?:another|a second|the second|the third|separate|a similar)\b"
    r"(?! (?:person|man|two|one|three|woman|wounded))"
)
_BOMB = re.compile(r"bombs?|devices?|dynamite|explosives|charges?|grenades?")
_DEFINITE = re.compile(r"\b(?:the|this|that|these|those|today's|yesterday's) (?:[a-z-]+ )?$")
_ON_THE_WAY = re.compile(
    r"\b(?:from|(?<!fire )to|toward|towards|return|returned|returning|leaving|left|heading for"
    r"|arrived in|traveling in|fled in|escaped in|along|driving)"
    r"(?: (?:his|her|their|the|a|an|two|in|home|own))*(?: [a-z-]+)? $"
)
_REACH = 130
"""How many characters from the words of an incident its subject and object are looked for."""


_OF_ANOTHER = re.compile(
    r" (?:of|from|belonging to|owned by) (?:the |a |an |its |his |their )?(?:[a-z'-]+ ){0,3}"
)
"""Between a thing and what it belongs to: "pylons of the power plant"."""
_AUTHORITIES = re.compile(r"\b(?:police|army|troops|soldiers|authorities|agents|court|judge)\b(?! (?:uniform|dress|clothes))")
"""Whom these take is arrested."""
_NO_ACCIDENT = frozenset({"ATTACK", "ARSON", "BOMBING"})
_EXPLOSIVES = frozenset({"DYNAMITE", "EXPLOSIVE", "BOMB", "VEHICLE BOMB", "LETTER BOMB"})


@dataclass(frozen=True, slots=True)
class Target:
    """A thing something was done to: its kind, how the text calls it, and what came of it.

    `effect` is None where the text tells none.
    """

    kind: str
    words: str
    effect: str | None = None

    @property
    def fill(self) -> str:
        """Write the target as the keys do."""
        return f'{self.kind}: "{self.words}"'


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
    victims: frozenset[str]
    spans: list[tuple[int, int]]
    """Where the things stand that it was done to."""
    instruments: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    is_taking: bool = False
    """People were taken, by words that may tell of a murder too."""


@dataclass(frozen=True, slots=True)
class _Trigger:
    type: str
    needs: str
    is_noun: bool
    is_of_subject: bool
    """The subject is whom or what it befell: "they died", "the mill went up in flames"."""
    words: Matcher


Table = tuple[tuple[str, Matcher], ...]


@dataclass(frozen=True, slots=True)
class _Words:
    triggers: tuple[_Trigger, ...]
    not_so: Matcher
    accidents: Matcher
    statistics: Matcher
    soldiers: Matcher
    victims: tuple[tuple[str, Matcher], ...]
    instruments: tuple[tuple[str, Matcher], ...]
    targets: tuple[tuple[str, Matcher], ...]
    effects: tuple[tuple[str, Matcher], ...]
    consequences: Matcher

    def any_target(self, text: str) -> bool:
        """Say whether a text names a thing."""
        return any(pattern.search(text) for _, pattern in self.targets)


@cache
def _words() -> _Words:
    path = files("lightkeeper.claims") / "lexicons" / "muc" / "words.toml"
    raw = tomllib.loads(path.read_text("utf-8"))
    compile_patterns = Vocabulary().matcher

    def table(rows: Mapping[str, list[str]]) -> Table:
        return tuple((name, compile_patterns(patterns)) for name, patterns in rows.items())

    return _Words(
        triggers=tuple(
            _Trigger(
                row["type"],
                row["needs"],
                row.get("noun", False),
                row.get("subject", False),
                compile_patterns(row["words"]),
            )
            for row in raw["triggers"]
        ),
        not_so=compile_patterns(raw["not_so"]["words"]),
        accidents=compile_patterns(raw["accidents"]["words"]),
        statistics=compile_patterns(raw["statistics"]["words"]),
        soldiers=compile_patterns(raw["soldiers"]["words"]),
        victims=table(raw["victims"]),
        instruments=table(raw["instruments"]),
        targets=table(raw["targets"]),
        effects=table(raw["effects"]),
        consequences=compile_patterns(raw["consequences"]["words"]),
    )


def read_mentions(sentence: str) -> list[Mention]:
    """Return the incidents that one folded sentence tells of, one of each type."""
    words = _words()
    if sentence.endswith("?") or words.statistics.search(sentence):
        return []
    found: list[Mention] = []
    for trigger in words.triggers:
        for match in trigger.words.finditer(sentence):
            mention = _mention(sentence, match.span(), trigger, words)
            if mention is not None:
                found.append(mention)
    if any(m.is_murder and m.type == "ATTACK" for m in found):
        found = [m for m in found if not m.is_taking]
    if any(m.type == "ROBBERY" for m in found):
        # "They stormed a bank and took the money": the storming is part of it.
        found = [m for m in found if m.type != "ATTACK" or m.victims or m.is_murder]
    found.sort(key=lambda m: m.at)
    out: list[Mention] = []
    for mention in found:
        same = next((m for m in out if family(m.type) == family(mention.type)), None)
        if same is None:
            out.append(mention)
            continue
        if mention.type == "BOMBING" and same.type == "ATTACK":
            same.type = "BOMBING"
        same.is_definite = same.is_definite and mention.is_definite
        same.victims |= mention.victims
        same.spans += mention.spans
        same.is_result = same.is_result and mention.is_result
        same.is_another = same.is_another or mention.is_another
        same.is_murder = same.is_murder and mention.is_murder
    for mention in out:
        mention.instruments = _instruments_of(mention, sentence)
    _add_targets(out, sentence, words)
    for mention in out:
        kinds = {i.partition(":")[0] for i in mention.instruments}
        if mention.type == "ATTACK" and kinds and kinds <= _EXPLOSIVES:
            mention.type = "BOMBING"
    return out


def family(kind: str) -> str:
    """Return what types one incident may be told by: a bombing is an attack too."""
    return "ATTACK" if kind == "BOMBING" else kind


def _mention(
    sentence: str, at: tuple[int, int], trigger: _Trigger, words: _Words
) -> Mention | None:
    start, end = at
    left = max((m.end() for m in _BREAK.finditer(sentence, 0, start)), default=0)
    before = sentence[max(left, start - _REACH) : start]
    if words.not_so.search(before):
        return None
    right = _BREAK.search(sentence, end)
    after = sentence[end : min(right.start() if right else len(sentence), end + _REACH)]
    if right and _SAYS.match(right.group()):
        # "..., the electric company said": who says so is no part of it.
        after = after.rpartition(",")[0] or after
    own = sentence[start:end]
    is_passive = not trigger.is_noun and (
        trigger.is_of_subject or _PASSIVE.search(before) is not None or _BY.match(after) is not None
    )
    is_both = not trigger.is_noun and _PASSIVE_AND.search(before) is not None
    whom = own + (before if is_passive or is_both else after) + (after if is_both else "")
    if trigger.is_noun and _POSSESSIVE.search(before):
        whom += before[-60:]
    if is_passive and _TOLD_BEFORE.search(sentence[max(0, start - 30) : start]):
        whom += sentence[max(0, start - _REACH) : start]
    if is_passive and _RELATIVE.search(sentence[:left]) and not words.any_target(whom):
        # "The line that feeds the city was cut": the clause belongs to what stands before it.
        before = sentence[max(0, start - _REACH) : start]
        whom += before
    victims = frozenset(name for name, pattern in words.victims if pattern.search(whom))
    things = {name for name, pattern in words.targets if pattern.search(whom)}
    is_of_war = words.soldiers.search(whom) is not None
    if is_of_war and not (victims - {"PERSON"} or things - _THEIRS or _BYSTANDERS.search(sentence)):
        return None
    is_taken = trigger.needs == "people" or trigger.type == "HIJACKING"
    if is_taken and _AUTHORITIES.search(before):
        return None
    if trigger.needs == "people" and not (victims or _PRONOUN.search(own)):
        return None
    if trigger.type in _NO_ACCIDENT and words.accidents.search(sentence):
        return None
    if trigger.needs == "thing" and not things:
        return None
    # "He was killed": somebody who is named, and no soldier.
    is_one = not is_of_war and (
        (is_passive and _ONE.search(before) is not None)
        or _SOMEBODY.match(sentence, start) is not None
    )
    if trigger.needs == "civilians" and not (victims or things or is_one):
        return None
    spans = [(start, end + len(after))]
    if trigger.type == "ROBBERY":
        spans.append((0, start))
    if is_passive or is_both or trigger.type == "BOMBING":
        spans.append((start - len(before), start))
    may_be_definite = trigger.is_noun or _BOMB.match(own) is not None
    return Mention(
        type=trigger.type,
        at=at,
        is_definite=may_be_definite and _DEFINITE.search(sentence[:start]) is not None,
        is_result=trigger.needs == "thing" and is_passive and " by " not in after,
        is_murder=trigger.needs == "no soldiers",
        is_another=_ANOTHER.search(before[-40:] + own + after[:60]) is not None,
        victims=victims,
        spans=spans,
        is_taking=trigger.needs == "people",
    )


def _instruments_of(mention: Mention, sentence: str) -> list[str]:
    if mention.type == "KIDNAPPING":
        return []
    found = instruments(sentence)
    return [i for i in found if mention.type != "ARSON" or i.startswith("MOLOTOV")]


def _add_targets(mentions: Sequence[Mention], sentence: str, words: _Words) -> None:
    """Add each thing that a sentence names to the incident that is told nearest to it."""
    taken = [m.span() for _, p in words.instruments for m in p.finditer(sentence)]
    last = -1
    for target, (start, end) in read_targets(sentence):
        is_part = last >= 0 and _OF_ANOTHER.fullmatch(sentence, last, start) is not None
        last = end
        if is_part or any(s < end and start < e for s, e in taken):
            continue
        if target.kind == "TRANSPORTATION ROUTE" or _ON_THE_WAY.search(sentence[:start]):
            continue
        near = [
            m
            for m in mentions
            if any(s <= start and end <= e for s, e in m.spans)
            and m.type != "KIDNAPPING"
            and (m.type != "ROBBERY" or target.kind in _ROBBED or start >= m.at[0])
        ]
        if near:
            min(near, key=lambda m: _gap(m.at, (start, end))).targets.append(target)


_ROBBED = frozenset({"FINANCIAL", "COMMERCIAL"})


def read_targets(sentence: str) -> list[tuple[Target, tuple[int, int]]]:
    """Return the things that a sentence names, in order, each with the effect told nearest."""
    words = _words()
    effects = [
        (m.span(), "NO DAMAGE" if _FAILED.search(sentence) else name)
        for name, p in words.effects
        for m in p.finditer(sentence)
        if not _WENT_OFF.match(sentence, m.start())
    ]
    out: list[tuple[Target, tuple[int, int]]] = []
    for fill, at in sorted(_fills(sentence, words.targets), key=lambda f: f[1]):
        near = min(effects, key=lambda e: _gap(e[0], at), default=None)
        kind, _, named = fill.partition(": ")
        out.append((Target(kind, named.strip('"'), near[1] if near else None), at))
    return out


def read_effect(sentence: str) -> str | None:
    """Return the first effect that a sentence tells of, of whatever thing."""
    found = [
        (match.start(), name)
        for name, pattern in _words().effects
        if (match := pattern.search(sentence)) is not None
    ]
    return min(found)[1] if found else None


def tells_consequences(sentence: str) -> bool:
    """Say whether a sentence tells that something works no more, or has to be mended."""
    return _words().consequences.search(sentence) is not None


def _gap(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(a[0] - b[1], b[0] - a[1], 0)


def instruments(sentence: str) -> list[str]:
    """Return instruments of a sentence; "explosive" and "gun" only where nothing finer is named."""
    found = [fill for fill, _ in _fills(sentence, _words().instruments)]
    fine = [f for f in found if not f.startswith(("EXPLOSIVE", "GUN"))]
    if any(f.startswith("VEHICLE BOMB") for f in fine):
        fine = [f for f in fine if not f.startswith("BOMB")]
    return (fine or found[:1])[:2]


def is_of_soldiers(sentence: str) -> bool:
    """Say whether a sentence speaks of soldiers or guerrillas."""
    return _words().soldiers.search(sentence) is not None


def _fills(sentence: str, table: Table) -> list[tuple[str, tuple[int, int]]]:
    """Fills of a table in a sentence, as `TYPE: "WORDS"`; none that says less than another."""
    taken: list[tuple[int, int]] = []
    out: dict[str, tuple[int, int]] = {}
    for name, pattern in table:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if any(s < end and start < e for s, e in taken):
                continue
            taken.append((start, end))
            out.setdefault(f'{name}: "{match.group().upper()}"', (start, end))
    return [(f, at) for f, at in out.items() if not any(o != f and _says(o, f) for o in out)]


def _says(other: str, fill: str) -> bool:
    """Say whether another fill of the same type has all the words of this one."""
    a, b = other.partition(": "), fill.partition(": ")
    own = {w.rstrip("S") for w in re.findall(r"\w+", b[2])}
    return a[0] == b[0] and own <= {w.rstrip("S") for w in re.findall(r"\w+", a[2])}
