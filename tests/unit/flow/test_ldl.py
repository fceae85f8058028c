from __future__ import annotations

import numpy as np
import pytest

from lightkeeper.flow import lose, make_case, prepare, run_cascade
from lightkeeper.flow.ldl import analyse


@pytest.mark.parametrize("seed", range(5))
def test_the_pattern_holds_every_entry_of_the_factor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 30, 45
    f = rng.integers(0, n, m).astype(np.int32)
    t = ((f + rng.integers(1, n, m)) % n).astype(np.int32)
    live = np.flatnonzero(rng.random(m) < 0.9).astype(np.int32)
    found = analyse(n, f, t, live)
    assert sorted(found.position) == list(range(n))
    assert np.array_equal(found.position[found.order], np.arange(n))
    matrix = np.eye(n)
    np.add.at(matrix, (f[live], f[live]), 1.0)
    np.add.at(matrix, (t[live], t[live]), 1.0)
    np.add.at(matrix, (f[live], t[live]), -1.0)
    np.add.at(matrix, (t[live], f[live]), -1.0)
    lower = np.linalg.cholesky(matrix[np.ix_(found.order, found.order)])
    pattern = np.zeros((n, n), np.bool_)
    for j in range(n):
        rows = found.l_row[found.l_start[j] : found.l_start[j + 1]]
        assert np.all(np.diff(rows) > 0)
        pattern[rows, j] = True
        assert found.parent[j] == (rows[0] if len(rows) else -1)
        begin, end = found.row_start[j], found.row_start[j + 1]
        columns = found.row_col[begin:end]
        assert np.all(np.diff(columns) > 0)
        assert np.all(found.l_row[found.row_pos[begin:end]] == j)
        assert np.all(found.l_start[columns] <= found.row_pos[begin:end])
        assert np.all(found.row_pos[begin:end] < found.l_start[columns + 1])
    strictly_lower = np.abs(np.tril(lower, -1)) > 1e-12
    assert np.all(pattern[strictly_lower])
    assert pattern.sum() == len(found.l_row) == len(found.row_col)


def test_the_intact_factor_is_left_as_it_was() -> None:
    rng = np.random.default_rng(2)
    n = 25
    case = make_case(
        base_mva=100.0,
        n_bus=n,
        from_bus=np.arange(n),
        to_bus=(np.arange(n) + 1) % n,
        x_pu=rng.uniform(0.05, 0.2, n),
        rating_mw=30.0,
        load_mw=10.0,
        unit_bus=np.arange(0, n, 6),
        unit_scheduled_mw=50.0,
        unit_max_mw=80.0,
    )
    prepared = prepare(case)
    before = [array.copy() for array in prepared.factor]
    lost = [rng.choice(n, 4, replace=False).tolist() for _ in range(20)]
    run_cascade(prepared, lose(case, branches=lost))
    for array, was in zip(prepared.factor, before, strict=True):
        assert np.array_equal(array, was)


def test_a_tree_has_no_fill() -> None:
    f = np.zeros(9, np.int32)
    t = np.arange(1, 10, dtype=np.int32)
    assert len(analyse(10, f, t, np.arange(9, dtype=np.int32)).l_row) == 9
