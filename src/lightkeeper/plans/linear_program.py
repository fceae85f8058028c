"""Sparse linear and mixed-integer programs for HiGHS, passed as arrays in one call."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from lightkeeper.errors import ModelError
from lightkeeper.units import BoolArray, FloatArray, IntArray

_ROWWISE = int(highspy.MatrixFormat.kRowwise)
_MINIMISE = int(highspy.ObjSense.kMinimize)


class ProgramUnsolved(ModelError):
    """HiGHS ended without an optimum; `status` is its word for why."""

    def __init__(self, what: str, status: str) -> None:
        self.what, self.status = what, status
        super().__init__(
            f"{what}: HiGHS ended with {status}; check limits and demand for NaN or wrong sign"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Column values and objective.

    `is_optimal` is False when a node limit ended the search, and then no solution has an objective
    below `least`. `reduced_cost` (n_columns,) is what a unit more of each column would cost, zero
    for a program in whole numbers.
    """

    x: FloatArray
    reduced_cost: FloatArray
    objective: float
    least: float
    is_optimal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumbers:
    """Which columns are whole numbers, and when the search among them ends: never by the clock.

    It ends after `node_limit` nodes, with a solution of `target` or less, or once the best known is
    within `gap` of the least possible (default: HiGHS's). With `presolve` off the program is
    searched as it stands, which is quicker where a good solution is known (`Program.start`).
    """

    is_whole: BoolArray
    node_limit: int | None = None
    target: float | None = None
    gap: float | None = None
    presolve: bool = True


class Program:
    """A program kept in HiGHS so that a solve after a change of bounds starts from the last basis.

    minimise ``cost @ x`` with ``lower <= x <= upper`` and
    ``row_lower <= matrix @ x <= row_upper``; with `whole`, some columns are whole numbers.
    """

    def __init__(
        self,
        what: str,
        *,
        cost: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        matrix: sp.csr_matrix,
        row_lower: FloatArray,
        row_upper: FloatArray,
        whole: WholeNumbers | None = None,
    ) -> None:
        self._what = what
        n_row, n_col = matrix.shape
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        # The oracles compare objectives to 1e-6; the default of 1e-7 per row adds up on big cases.
        self._highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self._highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        self._is_mip = whole is not None
        kind = np.zeros(n_col, np.int32) if whole is None else whole.is_whole.astype(np.int32)
        if whole is not None:
            self._set_search(whole)
        self._highs.passModel(
            n_col,
            n_row,
            matrix.nnz,
            _ROWWISE,
            _MINIMISE,
            0.0,
            cost,
            lower,
            upper,
            row_lower,
            row_upper,
            matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data.astype(np.float64),
            kind,
        )

    def _set_search(self, whole: WholeNumbers) -> None:
        if whole.node_limit is not None:
            self._highs.setOptionValue("mip_max_nodes", whole.node_limit)
        if whole.target is not None:
            self._highs.setOptionValue("objective_target", whole.target)
        if whole.gap is not None:
            self._highs.setOptionValue("mip_abs_gap", whole.gap)
            self._highs.setOptionValue("mip_rel_gap", 0.0)
        if not whole.presolve:
            self._highs.setOptionValue("presolve", "off")

    def start(self, columns: IntArray, x: FloatArray) -> None:
        """Begin the search among whole numbers from a solution with these columns at `x`."""
        self._highs.setSolution(len(columns), columns, x)

    def bound(self, first: int, lower: FloatArray, upper: FloatArray) -> None:
        """Replace the bounds of the columns from `first` on."""
        columns = np.arange(first, first + len(lower), dtype=np.int32)
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def add_rows(self, matrix: sp.csr_matrix, lower: FloatArray, upper: FloatArray) -> None:
        """Add rows ``lower <= matrix @ x <= upper``; the next solve starts from the last basis."""
        self._highs.addRows(
            matrix.shape[0],
            lower,
            upper,
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data.astype(np.float64),
        )

    def solve(self) -> Solution:
        """Solve; raise `ProgramUnsolved` when there is no solution at all."""
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnknown:
            # A basis kept over many changes may be too ill-conditioned to end from: start anew.
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        info = self._highs.getInfo()
        # A grid without any live bus makes a program without columns: solved as it is.
        is_optimal = status in (
            highspy.HighsModelStatus.kOptimal,
            highspy.HighsModelStatus.kModelEmpty,
        )
        if not is_optimal and not (
            self._is_mip
            and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            raise ProgramUnsolved(self._what, self._highs.modelStatusToString(status))
        solution = self._highs.getSolution()
        x = np.array(solution.col_value)
        objective = float(info.objective_function_value)
        return Solution(
            x=x,
            reduced_cost=np.zeros(len(x)) if self._is_mip else np.array(solution.col_dual),
            objective=objective,
            least=float(info.mip_dual_bound) if self._is_mip else objective,
            is_optimal=is_optimal,
        )
