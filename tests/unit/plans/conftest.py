"""A small region whose answers can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lightkeeper.flow import FlowCase, build_case
from lightkeeper.grid import make_network
from lightkeeper.region.model import District, DistrictId, Feeders, PlaceCode, Region


@pytest.fixture(scope="session")
def small_region() -> Region:
    """Bus a (plant, 100 MW) - b (60 MW) - c (40 MW), lines of 80 and 50 MW; d is joined to c.

    b: feeders b1..b4 of 10, 20, 20, 10 MW, b4 critical. c: c1..c4 of 10 MW, c4 critical.
    d: one feeder of 5 MW behind a line of its own.
    """
    network = make_network(
        "small",
        100.0,
        True,
        {
            "substations": {
                "id": ["A", "B", "C", "D"],
                "name": ["A", "B", "C", "D"],
                "lon": [30.0, 30.5, 31.0, 31.5],
                "lat": 50.0,
            },
            "buses": {
                "id": ["a", "b", "c", "d"],
                "base_kv": 110.0,
                "substation": ["A", "B", "C", "D"],
            },
            "lines": {
                "id": ["ab", "bc", "cd"],
                "from_bus": ["a", "b", "c"],
                "to_bus": ["b", "c", "d"],
                "x_pu": 0.1,
                "rating_mva": [110.0, 50.0, 20.0],
                "rating_short_mva": [120.0, 60.0, 0.0],
            },
            "generators": {
                "id": ["g1", "g2"],
                "bus": ["a", "c"],
                "kind": ["thermal", "hydro"],
                "p_mw": [100.0, 5.0],
                "p_min_mw": [20.0, 0.0],
                "p_max_mw": [110.0, 10.0],
            },
            "loads": {"id": ["lb", "lc", "ld"], "bus": ["b", "c", "d"], "p_mw": [60, 40, 5]},
        },
    )
    districts = tuple(
        District(
            id=DistrictId(name),
            place=PlaceCode(name),
            oblast=PlaceCode("o"),
            name_uk=name,
            name_en=name,
            population=people,
            lon=30.0,
            lat=50.0,
            polygon={
                "type": "Polygon",
                "coordinates": [[[lon, 49], [lon + 1, 49], [lon + 1, 51], [lon, 51], [lon, 49]]],
            },
        )
        for name, people, lon in (("west", 6000, 29.7), ("east", 4500, 30.7))
    )
    demand = np.array([10, 20, 20, 10, 10, 10, 10, 10, 5], dtype=np.float64)
    feeders = Feeders(
        id=np.array(["b1", "b2", "b3", "b4", "c1", "c2", "c3", "c4", "d1"]),
        load=np.array([0, 0, 0, 0, 1, 1, 1, 1, 2], dtype=np.int32),
        district=np.array([0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=np.int32),
        place=np.array(["p"] * 9),
        queue=np.array(["1.1", "1.2", "2.1", "", "2.2", "3.1", "3.2", "", "4.1"]),
        demand_mw=demand,
        population=np.rint(demand * 100).astype(np.int32),
        is_critical=np.array([0, 0, 0, 1, 0, 0, 0, 1, 0], dtype=bool),
    )
    return Region(
        name="small",
        network=network,
        districts=districts,
        feeders=feeders,
        heat_sources=(),
        services=(),
        warm_points=(),
    )


@pytest.fixture(scope="session")
def small_case(small_region: Region) -> FlowCase:
    return build_case(small_region.network)
