"""How many: which number belongs to which claim, and what it counts there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from lightkeeper.claims.candidates import Candidate
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import Casualties, CasualtyStatus, ClaimKind, Count
from lightkeeper.claims.numbers import NumberMention
from lightkeeper.claims.sentences import Sentence, number_of_sentence

CUSTOMERS = frozenset({"customers", "households", "people"})
UNITS: dict[ClaimKind, frozenset[str]] = {
    ClaimKind.EXPLOSIONS: frozenset({"explosions"}),
    ClaimKind.STRIKE: frozenset({"strikes", "locations", "weapons", "settlements"}),
    ClaimKind.OUTAGE: frozenset({"settlements", "buildings", "substations", "flats"}),
    ClaimKind.RESTORED: frozenset({"settlements", "buildings", "flats"}),
    ClaimKind.DAMAGE: frozenset(
        {
            "buildings",
            "households",
            "lines",
            "substations",
            "locations",
            "facilities",
            "strikes",
            "windows",
            "flats",
            "vehicles",
            "weapons",
        }
    ),
    ClaimKind.SERVICES: frozenset({"buildings", "settlements", "flats"}),
    ClaimKind.SCHEDULE: frozenset({"queues"}),
    ClaimKind.ADVICE: frozenset({"warm_points"}),
    ClaimKind.ALERT: frozenset({"weapons"}),
}
"""What the number of a claim may count, by kind."""
SUPPLIED = frozenset({ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.SERVICES})
"""Kinds of claims that tell how many customers, households or people are meant."""
LAUNCHED_RANK = ("strikes", "locations", "weapons", "settlements")
"""Of several numbers of one strike the first of these is its count."""
_INCLUDES_REACH = 30
_ARTICLE_REACH = 4
_FEWEST_CUSTOMERS = 100
_OF = re.compile(r"(?<!\w)(?:of|із|з|зі|из)\s")
_HEDGE_CHARS = 16
"""So much may stand before a number that is all of its clause ("preliminarily")."""
_TOLD_BEFORE_REACH = 150
_FROST = re.compile(r"minus|мінус|минус|below (?:zero|freezing)|frost|мороз|нижче нуля|ниже нуля")
_AND = re.compile(r"\b(?:and|та|і|й|и|плюс|plus)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The numbers of one report, and what they say of its claims."""

    folded: str
    lexicon: Lexicon
    numbers: tuple[NumberMention, ...]

    def own(
        self, candidates: list[tuple[Candidate, ClaimKind]]
    ) -> dict[tuple[int, int], list[NumberMention]]:
        """Give each number to the nearest claim of its sentence that may count its unit."""
        owned: dict[tuple[int, int], list[NumberMention]] = {}
        sentences = tuple(dict.fromkeys(c.sentence for c, _ in candidates))
        told: defaultdict[Sentence, list[tuple[Candidate, ClaimKind]]] = defaultdict(list)
        for candidate, kind in candidates:
            told[candidate.sentence].append((candidate, kind))
        for number in self.numbers:
            best: tuple[int, int, Candidate] | None = None
            at = number_of_sentence(sentences, number.start)
            for order, (candidate, kind) in enumerate(() if at is None else told[sentences[at]]):
                if not _may_count(kind, number, candidate):
                    continue
                inside = candidate.start <= number.start < candidate.end
                if not inside and kind is ClaimKind.STRIKE and self._is_of_downed(number):
                    continue
                if kind is ClaimKind.SCHEDULE and number.end <= candidate.start:
                    continue  # "1 queue from 00:00, 2 from 07:00": each with its own hours
                gap = max(candidate.at[0] - number.end, number.start - candidate.at[1], 0)
                # "Nine — wounded": only a dash stands between the number and its word.
                inside |= number.end <= candidate.at[0] and not (
                    self.folded[number.end : candidate.at[0]].strip(" —–-")
                )
                score = gap + (0 if inside else 60)
                if best is None or score < best[0]:
                    best = (score, order, candidate)
            if best is not None:
                owned.setdefault(best[2].at, []).append(number)
        return owned

    def counts(
        self, candidate: Candidate, kind: ClaimKind, numbers: list[NumberMention]
    ) -> tuple[Count | None, Count | None]:
        """Return what a claim counts, and how many customers, households or people it names."""
        count = customers = None
        last: NumberMention | None = None
        rank = _ranking(candidate, kind, numbers)
        for number in sorted(
            numbers,
            key=lambda n: (
                n.is_vague,
                not candidate.start <= n.start < candidate.end,
                _gap(n, candidate.at),
            ),
        ):
            if number.unit == "flats" and kind in {ClaimKind.OUTAGE, ClaimKind.RESTORED}:
                # Flats without light are households.
                said = replace(number.count, unit="households")
                number = replace(number, unit="households", count=said)
            if (number.unit in CUSTOMERS and kind in SUPPLIED) or (
                number.unit is None
                and kind in {ClaimKind.OUTAGE, ClaimKind.RESTORED}
                and _is_many(number)
            ):
                if not number.is_vague:
                    said = replace(number.count, unit=number.unit or self._customer_unit())
                    if last is None:
                        customers, last = said, number
                    elif customers is not None and self._are_one_figure(last, number):
                        customers = _sum(customers, said)
            elif number.unit in UNITS.get(kind, frozenset()):
                if count is None or rank(number.count) < rank(count):
                    count = number.count
                    if count.unit == "households" and kind is ClaimKind.DAMAGE:
                        count = replace(count, unit="buildings")  # homes that were damaged
            elif number.unit is None and kind is ClaimKind.DAMAGE:
                unit = self._unit_told_before(number, candidate)
                if unit is not None:
                    count = count or replace(number.count, unit=unit)
            elif number.unit is None and kind in {ClaimKind.EXPLOSIONS, ClaimKind.STRIKE}:
                unit = "explosions" if kind is ClaimKind.EXPLOSIONS else "strikes"
                if kind is ClaimKind.STRIKE and number.start >= candidate.end:
                    unit = "weapons"  # "They dropped KABs, preliminarily four"
                count = count or replace(number.count, unit=unit)
            elif number.unit is None and kind is ClaimKind.OUTAGE and not _is_many(number):
                unit = self._unit_told_before(number, candidate)
                if unit in UNITS[kind]:
                    count = count or replace(number.count, unit=unit)
            elif kind is ClaimKind.ADVICE and self._tells_warm_points(candidate):
                count = count or replace(number.count, unit="warm_points")
            elif number.unit is None and kind is ClaimKind.SERVICES:
                unit = self._unit_told_before(number, candidate)
                if unit in UNITS[kind]:
                    count = count or replace(number.count, unit=unit)
        if (
            count is None
            and kind is ClaimKind.EXPLOSIONS
            and not candidate.rule.is_negated
            and self.lexicon.plural_explosions.search(self.folded, *candidate.at)
        ):
            count = Count(min=2, approximate=True, unit="explosions")
        if (
            count is None
            and kind is ClaimKind.EXPLOSIONS
            and not candidate.rule.is_negated
            and self.lexicon.one_explosion.search(
                self.folded, max(candidate.start, candidate.at[0] - _ARTICLE_REACH), candidate.at[1]
            )
        ):
            count = Count(min=1, best=1, max=1, unit="explosions")
        if (
            count is None
            and kind is ClaimKind.DAMAGE
            and not candidate.rule.is_negated
            and self.lexicon.one_building.search(self.folded, candidate.start, candidate.end)
        ):
            count = Count(min=1, best=1, max=1, unit="buildings")
        return count, customers

    def counted(self, numbers: list[NumberMention]) -> list[int]:
        """Return where the words stand that numbers count, in order; "one of the substations"
        counts none."""
        return sorted(
            n.unit_start
            for n in numbers
            if not _OF.search(self.folded, n.end, max(n.end, n.unit_start))
        )

    def _is_of_downed(self, number: NumberMention) -> bool:
        """Say whether a number counts what was shot down ("of six missiles four were downed")."""
        end = number.unit_start if number.unit else number.end
        return number.unit == "weapons" and (
            self.lexicon.downed.search(self.folded, max(0, number.start - 25), end + 25) is not None
        )

    def _are_one_figure(self, a: NumberMention, b: NumberMention) -> bool:
        """Say whether two numbers are added: "16 thousand in the town and one in villages"."""
        first, second = sorted((a, b), key=lambda n: n.start)
        between = self.folded[first.end : second.start]
        if self.lexicon.apart.search(self.folded, first.end, second.start):
            return False  # "62,000 in the former and 9,000 in the latter"
        return re.search(r"[;:.,—–]", between) is None and _AND.search(between) is not None

    def _unit_told_before(self, number: NumberMention, candidate: Candidate) -> str | None:
        """Return what "23 more" are: what the sentence counted before."""
        kind = candidate.rule.kind
        units = UNITS[ClaimKind.OUTAGE if kind is ClaimKind.OUTAGE else ClaimKind.DAMAGE]
        told = [
            n.unit
            for n in self.numbers
            if candidate.sentence.start <= n.start < number.start and n.unit in units
        ]
        if not told and candidate.rule.kind is ClaimKind.SERVICES:
            # "Heat is back in 260 houses. In forty more it is cold": of the sentence before.
            told = [
                n.unit
                for n in self.numbers
                if number.start - _TOLD_BEFORE_REACH <= n.start < number.start
                and n.unit in UNITS[ClaimKind.SERVICES]
            ]
        if told:
            return told[-1]
        # "A house is destroyed, eight more are damaged": of one no number tells.
        named = [
            (match.start(), unit)
            for unit, pattern in self.lexicon.units.present(self.folded)
            if unit in UNITS[ClaimKind.DAMAGE]
            for match in pattern.finditer(self.folded, candidate.sentence.start, number.start)
        ]
        return max(named)[1] if named else None

    def _tells_warm_points(self, candidate: Candidate) -> bool:
        return any(
            unit == "warm_points" and pattern.search(self.folded, candidate.start, candidate.end)
            for unit, pattern in self.lexicon.units.present(self.folded)
        )

    def _customer_unit(self) -> str:
        """The unit of the report's other numbers of customers: "34,2 тис." has none of its own."""
        told = [n.unit for n in self.numbers if n.unit in CUSTOMERS]
        # "Five people" may be those who were hurt.
        return next((u for u in told if u and u != "people"), None) or (
            "people" if "people" in told and not self._tells_customers() else "customers"
        )

    def _tells_customers(self) -> bool:
        return any(
            unit in {"customers", "households"} and pattern.search(self.folded)
            for unit, pattern in self.lexicon.units.present(self.folded)
        )

    def casualties(self, candidate: Candidate, numbers: list[NumberMention]) -> Casualties:
        """Return the kind of silence or the number; of "at least three" the three."""
        rule = candidate.rule
        status = CasualtyStatus(rule.status or "counted")
        values: dict[str, int | None] = {}
        bounds: Count | None = None
        if status is CasualtyStatus.ZERO:
            values = dict.fromkeys(rule.harm, 0)
        elif status is CasualtyStatus.COUNTED:
            near = sorted(
                numbers,
                key=lambda n: (
                    self._is_of_those(n),
                    # "Eleven are injured and one is missing": one is another's number.
                    n.start >= candidate.at[1]
                    and _AND.search(self.folded, candidate.at[1], n.start) is not None,
                    not candidate.start <= n.start < candidate.end,
                    _gap(n, candidate.at),
                    -n.start,
                ),
            )
            # Of "at least three" the three are counted.
            exact = (near[0].count.best or near[0].count.min) if near else None
            bounds = near[0].count if near and near[0].count.approximate else None
            if not near:
                named = self._named(candidate)
                is_one = self.lexicon.one_harmed.search(self.folded, *candidate.at) is not None
                exact = named or (1 if is_one else None)
            elif exact is not None and bounds is None:
                exact += self._persons_beside(near[0], candidate)
            values = dict.fromkeys(rule.harm[:1], exact)
        return Casualties(
            status=status,
            killed=values.get("killed"),
            injured=values.get("injured"),
            missing=values.get("missing"),
            bounds=bounds,
        )

    def _named(self, candidate: Candidate) -> int:
        """Count the persons a claim names: those before its verb, or else those after it."""
        start, end = candidate.start, candidate.end
        persons: list[int] = []
        last = -2
        for match in self.lexicon.persons.finditer(self.folded, start, end):
            if match.start() != last + 1:  # "a wounded driver" is one
                persons.append(match.start())
            last = match.end()
        before = [at for at in persons if at < candidate.at[0]]
        return len(before or persons)

    def _is_of_those(self, number: NumberMention) -> bool:
        """Say whether a number only says how many of a number told before are something: "13
        people, including three children"."""
        before = self.lexicon.includes.finditer(
            self.folded, max(0, number.start - _INCLUDES_REACH), number.start
        )
        return any(len(self.folded[m.end() : number.start].split()) <= 1 for m in before)

    def _persons_beside(self, number: NumberMention, candidate: Candidate) -> int:
        """Count the persons named before a number: "a woman and her two grandsons" are three."""
        start = max(candidate.start, candidate.at[0])
        named = [m.end() for m in self.lexicon.persons.finditer(self.folded, start, number.start)]
        if not named or not _AND.search(self.folded, named[-1], number.start):
            return 0
        return len(named)

    def temperature_c(self, candidate: Candidate) -> float | None:
        """Return the temperature that a claim tells, below zero where the words say so."""
        words = self.folded[candidate.start : candidate.end]
        match = re.search(
            r"(?P<sign>[-−–]|minus |мінус |минус )?\s?(?P<n>\d{1,2})(?!\d)",
            words,
        )
        if match is None:
            return self._temperature_in_words(candidate)
        below = match.group("sign") or _FROST.search(words)
        value = float(match.group("n"))
        return -value if below else value

    def _temperature_in_words(self, candidate: Candidate) -> float | None:
        """Return what "minus nine" tells."""
        for number in self.numbers:
            said = number.count.best
            if said is not None and candidate.start <= number.start < candidate.end and said < 60:
                around = self.folded[max(0, number.start - 12) : candidate.end]
                return -float(said) if _FROST.search(around) else float(said)
        return None


def _ranking(
    candidate: Candidate, kind: ClaimKind, numbers: list[NumberMention]
) -> Callable[[Count], int]:
    """Return the order in which the numbers of a claim, of units it may count, are its count."""
    if kind is ClaimKind.DAMAGE:
        # "Three hits on one facility" are three.
        first = "strikes" if candidate.rule.effect == "hit" else None
        return lambda count: 0 if count.unit == first else 1 + (count.unit == "weapons")
    if kind is not ClaimKind.STRIKE:
        return lambda count: 0
    order = LAUNCHED_RANK
    return lambda count: order.index(count.unit) if count.unit in order else 0


def _may_count(kind: ClaimKind, number: NumberMention, candidate: Candidate) -> bool:
    if kind in SUPPLIED and number.unit in CUSTOMERS:
        return True
    if kind is ClaimKind.CASUALTIES:
        is_counted = candidate.rule.status == "counted"
        # "Three wounded in a strike": the number stands right before its word.
        is_next = 0 <= candidate.at[0] - number.end <= 2
        return is_counted and (is_next or number.unit in {None, "people", "crew"})
    if number.unit is None and kind in {ClaimKind.OUTAGE, ClaimKind.RESTORED}:
        is_counted = kind is ClaimKind.OUTAGE or _is_many(number)
        return is_counted and candidate.start <= number.start < candidate.end
    if number.unit is None and kind is ClaimKind.SERVICES:
        return candidate.start <= number.start < candidate.end
    if kind is ClaimKind.ADVICE and number.unit in {None, "buildings", "warm_points"}:
        return candidate.start <= number.start < candidate.end
    if number.unit is None and kind is ClaimKind.DAMAGE:
        return -2 <= candidate.at[0] - number.end <= 3 or 0 <= number.start - candidate.at[1] <= 2
    if number.unit is None and kind is ClaimKind.STRIKE and number.start >= candidate.end:
        return any(
            last <= number.end + 1 and number.start - first <= _HEDGE_CHARS
            for first, last in candidate.sentence.segments
            if first <= number.start < last
        )
    if number.unit is None and kind is ClaimKind.STRIKE:
        return 0 <= candidate.at[0] - number.end <= 1  # "twice struck"
    if number.unit is None and kind is ClaimKind.EXPLOSIONS:
        return (
            candidate.at[0] <= number.start <= candidate.at[1] + 20
            or 0 <= candidate.at[0] - number.end <= 2  # "it banged thrice"
        )
    return number.unit in UNITS.get(kind, frozenset())


def _is_many(number: NumberMention) -> bool:
    """Say whether a number without a unit is one of customers; of villages there are fewer."""
    said = number.count.best or number.count.min or number.count.max or 0
    return said >= _FEWEST_CUSTOMERS


def _sum(a: Count, b: Count) -> Count:
    """Add two parts of one figure ("16 thousand in the town and about a thousand in villages")."""
    if a.unit != b.unit or a.best is None or b.best is None:
        return a
    best = a.best + b.best
    if a.approximate or b.approximate:
        return Count(best=best, approximate=True, unit=a.unit)
    return Count(min=best, best=best, max=best, unit=a.unit)


def _gap(number: NumberMention, at: tuple[int, int]) -> int:
    return max(at[0] - number.end, number.start - at[1], 0)
