from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.damage import (
    DamageState,
    Inspection,
    InspectionStage,
    InspectionStep,
    SupplyState,
    parse_call_counts,
    parse_feeder_list,
    parse_inspections,
    read_call_counts,
    read_feeder_list,
)
from lightkeeper.errors import DataInvalid
from lightkeeper.region import Region


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_feeder_list(tmp_path: Path, region: Region) -> None:
    path = write(
        tmp_path / "off.csv",
        "feeder,state,at\nf0,off,2026-01-10T04:10+02:00\nf1,on,\nf0,on,2026-01-10T03:00+02:00\n",
    )
    off, on = read_feeder_list(path, region)
    assert (off.feeder, off.state, off.share_off) == ("f0", SupplyState.DARK, (1.0, 1.0))
    assert off.at == datetime(2026, 1, 10, 2, 10, tzinfo=UTC)
    assert off.source == "feeder list off.csv row 2"
    assert off.district is None
    assert (on.feeder, on.state, on.at) == ("f1", SupplyState.SUPPLIED, None)


def test_feeder_list_as_a_spreadsheet_writes_it(tmp_path: Path, region: Region) -> None:
    path = tmp_path / "off.csv"
    path.write_text("Feeder; State\r\nf3; Вимкнено\r\n", encoding="utf-8-sig")
    (found,) = read_feeder_list(path, region)
    assert (found.feeder, found.state) == ("f3", SupplyState.DARK)


def test_feeder_list_names_every_fault(tmp_path: Path, region: Region) -> None:
    path = write(
        tmp_path / "off.csv",
        "feeder,state,at\nf99,off,\nf1,maybe,\nf2,off,10.01.2026\nf3,off,2026-01-10T04:10\nf4\n",
    )
    with pytest.raises(DataInvalid) as fault:
        read_feeder_list(path, region)
    found = [str(p) for p in fault.value.problems]
    assert len(found) == 5
    for row, words in (
        (2, '"f99"'),
        (3, '"maybe"'),
        (4, "10.01.2026"),
        (5, "offset"),
        (6, "3 cells"),
    ):
        assert any(f"row {row}" in p and words in p for p in found)


def test_file_that_cannot_be_read(tmp_path: Path, region: Region) -> None:
    with pytest.raises(DataInvalid, match="cannot be read"):
        read_feeder_list(tmp_path / "none.csv", region)
    with pytest.raises(DataInvalid, match="has no column state"):
        read_feeder_list(write(tmp_path / "a.csv", "feeder\nf1\n"), region)
    with pytest.raises(DataInvalid, match="has no column feeder, state"):
        read_feeder_list(write(tmp_path / "b.csv", ""), region)


def test_call_counts(tmp_path: Path, region: Region) -> None:
    path = write(
        tmp_path / "calls.csv",
        "district,feeder,calls,customers\n"
        "city,,300,6000\n"
        "port,,30,4000\n"
        ",f7,100,600\n"
        ",f8,10,400\n"
        "raion,,0,3000\n",
    )
    district, feeder = read_call_counts(path, region)
    assert (district.district, district.state) == ("city", SupplyState.PARTLY_DARK)
    assert district.share_off == (0.05, 1.0)
    assert "300 calls of 6000" in district.source
    assert (feeder.feeder, feeder.state) == ("f7", SupplyState.DARK)


def test_call_counts_name_every_fault(tmp_path: Path, region: Region) -> None:
    path = write(
        tmp_path / "calls.csv",
        "district,feeder,calls,customers\ncity,f1,3,6\n,,3,6\nmoon,,3,6\ncity,,-3,6\ncity,,3,0\n",
    )
    with pytest.raises(DataInvalid) as fault:
        read_call_counts(path, region)
    assert len(fault.value.problems) == 5


def test_json_says_the_same_as_csv(region: Region) -> None:
    rows = [{"feeder": "f0", "state": "off", "at": "2026-01-10T04:10+02:00"}, {"feeder": "f1",
            "state": "On", "at": None, "crew": 3}]  # fmt: skip
    csv_text = "feeder,state,at\nf0,off,2026-01-10T04:10+02:00\nf1,On,\n"
    listed = parse_feeder_list(csv_text, "list", region)
    for value in (rows, {"feeders": rows, "made": "today"}):
        read = parse_feeder_list(json.dumps(value), "list", region)
        assert [(o.feeder, o.state, o.at) for o in read] == [
            (o.feeder, o.state, o.at) for o in listed
        ]
    calls = json.dumps([{"feeder": "f0", "calls": 30, "customers": 100}])
    (found,) = parse_call_counts(calls, "calls", region)
    assert (found.feeder, found.state) == ("f0", SupplyState.DARK)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"feeder": "f0"', "is no JSON"),
        ('{"a": [], "b": []}', "no list of rows"),
        ('{"a": 1}', "no list of rows"),
        ("[1]", "row 1: is no object"),
        ('[{"feeder": "f0"}]', "has no state"),
        ("[" * 100_000, "is no JSON"),
        ("feeder,state\n" + "x" * 200_000 + ",off\n", "field larger"),
        ("feeder,state\nf0,off\x00\n", "off\x00|NUL"),
    ],
)
def test_a_list_that_is_none_is_refused(region: Region, text: str, words: str) -> None:
    with pytest.raises(DataInvalid) as fault:
        parse_feeder_list(text, "list", region)
    found = "; ".join(str(p) for p in fault.value.problems)
    assert any(word in found for word in words.split("|"))


def test_a_count_of_calls_has_few_digits(region: Region) -> None:
    text = f"feeder,calls,customers\nf0,{'9' * 5000},1\n"
    with pytest.raises(DataInvalid, match="whole number"):
        parse_call_counts(text, "calls", region)


def test_inspections_on_their_way_and_with_a_result() -> None:
    text = (
        "asset,status,at,by,note\n"
        "line:1,assigned,2026-01-10T04:10+02:00,dispatcher,\n"
        "line:1,no access,2026-01-10T05:10+02:00,crew 2,mines\n"
        "line:2,Знищено,2026-01-10T06:10+02:00,crew 3,\n"
    )
    assigned, no_access, seen = parse_inspections(text, "list", {"line:1", "line:2"})
    assert isinstance(assigned, InspectionStep)
    assert isinstance(no_access, InspectionStep)
    assert isinstance(seen, Inspection)
    assert assigned.stage is InspectionStage.ASSIGNED
    assert (no_access.stage, no_access.by, no_access.note) == (
        InspectionStage.NO_ACCESS,
        "crew 2",
        "mines",
    )
    assert (seen.asset, seen.state) == ("line:2", DamageState.DESTROYED)
    assert seen.at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)


def test_inspections_name_every_fault() -> None:
    text = (
        "asset,status,at,by\nline:9,intact,2026-01-10T04:10Z,crew\nline:1,fine,2026-01-10T04:10Z,crew\n"
        "line:1,intact,,crew\nline:1,intact,2026-01-10T04:10,crew\nline:1,intact,2026-01-10T04:10Z,\n"
    )
    with pytest.raises(DataInvalid) as fault:
        parse_inspections(text, "list", {"line:1"})
    found = [str(p) for p in fault.value.problems]
    assert len(found) == 5
    for row, words in ((2, "line:9"), (3, '"fine"'), (4, "at is empty"), (5, "offset"), (6, "by")):
        assert any(f"row {row}" in p and words in p for p in found)
