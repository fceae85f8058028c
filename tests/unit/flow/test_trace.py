from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    PUBLISHED_RELAYS,
    CascadeTrace,
    ElementKind,
    FlowCase,
    FlowOptions,
    LossCause,
    TraceOptions,
    TripCause,
    TripRule,
    build_case,
    lose,
    make_case,
    no_loss,
    prepare,
    run_cascade,
    trace_cascade,
)
from lightkeeper.flow.trace_kernels import draw
from lightkeeper.grid import make_network

TIMED = TraceOptions(trip_rule=TripRule.TIMED_RELAYS, ramp_pu=1.0)
Told = list[tuple[float, str, int, str]]


def told(trace: CascadeTrace, s: int = 0) -> Told:
    """Time, kind, row and cause of each trip of a scenario."""
    kinds, causes = list(ElementKind), list(TripCause)
    return [
        (
            round(float(trace.event_time_s[e]), 6),
            kinds[trace.event_kind[e]].value,
            int(trace.event_row[e]),
            causes[trace.event_cause[e]].value,
        )
        for e in range(trace.event_start[s], trace.event_start[s + 1])
    ]


def lost_by_cause(trace: CascadeTrace, s: int = 0) -> dict[str, float]:
    """Load lost by cause over all steps, MW; causes that lost nothing are left out."""
    rows = slice(trace.step_start[s], trace.step_start[s + 1])
    total = trace.step_lost_mw[rows].sum(axis=0)
    return {c.value: float(x) for c, x in zip(LossCause, total, strict=True) if x > 1e-6}


def parallel(limits: list[float], load_mw: float) -> FlowCase:
    """Equal parallel lines from a unit to a load, and one more without limit, row 0."""
    n = len(limits) + 1
    return make_case(
        base_mva=100.0,
        n_bus=2,
        from_bus=[0] * n,
        to_bus=[1] * n,
        x_pu=0.1,
        rating_mw=[0.0, *limits],
        load_mw=[0.0, load_mw],
        unit_bus=[0],
        unit_scheduled_mw=load_mw,
        unit_max_mw=2.0 * load_mw,
    )


LOSE_ROW_0 = lose(parallel([1.0], 1.0), branches=[[0]])


@pytest.fixture(scope="module")
def mesh() -> FlowCase:
    """A ring of 60 buses with chords, phase shifts, infeeds and units of unlike ramps."""
    n = 60
    bus = np.arange(n)
    chord = np.arange(0, n, 3)
    return make_case(
        base_mva=100.0,
        n_bus=n,
        from_bus=np.concatenate([bus, chord]),
        to_bus=np.concatenate([(bus + 1) % n, (chord + 11) % n]),
        x_pu=0.1 + 0.01 * np.concatenate([bus % 7, chord % 5]),
        shift_rad=np.concatenate([np.zeros(n), 0.01 * (chord % 4)]),
        rating_mw=np.concatenate([np.full(n, 24.0), np.full(len(chord), 20.0)]),
        load_mw=np.where(bus % 13 == 5, -2.0, 9.0 + bus % 3),
        unit_bus=bus[::4],
        unit_scheduled_mw=38.0,
        unit_max_mw=45.0 + 3.0 * (bus[::4] % 5),
        unit_min_mw=np.where(bus[::4] % 8 == 0, 10.0, 0.0),
        unit_ramp_pu_per_min=np.where(bus[::4] % 3 == 0, 0.0, 0.02 + 0.01 * (bus[::4] % 5)),
    )


@pytest.fixture(scope="module")
def outages(mesh: FlowCase) -> list[list[int]]:
    rng = np.random.default_rng(7)
    n = len(mesh.from_bus)
    return [rng.choice(n, rng.integers(1, 7), replace=False).tolist() for _ in range(150)]


def test_a_relay_trips_when_its_excess_has_added_up() -> None:
    # 45 MW each. Row 1 (limit 30): 15 MW over, 225 MWs to go, 15 s. Row 2 (limit 40) has gathered
    # 75 of 300 MWs by then, is then 50 MW over, and has 225 to go.
    trace = trace_cascade(parallel([30.0, 40.0], 90.0), LOSE_ROW_0, TIMED)
    assert told(trace)[:2] == [(16.0, "branch", 1, "overload"), (20.5, "branch", 2, "overload")]
    assert told(trace)[2:] == [(20.5, "unit", 0, "dead-island")]
    np.testing.assert_allclose(trace.event_amount, [1.5, 90.0 / 40.0, 90.0])
    assert trace.step_time_s.tolist() == pytest.approx([1.0, 16.0, 20.5])
    assert trace.step_islands.tolist() == [1, 1, 0]
    assert trace.step_served_mw.tolist() == pytest.approx([90.0, 90.0, 0.0])
    assert lost_by_cause(trace) == pytest.approx({"no-supply": 90.0})


def test_a_relay_falls_back_below_its_limit() -> None:
    # Rows 1 and 2 share 90 MW, row 3 brings 14 of them on to bus 2. Row 3 is half over its limit
    # and trips after 15 s; then 38 MW on each of rows 1 and 2. Row 2 trips 10 s later:
    # 15 (45 - d) + 10 (38 - d) = 7.5 d. Row 1 has gathered 15 x 5 - 10 x 2 = 55 of 300 MWs and is
    # then 36 MW over.
    case = make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 0, 0, 1],
        to_bus=[1, 1, 1, 2],
        x_pu=0.1,
        rating_mw=[0.0, 40.0, 1055.0 / 32.5, 14.0 / 1.5],
        load_mw=[0.0, 76.0, 14.0],
        unit_bus=[0],
        unit_scheduled_mw=90.0,
        unit_max_mw=100.0,
    )
    trace = trace_cascade(case, lose(case, branches=[[0]]), TIMED)
    assert [(t, k) for t, kind, k, _ in told(trace) if kind == "branch"] == [
        (16.0, 3),
        (26.0, 2),
        (round(26.0 + 245.0 / 36.0, 6), 1),
    ]


def test_what_would_trip_after_the_horizon_does_not() -> None:
    case, lost = parallel([30.0], 31.0), LOSE_ROW_0
    trace = trace_cascade(case, lost, replace(TIMED, horizon_s=225.9))
    assert told(trace) == []
    assert trace.n_overloaded.tolist() == [1]
    assert trace.final.converged.all()
    trace = trace_cascade(case, lost, replace(TIMED, horizon_s=226.1))
    assert told(trace)[0] == (226.0, "branch", 1, "overload")
    assert trace.n_overloaded.tolist() == [0]


def test_relays_that_tie_trip_together() -> None:
    trace = trace_cascade(parallel([30.0] * 3, 100.0), LOSE_ROW_0, TIMED)
    first = told(trace)[0][0]
    assert [k for t, kind, k, _ in told(trace) if kind == "branch" and t == first] == [1, 2, 3]


def test_worst_first_trips_one_a_round() -> None:
    # 30 MW each: both are over; row 2 has the higher loading, after it row 1 carries 60 MW.
    case = parallel([29.0, 25.0], 60.0)
    lost = lose(case, branches=[[0]])
    worst = trace_cascade(case, lost, TraceOptions(trip_rule=TripRule.WORST_FIRST))
    assert worst.final.trip_round[0].tolist() == [-1, 2, 1]
    assert worst.event_amount[:2].tolist() == pytest.approx([30.0 / 25.0, 60.0 / 29.0])
    both = trace_cascade(case, lost)
    assert both.final.trip_round[0].tolist() == [-1, 1, 1]
    assert np.isnan(both.event_time_s).all()


def test_all_at_once_ends_as_the_cascade_does(mesh: FlowCase, outages: list[list[int]]) -> None:
    prepared = prepare(mesh)
    scenarios = lose(mesh, branches=outages, buses=[[s % 60] if s % 3 else [] for s in range(150)])
    expected = run_cascade(prepared, scenarios, FlowOptions(keep_flows=True))
    got = trace_cascade(prepared, scenarios, TraceOptions(keep_flows=True)).final
    assert expected.flow_mw is not None
    assert got.flow_mw is not None
    assert (expected.trip_round > 0).any(axis=1).sum() > 50
    for name in ("demand_mw", "served_mw", "infeed_mw", "unit_mw", "island", "n_rounds"):
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name), name)
    np.testing.assert_array_equal(got.trip_round, expected.trip_round)
    np.testing.assert_array_equal(got.flow_mw, expected.flow_mw)
    np.testing.assert_array_equal(got.converged, expected.converged)


@pytest.mark.parametrize(
    "options",
    [
        TraceOptions(),
        TraceOptions(trip_rule=TripRule.WORST_FIRST, hidden_failure_pu=0.05),
        TIMED,
        replace(PUBLISHED_RELAYS, hidden_failure_pu=0.1, seed=3),
        replace(TIMED, ramp_pu=None),
    ],
)
def test_every_lost_megawatt_has_a_cause_and_every_trip_its_place(
    mesh: FlowCase, outages: list[list[int]], options: TraceOptions
) -> None:
    scenarios = lose(
        mesh,
        branches=outages,
        buses=[[s % 60] if s % 3 else [] for s in range(150)],
        units=[[s % 15] if s % 4 == 0 else [] for s in range(150)],
    )
    trace = trace_cascade(mesh, scenarios, replace(options, keep_flows=True))
    final = trace.final
    assert final.flow_mw is not None
    for s in range(150):
        rows = slice(trace.step_start[s], trace.step_start[s + 1])
        served = trace.step_served_mw[rows]
        unserved = (final.demand_mw[s] - final.served_mw[s]).sum()
        assert trace.step_lost_mw[rows].sum() == pytest.approx(unserved, abs=1e-7)
        assert (trace.step_lost_mw[rows] >= -1e-9).all()
        assert served[-1] == pytest.approx(final.served_mw[s].sum(), abs=1e-7)
        assert trace.step_islands[rows][-1] == final.n_islands[s]
        assert (np.diff(served) <= 1e-9).all()
        events = slice(trace.event_start[s], trace.event_start[s + 1])
        assert (np.diff(trace.event_step[events]) >= 0).all()
        assert (trace.event_step[events] < len(served)).all()
        branches = trace.event_row[events][trace.event_kind[events] == 0].tolist()
        assert sorted(branches) == np.flatnonzero(final.trip_round[s] > 0).tolist()
        assert not np.abs(final.flow_mw[s][branches]).any()
        for island in range(final.n_islands[s]):
            here = final.island[s] == island
            given = final.unit_mw[s][here[mesh.unit_bus]].sum() + final.infeed_mw[s][here].sum()
            assert given == pytest.approx(final.served_mw[s][here].sum(), abs=1e-6)
        assert (final.unit_mw[s] <= mesh.unit_max_mw + 1e-9).all()


def test_a_trace_depends_neither_on_threads_nor_on_the_rest_of_the_batch(
    mesh: FlowCase, outages: list[list[int]]
) -> None:
    options = replace(PUBLISHED_RELAYS, hidden_failure_pu=0.1, seed=5)
    one = trace_cascade(mesh, lose(mesh, branches=outages), options)
    two = trace_cascade(mesh, lose(mesh, branches=outages), replace(options, n_threads=2))
    some = trace_cascade(mesh, lose(mesh, branches=outages[:40]), options)
    for other in (two, some):
        n = other.event_start[-1]
        np.testing.assert_array_equal(other.event_row, one.event_row[:n])
        np.testing.assert_array_equal(other.event_time_s, one.event_time_s[:n])
        np.testing.assert_array_equal(
            other.final.served_mw, one.final.served_mw[: len(other.final.served_mw)]
        )


def test_hidden_failures_come_with_their_probability_and_only_beside_what_trips() -> None:
    # A chain of 10: a loss in the middle exposes its two neighbours.
    n = 10
    case = make_case(
        base_mva=100.0,
        n_bus=n + 1,
        from_bus=np.arange(n),
        to_bus=np.arange(1, n + 1),
        x_pu=0.1,
        load_mw=1.0,
        unit_bus=np.arange(n + 1),
        unit_scheduled_mw=1.0,
        unit_max_mw=1.0,
    )
    lost = lose(case, branches=[[5]] * 4000)
    trace = trace_cascade(case, lost, TraceOptions(hidden_failure_pu=0.3, seed=1))
    tripped = trace.final.trip_round > 0
    assert tripped[:, 4].mean() == pytest.approx(0.3, abs=0.03)
    assert tripped[:, 6].mean() == pytest.approx(0.3, abs=0.03)
    assert (tripped[:, 4] & tripped[:, 6]).mean() == pytest.approx(0.09, abs=0.02)
    # The one after next goes only if the next went, with the same probability again.
    assert tripped[tripped[:, 6]][:, 7].mean() == pytest.approx(0.3, abs=0.05)
    assert not (tripped[:, 7] & ~tripped[:, 6]).any()
    assert {cause for s in range(20) for *_, cause in told(trace, s)} == {"hidden-failure"}
    other = trace_cascade(case, lost, TraceOptions(hidden_failure_pu=0.3, seed=2))
    assert (other.final.trip_round != trace.final.trip_round).any()
    every = trace_cascade(case, lose(case, branches=[[5]]), TraceOptions(hidden_failure_pu=1.0))
    assert (every.final.trip_round[0] != 0).all()
    none = trace_cascade(case, no_loss(), TraceOptions(hidden_failure_pu=1.0))
    assert not none.final.trip_round.any()


def test_draws_are_uniform_and_unlike() -> None:
    values = np.array([[draw(1, s, k) for k in range(100)] for s in range(100)])
    assert values.min() >= 0.0
    assert values.max() < 1.0
    counts, _ = np.histogram(values, 10, (0.0, 1.0))
    assert np.abs(counts - 1000).max() < 150
    assert np.abs(np.corrcoef(values)[np.triu_indices(100, 1)]).max() < 0.5
    assert draw(1, 0, 0) != draw(2, 0, 0)


def island_of(units: list[tuple[float, float]], load_mw: float, cut_mw: float) -> FlowCase:
    """Units (output, PMAX) and load at bus 0; `cut_mw` of load (or infeed) behind branch 0."""
    made = sum(p for p, _ in units)
    assert made == pytest.approx(load_mw + cut_mw)
    return make_case(
        base_mva=100.0,
        n_bus=2,
        from_bus=[0],
        to_bus=[1],
        x_pu=0.1,
        load_mw=[load_mw, cut_mw],
        unit_bus=[0] * len(units),
        unit_scheduled_mw=[p for p, _ in units],
        unit_max_mw=[p_max for _, p_max in units],
    )


def test_units_share_by_ramp_rate_within_their_limits() -> None:
    # Ramps 10, 5 and 1 (the least) MW. 8 MW too much: 5, 2.5 and 0.5 MW.
    case = island_of([(150.0, 200.0), (50.0, 100.0), (1.5, 10.0)], 193.5, 8.0)
    lost = lose(case, branches=[[0]])
    trace = trace_cascade(case, lost, PUBLISHED_RELAYS)
    assert trace.final.unit_mw[0].tolist() == pytest.approx([145.0, 47.5, 1.0])
    assert lost_by_cause(trace) == pytest.approx({"no-supply": 8.0})
    # The last can give only 0.2 MW: the others share what is left as 2 to 1.
    case = island_of([(150.0, 200.0), (50.0, 100.0), (0.2, 10.0)], 192.2, 8.0)
    trace = trace_cascade(case, lost, PUBLISHED_RELAYS)
    assert trace.final.unit_mw[0].tolist() == pytest.approx([144.8, 47.4, 0.0])


def test_the_smallest_units_trip_where_ramps_do_not_suffice() -> None:
    # 60 MW too much, 16 by ramps: then 9, 45 and 140 MW are left for 150. The smallest two trip,
    # and the rest comes up again, as far as its ramp had let it: to 150 MW.
    case = island_of([(150.0, 200.0), (50.0, 100.0), (10.0, 20.0)], 150.0, 60.0)
    trace = trace_cascade(case, lose(case, branches=[[0]]), PUBLISHED_RELAYS)
    assert trace.final.unit_mw[0].tolist() == pytest.approx([150.0, 0.0, 0.0])
    assert told(trace) == [(1.0, "unit", 2, "surplus"), (1.0, "unit", 1, "surplus")]
    assert trace.event_amount.tolist() == [10.0, 50.0]
    assert lost_by_cause(trace) == pytest.approx({"no-supply": 60.0})


def test_loads_scale_down_where_ramps_do_not_suffice() -> None:
    # An infeed of 40 MW is cut off; the unit gives 10 MW more, 30 of 190 MW are shed.
    case = island_of([(150.0, 200.0)], 190.0, -40.0)
    trace = trace_cascade(case, lose(case, branches=[[0]]), PUBLISHED_RELAYS)
    assert trace.final.served_mw[0].tolist() == pytest.approx([160.0, 0.0])
    assert lost_by_cause(trace) == pytest.approx({"deficit": 30.0})


def test_infeed_follows_its_loads_if_told_to() -> None:
    # 190 MW of load and 40 MW of infeed at one side, the unit at the other bus can give 10 more.
    case = make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 0],
        to_bus=[1, 2],
        x_pu=0.1,
        load_mw=[190.0, -40.0, 0.0],
        unit_bus=[0, 2],
        unit_scheduled_mw=[100.0, 50.0],
        unit_max_mw=[200.0, 50.0],
    )
    lost = lose(case, branches=[[1]])
    fixed = trace_cascade(case, lost, replace(PUBLISHED_RELAYS, infeed_follows_load=False)).final
    assert fixed.served_mw[0].tolist() == pytest.approx([150.0, 0.0, 0.0])
    assert fixed.infeed_mw[0].tolist() == pytest.approx([0.0, 40.0, 0.0])
    follows = trace_cascade(case, lost, PUBLISHED_RELAYS).final
    part = 110.0 / 150.0
    assert follows.served_mw[0].tolist() == pytest.approx([190.0 * part, 0.0, 0.0])
    assert follows.infeed_mw[0].tolist() == pytest.approx([0.0, 40.0 * part, 0.0])


def test_causes_of_losses() -> None:
    case = make_case(
        base_mva=100.0,
        n_bus=3,
        from_bus=[0, 1],
        to_bus=[1, 2],
        x_pu=0.1,
        load_mw=[10.0, 20.0, 1.0],
        unit_bus=[0, 2],
        unit_scheduled_mw=[20.0, 5.0],
        unit_max_mw=[20.0, 5.0],
        unit_min_mw=[0.0, 5.0],
    )
    # 6 of 31 MW are missing from the start. Then bus 1 is lost; bus 2 has a unit that cannot come
    # down, bus 0 one that must come down by more than its ramp.
    trace = trace_cascade(case, lose(case, buses=[[1]]), TraceOptions(ramp_pu=0.0))
    served = 25.0 / 31.0
    assert lost_by_cause(trace) == pytest.approx(
        {"before": 6.0, "with-bus": 20.0 * served, "surplus": 11.0 * served}
    )
    assert told(trace) == [
        pytest.approx((np.nan, "unit", 0, "dead-island"), nan_ok=True),
        pytest.approx((np.nan, "unit", 1, "dead-island"), nan_ok=True),
    ]


def test_rounds_are_bounded(mesh: FlowCase, outages: list[list[int]]) -> None:
    for rule in TripRule:
        options = TraceOptions(trip_rule=rule, max_rounds=1)
        trace = trace_cascade(mesh, lose(mesh, branches=outages), options)
        over = trace.n_overloaded > 0
        assert over.any()
        assert not over.all()
        np.testing.assert_array_equal(trace.final.converged, ~over)
        assert not (trace.final.trip_round > 0).any()


def test_an_empty_batch_and_all_buses_lost(mesh: FlowCase) -> None:
    for options in (TIMED, TraceOptions()):
        empty = trace_cascade(mesh, no_loss(0), options)
        assert empty.final.served_mw.shape == (0, 60)
        assert empty.step_start.tolist() == [0]
        dark = trace_cascade(mesh, lose(mesh, buses=[range(60)]), options)
        assert lost_by_cause(dark).keys() <= {"with-bus", "before"}
        assert sum(lost_by_cause(dark).values()) == pytest.approx(mesh.load_mw.sum())


@pytest.mark.parametrize(
    "wrong",
    [
        TraceOptions(hidden_failure_pu=1.5),
        TraceOptions(seed=-1),
        TraceOptions(ramp_least_mw=-1.0),
        TraceOptions(start_s=5.0, horizon_s=4.0),
        TraceOptions(relay_trip_s=0.0),
        TraceOptions(max_rounds=0),
        TraceOptions(ramp_pu=-0.1),
    ],
)
def test_wrong_options_are_named(mesh: FlowCase, wrong: TraceOptions) -> None:
    with pytest.raises(InputError):
        trace_cascade(mesh, no_loss(), wrong)


def test_relays_may_take_the_short_time_rating() -> None:
    network = make_network(
        "two",
        100.0,
        True,
        {
            "buses": {"id": ["1", "2"], "base_kv": 330.0},
            "lines": {
                "id": ["a", "b"],
                "from_bus": ["1", "1"],
                "to_bus": ["2", "2"],
                "x_pu": 0.1,
                "rating_mva": [10.0, 20.0],
                "rating_short_mva": [15.0, 0.0],
            },
        },
    )
    assert build_case(network).limit_mw.tolist() == [10.0, 20.0]
    assert build_case(network, use_short_ratings=True).limit_mw.tolist() == [15.0, 20.0]
