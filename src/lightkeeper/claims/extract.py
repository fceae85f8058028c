"""From a report to its claims, by rules alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from lightkeeper.claims.amounts import Amounts
from lightkeeper.claims.attribution import Voice, attribute, find_voices
from lightkeeper.claims.candidates import DENIABLE, Candidate, find_candidates, trim
from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon, load_lexicon
from lightkeeper.claims.locate import Locator
from lightkeeper.claims.model import (
    Attribution,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Layer,
    OutageType,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.claims.numbers import NumberMention, find_numbers, mask_numbers
from lightkeeper.claims.patterns import MatcherTable
from lightkeeper.claims.place_words import COMPANY, place_words
from lightkeeper.claims.places import PlaceFinder, PlaceMention
from lightkeeper.claims.sentences import (
    Quote,
    cut,
    find_quotes,
    mark_sentences,
    number_of_sentence,
    split_sentences,
)
from lightkeeper.claims.times import BY, TimeMention, find_times, mask_times
from lightkeeper.claims.together import Together
from lightkeeper.claims.visible import Visible, visible
from lightkeeper.errors import ReportUnreadable
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode
from lightkeeper.reports.model import Report

PART_CHARS = 20_000
PARTS = ("\n\n", "\n", ". ", " ")
"""Where a long report is parted, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """`time_zone`: of the clock times in reports. `recent_min`: how far back "there are
    explosions" of a dated message reaches. `max_chars`: a longer text is no one report.
    `part_chars`: a longer report is read in parts that share only channel and title, so that the
    time it takes grows as its length does. `lexicons`: a folder of own words and rules that come
    before those of the package."""

    time_zone: str = "Europe/Kyiv"
    recent_min: int = 30
    max_chars: int = 1_000_000
    part_chars: int = PART_CHARS
    lexicons: Path | None = None


WEAPON_KINDS = frozenset(
    {ClaimKind.STRIKE, ClaimKind.WEAPON, ClaimKind.DAMAGE, ClaimKind.EXPLOSIONS, ClaimKind.ALERT}
)
NARRATORS = frozenset(
    {SpeakerRole.LOCAL_RESIDENTS, SpeakerRole.WORKER, SpeakerRole.EXPERT, SpeakerRole.UNNAMED}
)
HEARSAY_OF = frozenset({SpeakerRole.MEDIA, SpeakerRole.SOCIAL_MEDIA, SpeakerRole.SELF})
TOLD_BY_HEARSAY = DENIABLE | {ClaimKind.WEAPON, ClaimKind.CASUALTIES, ClaimKind.SERVICES}
STATES = frozenset({ClaimKind.OUTAGE, ClaimKind.SERVICES, ClaimKind.CONDITIONS})
HEADED = STATES | {ClaimKind.CASUALTIES, ClaimKind.RESTORED}
DONE = frozenset({ClaimKind.DAMAGE, ClaimKind.RESTORED})
RECENT = frozenset({ClaimKind.EXPLOSIONS})
STRUCK = frozenset({"strike", "debris"})
_FROM = re.compile(r"(?<!\w)(?:from|з|із|зі|из|с|со)\s+\Z")
_TAGS = re.compile(r"\s*(?:#[\w'’-]+(?: [\w'’-]+){0,2}\s*){3,}")
_NOT = re.compile(r"(?<!\w)(?:не|not)\s+\Z")
_DASH = re.compile(r"\s*[—–-]\s")
_HIT = re.compile(r"влуч|поціл|попад|попал|прил[іеё]т|\bhit")
_CAUSE_REACH = 60
_NAMING_WORDS = 4
NATIONAL = frozenset({
    SpeakerRole.MILITARY, SpeakerRole.GOVERNMENT, SpeakerRole.SYSTEM_OPERATOR,
    SpeakerRole.ENERGY_OFFICIALS,
})  # fmt: skip
LONG_PAST = timedelta(days=10)
"""What ended so long before a message is told as background."""
CLASSES_OVER = {
    "aerial_bomb": {"KAB", "FAB"},
    "uav": {"shahed_uav", "fpv_drone"},
    "missile": {"cruise_missile", "ballistic_missile", "aeroballistic_missile"},
}


def extract(
    report: Report, gazetteer: Gazetteer, options: ExtractOptions | None = None
) -> list[Claim]:
    """Read the claims of a report.

    Every span is verbatim, every id the same for the same report. A report in a language without a
    lexicon has no claims. Nothing is filled in that the text, its channel's name and its time of
    publication do not give.

    Returns
    -------
    list[Claim]
        In the order of the text.

    Raises
    ------
    ReportUnreadable
        The text is longer than `max_chars`.
    """
    options = options or ExtractOptions()
    if len(report.text) > options.max_chars:
        raise ReportUnreadable(
            report.source,
            f"its text has {len(report.text)} characters, more than {options.max_chars}",
            "split it into single reports",
        )
    lexicon = load_lexicon(report.language, options.lexicons) if report.language else None
    if lexicon is None:
        return []
    seen = visible(report.text)
    finder = finder_of(gazetteer)
    claims: list[Claim] = []
    for start, end in cut(seen.text, 0, len(seen.text), longest=options.part_chars, marks=PARTS):
        part = replace(report, text=seen.text[start:end], title=_seen(report.title))
        found = _Reading(part, lexicon, finder, options).claims()
        claims += (_moved(c, start, seen, report.text) for c in found)
    return claims


def _seen(words: str | None) -> str | None:
    return None if words is None else visible(words).text


def read_places(report: Report, gazetteer: Gazetteer) -> tuple[PlaceRef, ...]:
    """Return every place a report names, in order, whether or not anything is claimed of it."""
    lexicon = load_lexicon(report.language) if report.language else None
    if lexicon is None:
        return ()
    refs: list[PlaceRef] = []
    seen = visible(report.text).text
    for start, end in cut(seen, 0, len(seen), longest=PART_CHARS, marks=PARTS):
        text = seen[start:end]
        refs += (m.ref for m in finder_of(gazetteer).find(text, fold(text), lexicon))
    return tuple(refs)


def _moved(claim: Claim, by: int, seen: Visible, text: str) -> Claim:
    """Return a claim of what is seen of a part of a report as one of the report's own text."""
    if by == 0 and seen.text is text:
        return claim

    def moved(span: Span) -> Span:
        start, end = seen.original(span.start + by, span.end + by)
        return Span(start, end, text[start:end])

    said = claim.attribution
    if said.span is not None:
        said = replace(said, span=moved(said.span))
    span = moved(claim.span)
    _, number, again = claim.id.partition("#")
    claim_id = ClaimId(f"{claim.report}:{claim.kind}:{span.start}{number}{again}")
    return replace(claim, id=claim_id, span=span, attribution=said)


@lru_cache(maxsize=4)
def finder_of(gazetteer: Gazetteer) -> PlaceFinder:
    """Return the finder of a gazetteer's places, which remembers what it has looked up."""
    return PlaceFinder(gazetteer)


class _Reading:
    """One report being read: what was found in it, before claims are put together."""

    def __init__(
        self, report: Report, lexicon: Lexicon, finder: PlaceFinder, options: ExtractOptions
    ) -> None:
        self.report, self.lexicon, self.options = report, lexicon, options
        self.gazetteer = finder.gazetteer
        text = report.text
        self.text, self.folded = text, fold(text)
        self.quotes: tuple[Quote, ...] = find_quotes(text)
        self.sentences = split_sentences(
            text, lexicon.abbreviations, lexicon.conjunctions, self.folded
        )
        self.folded = mark_sentences(self.folded, self.sentences)
        zone = ZoneInfo(options.time_zone)
        self.times: tuple[TimeMention, ...] = find_times(
            self.folded, lexicon, report.published_at, zone
        )
        blocked = tuple((t.start, t.end) for t in self.times)
        self.numbers: tuple[NumberMention, ...] = find_numbers(self.folded, lexicon, blocked)
        self.masked = mask_times(mask_numbers(self.folded, self.numbers), self.times)
        self.context = self._context(finder)
        self._of_all: frozenset[Layer] | None = None
        self.places: tuple[PlaceMention, ...] = finder.find(
            text, self.folded, lexicon, context=self.context
        )
        self.voices: tuple[Voice, ...] = find_voices(
            text, self.folded, self.sentences, self.quotes, lexicon
        )
        self.speaker_places = self._mark_speakers_places()
        self.amounts = Amounts(folded=self.folded, lexicon=lexicon, numbers=self.numbers)
        self.locator = Locator(
            text=text,
            folded=self.folded,
            channel=report.channel,
            lexicon=lexicon,
            gazetteer=self.gazetteer,
            sentences=self.sentences,
            places=self.places,
            numbers=self.numbers,
            context=self.context,
        )

    def claims(self) -> list[Claim]:
        candidates = find_candidates(self.masked, self.sentences, self.lexicon)
        title_end = self._title_end()
        candidates = [c for c in candidates if not self._is_of_tags(c[0])]
        body = [c for c in candidates if c[0].start >= title_end]
        owned = self.amounts.own(body or candidates)
        self.locator.asserting = {c.sentence.start for c, _ in body or candidates}
        out: dict[ClaimId, Claim] = {}
        for candidate, kind in body or candidates:
            claim = self._claim(candidate, kind, owned.get(candidate.at, []))
            if claim is not None:
                n = 1
                while claim.id in out:
                    n += 1
                    claim = replace(claim, id=ClaimId(f"{claim.id.partition('#')[0]}#{n}"))
                out[claim.id] = claim
        together = Together(
            folded=self.folded,
            lexicon=self.lexicon,
            gazetteer=self.gazetteer,
            sentences=self.sentences,
            places=self.places,
        )
        return together.see(list(out.values()))

    # ------------------------------------------------------------------ context

    def _context(self, finder: PlaceFinder) -> tuple[PlaceCode, ...]:
        """Places that the channel's name, then the title, give."""
        codes: list[PlaceCode] = []
        for words in (self.report.channel, self.report.title):
            if words:
                codes += finder.find_first(words, fold(words), self.lexicon)
        return tuple(codes)

    def _is_of_tags(self, candidate: Candidate) -> bool:
        """Say whether the line is a list of tags ("#Kyiv #Missile strikes #Energy"): topics."""
        start = self.text.rfind("\n", 0, candidate.start) + 1
        end = self.text.find("\n", candidate.start)
        return _TAGS.fullmatch(self.text, start, len(self.text) if end < 0 else end) is not None

    def _title_end(self) -> int:
        """Where the body begins: a heading says again, and less exactly, what the body says."""
        title = self.report.title
        stripped = self.text.lstrip().lstrip("#").lstrip()
        if title and stripped.startswith(title):
            return self.text.index(title) + len(title)
        return 0

    def _mark_speakers_places(self) -> dict[int, PlaceRef]:
        """Find the places that belong to an office ("Odesa Governor"), by where the office is."""
        found: dict[int, PlaceRef] = {}
        marked: list[PlaceMention] = []
        for mention in self.places:
            voice = next((v for v in self.voices if self._belongs(mention, v)), None)
            if voice is not None:
                found.setdefault(voice.role_start, mention.ref)
            says = self.lexicon.speech.match(self.folded, mention.end + 1)
            is_metonym = says is not None and self.lexicon.language == "en"  # "Kyiv says"
            if (
                voice is not None
                or is_metonym
                or COMPANY.fullmatch(self.folded, mention.start, mention.end)
            ):
                mention = replace(mention, is_speakers=True)
            marked.append(mention)
        self.places = tuple(marked)
        return found

    def _belongs(self, mention: PlaceMention, voice: Voice) -> bool:
        if voice.role_start <= mention.start < voice.role_end:
            return True
        if mention.end <= voice.role_start:
            between = self.text[mention.end : voice.role_start]
        elif mention.start >= voice.role_end:
            between = self.text[voice.role_end : mention.start]
            return len(between) <= 6 and between.strip().lower() in {"", "of", "in", "м.", "міста"}
        else:
            return False
        return between.strip() in {"", "'s", "’s"} and len(between) <= 3

    # ------------------------------------------------------------------ one claim

    def _claim(
        self, candidate: Candidate, kind: ClaimKind, numbers: list[NumberMention]
    ) -> Claim | None:
        rule = candidate.rule
        if kind is ClaimKind.WEAPON:
            candidate = self._with_named_weapons(candidate)
        if kind is ClaimKind.OUTAGE and self.text[candidate.end : candidate.end + 1] == ":":
            # "Emergency outages on the left bank: districts A, B and C"
            end = candidate.sentence.end
            candidate = replace(candidate, end=end, said=(candidate.said[0], end))
        elif kind is ClaimKind.OUTAGE and _DASH.match(self.text, candidate.end):
            # "Without light — about a third of the town"
            after = next((s for s in candidate.sentence.segments if s[0] >= candidate.end), None)
            if after is not None and not self._has_claim(after):
                candidate = replace(candidate, end=after[1], said=(candidate.said[0], after[1]))
        start, end = trim(self.text, *candidate.said)
        if start >= end:
            return None
        places, extent = self.locator.locate(candidate)
        attribution = attribute(
            self.text, candidate.at[0], candidate.at[1], candidate.sentence, self.sentences,
            self.quotes, self.voices, places, self.speaker_places, self.gazetteer,
        )  # fmt: skip
        if attribution.role in NATIONAL and places and all(not p.text for p in places):
            # A body of the whole country, told by a paper of one town: the town is not meant.
            places = self.locator.country() or places
        is_denied = not rule.is_negated and self._is_denied(candidate, kind)
        if is_denied and kind is ClaimKind.ALERT:
            return None  # "We deny it: no drone flew over the town"
        layer = self._layer(candidate, kind, attribution, places, is_denied=is_denied)
        time = self._time(candidate, kind, layer)
        published = self.report.published_at
        if layer is Layer.INCIDENT and published is not None and _is_long_past(time, published):
            layer = Layer.CONTEXT
        count, customers = self.amounts.counts(candidate, kind, numbers)
        weapons = self._weapons(candidate) if kind in WEAPON_KINDS else None
        if weapons is None and kind is ClaimKind.STRIKE:
            weapons = self._weapons_after(candidate)
        if kind is ClaimKind.WEAPON and weapons is None:
            return None
        target = self._target(candidate) if kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE} else None
        if kind in {ClaimKind.SERVICES, ClaimKind.REPAIR}:
            services = self._services(candidate)
        else:
            services = ()
        return Claim(
            id=ClaimId(f"{self.report.id}:{kind}:{start}"),
            report=self.report.id,
            kind=kind,
            layer=layer,
            span=Span(start, end, self.text[start:end]),
            attribution=attribution,
            places=places,
            time=time,
            count=count,
            customers=customers,
            weapons=weapons,
            target=rule.target or target,
            effect=rule.effect or self._how_far(candidate, kind) or self._hit(candidate, target),
            outage_type=self._outage_type(candidate, kind),
            extent=rule.extent or extent,
            services=services,
            casualties=self.amounts.casualties(candidate, numbers) if rule.status else None,
            subject=rule.subject,
            alert_type=rule.alert_type,
            temperature_c=self.amounts.temperature_c(candidate)
            if kind is ClaimKind.CONDITIONS
            else None,
            cause=rule.cause or self._cause(candidate, kind),
            certainty=Certainty.UNKNOWN if is_denied else self._certainty(candidate),
            is_negated=rule.is_negated or is_denied,
        )

    # ------------------------------------------------------------------ who, how surely, what of

    def _hit(self, candidate: Candidate, target: str | None) -> str | None:
        """Say that a strike told as a hit on something hit it."""
        if candidate.rule.kind is not ClaimKind.STRIKE or target is None:
            return None
        return "hit" if _HIT.search(self.folded, *candidate.at) else None

    def _how_far(self, candidate: Candidate, kind: ClaimKind) -> str | None:
        """Say how much of the place an outage took, if the words say one thing only."""
        if kind is not ClaimKind.OUTAGE or candidate.rule.is_negated:
            return None
        found = {
            name
            for name, pattern in self.lexicon.extents.present(self.folded)
            if pattern.search(self.folded, *candidate.said)
        }
        return found.pop() if len(found) == 1 else None

    def _certainty(self, candidate: Candidate) -> Certainty:
        if candidate.rule.certainty is not None:
            return candidate.rule.certainty
        if candidate.rule.subject or candidate.rule.status == CasualtyStatus.NOT_RELEASED:
            return Certainty.OBSERVED  # what is being established is surely not known
        sentence = candidate.sentence
        found: list[tuple[int, Certainty]] = []
        first_segment = sentence.segments[0]
        # "The rumour is not confirmed, nobody was hurt": what is said against it is no hearsay.
        is_denial = candidate.rule.is_negated or candidate.rule.status == CasualtyStatus.ZERO
        for (order, certainty), pattern in self.lexicon.certainty.present(self.folded):
            if certainty is Certainty.UNKNOWN and is_denial:
                continue
            for match in pattern.finditer(self.folded, sentence.start, sentence.end):
                at = match.start()
                if any(t.start <= at < t.end for t in self.times):
                    continue  # "In May" is no possibility
                if certainty is Certainty.POSSIBLE and _NOT.search(self.folded, max(0, at - 4), at):
                    continue  # "cannot enter" is no possibility
                is_inside = candidate.start <= at < candidate.end
                # Hearsay taints the whole sentence; "being clarified" the weapon it follows.
                is_inside |= certainty is Certainty.UNKNOWN
                is_inside |= candidate.rule.kind is ClaimKind.WEAPON and at >= candidate.start
                opens = at < first_segment[1] and candidate.start >= first_segment[1]
                is_lead = opens and not self._has_claim(first_segment)
                is_tail = certainty is Certainty.PRELIMINARY and at >= candidate.end
                is_lead |= is_tail and not any(
                    self._has_claim(s) for s in sentence.segments if s[0] >= candidate.end
                )
                just_before = at < candidate.start and not self._between(match.end(), candidate)
                if is_inside or is_lead or just_before:
                    found.append((order, certainty))
        return min(found)[1] if found else Certainty.OBSERVED

    def _is_denied(self, candidate: Candidate, kind: ClaimKind) -> bool:
        """Say whether the report itself calls untrue what this sentence tells, or does so in a
        short sentence right after ("Fake.")."""
        if kind not in DENIABLE | {ClaimKind.ALERT} and not (
            kind is ClaimKind.CASUALTIES and candidate.rule.status == CasualtyStatus.COUNTED
        ):
            return False
        sentence = candidate.sentence
        area = (sentence.start, sentence.end)
        if kind is ClaimKind.CASUALTIES:
            area = (candidate.start, candidate.end)  # the corrected number is told beside
        denial = self.lexicon.denials.search(self.folded, *area)
        if denial is not None:
            # "Denied that all was dark, saying that one feeder was off": that it was.
            at = candidate.at[0]
            return self.lexicon.instead.search(self.folded, denial.end(), at) is None or (
                denial.end() > at
            )
        number = number_of_sentence(self.sentences, sentence.start)
        if number is None or number + 1 == len(self.sentences):
            return False
        after = self.sentences[number + 1]
        found = self.lexicon.denials.search(self.folded, after.start, after.end)
        return found is not None and len(self.folded[after.start : found.start()].split()) <= 3

    def _has_claim(self, segment: tuple[int, int]) -> bool:
        return any(
            rule.kind is not None and when.search(self.masked, *segment)
            for rule, when in self.lexicon.rules_when.present(self.masked)
        )

    def _between(self, end: int, candidate: Candidate) -> bool:
        return len(self.text[end : candidate.start].strip(" ,:—–-")) > 0

    def _layer(
        self,
        candidate: Candidate,
        kind: ClaimKind,
        attribution: Attribution,
        places: tuple[PlaceRef, ...],
        *,
        is_denied: bool,
    ) -> Layer:
        if candidate.rule.layer is not None:
            is_expert = attribution.role is SpeakerRole.EXPERT
            is_opinion = is_expert and candidate.rule.layer is Layer.CONTEXT
            return Layer.NARRATIVE if is_opinion else candidate.rule.layer
        sentence = candidate.sentence
        for wanted in (Layer.OUT_OF_SCOPE, Layer.CONTEXT, Layer.NARRATIVE):
            if wanted in self._layers_of_all():
                return wanted
            for (layer, reach), pattern in self.lexicon.layers.present(self.folded):
                if layer is not wanted or reach == "report":
                    continue
                area = (sentence.start, sentence.end)
                if reach == "segment":
                    area = (candidate.start, candidate.end)
                if pattern.search(self.folded, *area):
                    return layer
        abroad = place_words(self.lexicon).abroad
        for at, _ in abroad(self.folded, sentence.start, sentence.end):
            # "Drones launched from Kursk" come from there; what is told happens here.
            if not _FROM.search(self.folded, max(0, at - 6), at):
                return Layer.OUT_OF_SCOPE
        in_quote = any(q.start <= candidate.at[0] < q.end for q in self.quotes)
        if in_quote and attribution.role in NARRATORS:
            return Layer.NARRATIVE
        if attribution.role in NARRATORS - {SpeakerRole.UNNAMED}:
            return Layer.NARRATIVE
        if (
            attribution.role in HEARSAY_OF
            and kind in TOLD_BY_HEARSAY
            and self._certainty(candidate) is Certainty.UNKNOWN
            and not candidate.rule.is_negated
            and not is_denied
        ):
            return Layer.NARRATIVE
        return Layer.INCIDENT

    def _layers_of_all(self) -> frozenset[Layer]:
        """Return the layers that words anywhere give to the whole report; looked for once."""
        if self._of_all is None:
            self._of_all = frozenset(
                layer
                for (layer, reach), pattern in self.lexicon.layers.present(self.folded)
                if reach == "report" and pattern.search(self.folded) is not None
            )
        return self._of_all

    def _time(self, candidate: Candidate, kind: ClaimKind, layer: Layer) -> TimeRef | None:
        sentence = candidate.sentence
        inside = [t for t in self.times if sentence.start <= t.start < sentence.end]
        at = self.report.published_at
        if at is not None and kind in STATES:
            # "Without power after last night's attack" holds now; the night is that of the attack.
            inside = [
                t for t in inside if t.time.precision != BY and not self._is_of_cause(t, candidate)
            ]
        ranges = [t for t in inside if t.time.precision == "range"]
        if len(ranges) == 1 and (
            kind is ClaimKind.SCHEDULE or candidate.rule.outage_type is OutageType.PLANNED_WORKS
        ):
            return ranges[0].time  # "today, for queues 5 and 6 (12:00-16:00)"
        own = [t for t in inside if candidate.start <= t.start < candidate.end]
        before = [t for t in inside if t.start < candidate.start]
        if own or before:
            said = (own or before[-1:])[0].time
            return _to_come(said, at) if kind is ClaimKind.FORECAST else _state_time(said, kind)
        if kind not in STATES and len(inside) == 1 and not self._is_of_other(inside[0], candidate):
            said = inside[0].time
            return _to_come(said, at) if kind is ClaimKind.FORECAST else said
        headed = self._headed_time(candidate) if kind in HEADED else None
        if headed is not None:
            return _state_time(headed, kind)
        if candidate.rule.when_told is not None and at is not None and layer is Layer.INCIDENT:
            at = at.astimezone(UTC)
            since = {"recent": timedelta(minutes=self.options.recent_min), "ongoing": timedelta(0)}
            told = candidate.rule.when_told
            precision = "recent" if told == "recent" else "as_of"
            return TimeRef(text="", from_at=at - since[told], to_at=at, precision=precision)
        if at is None or layer is not Layer.INCIDENT or candidate.rule.is_negated:
            return None
        return _as_published(kind, at, timedelta(minutes=self.options.recent_min))

    def _is_of_other(self, mention: TimeMention, candidate: Candidate) -> bool:
        """Say whether a time stands in a segment that another claim is told in."""
        return any(
            first <= mention.start < last and self._has_claim((first, last))
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

    def _is_of_cause(self, mention: TimeMention, candidate: Candidate) -> bool:
        """Say whether a part of a day is told of the cause of what the claim tells."""
        if mention.time.precision == "as_of":
            return False
        before = max(candidate.sentence.start, mention.start - _CAUSE_REACH)
        joint = [m.end() for m in self.lexicon.because.finditer(self.folded, before, mention.start)]
        if not joint:
            return False
        # Words of the claim between the joint and the time make the time the claim's own.
        return candidate.at[0] > mention.start or candidate.at[1] <= joint[-1]

    # ------------------------------------------------------------------ things

    def _weapons(self, candidate: Candidate) -> Weapons | None:
        found = self._things(self.lexicon.weapons, candidate.start, candidate.end)
        if not found:
            return None
        items = list(dict.fromkeys(name for _, _, name in found))
        fine = [
            i for i in items
            if not any(i == over and set(items) & under for over, under in CLASSES_OVER.items())
        ]  # fmt: skip
        if len(fine) == 1:
            return Weapons(mode="one", items=tuple(fine))
        first, last = min(f[0] for f in found), max(f[1] for f in found)
        is_either = self.lexicon.either.search(self.folded, max(candidate.start, first - 12), last)
        return Weapons(mode="either" if is_either else "both", items=tuple(sorted(fine)))

    def _weapons_after(self, candidate: Candidate) -> Weapons | None:
        """Return the weapons that a few words right after a strike name ("a strike, a drone")."""
        for first, last in candidate.sentence.segments:
            if first < candidate.end:
                continue
            if len(self.text[first:last].split()) <= _NAMING_WORDS and (
                found := self._weapons(replace(candidate, start=first, end=last))
            ):
                return found
            if self._has_claim((first, last)):
                return None
        return None

    def _with_named_weapons(self, candidate: Candidate) -> Candidate:
        """Take in the segments in which a claim about the weapon goes on to name it."""
        end = candidate.end
        for first, last in candidate.sentence.segments:
            if first >= end and self._things(self.lexicon.weapons, first, last):
                end = last
        said = max(candidate.said[1], end)
        # What stands in brackets explains a word; the span that is claimed ends before it.
        bracket = self.text.find("(", candidate.said[1], said)
        said = said if bracket < 0 else bracket
        return replace(candidate, end=end, said=(candidate.said[0], said))

    def _target(self, candidate: Candidate) -> str | None:
        found = self._things(self.lexicon.targets, candidate.start, candidate.end)
        if not found:
            return None
        after = sorted(f for f in found if f[0] >= candidate.at[0]) or sorted(found)
        # "A railway substation": of an adjective and its noun the noun says what it is.
        first = after[0]
        for other in after[1:]:
            if other[0] - first[1] == 1:
                first = other
        return first[2]

    def _things(self, table: MatcherTable[str], start: int, end: int) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for name, pattern in table.present(self.folded):
            for match in pattern.finditer(self.folded, start, end):
                if not any(s <= match.start() and match.end() <= e for s, e, _ in found):
                    found.append((match.start(), match.end(), name))
        return sorted(found)

    def _services(self, candidate: Candidate) -> tuple[str, ...]:
        found = self._things(self.lexicon.services, candidate.start, candidate.sentence.end)
        own = [f for f in found if f[0] < candidate.end]
        if candidate.rule.kind is ClaimKind.SERVICES:
            own = [f for f in own if f[2] != "electricity"] or found
        if candidate.rule.effect == "disrupted":
            own = found
        return tuple(dict.fromkeys(name for _, _, name in own))

    def _outage_type(self, candidate: Candidate, kind: ClaimKind) -> OutageType | None:
        if candidate.rule.outage_type is not None:
            return candidate.rule.outage_type
        if kind is not ClaimKind.OUTAGE:
            return None
        cause = self._cause(candidate, kind)
        types = {
            "weather": OutageType.WEATHER,
            "technical": OutageType.TECHNICAL,
            "strike": OutageType.DAMAGE,
            "debris": OutageType.DAMAGE,
        }
        return types.get(cause or "", OutageType.UNKNOWN)

    def _cause(self, candidate: Candidate, kind: ClaimKind) -> str | None:
        if kind not in {ClaimKind.OUTAGE, ClaimKind.DAMAGE, ClaimKind.WEAPON}:
            return None
        sentence = candidate.sentence
        found = self._things(self.lexicon.causes, sentence.start, sentence.end)
        if kind is ClaimKind.OUTAGE:
            found = [f for f in found if f[2] not in STRUCK or self._is_said_cause(f[0], candidate)]
        return found[0][2] if found else None

    def _is_said_cause(self, at: int, candidate: Candidate) -> bool:
        """Say whether words make what stands at `at` the cause of a claim of its sentence."""
        before = max(candidate.sentence.start, at - _CAUSE_REACH)
        if self.lexicon.because.search(self.folded, before, at):
            return True
        return at < candidate.at[0] and (
            self.lexicon.leads_to.search(self.folded, at, candidate.at[1]) is not None
        )


def _to_come(time: TimeRef, published_at: datetime | None) -> TimeRef:
    """What is expected "by 18:00" is so on the day of the message, or on the next."""
    if published_at is None or time.to_at is None:
        return time
    if time.precision == "minute":
        time = replace(time, from_at=None, precision="as_of")
    if time.from_at is not None or time.to_at is None:
        return time
    end = time.to_at
    while end < published_at:
        end += timedelta(days=1)
    return replace(time, to_at=end)


def _is_long_past(time: TimeRef | None, published_at: datetime) -> bool:
    """Say whether a time lies so far back that it is told as background."""
    if time is None or time.to_at is None:
        return False
    # "In January" sums up, though the month ended but yesterday.
    limit = timedelta(0) if time.precision in {"month", "year"} else LONG_PAST
    return published_at - time.to_at > limit


def _state_time(time: TimeRef, kind: ClaimKind) -> TimeRef:
    """A state "as of 08:00" held at that moment; what was done by then has an open beginning."""
    if kind in STATES and time.precision == "as_of" and time.from_at is None:
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
