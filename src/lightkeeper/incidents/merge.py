"""From the claims of one incident to its facts: one value per field, never a sum over reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence, Set

from lightkeeper.claims.model import Certainty, Claim, ClaimId, ClaimKind, OutageType
from lightkeeper.incidents.casualties import merge_casualties
from lightkeeper.incidents.edits import record_edits
from lightkeeper.incidents.gather import Gathered, Told
from lightkeeper.incidents.model import FieldStatus
from lightkeeper.incidents.settle import settle_numbers
from lightkeeper.incidents.sources import report_order
from lightkeeper.incidents.support import Standing
from lightkeeper.incidents.weapons import may_be_one
from lightkeeper.incidents.words import (
    quote,
    say_code,
    say_extent,
    say_outage,
    say_weapons,
)

_USED = frozenset({ClaimKind.EXPLOSIONS, ClaimKind.STRIKE, ClaimKind.WEAPON, ClaimKind.DAMAGE})
"""Kinds whose weapons struck; those of an alert may have flown past."""


def merge_claims(
    claims: Sequence[Claim], following: Set[ClaimId], standing: Standing, *, is_wave: bool
) -> Gathered:
    """Facts, contradictions and superseded values of one incident.

    `claims` are all of layer INCIDENT; those in `following` tell of a strike after the event and
    are kept apart, as are rumours and denials.
    """
    every = sorted(
        claims,
        key=lambda c: (report_order(standing.reports[c.report]), c.span.start, c.id),
    )
    ordered = [c for c in every if c.report not in standing.replaced_by]
    positive = [c for c in ordered if not c.is_negated]
    firm = [c for c in positive if c.certainty is not Certainty.UNKNOWN]
    of_kind: dict[ClaimKind, list[Claim]] = defaultdict(list)
    for claim in firm:
        if claim.id not in following:
            of_kind[claim.kind].append(claim)

    gathered = Gathered(standing)
    _merge_alerts(of_kind[ClaimKind.ALERT], of_kind[ClaimKind.ALL_CLEAR], gathered)
    _merge_counted("explosions", of_kind[ClaimKind.EXPLOSIONS], gathered)
    _merge_strikes(of_kind[ClaimKind.STRIKE], gathered)
    used = [c for kind in sorted(_USED) for c in of_kind[kind]]
    _merge_weapons(used, gathered, is_wave=is_wave)
    _merge_following([c for c in firm if c.id in following], gathered)
    _merge_damage(of_kind[ClaimKind.DAMAGE], gathered)
    _merge_outages(of_kind[ClaimKind.OUTAGE], gathered)
    _merge_restored(of_kind[ClaimKind.RESTORED], gathered)
    _end_outages(of_kind[ClaimKind.OUTAGE], of_kind[ClaimKind.RESTORED], gathered)
    merge_casualties(of_kind[ClaimKind.CASUALTIES], gathered)
    _merge_by_value("services", of_kind[ClaimKind.SERVICES], _say_services, gathered)
    _merge_by_value("repair", of_kind[ClaimKind.REPAIR], _say_repair, gathered)
    _merge_by_value("conditions", of_kind[ClaimKind.CONDITIONS], _say_conditions, gathered)
    _merge_by_value("advice", of_kind[ClaimKind.ADVICE], quote, gathered)
    _merge_by_value("forecast", of_kind[ClaimKind.FORECAST], quote, gathered)
    schedules = [c for c in ordered if c.kind is ClaimKind.SCHEDULE]
    _merge_by_value("schedule", schedules, _say_schedule, gathered)
    rumours = [c for c in positive if c.certainty is Certainty.UNKNOWN]
    _merge_by_value("rumour", rumours, quote, gathered)
    denials = [c for c in ordered if c.is_negated and c.kind is not ClaimKind.SCHEDULE]
    _set_against_denials(denials, positive, gathered)
    record_edits(every, gathered)
    return gathered


def _merge_by_value(
    name: str, claims: Sequence[Claim], words: Callable[[Claim], str], gathered: Gathered
) -> None:
    """One fact for each value told."""
    by_value: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_value[words(claim)].append(claim)
    for value, told in by_value.items():
        gathered.add(name, value, told)


def _merge_alerts(alerts: Sequence[Claim], over: Sequence[Claim], gathered: Gathered) -> None:
    _merge_by_value("alert", alerts, lambda c: say_code(c.alert_type or "alert"), gathered)
    _merge_by_value("alert", over, lambda _: "all clear", gathered)


def _merge_counted(name: str, claims: Sequence[Claim], gathered: Gathered) -> None:
    """One field that is a number of something, told or not."""
    if not claims:
        return
    uncounted = [c for c in claims if c.count is None]
    counted = [(c, c.count) for c in claims if c.count is not None]
    if not counted:
        gathered.add(name, f"{name}, number not said", claims)
    for unit in sorted({n.unit or "" for _, n in counted}):
        numbers = [(c, n) for c, n in counted if (n.unit or "") == unit]
        settle_numbers(name, numbers, uncounted, say_code(unit) or name, gathered)


def _merge_strikes(claims: Sequence[Claim], gathered: Gathered) -> None:
    counted = [c for c in claims if c.count is not None]
    _merge_counted("strikes", counted, gathered)
    aimed = [c for c in claims if c.target is not None]
    _merge_by_value("target", aimed, lambda c: say_code(c.target or ""), gathered)
    if claims and not counted and not aimed:
        gathered.add("strikes", "strike", claims)


def _merge_weapons(claims: Sequence[Claim], gathered: Gathered, *, is_wave: bool) -> None:
    """Weapons of the event.

    Over a wave several are used; at one place reports contradict each other where one allows what
    another does not.
    """
    told = [(c, c.weapons) for c in claims if c.weapons is not None]
    if not told:
        return
    by_items: dict[frozenset[str], list[Claim]] = defaultdict(list)
    for claim, weapons in told:
        by_items[frozenset(weapons.items)].append(claim)
    distinct = sorted(by_items, key=sorted)
    conflicts = not is_wave and any(
        not _can_be_one(a, b) for i, a in enumerate(distinct) for b in distinct[i + 1 :]
    )
    status = FieldStatus.CONTRADICTED if conflicts else None
    gathered.add("weapon", say_weapons(w for _, w in told), [c for c, _ in told], status)
    if conflicts:
        sides = [
            Told(say_weapons(w for c, w in told if c in by_items[items]), tuple(by_items[items]))
            for items in distinct
        ]
        gathered.contradict("weapon", sides, "One report allows a weapon that another does not.")


def _can_be_one(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether each weapon of one set is, or is a kind or class of, one in the other."""
    return all(any(may_be_one(x, y) for y in b) for x in a) and all(
        any(may_be_one(x, y) for x in a) for y in b
    )


def _merge_following(claims: Sequence[Claim], gathered: Gathered) -> None:
    if not claims:
        return
    weapons = [c.weapons for c in claims if c.weapons is not None]
    what = f"further strike ({say_weapons(weapons)})" if weapons else "further strike"
    extent = say_extent(claims)
    gathered.add("possible_second_attack", f"{what}, {extent}" if extent else what, claims)


def _merge_damage(claims: Sequence[Claim], gathered: Gathered) -> None:
    by_target: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_target[claim.target or ""].append(claim)
    for target, told in sorted(by_target.items()):
        effects = list(dict.fromkeys(say_code(c.effect) for c in told if c.effect is not None))
        if target:
            value = f"{say_code(target)}: {', '.join(effects) or 'damaged'}"
        else:
            value = ", ".join("damage" if e == "damaged" else e for e in effects) or "damage"
        extent = say_extent(told)
        gathered.add("damage", f"{value} ({extent})" if extent else value, told)
    homes = [(c, c.count) for c in claims if c.target == "residential" and c.count is not None]
    if homes:
        settle_numbers("damaged_buildings", homes, [], "damaged homes", gathered)


def _merge_outages(claims: Sequence[Claim], gathered: Gathered) -> None:
    if not claims:
        return
    value = say_outage(c.outage_type for c in claims)
    extent = say_extent(claims)
    gathered.add("outage", f"{value}: {extent}" if extent else value, claims)
    _merge_customers("without_power", claims, gathered)
    counted = [(c, c.count) for c in claims if c.count is not None and c.count.unit is not None]
    for unit in sorted({n.unit for _, n in counted if n.unit is not None}):
        numbers = [(c, n) for c, n in counted if n.unit == unit]
        settle_numbers("without_power", numbers, [], say_code(unit), gathered, is_state=True)


def _merge_customers(name: str, claims: Sequence[Claim], gathered: Gathered) -> None:
    """Customers, households and people each by themselves: one is never made into another."""
    counted = [(c, c.customers) for c in claims if c.customers is not None]
    for unit in sorted({n.unit or "customers" for _, n in counted}):
        numbers = [(c, n) for c, n in counted if (n.unit or "customers") == unit]
        settle_numbers(name, numbers, [], say_code(unit), gathered, is_state=True)


def _merge_restored(claims: Sequence[Claim], gathered: Gathered) -> None:
    _merge_by_value("restored", claims, _say_restored, gathered)
    _merge_customers("power_back", claims, gathered)


def _end_outages(outages: Sequence[Claim], restored: Sequence[Claim], gathered: Gathered) -> None:
    """Note an outage as past when power was back, or shutdowns lifted, after all tellings of it."""
    ends = [
        c
        for c in restored
        if c.effect in ("full", "cancelled") and all(gathered.is_later(c, o) for o in outages)
    ]
    if outages and ends:
        value = say_outage(c.outage_type for c in outages)
        new = Told(_say_restored(ends[0]), (ends[0],))
        gathered.supersede("outage", Told(f"{value}: in force", tuple(outages)), new)


def _say_restored(claim: Claim) -> str:
    match claim.effect:
        case "cancelled":
            return "emergency shutdowns lifted"
        case "full":
            return "supply back in full"
        case "partial":
            return "supply partly back"
        case _:
            return "supply back"


def _say_services(claim: Claim) -> str:
    effect = say_code(claim.effect) if claim.effect is not None else "affected"
    services = ", ".join(say_code(s) for s in claim.services)
    is_named = any(say_code(s) in effect for s in claim.services)
    return effect if is_named or not services else f"{services}: {effect}"


def _say_repair(claim: Claim) -> str:
    return say_code(claim.effect) if claim.effect is not None else quote(claim)


def _say_conditions(claim: Claim) -> str:
    return f"{claim.temperature_c:g} °C" if claim.temperature_c is not None else quote(claim)


def _say_schedule(claim: Claim) -> str:
    return "hourly outages not in force" if claim.is_negated else "hourly outages"


_DENIED = {
    ClaimKind.ALERT: "no alert",
    ClaimKind.EXPLOSIONS: "no explosions",
    ClaimKind.STRIKE: "no strike",
    ClaimKind.WEAPON: "not this weapon",
    ClaimKind.DAMAGE: "no damage",
    ClaimKind.OUTAGE: "no outage",
    ClaimKind.CASUALTIES: "no casualties",
}


def _set_against_denials(
    denials: Sequence[Claim], positive: Sequence[Claim], gathered: Gathered
) -> None:
    """A denial is a fact, and contradicts what is told of the same thing at the same place.

    A number taken back ("41,000 was a mistake") denies the number, not the event.
    """
    by_value: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for denial in denials:
        has_number = denial.customers is not None or denial.count is not None
        name = "number" if has_number else denial.kind.value
        words = "not this number" if has_number else _DENIED.get(denial.kind, "not so")
        by_value[name, f"{words}: {quote(denial)}"].append(denial)
    for (name, value), told in by_value.items():
        against = [c for c in positive if name != "number" and any(_denies(d, c) for d in told)]
        gathered.add(name, value, told, FieldStatus.CONTRADICTED if against else FieldStatus.DENIED)
        if against:
            sides = [Told(quote(against[0]), tuple(against)), Told(value, tuple(told))]
            note = "One report denies what another tells of the same place."
            gathered.contradict(name, sides, note)


def _denies(denial: Claim, claim: Claim) -> bool:
    return (
        claim.kind is denial.kind
        and claim.report != denial.report
        and (denial.target is None or claim.target == denial.target)
        and _outage_types_meet(denial, claim)
        and bool(_codes(denial) & _codes(claim))
    )


def _codes(claim: Claim) -> set[str]:
    return {p.code if p.code is not None else p.text.casefold() for p in claim.places}


def _outage_types_meet(a: Claim, b: Claim) -> bool:
    unknown = (None, OutageType.UNKNOWN)
    return a.outage_type in unknown or b.outage_type in unknown or a.outage_type == b.outage_type
