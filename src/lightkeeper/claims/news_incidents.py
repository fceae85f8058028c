"""Incidents of a news text while it is read: which one a sentence tells of, and what it adds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lightkeeper.claims.news_dates import DayMention
from lightkeeper.claims.news_mentions import Mention, family, is_of_soldiers
from lightkeeper.claims.news_places import PlaceGroup
from lightkeeper.claims.news_text import NewsSentence
from lightkeeper.claims.news_things import (
    Target,
    instruments,
    read_effect,
    read_targets,
    tells_consequences,
)

CARRY = 2
"""For how many sentences a day or place once named goes on."""
_POINTS_BACK = re.compile(
    r"(?:it|they|both|all|the (?:[a-z-]+ )?(?:structures?|installations?|facilit(?:y|ies)|building"
    r"|plant|station|stations|towers?|place|premises|equipment|works|unit|units|vehicles?))\b"
)
"""So a sentence tells on of the thing just told."""
_COUNTED = re.compile(
    r"(?:the |a )?(?P<n>first|second|third|fourth|other|latter|former|last|one)\b"
    r"(?: (?:attack|incident|action|act|explosion|blast|bombing|case|one|of them|of these))*"
    r"[^.]{0,40}?\b(?:took place|occurred|happened|was (?:carried out|perpetrated|staged))\b"
)
"""So a sentence tells of one of several incidents that were told together."""
_MASTS = re.compile(r"\b(?:PYLON|TOWER|POLE|POST|MAST)S?\b")
"""Such a thing falls where a bomb went off under it."""
_GENERAL = re.compile(r"(?:SYSTEM|NETWORK|SERVICE|INFRASTRUCTURE|FACILITIE|INSTALLATION|GRID)S?$")
"""What is called so is told more exactly by what else is named of its kind."""


@dataclass(slots=True)
class Incident:
    """An incident while the text is read."""

    type: str
    day: DayMention | None
    place: PlaceGroup | None
    victims: frozenset[str]
    last_sentence: int
    carried: PlaceGroup | None
    """The place named last before it, or next after it, where it names none itself."""
    paragraph: int
    instruments: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    has_consequences: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether a lead told it without day and place, which others may tell."""
        return self.paragraph == 0 and self.day is None and self.place is None


def find_told(
    incidents: Sequence[Incident],
    mention: Mention,
    day: DayMention | None,
    place: PlaceGroup | None,
    number: int,
) -> Incident | None:
    """Return the incident told before that a mention tells of again."""
    told = [i for i in reversed(incidents) if family(i.type) == family(mention.type)]
    if mention.is_definite:
        # "The bombing" is a bombing told before rather than an attack told later.
        told.sort(key=lambda i: i.type != mention.type)
    for incident in told:
        is_near = number - incident.last_sentence <= CARRY
        if day and incident.day and not _overlap(day, incident.day):
            continue
        if mention.is_definite or (mention.is_result and is_near):
            return incident
        if day and incident.day is None and not is_near and incident.paragraph > 0:
            continue
        if mention.is_another and (place or mention.type != incident.type):
            continue
        if place and incident.place and not _may_be_same_place(place, incident.place):
            continue
        goes_on = number - incident.last_sentence <= 1 and not (day or place)
        goes_on |= incident.is_open and bool(_kinds(mention.targets) & _kinds(incident.targets))
        if not goes_on and not _may_be_same_target(mention.targets, incident.targets):
            continue
        specific, others = mention.victims - {"PERSON"}, incident.victims - {"PERSON"}
        if specific and others and not specific & others:
            continue
        if mention.is_murder and incident.type == "BOMBING" and not is_near:
            continue
        return incident
    return None


def counted_on(sentence: str, last: Incident) -> list[Mention]:
    """Return the incident that a sentence tells of by its number only, of the sort told last."""
    match = _COUNTED.match(sentence)
    if match is None:
        return []
    is_first = match["n"] in {"first", "one", "former"}
    return [
        Mention(
            type=last.type,
            at=match.span(),
            is_definite=is_first,
            is_result=False,
            is_murder=False,
            is_another=not is_first,
            is_taking=False,
            victims=last.victims,
            spans=[],
            instruments=list(last.instruments),
            targets=list(last.targets),
        )
    ]


def pointed_at(sentence: str, number: int, last: Incident) -> list[Target]:
    """Return the works for energy told last, if a sentence begins with them: "the structure"."""
    is_near = number - last.last_sentence <= CARRY
    if not is_near or not _POINTS_BACK.match(sentence):
        return []
    effect = read_effect(sentence)
    return [replace(t, effect=effect) for t in last.targets if t.kind == "ENERGY"]


def take_from_summary(incidents: Sequence[Incident], new: Incident, mention: Mention) -> None:
    """Take from an incident told before what a sentence of its own now tells of.

    "Bombs damaged a bank and a school": then each has its own paragraph, with its own place.
    """
    for old in incidents:
        mine = _kinds(mention.targets) & _kinds(old.targets)
        is_summary = old.paragraph == 0 < new.paragraph and bool(_kinds(old.targets) - mine)
        if is_summary and family(old.type) == family(new.type):
            old.targets = [t for t in old.targets if t.kind not in mine]


def join(
    into: Incident,
    mention: Mention,
    day: DayMention | None,
    place: PlaceGroup | None,
    number: int,
    sentence: str,
) -> None:
    """Add to an incident what a mention in the sentence of this number tells of it."""
    was_open = into.is_open and bool(day or place)
    into.last_sentence = number
    if mention.type == "BOMBING":
        into.type = "BOMBING"
    into.day = into.day or day
    if place and (into.place is None or place.finest.rank < into.place.finest.rank):
        into.place = place
    into.victims |= mention.victims
    _add_instruments(into, mention.instruments)
    particular = _kinds([t for t in mention.targets if not _GENERAL.search(t.words)])
    into.targets = [
        _with_effect(t, mention.targets)
        for t in into.targets
        if t.kind not in particular or not (was_open or _GENERAL.search(t.words))
    ]
    known = _kinds(into.targets)
    into.targets += [t for t in mention.targets if t.kind not in known]
    into.has_consequences |= tells_consequences(sentence)


def add_details(incident: Incident, sentence: NewsSentence, groups: Sequence[PlaceGroup]) -> None:
    """Add what a sentence right after an incident says of its place, instruments and effects."""
    if incident.place is None and incident.carried is None and groups:
        incident.carried = groups[0]
    if incident.type != "KIDNAPPING" and not is_of_soldiers(sentence.text):
        _add_instruments(incident, instruments(sentence.text))
    back = _POINTS_BACK.match(sentence.text)
    told = [t for t, at in read_targets(sentence.text) if not back or at[0] >= back.end()]
    effect = read_effect(sentence.text) if back else None
    if not told and effect:
        told = [replace(t, effect=effect) for t in incident.targets]
    incident.targets = [_with_effect(t, told) for t in incident.targets]
    incident.has_consequences |= tells_consequences(sentence.text)


def effect_of(target: Target, incident: Incident) -> str | None:
    """Return the effect of a target; what a bomb or a fire reached has some damage at least."""
    if target.effect is None and incident.type in {"BOMBING", "ARSON"}:
        is_mast = target.kind == "ENERGY" and _MASTS.search(target.words) is not None
        return "DESTROYED" if is_mast and incident.type == "BOMBING" else "SOME DAMAGE"
    is_energy = target.kind == "ENERGY" and not _GENERAL.search(target.words)
    if target.effect is None and is_energy and incident.has_consequences:
        return "SOME DAMAGE"
    return target.effect


def is_of_the_lead(mention: Mention) -> bool:
    """Say whether the day of the first paragraph goes on to an incident without one.

    Persons murdered are named long after; bombs, fires and works for energy are news of their day.
    """
    return mention.type in {"BOMBING", "ARSON"} or "ENERGY" in _kinds(mention.targets)


def _may_be_same_target(mine: Sequence[Target], theirs: Sequence[Target]) -> bool:
    """Say whether two lists of targets may tell of the same: some kind, and of it some word."""
    shared = _kinds(mine) & _kinds(theirs)
    if not mine or not theirs:
        return True
    if not shared:
        return False
    return any(kind != "ENERGY" for kind in shared) or bool(_stems(mine) & _stems(theirs))


def _may_be_same_place(a: PlaceGroup, b: PlaceGroup) -> bool:
    """Say whether two groups of places may be one: the same, or one a part of the other."""
    first, second = {p.name for p in a.places}, {p.name for p in b.places}
    if first & second:
        return a.finest.name in second or b.finest.name in first
    return a.finest.rank != b.finest.rank


def _overlap(a: DayMention, b: DayMention) -> bool:
    if a.first is None or a.last is None or b.first is None or b.last is None:
        return a.first == b.first
    return a.first <= b.last and b.first <= a.last


def _with_effect(target: Target, told: Sequence[Target]) -> Target:
    """Return a target with the effect that is told of it, or of another of its kind, later."""
    same = [t for t in told if t.kind == target.kind and t.effect]
    same.sort(key=lambda t: not _stems([t]) & _stems([target]))
    if not same or target.effect == "DESTROYED":
        return target
    is_worse = same[0].effect == "DESTROYED" and bool(_stems(same[:1]) & _stems([target]))
    return replace(target, effect=same[0].effect) if is_worse or not target.effect else target


def _add_instruments(incident: Incident, found: Sequence[str]) -> None:
    if not incident.instruments:
        incident.instruments = list(found)
        return
    known = {i.partition(":")[0] for i in incident.instruments}
    incident.instruments += [
        i
        for i in found
        if i.partition(":")[0] not in known and not i.startswith(("EXPLOSIVE", "GUN"))
    ]


def _stems(targets: Sequence[Target]) -> set[str]:
    return {w.rstrip("S") for t in targets for w in re.findall(r"[\w-]+", t.words)}


def _kinds(targets: Sequence[Target]) -> set[str]:
    return {t.kind for t in targets}
