"""Hours on the road between two sets of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.units import FloatArray

_EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelOptions:
    """Speed on roads in winter; `detour` makes a road of a great circle.

    `unknown_h` stands for a way to or from a place without coordinates.
    """

    km_per_h: float = 40.0
    detour: float = 1.3
    unknown_h: float = 1.0


def travel_h(
    from_lon: FloatArray,
    from_lat: FloatArray,
    to_lon: FloatArray,
    to_lat: FloatArray,
    options: TravelOptions,
) -> FloatArray:
    """Hours from each of n places to each of m, shape (n, m); degrees WGS 84, NaN where unknown."""
    lon_a, lat_a = np.radians(from_lon)[:, None], np.radians(from_lat)[:, None]
    lon_b, lat_b = np.radians(to_lon), np.radians(to_lat)
    half = (
        np.sin((lat_a - lat_b) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_a - lon_b) / 2) ** 2
    )
    km = 2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    hours = km * options.detour / options.km_per_h
    return np.asarray(np.where(np.isnan(hours), options.unknown_h, hours), np.float64)
