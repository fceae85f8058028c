"""Which feeders a plan itself switches off at which hour: first its list, then the schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from lightkeeper.plans.model import OutageSchedule, SheddingPlan
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray


def switched_hours(
    region: Region,
    shedding: SheddingPlan,
    schedule: OutageSchedule,
    starts_at: datetime,
    *,
    now: datetime,
    horizon_h: int,
) -> BoolArray:
    """Return who is switched off at every whole hour from now, shape (horizon_h, n_feeders).

    Until the schedule starts those on the switch list are off; from then on the queues of the slot
    that holds at that instant, feeders with services excepted. After its last slot the schedule is
    taken to begin anew: nobody knows better.
    """
    feeders = region.feeders
    listed = np.isin(feeders.id, [str(step.feeder) for step in shedding.steps])
    slot = timedelta(minutes=schedule.slot_min)
    found = np.zeros((horizon_h, feeders.id.size), dtype=np.bool_)
    for hour in range(horizon_h):
        k = (now + timedelta(hours=hour) - starts_at) // slot
        if k < 0:
            found[hour] = listed
        else:
            column = schedule.is_off[:, k % schedule.is_off.shape[1]]
            queues = [q for q, is_off in zip(schedule.queues, column, strict=True) if is_off]
            found[hour] = np.isin(feeders.queue, queues) & ~feeders.is_critical
    return found
