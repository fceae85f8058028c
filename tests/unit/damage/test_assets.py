from __future__ import annotations

from dataclasses import replace

import numpy as np

from lightkeeper.damage import AssetKind, asset_rows, list_assets, local_supply
from lightkeeper.damage.assets import heat_source_plants, plant_units
from lightkeeper.grid.build import make_network
from lightkeeper.region import Region


def test_lists_every_kind_in_order(region: Region) -> None:
    assets = list_assets(region)
    sizes = {kind: asset_rows(assets, kind).size for kind in AssetKind}
    assert sizes == {
        AssetKind.SUBSTATION: 6,
        AssetKind.POWER_PLANT: 2,
        AssetKind.LINE: 6,
        AssetKind.FEEDER: 15,
        AssetKind.HEAT_SOURCE: 2,
    }
    assert len(set(assets.id.tolist())) == assets.id.size
    for kind in AssetKind:
        assert (np.diff(asset_rows(assets, kind)) == 1).all()
    plants = asset_rows(assets, AssetKind.POWER_PLANT)
    assert assets.name[plants].tolist() == ["station", "chp"]
    assert assets.element[plants].tolist() == [0, 2]


def test_substation_belongs_to_the_district_it_feeds_most(region: Region) -> None:
    assets = list_assets(region)
    sites = asset_rows(assets, AssetKind.SUBSTATION)
    # "edge" stands in the city and feeds 1,500 people there, 2,500 in the raion.
    assert assets.district[sites].tolist() == [0, 0, 0, 1, 1, 2]
    assert assets.protection_level[sites].tolist() == [0, 0, 2, 0, 0, 0]


def test_what_lies_nowhere_has_no_district(region: Region) -> None:
    lines = asset_rows(list_assets(region), AssetKind.LINE)
    # The middle of hub-far is at latitude 49.7, between the districts' squares.
    assert list_assets(region).district[lines].tolist() == [0, 0, 0, 0, 1, -1]


def test_impaired_substation_drops_half_rounded_down_services_last(region: Region) -> None:
    supply = local_supply(region)
    dropped = {f"f{k}" for k in np.flatnonzero(supply.is_off_when_impaired)}
    assert dropped == {"f0", "f3", "f6", "f9", "f12"}
    assert not (supply.is_off_when_impaired & region.feeders.is_critical).any()
    assert supply.substation.tolist() == [k for k in range(1, 6) for _ in range(3)]


def test_units_and_heat_of_plants(region: Region) -> None:
    assets = list_assets(region)
    station, chp = asset_rows(assets, AssetKind.POWER_PLANT)
    rows, units = plant_units(region, assets)
    assert rows.tolist() == [station, station, chp]
    assert units.tolist() == [0, 1, 2]
    heat = asset_rows(assets, AssetKind.HEAT_SOURCE)
    assert heat_source_plants(region, assets) == [(heat[0], chp)]


def test_network_without_sites_or_plants(region: Region) -> None:
    bare = make_network(
        "bare",
        100.0,
        True,
        {
            "buses": {"id": ["a", "b"], "base_kv": 110.0},
            "lines": {"id": ["l"], "from_bus": ["a"], "to_bus": ["b"], "x_pu": [0.1]},
            "generators": {"id": ["g"], "plant": [""], "bus": ["a"], "p_max_mw": [10.0]},
            "loads": {"id": ["d"], "bus": ["b"], "p_mw": [5.0]},
        },
    )
    columns = ("id", "district", "place", "queue", "demand_mw", "population", "is_critical")
    feeders = replace(
        region.feeders,
        **{name: getattr(region.feeders, name)[:2] for name in columns},
        load=np.zeros(2, dtype=np.int32),
    )
    alone = replace(region, network=bare, feeders=feeders, heat_sources=(), services=())
    assets = list_assets(alone)
    assert assets.id.tolist() == ["power_plant:g", "line:l", "feeder:f0", "feeder:f1"]
    assert assets.district.tolist() == [-1, -1, 0, 0]
    assert not local_supply(alone).is_off_when_impaired.any()
