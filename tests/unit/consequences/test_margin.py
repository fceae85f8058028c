from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.consequences import settle, split_margin
from lightkeeper.damage import DamageState
from lightkeeper.flow import FlowOptions, lose, run_cascade
from lightkeeper.flow.scenarios import select
from lightkeeper.region import Region

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun

LOST = DamageState.DESTROYED


def test_radial_district_is_the_worst_single_loss(make_run: MakeRun) -> None:
    run = make_run({})
    found = split_margin(run.region, run.case, run.scenarios, 0)
    assert found.n_single_losses == 6 + 1 + 4
    assert found.n_critical == 1
    assert found.worst_element == "line hub-far"
    assert found.worst_unserved_mw == pytest.approx(100.0)
    assert "hub" not in found.reason
    assert "Of 11 single losses" in found.reason
    assert "worst of them 100 MW" in found.reason


def test_headroom_is_the_least_after_any_loss(make_run: MakeRun) -> None:
    """Against every loss run by itself, without trips."""
    run = make_run({"line:north-south": LOST})
    found = split_margin(run.region, run.case, run.scenarios, 0)
    least = np.inf
    still = FlowOptions(trip_overloads=False, keep_flows=True)
    for k in range(7):
        if k == 2:
            continue
        result = run_cascade(run.case, lose(run.case, branches=[[2, k]]), still)
        assert result.flow_mw is not None
        room = 1 - np.abs(result.flow_mw[0]) / run.case.limit_mw
        least = min(least, float(room.min()))
    for g in range(4):
        result = run_cascade(run.case, lose(run.case, branches=[[2]], units=[[g]]), still)
        assert result.flow_mw is not None
        least = min(least, float((1 - np.abs(result.flow_mw[0]) / run.case.limit_mw).min()))
    assert found.smallest_headroom_pu == pytest.approx(least)
    assert " after the loss of " in found.smallest_headroom_element
    assert found.n_single_losses == 10


def test_what_is_shed_stays_shed(make_run: MakeRun, short_region: Region) -> None:
    """Only what a further loss adds is counted."""
    run = make_run({"power_plant:b": LOST}, region=short_region)
    settled = settle(run.case, select(run.scenarios, 0, 1), FlowOptions())
    served = run.result.served_mw.sum()
    assert settled.load_mw.sum() == pytest.approx(served)
    assert settled.base_served_mw.sum() == pytest.approx(served)
    assert not settled.unit_on[1]
    again = run_cascade(settled, lose(settled))
    assert again.served_mw.sum() == pytest.approx(served)
    assert again.unit_mw[0] == pytest.approx(run.result.unit_mw[0])
    found = split_margin(short_region, run.case, run.scenarios, 0)
    assert found.worst_unserved_mw <= served + 1e-9
    assert found.n_single_losses == 9


def test_overload_is_followed_to_its_end(make_run: MakeRun, region: Region) -> None:
    """With the line to the hub lost, losing the transformer darkens edge and field."""
    run = make_run({"line:hub-edge": LOST})
    found = split_margin(region, run.case, run.scenarios, 0)
    assert found.worst_element in ("transformer hub-field", "line hub-far")
    assert found.n_critical >= 2


def test_dead_network_has_nothing_left_to_lose(make_run: MakeRun) -> None:
    run = make_run({"substation:hub": LOST, "power_plant:chp": LOST})
    found = split_margin(run.region, run.case, run.scenarios, 0)
    assert found.n_critical == 0
    assert found.worst_element == ""
    assert found.worst_unserved_mw == 0.0


def test_the_chosen_scenario_counts(make_run: MakeRun) -> None:
    run = make_run({}, {"substation:far": LOST})
    found = split_margin(run.region, run.case, run.scenarios, 1)
    assert found.n_critical == 0
    assert found.n_single_losses == 5 + 1 + 4
