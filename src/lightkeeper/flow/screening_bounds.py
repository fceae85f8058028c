"""Which pairs of losses need no run, since what they do is known from the losses alone.

A pair is left out where provably nothing trips and nothing more is cut off than by one of the two,
or where the one is part of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lightkeeper.flow.cascade import PreparedCase, run_cascade
from lightkeeper.flow.model import FlowCase, FlowOptions
from lightkeeper.flow.screening_elements import BRANCH, SUBSTATION, Elements, contained
from lightkeeper.flow.screening_kernels import (
    find_bridges,
    harmless_after_bridge,
    harmless_pairs,
    outage_factors,
    transfers,
    worst_shares,
)
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Elements of a block: pairs are looked at block by block.
BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Elements in an order in which the first `n_known` are branches with known outage factors.

    `share` (n_known,): see `worst_shares`. `keeps_loops` (n,): elements whose loss leaves every
    loop of branches as it is (units, bridges), so that the factors of the others still hold.
    `flow_mw` is that of the intact network; without `is_settled`, branches trip in it, and pairs of
    known branches are all run.
    """

    prepared: PreparedCase
    elements: Elements
    n_known: int
    share: FloatArray
    keeps_loops: BoolArray
    flow_mw: FloatArray
    is_settled: bool

    @property
    def case(self) -> FlowCase:
        """The network."""
        return self.prepared.case

    def factors(self, first: int, stop: int) -> FloatArray:
        """Outage factors of known branches, (n, n_branch)."""
        rows = self.elements.row[first:stop]
        factor = transfers(self.prepared.grid, self.prepared.factor, rows)
        outage_factors(factor, rows, np.zeros(len(self.case.from_bus), np.bool_))
        return factor


def find_bounds(
    prepared: PreparedCase, elements: Elements, flow_mw: FloatArray, *, is_settled: bool
) -> Bounds:
    """Sort elements by what is known of them; elements of one sort keep their order."""
    case = prepared.case
    is_bridge = find_bridges(prepared.grid)
    n = len(elements.kind)
    known, share = np.zeros(n, np.bool_), np.zeros(n)
    branches = np.flatnonzero(elements.kind == BRANCH)
    for first in range(0, len(branches), BLOCK):
        here = branches[first : first + BLOCK]
        rows = elements.row[here]
        factor = transfers(prepared.grid, prepared.factor, rows)
        known[here] = outage_factors(factor, rows, is_bridge)
        share[here] = worst_shares(factor, known[here], flow_mw, case.limit_mw)
    order = np.argsort(~known, kind="stable").astype(np.int32)
    elements = elements.take(order)
    n_known = int(known.sum())
    is_branch = elements.kind == BRANCH
    keeps = elements.kind != SUBSTATION
    keeps[is_branch] = is_bridge[elements.row[is_branch]]
    return Bounds(
        prepared=prepared,
        elements=elements,
        n_known=n_known,
        share=share[order][:n_known],
        keeps_loops=keeps,
        flow_mw=flow_mw,
        is_settled=is_settled,
    )


def blocks(bounds: Bounds) -> list[tuple[int, int, int, int]]:
    """Cut all pairs into blocks (first and stop of either side), none across `n_known`."""
    n, known = len(bounds.elements.kind), bounds.n_known
    sides = [
        (i, min(i + BLOCK, stop))
        for start, stop in ((0, known), (known, n))
        for i in range(start, stop, BLOCK)
    ]
    return [(*left, *right) for i, left in enumerate(sides) for right in sides[i:]]


def pairs_to_run(
    bounds: Bounds, block: tuple[int, int, int, int], options: FlowOptions
) -> tuple[IntArray, int]:
    """Pairs of a block that have to be run, (n, 2) places of elements, and how many it has."""
    first, stop, second, end = block
    left = np.arange(first, stop, dtype=np.int32)
    right = np.arange(second, end, dtype=np.int32)
    to_run = left[:, None] < right
    n_pairs = int(to_run.sum())
    if end <= bounds.n_known:
        to_run &= ~_harmless_branches(bounds, block)
    else:
        to_run &= ~contained(bounds.case, bounds.elements, left, right)
        if stop <= bounds.n_known:
            to_run &= ~_harmless_after(bounds, right, (first, stop), options).T
    return (np.argwhere(to_run) + np.array([first, second])).astype(np.int32), n_pairs


def _harmless_branches(bounds: Bounds, block: tuple[int, int, int, int]) -> BoolArray:
    """Pairs of known branches after which nothing trips and nothing is cut off."""
    first, stop, second, end = block
    if not bounds.is_settled:
        return np.zeros((stop - first, end - second), np.bool_)
    factor_a = bounds.factors(first, stop)
    factor_b = factor_a if second == first else bounds.factors(second, end)
    row = bounds.elements.row
    return harmless_pairs(
        factor_a,
        row[first:stop],
        np.ones(stop - first, np.bool_),
        bounds.share[first:stop],
        factor_b,
        row[second:end],
        np.ones(end - second, np.bool_),
        bounds.share[second:end],
        bounds.flow_mw,
        bounds.case.limit_mw,
    )


def _harmless_after(
    bounds: Bounds, lost: IntArray, known: tuple[int, int], options: FlowOptions
) -> BoolArray:
    """Which known branches overload nothing when lost along with each of some other elements."""
    harmless = np.zeros((len(lost), known[1] - known[0]), np.bool_)
    able = np.flatnonzero(bounds.keeps_loops[lost])
    if not len(able):
        return harmless
    alone = run_cascade(
        bounds.prepared,
        bounds.elements.scenarios(lost[able][:, None]),
        replace(options, keep_flows=True),
    )
    assert alone.flow_mw is not None
    calm = alone.converged & ~(alone.trip_round > 0).any(axis=1)
    if calm.any():
        harmless[able[calm]] = harmless_after_bridge(
            np.ascontiguousarray(alone.flow_mw[calm]),
            bounds.factors(*known),
            bounds.elements.row[known[0] : known[1]],
            np.ones(known[1] - known[0], np.bool_),
            bounds.case.limit_mw,
        )
    return harmless
