"""Assets of one event, and of one site, are hurt together, and nobody's own chance changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from lightkeeper.damage import (
    AssetKind,
    Basis,
    DamageEstimate,
    Observation,
    SupplyState,
    asset_rows,
    draw_scenarios,
    estimate_damage,
    list_assets,
    locally_off,
)
from lightkeeper.damage.severity import EventChances, draw_levels, joint_chance, states_given
from lightkeeper.incidents.model import IncidentId
from lightkeeper.region import DistrictId, Gazetteer, Region
from lightkeeper.units import FloatArray


def with_events(
    base: DamageEstimate, chance: FloatArray, spread: float, site: float = 0.0
) -> DamageEstimate:
    """The estimate of these chances by event, shape (n_events, n_assets)."""
    events = EventChances(
        events=tuple(IncidentId(f"i{k}") for k in range(len(chance))),
        chance=chance,
        prior=np.full((chance.shape[1], 2), (0.002, 0.001)),
        share_destroyed=np.full(chance.shape[1], 1 / 3),
        max_probability=0.9,
        spread_pu=spread,
        site_correlation=site,
    )
    nothing = np.zeros((1, len(chance)), np.int32)
    everything = np.arange(chance.shape[1], dtype=np.int32)
    return replace(
        base,
        probability=states_given(events, nothing, everything)[0],
        basis=np.where(chance.any(axis=0), Basis.INFERRED.value, Basis.PRIOR.value),
        switched_off=(),
        events=events,
    )


@pytest.fixture(scope="module")
def base(region: Region, gazetteer: Gazetteer) -> DamageEstimate:
    return estimate_damage(region, list_assets(region), (), (), gazetteer)


@pytest.fixture(scope="module")
def two_events(base: DamageEstimate) -> FloatArray:
    """One event at the city's feeders and substations, one at the port's, meeting at some."""
    chance = np.zeros((2, base.assets.id.size))
    feeders = asset_rows(base.assets, AssetKind.FEEDER)
    substations = asset_rows(base.assets, AssetKind.SUBSTATION)
    chance[0, feeders[:10]], chance[0, substations[:4]] = 0.15, 0.1
    chance[1, feeders[6:]], chance[1, substations[3:]] = 0.2, 0.12
    return chance


def test_every_assets_own_chance_stays(
    region: Region, base: DamageEstimate, two_events: FloatArray
) -> None:
    chance = two_events.copy()
    chance[0, asset_rows(base.assets, AssetKind.POWER_PLANT)] = 0.7  # 0.7 x 1.6 is above the most
    estimate = with_events(base, chance, 0.6, 0.5)
    n = 60_000
    state = draw_scenarios(estimate, [], region, n, seed=1).state
    touched = chance.any(axis=0) & (base.assets.kind != AssetKind.HEAT_SOURCE)
    for k in range(3):
        found, wanted = (state == k).mean(axis=0), estimate.probability[:, k]
        error = 5 * np.sqrt(wanted * (1 - wanted) / n) + 1e-9
        assert (np.abs(found - wanted)[touched] < error[touched]).all()


@pytest.mark.parametrize("spread", [0.0, 0.6])
def test_the_number_hurt_by_an_event_spreads_as_the_mixture_says(
    region: Region, base: DamageEstimate, two_events: FloatArray, spread: float
) -> None:
    chance = two_events[:1]
    estimate = with_events(base, chance, spread)
    n = 40_000
    rows = np.flatnonzero(chance[0])
    hurt = (draw_scenarios(estimate, [], region, n, seed=2).state[:, rows] > 0).sum(axis=1)
    p = 1 - estimate.probability[rows, 0]
    by_event = chance[0, rows] * (1 - 0.003)  # what the prior hurts anyway does not spread
    together = (spread * by_event.sum()) ** 2 - (spread**2 * by_event**2).sum()
    wanted = float((p * (1 - p)).sum() + together)
    assert hurt.var() == pytest.approx(wanted, rel=0.04)
    assert (together > 0.5) == (spread > 0)


def test_given_an_outage_the_draw_equals_plain_rejection(
    region: Region, base: DamageEstimate, two_events: FloatArray
) -> None:
    """An outage says how bad the event was, and so something of its other assets."""
    estimate = with_events(base, two_events, 0.8)
    dark = Observation(
        state=SupplyState.DARK,
        district=DistrictId("port"),
        feeder=None,
        share_off=(0.5, 1.0),
        at=datetime(2026, 1, 10, tzinfo=UTC),
        source="test",
    )
    free = draw_scenarios(estimate, [], region, 200_000, seed=3, background=True).state
    port = np.flatnonzero(region.feeders.district == 2)
    people = region.feeders.population[port]
    share = locally_off(free, estimate.assets, region)[:, port] @ people / people.sum()
    kept = free[share >= 0.5]
    n = 40_000
    drawn = draw_scenarios(estimate, [dark], region, n, seed=4, background=True).state
    hurt_kept, hurt_drawn = (kept > 0).mean(axis=0), (drawn > 0).mean(axis=0)
    error = 5 * np.sqrt(hurt_kept * (1 - hurt_kept) * (1 / len(kept) + 1 / n)) + 1e-4
    assert (np.abs(hurt_kept - hurt_drawn) < error).all()
    # Feeders of the second event outside the port are hurt more often than before it went dark.
    elsewhere = asset_rows(estimate.assets, AssetKind.FEEDER)[7]
    assert hurt_drawn[elsewhere] > 1 - estimate.probability[elsewhere, 0] + 0.02


def test_a_plant_and_its_substation_are_hurt_together(region: Region, base: DamageEstimate) -> None:
    chance = np.zeros((1, base.assets.id.size))
    plants = asset_rows(base.assets, AssetKind.POWER_PLANT)
    substations = asset_rows(base.assets, AssetKind.SUBSTATION)
    chance[0, plants], chance[0, substations] = 0.2, 0.2
    estimate = with_events(base, chance, 0.0, 0.5)
    state = draw_scenarios(estimate, [], region, 40_000, seed=5).state > 0
    network = region.network
    first = network.generators.bus[0]
    site = substations[network.buses.substation[first]]
    found = np.corrcoef(state[:, plants[0]], state[:, site])[0, 1]
    assert found == pytest.approx(0.5, abs=0.02)
    other = next(s for s in substations if s != site)
    assert np.corrcoef(state[:, plants[0]], state[:, other])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_levels_follow_the_evidence() -> None:
    rng = np.random.default_rng(6)
    evidence = [(np.array([0, 2], np.int32), np.array([1.0, 0.0, 0.0, 3.0]))]
    level = draw_levels(3, evidence, 40_000, rng)
    assert (level[:, 0] == level[:, 2]).all()
    assert (level[:, 0] == 1).mean() == pytest.approx(0.75, abs=0.01)
    assert (level[:, 1] == 1).mean() == pytest.approx(0.5, abs=0.01)


def test_levels_of_many_events_follow_the_evidence_too() -> None:
    """Twelve events in a chain of observations are resampled instead of enumerated."""
    rng = np.random.default_rng(7)
    pull = np.array([2.0, 1.0, 1.0, 2.0])
    evidence = [(np.array([k, k + 1], np.int32), pull) for k in range(11)]
    level = draw_levels(12, evidence, 20_000, rng)
    alike = (level[:, :-1] == level[:, 1:]).mean(axis=0)
    assert alike == pytest.approx(2 / 3, abs=0.03)


def test_correlation_is_kept_within_what_the_chances_allow() -> None:
    assert joint_chance(np.array([0.1]), np.array([0.9]), 0.9) == pytest.approx([0.1])
    assert joint_chance(np.array([0.2]), np.array([0.2]), 0.5) == pytest.approx([0.12])
