"""The low-rank engine answers what one scenario at a time answers, or leaves it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from odd_network import network, some

from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    Output,
    Scenarios,
    iter_cascade,
    limits_from_margin,
    lose,
    make_case,
    no_loss,
    prepare,
    run_cascade,
)
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


@pytest.mark.parametrize("rule", list(BalanceRule))
@pytest.mark.parametrize("trip_overloads", [False, True])
@pytest.mark.parametrize(
    ("n_bus", "n_chords", "most"), [(1500, 400, 8), (700, 200, 4), (60, 30, 8)]
)
def test_any_losses(
    n_bus: int, n_chords: int, most: int, rule: BalanceRule, trip_overloads: bool
) -> None:
    rng = np.random.default_rng(n_bus + n_chords)
    options = FlowOptions(rule=rule, trip_overloads=trip_overloads)
    case = limits_from_margin(network(rng, n_bus, n_chords), 1.5, options)
    n = 203
    scenarios = lose(
        case,
        branches=some(rng, n, len(case.from_bus), most),
        buses=some(rng, n, n_bus, 2),
        units=some(rng, n, len(case.unit_bus), 3),
    )
    both = run_both(case, scenarios, options)
    assert both.is_left.sum() < (n if trip_overloads else n // 2)
    if trip_overloads:
        trips = both.one_by_one.n_rounds > 1
        assert np.all(both.is_left[trips])
        assert trips.any()
    assert_same(both)


@pytest.mark.parametrize("rule", list(BalanceRule))
def test_buses_that_hold_others_together(rule: BalanceRule) -> None:
    """A tree: every loss cuts off something, and of a star nothing but the lost middle is left."""
    rng = np.random.default_rng(2)
    case = network(rng, 40, 0, dry=True)
    n = 64
    buses = [[int(rng.integers(40))] for _ in range(n)]
    scenarios = lose(case, branches=some(rng, n, 39, 3), buses=buses)
    both = run_both(case, scenarios, FlowOptions(rule=rule, trip_overloads=False))
    assert (~both.is_left).sum() > n // 4
    lost_mw = both.low_rank.total_demand_mw - both.low_rank.total_served_mw
    assert (lost_mw[~both.is_left] > 1.0).any()
    assert_same(both)
    star = make_case(
        base_mva=100.0,
        n_bus=5,
        from_bus=[0, 0, 0, 0],
        to_bus=[1, 2, 3, 4],
        x_pu=0.1,
        load_mw=10.0,
        unit_bus=[0, 1],
        unit_scheduled_mw=25.0,
        unit_max_mw=40.0,
    )
    assert_same(run_both(star, lose(star, buses=[[0], [1], [], [0, 1]]), FlowOptions(rule=rule)))


def test_shifters_in_what_is_cut_off_turn_nothing() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=6,
        from_bus=[0, 1, 0, 3, 3, 4, 3],
        to_bus=[1, 2, 2, 2, 4, 5, 5],
        x_pu=0.1,
        shift_rad=[0.0, 0.1, 0.0, 0.0, -0.2, 0.0, 0.0],
        load_mw=[0.0, 30.0, 20.0, 0.0, 10.0, 5.0],
        unit_bus=[0],
        unit_scheduled_mw=65.0,
        unit_max_mw=100.0,
    )
    scenarios = lose(case, branches=[[], [3], [3, 1], [1], [4], [4, 5], [0, 1]])
    both = run_both(case, scenarios, FlowOptions(ramp_pu=1.0))
    assert not both.is_left.any()
    assert both.low_rank.flow_mw[0, 4] != 0.0
    assert not both.low_rank.flow_mw[1, 3:].any()
    assert_same(both)


def test_only_what_is_asked_for_is_written() -> None:
    rng = np.random.default_rng(4)
    case = network(rng, 60, 30)
    scenarios = lose(case, branches=some(rng, 100, len(case.from_bus), 4))
    whole = run_cascade(case, scenarios, FlowOptions(keep_flows=True, bulk_from=1))
    options = FlowOptions(outputs=frozenset({Output.SERVED}), bulk_from=1)
    parts = list(iter_cascade(case, scenarios, options, chunk=70, reuse=True))
    assert [len(p.served_mw) for p in parts] == [70, 30]
    assert all(p.flow_mw is None and len(p.demand_mw) == len(p.trip_round) == 0 for p in parts)
    # The last result stands in the memory of the first.
    np.testing.assert_array_equal(parts[0].served_mw[:30], whole.served_mw[70:])
    np.testing.assert_allclose(whole.total_served_mw, whole.served_mw.sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(whole.total_demand_mw, whole.demand_mw.sum(axis=1), atol=1e-9)
    fresh = iter_cascade(case, scenarios, replace(options, n_threads=2), chunk=70)
    np.testing.assert_array_equal(np.concatenate([p.served_mw for p in fresh]), whole.served_mw)
