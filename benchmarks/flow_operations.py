"""What a scenario takes of the low-rank engine, counted: multiplications and bytes, no clock.

Usage: python benchmarks/flow_operations.py [CASE ...]
"""

from __future__ import annotations

import sys

import numpy as np

from lightkeeper.flow import build_case, prepare
from lightkeeper.flow.low_rank_work import depths
from lightkeeper.grid import read_matpower

MEAN_LOST = 6.5  # of 3 to 10
LANES = 8


def main() -> None:
    """Print a row for each case."""
    cases = sys.argv[1:] or ["case118", "case2383wp", "case9241pegase", "case_ACTIVSg10k"]
    print("| case | entries of L | path | on the path | forward | small | backward | flows, kB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in cases:
        prepared = prepare(build_case(read_matpower(name)))
        grid, case = prepared.grid, prepared.case
        n_entries = np.diff(grid.l_start)
        on_path = n_entries.astype(np.int64)
        for v in range(case.n_bus - 1, -1, -1):
            if grid.parent[v] >= 0:
                on_path[v] += on_path[grid.parent[v]]
        low = np.minimum(grid.from_bus, grid.to_bus)[case.branch_on]
        path = float(depths(grid.parent)[low].mean()) + 1.0
        entries = float(on_path[low].mean())
        pairs = MEAN_LOST * (MEAN_LOST + 1.0) / 2.0
        cells = (
            name,
            f"{len(grid.l_row):,}",
            f"{path:.0f}",
            f"{entries:,.0f}",
            f"{MEAN_LOST * entries:,.0f}",
            f"{pairs * path + 2.0 * MEAN_LOST * path:,.0f}",
            f"{len(grid.l_row) / LANES:,.0f}",
            f"{8.0 * len(case.from_bus) / 1000.0:,.0f}",
        )
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
