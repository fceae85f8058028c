"""Hour by hour on small regions, with answers by hand or by the plain cold model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from story import DISTRICT, make_happening, make_story, with_cold

from lightkeeper.consequences import (
    ColdOptions,
    Course,
    Followed,
    FollowOptions,
    SupplyPiece,
    assess,
    compare,
    cool,
    describe_course,
    find_chains,
    follow,
    hours_until,
    list_feeders_off,
    load_buildings,
    make_supply,
    make_zones,
    people_in_reach,
    supply_after,
)
from lightkeeper.consequences.buildings import EDGE, GAIN_W_PER_M2, ROOMS, design_heat_w
from lightkeeper.consequences.exposure import ColdTable
from lightkeeper.consequences.temperature import Outdoors
from lightkeeper.damage import DamageState
from lightkeeper.errors import InputError
from lightkeeper.region import (
    BuildingType,
    DistrictId,
    HeatingKind,
    HomeGroup,
    OutdoorHour,
    Region,
    WarmPoint,
    WarmPointKind,
)

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun, Run

LOST, HURT = DamageState.DESTROYED, DamageState.IMPAIRED
HOURS = 36
EXACT = ColdOptions(weather_error_c=0.0, n_members=1, seed=3)
PANEL, BRICK = BuildingType.PANEL_HIGH_RISE, BuildingType.BRICK


def group(type_: BuildingType, heating: HeatingKind, people: int) -> HomeGroup:
    return HomeGroup(
        id=f"{type_}-{heating}", district=DISTRICT, type=type_, heating=heating, population=people
    )


def town(*homes: HomeGroup, outdoor_c: float = -10.0, hours: int = HOURS) -> Region:
    """Two feeders; a boiler house without backup on the second, a gas station with 5 h too."""
    region = make_story(
        {
            "feeders": ["f1", "f2"],
            "services": [{"id": "gas", "kind": "gas", "feeder": "f2", "backup_h": 5.0}],
            "sources": [{"id": "boiler", "feeder": "f2", "population": 800}],
        }
    )
    return with_cold(region, homes, dict.fromkeys(range(hours), outdoor_c))


def run(region: Region, off: list[str], cold: ColdOptions = EXACT) -> Followed:
    supply = make_happening(region, [{"pieces": [{"from_h": 0, "off": off}]}])
    return follow(region, np.ones(1), supply, FollowOptions(horizon_h=HOURS, cold=cold))


def crossing(type_: BuildingType, place: float, threshold_c: float, zone: int = ROOMS) -> int:
    """First whole hour below a threshold at -10 degrees, by the plain model."""
    zones = make_zones(load_buildings()[type_], np.array(place))
    gain = np.array([GAIN_W_PER_M2, 0.0])
    found = cool(zones, np.array([20.0, 16.0]), np.full(400, -10.0), gain)
    return int(np.flatnonzero(found.temperature_c[:, zone] < threshold_c)[0])


def places(seed: int) -> dict[BuildingType, float]:
    """Places in the bands that the one draw of `EXACT` has."""
    types = tuple(BuildingType)
    drawn = np.random.default_rng([seed, 16]).triangular(-1.0, 0.0, 1.0, size=(1, len(types)))
    return dict(zip(types, drawn[0].tolist(), strict=True))


def test_homes_cool_from_the_hour_their_heat_fails() -> None:
    region = town(
        group(PANEL, HeatingKind.DISTRICT, 700),
        group(BRICK, HeatingKind.ELECTRIC, 400),
        group(BRICK, HeatingKind.STOVE, 300),
    )
    found = run(region, ["f2"])
    at = places(3)
    panel, brick = crossing(PANEL, at[PANEL], 16.0), crossing(BRICK, at[BRICK], 16.0)
    hours = np.arange(HOURS + 1)
    # Electric homes are on both feeders alike: half of them lose their heat.
    wanted = 700.0 * (hours >= panel) + 200.0 * (hours >= brick)
    assert found.people_below[0, 0].tolist() == wanted.tolist()
    ten = crossing(PANEL, at[PANEL], 10.0)
    assert (
        found.people_below[0, 1][hours < crossing(BRICK, at[BRICK], 10.0)].tolist()
        == (700.0 * (hours >= ten))[hours < crossing(BRICK, at[BRICK], 10.0)].tolist()
    )
    assert found.people_without_heat[0].tolist() == [900.0] * (HOURS + 1)
    assert found.freeze_h[0, 0] == crossing(PANEL, at[PANEL], 5.0, EDGE)


def test_gas_homes_lose_heat_with_their_feeder_or_the_last_gas_station() -> None:
    region = town(group(BRICK, HeatingKind.GAS_BOILER, 400))
    found = run(region, ["f2"])
    # Those on f2 at once, those on f1 when the station's five hours are out.
    assert found.people_without_heat[0].tolist() == [200.0] * 5 + [400.0] * (HOURS - 4)
    brick = crossing(BRICK, places(3)[BRICK], 16.0)
    assert found.people_below[0, 0, [brick - 1, brick, brick + 5]].tolist() == [0.0, 200.0, 400.0]


def test_nothing_off_is_nobody_cold() -> None:
    region = town(group(PANEL, HeatingKind.DISTRICT, 700), group(BRICK, HeatingKind.STOVE, 100))
    found = run(region, [])
    assert (found.people_below == 0).all()
    assert (found.people_without_heat == 0).all()
    assert np.isinf(found.freeze_h).all()


def test_broken_windows_let_homes_cool_even_with_heat() -> None:
    region = town(group(PANEL, HeatingKind.DISTRICT, 500), group(BRICK, HeatingKind.STOVE, 300))
    cold = replace(EXACT, broken_windows={DISTRICT: (0.2, 0.2)})
    found = run(region, [], cold)
    assert found.people_below[0, 0, 0] == 0
    assert found.people_below[0, 0, -1] == pytest.approx(0.2 * 800)
    whole, broken = run(region, ["f2"]), run(region, ["f2"], cold)
    assert (broken.people_below >= whole.people_below - 1e-9).all()
    assert broken.people_below.sum() > whole.people_below.sum()


def test_half_the_heat_settles_between() -> None:
    """An impaired source still gives half: homes end where half the design heat holds them."""
    table = ColdTable(Outdoors(outdoor_c=np.full((1, 60), -10.0), notes=()), EXACT)
    region = town(group(PANEL, HeatingKind.DISTRICT, 100))
    supply = make_happening(region, [{"pieces": [{"from_h": 0}]}])
    (piece,) = supply.pieces
    halved = make_supply([replace(piece, source_share=np.full((1, 1), 0.5))])
    whole = follow(region, np.ones(1), supply, FollowOptions(horizon_h=HOURS, cold=EXACT))
    half = follow(region, np.ones(1), halved, FollowOptions(horizon_h=HOURS, cold=EXACT))
    none = run(region, ["f2"])
    assert whole.people_below.sum() == 0
    assert 0 < half.people_below[:, 0].sum() < none.people_below[:, 0].sum()
    assert half.people_without_heat.sum() == 0
    zones = make_zones(load_buildings()[PANEL], np.array(places(3)[PANEL]))
    heat = 0.5 * design_heat_w(zones) + np.array([GAIN_W_PER_M2, 0.0])
    plain = cool(zones, np.array([20.0, 16.0]), np.full(60, -10.0), heat).temperature_c[:, ROOMS]
    at = np.zeros(1, dtype=np.int32)
    nothing = np.zeros(1, dtype=np.uint64)
    row = table.rows(at, at, nothing, ~nothing, np.array([0.5]))
    panel = list(BuildingType).index(PANEL)
    bits = int(table.below[row[0], panel, 0, 0])
    below = [bool(bits >> hour & 1) for hour in range(61)]
    assert below == (plain < 16.0).tolist()


def test_a_gap_in_the_weather_ends_what_is_told() -> None:
    region = town(group(PANEL, HeatingKind.DISTRICT, 700), hours=12)
    found = run(region, ["f2"])
    # The state at hour 12 still follows from the hours 0 to 11.
    assert np.isfinite(found.people_below[0, :, :13]).all()
    assert np.isnan(found.people_below[0, :, 13:]).all()
    assert np.isnan(found.district_below_16[0, 0, 5:]).all()
    assert np.isfinite(found.people_without_heat).all()
    assert any("known to hour 11 only" in note for note in found.notes)


def test_without_homes_or_weather_nothing_is_said_of_the_cold() -> None:
    homes = group(PANEL, HeatingKind.DISTRICT, 700)
    for region, note in (
        (replace(town(homes), temperatures=()), "no outdoor temperature is given"),
        (replace(town(homes), homes=()), "no homes are given"),
    ):
        found = run(region, ["f2"])
        assert np.isnan(found.people_below).all()
        assert any(note in n for n in found.notes)


@pytest.mark.parametrize(
    ("cold", "message"),
    [
        (ColdOptions(broken_windows={DISTRICT: (0.5, 1.5)}), "is no share"),
        (ColdOptions(broken_windows={DistrictId("moon"): (0.5, 0.5)}), "is no district"),
    ],
)
def test_broken_windows_that_cannot_be(cold: ColdOptions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(town(group(PANEL, HeatingKind.DISTRICT, 700)), [], cold)


# ---------------------------------------------------------------- on the small region


def with_homes(region: Region) -> Region:
    """The small region with homes, a cold night and a warm point."""
    homes = (
        HomeGroup(
            id="a",
            district=DistrictId("city"),
            type=PANEL,
            heating=HeatingKind.DISTRICT,
            population=9000,
        ),
        HomeGroup(
            id="b",
            district=DistrictId("port"),
            type=BRICK,
            heating=HeatingKind.ELECTRIC,
            population=5000,
        ),
    )
    point = WarmPoint(
        id="w",
        name="School",
        kind=WarmPointKind.WARM_POINT,
        district=DistrictId("port"),
        capacity=100,
        lon=30.51,
        lat=48.5,
    )
    return replace(
        region,
        homes=homes,
        temperatures=tuple(
            OutdoorHour(id=f"t{h}", district="", hour=h, outdoor_c=-12.0) for h in range(48)
        ),
        warm_points=(point,),
    )


def describe(made: Run, *, seed: int = 1) -> tuple[Followed, Course]:
    off = list_feeders_off(made.region, made.ensemble, made.result, seed=seed)
    judged = assess(made.region, made.ensemble, made.result, off, (), ())
    supply = supply_after(
        made.region,
        made.ensemble,
        made.result,
        off,
        unserved_mw=judged.unserved_mw_by_scenario,
        seed=seed,
    )
    followed = follow(made.region, made.ensemble.weight, supply)
    return followed, describe_course(made.region, made.ensemble, followed)


def test_hour_zero_is_what_assess_says(make_run: MakeRun, region: Region) -> None:
    made = make_run(
        {},
        {"substation:far": LOST},
        {"feeder:f0": HURT, "line:hub-far": LOST},
        weight=(0.5, 0.3, 0.2),
        region=with_homes(region),
    )
    off = list_feeders_off(made.region, made.ensemble, made.result, seed=1)
    judged = assess(made.region, made.ensemble, made.result, off, (), ())
    followed, course = describe(made)
    assert followed.people_off[:, 0].tolist() == judged.people_off_by_scenario.tolist()
    assert followed.unserved_mw[:, 0] == pytest.approx(judged.unserved_mw_by_scenario)
    assert followed.district_people_off[:, :, 0] == pytest.approx(judged.district_people_off)
    assert course.people_off.mean[0] == pytest.approx(judged.people_off.mean)
    # Nothing is repaired: energy over the horizon is power times hours.
    assert followed.unserved_mwh == pytest.approx(48 * judged.unserved_mw_by_scenario)
    assert followed.customer_hours == pytest.approx(48 * judged.people_off_by_scenario)
    assert followed.feeder_p[:, 0] == pytest.approx(made.ensemble.weight @ off)
    assert course.n_scenarios == 3


def test_losing_a_chp_loses_heat_and_the_hospital_goes_on_for_a_day(
    make_run: MakeRun, region: Region
) -> None:
    made = make_run(
        {"power_plant:chp": LOST, "substation:north": LOST},
        {"heat_source:chp-heat": HURT},
        region=with_homes(region),
    )
    followed, course = describe(made)
    assert followed.people_without_heat[0, 0] == 9000
    assert followed.people_without_heat[1, 0] == 0
    (hospital,) = [s for s in course.services if s.id == "hospital"]
    assert hospital.p_failed is not None
    at = dict(zip(course.district_hours, hospital.p_failed, strict=True))
    assert (at[21], at[24]) == (0.0, 0.5)
    assert hospital.first_fails_h == 24.0
    assert followed.service_hours[0] == pytest.approx(24.0 + 48.0)
    (drain,) = course.drains
    assert drain.source == "chp-heat"
    assert drain.p_freezes == pytest.approx(0.5)
    early, usual, late = drain.freezes_h
    assert 0 <= drain.decide_by_h == max(early - drain.drain_h, 0.0)
    assert early <= usual <= late
    assert drain.refill_days[0] < drain.refill_days[1]


def test_warm_points_that_are_too_small_are_said(make_run: MakeRun, region: Region) -> None:
    made = make_run({"substation:far": LOST}, region=with_homes(region))
    _, course = describe(made)
    port = next(d for d in course.districts if d.district == "port")
    assert port.warm_point_capacity == 100
    assert port.is_short_of_warm_points[0] is False
    assert port.is_short_of_warm_points[-1] is True
    assert port.people_below_16.median[-1] == 5000
    # The raion has no homes in the table: of its cold nothing is said.
    raion = next(d for d in course.districts if d.district == "raion")
    assert set(raion.people_below_16.median) == {None}
    assert set(raion.is_short_of_warm_points) == {None}
    assert people_in_reach(made.region)[DistrictId("port")] == 10_000
    assert people_in_reach(made.region, reach_km=0.1)[DistrictId("port")] == 0


def test_a_chain_leads_from_the_substation_to_the_hospital(
    make_run: MakeRun, region: Region
) -> None:
    made = make_run({"substation:north": LOST}, {}, region=with_homes(region))
    off = list_feeders_off(made.region, made.ensemble, made.result, seed=1)
    supply = supply_after(made.region, made.ensemble, made.result, off)
    followed = follow(made.region, made.ensemble.weight, supply)
    (chain,) = find_chains(
        made.region, followed.graph, supply, made.ensemble, made.result, 0, horizon_h=48
    )
    assert (chain.substation, chain.cause) == ("north", "substation destroyed")
    assert (chain.n_feeders, chain.people, chain.demand_mw) == (3, 6000, 60.0)
    assert chain.districts == ((DistrictId("city"), 6000),)
    (hospital,) = chain.services
    assert (hospital.id, hospital.works_until_h, hospital.because) == ("hospital", 24.0, "power")
    assert find_chains(made.region, followed.graph, supply, made.ensemble, made.result, 1) == ()


def test_the_same_seed_gives_the_same_course(make_run: MakeRun, region: Region) -> None:
    made = make_run({"substation:far": LOST}, {"power_plant:chp": LOST}, region=with_homes(region))
    assert describe(made)[1] == describe(made)[1]


def test_too_few_scenarios_are_said(make_run: MakeRun, region: Region) -> None:
    """An ensemble of one has values and no error; of ten no bound of the 95 % points."""
    one = describe(make_run({"substation:far": LOST}, region=with_homes(region)))[1]
    assert one.people_off.p05[0] == one.people_off.median[0] == one.people_off.p95[0] == 10_000
    assert one.people_off.median_low[0] is None
    assert one.customer_hours.sampling is not None
    assert one.customer_hours.sampling.median == (None, None)
    assert "1 effective scenarios: too few to tell the error of the medians" in one.notes
    ten = describe(make_run(*([{}] * 10), region=with_homes(region)))[1]
    assert "10 effective scenarios: too few to bound the 95 % points" in ten.notes
    assert ten.people_off.median_low[0] == 0.0


def test_how_long_homes_hold_is_told_for_the_weather_ahead(
    make_run: MakeRun, region: Region
) -> None:
    course = describe(make_run({}, region=with_homes(region)))[1]
    homes = {h.type: h for h in course.homes}
    assert set(homes) == {PANEL.value, BRICK.value}
    assert homes[PANEL.value].people == 9000
    assert homes[PANEL.value].below_16_h == pytest.approx(
        hours_until(load_buildings()[PANEL], 16.0, -12.0), abs=0.05
    )
    assert homes[BRICK.value].below_10_h[0] is not None
    cut = replace(with_homes(region), temperatures=with_homes(region).temperatures[:4])
    short = {h.type: h for h in describe(make_run({}, region=cut))[1].homes}
    # Four hours of weather do not tell when a brick house is cold.
    assert short[BRICK.value].below_16_h == (None, None, None)
    assert describe(make_run({}, region=region))[1].homes == ()


def test_a_repair_is_compared_on_the_same_scenarios(make_run: MakeRun, region: Region) -> None:
    """Far is back at hour 6: 42 of 48 hours are saved where it was lost, and nothing elsewhere."""
    made = make_run(
        {"substation:far": LOST},
        {"substation:far": LOST, "feeder:f0": HURT},
        {"feeder:f0": HURT},
        {},
        region=with_homes(region),
    )
    off = list_feeders_off(made.region, made.ensemble, made.result, seed=1)
    before = supply_after(made.region, made.ensemble, made.result, off)
    mended = off.copy()
    mended[:, made.region.feeders.district == 2] = False
    (piece,) = before.pieces
    share = piece.source_share
    after = make_supply([piece, SupplyPiece(from_h=6.0, feeder_off=mended, source_share=share)])
    weight = made.ensemble.weight
    one, other = follow(made.region, weight, before), follow(made.region, weight, after)
    found = compare(made.ensemble, one.customer_hours, other.customer_hours, made.ensemble)
    assert (other.customer_hours - one.customer_hours).tolist() == [-420_000.0, -420_000.0, 0, 0]
    assert found.change.mean == pytest.approx(-210_000.0)
    assert found.p_less == pytest.approx(0.5)
    assert found.p_more == 0.0
    # Homes that had cooled warm up again: fewer are cold in the end.
    assert other.people_below[0, 0, -1] < one.people_below[0, 0, -1]
