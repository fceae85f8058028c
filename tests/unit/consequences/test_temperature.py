from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from lightkeeper.consequences import hours_from, read_outdoors
from lightkeeper.consequences.temperature import fill_gaps
from lightkeeper.region import OutdoorHour, Region


def test_a_whole_series_is_taken_as_it_is() -> None:
    series, note = fill_gaps({0: -1.0, 1: -2.0, 2: -3.0}, 3)
    assert series.tolist() == [-1.0, -2.0, -3.0]
    assert note == ""


def test_short_gaps_are_bridged_and_said() -> None:
    series, note = fill_gaps({0: 0.0, 4: -8.0, 5: -8.0}, 6)
    assert series.tolist() == [0.0, -2.0, -4.0, -6.0, -8.0, -8.0]
    assert note == "misses 3 hours, bridged by straight lines"


def test_after_a_long_gap_nothing_is_known() -> None:
    series, note = fill_gaps({0: 0.0, 1: -1.0, 6: -8.0, 7: -8.0}, 8)
    assert series[:2].tolist() == [0.0, -1.0]
    assert np.isnan(series[2:]).all()
    assert note == "is known to hour 1 only: nothing is said of the cold after it"


def test_a_series_that_ends_early_or_begins_late() -> None:
    series, note = fill_gaps({0: 1.0}, 3)
    assert series[0] == 1.0
    assert np.isnan(series[1:]).all()
    assert "hour 0 only" in note
    for known in ({}, {1: -5.0}):
        series, note = fill_gaps(known, 3)
        assert np.isnan(series).all()
        assert "not known at hour 0" in note


def test_hours_beyond_the_horizon_do_not_matter() -> None:
    series, note = fill_gaps({0: 0.0, 2: -4.0, 30: -9.0}, 2)
    assert series.tolist() == [0.0, -2.0]
    assert note == "misses 1 hours, bridged by straight lines"


def test_a_district_has_its_own_hours_or_those_of_all(region: Region) -> None:
    hours = [
        OutdoorHour(id="a", district="", hour=0, outdoor_c=-3.0),
        OutdoorHour(id="b", district="", hour=1, outdoor_c=-3.0),
        OutdoorHour(id="c", district="port", hour=0, outdoor_c=4.0),
    ]
    found = read_outdoors(replace(region, temperatures=tuple(hours)), 2)
    assert found.outdoor_c[:2].tolist() == [[-3.0, -3.0], [-3.0, -3.0]]
    assert found.outdoor_c[2, 0] == 4.0
    assert np.isnan(found.outdoor_c[2, 1])
    assert found.notes == (
        "outdoor temperature of port is known to hour 0 only: nothing is said of the cold after it",
    )


def test_a_forecast_becomes_hours_from_now() -> None:
    now = datetime(2026, 1, 10, 12, tzinfo=UTC)
    points = [(now + timedelta(minutes=m), float(-m)) for m in (-60, 0, 30, 60, 200)]
    found = hours_from(points, now)
    assert [(p.hour, p.outdoor_c) for p in found] == [(0, -15.0), (1, -60.0), (3, -200.0)]
    with pytest.raises(ValueError, match="time zone"):
        hours_from(points, datetime(2026, 1, 10, 12))  # noqa: DTZ001
