"""Few buses with many branches and many losses: both engines against a dense solution."""

from __future__ import annotations

import numpy as np
import pytest
from both_engines import assert_same, run_both
from numpy.typing import NDArray
from odd_network import dense_network
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightkeeper.flow import BalanceRule, FlowCase, FlowOptions, Scenarios, lose
from lightkeeper.flow.arrays import Out

N = 60
SHAPES = [(6, 14, 8), (9, 40, 16), (14, 60, 25), (20, 80, 25), (28, 60, 20), (30, 120, 30)]
"""Buses, branches, and how many losses at most."""


def losses(rng: np.random.Generator, case: FlowCase, most: int) -> Scenarios:
    """Branches, buses and units, some of them twice; in every other scenario a cut as well."""

    def draw(size: int, n: int) -> list[int]:
        return [int(row) for row in rng.integers(0, size, rng.integers(0, n + 1))]

    def cut() -> list[int]:
        side = rng.permutation(case.n_bus) < rng.integers(1, 2 + case.n_bus // 5)
        return [int(k) for k in np.flatnonzero(side[case.from_bus] != side[case.to_bus])]

    n_branch, n_unit = len(case.from_bus), len(case.unit_bus)
    branches = [draw(n_branch, most) + (cut() if s % 2 else []) for s in range(N)]
    buses = [draw(case.n_bus, case.n_bus // 4) if s % 3 == 0 else [] for s in range(N)]
    return lose(case, branches=branches, buses=buses, units=[draw(n_unit, 2) for _ in range(N)])


def left_of(case: FlowCase, lost: Scenarios, s: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Buses and branches that the scenario leaves."""
    bus, branch = case.bus_on.copy(), case.branch_on.copy()
    bus[lost.bus_index[lost.bus_start[s] : lost.bus_start[s + 1]]] = False
    branch[lost.branch_index[lost.branch_start[s] : lost.branch_start[s + 1]]] = False
    return bus, branch & bus[case.from_bus] & bus[case.to_bus]


def assert_dense(case: FlowCase, lost: Scenarios, s: int, out: Out) -> None:
    """Islands are those of the graph; flows those of one dense system, balanced in each island."""
    bus, branch = left_of(case, lost, s)
    f, t, n = case.from_bus, case.to_bus, case.n_bus
    graph = coo_array((np.ones(branch.sum()), (f[branch], t[branch])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    island = out.island[s]
    lives = island >= 0
    assert not np.any(lives & ~bus)
    # Two live buses have one label exactly if a path joins them, and an island is dead as a whole.
    pairs = set(zip(label[bus].tolist(), island[bus].tolist(), strict=True))
    assert len({a for a, _ in pairs}) == len(pairs)
    assert len({b for _, b in pairs if b >= 0}) == sum(b >= 0 for _, b in pairs)
    assert len({b for _, b in pairs if b >= 0}) == out.n_islands[s]

    injection = np.bincount(case.unit_bus, out.unit_mw[s], n) + out.infeed_mw[s] - out.served_mw[s]
    assert not injection[~lives].any()
    assert np.abs(np.bincount(label, injection)).max() < 1e-7
    on = branch & lives[f]
    b = np.where(on, case.susceptance_pu, 0.0)
    incidence = np.zeros((len(f), n))
    incidence[np.arange(len(f)), f] += 1.0
    incidence[np.arange(len(f)), t] -= 1.0
    matrix = incidence.T @ (b[:, None] * incidence)
    # The first bus of each island, and every bus without one, at angle 0.
    first = np.unique(np.where(lives, label, n + np.arange(n)), return_index=True)[1]
    matrix[first, first] += 1.0
    right = injection / case.base_mva + incidence.T @ (b * case.shift_rad)
    angle = np.linalg.solve(matrix, right)
    flow = b * (incidence @ angle - case.shift_rad)
    # Where reactances of opposite sign all but cancel, the last digits are nobody's.
    atol = max(1e-8, 1e-15 * float(np.linalg.cond(matrix)) * float(np.abs(flow).max(initial=0.0)))
    assert atol < 1e-6
    np.testing.assert_allclose(out.flow_mw[s] / case.base_mva, flow, rtol=0, atol=atol)


@pytest.mark.parametrize("rule", list(BalanceRule))
@pytest.mark.parametrize(("n_bus", "n_branch", "most"), SHAPES)
def test_many_losses_in_a_dense_network(
    n_bus: int, n_branch: int, most: int, rule: BalanceRule
) -> None:
    n_done, n_split, highest = 0, 0, 0
    for seed in range(4):
        rng = np.random.default_rng([n_bus, seed])
        case = dense_network(rng, n_bus, n_branch)
        lost = losses(rng, case, most)
        both = run_both(case, lost, FlowOptions(rule=rule, trip_overloads=False))
        assert_same(both)
        done = ~both.is_left
        for s in range(N):
            assert_dense(case, lost, s, both.one_by_one)
            if done[s]:
                assert_dense(case, lost, s, both.low_rank)
                highest = max(highest, int((case.branch_on & ~left_of(case, lost, s)[1]).sum()))
        n_done += int(done.sum())
        n_split += int((both.low_rank.n_islands[done] > 1).sum())
    # The low-rank engine takes losses of high rank, and losses that split the network.
    assert n_done > N
    assert n_split > 0
    assert highest >= most
