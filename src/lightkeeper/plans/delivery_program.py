"""A linear program over injections, with the line limits of a damaged grid added as they bind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from lightkeeper.plans.damaged_grid import DamagedGrid
from lightkeeper.plans.linear_program import Program, ProgramUnsolved, WholeNumbers
from lightkeeper.units import BoolArray, FloatArray, IntArray

_OVERLOAD_PU = 1e-8
"""Above a limit by more than this is overloaded; the solver keeps its rows to 1e-9."""

_ROWS_AT_ONCE = 40
"""Limits added between two solves: many more are mended by the first than ever bind."""

_NO_SHARE = 1e-10
"""A flow's share below this is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injections:
    """A point of the program.

    `x_mw`, and what a MW more of each would cost (`marginal`), have shape (n_columns,); `flow_mw`
    (n_branch,) of the case, 0 where lost. No point costs less than `least`, which is below
    `objective` where a search among whole columns was ended early.
    """

    x_mw: FloatArray
    marginal: FloatArray
    flow_mw: FloatArray
    objective: float
    least: float


class DeliveryProgram:
    """The program of one damaged grid, kept in the solver; injections may be bounded and re-solved.

    Columns are the injections given; the rows are one balance per island and, written out in terms
    of the injections, the flows of those branches only that would otherwise be overloaded. They are
    found by solving, computing all flows, and adding the worst overloads until there are none: of
    thousands of limits some tens ever bind, and what is solved is the same program.

    Parameters
    ----------
    bus, sign, upper_mw, cost
        (n_columns,) of live buses: a column adds ``sign * x`` to its bus, x from 0 to `upper_mw`.
    fixed_mw
        (n_bus,) what is injected in any case.
    limited
        Live branches whose limits are rows from the start, as another program has found them.
    whole
        Columns that are either 0 or `upper_mw`; its `target` and `gap` count in MW.
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
        limited: IntArray | None = None,
        whole: WholeNumbers | None = None,
    ) -> None:
        base = grid.base_mva
        # MW of one unit of a column: a whole column is switched between 0 and 1.
        self._unit_mw = np.full(len(bus), base)
        self._whole = np.zeros(0, np.int32)
        if whole is not None:
            self._whole = np.flatnonzero(whole.is_whole).astype(np.int32)
            self._unit_mw[whole.is_whole] = upper_mw[whole.is_whole]
            whole = replace(
                whole,
                target=None if whole.target is None else whole.target / base,
                gap=None if whole.gap is None else whole.gap / base,
            )
        self._base, self._grid, self._bus = base, grid, bus
        self._per_unit = sign * self._unit_mw / base
        self._limit = grid.limit_mw / base
        self._flows = _FlowMap(grid)
        fixed = np.zeros(grid.n_bus) if fixed_mw is None else fixed_mw / base
        self._fixed_flow = self._flows.of(fixed) + self._flows.of_shifts()
        self._is_row = np.zeros(len(grid.branch), bool)
        n_island = int(grid.island.max(initial=-1)) + 1
        live = grid.island >= 0
        balance = -np.bincount(grid.island[live], fixed[live], n_island).astype(np.float64)
        self._program = Program(
            "delivery of the damaged grid",
            cost=cost * self._unit_mw / base,
            lower=np.zeros(len(bus)),
            upper=upper_mw / self._unit_mw,
            matrix=sp.csr_matrix(
                (self._per_unit, (grid.island[bus], np.arange(len(bus)))), (n_island, len(bus))
            ),
            row_lower=balance,
            row_upper=balance,
            whole=whole,
        )
        if limited is not None and len(limited):
            self._limit_flows(limited)

    @property
    def limited(self) -> IntArray:
        """Live branches whose limits are rows by now."""
        return np.flatnonzero(self._is_row).astype(np.int32)

    def bound(self, first: int, lower_mw: FloatArray, upper_mw: FloatArray) -> None:
        """Replace the bounds of the injections from `first` on."""
        unit = self._unit_mw[first : first + len(lower_mw)]
        self._program.bound(first, lower_mw / unit, upper_mw / unit)

    def solve(self, start: BoolArray | None = None) -> Injections:
        """Solve until no limit is exceeded.

        With `start`, begin each time from these whole columns switched on, in the columns' order.
        """
        while True:
            if start is not None:
                self._program.start(self._whole, start.astype(np.float64))
            solution = self._program.solve()
            injected = np.bincount(self._bus, self._per_unit * solution.x, self._grid.n_bus)
            flow = self._flows.of(injected.astype(np.float64)) + self._fixed_flow
            over = np.where(self._is_row, 0.0, np.abs(flow) - self._limit)
            worst = np.argsort(-over, kind="stable")[:_ROWS_AT_ONCE].astype(np.int32)
            worst = worst[over[worst] > _OVERLOAD_PU]
            if not len(worst):
                break
            self._limit_flows(worst)
        by_case = np.zeros(self._grid.n_branch)
        by_case[self._grid.branch] = flow * self._base
        return Injections(
            x_mw=solution.x * self._unit_mw,
            marginal=solution.reduced_cost * self._base / self._unit_mw,
            flow_mw=by_case,
            objective=solution.objective * self._base,
            least=solution.least * self._base,
        )

    def _limit_flows(self, branch: IntArray) -> None:
        """Add the flow limits of these live branches as rows."""
        share = self._flows.distribution_factors(branch)[:, self._bus]
        share[np.abs(share) < _NO_SHARE] = 0.0
        fixed, limit = self._fixed_flow[branch], self._limit[branch]
        self._program.add_rows(sp.csr_matrix(share * self._per_unit), -limit - fixed, limit - fixed)
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
