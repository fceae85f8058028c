from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from story import make_happening, make_story

from lightkeeper.consequences import FollowOptions, build_graph, failure_times, follow
from lightkeeper.consequences.supply import SupplyPiece, make_supply
from lightkeeper.errors import InputError
from lightkeeper.region import FeederId, Need, Region, ServiceKind

INF = np.inf


@pytest.fixture
def story() -> Region:
    """A boiler house that needs a works that needs its feeder."""
    return make_story(
        {
            "feeders": ["f1", "f2"],
            "services": [{"id": "works", "kind": "water", "feeder": "f1", "backup_h": 3.0}],
            "sources": [{"id": "boiler", "feeder": "f2"}],
            "needs": [
                {"dependent": "boiler", "need": "water", "supplier": "works", "buffer_h": 2.0}
            ],
        }
    )


def test_what_a_region_says_becomes_a_graph(story: Region) -> None:
    graph = build_graph(story)
    assert graph.id == ("works", "boiler")
    assert graph.need_node.tolist() == [0, 1, 1]
    assert graph.need_kind == (Need.POWER, Need.POWER, Need.WATER)
    assert graph.buffer_h.tolist() == [3.0, 0.0, 2.0]
    assert story.feeders.id[graph.outside].tolist() == ["f1", "f2"]
    assert graph.is_known.all()
    assert graph.notes == ()


def test_sweeps_settle_and_stay_below_the_bound() -> None:
    """A chain is the worst: it takes as many sweeps as it is long when told backwards."""
    n = 12
    region = make_story(
        {
            "feeders": ["f1", "f2"],
            "services": [
                {"id": f"s{k}", "kind": "water", "feeder": "f1" if k == 0 else "f2"}
                for k in reversed(range(n))
            ],
            "needs": [
                {"dependent": f"s{k}", "need": "water", "supplier": f"s{k - 1}", "buffer_h": 1.0}
                for k in range(1, n)
            ],
        }
    )
    graph = build_graph(region)
    outside = np.where(region.feeders.id[graph.outside] == "f1", 0.0, INF)[:, None]
    ceiling = np.full((n, 1), INF)
    time, sweeps = failure_times(graph, ceiling, outside, graph.buffer_h[:, None])
    assert dict(zip(graph.id, time[:, 0].tolist(), strict=True)) == {
        f"s{k}": float(k) for k in range(n)
    }
    assert n < sweeps <= graph.n_nodes + 1


def test_a_service_nobody_supplies_is_not_known(story: Region) -> None:
    service = replace(story.services[0], feeder=FeederId("nowhere"))
    region = replace(story, services=(service,))
    graph = build_graph(region)
    assert graph.is_known.tolist() == [False, True]
    assert graph.notes == ('nobody supplies "works" with power: it is not followed',)
    supply = make_happening(region, [{"pieces": [{"from_h": 0, "off": ["f2"]}]}])
    found = follow(region, np.ones(1), supply, FollowOptions(horizon_h=5))
    assert dict(zip(found.kinds, found.kind_total.tolist(), strict=True))["water"] == 0
    assert found.service_hours.tolist() == [5.0]  # The boiler house; of the works nothing is said.
    assert graph.notes[0] in found.notes


def test_a_source_without_a_known_feeder_is_said(story: Region) -> None:
    source = replace(story.heat_sources[0], feeder=None)
    graph = build_graph(replace(story, heat_sources=(source,)))
    assert graph.notes == ("of 1 heat sources no feeder is known: power is taken as there",)


def test_batteries_fill_again_and_diesel_does_not(story: Region) -> None:
    assert build_graph(story).refills.tolist() == [False, False, True]
    mast = replace(story.services[0], kind=ServiceKind.COMMUNICATIONS)
    assert build_graph(replace(story, services=(mast,))).refills[0]


def test_a_region_without_services_or_needs() -> None:
    region = make_story({"feeders": ["f1", "f2"]})
    supply = make_happening(region, [{"pieces": [{"from_h": 0, "off": ["f1"]}]}])
    found = follow(region, np.ones(1), supply, FollowOptions(horizon_h=4))
    assert found.people_off.tolist() == [[1000.0] * 5]
    assert found.service_hours.tolist() == [0.0]
    assert np.isnan(found.people_below).all()


def make_piece(from_h: float, *, n: int) -> SupplyPiece:
    off = np.zeros((n, 2), dtype=np.bool_)
    return SupplyPiece(from_h=from_h, feeder_off=off, source_share=np.ones((n, 0)))


@pytest.mark.parametrize("hours", [[], [1.0], [0.0, 3.0, 3.0], [0.0, 5.0, 2.0]])
def test_pieces_that_make_no_course(hours: list[float]) -> None:
    with pytest.raises(InputError, match="begin at hour 0"):
        make_supply([make_piece(h, n=1) for h in hours])


def test_pieces_of_other_scenarios() -> None:
    with pytest.raises(InputError, match="same scenarios"):
        make_supply([make_piece(0.0, n=1), make_piece(1.0, n=2)])
    with pytest.raises(InputError, match="same scenarios"):
        make_supply([replace(make_piece(0.0, n=2), source_share=np.ones((1, 0)))])


@pytest.mark.parametrize("horizon_h", [0, 64])
def test_a_horizon_that_does_not_fit(story: Region, horizon_h: int) -> None:
    supply = make_happening(story, [{"pieces": [{"from_h": 0}]}])
    with pytest.raises(InputError, match="horizon"):
        follow(story, np.ones(1), supply, FollowOptions(horizon_h=horizon_h))
