"""Weighted quantiles over an ensemble."""

from __future__ import annotations

import numpy as np

from lightkeeper.consequences.model import Distribution
from lightkeeper.units import FloatArray


def weighted_quantiles(values: FloatArray, weight: FloatArray, levels: FloatArray) -> FloatArray:
    """Least value with at least that share of the weight at or below it, by column.

    Parameters
    ----------
    values
        Shape (n_scenarios, n_columns).
    weight
        Shape (n_scenarios,), not negative, not all 0.
    levels
        Between 0 and 1, shape (n_levels,).

    Returns
    -------
    Shape (n_levels, n_columns). A scenario of weight 0 is never returned.
    """
    counts = weight > 0
    kept, share = values[counts], weight[counts] / weight.sum()
    # By rows of the transposed values: sorting down the columns of a wide array is slow.
    by_column = np.ascontiguousarray(kept.T)
    order = np.argsort(by_column, axis=1, kind="stable")
    cumulative = share[order].cumsum(axis=1)
    # Rounding of the cumulative sum must not move a quantile by a scenario.
    rank = np.column_stack([(cumulative < level - 1e-12).sum(axis=1) for level in levels])
    rank = np.minimum(rank, kept.shape[0] - 1)
    found = np.take_along_axis(by_column, np.take_along_axis(order, rank, axis=1), axis=1)
    return np.ascontiguousarray(found.T)


def distributions(
    values: FloatArray, weight: FloatArray, effective_sample_size: float
) -> tuple[Distribution, ...]:
    """One distribution for each column of `values`, shape (n_scenarios, n_columns)."""
    p05, median, p95 = weighted_quantiles(values, weight, np.array([0.05, 0.5, 0.95]))
    mean = weight @ values / weight.sum()
    return tuple(
        Distribution(
            p05=float(p05[k]),
            median=float(median[k]),
            p95=float(p95[k]),
            mean=float(mean[k]),
            n_scenarios=int((weight > 0).sum()),
            effective_sample_size=effective_sample_size,
        )
        for k in range(values.shape[1])
    )
