"""Units, signs and small value types shared by every stage.

Signs: power injected into a bus is positive; a branch flow is positive from its *from* bus to its
*to* bus. Names end in their unit (`_mw`, `_kv`, `_h`, `_km`); fractions end in `_pu`. Instants are
timezone-aware UTC datetimes whose names end in `_at`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
# Rows that are never negative: compiled code then need not look whether they count from the end.
IndexArray = NDArray[np.uint32]
BoolArray = NDArray[np.bool_]
StrArray = NDArray[np.str_]

EXERCISE_MARK_EN = "EXERCISE - synthetic network"
EXERCISE_MARK_UK = "НАВЧАННЯ - синтетична мережа"


def require_utc(at: datetime) -> datetime:
    """Return `at` in UTC; raise ValueError if it has no time zone."""
    if at.tzinfo is None:
        raise ValueError(f"instant {at.isoformat()} has no time zone")
    return at.astimezone(UTC)
