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
    order = np.argsort(kept, axis=0, kind="stable")
    cumulative = share[order].cumsum(axis=0)
    # Rounding of the cumulative sum must not move a quantile by a scenario.
    rows = np.array([(cumulative < level - 1e-12).sum(axis=0) for level in levels])
    rows = np.minimum(rows, kept.shape[0] - 1)
    return np.take_along_axis(kept, np.take_along_axis(order, rows, axis=0), axis=0)


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
