"""Emergency shedding: gap of whole-feeder lists to the linear bound, and the time of a re-plan.

    python benchmarks/shedding.py [--network demo | CASE] [--scenarios 40] [--seed 0]

Scenarios in turn: every unit limited so that 5 to 40 % of demand lacks power; branches lost; buses
lost; all three kinds of loss with a third of the units. A published case gets three invented
feeders a load. Time is CPU time of one `plan_shedding` call on one thread, bound, list and dispatch
included; gaps are of the weighted shed, and given apart for bounds under `--small` MW, where single
feeders weigh more than any list can even out.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from lightkeeper.flow import FlowCase, Scenarios, build_case, lose
from lightkeeper.grid import read_matpower
from lightkeeper.plans import SheddingOptions, plan_shedding
from lightkeeper.region import District, DistrictId, Feeders, PlaceCode, Region, load_demo_region


def region_of(name: str) -> Region:
    """A published case with one district and three feeders of unequal size at every load."""
    network = read_matpower(name)
    load = np.repeat(np.flatnonzero(network.loads.p_mw > 0), 3).astype(np.int32)
    share = np.tile([0.5, 0.3, 0.2], len(load) // 3)
    demand_mw = network.loads.p_mw[load] * share
    n = len(load)
    district = District(
        id=DistrictId("all"),
        place=PlaceCode("all"),
        oblast=PlaceCode("all"),
        name_uk=name,
        name_en=name,
        population=int(demand_mw.sum() * 1000),
        lon=0.0,
        lat=0.0,
        polygon={},
    )
    return Region(
        name=name,
        network=network,
        districts=(district,),
        feeders=Feeders(
            id=np.array([f"f{i}" for i in range(n)]),
            load=load,
            district=np.zeros(n, np.int32),
            place=np.array(["all"] * n),
            queue=np.array([""] * n),
            demand_mw=demand_mw,
            population=(demand_mw * 1000).astype(np.int32),
            is_critical=np.arange(n) % 10 == 0,
        ),
        heat_sources=(),
        services=(),
        warm_points=(),
    )


def damage(case: FlowCase, kind: int, rng: np.random.Generator) -> Scenarios:
    """One heavy loss; see the top of this file."""
    n_branch, n_unit = len(case.from_bus), len(case.unit_bus)
    if kind == 0:
        left = rng.uniform(0.6, 0.95) * case.load_mw.sum() / case.unit_max_mw.sum()
        return lose(case, unit_factor=np.full((1, n_unit), left))
    some_branches = rng.choice(n_branch, rng.integers(n_branch // 100, n_branch // 15))
    some_buses = rng.choice(case.n_bus, rng.integers(case.n_bus // 150, case.n_bus // 20))
    return lose(
        case,
        branches=[some_branches if kind in (1, 3) else some_branches[:0]],
        buses=[
            some_buses if kind == 2 else some_buses[: len(some_buses) // (2 * (kind == 3) or 99)]
        ],
        units=[rng.choice(n_unit, n_unit // 3 if kind == 3 else 0, replace=False)],
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--network", default="demo")
    arguments.add_argument("--scenarios", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--small", type=float, default=20.0)
    given = arguments.parse_args()
    region = load_demo_region() if given.network == "demo" else region_of(given.network)
    case = build_case(region.network)
    rng = np.random.default_rng(given.seed)
    rows = []
    for number in range(given.scenarios):
        lost = damage(case, number % 4, rng)
        start = time.process_time()
        plan = plan_shedding(region, case, lost, options=SheddingOptions())
        seconds = time.process_time() - start
        rows.append((plan.bound_mw, plan.bound_objective, plan.objective, len(plan.steps), seconds))
    bound_mw, bound, objective, steps, seconds = np.array(rows).T
    shed = bound_mw > 0.01
    gap = objective / np.maximum(bound, 1e-9) - 1
    print(
        f"{region.name}: {case.n_bus} buses, {len(case.from_bus)} branches, "
        f"{len(region.feeders.id)} feeders; {given.scenarios} scenarios, seed {given.seed}; "
        f"{int(shed.sum())} shed something, up to {int(steps.max())} feeders"
    )
    for words, here in (
        (f"bound of {given.small:g} MW and more", bound_mw >= given.small),
        (f"bound under {given.small:g} MW", shed & (bound_mw < given.small)),
    ):
        if here.any():
            print(
                f"{words}: {int(here.sum())} scenarios, gap median {np.median(gap[here]):.2%}, "
                f"largest {gap[here].max():.2%}; largest in MW-weight "
                f"{(objective - bound)[here].max():.2f}"
            )
    print(f"re-plan: median {np.median(seconds):.2f} s CPU, longest {seconds.max():.2f} s")


if __name__ == "__main__":
    main()
