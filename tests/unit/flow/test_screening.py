from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    BalanceRule,
    FlowCase,
    FlowOptions,
    LossKind,
    Scenarios,
    Screening,
    ScreenOptions,
    label_islands,
    limits_from_margin,
    lose,
    make_case,
    no_loss,
    prepare,
    run_cascade,
    screen_pairs,
    screen_single,
    screening,
    screening_bounds,
    substation_buses,
)
from lightkeeper.flow.screening_kernels import find_bridges
from lightkeeper.grid import make_network
from lightkeeper.units import IntArray


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
    case = network(30, seed, margin=margin)
    groups = [np.arange(g, min(g + 3, case.n_bus), dtype=np.int32) for g in range(0, 30, 3)]
    prepared = prepare(case)
    found = screen_pairs(prepared, substations=groups, options=options)
    losses: list[tuple[int, int]] = [
        *((0, k) for k in range(len(case.from_bus))),
        *((1, k) for k in range(len(case.unit_bus))),
        *((2, k) for k in range(len(groups))),
    ]
    every = list(combinations(losses, 2))
    # All by one engine, so that equal results are equal to the last bit.
    options = replace(options, bulk_from=len(every) + 1)
    result = run_cascade(prepared, both(case, groups, every), options)
    single = run_cascade(prepared, both(case, groups, [(one,) for one in losses]), options)
    before = run_cascade(prepared, no_loss(), options)
    run = {
        frozenset(zip(kinds, rows, strict=True)): i
        for i, (kinds, rows) in enumerate(zip(found.kind.tolist(), found.row.tolist(), strict=True))
    }
    assert len(run) == len(found.row) == found.n_run
    assert found.n_losses == len(every)
    assert found.n_bounded == len(every) - len(run)
    assert found.n_bounded > len(every) // 20
    assert found.is_complete
    alone = dict(zip(losses, before.served_mw.sum() - single.served_mw.sum(axis=1), strict=True))
    place = {one: i for i, one in enumerate(losses)}
    left_out = set()
    for i, (a, b) in enumerate(every):
        unserved = before.served_mw.sum() - result.served_mw[i].sum()
        if frozenset((a, b)) in run:
            row = run[frozenset((a, b))]
            assert found.unserved_mw[row] == pytest.approx(max(unserved, 0.0), abs=1e-7)
            assert found.extra_mw[row] == pytest.approx(
                max(unserved, 0.0) - max(alone[a], 0.0) - max(alone[b], 0.0), abs=1e-7
            )
            assert found.n_islands[row] == result.n_islands[i]
            assert found.n_trips[row] == (result.trip_round[i] > 0).sum()
        else:
            left_out.add((a[0], b[0]))
            same = [
                np.array_equal(result.served_mw[i], like.served_mw[k])
                and np.array_equal(result.unit_mw[i], like.unit_mw[k])
                and np.array_equal(result.island[i], like.island[k])
                for like, k in ((before, 0), (single, place[a]), (single, place[b]))
            ]
            assert any(same), (a, b)
            is_part = b[0] == 2 and a[0] < 2
            assert is_part or result.n_rounds[i] == 1
            assert unserved <= max(alone[a], alone[b]) + 1e-7
    assert {(0, 0), (0, 2), (1, 2)} <= left_out


def both(
    case: FlowCase, groups: list[IntArray], losses: Sequence[tuple[tuple[int, int], ...]]
) -> Scenarios:
    """Scenarios that lose branches (kind 0), units (1) and groups of buses (2)."""
    return lose(
        case,
        branches=[[k for kind, k in one if kind == 0] for one in losses],
        units=[[k for kind, k in one if kind == 1] for one in losses],
        buses=[[int(v) for kind, k in one if kind == 2 for v in groups[k]] for one in losses],
    )


def test_only_the_kinds_named_are_paired() -> None:
    case = network(20, 3, margin=2.0)
    groups = [np.array([0, 1], np.int32), np.array([2, 3], np.int32)]
    for kinds, n in (
        ({LossKind.UNIT}, len(case.unit_bus)),
        ({LossKind.SUBSTATION}, 2),
        ({LossKind.UNIT, LossKind.SUBSTATION}, len(case.unit_bus) + 2),
    ):
        found = screen_pairs(case, substations=groups, screen=ScreenOptions(kinds=kinds))
        assert found.n_losses == n * (n - 1) // 2
        assert {list(LossKind)[k] for k in found.kind.ravel()} == kinds


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
    people = np.array([100.0, 40.0, 5.0])
    options = FlowOptions(ramp_pu=1.0)
    found = screen_single(chain, substations=groups, people=people, options=options)
    assert (found.kind[:, 1] == -1).all()
    assert [list(LossKind)[k].value for k in found.kind[:, 0]] == [
        *("branch", "branch", "unit", "unit"),
        *("substation", "substation"),
    ]
    assert found.row.tolist() == [[0, -1], [1, -1], [0, -1], [1, -1], [0, -1], [1, -1]]
    assert found.unserved_mw.tolist() == pytest.approx([35.0, 5.0, 55.0, 0.0, 55.0, 50.0])
    assert found.separated_mw.tolist() == pytest.approx([20.0, 20.0, 0.0, 0.0, 20.0, 50.0])
    # The island with most load counts as the rest of the network, not that with most people.
    assert found.separated_people.tolist() == [100.0, 5.0, 0.0, 0.0, 100.0, 45.0]
    assert found.n_islands.tolist() == [2, 2, 1, 1, 1, 1]
    assert found.least_reserve_mw.tolist() == pytest.approx([0.0, 0.0, 0.0, 30.0, 0.0, 80.0])
    np.testing.assert_array_equal(found.extra_mw, found.unserved_mw)
    assert found.is_complete


def test_a_tripped_unit_is_no_reserve(chain: FlowCase) -> None:
    # Bus 0 has 40 MW too much and a ramp of 20: its unit trips, so nothing lives there.
    found = screen_single(chain, options=FlowOptions(ramp_pu=0.2))
    assert found.n_islands[0] == 1
    assert found.least_reserve_mw[0] == pytest.approx(2.0)  # bus 2: 13 of 15 MW after one ramp


def test_figures_are_beyond_what_happens_without_any_loss() -> None:
    """Two islands from the start, of 20 and of 50 MW, and a third bus without supply."""
    case = make_case(
        base_mva=100.0,
        n_bus=4,
        from_bus=[1],
        to_bus=[2],
        x_pu=0.1,
        load_mw=[20.0, 30.0, 20.0, 5.0],
        unit_bus=[0, 1],
        unit_scheduled_mw=[20.0, 50.0],
        unit_max_mw=[100.0, 100.0],
    )
    people = np.array([7.0, 1.0, 2.0, 3.0])
    found = screen_single(case, people=people, options=FlowOptions(ramp_pu=1.0))
    assert found.unserved_before_mw == pytest.approx(5.0)
    assert found.unserved_mw.tolist() == pytest.approx([20.0, 20.0, 50.0])
    # The branch cuts 20 of 50 MW off; without the large island's unit the small one is the largest.
    assert found.separated_mw.tolist() == pytest.approx([20.0, 0.0, 30.0])
    assert found.separated_people.tolist() == pytest.approx([2.0, 0.0, 0.0])
    with pytest.raises(InputError, match="people"):
        screen_single(case, people=np.ones(3))


def test_screening_stops_where_told_to() -> None:
    case = network(40, 1, margin=1.3)
    seen: list[float] = []

    def watch(done_pu: float) -> bool:
        seen.append(done_pu)
        return True

    whole = screen_pairs(case, watch=watch)
    assert whole.is_complete
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)
    assert whole.n_trips_before == 0
    assert whole.unserved_before_mw == 0.0
    part = screen_pairs(case, screen=ScreenOptions(max_runs=7))
    assert not part.is_complete
    assert part.n_run == 7
    assert part.n_bounded == whole.n_bounded
    np.testing.assert_array_equal(part.row, whole.row[:7])
    np.testing.assert_array_equal(part.unserved_mw, whole.unserved_mw[:7])
    for found in (screen_pairs(case, watch=_no), screen_single(case, watch=_no)):
        assert not found.is_complete
        assert len(found.row) == 0
    for wrong in (ScreenOptions(max_runs=-1), ScreenOptions(keep=0)):
        with pytest.raises(InputError):
            screen_pairs(case, screen=wrong)


def test_a_stopped_screening_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "CHUNK_VALUES", 1)  # 16 losses a call, so that it can stop often
    monkeypatch.setattr(screening_bounds, "BLOCK", 16)
    case = network(30, 1, margin=1.3)
    people = np.arange(30.0)
    whole = screen_pairs(case, people=people, screen=ScreenOptions(keep=40))
    assert 40 <= len(whole.row) <= 120 < whole.n_run
    path = tmp_path / "screening.npz"
    options = ScreenOptions(keep=40, checkpoint=path)
    n_starts = 0
    while True:
        left = 9

        def watch(_done_pu: float) -> bool:
            nonlocal left
            left -= 1
            return left > 0

        n_starts += 1
        part = screen_pairs(case, people=people, screen=options, watch=watch)
        if part.is_complete:
            break
        assert not path.with_name("screening.npz.part").exists()
    assert n_starts > 10
    for name in (f.name for f in fields(Screening)):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name), name)
    # What is kept are the worst of all by each ranking.
    every = screen_pairs(case, people=people)
    for name in ("unserved_mw", "extra_mw", "separated_people"):
        worst = np.sort(getattr(every, name))[::-1][:40]
        np.testing.assert_array_equal(np.sort(getattr(part, name))[::-1][:40], worst)


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    case = network(20, 1, margin=1.3)
    path = tmp_path / "screening.npz"
    options = ScreenOptions(checkpoint=path)
    whole = screen_pairs(case, screen=options)
    again = screen_pairs(case, screen=options, options=FlowOptions(n_threads=2))
    np.testing.assert_array_equal(again.unserved_mw, whole.unserved_mw)
    changed = replace(case, limit_mw=case.limit_mw * 1.01)
    with pytest.raises(InputError, match="another network"):
        screen_pairs(changed, screen=options)
    with pytest.raises(InputError, match="another network"):
        screen_pairs(case, options=FlowOptions(ramp_pu=0.2), screen=options)
    with pytest.raises(InputError, match="another network"):
        screen_pairs(case, people=np.ones(20), screen=options)
    path.write_text("a note", encoding="utf-8")
    with pytest.raises(InputError, match="no checkpoint"):
        screen_pairs(case, screen=options)


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
    assert names == ("S", "site-2", "site-5")
    assert [g.tolist() for g in groups] == [[0, 2], [1, 3], [4]]
