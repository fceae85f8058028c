from __future__ import annotations

import numpy as np

from lightkeeper.flow import label_islands


def test_labels_go_by_first_bus_and_skip_buses_that_are_off() -> None:
    label = label_islands(
        np.array([4, 1, 2], np.int32),
        np.array([3, 5, 0], np.int32),
        np.array([True, True, True]),
        np.array([True, True, False, True, True, True]),
    )
    assert label.tolist() == [0, 1, -1, 2, 2, 1]


def test_every_bus_off() -> None:
    none = np.zeros(0, np.int32)
    assert label_islands(none, none, none == 1, np.zeros(2, np.bool_)).tolist() == [-1, -1]
