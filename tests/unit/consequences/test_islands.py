from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightkeeper.consequences import group_islands
from lightkeeper.damage import DamageState

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun

LOST = DamageState.DESTROYED


def test_whole_network_is_one_group(make_run: MakeRun) -> None:
    run = make_run({}, {"line:north-south": LOST})
    (group,) = group_islands(run.region, run.result, run.ensemble.weight)
    assert group.probability == pytest.approx(1.0)
    assert group.n_islands == 1
    (island,) = group.islands
    assert island.districts == ("city", "raion", "port")
    assert island.n_buses == 6
    assert island.demand_mw == pytest.approx(300.0)
    assert island.served_mw == pytest.approx(300.0)
    assert island.generation_mw == pytest.approx(300.0)
    assert island.reserve_mw == pytest.approx(2510.0 - 300.0)


def test_splits_are_grouped_by_district_and_ranked(make_run: MakeRun) -> None:
    # Without lines to the hub the city hangs on the CHP at "north"; the raion keeps the hub.
    split = {"line:hub-north": LOST, "line:hub-south": LOST}
    run = make_run(
        split,
        {**split, "feeder:f0": LOST},
        {},
        {"line:hub-far": LOST},
        weight=(0.2, 0.25, 0.4, 0.15),
    )
    groups = group_islands(run.region, run.result, run.ensemble.weight)
    assert [g.probability for g in groups] == pytest.approx([0.45, 0.4, 0.15])
    assert [g.n_islands for g in groups] == [2, 1, 1]
    hub, city = groups[0].islands
    assert hub.districts == ("raion", "port")
    assert city.districts == ("city",)
    assert city.n_buses == 2
    assert city.served_mw <= city.demand_mw
    assert city.generation_mw == pytest.approx(city.served_mw)
    # The port is dead in the last group: in no island, and not in its balance.
    assert groups[2].islands[0].districts == ("city", "raion")
    assert group_islands(run.region, run.result, run.ensemble.weight, max_groups=1) == groups[:1]


def test_dead_network_has_no_islands(make_run: MakeRun) -> None:
    run = make_run({"substation:hub": LOST, "power_plant:chp": LOST})
    (group,) = group_islands(run.region, run.result, run.ensemble.weight)
    assert (group.n_islands, group.islands) == (0, ())
