from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.plans.repair_order import (
    JobSet,
    Service,
    dispatch,
    lost_service,
    order_jobs,
    pairs_and_triples,
    plain_jobs,
)
from lightkeeper.units import FloatArray


def additive(worth: list[float]) -> Service:
    def of(sets: Sequence[JobSet]) -> FloatArray:
        return np.array([sum(worth[j] for j in s) for s in sets])

    return Service(of)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), min_size=1, max_size=7))
def test_additive_worth_is_ordered_by_smiths_rule(jobs: list[tuple[int, int]]) -> None:
    # With one crew and worths that add up, most worth per hour first is the optimum (Smith 1956).
    hours, worth = [float(h) for h, _ in jobs], [float(w) for _, w in jobs]
    service = additive(worth)
    order = order_jobs(plain_jobs(hours), 1, lambda sets: np.array(service.of(sets)))

    def cost(o: Sequence[int]) -> float:
        return lost_service(dispatch(o, plain_jobs(hours), 1), service, sum(worth))

    smith = sorted(range(len(jobs)), key=lambda j: -worth[j] / hours[j])
    assert cost(order) == pytest.approx(cost(smith))


def test_a_pair_worth_only_together_is_found_with_lookahead() -> None:
    hours = [2.0, 2.0, 1.0]

    def worth(sets: Sequence[JobSet]) -> FloatArray:
        return np.array([100.0 * ({0, 1} <= s) + 1.0 * (2 in s) for s in sets])

    service = Service(worth)
    found = order_jobs(plain_jobs(hours), 1, worth, groups=pairs_and_triples(3))
    costs = {
        o: lost_service(dispatch(o, plain_jobs(hours), 1), service, 101.0)
        for o in permutations(range(3))
    }
    assert costs[tuple(found)] == min(costs.values())
    assert found[-1] == 2


def test_next_job_goes_to_the_first_free_crew() -> None:
    visits = dispatch([0, 1, 2, 3], plain_jobs([5.0, 2.0, 2.0, 1.0]), 2)
    assert [(v.job, v.crew, v.leave_h, v.end_h) for v in visits] == [
        (0, 0, 0.0, 5.0),
        (1, 1, 0.0, 2.0),
        (2, 1, 2.0, 4.0),
        (3, 1, 4.0, 5.0),
    ]
