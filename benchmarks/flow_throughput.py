"""Scenarios per CPU-second of `run_cascade` beside a plain scipy loop on the same work.

Both answer the same question by the same rule (`proportional`, no phase shifts): islands, balance,
DC flow, and for cascades trips until nothing is overloaded. They take turns in one run, and the
answers of the loop are compared with ours. Limits are 1.3 times the flow of the intact network.

Usage: python benchmarks/flow_throughput.py [CASE ...] [--scenarios N] [--loop M]
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import scipy
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    build_case,
    limits_from_margin,
    lose,
    prepare,
    run_cascade,
    select,
)
from lightkeeper.flow.balance import proportional_base
from lightkeeper.grid import read_matpower

ROUNDS = 3


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


def cpu_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measure(name: str, n: int, n_loop: int) -> None:
    case = build_case(read_matpower(name), use_shifts=False)
    rule = FlowOptions(rule=BalanceRule.PROPORTIONAL, keep_flows=True)
    case = limits_from_margin(case, 1.3, rule)
    rng = np.random.default_rng(1)
    rows = np.flatnonzero(case.branch_on)
    lost = [rng.choice(rows, rng.integers(3, 11), replace=False).tolist() for _ in range(n)]
    scenarios, prepared = lose(case, branches=lost), prepare(case)
    first, some = select(scenarios, 0, n_loop), lost[:n_loop]
    for cascade in (False, True):
        options = FlowOptions(
            rule=BalanceRule.PROPORTIONAL, trip_overloads=cascade, keep_flows=True
        )
        ramped = FlowOptions(trip_overloads=cascade, keep_flows=True)
        ours = run_cascade(prepared, first, options)
        flow, served, _ = scipy_loop(case, some, cascade=cascade)
        assert ours.flow_mw is not None
        worst = np.abs(ours.flow_mw - flow).max() / case.base_mva
        assert worst < 1e-8, f"flows differ by {worst} p.u."
        assert np.abs(ours.served_mw - served).max() < 1e-6, "served loads differ"
        per_round = run_cascade(prepared, scenarios, options).n_rounds.sum() / n
        jobs = (
            (partial(run_cascade, prepared, scenarios, options), n),
            (partial(run_cascade, prepared, scenarios, ramped), n),
            (partial(scipy_loop, case, some, cascade=cascade), n_loop),
        )
        times = [[cpu_seconds(job) / size for job, size in jobs] for _ in range(ROUNDS)]
        we, default, loop = np.median(times, axis=0).tolist()
        print(
            f"{name:16} {'cascade' if cascade else 'N-k flow':9} {1 / we:9.0f}/s "
            f"({we / per_round * 1e6:5.0f} us a round)  ramped {1 / default:9.0f}/s  "
            f"scipy loop {1 / loop:7.1f}/s  ratio {loop / we:6.1f}  worst flow {worst:.0e} p.u.",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=["case118", "case2383wp"])
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--loop", type=int, default=20, help="scenarios of the scipy loop")
    asked = parser.parse_args()
    print(
        f"{platform.machine()}, Python {platform.python_version()}, scipy {scipy.__version__}, "
        f"one thread, scenarios per CPU-second, k = 3..10 lost branches"
    )
    for name in asked.cases:
        measure(name, asked.scenarios, asked.loop)


if __name__ == "__main__":
    main()
