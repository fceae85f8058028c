"""What other programs do on the same network, by the same rule, as a user would write it.

All take a `FlowCase` without phase shifts and lists of lost branches. Rule: what is left of an
island's supply and load is scaled to the smaller of the two, overloads trip all at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from lightkeeper.flow import FlowCase
from lightkeeper.flow.balance import proportional_base

Floats = NDArray[np.float64]
Solve = Callable[[NDArray[np.bool_], NDArray[np.int32], int, Floats], Floats]
"""Flows [MW] of the branches that are on, islands, their number, injections [MW]."""


def run_loop(
    case: FlowCase, lost: list[list[int]], solve: Solve, *, cascade: bool
) -> tuple[Floats, Floats]:
    """Final flows and served loads [MW], scenario by scenario."""
    base = proportional_base(
        load_mw=case.load_mw,
        infeed_mw=case.infeed_mw,
        unit_bus=case.unit_bus,
        unit_scheduled_mw=case.unit_scheduled_mw,
        unit_on=case.unit_on,
    )
    n, f, t = case.n_bus, case.from_bus, case.to_bus
    made_at_start = np.bincount(case.unit_bus, base.unit_mw, n) + base.infeed_mw
    flows, loads = [], []
    for rows in lost:
        on = case.branch_on.copy()
        on[rows] = False
        made, served = made_at_start, base.served_mw
        while True:
            graph = sp.coo_matrix((np.ones(on.sum()), (f[on], t[on])), shape=(n, n))
            n_parts, part = connected_components(graph, directed=False)
            supply, demand = np.bincount(part, made, n_parts), np.bincount(part, served, n_parts)
            both = np.minimum(supply, demand)
            made = made * np.divide(both, supply, out=np.zeros(n_parts), where=supply > 0)[part]
            served = served * np.divide(both, demand, out=np.zeros(n_parts), where=demand > 0)[part]
            flow = solve(on, part, n_parts, made - served)
            over = on & (np.abs(flow) > case.limit_mw * (1 + 1e-9))
            if not cascade or not over.any():
                break
            on &= ~over
        flows.append(flow)
        loads.append(served)
    return np.array(flows), np.array(loads)


def first_buses(part: NDArray[np.int32], n_parts: int) -> NDArray[np.int64]:
    """The first bus of each island."""
    first = np.zeros(n_parts, np.int64)
    first[part[::-1]] = np.arange(len(part))[::-1]
    return first


def scipy_solver(case: FlowCase) -> Solve:
    """Build the matrix anew and factor it by SuperLU, each time."""
    n, f, t, b = case.n_bus, case.from_bus, case.to_bus, case.susceptance_pu

    def solve(
        on: NDArray[np.bool_], part: NDArray[np.int32], n_parts: int, injection: Floats
    ) -> Floats:
        keep = np.setdiff1d(np.arange(n), first_buses(part, n_parts))
        ends = (np.r_[f[on], t[on], f[on], t[on]], np.r_[f[on], t[on], t[on], f[on]])
        values = np.r_[b[on], b[on], -b[on], -b[on]]
        matrix = sp.coo_matrix((values, ends), shape=(n, n)).tocsc()[keep][:, keep]
        angle = np.zeros(n)
        angle[keep] = splu(matrix.tocsc(), permc_spec="COLAMD").solve(injection[keep])
        return np.where(on, b * (angle[f] - angle[t]), 0.0)

    return solve


def pandapower_solver(case: FlowCase) -> Solve:
    """One net, whose islands each get an external grid at their first bus, and `rundcpp`."""
    import pandapower as pp

    # At 100 kV, an impedance of 1 p.u. on base_mva is 100^2 / base_mva ohm.
    ohm = 100.0**2 / case.base_mva
    net = pp.create_empty_network(sn_mva=case.base_mva)
    pp.create_buses(net, case.n_bus, vn_kv=100.0)
    pp.create_lines_from_parameters(
        net,
        case.from_bus,
        case.to_bus,
        length_km=1.0,
        r_ohm_per_km=0.0,
        x_ohm_per_km=ohm / case.susceptance_pu,
        c_nf_per_km=0.0,
        max_i_ka=1.0,
    )
    pp.create_sgens(net, np.arange(case.n_bus), p_mw=0.0)
    for bus in range(case.n_bus):
        pp.create_ext_grid(net, bus, in_service=False)

    def solve(
        on: NDArray[np.bool_], part: NDArray[np.int32], n_parts: int, injection: Floats
    ) -> Floats:
        n = case.n_bus
        ends = np.bincount(case.from_bus[on], minlength=n) + np.bincount(
            case.to_bus[on], minlength=n
        )
        linked = ends > 0
        first = np.zeros(n, np.bool_)
        first[first_buses(part, n_parts)] = True
        net.line["in_service"] = on
        net.bus["in_service"] = linked
        net.ext_grid["in_service"] = first & linked
        net.sgen["p_mw"] = injection
        pp.rundcpp(net)
        flow = np.nan_to_num(net.res_line["p_from_mw"].to_numpy())
        return np.where(on, flow, 0.0)

    return solve


class LargestPart:
    """lightsim2grid on the same network: the largest part is solved, nothing is balanced."""

    def __init__(self, case: FlowCase, injection_mw: Floats) -> None:
        from lightsim2grid.network import init_from_matpower

        self.rows = np.flatnonzero(case.branch_on)
        place = np.cumsum(case.bus_on) - 1
        self.n = int(case.bus_on.sum())
        bus = np.zeros((self.n, 13))
        bus[:, 0] = np.arange(1, self.n + 1)
        bus[:, 1] = 2
        bus[0, 1] = 3
        bus[:, 7], bus[:, 9], bus[:, 11], bus[:, 12] = 1.0, 100.0, 1.1, 0.9
        branch = np.zeros((len(self.rows), 13))
        branch[:, 0] = place[case.from_bus[self.rows]] + 1
        branch[:, 1] = place[case.to_bus[self.rows]] + 1
        branch[:, 3] = 1.0 / case.susceptance_pu[self.rows]
        branch[:, 10] = 1.0
        gen = np.zeros((self.n, 21))
        gen[:, 0] = bus[:, 0]
        gen[:, 1] = injection_mw[case.bus_on]
        gen[:, 5] = gen[:, 7] = 1.0
        gen[:, 6] = case.base_mva
        self.grid = init_from_matpower(
            {"baseMVA": case.base_mva, "bus": bus, "gen": gen, "branch": branch}
        )
        self.number = np.full(len(case.from_bus), -1)
        self.number[self.rows] = np.arange(len(self.rows))

    def flows_mw(self, lost: list[list[int]]) -> Floats:
        """(n_scenarios, branches in service), in the order of sorted losses."""
        from lightsim2grid.algorithm import AlgorithmType
        from lightsim2grid.contingencyAnalysis import ContingencyAnalysisCPP

        analysis = ContingencyAnalysisCPP(self.grid, False)
        analysis.change_algorithm(AlgorithmType.DC_KLU)
        analysis.handle_disconnected_grid = True
        analysis.init_from_n_powerflow = True
        for rows in lost:
            analysis.add_nk(sorted(int(self.number[k]) for k in rows))
        analysis.compute(np.full(self.n, 1.0, np.complex128), 10, 1e-6)
        analysis.compute_power_flows()
        return np.array(analysis.get_power_flows())
