"""The low-rank engine answers what one scenario at a time answers, or leaves it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from both_engines import assert_same, run_both
from odd_network import network, some

from lightkeeper.flow import (
    BalanceRule,
    FlowOptions,
    Output,
    iter_cascade,
    limits_from_margin,
    lose,
    make_case,
    run_cascade,
)


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
