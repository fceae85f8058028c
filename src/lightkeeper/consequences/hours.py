"""Hours as bits: what is off at which hours of the horizon, and sums over few different courses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.consequences.bit_sums import MaskArray
from lightkeeper.units import BoolArray, FloatArray, IntArray

MOST_HOURS = 63


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours 0 to the horizon, which counts too."""

    horizon_h: int

    @property
    def n(self) -> int:
        """How many hours there are."""
        return self.horizon_h + 1

    def of(self, masks: MaskArray) -> FloatArray:
        """Return masks as 0 and 1, shape (n_masks, n)."""
        bit = np.uint64(1) << np.arange(self.n, dtype=np.uint64)
        found: FloatArray = ((masks[:, None] & bit) != 0).astype(np.float64)
        return found

    def within(self, start_h: float, end_h: float) -> IntArray:
        """Return the hours of a piece; the last hour of all belongs to the last piece."""
        hours = np.arange(self.n, dtype=np.int32)
        last = self.horizon_h if end_h >= self.horizon_h else -1
        return np.asarray(hours[((hours >= start_h) & (hours < end_h)) | (hours == last)])

    def since(self, from_h: FloatArray, hours: IntArray) -> MaskArray:
        """Return those of `hours` that are not before a time, as bits."""
        all_bits = np.uint64(0)
        for hour in hours.tolist():
            all_bits |= np.uint64(1) << np.uint64(hour)
        first = np.clip(np.ceil(from_h - 1e-9), 0, MOST_HOURS).astype(np.uint64)
        found: MaskArray = all_bits & ~((np.uint64(1) << first) - np.uint64(1))
        return np.where(from_h > MOST_HOURS, np.uint64(0), found)


def where(is_set: BoolArray) -> tuple[IntArray, IntArray]:
    """Return rows and columns of what is set."""
    row, column = np.nonzero(is_set)
    return row.astype(np.int32), column.astype(np.int32)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Amounts by scenario, place and course; `amount` has shape (n_rows, n_masks).

    Rows are sorted by scenario, then place; pairs without any amount have none.
    """

    scenario: IntArray
    place: IntArray
    masks: MaskArray
    amount: FloatArray


def gather(
    scenario: IntArray, place: IntArray, mask: MaskArray, amount: FloatArray | IntArray
) -> Gathered:
    """Sum amounts that share scenario, place and course."""
    masks, which = np.unique(mask, return_inverse=True)
    n_places = int(place.max(initial=0)) + 1
    keys, row = np.unique(scenario.astype(np.int64) * n_places + place, return_inverse=True)
    flat = row * masks.size + which
    total = np.bincount(flat, weights=amount, minlength=keys.size * masks.size)
    return Gathered(
        scenario=(keys // n_places).astype(np.int32),
        place=(keys % n_places).astype(np.int32),
        masks=masks,
        amount=total.astype(np.float64).reshape(keys.size, masks.size),
    )


def sum_by(scenario: IntArray, values: FloatArray, n: int) -> FloatArray:
    """Sum rows by scenario, shape (n, n_columns); rows are sorted by it."""
    found = np.zeros((n, values.shape[1]))
    if scenario.size:
        rows, start = np.unique(scenario, return_index=True)
        found[rows] = np.add.reduceat(values, start, axis=0)
    return found
