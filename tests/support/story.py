"""A region of a few feeders, services and heat sources, told in words: who needs what from whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict

import numpy as np

from lightkeeper.consequences.supply import PlantBalance, Supply, SupplyPiece, make_supply
from lightkeeper.grid import make_network
from lightkeeper.region import (
    Dependency,
    District,
    DistrictId,
    FeederId,
    Feeders,
    HeatSource,
    HeatSourceKind,
    HomeGroup,
    Need,
    OutdoorHour,
    PlaceCode,
    Region,
    Service,
    ServiceKind,
)

FEEDER_MW, FEEDER_PEOPLE = 10.0, 1000
DISTRICT = DistrictId("town")


class Story(TypedDict):
    """`[[services]]`, `[[sources]]` and `[[needs]]` of a case; feeders are those that are named."""

    feeders: list[str]
    services: NotRequired[list[dict[str, str | float]]]
    sources: NotRequired[list[dict[str, str | float]]]
    needs: NotRequired[list[dict[str, str | float]]]


class Happening(TypedDict):
    """What is off from when on, and what is damaged; `plants` share one island with all feeders."""

    pieces: list[dict[str, float | list[str]]]
    damaged: NotRequired[list[str]]
    plants: NotRequired[dict[str, list[float]]]
    island_room_mw: NotRequired[float]


def make_story(story: Story) -> Region:
    """One district, one bus for each feeder; each feeder draws 10 MW and supplies 1,000 people."""
    names = story["feeders"]
    n = len(names)
    network = make_network(
        "story",
        100.0,
        True,
        {
            "buses": {"id": [f"b-{name}" for name in names], "base_kv": 110.0},
            "lines": {
                "id": [f"l{k}" for k in range(n - 1)],
                "from_bus": [f"b-{name}" for name in names[:-1]],
                "to_bus": [f"b-{name}" for name in names[1:]],
                "x_pu": 0.1,
            },
            "generators": {"id": ["g"], "bus": [f"b-{names[0]}"], "p_max_mw": [100.0 * n]},
            "loads": {
                "id": [f"d-{name}" for name in names],
                "bus": [f"b-{name}" for name in names],
                "p_mw": FEEDER_MW,
            },
        },
    )
    services, sources = story.get("services", []), story.get("sources", [])
    return Region(
        name="story",
        network=network,
        districts=(
            District(
                id=DISTRICT,
                place=PlaceCode("T"),
                oblast=PlaceCode("O"),
                name_uk="Місто",
                name_en="Town",
                population=n * FEEDER_PEOPLE,
                lon=0.5,
                lat=0.5,
                polygon={
                    "type": "Polygon",
                    "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]],
                },
            ),
        ),
        feeders=Feeders(
            id=np.array(names),
            load=np.arange(n, dtype=np.int32),
            district=np.zeros(n, dtype=np.int32),
            place=np.full(n, ""),
            queue=np.full(n, "1.1"),
            demand_mw=np.full(n, FEEDER_MW),
            population=np.full(n, FEEDER_PEOPLE, dtype=np.int32),
            is_critical=np.zeros(n, dtype=np.bool_),
        ),
        heat_sources=tuple(
            HeatSource(
                id=str(s["id"]),
                name=str(s["id"]),
                kind=HeatSourceKind(str(s.get("kind", "boiler_house"))),
                plant="",
                feeder=FeederId(str(s["feeder"])) if "feeder" in s else None,
                districts=(DISTRICT,),
                population=int(s.get("population", 500)),
                lon=0.5,
                lat=0.5,
                backup_h=float(s.get("backup_h", 0.0)),
            )
            for s in sources
        ),
        services=tuple(
            Service(
                id=str(s["id"]),
                name=str(s["id"]),
                kind=ServiceKind(str(s["kind"])),
                district=DISTRICT,
                feeder=FeederId(str(s["feeder"])),
                backup_h=float(s.get("backup_h", 0.0)),
                demand_mw=0.0,
                lon=0.5,
                lat=0.5,
            )
            for s in services
        ),
        warm_points=(),
        dependencies=tuple(
            Dependency(
                id=f"n{k}",
                dependent=str(need["dependent"]),
                need=Need(str(need["need"])),
                supplier=str(need["supplier"]),
                buffer_h=float(need.get("buffer_h", 0.0)),
            )
            for k, need in enumerate(story.get("needs", []))
        ),
    )


def with_cold(region: Region, homes: Sequence[HomeGroup], outdoor_c: Mapping[int, float]) -> Region:
    """The same region with homes and outdoor temperatures by the hour."""
    return replace(
        region,
        homes=tuple(homes),
        temperatures=tuple(
            OutdoorHour(id=f"t{hour}", district="", hour=hour, outdoor_c=value)
            for hour, value in outdoor_c.items()
        ),
    )


def make_happening(region: Region, happenings: Sequence[Happening]) -> Supply:
    """The supply of one scenario for each happening; all have pieces at the same hours."""
    row = {str(f): k for k, f in enumerate(region.feeders.id)}
    source = {s.id: k for k, s in enumerate(region.heat_sources)}
    n, n_f = len(happenings), len(row)
    share = np.ones((n, len(source)))
    plants = sorted({source[p] for h in happenings for p in h.get("plants", {})})
    power, room = np.zeros((n, len(plants))), np.zeros((n, len(plants)))
    island_room = np.zeros((n, len(plants)))
    for s, happening in enumerate(happenings):
        for name in happening.get("damaged", []):
            share[s, source[name]] = 0.0
        for name, (mw, room_mw) in happening.get("plants", {}).items():
            at = plants.index(source[name])
            power[s, at], room[s, at] = mw, room_mw
        island_room[s] = happening.get("island_room_mw", 0.0)
    balance = None
    if plants:
        balance = PlantBalance(
            source=np.array(plants, dtype=np.int32),
            power_mw=power,
            room_mw=room,
            island=np.zeros((n, len(plants)), dtype=np.int32),
            island_room_mw=island_room,
            bus_island=np.zeros((n, n_f), dtype=np.int32),
            turn=np.zeros(n, dtype=np.int32),
        )
    pieces = []
    for k in range(len(happenings[0]["pieces"])):
        off = np.zeros((n, n_f), dtype=np.bool_)
        for s, happening in enumerate(happenings):
            names = happening["pieces"][k].get("off", [])
            assert isinstance(names, list)
            for name in names:
                off[s, row[name]] = True
        from_h = happenings[0]["pieces"][k]["from_h"]
        assert isinstance(from_h, int | float)
        pieces.append(
            SupplyPiece(from_h=float(from_h), feeder_off=off, source_share=share, plants=balance)
        )
    return make_supply(pieces)
