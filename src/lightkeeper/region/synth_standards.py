"""Standard equipment a synthetic network is built from: conductors, transformers, units.

Nothing is sized to a calculated flow. A rating comes from this table, by voltage; where a rating
does not suffice, the generator adds a circuit. Conductors: long-term currents at +25 C and series
parameters of steel-aluminium lines as tabulated for the 110-750 kV classes in design handbooks
(D. L. Faibisovich, "Handbook on the design of electric networks"; currents as in the Ukrainian
installation code PUE, table 1.3.29). Transformers: catalogue sizes and short-circuit voltages of
the same handbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from lightkeeper.grid.model import GeneratorKind

SHORT_TERM_LINE_PU = 1.2
"""Short-term rating of a line over its long-term one (assumed, about 20 minutes)."""

SHORT_TERM_TRANSFORMER_PU = 1.3
"""Short-term rating of a transformer over its nameplate (assumed, about 2 hours)."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """One class of overhead line: ohm, ohm and microsiemens per km, ampere."""

    voltage_kv: float
    name: str
    r_ohm_per_km: float
    x_ohm_per_km: float
    b_us_per_km: float
    current_a: float

    @property
    def rating_mva(self) -> float:
        """Thermal rating at nominal voltage."""
        return sqrt(3.0) * self.voltage_kv * self.current_a / 1000.0


CONDUCTORS: tuple[Conductor, ...] = (
    Conductor(110.0, "AC-95", 0.306, 0.434, 2.61, 330.0),
    Conductor(110.0, "AC-120", 0.249, 0.427, 2.66, 390.0),
    Conductor(110.0, "AC-185", 0.162, 0.413, 2.75, 510.0),
    Conductor(110.0, "AC-240", 0.120, 0.405, 2.81, 605.0),
    Conductor(220.0, "AC-300", 0.098, 0.429, 2.64, 690.0),
    Conductor(220.0, "AC-400", 0.075, 0.420, 2.70, 825.0),
    Conductor(220.0, "AC-500", 0.060, 0.413, 2.74, 945.0),
    Conductor(330.0, "2xAC-240", 0.060, 0.331, 3.38, 1210.0),
    Conductor(330.0, "2xAC-300", 0.048, 0.328, 3.41, 1380.0),
    Conductor(330.0, "2xAC-400", 0.036, 0.323, 3.46, 1650.0),
    Conductor(400.0, "2xAC-400", 0.036, 0.332, 3.45, 1650.0),
    Conductor(400.0, "3xAC-400", 0.025, 0.306, 3.62, 2475.0),
    Conductor(750.0, "5xAC-300", 0.020, 0.290, 4.13, 3450.0),
)
"""By voltage, the lightest first; no line is ever heavier than the last of its voltage."""


@dataclass(frozen=True, slots=True)
class TransformerType:
    """One autotransformer (group of three single-phase ones above 500 kV)."""

    high_kv: float
    low_kv: float
    rating_mva: float
    x_pu: float  # on its own rating
    x_to_r: float


TRANSFORMER_TYPES: tuple[TransformerType, ...] = (
    TransformerType(220.0, 110.0, 125.0, 0.110, 35.0),
    TransformerType(220.0, 110.0, 200.0, 0.110, 40.0),
    TransformerType(330.0, 110.0, 125.0, 0.100, 35.0),
    TransformerType(330.0, 110.0, 200.0, 0.105, 40.0),
    TransformerType(400.0, 110.0, 250.0, 0.120, 45.0),
    TransformerType(400.0, 220.0, 400.0, 0.115, 50.0),
    TransformerType(400.0, 220.0, 500.0, 0.115, 55.0),
    TransformerType(750.0, 330.0, 1000.0, 0.100, 60.0),
)


@dataclass(frozen=True, slots=True)
class UnitType:
    """What a kind of plant is made of and how it runs in a winter evening peak.

    `capacity_pu` is installed capacity over peak demand; `dispatch_pu` output over capacity at the
    peak (thermal takes what is left); `unit_mw` the sizes to choose from, smallest first.
    """

    kind: GeneratorKind
    capacity_pu: float
    dispatch_pu: float
    unit_mw: tuple[float, ...]
    units_per_plant: tuple[int, int]
    min_pu: float
    ramp_pu_per_min: float
    black_start_share: float


UNIT_TYPES: tuple[UnitType, ...] = (
    UnitType(GeneratorKind.NUCLEAR, 0.38, 0.95, (1000.0,), (2, 3), 0.70, 0.0, 0.0),
    UnitType(
        GeneratorKind.CHP, 0.20, 0.75, (12.0, 30.0, 60.0, 110.0, 180.0), (1, 3), 0.40, 0.01, 0.0
    ),
    UnitType(GeneratorKind.HYDRO, 0.22, 0.50, (15.0, 40.0, 70.0, 110.0), (3, 6), 0.05, 0.20, 1.0),
    UnitType(GeneratorKind.GAS, 0.06, 0.30, (25.0, 50.0, 100.0), (1, 3), 0.20, 0.08, 0.5),
    UnitType(GeneratorKind.STORAGE, 0.05, 0.30, (20.0, 50.0), (1, 2), -1.0, 1.0, 0.0),
    UnitType(GeneratorKind.SOLAR, 0.20, 0.0, (10.0, 20.0, 40.0), (1, 1), 0.0, 0.0, 0.0),
    UnitType(GeneratorKind.WIND, 0.08, 0.30, (30.0, 60.0, 90.0), (1, 1), 0.0, 0.0, 0.0),
    UnitType(
        GeneratorKind.THERMAL,
        0.44,
        0.60,
        (25.0, 50.0, 100.0, 150.0, 200.0, 300.0),
        (2, 5),
        0.40,
        0.02,
        0.0,
    ),
)
"""Assumed mix of a winter-peaking system; the shares are options of the generator, not a claim
about any country."""

FIRM_CAPACITY_PU = 1.35
"""Capacity other than solar and wind over peak demand; thermal makes it up."""

LARGEST_UNIT_PU = 0.065
"""No unit above this share of peak demand: its loss must be covered by the others' reserves."""


def conductors_of(voltage_kv: float) -> tuple[int, ...]:
    """Rows of `CONDUCTORS` for a voltage, the lightest first."""
    return tuple(i for i, c in enumerate(CONDUCTORS) if c.voltage_kv == voltage_kv)


def transformers_of(high_kv: float, low_kv: float) -> tuple[int, ...]:
    """Rows of `TRANSFORMER_TYPES` for a pair of voltages, the smallest first."""
    return tuple(
        i for i, t in enumerate(TRANSFORMER_TYPES) if (t.high_kv, t.low_kv) == (high_kv, low_kv)
    )
