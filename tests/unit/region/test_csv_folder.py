from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.errors import RegionInvalid
from lightkeeper.grid import fingerprint
from lightkeeper.region import Region, check_region, read_region, write_region


@pytest.fixture
def folder(tmp_path: Path, small_region: Region) -> Path:
    path = tmp_path / "region"
    write_region(small_region, path)
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def faults(path: Path) -> list[str]:
    with pytest.raises(RegionInvalid) as caught:
        read_region(path)
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize("name", ["region", "region.zip"])
def test_what_is_written_reads_back_the_same(
    tmp_path: Path, small_region: Region, name: str
) -> None:
    write_region(small_region, tmp_path / name)
    again = read_region(tmp_path / name)
    assert again.name == small_region.name
    assert fingerprint(again.network) == fingerprint(small_region.network)
    for field in (
        "districts",
        "heat_sources",
        "services",
        "warm_points",
        "dependencies",
        "homes",
        "temperatures",
        "mobile_units",
    ):
        assert getattr(again, field) == getattr(small_region, field)
    for column in ("id", "load", "district", "place", "queue", "demand_mw", "population"):
        np.testing.assert_array_equal(
            getattr(again.feeders, column), getattr(small_region.feeders, column)
        )
    np.testing.assert_array_equal(again.feeders.is_critical, small_region.feeders.is_critical)
    assert again.feeders.load.dtype == np.int32


def test_the_same_region_gives_the_same_bytes(tmp_path: Path, small_region: Region) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    write_region(small_region, one)
    write_region(read_region(one), two)
    assert one.read_bytes() == two.read_bytes()


def test_writing_replaces_the_old_and_leaves_nothing_behind(
    tmp_path: Path, small_region: Region
) -> None:
    path = tmp_path / "region"
    write_region(small_region, path)
    (path / "notes.txt").write_text("mine")
    write_region(replace(small_region, name="Інша", warm_points=()), path)
    again = read_region(path)
    assert (again.name, again.warm_points) == ("Інша", ())
    assert (path / "notes.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["region"]
    assert not [p for p in path.iterdir() if p.name.startswith(".")]


def test_a_zip_with_the_folder_inside(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"my region/{file.name}")
    assert len(read_region(path).districts) == 2


def test_what_spreadsheets_do_is_tolerated(folder: Path) -> None:
    file = folder / "warm_points.csv"
    file.write_text(
        '\ufeff# a note with a " in it\n\nid;name;kind;district;capacity;lon;lat\n'
        'w1;"Школа; 5";warm_point;izium;80;37,3;49,2\n;;;;;;\n',
        encoding="utf-8",
    )
    (point,) = read_region(folder).warm_points
    assert (point.name, point.capacity, point.lon) == ("Школа; 5", 80, 37.3)


def test_optional_tables_may_be_absent(folder: Path) -> None:
    (folder / "heat_sources.csv").unlink()
    for name in ("warm_points", "dependencies", "homes", "temperatures", "mobile_units"):
        (folder / f"{name}.csv").unlink()
    region = read_region(folder)
    assert (region.heat_sources, region.warm_points) == ((), ())
    assert (region.dependencies, region.homes, region.temperatures) == ((), (), ())
    assert region.mobile_units == ()


def test_a_dependency_on_something_unknown_is_named(folder: Path) -> None:
    change(folder / "dependencies.csv", "power,f2", "power,f9")
    change(folder / "dependencies.csv", "s1,water", "s7,water")
    assert faults(folder) == [
        'dependencies.csv row 2: supplier is "f9", which is no service, heat source or feeder; '
        "add it to the table it belongs to",
        'dependencies.csv row 3: dependent is "s7", which is no service, heat source or feeder; '
        "add it to the table it belongs to",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("dependencies.csv", "water", "warmth", 'dependencies.csv row 3: need is "warmth"'),
        ("dependencies.csv", "8.0", "-1", "row 3: buffer_h is -1"),
        ("mobile_units.csv", "generator", "tank", 'mobile_units.csv row 2: kind is "tank"'),
        ("mobile_units.csv", "1.5", "-1", "ready_h is -1"),
        ("homes.csv", "brick", "clay", 'homes.csv row 2: type is "clay"'),
        ("homes.csv", "izium", "isium", 'district is "isium", which is not in districts.csv'),
        ("temperatures.csv", "-8.0", "-80", "outdoor_c is -80"),
        ("temperatures.csv", "-8.0", "", "outdoor_c is empty"),
        ("temperatures.csv", "izium,0", "izium,noon", 'hour is "noon", not a number'),
    ],
)
def test_faults_of_needs_homes_and_cold(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    change(folder / file, old, new)
    assert any(expected in fault for fault in faults(folder)), faults(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("feeders.csv", "f2,d1", "f2,d9", 'feeders.csv row 3: load is "d9", which is not in loads'),
        (
            "feeders.csv",
            "f2,d1,kharkiv",
            "f2,d1,harkiv",
            'feeders.csv row 3: district is "harkiv", which is not in districts.csv; '
            'did you mean "kharkiv"?',
        ),
        ("feeders.csv", "6.2", "6.3", 'feeders.csv row 4: queue is "6.3"'),
        ("feeders.csv", "2.5,2500", "2.5,many", 'row 5: population is "many", not a number'),
        ("feeders.csv", "2.5,2500", "2.5,2500.5", 'row 5: population is "2500.5"; write a whole'),
        ("feeders.csv", "2.5,2500", "-2.5,2500", "row 5: demand_mw is -2.5; give a number not"),
        ("feeders.csv", "2.5,2500", "nan,2500", "row 5: demand_mw is nan; give a number not"),
        ("feeders.csv", "2500,false", "2500,maybe", 'row 5: is_critical is "maybe"'),
        ("feeders.csv", "2500,false", '2500,"false', "feeders.csv row 5: is not CSV"),
        ("feeders.csv", "id,load", "id,lode", 'row 1: there is no column "lode"; did you mean'),
        ("feeders.csv", "f4,", ",", "row 5: id is empty; give it"),
        ("services.csv", ",f1,", ",f7,", 'services.csv row 2: feeder is "f7"'),
        ("services.csv", "hospital", "hospitle", 'kind is "hospitle"; did you mean "hospital"?'),
        ("services.csv", ",12.0,", ",-1,", "backup_h is -1.0; give a number not below 0"),
        ("heat_sources.csv", "kharkiv|izium", "kharkiv|isium", 'districts is "isium"'),
        ("warm_points.csv", ",80,", ",,", "row 2: capacity is empty"),
        ("warm_points.csv", ",80,", ",80,1,", "row 2: has 8 cells, the header 7"),
        ("districts.csv", ",5000,", ",-5,", "districts.csv row 2: population is -5"),
        ("districts.geojson", '"id":"izium"', '"id":"izum"', 'id is "izum", which is not in'),
        ("districts.geojson", '{"type":"FeatureCollection"', "{", "is not a GeoJSON"),
        ("region.toml", "name", "nome", "region.toml: gives no name"),
        ("buses.csv", "b2", "b1", 'bus "b1"'),
    ],
)
def test_every_fault_names_its_file_row_and_mend(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = faults(folder)
    assert any(expected in f for f in found), found


def test_all_faults_are_found_at_once(folder: Path) -> None:
    change(folder / "feeders.csv", "2.5,2500", "2.5,many")
    change(folder / "services.csv", "hospital", "hospitle")
    change(folder / "region.toml", "name", "nome")
    (folder / "loads.csv").unlink()
    assert len({f.split(":")[0].split(" ")[0] for f in faults(folder)}) >= 3


def test_every_fault_of_one_row_is_told_once(folder: Path) -> None:
    change(folder / "services.csv", ",12.0,", ",many,")
    change(folder / "services.csv", "hospital", "hospitle")
    found = [f for f in faults(folder) if f.startswith("services.csv row 2: ")]
    assert [f.split(": ")[1].split(" ")[0] for f in found] == ["kind", "backup_h"]


@pytest.mark.parametrize(
    "name",
    ["region.toml", "districts.csv", "feeders.csv", "districts.geojson", "loads.csv"],
)
def test_a_missing_file_is_one_problem(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (found,) = faults(folder)
    assert found.startswith(f"{name}: is missing; add it")


def test_references_are_checked_in_spite_of_faults_of_the_network(folder: Path) -> None:
    change(folder / "lines.csv", "0.1", "much")
    change(folder / "loads.csv", ",4.0", ",four")
    change(folder / "feeders.csv", "f2,d1", "f2,d9")
    change(folder / "warm_points.csv", "izium", "isium")
    found = faults(folder)
    assert len([f for f in found if f.startswith(("lines.csv", "loads.csv"))]) == 2
    assert [f for f in found if not f.startswith(("lines.csv", "loads.csv"))] == [
        'feeders.csv row 3: load is "d9", which is not in loads.csv; add it to loads.csv',
        'warm_points.csv row 2: district is "isium", which is not in districts.csv; '
        'did you mean "izium"?',
    ]


def test_a_reference_to_a_faulty_row_is_not_blamed(folder: Path) -> None:
    change(folder / "districts.csv", ",5000,", ",many,")
    (found,) = faults(folder)
    assert found.startswith("districts.csv row 2: population")


def test_region_and_network_are_judged_together(folder: Path) -> None:
    change(folder / "generators.csv", ",20.0,", ",-20.0,")
    change(folder / "feeders.csv", "1.1", "")
    change(folder / "services.csv", "kharkiv", "izium")
    _, problems = check_region(folder)
    assert any(p.is_warning and "stands in no queue" in p.what for p in problems)
    told = [p for p in problems if not p.is_warning]
    assert any("p_max_mw" in str(p) for p in told)
    assert any('service "s1"' in str(p) for p in told)


def test_a_missing_polygon_is_named(folder: Path) -> None:
    path = folder / "districts.geojson"
    collection = json.loads(path.read_text(encoding="utf-8"))
    collection["features"].pop()
    path.write_text(json.dumps(collection), encoding="utf-8")
    assert any('the district "izium" has no feature' in f for f in faults(folder))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.zip"])
def test_nothing_there(tmp_path: Path, name: str) -> None:
    assert "is not there" in faults(tmp_path / name)[0]


def test_a_zip_cut_short(tmp_path: Path, small_region: Region) -> None:
    path = tmp_path / "region.zip"
    write_region(small_region, path)
    path.write_bytes(path.read_bytes()[:900])
    assert "cannot be read" in faults(path)[0]


def test_a_file_that_is_not_utf8(folder: Path) -> None:
    path = folder / "districts.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1251"))
    assert any("is not UTF-8" in f for f in faults(folder))


def test_a_failed_write_keeps_what_was_there(
    tmp_path: Path, small_region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "region.zip"
    write_region(small_region, path)
    before = path.read_bytes()

    def broken(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    replace_file: Callable[..., None] = broken
    monkeypatch.setattr("zipfile.ZipFile.writestr", replace_file)
    with pytest.raises(KeyboardInterrupt):
        write_region(replace(small_region, name="Інша"), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["region.zip"]
