"""In which order feeders that were switched off come back when capacity does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lightkeeper.plans.damaged_grid import DamagedGrid
from lightkeeper.plans.delivery import Blocks, LeastShed
from lightkeeper.plans.feeder_choice import TOLERANCE_MW, cover
from lightkeeper.units import BoolArray, FloatArray, IntArray


def return_order(
    grid: DamagedGrid, bus: IntArray, asked_mw: FloatArray, weight: FloatArray, is_off: BoolArray
) -> tuple[IntArray, BoolArray]:
    """Order the feeders that are off: the dearest MW first, of equal ones the smallest first.

    Small ones first brings somebody back with every MW that comes back. What a feeder waits for
    follows from the program of the shedding, solved with twice what is short in capacity
    more, spread over the sources of each island by size: what even then is not served waits for
    lines.

    Parameters
    ----------
    bus, asked_mw, weight, is_off
        Of every feeder (n_feeders,): its bus, its demand, what a MW of it weighs, if it is off.

    Returns
    -------
    feeders, waits_for_lines
        Rows of the feeders that are off, in order, those that wait for lines last; and whether each
        of them does.
    """
    off = np.flatnonzero(is_off & (grid.island[bus] >= 0)).astype(np.int32)
    if not len(off):
        return off, np.zeros(0, bool)
    kinds, block = np.unique(np.stack([bus, weight], axis=1), axis=0, return_inverse=True)
    block = block.ravel()
    demand = np.bincount(block, asked_mw, len(kinds)).astype(np.float64)
    # Spread by size: free to give all at one place, a source would first overload all around it.
    at_source = grid.island[grid.source_bus]
    n_island = int(grid.island.max()) + 1
    lacks = np.bincount(grid.island[bus[off]], asked_mw[off], n_island)
    has = np.bincount(np.maximum(at_source, 0), grid.source_max_mw * (at_source >= 0), n_island)
    growth = np.divide(2.0 * lacks, has, out=np.zeros(n_island), where=has > 0)
    enough = grid.source_max_mw * (1.0 + np.where(at_source >= 0, growth[at_source], 0.0))
    served = (
        LeastShed(
            replace(grid, source_max_mw=enough),
            Blocks(bus=kinds[:, 0].astype(np.int32), demand_mw=demand, weight=kinds[:, 1]),
        )
        .solve()
        .served_mw
    )
    short = demand - served
    waits = np.zeros(len(is_off), bool)
    for k in np.flatnonzero(short > TOLERANCE_MW):
        here = off[block[off] == k]
        waits[here[cover(float(short[k]), asked_mw[here])]] = True
    order = off[np.lexsort((off, asked_mw[off], -weight[off], waits[off]))]
    return order, waits[order]
