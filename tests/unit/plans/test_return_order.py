from __future__ import annotations

from dataclasses import replace

import numpy as np

from lightkeeper.flow import FlowCase, lose
from lightkeeper.plans import SheddingOptions, plan_shedding
from lightkeeper.region.model import Region

OPTIONS = SheddingOptions()


def test_the_smallest_come_back_first_and_needs_add_up(
    small_region: Region, small_case: FlowCase
) -> None:
    # c and d keep 10 MW of 45: c1, c2, c3 (10 MW each) and d1 (5 MW) are off and wait for power.
    plan = plan_shedding(
        small_region, small_case, lose(small_case, branches=[[1]]), options=OPTIONS
    )
    assert [(r.feeder, r.needs_mw) for r in plan.returns] == [
        ("d1", 5.0),
        ("c1", 15.0),
        ("c2", 25.0),
        ("c3", 35.0),
    ]
    assert not any(r.waits_for_lines for r in plan.returns)


def test_services_come_back_before_everything_else(
    small_region: Region, small_case: FlowCase
) -> None:
    lost = lose(small_case, branches=[[1]], unit_factor=np.array([[1.0, 0.4]]))
    plan = plan_shedding(small_region, small_case, lost, options=OPTIONS)
    assert [r.feeder for r in plan.returns] == ["c4", "d1", "c1", "c2", "c3"]
    assert plan.returns[0].serves_critical


def test_what_no_power_plant_brings_back_waits_for_lines(
    small_region: Region, small_case: FlowCase
) -> None:
    # The line to d carries 3 MW, d asks 5: no capacity anywhere helps.
    case = replace(small_case, limit_mw=np.array([110.0, 50.0, 3.0]))
    lost = lose(case, unit_factor=np.array([[0.9, 1.0]]))
    plan = plan_shedding(small_region, case, lost, options=OPTIONS)
    waits = {str(r.feeder): r.waits_for_lines for r in plan.returns}
    assert waits["d1"]
    assert [r.feeder for r in plan.returns][-1] == "d1"
    assert sum(waits.values()) == 1


def test_an_island_needs_its_own_capacity(small_region: Region, small_case: FlowCase) -> None:
    lost = lose(small_case, branches=[[1]], unit_factor=np.array([[0.5, 1.0]]))
    plan = plan_shedding(small_region, small_case, lost, options=OPTIONS)
    by_island: dict[int, float] = {}
    for step in plan.returns:
        by_island[step.island] = by_island.get(step.island, 0.0) + step.back_mw
        assert step.needs_mw == by_island[step.island]
    assert len(by_island) == 2
    assert {r.feeder for r in plan.returns} == {s.feeder for s in plan.steps}


def test_nothing_off_nothing_returns(small_region: Region, small_case: FlowCase) -> None:
    assert plan_shedding(small_region, small_case, lose(small_case), options=OPTIONS).returns == ()
