"""Are two accounts of one event? Evidence is added up as log-odds; some things rule it out.

The form is Fellegi and Sunter's (1969): each agreement or disagreement adds its weight to the
prior. The weights are `ReconcileOptions`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from lightkeeper.incidents.accounts import Account, Family, Scope
from lightkeeper.incidents.blocks import anchor
from lightkeeper.incidents.counts import agree, is_told
from lightkeeper.incidents.model import ReconcileOptions
from lightkeeper.incidents.rewrites import (
    Rewrite,
    find_rewrite,
    is_same_voice,
    retold_body,
    shared_body,
    shares_count,
)
from lightkeeper.incidents.sites import Relation, SiteTree
from lightkeeper.incidents.weapons import may_be_one
from lightkeeper.reports.model import Report

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Match:
    """How well two accounts fit, as log-odds, and whether they go back to one origin."""

    log_odds: float
    rewrite: Rewrite | None


def probability(log_odds: float) -> float:
    """Probability that both are of one event, as far as the weights are right."""
    return 1.0 / (1.0 + math.exp(-log_odds))


def log_odds_of(p: float) -> float:
    """Inverse of `probability`."""
    return math.log(p / (1.0 - p))


def ruled_out(a: Account, b: Account, tree: SiteTree, options: ReconcileOptions) -> str | None:
    """What makes it impossible that both are of one event, or None."""
    if a.scope is not b.scope and not _is_about(a, b):
        return "one is of a wave, the other of one place"
    if a.family is not b.family and (
        Family.OPEN not in (a.family, b.family) or Family.PLANNED in (a.family, b.family)
    ):
        return "events of different sorts"
    return (
        _time_conflict(a, b, options)
        or _place_conflict(a, b, tree)
        or ("dark again after power was back" if _is_dark_again(a, b) else None)
    )


def _is_about(a: Account, b: Account) -> bool:
    """Whether one names no place because it answers the other."""
    return Scope.NOWHERE in (a.scope, b.scope) and (
        _answers(a.report, b.report) or _answers(b.report, a.report)
    )


def _place_conflict(a: Account, b: Account, tree: SiteTree) -> str | None:
    if a.scope is not b.scope:
        return None
    if a.scope is Scope.WAVE:
        cities_a, cities_b = a.cities, b.cities
        if _is_undated(a, b) and cities_a and cities_b and not cities_a & cities_b:
            return "different cities, and no date"
        return None
    if a.scope is Scope.NOWHERE:
        return None
    relation = tree.best_relation(a.sites, b.sites)
    if relation <= Relation.WITHIN_COUNTRY:
        return "different places"
    if relation is Relation.SAME_RAION and a.cities and b.cities:
        return "different cities"
    return None


def _is_undated(a: Account, b: Account) -> bool:
    return anchor(a) is None or anchor(b) is None


def _time_conflict(a: Account, b: Account, options: ReconcileOptions) -> str | None:
    if a.window is not None and b.window is not None:
        if _gap(a, b) > timedelta(hours=options.same_event_gap_h):
            return "different times"
        return None
    for event, later in ((a, b), (b, a)):
        if event.window is not None and later.window is None and later.as_of is not None:
            told_after = later.as_of - event.window.from_at
            if told_after < -_HOUR:
                return "told before it happened"
            if later.as_of - event.window.to_at > timedelta(hours=options.follow_up_h):
                return "told too long after"
    both_late = a.window is None and b.window is None
    if both_late and a.as_of is not None and b.as_of is not None:
        if abs(a.as_of - b.as_of) > timedelta(hours=options.follow_up_h):
            return "different times"
    elif _is_undated(a, b) and _weekdays_conflict(a, b):
        return "different days of the week"
    return None


def _is_dark_again(a: Account, b: Account) -> bool:
    """Whether a body tells of people without power after power was back for all of them."""
    for back, dark in ((a, b), (b, a)):
        if (
            back.is_back
            and dark.is_dark
            and not dark.is_back
            and dark.author.knows_itself
            and back.as_of is not None
            and dark.as_of is not None
            and dark.as_of > back.as_of
        ):
            return True
    return False


def _gap(a: Account, b: Account) -> timedelta:
    assert a.window is not None
    assert b.window is not None
    first, second = sorted((a.window, b.window), key=lambda w: (w.from_at, w.to_at))
    return max(second.from_at - first.to_at, timedelta(0))


def _weekdays_conflict(a: Account, b: Account) -> bool:
    days_a, days_b = ({_DAYS.index(d) for d in x.weekdays if d in _DAYS} for x in (a, b))
    if not days_a or not days_b:
        return False
    # A night belongs to two days.
    return all((x - y) % 7 not in (0, 1, 6) for x in days_a for y in days_b)


def compare(a: Account, b: Account, tree: SiteTree, options: ReconcileOptions) -> Match | None:
    """Evidence that two accounts are of one event; None when that is ruled out."""
    if ruled_out(a, b, tree, options) is not None:
        return None
    evidence, rewrite = weigh(a, b, tree, options)
    return Match(sum(weight for weight, _ in evidence), rewrite)


def weigh(
    a: Account, b: Account, tree: SiteTree, options: ReconcileOptions
) -> tuple[list[tuple[float, str]], Rewrite | None]:
    """Evidence for and against, each with its weight, whatever rules the pair out."""
    evidence = [
        (options.prior_undated if _is_undated(a, b) else options.prior_dated, "before evidence"),
        _compare_place(a, b, tree, options),
        _compare_time(a, b, options),
        _compare_counts(a, b, options),
        _compare_weapons(a, b, options),
    ]
    if shared_body(a, b) is not None or a.origin_names & b.origin_names:
        evidence.append((options.weight_origin, "the same body is named"))
    elif retold_body(a, b) is not None:
        evidence.append((options.weight_origin, "one names the body that speaks in the other"))
    if a.family is not b.family and Family.ATTACK not in (a.family, b.family):
        evidence.append((options.weight_sort_open, "one does not say what sort of event"))
    if a.targets & b.targets:
        evidence.append((options.weight_target, "the same kind of target"))
    if is_same_voice(a, b) and _is_soon(a, b, options):
        evidence.append((options.weight_voice, "the same channel speaks"))
    if _answers(a.report, b.report) or _answers(b.report, a.report):
        evidence.append((options.weight_reply, "one answers the other"))
    rewrite = find_rewrite(a, b, options)
    if rewrite is not None:
        weight = options.weight_copy if rewrite.is_copy else options.weight_rewrite
        evidence.append((weight, f"one origin: {rewrite.reason}"))
    return evidence, rewrite


def _is_soon(a: Account, b: Account, options: ReconcileOptions) -> bool:
    """Whether two posts are of one stretch: later, a channel may well be at the next event."""
    return (
        a.as_of is not None
        and b.as_of is not None
        and abs(a.as_of - b.as_of) <= timedelta(hours=0.75 * options.told_after_h)
    )


def _answers(later: Report, earlier: Report) -> bool:
    return (
        later.reply_to is not None
        and later.reply_to == earlier.item
        and (later.source, later.channel) == (earlier.source, earlier.channel)
    )


def _compare_place(
    a: Account, b: Account, tree: SiteTree, options: ReconcileOptions
) -> tuple[float, str]:
    if Scope.NOWHERE in (a.scope, b.scope):
        return 0.0, "no place to compare"
    if a.scope is Scope.WAVE:
        return options.weight_same_scope, "both over several regions"
    match tree.best_relation(a.sites, b.sites):
        case Relation.SAME:
            return options.weight_same_place, "the same place"
        case Relation.WITHIN_RAION:
            return options.weight_within_raion, "one place lies in the other"
        case Relation.WITHIN_OBLAST:
            return options.weight_within_oblast, "one place lies in the other's oblast"
        case _:
            return 0.0, "places of one raion"


def _compare_time(a: Account, b: Account, options: ReconcileOptions) -> tuple[float, str]:
    """Evidence of when both happened, or were told.

    Full where said times overlap, and its negative at the widest gap allowed. What has no time of
    its own is told some hours after the event, or after another telling: the evidence falls with
    them, and turns soon after `told_after_h`, for the next night may have brought another attack.
    """
    said = [x.window for x in (a, b) if x.window is not None and not x.window.is_assumed]
    if len(said) == 2:
        hours = _gap(a, b) / _HOUR
        share = 1.0 - 2.0 * hours / options.same_event_gap_h
        return options.weight_time_overlap * share, "near in time"
    if a.as_of is not None and b.as_of is not None:
        for event, later in ((a, b), (b, a)):
            if said and event.window is said[0] and later.as_of is not None:
                hours = (later.as_of - said[0].to_at) / _HOUR
                share = _share_after(max(hours, 0.0), later, options)
                return options.weight_time_overlap * share, "told after the event"
        hours = abs(a.as_of - b.as_of) / _HOUR
        later = a if a.as_of > b.as_of else b
        share = min(0.95, _share_after(hours, later, options))
        return options.weight_time_overlap * share, "told near each other"
    if a.weekdays & b.weekdays:
        # A weekday and a time of day come round every week: they can only go against.
        return options.weight_relative_time, "the same day of the week"
    return 0.0, "no time to compare"


def _share_after(hours: float, later: Account, options: ReconcileOptions) -> float:
    """Share of the full weight of time for a telling some hours later.

    What follows from an event is told of for a day: 1 at once, slowly down to 0.7 at
    `told_after_h`, then by 1.7 in the twelve hours within which the next night falls. The event
    itself is told of soon, unless the telling says when it was: down to 0.5 at half that time, and
    by 1.5 in the next six hours.
    """
    until, at_until, fall, within = (
        (options.told_after_h, 0.7, 1.7, 12.0)
        if later.window is None
        else (options.told_after_h / 2.0, 0.5, 1.5, 6.0)
    )
    if hours <= until:
        return 1.0 - (1.0 - at_until) * hours / until
    return max(-1.0, at_until - fall * (hours - until) / within)


def _compare_counts(a: Account, b: Account, options: ReconcileOptions) -> tuple[float, str]:
    if shares_count(a, b):
        return options.weight_count, "the same number"
    pairs = [
        agree(count_a, count_b)
        for kind_a, count_a in a.counts
        for kind_b, count_b in b.counts
        if kind_a is kind_b
        and count_a.unit == count_b.unit
        and is_told(count_a)
        and is_told(count_b)
    ]
    if pairs and not any(pairs):
        return options.weight_count_differs, "different numbers"
    return 0.0, "numbers do not tell"


def _compare_weapons(a: Account, b: Account, options: ReconcileOptions) -> tuple[float, str]:
    if not a.weapons or not b.weapons:
        return 0.0, "no weapons to compare"
    if a.weapons == b.weapons:
        several = len(a.weapons) > 1
        weight = options.weight_weapon_set if several else options.weight_weapon
        return weight, "the same weapons" if several else "the same weapon"
    if any(may_be_one(x, y) for x in a.weapons for y in b.weapons):
        return 0.0, "weapons that can agree"
    return options.weight_weapon_differs, "different weapons"
