"""Incident templates of news texts of the MUC-4 kind: what, when, where, by what, on what.

These texts are of another time and place than the reports Lightkeeper is made for: in capitals, of
Latin America, with a key of one template for each incident. What is measured on them is how far
rules in readable files go without the vocabulary of the other lexicons; `lexicons/muc/` holds all
of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lightkeeper.claims.neutral import Json
from lightkeeper.claims.news_atlas import read_scene
from lightkeeper.claims.news_dates import DayMention, read_days, written
from lightkeeper.claims.news_mentions import Mention, family, is_of_soldiers, read_mentions
from lightkeeper.claims.news_places import NewsPlace, PlaceGroup, read_place_groups
from lightkeeper.claims.news_text import NewsSentence, read_news_text
from lightkeeper.claims.news_things import (
    Target,
    instruments,
    read_effect,
    read_targets,
    tells_consequences,
)

CARRY = 2
"""For how many sentences a day or place once named goes on."""
MOST_LISTED = 4
"""Of so many places in a list an incident is told for each."""
FARTHEST = 170.0
"""How far from the words of an incident its day and place may stand, as `_distance` counts."""
FARTHEST_ABROAD = 60.0
_AWAY = re.compile(
    r"\b(?:who|which|reported|said|after|before|while|where|told|hospital|according|sources)\b|;|--"
)
_GOES_ON = re.compile(
    r"(?:and )?(?:later|also|meanwhile|likewise|in addition|at the same (?:time|hour)|in another"
    r"|(?:almost )?simultaneously|(?:minutes|hours|moments|shortly) (?:later|after)|another"
    r"|(?:\w+ ){0,4}(?:an hour|hours?|minutes) (?:later|after|afterwards?|earlier|before))\b"
    r"|.*\b(?:that|the) same (?:night|day|morning|afternoon|evening|hour|time)\b"
    r"|.*\b(?:at|around|about) (?:\d{4}|noon|midday|midnight|dawn|daybreak|nightfall|dusk)\b"
)
"""So a new paragraph tells on of the same day."""
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
class Template:
    """One incident; the slots hold fills as they are written in such keys."""

    type: str
    date: str | None = None
    location: str | None = None
    instrument_type: list[str] = field(default_factory=list)
    target_type: list[str] = field(default_factory=list)
    target_effect: list[str] = field(default_factory=list)

    def neutral(self) -> dict[str, Json]:
        """Return the template in the neutral form."""
        return {
            "type": self.type,
            "date": self.date,
            "location": self.location,
            "instrument_type": list(self.instrument_type),
            "target_type": list(self.target_type),
            "target_effect": list(self.target_effect),
        }


@dataclass(slots=True)
class _Incident:
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


def read_templates(text: str) -> list[Template]:
    """Read the incidents of one news text, in order; several sentences may tell of one."""
    news = read_news_text(text)
    scene = read_scene(news)
    if scene is None:
        return []
    incidents: list[_Incident] = []
    last_day: tuple[int, int, DayMention] | None = None
    last_place: tuple[int, PlaceGroup] | None = None
    lead_day: DayMention | None = None
    for number, sentence in enumerate(news.sentences):
        days = read_days(sentence.text, news.told) if news.told else []
        groups = read_place_groups(sentence.text, scene)
        carried_day = carried_place = None
        if last_day and number - last_day[0] <= CARRY:
            goes_on = last_day[1] == sentence.paragraph or _GOES_ON.match(sentence.text)
            carried_day = last_day[2] if goes_on else None
        if last_place and number - last_place[0] <= CARRY:
            carried_place = last_place[1]
        mentions = read_mentions(sentence.text)
        if not mentions and incidents:
            mentions = _counted_on(sentence.text, incidents[-1])
        for mention in mentions:
            if incidents and not mention.targets and not mention.victims:
                mention.targets = _pointed_at(sentence.text, number, incidents[-1])
            day = _nearest_day(days, mention, sentence.text)
            place = _nearest_place(groups, mention, sentence.text, scene.country)
            if news.told and day and day.is_stale(news.told):
                continue
            incident = _same(incidents, mention, day, place, number)
            if incident is None:
                if carried_day is None and _is_of_the_lead(mention):
                    carried_day = lead_day
                incident = _Incident(
                    mention.type, day or carried_day, place, frozenset(), number,
                    carried_place, sentence.paragraph,
                )  # fmt: skip
                _take_from_summary(incidents, incident, mention)
                incidents.append(incident)
            _join(incident, mention, day, place, number, sentence.text)
        if not mentions and incidents and number - incidents[-1].last_sentence <= CARRY:
            _add_details(incidents[-1], sentence, groups)
        usable = [d for d in days if news.told and not d.is_stale(news.told)]
        if usable and lead_day is None and sentence.paragraph == 0:
            lead_day = usable[-1]
        if usable:
            last_day = (number, sentence.paragraph, usable[-1])
        if groups:
            last_place = (number, groups[-1])
    return [t for i in incidents for t in _finished(i, scene.country, news.told)]


def _is_of_the_lead(mention: Mention) -> bool:
    """Say whether the day of the first paragraph goes on to an incident without one.

    Persons murdered are named long after; bombs, fires and works for energy are news of their day.
    """
    return mention.type in {"BOMBING", "ARSON"} or "ENERGY" in _kinds(mention.targets)


def _pointed_at(sentence: str, number: int, last: _Incident) -> list[Target]:
    """Return the works for energy told last, if a sentence begins with them: "the structure"."""
    is_near = number - last.last_sentence <= CARRY
    if not is_near or not _POINTS_BACK.match(sentence):
        return []
    effect = read_effect(sentence)
    return [replace(t, effect=effect) for t in last.targets if t.kind == "ENERGY"]


def _counted_on(sentence: str, last: _Incident) -> list[Mention]:
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


def _effect(target: Target, incident: _Incident) -> str | None:
    """Return the effect of a target; what a bomb or a fire reached has some damage at least."""
    if target.effect is None and incident.type in {"BOMBING", "ARSON"}:
        is_mast = target.kind == "ENERGY" and _MASTS.search(target.words) is not None
        return "DESTROYED" if is_mast and incident.type == "BOMBING" else "SOME DAMAGE"
    is_energy = target.kind == "ENERGY" and not _GENERAL.search(target.words)
    if target.effect is None and is_energy and incident.has_consequences:
        return "SOME DAMAGE"
    return target.effect


def _nearest_day(days: Sequence[DayMention], mention: Mention, sentence: str) -> DayMention | None:
    near = [(_distance(d.start, d.end, mention, sentence), d.start, d) for d in days]
    return next((d for n, _, d in sorted(near, key=lambda x: x[:2]) if n <= FARTHEST), None)


def _nearest_place(
    groups: Sequence[PlaceGroup], mention: Mention, sentence: str, country: str
) -> PlaceGroup | None:
    near: list[tuple[float, int, PlaceGroup]] = []
    for group in groups:
        far = _distance(group.start, group.end, mention, sentence)
        is_abroad = group.country not in {None, country}
        if far <= (FARTHEST_ABROAD if is_abroad else FARTHEST):
            near.append((far + 30 * group.finest.rank, group.start, group))
    return min(near, key=lambda n: n[:2])[2] if near else None


def _distance(start: int, end: int, mention: Mention, sentence: str) -> float:
    """How far words are from those of a mention; other clauses in between count more."""
    first, last = mention.at
    between = sentence[last:start] if start >= last else sentence[end:first]
    return len(between) + 40 * len(_AWAY.findall(between)) + (25 if end <= first else 0)


def _same(
    incidents: Sequence[_Incident],
    mention: Mention,
    day: DayMention | None,
    place: PlaceGroup | None,
    number: int,
) -> _Incident | None:
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
        if not goes_on and not _may_be_same_target(mention.targets, incident.targets):
            continue
        specific, others = mention.victims - {"PERSON"}, incident.victims - {"PERSON"}
        if specific and others and not specific & others:
            continue
        if mention.is_murder and incident.type == "BOMBING" and not is_near:
            continue
        return incident
    return None


def _may_be_same_target(mine: Sequence[Target], theirs: Sequence[Target]) -> bool:
    """Say whether two lists of targets may tell of the same: some kind, and of it some word."""
    shared = _kinds(mine) & _kinds(theirs)
    if not mine or not theirs:
        return True
    if not shared:
        return False
    return any(kind != "ENERGY" for kind in shared) or bool(_stems(mine) & _stems(theirs))


def _stems(targets: Sequence[Target]) -> set[str]:
    return {w.rstrip("S") for t in targets for w in re.findall(r"[\w-]+", t.words)}


def _overlap(a: DayMention, b: DayMention) -> bool:
    if a.first is None or a.last is None or b.first is None or b.last is None:
        return a.first == b.first
    return a.first <= b.last and b.first <= a.last


def _may_be_same_place(a: PlaceGroup, b: PlaceGroup) -> bool:
    """Say whether two groups of places may be one: the same, or one a part of the other."""
    first, second = {p.name for p in a.places}, {p.name for p in b.places}
    if first & second:
        return a.finest.name in second or b.finest.name in first
    return a.finest.rank != b.finest.rank


def _kinds(targets: Sequence[Target]) -> set[str]:
    return {t.kind for t in targets}


def _take_from_summary(incidents: Sequence[_Incident], new: _Incident, mention: Mention) -> None:
    """Take from an incident told before what a sentence of its own now tells of.

    "Bombs damaged a bank and a school": then each has its own paragraph, with its own place.
    """
    for old in incidents:
        mine = _kinds(mention.targets) & _kinds(old.targets)
        is_summary = old.paragraph == 0 < new.paragraph and bool(_kinds(old.targets) - mine)
        if is_summary and family(old.type) == family(new.type):
            old.targets = [t for t in old.targets if t.kind not in mine]


def _join(
    into: _Incident,
    mention: Mention,
    day: DayMention | None,
    place: PlaceGroup | None,
    number: int,
    sentence: str,
) -> None:
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
        if t.kind not in particular or not _GENERAL.search(t.words)
    ]
    known = _kinds(into.targets)
    into.targets += [t for t in mention.targets if t.kind not in known]
    into.has_consequences |= tells_consequences(sentence)


def _with_effect(target: Target, told: Sequence[Target]) -> Target:
    """Return a target with the effect that is told of it, or of another of its kind, later."""
    same = [t for t in told if t.kind == target.kind and t.effect]
    same.sort(key=lambda t: not _stems([t]) & _stems([target]))
    if not same or target.effect == "DESTROYED":
        return target
    is_worse = same[0].effect == "DESTROYED" and bool(_stems(same[:1]) & _stems([target]))
    return replace(target, effect=same[0].effect) if is_worse or not target.effect else target


def _add_instruments(incident: _Incident, found: Sequence[str]) -> None:
    if not incident.instruments:
        incident.instruments = list(found)
        return
    known = {i.partition(":")[0] for i in incident.instruments}
    incident.instruments += [
        i
        for i in found
        if i.partition(":")[0] not in known and not i.startswith(("EXPLOSIVE", "GUN"))
    ]


def _add_details(incident: _Incident, sentence: NewsSentence, groups: Sequence[PlaceGroup]) -> None:
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


def _finished(incident: _Incident, country: str, told: date | None) -> list[Template]:
    """Write the day and the place; an incident at several listed places is one at each."""
    template = Template(incident.type)
    if template.type != "KIDNAPPING":
        # What was blown up was blown up with something.
        unnamed = ['EXPLOSIVE: "-"'] if incident.type == "BOMBING" else []
        template.instrument_type = list(incident.instruments) or unnamed
        template.target_type = [t.fill for t in incident.targets]
        template.target_effect = [
            f'{effect}: "{t.words}"' for t in incident.targets if (effect := _effect(t, incident))
        ]
    if incident.day and incident.day.first and incident.day.last:
        first, last = written(incident.day.first), written(incident.day.last)
        template.date = first if first == last else f"{first} - {last}"
    elif told:
        template.date = f"- {written(told)}"
    group = incident.place or incident.carried
    places: tuple[NewsPlace, ...] = ()
    if group:
        is_list = group is incident.place and len(group.listed) > 1 and group.is_list
        places = group.listed[:MOST_LISTED] if is_list else (group.finest,)
    if not places:
        template.location = country
        return [template]
    return [replace(template, location=p.written(country)) for p in places]
