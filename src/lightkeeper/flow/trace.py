"""Cascades step by step: what trips when and why, and what each step costs."""

from __future__ import annotations

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.arrays import Rules
from lightkeeper.flow.cascade import (
    PreparedCase,
    as_result,
    base_state,
    check_options,
    in_pieces,
    lost_arrays,
    prepare,
    ramp_pu_a_round,
    result_arrays,
)
from lightkeeper.flow.model import (
    CascadeTrace,
    FlowCase,
    FlowOptions,
    Scenarios,
    TraceOptions,
    TripRule,
)
from lightkeeper.flow.scenarios import check_scenarios
from lightkeeper.flow.trace_kernels import EVENT_WIDTH, STEP_WIDTH, TraceRules, trace_range
from lightkeeper.units import FloatArray, IntArray

# The published relay model's own settings: every unit ramps by 5 % of PMAX a minute, at least by
# 1 MW, and has a minute at each balance; a negative load is a load like any other.
PUBLISHED_RELAYS = TraceOptions(
    trip_rule=TripRule.TIMED_RELAYS, ramp_pu=0.05, ramp_least_mw=1.0, infeed_follows_load=True
)


def trace_cascade(
    case: FlowCase | PreparedCase, scenarios: Scenarios, options: TraceOptions | None = None
) -> CascadeTrace:
    """Run every scenario of a batch to its end and tell what happened.

    ALL_AT_ONCE ends as `run_cascade` does. Rounds balance by the rule RAMPED; under TIMED_RELAYS
    units share by ramp rate, and islands are balanced at the start, when their number rises, and
    at the end. Scenarios are independent of each other, of the batch and of `n_threads`; hidden
    failures depend on the seed, the place of the scenario in the batch, and the branch.

    Raises
    ------
    InputError
        A scenario names an element the case does not have, a factor or an option is out of range.

    Examples
    --------
    >>> from lightkeeper.flow import TraceOptions, TripRule, lose, make_case, trace_cascade
    >>> case = make_case(
    ...     base_mva=100, n_bus=2, from_bus=[0, 0], to_bus=[1, 1], x_pu=0.1, rating_mw=[40, 40],
    ...     load_mw=[0, 60], unit_bus=[0], unit_scheduled_mw=60, unit_max_mw=80,
    ... )
    >>> options = TraceOptions(trip_rule=TripRule.TIMED_RELAYS)
    >>> trace = trace_cascade(case, lose(case, branches=[[0]]), options)
    >>> trace.event_time_s[:1].tolist()  # 60 MW over 40: 15 s after the loss at 1 s
    [16.0]
    """
    options = options or TraceOptions()
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    check_scenarios(prepared.case, scenarios)
    _check(options)
    flow_options = FlowOptions(
        ramp_pu=options.ramp_pu,
        ramp_min=options.ramp_min,
        max_rounds=options.max_rounds,
        n_threads=options.n_threads,
    )
    check_options(flow_options)
    grid = prepared.grid._replace(ramp_pu=ramp_pu_a_round(prepared.case, flow_options))
    base = base_state(prepared.case, flow_options)
    lost = lost_arrays(scenarios)
    keep = Rules(
        proportional=False,
        trip_overloads=True,
        keep_flows=options.keep_flows,
        max_rounds=options.max_rounds,
    )
    rules = TraceRules(
        trip=list(TripRule).index(options.trip_rule),
        hidden_failure_pu=float(options.hidden_failure_pu),
        seed=int(options.seed),
        max_rounds=options.max_rounds,
        ramp_least_mw=float(options.ramp_least_mw),
        infeed_follows_load=options.infeed_follows_load,
        start_s=float(options.start_s),
        horizon_s=float(options.horizon_s),
        relay_s=float(options.relay_trip_s * options.relay_overload_pu),
    )
    n = scenarios.n_scenarios
    out = result_arrays(prepared.case, n, keep_flows=options.keep_flows)
    n_overloaded = np.zeros(n, np.int32)

    def piece(bounds: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
        return trace_range(
            grid, base, prepared.factor, lost, keep, rules, *bounds, out, n_overloaded
        )

    pieces = in_pieces(piece, n, options.n_threads)
    event = np.concatenate([np.empty((0, EVENT_WIDTH)), *(p[0] for p in pieces)])
    step = np.concatenate([np.empty((0, STEP_WIDTH)), *(p[1] for p in pieces)])
    return CascadeTrace(
        final=as_result(out, keep_flows=options.keep_flows),
        event_start=_starts(event[:, 0], n),
        event_step=event[:, 1].astype(np.int32),
        event_time_s=event[:, 2].copy(),
        event_kind=event[:, 3].astype(np.int32),
        event_row=event[:, 4].astype(np.int32),
        event_cause=event[:, 5].astype(np.int32),
        event_amount=event[:, 6].copy(),
        step_start=_starts(step[:, 0], n),
        step_time_s=step[:, 1].copy(),
        step_islands=step[:, 2].astype(np.int32),
        step_served_mw=step[:, 3].copy(),
        step_lost_mw=step[:, 4:].copy(),
        n_overloaded=n_overloaded,
    )


def _starts(scenario: FloatArray, n: int) -> IntArray:
    """Where the rows of each scenario begin, and the last end, (n + 1,)."""
    return np.searchsorted(scenario, np.arange(n + 1)).astype(np.int32)


def _check(options: TraceOptions) -> None:
    if not 0.0 <= options.hidden_failure_pu <= 1.0:
        raise InputError(f"hidden_failure_pu is {options.hidden_failure_pu}; give 0 to 1")
    if options.seed < 0:
        raise InputError(f"seed is {options.seed}; give zero or more")
    if not options.ramp_least_mw >= 0.0:
        raise InputError(f"ramp_least_mw is {options.ramp_least_mw}; give zero or more")
    if not options.horizon_s >= options.start_s >= 0.0:
        raise InputError(
            f"start_s is {options.start_s} and horizon_s {options.horizon_s}; "
            "give zero or more seconds, the horizon not before the start"
        )
    if not (options.relay_trip_s > 0.0 and options.relay_overload_pu > 0.0):
        raise InputError("relay_trip_s and relay_overload_pu are above zero")
