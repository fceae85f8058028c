"""Scenarios per CPU-second of `iter_cascade` beside other programs on the same work.

A plain scipy loop answers the same question by the same rule (`proportional`, no phase shifts):
islands, balance, DC flow, and for cascades trips until nothing is overloaded. lightsim2grid, where
it is installed, solves the largest part alone, without balance: less work. All take turns in one
run, on one thread, and the answers are compared on a sample of each row. Limits are 1.3 times the
flow of the intact network.

Usage: python benchmarks/flow_throughput.py [CASE ...] [--scenarios N] [--loop M] [--write FILE]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
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
from lightkeeper.flow.balance import proportional_base
from lightkeeper.grid import read_matpower

ROUNDS = 3
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def scipy_loop(
    case: FlowCase, lost: list[list[int]], *, cascade: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Final flows and served loads, scenario by scenario, as a user would write it."""
    base = proportional_base(
        load_mw=case.load_mw,
        infeed_mw=case.infeed_mw,
        unit_bus=case.unit_bus,
        unit_scheduled_mw=case.unit_scheduled_mw,
        unit_on=case.unit_on,
    )
    n, f, t, b = case.n_bus, case.from_bus, case.to_bus, case.susceptance_pu
    made_at_start = np.bincount(case.unit_bus, base.unit_mw, n) + base.infeed_mw
    flows, loads, n_rounds = [], [], 0
    for rows in lost:
        on = case.branch_on.copy()
        on[rows] = False
        made, served = made_at_start, base.served_mw
        while True:
            n_rounds += 1
            graph = sp.coo_matrix((np.ones(on.sum()), (f[on], t[on])), shape=(n, n))
            n_parts, part = connected_components(graph, directed=False)
            supply, demand = np.bincount(part, made, n_parts), np.bincount(part, served, n_parts)
            both = np.minimum(supply, demand)
            made = made * np.divide(both, supply, out=np.zeros(n_parts), where=supply > 0)[part]
            served = served * np.divide(both, demand, out=np.zeros(n_parts), where=demand > 0)[part]
            reference = np.zeros(n_parts, int)
            reference[part[::-1]] = np.arange(n)[::-1]
            keep = np.setdiff1d(np.arange(n), reference)
            ends = (np.r_[f[on], t[on], f[on], t[on]], np.r_[f[on], t[on], t[on], f[on]])
            values = np.r_[b[on], b[on], -b[on], -b[on]]
            matrix = sp.coo_matrix((values, ends), shape=(n, n)).tocsc()[keep][:, keep]
            angle = np.zeros(n)
            angle[keep] = splu(matrix.tocsc(), permc_spec="COLAMD").solve((made - served)[keep])
            flow = np.where(on, b * (angle[f] - angle[t]), 0.0)
            over = on & (np.abs(flow) > case.limit_mw * (1 + 1e-9))
            if not cascade or not over.any():
                break
            on &= ~over
        flows.append(flow)
        loads.append(served)
    return np.array(flows), np.array(loads), n_rounds


class LargestPart:
    """lightsim2grid on the same network: the largest part is solved, nothing is balanced."""

    def __init__(self, case: FlowCase, injection_mw: NDArray[np.float64]) -> None:
        from lightsim2grid.network import init_from_matpower

        self.rows = np.flatnonzero(case.branch_on)
        place = np.cumsum(case.bus_on) - 1
        self.n = int(case.bus_on.sum())
        bus = np.zeros((self.n, 13))
        bus[:, 0] = np.arange(1, self.n + 1)
        bus[:, 1] = 2
        bus[0, 1] = 3
        bus[:, 7], bus[:, 9], bus[:, 11], bus[:, 12] = 1.0, 100.0, 1.1, 0.9
        branch = np.zeros((len(self.rows), 13))
        branch[:, 0] = place[case.from_bus[self.rows]] + 1
        branch[:, 1] = place[case.to_bus[self.rows]] + 1
        branch[:, 3] = 1.0 / case.susceptance_pu[self.rows]
        branch[:, 10] = 1.0
        gen = np.zeros((self.n, 21))
        gen[:, 0] = bus[:, 0]
        gen[:, 1] = injection_mw[case.bus_on]
        gen[:, 5] = gen[:, 7] = 1.0
        gen[:, 6] = case.base_mva
        self.grid = init_from_matpower(
            {"baseMVA": case.base_mva, "bus": bus, "gen": gen, "branch": branch}
        )
        self.number = np.full(len(case.from_bus), -1)
        self.number[self.rows] = np.arange(len(self.rows))

    def flows_mw(self, lost: list[list[int]]) -> NDArray[np.float64]:
        """(n_scenarios, branches in service), in the order of sorted losses."""
        from lightsim2grid.algorithm import AlgorithmType
        from lightsim2grid.contingencyAnalysis import ContingencyAnalysisCPP

        analysis = ContingencyAnalysisCPP(self.grid, False)
        analysis.change_algorithm(AlgorithmType.DC_KLU)
        analysis.handle_disconnected_grid = True
        analysis.init_from_n_powerflow = True
        for rows in lost:
            analysis.add_nk(sorted(int(self.number[k]) for k in rows))
        analysis.compute(np.full(self.n, 1.0, np.complex128), 10, 1e-6)
        analysis.compute_power_flows()
        return np.array(analysis.get_power_flows())


@dataclass(frozen=True, slots=True)
class Row:
    case: str
    work: str
    ours: float  # scenarios per CPU-second
    ramped: float
    loop: float
    largest_part: float | None
    rounds: float
    two_threads: float  # wall time of one thread over that of two
    worst_pu: float


def cpu_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def wall_seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def campaign(case: PreparedCase, scenarios: Scenarios, options: FlowOptions) -> None:
    """All scenarios in chunks of some 10 MB of flows, whose memory is used again."""
    chunk = 1_000_000 // len(case.case.from_bus)
    for _ in iter_cascade(case, scenarios, options, chunk=chunk):
        pass


def measure(name: str, n: int, n_loop: int) -> list[Row]:
    case = build_case(read_matpower(name), use_shifts=False)
    rule = FlowOptions(rule=BalanceRule.PROPORTIONAL, keep_flows=True, bulk_from=1)
    case = limits_from_margin(case, 1.3, rule)
    rng = np.random.default_rng(1)
    rows = np.flatnonzero(case.branch_on)
    lost = [rng.choice(rows, rng.integers(3, 11), replace=False).tolist() for _ in range(n)]
    scenarios, prepared = lose(case, branches=lost), prepare(case)
    first, some = select(scenarios, 0, n_loop), lost[:n_loop]
    found = []
    for cascade in (False, True):
        options = replace(rule, trip_overloads=cascade)
        ours = run_cascade(prepared, first, options)
        flow, served, _ = scipy_loop(case, some, cascade=cascade)
        assert ours.flow_mw is not None
        worst = float(np.abs(ours.flow_mw - flow).max() / case.base_mva)
        assert worst < 1e-8, f"flows differ by {worst} p.u."
        assert np.abs(ours.served_mw - served).max() < 1e-6, "served loads differ"
        peer = None
        if not cascade and importlib.util.find_spec("lightsim2grid"):
            intact = run_cascade(prepared, no_loss(), options)
            made = np.bincount(case.unit_bus, intact.unit_mw[0], case.n_bus)
            peer = LargestPart(case, made + intact.infeed_mw[0] - intact.served_mw[0])
            whole = np.flatnonzero(np.all(ours.island == intact.island[0], axis=1))
            whole = np.array(sorted(whole.tolist(), key=lambda s: sorted(some[s])), int)
            theirs = peer.flows_mw([some[s] for s in whole])
            assert len(theirs) == len(whole)
            gap = np.abs(theirs - ours.flow_mw[np.ix_(whole, peer.rows)]).max(initial=0.0)
            assert gap / case.base_mva < 1e-6, f"lightsim2grid differs by {gap} MW"
        everything = run_cascade(prepared, scenarios, options)
        per_round = float(everything.n_rounds.mean())
        ramped = replace(options, rule=BalanceRule.RAMPED)
        jobs: list[tuple[Callable[[], object], int]] = [
            (partial(campaign, prepared, scenarios, options), n),
            (partial(campaign, prepared, scenarios, ramped), n),
            (partial(scipy_loop, case, some, cascade=cascade), n_loop),
        ]
        if peer is not None:
            jobs.append((partial(peer.flows_mw, lost), n))
        times = [[cpu_seconds(job) / size for job, size in jobs] for _ in range(ROUNDS)]
        rate = [1.0 / x for x in np.median(times, axis=0).tolist()]
        two = partial(campaign, prepared, scenarios, replace(options, n_threads=2))
        walls = [(wall_seconds(jobs[0][0]), wall_seconds(two)) for _ in range(ROUNDS)]
        found.append(
            Row(
                case=name,
                work="cascade" if cascade else "N-k",
                ours=rate[0],
                ramped=rate[1],
                loop=rate[2],
                largest_part=rate[3] if peer is not None else None,
                rounds=per_round,
                two_threads=min(a for a, _ in walls) / min(b for _, b in walls),
                worst_pu=worst,
            )
        )
        print(line(found[-1]), flush=True)
    return found


HEAD = (
    "| case | work | scenarios/s | `ramped` | scipy loop | over the loop | lightsim2grid | over it "
    "| rounds | two threads | worst flow |"
)


RULE = "|---" * (HEAD.count("|") - 1) + "|"


def line(row: Row) -> str:
    peer = row.largest_part
    cells = (
        row.case,
        row.work,
        f"{row.ours:,.0f}",
        f"{row.ramped:,.0f}",
        f"{row.loop:,.1f}",
        f"{row.ours / row.loop:.0f}x",
        "" if peer is None else f"{peer:,.0f}",
        "" if peer is None else f"{row.ours / peer:.1f}x",
        f"{row.rounds:.1f}",
        f"{row.two_threads:.1f}x",
        f"{row.worst_pu:.0e}",
    )
    return "| " + " | ".join(cells) + " |"


def versions() -> str:
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            x.split(":")[1].strip() for x in info.read_text().splitlines() if "model name" in x
        ]
        model = f"{names[0]} ({len(names)} cores)" if names else model
    packages = ("numpy", "scipy", "numba", "lightsim2grid")
    found = [
        f"{p} {importlib.metadata.version(p)}" for p in packages if importlib.util.find_spec(p)
    ]
    return f"{model}, Python {platform.python_version()}, {', '.join(found)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=["case118", "case2383wp"])
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--loop", type=int, default=20, help="scenarios of the scipy loop")
    parser.add_argument("--write", type=Path, help="put the table between the marks of this page")
    asked = parser.parse_args()
    print(versions(), HEAD, RULE, sep="\n", flush=True)
    rows = [row for name in asked.cases for row in measure(name, asked.scenarios, asked.loop)]
    if asked.write:
        before, _, rest = asked.write.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        table = [HEAD, RULE, *map(line, rows)]
        text = "\n".join([BEGIN, "", versions() + ".", "", *table, "", END])
        asked.write.write_text(before + text + after, encoding="utf-8")


if __name__ == "__main__":
    main()
