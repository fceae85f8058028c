"""What goes into and comes out of the numerical core. It knows nothing of reports or people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lightkeeper.units import BoolArray, FloatArray, IntArray


class BalanceRule(StrEnum):
    """How an island finds its balance.

    RAMPED: units move within limits and ramp fraction; what is short is shed, what is over trips.
    PROPORTIONAL: surplus scales units, deficit scales loads; for comparison with other tools.
    """

    RAMPED = "ramped"
    PROPORTIONAL = "proportional"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """Options of a cascade run.

    `ramp_pu` is r of the rule RAMPED, as a fraction of PMAX a round; None takes each unit's own
    `ramp_pu_per_min` times `ramp_min`. `trip_overloads` False balances and solves once.
    """

    rule: BalanceRule = BalanceRule.RAMPED
    ramp_pu: float | None = 0.1
    ramp_min: float = 5.0
    trip_overloads: bool = True
    max_rounds: int = 100
    use_taps: bool = True
    use_shifts: bool = True
    n_threads: int = 1
    keep_flows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCase:
    """A network as arrays the kernels read; 0-based buses, per unit on `base_mva`.

    Branches are the lines, then the transformers of the network, in row order. Units are the
    generators, then the ties (a tie is a unit whose limits are its import and export limits).
    Rows out of service are kept (so that indices hold) and marked.
    `susceptance_pu` = 1 / (x * tap); `limit_mw` is inf where the rating is 0.
    """

    base_mva: float
    n_bus: int
    from_bus: IntArray
    to_bus: IntArray
    susceptance_pu: FloatArray
    shift_rad: FloatArray
    limit_mw: FloatArray
    branch_on: BoolArray
    bus_on: BoolArray
    load_mw: FloatArray  # (n_bus,) positive part of PD + GS
    infeed_mw: FloatArray  # (n_bus,) fixed infeed: the negative part, as a positive number
    unit_bus: IntArray
    unit_p_mw: FloatArray  # base dispatch: clipped and balanced
    unit_min_mw: FloatArray
    unit_max_mw: FloatArray
    unit_ramp_pu: FloatArray  # ramp fraction of PMAX a round; 0 for inflexible units
    unit_on: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """A batch of what is lost, as index lists: list i is `index[start[i]:start[i + 1]]`.

    `load_factor` and `rating_factor`, if given, have shape (n_scenarios, n_bus) and
    (n_scenarios, n_branch): impaired assets and load levels are scenarios too. `unit_factor` has
    shape (n_scenarios, n_unit) and scales PMAX.
    """

    n_scenarios: int
    branch_start: IntArray
    branch_index: IntArray
    bus_start: IntArray
    bus_index: IntArray
    unit_start: IntArray
    unit_index: IntArray
    load_factor: FloatArray | None = None
    rating_factor: FloatArray | None = None
    unit_factor: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeResult:
    """What the network does, for each scenario s.

    `demand_mw`, `served_mw` (S, n_bus): demand after `load_factor`, and the part served; unserved
    is their difference and never negative. A lost bus serves nothing. `island` (S, n_bus): labels
    from 0 for live islands, -1 for dead or lost buses. `unit_mw` (S, n_unit). `n_rounds` (S,).
    `trip_round` (S, n_branch): 0 not tripped, -1 lost from the start, else the 1-based round.
    `flow_mw` (S, n_branch) only with `keep_flows`, else None. `converged` (S,): False where
    `max_rounds` ended the cascade.
    """

    demand_mw: FloatArray
    served_mw: FloatArray
    infeed_mw: FloatArray
    unit_mw: FloatArray
    island: IntArray
    n_islands: IntArray
    n_rounds: IntArray
    trip_round: IntArray
    converged: BoolArray
    flow_mw: FloatArray | None
