"""The consequences hour by hour from the cascade's end on: with nothing repaired, with the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lightkeeper.consequences import (
    ChainLink,
    ColdOptions,
    Consequences,
    Course,
    Followed,
    FollowOptions,
    describe_course,
    find_chains,
    find_failures,
    follow,
    supply_after,
)
from lightkeeper.damage import DamageEnsemble
from lightkeeper.flow import CascadeResult
from lightkeeper.operations.workspace import PictureOptions
from lightkeeper.region import Region
from lightkeeper.units import BoolArray


@dataclass(frozen=True, slots=True)
class Ahead:
    """Every scenario with nothing repaired, its bands, and what fails in the chosen one."""

    followed: Followed
    course: Course
    failures: tuple[ChainLink, ...]


def follow_hours(
    region: Region,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    feeder_off: BoolArray,
    consequences: Consequences,
    chosen: int,
    cold: ColdOptions,
    options: PictureOptions,
) -> Ahead:
    """Follow every scenario; the chains, and what fails in it, are of the scenario `chosen`."""
    supply = supply_after(
        region,
        ensemble,
        result,
        feeder_off,
        unserved_mw=consequences.unserved_mw_by_scenario,
        seed=options.seed,
    )
    rules = FollowOptions(horizon_h=options.course_h, cold=cold)
    followed = follow(region, ensemble.weight, supply, rules)
    chains = find_chains(
        region, followed.graph, supply, ensemble, result, chosen, horizon_h=options.course_h
    )
    failures = find_failures(region, followed.graph, supply, chosen, horizon_h=options.course_h)
    course = replace(describe_course(region, ensemble, followed), chains=chains)
    return Ahead(followed=followed, course=course, failures=failures)
