from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightkeeper.flow import FlowCase, FlowOptions, lose, no_loss, run_cascade
from lightkeeper.plans import SearchOptions, SheddingOptions, SheddingPlan, plan_shedding
from lightkeeper.plans.feeder_choice import cover
from lightkeeper.plans.shedding import short_time_limits
from lightkeeper.region.model import DistrictId, Region

OPTIONS = SheddingOptions()


def balance(plan: SheddingPlan) -> float:
    return plan.demand_mw - plan.served_mw - plan.shed_mw - plan.unsupplied_mw


def test_nothing_is_shed_when_nothing_is_lost(small_region: Region, small_case: FlowCase) -> None:
    plan = plan_shedding(small_region, small_case, no_loss(), options=OPTIONS)
    assert plan.steps == ()
    assert plan.served_mw == pytest.approx(105.0)
    assert plan.dispatch_mw == pytest.approx([100.0, 5.0])


def test_lost_line_leaves_an_island_with_too_little_power(
    small_region: Region, small_case: FlowCase
) -> None:
    # c and d keep 10 MW of the 45 they want: 35 MW must go; c4 (critical, 10 MW) stays.
    plan = plan_shedding(
        small_region, small_case, lose(small_case, branches=[[1]]), options=OPTIONS
    )
    assert plan.bound_mw == pytest.approx(35.0)
    assert [s.feeder for s in plan.steps] == ["c1", "c2", "c3", "d1"]
    assert not any(s.serves_critical for s in plan.steps)
    assert plan.shed_mw == pytest.approx(35.0)
    assert plan.objective == pytest.approx(plan.bound_objective) == pytest.approx(35.0)
    assert balance(plan) == pytest.approx(0.0, abs=1e-9)


def test_dead_island_is_unsupplied_and_not_shed(small_region: Region, small_case: FlowCase) -> None:
    plan = plan_shedding(
        small_region, small_case, lose(small_case, branches=[[1]], units=[[1]]), options=OPTIONS
    )
    assert plan.unsupplied_mw == pytest.approx(45.0)
    assert plan.notes == ('no source is left around "C" (2 buses): 45.0 MW without supply',)
    assert plan.steps == ()
    assert plan.shed_mw == pytest.approx(0.0)
    assert balance(plan) == pytest.approx(0.0, abs=1e-9)


def test_lost_bus_is_unsupplied(small_region: Region, small_case: FlowCase) -> None:
    plan = plan_shedding(small_region, small_case, lose(small_case, buses=[[3]]), options=OPTIONS)
    assert plan.unsupplied_mw == pytest.approx(5.0)
    assert plan.demand_mw == pytest.approx(105.0)


def test_service_is_cut_only_when_nothing_else_is_left_and_named(
    small_region: Region, small_case: FlowCase
) -> None:
    lost = lose(small_case, branches=[[1]], unit_factor=np.array([[1.0, 0.4]]))
    plan = plan_shedding(small_region, small_case, lost, options=OPTIONS)
    # 4 MW are left for c4's 10 MW: the linear bound serves 4 of them, whole feeders serve d1's no
    # more (5 MW), so everything of the island goes off.
    assert plan.bound_mw == pytest.approx(41.0)
    assert [s.feeder for s in plan.steps] == ["c1", "c2", "c3", "d1", "c4"]
    assert plan.notes == (
        'island around "C" (2 buses): 1 feeder(s) that serve services, 10.0 MW, must be cut too',
    )


def test_district_weight_decides_who_is_cut(small_region: Region, small_case: FlowCase) -> None:
    lost = lose(small_case, units=[[1]], unit_factor=np.array([[0.9, 1.0]]))  # 99 MW for 105

    def cut(west: float) -> set[str]:
        options = SheddingOptions(district_weight={DistrictId("west"): west})
        plan = plan_shedding(small_region, small_case, lost, options=options)
        assert plan.shed_mw >= plan.bound_mw - 1e-6
        return {s.district for s in plan.steps}

    assert cut(3.0) == {"east"}
    assert cut(0.3) == {"west"}


def test_rotation_spares_those_already_cut(small_region: Region, small_case: FlowCase) -> None:
    lost = lose(small_case, branches=[[1]], unit_factor=np.array([[1.0, 1.0]]))
    case = replace(small_case, unit_max_mw=np.array([110.0, 35.0]))
    hours = np.array([0, 0, 0, 0, 8.0, 0, 8.0, 0, 8.0])
    plan = plan_shedding(small_region, case, lost, hours_off=hours, options=OPTIONS)
    assert [s.feeder for s in plan.steps] == ["c2"]


def test_broken_feeder_is_unsupplied_and_gives_room(
    small_region: Region, small_case: FlowCase
) -> None:
    broken = np.zeros(9, bool)
    broken[4] = True
    plan = plan_shedding(
        small_region,
        small_case,
        lose(small_case, branches=[[1]], load_factor=np.array([[1.0, 1.0, 0.75, 1.0]])),
        feeder_lost=broken,
        options=OPTIONS,
    )
    assert plan.unsupplied_mw == pytest.approx(10.0)
    assert [s.feeder for s in plan.steps] == ["c2", "c3", "d1"]
    assert balance(plan) == pytest.approx(0.0, abs=1e-9)


def test_short_time_rating_sheds_less(small_region: Region, small_case: FlowCase) -> None:
    # Line a-b at half its rating: 55 MW lasting, 60 for a short time.
    case = replace(small_case, limit_mw=np.array([55.0, 50.0, 20.0]))
    lasting = plan_shedding(small_region, case, no_loss(), options=OPTIONS)
    assert lasting.bound_mw == pytest.approx(105 - 55 - 10)
    assert short_time_limits(small_region, case) == pytest.approx([120.0, 60.0, 20.0])
    short = plan_shedding(
        small_region, case, no_loss(), options=SheddingOptions(use_short_time_rating=True)
    )
    assert short.bound_mw == pytest.approx(0.0, abs=1e-6)


def test_ramp_limits_what_units_can_take_over(small_region: Region, small_case: FlowCase) -> None:
    lost = lose(small_case, units=[[1]])
    free = plan_shedding(small_region, small_case, lost, options=OPTIONS)
    held = plan_shedding(small_region, small_case, lost, options=SheddingOptions(ramp_pu=0.0))
    assert free.bound_mw == pytest.approx(0.0, abs=1e-6)
    assert held.bound_mw == pytest.approx(5.0)


def test_a_unit_that_cannot_run_so_low_trips(small_region: Region, small_case: FlowCase) -> None:
    # c and d want 45 MW; the unit at c cannot run below 60, so the island is dead, not served.
    case = replace(
        small_case,
        unit_p_mw=np.array([45.0, 60.0]),
        unit_min_mw=np.array([20.0, 60.0]),
        unit_max_mw=np.array([110.0, 80.0]),
    )
    plan = plan_shedding(small_region, case, lose(case, branches=[[1]]), options=OPTIONS)
    assert plan.unsupplied_mw == pytest.approx(45.0)
    assert plan.dispatch_mw == pytest.approx([60.0, 0.0])
    assert any("1 unit(s) are tripped" in n for n in plan.notes)
    assert balance(plan) == pytest.approx(0.0, abs=1e-9)


def test_what_no_list_undercuts_is_the_linear_optimum_until_more_is_proven(
    small_region: Region, small_case: FlowCase
) -> None:
    # c and d keep 10 of 45 MW; with 31 of them left, 14 MW must go: 15 MW is the best of whole
    # feeders (one of c and d1), and no list of 14 MW exists.
    case = replace(small_case, unit_max_mw=np.array([110.0, 31.0]))
    lost = lose(case, branches=[[1]])
    at_once = plan_shedding(small_region, case, lost, options=OPTIONS)
    assert at_once.bound_objective == pytest.approx(14.0)
    assert at_once.least_objective == at_once.bound_objective
    searched = plan_shedding(
        small_region, case, lost, options=SheddingOptions(search=SearchOptions())
    )
    assert searched.objective == pytest.approx(15.0)
    assert searched.least_objective == pytest.approx(15.0, abs=0.01)


def test_the_search_counts_load_on_no_feeder(small_region: Region, small_case: FlowCase) -> None:
    # 4 MW at c hang on no feeder: shed in any amount, so that 14 MW is 10 MW of c and 4 of these.
    case = replace(
        small_case,
        load_mw=np.array([0.0, 60.0, 44.0, 5.0]),
        unit_max_mw=np.array([110.0, 35.0]),
    )
    plan = plan_shedding(
        small_region,
        case,
        lose(case, branches=[[1]]),
        options=SheddingOptions(search=SearchOptions(above_pu=0.0)),
    )
    assert plan.bound_objective == pytest.approx(14.0)
    assert plan.objective == pytest.approx(14.0)
    assert plan.least_objective == pytest.approx(14.0)


def test_a_unit_too_large_for_its_island_is_never_counted_on(
    small_region: Region, small_case: FlowCase
) -> None:
    # c and d want 45 MW. The unit of 60 MW at least cannot run there, the one of 10 MW can.
    case = replace(
        small_case,
        unit_bus=np.array([0, 2, 2], np.int32),
        unit_on=np.array([True, True, True]),
        unit_p_mw=np.array([100.0, 60.0, 5.0]),
        unit_scheduled_mw=np.array([100.0, 60.0, 5.0]),
        unit_min_mw=np.array([20.0, 60.0, 0.0]),
        unit_max_mw=np.array([110.0, 80.0, 10.0]),
    )
    lost = lose(case, branches=[[1]])
    plan = plan_shedding(small_region, case, lost, options=SheddingOptions(max_trips=0))
    assert plan.dispatch_mw[1] == 0.0
    assert plan.bound_mw == pytest.approx(35.0)
    assert any("1 unit(s) are tripped" in n for n in plan.notes)


def test_load_without_feeder_is_named(small_region: Region, small_case: FlowCase) -> None:
    case = replace(small_case, load_mw=np.array([30.0, 60.0, 40.0, 5.0]))
    plan = plan_shedding(small_region, case, no_loss(), options=OPTIONS)
    assert plan.demand_mw == pytest.approx(135.0)
    assert plan.bound_mw == pytest.approx(15.0)
    assert balance(plan) == pytest.approx(0.0, abs=1e-9)
    loose = plan.shed_mw - sum(s.shed_mw for s in plan.steps)
    assert (loose > 1e-6) == any("hangs on no feeder" in n for n in plan.notes)


def test_plan_replayed_through_the_flow_engine_holds(
    small_region: Region, small_case: FlowCase
) -> None:
    lost = lose(small_case, unit_factor=np.array([[0.6, 1.0]]))
    plan = plan_shedding(small_region, small_case, lost, options=OPTIONS)
    ordered = replace(
        small_case,
        load_mw=plan.served_by_bus_mw,
        base_served_mw=plan.served_by_bus_mw,
        unit_p_mw=plan.dispatch_mw,
        unit_scheduled_mw=plan.dispatch_mw,
    )
    replay = run_cascade(ordered, no_loss(), FlowOptions(keep_flows=True))
    assert replay.served_mw.sum() == pytest.approx(plan.served_mw)
    assert replay.flow_mw is not None
    assert replay.flow_mw[0] == pytest.approx(plan.flow_mw, abs=1e-6)
    assert (replay.trip_round == 0).all()


@pytest.mark.parametrize(
    ("amount", "each", "total"),
    [
        (5.0, [4.0, 3.0, 2.5], 5.5),
        (0.0, [4.0], 0.0),
        (9.0, [4.0, 3.0], 7.0),
        (10.0, [10.0, 5.0, 5.0], 10.0),
        (21.0, [2.0] * 20, 22.0),
    ],
)
def test_cover_takes_the_smallest_overshoot(amount: float, each: list[float], total: float) -> None:
    chosen = cover(amount, np.array(each))
    assert np.array(each)[chosen].sum() == pytest.approx(total)
