from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.claims.model import ClaimId, ClaimKind
from lightkeeper.consequences import (
    AssessOptions,
    Consequences,
    Knowledge,
    assess,
    list_feeders_off,
)
from lightkeeper.damage import DamageState, Observation, SupplyState
from lightkeeper.incidents.model import Incident
from lightkeeper.region import DistrictId, FeederId, PlaceCode, Region

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun, Run
    from tests.unit.damage.conftest import Tell

LOST, HURT = DamageState.DESTROYED, DamageState.IMPAIRED


def judge(
    run: Run, *incidents: Incident, observations: tuple[Observation, ...] = ()
) -> Consequences:
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    return assess(run.region, run.ensemble, run.result, off, observations, incidents)


def seen(
    state: SupplyState,
    district: str | None = None,
    feeder: str | None = None,
    place: str | None = None,
    claims: tuple[str, ...] = (),
) -> Observation:
    return Observation(
        state=state,
        district=None if district is None else DistrictId(district),
        feeder=None if feeder is None else FeederId(feeder),
        share_off=(0.5, 1.0),
        at=None,
        source=f"source {district or feeder}",
        claims=tuple(ClaimId(c) for c in claims),
        place=None if place is None else PlaceCode(place),
    )


def test_people_power_and_energy_by_hand(make_run: MakeRun) -> None:
    run = make_run({}, {"substation:far": LOST}, {"feeder:f0": HURT}, weight=(0.5, 0.3, 0.2))
    found = judge(run)
    city, raion, port = found.districts
    assert found.people_off_by_scenario.tolist() == [0.0, 10_000.0, 1000.0]
    assert found.unserved_mw_by_scenario == pytest.approx([0.0, 100.0, 10.0])
    assert found.people_off.mean == pytest.approx(3200.0)
    assert (found.people_off.p05, found.people_off.median, found.people_off.p95) == (0, 0, 10_000)
    assert found.unserved_energy_mwh.p95 == pytest.approx(2400.0)
    assert found.horizon_h == 24.0
    assert port.people_off.p95 == 10_000
    assert port.p_dark == pytest.approx(0.3)
    assert port.unserved_mw.mean == pytest.approx(30.0)
    assert city.people_off.mean == pytest.approx(200.0)
    assert city.p_dark == 0.0
    assert raion.people_off.p95 == 0.0
    assert found.margin is None


def test_horizon_scales_energy_only(make_run: MakeRun) -> None:
    run = make_run({"substation:far": LOST})
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    found = assess(run.region, run.ensemble, run.result, off, (), (), AssessOptions(horizon_h=3.0))
    assert found.unserved_energy_mwh.median == pytest.approx(300.0)
    assert found.unserved_mw.median == pytest.approx(100.0)


def test_districts_add_up_to_the_total(make_run: MakeRun, short_region: Region) -> None:
    run = make_run(
        {"power_plant:b": LOST, "feeder:f4": HURT},
        {"substation:edge": LOST},
        {"substation:north": HURT, "line:hub-far": LOST},
        region=short_region,
    )
    found = judge(run)
    assert sum(d.unserved_mw.mean for d in found.districts) == pytest.approx(found.unserved_mw.mean)
    assert found.district_people_off.sum(axis=1) == pytest.approx(found.people_off_by_scenario)
    demand = short_region.network.loads.p_mw.sum()
    served = run.result.served_mw.sum(axis=1)
    assert found.unserved_mw_by_scenario + served == pytest.approx(np.full(3, demand))


@pytest.mark.parametrize(
    ("observations", "knowledge"),
    [
        ((), Knowledge.NO_REPORT),
        ((seen(SupplyState.DARK, "raion"),), Knowledge.REPORTED_DARK),
        ((seen(SupplyState.PARTLY_DARK, "raion"),), Knowledge.REPORTED_PARTLY_DARK),
        ((seen(SupplyState.SUPPLIED, "raion"),), Knowledge.REPORTED_SUPPLIED),
        ((seen(SupplyState.DARK, "raion", place="TOWN"),), Knowledge.REPORTED_PARTLY_DARK),
        ((seen(SupplyState.SUPPLIED, "raion", place="TOWN"),), Knowledge.NO_REPORT),
        ((seen(SupplyState.DARK, feeder="f9"),), Knowledge.REPORTED_PARTLY_DARK),
        ((seen(SupplyState.SUPPLIED, feeder="f9"),), Knowledge.NO_REPORT),
        (
            (seen(SupplyState.SUPPLIED, "raion"), seen(SupplyState.DARK, feeder="f9")),
            Knowledge.REPORTED_PARTLY_DARK,
        ),
        ((seen(SupplyState.DARK, feeder="f0"),), Knowledge.NO_REPORT),
    ],
)
def test_what_is_reported_of_a_district(
    make_run: MakeRun, observations: tuple[Observation, ...], knowledge: Knowledge
) -> None:
    found = judge(make_run({}), observations=observations)
    assert found.districts[1].knowledge is knowledge


def test_no_report_is_not_power_on(make_run: MakeRun) -> None:
    """Nothing said and nothing modelled: background only, and marked as such."""
    found = judge(make_run({}, {"feeder:f9": HURT}))
    raion = found.districts[1]
    assert raion.knowledge is Knowledge.NO_REPORT
    assert not raion.inferred
    assert raion.people_off.p95 == 1000.0
    # A district that the grid darkens is inferred, without any report of it.
    found = judge(make_run({"line:hub-far": LOST}))
    assert found.districts[2].knowledge is Knowledge.NO_REPORT
    assert found.districts[2].inferred


def test_figures_lead_back_to_claims(make_run: MakeRun, tell: Tell) -> None:
    claim = tell.claim(ClaimKind.OUTAGE, "CITY")
    observation = seen(SupplyState.DARK, "city", claims=(claim.id,))
    found = judge(make_run({}), tell.incident(claim), observations=(observation,))
    city = found.districts[0]
    assert city.reported_by == (claim.id,)
    assert city.reported_sources == ("source city",)
    assert city.incidents == ("i1",)
    assert city.inferred
    assert found.districts[2].incidents == ()


def test_services_without_supply(make_run: MakeRun) -> None:
    run = make_run({}, {"substation:north": LOST}, weight=(0.75, 0.25))
    (hospital,) = judge(run).districts[0].services
    assert hospital.p_without_supply == pytest.approx(0.25)
    assert (hospital.id, hospital.backup_h) == ("hospital", 24.0)


def test_scenario_of_no_weight_says_nothing(make_run: MakeRun) -> None:
    run = make_run({}, {"substation:far": LOST}, weight=(1.0, 0.0))
    found = judge(run)
    assert found.people_off.p95 == 0.0
    assert found.districts[2].p_dark == 0.0
    assert not found.districts[2].inferred
