from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import FlowCase, lose, lose_each, make_case, no_loss, run_cascade, select


@pytest.fixture
def case() -> FlowCase:
    return make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 1, 0],
        to_bus=[1, 2, 2],
        x_pu=0.1,
        branch_on=[True, True, False],
        load_mw=[0.0, 30.0, 20.0],
        unit_bus=[0, 1],
        unit_scheduled_mw=25.0,
        unit_max_mw=60.0,
    )


@pytest.mark.parametrize(
    ("kind", "row", "words"),
    [
        ("branches", 3, "no branch 3"),
        ("branches", -1, "no branch -1"),
        ("buses", 3, "no bus 3"),
        ("units", 2, "no unit 2"),
    ],
)
def test_unknown_elements_are_named(case: FlowCase, kind: str, row: int, words: str) -> None:
    lists: dict[str, Any] = {kind: [[0], [row]]}
    with pytest.raises(InputError, match=f"scenario 1: .*{words}"):
        lose(case, **lists)


def test_lists_must_agree(case: FlowCase) -> None:
    with pytest.raises(InputError, match=r"\[1, 2\] scenarios"):
        lose(case, branches=[[0]], buses=[[0], [1]])


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("load_factor", [[1.0, 1.0]]),
        ("load_factor", [[1.0, -0.1, 1.0]]),
        ("load_factor", [[1.0, np.nan, 1.0]]),
        ("rating_factor", [[1.0, 0.0, 1.0]]),
        ("rating_factor", [[1.0, np.inf, 1.0]]),
        ("unit_factor", [[1.0, -1.0]]),
    ],
)
def test_bad_factors(case: FlowCase, name: str, factor: list[list[float]]) -> None:
    factors: dict[str, Any] = {name: np.array(factor)}
    with pytest.raises(InputError, match=name):
        lose(case, **factors)


def test_a_batch_made_by_hand_is_checked_before_it_runs(case: FlowCase) -> None:
    good = lose(case, branches=[[0], [1]])
    wrong_rows = replace(good, branch_index=np.array([0, 99], np.int32))
    with pytest.raises(InputError, match="no branch 99"):
        run_cascade(case, wrong_rows)
    with pytest.raises(InputError, match="branch_start"):
        run_cascade(case, replace(good, branch_start=np.array([0, 2], np.int32)))


def test_lose_each_takes_what_is_in_service(case: FlowCase) -> None:
    each = lose_each(case, branches=True, buses=True, units=True)
    assert each.n_scenarios == 2 + 3 + 2
    assert each.branch_index.tolist() == [0, 1]
    assert each.bus_start.tolist() == [0, 0, 0, 1, 2, 3, 3, 3]
    assert each.unit_start.tolist() == [0, 0, 0, 0, 0, 0, 1, 2]
    assert lose_each(case).n_scenarios == 2


def test_select_takes_a_part(case: FlowCase) -> None:
    factor = np.arange(9.0).reshape(3, 3)
    whole = lose(case, branches=[[0], [0, 1], [1]], buses=[[], [2], []], load_factor=factor)
    part = select(whole, 1, 9)
    assert part.n_scenarios == 2
    assert part.branch_start.tolist() == [0, 2, 3]
    assert part.branch_index.tolist() == [0, 1, 1]
    assert part.bus_index.tolist() == [2]
    assert part.load_factor is not None
    assert part.load_factor.tolist() == factor[1:].tolist()
    assert part.rating_factor is None


def test_no_scenarios(case: FlowCase) -> None:
    assert no_loss(0).n_scenarios == 0
    assert lose(case, branches=[]).n_scenarios == 0
