from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lightkeeper.damage import (
    AssetKind,
    DamageState,
    asset_rows,
    list_assets,
    locally_off,
    scenarios_of_states,
)
from lightkeeper.flow import build_case, run_cascade
from lightkeeper.region import Region


def states(region: Region, *changes: dict[str, DamageState]) -> NDArray[np.uint8]:
    row_of = {str(a): row for row, a in enumerate(list_assets(region).id)}
    state = np.zeros((len(changes), len(row_of)), dtype=np.uint8)
    for s, change in enumerate(changes):
        for asset, value in change.items():
            state[s, row_of[asset]] = value
    return state


def test_each_state_loses_what_the_table_says(region: Region) -> None:
    case = build_case(region.network)
    lost, hurt = DamageState.DESTROYED, DamageState.IMPAIRED
    state = states(
        region,
        {},
        {"substation:field": lost},
        {"substation:field": hurt},
        {"power_plant:station": lost},
        {"power_plant:chp": hurt},
        {"line:hub-far": hurt},
        {"feeder:f12": lost, "feeder:f13": hurt},
        {"heat_source:boiler": lost},
    )
    sc = scenarios_of_states(state, list_assets(region), region, case)

    def listed(start: NDArray[np.int32], index: NDArray[np.int32]) -> list[list[int]]:
        return [index[start[s] : start[s + 1]].tolist() for s in range(sc.n_scenarios)]

    assert listed(sc.bus_start, sc.bus_index) == [[], [4], [], [], [], [], [], []]
    assert listed(sc.unit_start, sc.unit_index) == [[], [], [], [0, 1], [], [], [], []]
    assert listed(sc.branch_start, sc.branch_index) == [[], [], [], [], [], [5], [], []]
    assert sc.rating_factor is not None
    assert sc.unit_factor is not None
    assert sc.load_factor is not None
    transformer = 6
    assert sc.rating_factor[2, transformer] == 0.5
    assert (np.delete(sc.rating_factor, 2, axis=0) == 1.0).all()
    assert sc.unit_factor[4].tolist() == [1.0, 1.0, 0.5, 1.0]
    # "field" drops one of three feeders: 10 of 40 MW. "far" loses 70 of 100 MW.
    assert sc.load_factor[2, 4] == pytest.approx(0.75)
    assert sc.load_factor[1, 4] == pytest.approx(0.0)
    assert sc.load_factor[6, 5] == pytest.approx(0.3)
    assert (sc.load_factor[[0, 3, 4, 5, 7]] == 1.0).all()


def test_intact_region_serves_everybody(region: Region) -> None:
    case = build_case(region.network)
    sc = scenarios_of_states(states(region, {}), list_assets(region), region, case)
    assert sc.rating_factor is None
    assert sc.unit_factor is None
    result = run_cascade(case, sc)
    assert result.served_mw.sum() == pytest.approx(region.feeders.demand_mw.sum())


def test_locally_off(region: Region) -> None:
    assets = list_assets(region)
    state = states(
        region,
        {"substation:far": DamageState.DESTROYED},
        {"substation:far": DamageState.IMPAIRED, "feeder:f14": DamageState.IMPAIRED},
    )
    off = locally_off(state, assets, region)
    assert np.flatnonzero(off[0]).tolist() == [12, 13, 14]
    assert np.flatnonzero(off[1]).tolist() == [12, 14]
    assert state[:, asset_rows(assets, AssetKind.FEEDER)].sum() == 1  # the input is left alone
