from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lightkeeper.damage import AssetId, Assets, DamageState, list_assets
from lightkeeper.errors import InputError
from lightkeeper.flow import FlowCase
from lightkeeper.plans import (
    AccessReason,
    RepairOptions,
    RepairPlan,
    SiteAccess,
    load_repair_times,
    plan_repairs,
)
from lightkeeper.region.model import Region

TIMES = load_repair_times()
OPTIONS = RepairOptions(times=TIMES)


@pytest.fixture(scope="module")
def assets(small_region: Region) -> Assets:
    return list_assets(small_region)


def plan(
    region: Region,
    case: FlowCase,
    assets: Assets,
    damage: dict[str, DamageState],
    n_crews: int = 1,
    options: RepairOptions = OPTIONS,
) -> RepairPlan:
    state = np.zeros(assets.id.size, np.uint8)
    for asset, hurt in damage.items():
        state[assets.id.tolist().index(asset)] = hurt
    return plan_repairs(region, case, assets, state, n_crews=n_crews, options=options)


def test_nothing_hurt_needs_nothing(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    found = plan(small_region, small_case, assets, {})
    assert found.jobs == ()
    assert found.people_off.tolist() == [0.0]
    assert (found.person_hours, found.person_hours_as_listed) == (0.0, 0.0)


def test_more_people_per_crew_hour_come_first(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    # Feeders: 6 h each; d1 has 500 people, b2 2,000.
    found = plan(
        small_region,
        small_case,
        assets,
        {"feeder:d1": DamageState.DESTROYED, "feeder:b2": DamageState.DESTROYED},
    )
    assert [j.asset for j in found.jobs] == ["feeder:b2", "feeder:d1"]
    assert [j.people_back for j in found.jobs] == pytest.approx([2000.0, 500.0])
    assert found.people_off[0] == pytest.approx(2500.0)
    assert found.people_off[-1] == pytest.approx(0.0, abs=1e-6)


def test_services_weigh_more_than_people(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    # c4 has 1,000 people and a service, b2 has 2,000 people.
    found = plan(
        small_region,
        small_case,
        assets,
        {"feeder:b2": DamageState.DESTROYED, "feeder:c4": DamageState.DESTROYED},
    )
    assert [j.asset for j in found.jobs] == ["feeder:c4", "feeder:b2"]


def test_two_repairs_that_help_only_together_are_seen(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    # Line cd (6 h) and substation D (60 h) bring d1's 50,000 people back only together, more per
    # hour than the 2,000 people of substation B's dropped feeders (16 h).
    feeders = small_region.feeders
    crowded = replace(
        small_region,
        feeders=replace(feeders, population=np.where(feeders.id == "d1", 50_000, 1000)),
    )
    found = plan(
        crowded,
        small_case,
        assets,
        {
            "substation:B": DamageState.IMPAIRED,
            "substation:D": DamageState.DESTROYED,
            "line:cd": DamageState.IMPAIRED,
        },
    )
    assert [str(j.asset) for j in found.jobs][-1] == "substation:B"
    assert found.person_hours < found.person_hours_as_listed
    assert found.people_off[-1] == pytest.approx(0.0, abs=1e-6)


def test_crews_share_the_work(small_region: Region, small_case: FlowCase, assets: Assets) -> None:
    damage = {
        "feeder:b2": DamageState.DESTROYED,
        "feeder:b3": DamageState.DESTROYED,
        "substation:D": DamageState.IMPAIRED,
    }
    one = plan(small_region, small_case, assets, damage, n_crews=1)
    two = plan(small_region, small_case, assets, damage, n_crews=2)
    assert two.person_hours < one.person_hours
    assert {j.crew for j in two.jobs} == {0, 1}
    for found in (one, two):
        for crew in range(found.n_crews):
            mine = sorted((j.start_h, j.end_h) for j in found.jobs if j.crew == crew)
            assert all(b[0] >= a[1] - 1e-9 for a, b in pairwise(mine))
        for job in found.jobs:
            assert job.end_h >= job.start_h + job.travel_h + job.repair_h - 1e-9


def test_a_closed_site_is_left_for_later(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    closed = SiteAccess(asset=AssetId("feeder:b2"), reason=AccessReason.CLEARANCE, open_at_h=30.0)
    found = plan(
        small_region,
        small_case,
        assets,
        {"feeder:b2": DamageState.DESTROYED, "feeder:b1": DamageState.DESTROYED},
        options=replace(OPTIONS, access=(closed,)),
    )
    assert [j.asset for j in found.jobs] == ["feeder:b1", "feeder:b2"]
    assert found.jobs[1].end_h == pytest.approx(30.0 + 6.0)
    assert found.jobs[1].waits_for == ("clearance until 30 h",)


def test_alarm_holds_everything_back(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    damage = {"feeder:b2": DamageState.DESTROYED, "feeder:b1": DamageState.IMPAIRED}
    found = plan(
        small_region, small_case, assets, damage, options=replace(OPTIONS, alarm_until_h=4.0)
    )
    # 4 h alarm, 3 h clearance, 2 h rubble, 6 h work; the switched feeder is back at 4 h.
    assert found.jobs[0].end_h == pytest.approx(15.0)
    assert found.jobs[0].waits_for == ("alarm until 4 h", "clearance until 7 h", "rubble until 9 h")
    assert found.time_h == pytest.approx([0.0, 4.0, 15.0])
    assert found.people_off == pytest.approx([3000.0, 2000.0, 0.0], abs=1e-6)


def test_switched_off_feeders_take_no_crew(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    found = plan(small_region, small_case, assets, {"feeder:b1": DamageState.IMPAIRED})
    assert found.jobs == ()
    assert found.time_h == pytest.approx([0.0, 0.5])
    assert found.people_off == pytest.approx([1000.0, 0.0], abs=1e-6)
    assert found.person_hours == pytest.approx(500.0)
    assert any("without a crew" in n for n in found.notes)


def test_travel_from_the_depot_counts(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    damage = {"feeder:b2": DamageState.DESTROYED}
    options = replace(OPTIONS, depot=(31.5, 50.0))
    found = plan(small_region, small_case, assets, damage, options=options)
    # One degree of longitude at 50 degrees north is 71.5 km; with a detour of 1.3 at 40 km/h.
    assert found.jobs[0].travel_h == pytest.approx(71.474 * 1.3 / 40.0, rel=1e-4)
    assert not any("depot" in n for n in found.notes)


def test_no_crew_is_refused(small_region: Region, small_case: FlowCase, assets: Assets) -> None:
    with pytest.raises(InputError, match="crews"):
        plan(small_region, small_case, assets, {}, n_crews=0)


def test_people_of_jobs_that_end_together_are_counted_once(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    hurt = {f"feeder:{f}": DamageState.DESTROYED for f in ("d1", "b2")}
    found = plan(small_region, small_case, assets, hurt, n_crews=2)
    assert found.jobs[0].end_h == found.jobs[1].end_h
    assert sum(j.people_back for j in found.jobs) == pytest.approx(
        found.people_off[0] - found.people_off[-1]
    )
