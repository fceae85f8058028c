from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom
from story import make_happening, make_story

from lightkeeper.consequences import (
    FollowOptions,
    bands,
    compare,
    distributions,
    follow,
    weighted_quantiles,
)
from lightkeeper.consequences.distribution import confidence_levels
from lightkeeper.damage import DamageEnsemble, estimate_damage, list_assets
from lightkeeper.errors import InputError
from lightkeeper.region import Gazetteer, Region


def test_equal_weights_give_order_statistics() -> None:
    values = np.arange(100.0)[::-1, None]
    weight = np.full(100, 0.01)
    levels = np.array([0.05, 0.5, 0.95])
    assert weighted_quantiles(values, weight, levels)[:, 0].tolist() == [4.0, 49.0, 94.0]


def test_weights_repeat_scenarios() -> None:
    rng = np.random.default_rng(1)
    values, times = rng.normal(size=(20, 2)), rng.integers(0, 5, 20)
    levels = np.linspace(0.01, 0.99, 33)
    repeated = np.repeat(values, times, axis=0)
    found = weighted_quantiles(values, times.astype(float), levels)
    wanted = weighted_quantiles(repeated, np.ones(len(repeated)), levels)
    assert np.array_equal(found, wanted)


def test_scenario_without_weight_is_never_met() -> None:
    values = np.array([[-100.0], [1.0], [2.0], [100.0]])
    weight = np.array([0.0, 0.5, 0.5, 0.0])
    (found,) = distributions(values, weight, 2.0)
    assert (found.p05, found.median, found.p95, found.mean) == (1.0, 1.0, 2.0, 1.5)
    assert found.n_scenarios == 2
    assert found.effective_sample_size == 2.0


def test_ensemble_of_one() -> None:
    """One scenario has a value and no sampling error that could be told."""
    (found,) = distributions(np.array([[7.0]]), np.ones(1), 1.0)
    assert found.p05 == found.median == found.p95 == found.mean == 7.0
    assert found.sampling is not None
    assert found.sampling.median == found.sampling.p05 == found.sampling.p95 == (None, None)
    assert found.sampling.mean_error is None


@pytest.mark.parametrize("weight", [[0.0, 0.0], [1.0, -1.0], [np.nan, 1.0]])
def test_weights_that_sum_to_nothing_are_refused(weight: list[float]) -> None:
    values, weights = np.array([[1.0], [2.0]]), np.array(weight)
    with pytest.raises(InputError, match="sum to nothing"):
        distributions(values, weights, 2.0)
    with pytest.raises(InputError, match="sum to nothing"):
        bands(values[:, :, None], weights, 2.0)
    story = make_story({"feeders": ["f1", "f2"]})
    supply = make_happening(story, [{"pieces": [{"from_h": 0}]}] * 2)
    with pytest.raises(InputError, match="sum to nothing"):
        follow(story, weights, supply, FollowOptions(horizon_h=4))


def test_mean_is_weighted() -> None:
    (found,) = distributions(np.array([[0.0], [10.0]]), np.array([0.9, 0.1]), 1.2)
    assert found.mean == pytest.approx(1.0)
    assert found.median == 0.0


@pytest.mark.parametrize("n", [5, 10, 71, 72, 100, 1000])
def test_confidence_is_that_of_order_statistics(n: int) -> None:
    """P(the quantile lies between the ranks) by the binomial, summed term by term."""
    for p, (low, high) in zip((0.05, 0.5, 0.95), confidence_levels(float(n)), strict=True):
        first = 0 if low is None else round(low * n)
        last = n + 1 if high is None else round(high * n)
        held = sum(binom.pmf(k, n, p) for k in range(first, last))
        assert held >= 0.95 - 1e-9
        # No narrower pair of ranks would do on either side.
        assert sum(binom.pmf(k, n, p) for k in range(first + 1)) > 0.025 - 1e-12
        assert sum(binom.pmf(k, n, p) for k in range(last - 1, n + 1)) > 0.025 - 1e-12
    assert (confidence_levels(float(n))[2][1] is None) == (n < 72)


def test_bounds_enclose_the_true_median_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    draws = rng.exponential(size=(60, 2000))
    found = distributions(draws, np.full(60, 1 / 60), 60.0)
    true = np.log(2.0)
    held = 0
    for of in found:
        assert of.sampling is not None
        low, high = of.sampling.median
        assert low is not None
        assert high is not None
        held += low <= true <= high
    assert 0.94 < held / 2000 <= 0.985


def test_fewer_effective_scenarios_give_wider_bounds() -> None:
    values = np.arange(1000.0)[:, None]
    weight = np.full(1000, 0.001)
    widths = []
    for effective in (1000.0, 300.0, 30.0):
        (found,) = distributions(values, weight, effective)
        assert found.sampling is not None
        low, high = found.sampling.median
        assert low is not None
        assert high is not None
        widths.append(high - low)
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(2 * 1.96 * np.sqrt(250), rel=0.05)


def test_bands_are_distributions_hour_by_hour() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(40, 2, 3))
    values[:, 1, 2] = values[:, 1, 1]
    values[3, 0, 1] = np.nan
    weight = rng.integers(0, 3, 40).astype(float)
    weight[3] = 1.0
    first, second = bands(values, weight, 25.0)
    assert first.median[1] is None
    assert first.p05[1] is first.mean[1] is first.median_low[1] is None
    for k, band in enumerate((first, second)):
        for hour in range(3):
            if (k, hour) == (0, 1):
                continue
            (of,) = distributions(values[:, k, [hour]], weight, 25.0)
            assert of.sampling is not None
            assert (band.p05[hour], band.median[hour], band.p95[hour]) == (
                of.p05,
                of.median,
                of.p95,
            )
            assert band.mean[hour] == pytest.approx(of.mean)
            assert (band.median_low[hour], band.median_high[hour]) == of.sampling.median


def test_what_a_scenario_without_weight_does_not_know_does_not_matter() -> None:
    values = np.array([[[np.nan]], [[4.0]]])
    (band,) = bands(values, np.array([0.0, 1.0]), 1.0)
    assert band.median == (4.0,)
    assert band.median_low == (None,)


def ensemble_of(region: Region, gazetteer: Gazetteer, n: int, seed: int) -> DamageEnsemble:
    assets = list_assets(region)
    return DamageEnsemble(
        estimate=estimate_damage(region, assets, (), (), gazetteer),
        state=np.zeros((n, assets.id.size), dtype=np.uint8),
        weight=np.full(n, 1 / n),
        effective_sample_size=float(n),
        seed=seed,
        observations=(),
        notes=(),
    )


def test_two_cases_on_the_same_draws(region: Region, gazetteer: Gazetteer) -> None:
    """What both share cancels: the error of the difference is far below that of two draws."""
    rng = np.random.default_rng(4)
    shared = rng.lognormal(10, 1, 400)
    saved = rng.uniform(90, 110, 400)
    ensemble = ensemble_of(region, gazetteer, 400, 1)
    found = compare(ensemble, shared, shared - saved, ensemble)
    assert found.change.mean == pytest.approx(-saved.mean())
    assert found.p_less == pytest.approx(1.0)
    assert found.p_more == 0.0
    assert found.change.sampling is not None
    assert found.change.sampling.mean_error == pytest.approx(saved.std() / np.sqrt(399))
    assert found.unpaired_mean_error is not None
    assert found.unpaired_mean_error > 100 * (found.change.sampling.mean_error or np.inf)


def test_other_draws_are_not_compared(region: Region, gazetteer: Gazetteer) -> None:
    one, other = (ensemble_of(region, gazetteer, 5, seed) for seed in (1, 2))
    figures: NDArray[np.float64] = np.zeros(5)
    with pytest.raises(InputError, match="different scenarios"):
        compare(one, figures, figures, other)
    with pytest.raises(InputError, match="different scenarios"):
        compare(one, figures, np.zeros(4), one)
    weight = np.array([0.5, 0.5, 0.0, 0.0, 0.0])
    with pytest.raises(InputError, match="same observations"):
        compare(one, figures, figures, replace(one, weight=weight))


def test_an_ensemble_of_one_compares_without_error(region: Region, gazetteer: Gazetteer) -> None:
    one = ensemble_of(region, gazetteer, 1, 1)
    found = compare(one, np.array([5.0]), np.array([3.0]), one)
    assert found.change.median == -2.0
    assert found.unpaired_mean_error is None
    assert found.change.sampling is not None
    assert found.change.sampling.mean_error is None
