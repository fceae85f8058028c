"""What the grid supplies over time, and what it loses when a plant stops after the cascade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lightkeeper.consequences.feeders import COVERED_MW
from lightkeeper.damage.assets import asset_rows, local_supply
from lightkeeper.damage.model import AssetKind, Assets, DamageEnsemble, DamageState
from lightkeeper.errors import InputError
from lightkeeper.flow.model import CascadeResult
from lightkeeper.region.model import HeatSourceKind, Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

IMPAIRED_HEAT_PU = 0.5
"""What an impaired heat source still gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantBalance:
    """The CHP plants in the balance of their islands, one row for each scenario.

    `source` are rows of `Region.heat_sources`, shape (n_plants,). `power_mw` is what a plant gives,
    `room_mw` what it could give more, `island` the island it is in, `island_room_mw` what all
    running units and ties there could give more, the plant's own room included. Shape of these
    (n_scenarios, n_plants). `bus_island` (n_scenarios, n_bus) is the island of every bus, `turn`
    (n_scenarios,) the feeder with which shedding begins.
    """

    source: IntArray
    power_mw: FloatArray
    room_mw: FloatArray
    island: IntArray
    island_room_mw: FloatArray
    bus_island: IntArray
    turn: IntArray

    def of(self, scenarios: slice | IntArray) -> PlantBalance:
        """Return the balance of some scenarios."""
        return PlantBalance(
            source=self.source,
            power_mw=self.power_mw[scenarios],
            room_mw=self.room_mw[scenarios],
            island=self.island[scenarios],
            island_room_mw=self.island_room_mw[scenarios],
            bus_island=self.bus_island[scenarios],
            turn=self.turn[scenarios],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPiece:
    """Supply from an hour on until the next piece begins.

    `feeder_off` has shape (n_scenarios, n_feeders); `unserved_mw` (n_scenarios,) is the demand of
    those feeders where it is None. `source_share` (n_scenarios, n_sources) is what a heat source
    can give: 0 is down, 1 is in order. Without `plants` a CHP that stops later takes no light with
    it. `people_switched_off` (n_scenarios,) are those off by a plan's switching alone.
    """

    from_h: float
    feeder_off: BoolArray
    source_share: FloatArray
    unserved_mw: FloatArray | None = None
    plants: PlantBalance | None = None
    people_switched_off: FloatArray | None = None

    def of(self, scenarios: slice) -> SupplyPiece:
        """Return the piece of some scenarios."""
        unserved, switched = self.unserved_mw, self.people_switched_off
        return SupplyPiece(
            from_h=self.from_h,
            feeder_off=self.feeder_off[scenarios],
            source_share=self.source_share[scenarios],
            unserved_mw=None if unserved is None else unserved[scenarios],
            plants=None if self.plants is None else self.plants.of(scenarios),
            people_switched_off=None if switched is None else switched[scenarios],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Pieces in order of time, the first at 0."""

    pieces: tuple[SupplyPiece, ...]

    @property
    def n_scenarios(self) -> int:
        """How many scenarios there are."""
        return int(self.pieces[0].feeder_off.shape[0])

    def of(self, scenarios: slice) -> Supply:
        """Return the supply of some scenarios."""
        return Supply(pieces=tuple(piece.of(scenarios) for piece in self.pieces))


SupplyMaker = Callable[[slice], Supply]
"""Makes the supply of some scenarios: all pieces of a large ensemble at once would fill memory."""


def make_supply(pieces: Sequence[SupplyPiece]) -> Supply:
    """Put pieces together.

    Raises
    ------
    InputError
        The pieces do not begin at 0, are not in order, or differ in scenarios.
    """
    hours = [piece.from_h for piece in pieces]
    if not hours or hours[0] != 0 or any(b <= a for a, b in pairwise(hours)):
        raise InputError("pieces of supply begin at hour 0 and each later than the one before")
    sizes = {array.shape[0] for p in pieces for array in (p.feeder_off, p.source_share)}
    if len(sizes) != 1:
        raise InputError("all pieces of supply are of the same scenarios")
    return Supply(pieces=tuple(pieces))


def supply_after(
    region: Region,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    feeder_off: BoolArray,
    *,
    unserved_mw: FloatArray | None = None,
    seed: int = 0,
) -> Supply:
    """Return the supply that the cascade leaves, with nothing repaired.

    A heat source gives nothing when destroyed and half when impaired; a CHP also gives nothing when
    its plant gives none of the power it was to give, or stands in a dead island.
    """
    plants, is_dead = balance_plants(region, result, seed=seed)
    share = source_share(ensemble.state, ensemble.estimate.assets)
    share[:, plants.source] *= ~is_dead
    piece = SupplyPiece(
        from_h=0.0,
        feeder_off=feeder_off,
        source_share=share,
        unserved_mw=unserved_mw,
        plants=plants,
    )
    return make_supply([piece])


def source_share(state: NDArray[np.uint8], assets: Assets) -> FloatArray:
    """Return what damage leaves of every heat source, shape (n_scenarios, n_sources)."""
    rows = asset_rows(assets, AssetKind.HEAT_SOURCE)
    by_state = np.zeros(len(DamageState))
    by_state[DamageState.INTACT], by_state[DamageState.IMPAIRED] = 1.0, IMPAIRED_HEAT_PU
    found: FloatArray = by_state[state[:, rows]]
    return found.reshape(state.shape[0], rows.size)


def balance_plants(
    region: Region, result: CascadeResult, *, seed: int
) -> tuple[PlantBalance, BoolArray]:
    """Return the CHP plants in their islands, and which are dead, (n_scenarios, n_plants)."""
    network = region.network
    generators, ties = network.generators, network.ties
    names = np.where(generators.plant != "", generators.plant, generators.id)
    source = [
        row
        for row, s in enumerate(region.heat_sources)
        if s.kind is HeatSourceKind.CHP and s.plant in names
    ]
    units = [np.flatnonzero(names == region.heat_sources[row].plant) for row in source]
    n = result.unit_mw.shape[0]
    bus = np.array([generators.bus[u[0]] for u in units], dtype=np.int32)
    island = result.island[:, bus]
    unit_bus = np.concatenate([generators.bus, ties.bus])
    unit_max = np.concatenate([generators.p_max_mw, ties.import_limit_mw])
    unit_on = np.concatenate([generators.in_service, ties.in_service])
    is_tie = np.arange(unit_bus.size) >= generators.bus.size
    running = (result.unit_mw > 0) | (is_tie & unit_on)
    room = np.where(running, np.maximum(unit_max - result.unit_mw, 0.0), 0.0)
    n_labels = int(result.island.max(initial=-1)) + 2
    label = result.island[:, unit_bus] + 1 + n_labels * np.arange(n)[:, None]
    total = np.zeros(n * n_labels)
    np.add.at(total, label.ravel(), room.ravel())
    power = np.column_stack([result.unit_mw[:, u].sum(axis=1) for u in units] or [np.empty((n, 0))])
    own_room = np.column_stack([room[:, u].sum(axis=1) for u in units] or [np.empty((n, 0))])
    planned = np.where(generators.in_service, generators.p_mw, 0.0)
    scheduled = np.array([planned[u].sum() for u in units])
    is_dead = (island < 0) | ((scheduled > 0) & (power <= 0))
    turn = np.asarray(np.random.default_rng([seed, 3]).integers(0, 1 << 30, size=n), dtype=np.int32)
    return (
        PlantBalance(
            source=np.array(source, dtype=np.int32),
            power_mw=power,
            room_mw=own_room,
            island=island.astype(np.int32),
            island_room_mw=total.reshape(n, n_labels)[np.arange(n)[:, None], island + 1],
            bus_island=result.island,
            turn=turn,
        ),
        is_dead,
    )


@dataclass(frozen=True, slots=True)
class ShedOrder:
    """Feeders in the order in which they go when an island is short: services last."""

    order: IntArray
    n_first: int
    bus: IntArray
    demand_mw: FloatArray


def shed_order(region: Region) -> ShedOrder:
    """Return the order of a region: by queue, then row, feeders with services after all others."""
    feeders = region.feeders
    order = np.lexsort((np.arange(feeders.id.size), feeders.queue, feeders.is_critical))
    return ShedOrder(
        order=order.astype(np.int32),
        n_first=int((~feeders.is_critical).sum()),
        bus=local_supply(region).bus.astype(np.int32),
        demand_mw=feeders.demand_mw,
    )


def shed_for_plants(
    shed: ShedOrder,
    plants: PlantBalance,
    fails_h: FloatArray,
    feeder_off: BoolArray,
    until_h: float,
    wanted: IntArray,
) -> FloatArray:
    """Return when the feeders `wanted` go because plants stopped: infinite where they do not.

    When plants stop, their island is short of what they gave and could give beyond the room of its
    other units and ties. Whole feeders that are on go, in an order that begins elsewhere for each
    scenario, until they cover it; so the same feeders go, earlier or in greater number, when more
    plants stop or stop earlier.

    Parameters
    ----------
    fails_h
        By plant, shape (n_plants, n_scenarios).
    feeder_off
        Off from the start of the piece, shape (n_scenarios, n_feeders).

    Returns
    -------
    Shape (n_scenarios, n_wanted).
    """
    off_h = np.full((feeder_off.shape[0], wanted.size), np.inf)
    if (fails_h < until_h).any():
        column = np.full(feeder_off.shape[1], -1, dtype=np.int32)
        column[wanted] = np.arange(wanted.size)
        _shed_for_plants(
            off_h,
            np.ascontiguousarray(fails_h.T),
            plants.power_mw,
            plants.room_mw,
            plants.island,
            plants.island_room_mw,
            plants.bus_island,
            plants.turn,
            feeder_off,
            column,
            shed.order,
            shed.n_first,
            shed.bus,
            shed.demand_mw,
            until_h,
            COVERED_MW,
        )
    return off_h


@njit(cache=True, nogil=True)
def _shed_for_plants(
    off_h: FloatArray,
    fails_h: FloatArray,
    power_mw: FloatArray,
    room_mw: FloatArray,
    island: IntArray,
    island_room_mw: FloatArray,
    bus_island: IntArray,
    turn: IntArray,
    feeder_off: BoolArray,
    column: IntArray,
    order: IntArray,
    n_first: int,
    bus: IntArray,
    demand_mw: FloatArray,
    until_h: float,
    covered_mw: float,
) -> None:
    n_plants = fails_h.shape[1]
    n_feeders = order.size
    for s in range(fails_h.shape[0]):
        for first in range(n_plants):
            label = island[s, first]
            if fails_h[s, first] >= until_h or power_mw[s, first] <= 0 or label < 0:
                continue
            is_first = True
            for p in range(first):
                if island[s, p] == label and fails_h[s, p] < until_h and power_mw[s, p] > 0:
                    is_first = False
            if not is_first:
                continue
            now, shed, k = -1.0, 0.0, 0
            while True:
                then = np.inf
                for p in range(n_plants):
                    if island[s, p] == label and power_mw[s, p] > 0 and now < fails_h[s, p] < then:
                        then = fails_h[s, p]
                if then >= until_h:
                    break
                now = then
                lost = 0.0
                for p in range(n_plants):
                    if island[s, p] == label and power_mw[s, p] > 0 and fails_h[s, p] <= now:
                        lost += power_mw[s, p] + room_mw[s, p]
                while lost - island_room_mw[s, first] > shed + covered_mw and k < n_feeders:
                    at = (k + turn[s]) % n_first if k < n_first else k
                    f = order[at]
                    k += 1
                    if feeder_off[s, f] or bus_island[s, bus[f]] != label:
                        continue
                    if column[f] >= 0:
                        off_h[s, column[f]] = now
                    shed += demand_mw[f]
