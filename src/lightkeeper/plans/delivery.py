"""What a damaged network can deliver at most: a DC optimal power flow with sheddable load.

Inside each island, for branches l from i to j and buses b, per unit on the case's base:

    minimise    sum over blocks k of weight_k * (demand_k - served_k)
    subject to  sum of units + infeed at b - served at b = sum of flows out of b - flows into b
                flow_l = susceptance_l * (angle_i - angle_j - shift_l)
                |flow_l| <= limit_l,  0 <= unit_g <= maximum_g,  0 <= served_k <= demand_k

Units may go down to zero (a unit that cannot run that low trips) and fixed infeed may be curtailed,
so the program always has a solution; exports over ties are cut before load is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.plans.linear_program import Program, ProgramUnsolved
from lightkeeper.units import BoolArray, FloatArray, IntArray

_OVERLOAD_PU = 1e-8
"""Above a limit by more than this is overloaded; the solver keeps its rows to 1e-9."""

_ROWS_AT_ONCE = 40
"""Limits added between two solves: many more are mended by the first than ever bind."""

_NO_SHARE = 1e-10
"""A flow's share below this is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedGrid:
    """One scenario's network: what is left of a `FlowCase`.

    Sources are the units, then one source for every bus with fixed infeed. `branch` lists the live
    rows of the case; the other branch columns have one entry per live branch. `island` (n_bus,)
    labels live islands from 0; -1 marks lost buses and islands without any source.
    """

    base_mva: float
    n_bus: int
    n_unit: int
    n_branch: int
    branch: IntArray
    from_bus: IntArray
    to_bus: IntArray
    susceptance_pu: FloatArray
    shift_rad: FloatArray
    limit_mw: FloatArray
    load_mw: FloatArray  # (n_bus,) after `load_factor`, lost buses included
    source_bus: IntArray
    source_p_mw: FloatArray  # before the damage, clipped to what is left
    source_min_mw: FloatArray
    source_max_mw: FloatArray
    island: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Sheddable load, (n_blocks,): `demand_mw` at row `bus`, each MW shed costs `weight`."""

    bus: IntArray
    demand_mw: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A point of the program. `flow_mw` has shape (n_branch,) of the case, 0 where lost."""

    served_mw: FloatArray  # (n_blocks,)
    source_mw: FloatArray  # (n_source,)
    flow_mw: FloatArray
    objective: float


def _members(start: IntArray, index: IntArray, scenario: int) -> IntArray:
    return index[start[scenario] : start[scenario + 1]]


def damage_grid(
    case: FlowCase,
    lost: Scenarios,
    scenario: int,
    *,
    limit_mw: FloatArray | None = None,
    ramp_pu: float | None = None,
) -> DamagedGrid:
    """Take one scenario's losses out of a case and find its islands.

    `limit_mw` (n_branch,) replaces the case's limits (short-time ratings, say). With `ramp_pu` a
    unit rises at most by that fraction of its maximum above its dispatch; None lets units reach
    their maximum.
    """
    bus_on = case.bus_on.copy()
    bus_on[_members(lost.bus_start, lost.bus_index, scenario)] = False
    branch_on = case.branch_on & bus_on[case.from_bus] & bus_on[case.to_bus]
    branch_on[_members(lost.branch_start, lost.branch_index, scenario)] = False
    unit_on = case.unit_on & bus_on[case.unit_bus]
    unit_on[_members(lost.unit_start, lost.unit_index, scenario)] = False

    load_mw = case.load_mw.copy()
    limit = (case.limit_mw if limit_mw is None else limit_mw).copy()
    unit_max = np.where(unit_on, np.maximum(case.unit_max_mw, 0.0), 0.0)
    if lost.load_factor is not None:
        load_mw *= lost.load_factor[scenario]
    if lost.rating_factor is not None:
        limit *= lost.rating_factor[scenario]
    if lost.unit_factor is not None:
        unit_max *= lost.unit_factor[scenario]
    unit_most = unit_max
    unit_p = np.clip(case.unit_p_mw, 0.0, unit_max)
    if ramp_pu is not None:
        unit_max = np.minimum(unit_max, unit_p + ramp_pu * unit_max)

    infeed_bus = np.flatnonzero((case.infeed_mw > 0) & bus_on).astype(np.int32)
    infeed = case.infeed_mw[infeed_bus]
    source_bus = np.concatenate([case.unit_bus, infeed_bus])
    source_max = np.concatenate([unit_max, infeed])

    branch = np.flatnonzero(branch_on).astype(np.int32)
    joined = sp.coo_matrix(
        (np.ones(len(branch)), (case.from_bus[branch], case.to_bus[branch])),
        shape=(case.n_bus, case.n_bus),
    )
    _, part = connected_components(joined, directed=False)
    whole = DamagedGrid(
        base_mva=case.base_mva,
        n_bus=case.n_bus,
        n_unit=len(case.unit_bus),
        n_branch=len(case.from_bus),
        branch=branch,
        from_bus=case.from_bus[branch],
        to_bus=case.to_bus[branch],
        susceptance_pu=case.susceptance_pu[branch],
        shift_rad=case.shift_rad[branch],
        limit_mw=limit[branch],
        load_mw=load_mw,
        source_bus=source_bus,
        source_p_mw=np.concatenate([unit_p, infeed]),
        # What caps a unit's maximum caps its minimum too.
        source_min_mw=np.concatenate(
            [np.clip(case.unit_min_mw, 0.0, unit_most), np.zeros(len(infeed))]
        ),
        source_max_mw=source_max,
        island=np.where(bus_on, part, -1).astype(np.int32),
    )
    return without_sources(whole, np.zeros(len(source_bus), bool))


def without_sources(grid: DamagedGrid, is_lost: BoolArray) -> DamagedGrid:
    """The grid with further sources (n_source,) lost; islands without any are dead."""
    source_max = np.where(is_lost, 0.0, grid.source_max_mw)
    n_island = int(grid.island.max(initial=-1)) + 1
    has_source = np.zeros(n_island, bool)
    has_source[grid.island[grid.source_bus[source_max > 0]]] = True
    number = np.where(has_source, np.cumsum(has_source) - 1, -1)
    island = np.where(grid.island >= 0, number[grid.island], -1).astype(np.int32)
    live = island[grid.from_bus] >= 0
    return replace(
        grid,
        branch=grid.branch[live],
        from_bus=grid.from_bus[live],
        to_bus=grid.to_bus[live],
        susceptance_pu=grid.susceptance_pu[live],
        shift_rad=grid.shift_rad[live],
        limit_mw=grid.limit_mw[live],
        source_max_mw=source_max,
        island=island,
    )


def load_blocks(grid: DamagedGrid, weight: FloatArray | None = None) -> Blocks:
    """One block per bus with demand, each MW weighing `weight` (n_bus,), 1 if not given."""
    bus = np.flatnonzero(grid.load_mw > 0).astype(np.int32)
    return Blocks(
        bus=bus,
        demand_mw=grid.load_mw[bus],
        weight=np.ones(len(bus)) if weight is None else weight[bus],
    )


class DeliveryProgram:
    """The program of one damaged grid, kept in the solver; injections may be bounded and re-solved.

    Columns are the injections given; the rows are one balance per island and, written out in terms
    of the injections, the flows of those branches only that would otherwise be overloaded. They are
    found by solving, computing all flows, and adding the worst overloads until there are none: of
    thousands of limits some tens ever bind, and what is solved is the same program.
    """

    def __init__(
        self,
        grid: DamagedGrid,
        *,
        bus: IntArray,
        sign: FloatArray,
        upper_mw: FloatArray,
        cost: FloatArray,
        fixed_mw: FloatArray | None = None,
    ) -> None:
        base = grid.base_mva
        self._base, self._grid, self._bus, self._sign = base, grid, bus, sign
        self._limit = grid.limit_mw / base
        self._flows = _FlowMap(grid)
        fixed = np.zeros(grid.n_bus) if fixed_mw is None else fixed_mw / base
        self._fixed_flow = self._flows.of(fixed) + self._flows.of_shifts()
        self._is_row = np.zeros(len(grid.branch), bool)
        n_island = int(grid.island.max(initial=-1)) + 1
        live = grid.island >= 0
        on = np.flatnonzero(live[bus])
        balance = -np.bincount(grid.island[live], fixed[live], n_island).astype(np.float64)
        self._program = Program(
            "delivery of the damaged grid",
            cost=cost,
            lower=np.zeros(len(bus)),
            upper=np.where(live[bus], upper_mw / base, 0.0),
            matrix=sp.csr_matrix((sign[on], (grid.island[bus[on]], on)), (n_island, len(bus))),
            row_lower=balance,
            row_upper=balance,
        )

    def bound(self, first: int, lower_mw: FloatArray, upper_mw: FloatArray) -> None:
        """Replace the bounds of the injections from `first` on."""
        self._program.bound(first, lower_mw / self._base, upper_mw / self._base)

    def solve(self) -> tuple[FloatArray, FloatArray, float]:
        """(injections, flows by row of the case, objective), all in MW."""
        while True:
            solution = self._program.solve()
            injected = np.bincount(self._bus, self._sign * solution.x, self._grid.n_bus).astype(
                np.float64
            )
            flow = self._flows.of(injected) + self._fixed_flow
            over = np.where(self._is_row, 0.0, np.abs(flow) - self._limit)
            worst = np.argsort(-over, kind="stable")[:_ROWS_AT_ONCE].astype(np.int32)
            worst = worst[over[worst] > _OVERLOAD_PU]
            if not len(worst):
                break
            self._limit_flows(worst)
        by_case = np.zeros(self._grid.n_branch)
        by_case[self._grid.branch] = flow * self._base
        return solution.x * self._base, by_case, solution.objective * self._base

    def _limit_flows(self, branch: IntArray) -> None:
        """Add the flow limits of these live branches as rows."""
        factor = self._flows.distribution_factors(branch)[:, self._bus] * self._sign
        factor[np.abs(factor) < _NO_SHARE] = 0.0
        fixed, limit = self._fixed_flow[branch], self._limit[branch]
        self._program.add_rows(sp.csr_matrix(factor), -limit - fixed, limit - fixed)
        self._is_row[branch] = True


class _FlowMap:
    """Flows (n_live branches) as a linear map of the injections (n_bus), p.u.

    One bus of each island is the reference; it absorbs what an island's injections lack in balance.
    """

    def __init__(self, grid: DamagedGrid) -> None:
        n_live, n_bus = len(grid.branch), grid.n_bus
        reference = np.zeros(n_bus, bool)
        label, first = np.unique(grid.island, return_index=True)
        reference[first[label >= 0]] = True
        self._free: IntArray = np.flatnonzero((grid.island >= 0) & ~reference).astype(np.int32)
        line, one = np.arange(n_live), np.ones(n_live)
        incidence = sp.csr_matrix(
            (
                np.concatenate([one, -one]),
                (np.tile(line, 2), np.concatenate([grid.from_bus, grid.to_bus])),
            ),
            (n_live, n_bus),
        )
        self._flow = sp.csr_matrix(sp.diags(grid.susceptance_pu) @ incidence)
        self._shift_flow = grid.susceptance_pu * grid.shift_rad
        self._shift_injection = incidence.T @ self._shift_flow
        matrix = sp.csc_matrix(incidence.T @ self._flow)[self._free][:, self._free]
        try:
            # The matrix is symmetric; a small threshold keeps pivots on the diagonal.
            self._lu = (
                splu(
                    sp.csc_matrix(matrix),
                    permc_spec="MMD_AT_PLUS_A",
                    diag_pivot_thresh=0.01,
                    options={"SymmetricMode": True},
                )
                if len(self._free)
                else None
            )
        except RuntimeError as error:
            raise ProgramUnsolved("flows of the damaged grid", str(error)) from error

    def of(self, injection_pu: FloatArray) -> FloatArray:
        """Flows of these injections, shifters at zero."""
        angle = np.zeros_like(injection_pu)
        if self._lu is not None:
            angle[self._free] = self._lu.solve(injection_pu[self._free])
        return np.asarray(self._flow @ angle)

    def of_shifts(self) -> FloatArray:
        """Flows that the phase shifters drive by themselves."""
        return self.of(self._shift_injection) - self._shift_flow

    def distribution_factors(self, branch: IntArray) -> FloatArray:
        """Flow of these branches per injection at each bus, (len(branch), n_bus)."""
        factor = np.zeros((self._flow.shape[1], len(branch)))
        if self._lu is not None:
            factor[self._free] = self._lu.solve(self._flow[branch].toarray().T[self._free])
        return factor.T


class LeastShed:
    """Least weighted shed of a damaged grid, solved again after the blocks' bounds change."""

    def __init__(self, grid: DamagedGrid, blocks: Blocks) -> None:
        self._blocks = blocks
        self._n_source = len(grid.source_bus)
        self._source_max_mw = grid.source_max_mw
        self._live: BoolArray = grid.island[blocks.bus] >= 0
        self._program = DeliveryProgram(
            grid,
            bus=np.concatenate([grid.source_bus, blocks.bus]),
            sign=np.concatenate([np.ones(self._n_source), -np.ones(len(blocks.bus))]),
            upper_mw=np.concatenate(
                [grid.source_max_mw, np.where(self._live, blocks.demand_mw, 0.0)]
            ),
            cost=np.concatenate([np.zeros(self._n_source), -blocks.weight]),
        )

    def bound(self, lower_mw: FloatArray, upper_mw: FloatArray) -> None:
        """Serve each block between these bounds (n_blocks,)."""
        upper = np.where(self._live, upper_mw, 0.0)
        self._program.bound(self._n_source, np.minimum(lower_mw, upper), upper)

    def trip(self, is_lost: BoolArray) -> None:
        """Take sources (n_source,) out; no island may lose its last one by it."""
        upper = np.where(is_lost, 0.0, self._source_max_mw)
        self._program.bound(0, np.zeros(self._n_source), upper)

    def solve(self) -> Delivery:
        """Serve as much weight as possible; `objective` counts the shed of live islands only."""
        injection, flow, value = self._program.solve()
        at_most = self._blocks.weight @ np.where(self._live, self._blocks.demand_mw, 0.0)
        return Delivery(
            served_mw=injection[self._n_source :],
            source_mw=injection[: self._n_source],
            flow_mw=flow,
            objective=float(at_most + value),
        )


# Cost per MW of the nearest dispatch: a move is 1, running below the technical minimum is worse
# than moving any other unit, and shedding (only ever numerical dust here) is worse than both.
_BELOW_MINIMUM = 5.0
_SHED = 1000.0


class NearestDispatch:
    """Serve a deliverable load with the dispatch nearest to the one before the damage.

    Fewest MW moved is what a dispatcher can order in minutes. The program is kept in the solver and
    solved again for another load or with further sources tripped.
    """

    def __init__(self, grid: DamagedGrid) -> None:
        p_mw = np.minimum(grid.source_p_mw, grid.source_max_mw)
        minimum = np.minimum(grid.source_min_mw, p_mw)
        n_source, n_bus = len(p_mw), grid.n_bus
        self._grid, self._p_mw = grid, p_mw
        self._lower = np.zeros(3 * n_source)
        self._upper = np.concatenate([grid.source_max_mw - p_mw, p_mw - minimum, minimum])
        source = grid.source_bus
        self._program = DeliveryProgram(
            grid,
            bus=np.concatenate([source, source, source, np.arange(n_bus, dtype=np.int32)]),
            sign=np.concatenate([np.ones(n_source), -np.ones(2 * n_source), -np.ones(n_bus)]),
            upper_mw=np.concatenate([self._upper, np.zeros(n_bus)]),
            cost=np.repeat(
                [1.0, 1.0, _BELOW_MINIMUM, -_SHED], [n_source, n_source, n_source, n_bus]
            ),
            fixed_mw=np.bincount(source, p_mw, n_bus).astype(np.float64),
        )

    def solve(self, served_by_bus_mw: FloatArray, is_tripped: BoolArray | None = None) -> Delivery:
        """Serve this load (n_bus,); sources in `is_tripped` (n_source,) give nothing.

        `served_mw` has shape (n_bus,) and falls short of what was asked only where that cannot be
        delivered; `objective` is the cost.
        """
        tripped = np.zeros(len(self._p_mw), bool) if is_tripped is None else is_tripped
        out = np.concatenate([np.zeros_like(tripped), tripped, tripped])
        self._program.bound(
            0,
            np.concatenate([np.where(out, self._upper, self._lower), np.zeros(self._grid.n_bus)]),
            np.concatenate(
                [
                    np.where(np.tile(tripped, 3) & ~out, 0.0, self._upper),
                    np.where(self._grid.island >= 0, served_by_bus_mw, 0.0),
                ]
            ),
        )
        moved, flow, objective = self._program.solve()
        n_source = len(self._p_mw)
        up, down, below, served = np.split(moved, [n_source, 2 * n_source, 3 * n_source])
        return Delivery(
            served_mw=served,
            source_mw=self._p_mw + up - down - below,
            flow_mw=flow,
            objective=objective + _SHED * float(served_by_bus_mw.sum()),
        )
