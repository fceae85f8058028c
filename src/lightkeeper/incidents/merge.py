"""From the claims of one incident to its facts: one value per field, never a sum over reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field

from lightkeeper.claims.model import (
    Casualties,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    OutageType,
)
from lightkeeper.incidents.counts import agree, merge, say
from lightkeeper.incidents.match import is_kind_of
from lightkeeper.incidents.model import Contradiction, Fact, FieldStatus, Superseded
from lightkeeper.incidents.sources import report_order
from lightkeeper.incidents.support import Standing, status_of, weakest
from lightkeeper.incidents.words import (
    quote,
    say_casualties,
    say_code,
    say_extent,
    say_outage,
    say_weapons,
)


@dataclass(slots=True)
class Merged:
    """What merging finds, gathered field by field."""

    facts: list[Fact] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    superseded: list[Superseded] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Told:
    """One value of one field: its words, the claims that tell it, and whether it disagrees."""

    value: str
    claims: tuple[Claim, ...]


def merge_claims(
    claims: Sequence[Claim], following: Set[ClaimId], standing: Standing, *, is_wave: bool
) -> Merged:
    """Facts, contradictions and superseded values of one incident.

    `claims` are all of layer INCIDENT; those in `following` tell of a strike after the event and
    are kept apart, as are rumours.
    """
    ordered = sorted(
        claims,
        key=lambda c: (report_order(standing.reports[c.report]), c.span.start, c.id),
    )
    positive = [c for c in ordered if not c.is_negated]
    rumours = [c for c in positive if c.certainty is Certainty.UNKNOWN]
    firm = [c for c in positive if c.certainty is not Certainty.UNKNOWN]
    event = [c for c in firm if c.id not in following]
    of_kind: dict[ClaimKind, list[Claim]] = defaultdict(list)
    for claim in event:
        of_kind[claim.kind].append(claim)

    merged = Merged()
    _merge_alerts(of_kind, standing, merged)
    _merge_counted("explosions", of_kind[ClaimKind.EXPLOSIONS], "explosions", standing, merged)
    _merge_strikes(of_kind[ClaimKind.STRIKE], standing, merged)
    _merge_weapons(event, standing, merged, is_wave=is_wave)
    _merge_following([c for c in firm if c.id in following], standing, merged)
    _merge_damage(of_kind[ClaimKind.DAMAGE], standing, merged)
    _merge_outages(of_kind[ClaimKind.OUTAGE], standing, merged)
    _merge_restored(of_kind[ClaimKind.RESTORED], standing, merged)
    _merge_casualties(of_kind[ClaimKind.CASUALTIES], standing, merged)
    _merge_coded("services", of_kind[ClaimKind.SERVICES], _say_services, standing, merged)
    _merge_coded("repair", of_kind[ClaimKind.REPAIR], _say_repair, standing, merged)
    _merge_coded("conditions", of_kind[ClaimKind.CONDITIONS], _say_conditions, standing, merged)
    _merge_coded("advice", of_kind[ClaimKind.ADVICE], quote, standing, merged)
    _merge_coded("forecast", of_kind[ClaimKind.FORECAST], quote, standing, merged)
    _merge_coded("rumour", rumours, quote, standing, merged)
    _set_against_denials([c for c in ordered if c.is_negated], positive, standing, merged)
    return merged


def _add(
    merged: Merged,
    name: str,
    value: str,
    claims: Sequence[Claim],
    standing: Standing,
    status: FieldStatus | None = None,
) -> None:
    merged.facts.append(
        Fact(
            name=name,
            value=value,
            certainty=weakest(claims),
            status=status or status_of(claims, standing),
            claims=tuple(c.id for c in claims),
        )
    )


def _contradict(merged: Merged, name: str, told: Sequence[_Told], note: str) -> None:
    merged.contradictions.append(
        Contradiction(
            field=name,
            sides=tuple((t.value, tuple(c.id for c in t.claims)) for t in told),
            note=note,
        )
    )


# --- numbers ------------------------------------------------------------------------------------


def _merge_counted(
    name: str, claims: Sequence[Claim], noun: str, standing: Standing, merged: Merged
) -> None:
    """One field that is a number of something, told or not."""
    counted = [(c, c.count) for c in claims if c.count is not None]
    if not claims:
        return
    if not counted:
        _add(merged, name, f"{noun}, number not said", claims, standing)
        return
    for unit in sorted({count.unit or "" for _, count in counted}):
        pairs = [(c, n) for c, n in counted if (n.unit or "") == unit]
        uncounted = [c for c in claims if c.count is None]
        word = say_code(unit) if unit else noun
        _settle_numbers(name, pairs, uncounted, word, standing, merged)


def _settle_numbers(
    name: str,
    pairs: Sequence[tuple[Claim, Count]],
    uncounted: Sequence[Claim],
    word: str,
    standing: Standing,
    merged: Merged,
) -> None:
    pairs = _drop_superseded(name, pairs, word, standing, merged)
    sides = _sides(pairs)
    told = [
        _Told(f"{say(merge([n for _, n in side]))} {word}", tuple(c for c, _ in side))
        for side in sides
    ]
    if len(told) == 1:
        _add(merged, name, told[0].value, [*told[0].claims, *uncounted], standing)
        return
    _contradict(merged, name, told, "The numbers cannot both be right.")
    value = " or ".join(t.value.removesuffix(f" {word}") for t in told) + f" {word}"
    claims = [c for t in told for c in t.claims]
    _add(merged, name, value, [*claims, *uncounted], standing, FieldStatus.CONTRADICTED)


def _sides(pairs: Sequence[tuple[Claim, Count]]) -> list[list[tuple[Claim, Count]]]:
    """Groups within which all numbers agree with each other, in order of first telling."""
    sides: list[list[tuple[Claim, Count]]] = []
    for claim, count in pairs:
        home = next((s for s in sides if all(agree(count, n) for _, n in s)), None)
        if home is None:
            sides.append([(claim, count)])
        else:
            home.append((claim, count))
    return sides


def _drop_superseded(
    name: str,
    pairs: Sequence[tuple[Claim, Count]],
    word: str,
    standing: Standing,
    merged: Merged,
) -> list[tuple[Claim, Count]]:
    """Leave out numbers that a later report of the same source replaced."""
    kept: list[tuple[Claim, Count]] = []
    for claim, count in pairs:
        later = [(c, n) for c, n in pairs if _replaces(c, claim, standing) and not agree(n, count)]
        if not later:
            kept.append((claim, count))
            continue
        newest, number = later[-1]
        merged.superseded.append(
            Superseded(
                field=name,
                old=f"{say(count)} {word}",
                new=f"{say(number)} {word}",
                by=newest.report,
                claims=(claim.id, newest.id),
            )
        )
    return kept


def _replaces(later: Claim, earlier: Claim, standing: Standing) -> bool:
    """Whether a claim is a later word of the same source; undated reports replace nothing."""
    if standing.sources.group_of[later.report] != standing.sources.group_of[earlier.report]:
        return False
    return _is_later(later, earlier, standing)


def _is_later(later: Claim, earlier: Claim, standing: Standing) -> bool:
    at = standing.reports[later.report].published_at
    before = standing.reports[earlier.report].published_at
    return at is not None and before is not None and at > before


# --- fields -------------------------------------------------------------------------------------


def _merge_alerts(
    of_kind: dict[ClaimKind, list[Claim]], standing: Standing, merged: Merged
) -> None:
    alerts = of_kind[ClaimKind.ALERT]
    for alert_type in sorted({c.alert_type or "" for c in alerts}):
        claims = [c for c in alerts if (c.alert_type or "") == alert_type]
        value = say_code(alert_type) if alert_type else "alert"
        _add(merged, "alert", value, claims, standing)
    if over := of_kind[ClaimKind.ALL_CLEAR]:
        _add(merged, "alert", "all clear", over, standing)


def _merge_strikes(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    if not claims:
        return
    counted = [c for c in claims if c.count is not None]
    _merge_counted("strike", counted, "strikes", standing, merged)
    targets = sorted({c.target for c in claims if c.target is not None})
    for target in targets:
        told = [c for c in claims if c.target == target]
        _add(merged, "target", say_code(target), told, standing)
    if not counted and not targets:
        _add(merged, "strike", "strike", claims, standing)


def _merge_weapons(
    claims: Sequence[Claim], standing: Standing, merged: Merged, *, is_wave: bool
) -> None:
    """Weapons of the event. Over a wave several are used; at one place they contradict each other
    where one report allows what another does not.
    """
    told = [(c, c.weapons) for c in claims if c.weapons is not None]
    if not told:
        return
    by_items: dict[frozenset[str], list[Claim]] = defaultdict(list)
    for claim, weapons in told:
        by_items[frozenset(weapons.items)].append(claim)
    value = say_weapons(w for _, w in told)
    distinct = sorted(by_items, key=sorted)
    conflicts = not is_wave and any(
        not _can_be_one(a, b) for i, a in enumerate(distinct) for b in distinct[i + 1 :]
    )
    status = FieldStatus.CONTRADICTED if conflicts else None
    _add(merged, "weapon", value, [c for c, _ in told], standing, status)
    if conflicts:
        sides = [
            _Told(say_weapons([w for c, w in told if c in by_items[items]]), tuple(by_items[items]))
            for items in distinct
        ]
        _contradict(merged, "weapon", sides, "One report allows a weapon that another does not.")


def _can_be_one(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether each weapon of one set is, or is a kind or class of, one in the other."""
    return all(any(is_kind_of(x, y) or is_kind_of(y, x) for y in b) for x in a) and all(
        any(is_kind_of(x, y) or is_kind_of(y, x) for x in a) for y in b
    )


def _merge_following(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    if not claims:
        return
    weapons = [c.weapons for c in claims if c.weapons is not None]
    what = f"further strike ({say_weapons(weapons)})" if weapons else "further strike"
    extent = say_extent(claims)
    _add(
        merged,
        "possible_second_attack",
        f"{what}, {extent}" if extent else what,
        claims,
        standing,
    )


def _merge_damage(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    by_target: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_target[claim.target or ""].append(claim)
    for target, told in sorted(by_target.items()):
        effects = list(dict.fromkeys(say_code(c.effect) for c in told if c.effect is not None))
        if target:
            value = f"{say_code(target)}: {' and '.join(effects) or 'damaged'}"
        else:
            value = " and ".join("damage" if e == "damaged" else e for e in effects) or "damage"
        extent = say_extent(told)
        _add(merged, "damage", f"{value} ({extent})" if extent else value, told, standing)


def _merge_outages(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    if not claims:
        return
    value = say_outage(c.outage_type for c in claims)
    extent = say_extent(claims)
    _add(merged, "outage", f"{value}: {extent}" if extent else value, claims, standing)
    _merge_customers("without_power", claims, standing, merged)
    settlements = [(c, c.count) for c in claims if c.count is not None and c.count.unit is not None]
    for unit in sorted({n.unit for _, n in settlements if n.unit is not None}):
        pairs = [(c, n) for c, n in settlements if n.unit == unit]
        _settle_numbers("without_power", pairs, [], say_code(unit), standing, merged)


def _merge_customers(
    name: str, claims: Sequence[Claim], standing: Standing, merged: Merged
) -> None:
    counted = [(c, c.customers) for c in claims if c.customers is not None]
    for unit in sorted({n.unit or "customers" for _, n in counted}):
        pairs = [(c, n) for c, n in counted if (n.unit or "customers") == unit]
        _settle_numbers(name, pairs, [], say_code(unit), standing, merged)


def _merge_restored(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    if not claims:
        return
    effects = list(dict.fromkeys(c.effect for c in claims if c.effect is not None))
    words = {"cancelled": "emergency shutdowns lifted", "full": "supply back in full"}
    said = [words.get(e, "supply partly back") for e in effects] or ["supply back"]
    _add(merged, "restored", " and ".join(dict.fromkeys(said)), claims, standing)
    _merge_customers("power_back", claims, standing, merged)


def _merge_coded(
    name: str,
    claims: Sequence[Claim],
    words: Callable[[Claim], str],
    standing: Standing,
    merged: Merged,
) -> None:
    """One fact for each value told."""
    by_value: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_value[words(claim)].append(claim)
    for value, told in by_value.items():
        _add(merged, name, value, told, standing)


def _say_services(claim: Claim) -> str:
    effect = say_code(claim.effect) if claim.effect is not None else "affected"
    services = ", ".join(say_code(s) for s in claim.services)
    return f"{services}: {effect}" if services and services not in effect else effect


def _say_repair(claim: Claim) -> str:
    return say_code(claim.effect) if claim.effect is not None else quote(claim)


def _say_conditions(claim: Claim) -> str:
    return f"{claim.temperature_c:g} °C" if claim.temperature_c is not None else quote(claim)


# --- casualties ---------------------------------------------------------------------------------


def _merge_casualties(claims: Sequence[Claim], standing: Standing, merged: Merged) -> None:
    """Killed, injured and missing each by themselves; silence of a kind only where no number is.

    A number told later than "not released" or "none reported" is an update.
    """
    told = [(c, c.casualties) for c in claims if c.casualties is not None]
    if not told:
        return
    numbers = [
        (name, c, number)
        for c, casualties in told
        for name, number in _casualty_numbers(casualties)
    ]
    for name in ("killed", "injured", "missing"):
        pairs = [
            (c, Count(min=n, best=n, max=n, unit=name)) for which, c, n in numbers if which == name
        ]
        if pairs:
            _settle_numbers("casualties", pairs, [], name, standing, merged)
    silent = [(c, k) for c, k in told if not list(_casualty_numbers(k))]
    standing_still: list[tuple[Claim, Casualties]] = []
    for claim, casualties in silent:
        newer = next((c for _, c, _ in reversed(numbers) if _is_later(c, claim, standing)), None)
        if newer is None:
            standing_still.append((claim, casualties))
            continue
        merged.superseded.append(
            Superseded(
                field="casualties",
                old=say_casualties(casualties),
                new="numbers given",
                by=newer.report,
                claims=(claim.id, newer.id),
            )
        )
    for status in CasualtyStatus:
        same = [(c, k) for c, k in standing_still if k.status is status]
        if same:
            value = say_casualties(same[0][1])
            _add(merged, "casualties", value, [c for c, _ in same], standing)
    zero = [c for c, k in standing_still if k.status is CasualtyStatus.ZERO]
    some = [c for _, c, n in numbers if n > 0]
    some += [c for c, k in standing_still if k.status is CasualtyStatus.COUNTED]
    if zero and some:
        sides = [_Told("said to be none", tuple(zero)), _Told("some", tuple(some))]
        _contradict(
            merged, "casualties", sides, "One says that there are none, another that there are."
        )


def _casualty_numbers(casualties: Casualties) -> Iterable[tuple[str, int]]:
    told = (
        ("killed", casualties.killed),
        ("injured", casualties.injured),
        ("missing", casualties.missing),
    )
    return [(name, n) for name, n in told if n is not None]


# --- denials ------------------------------------------------------------------------------------


def _set_against_denials(
    denials: Sequence[Claim], positive: Sequence[Claim], standing: Standing, merged: Merged
) -> None:
    """A denial is a fact, and contradicts what is told of the same thing at the same place."""
    for denial in denials:
        against = [
            c
            for c in positive
            if c.kind is denial.kind
            and c.report != denial.report
            and (denial.target is None or c.target == denial.target)
            and _outage_types_meet(denial, c)
            and _codes(denial) & _codes(c)
        ]
        status = FieldStatus.CONTRADICTED if against else FieldStatus.DENIED
        _add(merged, denial.kind.value, f"denied: {quote(denial)}", [denial], standing, status)
        if against:
            _contradict(
                merged,
                denial.kind.value,
                [
                    _Told(f"told: {quote(against[0])}", tuple(against)),
                    _Told(f"denied: {quote(denial)}", (denial,)),
                ],
                "One report denies what another tells of the same place.",
            )


def _codes(claim: Claim) -> set[str]:
    return {p.code if p.code is not None else p.text.casefold() for p in claim.places}


def _outage_types_meet(a: Claim, b: Claim) -> bool:
    unknown = (None, OutageType.UNKNOWN)
    return a.outage_type in unknown or b.outage_type in unknown or a.outage_type == b.outage_type
