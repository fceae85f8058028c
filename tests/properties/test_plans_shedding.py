"""Shedding plans of random small regions: energy is conserved, limits hold, services come first."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightkeeper.flow import FlowOptions, build_case, lose, no_loss, run_cascade
from lightkeeper.grid import make_network
from lightkeeper.plans import (
    LeastShed,
    SearchOptions,
    SheddingOptions,
    damage_grid,
    load_blocks,
    plan_shedding,
)
from lightkeeper.region.model import District, DistrictId, Feeders, PlaceCode, Region


def random_region(rng: np.random.Generator, n_bus: int, most_feeders: int = 6) -> Region:
    """A ring of buses with chords, tight ratings, and one to `most_feeders` feeders a bus."""
    ring = [(i, (i + 1) % n_bus) for i in range(n_bus)]
    chords = [tuple(rng.choice(n_bus, 2, replace=False)) for _ in range(n_bus // 2)]
    ends = np.array(ring + chords)
    n_feeder = rng.integers(1, most_feeders + 1, n_bus)
    load = np.repeat(np.arange(n_bus), n_feeder)
    demand = rng.integers(1, 12, len(load)).astype(np.float64)
    at_bus = np.bincount(load, demand, n_bus)
    unit_bus = rng.choice(n_bus, max(2, n_bus // 3))
    capacity = rng.uniform(0.1, 0.9, len(unit_bus)) * at_bus.sum()
    network = make_network(
        "random",
        100.0,
        True,
        {
            "buses": {"id": [f"b{i}" for i in range(n_bus)], "base_kv": 110.0},
            "lines": {
                "id": [f"l{i}" for i in range(len(ends))],
                "from_bus": ends[:, 0],
                "to_bus": ends[:, 1],
                "x_pu": rng.uniform(0.02, 0.3, len(ends)),
                "rating_mva": rng.uniform(0.05, 0.6, len(ends)) * at_bus.sum(),
            },
            "generators": {
                "id": [f"g{i}" for i in range(len(unit_bus))],
                "bus": unit_bus,
                "kind": "thermal",
                "p_mw": capacity / 2,
                "p_max_mw": capacity,
            },
            "loads": {
                "id": [f"d{i}" for i in range(n_bus)],
                "bus": np.arange(n_bus),
                "p_mw": at_bus,
            },
        },
    )
    district = District(
        id=DistrictId("d"),
        place=PlaceCode("d"),
        oblast=PlaceCode("o"),
        name_uk="d",
        name_en="d",
        population=int(demand.sum() * 100),
        lon=30.0,
        lat=50.0,
        polygon={},
    )
    n = len(load)
    return Region(
        name="random",
        network=network,
        districts=(district,),
        feeders=Feeders(
            id=np.array([f"f{i}" for i in range(n)]),
            load=load.astype(np.int32),
            district=np.zeros(n, np.int32),
            place=np.array(["p"] * n),
            queue=np.array([""] * n),
            demand_mw=demand,
            population=(demand * 100).astype(np.int32),
            is_critical=rng.random(n) < 0.2,
        ),
        heat_sources=(),
        services=(),
        warm_points=(),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.integers(4, 14))
def test_plan_conserves_energy_and_holds_in_the_flow_engine(seed: int, n_bus: int) -> None:
    rng = np.random.default_rng(seed)
    region = random_region(rng, n_bus)
    case = build_case(region.network)
    lost = lose(
        case,
        branches=[rng.choice(len(case.from_bus), rng.integers(0, n_bus), replace=False)],
        buses=[rng.choice(n_bus, rng.integers(0, 2), replace=False)],
        units=[rng.choice(len(case.unit_bus), rng.integers(0, 2), replace=False)],
    )
    plan = plan_shedding(region, case, lost, options=SheddingOptions())

    assert plan.demand_mw == pytest.approx(region.feeders.demand_mw.sum())
    assert plan.served_mw + plan.shed_mw + plan.unsupplied_mw == pytest.approx(plan.demand_mw)
    assert plan.served_mw == pytest.approx(plan.served_by_bus_mw.sum())
    assert sum(s.shed_mw for s in plan.steps) == pytest.approx(plan.shed_mw, abs=1e-4)
    # No whole-feeder list can weigh less than the linear optimum.
    assert plan.objective >= plan.bound_objective - 1e-4
    assert (np.abs(plan.flow_mw) <= case.limit_mw + 1e-5).all()

    # Replayed with the plan's loads and dispatch, nothing trips and nothing more is lost.
    ordered = replace(
        case,
        load_mw=plan.served_by_bus_mw,
        base_served_mw=plan.served_by_bus_mw,
        unit_scheduled_mw=plan.dispatch_mw,
        unit_p_mw=plan.dispatch_mw,
        base_unit_on=plan.dispatch_mw > 0,
        unit_max_mw=np.maximum(case.unit_max_mw, plan.dispatch_mw),
        limit_mw=case.limit_mw + 1e-4,  # a limit met exactly is no overload
    )
    replay = run_cascade(ordered, lost, FlowOptions(keep_flows=True))
    assert (replay.trip_round[0] <= 0).all()
    assert replay.served_mw.sum() == pytest.approx(plan.served_mw, abs=1e-3)
    assert replay.flow_mw is not None
    assert replay.flow_mw[0] == pytest.approx(plan.flow_mw, abs=1e-3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_the_search_finds_the_best_of_all_lists_and_proves_it(seed: int) -> None:
    region = random_region(np.random.default_rng(seed), 4, most_feeders=2)
    case = build_case(region.network)
    feeders = region.feeders
    weight = np.where(feeders.is_critical, 100.0, 1.0)
    grid = damage_grid(case, no_loss(), 0)
    program = LeastShed(grid, load_blocks(grid))
    demand = grid.load_mw[grid.load_mw > 0]
    best = np.inf
    for off in itertools.product([False, True], repeat=len(feeders.id)):
        cost = float(weight[list(off)] @ feeders.demand_mw[list(off)])
        if cost < best:
            on = np.bincount(feeders.load, np.where(off, 0.0, feeders.demand_mw), len(demand))
            program.bound(np.zeros(len(demand)), on.astype(np.float64))
            if program.solve().served_mw.sum() > on.sum() - 1e-6:
                best = cost
    search = SearchOptions(above_pu=0.0)
    plan = plan_shedding(region, case, no_loss(), options=SheddingOptions(search=search))
    assert plan.objective == pytest.approx(best, abs=0.02)
    assert plan.bound_objective - 1e-6 <= plan.least_objective <= best + 1e-4
    # With nothing left out the search ends with a proof.
    assert plan.least_objective == pytest.approx(best, abs=0.02)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_services_are_cut_last_where_power_is_short_and_lines_are_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    region = random_region(rng, 8)
    case = build_case(region.network)
    case = replace(case, limit_mw=np.full(len(case.from_bus), np.inf))
    lost = lose(case, unit_factor=np.full((1, len(case.unit_bus)), rng.uniform(0.05, 0.6)))
    plan = plan_shedding(region, case, lost, options=SheddingOptions())
    cut = [s.serves_critical for s in plan.steps]
    assert cut == sorted(cut)
    if any(cut):
        ordinary = region.feeders.demand_mw[~region.feeders.is_critical]
        left_on = ordinary.sum() - sum(s.shed_mw for s in plan.steps if not s.serves_critical)
        # What ordinary load stays on is less than the smallest service that was cut.
        assert left_on < min(s.shed_mw for s in plan.steps if s.serves_critical) + 1e-6


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_nothing_is_shed_where_all_can_be_served(seed: int) -> None:
    region = random_region(np.random.default_rng(seed), 6)
    case = build_case(region.network)
    demand = case.load_mw.sum()
    case = replace(
        case,
        limit_mw=np.full(len(case.from_bus), np.inf),
        unit_max_mw=np.full(len(case.unit_bus), demand),
    )
    assert plan_shedding(region, case, no_loss(), options=SheddingOptions()).steps == ()
