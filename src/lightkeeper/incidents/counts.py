"""Numbers as told: when two agree, what stands when they are merged, and how they read."""

from __future__ import annotations

import math

from lightkeeper.claims.model import Count

APPROXIMATE_SPAN_PU = 0.2
"""How far the truth may lie from an "about": a fifth either way agrees, by convention."""


def bounds(count: Count) -> tuple[float, float]:
    """Least and greatest number that the words allow."""
    low = -math.inf if count.min is None else float(count.min)
    high = math.inf if count.max is None else float(count.max)
    if count.best is not None:
        slack = APPROXIMATE_SPAN_PU * count.best if count.approximate else 0.0
        low = max(low, count.best - slack)
        high = min(high, count.best + slack)
    return low, high


def is_told(count: Count) -> bool:
    """Whether a number is said at all; "several" is not one."""
    return count.best is not None or count.max is not None or (count.min or 0) > 2


def agree(a: Count, b: Count) -> bool:
    """Whether one number can make both true. Units must be the same where both are said."""
    if a.unit is not None and b.unit is not None and a.unit != b.unit:
        return False
    low_a, high_a = bounds(a)
    low_b, high_b = bounds(b)
    return low_a <= high_b and low_b <= high_a


def is_same_value(a: Count, b: Count) -> bool:
    """Whether both say the same words: two retellings of one number."""
    return (a.min, a.best, a.max, a.unit) == (b.min, b.best, b.max, b.unit)


def merge(counts: list[Count]) -> Count:
    """One count for several that agree; never their sum.

    The most definite one stands: an exact number, then "about", then bounds. Where bounds add
    something to each other ("at least 5", "up to 15") both are kept. A number stays approximate as
    long as no report gives it exactly.
    """
    exact = [c for c in counts if c.best is not None and not c.approximate]
    about = [c for c in counts if c.best is not None and c.approximate]
    for definite in (exact, about):
        if definite:
            return min(definite, key=_order)
    minima = [c.min for c in counts if c.min is not None]
    maxima = [c.max for c in counts if c.max is not None]
    units = sorted({c.unit for c in counts if c.unit is not None})
    return Count(
        min=max(minima, default=None),
        max=min(maxima, default=None),
        approximate=any(c.approximate for c in counts),
        unit=units[0] if units else None,
    )


def say(count: Count | None) -> str:
    """Count in words, without its unit; "number not said" where there is none.

    >>> say(Count(best=10, approximate=True))
    'about 10'
    """
    if count is None:
        return "number not said"
    if count.best is not None:
        return f"about {count.best:,}" if count.approximate else f"{count.best:,}"
    if count.min is not None and count.max is not None:
        return f"{count.min:,} to {count.max:,}"
    if count.max is not None:
        return f"up to {count.max:,}"
    if count.min is not None and count.min > 2:
        return f"at least {count.min:,}"
    return "several" if count.min == 2 else "number not said"


def _order(count: Count) -> tuple[int, int, int, str]:
    return (count.best or 0, count.min or 0, count.max or 0, count.unit or "")
