"""With what, against what: weapons, targets, services and causes named in the words of a claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lightkeeper.claims.candidates import Candidate
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.matchers import MatcherTable
from lightkeeper.claims.model import ClaimKind, OutageType, Weapons

STRUCK = frozenset({"strike", "debris"})
CLASSES_OVER = {
    "aerial_bomb": {"KAB", "FAB"},
    "uav": {"shahed_uav", "fpv_drone"},
    "missile": {"cruise_missile", "ballistic_missile", "aeroballistic_missile"},
}
_HIT = re.compile(r"влуч|поціл|попад|попал|прил[іеё]т|\bhit")
PLANTS = frozenset({"chp_plant", "power_plant", "heat_facility"})
_UNIT_CHARS = 14
"""How far before a thing its number's word may stand ("private homes")."""
PLAIN = frozenset({"healthcare", "industry", "port", "railway", "administrative", "infrastructure"})
"""Things that say less of what supply was hit than any other named beside them."""
_JOINED = re.compile(
    r"(?: [\w'’-]+){0,2}(?:,| (?:і|й|та|и|and)(?= ))(?: [\w'’-]+){0,2} ", re.IGNORECASE
)
_ADJECTIVE = re.compile(
    r"(?:[нкв]|ськ|ск)(?:ий|ого|ому|им|ої|ій|ою|ый|ой|ая|ую|ое|ые|ых|ыми|ие|их|ими|а|у|е|і|ю)\Z"
)
_FEW_WORDS = re.compile(r"(?:[\s,:—–«»\"“”-]*[^\W\d_][\w'-]*){1,5}")
_SENTENCE_CHARS = 160
_CAUSE_REACH = 60
_NAMING_WORDS = 4
_LISTED_WEAPONS = 3
"""So few words after a strike do no more than name its weapon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """The words of one report, and what they name. `has_claim`: a segment makes a claim."""

    text: str
    folded: str
    lexicon: Lexicon
    has_claim: Callable[[tuple[int, int]], bool]

    def weapons(self, candidate: Candidate) -> Weapons | None:
        """Return the weapons named in a claim's segments, without classes of those named finer."""
        found = self._things(self.lexicon.weapons, candidate.start, candidate.end)
        if not found:
            return None
        for first, last in candidate.sentence.segments:
            # "Drones, missiles and guided bombs": the list goes on after the comma.
            goes_on = first >= candidate.end and self.text[found[-1][1] : first].strip() == ","
            if goes_on and not self._tells_of_its_own(first, last):
                found += self._things(self.lexicon.weapons, first, last)[:_LISTED_WEAPONS]
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

    def _tells_of_its_own(self, start: int, end: int) -> bool:
        """Say whether words are no mere list: another claim, or a hedge ("probably a KAB")."""
        return self.has_claim((start, end)) or any(
            pattern.search(self.folded, start, end)
            for _, pattern in self.lexicon.certainty.present(self.folded)
        )

    def all_launched(self, candidate: Candidate, counted: Sequence[int]) -> Weapons | None:
        """Return the weapons of a whole launch: "151 drones, while aircraft fired nine missiles".

        `counted` are the places of the words for weapons that numbers count. What stands in
        brackets explains, what was downed did not come, and what another claim tells is not of
        this one.
        """
        first, last = candidate.start, candidate.end
        parts = [(first, last)]
        for start, end in candidate.sentence.segments:
            inside = first <= start < last
            is_aside = self.text[start - 1 : start] == "(" or self.text[end : end + 1] == ")"
            is_counted = any(start <= at < end for at in counted)
            if inside or is_aside or not is_counted or self.has_claim((start, end)):
                continue
            if self.lexicon.downed.search(self.folded, start, end) is None:
                parts.append((start, end))
        found = [self.weapons(replace(candidate, start=a, end=b)) for a, b in sorted(parts)]
        named = [w for w in found if w is not None]
        items = tuple(dict.fromkeys(item for w in named for item in w.items))
        if len(items) < 2 or any(w.mode == "either" for w in named):
            return self.weapons(candidate)
        return Weapons(mode="both", items=tuple(sorted(items)))

    def weapons_before(self, candidate: Candidate) -> Weapons | None:
        """Return the weapons that a part of the sentence before the claim names: what flew in and
        "set the reeds on fire". A semicolon parts what is told."""
        for first, last in reversed(candidate.sentence.segments):
            if last > candidate.start:
                continue
            if ";" in self.text[last : candidate.start]:
                return None
            if found := self.weapons(replace(candidate, start=first, end=last)):
                is_downed = self.lexicon.downed.search(self.folded, first, last)
                return None if is_downed else found
        return self._of_debris(candidate)

    def _of_debris(self, candidate: Candidate) -> Weapons | None:
        """Return the weapon of which debris fell, where the sentence before names one only."""
        if self.cause(candidate, ClaimKind.DAMAGE) != "debris":
            return None
        before = max(0, candidate.sentence.start - _SENTENCE_CHARS)
        end = candidate.sentence.start
        found = self.weapons(replace(candidate, start=before, end=end))
        return found if found is not None and found.mode == "one" else None

    def weapons_after(self, candidate: Candidate) -> Weapons | None:
        """Return the weapons that a few words right after a strike name ("a strike, a drone")."""
        for first, last in candidate.sentence.segments:
            if first < candidate.end:
                continue
            if len(self.text[first:last].split()) <= _NAMING_WORDS and (
                found := self.weapons(replace(candidate, start=first, end=last))
            ):
                return found
            if self.has_claim((first, last)):
                return None
        return None

    def with_named_weapons(self, candidate: Candidate) -> Candidate:
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

    def target(self, candidate: Candidate, counted: Sequence[int] = ()) -> str | None:
        """Return what was struck or damaged: what a number counts there, or the first thing named
        after the words of the rule, else in the clause before ("the line, which was cut").

        `counted` are the places of the words that the claim's numbers count.
        """
        found = self._things(self.lexicon.targets, candidate.start, candidate.end)
        if not found and candidate.rule.kind is ClaimKind.DAMAGE:
            found = self._told_before(candidate)
        if not found:
            return self._meant(candidate)
        for at in counted:
            if own := [f for f in found if f[0] - _UNIT_CHARS <= at < f[1]]:
                return own[0][2]
        after = [f for f in found if f[0] >= candidate.at[0]] or found
        # "A railway substation": of an adjective and its noun the noun says what it is; of several
        # things named one after another that which says most.
        first = after[0]
        for other in after[1:]:
            between = self.folded[first[1] : other[0]]
            if (between == " " and self._is_adjective(first)) or (
                first[2] in PLAIN and other[2] not in PLAIN and _JOINED.fullmatch(between)
            ):
                first = other
        return first[2]

    def _meant(self, candidate: Candidate) -> str | None:
        """Return what "the plant" or "equipment" is, by what the report tells of."""
        word = self.lexicon.meant.search(self.folded, candidate.start, candidate.end)
        if word is None or candidate.rule.kind is not ClaimKind.DAMAGE:
            return None
        before = self._things(self.lexicon.targets, 0, candidate.start)
        plants = [f[2] for f in before if f[2] in PLANTS]
        if plants and self.lexicon.plant.search(self.folded, word.start(), word.end()):
            return plants[-1]
        if self.lexicon.energy.search(self.folded, 0, candidate.sentence.end) is not None:
            return "energy_facility"
        return None

    def _told_before(self, candidate: Candidate) -> list[tuple[int, int, str]]:
        """Find what the clause right before a claim names, where no semicolon parts the two."""
        before = [s for s in candidate.sentence.segments if s[1] <= candidate.start]
        if not before or ";" in self.text[before[-1][1] : candidate.start]:
            return []
        return self._things(self.lexicon.targets, *before[-1])[-1:]

    def _is_adjective(self, thing: tuple[int, int, str]) -> bool:
        """Say whether a word may be said of the next one; in English any noun may."""
        return (
            self.lexicon.language == "en"
            or _ADJECTIVE.search(self.folded, thing[0], thing[1]) is not None
        )

    def names_weapon_at(self, at: int) -> bool:
        """Say whether the few words from `at` on name a weapon."""
        words = _FEW_WORDS.match(self.folded, at)
        return words is not None and bool(self._things(self.lexicon.weapons, at, words.end()))

    def is_of_part(self, candidate: Candidate) -> bool:
        """Say whether a claim tells of a part of the place, or of some that come first."""
        start, end = candidate.start, candidate.end
        return self.lexicon.some.search(self.folded, start, end) is not None or any(
            name == "partial" and pattern.search(self.folded, start, end)
            for name, pattern in self.lexicon.extents.present(self.folded)
        )

    def _things(self, table: MatcherTable[str], start: int, end: int) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for name, pattern in table.present(self.folded):
            for match in pattern.finditer(self.folded, start, end):
                if not any(s <= match.start() and match.end() <= e for s, e, _ in found):
                    found.append((match.start(), match.end(), name))
        return sorted(found)

    def services(self, candidate: Candidate) -> tuple[str, ...]:
        """Return the services that a claim speaks of."""
        found = self._things(self.lexicon.services, candidate.start, candidate.sentence.end)
        own = [f for f in found if f[0] < candidate.end]
        if candidate.rule.kind is ClaimKind.SERVICES:
            own = [f for f in own if f[2] != "electricity"] or found
        if candidate.rule.effect == "disrupted":
            own = found
        return tuple(dict.fromkeys(name for _, _, name in own))

    def outage_type(self, candidate: Candidate, kind: ClaimKind) -> OutageType | None:
        """Return the type of an outage, by its rule or the cause its sentence gives."""
        if candidate.rule.outage_type is not None:
            return candidate.rule.outage_type
        if kind is not ClaimKind.OUTAGE:
            return None
        if self.lexicon.ordered_off.search(self.folded, *candidate.at):
            return OutageType.EMERGENCY
        cause = self.cause(candidate, kind)
        types = {
            "weather": OutageType.WEATHER,
            "technical": OutageType.TECHNICAL,
            "strike": OutageType.DAMAGE,
            "debris": OutageType.DAMAGE,
        }
        return types.get(cause or "", OutageType.UNKNOWN)

    def cause(self, candidate: Candidate, kind: ClaimKind) -> str | None:
        """Return the cause that the sentence gives; of an outage only where words make it one."""
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

    def hit(self, candidate: Candidate, target: str | None) -> str | None:
        """Say that a strike told as a hit on something hit it."""
        if candidate.rule.kind is not ClaimKind.STRIKE or target is None:
            return None
        return "hit" if _HIT.search(self.folded, *candidate.at) else None

    def how_far(self, candidate: Candidate, kind: ClaimKind) -> str | None:
        """Say how much of the place an outage took, at least."""
        if kind is not ClaimKind.OUTAGE or candidate.rule.is_negated:
            return None
        found = {
            name
            for name, pattern in self.lexicon.extents.present(self.folded)
            if pattern.search(self.folded, *candidate.said)
        }
        if len(found) > 1:
            return "partial" if "partial" in found else None  # "almost the whole town"
        return found.pop() if found else None
