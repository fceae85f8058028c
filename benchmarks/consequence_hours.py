"""Measure an ensemble of the demo region from damage to the hours ahead.

python benchmarks/consequence_hours.py
python benchmarks/consequence_hours.py --scenarios 1000 --plan
python benchmarks/consequence_hours.py --scenarios 1000 --optimum 100

45 assets drawn by a seed are likely to be hurt. Each line is one stage, wall and processor seconds;
the first run compiles and is not counted. With `--plan` the hours are followed a second time with
six crews and an hourly schedule of 900 MW. With `--optimum` the rule that says what a grid under
repair serves is held against the linear optimum, in so many scenarios.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from lightkeeper.consequences import (
    FollowOptions,
    assess,
    describe_course,
    find_representative,
    follow,
    list_feeders_off,
    supply_after,
)
from lightkeeper.damage import (
    AssetKind,
    Basis,
    DamageEstimate,
    draw_scenarios,
    estimate_damage,
    list_assets,
    reweight,
    to_scenarios,
)
from lightkeeper.flow import FlowOptions, build_case, run_cascade
from lightkeeper.plans import (
    LeastShed,
    OutageSchedule,
    RepairOptions,
    ScheduleOptions,
    damage_grid,
    follow_plan,
    load_blocks,
    load_repair_times,
    plan_repairs,
    plan_schedule,
)
from lightkeeper.plans.repair_worth import redispatched
from lightkeeper.region import Region, load_demo_region, load_gazetteer
from lightkeeper.units import BoolArray

HURT = {AssetKind.SUBSTATION: 25, AssetKind.POWER_PLANT: 8, AssetKind.HEAT_SOURCE: 12}
STATES = (0.35, 0.30, 0.35)
CREWS = 6
ORDER_MW = 900.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--optimum", type=int, default=0)
    asked = parser.parse_args()
    region = load_demo_region()
    estimate = _likely_hurt(region)
    if asked.optimum:
        _compare(region, estimate, asked.scenarios, asked.optimum)
        return
    _run(region, estimate, 64, asked.threads, asked.plan, is_shown=False)
    started, used = time.perf_counter(), time.process_time()
    _run(region, estimate, asked.scenarios, asked.threads, asked.plan, is_shown=True)
    print(
        f"all {asked.scenarios} scenarios: {time.perf_counter() - started:.1f} s, "
        f"processor {time.process_time() - used:.1f} s"
    )


def _likely_hurt(region: Region) -> DamageEstimate:
    estimate = estimate_damage(region, list_assets(region), (), (), load_gazetteer())
    rng = np.random.default_rng(5)
    probability, basis = estimate.probability.copy(), estimate.basis.astype("U20")
    for kind, n in HURT.items():
        rows = rng.choice(np.flatnonzero(estimate.assets.kind == kind.value), n, replace=False)
        probability[rows], basis[rows] = STATES, Basis.INFERRED.value
    return replace(estimate, probability=probability, basis=basis)


def _compare(region: Region, estimate: DamageEstimate, n: int, n_compared: int) -> None:
    """Compare what is served under repair with the linear optimum, in scenarios with overloads."""
    ensemble = draw_scenarios(estimate, (), region, n, 1)
    case = build_case(region.network)
    scenarios = to_scenarios(ensemble, region, case)
    rule = run_cascade(case, scenarios, redispatched(2))
    trips = run_cascade(case, scenarios, FlowOptions(ramp_pu=1.0, n_threads=2))
    # Where no line is overloaded both rules and the optimum are the same.
    rows = np.flatnonzero((trips.trip_round > 0).any(axis=1))
    print(f"{rows.size} of {n} scenarios have an overload after redispatch")
    grids = [damage_grid(case, scenarios, int(s)) for s in rows[:n_compared]]
    best = np.array([LeastShed(g, load_blocks(g)).solve().served_mw.sum() for g in grids])
    for name, found in (("nothing trips", rule), ("overloads trip", trips)):
        gap = found.total_served_mw[rows[:n_compared]] - best
        share = np.quantile(gap, [0.05, 0.5, 0.95])
        print(f"{name}: served less the optimum, MW: " + ", ".join(f"{x:.1f}" for x in share))


def _run(
    region: Region, estimate: DamageEstimate, n: int, threads: int, plan: bool, *, is_shown: bool
) -> None:
    @contextmanager
    def stage(name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        yield
        if is_shown:
            took = time.perf_counter() - wall
            print(f"{name}: {took:.1f} s, processor {time.process_time() - processor:.1f} s")

    with stage("damage"):
        ensemble = draw_scenarios(estimate, (), region, n, 1)
        case = build_case(region.network)
        scenarios = to_scenarios(ensemble, region, case)
    with stage("cascade"):
        result = run_cascade(case, scenarios, FlowOptions(n_threads=threads))
    with stage("people"):
        off = list_feeders_off(region, ensemble, result, seed=1)
        ensemble = reweight(ensemble, region, off)
        found = assess(region, ensemble, result, off, (), ())
        chosen = find_representative(ensemble, found)
    with stage("hours"):
        supply = supply_after(
            region, ensemble, result, off, unserved_mw=found.unserved_mw_by_scenario, seed=1
        )
        followed = follow(region, ensemble.weight, supply)
    with stage("bands"):
        course = describe_course(region, ensemble, followed)
    if plan:
        repairs = RepairOptions(times=load_repair_times(), n_threads=threads)
        with stage("repair order"):
            jobs = plan_repairs(
                region,
                case,
                estimate.assets,
                ensemble.state[chosen],
                n_crews=CREWS,
                options=repairs,
            ).jobs
        with stage("hours with the plan"):
            schedule = plan_schedule(region, np.full(48, ORDER_MW), options=ScheduleOptions())
            follow_plan(
                region,
                case,
                ensemble,
                result,
                off,
                followed,
                listed=[job.asset for job in jobs],
                switched_off=_rotation(region, schedule),
                n_crews=CREWS,
                repairs=repairs,
                follow_options=FollowOptions(),
                seed=1,
            )
    if is_shown:
        last = course.people_below_16.median[-1]
        print(f"median of people below 16 °C at the end: {last:.0f}" if last is not None else "")


def _rotation(region: Region, schedule: OutageSchedule) -> BoolArray:
    hours = FollowOptions().horizon_h
    per_hour = 60 // schedule.slot_min
    off = np.zeros((hours, region.feeders.id.size), dtype=np.bool_)
    for hour in range(hours):
        column = schedule.is_off[:, hour * per_hour % schedule.is_off.shape[1]]
        queues = [q for q, is_off in zip(schedule.queues, column, strict=True) if is_off]
        off[hour] = np.isin(region.feeders.queue, queues) & ~region.feeders.is_critical
    return off


if __name__ == "__main__":
    main()
