"""Eight scenarios in step answer what one at a time answers, to the last bit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from odd_network import network, some

from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    Scenarios,
    limits_from_margin,
    lose,
    make_case,
    prepare,
    run_cascade,
    select,
)
from lightkeeper.flow.arrays import Out, Rules
from lightkeeper.flow.bulk import bulk_range, make_bulk_work
from lightkeeper.flow.cascade import base_state, lost_arrays, ramp_pu_a_round, result_arrays
from lightkeeper.flow.kernels import cascade_range


@dataclass(frozen=True, slots=True)
class Both:
    one_by_one: Out
    in_step: Out


def run_both(case: FlowCase, scenarios: Scenarios, options: FlowOptions) -> Both:
    prepared = prepare(case)
    grid = prepared.grid._replace(ramp_pu=ramp_pu_a_round(case, options))
    rules = Rules(
        proportional=options.rule is BalanceRule.PROPORTIONAL,
        trip_overloads=options.trip_overloads,
        keep_flows=options.keep_flows,
        max_rounds=options.max_rounds,
    )
    n = scenarios.n_scenarios
    base, lost, todo = (
        base_state(case, options),
        lost_arrays(scenarios),
        np.arange(n, dtype=np.int32),
    )
    one_by_one, in_step = (result_arrays(case, n, keep_flows=options.keep_flows) for _ in range(2))
    cascade_range(grid, base, prepared.factor, lost, rules, todo, 0, n, one_by_one)
    work = make_bulk_work(grid, base)
    bulk_range(grid, base, prepared.factor, lost, rules, work, todo, 0, n, in_step)
    return Both(one_by_one, in_step)


def assert_same(both: Both) -> None:
    for name, one, other in zip(Out._fields, both.one_by_one, both.in_step, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize("rule", list(BalanceRule))
@pytest.mark.parametrize("trip_overloads", [False, True])
@pytest.mark.parametrize(
    ("n_bus", "n_chords", "most"), [(2500, 600, 8), (2500, 40, 4), (60, 30, 8)]
)
def test_any_losses(
    n_bus: int, n_chords: int, most: int, rule: BalanceRule, trip_overloads: bool
) -> None:
    rng = np.random.default_rng(n_bus + n_chords)
    options = FlowOptions(rule=rule, trip_overloads=trip_overloads, max_rounds=9, keep_flows=True)
    case = limits_from_margin(network(rng, n_bus, n_chords), 1.1, options)
    n = 60
    scenarios = lose(
        case,
        branches=some(rng, n, len(case.from_bus), most),
        buses=some(rng, n, n_bus, 2),
        units=some(rng, n, len(case.unit_bus), 3),
    )
    both = run_both(case, scenarios, options)
    assert (both.in_step.n_rounds.max() > 2) == trip_overloads
    assert_same(both)


@pytest.mark.parametrize("rule", list(BalanceRule))
@pytest.mark.parametrize("short", [False, True])
def test_a_connected_network_of_plain_loads(rule: BalanceRule, short: bool) -> None:
    rng = np.random.default_rng(7)
    case = network(rng, 3000, 900, dry=True)
    if short:  # short of power before any loss
        base = {"unit_max_mw": np.full(len(case.unit_bus), 40.0)}
        case = make_case(
            base_mva=100.0,
            n_bus=case.n_bus,
            from_bus=case.from_bus,
            to_bus=case.to_bus,
            x_pu=1.0 / case.susceptance_pu,
            load_mw=case.load_mw,
            unit_bus=case.unit_bus,
            unit_scheduled_mw=case.unit_scheduled_mw,
            **base,
        )
    scenarios = lose(
        case,
        branches=some(rng, 80, len(case.from_bus), 6),
        units=some(rng, 80, len(case.unit_bus), 2),
    )
    assert_same(run_both(case, scenarios, FlowOptions(rule=rule, trip_overloads=False)))


def test_impaired_assets() -> None:
    rng = np.random.default_rng(3)
    case = network(rng, 2000, 500)
    n = 20
    scenarios = lose(
        case,
        branches=some(rng, n, len(case.from_bus), 5),
        load_factor=rng.uniform(0.5, 1.2, (n, case.n_bus)),
        rating_factor=rng.uniform(0.5, 1.0, (n, len(case.from_bus))),
        unit_factor=rng.uniform(0.5, 1.0, (n, len(case.unit_bus))),
    )
    assert_same(run_both(case, scenarios, FlowOptions(keep_flows=True)))


@pytest.mark.parametrize("n_bus", [1, 2, 3])
def test_everything_lost_and_nothing_lost(n_bus: int) -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=n_bus,
        from_bus=np.arange(n_bus - 1),
        to_bus=np.arange(1, n_bus),
        x_pu=np.full(n_bus - 1, 0.1),
        load_mw=10.0,
        unit_bus=[0],
        unit_scheduled_mw=15.0,
        unit_max_mw=40.0,
    )
    every = list(range(n_bus))
    scenarios = lose(case, buses=[[], every, [0], [n_bus - 1], every[1:]])
    both = run_both(case, scenarios, FlowOptions(keep_flows=True))
    assert_same(both)
    assert both.in_step.served_mw[1].sum() == 0.0
    assert both.in_step.served_mw[0].sum() == 10.0 * n_bus


def test_lines_between_islands_of_a_few_buses() -> None:
    """Chains of pockets: each pocket must be passed over for the rest to count as cut."""
    n_pockets, pocket = 40, 60
    ring = np.arange(pocket)
    from_bus = np.concatenate([ring + pocket * i for i in range(n_pockets)])
    to_bus = np.concatenate([(ring + 1) % pocket + pocket * i for i in range(n_pockets)])
    ends = np.arange(n_pockets - 1) * pocket
    from_bus, to_bus = np.append(from_bus, ends + 7), np.append(to_bus, ends + pocket)
    n_bus = n_pockets * pocket
    case = make_case(
        base_mva=100.0,
        n_bus=n_bus,
        from_bus=from_bus,
        to_bus=to_bus,
        x_pu=np.full(len(from_bus), 0.1),
        load_mw=1.0,
        unit_bus=np.arange(n_pockets) * pocket + 3,
        unit_scheduled_mw=60.0,
        unit_max_mw=90.0,
    )
    rng = np.random.default_rng(5)
    lines = n_bus + np.arange(n_pockets - 1)
    lost = [rng.choice(lines, rng.integers(1, 9), replace=False).tolist() for _ in range(40)]
    both = run_both(case, lose(case, branches=lost), FlowOptions(keep_flows=True))
    assert both.in_step.n_islands.tolist() == [len(k) + 1 for k in lost]
    assert_same(both)


def test_batches_of_any_size_agree() -> None:
    rng = np.random.default_rng(11)
    case = replace(network(rng, 80, 40), limit_mw=np.full(119, 150.0))
    scenarios = lose(case, branches=some(rng, 21, 119, 5))
    whole = run_cascade(case, scenarios, FlowOptions(bulk_from=4))
    for size in (1, 3, 4, 8, 9):
        part = run_cascade(case, select(scenarios, 21 - size, 21), FlowOptions(bulk_from=4))
        np.testing.assert_array_equal(part.trip_round, whole.trip_round[21 - size :])
        np.testing.assert_array_equal(part.unit_mw, whole.unit_mw[21 - size :])
