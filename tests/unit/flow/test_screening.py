from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    LossKind,
    label_islands,
    limits_from_margin,
    lose,
    make_case,
    no_loss,
    prepare,
    run_cascade,
    screen_pairs,
    screen_single,
    substation_buses,
)
from lightkeeper.flow.screening_kernels import find_bridges
from lightkeeper.grid import make_network


def network(n: int, seed: int, *, margin: float) -> FlowCase:
    """A random tree with chords: some bridges, pairs that cut, parallel branches, a bus coupler."""
    rng = np.random.default_rng(seed)
    bus = np.arange(1, n)
    chords = rng.integers(0, n, (n // 2, 2))
    chords = chords[chords[:, 0] != chords[:, 1]]
    x = rng.uniform(0.05, 0.3, n - 1 + len(chords) + 2)
    x[3], x[-1] = 1e-6, -0.4
    units = np.arange(0, n, 3)
    load = rng.uniform(0.0, 20.0, n)
    load[rng.integers(0, n, 3)] = -2.0
    case = make_case(
        base_mva=100.0,
        n_bus=n,
        from_bus=np.concatenate([rng.integers(0, bus), chords[:, 0], [0, 1]]),
        to_bus=np.concatenate([bus, chords[:, 1], [n - 1, n - 1]]),
        x_pu=x,
        shift_rad=np.where(rng.uniform(size=len(x)) < 0.1, 0.05, 0.0),
        load_mw=load,
        unit_bus=units,
        unit_scheduled_mw=load.sum() / len(units),
        unit_max_mw=1.5 * load.sum() / len(units),
    )
    return limits_from_margin(case, margin, FlowOptions())


@pytest.mark.parametrize(
    ("seed", "margin", "options"),
    [
        (1, 2.0, FlowOptions()),
        (2, 1.3, FlowOptions(ramp_pu=0.02)),
        (3, 3.0, FlowOptions(rule=BalanceRule.PROPORTIONAL)),
        (4, 1.6, FlowOptions()),
        (5, 2.0, FlowOptions(ramp_pu=1.0, n_threads=2)),
    ],
)
def test_pairs_left_out_do_what_one_of_the_two_does_alone(
    seed: int, margin: float, options: FlowOptions
) -> None:
    case = network(40, seed, margin=margin)
    n = len(case.from_bus)
    prepared = prepare(case)
    found = screen_pairs(prepared, options=options)
    every = list(combinations(range(n), 2))
    result = run_cascade(prepared, lose(case, branches=every), options)
    single = run_cascade(prepared, lose(case, branches=[[k] for k in range(n)]), options)
    before = run_cascade(prepared, no_loss(), options)
    run = {(int(a), int(b)): i for i, (a, b) in enumerate(found.row)}
    assert len(run) == len(found.row)
    assert found.n_losses == len(every)
    assert found.n_bounded == len(every) - len(run)
    assert found.n_bounded > len(every) // 10
    assert found.is_complete
    alone = before.served_mw.sum() - single.served_mw.sum(axis=1)
    for i, (a, b) in enumerate(every):
        unserved = before.served_mw.sum() - result.served_mw[i].sum()
        if (a, b) in run:
            row = run[a, b]
            assert found.unserved_mw[row] == pytest.approx(max(unserved, 0.0), abs=1e-7)
            assert found.extra_mw[row] == pytest.approx(
                unserved - max(alone[a], alone[b], 0.0), abs=1e-7
            )
            assert found.n_islands[row] == result.n_islands[i]
            assert found.n_trips[row] == (result.trip_round[i] > 0).sum()
        else:
            same = [
                np.array_equal(result.served_mw[i], like.served_mw[k])
                and np.array_equal(result.unit_mw[i], like.unit_mw[k])
                and np.array_equal(result.island[i], like.island[k])
                for like, k in ((before, 0), (single, a), (single, b))
            ]
            assert any(same), (a, b)
            assert result.n_rounds[i] == 1
            assert unserved <= max(alone[a], alone[b]) + 1e-7


def test_nothing_is_left_out_of_a_network_overloaded_from_the_start() -> None:
    case = network(20, 6, margin=2.0)
    case = replace(case, limit_mw=np.ones(len(case.from_bus)))
    found = screen_pairs(case)
    assert found.n_bounded == 0
    assert found.n_trips_before > 0
    assert len(found.row) == found.n_losses


def test_bridges_are_those_whose_loss_splits() -> None:
    case = network(60, 9, margin=2.0)
    parts = []
    for lost in range(len(case.from_bus)):
        on = case.branch_on.copy()
        on[lost] = False
        parts.append(label_islands(case.from_bus, case.to_bus, on, case.bus_on).max() + 1)
    assert sorted(set(parts)) == [1, 2]
    assert find_bridges(prepare(case).grid).tolist() == [n == 2 for n in parts]


@pytest.fixture(scope="module")
def chain() -> FlowCase:
    """Bus 0 (unit 60 of 100, load 20) - bus 1 (load 30) - bus 2 (unit 10 of 15, load 20)."""
    return make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 1],
        to_bus=[1, 2],
        x_pu=0.1,
        load_mw=[20.0, 30.0, 20.0],
        unit_bus=[0, 2],
        unit_scheduled_mw=[60.0, 10.0],
        unit_max_mw=[100.0, 15.0],
    )


def test_single_losses_by_shed_load_and_by_splitting(chain: FlowCase) -> None:
    groups = [np.array([0], np.int32), np.array([1, 2], np.int32)]
    found = screen_single(chain, substations=groups, options=FlowOptions(ramp_pu=1.0))
    assert [list(LossKind)[k].value for k in found.kind] == [
        *("branch", "branch", "unit", "unit"),
        *("substation", "substation"),
    ]
    assert found.row.tolist() == [[0, -1], [1, -1], [0, -1], [1, -1], [0, -1], [1, -1]]
    assert found.unserved_mw.tolist() == pytest.approx([35.0, 5.0, 55.0, 0.0, 55.0, 50.0])
    assert found.separated_mw.tolist() == pytest.approx([20.0, 20.0, 0.0, 0.0, 20.0, 50.0])
    assert found.n_islands.tolist() == [2, 2, 1, 1, 1, 1]
    assert found.least_reserve_mw.tolist() == pytest.approx([0.0, 0.0, 0.0, 30.0, 0.0, 80.0])
    np.testing.assert_array_equal(found.extra_mw, found.unserved_mw)
    assert found.is_complete


def test_a_tripped_unit_is_no_reserve(chain: FlowCase) -> None:
    # Bus 0 has 40 MW too much and a ramp of 20: its unit trips, so nothing lives there.
    found = screen_single(chain, options=FlowOptions(ramp_pu=0.2))
    assert found.n_islands[0] == 1
    assert found.least_reserve_mw[0] == pytest.approx(2.0)  # bus 2: 13 of 15 MW after one ramp


def test_screening_stops_where_told_to() -> None:
    case = network(40, 1, margin=1.3)
    seen: list[float] = []

    def watch(done_pu: float) -> bool:
        seen.append(done_pu)
        return True

    whole = screen_pairs(case, watch=watch)
    assert whole.is_complete
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert whole.n_trips_before == 0
    assert whole.unserved_before_mw == 0.0
    part = screen_pairs(case, max_runs=7)
    assert not part.is_complete
    np.testing.assert_array_equal(part.row, whole.row[:7])
    np.testing.assert_array_equal(part.unserved_mw, whole.unserved_mw[:7])
    for found in (screen_pairs(case, watch=lambda _: False), screen_single(case, watch=_no)):
        assert not found.is_complete
        assert len(found.row) == 0
    with pytest.raises(InputError):
        screen_pairs(case, max_runs=-1)


def _no(_done_pu: float) -> bool:
    return False


def test_a_network_without_branches() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=1,
        from_bus=[],
        to_bus=[],
        x_pu=[],
        load_mw=[5.0],
        unit_bus=[0],
        unit_scheduled_mw=5.0,
        unit_max_mw=5.0,
    )
    pairs = screen_pairs(case)
    assert pairs.n_losses == 0
    assert pairs.is_complete
    assert screen_single(case).unserved_mw.tolist() == [5.0]


def test_buses_belong_together_by_name_or_by_transformer() -> None:
    grid = make_network(
        "grid",
        100.0,
        True,
        {
            "substations": {"id": ["S"], "name": ["S"]},
            "buses": {
                "id": ["1", "2", "3", "4", "5"],
                "base_kv": 330.0,
                "substation": ["S", "", "S", "", ""],
            },
            "lines": {"id": ["a"], "from_bus": ["1"], "to_bus": ["5"], "x_pu": 0.1},
            "transformers": {"id": ["t"], "from_bus": ["2"], "to_bus": ["4"], "x_pu": 0.1},
        },
    )
    names, groups = substation_buses(grid)
    assert names == ("S", "2", "5")
    assert [g.tolist() for g in groups] == [[0, 2], [1, 3], [4]]
