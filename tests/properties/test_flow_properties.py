"""What holds on any network with any outage."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lightkeeper.flow import (
    BalanceRule,
    CascadeResult,
    FlowCase,
    FlowOptions,
    Scenarios,
    lose,
    make_case,
    run_cascade,
    select,
)

Floats = NDArray[np.float64]
SEARCH = settings(deadline=None, max_examples=120, derandomize=True)


@dataclass(frozen=True, slots=True)
class Study:
    case: FlowCase
    scenarios: Scenarios
    options: FlowOptions
    result: CascadeResult

    @property
    def flow(self) -> Floats:
        assert self.result.flow_mw is not None
        return self.result.flow_mw


@st.composite
def studies(draw: st.DrawFn, *, may_cancel: bool = False) -> Study:
    """A random network, connected or not, with a few scenarios that lose and impair things."""
    n_bus = draw(st.integers(1, 12))
    n_branch = draw(st.integers(0, 24)) if n_bus > 1 else 0
    n_unit = draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    from_bus = rng.integers(0, n_bus, n_branch)
    to_bus = (from_bus + rng.integers(1, max(n_bus, 2), n_branch)) % n_bus
    x = rng.choice([0.05, 0.1, 0.2], n_branch) if may_cancel else rng.uniform(0.02, 0.4, n_branch)
    x = np.where(rng.random(n_branch) < 0.1, -x, x)
    p_max = rng.uniform(-5, 120, n_unit)
    p_min = np.where(rng.random(n_unit) < 0.3, rng.uniform(-40, 40, n_unit), 0.0)
    case = make_case(
        base_mva=100.0,
        n_bus=n_bus,
        from_bus=from_bus,
        to_bus=to_bus,
        x_pu=x,
        tap_ratio=np.where(rng.random(n_branch) < 0.3, rng.uniform(0.9, 1.1, n_branch), 1.0),
        shift_rad=np.where(rng.random(n_branch) < 0.2, rng.uniform(-0.2, 0.2, n_branch), 0.0),
        rating_mw=np.where(rng.random(n_branch) < 0.6, rng.uniform(5, 80, n_branch), 0.0),
        load_mw=np.where(rng.random(n_bus) < 0.7, rng.uniform(-20, 80, n_bus), 0.0),
        unit_bus=rng.integers(0, n_bus, n_unit),
        unit_scheduled_mw=rng.uniform(-20, 120, n_unit),
        unit_min_mw=p_min,
        unit_max_mw=p_max,
        unit_ramp_pu_per_min=rng.choice([0.0, 0.01, 0.1, np.inf], n_unit),
        branch_on=rng.random(n_branch) < 0.95,
        bus_on=rng.random(n_bus) < 0.95,
        unit_on=rng.random(n_unit) < 0.95,
    )
    n = draw(st.integers(1, 4))

    def some(size: int, share: float) -> list[list[int]]:
        return [np.flatnonzero(rng.random(size) < share).tolist() for _ in range(n)]

    impaired = draw(st.booleans())
    scenarios = lose(
        case,
        branches=some(n_branch, 0.15),
        buses=some(n_bus, 0.08),
        units=some(n_unit, 0.15),
        load_factor=rng.uniform(0, 1.5, (n, n_bus)) if impaired else None,
        rating_factor=rng.uniform(0.3, 1.0, (n, n_branch)) if impaired else None,
        unit_factor=rng.uniform(0, 1.0, (n, n_unit)) if impaired else None,
    )
    options = FlowOptions(
        rule=draw(st.sampled_from(list(BalanceRule))),
        ramp_pu=draw(st.sampled_from([None, 0.0, 0.1, 1.0])),
        trip_overloads=draw(st.booleans()),
        max_rounds=draw(st.sampled_from([2, 100])),
        keep_flows=True,
    )
    return Study(case, scenarios, options, run_cascade(case, scenarios, options))


def live_branches(study: Study, s: int) -> NDArray[np.bool_]:
    on: NDArray[np.bool_] = study.result.trip_round[s] == 0
    return on


def lost_buses(study: Study, s: int) -> list[int]:
    scenarios = study.scenarios
    lost = scenarios.bus_index[scenarios.bus_start[s] : scenarios.bus_start[s + 1]]
    return [int(i) for i in lost]


def injection_mw(study: Study, s: int) -> Floats:
    made = np.zeros(study.case.n_bus)
    for bus, p in zip(study.case.unit_bus, study.result.unit_mw[s], strict=True):
        made[bus] += p
    injected: Floats = made + study.result.infeed_mw[s] - study.result.served_mw[s]
    return injected


@SEARCH
@given(studies())
def test_current_law_holds_at_every_bus_from_the_returned_flows(study: Study) -> None:
    case = study.case
    for s in np.flatnonzero(~np.isnan(study.flow).any(axis=1)).tolist():
        leaving = np.zeros(case.n_bus)
        size = np.ones(case.n_bus)
        for k, (i, j) in enumerate(zip(case.from_bus, case.to_bus, strict=True)):
            leaving[i] += study.flow[s, k]
            leaving[j] -= study.flow[s, k]
            size[i] += abs(study.flow[s, k])
            size[j] += abs(study.flow[s, k])
        assert np.all(np.abs(leaving - injection_mw(study, s)) <= 1e-8 * size)


@SEARCH
@given(studies())
def test_flows_equal_an_independent_dense_solution(study: Study) -> None:
    case = study.case
    for s in range(study.scenarios.n_scenarios):
        on = live_branches(study, s)
        inject = injection_mw(study, s) / case.base_mva
        for i in range(study.result.n_islands[s]):
            buses = np.flatnonzero(study.result.island[s] == i)
            k = np.flatnonzero(on & np.isin(case.from_bus, buses))
            incidence = (case.from_bus[k][:, None] == buses).astype(float)
            incidence -= case.to_bus[k][:, None] == buses
            b = case.susceptance_pu[k]
            matrix = (incidence.T * b) @ incidence
            right = inject[buses] + incidence.T @ (b * case.shift_rad[k])
            if len(buses) > 1 and np.linalg.cond(matrix[1:, 1:]) > 1e6:
                continue  # reactances of opposite sign that all but cancel
            angle = np.zeros(len(buses))
            angle[1:] = np.linalg.solve(matrix[1:, 1:], right[1:])
            wanted = b * (incidence @ angle - case.shift_rad[k])
            np.testing.assert_allclose(
                study.flow[s, k] / case.base_mva, wanted, rtol=1e-8, atol=1e-8
            )


@SEARCH
@given(studies())
def test_angles_close_round_every_loop(study: Study) -> None:
    case = study.case
    for s in np.flatnonzero(study.result.converged).tolist():
        k = np.flatnonzero(live_branches(study, s) & (study.result.island[s][case.from_bus] >= 0))
        drop = study.flow[s, k] / case.base_mva / case.susceptance_pu[k] + case.shift_rad[k]
        incidence = np.zeros((len(k), case.n_bus))
        incidence[np.arange(len(k)), case.from_bus[k]] = 1.0
        incidence[np.arange(len(k)), case.to_bus[k]] = -1.0
        angle, *_ = np.linalg.lstsq(incidence, drop, rcond=None)
        assert np.all(np.abs(incidence @ angle - drop) <= 1e-9 * (1 + np.abs(drop).max(initial=0)))


@SEARCH
@given(studies())
def test_no_unit_is_outside_its_limits(study: Study) -> None:
    case, result = study.case, study.result
    if study.options.rule is BalanceRule.PROPORTIONAL:
        return  # that rule has no limits
    factor = study.scenarios.unit_factor
    high = case.unit_max_mw * (1.0 if factor is None else factor)
    low = np.minimum(case.unit_min_mw, high)
    p = result.unit_mw
    assert np.all((p == 0.0) | ((p <= high + 1e-9) & (p >= low - 1e-9)))
    assert not p[:, ~case.unit_on].any()
    scenarios = study.scenarios
    for s in range(scenarios.n_scenarios):
        lost = scenarios.unit_index[scenarios.unit_start[s] : scenarios.unit_start[s + 1]]
        assert not p[s, lost].any()


@SEARCH
@given(studies())
def test_nothing_runs_where_nothing_is_alive(study: Study) -> None:
    case, result = study.case, study.result
    for s in range(study.scenarios.n_scenarios):
        dead = result.island[s] < 0
        assert dead[lost_buses(study, s)].all()
        assert dead[~case.bus_on].all()
        assert not result.served_mw[s, dead].any()
        assert not result.infeed_mw[s, dead].any()
        assert not result.unit_mw[s, dead[case.unit_bus]].any()
        if np.isnan(study.flow[s]).any():
            continue
        assert not study.flow[s, ~live_branches(study, s)].any()
        assert not study.flow[s, dead[case.from_bus] | dead[case.to_bus]].any()


@SEARCH
@given(studies())
def test_every_island_serves_what_it_is_fed_and_no_more_than_is_asked(study: Study) -> None:
    case, result = study.case, study.result
    assert np.all(result.served_mw >= 0.0)
    assert np.all(result.served_mw <= result.demand_mw * (1 + 1e-12) + 1e-9)
    assert np.all(result.infeed_mw >= 0.0)
    for s in range(study.scenarios.n_scenarios):
        for i in range(result.n_islands[s]):
            here = result.island[s] == i
            supply = result.unit_mw[s, here[case.unit_bus]].sum() + result.infeed_mw[s, here].sum()
            served = result.served_mw[s, here].sum()
            assert served > 0.0
            assert abs(supply - served) <= 1e-6 + 1e-12 * abs(served)


@SEARCH
@given(studies())
def test_islands_are_the_connected_parts_that_live(study: Study) -> None:
    case, result = study.case, study.result
    for s in range(study.scenarios.n_scenarios):
        part = np.arange(case.n_bus)
        for _ in range(case.n_bus):
            for k in np.flatnonzero(live_branches(study, s)):
                i, j = case.from_bus[k], case.to_bus[k]
                part[i] = part[j] = min(part[i], part[j])
        island = result.island[s]
        for i in range(case.n_bus):
            if island[i] >= 0:
                assert np.array_equal(island == island[i], part == part[i])
        live = [int(island[i]) for i in np.unique(part) if island[i] >= 0]
        assert live == list(range(result.n_islands[s]))


@SEARCH
@given(studies())
def test_a_settled_cascade_leaves_no_overload(study: Study) -> None:
    if not study.options.trip_overloads:
        assert np.all(study.result.trip_round <= 0)
        assert np.all(study.result.n_rounds == 1)
        return
    factor = study.scenarios.rating_factor
    limit = study.case.limit_mw * (1.0 if factor is None else factor)
    over = np.abs(study.flow) > limit * (1 + 1e-9)
    assert not over[study.result.converged].any()
    assert np.all(study.result.trip_round < study.result.n_rounds[:, None])


@SEARCH
@given(studies())
def test_an_island_alone_has_the_same_flows(study: Study) -> None:
    case, result = study.case, study.result
    for s in np.flatnonzero(result.converged).tolist():
        for i in range(result.n_islands[s]):
            buses = np.flatnonzero(result.island[s] == i)
            place = np.full(case.n_bus, -1)
            place[buses] = np.arange(len(buses))
            k = np.flatnonzero(live_branches(study, s) & (place[case.from_bus] >= 0))
            units = np.flatnonzero((place[case.unit_bus] >= 0) & (result.unit_mw[s] > 0.0))
            p = result.unit_mw[s, units]
            drawn = np.bincount(
                place[case.unit_bus][place[case.unit_bus] >= 0],
                np.minimum(result.unit_mw[s], 0.0)[place[case.unit_bus] >= 0],
                len(buses),
            )
            net = (result.served_mw[s] - result.infeed_mw[s])[buses] - drawn
            if not (net > 1e-6).any() or not len(units):
                continue  # nothing but loads and infeeds at the same buses
            alone = make_case(
                base_mva=case.base_mva,
                n_bus=len(buses),
                from_bus=place[case.from_bus[k]],
                to_bus=place[case.to_bus[k]],
                x_pu=1.0 / case.susceptance_pu[k],
                shift_rad=case.shift_rad[k],
                load_mw=net,
                unit_bus=place[case.unit_bus[units]],
                unit_scheduled_mw=p,
                unit_min_mw=p,
                unit_max_mw=p * (1 + 1e-9) + 1e-6,
            )
            once = FlowOptions(trip_overloads=False, keep_flows=True, ramp_pu=1.0)
            same = run_cascade(alone, lose(alone), once)
            assert same.flow_mw is not None
            size = 1 + np.abs(study.flow[s, k]).max(initial=0.0)
            assert np.all(np.abs(same.flow_mw[0] - study.flow[s, k]) <= 1e-6 * size)


@SEARCH
@given(studies())
def test_an_island_is_the_same_when_all_else_is_lost(study: Study) -> None:
    """Not what the balance left, as above, but the balance too: nothing comes from elsewhere."""
    case, scenarios = study.case, study.scenarios
    once = replace(study.options, trip_overloads=False)
    together = run_cascade(case, scenarios, once)
    assert together.flow_mw is not None
    for s in np.flatnonzero(together.converged).tolist():
        one = select(scenarios, s, s + 1)
        for i in range(together.n_islands[s]):
            here = together.island[s] == i
            elsewhere = np.flatnonzero(~here).astype(np.int32)
            alone = run_cascade(
                case,
                replace(
                    one, bus_start=np.array([0, len(elsewhere)], np.int32), bus_index=elsewhere
                ),
                once,
            )
            assert alone.flow_mw is not None
            assert np.array_equal(alone.served_mw[0, here], together.served_mw[s, here])
            units = here[case.unit_bus]
            assert np.array_equal(alone.unit_mw[0, units], together.unit_mw[s, units])
            assert not alone.served_mw[0, ~here].any()
            assert not alone.unit_mw[0, ~units].any()
            inside = here[case.from_bus] & here[case.to_bus]
            size = 1.0 + np.abs(together.flow_mw[s, inside]).max(initial=0.0)
            gap = np.abs(alone.flow_mw[0, inside] - together.flow_mw[s, inside])
            assert np.all(gap <= 1e-9 * size)


@SEARCH
@given(studies(may_cancel=True), st.integers(1, 4))
def test_a_result_depends_on_its_own_scenario_alone(study: Study, n_threads: int) -> None:
    threads = replace(study.options, n_threads=n_threads)
    parts = [
        run_cascade(study.case, select(study.scenarios, s, s + 1), study.options)
        for s in reversed(range(study.scenarios.n_scenarios))
    ][::-1]
    together = run_cascade(study.case, study.scenarios, threads)
    for name in ("served_mw", "unit_mw", "infeed_mw", "island", "trip_round", "converged"):
        whole = getattr(study.result, name)
        assert np.array_equal(getattr(together, name), whole)
        assert np.array_equal(np.concatenate([getattr(p, name) for p in parts]), whole)
    assert together.flow_mw is not None
    assert np.array_equal(together.flow_mw, study.flow, equal_nan=True)
    for s, part in enumerate(parts):
        assert part.flow_mw is not None
        assert np.array_equal(part.flow_mw[0], study.flow[s], equal_nan=True)


@SEARCH
@given(studies(may_cancel=True))
def test_flows_are_finite_or_the_scenario_says_so(study: Study) -> None:
    finite = np.isfinite(study.flow).all(axis=1)
    assert np.all(finite | ~study.result.converged)
    assert np.isfinite(study.result.served_mw).all()
    assert np.isfinite(study.result.unit_mw).all()
