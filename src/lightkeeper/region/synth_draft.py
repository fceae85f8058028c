"""The network while it is being made: buses, corridors and units as plain columns.

A corridor is a row of equal circuits (or transformers) side by side; only at the end does each
circuit become a row of the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.region.synth_standards import CONDUCTORS, TRANSFORMER_TYPES
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

BASE_MVA = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBuses:
    """Buses: first one of the lowest voltage per site, then the backbone's. Shape: (n_bus,)."""

    site: IntArray
    kv: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridors:
    """Circuits side by side. Shape: (n_corridors,).

    `kind` is a row of `CONDUCTORS` for a line, of `TRANSFORMER_TYPES` otherwise.
    """

    from_bus: IntArray
    to_bus: IntArray
    is_line: BoolArray
    kind: IntArray
    n_circuits: IntArray
    length_km: FloatArray

    def x_pu(self) -> FloatArray:
        """Reactance of one circuit on `BASE_MVA`."""
        return self._impedance()[1]

    def r_pu(self) -> FloatArray:
        """Resistance of one circuit on `BASE_MVA`."""
        return self._impedance()[0]

    def _impedance(self) -> tuple[FloatArray, FloatArray]:
        per_km = BASE_MVA / _LINE[self._line, 3] ** 2 * self.length_km
        x_transformer = _TRANSFORMER[self._other, 1] * BASE_MVA / _TRANSFORMER[self._other, 0]
        return (
            np.where(
                self.is_line,
                _LINE[self._line, 0] * per_km,
                x_transformer / _TRANSFORMER[self._other, 2],
            ),
            np.where(self.is_line, _LINE[self._line, 1] * per_km, x_transformer),
        )

    def b_pu(self) -> FloatArray:
        """Charging of one circuit on `BASE_MVA`; none for transformers."""
        charging = _LINE[self._line, 2] * 1e-6 * self.length_km
        return np.where(self.is_line, charging * _LINE[self._line, 3] ** 2 / BASE_MVA, 0.0)

    def rating_mva(self) -> FloatArray:
        """Long-term rating of one circuit."""
        rating: FloatArray = np.where(
            self.is_line, _LINE[self._line, 4], _TRANSFORMER[self._other, 0]
        )
        return rating

    @property
    def _line(self) -> IntArray:
        return np.where(self.is_line, self.kind, 0).astype(np.int32)

    @property
    def _other(self) -> IntArray:
        return np.where(self.is_line, 0, self.kind).astype(np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units and ties (`is_tie`), in that order. Shape: (n_units,).

    `plant` names a unit's plant, or a tie's neighbour; `kind` is empty for a tie.
    """

    bus: IntArray
    plant: StrArray
    kind: StrArray
    is_tie: BoolArray
    p_mw: FloatArray
    p_min_mw: FloatArray
    p_max_mw: FloatArray
    ramp_pu_per_min: FloatArray
    is_black_start: BoolArray


_LINE = np.array(
    [
        (c.r_ohm_per_km, c.x_ohm_per_km, c.b_us_per_km, c.voltage_kv, c.rating_mva)
        for c in CONDUCTORS
    ]
)
_TRANSFORMER = np.array([(t.rating_mva, t.x_pu, t.x_to_r) for t in TRANSFORMER_TYPES])
