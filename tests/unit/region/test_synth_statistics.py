"""The demo network looks like published networks, and cascades like one."""

from __future__ import annotations

import pytest

from lightkeeper.grid import make_network
from lightkeeper.region.csv_folder import load_demo_region
from lightkeeper.region.synth_statistics import cascade_share, measure


def test_measures_of_a_known_graph() -> None:
    """A triangle a-b-c with d hanging on c, one circuit doubled: counted by hand."""
    network = make_network(
        "triangle",
        100.0,
        True,
        {
            "buses": {"id": ["a", "b", "c", "d"], "base_kv": 110.0},
            "lines": {
                "id": ["1", "2", "3", "4", "5"],
                "from_bus": ["a", "b", "c", "c", "c"],
                "to_bus": ["b", "c", "a", "d", "d"],
                "x_pu": 0.1,
                "r_pu": 0.05,
                "rating_mva": 100.0,
                "length_km": 10.0,
            },
            "generators": {"id": ["g"], "bus": ["a"], "p_mw": 40.0, "p_max_mw": 60.0},
            "loads": {"id": ["l"], "bus": ["d"], "p_mw": 40.0},
        },
    )
    statistics = measure(network)
    assert statistics.mean_degree == 2.0
    assert statistics.degree_share == (0.25, 0.5, 0.25, 0.0, 0.0)
    assert statistics.clustering == pytest.approx((1 + 1 + 1 / 3) / 3)
    assert statistics.path_hops == pytest.approx((4 * 1 + 2 * 2) / 6)
    assert statistics.diameter_hops == 2
    assert statistics.capacity_over_peak == 1.5
    (level,) = statistics.levels
    assert level.corridors_per_bus == 1.0
    assert level.x_ohm_per_km == pytest.approx((1.21, 1.21, 1.21))
    assert level.x_to_r == pytest.approx((2.0, 2.0, 2.0))
    # a-b-c carries a third of 40 MW, a-c two thirds, the doubled c-d half each.
    assert level.loading_pu[1] == pytest.approx(0.2)


def test_demo_is_within_the_published_range() -> None:
    statistics = measure(load_demo_region().network)
    assert 1_000 <= statistics.n_buses <= 2_000
    assert 2.3 <= statistics.mean_degree <= 2.8
    assert statistics.clustering < 0.06
    assert 10.0 <= statistics.path_hops <= 16.0
    # Between case2383wp (0.14, 0.44) and case_ACTIVSg2000 (0.31, 0.54), which differ that much.
    assert 0.12 <= statistics.line_loading_pu[1] <= 0.35
    assert 0.40 <= statistics.line_loading_pu[2] <= 0.60
    for level in statistics.levels:
        assert 1.1 <= level.corridors_per_bus <= 1.4
        assert all(0.25 <= x <= 0.45 for x in level.x_ohm_per_km)
    shares = {level.kv: level.load_share for level in statistics.levels}
    assert shares[110.0] == pytest.approx(1.0)
    assert 1.3 <= statistics.capacity_over_peak <= 1.8
    assert statistics.largest_unit_over_peak <= 0.066


def test_five_random_losses_cascade_in_some_draws_and_not_in_most() -> None:
    network = load_demo_region().network
    cascades, _, worst = cascade_share(network, n_lost=5, n_draws=3000, seed=1)
    assert 0.002 <= cascades <= 0.05
    assert worst > 0.0
    backbone, _, _ = cascade_share(network, n_lost=5, n_draws=3000, seed=1, least_kv=200.0)
    assert backbone > cascades
