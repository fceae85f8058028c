"""`validate` finds every fault and says where and how to mend it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import ArrayLike

from lightkeeper.grid import Network, make_network, validate


def network(**change: dict[str, ArrayLike]) -> Network:
    """A sound little network; `change` overrides columns of its tables."""
    tables: dict[str, dict[str, ArrayLike]] = {
        "substations": {"id": ["Зоря-330", "Лан"], "lon": [34.0, 35.0], "lat": [48.0, 49.0]},
        "buses": {
            "id": ["z330", "z110", "l330", "l110"],
            "substation": ["Зоря-330", "Зоря-330", "Лан", "Лан"],
            "base_kv": [330.0, 110.0, 330.0, 110.0],
        },
        "lines": {
            "id": ["L1", "L2"],
            "from_bus": ["z330", "z110"],
            "to_bus": ["l330", "l110"],
            "x_pu": [0.02, 0.1],
        },
        "transformers": {
            "id": ["T1", "T2"],
            "from_bus": ["z330", "l330"],
            "to_bus": ["z110", "l110"],
            "x_pu": [0.03, 0.03],
        },
        "generators": {"id": ["G1"], "bus": ["z330"], "p_mw": [50.0], "p_max_mw": [90.0]},
        "ties": {"id": ["W"], "bus": ["l330"], "p_mw": [10.0], "import_limit_mw": [30.0]},
        "loads": {"id": ["D"], "bus": ["l110"], "p_mw": [60.0]},
        "shunts": {"id": ["C"], "bus": ["l110"], "b_mvar": [20.0]},
        "switches": {},
    }
    for table, columns in change.items():
        tables[table] = tables[table] | columns
    return make_network("little", 100.0, True, tables)


def errors(net: Network) -> list[str]:
    return [str(p) for p in validate(net) if not p.is_warning]


def warnings(net: Network) -> list[str]:
    return [str(p) for p in validate(net) if p.is_warning]


def test_a_sound_network_has_no_problems() -> None:
    assert validate(network()) == []


FAULTS: list[tuple[dict[str, dict[str, ArrayLike]], str]] = [
    (
        {
            "buses": {
                "id": ["z330", "z110", "l330", "l110", "z110"],
                "base_kv": [330.0, 110.0, 330.0, 110.0, 110.0],
                "substation": "",
            }
        },
        'bus "z110": the id comes twice, first in row 3 of buses.csv; '
        "give each its own id, row 6 of buses.csv",
    ),
    (
        {"buses": {"base_kv": [33.0, 110.0, 330.0, 110.0]}},
        'line "L1": joins 33 kV (bus "z330", row 2 of buses.csv) and 330 kV '
        '(bus "l330", row 4 of buses.csv); '
        "mend base_kv of a bus, or make it a transformer, row 2 of lines.csv",
    ),
    (
        {"buses": {"base_kv": [330.0, 0.0, 330.0, 110.0]}},
        'bus "z110": base_kv is 0.0; set it above 0, row 3 of buses.csv',
    ),
    (
        {"buses": {"lat": [48.0, 480.0, 48.0, 48.0]}},
        'bus "z110": lat is 480.0; set it between -90 and 90, row 3 of buses.csv',
    ),
    (
        {"substations": {"lon": [34.0, 235.0]}},
        'substation "Лан": lon is 235.0; set it between -180 and 180, row 3 of substations.csv',
    ),
    (
        {"substations": {"protection_level": [0, 4]}},
        'substation "Лан": protection_level is 4; set it between 0 and 3, row 3 of substations.csv',
    ),
    (
        {"transformers": {"protection_level": [-1, 0]}},
        'transformer "T1": protection_level is -1; '
        "set it between 0 and 3, row 2 of transformers.csv",
    ),
    (
        {"lines": {"x_pu": [0.02, 0.0]}},
        'line "L2": x_pu is 0; give its reactance, or make it a switch, row 3 of lines.csv',
    ),
    (
        {"lines": {"x_pu": [np.nan, 0.1]}},
        'line "L1": x_pu is nan; give a finite number, row 2 of lines.csv',
    ),
    (
        {"lines": {"r_pu": [np.inf, 0.1]}},
        'line "L1": r_pu is inf; give a finite number, row 2 of lines.csv',
    ),
    (
        {"lines": {"rating_mva": [-5.0, 10.0]}},
        'line "L1": rating_mva is -5.0; set it to 0 or more, row 2 of lines.csv',
    ),
    (
        {"lines": {"to_bus": ["l330", "z110"]}},
        'line "L2": begins and ends at bus "z110"; mend one end, row 3 of lines.csv',
    ),
    (
        {"transformers": {"id": ["T1", "L1"]}},
        'transformer "L1": a line has the same id; '
        "give each branch its own id, row 3 of transformers.csv",
    ),
    (
        {"transformers": {"tap_ratio": [0.0, 1.0]}},
        'transformer "T1": tap_ratio is 0.0; set it above 0, row 2 of transformers.csv',
    ),
    (
        {"generators": {"kind": ["steam"]}},
        'generator "G1": kind is "steam"; use one of nuclear, hydro, chp, thermal, gas, solar, '
        "wind, storage, other, row 2 of generators.csv",
    ),
    (
        {"generators": {"p_min_mw": [95.0]}},
        'generator "G1": p_min_mw 95.0 is above p_max_mw 90.0; '
        "swap or mend them, row 2 of generators.csv",
    ),
    (
        {"generators": {"q_min_mvar": [5.0], "q_max_mvar": [-5.0]}},
        'generator "G1": q_min_mvar 5.0 is above q_max_mvar -5.0; '
        "swap or mend them, row 2 of generators.csv",
    ),
    (
        {"generators": {"p_max_mw": [np.inf]}},
        'generator "G1": p_max_mw is inf; give a finite number, row 2 of generators.csv',
    ),
    (
        {"ties": {"import_limit_mw": [-1.0], "p_mw": [0.0]}},
        'tie "W": import_limit_mw is -1.0; set it to 0 or more, row 2 of ties.csv',
    ),
    (
        {"switches": {"id": ["S"], "from_bus": ["z330"], "to_bus": ["z110"]}},
        'switch "S": joins 330 kV (bus "z330", row 2 of buses.csv) and 110 kV '
        '(bus "z110", row 3 of buses.csv); '
        "mend base_kv of a bus, or make it a transformer, row 2 of switches.csv",
    ),
    (
        {"generators": {"in_service": [False]}, "ties": {"in_service": [False]}},
        'bus "z330": lies in an island of 4 buses with 60 MW of load and no generation; join it to '
        "the network, add a unit or a tie, or set in_service false, row 2 of buses.csv",
    ),
    (
        {"lines": {"in_service": [True, False]}, "transformers": {"in_service": [True, False]}},
        'bus "l110": is in service but isolated, with 60 MW of load and no generation; join it to '
        "the network, add a unit or a tie, or set in_service false, row 5 of buses.csv",
    ),
]


@pytest.mark.parametrize(("change", "message"), FAULTS, ids=[m.split(";")[0] for _, m in FAULTS])
def test_a_fault_is_told_with_place_and_mend(
    change: dict[str, dict[str, ArrayLike]], message: str
) -> None:
    assert errors(network(**change)) == [message]


DOUBTS: list[tuple[dict[str, dict[str, ArrayLike]], str]] = [
    (
        {"generators": {"p_mw": [120.0]}},
        'generator "G1": p_mw 120 is outside 0 to 90; '
        "mend the schedule or the limits, row 2 of generators.csv",
    ),
    (
        {"ties": {"p_mw": [-1.0]}},
        'tie "W": p_mw -1 is outside 0 to 30; mend the schedule or the limits, row 2 of ties.csv',
    ),
    (
        {"lines": {"rating_mva": [100.0, 0.0], "rating_short_mva": [80.0, 0.0]}},
        'line "L1": rating_short_mva 80.0 is below rating_mva 100.0; '
        "check both, row 2 of lines.csv",
    ),
    (
        {"lines": {"x_pu": [-0.02, 0.1]}},
        'line "L1": x_pu is -0.02; check that it is a series capacitor, row 2 of lines.csv',
    ),
    (
        {"transformers": {"to_bus": ["l110", "z110"]}},
        'transformer "T1": joins bus "z330" of substation "Зоря-330" and bus "l110" of substation '
        '"Лан"; put both buses into one substation, row 2 of transformers.csv',
    ),
    (
        {"buses": {"substation": ["Лан", "", "Лан", "Лан"]}},
        'substation "Зоря-330": no bus stands in it; '
        "name it in buses.csv, row 2 of substations.csv",
    ),
    (
        {"generators": {"p_max_mw": [1e6]}},
        'generator "G1": p_mw from 0 to 1e+06 stands for no limit; bound it, or it covers nearly '
        "all that its island is short of, row 2 of generators.csv",
    ),
    (
        {"loads": {"p_mw": [120.5]}},
        'bus "z330": lies in an island that draws 120.5 MW, its units and ties give 120 MW at '
        "most; mend their limits, row 2 of buses.csv",
    ),
    (
        {"generators": {"p_min_mw": [70.0], "p_mw": [70.0]}},
        'bus "z330": lies in an island that draws 60 MW, its units and ties give 70 MW at least; '
        "mend their limits, row 2 of buses.csv",
    ),
    (
        {"buses": {"in_service": [True, True, True, False]}},
        'load "D": is in service, its bus "l110" is not; set in_service false, row 2 of loads.csv',
    ),
]


@pytest.mark.parametrize(("change", "message"), DOUBTS, ids=[m.split(";")[0] for _, m in DOUBTS])
def test_a_doubt_is_a_warning(change: dict[str, dict[str, ArrayLike]], message: str) -> None:
    net = network(**change)
    assert errors(net) == []
    assert message in warnings(net)


def test_rows_of_files_are_told_only_where_there_are_files() -> None:
    net = network(lines={"x_pu": [-0.02, 0.1]})
    (problem,) = validate(net, has_files=False)
    assert str(problem) == 'line "L1": x_pu is -0.02; check that it is a series capacitor'


def test_every_fault_is_told_and_errors_come_first() -> None:
    net = network(
        lines={"x_pu": [0.0, -0.1], "rating_mva": [-1.0, -2.0]},
        generators={"kind": ["steam"], "p_mw": [99.0]},
    )
    assert len(errors(net)) == 4
    assert len(warnings(net)) == 2
    assert [p.is_warning for p in validate(net)] == [False] * 4 + [True] * 2


def test_a_storage_unit_may_draw() -> None:
    assert validate(network(generators={"p_min_mw": [-90.0], "p_mw": [-50.0]})) == []


def test_a_fixed_infeed_feeds_an_island() -> None:
    net = network(
        lines={"in_service": [True, False]},
        transformers={"in_service": [True, False]},
        loads={"id": ["D", "E"], "bus": ["l110", "l110"], "p_mw": [60.0, -60.0]},
    )
    assert validate(net) == []


def test_an_island_without_load_is_only_a_doubt() -> None:
    net = network(
        lines={"in_service": [True, False]},
        transformers={"in_service": [True, False]},
        loads={"bus": ["z110"]},
    )
    assert errors(net) == []
    assert len(warnings(net)) == 1


def test_a_closed_switch_joins_and_an_open_one_does_not() -> None:
    switch: dict[str, ArrayLike] = {"id": ["S"], "from_bus": ["z110"], "to_bus": ["l110"]}
    off: dict[str, dict[str, ArrayLike]] = {
        "lines": {"in_service": [True, False]},
        "transformers": {"in_service": [True, False]},
    }
    assert errors(network(switches=switch | {"is_closed": [True]}, **off)) == []
    assert len(errors(network(switches=switch | {"is_closed": [False]}, **off))) == 1


def test_voltages_of_one_level_may_differ_a_little() -> None:
    assert validate(network(buses={"base_kv": [330.0, 115.0, 345.0, 110.0]})) == []


def test_an_unknown_voltage_is_no_fault() -> None:
    assert validate(network(buses={"base_kv": np.nan})) == []


def test_a_network_without_buses_or_base_is_told() -> None:
    empty = make_network("empty", 0.0, True, {})
    assert errors(empty) == [
        "network: base_mva is 0.0; set it above 0, usually 100",
        "buses.csv: there is no bus; add the buses",
    ]


def test_a_network_built_past_make_network_is_checked() -> None:
    net = network()
    far = dataclasses.replace(net.loads, bus=np.array([9], dtype=np.int32))
    assert errors(dataclasses.replace(net, loads=far)) == [
        'load "D": bus points at row 9, which is not in buses; '
        "name a row that exists, row 2 of loads.csv"
    ]
    short = dataclasses.replace(net.loads, p_mw=np.zeros(2))
    assert errors(dataclasses.replace(net, loads=short)) == [
        "loads.p_mw: has shape (2,) and type float64; build the network with make_network"
    ]
