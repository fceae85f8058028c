"""Dependencies settle where brute force does; power, people and heat are conserved over hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from story import (
    DISTRICT,
    FEEDER_MW,
    FEEDER_PEOPLE,
    Happening,
    make_happening,
    make_story,
    with_cold,
)

from lightkeeper.consequences import (
    Zones,
    build_graph,
    cool,
    failure_times,
    follow,
    make_supply,
    power_course,
    stored_wh,
)
from lightkeeper.consequences.dependencies import DependencyGraph, restart
from lightkeeper.consequences.exposure import ColdOptions
from lightkeeper.consequences.follow import FollowOptions
from lightkeeper.region import BuildingType, HeatingKind, HomeGroup, Region

HORIZON_H = 12
FEEDERS = ["f0", "f1", "f2"]
SITES = ["s0", "s1", "s2", "s3", "q0", "q1"]
HOURS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 7.0])


@st.composite
def stories(draw: st.DrawFn) -> Region:
    """A few services and sources that need each other in any way, feeders among them."""
    kinds = ["water", "gas", "communications", "hospital"]
    services: list[dict[str, str | float]] = [
        {
            "id": f"s{k}",
            "kind": draw(st.sampled_from(kinds)),
            "feeder": draw(st.sampled_from(FEEDERS)),
            "backup_h": draw(HOURS),
        }
        for k in range(4)
    ]
    sources: list[dict[str, str | float]] = [
        {"id": "q0", "feeder": draw(st.sampled_from(FEEDERS)), "backup_h": draw(HOURS)},
        {"id": "q1", "kind": "chp"},
    ]
    needs: list[dict[str, str | float]] = [
        {
            "dependent": draw(st.sampled_from([*SITES, "f2"])),
            "need": draw(st.sampled_from(["power", "water", "gas"])),
            "supplier": draw(st.sampled_from([*SITES, *FEEDERS])),
            "buffer_h": draw(HOURS),
        }
        for _ in range(draw(st.integers(0, 9)))
    ]
    needs = [n for n in needs if n["dependent"] != n["supplier"]]
    return make_story(
        {"feeders": FEEDERS, "services": services, "sources": sources, "needs": needs}
    )


def happenings() -> st.SearchStrategy[list[Happening]]:
    off = st.lists(st.sampled_from(FEEDERS), unique=True)
    return st.builds(
        lambda first, second, damaged, mw, room: [
            Happening(
                pieces=[{"from_h": 0, "off": first}, {"from_h": 5, "off": second}],
                damaged=damaged,
                plants={"q1": [mw, 0.0]},
                island_room_mw=room,
            )
        ],
        off,
        off,
        st.lists(st.sampled_from(["q0", "q1"]), unique=True),
        st.sampled_from([0.0, 15.0, 100.0]),
        st.sampled_from([0.0, 8.0]),
    )


def by_hand(
    graph: DependencyGraph, ceiling: NDArray[np.float64], outside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Walk through time: at each moment take down what has nothing left, again and again."""
    n = graph.n_nodes
    time = ceiling.copy()
    moments = {
        0.0,
        *ceiling[np.isfinite(ceiling)].tolist(),
        *outside[np.isfinite(outside)].tolist(),
    }
    down = np.full(n, np.inf)
    lost = np.full(graph.need_node.size, np.inf)
    while moments:
        now = min(moments)
        moments.discard(now)
        moved = True
        while moved:
            moved = False
            for node in range(n):
                if np.isinf(down[node]) and time[node] <= now:
                    down[node], moved = now, True
            for need in range(graph.need_node.size):
                links = graph.link[graph.link_start[need] : graph.link_start[need + 1]]
                gone = [down[s] <= now if s < n else outside[s - n] <= now for s in links]
                if all(gone) and np.isinf(lost[need]):
                    # Full from the start, so nothing is left to fill.
                    lost[need] = now
                    node = graph.need_node[need]
                    time[node] = min(time[node], now + graph.buffer_h[need])
                    moments.add(now + graph.buffer_h[need])
                    moved = True
        moments = {m for m in moments if m > now}
    return down


@settings(max_examples=120, deadline=None)
@given(region=stories(), data=st.data())
def test_failure_times_are_those_of_walking_through_time(
    region: Region, data: st.DataObject
) -> None:
    graph = build_graph(region)
    times = st.sampled_from([0.0, 1.0, 3.5, np.inf])
    ceiling = data.draw(hnp.arrays(np.float64, graph.n_nodes, elements=times))
    outside = data.draw(hnp.arrays(np.float64, graph.outside.size, elements=times))
    found, sweeps = failure_times(
        graph, ceiling[:, None], outside[:, None], graph.buffer_h[:, None].copy()
    )
    assert found[:, 0].tolist() == by_hand(graph, ceiling, outside).tolist()
    assert sweeps <= graph.n_nodes + 1
    # Nothing earlier outside, nothing earlier inside; and solving again changes nothing.
    later = np.where(np.isinf(outside), outside, outside + 1.0)
    after, _ = failure_times(graph, ceiling[:, None], later[:, None], graph.buffer_h[:, None])
    assert (after >= found).all()
    again, _ = failure_times(graph, found, outside[:, None], graph.buffer_h[:, None])
    assert np.array_equal(again, found)


@settings(max_examples=60, deadline=None)
@given(region=stories(), data=st.data())
def test_what_restarts_has_all_it_needs(region: Region, data: st.DataObject) -> None:
    graph = build_graph(region)
    flags = hnp.arrays(np.bool_, (graph.n_nodes, 1))
    up, can_run = data.draw(flags), data.draw(flags)
    outside = data.draw(hnp.arrays(np.bool_, (graph.outside.size, 1)))
    found, sweeps = restart(graph, up, outside, can_run)
    assert sweeps <= graph.n_nodes + 1
    assert not (found & ~can_run).any()
    assert (found | ~(up & can_run)).all()
    again, _ = restart(graph, found, outside, can_run)
    assert np.array_equal(again, found)
    more, _ = restart(graph, up, np.ones_like(outside), can_run)
    assert not (found & ~more).any()


@settings(max_examples=80, deadline=None)
@given(region=stories(), happening=happenings())
def test_hours_are_conserved(region: Region, happening: list[Happening]) -> None:
    """Served and unserved are the demand at every hour; sums agree with the ensemble's figures."""
    region = with_cold(
        region,
        [
            HomeGroup(
                id="m",
                district=DISTRICT,
                type=BuildingType.PANEL_HIGH_RISE,
                heating=heating,
                population=500,
            )
            for heating in HeatingKind
        ],
        dict.fromkeys(range(HORIZON_H), -15.0),
    )
    supply = make_happening(region, happening)
    cold = ColdOptions(n_members=1)
    found = follow(region, np.ones(1), supply, FollowOptions(horizon_h=HORIZON_H, cold=cold))
    course = power_course(region, supply, 0, horizon_h=HORIZON_H)
    demand = region.feeders.demand_mw
    for served, unserved in (
        (course.served_by_feeder_mw, course.unserved_by_feeder_mw),
        (course.served_by_bus_mw, course.unserved_by_bus_mw),
        (course.served_by_district_mw, course.unserved_by_district_mw),
    ):
        assert (served + unserved).sum(axis=1) == pytest.approx(
            np.full(HORIZON_H + 1, demand.sum())
        )
        assert (served >= 0).all()
        assert (unserved >= 0).all()
    # People and power are whole feeders, and the same in every count.
    off = course.is_off.sum(axis=1)
    assert found.people_off[0].tolist() == (off * FEEDER_PEOPLE).tolist()
    assert found.unserved_mw[0] == pytest.approx(off * FEEDER_MW)
    assert found.customer_hours[0] / FEEDER_PEOPLE == pytest.approx(
        found.unserved_mwh[0] / FEEDER_MW
    )
    assert 0 <= found.customer_hours[0] <= len(FEEDERS) * FEEDER_PEOPLE * HORIZON_H + 1e-6
    assert 0 <= found.service_hours[0] <= len(SITES) * HORIZON_H + 1e-9
    # The colder, the fewer; nobody is cold who was never without heat.
    below = found.people_below[0]
    assert (below[1] <= below[0] + 1e-9).all()
    assert (found.people_without_heat[0] <= 2000 + 1e-9).all()
    ever_without = found.people_without_heat[0].max()
    assert below[0].max() <= (1500 if ever_without > 0 else 0) + 1e-6
    assert (found.failed <= found.kind_total[:, None]).all()


@settings(max_examples=60, deadline=None)
@given(region=stories(), happening=happenings())
def test_more_damage_never_helps(region: Region, happening: list[Happening]) -> None:
    supply = make_happening(region, happening)
    worse = make_supply(
        [replace(p, source_share=np.zeros_like(p.source_share)) for p in supply.pieces]
    )
    options = FollowOptions(horizon_h=HORIZON_H)
    one, other = (follow(region, np.ones(1), s, options) for s in (supply, worse))
    # A plant that is down from the start stood in no balance.
    if not any(p.plants is not None and p.plants.power_mw.any() for p in supply.pieces):
        assert (other.customer_hours >= one.customer_hours - 1e-9).all()
        assert (other.service_hours >= one.service_hours - 1e-9).all()


@settings(max_examples=120, deadline=None)
@given(data=st.data(), n=st.integers(1, 4))
def test_energy_of_any_building_is_conserved(data: st.DataObject, n: int) -> None:
    floats = st.floats(0.0, 500.0)
    half = data.draw(hnp.arrays(np.float64, (n, n), elements=floats))
    coupling = np.triu(half, 1)
    zones = Zones(
        capacity_wh_per_k=data.draw(hnp.arrays(np.float64, n, elements=st.floats(1.0, 1e5))),
        loss_w_per_k=data.draw(hnp.arrays(np.float64, n, elements=floats)),
        coupling_w_per_k=coupling + coupling.T,
    )
    start = data.draw(hnp.arrays(np.float64, n, elements=st.floats(-10.0, 30.0)))
    outdoor = data.draw(hnp.arrays(np.float64, 12, elements=st.floats(-40.0, 20.0)))
    heat = data.draw(hnp.arrays(np.float64, n, elements=st.floats(0.0, 5000.0)))
    found = cool(zones, start, outdoor, heat)
    change = np.diff(stored_wh(zones, found.temperature_c))
    gained = (found.heat_wh - found.loss_wh).sum(axis=1)
    size = 1.0 + np.abs(stored_wh(zones, found.temperature_c)).max() + np.abs(found.loss_wh).max()
    assert change / size == pytest.approx(gained / size, abs=1e-9)
    if not heat.any():
        low = min(start.min(), outdoor.min())
        high = max(start.max(), outdoor.max())
        assert found.temperature_c.min() >= low - 1e-6
        assert found.temperature_c.max() <= high + 1e-6
