"""Memory and time of a campaign of N-k scenarios on a large network, island by island balanced.

Scenarios are drawn chunk by chunk and their results summed up chunk by chunk, as a user with a
million of them would; the peak of the process's memory is printed as it goes.

Usage: python benchmarks/campaign_memory.py [CASE] [--scenarios N] [--threads N] [--write FILE]
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
from page import versions, write_lines

from lightkeeper.flow import FlowOptions, Output, build_case, lose, prepare, run_cascade
from lightkeeper.grid import read_matpower

CHUNK = 500
GIB = 1 << 20  # of what ru_maxrss counts, KiB


def main() -> None:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="?", default="case_ACTIVSg10k")
    parser.add_argument("--scenarios", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    prepared = prepare(build_case(read_matpower(asked.case)))
    case = prepared.case
    live = np.flatnonzero(case.branch_on)
    options = FlowOptions(
        trip_overloads=False,
        outputs=frozenset({Output.FLOWS, Output.SERVED}),
        n_threads=asked.threads,
        bulk_from=1,
    )
    rng = np.random.default_rng(1)
    shed_mw, n_split, worst_pu, peaks = 0.0, 0, 0.0, []
    begun, begun_cpu = time.perf_counter(), time.process_time()
    for first in range(0, asked.scenarios, CHUNK):
        n = min(CHUNK, asked.scenarios - first)
        lost = [rng.choice(live, rng.integers(3, 11), replace=False).tolist() for _ in range(n)]
        result = run_cascade(prepared, lose(case, branches=lost), options)
        assert result.flow_mw is not None
        shed_mw += float((result.total_demand_mw - result.total_served_mw).sum())
        n_split += int((result.n_islands > 1).sum())
        load = np.abs(result.flow_mw) / case.limit_mw
        worst_pu = max(worst_pu, float(np.nanmax(load)))
        if first // CHUNK in (0, asked.scenarios // CHUNK // 10):
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB)
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB)
    cpu, wall = time.process_time() - begun_cpu, time.perf_counter() - begun
    lines = [
        f"{versions()}.",
        "",
        f"{asked.scenarios:,} scenarios of 3 to 10 lost branches on {asked.case} ({case.n_bus:,} "
        f"buses, {len(live):,} branches), all islands balanced, all flows: {cpu:,.0f} s of CPU, "
        f"{wall:,.0f} s by the clock on {asked.threads} thread(s). The process took at most "
        f"{peaks[0]:.2f} GiB by the end of the first {CHUNK} scenarios, {peaks[1]:.2f} GiB by a "
        f"tenth of all, {peaks[-1]:.2f} GiB by the last (goal: 2 GiB). Shed on average "
        f"{shed_mw / asked.scenarios:,.2f} MW, {n_split:,} split into two or more live islands, "
        f"highest loading {worst_pu:.1f} times a rating.",
    ]
    print(*lines, sep="\n")
    if asked.write:
        write_lines(asked.write, "memory", lines)


if __name__ == "__main__":
    main()
