"""The consequences hour by hour, from the cascade's end on, with nothing repaired."""

from __future__ import annotations

from dataclasses import replace

from lightkeeper.consequences import (
    ChainLink,
    ColdOptions,
    Consequences,
    Course,
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


def follow_hours(
    region: Region,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    feeder_off: BoolArray,
    consequences: Consequences,
    chosen: int,
    options: PictureOptions,
) -> tuple[Course, tuple[ChainLink, ...]]:
    """Follow every scenario; the chains, and what fails in it, are of the scenario `chosen`."""
    supply = supply_after(
        region,
        ensemble,
        result,
        feeder_off,
        unserved_mw=consequences.unserved_mw_by_scenario,
        seed=options.seed,
    )
    rules = FollowOptions(horizon_h=options.course_h, cold=ColdOptions(seed=options.seed))
    followed = follow(region, ensemble.weight, supply, rules)
    chains = find_chains(
        region, followed.graph, supply, ensemble, result, chosen, horizon_h=options.course_h
    )
    failures = find_failures(region, followed.graph, supply, chosen, horizon_h=options.course_h)
    return replace(describe_course(region, ensemble, followed), chains=chains), failures
