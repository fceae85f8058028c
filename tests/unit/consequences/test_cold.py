"""Homes lose heat as physics says, and as far as anything is published, as has been seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.consequences import (
    Zones,
    cool,
    hours_until,
    load_buildings,
    make_step,
    make_zones,
    stored_wh,
    time_constant_h,
)
from lightkeeper.consequences.buildings import EDGE, in_band
from lightkeeper.consequences.cold import INTERNAL_CAPACITY_J_PER_K_M2
from lightkeeper.errors import InputError
from lightkeeper.region import BuildingType

SEVERE_FROST_C = -20.0
"""What the press calls severe frost is not told; this is the assumption of the comparison."""

FREEZING_C = 0.0


def one_zone(capacity_wh_per_k: float, loss_w_per_k: float) -> Zones:
    return Zones(
        capacity_wh_per_k=np.array([capacity_wh_per_k]),
        loss_w_per_k=np.array([loss_w_per_k]),
        coupling_w_per_k=np.zeros((1, 1)),
    )


def three_zones() -> Zones:
    coupling = np.array([[0.0, 40.0, 5.0], [40.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    return Zones(
        capacity_wh_per_k=np.array([9000.0, 1500.0, 40.0]),
        loss_w_per_k=np.array([200.0, 90.0, 0.0]),
        coupling_w_per_k=coupling,
    )


@pytest.mark.parametrize("step_h", [0.25, 1.0, 24.0])
def test_a_house_without_heat_follows_the_exponential(step_h: float) -> None:
    zones = one_zone(7794.0, 581.0)
    n = round(48 / step_h)
    found = cool(zones, np.array([20.0]), np.full(n, -5.0), step_h=step_h).temperature_c[:, 0]
    hours = np.arange(n + 1) * step_h
    wanted = -5 + 25 * np.exp(-hours / time_constant_h(7794.0, 581.0))
    assert found == pytest.approx(wanted, abs=1e-9)


def test_a_heated_house_settles_where_heat_meets_loss() -> None:
    found = cool(one_zone(5000.0, 400.0), np.array([5.0]), np.full(2000, -8.0), 9600.0)
    assert found.temperature_c[-1, 0] == pytest.approx(-8 + 9600 / 400, abs=1e-6)


def test_a_house_that_loses_nothing_only_mixes() -> None:
    zones = Zones(
        capacity_wh_per_k=np.array([300.0, 100.0]),
        loss_w_per_k=np.zeros(2),
        coupling_w_per_k=np.array([[0.0, 10.0], [10.0, 0.0]]),
    )
    found = cool(zones, np.array([20.0, 0.0]), np.full(500, -30.0))
    assert found.temperature_c[-1] == pytest.approx([15.0, 15.0], abs=1e-6)
    assert (found.loss_wh == 0).all()


def test_energy_is_conserved_with_several_zones() -> None:
    zones = three_zones()
    rng = np.random.default_rng(3)
    outdoor, heat = rng.normal(-8, 6, 96), rng.uniform(0, 4000, (96, 3))
    found = cool(zones, np.array([21.0, 15.0, 18.0]), outdoor, heat)
    change = np.diff(stored_wh(zones, found.temperature_c))
    assert change == pytest.approx((found.heat_wh - found.loss_wh).sum(axis=1), abs=1e-6)


def test_a_step_of_a_day_is_24_steps_of_an_hour() -> None:
    zones, start = three_zones(), np.array([20.0, 16.0, 10.0])
    fine = cool(zones, start, np.full(24, -12.0), 500.0)
    coarse = cool(zones, start, np.full(1, -12.0), 500.0, step_h=24.0)
    assert coarse.temperature_c[-1] == pytest.approx(fine.temperature_c[-1], abs=1e-9)
    assert coarse.loss_wh.sum(axis=0) == pytest.approx(fine.loss_wh.sum(axis=0), rel=1e-9)


def test_a_zone_that_hardly_loses_anything_keeps_its_digits() -> None:
    zones = one_zone(1e7, 1e-3)
    found = cool(zones, np.array([20.0]), np.full(10, -20.0))
    assert found.loss_wh.sum() == pytest.approx(10 * 40 * 1e-3, rel=1e-6)
    assert found.temperature_c[-1, 0] == pytest.approx(20 - 10 * 40 * 1e-3 / 1e7, abs=1e-12)


def test_batches_are_buildings_one_by_one() -> None:
    at = np.array([-1.0, 0.3, 1.0])
    building = load_buildings()[BuildingType.BRICK]
    together = make_step(make_zones(building, at))
    for k, place in enumerate(at):
        alone = make_step(make_zones(building, np.array(place)))
        assert together.decay[k] == pytest.approx(alone.decay, abs=1e-12)
        assert together.drive[k] == pytest.approx(alone.drive, abs=1e-12)


@pytest.mark.parametrize(
    ("capacity", "loss", "coupling"),
    [
        ([0.0, 1.0], [1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]]),
        ([1.0, 1.0], [-1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]]),
        ([1.0, 1.0], [1.0, 1.0], [[0.0, 1.0], [2.0, 0.0]]),
        ([1.0, 1.0], [1.0, 1.0], [[0.0, -1.0], [-1.0, 0.0]]),
    ],
)
def test_zones_that_cannot_be(
    capacity: list[float], loss: list[float], coupling: list[list[float]]
) -> None:
    zones = Zones(
        capacity_wh_per_k=np.array(capacity),
        loss_w_per_k=np.array(loss),
        coupling_w_per_k=np.array(coupling),
    )
    with pytest.raises(InputError):
        make_step(zones)


def test_bands_are_met_at_their_ends_and_in_the_middle() -> None:
    found = in_band((10.0, 20.0, 80.0), np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]))
    assert found == pytest.approx([10.0, 10 * 2**0.5, 20.0, 40.0, 80.0, 80.0])


def test_every_type_is_there_and_its_band_is_in_order() -> None:
    buildings = load_buildings()
    assert set(buildings) == set(BuildingType)
    for building in buildings.values():
        fast, usual, slow = building.time_constant_h
        assert 0 < fast < usual < slow
        fast, usual, slow = building.edge_time_constant_h
        assert 0 < fast < usual < slow
        early, middle, late = hours_until(building, 16.0, -10.0)
        assert early < middle < late < hours_until(building, 10.0, -10.0)[2]
        broken = hours_until(building, 16.0, -10.0, loss_factor=3.0)
        assert all(b < whole for b, whole in zip(broken, (early, middle, late), strict=True))


def test_mild_weather_never_cools_to_the_threshold() -> None:
    for building in load_buildings().values():
        assert hours_until(building, 10.0, 12.0) == (np.inf, np.inf, np.inf)
        assert hours_until(building, 25.0, 12.0) == (0.0, 0.0, 0.0)


def test_types_hold_heat_in_the_published_order() -> None:
    """The order is what the press agrees on, the hours are not; confidence C."""
    order = (
        BuildingType.PANEL_HIGH_RISE,
        BuildingType.PANEL_FIVE_STOREY,
        BuildingType.BRICK,
        BuildingType.PRE_WAR_BRICK,
        BuildingType.INSULATED,
    )
    buildings = load_buildings()
    for zone, threshold in ((0, 16.0), (0, 10.0), (EDGE, 0.0)):
        usual = [hours_until(buildings[t], threshold, -15.0, zone=zone)[1] for t in order]
        assert usual == sorted(usual)
        assert len(set(usual)) == len(usual)


# The published values by what they tell of, and the type they describe.
PRESS_TYPES = {
    "16-storey panel": BuildingType.PANEL_HIGH_RISE,
    "9-storey panel": BuildingType.PANEL_HIGH_RISE,
    "1980s 'Czech' series": BuildingType.PANEL_HIGH_RISE,
    "5-storey panel (khrushchovka)": BuildingType.PANEL_FIVE_STOREY,
    "5-storey brick (khrushchovka)": BuildingType.BRICK,
    "Stalin-era brick": BuildingType.PRE_WAR_BRICK,
    "modern insulated": BuildingType.INSULATED,
}


@pytest.mark.shared
def test_published_values(shared: Path) -> None:
    """Standards and the measured house exactly or inside the bands; the press inside the bands."""
    path = shared / "eval" / "plans" / "cold_exposure_published.json"
    told = json.loads(path.read_text("utf-8"))
    for name, value in told["iso13790_internal_heat_capacity_J_per_K_per_m2"].items():
        if isinstance(value, int):
            assert INTERNAL_CAPACITY_J_PER_K_M2[name] == value
    example = told["example_building_1R1C"]
    loss = example["H_tr_W_per_K"] + example["H_ve_W_per_K"]
    capacity = example["c_Wh_per_m2K"] * example["floor_m2"]
    assert round(time_constant_h(capacity, loss), 2) == example["derived_tau_h"]
    found = cool(one_zone(capacity, loss), np.array([1.0]), np.zeros(1), step_h=13.4148)
    assert found.temperature_c[1, 0] == pytest.approx(np.exp(-1), abs=1e-4)

    buildings = load_buildings()
    detached = buildings[BuildingType.DETACHED].time_constant_h
    assert detached[0] <= example["derived_tau_h"] <= detached[2]
    insulated = buildings[BuildingType.INSULATED]
    for house in told["design_values"]:
        assert insulated.time_constant_h[0] <= house["tau_h"] <= insulated.time_constant_h[2]
    poland, america = told["measured"]
    assert detached[0] <= america["result_tau_h"] <= detached[2]
    # Above 15 degrees for more than 60 hours; outdoors 2 degrees, a usual winter there.
    assert "over 60 h" in poland["result"]
    fast, _, slow = hours_until(insulated, 15.0, 2.0)
    assert fast < 60 < slow

    assert told["press_confidence"].startswith("C")
    for entry in told["press_hours_until_frozen_severe_frost"]:
        building = buildings[PRESS_TYPES[entry["type"]]]
        early, _, late = hours_until(building, FREEZING_C, SEVERE_FROST_C, zone=EDGE)
        assert early <= min(entry["h"]), entry
        assert max(entry["h"]) <= late, entry


def test_the_tabula_house() -> None:
    """TABULA DE.N.SFH.06: 493 + 88 W/K, 45 Wh/(m2 K) on 173.2 m2; in a time constant to 1/e."""
    tau = time_constant_h(45 * 173.2, 493 + 88)
    assert round(tau, 2) == 13.41
    house = one_zone(45 * 173.2, 493 + 88)
    found = cool(house, np.array([21.0]), np.full(1, -9.0), step_h=tau).temperature_c
    assert found[1, 0] == pytest.approx(-9 + 30 * np.exp(-1), abs=1e-12)
