"""The building types as zones: rooms people live in, and the edge where pipes freeze first."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from lightkeeper.consequences.cold import INTERNAL_CAPACITY_J_PER_K_M2, Zones, cool
from lightkeeper.region.model import BuildingType
from lightkeeper.units import FloatArray

ROOMS, EDGE = 0, 1
"""The two zones of a home, in this order."""

EDGE_AREA_PU = 0.15
"""Floor of stairwells and corner rooms for each square metre of rooms."""

EDGE_COUPLING_W_PER_K_M2 = 0.12
"""Through inner walls and doors, for each square metre of rooms."""

GAIN_W_PER_M2 = 2.0
"""Heat of people, cooking and light in a home without heating and power, for each square metre."""

SET_ROOMS_C, SET_EDGE_C = 20.0, 16.0
DESIGN_OUTDOOR_C = -22.0
"""At this temperature outdoors a heating system in order just keeps the set temperatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """Thermal figures of a type for each square metre of rooms; bands are (fast, usual, slow)."""

    type: BuildingType
    capacity_wh_per_k_m2: float
    loss_w_per_k_m2: tuple[float, float, float]
    edge_time_constant_h: tuple[float, float, float]
    drain_h: float
    refill_days: tuple[float, float]

    @property
    def time_constant_h(self) -> tuple[float, float, float]:
        """Of the rooms alone: (fast, usual, slow)."""
        fast, usual, slow = (self.capacity_wh_per_k_m2 / loss for loss in self.loss_w_per_k_m2)
        return fast, usual, slow


@cache
def load_buildings() -> Mapping[BuildingType, Building]:
    """Read the shipped table of building types. Its figures are illustrative, see the docs."""
    text = files("lightkeeper.consequences").joinpath("data", "building_types.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    found = {}
    for row in rows:
        type_ = BuildingType(row["type"])
        found[type_] = Building(
            type=type_,
            capacity_wh_per_k_m2=INTERNAL_CAPACITY_J_PER_K_M2[row["capacity_class"]] / 3600,
            loss_w_per_k_m2=(
                float(row["loss_high"]),
                float(row["loss_usual"]),
                float(row["loss_low"]),
            ),
            edge_time_constant_h=(
                float(row["edge_low_h"]),
                float(row["edge_usual_h"]),
                float(row["edge_high_h"]),
            ),
            drain_h=float(row["drain_h"]),
            refill_days=(float(row["refill_low_days"]), float(row["refill_high_days"])),
        )
    return MappingProxyType(found)


def in_band(band: tuple[float, float, float], at: FloatArray) -> FloatArray:
    """Go through a band: -1 its first figure, 0 the usual one, 1 its last; geometric between."""
    fast, usual, slow = band
    power = np.clip(at, -1.0, 1.0)
    found: FloatArray = usual * np.where(
        power < 0, (fast / usual) ** -power, (slow / usual) ** power
    )
    return found


def make_zones(building: Building, at: FloatArray, loss_factor: float = 1.0) -> Zones:
    """Return one square metre of rooms and its share of edge, for each place in the band.

    `at` is -1 where the type cools fastest, 1 where it cools slowest. `loss_factor` multiplies the
    losses of both zones, for homes without window panes.
    """
    loss_rooms = in_band(building.loss_w_per_k_m2, at)
    capacity_edge = building.capacity_wh_per_k_m2 * EDGE_AREA_PU
    loss_edge = capacity_edge / in_band(building.edge_time_constant_h, at)
    capacity = np.empty((*at.shape, 2))
    capacity[..., ROOMS], capacity[..., EDGE] = building.capacity_wh_per_k_m2, capacity_edge
    coupling = np.zeros((*at.shape, 2, 2))
    coupling[..., ROOMS, EDGE] = coupling[..., EDGE, ROOMS] = EDGE_COUPLING_W_PER_K_M2
    return Zones(
        capacity_wh_per_k=capacity,
        loss_w_per_k=np.stack([loss_rooms, loss_edge], axis=-1) * loss_factor,
        coupling_w_per_k=coupling,
    )


def design_heat_w(zones: Zones) -> FloatArray:
    """Return what a heating system in order can give each zone, shape (..., 2)."""
    at_set = np.array([SET_ROOMS_C, SET_EDGE_C])
    found: FloatArray = zones.loss_w_per_k * (at_set - DESIGN_OUTDOOR_C)
    return found


def hours_until(
    building: Building,
    threshold_c: float,
    outdoor_c: float,
    *,
    zone: int = ROOMS,
    loss_factor: float = 1.0,
    horizon_h: int = 480,
) -> tuple[float, float, float]:
    """Return (fast, usual, slow) hours from the loss of heat until a zone is below a temperature.

    Outdoor temperature is constant. Infinite where the zone stays above it over the horizon.
    """
    return hours_until_in(
        building, threshold_c, np.full(horizon_h, outdoor_c), zone=zone, loss_factor=loss_factor
    )


def hours_until_in(
    building: Building,
    threshold_c: float,
    outdoor_c: FloatArray,
    *,
    zone: int = ROOMS,
    loss_factor: float = 1.0,
) -> tuple[float, float, float]:
    """Return the same for outdoor temperatures by the hour; infinite where they end before."""
    at = np.array([-1.0, 0.0, 1.0])
    zones = make_zones(building, at, loss_factor)
    start = np.broadcast_to([SET_ROOMS_C, SET_EDGE_C], (3, 2)).copy()
    gain = np.array([GAIN_W_PER_M2, 0.0])
    temperature = cool(zones, start, outdoor_c, gain).temperature_c[..., zone]
    fast, usual, slow = (_crossing_h(temperature[:, k], threshold_c) for k in range(3))
    return fast, usual, slow


def _crossing_h(temperature_c: FloatArray, threshold_c: float) -> float:
    """Hour at which a series of hourly temperatures first falls below a threshold."""
    below = np.flatnonzero(temperature_c < threshold_c)
    if below.size == 0:
        return float("inf")
    k = int(below[0])
    if k == 0:
        return 0.0
    before, after = temperature_c[k - 1], temperature_c[k]
    return float(k - 1 + (before - threshold_c) / (before - after))
