"""What a damaged network can deliver at most: a DC optimal power flow with sheddable load.

Inside each island, for branches l from i to j and buses b, per unit on the case's base:

    minimise    sum over blocks k of weight_k * (demand_k - served_k)
    subject to  sum of units + infeed at b - served at b = sum of flows out of b - flows into b
                flow_l = susceptance_l * (angle_i - angle_j - shift_l)
                |flow_l| <= limit_l,  0 <= unit_g <= maximum_g,  0 <= served_k <= demand_k

Units may go down to zero (a unit that cannot run that low trips) and fixed infeed may be curtailed,
so the program always has a solution; exports over ties are cut before load is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.plans.damaged_grid import DamagedGrid
from lightkeeper.plans.delivery_program import DeliveryProgram
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Sheddable load, (n_blocks,): `demand_mw` at row `bus`, each MW shed costs `weight`."""

    bus: IntArray
    demand_mw: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A point of the program. `flow_mw` has shape (n_branch,) of the case, 0 where lost.

    `marginal` is what another MW served of each block would add to the objective: less than zero
    where demand ends before supply does, more where lines or other blocks would pay for it.
    """

    served_mw: FloatArray  # (n_blocks,)
    marginal: FloatArray  # (n_blocks,)
    source_mw: FloatArray  # (n_source,)
    flow_mw: FloatArray
    objective: float


def load_blocks(grid: DamagedGrid, weight: FloatArray | None = None) -> Blocks:
    """One block per bus with demand, each MW weighing `weight` (n_bus,), 1 if not given."""
    bus = np.flatnonzero(grid.load_mw > 0).astype(np.int32)
    return Blocks(
        bus=bus,
        demand_mw=grid.load_mw[bus],
        weight=np.ones(len(bus)) if weight is None else weight[bus],
    )


class LeastShed:
    """Least weighted shed of a damaged grid, solved again after the blocks' bounds change.

    `fixed_load_mw` (n_bus,) is served in any case; `limited` are live branches known to bind.
    """

    def __init__(
        self,
        grid: DamagedGrid,
        blocks: Blocks,
        *,
        fixed_load_mw: FloatArray | None = None,
        limited: IntArray | None = None,
    ) -> None:
        self._blocks = blocks
        live = grid.island >= 0
        # One column for all sources of a bus, and none for what is dead.
        self._source = np.flatnonzero(live[grid.source_bus] & (grid.source_max_mw > 0))
        self._block = np.flatnonzero(live[blocks.bus] & (blocks.demand_mw > 0))
        self._source_max_mw = grid.source_max_mw
        source_bus, self._at = np.unique(grid.source_bus[self._source], return_inverse=True)
        self._n_at = len(source_bus)
        self._program = DeliveryProgram(
            grid,
            bus=np.concatenate([source_bus, blocks.bus[self._block]]).astype(np.int32),
            sign=np.repeat([1.0, -1.0], [self._n_at, len(self._block)]),
            upper_mw=np.concatenate([self._most_mw(), blocks.demand_mw[self._block]]),
            cost=np.concatenate([np.zeros(self._n_at), -blocks.weight[self._block]]),
            fixed_mw=None if fixed_load_mw is None else -fixed_load_mw,
            limited=limited,
        )

    def _most_mw(self) -> FloatArray:
        """Most that the sources of each bus can give together."""
        most = np.bincount(self._at, self._source_max_mw[self._source], self._n_at)
        return most.astype(np.float64)

    @property
    def limited(self) -> IntArray:
        """Live branches whose limits have come to bind."""
        return self._program.limited

    def bound(self, lower_mw: FloatArray, upper_mw: FloatArray) -> None:
        """Serve each block between these bounds (n_blocks,)."""
        upper = upper_mw[self._block]
        self._program.bound(self._n_at, np.minimum(lower_mw[self._block], upper), upper)

    def trip(self, is_lost: BoolArray) -> None:
        """Take sources (n_source,) out; no island may lose its last one by it."""
        self._source_max_mw = np.where(is_lost, 0.0, self._source_max_mw)
        self._program.bound(0, np.zeros(self._n_at), self._most_mw())

    def solve(self) -> Delivery:
        """Serve as much weight as possible; `objective` counts the shed of live islands only."""
        found = self._program.solve()
        served, marginal = np.zeros((2, len(self._blocks.bus)))
        served[self._block] = found.x_mw[self._n_at :]
        marginal[self._block] = found.marginal[self._n_at :]
        most = self._most_mw()
        share = np.divide(found.x_mw[: self._n_at], most, out=np.zeros(self._n_at), where=most > 0)
        source = np.zeros(len(self._source_max_mw))
        source[self._source] = share[self._at] * self._source_max_mw[self._source]
        at_most = self._blocks.weight[self._block] @ self._blocks.demand_mw[self._block]
        return Delivery(
            served_mw=served,
            marginal=marginal,
            source_mw=source,
            flow_mw=found.flow_mw,
            objective=float(at_most + found.objective),
        )


# Cost per MW of the nearest dispatch: a move is 1, running below the technical minimum is worse
# than moving any other unit, and shedding (only ever numerical dust here) is worse than both.
_BELOW_MINIMUM = 5.0
_SHED = 1000.0


class NearestDispatch:
    """Serve a deliverable load with the dispatch nearest to the one before the damage.

    Fewest MW moved is what a dispatcher can order in minutes. The program is kept in the solver and
    solved again for another load or with further sources tripped.
    """

    def __init__(self, grid: DamagedGrid, limited: IntArray | None = None) -> None:
        live = grid.island >= 0
        self._source = np.flatnonzero(live[grid.source_bus] & (grid.source_max_mw > 0))
        self._load_bus = np.flatnonzero(live & (grid.load_mw > 0)).astype(np.int32)
        self._n_bus, self._n_all = grid.n_bus, len(grid.source_bus)
        most = grid.source_max_mw[self._source]
        p_mw = np.minimum(grid.source_p_mw[self._source], most)
        minimum = np.minimum(grid.source_min_mw[self._source], p_mw)
        n_source, n_load = len(p_mw), len(self._load_bus)
        self._p_mw = p_mw
        self._lower = np.zeros(3 * n_source)
        self._upper = np.concatenate([most - p_mw, p_mw - minimum, minimum])
        source = grid.source_bus[self._source]
        self._program = DeliveryProgram(
            grid,
            bus=np.concatenate([source, source, source, self._load_bus]),
            sign=np.repeat([1.0, -1.0], [n_source, 2 * n_source + n_load]),
            upper_mw=np.concatenate([self._upper, np.zeros(n_load)]),
            cost=np.repeat(
                [1.0, 1.0, _BELOW_MINIMUM, -_SHED], [n_source, n_source, n_source, n_load]
            ),
            fixed_mw=np.bincount(source, p_mw, grid.n_bus).astype(np.float64),
            limited=limited,
        )

    def solve(self, served_by_bus_mw: FloatArray, is_tripped: BoolArray | None = None) -> Delivery:
        """Serve this load (n_bus,); sources in `is_tripped` (n_source,) give nothing.

        `served_mw` has shape (n_bus,) and falls short of what was asked only where that cannot be
        delivered; `objective` is the cost.
        """
        tripped = (
            np.zeros(len(self._source), bool) if is_tripped is None else is_tripped[self._source]
        )
        asked = served_by_bus_mw[self._load_bus]
        out = np.concatenate([np.zeros_like(tripped), tripped, tripped])
        self._program.bound(
            0,
            np.concatenate([np.where(out, self._upper, self._lower), np.zeros(len(asked))]),
            np.concatenate([np.where(np.tile(tripped, 3) & ~out, 0.0, self._upper), asked]),
        )
        found = self._program.solve()
        n_source = len(self._source)
        up, down, below, served_mw = np.split(found.x_mw, [n_source, 2 * n_source, 3 * n_source])
        source, served = np.zeros(self._n_all), np.zeros(self._n_bus)
        source[self._source] = self._p_mw + up - down - below
        served[self._load_bus] = served_mw
        return Delivery(
            served_mw=served,
            marginal=np.zeros(self._n_bus),
            source_mw=source,
            flow_mw=found.flow_mw,
            objective=found.objective + _SHED * float(asked.sum()),
        )
