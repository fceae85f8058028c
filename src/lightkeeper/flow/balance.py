"""The state before any loss, by either rule of balance. The rules themselves are in `kernels`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.flow.islands import label_islands
from lightkeeper.flow.kernels import balance_ramped, make_room
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
    p = np.where(unit_on, np.clip(unit_scheduled_mw, unit_min_mw, unit_max_mw), 0.0)
    on, served, infeed = unit_on.copy(), load_mw.copy(), infeed_mw.copy()
    n_islands = int(label.max(initial=-1)) + 1
    alive = np.empty(max(n_islands, 1), np.bool_)
    no_limit = np.full(len(p), np.inf)
    balance_ramped(
        label,
        n_islands,
        np.arange(len(load_mw), dtype=np.int32),
        unit_bus,
        on,
        p,
        unit_min_mw,
        unit_max_mw,
        no_limit,
        served,
        infeed,
        alive,
        make_room(len(load_mw), len(p)),
    )
    return Dispatch(unit_mw=p, unit_on=on, served_mw=served, infeed_mw=infeed)


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
