from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import numpy as np
import pytest

from lightkeeper.damage import (
    AssetId,
    AssetKind,
    Basis,
    DamageEstimate,
    DamageState,
    Inspection,
    Observation,
    SupplyState,
    asset_rows,
    draw_scenarios,
    estimate_damage,
    list_assets,
    local_supply,
    locally_off,
    merge_observations,
    posterior_estimate,
    reweight,
)
from lightkeeper.errors import NoScenarioFits
from lightkeeper.region import DistrictId, FeederId, Gazetteer, PlaceCode, Region
from lightkeeper.units import BoolArray, FloatArray

DARK = (SupplyState.DARK, (0.5, 1.0))
PARTLY = (SupplyState.PARTLY_DARK, (0.02, 0.9))
SUPPLIED = (SupplyState.SUPPLIED, (0.0, 0.1))


def observe(district: str, what: tuple[SupplyState, tuple[float, float]]) -> Observation:
    return Observation(
        state=what[0],
        district=DistrictId(district),
        feeder=None,
        share_off=what[1],
        at=None,
        source="test",
    )


def observe_feeder(feeder: str, is_off: bool) -> Observation:
    return Observation(
        state=SupplyState.DARK if is_off else SupplyState.SUPPLIED,
        district=None,
        feeder=FeederId(feeder),
        share_off=(1.0, 1.0) if is_off else (0.0, 0.0),
        at=None,
        source="test",
    )


def shares(region: Region, off: BoolArray, district: int) -> FloatArray:
    rows = np.flatnonzero(region.feeders.district == district)
    people = region.feeders.population[rows]
    return np.asarray(off[:, rows] @ people / people.sum())


@pytest.fixture(scope="module")
def estimate(region: Region, gazetteer: Gazetteer) -> DamageEstimate:
    """Chances large enough that every state is met in a few thousand scenarios."""
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    probability = base.probability.copy()
    for kind, p in (
        (AssetKind.SUBSTATION, (0.9, 0.06, 0.04)),
        (AssetKind.FEEDER, (0.9, 0.07, 0.03)),
    ):
        probability[asset_rows(base.assets, kind)] = p
    return replace(base, probability=probability, switched_off=((0.5, 0.05), (1.0, 0.02)))


def test_every_scenario_agrees_with_what_is_observed(
    region: Region, estimate: DamageEstimate
) -> None:
    observations = [observe("city", DARK), observe("raion", PARTLY), observe("port", SUPPLIED)]
    ensemble = draw_scenarios(estimate, observations, region, 500, seed=1)
    off = locally_off(ensemble.state, estimate.assets, region)
    assert (shares(region, off, 0) >= 0.5).all()
    raion = shares(region, off, 1)
    assert ((raion >= 0.02) & (raion <= 0.9)).all()
    assert (shares(region, off, 2) == 0.0).all()  # the smallest feeder is 30 % of the port
    assert ensemble.weight.sum() == pytest.approx(1.0)
    assert 0 < ensemble.effective_sample_size <= 500


def test_same_seed_same_scenarios(region: Region, estimate: DamageEstimate) -> None:
    observations = [observe("city", DARK), observe("raion", DARK)]
    first = draw_scenarios(estimate, observations, region, 50, seed=7)
    again = draw_scenarios(estimate, observations[::-1], region, 50, seed=7)
    other = draw_scenarios(estimate, observations, region, 50, seed=8)
    assert np.array_equal(first.state, again.state)
    assert not np.array_equal(first.state, other.state)


@pytest.mark.parametrize(
    ("observations", "district"),
    [
        ([observe("port", DARK)], 2),
        ([observe("port", PARTLY)], 2),
        ([observe("city", DARK)], 0),
        ([observe("city", DARK), observe("raion", PARTLY)], 0),
        ([observe("city", PARTLY), observe("raion", SUPPLIED)], 1),
        ([observe_feeder("f12", True), observe("port", PARTLY)], 2),
        ([observe_feeder("f7", True), observe_feeder("f8", True), observe("city", PARTLY)], 1),
    ],
)
def test_conditional_draw_equals_plain_rejection(
    region: Region, estimate: DamageEstimate, observations: list[Observation], district: int
) -> None:
    """Substation and feeder states have the frequencies that rejecting free draws gives."""
    if any(o.feeder in ("f7", "f8") for o in observations):
        # Single feeders of one district and the share of another: switching is approximate there.
        estimate = replace(estimate, switched_off=())
    free = draw_scenarios(estimate, [], region, 150_000, seed=3, background=True)
    off = locally_off(free.state, estimate.assets, region)
    fits = np.ones(off.shape[0], dtype=np.bool_)
    for o in observations:
        if o.feeder is not None:
            row = int(o.feeder[1:])
            fits &= off[:, row] == (o.state is SupplyState.DARK)
        else:
            row = [d.id for d in region.districts].index(o.district or DistrictId(""))
            share = shares(region, off, row)
            fits &= (share >= o.share_off[0]) & (share <= o.share_off[1])
    kept = free.state[fits]
    assert len(kept) > 1000
    n = 10_000
    drawn = draw_scenarios(estimate, observations, region, n, seed=4, background=True).state
    for state in DamageState:
        wanted, found = (kept == state).mean(axis=0), (drawn == state).mean(axis=0)
        spread = np.sqrt(wanted * (1 - wanted) * (1 / len(kept) + 4 / n)) + 1e-4
        local = np.concatenate(
            [asset_rows(estimate.assets, k) for k in (AssetKind.SUBSTATION, AssetKind.FEEDER)]
        )
        assert (np.abs(wanted - found)[local] < 5 * spread[local]).all()
    share_kept = shares(region, locally_off(kept, estimate.assets, region), district)
    share_drawn = shares(region, locally_off(drawn, estimate.assets, region), district)
    grid = np.linspace(0, 1, 50)
    cdf_kept = (share_kept[:, None] <= grid).mean(axis=0)
    cdf_drawn = (share_drawn[:, None] <= grid).mean(axis=0)
    assert np.abs(cdf_kept - cdf_drawn).max() < 1.9 * np.sqrt(1 / len(kept) + 4 / n)


def test_conditional_chance_of_a_substation_is_exact(region: Region, gazetteer: Gazetteer) -> None:
    """One substation feeds the port: enumerate its states and its feeders by hand."""
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    base = replace(base, switched_off=())
    site = int(asset_rows(base.assets, AssetKind.SUBSTATION)[5])
    p_site = base.probability[site]
    feeders = [12, 13, 14]
    people = region.feeders.population[feeders] / 10_000
    q = 1 - base.probability[asset_rows(base.assets, AssetKind.FEEDER)[feeders], 0]
    drops = local_supply(region).is_off_when_impaired[feeders]
    joint = np.zeros(3)
    for state in range(3):
        for own in product([False, True], repeat=3):
            off = np.array(own) | (state == 2) | ((state == 1) & drops)
            if off @ people >= 0.5:
                joint[state] += p_site[state] * np.prod(np.where(own, q, 1 - q))
    joint /= joint.sum()
    n = 40_000
    ensemble = draw_scenarios(base, [observe("port", DARK)], region, n, seed=11)
    found = np.bincount(ensemble.state[:, site], minlength=3) / n
    assert found == pytest.approx(joint, abs=4 * np.sqrt(0.25 / n))
    assert joint[2] > 0.5  # a dark district with one substation has probably lost it


def test_feeder_lists_hold_exactly(region: Region, estimate: DamageEstimate) -> None:
    observations = [observe_feeder(f"f{k}", k % 2 == 0) for k in range(12)]
    ensemble = draw_scenarios(estimate, observations, region, 300, seed=5, background=True)
    off = locally_off(ensemble.state, estimate.assets, region)
    assert (off[:, :12] == (np.arange(12) % 2 == 0)).all()
    assert 0 < off[:, 12:].mean() < 0.5


def test_part_of_a_district_and_its_rest(region: Region, estimate: DamageEstimate) -> None:
    town = replace(
        observe("raion", DARK),
        place=PlaceCode("TOWN"),
        feeders=(FeederId("f7"), FeederId("f8"), FeederId("f11")),
    )
    both = [town, observe("raion", (SupplyState.PARTLY_DARK, (0.02, 0.7)))]
    ensemble = draw_scenarios(estimate, both, region, 400, seed=6)
    off = locally_off(ensemble.state, estimate.assets, region)
    in_town = off[:, [7, 8, 11]] @ np.array([1500, 1000, 2000]) / 4500
    assert (in_town >= 0.5).all()
    assert (shares(region, off, 1) <= 0.7).all()


def test_many_dark_districts_do_not_collapse(region: Region, gazetteer: Gazetteer) -> None:
    """With the shipped priors plain rejection would keep about one scenario in a million."""
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    observations = [observe(d, DARK) for d in ("city", "raion", "port")]
    ensemble = draw_scenarios(base, observations, region, 1000, seed=2)
    off = locally_off(ensemble.state, base.assets, region)
    assert all((shares(region, off, d) >= 0.5).all() for d in range(3))
    assert ensemble.effective_sample_size > 100
    assert len(np.unique(ensemble.state, axis=0)) > 100


def test_contradiction_names_the_districts(region: Region, gazetteer: Gazetteer) -> None:
    assets = list_assets(region)
    at = datetime(2026, 1, 10, tzinfo=UTC)
    intact = [
        Inspection(asset=AssetId(a), state=DamageState.INTACT, by="crew 4", at=at)
        for a in ("substation:far", "feeder:f12", "feeder:f13", "feeder:f14")
    ]
    certain = estimate_damage(region, assets, (), intact, gazetteer)
    with pytest.raises(NoScenarioFits) as fault:
        draw_scenarios(certain, [observe("port", DARK)], region, 10, seed=1)
    assert fault.value.districts == ("port",)
    with pytest.raises(NoScenarioFits):
        draw_scenarios(certain, [observe_feeder("f13", True)], region, 10, seed=1)


def test_feeders_too_coarse_for_the_bounds(region: Region, estimate: DamageEstimate) -> None:
    few = observe("port", (SupplyState.PARTLY_DARK, (0.02, 0.2)))
    ensemble = draw_scenarios(estimate, [few], region, 100, seed=1)
    off = locally_off(ensemble.state, estimate.assets, region)
    assert shares(region, off, 2) == pytest.approx(np.full(100, 0.3))
    assert any("port" in note for note in ensemble.notes)
    assert reweight(ensemble, region, off) is ensemble


def test_one_scenario_is_enough(region: Region, estimate: DamageEstimate) -> None:
    ensemble = draw_scenarios(estimate, [observe("city", DARK)], region, 1, seed=1)
    assert ensemble.state.shape[0] == 1
    assert ensemble.weight.tolist() == [1.0]
    with pytest.raises(ValueError, match="at least one"):
        draw_scenarios(estimate, [], region, 0, seed=1)


def test_reweight_sets_contradicting_scenarios_aside(
    region: Region, estimate: DamageEstimate
) -> None:
    ensemble = draw_scenarios(estimate, [observe("port", SUPPLIED)], region, 100, seed=1)
    off = locally_off(ensemble.state, estimate.assets, region)
    off[:25, 12:] = True
    kept = reweight(ensemble, region, off)
    assert kept.weight[:25].sum() == 0
    assert kept.weight.sum() == pytest.approx(1.0)
    assert kept.effective_sample_size == pytest.approx(75.0)
    assert "25 of 100" in kept.notes[-1]
    off[:, 12:] = True
    with pytest.raises(NoScenarioFits) as fault:
        reweight(ensemble, region, off)
    assert fault.value.districts == ("port",)


def test_later_observation_counts_where_two_exclude_each_other() -> None:
    early = replace(observe("city", DARK), at=datetime(2026, 1, 10, 4, tzinfo=UTC))
    late = replace(observe("city", SUPPLIED), at=datetime(2026, 1, 10, 9, tzinfo=UTC))
    assert merge_observations([late, early])[0].state is SupplyState.SUPPLIED
    undated = observe("city", DARK)
    assert merge_observations([undated, late])[0].state is SupplyState.SUPPLIED
    partly = replace(observe("city", PARTLY), at=late.at)
    merged = merge_observations([early, partly])
    assert [o.share_off for o in merged] == [(0.5, 0.9)]


def test_posterior_marks_what_the_outage_says(region: Region, gazetteer: Gazetteer) -> None:
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    ensemble = draw_scenarios(base, [observe("port", DARK)], region, 2000, seed=1)
    after = posterior_estimate(ensemble, region)
    far, hub = asset_rows(base.assets, AssetKind.SUBSTATION)[[5, 0]]
    assert after.basis[far] == Basis.OBSERVED_OUTAGE
    assert after.basis[hub] == Basis.PRIOR
    assert after.probability[far, 0] < base.probability[far, 0]
    assert after.probability.sum(axis=1) == pytest.approx(np.ones(len(after.basis)))


def test_chp_and_its_heat_source_share_their_fate(region: Region, gazetteer: Gazetteer) -> None:
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    plant = int(asset_rows(base.assets, AssetKind.POWER_PLANT)[1])
    heat = int(asset_rows(base.assets, AssetKind.HEAT_SOURCE)[0])
    probability = base.probability.copy()
    probability[[plant, heat]] = (0.4, 0.3, 0.3)
    state = draw_scenarios(
        replace(base, probability=probability), [], region, 200, seed=1, background=True
    ).state
    assert np.array_equal(state[:, plant], state[:, heat])
    assert len(np.unique(state[:, plant])) == 3


def test_where_nothing_is_reported_nothing_is_drawn(region: Region, gazetteer: Gazetteer) -> None:
    base = estimate_damage(region, list_assets(region), (), (), gazetteer)
    assert not draw_scenarios(base, [], region, 2000, seed=1).state.any()
    assert draw_scenarios(base, [], region, 2000, seed=1, background=True).state.any()
    dark = draw_scenarios(base, [observe("port", DARK)], region, 500, seed=1)
    off = locally_off(dark.state, base.assets, region)
    assert (shares(region, off, 2) >= 0.5).all()
    assert not off[:, region.feeders.district != 2].any()
