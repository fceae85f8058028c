"""Whole feeders for a linear shed: cover it, mend what does not hold, put back, exchange, search.

Feeders are on or off, so the linear optimum cannot be switched as it is. A list of feeders is
feasible when the program of `delivery` serves all that is left on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lightkeeper.plans.damaged_grid import DamagedGrid
from lightkeeper.plans.delivery import Blocks, Delivery, LeastShed
from lightkeeper.plans.feeder_search import FeederLoad, FoundList, SearchOptions, search_list
from lightkeeper.plans.linear_program import ProgramUnsolved
from lightkeeper.units import BoolArray, FloatArray, IntArray

TOLERANCE_MW = 1e-5
"""What counts as no load."""

# Subsets of up to this many feeders are all tried (2**14 sums); beyond it the choice is greedy.
_ENUMERATE = 14
_MAX_PUT_BACK = 8
# Blocks free beside those shed at the linear optimum.
_CHEAPEST = 100
# Loaded by more than this at the linear optimum, a line's limit is looked at from the start.
_BINDS_PU = 0.95
# A list this near to the bound is not worth further exchanges.
_NEAR_PU = 0.002


class _Near:
    """The program of a damaged grid with some of its blocks free and all others served in full."""

    def __init__(
        self, grid: DamagedGrid, blocks: Blocks, free: IntArray, limited: IntArray
    ) -> None:
        is_far = np.ones(len(blocks.bus), bool)
        is_far[free] = False
        is_far &= grid.island[blocks.bus] >= 0
        self._free = free
        self._far_mw = np.where(is_far, blocks.demand_mw, 0.0)
        self._program = LeastShed(
            grid,
            Blocks(
                bus=blocks.bus[free], demand_mw=blocks.demand_mw[free], weight=blocks.weight[free]
            ),
            fixed_load_mw=np.bincount(blocks.bus, self._far_mw, grid.n_bus).astype(np.float64),
            limited=limited,
        )

    def serve(self, lower_mw: FloatArray, upper_mw: FloatArray) -> FloatArray:
        """Serve as much as can be between these bounds, all (n_blocks,)."""
        self._program.bound(lower_mw[self._free], upper_mw[self._free])
        served = self._far_mw.copy()
        served[self._free] = self._program.solve().served_mw
        return served


class FeederChoice:
    """The feeders of one damaged grid, and the program kept between the steps of the choice.

    Feeders of one bus and one weight are alike to the program and share a block. Load on no feeder
    has blocks of its own (`is_loose`), weighs 1 a MW and is shed in any amount.
    """

    def __init__(
        self,
        grid: DamagedGrid,
        bus: IntArray,
        asked_mw: FloatArray,
        weight: FloatArray,
        loose_mw: FloatArray,
        limited: IntArray | None = None,
    ) -> None:
        key = np.stack([bus.astype(np.float64), weight], axis=1)
        kinds, block = np.unique(key, axis=0, return_inverse=True)
        self._block: IntArray = block.ravel().astype(np.int32)
        loose_bus = np.flatnonzero(loose_mw > TOLERANCE_MW).astype(np.int32)
        n_kind = len(kinds)
        self.blocks = Blocks(
            bus=np.concatenate([kinds[:, 0].astype(np.int32), loose_bus]),
            demand_mw=np.concatenate(
                [np.bincount(self._block, asked_mw, n_kind), loose_mw[loose_bus]]
            ),
            weight=np.concatenate([kinds[:, 1], np.ones(len(loose_bus))]),
        )
        self.is_loose: BoolArray = np.arange(len(self.blocks.bus)) >= n_kind
        self._feeders = FeederLoad(
            bus=bus,
            demand_mw=asked_mw,
            weight=weight,
            # A feeder without load, or in a dead island, changes nothing.
            can_switch=(asked_mw > 0) & (grid.island[bus] >= 0),
        )
        self._grid = grid
        self._program = LeastShed(grid, self.blocks, limited=limited)
        self._near: _Near | None = None

    @property
    def limited(self) -> IntArray:
        """Live branches whose limits have come to bind."""
        return self._program.limited

    def trip(self, is_lost: BoolArray) -> None:
        """Take sources (n_source,) out; no island may lose its last one by it."""
        self._grid = replace(
            self._grid, source_max_mw=np.where(is_lost, 0.0, self._grid.source_max_mw)
        )
        self._program.trip(is_lost)

    def bound(self) -> Delivery:
        """The linear optimum."""
        self._program.bound(np.zeros(len(self.blocks.bus)), self.blocks.demand_mw)
        return self._program.solve()

    def by_bus(self, served_mw: FloatArray) -> FloatArray:
        """What is served at each bus, (n_bus,), by what is served of each block."""
        return np.bincount(self.blocks.bus, served_mw, self._grid.n_bus).astype(np.float64)

    def served_without(self, is_off: BoolArray) -> FloatArray:
        """What is served of each block with these feeders off, (n_blocks,)."""
        on = self._on(is_off)
        return self._serve(np.zeros(len(on)), on)

    def served_by_list(self, is_off: BoolArray) -> FloatArray:
        """The same for a list that holds: what is left on is served, load on no feeder as can be.

        The list holds to the solver's tolerance; that much room is left.
        """
        on = self._on(is_off)
        floor = np.where(self.is_loose, 0.0, np.maximum(on - TOLERANCE_MW, 0.0))
        return self._serve(floor, on)

    def _serve(
        self, lower_mw: FloatArray, upper_mw: FloatArray, *, may_fail: bool = False
    ) -> FloatArray:
        """Serve as much as can be between these bounds (n_blocks,)."""
        if self._near is not None:
            try:
                return self._near.serve(lower_mw, upper_mw)
            except ProgramUnsolved:
                if may_fail:
                    raise
                self._near = None  # other blocks must give way too
        self._program.bound(lower_mw, upper_mw)
        return self._program.solve().served_mw

    def first_list(self, bound: Delivery) -> BoolArray:
        """Feeders to switch off, (n_feeders,): the optimum covered, and what fits put back."""
        self._near = self._narrow(bound)
        nothing = np.zeros(len(self._block), bool)
        covered = self._cover(self.blocks.demand_mw - bound.served_mw, nothing)
        return self._put_back(self._mend(covered))

    def improve(
        self,
        first: BoolArray,
        bound: Delivery,
        max_exchanges: int,
        search: SearchOptions | None,
    ) -> FoundList:
        """The best feasible list met from a first one on, and what no list undercuts."""
        is_off = self._exchange(first, bound.objective, max_exchanges)
        if search is None:
            return FoundList(is_off=is_off, least=bound.objective)
        cost, least = self._cost(is_off), bound.objective
        target = bound.objective * (1.0 + search.above_pu) + TOLERANCE_MW
        for max_feeders in search.max_feeders:
            if cost <= max(target, least + TOLERANCE_MW):
                break
            found = search_list(
                self._grid,
                self._feeders,
                self._loose(),
                reduced_cost=bound.marginal[self._block],
                bound=bound.objective,
                is_off=is_off,
                cost=cost,
                limited=self.limited,
                target=target,
                max_feeders=max_feeders,
                max_nodes=search.max_nodes,
            )
            least = max(least, found.least)
            # What it switches may be far, and it keeps limits to a tolerance of its own.
            self._near = None
            better = self._mend(found.is_off)
            if self._cost(better) < cost:
                is_off, cost = better, self._cost(better)
        return FoundList(is_off=is_off, least=least)

    def _exchange(self, is_off: BoolArray, bound: float, max_exchanges: int) -> BoolArray:
        """Try to cut something else than the dearest feeders of a list."""
        cost = self._cost(is_off)
        tried = np.zeros(len(is_off), bool)
        price = self._feeders.weight * self._feeders.demand_mw
        for _ in range(max_exchanges):
            # Dearest first: a service cut, or a large feeder cut for a small shortage.
            open_feeders = np.flatnonzero(is_off & ~tried)
            if not len(open_feeders) or cost <= bound * (1 + _NEAR_PU) + TOLERANCE_MW:
                break
            feeder = int(open_feeders[np.argmax(price[open_feeders])])
            tried[feeder] = True
            other = self._without(is_off, feeder)
            if other is not None and self._cost(other) < cost - TOLERANCE_MW:
                is_off, cost = other, self._cost(other)
        return is_off

    def _narrow(self, bound: Delivery) -> _Near:
        """The program with only those blocks free that a good list may switch.

        They are those shed at the linear optimum and those that cost least to shed beside it.
        """
        dear = -bound.marginal * self.blocks.demand_mw
        is_shed = bound.served_mw < self.blocks.demand_mw - TOLERANCE_MW
        cheapest = np.argsort(np.where(is_shed, -1.0, dear), kind="stable")
        n_free = int(is_shed.sum()) + _CHEAPEST
        limited = self._program.limited
        load_pu = np.abs(bound.flow_mw[self._grid.branch]) / self._grid.limit_mw
        limited = limited[load_pu[limited] > _BINDS_PU]
        return _Near(self._grid, self.blocks, np.sort(cheapest[:n_free]), limited)

    def _cost(self, is_off: BoolArray) -> float:
        """Weight of what a feasible list sheds, load on no feeder included."""
        cost = self._feeders.weight[is_off] @ self._feeders.demand_mw[is_off]
        if self.is_loose.any():
            short = (self.blocks.demand_mw - self.served_by_list(is_off))[self.is_loose]
            live = self._grid.island[self.blocks.bus[self.is_loose]] >= 0
            cost += self.blocks.weight[self.is_loose][live] @ short[live]
        return float(cost)

    def _loose(self) -> Blocks:
        """Load on no feeder."""
        return Blocks(
            bus=self.blocks.bus[self.is_loose],
            demand_mw=self.blocks.demand_mw[self.is_loose],
            weight=self.blocks.weight[self.is_loose],
        )

    def _on(self, is_off: BoolArray) -> FloatArray:
        """Demand left on by block; loose load may always be served in full."""
        left = np.where(is_off, 0.0, self._feeders.demand_mw)
        on = np.bincount(self._block, left, len(self.blocks.bus))
        return np.where(self.is_loose, self.blocks.demand_mw, on)

    def _cover(self, shed_mw: FloatArray, is_off: BoolArray) -> BoolArray:
        """Cover the further shed of every block by whole feeders still on."""
        is_off = is_off.copy()
        for block in np.flatnonzero((shed_mw > TOLERANCE_MW) & ~self.is_loose):
            here = np.flatnonzero((self._block == block) & ~is_off & self._feeders.can_switch)
            is_off[here[cover(float(shed_mw[block]), self._feeders.demand_mw[here])]] = True
        return is_off

    def _mend(self, is_off: BoolArray) -> BoolArray:
        """Switch further feeders off until the program serves all that is left on.

        Cutting load can overload a line in a meshed grid (a counter-flow goes). It ends because
        every round switches something off, and with everything off the program is feasible.
        """
        while True:
            short = self._on(is_off) - self.served_without(is_off)
            more = self._cover(short, is_off)
            if (more == is_off).all():
                return is_off
            is_off = more

    def _put_back(self, is_off: BoolArray) -> BoolArray:
        """Switch feeders on again that fit into what whole feeders shed too much."""
        for _ in range(_MAX_PUT_BACK):
            on = self._on(is_off)
            # The list in hand is feasible to the solver's tolerance; leave it that much room.
            floor = np.where(self.is_loose, 0.0, np.maximum(on - TOLERANCE_MW, 0.0))
            room = self._serve(floor, self.blocks.demand_mw) - on
            back = is_off.copy()
            for block in np.flatnonzero((room > TOLERANCE_MW) & ~self.is_loose):
                here = np.flatnonzero((self._block == block) & back)
                each = self._feeders.demand_mw[here]
                back[here[~cover(float(each.sum() - room[block]), each)]] = False
            if (back == is_off).all():
                break
            mended = self._mend(back)
            if self._cost(mended) >= self._cost(is_off):
                break
            is_off = mended
        return is_off

    def _without(self, is_off: BoolArray, feeder: int) -> BoolArray | None:
        """A list that leaves this feeder on and covers the shortage elsewhere, if there is one."""
        other = is_off.copy()
        other[feeder] = False
        on = self._on(other)
        floor = np.zeros(len(on))
        block = self._block[feeder]
        floor[block] = on[block]
        try:
            short = on - self._serve(floor, on, may_fail=True)
        except ProgramUnsolved:  # the grid around cannot carry this feeder
            return None
        return self._put_back(self._mend(self._cover(short, other)))


def cover(amount_mw: float, each_mw: FloatArray) -> BoolArray:
    """Choose items that sum to at least `amount_mw` with the smallest overshoot found.

    >>> import numpy as np
    >>> cover(5.0, np.array([4.0, 3.0, 2.5])).tolist()
    [False, True, True]
    """
    chosen = np.zeros(len(each_mw), bool)
    if amount_mw <= TOLERANCE_MW:
        return chosen
    if len(each_mw) <= _ENUMERATE:
        member = (np.arange(1 << len(each_mw))[:, None] >> np.arange(len(each_mw))) & 1
        total = member @ each_mw
        enough = total >= amount_mw - TOLERANCE_MW
        if not enough.any():
            return ~chosen
        best = int(np.argmin(np.where(enough, total, np.inf)))
        return np.asarray(member[best], dtype=np.bool_)
    # Largest first while they fit whole, then the smallest single item that closes the rest.
    rest = amount_mw
    for item in np.argsort(-each_mw, kind="stable"):
        if each_mw[item] <= rest + TOLERANCE_MW:
            chosen[item] = True
            rest -= each_mw[item]
    if rest > TOLERANCE_MW:
        left = np.flatnonzero(~chosen)
        if len(left):
            chosen[left[np.argmin(each_mw[left])]] = True
    return chosen
