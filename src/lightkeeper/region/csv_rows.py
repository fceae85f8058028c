"""Rows of a region's CSV files, every fault with its file and row."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from lightkeeper.errors import Problem
from lightkeeper.grid.columns import Column, ColumnKind, Scalar
from lightkeeper.grid.csv_tables import parse_table, read_rows, suggest, table_text

Row = dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The sound rows of a file, each with its line, and the ids of all its rows.

    `ids` is None where they cannot be told, so that references to them say nothing.
    """

    rows: list[tuple[int, Row]]
    ids: list[str] | None


def read_csv(
    path: Path, columns: Sequence[Column], problems: list[Problem], *, mend_if_absent: str = ""
) -> CsvRows:
    """Read a table; an absent file is an empty table.

    `mend_if_absent` makes absence a problem, and says how to mend it.
    """
    if mend_if_absent and not path.exists():
        problems.append(Problem(path.name, "is missing", mend_if_absent))
        return CsvRows([], None)
    raw = read_rows(path, columns, problems)
    arrays = parse_table(columns, raw, {}, problems, check=range_fault)
    rows = zip(*(arrays[c.name].tolist() for c in columns), strict=True)
    return CsvRows(
        [
            (line, {c.name: value for c, value in zip(columns, row, strict=True)})
            for i, (line, row) in enumerate(zip(raw.lines.tolist(), rows, strict=True))
            if i not in raw.broken
        ],
        arrays["id"].tolist() if raw.is_sound else None,
    )


def write_csv(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Return the table as text that `read_csv` reads back as the same values."""
    return table_text(columns, {c.name: [row[c.name] for row in rows] for c in columns}, {})


def range_fault(column: Column, value: Scalar) -> tuple[str, str] | None:
    """Say what is wrong with a value by its column's choices and bounds, and how to mend it."""
    if column.choices and value not in column.choices:
        return f'is "{value}"', suggest(str(value), [c for c in column.choices if c])
    if column.kind not in (ColumnKind.NUMBER, ColumnKind.INTEGER):
        return None
    number = float(value)
    if math.isfinite(number) and column.low <= number <= column.high:
        return None
    if math.isinf(column.high):
        return f"is {value}", f"give a number not below {column.low:g}"
    return f"is {value}", f"give a number from {column.low:g} to {column.high:g}"


def reference_fault(value: str, known: Collection[str], table: str) -> tuple[str, str] | None:
    """Say that an id is not in the table it is of, and how to mend it."""
    if value in known:
        return None
    hint = suggest(value, list(known)[:5000]) if known else ""
    mend = hint if hint.startswith("did you mean") else f"add it to {table}.csv"
    return f'is "{value}", which is not in {table}.csv', mend


def node_fault(value: str, known: Collection[str]) -> tuple[str, str] | None:
    """Say that an id is neither a service, a heat source nor a feeder, and how to mend it."""
    if value in known:
        return None
    hint = suggest(value, list(known)[:5000]) if known else ""
    mend = hint if hint.startswith("did you mean") else "add it to the table it belongs to"
    return f'is "{value}", which is no service, heat source or feeder', mend
