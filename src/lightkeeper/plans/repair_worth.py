"""What states of the assets are worth: people with supply, services, people warmed.

Supply comes from the flow engine without cascades and with units free to move: after hours of
repair the operator has redispatched, and nothing is reconnected into an overload on purpose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.apply import locally_off, scenarios_of_states
from lightkeeper.damage.assets import asset_rows, local_supply
from lightkeeper.damage.model import AssetKind, Assets
from lightkeeper.flow import FlowCase, FlowOptions, PreparedCase, prepare, run_cascade
from lightkeeper.plans.repair_options import RepairOptions
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray

State = NDArray[np.uint8]

_BATCH = 128


def redispatched(n_threads: int) -> FlowOptions:
    """Return the rule for a grid under repair: units free to move, nothing trips."""
    return FlowOptions(ramp_pu=1.0, trip_overloads=False, n_threads=n_threads)


class Worth:
    """Asks the flow engine; holds what is the same for every state."""

    def __init__(
        self, region: Region, case: FlowCase, assets: Assets, options: RepairOptions
    ) -> None:
        self.region, self.case, self.assets, self.options = region, case, assets, options
        self.prepared: PreparedCase = prepare(case)
        self._supply = local_supply(region)
        self._heat_rows = asset_rows(assets, AssetKind.HEAT_SOURCE)

    def supplied(self, states: State) -> tuple[FloatArray, FloatArray]:
        """(share of each feeder's demand served, share of each heat source given), by state."""
        feeders, heat = [], []
        for first in range(0, len(states), _BATCH):
            part = states[first : first + _BATCH]
            result = run_cascade(
                self.prepared,
                scenarios_of_states(part, self.assets, self.region, self.case),
                redispatched(self.options.n_threads),
            )
            served = np.divide(
                result.served_mw,
                result.demand_mw,
                out=(result.island >= 0).astype(np.float64),
                where=result.demand_mw > 0,
            )
            on = served[:, self._supply.bus] * ~locally_off(part, self.assets, self.region)
            feeders.append(on)
            heat.append(self._heat(part, on))
        return np.concatenate(feeders), np.concatenate(heat)

    def _heat(self, states: State, feeder_on: FloatArray) -> FloatArray:
        row_of = {str(f): k for k, f in enumerate(self.region.feeders.id)}
        given = 1.0 - 0.5 * states[:, self._heat_rows]
        for k, source in enumerate(self.region.heat_sources):
            if source.feeder is not None and source.feeder in row_of:
                given[:, k] *= feeder_on[:, row_of[source.feeder]]
        return np.asarray(given, np.float64)

    def of(self, states: State) -> FloatArray:
        """Return the worth of each state, (n_states, n_assets)."""
        on, heat = self.supplied(states)
        warmed = np.array([s.population for s in self.region.heat_sources], np.float64)
        feeders = self.region.feeders
        worth = on @ (feeders.population + self.options.service_people * feeders.is_critical)
        if len(warmed):
            worth = worth + self.options.heat_weight * (heat @ warmed)
        return np.asarray(worth, np.float64)
