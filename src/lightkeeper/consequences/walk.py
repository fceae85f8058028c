"""Walk a chunk of scenarios through the pieces of supply: who is off when.

What services go through is solved anew for a scenario only where something changes for them: in an
hourly course of supply most scenarios stay as they are from one piece to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from lightkeeper.consequences.bit_sums import MaskArray
from lightkeeper.consequences.dependencies import (
    DependencyGraph,
    failure_times,
    lost_supply,
    restart,
    settle_with_grid,
    stock_after,
)
from lightkeeper.consequences.hours import Hours, gather, where
from lightkeeper.consequences.supply import Supply, SupplyPiece, shed_for_plants, shed_order
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Walked:
    """What a chunk of scenarios goes through: hours off as bits, exact hours where they are summed.

    `node_mask`, `node_off_h` (n_nodes, n_scenarios); `feeder_mask` (n_scenarios, n_feeders);
    `unserved_mw`, `people_switched_off` (n_scenarios, n_hours); `customer_hours`, `unserved_mwh`
    (n_scenarios,). `half_mask` (n_sources, n_scenarios): hours at which a source that is up gives
    only `half_share` of its heat.
    """

    node_mask: MaskArray
    node_off_h: FloatArray
    half_mask: MaskArray
    half_share: FloatArray
    feeder_mask: MaskArray
    customer_hours: FloatArray
    unserved_mw: FloatArray
    unserved_mwh: FloatArray
    people_switched_off: FloatArray


@dataclass(frozen=True, slots=True)
class _Course:
    """Where every scenario stands: what holds since `since_h`, hours counted from there.

    `time_h` (n_scenarios, n_nodes) is when nodes fail, `outside_h` (n_scenarios, n_outside) when
    feeders of the graph go, `stock_h` (n_scenarios, n_needs) what buffers hold, `is_on`
    (n_scenarios, n_dependent) which dependent feeders the grid supplies. In a scenario that is
    `is_busy` a plant stops sooner or later, so who is shed for it changes with every piece.
    """

    since_h: FloatArray
    time_h: FloatArray
    outside_h: FloatArray
    stock_h: FloatArray
    is_on: BoolArray
    is_busy: BoolArray


class Walker:
    """What is the same for every chunk of scenarios."""

    def __init__(self, region: Region, graph: DependencyGraph, hours: Hours) -> None:
        self.region, self.graph, self.hours = region, graph, hours
        self._shed = shed_order(region)
        first = graph.n_services + graph.n_sources
        feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
        self._dependent = np.arange(first, graph.n_nodes, dtype=np.int32)
        self._dependent_feeder = np.array(
            [feeder_row[graph.id[node]] for node in range(first, graph.n_nodes)], dtype=np.int32
        )

    def go(self, supply: Supply) -> Walked:
        """Follow supply and services of a chunk piece by piece."""
        graph, size = self.graph, supply.n_scenarios
        n_f, n_src = self.region.feeders.id.size, graph.n_sources
        found = Walked(
            node_mask=np.zeros((graph.n_nodes, size), dtype=np.uint64),
            node_off_h=np.zeros((graph.n_nodes, size)),
            half_mask=np.zeros((n_src, size), dtype=np.uint64),
            half_share=np.ones((n_src, size)),
            feeder_mask=np.zeros((size, n_f), dtype=np.uint64),
            customer_hours=np.zeros(size),
            unserved_mw=np.zeros((size, self.hours.n)),
            unserved_mwh=np.zeros(size),
            people_switched_off=np.zeros((size, self.hours.n)),
        )
        course = self._start(size)
        everyone = np.arange(size, dtype=np.int32)
        before: SupplyPiece | None = None
        for begin, end, piece in self._spans(supply):
            rows = everyone
            if before is not None:
                rows = everyone[self._differs(before, piece) | course.is_busy]
                self._close(found, course, rows, begin)
            if rows.size:
                self._open(found, course, piece, rows, begin, end, is_first=before is None)
            self._add_piece(found, piece, begin, end)
            before = piece
        self._close(found, course, everyone, float(self.hours.horizon_h))
        # A dependent feeder is off when its node is.
        found.feeder_mask[:, self._dependent_feeder] |= found.node_mask[self._dependent].T
        return found

    def first_times(self, supply: Supply) -> tuple[FloatArray, FloatArray]:
        """Return when nodes and outside feeders of the first scenario fail in the first piece."""
        _, end, piece = self._spans(supply)[0]
        only = piece.of(slice(0, 1))
        row = np.zeros(1, dtype=np.int32)
        course = self._start(1)
        self._solve(course, only, row, np.ones((self.graph.n_nodes, 1), dtype=np.bool_), end)
        return course.time_h[0], course.outside_h[0]

    def _start(self, size: int) -> _Course:
        graph = self.graph
        return _Course(
            since_h=np.zeros(size),
            time_h=np.full((size, graph.n_nodes), np.inf),
            outside_h=np.full((size, graph.outside.size), np.inf),
            stock_h=np.repeat(graph.buffer_h[None, :], size, axis=0),
            is_on=np.ones((size, self._dependent.size), dtype=np.bool_),
            is_busy=np.zeros(size, dtype=np.bool_),
        )

    def _spans(self, supply: Supply) -> list[tuple[float, float, SupplyPiece]]:
        starts = [piece.from_h for piece in supply.pieces]
        ends = [*starts[1:], float(self.hours.horizon_h)]
        return list(zip(starts, ends, supply.pieces, strict=True))

    def _differs(self, before: SupplyPiece, piece: SupplyPiece) -> BoolArray:
        """Return the scenarios in which services meet another supply than in the piece before."""
        outside = self.graph.outside
        found: BoolArray = (before.feeder_off[:, outside] != piece.feeder_off[:, outside]).any(
            axis=1
        )
        found |= (before.source_share != piece.source_share).any(axis=1)
        return found

    def _can_run(self, piece: SupplyPiece, rows: IntArray) -> BoolArray:
        """Return the nodes that no damage holds down, shape (n_nodes, n_rows)."""
        graph = self.graph
        can_run = np.ones((graph.n_nodes, rows.size), dtype=np.bool_)
        first = graph.n_services
        can_run[first : first + graph.n_sources] = piece.source_share[rows].T > 0
        return can_run

    def _open(
        self,
        found: Walked,
        course: _Course,
        piece: SupplyPiece,
        rows: IntArray,
        begin: float,
        end: float,
        *,
        is_first: bool,
    ) -> None:
        """Solve what holds from a piece on, for the scenarios `rows`."""
        graph = self.graph
        can_run = self._can_run(piece, rows)
        is_up = can_run
        if not is_first:
            outside = np.where(piece.feeder_off[rows][:, graph.outside].T, 0.0, np.inf)
            was_up = course.time_h[rows].T > 0
            ceiling = np.where(was_up & can_run, np.inf, 0.0)
            stock = np.ascontiguousarray(course.stock_h[rows].T)
            time, _ = failure_times(graph, ceiling, outside, stock)
            is_up, _ = restart(graph, time > 0, outside > 0, can_run)
        off_h = self._solve(course, piece, rows, is_up, end - begin)
        course.since_h[rows] = begin
        if off_h is not None:
            self._add_shed(found, rows, off_h, begin, end)

    def _solve(
        self,
        course: _Course,
        piece: SupplyPiece,
        rows: IntArray,
        is_up: BoolArray,
        length: float,
    ) -> FloatArray | None:
        """Set when nodes fail; return when every feeder goes for want of a plant in this piece."""
        graph, plants = self.graph, piece.plants
        off = np.ascontiguousarray(piece.feeder_off[rows])
        ceiling = np.where(is_up & self._can_run(piece, rows), np.inf, 0.0)
        outside = np.where(off[:, graph.outside].T, 0.0, np.inf)
        stock = np.ascontiguousarray(course.stock_h[rows].T)
        off_h = None
        course.is_busy[rows] = False
        if plants is None or plants.source.size == 0:
            time, _ = failure_times(graph, ceiling, outside, stock)
        else:
            own = plants.of(rows)
            nodes = graph.n_services + plants.source

            def shed(time: FloatArray, wanted: IntArray) -> FloatArray:
                return shed_for_plants(self._shed, own, time[nodes], off, length, wanted)

            time, outside, _ = settle_with_grid(
                graph, ceiling, outside, stock, lambda time: shed(time, graph.outside).T
            )
            stops = (time[nodes] < self.hours.horizon_h) & (own.power_mw.T > 0)
            course.is_busy[rows] = stops.any(axis=0)
            if stops.any():
                off_h = shed(time, np.arange(off.shape[1], dtype=np.int32))
        course.time_h[rows], course.outside_h[rows] = time.T, outside.T
        course.is_on[rows] = ~off[:, self._dependent_feeder]
        return off_h

    def _close(self, found: Walked, course: _Course, rows: IntArray, end: float) -> None:
        """Add what has held until now to what a chunk has gone through."""
        if not rows.size:
            return
        graph = self.graph
        since, is_on = course.since_h[rows], course.is_on[rows].T
        time = np.ascontiguousarray(course.time_h[rows].T)
        length = end - since
        # Few nodes fail, and few needs miss anything: only those are written.
        node = np.flatnonzero((time < np.nextafter(length, np.inf)).any(axis=1))
        cells = np.ix_(node, rows)
        found.node_off_h[cells] += np.maximum(length - time[node], 0.0)
        found.node_mask[cells] |= self._bits(since + time[node], end)
        # Feeders that go because of what they need, while the grid supplies them.
        feeders = self.region.feeders
        late_h = np.maximum(length - time[self._dependent], 0.0) * is_on
        people, demand = (
            x[self._dependent_feeder] for x in (feeders.population, feeders.demand_mw)
        )
        found.customer_hours[rows] += people @ late_h
        found.unserved_mwh[rows] += demand @ late_h
        for k, at in enumerate(self._dependent.tolist()):
            bits = np.where(is_on[k], self._bits(since + time[at], end), 0)
            if bits.any():
                found.unserved_mw[rows] += self.hours.of(bits) * demand[k]
        if end >= self.hours.horizon_h:
            return
        # What is left in store, and who is still up: failed is at 0 from here on.
        lost = lost_supply(graph, time, course.outside_h[rows].T)
        stock = stock_after(graph, lost, np.ascontiguousarray(course.stock_h[rows].T), length)
        course.stock_h[rows] = stock.T
        course.time_h[rows] = np.where(time >= length, np.inf, 0.0).T

    def _add_piece(self, found: Walked, piece: SupplyPiece, begin: float, end: float) -> None:
        """Add the feeders that are off from the start of a piece on, and halved heat sources."""
        feeders, hours = self.region.feeders, self.hours.within(begin, end)
        bits = self.hours.since(np.array([begin]), hours)[0]
        base_mw = np.zeros(piece.feeder_off.shape[0])
        _add_off(
            found.feeder_mask,
            found.customer_hours,
            base_mw,
            piece.feeder_off,
            bits,
            end - begin,
            feeders.population.astype(np.float64),
            feeders.demand_mw,
        )
        if piece.unserved_mw is not None:
            base_mw = piece.unserved_mw
        found.unserved_mwh[...] += base_mw * (end - begin)
        found.unserved_mw[:, hours] += base_mw[:, None]
        if piece.people_switched_off is not None:
            found.people_switched_off[:, hours] = piece.people_switched_off[:, None]
        share = piece.source_share.T
        is_half = (share > 0) & (share < 1)
        found.half_mask[is_half] |= bits
        found.half_share[is_half] = share[is_half]

    def _add_shed(
        self, found: Walked, rows: IntArray, off_h: FloatArray, begin: float, end: float
    ) -> None:
        """Add the feeders that go within a piece for want of a plant."""
        feeders, length = self.region.feeders, end - begin
        # The node of a dependent feeder knows of what a plant took too.
        off_h[:, self._dependent_feeder] = np.inf
        before = np.nextafter(length, np.inf) if end >= self.hours.horizon_h else length
        s, f = where(off_h < before)
        at = off_h[s, f]
        bits = self.hours.since(begin + at, self.hours.within(begin, end))
        found.feeder_mask[rows[s], f] |= bits
        rest_h = length - at
        people, demand = feeders.population[f], feeders.demand_mw[f]
        found.customer_hours[rows] += np.bincount(s, weights=people * rest_h, minlength=rows.size)
        found.unserved_mwh[rows] += np.bincount(s, weights=demand * rest_h, minlength=rows.size)
        lost = gather(s, np.zeros_like(s), bits, demand)
        found.unserved_mw[rows[lost.scenario]] += lost.amount @ self.hours.of(lost.masks)

    def _bits(self, from_h: FloatArray, end: float) -> MaskArray:
        """Return the hours from some times on before `end`; the last hour of all counts."""
        return self.hours.since(from_h, self.hours.within(0.0, end))


@njit(cache=True, nogil=True)
def _add_off(
    feeder_mask: MaskArray,
    customer_hours: FloatArray,
    off_mw: FloatArray,
    off: BoolArray,
    bits: np.uint64,
    length_h: float,
    people: FloatArray,
    demand_mw: FloatArray,
) -> None:
    """Add feeders off over a piece to the masks and sums of every scenario, in place."""
    for s in range(off.shape[0]):
        count = 0.0
        for f in range(off.shape[1]):
            if off[s, f]:
                feeder_mask[s, f] |= bits
                count += people[f]
                off_mw[s] += demand_mw[f]
        customer_hours[s] += count * length_h
