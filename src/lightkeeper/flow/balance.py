"""The state before any loss, by either rule of balance. The rules themselves are in `kernels`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.flow.arrays import Parts, State
from lightkeeper.flow.balance_kernels import balance_ramped, make_room
from lightkeeper.flow.islands import label_islands
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What units give and buses take: (n_unit,), (n_unit,), (n_bus,), (n_bus,)."""

    unit_mw: FloatArray
    unit_on: BoolArray
    served_mw: FloatArray
    infeed_mw: FloatArray


def ramped_base(
    *,
    from_bus: IntArray,
    to_bus: IntArray,
    branch_on: BoolArray,
    bus_on: BoolArray,
    load_mw: FloatArray,
    infeed_mw: FloatArray,
    unit_bus: IntArray,
    unit_scheduled_mw: FloatArray,
    unit_min_mw: FloatArray,
    unit_max_mw: FloatArray,
    unit_on: BoolArray,
) -> Dispatch:
    """Clip the schedule to the limits, then balance each island with no ramp limit."""
    label = label_islands(from_bus, to_bus, branch_on, bus_on)
    n_bus, n_unit = len(load_mw), len(unit_bus)
    state = State(
        p=np.where(unit_on, np.clip(unit_scheduled_mw, unit_min_mw, unit_max_mw), 0.0),
        p_min=unit_min_mw,
        p_max=unit_max_mw,
        unit_on=unit_on.copy(),
        served=load_mw.copy(),
        infeed=infeed_mw.copy(),
    )
    parts = Parts(label=label, alive=np.zeros(n_bus, np.bool_), grounded=np.zeros(n_bus, np.bool_))
    balance_ramped(
        parts,
        int(label.max()) + 1,
        np.arange(n_bus, dtype=np.int32),
        unit_bus,
        np.full(n_unit, np.inf),
        state,
        make_room(n_bus, n_unit),
    )
    return Dispatch(
        unit_mw=state.p, unit_on=state.unit_on, served_mw=state.served, infeed_mw=state.infeed
    )


def proportional_base(
    *,
    load_mw: FloatArray,
    infeed_mw: FloatArray,
    unit_bus: IntArray,
    unit_scheduled_mw: FloatArray,
    unit_on: BoolArray,
) -> Dispatch:
    """Scale the schedule and the infeed once, so that they equal the load of the whole network.

    Units at a bus whose schedule sums to nothing or less give nothing.
    """
    p = np.where(unit_on, unit_scheduled_mw, 0.0)
    at_bus = np.bincount(unit_bus, p, len(load_mw))
    p = np.where(at_bus[unit_bus] > 0.0, p, 0.0)
    supply = p.sum() + infeed_mw.sum()
    scale = load_mw.sum() / supply if supply > 0.0 else 0.0
    return Dispatch(
        unit_mw=p * scale,
        unit_on=unit_on.copy(),
        served_mw=load_mw.copy(),
        infeed_mw=infeed_mw * scale,
    )
