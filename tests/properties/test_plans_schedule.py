"""Outage schedules of random orders keep the public rules, or say exactly where they do not."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.plans import ScheduleOptions, WhenShort, plan_from_order
from lightkeeper.units import BoolArray


def breaches_by_hand(row: BoolArray) -> int:
    """Outages longer than 12 slots, and supplies between two outages shorter than 4."""
    found, start = 0, 0
    for slot in range(1, len(row) + 1):
        if slot == len(row) or row[slot] != row[start]:
            length = slot - start
            inside = start > 0 and slot < len(row)
            found += bool(row[start] and length > 12) or bool(
                not row[start] and inside and length < 4
            )
            start = slot
    return found


# Orders change every two hours or more, as published ones do.
ORDERS = st.lists(st.integers(0, 9), min_size=12, max_size=12).map(
    lambda halves: np.repeat(np.array(halves) / 2, 4)
)


@settings(max_examples=15, deadline=None)
@given(ORDERS, st.integers(0, 6))
def test_order_is_met_and_every_breach_is_named(order: np.ndarray, rotation: int) -> None:
    plan = plan_from_order(order, options=ScheduleOptions(rotation=rotation))
    assert (plan.is_off.sum(axis=0) == order * 2).all()
    assert len(plan.breaches) == sum(breaches_by_hand(row) for row in plan.is_off)
    if not plan.breaches:
        assert np.ptp(plan.hours_off) <= 1.0


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=24, max_size=24), st.integers(0, 6))
def test_rules_hold_when_they_come_first(order: list[int], rotation: int) -> None:
    queues = np.repeat(np.array(order) / 2, 2)
    plan = plan_from_order(
        queues, options=ScheduleOptions(rotation=rotation, when_short=WhenShort.KEEP_RULES)
    )
    assert sum(breaches_by_hand(row) for row in plan.is_off) == 0
    assert (plan.is_off.sum(axis=0) <= queues * 2).all()
    missed = int((plan.is_off.sum(axis=0) != queues * 2).sum())
    assert len(plan.breaches) == missed
