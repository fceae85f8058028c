"""Rows of a region's CSV files: read as people edit them, every fault with its file and row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lightkeeper.errors import Problem
from lightkeeper.grid.columns import Column, ColumnKind, Scalar
from lightkeeper.grid.csv_tables import suggest

Row = dict[str, Scalar]

_TRUE = frozenset({"true", "1", "yes", "y", "так"})
_FALSE = frozenset({"false", "0", "no", "n", "ні"})


def read_csv(
    path: Path, columns: Sequence[Column], problems: list[Problem]
) -> list[tuple[int, Row]]:
    """Read a table's rows with the line each stands on; an absent file is an empty table.

    Tolerates what editors and spreadsheets do: a byte order mark, blank rows, comments, cells left
    out at the end, ";" or tabs with decimal commas. A row with a fault is left out of the result.
    """
    file = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        where = f"{file} row {line}"
        problems.append(Problem(where, "is not UTF-8", "save the file as CSV in UTF-8"))
        return []
    first = next((s for s in text.splitlines() if s.strip() and not _is_comment(s)), "")
    delimiter = max(",;\t", key=first.count)
    try:
        records = list(_records(text, delimiter))
    except csv.Error as error:
        problems.append(Problem(file, f"is not CSV: {error}", "mend the quotes in the file"))
        return []
    if not records:
        names = ",".join(c.name for c in columns)
        problems.append(Problem(file, "has no header", f"begin it with {names}"))
        return []
    line, header = records[0]
    if not _is_known(f"{file} row {line}", header, columns, problems):
        return []
    rows = []
    for line, cells in records[1:]:
        where = f"{file} row {line}"
        before = len(problems)
        if any(cells[len(header) :]):
            what = f"has {len(cells)} cells, the header {len(header)}"
            mend = "remove the surplus, or put quotes around text with a comma in it"
            problems.append(Problem(where, what, mend))
        given = dict(zip(header, cells, strict=False))
        row = {
            c.name: _value(c, given.get(c.name, ""), delimiter != ",", where, problems)
            for c in columns
        }
        if len(problems) == before:
            rows.append((line, row))
    return rows


def write_csv(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Return the table as text that `read_csv` reads back as the same values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in columns])
    writer.writerows([[_cell(row[c.name]) for c in columns] for row in rows])
    return out.getvalue()


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


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the stripped cells of each row that is not blank or a comment."""
    # Comments go first: a quote in one must not open a cell.
    lines = ("\n" if _is_comment(s) else s for s in io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    for record in reader:
        cells = [cell.strip() for cell in record]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _is_known(
    where: str, header: list[str], columns: Sequence[Column], problems: list[Problem]
) -> bool:
    known = [c.name for c in columns]
    before = len(problems)
    for i, name in enumerate(header):
        if name and name not in known:
            problems.append(Problem(where, f'there is no column "{name}"', suggest(name, known)))
        elif name and name in header[:i]:
            problems.append(Problem(where, f'the column "{name}" comes twice', "remove one"))
    for c in columns:
        if c.required and c.name not in header:
            what = f'the column "{c.name}" is missing'
            problems.append(Problem(where, what, f"add it: {c.meaning}"))
    return len(problems) == before


def _value(
    column: Column, cell: str, decimal_comma: bool, where: str, problems: list[Problem]
) -> Scalar:
    """Read one cell; what cannot be read is a problem and gives the empty value."""

    def fault(what: str, mend: str) -> Scalar:
        problems.append(Problem(where, f"{column.name} {what}", mend))
        return ""

    if not cell:
        if column.required or column.default is None:
            return fault("is empty", f"give it: {column.meaning}")
        return column.default
    value: Scalar = cell
    if column.kind is ColumnKind.FLAG:
        if cell.lower() not in _TRUE | _FALSE:
            return fault(f'is "{cell}"', "write true or false")
        return cell.lower() in _TRUE
    if column.kind in (ColumnKind.NUMBER, ColumnKind.INTEGER):
        try:
            value = float(cell.replace(",", ".") if decimal_comma else cell)
        except ValueError:
            return fault(f'is "{cell}", not a number', "write a number, with a decimal point")
        if column.kind is ColumnKind.INTEGER:
            if not value.is_integer() or abs(value) >= 2**31:
                return fault(f'is "{cell}"', "write a whole number")
            value = int(value)
    elif not cell.isprintable():
        return fault("has line breaks or control signs", "write it in one line")
    if wrong := range_fault(column, value):
        return fault(*wrong)
    return value


def _cell(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
