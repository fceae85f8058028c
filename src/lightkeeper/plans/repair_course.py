"""The hours ahead with a plan carried out, beside those without it on the same scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lightkeeper.consequences.course import describe_course
from lightkeeper.consequences.distribution import bands, compare, distributions
from lightkeeper.consequences.follow import Followed, FollowOptions, follow
from lightkeeper.consequences.model import Band
from lightkeeper.damage.model import AssetId, DamageEnsemble
from lightkeeper.flow import CascadeResult, FlowCase
from lightkeeper.plans.model import PlanCourse, Restoration
from lightkeeper.plans.repair_crews import CrewWork, send_crews
from lightkeeper.plans.repair_options import RepairOptions
from lightkeeper.plans.repair_supply import RestoredSupply
from lightkeeper.plans.repair_worth import Worth
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray

LONGEST_H = 336
"""The curve of restoration is told for two weeks at most."""

CHANGES = (
    "people_off",
    "people_off_by_damage",
    "people_without_heat",
    "people_below_16",
    "people_below_10",
)
"""Bands of a course of which the plan's change is told."""


def follow_plan(
    region: Region,
    case: FlowCase,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    feeder_off: BoolArray,
    without: Followed,
    *,
    listed: Sequence[AssetId],
    switched_off: BoolArray,
    n_crews: int,
    repairs: RepairOptions,
    follow_options: FollowOptions,
    seed: int,
) -> PlanCourse:
    """Carry a plan out in every scenario.

    Parameters
    ----------
    result, feeder_off, without
        The cascade's end, who is off then, and the same scenarios with nothing done.
    listed
        The repairs of the plan in order.
    switched_off
        Feeders that the plan switches off, by the hour: (horizon, n_feeders).
    """
    worth = Worth(region, case, ensemble.estimate.assets, repairs)
    row_of = {str(a): row for row, a in enumerate(worth.assets.id)}
    work = send_crews(
        worth, ensemble.state, [row_of[a] for a in listed], n_crews=n_crews, seed=seed
    )
    end_h = _ends(work)
    (end,) = distributions(end_h[:, None], ensemble.weight, ensemble.effective_sample_size)
    hours = _told_hours(end.p95)
    supply = RestoredSupply(
        worth,
        ensemble.state,
        result,
        feeder_off,
        work,
        switched_off,
        hours=hours,
        seed=seed,
    )
    followed = follow(region, ensemble.weight, supply, follow_options)
    weight, effective = ensemble.weight, ensemble.effective_sample_size
    switched, by_damage = bands(
        np.stack([followed.people_switched_off, _by_damage(followed)], axis=1), weight, effective
    )
    people = region.feeders.population.astype(np.float64)
    off = feeder_off @ people
    unrepaired = np.repeat(off[:, None], len(hours), axis=1)
    with_plan, without_plan = bands(
        np.stack([supply.people_off, unrepaired], axis=1), weight, effective
    )
    return PlanCourse(
        course=describe_course(region, ensemble, followed),
        people_switched_off=switched,
        people_off_by_damage=by_damage,
        change=_changes(followed, without, ensemble),
        restoration=Restoration(
            hours=hours,
            with_plan=with_plan,
            without_plan=without_plan,
            person_hours=compare(ensemble, off * hours[-1], supply.person_hours, ensemble),
            end_h=end,
        ),
    )


def _by_damage(of: Followed) -> FloatArray:
    found: FloatArray = of.people_off - of.people_switched_off
    return found


def _changes(followed: Followed, without: Followed, ensemble: DamageEnsemble) -> dict[str, Band]:
    def told(of: Followed) -> FloatArray:
        return np.stack(
            [
                of.people_off,
                _by_damage(of),
                of.people_without_heat,
                of.people_below[:, 0],
                of.people_below[:, 1],
            ],
            axis=1,
        )

    found = bands(told(followed) - told(without), ensemble.weight, ensemble.effective_sample_size)
    return dict(zip(CHANGES, found, strict=True))


def _ends(work: CrewWork) -> FloatArray:
    """Return when the last repair of every scenario ends, shape (n_scenarios,)."""
    last = np.full(work.start.size - 1, work.switched_h)
    scenario = np.repeat(np.arange(last.size), np.diff(work.start))
    np.maximum.at(last, scenario, work.end_h)
    return last


def _told_hours(end_h: float) -> tuple[int, ...]:
    """Return hours from now to the end of the repairs: dense at first, then wider."""
    last = min(int(np.ceil(end_h)) + 1, LONGEST_H)
    hours = [*range(24), *range(24, 48, 2), *range(48, 120, 4), *range(120, LONGEST_H, 12)]
    return (*(h for h in hours if h < last), last)
