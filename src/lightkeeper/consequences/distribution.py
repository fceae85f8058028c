"""Weighted quantiles over an ensemble, how far sampling may have moved them, paired differences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.model import Band, Difference, Distribution, SamplingError
from lightkeeper.damage.model import DamageEnsemble
from lightkeeper.errors import InputError
from lightkeeper.units import FloatArray

LEVELS = (0.05, 0.5, 0.95)
CONFIDENCE = 0.95


def shares(weight: FloatArray) -> FloatArray:
    """Return weights as shares of their sum.

    Raises
    ------
    InputError
        A weight is below 0 or not a number, or they sum to nothing: no scenario counts.
    """
    if not (weight >= 0).all() or not 0 < weight.sum() < np.inf:
        raise InputError("the weights of the scenarios sum to nothing, or are no weights")
    found: FloatArray = weight / weight.sum()
    return found


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
    kept, share = values[counts], shares(weight)[counts]
    # By rows of the transposed values: sorting down the columns of a wide array is slow.
    by_column = np.ascontiguousarray(kept.T)
    if np.ptp(share) == 0:
        cumulative = share.cumsum()
        rank = _ranks(cumulative[None, :], levels)[0]
        return np.ascontiguousarray(np.sort(by_column, axis=1)[:, rank].T)
    order = np.argsort(by_column, axis=1, kind="stable")
    rank = _ranks(share[order].cumsum(axis=1), levels)
    found = np.take_along_axis(by_column, np.take_along_axis(order, rank, axis=1), axis=1)
    return np.ascontiguousarray(found.T)


def _ranks(cumulative: FloatArray, levels: FloatArray) -> NDArray[np.intp]:
    """Rank of each level in each row of cumulative weights."""
    # Rounding of the cumulative sum must not move a quantile by a scenario.
    rank = np.column_stack([(cumulative < level - 1e-12).sum(axis=1) for level in levels])
    found: NDArray[np.intp] = np.minimum(rank, cumulative.shape[1] - 1)
    return found


@dataclass(frozen=True, slots=True)
class _Summary:
    """Quantiles, means and errors by column; `bounds` (level, low and high, column)."""

    quantiles: FloatArray
    mean: FloatArray
    bounds: FloatArray
    mean_error: FloatArray


def _summarise(values: FloatArray, weight: FloatArray, effective_sample_size: float) -> _Summary:
    levels = confidence_levels(effective_sample_size)
    wanted = [*LEVELS, *(0.5 if level is None else level for pair in levels for level in pair)]
    found = weighted_quantiles(values, weight, np.array(wanted))
    bounds = found[len(LEVELS) :].reshape(len(LEVELS), 2, -1).astype(np.float64)
    for k, pair in enumerate(levels):
        for side, level in enumerate(pair):
            if level is None:
                bounds[k, side] = np.nan
    share = shares(weight)
    mean = share @ values
    if effective_sample_size > 1:
        spread = np.sqrt(np.maximum(share @ (values - mean) ** 2, 0.0))
        error = spread / np.sqrt(effective_sample_size - 1)
    else:
        error = np.full(mean.shape, np.nan)
    return _Summary(found[: len(LEVELS)], mean, bounds, error)


def distributions(
    values: FloatArray, weight: FloatArray, effective_sample_size: float
) -> tuple[Distribution, ...]:
    """One distribution for each column of `values`, shape (n_scenarios, n_columns)."""
    of = _summarise(values, weight, effective_sample_size)
    n = int((weight > 0).sum())

    def pair(level: int, column: int) -> tuple[float | None, float | None]:
        low, high = of.bounds[level, :, column].tolist()
        return _known(low), _known(high)

    return tuple(
        Distribution(
            p05=float(of.quantiles[0, k]),
            median=float(of.quantiles[1, k]),
            p95=float(of.quantiles[2, k]),
            mean=float(of.mean[k]),
            n_scenarios=n,
            effective_sample_size=effective_sample_size,
            sampling=SamplingError(
                p05=pair(0, k),
                median=pair(1, k),
                p95=pair(2, k),
                mean_error=_known(float(of.mean_error[k])),
            ),
        )
        for k in range(values.shape[1])
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


@lru_cache(maxsize=64)
def confidence_levels(
    effective_sample_size: float,
) -> tuple[tuple[float | None, float | None], ...]:
    """Return the levels that enclose each of `LEVELS` with 95 % confidence.

    Of n independent draws the number below the true quantile of level p is binomial (n, p), so the
    order statistics of ranks l and u with P(l <= number < u) >= 0.95 enclose it, whatever the
    distribution. n is the effective sample size rounded down. None where no rank goes far enough:
    the 95 % point has no upper bound below 72 scenarios.
    """
    n = max(int(effective_sample_size + 1e-9), 0)
    if n < 1:
        return ((None, None),) * len(LEVELS)
    # Loads in half a second; commands without figures never come here.
    from scipy.stats import binom

    found = []
    for level in LEVELS:
        tail = (1 - CONFIDENCE) / 2
        low, high = int(binom.ppf(tail, n, level)), int(binom.ppf(1 - tail, n, level)) + 1
        found.append((low / n if low >= 1 else None, high / n if high <= n else None))
    return tuple(found)


def bands(
    values: FloatArray | NDArray[np.float32], weight: FloatArray, effective_sample_size: float
) -> tuple[Band, ...]:
    """Return the band of each course of values, shape (n_scenarios, n_courses, n_hours).

    An hour at which any scenario that counts has no value (NaN) has none in the band.
    """
    n, n_courses, n_hours = values.shape
    columns = values.reshape(n, -1)
    is_known = np.isfinite(columns[weight > 0]).all(axis=0)
    found = np.full((6, n_courses * n_hours), np.nan)
    # What does not change from one hour to the next is counted once.
    is_same = np.zeros(columns.shape[1], dtype=np.bool_)
    is_same[1:] = (columns[:, 1:] == columns[:, :-1]).all(axis=0)
    rows = np.flatnonzero(is_known & ~is_same)
    if rows.size:
        of = _summarise(columns[:, rows].astype(np.float64), weight, effective_sample_size)
        found[:, rows] = np.vstack([of.quantiles, of.mean, of.bounds[1]])
        last = np.maximum.accumulate(np.where(is_same, 0, np.arange(is_same.size)))
        found[:, is_known] = found[:, last[is_known]]
    cells = found.reshape(6, n_courses, n_hours)

    def course(k: int, row: int) -> tuple[float | None, ...]:
        return tuple(_known(x) for x in cells[row, k].tolist())

    return tuple(
        Band(
            p05=course(k, 0),
            median=course(k, 1),
            p95=course(k, 2),
            mean=course(k, 3),
            median_low=course(k, 4),
            median_high=course(k, 5),
        )
        for k in range(n_courses)
    )


def compare(
    ensemble: DamageEnsemble, before: FloatArray, after: FloatArray, other: DamageEnsemble
) -> Difference:
    """Compare two cases on the same scenarios: what one of them changes, scenario by scenario.

    Parameters
    ----------
    ensemble, before
        One case, one figure for each scenario, shape (n_scenarios,).
    other, after
        The other case. Its scenarios must be the same draws (common random numbers), so that what
        they share cancels and only the difference of the cases is left.

    Raises
    ------
    InputError
        The scenarios of the two cases are not the same draws.
    """
    same = (
        ensemble.seed == other.seed
        and before.shape == after.shape == ensemble.weight.shape
        and np.array_equal(ensemble.weight, other.weight)
    )
    if not same:
        raise InputError(
            "the two cases stand on different scenarios; draw both with the same seed and number, "
            "and condition both on the same observations"
        )
    weight = shares(ensemble.weight)
    change = after - before
    (found,) = distributions(change[:, None], weight, ensemble.effective_sample_size)
    spread = float(np.sqrt(_variance(before, weight) + _variance(after, weight)))
    error = None
    if ensemble.effective_sample_size > 1:
        error = spread / float(np.sqrt(ensemble.effective_sample_size - 1))
    return Difference(
        change=found,
        p_less=float(weight @ (change < 0)),
        p_more=float(weight @ (change > 0)),
        unpaired_mean_error=error,
    )


def _variance(values: FloatArray, weight: FloatArray) -> float:
    mean = float(weight @ values)
    return max(float(weight @ values**2) - mean**2, 0.0)
