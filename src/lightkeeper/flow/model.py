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


class Output(StrEnum):
    """Arrays of a result that are of the size of the network for every scenario."""

    FLOWS = "flows"
    DEMAND = "demand"
    SERVED = "served"
    INFEED = "infeed"
    UNITS = "units"
    ISLANDS = "islands"
    TRIPS = "trips"


ALL_BUT_FLOWS = frozenset(Output) - {Output.FLOWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """Options of a cascade run.

    `ramp_pu` is r of the rule RAMPED, as a fraction of PMAX a round, for every unit and tie; None
    takes each unit's own `unit_ramp_pu_per_min` times `ramp_min`. `trip_overloads` False balances
    and solves once. Taps and phase shifts are settled when the case is built. `outputs` says which
    arrays the result has, and `keep_flows` adds the flows: what is not asked for is not written,
    and mostly not calculated. A batch of `bulk_from` scenarios or more runs eight at a time: the
    same answers (flows within 1e-8 p.u.) sooner, but these kernels take some time to compile the
    first time they are used on a machine.
    """

    rule: BalanceRule = BalanceRule.RAMPED
    ramp_pu: float | None = 0.1
    ramp_min: float = 5.0
    trip_overloads: bool = True
    max_rounds: int = 100
    n_threads: int = 1
    keep_flows: bool = False
    outputs: frozenset[Output] = ALL_BUT_FLOWS
    bulk_from: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCase:
    """A network as arrays the kernels read; 0-based buses, per unit on `base_mva`.

    Branches are the lines, then the transformers, then the switches of the network, in row order
    (a closed switch is a branch of very small reactance, without limit). Units are the generators,
    then the ties (a tie is a unit whose limits are its import and export limits). Rows out of
    service are kept (so that indices hold) and marked.
    `susceptance_pu` = 1 / (x * tap); `limit_mw` is inf where the rating is 0.

    The base state, from which every scenario starts under the rule RAMPED, is `unit_p_mw`,
    `base_served_mw`, `base_infeed_mw`, `base_unit_on`: the schedule clipped to the limits and
    balanced in every island of the intact network without ramp limit. Make one with
    `lightkeeper.flow.make_case`, which calculates them.
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
    load_mw: FloatArray  # (n_bus,) demand: positive part of PD + GS
    infeed_mw: FloatArray  # (n_bus,) fixed infeed: the negative part, as a positive number
    unit_bus: IntArray
    unit_scheduled_mw: FloatArray  # PG as the model has it
    unit_p_mw: FloatArray  # base dispatch: clipped and balanced
    unit_min_mw: FloatArray  # never above unit_max_mw
    unit_max_mw: FloatArray
    unit_ramp_pu_per_min: FloatArray  # of PMAX; 0 for inflexible units, inf for ties
    unit_on: BoolArray
    base_served_mw: FloatArray  # (n_bus,) part of load_mw served before any loss
    base_infeed_mw: FloatArray  # (n_bus,) infeed before any loss (0 in islands dead from the start)
    base_unit_on: BoolArray  # units that run or may run before any loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """A batch of what is lost, as index lists: list i is `index[start[i]:start[i + 1]]`.

    `load_factor` and `rating_factor`, if given, have shape (n_scenarios, n_bus) and
    (n_scenarios, n_branch): impaired assets and load levels are scenarios too. `unit_factor` has
    shape (n_scenarios, n_unit) and scales PMAX. Factors of loads and
    units are >= 0, of ratings > 0.
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

    `total_demand_mw`, `total_served_mw` (S,): over all buses. Arrays with a column for each bus,
    branch or unit have no rows where `FlowOptions.outputs` does not name them.

    `demand_mw`, `served_mw` (S, n_bus): demand after `load_factor`, and the part served; unserved
    is their difference and never negative. A lost bus serves nothing. `infeed_mw` (S, n_bus): what
    fixed infeeds still give. `island` (S, n_bus): labels from 0 for live islands, -1 for dead or
    lost buses. `unit_mw` (S, n_unit). `n_rounds` (S,): rounds of balance and flow.
    `trip_round` (S, n_branch): 0 not tripped, -1 out from the start, else the 1-based round.
    `flow_mw` (S, n_branch) only with `keep_flows`, else None. `converged` (S,): False where
    `max_rounds` ended the cascade with overloads left, or where the flow equations of an island
    have no unique solution (reactances that cancel); flows are NaN in the second case.
    """

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
    flow_mw: FloatArray | None


class TripRule(StrEnum):
    """What trips of the branches above their limit.

    ALL_AT_ONCE: all of them, round by round. WORST_FIRST: only the one with the highest loading, a
    round each. TIMED_RELAYS: each when its relay's accumulated excess reaches a threshold; time is
    explicit.
    """

    ALL_AT_ONCE = "all-at-once"
    WORST_FIRST = "worst-first"
    TIMED_RELAYS = "timed-relays"


class ElementKind(StrEnum):
    """What trips."""

    BRANCH = "branch"
    UNIT = "unit"


class TripCause(StrEnum):
    """Why it trips.

    OVERLOAD: loading. HIDDEN_FAILURE: its relay misoperates as a branch beside it goes. SURPLUS:
    balance, the island has too much. DEAD_ISLAND: the island it is in cannot live.
    """

    OVERLOAD = "overload"
    HIDDEN_FAILURE = "hidden-failure"
    SURPLUS = "surplus"
    DEAD_ISLAND = "dead-island"


class LossCause(StrEnum):
    """Why load is not served.

    BEFORE: not served before any loss either. WITH_BUS: its bus is lost. NO_SUPPLY: cut off, in an
    island where no unit can run. SURPLUS: in an island whose units could not come down far enough
    and all tripped. DEFICIT: in an island short of power.
    """

    BEFORE = "before"
    WITH_BUS = "with-bus"
    NO_SUPPLY = "no-supply"
    SURPLUS = "surplus"
    DEFICIT = "deficit"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """Options of a cascade told step by step.

    `ramp_pu` and `ramp_min` are those of `FlowOptions`, for each balance; `ramp_least_mw` is the
    least that a unit with a ramp may move under TIMED_RELAYS; with `infeed_follows_load`, fixed
    infeed there scales down with the loads of its island. A relay trips when its accumulated
    excess is that of an overload by `relay_overload_pu` over `relay_trip_s`. Losses come at
    `start_s`; what would trip after `horizon_s` does not. With `hidden_failure_pu` as probability,
    the relay of a branch hides a failure, by `seed`: it trips when a branch beside it goes.
    """

    trip_rule: TripRule = TripRule.ALL_AT_ONCE
    hidden_failure_pu: float = 0.0
    seed: int = 0
    ramp_pu: float | None = 0.1
    ramp_min: float = 5.0
    ramp_least_mw: float = 0.0
    infeed_follows_load: bool = False
    start_s: float = 1.0
    horizon_s: float = 900.0
    relay_trip_s: float = 15.0
    relay_overload_pu: float = 0.5
    max_rounds: int = 10_000
    n_threads: int = 1
    keep_flows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeTrace:
    """Cascades step by step; `final` is the state they end in.

    The trips of scenario s are the rows `event_start[s]:event_start[s + 1]` of the event columns,
    in order: `event_step` (the step of the scenario that they lead to, from 0), `event_time_s` (NaN
    without a clock), `event_kind` and `event_cause` (places in `ElementKind`, `TripCause`),
    `event_row` (branch or unit), `event_amount` (loading of a branch as a multiple of its limit, 0
    without limit, NaN before the first flow; output of a unit before, MW).

    Its steps are `step_start[s]:step_start[s + 1]`: `step_time_s`, `step_islands` (live ones),
    `step_served_mw`, `step_lost_mw` (n_steps, causes of `LossCause`): what this step took away.
    Summed over steps and causes that is demand less served. `n_overloaded` (S,): branches above
    their limit at the end.
    """

    final: CascadeResult
    event_start: IntArray
    event_step: IntArray
    event_time_s: FloatArray
    event_kind: IntArray
    event_row: IntArray
    event_cause: IntArray
    event_amount: FloatArray
    step_start: IntArray
    step_time_s: FloatArray
    step_islands: IntArray
    step_served_mw: FloatArray
    step_lost_mw: FloatArray
    n_overloaded: IntArray
