"""Outages and results in a neutral format, in the rows of a MATPOWER case.

Meant for comparison with other programs. Buses go by number, branches and units by 1-based row of
the case table, rows out of service included. `outages.json`::

    {"rule": "ramped" | "proportional",
     "mode": "flow" | "cascade" | "timed-relays",
     "taps": true, "shifts": true,
     "ramp_pu": 0.1,                            # or one number per unit row
     "limits": "rate_a" | "rate_b" | {"margin": 1.3},   # margin: from the intact network's flow
     "scenarios": [{"branches": [3], "buses": [117], "generators": [2], "loads": [59],
                    "rating_x": {"12": 0.8}, "pmax_x": {"3": 0.5}, "load_x": {"117": 1.2}}]}

Every key may be absent. Results are arrays `flow_mw` (S, branches), `served_mw`, `infeed_mw`,
`island` (S, buses), `gen_mw` (S, units) and `tripped` (K, 3): scenario from 0, round from 1, branch
row from 1.

Relays with time take `ramp_least_mw` and `infeed_follows_load` (see `TraceOptions`) and, as the
published model has it, a negative load as a load like any other. Their results are
`{"results": [{"outage": [11, 38], "mw_lost": 7400.7, "trips": [[94.98, 37], ...]}, ...]}`: branch
rows lost, net load lost, and the second and branch row of every trip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lightkeeper.errors import InputError
from lightkeeper.flow.cascade import run_cascade
from lightkeeper.flow.case import build_case
from lightkeeper.flow.islands import label_islands
from lightkeeper.flow.model import (
    BalanceRule,
    CascadeResult,
    CascadeTrace,
    ElementKind,
    FlowCase,
    FlowOptions,
    Scenarios,
    TraceOptions,
    TripRule,
)
from lightkeeper.flow.scenarios import lose, no_loss
from lightkeeper.grid import Network, matpower_branch_rows
from lightkeeper.units import FloatArray, IntArray

_KEYS = frozenset({"branches", "buses", "generators", "loads", "rating_x", "pmax_x", "load_x"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What an outages file asks for; `relays` only where it asks for relays with time."""

    case: FlowCase
    scenarios: Scenarios
    options: FlowOptions
    relays: TraceOptions | None = None


def read_outages(path: Path, network: Network) -> Study:
    """Read an outages file for a network that `read_matpower` made.

    Raises
    ------
    InputError
        The file is not JSON of this form, or names a row, bus or key that is not there.
    NetworkInvalid
        The network is not of a MATPOWER case, or cannot be solved; see `build_case`.
    """
    name = f'outages file "{path}"'
    try:
        asked = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: {error}; give a JSON file") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("scenarios"), list):
        raise InputError(f'{name}: it has no list "scenarios"; add it')
    try:
        rule = BalanceRule(asked.get("rule", "ramped"))
    except ValueError as error:
        raise InputError(f"{name}: {error}; use ramped or proportional") from error
    mode = asked.get("mode", "flow")
    if mode not in ("flow", "cascade", TripRule.TIMED_RELAYS):
        raise InputError(f'{name}: mode is "{mode}"; use flow, cascade or timed-relays')
    if mode == TripRule.TIMED_RELAYS and rule is not BalanceRule.RAMPED:
        raise InputError(f"{name}: relays with time balance by the rule ramped alone")
    limits = asked.get("limits", "rate_a")
    margin = None
    if limits not in ("rate_a", "rate_b"):
        margin = _number(limits.get("margin") if isinstance(limits, dict) else None, name, "margin")
    case = build_case(
        network,
        use_taps=bool(asked.get("taps", True)),
        use_shifts=bool(asked.get("shifts", True)),
        use_short_ratings=limits == "rate_b",
    )
    ramp_pu: float | None = None
    ramp = asked.get("ramp_pu", 0.1)
    if isinstance(ramp, list):
        if len(ramp) != len(network.generators.id):
            raise InputError(f"{name}: ramp_pu needs one number per unit row")
        per_min = case.unit_ramp_pu_per_min.copy()
        per_min[: len(ramp)] = [_number(x, name, "ramp_pu") for x in ramp]
        case = replace(case, unit_ramp_pu_per_min=per_min)
    else:
        ramp_pu = _number(ramp, name, "ramp_pu")
    options = FlowOptions(
        rule=rule,
        ramp_pu=ramp_pu,
        ramp_min=1.0,
        trip_overloads=mode == "cascade",
        max_rounds=len(case.from_bus) + 1,
        keep_flows=True,
    )
    relays = None
    if mode == TripRule.TIMED_RELAYS:
        relays = TraceOptions(
            trip_rule=TripRule.TIMED_RELAYS,
            ramp_pu=ramp_pu,
            ramp_min=1.0,
            ramp_least_mw=_number(asked.get("ramp_least_mw", 0.0), name, "ramp_least_mw"),
            infeed_follows_load=bool(asked.get("infeed_follows_load", False)),
        )
    if margin is not None:
        case = limits_from_margin(case, margin, options)
    scenarios = _scenarios(asked["scenarios"], network, case)
    return Study(case=case, scenarios=scenarios, options=options, relays=relays)


def limits_from_margin(case: FlowCase, margin: float, options: FlowOptions) -> FlowCase:
    """Give every branch a limit from the flow of the intact network, for cases without ratings.

    The limit is `margin` times that flow, or 5 % of the flow that nine branches in ten stay below
    plus 0.1 p.u., if that is more.
    """
    at_once = replace(options, trip_overloads=False, keep_flows=True)
    flow = run_cascade(case, no_loss(), at_once).flow_mw
    if flow is None:  # for the type checker: keep_flows is set
        raise InputError("flows were not kept")
    size = np.abs(flow[0])
    floor = 0.05 * np.quantile(size[case.branch_on], 0.9) + 0.1 * case.base_mva
    return replace(case, limit_mw=np.maximum(margin * size, floor))


def neutral_arrays(
    network: Network, case: FlowCase, scenarios: Scenarios, result: CascadeResult
) -> dict[str, NDArray[np.float64] | NDArray[np.int32]]:
    """Result of a MATPOWER network in the rows of its case; the result must have kept flows.

    Raises
    ------
    InputError
        The result has no flows.
    NetworkInvalid
        The network is not of a MATPOWER case.
    """
    if result.flow_mw is None:
        raise InputError("the result has no flows; run with keep_flows")
    row = matpower_branch_rows(network)
    flow = np.zeros((scenarios.n_scenarios, len(row)))
    flow[:, row] = result.flow_mw[:, : len(row)]
    island = np.empty((scenarios.n_scenarios, case.n_bus), np.int32)
    for s in range(scenarios.n_scenarios):
        bus_on = case.bus_on.copy()
        bus_on[scenarios.bus_index[scenarios.bus_start[s] : scenarios.bus_start[s + 1]]] = False
        live = result.trip_round[s] == 0
        island[s] = label_islands(case.from_bus, case.to_bus, live, bus_on)
    which, branch = np.nonzero(result.trip_round[:, : len(row)] > 0)
    tripped = np.column_stack([which, result.trip_round[which, branch], row[branch] + 1])
    return {
        "flow_mw": flow,
        "served_mw": result.served_mw,
        "infeed_mw": result.infeed_mw,
        "gen_mw": result.unit_mw[:, : len(network.generators.id)],
        "island": island,
        "tripped": tripped.astype(np.int32),
    }


def write_neutral(
    path: Path, network: Network, case: FlowCase, scenarios: Scenarios, result: CascadeResult
) -> None:
    """Write `neutral_arrays` to a `.npz` or a `.json` file, by the ending of the name."""
    arrays = neutral_arrays(network, case, scenarios, result)
    if path.suffix == ".json":
        lists = {key: value.tolist() for key, value in arrays.items()}
        path.write_text(json.dumps(lists), encoding="utf-8")
    else:
        with path.open("wb") as file:
            # savez would take keys from a mapping of the wrong type, hence one by one.
            np.savez_compressed(
                file,
                flow_mw=arrays["flow_mw"],
                served_mw=arrays["served_mw"],
                infeed_mw=arrays["infeed_mw"],
                gen_mw=arrays["gen_mw"],
                island=arrays["island"],
                tripped=arrays["tripped"],
            )


def relay_results(
    study: Study, trace: CascadeTrace, branch_row: IntArray
) -> list[dict[str, list[int] | float | list[list[float]]]]:
    """Give for each scenario the branch rows lost, the net load lost [MW] and the trips.

    `branch_row` is the 0-based row of each branch in the case's own table. Load lost counts from
    the demand of the network; with `infeed_follows_load`, so does lost infeed, against it.
    """
    case, final = study.case, trace.final
    lost_mw = (final.demand_mw - final.served_mw).sum(axis=1)
    if study.relays is not None and study.relays.infeed_follows_load:
        lost_mw = lost_mw - (case.infeed_mw - final.infeed_mw).sum(axis=1)
    is_branch = trace.event_kind == list(ElementKind).index(ElementKind.BRANCH)
    results: list[dict[str, list[int] | float | list[list[float]]]] = []
    for s in range(study.scenarios.n_scenarios):
        start = study.scenarios.branch_start
        gone = study.scenarios.branch_index[start[s] : start[s + 1]]
        here = slice(trace.event_start[s], trace.event_start[s + 1])
        row = branch_row[trace.event_row[here][is_branch[here]]] + 1
        time_s = trace.event_time_s[here][is_branch[here]]
        results.append(
            {
                "outage": (branch_row[gone] + 1).tolist(),
                "mw_lost": float(lost_mw[s]),
                "trips": [[t, k] for t, k in zip(time_s.tolist(), row.tolist(), strict=True)],
            }
        )
    return results


def write_relay_results(path: Path, network: Network, study: Study, trace: CascadeTrace) -> None:
    """Write `relay_results` of a MATPOWER network as JSON."""
    results = relay_results(study, trace, matpower_branch_rows(network))
    path.write_text(json.dumps({"results": results}), encoding="utf-8")


def _scenarios(
    asked: Sequence[Mapping[str, object]], network: Network, case: FlowCase
) -> Scenarios:
    branch_of = np.full(len(matpower_branch_rows(network)), -1, np.int64)
    branch_of[matpower_branch_rows(network)] = np.arange(len(branch_of))
    bus_of = {str(number): i for i, number in enumerate(network.buses.id.tolist())}
    n_unit = len(network.generators.id)

    def branch(key: object, where: str) -> int:
        return int(branch_of[_row(key, len(branch_of), where, "branch")])

    def unit(key: object, where: str) -> int:
        return _row(key, n_unit, where, "unit")

    def bus(key: object, where: str) -> int:
        if str(key) not in bus_of:
            raise InputError(f"{where}: the case has no bus {key}")
        return bus_of[str(key)]

    n = len(asked)
    load_factor: FloatArray = np.ones((n, case.n_bus))
    rating_factor: FloatArray = np.ones((n, len(case.from_bus)))
    unit_factor: FloatArray = np.ones((n, len(case.unit_bus)))
    branches: list[list[int]] = []
    buses: list[list[int]] = []
    units: list[list[int]] = []
    for s, one in enumerate(asked):
        where = f"scenario {s}"
        if not isinstance(one, dict):
            raise InputError(f"{where}: it is no table; use {sorted(_KEYS)} as its keys")
        unknown = sorted(set(one) - _KEYS)
        if unknown:
            raise InputError(f"{where}: unknown keys {unknown}; use {sorted(_KEYS)}")
        branches.append([branch(k, where) for k in _list(one, "branches", where)])
        buses.append([bus(k, where) for k in _list(one, "buses", where)])
        units.append([unit(k, where) for k in _list(one, "generators", where)])
        for key, x in _table(one, "rating_x", where).items():
            rating_factor[s, branch(key, where)] = x
        for key, x in _table(one, "pmax_x", where).items():
            unit_factor[s, unit(key, where)] = x
        for key, x in _table(one, "load_x", where).items():
            load_factor[s, bus(key, where)] = x
        for number in _list(one, "loads", where):
            load_factor[s, bus(number, where)] = 0.0
    return lose(
        case,
        branches=branches,
        buses=buses,
        units=units,
        load_factor=load_factor if np.any(load_factor != 1.0) else None,
        rating_factor=rating_factor if np.any(rating_factor != 1.0) else None,
        unit_factor=unit_factor if np.any(unit_factor != 1.0) else None,
    )


def _row(key: object, n: int, where: str, kind: str) -> int:
    try:
        row = int(str(key)) - 1
    except ValueError as error:
        raise InputError(f'{where}: "{key}" is no row of a {kind} table') from error
    if not 0 <= row < n:
        raise InputError(f"{where}: the case has no {kind} row {key}; rows go from 1 to {n}")
    return row


def _number(value: object, where: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f'{where}: "{key}" is not a number')
    return float(value)


def _list(one: Mapping[str, object], key: str, where: str) -> list[object]:
    value = one.get(key, [])
    if not isinstance(value, list):
        raise InputError(f'{where}: "{key}" is not a list')
    return value


def _table(one: Mapping[str, object], key: str, where: str) -> dict[str, float]:
    value = one.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f'{where}: "{key}" is not a table of numbers')
    try:
        return {str(k): float(x) for k, x in value.items()}
    except (TypeError, ValueError) as error:
        raise InputError(f'{where}: "{key}" is not a table of numbers') from error
