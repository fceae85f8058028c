"""One network, some losses: what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    CascadeResult,
    FlowCase,
    FlowOptions,
    Scenarios,
    build_case,
    no_loss,
    prepare,
    read_outages,
    run_cascade,
    trace_cascade,
    write_neutral,
    write_relay_results,
)
from lightkeeper.flow import lose as lose_rows
from lightkeeper.grid import Network, branch_ids
from lightkeeper.operations.models import load_network
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.units import StrArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedIsland:
    """One island after the cascade; a dead one has no supply."""

    n_buses: int
    is_dead: bool
    generation_mw: float
    demand_mw: float
    served_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedScenario:
    """What one scenario comes to. `tripped` are branch ids with the round they tripped in."""

    lost: tuple[str, ...]
    n_rounds: int
    converged: bool
    demand_mw: float
    served_mw: float
    unserved_mw: float
    islands: tuple[SimulatedIsland, ...]
    tripped: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Scenarios of one network.

    Of its lines and transformers in service (`n_branches`), those without a rating cannot trip.
    `n_trips_before` and `unserved_before_mw` are what happens without any loss; the scenarios
    include it.
    """

    network: str
    is_exercise: bool
    seed: int | None
    n_branches: int
    n_branches_without_rating: int
    n_trips_before: int
    unserved_before_mw: float
    scenarios: tuple[SimulatedScenario, ...]


def simulate(
    network: str,
    *,
    lose: Sequence[str] = (),
    n_random: int = 0,
    n_lost: int = 5,
    seed: int = 1,
    n_threads: int = 2,
    progress: Progress = no_progress,
) -> Simulation:
    """Run the elements named, or random branch outages, through the flow engine.

    `network` is a folder or zip of a network or region, or a MATPOWER case by file or name.
    """
    progress("reading the network", 0.0)
    model = load_network(network)
    case = build_case(model)
    scenarios = choose_losses(model, case, lose, n_random=n_random, n_lost=n_lost, seed=seed)
    progress("compiling and running the flow engine", 0.2)
    prepared, options = prepare(case), FlowOptions(n_threads=n_threads)
    before = run_cascade(prepared, no_loss(), options)
    result = run_cascade(prepared, scenarios, options)
    progress("done", 1.0)
    return _simulation(model, case, scenarios, before, result, seed=seed if n_random else None)


def simulate_outages(
    network: str,
    outages: Path,
    *,
    export: Path | None,
    n_threads: int = 2,
    progress: Progress = no_progress,
) -> Simulation:
    """Run the scenarios of a file that names elements by their rows in a MATPOWER case."""
    progress("reading the network", 0.0)
    model = load_network(network)
    study = read_outages(outages, model)
    progress("compiling and running the flow engine", 0.2)
    if study.relays is not None:
        relays = replace(study.relays, n_threads=n_threads)
        before = trace_cascade(study.case, no_loss(), relays).final
        trace = trace_cascade(study.case, study.scenarios, relays)
        result = trace.final
        if export is not None:
            write_relay_results(export, model, study, trace)
    else:
        options = replace(study.options, n_threads=n_threads, keep_flows=export is not None)
        before = run_cascade(study.case, no_loss(), options)
        result = run_cascade(study.case, study.scenarios, options)
        if export is not None:
            write_neutral(export, model, study.case, study.scenarios, result)
    progress("done", 1.0)
    return _simulation(model, study.case, study.scenarios, before, result, seed=None)


def count_without_rating(model: Network, case: FlowCase) -> tuple[int, int]:
    """Return how many lines and transformers are in service, and how many of them cannot trip."""
    n = len(model.lines.id) + len(model.transformers.id)  # a switch has no rating to give
    in_service = case.branch_on[:n]
    return int(in_service.sum()), int(np.isinf(case.limit_mw[:n][in_service]).sum())


def choose_losses(
    model: Network, case: FlowCase, lose: Sequence[str], *, n_random: int, n_lost: int, seed: int
) -> Scenarios:
    """Return random branch outages, or one scenario that loses the elements named."""
    if n_random and lose:
        raise InputError("elements to lose and random scenarios exclude each other; give one")
    if not n_random:
        return _named(model, case, lose)
    rng = np.random.default_rng(seed)
    live = np.flatnonzero(case.branch_on)
    if n_lost > live.size:
        raise InputError(
            f"-k {n_lost}: the network has {live.size} branches in service; lose fewer"
        )
    branches = [rng.choice(live, n_lost, replace=False) for _ in range(n_random)]
    return lose_rows(case, branches=[b.tolist() for b in branches])


def case_branch_ids(model: Network) -> StrArray:
    """Return the ids of all branches of the flow case: lines, transformers, switches."""
    return np.concatenate([branch_ids(model), model.switches.id])


def lost_ids(model: Network, scenarios: Scenarios, s: int) -> tuple[str, ...]:
    """Return what a scenario loses: ids of branches, then buses, then units and ties."""
    units = np.concatenate([model.generators.id, model.ties.id])
    return tuple(
        str(ids[row])
        for ids, start, index in (
            (case_branch_ids(model), scenarios.branch_start, scenarios.branch_index),
            (model.buses.id, scenarios.bus_start, scenarios.bus_index),
            (units, scenarios.unit_start, scenarios.unit_index),
        )
        for row in index[start[s] : start[s + 1]]
    )


def _named(model: Network, case: FlowCase, names: Sequence[str]) -> Scenarios:
    """Return one scenario that loses the elements named."""
    tables = {
        "branches": branch_ids(model),
        "buses": model.buses.id,
        "units": np.concatenate([model.generators.id, model.ties.id]),
    }
    rows = {(kind, str(name)): row for kind, ids in tables.items() for row, name in enumerate(ids)}
    chosen: dict[str, list[int]] = {kind: [] for kind in tables}
    for name in names:
        kinds = [kind for kind in tables if (kind, name) in rows]
        if not kinds:
            raise InputError(f'element "{name}" is no branch, bus, unit or tie of {model.name}')
        if len(kinds) > 1:
            raise InputError(f'"{name}" names {" and ".join(kinds)}; ids must differ between them')
        chosen[kinds[0]].append(rows[kinds[0], name])
    return lose_rows(
        case,
        branches=[chosen["branches"]],
        buses=[chosen["buses"]],
        units=[chosen["units"]],
    )


def _simulation(
    model: Network,
    case: FlowCase,
    scenarios: Scenarios,
    before: CascadeResult,
    result: CascadeResult,
    *,
    seed: int | None,
) -> Simulation:
    branches = branch_ids(model)
    n_branches, n_without_rating = count_without_rating(model, case)
    described = []
    for s in range(scenarios.n_scenarios):
        demand, served = float(result.demand_mw[s].sum()), float(result.served_mw[s].sum())
        tripped = np.flatnonzero(result.trip_round[s][: len(branches)] > 0)
        described.append(
            SimulatedScenario(
                lost=lost_ids(model, scenarios, s),
                n_rounds=int(result.n_rounds[s]),
                converged=bool(result.converged[s]),
                demand_mw=demand,
                served_mw=served,
                unserved_mw=float((result.demand_mw[s] - result.served_mw[s]).sum()),
                islands=_islands(case, result, s),
                tripped=tuple(
                    (str(branches[b]), int(result.trip_round[s, b]))
                    for b in tripped[np.argsort(result.trip_round[s, tripped], kind="stable")]
                ),
            )
        )
    return Simulation(
        network=model.name,
        is_exercise=model.is_synthetic,
        seed=seed,
        n_branches=n_branches,
        n_branches_without_rating=n_without_rating,
        n_trips_before=int((before.trip_round[0] > 0).sum()),
        unserved_before_mw=float((before.demand_mw[0] - before.served_mw[0]).sum()),
        scenarios=tuple(described),
    )


def _islands(case: FlowCase, result: CascadeResult, s: int) -> tuple[SimulatedIsland, ...]:
    """Return the live islands, the largest first, and all dead buses as one last entry."""
    label = result.island[s]
    islands = []
    for island in [*range(int(result.n_islands[s])), -1]:
        buses = label == island
        if not buses.any():
            continue
        islands.append(
            SimulatedIsland(
                n_buses=int(buses.sum()),
                is_dead=island < 0,
                generation_mw=float(
                    result.unit_mw[s][buses[case.unit_bus]].sum() + result.infeed_mw[s][buses].sum()
                ),
                demand_mw=float(result.demand_mw[s][buses].sum()),
                served_mw=float(result.served_mw[s][buses].sum()),
            )
        )
    return tuple(sorted(islands, key=lambda i: (i.is_dead, -i.n_buses)))
