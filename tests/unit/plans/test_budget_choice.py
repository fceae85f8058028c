from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.plans.budget_choice import Plan, choose_measures
from lightkeeper.units import FloatArray

ONE = np.ones(1)


def test_two_sites_that_help_only_together_are_found_by_exchange_or_left() -> None:
    def losses(plans: Sequence[Plan]) -> FloatArray:
        return np.array([[10.0 - 3.0 * p[2] - (8.0 if p[0] and p[1] else 0.0)] for p in plans])

    choice = choose_measures(np.ones((3, 1)), losses, ONE, 2.0)
    assert choice.plan[2] == 1


def test_a_dear_measure_that_avoids_more_beats_cheap_ones() -> None:
    # Greedy by gain per cost would take the cheap one and leave too little for the dear one.
    cost = np.array([[1.0], [10.0]])

    def losses(plans: Sequence[Plan]) -> FloatArray:
        return np.array([[100.0 - 2.0 * p[0] - 15.0 * p[1]] for p in plans])

    choice = choose_measures(cost, losses, ONE, 10.0)
    assert choice.plan == (0, 1)
    assert choice.loss == pytest.approx([85.0])


def test_a_level_is_raised_when_that_pays() -> None:
    cost = np.array([[1.0, 3.0]])

    def losses(plans: Sequence[Plan]) -> FloatArray:
        return np.array([[(10.0, 6.0, 0.0)[p[0]]] for p in plans])

    assert choose_measures(cost, losses, ONE, 3.0).plan == (2,)
    assert choose_measures(cost, losses, ONE, 2.9).plan == (1,)
    assert choose_measures(cost, losses, ONE, 0.5).plan == (0,)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), min_size=1, max_size=6),
    st.integers(0, 25),
)
def test_at_least_half_of_the_best_and_never_over_budget(
    items: list[tuple[int, int]], budget: int
) -> None:
    # Gains that add up: greedy with the best single measure reaches half of the optimum.
    cost = np.array([[float(c)] for c, _ in items])
    gain = np.array([float(g) for _, g in items])

    def losses(plans: Sequence[Plan]) -> FloatArray:
        return np.asarray(gain.sum() - np.array(plans, np.float64) @ gain[:, None])

    choice = choose_measures(cost, losses, ONE, float(budget))
    best = max(
        float(np.array(p) @ gain)
        for p in product((0, 1), repeat=len(items))
        if np.array(p) @ cost[:, 0] <= budget
    )
    found = float(np.array(choice.plan) @ gain)
    assert np.array(choice.plan) @ cost[:, 0] <= budget
    assert found >= best / 2 - 1e-9
    assert choice.loss == pytest.approx([gain.sum() - found])
