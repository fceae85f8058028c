"""One network, some losses, a rule of tripping: what happens, step by step, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lightkeeper.flow import (
    CascadeTrace,
    ElementKind,
    LossCause,
    TraceOptions,
    TripCause,
    TripRule,
    build_case,
    trace_cascade,
)
from lightkeeper.operations.models import load_network
from lightkeeper.operations.simulate import (
    case_branch_ids,
    choose_losses,
    count_without_rating,
    lost_ids,
)
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.units import FloatArray, StrArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedTrip:
    """An element that trips, going into `step`.

    `loading_pu` of a branch (None without a limit or before the first flow), `output_mw` of a unit.
    """

    step: int
    time_s: float | None
    kind: ElementKind
    id: str
    cause: TripCause
    loading_pu: float | None
    output_mw: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedStep:
    """The network between two trips; `lost_mw` by cause is what went since the step before."""

    time_s: float | None
    n_islands: int
    served_mw: float
    lost_mw: dict[LossCause, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedScenario:
    """One scenario from the loss to its end. `lost_mw` by cause adds up to `unserved_mw`."""

    lost: tuple[str, ...]
    demand_mw: float
    served_mw: float
    unserved_mw: float
    lost_mw: dict[LossCause, float]
    n_overloaded: int
    converged: bool
    steps: tuple[TracedStep, ...]
    trips: tuple[TracedTrip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Scenarios of one network under one rule. `seed` is that of random losses and failures.

    Of its lines and transformers in service (`n_branches`), those without a rating cannot trip.
    """

    network: str
    is_exercise: bool
    trip_rule: TripRule
    hidden_failure_pu: float
    seed: int | None
    n_branches: int
    n_branches_without_rating: int
    scenarios: tuple[TracedScenario, ...]


def trace(
    network: str,
    *,
    trip_rule: TripRule,
    lose: Sequence[str] = (),
    n_random: int = 0,
    n_lost: int = 5,
    hidden_failure_pu: float = 0.0,
    horizon_s: float = 900.0,
    seed: int = 1,
    n_threads: int = 2,
    progress: Progress = no_progress,
) -> Trace:
    """Run the elements named, or random branch outages, by a rule of tripping.

    With timed relays these stand on the short-time rating, where there is one, and units have a
    minute of their own ramp at each balance; otherwise a tenth of PMAX a round.
    """
    progress("reading the network", 0.0)
    model = load_network(network)
    timed = trip_rule is TripRule.TIMED_RELAYS
    case = build_case(model, use_short_ratings=timed)
    scenarios = choose_losses(model, case, lose, n_random=n_random, n_lost=n_lost, seed=seed)
    progress("compiling and running the flow engine", 0.2)
    options = TraceOptions(
        trip_rule=trip_rule,
        hidden_failure_pu=hidden_failure_pu,
        seed=seed,
        ramp_pu=None if timed else 0.1,
        ramp_min=1.0,
        horizon_s=horizon_s,
        n_threads=n_threads,
    )
    result = trace_cascade(case, scenarios, options)
    progress("done", 1.0)
    n_branches, n_without_rating = count_without_rating(model, case)
    ids = {
        ElementKind.BRANCH: case_branch_ids(model),
        ElementKind.UNIT: np.concatenate([model.generators.id, model.ties.id]),
    }
    return Trace(
        network=model.name,
        is_exercise=model.is_synthetic,
        trip_rule=trip_rule,
        hidden_failure_pu=hidden_failure_pu,
        seed=seed if n_random or hidden_failure_pu else None,
        n_branches=n_branches,
        n_branches_without_rating=n_without_rating,
        scenarios=tuple(
            _scenario(result, ids, lost_ids(model, scenarios, s), s)
            for s in range(scenarios.n_scenarios)
        ),
    )


def _scenario(
    result: CascadeTrace, ids: dict[ElementKind, StrArray], lost: tuple[str, ...], s: int
) -> TracedScenario:
    first, stop = int(result.step_start[s]), int(result.step_start[s + 1])
    demand, served = result.final.demand_mw[s], result.final.served_mw[s]
    steps = tuple(
        TracedStep(
            time_s=_known(result.step_time_s[k]),
            n_islands=int(result.step_islands[k]),
            served_mw=float(result.step_served_mw[k]),
            lost_mw=_by_cause(result.step_lost_mw[k]),
        )
        for k in range(first, stop)
    )
    trips = []
    for e in range(result.event_start[s], result.event_start[s + 1]):
        kind = list(ElementKind)[result.event_kind[e]]
        amount = _known(result.event_amount[e])
        trips.append(
            TracedTrip(
                step=int(result.event_step[e]),
                time_s=_known(result.event_time_s[e]),
                kind=kind,
                id=str(ids[kind][result.event_row[e]]),
                cause=list(TripCause)[result.event_cause[e]],
                loading_pu=amount if kind is ElementKind.BRANCH and amount else None,
                output_mw=amount if kind is ElementKind.UNIT else None,
            )
        )
    return TracedScenario(
        lost=lost,
        demand_mw=float(demand.sum()),
        served_mw=float(served.sum()),
        unserved_mw=float((demand - served).sum()),
        lost_mw=_by_cause(result.step_lost_mw[first:stop].sum(axis=0)),
        n_overloaded=int(result.n_overloaded[s]),
        converged=bool(result.final.converged[s]),
        steps=steps,
        trips=tuple(trips),
    )


def _by_cause(lost_mw: FloatArray) -> dict[LossCause, float]:
    return {cause: float(mw) for cause, mw in zip(LossCause, lost_mw, strict=True) if mw > 0.0}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
