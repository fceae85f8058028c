from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.errors import RegionInvalid
from lightkeeper.grid import make_network
from lightkeeper.region import (
    QUEUES,
    District,
    DistrictId,
    Feeders,
    PlaceCode,
    Region,
    read_region,
    write_region,
)

SQUARE = {"type": "Polygon", "coordinates": [[[30, 50], [31, 50], [31, 51], [30, 51], [30, 50]]]}
SAFE = st.from_regex(r"""[aЇ'",;5=]([aЇ'",;#5= ]*[aЇ'",;#5=])?""", fullmatch=True)
ODD = st.text(alphabet="a|#\t\n ", max_size=3)
TEXT = st.one_of(SAFE, SAFE, SAFE, SAFE, ODD)


@given(
    name=TEXT,
    district=TEXT,
    feeder=TEXT,
    demand_mw=st.floats(0.0, 50.0),
    lon=st.floats(30.0, 31.0),
    queue=st.sampled_from(QUEUES),
)
@settings(max_examples=60, deadline=None)
def test_a_region_reads_back_the_same_or_is_not_written(
    name: str, district: str, feeder: str, demand_mw: float, lon: float, queue: str
) -> None:
    network = make_network(
        "n",
        100.0,
        True,
        {
            "buses": {"id": ["b"], "base_kv": 110.0},
            "generators": {"id": ["g"], "bus": ["b"], "p_max_mw": [60.0]},
            "loads": {"id": ["d"], "bus": ["b"], "p_mw": [demand_mw]},
        },
    )
    region = Region(
        name=name,
        network=network,
        districts=(
            District(
                id=DistrictId(district),
                place=PlaceCode("X1"),
                oblast=PlaceCode("X"),
                name_uk=name,
                name_en="D",
                population=7,
                lon=lon,
                lat=50.5,
                polygon=SQUARE,
            ),
        ),
        feeders=Feeders(
            id=np.array([feeder]),
            load=np.zeros(1, dtype=np.int32),
            district=np.zeros(1, dtype=np.int32),
            place=np.array([""]),
            queue=np.array([queue]),
            demand_mw=np.array([demand_mw]),
            population=np.array([7], dtype=np.int32),
            is_critical=np.zeros(1, dtype=np.bool_),
        ),
        heat_sources=(),
        services=(),
        warm_points=(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "region"
        try:
            write_region(region, path)
        except RegionInvalid:
            assert not path.exists()
            return
        again = read_region(path)
    assert again.name == name
    assert again.districts == region.districts
    assert again.feeders.id.tolist() == [feeder]
    assert again.feeders.demand_mw.tolist() == [demand_mw]
    assert again.feeders.queue.tolist() == [queue]
