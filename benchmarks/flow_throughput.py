"""Scenarios per CPU-second of the flow engine beside other programs on the same work, as a table.

Work: N-k with all flows, and cascades by every overload at once, on one thread, by the rule
`proportional`, without phase shifts; each scenario loses 3 to 10 random branches. A plain scipy
loop and a pandapower loop answer the same question. lightsim2grid solves the largest part alone,
without balance or cascade: less work. All take turns in one run, and the answers are compared on a
sample of every row. Limits are 1.3 times the flow of the intact network.

Usage: python benchmarks/flow_throughput.py [CASE[:CASCADES] ...] [--peer-s SECONDS] [--write FILE]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from page import versions, write_lines
from peers import Floats, LargestPart, pandapower_solver, run_loop, scipy_solver

from lightkeeper.flow import (
    BalanceRule,
    FlowOptions,
    Output,
    PreparedCase,
    Scenarios,
    build_case,
    iter_cascade,
    limits_from_margin,
    lose,
    no_loss,
    prepare,
    run_cascade,
    select,
)
from lightkeeper.grid import read_matpower

TURNS = 3
# N-k scenarios for each cascade: enough that the plan, which a call makes once, counts for little.
NK_TIMES = 10
# Flows in one chunk of N-k, which are to stay in the caches, and of cascades, whose lanes run empty
# at the end of each chunk.
NK_VALUES, CASCADE_VALUES, LEAST_CHUNK = 1_000_000, 4_000_000, 16
USUAL = [
    "case118:5000",
    "case2383wp:2000",
    "case9241pegase:500",
    "case_ACTIVSg10k:500",
    "case_ACTIVSg70k:100",
]
# Cascades of peers on larger networks take minutes each.
CASCADES_UP_TO = 20_000
# Times the peer that the engine is meant to reach, by work, peer and case.
GOALS = {
    ("N-k", "lightsim2grid", "case118"): 6,
    ("N-k", "lightsim2grid", "case2383wp"): 12,
    ("N-k", "lightsim2grid", "case9241pegase"): 20,
    ("N-k", "lightsim2grid", "case_ACTIVSg10k"): 20,
    ("N-k", "lightsim2grid", "case_ACTIVSg70k"): 15,
    ("cascade", "scipy loop", "case118"): 100,
    ("cascade", "scipy loop", "case2383wp"): 40,
    ("cascade", "scipy loop", "case9241pegase"): 20,
    ("cascade", "pandapower loop", "case118"): 1000,
    ("cascade", "pandapower loop", "case2383wp"): 200,
    ("cascade", "pandapower loop", "case9241pegase"): 60,
}


@dataclass(frozen=True, slots=True)
class Program:
    """Something that does `n` of the scenarios; `gap_pu`: how far its flows are from the engine's.

    With an `own_goal` it is the engine itself in another way; `by_wall` compares wall times.
    """

    name: str
    work: Callable[[], object]
    n: int
    gap_pu: float | None
    by_wall: bool = False
    own_goal: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What one program did beside the engine, per CPU-second and per second of wall time."""

    work: str
    case: str
    ours: float
    ours_wall: float
    program: Program
    theirs: float
    theirs_wall: float


def campaign(case: PreparedCase, scenarios: Scenarios, options: FlowOptions) -> None:
    """The outputs asked for, of all scenarios, in chunks whose memory is used again."""
    values = CASCADE_VALUES if options.trip_overloads else NK_VALUES
    chunk = max(values // len(case.case.from_bus), LEAST_CHUNK)
    for _ in iter_cascade(case, scenarios, options, chunk=chunk, reuse=True):
        pass


def measure(name: str, n_cascades: int, peer_s: float) -> list[Row]:
    """Measure one case, N-k and cascades."""
    # What peers give: flows, and what is served.
    given = frozenset({Output.FLOWS, Output.SERVED})
    rule = FlowOptions(rule=BalanceRule.PROPORTIONAL, outputs=given, bulk_from=1)
    case = limits_from_margin(build_case(read_matpower(name), use_shifts=False), 1.3, rule)
    rng = np.random.default_rng(1)
    rows, prepared = np.flatnonzero(case.branch_on), prepare(case)
    drawn = [
        rng.choice(rows, rng.integers(3, 11), replace=False).tolist()
        for _ in range(NK_TIMES * n_cascades)
    ]
    found = []
    for work in ("N-k", "cascade") if case.n_bus <= CASCADES_UP_TO else ("N-k",):
        cascade = work == "cascade"
        lost = drawn[:n_cascades] if cascade else drawn
        n, scenarios = len(lost), lose(case, branches=lost)
        options = replace(rule, trip_overloads=cascade)
        ours = partial(campaign, prepared, scenarios, options)
        ours()  # compiles
        programs = [
            Program(name, partial(campaign, prepared, scenarios, other), n, None, by_wall, goal)
            for name, other, by_wall, goal in (
                ("`ramped`", replace(options, rule=BalanceRule.RAMPED), False, "≥ 0.67x"),
                ("two threads", replace(options, n_threads=2), True, "≥ 1.8x"),
                ("every array", everything(options), False, ""),
            )
        ]
        loops = [("scipy loop", scipy_solver)]
        if cascade and importlib.util.find_spec("pandapower"):
            loops.append(("pandapower loop", pandapower_solver))
        for peer, make in loops:
            loop = partial(run_loop, case, solve=make(case), cascade=cascade)
            begun = time.process_time()
            loop(lost[:1])
            size = int(np.clip(peer_s / (time.process_time() - begun), 2, min(n, 200)))
            some = lost[:size]
            gap = compare(prepared, select(scenarios, 0, size), options, *loop(some))
            programs.append(Program(peer, partial(loop, some), size, gap))
        if not cascade and importlib.util.find_spec("lightsim2grid"):
            intact = run_cascade(prepared, no_loss(), everything(options))
            made = np.bincount(case.unit_bus, intact.unit_mw[0], case.n_bus)
            peer = LargestPart(case, made + intact.infeed_mw[0] - intact.served_mw[0])
            gap = compare_whole(prepared, lost[:50], options, peer)
            programs.append(Program("lightsim2grid", partial(peer.flows_mw, lost), n, gap))
        found += race(work, name, ours, n, programs)
        for row in found[-len(programs) :]:
            print(line(row), flush=True)
    return found


def everything(options: FlowOptions) -> FlowOptions:
    """The same with every array, for a comparison."""
    return replace(options, outputs=frozenset(Output))


def compare(
    prepared: PreparedCase, scenarios: Scenarios, options: FlowOptions, flow: Floats, served: Floats
) -> float:
    """Largest difference of flows [p.u.]; loads served must be the same."""
    ours = run_cascade(prepared, scenarios, everything(options))
    assert ours.flow_mw is not None
    gap = float(np.abs(ours.flow_mw - flow).max() / prepared.case.base_mva)
    assert gap < 1e-7, f"flows differ by {gap} p.u."
    assert np.abs(ours.served_mw - served).max() < 1e-6, "served loads differ"
    return gap


def compare_whole(
    prepared: PreparedCase, lost: list[list[int]], options: FlowOptions, peer: LargestPart
) -> float:
    """Largest difference of flows [p.u.] where nothing is cut off: elsewhere answers differ.

    Only told: whose flows are right, the comparison with the scipy loop says.
    """
    case = prepared.case
    intact = run_cascade(prepared, no_loss(), everything(options))
    ours = run_cascade(prepared, lose(case, branches=lost), everything(options))
    assert ours.flow_mw is not None
    whole = np.flatnonzero(np.all(ours.island == intact.island[0], axis=1)).tolist()
    whole.sort(key=lambda s: sorted(lost[s]))
    theirs = peer.flows_mw([lost[s] for s in whole])
    assert len(theirs) == len(whole)
    gap = np.abs(theirs - ours.flow_mw[np.ix_(whole, peer.rows)]).max(initial=0.0)
    return float(gap / case.base_mva)


def race(
    work: str, case: str, ours: Callable[[], object], n: int, programs: list[Program]
) -> list[Row]:
    """Let all take turns; the median of the turns counts, the least of the wall times."""
    cpu, wall = [], []
    for _ in range(TURNS):
        times = [timed(job) for job in (ours, *(p.work for p in programs))]
        cpu.append([t[0] for t in times])
        wall.append([t[1] for t in times])
    sizes = np.array([n, *(p.n for p in programs)])
    rate, by_wall = sizes / np.median(cpu, axis=0), sizes / np.min(wall, axis=0)
    return [
        Row(work, case, rate[0], by_wall[0], program, rate[i + 1], by_wall[i + 1])
        for i, program in enumerate(programs)
    ]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


HEAD = (
    "| work | case | per CPU-s | per s | beside | per CPU-s | per s | ratio | goal | flows differ |"
)
RULE = "|---" * (HEAD.count("|") - 1) + "|"


def line(row: Row) -> str:
    """One row of the table; its ratio is above 1 where the engine, or its variant, is faster."""
    program = row.program
    ours, theirs = (row.ours_wall, row.theirs_wall) if program.by_wall else (row.ours, row.theirs)
    is_own = program.own_goal is not None
    ratio = theirs / ours if is_own else ours / theirs
    goal = GOALS.get((row.work, program.name, row.case))
    goal_text = program.own_goal or ("" if goal is None else f"≥ {goal}x")
    cells = (
        row.work,
        row.case,
        f"{row.ours:,.0f}",
        f"{row.ours_wall:,.0f}",
        program.name,
        f"{row.theirs:,.{0 if row.theirs > 100 else 1}f}",
        f"{row.theirs_wall:,.{0 if row.theirs_wall > 100 else 1}f}",
        f"{ratio:.2f}x" if is_own else f"{ratio:,.{0 if ratio >= 20 else 1}f}x",
        goal_text,
        "" if program.gap_pu is None else f"{program.gap_pu:.0e} p.u.",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure the cases asked for, print the table, and put it into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "cases", nargs="*", default=USUAL, help="name:cascades, ten times as many N-k"
    )
    parser.add_argument("--peer-s", type=float, default=1.0, help="CPU time of a loop's turn")
    parser.add_argument("--write", type=Path, help="put the table between the marks of this page")
    asked = parser.parse_args()
    about = versions("lightsim2grid", "pandapower")
    print(about, HEAD, RULE, sep="\n", flush=True)
    rows = []
    for one in asked.cases:
        name, _, n = one.partition(":")
        rows += measure(name, int(n or 500), asked.peer_s)
    if asked.write:
        write_lines(asked.write, "throughput", [about + ".", "", HEAD, RULE, *map(line, rows)])


if __name__ == "__main__":
    main()
