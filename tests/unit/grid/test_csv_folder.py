"""A folder of CSV files: what is written comes back, what is broken is told, nothing is lost."""

from __future__ import annotations

import math
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from lightkeeper.errors import NetworkInvalid
from lightkeeper.grid import (
    COLUMNS,
    TABLES,
    Column,
    ColumnKind,
    Network,
    check_folder,
    fingerprint,
    make_network,
    read_network,
    write_network,
)
from lightkeeper.grid.csv_tables import parse_table, read_rows

HEAD = 'name = "Зоря"\nbase_mva = 100.0\nis_synthetic = true\n'
BUSES = "id,base_kv\na,330\nb,330\n"
LINES = "id,from_bus,to_bus,x_pu\nab,a,b,0.1\n"
UNITS = "id,bus,p_max_mw\ng,a,50\n"


def folder_of(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    texts = {"buses": BUSES, "lines": LINES, "generators": UNITS} | files
    (path / "network.toml").write_text(texts.pop("head", HEAD), encoding="utf-8")
    for table, text in texts.items():
        (path / f"{table}.csv").write_text(text, encoding="utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(NetworkInvalid) as caught:
        read_network(path)
    return [str(p) for p in caught.value.problems]


def little(x_pu: float = 0.1) -> Network:
    tables: dict[str, dict[str, ArrayLike]] = {
        "buses": {"id": ["a", "b"], "base_kv": [330.0, math.nan]},
        "lines": {"id": ["ab"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": [x_pu]},
        "generators": {"id": ["g"], "bus": ["a"], "p_max_mw": [1 / 3]},
    }
    return make_network("little", 100.0, True, tables)


def cells(column: Column, ids: dict[str, list[str]]) -> st.SearchStrategy[str | float | int | bool]:
    """Any value the column may hold, sound or not."""
    words = st.text(string.ascii_letters + string.digits + " ,;\"'-_іїєЗ|\\", max_size=8).map(
        str.strip
    )
    if column.choices:
        return st.sampled_from(column.choices)
    if column.kind is ColumnKind.TEXT:
        return words
    if column.kind is ColumnKind.FLAG:
        return st.booleans()
    if column.kind is ColumnKind.INTEGER:
        return st.integers(-(2**31), 2**31 - 1)
    if column.kind is ColumnKind.BUS:
        return st.sampled_from(ids["buses"])
    if column.kind is ColumnKind.SUBSTATION:
        return st.sampled_from([*ids["substations"], ""])
    return st.floats(allow_nan=True, allow_infinity=True)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    ids: dict[str, list[str]] = {}
    tables: dict[str, dict[str, ArrayLike]] = {}
    words = st.text(string.printable[:95] + "ҐЯї", min_size=1, max_size=6).map(str.strip)
    words = words.filter(lambda w: bool(w) and not w.startswith("#"))
    for table in TABLES:
        n = draw(st.integers(1 if table == "buses" else 0, 3))
        ids[table] = draw(st.lists(words, min_size=n, max_size=n, unique=True))
        columns: dict[str, ArrayLike] = {"id": np.array(ids[table], dtype=np.str_)}
        for column in COLUMNS[table][1:]:
            values = [draw(cells(column, ids)) for _ in range(n)]
            dtype = np.str_ if column.kind.is_reference else column.kind.dtype
            columns[column.name] = np.array(values, dtype=dtype)
        tables[table] = columns
    name = draw(st.text(string.printable[:95] + "Ж", max_size=9))
    base_mva = draw(st.floats(min_value=1e-3, max_value=1e6))
    return make_network(name, base_mva, draw(st.booleans()), tables)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(network=networks())
def test_every_value_comes_back_exactly(network: Network, tmp_path: Path) -> None:
    write_network(network, tmp_path)
    found, problems = check_folder(tmp_path)
    # The network may well be unsound; its file must be readable all the same.
    assert found is not None, problems
    assert fingerprint(found) == fingerprint(network)


def test_a_hand_made_folder_takes_defaults(tmp_path: Path) -> None:
    network = read_network(folder_of(tmp_path))
    assert (network.name, network.base_mva, network.is_synthetic) == ("Зоря", 100.0, True)
    assert network.lines.rating_mva.tolist() == [0.0]
    assert network.generators.plant.tolist() == ["g"]
    assert network.generators.ramp_pu_per_min.tolist() == [0.02]
    assert math.isnan(network.lines.length_km[0])


def test_what_editors_do_is_tolerated(tmp_path: Path) -> None:
    buses = (
        '\ufeff# our buses, a "draft\n\n id , lon,base_kv,in_service,,\r\n'
        ' a ,34.5, 330 ,yes,,\r\n,,,,,\n# b is new\nb,,,так\n"c,d",,,FALSE,,\n\n'
    )
    network = read_network(folder_of(tmp_path, buses=buses))
    assert network.buses.id.tolist() == ["a", "b", "c,d"]
    assert network.buses.in_service.tolist() == [True, True, False]
    np.testing.assert_array_equal(network.buses.lon, [34.5, math.nan, math.nan])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_are_understood(tmp_path: Path, delimiter: str) -> None:
    lines = "id;from_bus;to_bus;x_pu\nab;a;b;0,125\n".replace(";", delimiter)
    assert read_network(folder_of(tmp_path, lines=lines)).lines.x_pu.tolist() == [0.125]


BROKEN: list[tuple[dict[str, str], list[str]]] = [
    (
        {"lines": "id,from_bus,to_bus,x_pu\n\nab,a,b,o.1\ncd,a,b,0.1,7\n,a,b,\n"},
        [
            "lines.csv row 4: has 5 cells, the header 4; "
            "remove the surplus, or put quotes around text with a comma in it",
            'lines.csv row 3: x_pu is "o.1", not a number; write a number, with a decimal point',
            "lines.csv row 5: id is empty; give it: Id of the circuit, unique in the table.",
            "lines.csv row 5: x_pu is empty; give it: Series reactance on base_mva; not zero. "
            "Negative for series capacitors and star equivalents.",
        ],
    ),
    (
        {"lines": "id,from_bus,to_bsu,x_pu,x_pu\nab,a,b,1,2\n"},
        [
            'lines.csv row 1: there is no column "to_bsu"; did you mean "to_bus"?',
            'lines.csv row 1: the column "x_pu" comes twice; remove one',
            'lines.csv row 1: the column "to_bus" is missing; add it: Bus at the end.',
        ],
    ),
    (
        {"lines": "id,from_bus,to_bus,x_pu\nab,a,Зорі-330,0.1\n", "buses": "id\na\nЗоря-330\n"},
        [
            'lines.csv row 2: to_bus is "Зорі-330", which is not in buses.csv; '
            'did you mean "Зоря-330"?'
        ],
    ),
    (
        {"loads": "id,bus,p_mw,in_service\nd,a,5,maybe\n"},
        ['loads.csv row 2: in_service is "maybe"; write true or false'],
    ),
    (
        {"substations": "id,protection_level\ns,1.5\n"},
        ['substations.csv row 2: protection_level is "1.5"; write a whole number'],
    ),
    (
        {"lines": 'id,from_bus,to_bus,x_pu\nab,a,b,"0.1\ncd,a,b,0.1\n'},
        [
            "lines.csv row 3: is not CSV: unexpected end of data; mend the quotes there or above",
        ],
    ),
    (
        {"lines": "\n# nothing\n"},
        [
            "lines.csv: has no header; begin it with id,from_bus,to_bus,r_pu,x_pu,b_pu,rating_mva,"
            "rating_short_mva,length_km,in_service"
        ],
    ),
    (
        # What can be read is checked as well; rows that cannot are not told twice.
        {
            "lines": "id,from_bus,to_bus,x_pu,rating_mva\nab,a,b,zero,-1\ncd,a,b,0.1,-1\n",
            "generators": "id,bus,p_min_mw,p_max_mw\ng,a,9,5\n",
        },
        [
            'lines.csv row 2: x_pu is "zero", not a number; write a number, with a decimal point',
            'line "cd": rating_mva is -1.0; set it to 0 or more, row 3 of lines.csv',
            'generator "g": p_min_mw 9.0 is above p_max_mw 5.0; '
            "swap or mend them, row 2 of generators.csv",
        ],
    ),
    (
        # Without the ids of the buses nothing is said of references to them.
        {"buses": "name\na\n"},
        [
            'buses.csv row 1: there is no column "name"; use one of id, substation, base_kv, lon, '
            "lat, v_pu, angle_deg, is_reference, in_service",
            'buses.csv row 1: the column "id" is missing; add it: Id of the bus, '
            "unique in the table.",
        ],
    ),
    (
        {"head": "name = 5\nbase = 3\nbase_mva = true\n"},
        [
            'network.toml: there is no entry "base"; did you mean "base_mva"?',
            'network.toml: name is not a text; write name = "..."',
            "network.toml: base_mva is not a number; write base_mva = 100.0",
            "network.toml: does not say whether the network is synthetic; "
            "write is_synthetic = true for an exercise, false for a real grid",
        ],
    ),
]


@pytest.mark.parametrize(("files", "told"), BROKEN, ids=[t[0].split(";")[0] for _, t in BROKEN])
def test_every_fault_is_told(tmp_path: Path, files: dict[str, str], told: list[str]) -> None:
    assert problems_of(folder_of(tmp_path, **files)) == told


def test_a_fault_of_the_network_is_told_by_its_line(tmp_path: Path) -> None:
    buses = "id,base_kv\n# the first\na,330\n\nb,330\n\n\nb,330\n"
    assert problems_of(folder_of(tmp_path, buses=buses))[0] == (
        'bus "b": the id comes twice, first in row 5 of buses.csv; '
        "give each its own id, row 8 of buses.csv"
    )


def test_other_encodings_are_told(tmp_path: Path) -> None:
    folder_of(tmp_path)
    (tmp_path / "lines.csv").write_bytes("id,from_bus\nЗоря,a\n".encode("cp1251"))
    assert problems_of(tmp_path) == ["lines.csv row 2: is not UTF-8; save the file as CSV in UTF-8"]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == [
        f"network.toml: is not in {tmp_path}; add it with name, base_mva and is_synthetic",
        f"buses.csv: is not in {tmp_path}; add it; a network has buses",
    ]


def test_warnings_do_not_stop_reading(tmp_path: Path) -> None:
    units = "id,bus,p_mw,p_max_mw\ng,a,60,50\n"
    network, problems = check_folder(folder_of(tmp_path, generators=units))
    assert network is not None
    assert [p.is_warning for p in problems] == [True]
    assert read_network(tmp_path).generators.p_mw.tolist() == [60.0]


def test_writing_keeps_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours")
    write_network(little(), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["notes.txt", "network.toml", *(f"{t}.csv" for t in TABLES)]
    )


def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_network(little(), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_network(little(0.2), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize("n_moved", [0, 1, 5])
def test_an_interrupted_replacement_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_moved: int
) -> None:
    write_network(little(), tmp_path)
    replace, moved = Path.replace, list[Path]()

    def interrupt(self: Path, target: Path) -> Path:
        if len(moved) == n_moved:
            raise KeyboardInterrupt
        moved.append(self)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_network(little(0.2), tmp_path)
    # The new files were complete, so a reader sees all of them, and the next writer tidies up.
    assert fingerprint(read_network(tmp_path)) == fingerprint(little(0.2))
    write_network(little(0.3), tmp_path)
    assert fingerprint(read_network(tmp_path)) == fingerprint(little(0.3))
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_two_writers_leave_one_of_the_two(tmp_path: Path) -> None:
    ours = [little(0.1), little(0.2)]
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda i: write_network(ours[i % 2], tmp_path), range(16)):
            pass
    assert fingerprint(read_network(tmp_path)) in [fingerprint(n) for n in ours]
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_text_that_would_not_come_back_is_refused(tmp_path: Path) -> None:
    network = make_network("a\nb", 100.0, True, {"buses": {"id": ["a"]}})
    with pytest.raises(NetworkInvalid, match="line breaks"):
        write_network(network, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_many_unknown_references_stay_quick_to_tell(tmp_path: Path) -> None:
    n = 3000
    buses = "id\n" + "".join(f"bus-{i}\n" for i in range(n))
    loads = "id,bus,p_mw\n" + "".join(f"{i},BUS_{i},1\n" for i in range(n))
    folder_of(tmp_path, buses=buses, loads=loads, lines="")
    (tmp_path / "lines.csv").unlink()
    (tmp_path / "generators.csv").unlink()
    told = problems_of(tmp_path)
    assert len(told) == n
    assert sum("did you mean" in t for t in told) == 50


def test_a_table_can_be_read_alone(tmp_path: Path) -> None:
    folder_of(tmp_path)
    rows = read_rows(tmp_path / "buses.csv", COLUMNS["buses"], [])
    buses = parse_table(COLUMNS["buses"], rows, {"substations": []}, [])
    assert buses["base_kv"].tolist() == [330.0, 330.0]
