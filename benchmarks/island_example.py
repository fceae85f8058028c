"""What programs answer when an outage splits a grid: six buses, two triangles, both ties lost.

Triangle A (buses 1 to 3) has a unit of 140 MW (at most 200) and 50 MW of load, triangle B (4 to 6)
a unit of 30 MW (at most 30) and 120 MW of load. All reactances are 0.1 p.u. Every installed program
is asked; the answer is its flows on the branches of A (1-2, 2-3, 1-3) and B (4-5, 5-6, 4-6), MW.

Usage: python benchmarks/island_example.py [--write FILE]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from page import write_lines
from scipy.io import savemat

from lightkeeper.flow import FlowOptions, lose, make_case, run_cascade

Floats = NDArray[np.float64]
ENDS = [(1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (4, 6), (2, 5), (3, 6)]
TIES = [6, 7]
LOAD_MW = [0.0, 50.0, 0.0, 20.0, 100.0, 0.0]
UNIT_BUS, UNIT_MW, UNIT_MAX_MW = [1, 4], [140.0, 30.0], [200.0, 30.0]
Answer = tuple[str, Floats | None, str]
"""How it was asked, flows of the six branches, what else it says."""


def matpower_tables() -> dict[str, Floats]:
    """The grid as MATPOWER's tables; bus 1 is the reference."""
    bus, gen, branch = np.zeros((6, 13)), np.zeros((2, 21)), np.zeros((8, 13))
    bus[:, 0], bus[:, 1], bus[:, 2] = np.arange(1, 7), [3, 1, 1, 2, 1, 1], LOAD_MW
    bus[:, 6] = bus[:, 7] = bus[:, 10] = 1.0
    bus[:, 9], bus[:, 11], bus[:, 12] = 100.0, 1.1, 0.9
    gen[:, 0], gen[:, 1], gen[:, 8] = UNIT_BUS, UNIT_MW, UNIT_MAX_MW
    gen[:, 3], gen[:, 4], gen[:, 5], gen[:, 6], gen[:, 7] = 100.0, -100.0, 1.0, 100.0, 1.0
    branch[:, :2], branch[:, 3], branch[:, 10] = ENDS, 0.1, 1.0
    return {"bus": bus, "gen": gen, "branch": branch}


def ask_lightkeeper() -> Iterator[Answer]:
    """Both islands balanced, within ramp and limits."""
    case = make_case(
        base_mva=100.0,
        n_bus=6,
        from_bus=[f - 1 for f, _ in ENDS],
        to_bus=[t - 1 for _, t in ENDS],
        x_pu=0.1,
        load_mw=LOAD_MW,
        unit_bus=[b - 1 for b in UNIT_BUS],
        unit_scheduled_mw=UNIT_MW,
        unit_max_mw=UNIT_MAX_MW,
    )
    for ramp_pu in (0.5, 0.1):
        result = run_cascade(
            case, lose(case, branches=[TIES]), FlowOptions(ramp_pu=ramp_pu, keep_flows=True)
        )
        assert result.flow_mw is not None
        served = [result.served_mw[0, :3].sum(), result.served_mw[0, 3:].sum()]
        said = f"served {served[0]:.0f} of 50 and {served[1]:.0f} of 120, units "
        said += " and ".join(f"{p:.0f}" for p in result.unit_mw[0])
        yield f"`run_cascade`, r = {ramp_pu}", result.flow_mw[0, :6], said


def ask_lightsim2grid() -> Iterator[Answer]:
    """Contingency analysis, splits skipped or the largest part solved; then a DC flow."""
    from lightsim2grid.algorithm import AlgorithmType
    from lightsim2grid.contingencyAnalysis import ContingencyAnalysisCPP
    from lightsim2grid.network import init_from_matpower

    grid = init_from_matpower({"baseMVA": 100.0, **matpower_tables()})
    for handled in (False, True):
        analysis = ContingencyAnalysisCPP(grid, False)
        analysis.change_algorithm(AlgorithmType.DC_KLU)
        analysis.handle_disconnected_grid = handled
        analysis.add_nk(TIES)
        analysis.compute(np.ones(6, np.complex128), 20, 1e-8)
        flow = np.array(analysis.compute_power_flows())[0]
        said = f"converged {bool(analysis.converged_mask()[0])}"
        yield f"contingency analysis, `handle_disconnected_grid={handled}`", flow[:6], said


def ask_pandapower() -> Iterator[Answer]:
    """DC flow with the ties out of service."""
    import pandapower as pp
    from pandapower.converter.pypower.from_ppc import from_ppc

    tables = matpower_tables()
    for table, columns in (("bus", [0]), ("gen", [0]), ("branch", [0, 1])):
        tables[table][:, columns] -= 1  # it counts buses from 0
    net = from_ppc({"version": "2", "baseMVA": 100.0, **tables}, f_hz=50)
    net.line.loc[net.line.index[TIES], "in_service"] = False
    pp.rundcpp(net)
    made = net.res_ext_grid.p_mw.sum() + net.res_gen.p_mw.sum()
    said = f"generation {made:.0f}, load {net.res_load.p_mw.sum():.0f}"
    yield "`rundcpp`", net.res_line.p_from_mw.to_numpy()[:6], said


def ask_pypowsybl() -> Iterator[Answer]:
    """Security analysis and DC load flow over all connected parts."""
    import pypowsybl.loadflow as lf
    import pypowsybl.network as pn
    import pypowsybl.security as ps

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "six.mat"
        savemat(file, {"mpc": {"version": "2", "baseMVA": 100.0, **matpower_tables()}})
        network = pn.load(str(file))
    ids = [f"LINE-{f}-{t}" for f, t in ENDS]
    everywhere = lf.Parameters(
        distributed_slack=True, component_mode=lf.ComponentMode.ALL_CONNECTED
    )
    analysis = ps.create_analysis()
    analysis.add_multiple_elements_contingency([ids[k] for k in TIES], "ties")
    analysis.add_monitored_elements(branch_ids=ids)
    done = analysis.run_dc(network, ps.Parameters(load_flow_parameters=everywhere))
    found = done.branch_results.reset_index()
    found = found[found.contingency_id == "ties"].set_index("branch_id")["p1"]
    flow = np.array([found.get(key, np.nan) for key in ids[:6]])
    said = done.post_contingency_results["ties"].status.name
    yield "DC security analysis, all connected parts", flow, said
    network.update_lines(id=[ids[k] for k in TIES], connected1=[False] * 2, connected2=[False] * 2)
    parts = lf.run_dc(network, everywhere)
    flow = network.get_branches().loc[ids[:6], "p1"].to_numpy()
    said = "; ".join(f"{one.status.name}: {one.status_text}" for one in parts)
    yield "DC load flow, all connected parts", flow, said


def ask_power_grid_model() -> Iterator[Answer]:
    """Newton-Raphson with the ties open; the source stands at bus 1."""
    from power_grid_model import (
        CalculationMethod,
        LoadGenType,
        PowerGridModel,
        initialize_array,
    )

    # 1 kV and 100 MVA: 0.1 p.u. are 1e-3 ohm.
    node = initialize_array("input", "node", 6)
    node["id"], node["u_rated"] = np.arange(6), 1e3
    line = initialize_array("input", "line", 8)
    line["id"] = 10 + np.arange(8)
    line["from_node"], line["to_node"] = (np.array(ENDS) - 1).T
    line["from_status"] = line["to_status"] = 1
    line["from_status"][TIES] = line["to_status"][TIES] = 0
    line["r1"], line["x1"], line["c1"], line["tan1"] = 1e-6, 1e-3, 0.0, 0.0
    source = initialize_array("input", "source", 1)
    source["id"], source["node"], source["status"], source["u_ref"] = 20, 0, 1, 1.0
    load = initialize_array("input", "sym_load", 6)
    load["id"], load["node"], load["status"] = 30 + np.arange(6), np.arange(6), 1
    load["type"] = LoadGenType.const_power
    drawn = np.array(LOAD_MW)
    drawn[UNIT_BUS[1] - 1] -= UNIT_MW[1]
    load["p_specified"], load["q_specified"] = drawn * 1e6, 0.0
    model = PowerGridModel({"node": node, "line": line, "source": source, "sym_load": load})
    out = model.calculate_power_flow(calculation_method=CalculationMethod.newton_raphson)
    said = f"energized {out['node']['energized'].tolist()}"
    yield "Newton-Raphson", out["line"]["p_from"][:6] / 1e6, said


def ask_pypsa() -> Iterator[Answer]:
    """Linear power flow without the ties; each part gets a slack of its own."""
    import pypsa

    logging.disable(logging.CRITICAL)
    grid = pypsa.Network()
    for b in range(6):
        grid.add("Bus", f"{b + 1}", v_nom=100.0)
        if LOAD_MW[b]:
            grid.add("Load", f"load {b + 1}", bus=f"{b + 1}", p_set=LOAD_MW[b])
    for u, bus in enumerate(UNIT_BUS):
        grid.add("Generator", f"{u}", bus=f"{bus}", p_set=UNIT_MW[u], p_nom=UNIT_MAX_MW[u])
    for k, (f, t) in enumerate(ENDS):
        if k not in TIES:
            grid.add("Line", f"{k}", bus0=f"{f}", bus1=f"{t}", x=10.0, s_nom=1e3)
    grid.lpf()
    units = grid.generators_t.p.iloc[0].to_numpy()
    said = "units " + " and ".join(f"{p:.0f}" for p in units) + " (limits 200 and 30)"
    yield "`lpf`", grid.lines_t.p0.iloc[0].to_numpy(), said


PROGRAMS: dict[str, Callable[[], Iterator[Answer]]] = {
    "lightkeeper": ask_lightkeeper,
    "lightsim2grid": ask_lightsim2grid,
    "pandapower": ask_pandapower,
    "pypowsybl": ask_pypowsybl,
    "power_grid_model": ask_power_grid_model,
    "pypsa": ask_pypsa,
}


def shown(flow: Floats | None) -> str:
    """Three flows, rounded; a zero has no sign."""
    if flow is None:
        return "none"
    return ", ".join("NaN" if np.isnan(x) else f"{round(x, 1) + 0.0:.1f}" for x in flow)


def main() -> None:
    """Ask every installed program and print what it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = [
        "| program | asked | flows in A | flows in B | what it says |",
        "|---|---|---|---|---|",
    ]
    for name, ask in PROGRAMS.items():
        if not importlib.util.find_spec(name):
            continue
        version = importlib.metadata.version(name.replace("_", "-"))
        for how, flow, said in ask():
            a, b = (None, None) if flow is None else (flow[:3], flow[3:6])
            lines.append(f"| {name} {version} | {how} | {shown(a)} | {shown(b)} | {said} |")
    print(*lines, sep="\n")
    if asked.write:
        write_lines(asked.write, "islands", lines)


if __name__ == "__main__":
    main()
