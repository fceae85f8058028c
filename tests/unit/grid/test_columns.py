"""The column table says what the model holds, no more and no less."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lightkeeper.grid import COLUMNS, TABLES, GeneratorKind, Network
from lightkeeper.grid.columns import RAMP_PU_PER_MIN_BY_KIND


def test_tables_are_those_of_the_network() -> None:
    tables = [f.name for f in fields(Network)]
    assert tables == ["name", "base_mva", "is_synthetic", *TABLES]


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_model(table: str) -> None:
    assert [c.name for c in COLUMNS[table]] == [f.name for f in fields(TABLES[table])]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_meaning_and_one_default(table: str) -> None:
    for column in COLUMNS[table]:
        assert column.meaning.endswith(".")
        given = [column.required, column.default is not None, bool(column.same_as)]
        assert given.count(True) == 1, column.name


@pytest.mark.parametrize("table", TABLES)
def test_what_a_default_is_taken_from_comes_before(table: str) -> None:
    names = [c.name for c in COLUMNS[table]]
    for column in COLUMNS[table]:
        if column.same_as:
            assert names.index(column.same_as) < names.index(column.name)


@pytest.mark.parametrize("table", TABLES)
def test_units_stand_in_names(table: str) -> None:
    suffix = {"kV": "_kv", "MW": "_mw", "Mvar": "_mvar", "MVA": "_mva", "km": "_km"}
    suffix |= {"p.u./min": "_pu_per_min"}
    for column in COLUMNS[table]:
        assert column.name.endswith(suffix.get(column.unit, ""))


def test_every_kind_has_a_ramp() -> None:
    assert set(RAMP_PU_PER_MIN_BY_KIND) == set(GeneratorKind)
