"""Build a `Network` from plain columns, and look into one as plain columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lightkeeper.errors import NetworkInvalid, Problem
from lightkeeper.grid.columns import COLUMNS, TABLE_OF_REFERENCE, TABLES, Column, ColumnKind
from lightkeeper.grid.model import (
    Buses,
    Generators,
    Lines,
    Loads,
    Network,
    Shunts,
    Substations,
    Switches,
    Ties,
    Transformers,
)
from lightkeeper.units import IntArray, StrArray

ColumnArray = NDArray[np.float64] | NDArray[np.int32] | NDArray[np.bool_] | NDArray[np.str_]
TableArrays = dict[str, ColumnArray]


def make_network(
    name: str,
    base_mva: float,
    is_synthetic: bool,
    tables: Mapping[str, Mapping[str, ArrayLike]],
) -> Network:
    """Build a network from columns; absent columns take the defaults of `columns.COLUMNS`.

    Checks shape, type and references only; what the figures mean is `validate`'s matter.

    Parameters
    ----------
    name, base_mva, is_synthetic
        As in `Network`.
    tables
        Columns by table and name. All columns of a table have one length; a scalar is repeated. A
        reference is given by 0-based rows (integers) or by ids (text). An absent table is empty.

    Returns
    -------
    Network
        Its arrays are copies and cannot be written to.

    Raises
    ------
    NetworkInvalid
        With every fault found: unknown tables or columns, missing required ones, lengths that
        differ, values of the wrong type, references to nothing.

    Examples
    --------
    >>> network = make_network(
    ...     "two buses", 100.0, True,
    ...     {
    ...         "buses": {"id": ["a", "b"], "base_kv": 330.0},
    ...         "lines": {"id": ["l"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": [0.1]},
    ...     },
    ... )
    >>> network.lines.to_bus.tolist()
    [1]
    """
    problems = [
        Problem(f"table {table}", "there is no such table", f"use one of {', '.join(TABLES)}")
        for table in tables
        if table not in TABLES
    ]
    built: dict[str, TableArrays] = {}
    for table in TABLES:
        built[table] = _make_table(table, tables.get(table, {}), built, problems)
    if problems:
        raise NetworkInvalid(f'network "{name}"', problems)
    return network_of(name, base_mva, is_synthetic, built)


def network_of(
    name: str, base_mva: float, is_synthetic: bool, tables: Mapping[str, TableArrays]
) -> Network:
    """Wrap complete, checked column arrays into a `Network`; the arrays become read-only."""
    for columns in tables.values():
        for array in columns.values():
            array.flags.writeable = False
    # Each constructor checks the names of its columns; the types were set from the column table.
    return Network(
        name=name,
        base_mva=float(base_mva),
        is_synthetic=bool(is_synthetic),
        substations=Substations(**tables["substations"]),  # type: ignore[arg-type]
        buses=Buses(**tables["buses"]),  # type: ignore[arg-type]
        lines=Lines(**tables["lines"]),  # type: ignore[arg-type]
        transformers=Transformers(**tables["transformers"]),  # type: ignore[arg-type]
        generators=Generators(**tables["generators"]),  # type: ignore[arg-type]
        ties=Ties(**tables["ties"]),  # type: ignore[arg-type]
        loads=Loads(**tables["loads"]),  # type: ignore[arg-type]
        shunts=Shunts(**tables["shunts"]),  # type: ignore[arg-type]
        switches=Switches(**tables["switches"]),  # type: ignore[arg-type]
    )


def table_arrays(network: Network, table: str) -> TableArrays:
    """Return the columns of one table by name, in the order of `columns.COLUMNS`."""
    rows = getattr(network, table)
    return {c.name: getattr(rows, c.name) for c in COLUMNS[table]}


def lookup(ids: Iterable[str]) -> dict[str, int]:
    """Return the 0-based row of each id; of an id that comes twice, the first."""
    rows: dict[str, int] = {}
    for row, key in enumerate(ids):
        rows.setdefault(key, row)
    return rows


def branch_ids(network: Network) -> StrArray:
    """Ids of all branches: the lines, then the transformers, as every branch index counts them."""
    return np.concatenate([network.lines.id, network.transformers.id])


def fingerprint(network: Network) -> str:
    """SHA-256 over every name and value, so that a result can say which network it came from."""
    digest = hashlib.sha256()
    digest.update(repr((network.name, network.base_mva, network.is_synthetic)).encode())
    for table in TABLES:
        for name, array in table_arrays(network, table).items():
            digest.update(f"{table}.{name}:{len(array)}".encode())
            if array.dtype.kind == "U":
                digest.update("\x1f".join(array.tolist()).encode())
            else:
                # A NaN has many bit patterns and one meaning.
                plain = (
                    np.where(array == array, array, np.nan) if array.dtype.kind == "f" else array
                )
                digest.update(np.ascontiguousarray(plain).tobytes())
    return digest.hexdigest()


def default_array(column: Column, n_rows: int, made: Mapping[str, ColumnArray]) -> ColumnArray:
    """Return what an absent column holds. `made` has the columns that `same_as` refers to."""
    if column.same_as and column.by_value is not None:
        fallback = column.by_value["other"]
        keys = made[column.same_as].tolist()
        return np.array([column.by_value.get(str(k), fallback) for k in keys], dtype=np.float64)
    if column.same_as:
        return made[column.same_as].copy()
    return np.full(n_rows, column.default, dtype=text_dtype(column, str(column.default)))


def text_dtype(column: Column, longest: str = "") -> np.dtype[np.generic]:
    """Return the type of a column; numpy's text is as wide as its longest value."""
    if column.kind is ColumnKind.TEXT:
        return np.dtype(f"<U{max(len(longest), 1)}")
    return column.kind.dtype


def _make_table(
    table: str,
    given: Mapping[str, ArrayLike],
    built: Mapping[str, TableArrays],
    problems: list[Problem],
) -> TableArrays:
    """Make all columns of a table, adding what is wrong to `problems`."""
    columns = {c.name: c for c in COLUMNS[table]}
    problems.extend(
        Problem(f"{table}.{name}", "there is no such column", f"use one of {', '.join(columns)}")
        for name in given
        if name not in columns
    )
    lengths = {n: len(np.asarray(v)) for n, v in given.items() if np.ndim(v) and n in columns}
    n_rows = lengths.get("id", max(lengths.values(), default=0))
    made: TableArrays = {}
    for column in columns.values():
        where = f"{table}.{column.name}"
        if column.name in given:
            array = np.asarray(given[column.name])
            if array.ndim > 1 or (array.ndim == 1 and len(array) != n_rows):
                problems.append(
                    Problem(
                        where,
                        f"has shape {array.shape}, the table has {n_rows} rows",
                        "give one value per row",
                    )
                )
            else:
                array = np.broadcast_to(array, n_rows)
                made[column.name] = _convert(column, array, made, built, where, problems)
                continue
        elif column.required and n_rows:
            problems.append(Problem(where, "is missing and has no default", "give the column"))
        if column.required:
            made[column.name] = np.zeros(n_rows, dtype=text_dtype(column))
        else:
            made[column.name] = default_array(column, n_rows, made)
    return made


def _convert(
    column: Column,
    array: NDArray[np.generic],
    made: TableArrays,
    built: Mapping[str, TableArrays],
    where: str,
    problems: list[Problem],
) -> ColumnArray:
    """Copy `array` as the column's type; a value that would change its meaning is a problem."""
    n = len(array)
    if column.kind.is_reference:
        ids = built[TABLE_OF_REFERENCE[column.kind]]["id"].tolist()
        return _references(column, array, ids, where, problems)
    if column.kind is ColumnKind.TEXT:
        text = array.astype(np.str_) if n else np.zeros(0, dtype="<U1")
        problems.extend(
            Problem(where, f"row {i}: {fault}", "give the text in one line, without blanks around")
            for i, value in enumerate(text.tolist())
            if (fault := text_fault(column, value))
        )
        # Empty text means that nothing is given, here as in CSV.
        if column.required or not (empty := text == "").any():
            return text.copy()
        return np.where(empty, default_array(column, n, made), text)
    allowed = {
        ColumnKind.NUMBER: "fiu",
        ColumnKind.INTEGER: "iu",
        ColumnKind.FLAG: "b",
    }[column.kind]
    if n and array.dtype.kind not in allowed:
        problems.append(
            Problem(where, f"holds {array.dtype}, not {column.kind}", "convert the values")
        )
        return np.zeros(n, dtype=column.kind.dtype)
    return array.astype(column.kind.dtype)


def text_fault(column: Column, value: str) -> str:
    """Say why `value` cannot stand in a text column, or return ""; such text survives CSV."""
    if not value.isprintable() or value != value.strip():
        return f"{value!r} has line breaks, control signs or blanks around it"
    if column.name == "id" and not value:
        return "the id is empty"
    if column.name == "id" and value.startswith("#"):
        return f'{value!r} begins with "#", which marks a comment'
    return ""


def _references(
    column: Column,
    array: NDArray[np.generic],
    ids: list[str],
    where: str,
    problems: list[Problem],
) -> IntArray:
    """Turn ids into rows, or check rows. -1 or "" is allowed where the reference is optional."""
    optional = not column.required
    if array.dtype.kind == "U":
        rows = lookup(ids)
        if optional:
            rows.setdefault("", -1)
        keys = array.tolist()
        problems.extend(
            Problem(where, f'row {i}: there is no {column.kind} "{k}"', "add it or mend the id")
            for i, k in enumerate(keys)
            if k not in rows
        )
        return np.array([rows.get(k, 0) for k in keys], dtype=np.int32)
    if len(array) and array.dtype.kind not in "iu":
        problems.append(Problem(where, f"holds {array.dtype}", "give 0-based rows or ids"))
        return np.zeros(len(array), dtype=np.int32)
    index = array.astype(np.int32)
    bad = np.flatnonzero((index < (-1 if optional else 0)) | (index >= len(ids)))
    problems.extend(
        Problem(
            where,
            f"row {i}: refers to row {index[i]}, there are {len(ids)}",
            "give a row that exists",
        )
        for i in bad.tolist()
    )
    return index
