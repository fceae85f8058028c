from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    LossKind,
    MarginLimit,
    MarginOptions,
    at_load,
    find_margins,
    limits_from_margin,
    lose,
    lose_each,
    make_case,
    run_cascade,
    take_away,
)

FINE = MarginOptions().fine_pu


def two_lines(*, rating_mw: float = 75.0, unit_max_mw: float = 200.0, n_lines: int = 2) -> FlowCase:
    return make_case(
        base_mva=100.0,
        n_bus=2,
        from_bus=[0] * n_lines,
        to_bus=[1] * n_lines,
        x_pu=0.1,
        rating_mw=rating_mw,
        load_mw=[0.0, 60.0],
        unit_bus=[0],
        unit_scheduled_mw=60.0,
        unit_max_mw=unit_max_mw,
    )


def test_load_may_rise_until_a_loss_brings_trips() -> None:
    one, less, more = find_margins(two_lines(), [1.0, 0.5, 2.0])
    # One of the lines left carries all, up to 75 MW.
    assert one.limit is MarginLimit.LOSS
    assert one.kind is LossKind.BRANCH
    assert one.level_pu <= 1.25 < one.next_pu
    assert one.next_pu - one.level_pu <= FINE
    assert one.margin_pu == pytest.approx(0.25, abs=FINE)
    assert one.n_trips == 1
    assert one.unserved_mw == pytest.approx(75.0, abs=60 * FINE)
    assert one.separated_mw == pytest.approx(75.0, abs=60 * FINE)
    assert less.margin_pu == pytest.approx(1.5, abs=2 * FINE)
    # Above, it is the load that has to fall.
    assert more.margin_pu == pytest.approx(-0.375, abs=FINE)
    assert (more.level_pu, more.next_pu) == (one.level_pu, one.next_pu)


def test_other_limits() -> None:
    # A single line: its loss cuts off the load by itself, without any trip.
    [overload] = find_margins(two_lines(n_lines=1), [1.0])
    assert overload.limit is MarginLimit.OVERLOAD
    assert overload.margin_pu == pytest.approx(0.25, abs=FINE)
    assert overload.n_trips == 1
    [supply] = find_margins(two_lines(unit_max_mw=66.0), [1.0])
    assert supply.limit is MarginLimit.SUPPLY
    assert supply.margin_pu == pytest.approx(0.1, abs=FINE)
    assert 0.0 < supply.unserved_mw <= 60.0 * FINE
    assert (supply.kind, supply.row) == (None, None)
    [none] = find_margins(two_lines(rating_mw=0.0), [1.0])
    assert none.limit is MarginLimit.NONE
    assert none.margin_pu == pytest.approx(1.0)
    assert none.level_pu == none.next_pu == 2.0


def test_a_network_that_is_dark_holds_nothing() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=1,
        from_bus=[],
        to_bus=[],
        x_pu=[],
        load_mw=[2.0],
        unit_bus=[0],
        unit_scheduled_mw=10.0,
        unit_min_mw=10.0,
        unit_max_mw=20.0,
    )
    [margin] = find_margins(case, [1.0])
    assert (margin.limit, margin.margin_pu) == (MarginLimit.SUPPLY, -1.0)


def test_small_costs_do_not_count() -> None:
    """As above, with 99 times the load beside the unit: what the lines carry is 1 % of all."""
    case = two_lines(unit_max_mw=1e5)
    case = at_load(replace(case, load_mw=np.array([9900.0, 100.0])), 1.0)
    search = MarginOptions(least_pu=0.02, most_pu=1.2)
    assert find_margins(case, [1.0], search=search)[0].limit is MarginLimit.NONE
    search = MarginOptions(least_pu=0.005, most_pu=1.2)
    assert find_margins(case, [1.0], search=search)[0].margin_pu < 0.0


def test_every_rung_holds_up_to_the_one_named() -> None:
    rng = np.random.default_rng(5)
    n = 40
    load = rng.uniform(0.0, 20.0, n)
    case = make_case(
        base_mva=100.0,
        n_bus=n,
        from_bus=np.concatenate([np.arange(n), rng.integers(0, n // 2, 20)]),
        to_bus=np.concatenate([(np.arange(n) + 1) % n, rng.integers(n // 2, n, 20)]),
        x_pu=rng.uniform(0.05, 0.3, n + 20),
        load_mw=load,
        unit_bus=np.arange(0, n, 4),
        unit_scheduled_mw=load.sum() / 10,
        unit_max_mw=load.sum() / 5,
    )
    case = limits_from_margin(case, 6.0, FlowOptions())
    search = MarginOptions(step_pu=0.1, least_pu=0.05)
    levels = [0.3, 0.45, 1.0]
    found = find_margins(case, levels, search=search)
    assert len({m.level_pu for m in found}) == 1

    def cost_pu(level: float) -> float:
        here = at_load(case, level)
        losses = lose_each(here, branches=True, units=True)
        told = run_cascade(here, losses, FlowOptions())
        alone = run_cascade(here, losses, FlowOptions(trip_overloads=False))
        beyond = (alone.served_mw - told.served_mw).sum(axis=1)
        trips = (told.trip_round > 0).any(axis=1)
        return float(beyond[trips].max(initial=0.0) / here.base_served_mw.sum())

    one = found[1]
    assert one.limit is MarginLimit.LOSS
    assert 0.45 < one.level_pu < 1.0
    assert cost_pu(one.next_pu) >= search.least_pu
    for rung in np.arange(0.3, one.level_pu, 0.1):
        assert cost_pu(float(rung)) < search.least_pu


def test_the_network_without_what_is_gone() -> None:
    case = two_lines(n_lines=3)
    left = take_away(case, lose(case, branches=[[1]]))
    assert left.branch_on.tolist() == [True, False, True]
    assert find_margins(case, [1.0])[0].margin_pu == pytest.approx(1.0)  # 2 x 75 MW: the highest
    assert find_margins(left, [1.0])[0].margin_pu == pytest.approx(0.25, abs=FINE)
    dark = take_away(case, lose(case, buses=[[1]]))
    assert dark.load_mw.tolist() == [0.0, 0.0]
    assert not dark.branch_on.any()


def test_stops_where_told_to_and_refuses_what_makes_no_sense() -> None:
    case = two_lines()
    seen: list[float] = []

    def watch(done_pu: float) -> bool:
        seen.append(done_pu)
        return done_pu < 0.5

    assert len(find_margins(case, [1.0, 0.9, 0.8], watch=watch)) == 2
    assert seen == pytest.approx([0.0, 1 / 3, 2 / 3])
    for levels in ([0.0], [-1.0], [float("nan")]):
        with pytest.raises(InputError, match="above zero"):
            find_margins(case, levels)
    with pytest.raises(InputError, match="ramped"):
        find_margins(case, [1.0], options=FlowOptions(rule=BalanceRule.PROPORTIONAL))
    with pytest.raises(InputError, match="step_pu"):
        find_margins(case, [1.0], search=MarginOptions(step_pu=1e-4))
