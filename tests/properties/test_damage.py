"""Scenarios never contradict what is observed, whatever is observed."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.claims.model import ClaimKind, Count
from lightkeeper.damage import (
    AssetKind,
    DamageEstimate,
    Observation,
    SupplyState,
    asset_rows,
    draw_scenarios,
    estimate_damage,
    list_assets,
    load_fragility,
    locally_off,
    merge_observations,
    observe_incidents,
)
from lightkeeper.damage.conditional import SHARE_TOLERANCE, least_share_above
from lightkeeper.errors import NoScenarioFits
from lightkeeper.region import DistrictId, FeederId, Gazetteer, Region

if TYPE_CHECKING:
    from tests.unit.damage import conftest as small
else:

    def _small_region() -> ModuleType:
        path = Path(__file__).parents[1] / "unit" / "damage" / "conftest.py"
        spec = importlib.util.spec_from_file_location("small_region", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    small = _small_region()

region = small.region
gazetteer = small.gazetteer

DISTRICTS = ("city", "raion", "port")
EARLY = datetime(2026, 1, 10, tzinfo=UTC)


@st.composite
def district_observations(draw: st.DrawFn) -> Observation:
    low = draw(st.sampled_from([0.0, 0.05, 0.3, 0.5, 0.9]))
    high = draw(st.floats(low, 1.0)) if low > 0 else draw(st.floats(0.0, 1.0))
    state = SupplyState.DARK if low >= 0.5 else SupplyState.PARTLY_DARK
    return Observation(
        state=SupplyState.SUPPLIED if low == 0 else state,
        district=DistrictId(draw(st.sampled_from(DISTRICTS))),
        feeder=None,
        share_off=(low, high),
        at=draw(st.none() | st.integers(0, 9).map(lambda h: EARLY + timedelta(hours=h))),
        source="test",
    )


feeder_observations = st.builds(
    lambda row, is_off: Observation(
        state=SupplyState.DARK if is_off else SupplyState.SUPPLIED,
        district=None,
        feeder=FeederId(f"f{row}"),
        share_off=(1.0, 1.0) if is_off else (0.0, 0.0),
        at=None,
        source="test",
    ),
    st.integers(0, 14),
    st.booleans(),
)


@pytest.fixture(scope="module")
def estimate(region: Region, gazetteer: Gazetteer) -> DamageEstimate:
    return estimate_damage(region, list_assets(region), (), (), gazetteer)


@settings(max_examples=120, deadline=None)
@given(
    observations=st.lists(district_observations() | feeder_observations, max_size=8),
    seed=st.integers(0, 2**31),
)
def test_scenarios_agree_with_every_observation(
    region: Region,
    estimate: DamageEstimate,
    observations: list[Observation],
    seed: int,
) -> None:
    excluded: tuple[str, ...] = ()
    try:
        ensemble = draw_scenarios(estimate, observations, region, 64, seed)
    except NoScenarioFits as fault:
        excluded = fault.districts
    if excluded:
        # Single feeders can exclude what is said of their district; districts alone never do.
        assert any(o.feeder is not None for o in observations)
        assert set(excluded) <= set(DISTRICTS)
        return
    assert ensemble.weight.sum() == pytest.approx(1.0)
    off = locally_off(ensemble.state, estimate.assets, region)
    for o in ensemble.observations:
        if o.feeder is not None:
            assert (off[:, int(o.feeder[1:])] == (o.state is SupplyState.DARK)).all()
            continue
        rows = region.feeders.district == DISTRICTS.index(str(o.district))
        people = region.feeders.population[rows] / region.feeders.population[rows].sum()
        share = off[:, rows] @ people
        low, high = o.share_off
        if low > 0:
            high = max(high, least_share_above(people, low))
        assert (share >= low - SHARE_TOLERANCE - 1e-9).all()
        assert (share <= high + SHARE_TOLERANCE + 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(observations=st.lists(district_observations(), min_size=2, max_size=4), data=st.data())
def test_order_of_observations_of_different_times_does_not_matter(
    region: Region,
    estimate: DamageEstimate,
    observations: list[Observation],
    data: st.DataObject,
) -> None:
    timed = [replace(o, at=EARLY + timedelta(hours=k)) for k, o in enumerate(observations)]
    shuffled = data.draw(st.permutations(timed))
    assert merge_observations(timed) == merge_observations(shuffled)
    first = draw_scenarios(estimate, timed, region, 16, 1)
    assert np.array_equal(first.state, draw_scenarios(estimate, shuffled, region, 16, 1).state)


TARGETS = st.sampled_from(
    [None, "energy_facility", "substation", "chp", "residential", "power_line"]
)
PLACES = st.sampled_from(["CITY", "TOWN", "RAION", "ONE", "TWO", "PORT", "LAND", "QUARTER"])
KINDS = st.sampled_from(
    [ClaimKind.STRIKE, ClaimKind.DAMAGE, ClaimKind.EXPLOSIONS, ClaimKind.OUTAGE]
)
CLAIMS = st.tuples(KINDS, PLACES, TARGETS, st.none() | st.integers(1, 40))


@settings(max_examples=80, deadline=None)
@given(told=st.lists(CLAIMS, max_size=6), data=st.data())
def test_estimate_is_a_probability_and_knows_no_order(
    region: Region,
    gazetteer: Gazetteer,
    told: list[tuple[ClaimKind, str, str | None, int | None]],
    data: st.DataObject,
) -> None:
    tell = small.Tell()
    incidents = [
        tell.incident(
            tell.claim(kind, place, target=target, count=None if n is None else Count(best=n)),
            name=f"i{k}",
        )
        for k, (kind, place, target, n) in enumerate(told)
    ]
    assets = list_assets(region)
    found = estimate_damage(region, assets, incidents, (), gazetteer)
    assert (found.probability >= 0).all()
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(assets.id.size))
    assert (1 - found.probability[:, 0] < load_fragility().max_probability + 0.01).all()
    shuffled = data.draw(st.permutations(incidents))
    again = estimate_damage(region, assets, shuffled, (), gazetteer)
    assert again.probability == pytest.approx(found.probability, abs=1e-12)
    assert observe_incidents(shuffled, region, gazetteer) == observe_incidents(
        incidents, region, gazetteer
    )


@settings(max_examples=60, deadline=None)
@given(place=PLACES, n=st.integers(1, 5))
def test_an_event_hurts_no_more_than_it_may(
    region: Region, gazetteer: Gazetteer, place: str, n: int
) -> None:
    """A count of strikes on unnamed substations is an upper bound of the number hurt."""
    tell = small.Tell()
    claim = tell.claim(ClaimKind.STRIKE, place, target="substation", count=Count(best=n))
    assets = list_assets(region)
    sites = asset_rows(assets, AssetKind.SUBSTATION)
    before = estimate_damage(region, assets, (), (), gazetteer).probability[sites, 0]
    after = estimate_damage(region, assets, [tell.incident(claim)], (), gazetteer)
    hurt = (before - after.probability[sites, 0]).sum()
    assert (hurt > 0) == (place != "LAND")
    assert hurt <= n
