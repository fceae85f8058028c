"""Run every folder under `tests/cases` that has a `case.toml`; adding a case needs no code.

A folder holds `case.toml` (why, stage, tolerance, options, scenarios), `network/` (the tables of
the network) and `expected.json` (what must come out, by id; what is not named is not compared).
The stage `brief` has report texts instead of a network; see `tests/support/brief_case.py`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import numpy as np
import pytest
from brief_case import check_brief
from numpy.typing import NDArray
from story import Happening, Story, make_happening, make_story

from lightkeeper.consequences import FollowOptions, build_graph, follow, power_course
from lightkeeper.consequences.hours import Hours
from lightkeeper.consequences.walk import Walker
from lightkeeper.flow import (
    BalanceRule,
    ElementKind,
    FlowCase,
    FlowOptions,
    LossCause,
    Scenarios,
    TraceOptions,
    TripCause,
    TripRule,
    build_case,
    lose,
    run_cascade,
    trace_cascade,
)
from lightkeeper.grid import read_network

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/case.toml"))


class FlowScenario(TypedDict):
    """What is lost, by id."""

    branches: NotRequired[list[str]]
    buses: NotRequired[list[str]]
    units: NotRequired[list[str]]
    load_factor: NotRequired[dict[str, float]]
    rating_factor: NotRequired[dict[str, float]]
    unit_factor: NotRequired[dict[str, float]]


class CaseFile(TypedDict):
    """`case.toml`."""

    why: str
    stage: str
    tolerance: float
    options: NotRequired[dict[str, float | bool | str]]
    scenarios: list[FlowScenario]


class FlowExpected(TypedDict):
    """One entry of `expected.json` for the stage `flow`; MW by id."""

    served_mw: NotRequired[dict[str, float]]
    unserved_mw: NotRequired[float]
    infeed_mw: NotRequired[dict[str, float]]
    unit_mw: NotRequired[dict[str, float]]
    flow_mw: NotRequired[dict[str, float]]
    islands: NotRequired[list[list[str]]]
    trip_round: NotRequired[dict[str, int]]
    n_rounds: NotRequired[int]


def read_case(
    folder: Path, asked: CaseFile, options: dict[str, float | bool | str]
) -> tuple[FlowCase, Scenarios, dict[str, dict[str, int]]]:
    """Case and scenarios of a folder, and the rows of its elements by id."""
    network = read_network(folder / "network")
    case = build_case(
        network,
        use_taps=bool(options.pop("use_taps", True)),
        use_shifts=bool(options.pop("use_shifts", True)),
        use_short_ratings=bool(options.pop("use_short_ratings", False)),
    )
    branch = np.concatenate([network.lines.id, network.transformers.id, network.switches.id])
    unit = np.concatenate([network.generators.id, network.ties.id])
    names = {
        "branch": {str(k): i for i, k in enumerate(branch)},
        "bus": {str(k): i for i, k in enumerate(network.buses.id)},
        "unit": {str(k): i for i, k in enumerate(unit)},
    }

    def factors(key: str, kind: str) -> NDArray[np.float64]:
        table = np.ones((len(asked["scenarios"]), len(names[kind])))
        for s, scenario in enumerate(asked["scenarios"]):
            for name, x in cast(Mapping[str, float], scenario.get(key, {})).items():
                table[s, names[kind][name]] = x
        return table

    def lists(key: str, kind: str) -> list[list[int]]:
        return [
            [names[kind][name] for name in cast(list[str], scenario.get(key, []))]
            for scenario in asked["scenarios"]
        ]

    scenarios = lose(
        case,
        branches=lists("branches", "branch"),
        buses=lists("buses", "bus"),
        units=lists("units", "unit"),
        load_factor=factors("load_factor", "bus"),
        rating_factor=factors("rating_factor", "branch"),
        unit_factor=factors("unit_factor", "unit"),
    )
    return case, scenarios, names


def check_flow(folder: Path, asked: CaseFile) -> None:
    options = dict(asked.get("options", {}))
    case, scenarios, names = read_case(folder, asked, options)
    rule = BalanceRule(str(options.pop("rule", "ramped")))
    own_ramps = bool(options.pop("own_ramps", False))
    flow_options = FlowOptions(
        rule=rule,
        ramp_pu=None if own_ramps else float(options.pop("ramp_pu", 0.1)),
        ramp_min=float(options.pop("ramp_min", 5.0)),
        trip_overloads=bool(options.pop("trip_overloads", True)),
        keep_flows=True,
    )
    assert not options, f"unknown options {sorted(options)}"
    result = run_cascade(case, scenarios, flow_options)
    assert result.flow_mw is not None
    expected: list[FlowExpected] = json.loads((folder / "expected.json").read_text("utf-8"))
    assert len(expected) == scenarios.n_scenarios
    near = asked["tolerance"]
    found: dict[str, tuple[NDArray[np.float64] | NDArray[np.int32], str]] = {
        "served_mw": (result.served_mw, "bus"),
        "infeed_mw": (result.infeed_mw, "bus"),
        "unit_mw": (result.unit_mw, "unit"),
        "flow_mw": (result.flow_mw, "branch"),
        "trip_round": (result.trip_round, "branch"),
    }
    for s, want in enumerate(expected):
        assert set(want) <= {*found, "unserved_mw", "islands", "n_rounds"}
        for key, (values, kind) in found.items():
            wanted = cast(Mapping[str, float], want.get(key, {}))
            got = {name: float(values[s, names[kind][name]]) for name in wanted}
            assert got == pytest.approx(wanted, rel=0, abs=near), (s, key)
        if "unserved_mw" in want:
            unserved = (result.demand_mw[s] - result.served_mw[s]).sum()
            assert unserved == pytest.approx(want["unserved_mw"], rel=0, abs=near), s
        if "islands" in want:
            got_islands = [
                sorted(name for name, k in names["bus"].items() if result.island[s, k] == i)
                for i in range(result.n_islands[s])
            ]
            assert sorted(got_islands) == sorted(sorted(i) for i in want["islands"]), s
        if "n_rounds" in want:
            assert result.n_rounds[s] == want["n_rounds"], s


class TraceExpected(TypedDict):
    """One entry of `expected.json` for the stage `trace`; trips are [time_s, id, cause]."""

    trips: NotRequired[list[tuple[float | None, str, str]]]
    lost_mw: NotRequired[dict[str, float]]
    served_mw: NotRequired[dict[str, float]]
    islands_by_step: NotRequired[list[int]]
    served_mw_by_step: NotRequired[list[float]]


def check_trace(folder: Path, asked: CaseFile) -> None:
    options = dict(asked.get("options", {}))
    case, scenarios, names = read_case(folder, asked, options)
    trace_options = TraceOptions(
        trip_rule=TripRule(str(options.pop("trip_rule"))),
        ramp_pu=float(options.pop("ramp_pu", 0.1)),
        ramp_least_mw=float(options.pop("ramp_least_mw", 0.0)),
        horizon_s=float(options.pop("horizon_s", 900.0)),
    )
    assert not options, f"unknown options {sorted(options)}"
    trace = trace_cascade(case, scenarios, trace_options)
    expected: list[TraceExpected] = json.loads((folder / "expected.json").read_text("utf-8"))
    assert len(expected) == scenarios.n_scenarios
    ids = [list(names[kind.value]) for kind in ElementKind]
    near = asked["tolerance"]
    for s, want in enumerate(expected):
        assert set(want) <= set(TraceExpected.__annotations__)
        if "trips" in want:
            rows = range(trace.event_start[s], trace.event_start[s + 1])
            got = [
                (
                    ids[trace.event_kind[e]][trace.event_row[e]],
                    list(TripCause)[trace.event_cause[e]],
                )
                for e in rows
            ]
            assert got == [(name, cause) for _, name, cause in want["trips"]], s
            times = [np.nan if t is None else t for t, _, _ in want["trips"]]
            assert trace.event_time_s[rows.start : rows.stop].tolist() == pytest.approx(
                times, rel=0, abs=near, nan_ok=True
            )
        steps = slice(trace.step_start[s], trace.step_start[s + 1])
        if "lost_mw" in want:
            lost = trace.step_lost_mw[steps].sum(axis=0)
            by_cause = {c.value: float(x) for c, x in zip(LossCause, lost, strict=True) if x > near}
            assert by_cause == pytest.approx(want["lost_mw"], rel=0, abs=near), s
        if "served_mw" in want:
            served = {
                k: float(trace.final.served_mw[s, names["bus"][k]]) for k in want["served_mw"]
            }
            assert served == pytest.approx(want["served_mw"], rel=0, abs=near), s
        if "islands_by_step" in want:
            assert trace.step_islands[steps].tolist() == want["islands_by_step"], s
        if "served_mw_by_step" in want:
            assert trace.step_served_mw[steps].tolist() == pytest.approx(
                want["served_mw_by_step"], rel=0, abs=near
            ), s


class StoryFile(TypedDict):
    """`case.toml` of the stage `dependencies`; see `tests/support/story.py`."""

    why: str
    stage: str
    tolerance: float
    horizon_h: int
    story: Story
    scenarios: list[Happening]


class StoryExpected(TypedDict):
    """One entry of `expected.json` for the stage `dependencies`; hours off are [first, last]."""

    fails_h: dict[str, float | None]
    off_hours: NotRequired[dict[str, list[list[int]]]]
    off_feeders: NotRequired[dict[str, list[list[int]]]]
    service_hours: NotRequired[float]
    customer_hours: NotRequired[float]
    unserved_mwh: NotRequired[float]


def ranges(is_off: NDArray[np.float64]) -> list[list[int]]:
    """First and last hour of every run of hours that are off."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], is_off, [0.0]])))
    return [[int(a), int(b) - 1] for a, b in edges.reshape(-1, 2)]


def check_dependencies(folder: Path, asked: CaseFile) -> None:
    told = cast(StoryFile, asked)
    region = make_story(told["story"])
    supply = make_happening(region, told["scenarios"])
    graph, hours = build_graph(region), Hours(told["horizon_h"])
    n = len(told["scenarios"])
    walker = Walker(region, graph, hours)
    off = walker.go(supply).node_mask
    found = follow(region, np.full(n, 1 / n), supply, FollowOptions(horizon_h=told["horizon_h"]))
    row = {name: k for k, name in enumerate(graph.id)}
    feeder = {str(f): k for k, f in enumerate(region.feeders.id)}
    expected: list[StoryExpected] = json.loads((folder / "expected.json").read_text("utf-8"))
    assert len(expected) == n
    near = told["tolerance"]
    for s, want in enumerate(expected):
        assert set(want) <= set(StoryExpected.__annotations__)
        time, _ = walker.first_times(supply.of(slice(s, s + 1)))
        first_end = supply.pieces[1].from_h if len(supply.pieces) > 1 else told["horizon_h"]
        for name, fails in want["fails_h"].items():
            # Later than its end the first piece says nothing.
            got = None if time[row[name]] >= first_end else float(time[row[name]])
            assert got == (None if fails is None else pytest.approx(fails, abs=near)), (s, name)
        for name, wanted in want.get("off_hours", {}).items():
            assert ranges(hours.of(off[row[name], [s]])[0]) == wanted, (s, name)
        course = power_course(region, supply, s, horizon_h=told["horizon_h"])
        for name, wanted in want.get("off_feeders", {}).items():
            assert ranges(course.is_off[:, feeder[name]].astype(float)) == wanted, (s, name)
        for key, values in (
            ("service_hours", found.service_hours),
            ("customer_hours", found.customer_hours),
            ("unserved_mwh", found.unserved_mwh),
        ):
            if key in want:
                assert values[s] == pytest.approx(cast(float, want.get(key)), abs=near), (s, key)


def check_sentences(folder: Path, _asked: CaseFile) -> None:
    check_brief(folder)


CHECKS: dict[str, Callable[[Path, CaseFile], None]] = {
    "flow": check_flow,
    "trace": check_trace,
    "dependencies": check_dependencies,
    "brief": check_sentences,
}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_case(folder: Path) -> None:
    asked = cast(CaseFile, tomllib.loads((folder / "case.toml").read_text("utf-8")))
    assert asked["why"]
    CHECKS[asked["stage"]](folder, asked)


def test_there_are_cases() -> None:
    assert FOLDERS
