from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from lightkeeper.operations.calculate import hours_off
from lightkeeper.region import load_demo_region
from lightkeeper.region.model import FeederId
from lightkeeper.storage import FeederSpell

AT = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_hours_of_a_week_count_and_a_spell_goes_on_until_now() -> None:
    region = load_demo_region()
    ids = [FeederId(str(f)) for f in region.feeders.id[:4]]
    spells = [
        FeederSpell(feeder=ids[0], from_at=AT - 30 * HOUR, to_at=AT - 26 * HOUR),
        FeederSpell(feeder=ids[0], from_at=AT - 2 * HOUR, to_at=None),
        FeederSpell(feeder=ids[1], from_at=AT - 170 * HOUR, to_at=AT - 160 * HOUR),
        FeederSpell(feeder=ids[2], from_at=AT - 300 * HOUR, to_at=AT - 200 * HOUR),
        FeederSpell(feeder=FeederId("unknown"), from_at=AT - HOUR, to_at=None),
    ]
    hours = hours_off(region, spells, AT)
    assert hours[:4].tolist() == [6.0, 8.0, 0.0, 0.0]
    assert np.count_nonzero(hours) == 2
