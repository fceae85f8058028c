"""Read and write tables as CSV files that people edit; the caller says which columns they have.

Reading tolerates what editors and spreadsheets do: a byte order mark, blank rows, comments, cells
left out at the end, ";" or tabs with decimal commas. Everything else is reported with file and row.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from rapidfuzz import fuzz, process

from lightkeeper.errors import Problem
from lightkeeper.grid.build import (
    ColumnArray,
    TableArrays,
    default_array,
    lookup,
    text_dtype,
    text_fault,
)
from lightkeeper.grid.columns import TABLE_OF_REFERENCE, Column, ColumnKind, Scalar
from lightkeeper.units import IntArray

Check = Callable[[Column, Scalar], tuple[str, str] | None]
_Fault = tuple[int, str, str]  # row, what is wrong, how to mend it

_MAX_SUGGESTIONS = 50
_TRUE = frozenset({"true", "1", "yes", "y", "так"})
_FALSE = frozenset({"false", "0", "no", "n", "ні"})


@dataclass(frozen=True, slots=True)
class TableRows:
    """The cells of one file by column, the line of each row, and the rows with a fault.

    `is_sound` is False where the ids cannot be told, so that references to them say nothing.
    """

    file: str
    cells: Mapping[str, list[str]]
    lines: IntArray
    decimal_comma: bool
    is_sound: bool
    broken: set[int]


def read_rows(
    path: Path, columns: Sequence[Column], problems: list[Problem], *, mend_if_absent: str = ""
) -> TableRows:
    """Read the rows of one file as text; an absent file is an empty table.

    `mend_if_absent` makes absence a problem, and says how to mend it.
    """
    file = path.name

    def unread(where: str, what: str, mend: str) -> TableRows:
        problems.append(Problem(where, what, mend))
        return TableRows(file, {}, np.zeros(0, dtype=np.int32), False, False, set())

    if not path.exists():
        if mend_if_absent:
            return unread(file, f"is not in {path.parent}", mend_if_absent)
        return TableRows(file, {}, np.zeros(0, dtype=np.int32), False, True, set())
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return unread(f"{file} row {line}", "is not UTF-8", "save the file as CSV in UTF-8")
    except OSError as error:
        return unread(file, f"cannot be read: {error}", "check the file")
    # Comments go first: a quote in one must not open a cell.
    text = "".join("\n" if s.lstrip().startswith("#") else s for s in io.StringIO(text, newline=""))
    first = next((s for s in text.splitlines() if s.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = list(_records(reader))
    except csv.Error as error:
        where = f"{file} row {reader.line_num}"
        return unread(where, f"is not CSV: {error}", "mend the quotes there or above")
    if not records:
        names = ",".join(c.name for c in columns)
        return unread(file, "has no header", f"begin it with {names}")
    header = _header(columns, f"{file} row {records[0][0]}", records[0][1], problems)
    width = len(header)
    rows: list[list[str]] = []
    broken: set[int] = set()
    for line, record in records[1:]:
        if any(record[width:]):
            broken.add(len(rows))
            what = f"has {len(record)} cells, the header {width}"
            mend = "remove the surplus, or put quotes around text with a comma in it"
            problems.append(Problem(f"{file} row {line}", what, mend))
        # Spreadsheets pad rows with empty cells, and editors leave the last ones out.
        rows.append(record[:width] + [""] * (width - len(record)))
    if any(c.required and c.name not in header for c in columns):
        broken.update(range(len(rows)))
    cells: list[list[str]] = [list(c) for c in zip(*rows, strict=True)] or [[]] * width
    return TableRows(
        file=file,
        cells={n: c for n, c in zip(header, cells, strict=True) if n},
        lines=np.array([line for line, _ in records[1:]], dtype=np.int32),
        decimal_comma=delimiter != ",",
        is_sound="id" in header,
        broken=broken,
    )


class _Reader(Protocol):
    """What `csv.reader` returns."""

    line_num: int

    def __next__(self) -> list[str]: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def _records(reader: _Reader) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the stripped cells of each row that is not blank or a comment."""
    line = 1
    for record in reader:
        cells = [c.strip() for c in record]
        if any(cells) and not cells[0].startswith("#"):
            yield line, cells
        line = reader.line_num + 1


def _header(
    columns: Sequence[Column], where: str, names: list[str], problems: list[Problem]
) -> list[str]:
    """Check the header; an unknown or repeated column becomes ""."""
    known = [c.name for c in columns]
    header: list[str] = []
    for name in names:
        if name and name not in known:
            problems.append(Problem(where, f'there is no column "{name}"', suggest(name, known)))
        elif name and name in header:
            problems.append(Problem(where, f'the column "{name}" comes twice', "remove one"))
        header.append(name if name in known and name not in header else "")
    problems.extend(
        Problem(where, f'the column "{c.name}" is missing', f"add it: {c.meaning}")
        for c in columns
        if c.required and c.name not in header
    )
    return header


def suggest(name: str, known: Iterable[str]) -> str:
    """Say how to mend a name that is not known."""
    close = _closest(name, known)
    return f'did you mean "{close}"?' if close else f"use one of {', '.join(known)}"


def _closest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like `name`, or "" where none is like it."""
    found = process.extractOne(
        name, known, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=60.0
    )
    return str(found[0]) if found else ""


def parse_table(
    columns: Sequence[Column],
    rows: TableRows,
    ids: Mapping[str, list[str] | None],
    problems: list[Problem],
    *,
    check: Check | None = None,
) -> TableArrays:
    """Turn text into columns; each cell that cannot be read is a problem, its row a broken one.

    Parameters
    ----------
    ids
        Ids of each table that a reference column may name; None where nobody knows them.
    check
        Judges each value that could be read: what is wrong with it and how to mend it.
    """
    faults: list[_Fault] = []
    made: TableArrays = {}
    n_rows = len(rows.lines)
    for column in columns:
        cells = rows.cells.get(column.name)
        if cells is None and column.required:
            made[column.name] = np.zeros(n_rows, dtype=text_dtype(column))
        elif cells is None:
            made[column.name] = default_array(column, n_rows, made)
        elif column.kind.is_reference:
            known = ids[TABLE_OF_REFERENCE[column.kind]]
            made[column.name] = _parse_references(column, cells, rows, known, faults)
        else:
            found: list[_Fault] = []
            array = _parse_column(column, cells, rows.decimal_comma, made, found)
            made[column.name] = array
            if check:
                found += _unfit(column, array, check, {row for row, _, _ in found})
            faults += found
    for row, what, mend in sorted(faults, key=lambda fault: fault[0]):
        rows.broken.add(row)
        problems.append(Problem(f"{rows.file} row {rows.lines[row]}", what, mend))
    return made


def _unfit(
    column: Column, array: ColumnArray, check: Check, unread: Collection[int]
) -> list[_Fault]:
    return [
        (row, f"{column.name} {wrong[0]}", wrong[1])
        for row, value in enumerate(array.tolist())
        if row not in unread and (wrong := check(column, value))
    ]


def _parse_references(
    column: Column,
    cells: list[str],
    rows: TableRows,
    ids: list[str] | None,
    faults: list[_Fault],
) -> IntArray:
    """Turn ids into rows of the table they are of; `ids` None means that nobody knows them."""
    row_of = lookup(ids or [])
    n_suggested = 0
    for i, cell in enumerate(cells):
        if not cell:
            if column.required:
                mend = f"give it: {column.meaning}"
                faults.append((i, f"{column.name} is empty", mend))
        elif cell in row_of:
            continue
        elif ids is None:
            rows.broken.add(i)
        else:
            # Looking for a like id takes time, which a thousand faults would not be worth.
            close = _closest(cell, ids) if n_suggested < _MAX_SUGGESTIONS else ""
            n_suggested += 1
            what = (
                f'{column.name} is "{cell}", which is not in {TABLE_OF_REFERENCE[column.kind]}.csv'
            )
            mend = f'did you mean "{close}"?' if close else "add it there"
            faults.append((i, what, mend))
    return np.array([row_of.get(cell, -1) for cell in cells], dtype=np.int32)


def _parse_column(
    column: Column, cells: list[str], decimal_comma: bool, made: TableArrays, faults: list[_Fault]
) -> ColumnArray:
    """Read text, numbers, integers or flags; an empty cell takes the default."""

    def fault(row: int, what: str, mend: str) -> None:
        faults.append((row, f"{column.name} {what}", mend))

    empty = [i for i, cell in enumerate(cells) if not cell]
    if column.required:
        for i in empty:
            fault(i, "is empty", f"give it: {column.meaning}")
    array: ColumnArray
    if column.kind is ColumnKind.TEXT:
        for i, cell in enumerate(cells):
            if cell and (what := text_fault(column, cell)):
                fault(i, f"is {what}", "write it in one line")
        array = np.array(cells, dtype=np.str_ if any(cells) else "<U1")
    else:
        array = _parse_values(column, cells, decimal_comma, fault)
    if empty and not column.required:
        default = default_array(column, len(cells), made)
        is_empty = np.zeros(len(cells), dtype=np.bool_)
        is_empty[empty] = True
        array = np.where(is_empty, default, array)
    return array


def _parse_values(
    column: Column, cells: list[str], decimal_comma: bool, fault: Callable[[int, str, str], None]
) -> ColumnArray:
    """Read numbers, integers or flags; an empty cell gives a value that the caller replaces."""
    if column.kind is ColumnKind.FLAG:
        flags = np.zeros(len(cells), dtype=np.bool_)
        for i, cell in enumerate(cells):
            word = cell.lower()
            flags[i] = word in _TRUE
            if word and word not in _TRUE and word not in _FALSE:
                fault(i, f'is "{cell}"', "write true or false")
        return flags
    numbers = [c.replace(",", ".") for c in cells] if decimal_comma else cells
    try:
        values = np.array([float(c) if c else 0.0 for c in numbers], dtype=np.float64)
    except ValueError:
        values = np.zeros(len(cells), dtype=np.float64)
        for i, cell in enumerate(numbers):
            try:
                values[i] = float(cell) if cell else 0.0
            except ValueError:
                fault(i, f'is "{cells[i]}", not a number', "write a number, with a decimal point")
    if column.kind is ColumnKind.NUMBER:
        return values
    whole = (
        np.isfinite(values) & (values == np.round(values)) & (values >= -(2**31)) & (values < 2**31)
    )
    for i in np.flatnonzero(~whole).tolist():
        fault(i, f'is "{cells[i]}"', "write a whole number")
    return np.where(whole, values, 0).astype(np.int32)


def table_text(
    columns: Sequence[Column],
    values: Mapping[str, Sequence[Scalar]],
    ids: Mapping[str, Sequence[str]],
) -> str:
    """Return a table, given by column, as text that reads back as exactly the same values.

    `ids` are those of each table that a reference column points into.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in columns])
    writer.writerows(zip(*(_cells(c, values[c.name], ids) for c in columns), strict=True))
    return out.getvalue()


def _cells(column: Column, values: Sequence[Scalar], ids: Mapping[str, Sequence[str]]) -> list[str]:
    if column.kind.is_reference:
        names = ids[TABLE_OF_REFERENCE[column.kind]]
        return [names[i] if i >= 0 else "" for i in map(int, values)]
    if column.kind is ColumnKind.FLAG:
        return ["true" if v else "false" for v in values]
    if column.may_be_unknown:
        return ["" if math.isnan(float(v)) else str(v) for v in values]
    return [str(v) for v in values]
