"""Measure an ensemble of the demo region from damage to the hours ahead.

python benchmarks/consequence_hours.py

45 assets drawn by a seed are likely to be hurt. Each line is one stage, wall and processor seconds;
the first run compiles and is not counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from lightkeeper.consequences import (
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
from lightkeeper.region import Region, load_demo_region, load_gazetteer

HURT = {AssetKind.SUBSTATION: 25, AssetKind.POWER_PLANT: 8, AssetKind.HEAT_SOURCE: 12}
STATES = (0.35, 0.30, 0.35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    region = load_demo_region()
    estimate = _likely_hurt(region)
    _run(region, estimate, 64, asked.threads, is_shown=False)
    started, used = time.perf_counter(), time.process_time()
    _run(region, estimate, asked.scenarios, asked.threads, is_shown=True)
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


def _run(region: Region, estimate: DamageEstimate, n: int, threads: int, *, is_shown: bool) -> None:
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
        find_representative(ensemble, found)
    with stage("hours"):
        supply = supply_after(
            region, ensemble, result, off, unserved_mw=found.unserved_mw_by_scenario, seed=1
        )
        followed = follow(region, ensemble.weight, supply)
    with stage("bands"):
        course = describe_course(region, ensemble, followed)
    if is_shown:
        last = course.people_below_16.median[-1]
        print(f"median of people below 16 °C at the end: {last:.0f}" if last is not None else "")


if __name__ == "__main__":
    main()
