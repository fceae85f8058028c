from __future__ import annotations

import numpy as np
import pytest

from lightkeeper.grid import make_network
from lightkeeper.region import (
    BuildingType,
    Dependency,
    District,
    DistrictId,
    FeederId,
    Feeders,
    Gazetteer,
    HeatingKind,
    HeatSource,
    HeatSourceKind,
    HomeGroup,
    MobileKind,
    MobileUnit,
    Need,
    OutdoorHour,
    PlaceCode,
    Region,
    Service,
    ServiceKind,
    WarmPoint,
    WarmPointKind,
    load_gazetteer,
)

KHARKIV_OBLAST = PlaceCode("UA63000000000041885")
KHARKIV = PlaceCode("UA63120270010096107")
IZIUM_RAION = PlaceCode("UA63040000000023521")


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def square(west: float, south: float) -> dict[str, object]:
    east, north = west + 1, south + 1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def small_region() -> Region:
    """Two districts, two loads, four feeders, of which one supplies a hospital."""
    network = make_network(
        "small",
        100.0,
        True,
        {
            "buses": {"id": ["b1", "b2"], "base_kv": 110.0},
            "lines": {"id": ["l"], "from_bus": ["b1"], "to_bus": ["b2"], "x_pu": [0.1]},
            "generators": {"id": ["g"], "plant": ["CHP 1"], "bus": ["b1"], "p_max_mw": [20.0]},
            "loads": {"id": ["d1", "d2"], "bus": ["b1", "b2"], "p_mw": [5.0, 4.0]},
        },
    )
    kharkiv, izium = DistrictId("kharkiv"), DistrictId("izium")
    return Region(
        name="Мала область",
        network=network,
        districts=(
            District(
                id=kharkiv,
                place=KHARKIV,
                oblast=KHARKIV_OBLAST,
                name_uk="Харків",
                name_en="Kharkiv",
                population=5000,
                lon=36.5,
                lat=49.5,
                polygon=square(36.0, 49.0),
            ),
            District(
                id=izium,
                place=IZIUM_RAION,
                oblast=KHARKIV_OBLAST,
                name_uk="Ізюмський район",
                name_en="Izium Raion",
                population=4000,
                lon=37.5,
                lat=49.5,
                polygon=square(37.0, 49.0),
            ),
        ),
        feeders=Feeders(
            id=np.array(["f1", "f2", "f3", "f4"]),
            load=np.array([0, 0, 1, 1], dtype=np.int32),
            district=np.array([0, 0, 1, 1], dtype=np.int32),
            place=np.array([KHARKIV, KHARKIV, "", ""]),
            queue=np.array(["", "1.1", "6.2", "3.1"]),
            demand_mw=np.array([2.0, 3.0, 1.5, 2.5]),
            population=np.array([2000, 3000, 1500, 2500], dtype=np.int32),
            is_critical=np.array([True, False, False, False]),
        ),
        heat_sources=(
            HeatSource(
                id="h1",
                name="CHP, north",
                kind=HeatSourceKind.CHP,
                plant="CHP 1",
                feeder=None,
                districts=(kharkiv, izium),
                population=3000,
                lon=36.2,
                lat=49.9,
            ),
        ),
        services=(
            Service(
                id="s1",
                name='Лікарня "Перша"',
                kind=ServiceKind.HOSPITAL,
                district=kharkiv,
                feeder=FeederId("f1"),
                backup_h=12.0,
                demand_mw=0.5,
                lon=36.25,
                lat=49.95,
            ),
        ),
        warm_points=(
            WarmPoint(
                id="w1",
                name="Школа 5",
                kind=WarmPointKind.WARM_POINT,
                district=izium,
                capacity=80,
                lon=37.3,
                lat=49.2,
            ),
        ),
        dependencies=(
            Dependency(id="n1", dependent="h1", need=Need.POWER, supplier="f2", buffer_h=0.5),
            Dependency(id="n2", dependent="s1", need=Need.WATER, supplier="h1", buffer_h=8.0),
        ),
        homes=(
            HomeGroup(
                id="m1",
                district=izium,
                type=BuildingType.BRICK,
                heating=HeatingKind.DISTRICT,
                population=1200,
            ),
        ),
        temperatures=(
            OutdoorHour(id="t0", district="", hour=0, outdoor_c=-5.5),
            OutdoorHour(id="t1", district=izium, hour=0, outdoor_c=-8.0),
        ),
        mobile_units=(
            MobileUnit(
                id="v1",
                name="Дизель 1",
                kind=MobileKind.GENERATOR,
                power_mw=0.5,
                energy_mwh=12.0,
                ready_h=1.5,
                lon=36.2,
                lat=50.0,
            ),
        ),
    )
