"""What the grid supplies hour by hour while a plan is carried out, in every scenario.

Repairs count from the next full hour. Until lines are switched back the cascade's end holds; from
then on the flow engine says what a grid gives whose units are free to move and on which nothing
trips (`repair_worth`). What an island then lacks is shed by whole feeders, those first that the
plan switches off at that hour anyway. Nothing is optimised here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from lightkeeper.consequences.feeders import COVERED_MW
from lightkeeper.consequences.supply import (
    PlantBalance,
    Supply,
    SupplyPiece,
    balance_plants,
    make_supply,
    shed_order,
    source_share,
)
from lightkeeper.damage.apply import locally_off, scenarios_of_states
from lightkeeper.damage.assets import local_supply
from lightkeeper.damage.model import DamageState
from lightkeeper.flow import CascadeResult, run_cascade
from lightkeeper.plans.repair_crews import CrewWork
from lightkeeper.plans.repair_sites import Sites
from lightkeeper.plans.repair_worth import State, Worth, redispatched
from lightkeeper.units import BoolArray, FloatArray, IntArray

ROTATES_H = 4
"""Who is shed beyond the schedule changes after so many hours."""

_BATCH = 1024
"""States asked of the flow engine at once."""

_PRIME = 7919
"""So far the first feeder to be shed moves on each time."""


class RestoredSupply:
    """Makes the supply of a few scenarios at a time (a `SupplyMaker`).

    Two figures are filled on the way, the plan's own switching apart: `people_off` (n_scenarios,
    n_hours), people whom damage leaves without power at each of `hours`, and `person_hours`
    (n_scenarios,) until the last of them.
    """

    def __init__(
        self,
        worth: Worth,
        state: State,
        result: CascadeResult,
        feeder_off: BoolArray,
        work: CrewWork,
        switched_off: BoolArray,
        *,
        hours: Sequence[int],
        seed: int,
    ) -> None:
        """Take what is the same for every scenario.

        Parameters
        ----------
        state, result, feeder_off
            The damage (n_scenarios, n_assets), the cascade's end, and who is off then.
        switched_off
            Feeders that the plan itself switches off, by the hour: (horizon, n_feeders).
        hours
            For which `people_off` is told.
        """
        self._worth, self._state, self._work = worth, state, work
        self._result, self._feeder_off = result, feeder_off
        self._switched_off, self._hours, self._seed = switched_off, tuple(hours), seed
        region = worth.region
        self._sites = Sites(region, worth.assets)
        self._feeders = region.feeders
        self._bus = local_supply(region).bus
        self._shed = shed_order(region)
        self._people = region.feeders.population.astype(np.float64)
        self._plants, self._is_dead = balance_plants(region, result, seed=seed)
        # Lines come back with the feeders that were only switched off.
        self._first_h = max(int(np.ceil(work.switched_h - 1e-9)), 1)
        self.people_off = np.zeros((state.shape[0], len(self._hours)))
        self.person_hours = np.zeros(state.shape[0])

    def __call__(self, part: slice) -> Supply:
        """Return the supply of the scenarios of a slice, with a piece for every hour of change."""
        from_h, scenario, states = self._changes(part)
        damaged, plants, share, need = self._flow(states, scenario + part.start)
        nobody = np.zeros(self._bus.size, dtype=np.bool_)
        off, _ = self._cover(damaged, need, plants, nobody, 0)
        people_off = _count(off, self._people)
        at_first = _count(self._feeder_off[part], self._people)
        for column, hour in enumerate(self._hours):
            row = _rows_at(scenario, from_h, hour)
            now = at_first if row is None else people_off[row]
            self.people_off[part, column] = now
        # A state lasts until the next of its scenario.
        end_h = np.full(from_h.size, self._hours[-1])
        is_last = np.append(scenario[1:] != scenario[:-1], True)
        end_h[~is_last] = from_h[1:][~is_last[:-1]]
        lasts_h = np.maximum(np.minimum(end_h, self._hours[-1]) - from_h, 0)
        self.person_hours[part] = at_first * min(self._first_h, self._hours[-1])
        self.person_hours[part] += np.bincount(scenario, weights=people_off * lasts_h)
        base = self._plants.of(part)
        base_share = source_share(self._state[part], self._worth.assets)
        base_share[:, base.source] *= ~self._is_dead[part]
        pieces: list[SupplyPiece] = []
        before: tuple[bytes, bytes] | None = None
        for hour, switched in enumerate(self._switched_off):
            row = _rows_at(scenario, from_h, hour)
            turn = hour // ROTATES_H if switched.any() else 0
            same = (b"" if row is None else row.tobytes(), switched.tobytes() + bytes([turn]))
            if same == before:
                continue
            before = same
            if row is None:
                feeder_off = self._feeder_off[part] | switched
                by_plan = switched & ~self._feeder_off[part]
                piece_share, piece_plants = base_share, base
            else:
                piece_plants, piece_share = plants.of(row), share[row]
                feeder_off, by_plan = self._cover(
                    damaged[row], need[row], piece_plants, switched, turn
                )
            pieces.append(
                SupplyPiece(
                    from_h=float(hour),
                    feeder_off=feeder_off,
                    source_share=piece_share,
                    plants=piece_plants,
                    people_switched_off=_count(by_plan, self._people),
                )
            )
        return make_supply(pieces)

    def _changes(self, part: slice) -> tuple[IntArray, IntArray, State]:
        """Return the states that scenarios pass through: from which hour, whose, and which."""
        from_h, scenario, states = [], [], []
        for s in range(part.start, part.stop):
            state = self._state[s].copy()
            state[self._sites.switched_off(state)] = DamageState.INTACT
            asset, end_h = self._work.of(s)
            hour = np.maximum(np.ceil(end_h - 1e-9), self._first_h).astype(np.int32)
            for at in np.union1d([self._first_h], hour).tolist():
                for row in asset[hour == at].tolist():
                    state[self._sites.clears(row)] = DamageState.INTACT
                from_h.append(at)
                scenario.append(s - part.start)
                states.append(state.copy())
        return np.array(from_h, np.int32), np.array(scenario, np.int32), np.stack(states)

    def _flow(
        self, states: State, scenario: IntArray
    ) -> tuple[BoolArray, PlantBalance, FloatArray, FloatArray]:
        """Return who is off by damage, plants, heat sources, and what islands lack, by state."""
        # A batch at a time: arrays by bus of all states would fill memory, and the cache.
        cuts = range(0, len(states), _BATCH)
        off, plants, share, need = zip(
            *(self._flow_batch(states[a : a + _BATCH]) for a in cuts), strict=True
        )
        width = max(n.shape[1] for n in need)
        return (
            np.concatenate(off),
            PlantBalance(
                source=plants[0].source,
                power_mw=np.concatenate([p.power_mw for p in plants]),
                room_mw=np.concatenate([p.room_mw for p in plants]),
                island=np.concatenate([p.island for p in plants]),
                island_room_mw=np.concatenate([p.island_room_mw for p in plants]),
                bus_island=np.concatenate([p.bus_island for p in plants]),
                turn=self._plants.turn[scenario],
            ),
            np.concatenate(share),
            np.concatenate([np.pad(n, ((0, 0), (0, width - n.shape[1]))) for n in need]),
        )

    def _flow_batch(self, states: State) -> tuple[BoolArray, PlantBalance, FloatArray, FloatArray]:
        worth = self._worth
        region, assets = worth.region, worth.assets
        result = run_cascade(
            worth.prepared,
            scenarios_of_states(states, assets, region, worth.case),
            redispatched(worth.options.n_threads),
        )
        plants, is_dead = balance_plants(region, result, seed=self._seed)
        share = source_share(states, assets)
        share[:, plants.source] *= ~is_dead
        off = locally_off(states, assets, region)
        need = np.zeros((states.shape[0], int(result.island.max(initial=-1)) + 2))
        _find_need(
            off,
            need,
            result.demand_mw,
            result.served_mw,
            result.island,
            self._bus,
            self._feeders.demand_mw,
        )
        return off, plants, share, need

    def _cover(
        self,
        damaged: BoolArray,
        need_mw: FloatArray,
        plants: PlantBalance,
        switched: BoolArray,
        turn: int,
    ) -> tuple[BoolArray, BoolArray]:
        """Return who is off, and who of them by the plan's switching alone."""
        off = damaged | switched
        by_plan = switched & ~damaged
        _shed_rest(
            off,
            by_plan,
            need_mw.copy(),
            plants.bus_island,
            self._bus,
            self._shed.order,
            self._shed.n_first,
            self._feeders.demand_mw,
            plants.turn + _PRIME * turn,
        )
        return off, by_plan


def _rows_at(scenario: IntArray, from_h: IntArray, hour: int) -> IntArray | None:
    """Return the row of every scenario that holds at an hour; None while none does yet.

    Rows of one scenario lie together, in order of time; the first of all begin together.
    """
    n = int(scenario[-1]) + 1
    count = np.bincount(scenario[from_h <= hour], minlength=n)
    start = np.searchsorted(scenario, np.arange(n))
    return (start + count - 1).astype(np.int32) if count[0] else None


@njit(cache=True, nogil=True)
def _count(off: BoolArray, people: FloatArray) -> FloatArray:
    """Count people by scenario; a product of matrices would first make numbers of all flags."""
    found = np.zeros(off.shape[0])
    for s in range(off.shape[0]):
        for f in range(people.size):
            if off[s, f]:
                found[s] += people[f]
    return found


@njit(cache=True, nogil=True)
def _find_need(
    off: BoolArray,
    need_mw: FloatArray,
    demand_mw: FloatArray,
    served_mw: FloatArray,
    island: IntArray,
    bus: IntArray,
    feeder_mw: FloatArray,
) -> None:
    """Add feeders of dead buses to `off`; set what the feeders of every island lack."""
    on_feeders = np.zeros(demand_mw.shape[1])
    for s in range(off.shape[0]):
        on_feeders[:] = 0.0
        for f in range(bus.size):
            b = bus[f]
            is_dead = demand_mw[s, b] > 0 and served_mw[s, b] <= 1e-9 * demand_mw[s, b]
            if island[s, b] < 0 or is_dead:
                off[s, f] = True
            elif not off[s, f]:
                on_feeders[b] += feeder_mw[f]
        for b in range(on_feeders.size):
            lacks = demand_mw[s, b] - served_mw[s, b]
            if on_feeders[b] > 0 and lacks > 1e-9 * demand_mw[s, b]:
                # Load without feeders bears its own share of what is unserved.
                need_mw[s, island[s, b]] += lacks * min(on_feeders[b] / demand_mw[s, b], 1.0)


@njit(cache=True, nogil=True)
def _shed_rest(
    off: BoolArray,
    by_plan: BoolArray,
    need_mw: FloatArray,
    island: IntArray,
    bus: IntArray,
    order: IntArray,
    n_first: int,
    feeder_mw: FloatArray,
    turn: IntArray,
) -> None:
    """Shed whole feeders until every island's need is covered, in place; services last."""
    for s in range(off.shape[0]):
        if need_mw[s].max() <= COVERED_MW:
            continue
        for f in range(bus.size):
            if by_plan[s, f]:
                need_mw[s, island[s, bus[f]]] -= feeder_mw[f]
        for k in range(order.size):
            f = order[(k + turn[s]) % n_first if k < n_first else k]
            label = island[s, bus[f]]
            if label >= 0 and not off[s, f] and need_mw[s, label] > COVERED_MW:
                off[s, f] = True
                need_mw[s, label] -= feeder_mw[f]
