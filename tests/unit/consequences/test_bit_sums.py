"""Compiled sums over courses against plain counting."""

from __future__ import annotations

import numpy as np

from lightkeeper.consequences.bit_sums import number_masks, sum_people


def test_masks_are_numbered_however_many_there_are() -> None:
    rng = np.random.default_rng(1)
    # More different masks than the first table holds, and zeros among them.
    masks = rng.integers(0, 1 << 40, size=(40, 300), dtype=np.uint64)
    masks[rng.random(masks.shape) < 0.3] = 0
    masks[:, ::7] = masks[:1, ::7]
    found, index = number_masks(masks)
    assert found[0] == 0
    assert (found[index] == masks).all()
    assert sorted(found.tolist()) == sorted(set(masks.ravel().tolist()) | {0})


def test_people_are_summed_by_hour_and_district() -> None:
    rng = np.random.default_rng(2)
    mask = rng.integers(0, 1 << 62, size=(3, 5), dtype=np.uint64) * 2 + 1
    mask[0, 0] = np.uint64(1) << np.uint64(63)
    mask[1] = 0
    district = np.array([0, 1, 1, 0, 2], dtype=np.int32)
    people, weight = np.array([5.0, 7.0, 11.0, 0.0, 2.0]), np.array([0.5, 0.3, 0.2])
    found, chance = np.zeros((3, 3, 64)), np.zeros((5, 64))
    sum_people(found, chance, mask, district, people, weight)
    for hour in range(64):
        off = (mask >> np.uint64(hour)) & np.uint64(1) == 1
        for d in range(3):
            assert (
                found[:, d, hour].tolist() == (off * people)[:, district == d].sum(axis=1).tolist()
            )
        assert np.allclose(chance[:, hour], weight @ off)
