"""The same scenarios by the engine that takes one at a time and by the low-rank one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.flow import BalanceRule, FlowCase, FlowOptions, Scenarios, no_loss, prepare
from lightkeeper.flow.arrays import Out, Rules
from lightkeeper.flow.cascade import base_state, lost_arrays, ramp_pu_a_round, result_arrays
from lightkeeper.flow.kernels import cascade_range
from lightkeeper.flow.low_rank import make_plan, trip_limit_mw
from lightkeeper.flow.low_rank_kernels import low_rank_range
from lightkeeper.flow.low_rank_work import make_work
from lightkeeper.units import BoolArray


@dataclass(frozen=True, slots=True)
class Both:
    one_by_one: Out
    low_rank: Out
    is_left: BoolArray


def run_both(case: FlowCase, scenarios: Scenarios, options: FlowOptions) -> Both:
    prepared, n = prepare(case), scenarios.n_scenarios
    grid = prepared.grid._replace(ramp_pu=ramp_pu_a_round(case, options))
    rules = Rules(
        proportional=options.rule is BalanceRule.PROPORTIONAL,
        trip_overloads=options.trip_overloads,
        keep_flows=True,
        max_rounds=options.max_rounds,
    )
    base, lost, todo = base_state(case, options), lost_arrays(scenarios), np.arange(n)
    one_by_one, low_rank = (result_arrays(case, n, keep_flows=True) for _ in range(2))
    rows = todo.astype(np.int32)
    cascade_range(grid, base, prepared.factor, lost, rules, rows, 0, n, one_by_one)
    intact = result_arrays(case, 1, keep_flows=True)
    once = rules._replace(trip_overloads=False)
    none = lost_arrays(no_loss())
    cascade_range(grid, base, prepared.factor, none, once, rows[:1], 0, 1, intact)
    plan = make_plan(grid, prepared.factor, base, rules, intact)
    assert plan is not None
    work, is_left, limit = make_work(grid, plan, base), np.zeros(n, np.bool_), trip_limit_mw(grid)
    n_left = low_rank_range(
        grid, plan, prepared.factor, base, limit, lost, rules, work, 0, n, low_rank, is_left
    )
    assert n_left == is_left.sum()
    return Both(one_by_one, low_rank, is_left)


def assert_same(both: Both) -> None:
    done = ~both.is_left
    for name in Out._fields:
        one = np.asarray(getattr(both.one_by_one, name))
        other = np.asarray(getattr(both.low_rank, name))
        if one.dtype == np.float64:
            # 1e-8 p.u.; reactances of opposite sign can make flows far above any injection.
            atol = 1e-6 + 1e-9 * np.abs(one[done]).max(initial=0.0)
            np.testing.assert_allclose(other[done], one[done], rtol=0, atol=atol, err_msg=name)
        else:
            np.testing.assert_array_equal(other[done], one[done], err_msg=name)
