"""What is left of a network in one scenario: live branches, sources and islands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedGrid:
    """One scenario's network: what is left of a `FlowCase`.

    Sources are the units, then one source for every bus with fixed infeed. `branch` lists the live
    rows of the case; the other branch columns have one entry per live branch. `island` (n_bus,)
    labels live islands from 0; -1 marks lost buses and islands without any source. `part` (n_bus,)
    labels whatever hangs together, with a source or without; -1 marks lost buses.
    """

    base_mva: float
    n_bus: int
    n_unit: int
    n_branch: int
    branch: IntArray
    from_bus: IntArray
    to_bus: IntArray
    susceptance_pu: FloatArray
    shift_rad: FloatArray
    limit_mw: FloatArray
    load_mw: FloatArray  # (n_bus,) after `load_factor`, lost buses included
    source_bus: IntArray
    source_p_mw: FloatArray  # before the damage, clipped to what is left
    source_min_mw: FloatArray
    source_max_mw: FloatArray
    island: IntArray
    part: IntArray


def _members(start: IntArray, index: IntArray, scenario: int) -> IntArray:
    return index[start[scenario] : start[scenario + 1]]


def damage_grid(
    case: FlowCase,
    lost: Scenarios,
    scenario: int,
    *,
    limit_mw: FloatArray | None = None,
    ramp_pu: float | None = None,
) -> DamagedGrid:
    """Take one scenario's losses out of a case and find its islands.

    `limit_mw` (n_branch,) replaces the case's limits (short-time ratings, say). With `ramp_pu` a
    unit rises at most by that fraction of its maximum above its dispatch; None lets units reach
    their maximum.
    """
    bus_on = case.bus_on.copy()
    bus_on[_members(lost.bus_start, lost.bus_index, scenario)] = False
    branch_on = case.branch_on & bus_on[case.from_bus] & bus_on[case.to_bus]
    branch_on[_members(lost.branch_start, lost.branch_index, scenario)] = False
    unit_on = case.unit_on & bus_on[case.unit_bus]
    unit_on[_members(lost.unit_start, lost.unit_index, scenario)] = False

    load_mw = case.load_mw.copy()
    limit = (case.limit_mw if limit_mw is None else limit_mw).copy()
    unit_max = np.where(unit_on, np.maximum(case.unit_max_mw, 0.0), 0.0)
    if lost.load_factor is not None:
        load_mw *= lost.load_factor[scenario]
    if lost.rating_factor is not None:
        limit *= lost.rating_factor[scenario]
    if lost.unit_factor is not None:
        unit_max *= lost.unit_factor[scenario]
    unit_most = unit_max
    unit_p = np.clip(case.unit_p_mw, 0.0, unit_max)
    if ramp_pu is not None:
        unit_max = np.minimum(unit_max, unit_p + ramp_pu * unit_max)

    infeed_bus = np.flatnonzero((case.infeed_mw > 0) & bus_on).astype(np.int32)
    infeed = case.infeed_mw[infeed_bus]
    source_bus = np.concatenate([case.unit_bus, infeed_bus])
    source_max = np.concatenate([unit_max, infeed])

    branch = np.flatnonzero(branch_on).astype(np.int32)
    joined = sp.coo_matrix(
        (np.ones(len(branch)), (case.from_bus[branch], case.to_bus[branch])),
        shape=(case.n_bus, case.n_bus),
    )
    _, part = connected_components(joined, directed=False)
    part = np.where(bus_on, part, -1).astype(np.int32)
    whole = DamagedGrid(
        base_mva=case.base_mva,
        n_bus=case.n_bus,
        n_unit=len(case.unit_bus),
        n_branch=len(case.from_bus),
        branch=branch,
        from_bus=case.from_bus[branch],
        to_bus=case.to_bus[branch],
        susceptance_pu=case.susceptance_pu[branch],
        shift_rad=case.shift_rad[branch],
        limit_mw=limit[branch],
        load_mw=load_mw,
        source_bus=source_bus,
        source_p_mw=np.concatenate([unit_p, infeed]),
        # What caps a unit's maximum caps its minimum too.
        source_min_mw=np.concatenate(
            [np.clip(case.unit_min_mw, 0.0, unit_most), np.zeros(len(infeed))]
        ),
        source_max_mw=source_max,
        island=part,
        part=part,
    )
    return without_sources(whole, np.zeros(len(source_bus), bool))


def without_sources(grid: DamagedGrid, is_lost: BoolArray) -> DamagedGrid:
    """The grid with further sources (n_source,) lost; islands without any are dead."""
    source_max = np.where(is_lost, 0.0, grid.source_max_mw)
    n_island = int(grid.island.max(initial=-1)) + 1
    has_source = np.zeros(n_island, bool)
    has_source[grid.island[grid.source_bus[source_max > 0]]] = True
    # The last entry is for buses of no island, which are labelled -1.
    number = np.append(np.where(has_source, np.cumsum(has_source) - 1, -1), -1)
    island = number[grid.island].astype(np.int32)
    live = island[grid.from_bus] >= 0
    return replace(
        grid,
        branch=grid.branch[live],
        from_bus=grid.from_bus[live],
        to_bus=grid.to_bus[live],
        susceptance_pu=grid.susceptance_pu[live],
        shift_rad=grid.shift_rad[live],
        limit_mw=grid.limit_mw[live],
        source_max_mw=source_max,
        island=island,
    )
