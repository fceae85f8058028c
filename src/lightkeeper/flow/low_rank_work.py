"""What the low-rank engine knows of a network, and the room that its kernels work in.

Buses are in elimination order. A branch has a lower and an upper end in that order; the upper one
lies on the lower one's path to the root of the elimination tree, so all that a loss reaches lies on
that path. Vectors along a path are kept by depth from the root: two paths then share a beginning,
and their products are those of plain dense vectors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightkeeper.flow.arrays import Factor, Grid, State
from lightkeeper.flow.compiled import entry
from lightkeeper.flow.floods import MAX_PAIRS, Search, make_search
from lightkeeper.flow.lanes import N_LANES, aligned
from lightkeeper.units import BoolArray, FloatArray, IntArray

ByteArray = NDArray[np.uint8]

# Branches that a scenario may lose here, and buses and units that may be cut off.
MAX_LOST = 32
MAX_MOVED = 1024
# Units that it may lose by name.
MAX_UNITS = 256
# What an injection is made of: what is as it was, and by how much supply, load, room up and room
# down of the main island differ.
N_WAYS = 5


class Plan(NamedTuple):
    """What stays the same over all scenarios. The main island is the largest before any loss.

    `depth` and `height` (largest depth + 1) are of the elimination tree. `along` (n_bus * N_WAYS)
    holds D^-1 L^-1 of each part of the injections, `drop` (n_branch * N_WAYS) their angles from
    lower to upper end, `weight_of` their sums with the weights of buses, by which solutions are
    checked. `b_mw` is zero where a branch is
    out. Columns of `bus` are load, feed, output, headroom and footroom in the main island,
    `bus_able` how many of a bus's running units have PMAX > 0, `total` their sums.
    `served`, `infeed`, `unit` (with `unit_up`, `unit_down`) are of the main island, those `_rest`
    of the others, which are as they settle; zero elsewhere. `part` is the island of each bus of
    the case, -1 if dead.
    """

    main: int
    n_live: int
    height: int
    cut_below: float
    scale: float
    most_pu: float
    may_trip: bool
    may_shift: bool
    label: IntArray
    depth: IntArray
    order: IntArray
    along: FloatArray
    drop: FloatArray
    weight: FloatArray
    weight_of: FloatArray
    b_mw: FloatArray
    shift_rad: FloatArray
    weight_drop: FloatArray
    bus: FloatArray
    bus_able: IntArray
    total: FloatArray
    total_able: int
    unit_at_start: IntArray
    unit_at: IntArray
    served: FloatArray
    infeed: FloatArray
    unit: FloatArray
    unit_up: FloatArray
    unit_down: FloatArray
    served_rest: FloatArray
    infeed_rest: FloatArray
    unit_rest: FloatArray
    part: IntArray
    served_rest_total: float
    demand_total: float


class Work(NamedTuple):
    """Scratch of eight scenarios. Rows of lost branches are 32 to a lane."""

    on: BoolArray
    bus_lost: ByteArray
    unit_lost: ByteArray
    lost: IntArray  # (lanes, MAX_LOST) branch
    is_kept: BoolArray
    n_lost: IntArray
    y: FloatArray  # (lanes * MAX_LOST, height) L^-1 of a transfer between the ends, by depth
    scaled: FloatArray  # D^-1 y
    path: IntArray
    length: IntArray
    small: FloatArray  # (lanes, MAX_LOST, MAX_LOST) factor of the small system
    right: FloatArray
    dense: FloatArray  # (n_bus,) zero between uses
    moved: IntArray  # (lanes, MAX_MOVED) buses cut off, their new island, what they serve and feed
    moved_part: IntArray
    moved_served: FloatArray
    moved_infeed: FloatArray
    n_moved: IntArray
    is_moved: BoolArray
    is_live: BoolArray  # (lanes, 2 * MAX_PAIRS) new islands
    n_parts: IntArray
    touched: IntArray  # (lanes, MAX_MOVED) units that do not go by the main island's rule
    touched_mw: FloatArray
    n_touched: IntArray
    state: State
    units: IntArray
    running: IntArray
    sums: FloatArray
    way: FloatArray  # N_WAYS rows of lanes
    expected: FloatArray
    served_mw: FloatArray  # (lanes,) of the main island
    change: FloatArray  # rows of lanes, valid where marked
    mark: ByteArray
    has_change: BoolArray
    angle: FloatArray
    flow: FloatArray  # (lanes, n_branch)
    at: NDArray[np.int64]  # (lanes,) where the flows of each begin
    lane: FloatArray  # three rows of lanes
    search: Search
    pair: IntArray
    number: IntArray


@entry
def make_work(grid: Grid, plan: Plan, start: State) -> Work:
    """Room for one thread."""
    n_bus, n_branch, n_unit = len(grid.place), len(grid.from_bus), len(grid.unit_bus)
    rows = N_LANES * MAX_LOST
    return Work(
        grid.branch_on.copy(),
        np.zeros(n_bus, np.uint8),
        np.zeros(n_unit, np.uint8),
        np.empty((N_LANES, MAX_LOST), np.int32),
        np.empty((N_LANES, MAX_LOST), np.bool_),
        np.zeros(N_LANES, np.int32),
        np.empty((rows, plan.height)),
        np.empty((rows, plan.height)),
        np.empty((rows, plan.height), np.int32),
        np.empty(rows, np.int32),
        np.empty((N_LANES, MAX_LOST, MAX_LOST)),
        np.empty(MAX_LOST),
        np.zeros(n_bus),
        np.empty((N_LANES, MAX_MOVED), np.int32),
        np.empty((N_LANES, MAX_MOVED), np.int32),
        np.empty((N_LANES, MAX_MOVED)),
        np.empty((N_LANES, MAX_MOVED)),
        np.zeros(N_LANES, np.int32),
        np.zeros(n_bus, np.bool_),
        np.empty((N_LANES, 2 * MAX_PAIRS), np.bool_),
        np.zeros(N_LANES, np.int32),
        np.empty((N_LANES, MAX_MOVED), np.int32),
        np.empty((N_LANES, MAX_MOVED)),
        np.zeros(N_LANES, np.int32),
        State(
            start.p.copy(),
            start.p_min,
            start.p_max,
            start.unit_on.copy(),
            start.served,
            start.infeed,
        ),
        np.empty(MAX_MOVED, np.int32),
        np.empty(MAX_MOVED, np.int32),
        np.empty(max(n_bus, n_unit)),
        aligned(N_WAYS),
        np.zeros(N_LANES),
        np.zeros(N_LANES),
        aligned(n_bus),
        np.zeros(n_bus, np.uint8),
        np.zeros(N_LANES, np.bool_),
        aligned(n_bus),
        np.empty((N_LANES, n_branch)),
        np.zeros(N_LANES, np.int64),
        aligned(3),
        make_search(n_bus),
        np.empty(2 * MAX_PAIRS, np.int32),
        np.empty(n_bus + 2 * MAX_PAIRS, np.int32),
    )


@entry
def solve_ways(grid: Grid, factor: Factor, way: FloatArray, along: FloatArray) -> None:
    """Turn parts of the injection (rows of `way`, p.u.) into angles in place.

    `along` (n_bus * N_WAYS) gets what is between the forward and the backward step.
    """
    n = way.shape[1]
    for i in range(N_WAYS):
        x = way[i]
        for j in range(n):
            value = x[j]
            for q in range(grid.l_start[j], grid.l_start[j + 1]):
                x[grid.l_row[q]] -= factor.l_value[q] * value
            x[j] = value * factor.inv_d[j]
            along[N_WAYS * j + i] = x[j]
        for j in range(n - 1, -1, -1):
            value = x[j]
            for q in range(grid.l_start[j], grid.l_start[j + 1]):
                value -= factor.l_value[q] * x[grid.l_row[q]]
            x[j] = value


@entry
def depths(parent: IntArray) -> IntArray:
    """Distance of each place from the root of its elimination tree."""
    depth = np.zeros(len(parent), np.int32)
    for v in range(len(parent) - 1, -1, -1):
        if parent[v] >= 0:
            depth[v] = depth[parent[v]] + 1
    return depth
