"""The network: an immutable set of columnar tables.

Every column is described once, in `lightkeeper.grid.columns`; readers, validation and the docs read
that table. Row order is identity: other tables refer to rows by 0-based index (`*_bus`), people and
files refer to them by `id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

BusId = NewType("BusId", str)
BranchId = NewType("BranchId", str)
GeneratorId = NewType("GeneratorId", str)
SubstationId = NewType("SubstationId", str)


class GeneratorKind(StrEnum):
    """What drives a unit; decides ramp, inflexibility and start-up."""

    NUCLEAR = "nuclear"
    HYDRO = "hydro"
    CHP = "chp"
    THERMAL = "thermal"
    GAS = "gas"
    SOLAR = "solar"
    WIND = "wind"
    STORAGE = "storage"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Substations:
    """A site: the group of buses behind one fence. Shape of every column: (n_substations,)."""

    id: StrArray
    name: StrArray
    lon: FloatArray
    lat: FloatArray
    protection_level: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Buses:
    """Nodes. `substation` is a row of `Substations`, or -1 where the model does not say."""

    id: StrArray
    substation: IntArray
    base_kv: FloatArray
    lon: FloatArray
    lat: FloatArray
    v_pu: FloatArray
    angle_deg: FloatArray
    is_reference: BoolArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines and cables; one row per circuit. `rating_mva` 0 means unlimited."""

    id: StrArray
    from_bus: IntArray
    to_bus: IntArray
    r_pu: FloatArray
    x_pu: FloatArray
    b_pu: FloatArray
    rating_mva: FloatArray
    rating_short_mva: FloatArray
    length_km: FloatArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformers:
    """Transformers and phase shifters; the tap is on the *from* side."""

    id: StrArray
    from_bus: IntArray
    to_bus: IntArray
    r_pu: FloatArray
    x_pu: FloatArray
    b_pu: FloatArray
    tap_ratio: FloatArray
    shift_deg: FloatArray
    rating_mva: FloatArray
    rating_short_mva: FloatArray
    protection_level: IntArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Generators:
    """Units. `kind` holds `GeneratorKind` values; `plant` groups the units of one site."""

    id: StrArray
    plant: StrArray
    bus: IntArray
    kind: StrArray
    p_mw: FloatArray
    p_min_mw: FloatArray
    p_max_mw: FloatArray
    q_mvar: FloatArray
    q_min_mvar: FloatArray
    q_max_mvar: FloatArray
    v_setpoint_pu: FloatArray
    ramp_pu_per_min: FloatArray
    is_black_start: BoolArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Connections to neighbours. `p_mw` is the scheduled import, positive into the network."""

    id: StrArray
    bus: IntArray
    neighbour: StrArray
    p_mw: FloatArray
    import_limit_mw: FloatArray
    export_limit_mw: FloatArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Demand. A negative `p_mw` is a fixed infeed."""

    id: StrArray
    bus: IntArray
    p_mw: FloatArray
    q_mvar: FloatArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Shunts:
    """Shunts at 1 p.u. voltage: `g_mw` drawn, `b_mvar` injected."""

    id: StrArray
    bus: IntArray
    g_mw: FloatArray
    b_mvar: FloatArray
    in_service: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Bus-bus switches; a closed one joins its two buses into one electrical node."""

    id: StrArray
    from_bus: IntArray
    to_bus: IntArray
    is_closed: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One electrical network, never changed in place; `is_synthetic` makes output an exercise."""

    name: str
    base_mva: float
    is_synthetic: bool
    substations: Substations
    buses: Buses
    lines: Lines
    transformers: Transformers
    generators: Generators
    ties: Ties
    loads: Loads
    shunts: Shunts
    switches: Switches
