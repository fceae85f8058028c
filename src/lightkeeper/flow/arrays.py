"""Groups of arrays the kernels work on. Buses are in elimination order where nothing else is said.

Named tuples, since numba takes them as they are; a change of fields changes the type and so never
meets code compiled for the old one.
"""

from __future__ import annotations

from typing import NamedTuple

from lightkeeper.units import BoolArray, FloatArray, IndexArray, IntArray


class Grid(NamedTuple):
    """What stays the same over all scenarios; buses in elimination order."""

    base_mva: float
    from_bus: IntArray
    to_bus: IntArray
    b_pu: FloatArray
    shift_rad: FloatArray
    limit_mw: FloatArray
    branch_on: BoolArray
    bus_on: BoolArray
    place: IntArray  # (n_bus,) place of bus i of the case in elimination order
    near_start: IntArray
    near_bus: IntArray
    near_branch: IntArray
    shifters: IntArray
    parent: IntArray
    l_start: IntArray
    l_row: IntArray
    row_start: IntArray
    row_col: IntArray
    row_pos: IntArray
    unit_bus: IntArray
    ramp_pu: FloatArray  # of PMAX, a round
    demand_mw: FloatArray


class State(NamedTuple):
    """What runs now [MW], and within what limits; changed in place, round by round."""

    p: FloatArray
    p_min: FloatArray
    p_max: FloatArray
    unit_on: BoolArray
    served: FloatArray
    infeed: FloatArray


class Factor(NamedTuple):
    """L (by column, unit diagonal left out), D, and 1 / D with 0 at references."""

    l_value: FloatArray
    d: FloatArray
    inv_d: FloatArray


class Parts(NamedTuple):
    """Islands now: label of each bus (-1 off), which islands live, which buses are references."""

    label: IntArray
    alive: BoolArray
    grounded: BoolArray


class Lost(NamedTuple):
    """Index lists and factors of `Scenarios`, in the case's own numbering; no factors: 0 rows."""

    branch_start: IntArray
    branch_index: IntArray
    bus_start: IntArray
    bus_index: IntArray
    unit_start: IntArray
    unit_index: IntArray
    load_factor: FloatArray
    rating_factor: FloatArray
    unit_factor: FloatArray


class Room(NamedTuple):
    """Scratch of the balance: rows by island, running units, values to be summed."""

    bus_start: IntArray
    bus_member: IndexArray
    unit_start: IntArray
    unit_member: IndexArray
    running: IndexArray
    work: FloatArray


class Rules(NamedTuple):
    """Options as numbers."""

    proportional: bool
    trip_overloads: bool
    keep_flows: bool
    max_rounds: int


class Out(NamedTuple):
    """Arrays of `CascadeResult`, filled in place; those that nobody asked for have no rows."""

    total_demand_mw: FloatArray
    total_served_mw: FloatArray
    demand_mw: FloatArray
    served_mw: FloatArray
    infeed_mw: FloatArray
    unit_mw: FloatArray
    island: IntArray
    n_islands: IntArray
    n_rounds: IntArray
    trip_round: IntArray
    converged: BoolArray
    flow_mw: FloatArray
