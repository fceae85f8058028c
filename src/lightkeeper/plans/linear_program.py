"""Sparse linear and mixed-integer programs for HiGHS, passed as arrays in one call."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from lightkeeper.errors import ModelError
from lightkeeper.units import BoolArray, FloatArray

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
    """Column values and objective. `is_optimal` is False when a node limit ended the search."""

    x: FloatArray
    objective: float
    is_optimal: bool


class Program:
    """A program kept in HiGHS so that a solve after a change of bounds starts from the last basis.

    minimise ``cost @ x`` with ``lower <= x <= upper`` and
    ``row_lower <= matrix @ x <= row_upper``; columns marked in `is_integer` are whole numbers.
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
        is_integer: BoolArray | None = None,
        node_limit: int | None = None,
    ) -> None:
        self._what = what
        n_row, n_col = matrix.shape
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        # The oracles compare objectives to 1e-6; the default of 1e-7 per row adds up on big cases.
        self._highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self._highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        if node_limit is not None:
            self._highs.setOptionValue("mip_max_nodes", node_limit)
        self._is_mip = is_integer is not None
        kind = np.zeros(n_col, np.int32) if is_integer is None else is_integer.astype(np.int32)
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
        is_optimal = status == highspy.HighsModelStatus.kOptimal
        if not is_optimal and not (
            self._is_mip
            and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            raise ProgramUnsolved(self._what, self._highs.modelStatusToString(status))
        return Solution(
            x=np.array(self._highs.getSolution().col_value),
            objective=float(info.objective_function_value),
            is_optimal=is_optimal,
        )
