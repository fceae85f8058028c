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
from lightkeeper.claims.news_incidents import (
    CARRY,
    Incident,
    add_details,
    counted_on,
    effect_of,
    find_told,
    is_of_the_lead,
    join,
    pointed_at,
    take_from_summary,
)
from lightkeeper.claims.news_mentions import Mention, read_mentions
from lightkeeper.claims.news_places import NewsPlace, PlaceGroup, read_place_groups
from lightkeeper.claims.news_text import read_news_text

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


def read_templates(text: str) -> list[Template]:
    """Read the incidents of one news text, in order; several sentences may tell of one."""
    news = read_news_text(text)
    scene = read_scene(news)
    if scene is None:
        return []
    incidents: list[Incident] = []
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
            mentions = counted_on(sentence.text, incidents[-1])
        for mention in mentions:
            if incidents and not mention.targets and not mention.victims:
                mention.targets = pointed_at(sentence.text, number, incidents[-1])
            day = _nearest_day(days, mention, sentence.text)
            place = _nearest_place(groups, mention, sentence.text, scene.country)
            if news.told and day and day.is_stale(news.told):
                continue
            incident = find_told(incidents, mention, day, place, number)
            if incident is None:
                if carried_day is None and is_of_the_lead(mention):
                    carried_day = lead_day
                incident = Incident(
                    mention.type, day or carried_day, place, frozenset(), number,
                    carried_place, sentence.paragraph,
                )  # fmt: skip
                take_from_summary(incidents, incident, mention)
                incidents.append(incident)
            join(incident, mention, day, place, number, sentence.text)
        if not mentions and incidents and number - incidents[-1].last_sentence <= CARRY:
            add_details(incidents[-1], sentence, groups)
        usable = [d for d in days if news.told and not d.is_stale(news.told)]
        if usable and lead_day is None and sentence.paragraph == 0:
            lead_day = usable[-1]
        if usable:
            last_day = (number, sentence.paragraph, usable[-1])
        if groups:
            last_place = (number, groups[-1])
    return [t for i in incidents for t in _finished(i, scene.country, news.told)]


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


def _finished(incident: Incident, country: str, told: date | None) -> list[Template]:
    """Write the day and the place; an incident at several listed places is one at each."""
    template = Template(incident.type)
    if template.type != "KIDNAPPING":
        # What was blown up was blown up with something.
        unnamed = ['EXPLOSIVE: "-"'] if incident.type == "BOMBING" else []
        template.instrument_type = list(incident.instruments) or unnamed
        template.target_type = [t.fill for t in incident.targets]
        template.target_effect = [
            f'{effect}: "{t.words}"' for t in incident.targets if (effect := effect_of(t, incident))
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
