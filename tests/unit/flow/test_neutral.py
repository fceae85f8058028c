from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightkeeper.errors import InputError, NetworkInvalid
from lightkeeper.flow import (
    BalanceRule,
    TraceOptions,
    TripRule,
    build_case,
    no_loss,
    read_outages,
    run_cascade,
    trace_cascade,
    write_neutral,
    write_relay_results,
)
from lightkeeper.grid import Network, make_network


@pytest.fixture
def network() -> Network:
    """Four buses as a MATPOWER case has them; row 2 of its branches is a transformer."""
    return make_network(
        "four",
        100.0,
        True,
        {
            "buses": {"id": ["10", "20", "30", "40"], "base_kv": 330.0},
            "lines": {
                "id": ["branch-1", "branch-3", "branch-4"],
                "from_bus": ["10", "20", "30"],
                "to_bus": ["20", "30", "40"],
                "x_pu": 0.1,
                "rating_mva": [0.0, 20.0, 0.0],
            },
            "transformers": {
                "id": ["branch-2"],
                "from_bus": ["10"],
                "to_bus": ["30"],
                "x_pu": 0.2,
                "tap_ratio": 0.5,
                "shift_deg": 1.0,
            },
            "generators": {
                "id": ["unit-1", "unit-2"],
                "bus": ["10", "40"],
                "p_mw": [60.0, 20.0],
                "p_max_mw": [100.0, 40.0],
            },
            "loads": {"id": ["a", "b"], "bus": ["30", "40"], "p_mw": [50.0, 30.0]},
        },
    )


def outages(folder: Path, asked: dict[str, Any]) -> Path:
    path = folder / "outages.json"
    path.write_text(json.dumps(asked), "utf-8")
    return path


def test_rows_and_numbers_are_those_of_the_case(network: Network, tmp_path: Path) -> None:
    scenario = {
        "branches": [2],
        "buses": [40],
        "generators": [2],
        "loads": [30],
        "rating_x": {"3": 0.5},
        "pmax_x": {"1": 0.25},
        "load_x": {"40": 1.5},
    }
    study = read_outages(outages(tmp_path, {"scenarios": [{}, scenario]}), network)
    scenarios = study.scenarios
    assert study.options.rule is BalanceRule.RAMPED
    assert not study.options.trip_overloads
    assert scenarios.branch_index.tolist() == [3]
    assert scenarios.bus_index.tolist() == [3]
    assert scenarios.unit_index.tolist() == [1]
    assert scenarios.load_factor is not None
    assert scenarios.rating_factor is not None
    assert scenarios.unit_factor is not None
    assert scenarios.load_factor.tolist() == [[1, 1, 1, 1], [1, 1, 0, 1.5]]
    assert scenarios.rating_factor.tolist() == [[1, 1, 1, 1], [1, 0.5, 1, 1]]
    assert scenarios.unit_factor.tolist() == [[1, 1], [0.25, 1]]


def test_options_reach_the_case(network: Network, tmp_path: Path) -> None:
    asked = {
        "rule": "proportional",
        "mode": "cascade",
        "taps": False,
        "shifts": False,
        "ramp_pu": [0.2, 0.3],
        "limits": {"margin": 1.5},
        "scenarios": [],
    }
    study = read_outages(outages(tmp_path, asked), network)
    assert study.options.rule is BalanceRule.PROPORTIONAL
    assert study.options.trip_overloads
    assert study.options.ramp_pu is None
    assert study.case.unit_ramp_pu_per_min.tolist() == [0.2, 0.3]
    np.testing.assert_allclose(study.case.susceptance_pu[3], 5.0)
    assert not study.case.shift_rad.any()
    assert np.isfinite(study.case.limit_mw).all()
    assert study.case.limit_mw.min() > 10.0


@pytest.mark.parametrize("name", ["answer.json", "answer.npz"])
def test_results_are_written_by_case_row(network: Network, tmp_path: Path, name: str) -> None:
    asked = {"mode": "cascade", "scenarios": [{}, {"branches": [2]}, {"buses": [30]}]}
    study = read_outages(outages(tmp_path, asked), network)
    result = run_cascade(study.case, study.scenarios, study.options)
    path = tmp_path / name
    write_neutral(path, network, study.case, study.scenarios, result)
    read = json.loads(path.read_text()) if path.suffix == ".json" else dict(np.load(path))
    arrays = {key: np.array(value) for key, value in read.items()}
    assert set(arrays) == {"flow_mw", "served_mw", "infeed_mw", "gen_mw", "island", "tripped"}
    assert result.flow_mw is not None
    np.testing.assert_allclose(arrays["flow_mw"], result.flow_mw[:, [0, 3, 1, 2]])
    # Without the transformer line 3 takes 60 MW against 20 and trips; bus 20 is dead but there.
    assert [1, 1, 3] in arrays["tripped"].tolist()
    assert arrays["island"][1].tolist() == [0, 0, 1, 1]
    assert arrays["island"][2].tolist() == [0, 0, -1, 1]


def test_relays_with_time_give_seconds_and_rows(network: Network, tmp_path: Path) -> None:
    asked = {
        "mode": "timed-relays",
        "limits": "rate_b",
        "ramp_pu": 0.05,
        "ramp_least_mw": 1.0,
        "infeed_follows_load": True,
        "scenarios": [{"branches": [2]}, {}],
    }
    study = read_outages(outages(tmp_path, asked), network)
    assert study.relays == TraceOptions(
        trip_rule=TripRule.TIMED_RELAYS,
        ramp_pu=0.05,
        ramp_min=1.0,
        ramp_least_mw=1.0,
        infeed_follows_load=True,
    )
    assert study.case.limit_mw.tolist() == [np.inf, 20.0, np.inf, np.inf]
    trace = trace_cascade(study.case, study.scenarios, study.relays)
    path = tmp_path / "answer.json"
    write_relay_results(path, network, study, trace)
    cut, whole = json.loads(path.read_text("utf-8"))["results"]
    # Line 3 has 60 MW on 20: 40 MW too much gather 0.5 x 20 x 15 MWs in 3.75 s from 1 s on. What
    # it cut off had 80 MW of load and 20 MW of supply, which may rise by 2 MW.
    assert cut["outage"] == [2]
    assert cut["trips"] == [[pytest.approx(4.75), 3]]
    assert cut["mw_lost"] == pytest.approx(58.0)
    # With everything in place line 3 is overloaded too, but the transformer then carries it all.
    assert whole["outage"] == []
    assert [row for _, row in whole["trips"]] == [3]
    assert whole["mw_lost"] == 0.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        ("[]", "scenarios"),
        ('{"scenarios": 3}', "scenarios"),
        ('{"rule": "best", "scenarios": []}', "proportional"),
        ('{"mode": "guess", "scenarios": []}', "mode"),
        ('{"ramp_pu": [1], "scenarios": []}', "ramp_pu"),
        ('{"ramp_pu": [1, "fast"], "scenarios": []}', "ramp_pu"),
        ('{"ramp_pu": null, "scenarios": []}', "ramp_pu"),
        ('{"limits": "rate_c", "scenarios": []}', "margin"),
        ('{"limits": {"margin": "wide"}, "scenarios": []}', "margin"),
        ('{"mode": "timed-relays", "rule": "proportional", "scenarios": []}', "ramped alone"),
        ('{"scenarios": [5]}', "no table"),
        ('{"scenarios": [{"branches": [5]}]}', "branch row 5"),
        ('{"scenarios": [{"branches": [0]}]}', "branch row 0"),
        ('{"scenarios": [{"branches": ["x"]}]}', "no row"),
        ('{"scenarios": [{"branches": 1}]}', "not a list"),
        ('{"scenarios": [{"generators": [3]}]}', "unit row 3"),
        ('{"scenarios": [{"buses": [11]}]}', "no bus 11"),
        ('{"scenarios": [{"loads": [11]}]}', "no bus 11"),
        ('{"scenarios": [{"load_x": {"10": "much"}}]}', "table of numbers"),
        ('{"scenarios": [{"load_x": 2}]}', "table of numbers"),
        ('{"scenarios": [{"lines": [1]}]}', "unknown keys"),
    ],
)
def test_bad_files_are_named(network: Network, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "outages.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        read_outages(path, network)


def test_a_missing_file(network: Network, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json"):
        read_outages(tmp_path / "none.json", network)


def test_other_networks_and_results_without_flows_are_refused(
    network: Network, tmp_path: Path
) -> None:
    case = build_case(network)
    result = run_cascade(case, no_loss())
    with pytest.raises(InputError, match="keep_flows"):
        write_neutral(tmp_path / "a.npz", network, case, no_loss(), result)
    other = make_network(
        "other",
        100.0,
        True,
        {
            "buses": {"id": ["a", "b"], "base_kv": 330.0},
            "lines": {"id": ["x"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": 0.1},
        },
    )
    with pytest.raises(NetworkInvalid):
        read_outages(outages(tmp_path, {"scenarios": []}), other)
