"""`make_network` fills, checks and freezes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike

from lightkeeper.errors import NetworkInvalid
from lightkeeper.grid import (
    COLUMNS,
    TABLES,
    Network,
    branch_ids,
    fingerprint,
    make_network,
    table_arrays,
)

Tables = dict[str, dict[str, ArrayLike]]


def small(**more: dict[str, ArrayLike]) -> Network:
    tables: Tables = {
        "substations": {"id": ["s"], "lon": [34.0]},
        "buses": {"id": ["a", "b", "c"], "substation": ["s", "", "s"], "base_kv": [330, 330, 110]},
        "lines": {"id": ["ab"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": [0.1]},
        "transformers": {"id": ["ac"], "from_bus": [0], "to_bus": [2], "x_pu": [0.2]},
        "generators": {
            "id": ["g", "h"],
            "bus": ["a", "b"],
            "kind": ["hydro", "nuclear"],
            "p_max_mw": 90.0,
        },
        "loads": {"id": ["d"], "bus": ["c"], "p_mw": [40]},
    }
    return make_network("small", 100.0, True, tables | more)


def problems_of(**more: dict[str, ArrayLike]) -> list[str]:
    with pytest.raises(NetworkInvalid) as caught:
        small(**more)
    return [str(p) for p in caught.value.problems]


def test_defaults_are_those_of_the_column_table() -> None:
    network = small()
    assert network.substations.name.tolist() == ["s"]
    assert math.isnan(network.substations.lat[0])
    assert network.lines.rating_mva.tolist() == [0.0]
    assert math.isnan(network.lines.length_km[0])
    assert network.transformers.tap_ratio.tolist() == [1.0]
    assert network.generators.plant.tolist() == ["g", "h"]
    assert network.generators.ramp_pu_per_min.tolist() == [0.5, 0.0]
    assert network.generators.q_max_mvar.tolist() == [math.inf, math.inf]
    assert network.buses.in_service.all()


def test_references_are_rows_and_an_optional_one_may_be_absent() -> None:
    network = small()
    assert network.buses.substation.tolist() == [0, -1, 0]
    assert network.generators.bus.tolist() == [0, 1]


def test_a_scalar_is_repeated() -> None:
    assert small().generators.p_max_mw.tolist() == [90.0, 90.0]


def test_empty_text_takes_the_default() -> None:
    network = small(ties={"id": ["t"], "bus": ["a"], "import_limit_mw": [5]})
    assert network.ties.neighbour.tolist() == [""]
    units: dict[str, ArrayLike] = {
        "id": ["g", "h"], "bus": ["a", "a"], "plant": ["", "river"], "p_max_mw": 1.0
    }  # fmt: skip
    assert small(generators=units).generators.plant.tolist() == ["g", "river"]


def test_tables_may_be_empty() -> None:
    network = make_network("empty", 100, True, {})
    for table in TABLES:
        for column, array in zip(
            COLUMNS[table], table_arrays(network, table).values(), strict=True
        ):
            assert array.shape == (0,)
            assert array.dtype.kind == column.kind.dtype.kind


def test_nothing_can_be_changed_in_place() -> None:
    network = small()
    with pytest.raises(ValueError, match="read-only"):
        network.lines.x_pu[0] = 1.0


def test_the_given_arrays_stay_the_callers() -> None:
    x = np.array([0.1])
    network = small(lines={"id": ["ab"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": x})
    x[0] = 9.0
    assert network.lines.x_pu.tolist() == [0.1]


def test_every_fault_is_told() -> None:
    told = problems_of(
        lines={"id": ["ab", "ba"], "from_bus": ["a", "x"], "to_bus": [0, 7], "r": [1, 2]},
        loads={"id": ["d"], "bus": ["c"], "p_mw": ["much"], "in_service": [1]},
        shunts={"id": [" a", ""], "bus": ["a", "b"], "g_mw": [1.0]},
        cables={"id": ["k"]},
    )
    assert told == [
        "table cables: there is no such table; use one of " + ", ".join(TABLES),
        "lines.r: there is no such column; use one of "
        + ", ".join(c.name for c in COLUMNS["lines"]),
        'lines.from_bus: row 1: there is no bus "x"; add it or mend the id',
        "lines.to_bus: row 1: refers to row 7, there are 3; give a row that exists",
        "lines.x_pu: is missing and has no default; give the column",
        "loads.p_mw: holds <U4, not number; convert the values",
        "loads.in_service: holds int64, not flag; convert the values",
        "shunts.id: row 0: ' a' has line breaks, control signs or blanks around it; "
        "give the text in one line, without blanks around",
        "shunts.id: row 1: the id is empty; give the text in one line, without blanks around",
        "shunts.g_mw: has shape (1,), the table has 2 rows; give one value per row",
    ]


def test_branches_are_lines_then_transformers() -> None:
    assert branch_ids(small()).tolist() == ["ab", "ac"]


def test_a_fingerprint_tells_networks_apart() -> None:
    assert fingerprint(small()) == fingerprint(small())
    other = small(loads={"id": ["d"], "bus": ["c"], "p_mw": [40.000001]})
    assert fingerprint(small()) != fingerprint(other)
    renamed = small(loads={"id": ["e"], "bus": ["c"], "p_mw": [40]})
    assert fingerprint(small()) != fingerprint(renamed)
