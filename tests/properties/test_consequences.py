"""Served plus unserved equals demand, and districts add up, whatever is damaged."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from lightkeeper.consequences import (
    assess,
    distributions,
    find_representative,
    list_feeders_off,
    split_margin,
)
from lightkeeper.damage import (
    DamageEnsemble,
    estimate_damage,
    list_assets,
    local_supply,
    locally_off,
    to_scenarios,
)
from lightkeeper.flow import build_case, run_cascade
from lightkeeper.region import Gazetteer, Region

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

N_ASSETS = 31
# Mostly intact, so that the network does not die in every scenario.
STATES = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 6), st.just(N_ASSETS)),
    elements=st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2]),
)


def ensemble_of(region: Region, gazetteer: Gazetteer, state: NDArray[np.uint8]) -> DamageEnsemble:
    n = state.shape[0]
    return DamageEnsemble(
        estimate=estimate_damage(region, list_assets(region), (), (), gazetteer),
        state=state,
        weight=np.full(n, 1 / n),
        effective_sample_size=float(n),
        seed=0,
        observations=(),
        notes=(),
    )


@settings(max_examples=150, deadline=None)
@given(state=STATES, has_tie=st.booleans(), seed=st.integers(0, 99))
def test_everything_adds_up(
    region: Region,
    gazetteer: Gazetteer,
    state: NDArray[np.uint8],
    has_tie: bool,
    seed: int,
) -> None:
    ties = replace(region.network.ties, in_service=np.array([has_tie]))
    region = replace(region, network=replace(region.network, ties=ties))
    ensemble = ensemble_of(region, gazetteer, state)
    case = build_case(region.network)
    scenarios = to_scenarios(ensemble, region, case)
    result = run_cascade(case, scenarios)
    off = list_feeders_off(region, ensemble, result, seed=seed)
    found = assess(region, ensemble, result, off, (), ())

    demand = region.feeders.demand_mw
    total = float(demand.sum())
    served = result.served_mw.sum(axis=1)
    assert served + found.unserved_mw_by_scenario == pytest.approx(np.full(len(served), total))
    assert sum(d.unserved_mw.mean for d in found.districts) == pytest.approx(
        found.unserved_mw.mean, abs=1e-6
    )
    people = region.feeders.population
    assert np.array_equal(found.people_off_by_scenario, off @ people)
    assert found.district_people_off.sum(axis=1) == pytest.approx(off @ people)

    local = locally_off(state, ensemble.estimate.assets, region)
    assert not (local & ~off).any()
    bus = local_supply(region).bus
    assert off[result.island[:, bus] < 0].all()
    # Whole feeders cover what the flow leaves unserved, by at most one feeder an island more.
    shed = off @ demand
    assert (shed >= found.unserved_mw_by_scenario - 0.01).all()
    n_short = np.maximum(result.n_islands, 1)
    assert (shed <= found.unserved_mw_by_scenario + n_short * demand.max() + 0.01).all()
    assert 0 <= find_representative(ensemble, found) < len(served)
    assert 0.0 <= sum(g.probability for g in found.islands) <= 1 + 1e-9
    for group in found.islands:
        for island in group.islands:
            assert island.generation_mw == pytest.approx(island.served_mw, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(state=STATES)
def test_margin_counts_only_what_is_left(
    region: Region, gazetteer: Gazetteer, state: NDArray[np.uint8]
) -> None:
    ensemble = ensemble_of(region, gazetteer, state)
    case = build_case(region.network)
    scenarios = to_scenarios(ensemble, region, case)
    result = run_cascade(case, scenarios)
    found = split_margin(region, case, scenarios, 0)
    assert 0 <= found.n_critical <= found.n_single_losses
    assert found.worst_unserved_mw <= result.served_mw[0].sum() + 1e-6
    assert (found.worst_element == "") == (found.n_critical == 0)
    names = [
        *region.network.lines.id,
        *region.network.generators.id,
        *region.network.transformers.id,
    ]
    assert not any(name in found.reason for name in names)


@settings(max_examples=100, deadline=None)
@given(
    values=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1e6, 1e6)
    ),
    data=st.data(),
)
def test_quantiles_are_ordered_and_met(values: NDArray[np.float64], data: st.DataObject) -> None:
    weight = data.draw(
        hnp.arrays(np.float64, len(values), elements=st.sampled_from([0.0, 0.1, 1.0, 7.0]))
    )
    if weight.sum() == 0:
        weight[0] = 1.0
    kept = values[weight > 0]
    for k, found in enumerate(distributions(values, weight / weight.sum(), 1.0)):
        assert found.p05 <= found.median <= found.p95
        assert {found.p05, found.median, found.p95} <= set(kept[:, k].tolist())
        assert kept[:, k].min() - 1e-6 <= found.mean <= kept[:, k].max() + 1e-6
        assert weight[values[:, k] <= found.median].sum() >= 0.5 * weight.sum() - 1e-9
        assert weight[values[:, k] < found.median].sum() <= 0.5 * weight.sum() + 1e-9
