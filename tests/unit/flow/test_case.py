from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lightkeeper.errors import NetworkInvalid
from lightkeeper.flow import build_case, make_case, no_loss, run_cascade
from lightkeeper.grid import make_network
from lightkeeper.grid.columns import UNLIMITED_MW

TWO: dict[str, Any] = {
    "base_mva": 100.0,
    "n_bus": 2,
    "from_bus": [0],
    "to_bus": [1],
    "x_pu": 0.1,
    "load_mw": [0.0, 50.0],
    "unit_bus": [0],
    "unit_scheduled_mw": 50.0,
    "unit_max_mw": 80.0,
}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"x_pu": np.nan}, "reactance"),
        ({"x_pu": 0.0}, "reactance"),
        ({"x_pu": np.inf}, "reactance"),
        ({"tap_ratio": np.nan}, "reactance"),
        ({"shift_rad": np.nan}, "shift"),
        ({"rating_mw": -1.0}, "rating"),
        ({"rating_mw": np.nan}, "rating"),
        ({"to_bus": [2]}, "not there"),
        ({"from_bus": [-1]}, "not there"),
        ({"to_bus": [0]}, "one bus"),
        ({"unit_bus": [5]}, "not there"),
        ({"load_mw": [0.0, np.nan]}, "load"),
        ({"unit_scheduled_mw": np.nan}, "schedule"),
        ({"unit_max_mw": np.nan}, "limit"),
        ({"unit_ramp_pu_per_min": -0.1}, "ramp"),
    ],
)
def test_bad_values_are_named(change: dict[str, Any], what: str) -> None:
    with pytest.raises(NetworkInvalid) as caught:
        make_case(**(TWO | change))
    assert len(caught.value.problems) == 1
    assert what in str(caught.value.problems[0])


def test_no_bus_is_an_error() -> None:
    empty = {"n_bus": 0, "from_bus": [], "to_bus": [], "load_mw": [], "unit_bus": []}
    with pytest.raises(NetworkInvalid, match="no bus"):
        make_case(**(TWO | empty))


def test_every_problem_is_listed() -> None:
    with pytest.raises(NetworkInvalid) as caught:
        make_case(**(TWO | {"x_pu": np.nan, "rating_mw": -1.0, "load_mw": [np.nan, 1.0]}))
    assert len(caught.value.problems) == 3


def test_faults_of_rows_out_of_service_do_not_matter() -> None:
    two = TWO | {"from_bus": [0, 0], "to_bus": [1, 1], "x_pu": [0.1, np.nan]}
    case = make_case(**two, branch_on=[True, False])
    assert case.branch_on.tolist() == [True, False]
    assert np.isfinite(case.susceptance_pu).all()


def test_zero_rating_is_unlimited() -> None:
    assert make_case(**TWO).limit_mw.tolist() == [np.inf]
    assert make_case(**(TWO | {"rating_mw": 70.0})).limit_mw.tolist() == [70.0]


def test_schedule_is_clipped_and_balanced_without_ramp_limit() -> None:
    case = make_case(**(TWO | {"unit_scheduled_mw": 500.0}))
    assert case.unit_p_mw.tolist() == [50.0]
    assert case.unit_scheduled_mw.tolist() == [500.0]
    assert case.base_served_mw.tolist() == [0.0, 50.0]


def test_a_network_short_of_power_sheds_before_any_loss() -> None:
    case = make_case(**(TWO | {"unit_max_mw": 40.0}))
    assert case.base_served_mw.tolist() == [0.0, 40.0]
    result = run_cascade(case, no_loss())
    assert result.demand_mw[0].tolist() == [0.0, 50.0]
    assert result.served_mw[0].tolist() == [0.0, 40.0]


def test_minimum_above_maximum_is_lowered() -> None:
    case = make_case(**(TWO | {"unit_min_mw": 90.0}))
    assert case.unit_min_mw.tolist() == [80.0]


def test_infinite_limits_still_give_numbers() -> None:
    case = make_case(**(TWO | {"unit_max_mw": np.inf, "unit_min_mw": -np.inf}))
    assert case.unit_max_mw.tolist() == [UNLIMITED_MW]
    assert case.unit_p_mw.tolist() == [50.0]


def test_what_stands_at_a_bus_out_of_service_is_out() -> None:
    case = make_case(**TWO, bus_on=[True, False])
    assert not case.branch_on.any()
    assert case.load_mw.tolist() == [0.0, 0.0]
    assert make_case(**TWO, bus_on=[False, True]).unit_on.tolist() == [False]


def test_arrays_are_copies() -> None:
    bus = np.array([0], np.int32)
    case = make_case(**(TWO | {"unit_bus": bus}))
    bus[0] = 1
    assert case.unit_bus.tolist() == [0]


def test_network_rows_keep_their_order() -> None:
    network = make_network(
        "rows",
        100.0,
        True,
        {
            "buses": {"id": ["a", "b", "c"], "base_kv": 330.0},
            "lines": {
                "id": ["l1", "l2"],
                "from_bus": ["a", "b"],
                "to_bus": ["b", "c"],
                "x_pu": [0.1, 0.2],
                "rating_mva": [100.0, 0.0],
                "in_service": [True, False],
            },
            "transformers": {
                "id": ["t"],
                "from_bus": ["a"],
                "to_bus": ["c"],
                "x_pu": [0.1],
                "tap_ratio": [0.5],
                "shift_deg": [90.0],
            },
            "switches": {"id": ["s"], "from_bus": ["b"], "to_bus": ["c"], "is_closed": [False]},
            "generators": {
                "id": ["n", "h"],
                "bus": ["a", "b"],
                "kind": ["nuclear", "hydro"],
                "p_mw": [40.0, 0.0],
                "p_max_mw": [50.0, 20.0],
                "ramp_pu_per_min": [0.3, 0.2],
            },
            "ties": {
                "id": ["tie"],
                "bus": ["c"],
                "p_mw": [5.0],
                "import_limit_mw": [30.0],
                "export_limit_mw": [10.0],
            },
            "loads": {"id": ["d1", "d2"], "bus": ["c", "c"], "p_mw": [50.0, -2.0]},
            "shunts": {"id": ["g"], "bus": ["a"], "g_mw": [-3.0], "b_mvar": [0.0]},
        },
    )
    case = build_case(network)
    assert case.from_bus.tolist() == [0, 1, 0, 1]
    assert case.branch_on.tolist() == [True, False, True, False]
    np.testing.assert_allclose(case.susceptance_pu[[0, 2]], [10.0, 20.0])
    np.testing.assert_allclose(case.shift_rad, [0.0, 0.0, np.pi / 2, 0.0])
    assert case.limit_mw.tolist() == [100.0, np.inf, np.inf, np.inf]
    assert case.load_mw.tolist() == [0.0, 0.0, 48.0]
    assert case.infeed_mw.tolist() == [3.0, 0.0, 0.0]
    assert case.unit_min_mw.tolist() == [0.0, 0.0, -10.0]
    assert case.unit_max_mw.tolist() == [50.0, 20.0, 30.0]
    assert case.unit_ramp_pu_per_min.tolist() == [0.0, 0.2, np.inf]
    plain = build_case(network, use_taps=False, use_shifts=False)
    np.testing.assert_allclose(plain.susceptance_pu[2], 10.0)
    assert not plain.shift_rad.any()
