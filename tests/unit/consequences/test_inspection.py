"""What an inspection is worth, against every outcome played through."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.consequences import assess, list_feeders_off, rank_inspections
from lightkeeper.damage import Basis, DamageEnsemble, DamageState

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun

    from lightkeeper.units import FloatArray

CHANCES = {
    "substation:far": (0.5, 0.2, 0.3),
    "substation:north": (0.7, 0.2, 0.1),
    "feeder:f12": (0.4, 0.0, 0.6),
    "line:hub-far": (0.8, 0.0, 0.2),
}


def all_outcomes(make_run: MakeRun) -> tuple[DamageEnsemble, FloatArray]:
    """Every combination of states with its exact chance, and the people off in it."""
    damage, weight = [], []
    for states in product(DamageState, repeat=len(CHANCES)):
        chance = np.prod([p[s] for p, s in zip(CHANCES.values(), states, strict=True)])
        if chance > 0:
            damage.append(dict(zip(CHANCES, states, strict=True)))
            weight.append(float(chance))
    run = make_run(*damage, weight=tuple(weight))
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    people = assess(run.region, run.ensemble, run.result, off, (), ()).people_off_by_scenario
    exact = replace(run.ensemble, effective_sample_size=np.inf)
    return exact, people


def test_equals_every_outcome_played_through(make_run: MakeRun) -> None:
    ensemble, people = all_outcomes(make_run)
    ids = [str(a) for a in ensemble.estimate.assets.id]
    found = {str(v.asset): v for v in rank_inspections(ensemble, people)}

    def variance(weight: FloatArray) -> float:
        share = weight / weight.sum()
        return float(share @ people**2 - (share @ people) ** 2)

    before = variance(ensemble.weight)
    for asset, chances in CHANCES.items():
        state = ensemble.state[:, ids.index(asset)]
        after = sum(
            chance * variance(np.where(state == s, ensemble.weight, 0.0))
            for s, chance in enumerate(chances)
            if chance > 0
        )
        if before - after < 1e-6:
            assert asset not in found
            continue
        value = found[asset]
        assert value.spread_people**2 == pytest.approx(after)
        assert value.explains_pu == pytest.approx(1 - after / before)
        assert value.moves_people**2 == pytest.approx(before - after)
        assert value.p_hurt == pytest.approx(1 - chances[0])
    moves = [v.moves_people for v in rank_inspections(ensemble, people)]
    assert moves == sorted(moves, reverse=True)
    assert len(moves) >= 3


def test_what_is_inspected_is_not_asked_for_again(make_run: MakeRun) -> None:
    ensemble, people = all_outcomes(make_run)
    first = rank_inspections(ensemble, people)[0].asset
    basis = ensemble.estimate.basis.copy()
    basis[list(ensemble.estimate.assets.id).index(first)] = Basis.INSPECTION
    known = replace(ensemble, estimate=replace(ensemble.estimate, basis=basis))
    assert first not in {v.asset for v in rank_inspections(known, people)}


def test_chance_alone_is_worth_nothing_on_average(make_run: MakeRun) -> None:
    """Scenarios drawn, people of another draw: whatever is explained is chance."""
    ensemble, people = all_outcomes(make_run)
    rng = np.random.default_rng(3)
    n = 200
    explained = []
    for _ in range(300):
        rows = rng.choice(len(people), n, p=ensemble.weight)
        others = rng.choice(len(people), n, p=ensemble.weight)
        drawn = replace(
            ensemble,
            state=ensemble.state[rows],
            weight=np.full(n, 1 / n),
            effective_sample_size=float(n),
        )
        values = rank_inspections(drawn, people[others])
        explained.append(sum(v.explains_pu for v in values))
    # Uncorrected it would be about 6 / 200; what is cut off at nothing leaves less than half.
    assert np.mean(explained) < 0.015


def test_nothing_uncertain_nothing_to_inspect(make_run: MakeRun) -> None:
    run = make_run({}, {})
    assert rank_inspections(run.ensemble, np.array([5.0, 5.0])) == ()


def test_one_scenario_has_no_spread(make_run: MakeRun) -> None:
    run = make_run({"feeder:f12": DamageState.DESTROYED})
    assert rank_inspections(run.ensemble, np.array([3000.0])) == ()
