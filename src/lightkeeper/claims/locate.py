"""Where: the places of a claim, from its own words outwards."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from operator import attrgetter

from lightkeeper.claims.candidates import Candidate
from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import ClaimKind, PlaceRef
from lightkeeper.claims.numbers import NumberMention
from lightkeeper.claims.place_mentions import PlaceMention
from lightkeeper.claims.place_names import country_of
from lightkeeper.claims.place_words import place_words
from lightkeeper.claims.sentences import Sentence, number_of_sentence
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode, PlaceLevel

_EXCEPT_REACH = 60
_FROM = re.compile(
    r"(?<!\w)(?:from|з|із|зі|из|с|со)(?:\s(?:the(?: direction of)?|боку|напрямку|району|акваторії"
    r"|сторони|стороны|направления|района|акватории))?\s+\Z"
)
_AWAY = re.compile(
    r"(?<!\w)(?:(?:поїзд|потяг|електрич|автобус|рейс|маршрут|поезд|электрич|trains?|bus)[^.;:!?\n]{0,60}"
    r"\s(?:to|towards?|до|(?:в|у) (?:напрямку|бік)|в (?:направлении|сторону))"
    r"|(?:команд|наказ|приказ|розпорядженн|распоряжени)\w* (?:з|із|из)|orders? from)\s+\Z"
)
"""Where trains go that do not run, and whence orders come: never where what is told is so."""
_LONGEST_WAY = 80
"""Letters before a name in which words of the way from or to it are looked for."""
_OF_TOWNS = frozenset({ClaimKind.SERVICES, ClaimKind.CONDITIONS, ClaimKind.ADVICE})
"""What is told of a town, not of the district named before, where no place is named again."""
_OF_LISTS = frozenset({
    ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.REPAIR, ClaimKind.FORECAST, ClaimKind.SCHEDULE,
})  # fmt: skip
"""What goes on being told of the places that lost power, not of the whole they lie in."""
_WARNINGS = frozenset({ClaimKind.ALERT, ClaimKind.ALL_CLEAR, ClaimKind.ADVICE})
_QUARTER = re.compile(
    r"(?i:(?<!\w)(?:мікрорайон|микрорайон|житломасив|жилмассив)\w*)\s+[«\"]?([А-ЯІЇЄҐ][\w'’-]+)"
)
"""A quarter of a town by its name."""
_SAYS_WHERE = re.compile(
    r"[\s,:—–-]*(?:(?:у|в|на|по|in|а саме|а именно|namely|зокрема|в частности)\s+){0,2}\Z"
)
_START = attrgetter("start")
_WORD = re.compile(r"[^\W\d_]+\S*")
_LIST_MARK = re.compile(r"\s*[▪▫•●○◦◽◾🔸🔹🔺♦–—*-]\ufe0f?\s")


@dataclass(slots=True, kw_only=True)
class Locator:
    """The places of one report, and which of them a claim is about.

    `context` holds places given by the channel's name and the title; `asserting` the starts of the
    sentences that make claims, which set what the report is speaking of.
    """

    text: str
    folded: str
    channel: str | None
    lexicon: Lexicon
    gazetteer: Gazetteer
    sentences: tuple[Sentence, ...]
    places: tuple[PlaceMention, ...]
    numbers: tuple[NumberMention, ...]
    context: tuple[PlaceCode, ...]
    speaks_for: PlaceLevel | None = None
    asserting: set[int] = field(default_factory=set)
    told: dict[int, list[PlaceMention]] = field(default_factory=dict)
    """By the start of a sentence, where its last claim was by the places it names."""
    _parts: list[str] | None = None
    """Words for parts of places that the report holds anywhere."""
    _named: dict[bool, tuple[tuple[PlaceMention, ...], list[int]]] = field(default_factory=dict)

    def locate(self, candidate: Candidate) -> tuple[tuple[PlaceRef, ...], str | None]:
        """Return the places of a claim, and the words for its extent if it has one.

        What stands in the claim's own segments comes first, then what its sentence names before it,
        then after it, then what the report was speaking of, then the speaker's own place, the
        channel's and, for a body of the whole country, the country.
        """
        sentence = candidate.sentence
        first, last = (bisect_left(self.places, at, key=_START)
                       for at in (sentence.start, sentence.end))  # fmt: skip
        here = [
            m for m in self.places[first:last]
            if not m.is_container and not self._is_excepted(m, candidate)
        ]  # fmt: skip
        away = [m for m in here if self._is_away(m, candidate.rule.kind)]
        here = [m for m in here if m not in away]
        free = [m for m in here if not m.is_speakers]
        inside = [m for m in free if candidate.start <= m.start < candidate.end]
        extent = self._extent(candidate)
        part = self._part(candidate)
        fine = [m for m in inside if m.ref.level is not PlaceLevel.COUNTRY]
        chosen = [m for m in free if m.group in {f.group for f in fine}]
        if part and part[0].islower() and not fine and (town := self._own_town()):
            return (replace(town, part=part),), extent
        if chosen and all(m.is_generic for m in chosen):
            # "Izmail district: 16 thousand in the city and a thousand in villages"
            topic = [m for m in free if not m.is_generic and m.start < chosen[0].start]
            wide = [m for m in topic if m.ref.level in (PlaceLevel.RAION, PlaceLevel.HROMADA)]
            chosen = wide[-1:] or chosen
        if not chosen and extent is not None and (country := self._country()) is not None:
            return (replace(country, text=extent),), extent
        others = [m for m in free if m.ref.level is not PlaceLevel.COUNTRY]
        if not chosen:
            before = [m for m in others if m.start < candidate.start][-1:]
            chosen = [m for m in others if m.group in {n.group for n in before}]
        if not chosen:
            chosen = self._named_later(candidate, others)
        chosen = self._closer(candidate, chosen, others)
        if chosen and not any(m.is_aside for m in chosen):
            self.told[sentence.start] = chosen
        if not chosen:
            chosen = [m for m in inside if m.ref.level is PlaceLevel.COUNTRY][:1]
        if not chosen:
            speakers = [m for m in here if m.is_speakers]
            chosen = self._carried_or_speakers(sentence, candidate.rule.kind, speakers)
            if candidate.rule.kind in _OF_TOWNS:
                chosen = [self._town(m) for m in chosen]
        refs = tuple(dict.fromkeys(self._with_quarter(m) for m in chosen))
        if not refs and self.context:
            place = self.gazetteer.place(self.context[0])
            refs = (PlaceRef(text="", code=place.code, level=place.level),)
        if not refs and candidate.rule.kind is not ClaimKind.ALERT:
            refs = tuple(m.ref for m in away[:1])
        if not refs and self._is_national() and (country := self._country()) is not None:
            refs = (replace(country, text=""),)
        if not refs:
            refs = tuple(m.ref for m in (others or free)[:1])
        unique: dict[object, PlaceRef] = {}
        for ref in refs:
            if ref.part or (ref.code or ref.text) not in unique:
                unique[ref.code or ref.text] = ref
        refs = self._finest(tuple(unique.values()))
        if part and len(refs) == 1 and refs[0].level is not PlaceLevel.CITY_DISTRICT:
            refs = (replace(refs[0], part=part),)
        return refs, extent

    def _is_excepted(self, mention: PlaceMention, candidate: Candidate) -> bool:
        """Say whether a place is one of those that are left out ("everywhere except Lviv")."""
        if mention.start < candidate.at[0]:
            return False  # "except for Lviv, where hourly outages apply"
        first = max(candidate.sentence.start, mention.start - _EXCEPT_REACH)
        before = self.folded[first : mention.start]
        at = max((before.rfind(f"{w} ") for w in self.lexicon.places.get("except", ())), default=-1)
        return at >= 0 and not set(";:.") & set(before[at:])

    def _is_away(self, mention: PlaceMention, kind: ClaimKind | None) -> bool:
        """Say whether a place is told as where something comes from, or goes to.

        "Missiles from Crimea": a warning is for where they go.
        """
        return (kind in _WARNINGS and self._stands_after(_FROM, mention)) or self._stands_after(
            _AWAY, mention
        )

    def _stands_after(self, words: re.Pattern[str], mention: PlaceMention) -> bool:
        first = max(0, mention.start - _LONGEST_WAY)
        return words.search(self.folded, first, mention.start) is not None

    def _closer(
        self, candidate: Candidate, chosen: list[PlaceMention], others: list[PlaceMention]
    ) -> list[PlaceMention]:
        """Return the places that what stands right after the claim puts it at, if it does no more:
        "killed two residents of the region — in A and B", "the town was hit, district C"."""
        segments = candidate.sentence.segments
        after = next((s for s in segments if s[0] >= candidate.end), None)
        codes = {m.ref.code for m in chosen}
        if after is None or len(codes) != 1 or (outer := chosen[0].ref.code) is None:
            return chosen
        inner = [m for m in others if after[0] <= m.start < after[1]]
        if (
            not inner
            or not _SAYS_WHERE.match(self.folded[after[0] : inner[0].start])
            or self.text[inner[-1].end : after[1]].strip(' .!»”")')
            or any(not self._is_inside(m, outer) for m in inner)
        ):
            return chosen
        return inner

    def _is_inside(self, mention: PlaceMention, outer: PlaceCode) -> bool:
        code = mention.ref.code
        return code is not None and code != outer and self.gazetteer.contains(outer, code)

    def _named_later(self, candidate: Candidate, others: list[PlaceMention]) -> list[PlaceMention]:
        """Places named after the claim in its sentence: the first, or all that it "includes"."""
        for words in self.lexicon.places.get("subset", ()):
            # "9,340 customers, of them 2,110 in Romny": what follows is a part of the whole.
            at = self.folded.find(words, candidate.end, candidate.sentence.end)
            others = [m for m in others if at < 0 or m.start < at]
        plain = [m for m in others if not m.is_generic]
        listing = self.lexicon.includes.search(self.folded, candidate.end, candidate.sentence.end)
        if listing is not None and plain:
            start, end = next(
                s for s in candidate.sentence.segments if s[0] <= listing.start() < s[1]
            )
            return [m for m in plain if start <= m.start < end] or plain[:1]
        return [m for m in others if m.group in {n.group for n in plain[:1]}]

    def _finest(self, refs: tuple[PlaceRef, ...]) -> tuple[PlaceRef, ...]:
        """Leave out a town when its districts are named."""
        towns = {
            town.code
            for r in refs
            if r.level is PlaceLevel.CITY_DISTRICT
            and r.code is not None
            and (town := self.gazetteer.level_up(r.code, PlaceLevel.SETTLEMENT)) is not None
        }
        return tuple(r for r in refs if r.code not in towns)

    def _carried_or_speakers(
        self, sentence: Sentence, kind: ClaimKind | None, speakers: list[PlaceMention]
    ) -> list[PlaceMention]:
        """Prefer what the report was speaking of, unless it lies outside the speaker's oblast."""
        carried = self._carried(sentence, kind)
        if not speakers or not carried:
            return carried or speakers[:1]
        own, last = speakers[0].ref.code, carried[0].ref.code
        if own is None or last is None:
            return carried
        oblast = self.gazetteer.level_up(own, PlaceLevel.OBLAST)
        is_inside = oblast is not None and self.gazetteer.contains(oblast.code, last)
        return carried if is_inside else speakers[:1]

    def _carried(self, sentence: Sentence, kind: ClaimKind | None) -> list[PlaceMention]:
        """Places of the last sentence that asserted something; else those named last."""
        named, topics = self._named_places(is_listed=self._is_listed(sentence.start))
        n_before = bisect_left(named, sentence.start, key=_START)
        if n_before:
            last = topics[n_before - 1]
            if self.context and self._stands_after(_AWAY, named[last]):
                return []
            said = self._told_where(named[last])
            if said is not None:
                # What the last claim was of, not what was named beside it ("mostly in ...").
                said = [m for m in said if m.ref.code is not None]
                heading = [] if kind in _OF_LISTS else self._heading(said, named[:n_before])
                return heading or [self._whole(m) for m in said]
            rank, group = self._rank(named[last]), named[last].group
            first = last
            while first and named[first - 1].group == group:
                first -= 1
            return [self._whole(m) for m in named[first : last + 1] if self._rank(m) == rank]
        if self.context or self._is_national():
            return []
        return list(named[:1]) if len({m.ref.code for m in named}) == 1 else []

    def _named_places(self, *, is_listed: bool) -> tuple[tuple[PlaceMention, ...], list[int]]:
        """Return the places that a report may be speaking of; and after each of them the number of
        the one it is then speaking of.

        What the lines of a list name is spoken of in the list only.
        """
        if is_listed not in self._named:
            every = [
                m for m in self.places
                if not m.is_container and m.ref.level is not PlaceLevel.COUNTRY and m.ref.code
            ]  # fmt: skip
            plain = every if is_listed else [m for m in every if not self._is_listed(m.start)]
            named = tuple(plain or every)
            topics: list[int] = []
            for i, mention in enumerate(named):
                goes_on = i > 0 and self._rank(mention) < self._rank(named[topics[-1]])
                topics.append(topics[-1] if goes_on else i)
            self._named[is_listed] = named, topics
        return self._named[is_listed]

    def _is_listed(self, at: int) -> bool:
        """Say whether a line of a list stands here."""
        line = self.text.rfind("\n", 0, at) + 1
        return _LIST_MARK.match(self.text, line) is not None

    def _told_where(self, mention: PlaceMention) -> list[PlaceMention] | None:
        """Return where the last claim of the sentence of a place was, if places named told it."""
        number = number_of_sentence(self.sentences, mention.start)
        return None if number is None else self.told.get(self.sentences[number].start)

    def _rank(self, mention: PlaceMention) -> tuple[bool, bool, bool]:
        """Sort key of what is spoken of: no office's place, no aside, in a sentence that claims."""
        is_beside = mention.is_aside or any(
            self._stands_after(words, mention) for words in (_FROM, _AWAY)
        )
        return not mention.is_speakers, not is_beside, self._is_told(mention)

    def _is_told(self, mention: PlaceMention) -> bool:
        """Say whether the sentence of a place makes a claim."""
        number = number_of_sentence(self.sentences, mention.start)
        return number is not None and self.sentences[number].start in self.asserting

    def _heading(
        self, said: list[PlaceMention], before: tuple[PlaceMention, ...]
    ) -> list[PlaceMention]:
        """Return the raion or oblast that a report began with, where claims were of several places
        of it: what follows without a place is told of the whole again."""
        first = before[0]
        told = [m for places in self.told.values() for m in places if m.start <= said[-1].start]
        inner = [m for m in told if m.ref.code != first.ref.code] if first.is_generic else said
        if len({m.ref.code for m in inner}) < 2 or (outer := first.ref.code) is None:
            return []
        is_of_all = all(self._is_inside(m, outer) for m in inner)
        return [first] if is_of_all and not first.is_speakers and not first.is_aside else []

    def _whole(self, mention: PlaceMention) -> PlaceMention:
        """What goes on after a district is of its town where that, or another district of it, was
        named before: "Суми: приліт у Зарічному районі", but not "Суми, Зарічний район"."""
        if mention.ref.level is not PlaceLevel.CITY_DISTRICT or mention.ref.code is None:
            return mention
        whole = self._town(mention)
        for other in self.places:
            if other.start >= mention.start:
                break
            if other.group == mention.group or other.ref.code == mention.ref.code:
                continue
            if self._town(other).ref.code == whole.ref.code and not self._is_title(other, mention):
                return whole
        return mention

    def _town(self, mention: PlaceMention) -> PlaceMention:
        """Return the town of a district in its place; anything else as it is."""
        if mention.ref.level is not PlaceLevel.CITY_DISTRICT or mention.ref.code is None:
            return mention
        town = self.gazetteer.level_up(mention.ref.code, PlaceLevel.SETTLEMENT)
        if town is None:
            return mention
        ref = PlaceRef(text=mention.ref.text, code=town.code, level=town.level)
        return replace(mention, ref=ref)

    def _is_title(self, town: PlaceMention, district: PlaceMention) -> bool:
        """Say whether a town and its district are named in one breath, "Суми. Зарічний район"."""
        return self.text[town.end : district.start].strip() in {"", ",", ".", "|", "—", "/"}

    def _is_national(self) -> bool:
        """Say whether the channel is a body that speaks for the whole country."""
        if self.speaks_for is not None:
            return self.speaks_for is PlaceLevel.COUNTRY
        channel = fold(self.channel or "")
        return any(body in channel for body in self.lexicon.places.get("national_bodies", ()))

    def _own_town(self) -> PlaceRef | None:
        """The town that the channel's name gives, whose "left bank" is meant."""
        place = self.gazetteer.place(self.context[0]) if self.context else None
        if place is None or place.level is not PlaceLevel.SETTLEMENT:
            return None
        return PlaceRef(text="", code=place.code, level=place.level)

    def country(self) -> tuple[PlaceRef, ...]:
        """The whole country, meant but not named; empty where the gazetteer has none."""
        found = self._country()
        return () if found is None else (replace(found, text=""),)

    def _country(self) -> PlaceRef | None:
        found = country_of(self.gazetteer)
        if found is None:
            return None
        return PlaceRef(text=found.name_uk, code=found.code, level=found.level)

    def _extent(self, candidate: Candidate) -> str | None:
        """Words for how wide it was ("ten regions"), which count no strikes."""
        for number in self.numbers:
            if number.unit == "regions" and candidate.start <= number.start < candidate.end:
                tail = _WORD.match(self.text, number.unit_start)
                end = tail.end() if tail else number.end
                return self.text[number.start : end].rstrip(",.;:")
        return None

    def _part(self, candidate: Candidate) -> str | None:
        if self._parts is None:
            self._parts = [w for w in self.lexicon.places.get("parts", ()) if w in self.folded]
        for words in self._parts:
            at = self.folded.find(words, *candidate.said)
            if at >= 0:
                said = self.text[at : at + len(words)]
                return said if " " in said else said.lower()
        named = _QUARTER.search(self.text, *candidate.said)
        if named is not None:
            return named.group(1)
        return None

    def _with_quarter(self, mention: PlaceMention) -> PlaceRef:
        """Return the place of a mention, with the quarter where it is that of a town's."""
        if mention.is_generic or mention.ref.level is not PlaceLevel.SETTLEMENT:
            return mention.ref
        quarter = place_words(self.lexicon).quarter(self.folded, mention.start, mention.end)
        return mention.ref if quarter is None else replace(mention.ref, part=quarter[0])
