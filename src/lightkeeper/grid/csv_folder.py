"""A network as a folder of CSV files that people edit by hand.

One file per table and `network.toml`. References are ids. Reading tolerates what editors and
spreadsheets do (byte order mark, blank rows, comments, ";" with decimal commas) and reports every
fault with its file and line.
"""

from __future__ import annotations

import csv
import difflib
import json
import math
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lightkeeper.errors import NetworkInvalid, Problem
from lightkeeper.grid.build import (
    ColumnArray,
    TableArrays,
    default_array,
    lookup,
    network_of,
    table_arrays,
    text_fault,
)
from lightkeeper.grid.columns import COLUMNS, TABLE_OF_REFERENCE, TABLES, Column, ColumnKind
from lightkeeper.grid.model import Network
from lightkeeper.grid.validate import validate
from lightkeeper.units import IntArray

_READY = ".ready"
_TRUE = frozenset({"true", "1", "yes", "y", "так"})
_FALSE = frozenset({"false", "0", "no", "n", "ні"})


def read_network(folder: Path) -> Network:
    """Read a network written by `write_network` or by hand.

    Raises
    ------
    NetworkInvalid
        With every fault of the files; where the files themselves are sound, with every error (not
        the warnings) of `validate`, placed by line.
    """
    network, problems = check_folder(folder)
    errors = [p for p in problems if not p.is_warning]
    if network is None or errors:
        raise NetworkInvalid(f"network folder {folder}", errors)
    return network


def check_folder(folder: Path) -> tuple[Network | None, list[Problem]]:
    """Read and validate a folder; return all problems as values.

    The network is None when the files cannot be read as one; the problems then are those of
    reading, since nothing else can be told yet.
    """
    problems: list[Problem] = []
    head = _read_head(folder, problems)
    raw = {table: _read_rows(folder, table, problems) for table in TABLES}
    tables: dict[str, TableArrays] = {}
    for table, rows in raw.items():
        tables[table] = _parse_table(rows, tables, problems)
    if problems:
        return None, problems
    network = network_of(head.name, head.base_mva, head.is_synthetic, tables)
    return network, validate(network, lines={t: r.lines for t, r in raw.items()})


def write_network(network: Network, folder: Path) -> None:
    """Write a network so that `read_network` gives back exactly the same.

    The new files are complete on disk before the first old one is replaced, and an interrupted
    replacement is finished by the next reader or writer. Other files in the folder stay.

    Raises
    ------
    NetworkInvalid
        A text would not survive the file, see `build.text_fault`.
    """
    problems = [
        Problem(f"{table}.{column.name}", f"row {i}: {fault}", "give another text")
        for table in TABLES
        for column in COLUMNS[table]
        if column.kind is ColumnKind.TEXT
        for i, value in enumerate(table_arrays(network, table)[column.name].tolist())
        if (fault := text_fault(column, str(value)))
    ]
    if problems:
        raise NetworkInvalid(f'network "{network.name}" cannot be written', problems)
    folder.mkdir(parents=True, exist_ok=True)
    _finish_interrupted(folder)
    writing = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        _write_head(network, writing / "network.toml")
        ids = {t: getattr(network, t).id for t in TABLE_OF_REFERENCE.values()}
        for table in TABLES:
            _write_table(network, table, ids, writing / f"{table}.csv")
        writing.rename(folder / _READY)
    except BaseException:
        shutil.rmtree(writing, ignore_errors=True)
        raise
    _finish_interrupted(folder)


def _finish_interrupted(folder: Path) -> None:
    """Move what a complete write left in `.ready` into place."""
    ready = folder / _READY
    if ready.is_dir():
        for path in sorted(ready.iterdir()):
            path.replace(folder / path.name)
        ready.rmdir()


def _path(folder: Path, name: str) -> Path:
    """Return where the newest complete version of a file is."""
    ready = folder / _READY / name
    return ready if ready.exists() else folder / name


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    base_mva: float
    is_synthetic: bool


def _read_head(folder: Path, problems: list[Problem]) -> _Head:
    where = "network.toml"

    def fault(what: str, mend: str) -> None:
        problems.append(Problem(where, what, mend))

    entries: dict[str, object] = {}
    try:
        entries = dict(tomllib.loads(_path(folder, where).read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        fault(f"is not in {folder}", "add it with name, base_mva and is_synthetic")
        return _Head("", 1.0, True)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        fault(f"cannot be read: {error}", "mend it; it is TOML in UTF-8")
        return _Head("", 1.0, True)
    known = ("name", "base_mva", "is_synthetic")
    for key in entries.keys() - set(known):
        fault(f'there is no entry "{key}"', _suggest(key, known))
    name = entries.get("name", folder.resolve().name)
    base_mva = entries.get("base_mva", 100.0)
    is_synthetic = entries.get("is_synthetic")
    if not isinstance(name, str):
        fault("name is not a text", 'write name = "..."')
    if isinstance(base_mva, bool) or not isinstance(base_mva, int | float):
        fault("base_mva is not a number", "write base_mva = 100.0")
        base_mva = 100.0
    if not isinstance(is_synthetic, bool):
        # Whether output is an exercise must never be guessed.
        fault(
            "does not say whether the network is synthetic",
            "write is_synthetic = true for an exercise, false for a real grid",
        )
    return _Head(str(name), float(base_mva), bool(is_synthetic))


def _write_head(network: Network, path: Path) -> None:
    path.write_text(
        f"name = {json.dumps(network.name, ensure_ascii=False)}\n"
        f"base_mva = {network.base_mva!r}\n"
        f"is_synthetic = {'true' if network.is_synthetic else 'false'}\n",
        encoding="utf-8",
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cells of one file by column, and the line each row stands on."""

    table: str
    file: str
    cells: Mapping[str, list[str]]
    lines: IntArray
    decimal_comma: bool


def _read_rows(folder: Path, table: str, problems: list[Problem]) -> _Rows:
    """Read the rows of one file as text; an absent file is an empty table."""
    file = f"{table}.csv"
    empty = _Rows(table, file, {}, np.zeros(0, dtype=np.int32), False)
    path = _path(folder, file)
    if not path.exists():
        if table == "buses":
            problems.append(Problem(file, f"is not in {folder}", "add it; a network has buses"))
        return empty
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(
            Problem(f"{file} row {line}", "is not UTF-8", "save the file as CSV in UTF-8")
        )
        return empty
    except OSError as error:
        problems.append(Problem(file, f"cannot be read: {error}", "check the file"))
        return empty
    first = next((s for s in text.splitlines() if s.strip() and not s.startswith("#")), "")
    semicolons = ";" in first and "," not in first
    try:
        records = list(_records(text, ";" if semicolons else ","))
    except csv.Error as error:
        problems.append(Problem(file, f"is not CSV: {error}", "mend the quotes in the file"))
        return empty
    if not records:
        problems.append(
            Problem(file, "has no header", f"begin with {','.join(c.name for c in COLUMNS[table])}")
        )
        return empty
    header = _header(table, file, *records[0], problems)
    width = len(header)
    rows, lines = [], []
    for line, record in records[1:]:
        # Spreadsheets pad rows with empty cells.
        if len(record) != width:
            if len(record) > width and any(record[width:]):
                problems.append(
                    Problem(
                        f"{file} row {line}",
                        f"has {len(record)} cells, the header {width}",
                        "remove the surplus, or quote text that has a comma in it",
                    )
                )
            record = (record + [""] * width)[:width]
        rows.append(record)
        lines.append(line)
    by_column = list(zip(*rows, strict=True)) if rows else [()] * width
    cells = {n: list(c) for n, c in zip(header, by_column, strict=True) if n}
    return _Rows(table, file, cells, np.array(lines, dtype=np.int32), semicolons)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the stripped cells of each row that is not blank or a comment."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    line = 1
    for record in reader:
        cells = [c.strip() for c in record]
        if any(cells) and not cells[0].startswith("#"):
            yield line, cells
        line = reader.line_num + 1


def _header(
    table: str, file: str, line: int, names: list[str], problems: list[Problem]
) -> list[str]:
    """Check the header; an unknown or repeated column becomes ""."""
    known = [c.name for c in COLUMNS[table]]
    where = f"{file} row {line}"
    header: list[str] = []
    for name in names:
        if name and name not in known:
            problems.append(Problem(where, f'there is no column "{name}"', _suggest(name, known)))
        elif name and name in header:
            problems.append(Problem(where, f'the column "{name}" comes twice', "remove one"))
        header.append(name if name in known and name not in header else "")
    problems.extend(
        Problem(where, f'the column "{c.name}" is missing', f"add it: {c.meaning}")
        for c in COLUMNS[table]
        if c.required and c.name not in header
    )
    return header


def _suggest(name: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else f"use one of {', '.join(known)}"


def _parse_table(
    rows: _Rows, tables: Mapping[str, TableArrays], problems: list[Problem]
) -> TableArrays:
    """Turn text into columns; each cell that cannot be read is a problem."""
    made: TableArrays = {}
    n_rows = len(rows.lines)
    for column in COLUMNS[rows.table]:
        cells = rows.cells.get(column.name)
        if cells is not None:
            made[column.name] = _parse_column(column, cells, rows, made, tables, problems)
        elif column.required:
            made[column.name] = np.zeros(n_rows, dtype=column.kind.dtype)
        else:
            made[column.name] = default_array(column, n_rows, made)
    return made


def _parse_column(
    column: Column,
    cells: list[str],
    rows: _Rows,
    made: TableArrays,
    tables: Mapping[str, TableArrays],
    problems: list[Problem],
) -> ColumnArray:
    def fault(row: int, what: str, mend: str) -> None:
        where = f"{rows.file} row {rows.lines[row]}"
        problems.append(Problem(where, f"{column.name} {what}", mend))

    empty = [i for i, cell in enumerate(cells) if not cell]
    if column.required:
        for i in empty:
            fault(i, "is empty", f"give it: {column.meaning}")
    if column.kind is ColumnKind.TEXT:
        for i, cell in enumerate(cells):
            if cell and (what := text_fault(column, cell)):
                fault(i, what, "write it in one line")
        array: ColumnArray = np.array(cells, dtype=np.str_ if cells else "<U1")
    elif column.kind.is_reference:
        ids = lookup(tables[TABLE_OF_REFERENCE[column.kind]]["id"].tolist())
        unknown = [i for i, cell in enumerate(cells) if cell and cell not in ids]
        for i in unknown:
            close = difflib.get_close_matches(cells[i], list(ids)[:5000], n=1, cutoff=0.7)
            hint = f', or did you mean "{close[0]}"?' if close else ""
            file = f"{TABLE_OF_REFERENCE[column.kind]}.csv"
            fault(i, f'names "{cells[i]}", which is not in {file}', f"add it there{hint}")
        array = np.array([ids.get(cell, -1) for cell in cells], dtype=np.int32)
    else:
        array = _parse_values(column, cells, rows.decimal_comma, fault)
    if empty and not column.required and not column.kind.is_reference:
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
    whole = np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**31)
    for i in np.flatnonzero(~whole).tolist():
        fault(i, f'is "{cells[i]}"', "write a whole number")
    return np.where(whole, values, 0).astype(np.int32)


def _write_table(network: Network, table: str, ids: Mapping[str, ColumnArray], path: Path) -> None:
    columns = [
        _cells(column, array, ids)
        for column, array in zip(COLUMNS[table], table_arrays(network, table).values(), strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([c.name for c in COLUMNS[table]])
        writer.writerows(zip(*columns, strict=True))
        stream.flush()
        os.fsync(stream.fileno())


def _cells(column: Column, array: ColumnArray, ids: Mapping[str, ColumnArray]) -> list[str]:
    """Turn a column into text that reads back as exactly the same values."""
    if column.kind.is_reference:
        names = ids[TABLE_OF_REFERENCE[column.kind]].tolist()
        return [names[i] if i >= 0 else "" for i in array.tolist()]
    if column.kind is ColumnKind.FLAG:
        return ["true" if v else "false" for v in array.tolist()]
    if column.kind is ColumnKind.TEXT:
        return [str(v) for v in array.tolist()]
    if column.may_be_unknown:
        return ["" if math.isnan(v) else repr(v) for v in array.tolist()]
    return [repr(v) for v in array.tolist()]
