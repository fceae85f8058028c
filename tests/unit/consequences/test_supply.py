"""What the cascade leaves of plants and heat, and which feeders a plant takes with it later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.consequences import list_feeders_off, supply_after
from lightkeeper.consequences.supply import PlantBalance, ShedOrder, shed_for_plants, shed_order
from lightkeeper.damage import DamageState
from lightkeeper.region import Region

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun

LOST, HURT = DamageState.DESTROYED, DamageState.IMPAIRED


def test_damage_and_the_plant_decide_what_a_source_gives(make_run: MakeRun) -> None:
    run = make_run(
        {},
        {"heat_source:chp-heat": LOST},
        {"heat_source:boiler": HURT},
        {"power_plant:chp": LOST},
        {"substation:north": LOST},
    )
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    supply = supply_after(run.region, run.ensemble, run.result, off)
    # A destroyed substation leaves the CHP on it in a dead island: no light, no heat.
    assert supply.pieces[0].source_share.tolist() == [[1, 1], [0, 1], [1, 0.5], [0, 1], [0, 1]]


def test_plants_stand_in_the_balance_of_their_island(
    make_run: MakeRun, short_region: Region
) -> None:
    run = make_run({}, {"power_plant:a": LOST}, region=short_region)
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    (piece,) = supply_after(run.region, run.ensemble, run.result, off).pieces
    plants = piece.plants
    assert plants is not None
    assert plants.source.tolist() == [0]
    chp = run.result.unit_mw[:, 2]
    assert plants.power_mw[:, 0] == pytest.approx(chp)
    most = np.array([150.0, 120.0, 45.0])
    running = run.result.unit_mw[:, :3] > 0
    room = np.where(running, most - run.result.unit_mw[:, :3], 0.0)
    assert plants.room_mw[:, 0] == pytest.approx(room[:, 2])
    assert plants.island_room_mw[:, 0] == pytest.approx(room.sum(axis=1))


def test_services_go_last(region: Region) -> None:
    shed = shed_order(region)
    critical = region.feeders.is_critical[shed.order]
    assert not critical[: shed.n_first].any()
    assert critical[shed.n_first :].all()
    assert sorted(shed.order.tolist()) == list(range(critical.size))


def three_plants(power: list[float], room: list[float], island_room: float) -> PlantBalance:
    """Three plants in island 0, buses 0 to 5 there and bus 6 elsewhere."""
    return PlantBalance(
        source=np.arange(3, dtype=np.int32),
        power_mw=np.array([power]),
        room_mw=np.array([room]),
        island=np.zeros((1, 3), dtype=np.int32),
        island_room_mw=np.full((1, 3), island_room),
        bus_island=np.array([[0, 0, 0, 0, 0, 0, 1]], dtype=np.int32),
        turn=np.array([2], dtype=np.int32),
    )


ORDER = ShedOrder(
    order=np.array([0, 1, 2, 3, 4, 6, 5], dtype=np.int32),
    n_first=6,
    bus=np.arange(7, dtype=np.int32),
    demand_mw=np.array([5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0]),
)
ALL = np.arange(7, dtype=np.int32)


def shed(plants: PlantBalance, fails: list[float], off: list[int]) -> list[float]:
    feeder_off = np.isin(ALL, off)[None, :]
    found = shed_for_plants(ORDER, plants, np.array(fails)[:, None], feeder_off, 24.0, ALL)
    return [float(h) for h in found[0]]


def test_feeders_go_from_the_turn_on_as_plants_stop() -> None:
    inf = np.inf
    plants = three_plants([10.0, 6.0, 0.0], [2.0, 0.0, 0.0], 4.0)
    # The first takes 10 + 2 - 4 = 8 MW at hour 3, both 14 MW at hour 9; from feeder 2 on, 6 is
    # elsewhere, 3 is off already.
    assert shed(plants, [3.0, 9.0, 1.0], [3]) == [9.0, inf, 3.0, inf, 3.0, inf, inf]
    # All of the island is not enough: the feeder with services goes too.
    plants = three_plants([100.0, 6.0, 0.0], [0.0, 0.0, 0.0], 0.0)
    assert shed(plants, [3.0, inf, inf], []) == [3.0] * 6 + [inf]
    # After the end of the piece nothing happens in it.
    assert shed(plants, [24.0, 30.0, inf], []) == [inf] * 7


@settings(max_examples=200, deadline=None)
@given(
    power=st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3),
    room=st.floats(0.0, 20.0),
    fails=st.lists(st.sampled_from([0.0, 1.0, 2.5, 30.0, np.inf]), min_size=3, max_size=3),
    later=st.lists(st.sampled_from([0.0, 0.5, 2.0, np.inf]), min_size=3, max_size=3),
    off=st.lists(st.integers(0, 6), unique=True),
)
def test_plants_that_stop_later_take_no_feeder_sooner(
    power: list[float], room: float, fails: list[float], later: list[float], off: list[int]
) -> None:
    """The order that makes plants and feeders settle together."""
    plants = three_plants(power, [0.0] * 3, room)
    sooner = shed(plants, fails, off)
    after = shed(plants, [a + b for a, b in zip(fails, later, strict=True)], off)
    assert all(a <= b for a, b in zip(sooner, after, strict=True))
    # What goes covers what is missing, by one feeder more at most, while there are feeders.
    lost = sum(p for p, h in zip(power, fails, strict=True) if h < 24.0)
    gone = sum(5.0 for h in sooner if h < np.inf)
    available = 5.0 * len([f for f in range(6) if f not in off])
    missing = max(lost - room, 0.0) if lost else 0.0
    assert gone >= min(missing, available) - 0.01
    assert gone <= missing + 5.0


def test_a_plant_without_power_takes_nothing_with_it(make_run: MakeRun, region: Region) -> None:
    run = make_run({"power_plant:chp": LOST}, region=region)
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    (piece,) = supply_after(run.region, run.ensemble, run.result, off).pieces
    assert piece.plants is not None
    assert piece.plants.power_mw.tolist() == [[0.0]]
    found = shed_for_plants(
        shed_order(run.region),
        replace(piece.plants, island_room_mw=np.zeros((1, 1))),
        np.zeros((1, 1)),
        off,
        24.0,
        np.arange(off.shape[1], dtype=np.int32),
    )
    assert np.isinf(found).all()
