from __future__ import annotations

import numpy as np
import pytest

from lightkeeper.consequences import distributions, weighted_quantiles


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
    (found,) = distributions(np.array([[7.0]]), np.ones(1), 1.0)
    assert found.p05 == found.median == found.p95 == found.mean == 7.0


def test_mean_is_weighted() -> None:
    (found,) = distributions(np.array([[0.0], [10.0]]), np.array([0.9, 0.1]), 1.2)
    assert found.mean == pytest.approx(1.0)
    assert found.median == 0.0
