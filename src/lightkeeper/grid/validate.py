"""Find every fault of a network: where it is, what is wrong, how to mend it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from lightkeeper.errors import Problem
from lightkeeper.grid.build import ColumnArray, TableArrays, table_arrays, text_fault
from lightkeeper.grid.columns import (
    COLUMNS,
    TABLE_OF_REFERENCE,
    TABLES,
    UNLIMITED_MW,
    Column,
    ColumnKind,
)
from lightkeeper.grid.model import Network
from lightkeeper.grid.topology import label_islands
from lightkeeper.units import BoolArray, FloatArray, IntArray

_SINGULAR = {t: t[:-2] if t in ("buses", "switches") else t[:-1] for t in TABLES}
_VOLTAGE_TOLERANCE = 0.1  # nominal voltages of one level differ by less, e.g. 110 and 115 kV


@dataclass(frozen=True, slots=True)
class _Report:
    """Collects problems; knows how to name a row."""

    network: Network
    lines: Mapping[str, IntArray] | None
    broken: Mapping[str, AbstractSet[int]]
    problems: list[Problem]
    has_files: bool

    def row(self, table: str, row: int) -> str:
        """Name a row as an editor shows it: row 1 is the header."""
        line = row + 2 if self.lines is None else int(self.lines[table][row])
        return f"row {line} of {table}.csv"

    def add(self, table: str, row: int, what: str, mend: str, *, warning: bool = False) -> None:
        """Add one problem of one row, unless the row could not be read anyway."""
        if row in self.broken.get(table, ()):
            return
        where = f'{_SINGULAR[table]} "{getattr(self.network, table).id[row]}"'
        if self.has_files:
            mend = f"{mend}, {self.row(table, row)}"
        self.problems.append(Problem(where, what, mend, is_warning=warning))


def validate(
    network: Network,
    *,
    lines: Mapping[str, IntArray] | None = None,
    broken: Mapping[str, AbstractSet[int]] | None = None,
    has_files: bool = True,
) -> list[Problem]:
    """Return every problem of a network, errors before warnings.

    An error makes results wrong or impossible; a warning is worth a look, and published cases have
    them. A missing reference bus is neither.

    Parameters
    ----------
    lines
        Line in its file of each row, by table, where the network was read from files; by default
        the lines that `write_network` gives them.
    broken
        Rows by table that could not be read and hold no values; given by the reader only. They are
        passed over, and so is what only a whole network can tell.
    has_files
        Whether the user has the tables as files, so that a row there says where to mend; False for
        a MATPOWER case, whose rows stand in the ids.
    """
    report = _Report(network, lines, broken or {}, [], has_files)
    # Figures that overflow are told as they are; what is computed from them need not be.
    with np.errstate(over="ignore", invalid="ignore"):
        _check_all(report, is_whole=broken is None)
    return sorted(report.problems, key=lambda p: p.is_warning)


def _check_all(report: _Report, *, is_whole: bool) -> None:
    network = report.network
    if not (math.isfinite(network.base_mva) and network.base_mva > 0):
        report.problems.append(
            Problem("network", f"base_mva is {network.base_mva}", "set it above 0, usually 100")
        )
    if not len(network.buses.id) and is_whole:
        report.problems.append(Problem("buses.csv", "there is no bus", "add the buses"))
    if not _shapes_hold(network, report):
        return
    for table in TABLES:
        _check_columns(table, table_arrays(network, table), report)
    _check_dispatch(report)
    if not len(network.buses.id) or not _references_hold(network, report):
        return
    _check_branches(report)
    _check_service(report)
    if is_whole:
        _check_sites(report)
        _check_islands(report)


def _shapes_hold(network: Network, report: _Report) -> bool:
    """Check types and lengths, which only a network built by hand can get wrong."""
    n_before = len(report.problems)
    for table in TABLES:
        arrays = table_arrays(network, table)
        for column in COLUMNS[table]:
            array = arrays[column.name]
            kind = column.kind.dtype.kind
            if array.shape != arrays["id"].shape or array.dtype.kind != kind:
                report.problems.append(
                    Problem(
                        f"{table}.{column.name}",
                        f"has shape {array.shape} and type {array.dtype}",
                        "build the network with make_network",
                    )
                )
    return len(report.problems) == n_before


def _references_hold(network: Network, report: _Report) -> bool:
    """Check that every reference points at a row; without that nothing joins up."""
    n_before = len(report.problems)
    for table in TABLES:
        for column in COLUMNS[table]:
            if not column.kind.is_reference:
                continue
            target = TABLE_OF_REFERENCE[column.kind]
            array: IntArray = getattr(getattr(network, table), column.name)
            low = 0 if column.required else -1
            bad = (array < low) | (array >= len(getattr(network, target).id))
            for i in np.flatnonzero(bad).tolist():
                what = f"{column.name} points at row {array[i]}, which is not in {target}"
                report.add(table, i, what, "name a row that exists")
    return len(report.problems) == n_before


def _check_columns(table: str, arrays: TableArrays, report: _Report) -> None:
    """Check what the column table says: ids, bounds, choices, unknowns."""
    ids = arrays["id"]
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    for i in np.flatnonzero(first[inverse] != np.arange(len(ids))).tolist():
        earlier = report.row(table, int(first[inverse[i]]))
        report.add(table, i, f"the id comes twice, first in {earlier}", "give each its own id")
    for column in COLUMNS[table]:
        array = arrays[column.name]
        if column.kind is ColumnKind.TEXT:
            for i, value in enumerate(array.tolist()):
                if fault := text_fault(column, str(value)):
                    report.add(table, i, f"{column.name}: {fault}", "mend the text")
            if column.choices:
                for i in np.flatnonzero(~np.isin(array, column.choices)).tolist():
                    choices = ", ".join(column.choices)
                    report.add(table, i, f'{column.name} is "{array[i]}"', f"use one of {choices}")
        elif column.kind in (ColumnKind.NUMBER, ColumnKind.INTEGER):
            _check_bounds(table, column, array, report)


def _check_bounds(table: str, column: Column, array: ColumnArray, report: _Report) -> None:
    values = array.astype(np.float64)
    outside = (values < column.low) | (values > column.high)
    if column.excludes_low:
        outside |= values <= column.low
    unfit = np.zeros(len(values), dtype=np.bool_)
    if not column.may_be_unknown:
        unfit |= np.isnan(values)
    if not column.may_be_infinite:
        unfit |= np.isinf(values)
    bounds = _bounds_in_words(column)
    for i in np.flatnonzero(outside | unfit).tolist():
        mend = f"set it {bounds}" if outside[i] else "give a finite number"
        report.add(table, i, f"{column.name} is {array[i]}", mend)


def _bounds_in_words(column: Column) -> str:
    above = f"above {column.low:g}" if column.excludes_low else f"to {column.low:g} or more"
    if math.isinf(column.high):
        return above
    return f"between {column.low:g} and {column.high:g}"


def _check_branches(report: _Report) -> None:
    network = report.network
    base_kv, bus_id = network.buses.base_kv, network.buses.id
    for table, branches in (("lines", network.lines), ("transformers", network.transformers)):
        for i in np.flatnonzero(branches.x_pu == 0).tolist():
            report.add(table, i, "x_pu is 0", "give its reactance, or make it a switch")
        short, long = branches.rating_short_mva, branches.rating_mva
        for i in np.flatnonzero((short > 0) & (long > short)).tolist():
            what = f"rating_short_mva {short[i]} is below rating_mva {long[i]}"
            report.add(table, i, what, "check both", warning=True)
    for table, rows in (
        ("lines", network.lines),
        ("transformers", network.transformers),
        ("switches", network.switches),
    ):
        from_bus, to_bus = rows.from_bus, rows.to_bus
        for i in np.flatnonzero(from_bus == to_bus).tolist():
            report.add(table, i, f'begins and ends at bus "{bus_id[from_bus[i]]}"', "mend one end")
        if table == "transformers":
            continue
        kv_from, kv_to = base_kv[from_bus], base_kv[to_bus]
        # A voltage that is no voltage is told of its bus.
        differs = (kv_from > 0) & (kv_to > 0)
        differs &= np.abs(kv_from - kv_to) > _VOLTAGE_TOLERANCE * np.fmax(kv_from, kv_to)
        for i in np.flatnonzero(differs).tolist():
            report.add(
                table,
                i,
                f'joins {kv_from[i]:g} kV (bus "{bus_id[from_bus[i]]}", '
                f"{report.row('buses', int(from_bus[i]))}) and {kv_to[i]:g} kV "
                f'(bus "{bus_id[to_bus[i]]}", {report.row("buses", int(to_bus[i]))})',
                "mend base_kv of a bus, or make it a transformer",
            )
    for i in np.flatnonzero(network.lines.x_pu < 0).tolist():
        what = f"x_pu is {network.lines.x_pu[i]}"
        report.add("lines", i, what, "check that it is a series capacitor", warning=True)
    shared = np.flatnonzero(np.isin(network.transformers.id, network.lines.id)).tolist()
    for i in shared:
        report.add("transformers", i, "a line has the same id", "give each branch its own id")


def _check_sites(report: _Report) -> None:
    """Check what stands behind one fence."""
    network = report.network
    if not len(network.substations.id):
        return
    site, name = network.buses.substation, network.substations.id
    bus_id = network.buses.id
    for table, rows in (("transformers", network.transformers), ("switches", network.switches)):
        a, b = site[rows.from_bus], site[rows.to_bus]
        for i in np.flatnonzero((a != b) & (a >= 0) & (b >= 0)).tolist():
            what = (
                f'joins bus "{bus_id[rows.from_bus[i]]}" of substation "{name[a[i]]}" '
                f'and bus "{bus_id[rows.to_bus[i]]}" of substation "{name[b[i]]}"'
            )
            report.add(table, i, what, "put both buses into one substation", warning=True)
    used = np.zeros(len(name), dtype=np.bool_)
    used[site[site >= 0]] = True
    for i in np.flatnonzero(~used).tolist():
        report.add("substations", i, "no bus stands in it", "name it in buses.csv", warning=True)


def _check_dispatch(report: _Report) -> None:
    network = report.network
    units, ties = network.generators, network.ties
    for low_name, high_name in (("p_min_mw", "p_max_mw"), ("q_min_mvar", "q_max_mvar")):
        low, high = getattr(units, low_name), getattr(units, high_name)
        for i in np.flatnonzero(low > high).tolist():
            what = f"{low_name} {low[i]} is above {high_name} {high[i]}"
            report.add("generators", i, what, "swap or mend them")
    unlimited = np.fmax(np.abs(units.p_min_mw), np.abs(units.p_max_mw)) >= UNLIMITED_MW
    for i in np.flatnonzero(units.in_service & unlimited).tolist():
        what = f"p_mw from {units.p_min_mw[i]:g} to {units.p_max_mw[i]:g} stands for no limit"
        mend = "bound it, or it covers nearly all that its island is short of"
        report.add("generators", i, what, mend, warning=True)
    _check_schedule("generators", units.p_mw, units.p_min_mw, units.p_max_mw, report)
    _check_schedule("ties", ties.p_mw, 0.0 - ties.export_limit_mw, ties.import_limit_mw, report)


def _check_schedule(
    table: str, p_mw: FloatArray, low: FloatArray, high: FloatArray, report: _Report
) -> None:
    in_service: BoolArray = getattr(report.network, table).in_service
    slack = 1e-6 * np.maximum(1.0, np.abs(p_mw))
    outside = in_service & ((p_mw < low - slack) | (p_mw > high + slack)) & (low <= high)
    for i in np.flatnonzero(outside).tolist():
        what = f"p_mw {p_mw[i]:g} is outside {low[i]:g} to {high[i]:g}"
        report.add(table, i, what, "mend the schedule or the limits", warning=True)


def _check_service(report: _Report) -> None:
    """Say what is marked in service although its bus is not."""
    on = report.network.buses.in_service
    bus_id = report.network.buses.id
    for table in TABLES:
        in_service: BoolArray | None = getattr(getattr(report.network, table), "in_service", None)
        if table == "buses" or in_service is None:
            continue
        for column in COLUMNS[table]:
            if column.kind is not ColumnKind.BUS:
                continue
            bus: IntArray = getattr(getattr(report.network, table), column.name)
            for i in np.flatnonzero(in_service & ~on[bus]).tolist():
                what = f'is in service, its bus "{bus_id[bus[i]]}" is not'
                report.add(table, i, what, "set in_service false", warning=True)


def _check_islands(report: _Report) -> None:
    """Find islands of the intact network that nothing can feed, or that cannot be balanced."""
    network = report.network
    island, n_islands = label_islands(network)
    on = network.buses.in_service
    units, ties, loads, shunts = network.generators, network.ties, network.loads, network.shunts

    def total(bus: IntArray, in_service: BoolArray, mw: FloatArray) -> FloatArray:
        takes_part = in_service & on[bus]
        return np.bincount(island[bus[takes_part]], mw[takes_part], n_islands).astype(np.float64)

    # What is no number is told of its row, and left aside here.
    drawn_mw = total(loads.bus, loads.in_service & (loads.p_mw > 0), loads.p_mw)
    infeed_mw = total(loads.bus, loads.in_service & (loads.p_mw < 0), -loads.p_mw)
    need_mw = drawn_mw - infeed_mw + total(shunts.bus, shunts.in_service, shunts.g_mw)
    runs = units.in_service & (units.p_max_mw > 0)
    imports = ties.in_service & (ties.import_limit_mw > 0)
    most_mw = total(units.bus, runs, units.p_max_mw)
    most_mw += total(ties.bus, imports, ties.import_limit_mw)
    least_mw = total(units.bus, runs, units.p_min_mw)
    least_mw -= total(ties.bus, ties.in_service, ties.export_limit_mw)
    fed = (most_mw > 0) | (infeed_mw > 0)
    size = np.bincount(island[on], minlength=n_islands)
    first = np.full(n_islands, -1)
    first[island[on][::-1]] = np.flatnonzero(on)[::-1]
    for i in np.flatnonzero(~fed).tolist():
        has_load = bool(drawn_mw[i] > 0)
        draws = f"{drawn_mw[i]:g} MW of load" if has_load else "no load"
        what = (
            f"is in service but isolated, with {draws} and no generation"
            if size[i] == 1
            else f"lies in an island of {size[i]} buses with {draws} and no generation"
        )
        mend = "join it to the network, add a unit or a tie, or set in_service false"
        report.add("buses", int(first[i]), what, mend, warning=not has_load)
    slack_mw = 1e-6 * np.maximum(1.0, np.abs(need_mw))
    for i in np.flatnonzero(fed & (drawn_mw > 0)).tolist():
        if most_mw[i] < need_mw[i] - slack_mw[i]:
            can = f"give {most_mw[i]:g} MW at most"
        elif least_mw[i] > need_mw[i] + slack_mw[i]:
            can = f"give {least_mw[i]:g} MW at least"
        else:
            continue
        what = f"lies in an island that draws {need_mw[i]:g} MW, its units and ties {can}"
        report.add("buses", int(first[i]), what, "mend their limits", warning=True)
