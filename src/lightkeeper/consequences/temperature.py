"""Outdoor temperature by the hour, with what is not known left unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lightkeeper.region.model import OutdoorHour, Region
from lightkeeper.units import FloatArray, require_utc

MOST_GAP_H = 3
"""Hours missing between two known ones that are bridged by a straight line; more are a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdoors:
    """Temperature of each step of an hour by district, shape (n_districts, n_hours).

    NaN from the first hour that is not known on: what follows a gap cannot be told either, since a
    home remembers. `notes` says where it ends and what was bridged.
    """

    outdoor_c: FloatArray
    notes: tuple[str, ...]


def read_outdoors(region: Region, horizon_h: int) -> Outdoors:
    """Return what the region's table says of the hours to come."""
    by_district: dict[str, dict[int, float]] = {}
    for point in region.temperatures:
        by_district.setdefault(point.district, {})[point.hour] = point.outdoor_c
    found = np.full((len(region.districts), horizon_h), np.nan)
    notes: dict[str, None] = {}
    for row, district in enumerate(region.districts):
        own = by_district.get(str(district.id), by_district.get("", {}))
        series, note = fill_gaps(own, horizon_h)
        found[row] = series
        if note:
            whose = f"of {district.id} " if str(district.id) in by_district else ""
            notes[f"outdoor temperature {whose}{note}"] = None
    return Outdoors(outdoor_c=found, notes=tuple(notes))


def hours_from(
    points: Sequence[tuple[datetime, float]], start_at: datetime, *, district: str = ""
) -> tuple[OutdoorHour, ...]:
    """Turn a forecast, instants and temperatures, into hours from `start_at`.

    An hour takes the mean of what falls into it. Earlier instants are left out.
    """
    start = require_utc(start_at)
    by_hour: dict[int, list[float]] = {}
    for at, value in points:
        hour = int((require_utc(at) - start).total_seconds() // 3600)
        if hour >= 0:
            by_hour.setdefault(hour, []).append(value)
    return tuple(
        OutdoorHour(
            id=f"{district}{hour:04d}",
            district=district,
            hour=hour,
            outdoor_c=sum(values) / len(values),
        )
        for hour, values in sorted(by_hour.items())
    )


def fill_gaps(known: dict[int, float], horizon_h: int) -> tuple[FloatArray, str]:
    """Return the hours 0 to `horizon_h`, and a note where some are bridged or not known."""
    series = np.full(horizon_h, np.nan)
    hours = sorted(known)
    if not hours or hours[0] > 0:
        return series, "is not known at hour 0: nothing is said of the cold"
    bridged = 0
    last = hours[0]
    if last < horizon_h:
        series[last] = known[last]
    for hour in hours[1:]:
        if hour - last - 1 > MOST_GAP_H:
            break
        bridged += hour - last - 1
        for k in range(last + 1, min(hour, horizon_h - 1) + 1):
            share = (k - last) / (hour - last)
            series[k] = known[last] + share * (known[hour] - known[last])
        last = hour
        if last >= horizon_h - 1:
            break
    if last < horizon_h - 1:
        return series, f"is known to hour {last} only: nothing is said of the cold after it"
    if bridged:
        return series, f"misses {bridged} hours, bridged by straight lines"
    return series, ""
