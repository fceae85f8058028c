"""From a report to its claims, by rules alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from lightkeeper.claims.amounts import Amounts
from lightkeeper.claims.attribution import Voice, attribute, find_voices
from lightkeeper.claims.candidates import DENIABLE, Candidate, find_candidates, trim
from lightkeeper.claims.claim_times import ClaimTimes, is_long_past, is_summary
from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon, load_lexicon
from lightkeeper.claims.listing import with_lists
from lightkeeper.claims.locate import Locator
from lightkeeper.claims.model import (
    Attribution,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Layer,
    PlaceRef,
    Span,
    SpeakerRole,
    Weapons,
)
from lightkeeper.claims.numbers import NumberMention, find_numbers, mask_numbers
from lightkeeper.claims.place_mentions import PlaceMention
from lightkeeper.claims.place_words import COMPANY, place_words
from lightkeeper.claims.places import PlaceFinder
from lightkeeper.claims.sentences import (
    Quote,
    cut,
    find_quotes,
    mark_sentences,
    number_of_sentence,
    split_sentences,
)
from lightkeeper.claims.things import Things
from lightkeeper.claims.times import TimeMention, find_times, mask_times
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
_FROM = re.compile(r"(?<!\w)(?:from|з|із|зі|из|с|со)\s+\Z")
_TAGS = re.compile(r"\s*(?:#[\w'’-]+(?: [\w'’-]+){0,2}\s*){3,}")
_MANY = re.compile(r"(?:[іиыs]|ів|ей|ян|[ая]м|[ая]ми|цев|люди)\Z", re.IGNORECASE)
_NOT = re.compile(r"(?<!\w)(?:не|not)\s+\Z")
_INNER_STOP = re.compile(r"\.(?=[ \t])")
_DASH = re.compile(r"\s*[—–-]\s")
NATIONAL = frozenset({
    SpeakerRole.MILITARY, SpeakerRole.GOVERNMENT, SpeakerRole.SYSTEM_OPERATOR,
    SpeakerRole.ENERGY_OFFICIALS,
})  # fmt: skip


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


def _are_many(attribution: Attribution) -> bool:
    """Say whether residents speak as one ("people in the district say"), not a person of his own
    home."""
    return (
        attribution.role is SpeakerRole.LOCAL_RESIDENTS
        and attribution.name is None
        and bool(attribution.chain)
        and _MANY.search(attribution.chain[-1]) is not None
    )


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
        masked = mask_times(mask_numbers(self.folded, self.numbers), self.times)
        # What stops are left within a sentence are those of abbreviations; rules run on over them.
        self.masked = _INNER_STOP.sub(" ", masked)
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
            speaks_for=report.speaks_for,
        )

        self.things = Things(
            text=text, folded=self.folded, lexicon=lexicon, has_claim=self._has_claim
        )
        self.when = ClaimTimes(
            folded=self.folded,
            lexicon=lexicon,
            times=self.times,
            sentences=self.sentences,
            locator=self.locator,
            published_at=report.published_at,
            recent_min=options.recent_min,
            has_claim=self._has_claim,
        )

    def claims(self) -> list[Claim]:
        candidates = find_candidates(self.masked, self.sentences, self.lexicon)
        title_end = self._title_end()
        candidates = [c for c in candidates if not self._is_of_tags(c[0])]
        if ":" in self.text:
            candidates = with_lists(
                candidates, self.text, self.sentences, self.places, self.numbers
            )
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
        """Places that the name of the channel it was first told in, then its own, then the title
        give."""
        codes: tuple[PlaceCode, ...] = ()
        if self.report.forwarded_from:
            codes = finder.of_channel(self.report.forwarded_from, self.lexicon, None)
        if self.report.channel:
            speaks_for = self.report.speaks_for
            codes += finder.of_channel(self.report.channel, self.lexicon, speaks_for)
        if self.report.title:
            codes += finder.find_first(self.report.title, fold(self.report.title), self.lexicon)
        return codes

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
        if mention.start < voice.role_end and voice.role_start < mention.end:
            return True  # also "the Izmail district administration"
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
            candidate = self.things.with_named_weapons(candidate)
        rest = (candidate.end, candidate.sentence.end)
        if (
            kind is ClaimKind.OUTAGE
            and self.text[candidate.end : candidate.end + 1] == ":"
            and not self._has_claim(rest)
        ):
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
            self.quotes, self.voices, places, self.speaker_places, self.gazetteer, kind,
        )  # fmt: skip
        if attribution.role in NATIONAL and places and all(not p.text for p in places):
            # A body of the whole country, told by a paper of one town: the town is not meant.
            places = self.locator.country() or places
        is_denied = not rule.is_negated and self._is_denied(candidate, kind)
        if is_denied and kind is ClaimKind.ALERT:
            return None  # "We deny it: no drone flew over the town"
        layer = self._layer(candidate, kind, attribution, places, is_denied=is_denied)
        time = self.when.of(candidate, kind, layer)
        published = self.report.published_at
        if (
            layer is Layer.INCIDENT
            and published is not None
            and (is_long_past(time, published) or is_summary(time, kind, published))
        ):
            layer = Layer.CONTEXT
        count, customers = self.amounts.counts(candidate, kind, numbers)
        weapons = self.things.weapons(candidate) if kind in WEAPON_KINDS else None
        if kind is ClaimKind.STRIKE and any(n.unit == "weapons" for n in numbers):
            launched = [n.unit_start for n in self.numbers if n.unit == "weapons"]
            weapons = self.things.all_launched(candidate, launched)
        if weapons is None and kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE} and not rule.is_negated:
            weapons = self.things.weapons_before(candidate)
        if weapons is None and kind is ClaimKind.STRIKE:
            weapons = self.things.weapons_after(candidate)
        if kind is ClaimKind.WEAPON and weapons is None:
            return None
        target = (
            self.things.target(candidate, self.amounts.counted(numbers))
            if kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE}
            else None
        )
        if kind in {ClaimKind.SERVICES, ClaimKind.REPAIR}:
            services = self.things.services(candidate)
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
            effect=self._effect(candidate, kind, places)
            or self.things.how_far(candidate, kind)
            or self.things.hit(candidate, target),
            outage_type=self.things.outage_type(candidate, kind),
            extent=rule.extent or extent,
            services=services,
            casualties=self.amounts.casualties(candidate, numbers) if rule.status else None,
            subject=rule.subject,
            alert_type=rule.alert_type,
            temperature_c=self.amounts.temperature_c(candidate)
            if kind is ClaimKind.CONDITIONS
            else None,
            cause=rule.cause or self.things.cause(candidate, kind),
            certainty=Certainty.UNKNOWN
            if is_denied
            else self._certainty_of(candidate, kind, attribution, weapons),
            is_negated=rule.is_negated or is_denied,
        )

    # ------------------------------------------------------------------ who, how surely, what of

    def _effect(
        self, candidate: Candidate, kind: ClaimKind, places: tuple[PlaceRef, ...]
    ) -> str | None:
        """Return the effect of the rule, unless the words beside it say how much of the place."""
        effect = candidate.rule.effect
        if kind is ClaimKind.OUTAGE and effect == "total":
            return self.things.how_far(candidate, kind) or effect
        if (
            kind is ClaimKind.RESTORED
            and effect == "partial"
            and any(p.text for p in places)
            and not self.things.is_of_part(candidate)
            and not any(candidate.start <= n.start < candidate.end for n in self.numbers)
        ):
            return "full"  # "Bobrovytsia has power again"
        return effect

    def _certainty_of(
        self,
        candidate: Candidate,
        kind: ClaimKind,
        attribution: Attribution,
        weapons: Weapons | None,
    ) -> Certainty:
        found = self._certainty(candidate)
        if found is not Certainty.OBSERVED or candidate.rule.is_negated:
            return found
        if attribution.role is SpeakerRole.SOCIAL_MEDIA and kind in TOLD_BY_HEARSAY:
            return Certainty.UNKNOWN
        if kind is ClaimKind.WEAPON and weapons is not None and weapons.mode == "either":
            return Certainty.POSSIBLE
        return found

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
                if (
                    candidate.rule.kind is ClaimKind.STRIKE
                    and at >= candidate.at[1]
                    and self.things.names_weapon_at(match.end())
                ):
                    continue  # "hit by what appears to be a missile": it was hit
                # Hearsay taints the whole sentence; "being clarified" the weapon it follows.
                is_inside |= certainty is Certainty.UNKNOWN
                is_inside |= candidate.rule.kind is ClaimKind.WEAPON and at >= candidate.start
                opens = at < first_segment[1] and candidate.start >= first_segment[1]
                is_lead = opens and not self._has_claim(first_segment)
                is_tail = certainty is Certainty.PRELIMINARY and at >= candidate.end
                # "They dropped bombs, preliminarily two": the number is preliminary.
                is_tail &= not any(0 <= n.start - match.end() <= 4 for n in self.numbers)
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
        is_told_of = attribution.role is SpeakerRole.EXPERT and candidate.rule.subject is not None
        # "Specialists assess the damage": who finds out says nothing yet.
        narrates = attribution.role in NARRATORS - {SpeakerRole.UNNAMED} and not is_told_of
        if narrates and not _are_many(attribution):
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
