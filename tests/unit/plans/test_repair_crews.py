"""Crews in every scenario: one list, the damage that is there, hours drawn about the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lightkeeper.damage import AssetId, Assets, DamageState, list_assets
from lightkeeper.flow import FlowCase
from lightkeeper.plans import RepairOptions, load_repair_times, plan_repairs
from lightkeeper.plans.repair_crews import send_crews
from lightkeeper.plans.repair_worth import Worth
from lightkeeper.region.model import Region

LOST, HURT = DamageState.DESTROYED, DamageState.IMPAIRED
SHIPPED = load_repair_times()
EXACT = replace(SHIPPED, late_factor=dict.fromkeys(SHIPPED.late_factor, 1.0))


@pytest.fixture(scope="module")
def assets(small_region: Region) -> Assets:
    return list_assets(small_region)


def states(assets: Assets, *damage: Mapping[str, DamageState]) -> NDArray[np.uint8]:
    names = assets.id.tolist()
    found = np.zeros((len(damage), len(names)), np.uint8)
    for s, hurt in enumerate(damage):
        for asset, state in hurt.items():
            found[s, names.index(asset)] = state
    return found


def ends(
    worth: Worth,
    state: NDArray[np.uint8],
    listed: list[str],
    *,
    n_crews: int = 1,
    seed: int = 1,
) -> list[dict[str, float]]:
    names = worth.assets.id.tolist()
    work = send_crews(worth, state, [names.index(a) for a in listed], n_crews=n_crews, seed=seed)
    return [
        {names[row]: end for row, end in zip(*(x.tolist() for x in work.of(s)), strict=True)}
        for s in range(len(state))
    ]


def test_in_the_planned_scenario_crews_do_what_is_planned(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    damage = {"feeder:b2": LOST, "feeder:b3": LOST, "substation:D": HURT, "line:bc": HURT}
    options = RepairOptions(times=EXACT)
    state = states(assets, damage)
    for n_crews in (1, 2, 3):
        plan = plan_repairs(
            small_region, small_case, assets, state[0], n_crews=n_crews, options=options
        )
        (found,) = ends(
            Worth(small_region, small_case, assets, options),
            state,
            [j.asset for j in plan.jobs],
            n_crews=n_crews,
        )
        assert found == pytest.approx({str(j.asset): j.end_h for j in plan.jobs})


def test_a_site_in_order_costs_the_way_and_a_look(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    worth = Worth(small_region, small_case, assets, RepairOptions(times=EXACT))
    listed = ["feeder:b2", "feeder:d1"]
    planned, other = ends(
        worth, states(assets, {"feeder:b2": LOST, "feeder:d1": LOST}, {"feeder:d1": LOST}), listed
    )
    # Nothing opens before clearance and rubble (5 h); then 6 h of work at each.
    assert planned["feeder:b2"] == pytest.approx(11.0)
    way = planned["feeder:d1"] - 11.0 - 6.0
    assert way > 0
    # Half an hour's look and the way fit into the hours in which the other site is still closed.
    assert other == {"feeder:d1": pytest.approx(max(0.5 + way, 5.0) + 6.0)}


def test_what_is_not_listed_follows_by_what_its_loss_costs(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    worth = Worth(small_region, small_case, assets, RepairOptions(times=EXACT))
    (found,) = ends(
        worth,
        states(assets, {"feeder:d1": LOST, "feeder:b2": LOST, "feeder:c4": LOST}),
        ["feeder:d1"],
    )
    # c4 serves a service, b2 has 2,000 people.
    assert sorted(found, key=lambda name: found[name]) == ["feeder:d1", "feeder:c4", "feeder:b2"]


def test_feeders_that_are_only_switched_off_need_no_crew(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    worth = Worth(small_region, small_case, assets, RepairOptions(times=EXACT))
    assert ends(worth, states(assets, {"feeder:b1": HURT}, {}), []) == [{}, {}]


def test_hours_are_drawn_about_the_usual_ones(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    """Median and 95 % point are those of the table; sites share half of the spread."""
    worth = Worth(small_region, small_case, assets, RepairOptions(times=SHIPPED))
    n = 4000
    state = states(assets, *[{"feeder:b2": LOST, "line:ab": HURT}] * n)
    found = ends(worth, state, ["feeder:b2", "line:ab"], n_crews=2)
    opens = {"feeder:b2": 5.0, "line:ab": 1.0}
    hours = np.array([[of[a] - opens[a] for a in opens] for of in found])
    usual = [SHIPPED.repair_h[k] for k in SHIPPED.repair_h if k[0] == "feeder" and k[1] == LOST]
    assert np.median(hours[:, 0]) == pytest.approx(usual[0], rel=0.03)
    assert np.quantile(hours[:, 0], 0.95) == pytest.approx(2.0 * usual[0], rel=0.05)
    assert np.quantile(hours[:, 1], 0.95) == pytest.approx(1.7 * 6.0, rel=0.05)
    correlation = np.corrcoef(np.log(hours).T)[0, 1]
    assert correlation == pytest.approx(SHIPPED.shared_pu, abs=0.05)


def test_two_plans_meet_the_same_difficulties(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    """Hours of a site hang on seed, scenario and site, not on who else is hurt or how many come."""
    worth = Worth(small_region, small_case, assets, RepairOptions(times=SHIPPED))
    alone = states(assets, {}, {"feeder:b2": LOST})
    more = states(assets, {"line:ab": LOST}, {"feeder:b2": LOST, "line:cd": HURT})
    one = ends(worth, alone, ["feeder:b2"], seed=4)[1]["feeder:b2"]
    other = ends(worth, more, ["feeder:b2"], n_crews=3, seed=4)[1]["feeder:b2"]
    assert one == other
    assert one != ends(worth, alone, ["feeder:b2"], seed=5)[1]["feeder:b2"]


def test_a_closed_site_waits_in_every_scenario(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    from lightkeeper.plans import AccessReason, SiteAccess

    closed = SiteAccess(asset=AssetId("feeder:b2"), reason=AccessReason.RUBBLE, open_at_h=20.0)
    options = RepairOptions(times=EXACT, access=[closed], alarm_until_h=3.0)
    worth = Worth(small_region, small_case, assets, options)
    found = ends(worth, states(assets, {"feeder:b2": LOST, "feeder:d1": LOST}), [], n_crews=2)
    assert found[0]["feeder:b2"] == pytest.approx(26.0)
    assert found[0]["feeder:d1"] == pytest.approx(3.0 + 5.0 + 6.0)
