"""Walk a chunk of scenarios through the pieces of supply: who is off when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lightkeeper.consequences.dependencies import (
    DependencyGraph,
    failure_times,
    lost_supply,
    restart,
    settle_with_grid,
    stock_at,
)
from lightkeeper.consequences.hours import Hours, MaskArray, gather, where
from lightkeeper.consequences.supply import (
    PlantBalance,
    Supply,
    shed_for_plants,
    shed_order,
)
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Walked:
    """What a chunk of scenarios goes through: hours off as bits, exact hours where they are summed.

    `node_mask`, `node_off_h` (n_nodes, n_scenarios); `feeder_mask` (n_scenarios, n_feeders);
    `unserved_mw` (n_scenarios, n_hours); `customer_hours`, `unserved_mwh` (n_scenarios,).
    """

    node_mask: MaskArray
    node_off_h: FloatArray
    feeder_mask: MaskArray
    customer_hours: FloatArray
    unserved_mw: FloatArray
    unserved_mwh: FloatArray


class Walker:
    """What is the same for every chunk of scenarios."""

    def __init__(
        self, region: Region, graph: DependencyGraph, supply: Supply, hours: Hours
    ) -> None:
        self.region, self.graph, self.supply, self.hours = region, graph, supply, hours
        self._shed = shed_order(region)
        first = graph.n_services + graph.n_sources
        feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
        self._feeder_nodes = [
            (node, feeder_row[graph.id[node]]) for node in range(first, graph.n_nodes)
        ]

    def go(self, part: slice) -> Walked:
        """Follow supply and services of a chunk piece by piece."""
        graph = self.graph
        size = part.stop - part.start
        n_f = self.region.feeders.id.size
        demand = self.region.feeders.demand_mw
        can_run = self._can_run(part)
        stock = np.repeat(graph.buffer_h[:, None], size, axis=1)
        found = Walked(
            node_mask=np.zeros((graph.n_nodes, size), dtype=np.uint64),
            node_off_h=np.zeros((graph.n_nodes, size)),
            feeder_mask=np.zeros((size, n_f), dtype=np.uint64),
            customer_hours=np.zeros(size),
            unserved_mw=np.zeros((size, self.hours.n)),
            unserved_mwh=np.zeros(size),
        )
        is_up = can_run
        for i, (start, end) in enumerate(self._spans()):
            piece = self.supply.pieces[i]
            off = np.asarray(piece.feeder_off[part])
            outside = np.where(off[:, graph.outside].T, 0.0, np.inf)
            if i > 0:
                ceiling = np.where(is_up, np.inf, 0.0)
                time, _ = failure_times(graph, ceiling, outside, stock)
                is_up, _ = restart(graph, time > 0, outside > 0, can_run)
            ceiling = np.where(is_up, np.inf, 0.0)
            time, outside, off_h = self._settle(
                piece.plants, part, ceiling, outside, stock, off, end - start
            )
            length = end - start
            if i + 1 < len(self.supply.pieces):
                lost = lost_supply(graph, time, outside)
                held = stock_at(graph, np.minimum(lost, length), stock)
                stock = np.maximum(held - np.maximum(length - lost, 0.0), 0.0)
                is_up = time >= length
            base = off @ demand if piece.unserved_mw is None else piece.unserved_mw[part]
            self._add(found, base, start, end, time, off, off_h)
        return found

    def first_times(self, scenario: int) -> tuple[FloatArray, FloatArray]:
        """Return when the nodes and the outside feeders of one scenario fail in the first piece."""
        part = slice(scenario, scenario + 1)
        piece, graph = self.supply.pieces[0], self.graph
        off = piece.feeder_off[part]
        outside = np.where(off[:, graph.outside].T, 0.0, np.inf)
        ceiling = np.where(self._can_run(part), np.inf, 0.0)
        stock = graph.buffer_h[:, None].copy()
        _, end = next(self._spans())
        time, outside, _ = self._settle(piece.plants, part, ceiling, outside, stock, off, end)
        return time[:, 0], outside[:, 0]

    def _can_run(self, part: slice) -> BoolArray:
        """Return the nodes that no damage holds down, shape (n_nodes, n_scenarios)."""
        graph = self.graph
        can_run = np.ones((graph.n_nodes, part.stop - part.start), dtype=np.bool_)
        first = graph.n_services
        can_run[first : first + graph.n_sources] = self.supply.source_share[part].T > 0
        return can_run

    def _settle(
        self,
        plants: PlantBalance | None,
        part: slice,
        ceiling: FloatArray,
        outside: FloatArray,
        stock: FloatArray,
        off: BoolArray,
        length: float,
    ) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        """Return when nodes fail, outside feeders go, and every feeder goes for want of a plant."""
        graph = self.graph
        if plants is None or plants.source.size == 0:
            time, _ = failure_times(graph, ceiling, outside, stock)
            return time, outside, None
        rows = graph.n_services + plants.source

        def shed(time: FloatArray, wanted: IntArray) -> FloatArray:
            return shed_for_plants(self._shed, plants, part, time[rows], off, length, wanted)

        time, outside, _ = settle_with_grid(
            graph, ceiling, outside, stock, lambda time: shed(time, graph.outside).T
        )
        return time, outside, shed(time, np.arange(off.shape[1], dtype=np.int32))

    def _add(
        self,
        found: Walked,
        base_mw: FloatArray,
        start: float,
        end: float,
        time: FloatArray,
        off: BoolArray,
        off_h: FloatArray | None,
    ) -> None:
        """Add one piece to what a chunk has gone through."""
        length = end - start
        feeders = self.region.feeders
        found.node_off_h[...] += np.maximum(length - time, 0.0)
        hours = self.hours.within(start, end)
        # What fails with the last hour is off at that hour.
        before = np.nextafter(length, np.inf) if end >= self.hours.horizon_h else length
        row, s = where(time < before)
        found.node_mask[row, s] |= self.hours.since(start + time[row, s], hours)
        s, f = where(off)
        found.feeder_mask[s, f] |= self.hours.since(np.array([start]), hours)
        found.customer_hours[...] += off @ feeders.population * length
        found.unserved_mwh[...] += base_mw * length
        found.unserved_mw[:, hours] += base_mw[:, None]
        # Feeders that go later: for want of a plant, or of what their node needs.
        s, f = where(np.empty((off.shape[0], 0)) < 0 if off_h is None else off_h < before)
        at = np.empty(0) if off_h is None else off_h[s, f]
        for node, feeder in self._feeder_nodes:
            mine = np.flatnonzero((time[node] < before) & ~off[:, feeder]).astype(np.int32)
            # The node knows of what a plant took too.
            others = f != feeder
            s = np.concatenate([s[others], mine])
            at = np.concatenate([at[others], time[node, mine]])
            f = np.concatenate([f[others], np.full(mine.size, feeder, dtype=np.int32)])
        off_hours = self.hours.since(start + at, hours)
        found.feeder_mask[s, f] |= off_hours
        rest_h = np.maximum(length - at, 0.0)
        n = off.shape[0]
        people, demand = feeders.population[f], feeders.demand_mw[f]
        found.customer_hours[...] += np.bincount(s, weights=people * rest_h, minlength=n)
        found.unserved_mwh[...] += np.bincount(s, weights=demand * rest_h, minlength=n)
        lost = gather(s, np.zeros_like(s), off_hours, demand)
        found.unserved_mw[lost.scenario] += lost.amount @ self.hours.of(lost.masks)

    def _spans(self) -> Iterator[tuple[float, float]]:
        starts = [piece.from_h for piece in self.supply.pieces]
        return zip(starts, [*starts[1:], float(self.hours.horizon_h)], strict=True)
