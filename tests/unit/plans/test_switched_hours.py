from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import numpy as np

from lightkeeper.plans import OutageSchedule, SheddingPlan, switched_hours
from lightkeeper.region.model import QueueId, Region

NOW = datetime(2026, 1, 10, 5, 45, tzinfo=UTC)


def schedule(rows: list[list[int]]) -> OutageSchedule:
    is_off = np.array(rows, dtype=bool)
    n_slots = is_off.shape[1]
    return OutageSchedule(
        queues=(QueueId("1.1"), QueueId("2.1")),
        slot_min=60,
        is_off=is_off,
        needed_mw=np.zeros(n_slots),
        shed_mw=np.zeros(n_slots),
        hours_off=np.zeros(2),
        breaches=(),
    )


def shedding(*feeders: str) -> SheddingPlan:
    steps = tuple(SimpleNamespace(feeder=f) for f in feeders)
    return cast(SheddingPlan, SimpleNamespace(steps=steps))


def off(region: Region, plan: OutageSchedule, starts_at: datetime, hours: int) -> list[list[str]]:
    found = switched_hours(region, shedding("c1", "c2"), plan, starts_at, now=NOW, horizon_h=hours)
    return [region.feeders.id[row].tolist() for row in found]


def test_first_the_list_then_the_queues_of_the_slot(small_region: Region) -> None:
    # b1 is of queue 1.1, b3 of 2.1; at hour 1 the slot of 06:00 holds.
    plan = schedule([[1, 0], [0, 1]])
    found = off(small_region, plan, NOW + timedelta(minutes=15), 4)
    assert found == [["c1", "c2"], ["b1"], ["b3"], ["b1"]]


def test_slots_are_told_by_the_instant_and_begin_anew(small_region: Region) -> None:
    plan = replace(schedule([[1, 1, 0, 0], [0, 0, 0, 1]]), slot_min=30)
    found = off(small_region, plan, NOW, 4)
    assert found == [["b1"], [], ["b1"], []]


def test_services_are_never_switched_off(small_region: Region) -> None:
    feeders = small_region.feeders
    crowded = replace(small_region, feeders=replace(feeders, queue=np.full(feeders.id.size, "1.1")))
    (found,) = off(crowded, schedule([[1], [0]]), NOW, 1)
    assert found == feeders.id[~feeders.is_critical].tolist()
