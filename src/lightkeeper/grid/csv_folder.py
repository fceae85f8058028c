"""A network as a folder of CSV files that people edit by hand.

One file per table, and `network.toml`. A reference is written as the id of the row it points at.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lightkeeper.errors import NetworkInvalid, Problem
from lightkeeper.grid.build import (
    TableArrays,
    network_of,
    table_arrays,
    text_fault,
)
from lightkeeper.grid.columns import COLUMNS, TABLE_OF_REFERENCE, TABLES, ColumnKind
from lightkeeper.grid.csv_tables import parse_table, read_rows, suggest, table_text
from lightkeeper.grid.model import Network
from lightkeeper.grid.validate import validate

_READY = ".ready"


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

    The network is None when the files cannot be read as one. Then the rows that can be read are
    still checked one by one, but not the islands they form.
    """
    problems: list[Problem] = []
    head = _read_head(folder, problems)
    raw = {
        table: read_rows(
            _path(folder, f"{table}.csv"),
            COLUMNS[table],
            problems,
            mend_if_absent="add it; a network has buses" if table == "buses" else "",
        )
        for table in TABLES
    }
    tables: dict[str, TableArrays] = {}
    ids: dict[str, list[str] | None] = {}
    for table in TABLES:
        tables[table] = parse_table(COLUMNS[table], raw[table], ids, problems)
        ids[table] = tables[table]["id"].tolist() if raw[table].is_sound else None
    network = network_of(head.name, head.base_mva, head.is_synthetic, tables)
    found = validate(
        network,
        lines={table: rows.lines for table, rows in raw.items()},
        broken={table: rows.broken for table, rows in raw.items()} if problems else None,
    )
    return (None, problems + found) if problems else (network, found)


def read_ids(folder: Path, table: str) -> list[str] | None:
    """Return the ids of one table, faulty rows included; None where they cannot be told."""
    path = _path(folder, f"{table}.csv")
    rows = read_rows(path, COLUMNS[table], [])
    return rows.cells["id"] if rows.is_sound and path.exists() else None


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
    if not network.name.isprintable():
        problems.append(Problem("name", "has line breaks or control signs", "give another name"))
    if problems:
        raise NetworkInvalid(f"network {network.name!r} cannot be written", problems)
    folder.mkdir(parents=True, exist_ok=True)
    writing = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        write_synced(writing / "network.toml", _head_text(network))
        ids: dict[str, Sequence[str]] = {
            t: getattr(network, t).id.tolist() for t in TABLE_OF_REFERENCE.values()
        }
        for table in TABLES:
            arrays = table_arrays(network, table)
            values = {name: array.tolist() for name, array in arrays.items()}
            write_synced(writing / f"{table}.csv", table_text(COLUMNS[table], values, ids))
        _publish(writing, folder)
    except BaseException:
        shutil.rmtree(writing, ignore_errors=True)
        raise


def write_synced(path: Path, text: str) -> None:
    """Write a file and see it on disk before the caller puts it in place of an old one."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _publish(writing: Path, folder: Path) -> None:
    """Put a complete set of files in place of the old one, however many writers there are."""
    while True:
        _finish_interrupted(folder)
        try:
            writing.rename(folder / _READY)
        except OSError as error:
            # Another writer's set is still there: finish that one first.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            break
    _finish_interrupted(folder)


def _finish_interrupted(folder: Path) -> None:
    """Move what a complete write left in `.ready` into place; another writer may help."""
    ready = folder / _READY
    paths: list[Path] = []
    with contextlib.suppress(FileNotFoundError):
        paths = sorted(ready.iterdir())
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            path.replace(folder / path.name)
    with contextlib.suppress(OSError):
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
        fault(f'there is no entry "{key}"', suggest(key, known))
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


def _head_text(network: Network) -> str:
    return (
        f"name = {json.dumps(network.name, ensure_ascii=False)}\n"
        f"base_mva = {network.base_mva!r}\n"
        f"is_synthetic = {'true' if network.is_synthetic else 'false'}\n"
    )
