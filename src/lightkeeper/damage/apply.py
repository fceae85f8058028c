"""From damage states to what the network loses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.assets import asset_rows, local_supply, plant_units
from lightkeeper.damage.model import AssetKind, Assets, DamageEnsemble, DamageState
from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

_CHUNK = 256
"""Scenarios handled at once where arrays by feeder are made; they stay in the cache."""

IMPAIRED_RATING_PU = 0.5
"""What an impaired substation's transformers can still carry."""

IMPAIRED_UNIT_PU = 0.5
"""What an impaired plant's units can still give."""


def to_scenarios(ensemble: DamageEnsemble, region: Region, case: FlowCase) -> Scenarios:
    """Turn damage states into losses and factors for the flow; see `scenarios_of_states`."""
    return scenarios_of_states(ensemble.state, ensemble.estimate.assets, region, case)


def scenarios_of_states(
    state: NDArray[np.uint8], assets: Assets, region: Region, case: FlowCase
) -> Scenarios:
    """Turn states, shape (n_scenarios, n_assets), into losses and factors for the flow.

    - Substation destroyed: all its buses lost. Impaired: its transformers at half their rating, and
      half of its feeders off (`LocalSupply.is_off_when_impaired`).
    - Power plant destroyed: its units lost. Impaired: its units at half their capacity.
    - Line impaired or destroyed: lost.
    - Feeder impaired or destroyed: its demand is taken off its bus.
    - Heat source: no loss to the network; a CHP's plant is an asset of its own.
    """
    network = region.network
    n = state.shape[0]
    sites = asset_rows(assets, AssetKind.SUBSTATION)
    lines = asset_rows(assets, AssetKind.LINE)
    of_unit, unit = plant_units(region, assets)
    site_state = state[:, sites]

    has_site = np.flatnonzero(network.buses.substation >= 0)
    bus_lost = site_state[:, network.buses.substation[has_site]] == DamageState.DESTROYED
    unit_state = state[:, of_unit]

    rating = None
    is_impaired = site_state == DamageState.IMPAIRED
    if is_impaired.any():
        rating = np.ones((n, case.from_bus.size))
        transformers = network.lines.id.size + np.arange(network.transformers.id.size)
        hurt = np.zeros((n, transformers.size), dtype=np.bool_)
        for end in (network.transformers.from_bus, network.transformers.to_bus):
            site = network.buses.substation[end]
            hurt |= is_impaired[:, np.maximum(site, 0)] & (site >= 0)
        rating[:, transformers] = np.where(hurt, IMPAIRED_RATING_PU, 1.0)
    unit_factor = None
    if (unit_state == DamageState.IMPAIRED).any():
        unit_factor = np.ones((n, case.unit_bus.size))
        impaired = unit_state == DamageState.IMPAIRED
        unit_factor[:, unit] = np.where(impaired, IMPAIRED_UNIT_PU, 1.0)
    branch_start, branch_index = _lists(
        state[:, lines] != DamageState.INTACT, assets.element[lines]
    )
    bus_start, bus_index = _lists(bus_lost, has_site.astype(np.int32))
    unit_start, unit_index = _lists(unit_state == DamageState.DESTROYED, unit)
    return Scenarios(
        n_scenarios=n,
        branch_start=branch_start,
        branch_index=branch_index,
        bus_start=bus_start,
        bus_index=bus_index,
        unit_start=unit_start,
        unit_index=unit_index,
        load_factor=_load_factor(locally_off(state, assets, region), region, case),
        rating_factor=rating,
        unit_factor=unit_factor,
    )


def locally_off(state: NDArray[np.uint8], assets: Assets, region: Region) -> BoolArray:
    """Feeders that local damage alone leaves without power, shape (n_scenarios, n_feeders)."""
    supply = local_supply(region)
    sites = asset_rows(assets, AssetKind.SUBSTATION)
    feeders = asset_rows(assets, AssetKind.FEEDER)
    off = np.empty((state.shape[0], feeders.size), dtype=np.bool_)
    for first in range(0, state.shape[0], _CHUNK):
        part = state[first : first + _CHUNK]
        # One column more, always intact: index -1 is a feeder without a substation.
        site_state = np.zeros((part.shape[0], sites.size + 1), dtype=np.uint8)
        site_state[:, :-1] = part[:, sites]
        at_site = np.take(site_state, supply.substation, axis=1)
        here = np.take(part, feeders, axis=1) != DamageState.INTACT
        here |= at_site == DamageState.DESTROYED
        here |= (at_site == DamageState.IMPAIRED) & supply.is_off_when_impaired
        off[first : first + _CHUNK] = here
    return off


def _load_factor(off: BoolArray, region: Region, case: FlowCase) -> FloatArray:
    """What is left of each bus's demand once its feeders are off, shape (n_scenarios, n_bus)."""
    bus = local_supply(region).bus
    order = np.argsort(bus, kind="stable")
    buses, start = np.unique(bus[order], return_index=True)
    factor = np.ones((off.shape[0], case.n_bus))
    if buses.size == 0:
        return factor
    demand = region.feeders.demand_mw[order]
    total = case.load_mw[buses]
    for first in range(0, off.shape[0], _CHUNK):
        part = slice(first, first + _CHUNK)
        lost = np.add.reduceat(off[part][:, order] * demand, start, axis=1)
        share = np.divide(lost, total, out=np.zeros_like(lost), where=total > 0)
        factor[part, buses] = np.clip(1.0 - share, 0.0, 1.0)
    return factor


def _lists(is_lost: BoolArray, element: IntArray) -> tuple[IntArray, IntArray]:
    """Index lists by scenario: (start, index)."""
    start = np.zeros(is_lost.shape[0] + 1, dtype=np.int32)
    start[1:] = is_lost.sum(axis=1).cumsum()
    return start, element[np.nonzero(is_lost)[1]].astype(np.int32)
