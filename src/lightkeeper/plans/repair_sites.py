"""Sites that need a crew: which, when they open, and how far apart they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.assets import heat_source_plants
from lightkeeper.damage.model import AssetId, AssetKind, Assets, DamageState
from lightkeeper.plans.repair_options import RepairOptions
from lightkeeper.plans.repair_times import AccessReason
from lightkeeper.plans.travel import travel_h
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray


class Sites:
    """Which assets are repaired on their own; states have shape (..., n_assets)."""

    def __init__(self, region: Region, assets: Assets) -> None:
        self._is_feeder: BoolArray = assets.kind == AssetKind.FEEDER.value
        follows = dict(heat_source_plants(region, assets))
        self._heat = np.array(list(follows), dtype=np.int32)
        self._plant = np.array(list(follows.values()), dtype=np.int32)

    def switched_off(self, state: NDArray[np.uint8]) -> BoolArray:
        """Return the feeders that are only switched off: they come back by switching."""
        found: BoolArray = self._is_feeder & (state == DamageState.IMPAIRED)
        return found

    def needs_crew(self, state: NDArray[np.uint8]) -> BoolArray:
        """Return the assets that need a crew; a CHP is repaired once, as a plant."""
        found: BoolArray = (state != DamageState.INTACT) & ~self.switched_off(state)
        found[..., self._heat] &= state[..., self._plant] == DamageState.INTACT
        return found

    def clears(self, row: int) -> list[int]:
        """Return the assets that a repair of one puts in order: with a CHP plant its heat."""
        return [row, *self._heat[self._plant == row].tolist()]

    def followers(self) -> tuple[list[int], list[int]]:
        """Return the plants of CHPs, and the heat source that goes with each."""
        return self._plant.tolist(), self._heat.tolist()


def opening(
    asset: AssetId, hurt: DamageState, options: RepairOptions
) -> list[tuple[AccessReason, float]]:
    """Return what keeps a site closed, each until an hour from now; the alarm always."""
    given = [(a.reason, a.open_at_h) for a in options.access if a.asset == asset]
    if given:
        return [*given, (AccessReason.ALARM, options.alarm_until_h)]
    at = options.alarm_until_h
    found = [(AccessReason.ALARM, at)]
    for reason in (AccessReason.CLEARANCE, AccessReason.RUBBLE):
        span = options.times.access_h[reason, hurt]
        if span > 0:
            at += span
            found.append((reason, at))
    return found


def travel_of(lon: FloatArray, lat: FloatArray, options: RepairOptions) -> FloatArray:
    """Hours between sites, (n + 1, n), the last row from the depot."""
    depot_lon, depot_lat = (np.nan, np.nan) if options.depot is None else options.depot
    hours = travel_h(np.append(lon, depot_lon), np.append(lat, depot_lat), lon, lat, options.travel)
    if options.depot is None:
        hours[-1] = 0.0
    return hours
