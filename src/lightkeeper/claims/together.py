"""Claims of one report seen together: what one says of the fields of another.

A claim read alone knows its sentence. That it is dark because of the hit told a sentence before, or
that nobody was hurt anywhere the report speaks of, shows only when they stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import (
    CasualtyStatus,
    Claim,
    ClaimKind,
    Layer,
    OutageType,
    PlaceRef,
)
from lightkeeper.claims.place_mentions import PlaceMention
from lightkeeper.claims.sentences import Sentence, number_of_sentence
from lightkeeper.claims.things import CLASSES_OVER
from lightkeeper.region.gazetteer import Gazetteer

ENERGY_TARGETS = frozenset({
    "energy_facility", "substation", "transformer", "power_line", "power_plant", "chp_plant",
    "energy_system",
})  # fmt: skip
_HOURS = re.compile(r"\d:\d\d|\d\s?[ap]\.?m\b")
_WHY = re.compile(r"(?<!\w)(?:cause|reason|причин\w+)(?!\w)")
NATURAL = frozenset({"weather", "technical"})
GOING_ON = frozenset({
    ClaimKind.STRIKE, ClaimKind.EXPLOSIONS, ClaimKind.SCHEDULE, ClaimKind.OUTAGE,
})  # fmt: skip
MAX_CAUSE_WORDS = 4
ATTACK_TIMES = frozenset({"night", "recent", "part_of_day", "day"})
MAX_ATTACK_GAP = 2
HARM_REACH = 3
"""How many sentences after damage to a place an outage there is taken to come of it."""
MAX_SUMMARY_PLACES = 6
"""A report that speaks of more places is a summary itself; nothing is said of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What is needed of one report to see its claims together."""

    folded: str
    lexicon: Lexicon
    gazetteer: Gazetteer
    sentences: tuple[Sentence, ...]
    places: tuple[PlaceMention, ...]

    def see(self, claims: Sequence[Claim]) -> list[Claim]:
        """Return the claims, in the same order, with what the others say of their fields."""
        out: list[Claim] = []
        for i, claim in enumerate(claims):
            if out and self._stays_out_of_scope(claim, out[-1]):
                claim = replace(claim, layer=Layer.OUT_OF_SCOPE)
            if claim.kind is ClaimKind.OUTAGE and claim.outage_type is OutageType.UNKNOWN:
                claim = self._with_type(claim, out, claims[i + 1 :])
            elif claim.kind is ClaimKind.DAMAGE and claim.target is None:
                claim = self._with_target(claim, out)
            elif claim.kind is ClaimKind.STRIKE and claim.weapons is None and claim.count:
                claim = self._with_weapon(claim, out)
                if claim.weapons is None:
                    claim = self._with_weapon_told_next(claim, claims[i + 1 :])
            elif claim.kind is ClaimKind.CASUALTIES:
                claim = self._everywhere(claim, out)
            if claim.kind is ClaimKind.STRIKE:
                claim = self._when_told_before(claim, out)
            if claim.weapons is not None and claim.kind is not ClaimKind.WEAPON:
                claim = self._with_finer_weapon(claim, out)
            out.append(claim)
        return self._folded([c for c in out if not self._is_bare_cause(c, out)])

    def _stays_out_of_scope(self, claim: Claim, last: Claim) -> bool:
        """Say whether a sentence without a place goes on with what happened abroad or in a drill:
        "Briansk is dark. A substation is damaged"."""
        if last.layer is not Layer.OUT_OF_SCOPE or claim.layer is not Layer.INCIDENT:
            return False
        at, before = self._sentence(claim), self._sentence(last)
        sentence = self.sentences[at]
        return (
            at - before == 1
            and sentence.paragraph == self.sentences[before].paragraph
            and not any(sentence.start <= m.start < sentence.end for m in self.places)
        )

    def _folded(self, claims: Sequence[Claim]) -> list[Claim]:
        """Put what only goes on with a claim of its sentence into that: "bombs fell on Huliaipole:
        five hits", "hourly outages from noon: two queues at a time"."""
        out: list[Claim] = []
        for claim in claims:
            at = self._sentence(claim)
            before = next((i for i in reversed(range(len(out))) if out[i].kind is claim.kind), None)
            if (
                before is None
                or self._sentence(out[before]) != at
                or not self._goes_on(out[before], claim)
            ):
                out.append(claim)
                continue
            first = out[before]
            out[before] = replace(
                first,
                count=first.count or claim.count,
                customers=first.customers or claim.customers,
                weapons=first.weapons or claim.weapons,
                target=first.target or claim.target,
            )
        return out

    def _goes_on(self, first: Claim, claim: Claim) -> bool:
        """Say whether a claim tells nothing but more of one that its sentence told before."""
        if claim.kind not in GOING_ON or claim.layer is not first.layer:
            return False
        span = claim.span
        if claim.is_negated is not first.is_negated or any(
            span.start <= m.start < span.end for m in self.places
        ):
            return False
        if [p.code for p in claim.places] != [p.code for p in first.places]:
            return False
        if claim.kind is ClaimKind.SCHEDULE:
            is_one = claim.outage_type is first.outage_type and not _HOURS.search(span.text)
            return is_one and claim.time in {None, first.time}
        if self.folded[first.span.end : span.start].strip() not in {":", "—", "–", "-"}:
            return False
        if claim.count is not None and first.count is not None:
            return False
        if claim.customers is not None and first.customers is not None:
            return False
        is_apart = None not in {claim.weapons, first.weapons} and claim.weapons != first.weapons
        return not is_apart and claim.time in {None, first.time}

    def _is_bare_cause(self, claim: Claim, claims: Sequence[Claim]) -> bool:
        """Say whether a strike is but the reason given for another claim ("after the attack, two
        are hurt"): it says nothing of its own."""
        if claim.kind is not ClaimKind.STRIKE or claim.is_negated:
            return False
        if claim.target or claim.count or claim.extent:
            return False
        at, span = self._sentence(claim), claim.span
        return (
            len(span.text.split()) <= MAX_CAUSE_WORDS
            and self.lexicon.because.match(self.folded, span.start) is not None
            and not any(span.start <= m.start < span.end for m in self.places)
            and any(self._sentence(c) == at for c in claims if c is not claim)
        )

    def _sentence(self, claim: Claim) -> int:
        number = number_of_sentence(self.sentences, claim.span.start)
        return -1 if number is None else number

    def _with_type(self, claim: Claim, before: Sequence[Claim], after: Sequence[Claim]) -> Claim:
        """Give an outage the type that a hit, a fault or another outage beside it makes plain.

        DAMAGE after a hit on the energy system in its paragraph, a strike "as a result" of which
        it is told or that its own sentence tells of the same place, or damage told of that place
        right before; a strike merely told before leaves it unknown. What is told right after an
        outage of a known type is of that type.
        """
        if claim.layer is not Layer.INCIDENT or claim.is_negated:
            return claim
        at = self._sentence(claim)
        sentence = self.sentences[at]
        points_back = self.lexicon.therefore.search(self.folded, sentence.start, sentence.end)
        for other in reversed(before):
            gap = at - self._sentence(other)
            if self.sentences[at - gap].paragraph != sentence.paragraph:
                break
            if other.layer is not Layer.INCIDENT or other.is_negated:
                continue
            is_same_place = self._share_place(claim, other)
            is_beside = gap <= 1 and is_same_place
            if other.kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE}:
                if other.cause == "technical" and is_beside:
                    return replace(claim, outage_type=OutageType.TECHNICAL)
                is_hit = other.kind is ClaimKind.DAMAGE or gap == 0
                if other.cause not in NATURAL and (
                    (is_beside and is_hit)
                    or points_back
                    or other.target in ENERGY_TARGETS
                    or (other.kind is ClaimKind.DAMAGE and gap <= HARM_REACH and is_same_place)
                ):
                    return replace(claim, outage_type=OutageType.DAMAGE)
            elif other.kind is ClaimKind.OUTAGE and is_beside:
                return replace(claim, outage_type=other.outage_type)
        if at and self.sentences[at - 1].paragraph == sentence.paragraph:
            natural = self._natural_cause(self.sentences[at - 1])
            if natural is not None:
                return replace(claim, outage_type=natural)
        if at + 1 < len(self.sentences) and self.sentences[at + 1].paragraph == sentence.paragraph:
            told_after = self.sentences[at + 1]
            if _WHY.search(self.folded, told_after.start, told_after.end):
                # "The cause is a fault at the substation, not an attack."
                natural = self._natural_cause(told_after)
                if natural is not None:
                    return replace(claim, outage_type=natural)
        if at + 1 < len(self.sentences) and (
            self.sentences[at + 1].paragraph == sentence.paragraph
        ):
            named = self._named_cause(self.sentences[at + 1])
            if named is not None:
                return replace(claim, outage_type=named)
        for other in after:
            gap = self._sentence(other) - at
            if gap > 1 or self.sentences[at + gap].paragraph != sentence.paragraph:
                break
            if (
                gap
                and other.kind is ClaimKind.DAMAGE
                and other.target in ENERGY_TARGETS
                and other.cause in NATURAL
                and not other.is_negated
                and self._share_place(claim, other)
            ):
                return replace(claim, outage_type=OutageType(other.cause))
            if (
                gap
                and other.kind is ClaimKind.DAMAGE
                and other.target in ENERGY_TARGETS
                and other.cause not in NATURAL
                and not other.is_negated
                and other.layer is Layer.INCIDENT
                and self._share_place(claim, other)
            ):
                return replace(claim, outage_type=OutageType.DAMAGE)
            if gap:
                continue
            if other.kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE} and other.cause not in NATURAL:
                between = self.folded[claim.span.end : other.span.start]
                joint = self.lexicon.because.search(self.folded, claim.span.end, other.span.start)
                is_told_why = joint is not None or between.strip() in {"—", "–", "-", ":"}
                if is_told_why and not other.is_negated:
                    return replace(claim, outage_type=OutageType.DAMAGE)
        return claim

    def _natural_cause(self, sentence: Sentence) -> OutageType | None:
        """Return the type that a sentence gives as a cause without a claim of its own."""
        types = {"weather": OutageType.WEATHER, "technical": OutageType.TECHNICAL}
        for name, pattern in self.lexicon.causes.present(self.folded):
            if name in types and pattern.search(self.folded, sentence.start, sentence.end):
                return types[name]
        return None

    def _named_cause(self, sentence: Sentence) -> OutageType | None:
        """Return the type that a sentence gives where it says that it tells the cause."""
        if self.lexicon.cause_named.search(self.folded, sentence.start, sentence.end) is None:
            return None
        types = {
            "weather": OutageType.WEATHER, "technical": OutageType.TECHNICAL,
            "strike": OutageType.DAMAGE, "debris": OutageType.DAMAGE,
        }  # fmt: skip
        found = {
            types[name]
            for name, pattern in self.lexicon.causes.present(self.folded)
            if pattern.search(self.folded, sentence.start, sentence.end)
        }
        return found.pop() if len(found) == 1 else None

    def _with_target(self, claim: Claim, before: Sequence[Claim]) -> Claim:
        """Take over what "23 more" are, or what burns, of the damage its sentence told before."""
        for other in reversed(before):
            gap = self._sentence(claim) - self._sentence(other)
            if gap > 1 or (gap and claim.effect != "fire_out"):
                break
            if other.kind is not ClaimKind.DAMAGE or other.is_negated is not claim.is_negated:
                continue
            is_same = bool(claim.count and other.count and claim.count.unit == other.count.unit)
            burns = claim.effect in {"fire", "fire_out"}
            if is_same or (burns and other.target and self._share_place(claim, other)):
                return replace(claim, target=other.target)
        return claim

    def _with_weapon(self, claim: Claim, before: Sequence[Claim]) -> Claim:
        """Take over the weapon of the strike told right before: "Under KAB attack. Three hits"."""
        at = self._sentence(claim)
        for other in reversed(before):
            if at - self._sentence(other) > 1:
                break
            if (
                other.kind is ClaimKind.STRIKE
                and other.weapons is not None
                and other.weapons.mode == "one"
                and other.layer is claim.layer
                and other.attribution == claim.attribution
                and not claim.is_negated
                and self._share_place(claim, other)
            ):
                return replace(claim, weapons=other.weapons)
        return claim

    def _with_weapon_told_next(self, claim: Claim, after: Sequence[Claim]) -> Claim:
        """Take over the weapons of the strike told right after: "Nine attacks, by mortars"."""
        at = self._sentence(claim)
        for other in after:
            if self._sentence(other) - at > 1:
                break
            if (
                other.kind is ClaimKind.STRIKE
                and other.weapons is not None
                and other.count is None
                and other.certainty is claim.certainty
                and other.layer is claim.layer
                and not (claim.is_negated or other.is_negated)
                and self._share_place(claim, other)
            ):
                return replace(claim, weapons=other.weapons)
        return claim

    def _when_told_before(self, claim: Claim, before: Sequence[Claim]) -> Claim:
        """Let hits told without a time be of the attack that was told right before them."""
        time = claim.time
        if time is None or time.text or time.from_at is not None or claim.is_negated:
            return claim
        at = self._sentence(claim)
        for other in reversed(before):
            gap = at - self._sentence(other)
            if gap > MAX_ATTACK_GAP:
                break
            if (
                gap
                and other.kind in {ClaimKind.STRIKE, ClaimKind.EXPLOSIONS}
                and other.time is not None
                and other.time.from_at is not None
                and other.time.precision in ATTACK_TIMES
                and other.layer is claim.layer
                and not other.is_negated
                and self.sentences[at].paragraph == self.sentences[at - gap].paragraph
                and self._share_place(claim, other)
            ):
                return replace(claim, time=other.time)
        return claim

    def _with_finer_weapon(self, claim: Claim, before: Sequence[Claim]) -> Claim:
        """Let "one missile" after "under ballistic fire" be ballistic, where the report named only
        one kind of missiles."""
        if claim.weapons is None or claim.is_negated:
            return claim
        told = {
            item
            for other in before
            if other.weapons is not None
            and other.weapons.mode != "either"
            and other.layer is claim.layer
            and other.certainty is claim.certainty
            and not other.is_negated
            for item in other.weapons.items
        }
        items: list[str] = []
        for item in claim.weapons.items:
            finer = told & CLASSES_OVER.get(item, set())
            # A missile of its own kind may be among several; drones are told by their class.
            is_one = len(finer) == 1 and item != "uav" and item not in told
            items.append(finer.pop() if is_one else item)
        if tuple(items) == claim.weapons.items:
            return claim
        return replace(claim, weapons=replace(claim.weapons, items=tuple(items)))

    def _everywhere(self, claim: Claim, before: Sequence[Claim]) -> Claim:
        """Let "nobody was hurt", told without a place, hold wherever the report told of harm."""
        status = claim.casualties.status if claim.casualties else None
        if status in {None, CasualtyStatus.COUNTED} or claim.layer is not Layer.INCIDENT:
            return claim
        sentence = self.sentences[self._sentence(claim)]
        if any(sentence.start <= m.start < sentence.end for m in self.places):
            return claim
        told = [
            p
            for other in before
            if other.layer is Layer.INCIDENT
            and other.kind in {ClaimKind.STRIKE, ClaimKind.DAMAGE, ClaimKind.EXPLOSIONS}
            and self.sentences[self._sentence(other)].paragraph == sentence.paragraph
            for p in other.places
        ]
        places: dict[object, PlaceRef] = {}
        for place in (*told, *claim.places):
            places.setdefault(place.code or place.text, replace(place, part=None))
        if len(places) < 2 or len(places) > MAX_SUMMARY_PLACES:
            return claim
        return replace(claim, places=tuple(places.values()))

    def _share_place(self, a: Claim, b: Claim) -> bool:
        """Say whether two claims speak of one place, or of one within the other."""
        ours = [p.code for p in a.places if p.code is not None]
        theirs = [p.code for p in b.places if p.code is not None]
        if not ours or not theirs:
            return not ours and not theirs
        contains = self.gazetteer.contains
        return any(contains(x, y) or contains(y, x) for x in ours for y in theirs)
