from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    iter_cascade,
    kirchhoff_residual_mw,
    lose,
    lose_each,
    make_case,
    no_loss,
    prepare,
    run_cascade,
)

KEEP = FlowOptions(keep_flows=True)


@pytest.fixture(scope="module")
def ring() -> FlowCase:
    """A ring of 40 buses with chords, loads everywhere, units at every fifth bus."""
    n = 40
    bus = np.arange(n)
    chord = np.arange(0, n, 4)
    return make_case(
        base_mva=100.0,
        n_bus=n,
        from_bus=np.concatenate([bus, chord]),
        to_bus=np.concatenate([(bus + 1) % n, (chord + 9) % n]),
        x_pu=0.1 + 0.01 * np.concatenate([bus % 7, chord % 5]),
        rating_mw=30.0,
        load_mw=10.0 + bus % 3,
        unit_bus=bus[::5],
        unit_scheduled_mw=55.0,
        unit_max_mw=90.0,
    )


def test_nothing_lost_serves_all(ring: FlowCase) -> None:
    result = run_cascade(ring, no_loss(), KEEP)
    np.testing.assert_allclose(result.served_mw, result.demand_mw)
    assert result.n_islands.tolist() == [1]
    assert result.n_rounds.tolist() == [1]
    assert kirchhoff_residual_mw(ring, result)[0] < 1e-9


def test_every_bus_lost_is_dark_and_no_error(ring: FlowCase) -> None:
    result = run_cascade(ring, lose(ring, buses=[range(40)]), KEEP)
    assert result.flow_mw is not None
    assert not result.served_mw.any()
    assert not result.unit_mw.any()
    assert not result.flow_mw.any()
    assert (result.island == -1).all()
    assert (result.trip_round == -1).all()
    assert result.n_islands.tolist() == [0]
    assert result.converged.all()
    assert result.demand_mw.sum() == ring.load_mw.sum()


def test_every_branch_lost_leaves_buses_with_units_alive(ring: FlowCase) -> None:
    result = run_cascade(ring, lose(ring, branches=[range(50)]), replace(KEEP, ramp_pu=1.0))
    assert np.flatnonzero(result.island[0] >= 0).tolist() == list(range(0, 40, 5))


def test_an_empty_batch_gives_empty_arrays(ring: FlowCase) -> None:
    result = run_cascade(ring, no_loss(0), replace(KEEP, n_threads=2))
    assert result.served_mw.shape == (0, 40)
    assert result.flow_mw is not None
    assert result.flow_mw.shape == (0, 50)


def test_a_network_of_one_bus() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=1,
        from_bus=[],
        to_bus=[],
        x_pu=[],
        load_mw=[5.0],
        unit_bus=[0],
        unit_scheduled_mw=5.0,
        unit_max_mw=5.0,
    )
    result = run_cascade(case, lose(case, units=[[], [0]]), KEEP)
    assert result.served_mw[:, 0].tolist() == [5.0, 0.0]


def test_flows_are_kept_only_when_asked(ring: FlowCase) -> None:
    result = run_cascade(ring, no_loss())
    assert result.flow_mw is None
    with pytest.raises(InputError, match="keep_flows"):
        kirchhoff_residual_mw(ring, result)


def test_threads_pieces_and_preparation_change_nothing(ring: FlowCase) -> None:
    rng = np.random.default_rng(5)
    lost = [rng.choice(50, rng.integers(1, 9), replace=False).tolist() for _ in range(200)]
    scenarios = lose(ring, branches=lost)
    once = run_cascade(ring, scenarios, KEEP)
    assert once.n_rounds.max() > 2
    assert once.n_islands.max() > 1
    assert once.flow_mw is not None
    threaded = run_cascade(prepare(ring), scenarios, replace(KEEP, n_threads=3))
    pieces = list(iter_cascade(ring, scenarios, KEEP, chunk=7))
    for name in ("served_mw", "unit_mw", "flow_mw", "island", "trip_round", "n_rounds"):
        whole = getattr(once, name)
        assert np.array_equal(getattr(threaded, name), whole)
        assert np.array_equal(np.concatenate([getattr(p, name) for p in pieces]), whole)


def test_runs_can_share_a_prepared_case_between_rules(ring: FlowCase) -> None:
    prepared, each = prepare(ring), lose_each(ring, units=True)
    for rule in BalanceRule:
        options = replace(KEEP, rule=rule)
        first, second = (run_cascade(c, each, options) for c in (prepared, ring))
        assert np.array_equal(first.served_mw, second.served_mw)


def test_max_rounds_ends_a_cascade_and_says_so(ring: FlowCase) -> None:
    lost = lose(ring, branches=[[0, 1, 46]])
    whole = run_cascade(ring, lost, KEEP)
    assert whole.n_rounds[0] > 2
    assert whole.converged[0]
    cut = run_cascade(ring, lost, replace(KEEP, max_rounds=2))
    assert cut.n_rounds[0] == 2
    assert not cut.converged[0]
    assert kirchhoff_residual_mw(ring, cut)[0] < 1e-9
    early = (whole.trip_round > 0) & (whole.trip_round < 2)
    assert np.array_equal(cut.trip_round > 0, early)


def test_a_limit_met_exactly_does_not_trip() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=2,
        from_bus=[0],
        to_bus=[1],
        x_pu=0.1,
        rating_mw=50.0,
        load_mw=[0.0, 50.0],
        unit_bus=[0],
        unit_scheduled_mw=50.0,
        unit_max_mw=60.0,
    )
    factor = np.array([[1.0], [1.0 - 1e-8]])
    result = run_cascade(case, lose(case, rating_factor=factor), KEEP)
    assert result.n_rounds.tolist() == [1, 2]
    assert result.served_mw[:, 1].tolist() == [50.0, 0.0]


def pair(x_pu: list[float]) -> FlowCase:
    """A unit at bus 0, a load of 50 MW at bus 2, two branches to bus 1 and on, one past it."""
    return make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 1, 0],
        to_bus=[1, 2, 2],
        x_pu=x_pu,
        load_mw=[0.0, 0.0, 50.0],
        unit_bus=[0],
        unit_scheduled_mw=50.0,
        unit_max_mw=80.0,
    )


def test_a_pivot_that_vanishes_is_overcome() -> None:
    # At bus 1 the susceptances cancel; the equations still have one solution, in which the
    # two branches to bus 1 are a path without reactance, so that it takes the whole flow.
    case = pair([0.1, -0.1, 0.2])
    result = run_cascade(case, no_loss(), KEEP)
    assert result.flow_mw is not None
    assert result.converged.all()
    np.testing.assert_allclose(result.flow_mw[0], [50.0, 50.0, 0.0], atol=1e-7)


def test_reactances_that_cancel_are_said_not_to_be_solved() -> None:
    # Two parallel branches of opposite reactance connect nothing.
    case = make_case(
        base_mva=100.0,
        n_bus=2,
        from_bus=[0, 0],
        to_bus=[1, 1],
        x_pu=[0.1, -0.1],
        load_mw=[0.0, 50.0],
        unit_bus=[0],
        unit_scheduled_mw=50.0,
        unit_max_mw=80.0,
    )
    result = run_cascade(case, lose(case, branches=[[], [1]]), KEEP)
    assert result.flow_mw is not None
    assert result.converged.tolist() == [False, True]
    assert np.isnan(result.flow_mw[0]).all()
    assert result.flow_mw[1].tolist() == [50.0, 0.0]


def test_own_ramps_are_a_minute_times_the_minutes(ring: FlowCase) -> None:
    slow = replace(ring, unit_ramp_pu_per_min=np.full(8, 0.01))
    lost = lose(slow, units=[[0]])
    by_minute = run_cascade(slow, lost, FlowOptions(ramp_pu=None, ramp_min=5.0))
    by_number = run_cascade(slow, lost, FlowOptions(ramp_pu=0.05))
    assert np.array_equal(by_minute.unit_mw, by_number.unit_mw)
    no_limit = replace(ring, unit_ramp_pu_per_min=np.full(8, np.inf))
    at_once = FlowOptions(ramp_pu=None, ramp_min=0.0, trip_overloads=False)
    free = run_cascade(no_limit, lost, at_once)
    np.testing.assert_allclose(free.served_mw, free.demand_mw)


@pytest.mark.parametrize(
    "options",
    [
        FlowOptions(ramp_pu=-0.1),
        FlowOptions(ramp_pu=float("nan")),
        FlowOptions(ramp_min=-1.0),
        FlowOptions(max_rounds=0),
        FlowOptions(n_threads=0),
    ],
)
def test_bad_options(ring: FlowCase, options: FlowOptions) -> None:
    with pytest.raises(InputError):
        run_cascade(ring, no_loss(), options)


def test_a_chunk_has_at_least_one_scenario(ring: FlowCase) -> None:
    with pytest.raises(InputError, match="chunk"):
        next(iter_cascade(ring, no_loss(), chunk=0))


def test_unlimited_branches_stay_unlimited_when_impaired(ring: FlowCase) -> None:
    free = replace(ring, limit_mw=np.full(50, np.inf))
    lost = lose(free, branches=[[0, 10, 20]], rating_factor=np.full((1, 50), 1e-9))
    assert run_cascade(free, lost).n_rounds.tolist() == [1]
