"""The compiled rules against figures worked out by hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import ArrayLike

from lightkeeper.flow.arrays import Parts, State
from lightkeeper.flow.balance_kernels import balance_ramped, make_room, pairwise_sum


class Balanced(NamedTuple):
    p: list[float]
    kept: float
    infeed: float
    tripped: list[bool]
    alive: bool


def balance(
    p: ArrayLike,
    p_max: ArrayLike,
    r: float,
    load: float,
    *,
    infeed: float = 0.0,
    p_min: ArrayLike = 0.0,
) -> Balanced:
    """Balance one island of one bus."""
    n = len(np.asarray(p))
    state = State(
        p=np.array(p, np.float64),
        p_min=np.broadcast_to(np.asarray(p_min, np.float64), n).copy(),
        p_max=np.array(p_max, np.float64),
        unit_on=np.ones(n, np.bool_),
        served=np.array([float(load)]),
        infeed=np.array([float(infeed)]),
    )
    here, flag = np.zeros(1, np.int32), np.zeros(1, np.bool_)
    parts = Parts(label=here, alive=flag, grounded=flag.copy())
    at = np.zeros(n, np.int32)
    balance_ramped(parts, 1, here, at, np.full(n, r), state, make_room(1, n))
    return Balanced(
        p=state.p.tolist(),
        kept=float(state.served[0] / load) if load else 0.0,
        infeed=float(state.infeed[0]),
        tripped=(~state.unit_on).tolist(),
        alive=bool(parts.alive[0]),
    )


def near(values: list[float], wanted: list[float]) -> bool:
    return values == pytest.approx(wanted, rel=0, abs=1e-9)


def test_units_rise_by_headroom() -> None:
    found = balance([50, 80], [100, 100], 0.3, 150)
    assert near(found.p, [62, 88])
    assert found.kept == 1.0


def test_what_headroom_cannot_give_is_shed() -> None:
    found = balance([50, 80], [100, 100], 0.1, 200, infeed=10)
    assert near(found.p, [60, 90])
    assert found.kept == pytest.approx(0.8)
    assert found.infeed == 10


def test_units_fall_by_footroom() -> None:
    found = balance([50, 80], [100, 100], 0.3, 100, p_min=[40, 0])
    assert near(found.p, [42.5, 57.5])
    assert found.tripped == [False, False]


def test_smallest_units_trip_until_the_rest_can_fall() -> None:
    found = balance([20, 50, 80], [100] * 3, 0.1, 115)
    assert near(found.p, [0, 42.5, 72.5])
    assert found.tripped == [True, False, False]


def test_after_trips_the_rest_may_have_to_rise() -> None:
    found = balance([20, 50, 80], [100] * 3, 0.1, 85)
    assert near(found.p, [0, 0, 85])
    assert found.tripped == [True, True, False]


def test_after_trips_loads_may_have_to_be_shed() -> None:
    found = balance([20, 90], [100, 91], 0.01, 95)
    assert near(found.p, [0, 90.91])
    assert found.kept == pytest.approx(90.91 / 95)


def test_equal_units_trip_by_row_and_equal_means_to_a_watt() -> None:
    assert balance([30, 30], [100, 100], 0.0, 30).tripped == [True, False]
    assert balance([30.0000001, 30], [100, 100], 0.0, 30).tripped == [True, False]
    assert balance([30.00001, 30], [100, 100], 0.0, 30.00001).tripped == [False, True]


def test_units_at_zero_do_not_trip() -> None:
    found = balance([0, 50], [100, 100], 0.1, 30)
    assert found.tripped == [False, True]
    assert near(found.p, [10, 0])
    assert found.kept == pytest.approx(1 / 3)


def test_storage_turns_from_charging() -> None:
    found = balance([-20, 50], [50, 100], 1.0, 60, p_min=[-50, 0])
    assert near(found.p, [-5, 65])


def test_units_without_positive_maximum_never_move() -> None:
    found = balance([-10, 50], [-5, 100], 1.0, 60, p_min=[-50, 0])
    assert near(found.p, [-10, 70])


@pytest.mark.parametrize(
    ("p", "p_max", "r", "load", "infeed"),
    [
        ([80], [100], 0.1, 60, 0),  # the only unit trips
        ([], [], 0.1, 60, 0),  # no unit
        ([], [], 0.1, 60, 70),  # infeed alone
        ([0], [0], 0.1, 60, 70),  # a unit that can give nothing
        ([30], [100], 1.0, 0, 0),  # no load
        ([30], [100], 0.1, 20, 60),  # infeed above load
        ([0], [100], 0.0, 60, 0),  # a unit that cannot start to move
        ([-30, 0], [0, 100], 0.1, 5, 0),  # charging takes more than there is
    ],
)
def test_dead(p: list[float], p_max: list[float], r: float, load: float, infeed: float) -> None:
    found = balance(p, p_max, r, load, infeed=infeed, p_min=np.minimum(p, 0.0))
    assert not found.alive
    assert not any(found.p)
    assert found.kept == 0.0
    assert found.infeed == 0.0


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 127, 128, 129, 255, 256, 1000, 4097, 70_001])
def test_pairwise_sum_is_numpys(n: int) -> None:
    rng = np.random.default_rng(n)
    values = rng.normal(size=n) * 10.0 ** rng.uniform(-6, 6, n)
    assert pairwise_sum(values, n) == values.sum()
