"""Emergency shedding: gap of whole-feeder lists to the linear bound, and the time of a re-plan.

    python benchmarks/shedding.py [NETWORK:SCENARIOS ...] [--seed 0] [--search NETWORK ...]
                                  [--write PAGE]

Scenarios in turn: every unit limited so that 5 to 40 % of demand lacks power; branches lost; buses
lost; all three kinds of loss with a third of the units. A published case gets three invented
feeders a load. A re-plan is one `plan_shedding` call on one thread, bound, list, dispatch and order
of return included. On the networks named after --search every scenario is planned once more with
the search for a better list, which also proves what no list of whole feeders undercuts. Each last
plan is replayed through the flow engine, with the plan's loads and dispatch.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from page import versions, write_lines

from lightkeeper.flow import (
    FlowCase,
    FlowOptions,
    Scenarios,
    build_case,
    lose,
    run_cascade,
)
from lightkeeper.grid import read_matpower
from lightkeeper.plans import SearchOptions, SheddingOptions, SheddingPlan, plan_shedding
from lightkeeper.region import District, DistrictId, Feeders, PlaceCode, Region, load_demo_region

USUAL = ["demo:120", "case_ACTIVSg10k:24"]
KINDS = ("short of power", "branches lost", "buses lost", "all of these")
GOAL_GAP_PU = 0.03
LEAST_MW = 0.01
"""A shed below this is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario: the list found at once, the list kept, and what they took [s]."""

    number: int
    first: SheddingPlan
    kept: SheddingPlan
    first_cpu_s: float
    first_wall_s: float
    kept_cpu_s: float
    is_searched: bool
    flow_off_mw: float
    overload_mw: float
    n_trips: int

    @property
    def is_shed(self) -> bool:
        return self.kept.bound_mw > LEAST_MW


def gap_pu(plan: SheddingPlan) -> float:
    """How much more the list weighs than the linear optimum."""
    return max(plan.objective / plan.bound_objective - 1.0, 0.0)


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


def replay(case: FlowCase, lost: Scenarios, plan: SheddingPlan) -> tuple[float, float, int]:
    """(difference of flows, largest overload [MW], trips) with the plan's loads and dispatch."""
    ordered = replace(
        case,
        load_mw=plan.served_by_bus_mw,
        base_served_mw=plan.served_by_bus_mw,
        unit_scheduled_mw=plan.dispatch_mw,
        unit_p_mw=plan.dispatch_mw,
        base_unit_on=plan.dispatch_mw > 0,
        # What is left of a unit runs as ordered; a plan says in its notes what runs too low.
        unit_min_mw=np.minimum(case.unit_min_mw, plan.dispatch_mw),
        unit_max_mw=np.maximum(case.unit_max_mw, plan.dispatch_mw),
        limit_mw=case.limit_mw + 1e-4,  # a limit met exactly is no overload
    )
    found = run_cascade(ordered, replace(lost, unit_factor=None), FlowOptions(keep_flows=True))
    assert found.flow_mw is not None
    flow = found.flow_mw[0]
    return (
        float(np.abs(flow - plan.flow_mw).max()),
        float((np.abs(flow) - case.limit_mw).max()),
        int((found.trip_round[0] > 0).sum()),
    )


def measure(region: Region, n: int, seed: int, *, is_searched: bool) -> list[Row]:
    """Plan all scenarios of a region."""
    case = build_case(region.network)
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        lost = damage(case, number % len(KINDS), rng)
        cpu, wall = time.process_time(), time.perf_counter()
        first = plan_shedding(region, case, lost, options=SheddingOptions())
        first_cpu, first_wall = time.process_time() - cpu, time.perf_counter() - wall
        kept, kept_cpu = first, first_cpu
        is_far = first.bound_mw > LEAST_MW and gap_pu(first) > GOAL_GAP_PU
        if is_searched and is_far:
            options = SheddingOptions(search=SearchOptions(above_pu=GOAL_GAP_PU))
            cpu = time.process_time()
            kept = plan_shedding(region, case, lost, options=options)
            kept_cpu = time.process_time() - cpu
        rows.append(
            Row(
                number,
                first,
                kept,
                first_cpu,
                first_wall,
                kept_cpu,
                is_searched and is_far,
                *replay(case, lost, kept),
            )
        )
    return rows


def summary(region: Region, rows: list[Row], seed: int) -> list[str]:
    """What was found, as lines of a page."""
    network = region.network
    n_branch = len(network.lines.id) + len(network.transformers.id) + len(network.switches.id)
    shed = [r for r in rows if r.is_shed]
    first, kept = (
        np.array([gap_pu(p) for p in x])
        for x in (
            [r.first for r in shed],
            [r.kept for r in shed],
        )
    )
    cpu, wall = np.array([r.first_cpu_s for r in rows]), np.array([r.first_wall_s for r in rows])
    lines = [
        f"### {region.name}",
        "",
        f"{len(network.buses.id):,} buses, {n_branch:,} branches, {len(region.feeders.id):,} "
        f"feeders; {len(rows)} scenarios, seed {seed}; {len(shed)} shed something, up to "
        f"{max(len(r.kept.steps) for r in rows):,} feeders.",
        "",
        "| | median | 95 % | largest | share within 3 % |",
        "|---|---|---|---|---|",
        f"| gap of the first list | {np.median(first):.2%} | {np.percentile(first, 95):.2%} | "
        f"{first.max():.2%} | {np.mean(first <= GOAL_GAP_PU):.1%} |",
    ]
    searched = [r for r in rows if r.is_searched]
    if searched:
        lines.append(
            f"| gap after the search | {np.median(kept):.2%} | {np.percentile(kept, 95):.2%} | "
            f"{kept.max():.2%} | {np.mean(kept <= GOAL_GAP_PU):.1%} |"
        )
    lines += [
        f"| re-plan, CPU s | {np.median(cpu):.2f} | {np.percentile(cpu, 95):.2f} | "
        f"{cpu.max():.2f} | |",
        f"| re-plan, by the clock, s | {np.median(wall):.2f} | {np.percentile(wall, 95):.2f} | "
        f"{wall.max():.2f} | |",
    ]
    if searched:
        took = np.array([r.kept_cpu_s for r in searched])
        lines.append(
            f"| with the search ({len(searched)} scenarios), CPU s | {np.median(took):.2f} | "
            f"{np.percentile(took, 95):.2f} | {took.max():.2f} | |"
        )
    lines += [
        "",
        f"Replayed through the flow engine: {sum(r.n_trips > 0 for r in rows)} of {len(rows)} "
        f"plans trip a line, the largest overload is {max(r.overload_mw for r in rows):.0e} MW, "
        f"flows differ from the plan's by {max(r.flow_off_mw for r in rows):.0e} MW at most.",
    ]
    far = [r for r in shed if gap_pu(r.kept) > GOAL_GAP_PU]
    if far:
        lines += [
            "",
            "Lists that are more than 3 % above the linear optimum (weights in MW of an ordinary "
            "feeder):",
            "",
            "| scenario | linear optimum | list | gap | gap, MW | no list of whole feeders below | "
            "the list is the best to within | smallest feeder cut, MW |",
            "|---|---|---|---|---|---|---|---|",
        ]
    for r in far:
        plan = r.kept
        left = max(plan.objective / plan.least_objective - 1.0, 0.0)
        smallest = min((s.shed_mw for s in plan.steps), default=0.0)
        lines.append(
            f"| {r.number} ({KINDS[r.number % len(KINDS)]}) | {plan.bound_objective:.2f} | "
            f"{plan.objective:.2f} | {gap_pu(plan):.1%} | "
            f"{plan.objective - plan.bound_objective:.2f} | {plan.least_objective:.2f} | "
            f"{left:.2%} | {smallest:.2f} |"
        )
    return [*lines, ""]


def main() -> None:
    """Measure the networks asked for, print what was found, and put it into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", default=USUAL, help="name:scenarios")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--search", nargs="*", default=["demo"], help="networks to search on")
    parser.add_argument("--write", type=Path, help="put it between the marks of this page")
    asked = parser.parse_args()
    lines = [versions("highspy") + ".", ""]
    print(*lines, sep="\n")
    for one in asked.networks:
        name, _, n = one.partition(":")
        region = load_demo_region() if name == "demo" else region_of(name)
        rows = measure(region, int(n or 40), asked.seed, is_searched=name in asked.search)
        found = summary(region, rows, asked.seed)
        print(*found, sep="\n", flush=True)
        lines += found
    if asked.write:
        write_lines(asked.write, "shedding", lines[:-1])


if __name__ == "__main__":
    main()
