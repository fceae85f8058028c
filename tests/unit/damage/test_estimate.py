from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.claims.model import Certainty, ClaimKind, Count, Layer
from lightkeeper.damage import (
    AssetId,
    AssetKind,
    Basis,
    DamageEstimate,
    DamageState,
    Inspection,
    asset_rows,
    estimate_damage,
    list_assets,
    load_fragility,
)
from lightkeeper.errors import DataInvalid
from lightkeeper.incidents.model import Incident
from lightkeeper.region import Gazetteer, PlaceLevel, Region
from lightkeeper.units import FloatArray

if TYPE_CHECKING:
    from tests.unit.damage.conftest import Tell

STRIKE = ClaimKind.STRIKE


def estimate(region: Region, gazetteer: Gazetteer, *incidents: Incident) -> DamageEstimate:
    return estimate_damage(region, list_assets(region), incidents, (), gazetteer)


def p_hurt(found: DamageEstimate, kind: AssetKind) -> FloatArray:
    return np.asarray(1 - found.probability[asset_rows(found.assets, kind), 0])


def test_nothing_said_leaves_the_prior(region: Region, gazetteer: Gazetteer) -> None:
    found = estimate(region, gazetteer)
    table = load_fragility()
    for kind in AssetKind:
        hurt = p_hurt(found, kind)
        if kind is AssetKind.HEAT_SOURCE:
            assert hurt[0] == p_hurt(found, AssetKind.POWER_PLANT)[1]  # the CHP
            hurt = hurt[1:]
        assert hurt == pytest.approx(sum(table.kinds[kind].prior))
    assert set(found.basis.tolist()) == {Basis.PRIOR}
    assert not any(found.incidents)
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(found.assets.id.size))


def test_one_unnamed_facility_is_spread_over_the_city(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    incident = tell.incident(tell.claim(STRIKE, "CITY", target="energy_facility"))
    found = estimate(region, gazetteer, incident)
    hurt = p_hurt(found, AssetKind.SUBSTATION)
    # Hub, north and south are in the city; south is protected; nobody is singled out.
    assert hurt[0] == pytest.approx(hurt[1])
    assert hurt[0] > hurt[2] > 0.05
    assert hurt[3:] == pytest.approx(0.0007)
    prior = estimate(region, gazetteer)
    energy = [k for k in AssetKind if k is not AssetKind.FEEDER]
    added = sum(float((p_hurt(found, k) - p_hurt(prior, k)).sum()) for k in energy)
    # The CHP's heat source shares the plant's chance and is not a second asset hurt.
    added -= float(p_hurt(found, AssetKind.HEAT_SOURCE)[0])
    assert 0.8 < added <= 1.0
    rows = asset_rows(found.assets, AssetKind.SUBSTATION)
    assert found.basis[rows].tolist() == [Basis.INFERRED] * 3 + [Basis.PRIOR] * 3
    assert found.incidents[rows[0]] == ("i1",)
    assert found.incidents[rows[5]] == ()


def test_target_that_the_place_does_not_have_is_noted(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    incident = tell.incident(tell.claim(STRIKE, "PORT", target="power plant"))
    found = estimate(region, gazetteer, incident)
    assert set(found.basis.tolist()) == {Basis.PRIOR}
    assert any("no asset it could have hurt" in note for note in found.notes)
    elsewhere = tell.incident(tell.claim(STRIKE, "NOWHERE", target="power plant"))
    assert any("outside the region" in n for n in estimate(region, gazetteer, elsewhere).notes)


def test_told_five_times_hurts_once(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    once = estimate(region, gazetteer, tell.incident(tell.claim(STRIKE, "CITY", target="chp")))
    claims = [tell.claim(STRIKE, "CITY", target="chp", report=f"r{k}") for k in range(4)]
    child = tell.incident(tell.claim(STRIKE, "CITY", target="chp"), name="i2", parent="i1")
    often = estimate(region, gazetteer, tell.incident(*claims), child)
    assert often.probability == pytest.approx(once.probability)
    apart = tell.incident(tell.claim(STRIKE, "CITY", target="chp"), name="i3")
    twice = estimate(region, gazetteer, tell.incident(*claims), apart)
    plant = AssetKind.POWER_PLANT
    assert (p_hurt(twice, plant) > p_hurt(once, plant)).all()


def test_more_precise_place_is_more_for_each_candidate(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    def north(place: str, level: PlaceLevel) -> float:
        claim = tell.claim(STRIKE, place, target="substation", level=level)
        return float(
            p_hurt(estimate(region, gazetteer, tell.incident(claim)), AssetKind.SUBSTATION)[1]
        )

    ladder = [
        north("LAND", PlaceLevel.COUNTRY),
        north("ONE", PlaceLevel.OBLAST),
        north("CITY", PlaceLevel.SETTLEMENT),
    ]
    assert ladder == sorted(ladder)
    assert ladder[1] < 0.7 * ladder[2]
    assert ladder[0] == pytest.approx(0.0007)  # the whole country: the background


def test_words_about_the_whole_country_are_noted_and_single_nobody_out(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = tell.claim(STRIKE, "LAND", target="energy_system", level=PlaceLevel.COUNTRY)
    found = estimate(region, gazetteer, tell.incident(claim))
    assert set(found.basis.tolist()) == {Basis.PRIOR}
    assert any("too coarse" in note for note in found.notes)


def test_finer_place_takes_the_coarser_ones_part(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    fine = tell.claim(STRIKE, "CITY", target="substation")
    coarse = tell.claim(STRIKE, "ONE", target="substation", level=PlaceLevel.OBLAST)
    both = estimate(region, gazetteer, tell.incident(fine, coarse))
    alone = estimate(region, gazetteer, tell.incident(fine))
    assert both.probability == pytest.approx(alone.probability)


def test_town_is_finer_than_its_district(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    incident = tell.incident(tell.claim(STRIKE, "VILLAGE", target="substation"))
    hurt = p_hurt(estimate(region, gazetteer, incident), AssetKind.SUBSTATION)
    assert hurt[4] > 0.5  # "field" feeds the village
    assert hurt[3] == pytest.approx(0.0007)  # "edge" feeds the raion, not the village


def test_words_that_lead_to_nothing(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    claims = (
        tell.claim(STRIKE, "CITY", target="substation", is_negated=True),
        tell.claim(STRIKE, "CITY", target="substation", layer=Layer.CONTEXT),
        tell.claim(ClaimKind.OUTAGE, "CITY"),  # an observation, not an effect
        tell.claim(ClaimKind.ALERT, "CITY"),
    )
    found = estimate(region, gazetteer, tell.incident(*claims))
    assert set(found.basis.tolist()) == {Basis.PRIOR}


def test_outage_too_coarse_to_observe_raises_the_background(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    claim = tell.claim(ClaimKind.OUTAGE, "ONE", level=PlaceLevel.OBLAST)
    hurt = p_hurt(estimate(region, gazetteer, tell.incident(claim)), AssetKind.FEEDER)
    assert (hurt[:12] > 0.05).all()
    assert hurt[12:] == pytest.approx(0.005)


def test_counts_of_events_count_and_others_do_not(
    region: Region, gazetteer: Gazetteer, tell: Tell
) -> None:
    def feeders(count: Count | None, kind: ClaimKind, target: str | None = None) -> float:
        claim = tell.claim(kind, "CITY", count=count, target=target)
        return float(p_hurt(estimate(region, gazetteer, tell.incident(claim)), AssetKind.FEEDER)[0])

    one = feeders(None, ClaimKind.EXPLOSIONS)
    ten = feeders(Count(best=10), ClaimKind.EXPLOSIONS)
    assert ten > 5 * one
    assert feeders(Count(best=99), ClaimKind.EXPLOSIONS) == ten
    houses = feeders(Count(best=30, unit="houses"), ClaimKind.DAMAGE, "residential")
    assert houses == feeders(None, ClaimKind.DAMAGE, "residential")


def test_weapon_is_a_broad_class_only(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    def all_of(weapon: str, target: str | None) -> FloatArray:
        claim = tell.claim(STRIKE, "CITY", target=target, weapons=(weapon,))
        return estimate(region, gazetteer, tell.incident(claim)).probability

    assert np.array_equal(all_of("kab", None), all_of("shahed_uav", None))
    assert not np.array_equal(all_of("kab", None), all_of("artillery", None))
    assert np.array_equal(all_of("kab", "substation"), all_of("artillery", "substation"))


def test_less_certain_words_weigh_less(region: Region, gazetteer: Gazetteer, tell: Tell) -> None:
    chances = [
        p_hurt(
            estimate(
                region,
                gazetteer,
                tell.incident(tell.claim(STRIKE, "CITY", target="chp", certainty=c)),
            ),
            AssetKind.POWER_PLANT,
        )[0]
        for c in (Certainty.UNLIKELY, Certainty.POSSIBLE, Certainty.PRELIMINARY, Certainty.OBSERVED)
    ]
    assert chances == sorted(chances)
    assert len(set(chances)) == 4


def test_inspection_beats_inference(
    region: Region, gazetteer: Gazetteer, tell: Tell, noon: datetime
) -> None:
    incident = tell.incident(tell.claim(STRIKE, "CITY", target="substation"))

    def seen(asset: str, state: DamageState, hours: float) -> Inspection:
        return Inspection(
            asset=AssetId(asset), state=state, by="crew 2", at=noon + timedelta(hours=hours)
        )

    inspections = (
        seen("substation:north", DamageState.INTACT, 2),
        seen("substation:north", DamageState.DESTROYED, 1),
        seen("power_plant:chp", DamageState.IMPAIRED, 1),
    )
    assets = list_assets(region)
    found = estimate_damage(region, assets, (incident,), inspections, gazetteer)
    north = asset_rows(assets, AssetKind.SUBSTATION)[1]
    assert found.probability[north].tolist() == [1.0, 0.0, 0.0]
    assert found.basis[north] == Basis.INSPECTION
    heat = asset_rows(assets, AssetKind.HEAT_SOURCE)[0]
    assert found.probability[heat].tolist() == [0.0, 1.0, 0.0]  # the CHP's heat is the CHP
    with pytest.raises(DataInvalid, match="substation:nowhere"):
        estimate_damage(
            region, assets, (), [seen("substation:nowhere", DamageState.INTACT, 0)], gazetteer
        )
