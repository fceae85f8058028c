from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightkeeper.region import (
    DistrictId,
    FeederId,
    HeatSourceKind,
    PlaceCode,
    Region,
    SynthOptions,
    make_region,
    validate_region,
)

Change = Callable[[Region], Region]


def district(row: int, **fields: object) -> Change:
    def change(region: Region) -> Region:
        districts = list(region.districts)
        districts[row] = replace(districts[row], **fields)  # type: ignore[arg-type]
        return replace(region, districts=tuple(districts))

    return change


def feeder(name: str, row: int, value: object) -> Change:
    def change(region: Region) -> Region:
        array = getattr(region.feeders, name).copy()
        array[row] = value
        return replace(region, feeders=replace(region.feeders, **{name: array}))

    return change


def service(**fields: object) -> Change:
    return lambda r: replace(r, services=(replace(r.services[0], **fields),))  # type: ignore[arg-type]


def heat(**fields: object) -> Change:
    return lambda r: replace(r, heat_sources=(replace(r.heat_sources[0], **fields),))  # type: ignore[arg-type]


def warm(**fields: object) -> Change:
    return lambda r: replace(r, warm_points=(replace(r.warm_points[0], **fields),))  # type: ignore[arg-type]


def need(**fields: object) -> Change:
    return lambda r: replace(r, dependencies=(replace(r.dependencies[0], **fields),))  # type: ignore[arg-type]


def homes(**fields: object) -> Change:
    return lambda r: replace(r, homes=(replace(r.homes[0], **fields),))  # type: ignore[arg-type]


def mobile(**fields: object) -> Change:
    return lambda r: replace(r, mobile_units=(replace(r.mobile_units[0], **fields),))  # type: ignore[arg-type]


def cold(row: int, **fields: object) -> Change:
    def change(region: Region) -> Region:
        points = list(region.temperatures)
        points[row] = replace(points[row], **fields)  # type: ignore[arg-type]
        return replace(region, temperatures=tuple(points))

    return change


def ring(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[list(p) for p in points]]}


BOW = ring((37, 49), (38, 50), (38, 49), (37, 50), (37, 49))
OVER = ring((36.5, 49), (38, 49), (38, 50), (36.5, 50), (36.5, 49))
METRES = ring((370000, 49), (380000, 49), (380000, 50), (370000, 49))
LINE: dict[str, object] = {"type": "LineString", "coordinates": [[37, 49], [38, 50]]}
BROKEN: dict[str, object] = {"type": "Polygon", "coordinates": [[["a"]]]}


def test_a_sound_region_has_no_problem(small_region: Region) -> None:
    assert validate_region(small_region) == []


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (need(supplier="f9"), 'dependency "n1"', 'supplier is "f9", which is no service'),
        (need(dependent="x"), 'dependency "n1"', 'dependent is "x", which is no service'),
        (need(supplier="h1"), 'dependency "n1"', '"h1" needs itself'),
        (need(buffer_h=-1.0), 'dependency "n1"', "buffer_h is -1.0"),
        (service(id="h1"), 'heat source "h1"', "has the id of a row of services.csv"),
        (mobile(power_mw=0.0), 'mobile unit "v1"', "has no power"),
        (mobile(kind="fuel", energy_mwh=0.0), 'mobile unit "v1"', "is fuel without energy"),
        (homes(district="no"), 'home group "m1"', 'district is "no"'),
        (cold(1, district=""), 'temperature "t1"', "gives hour 0 again"),
        (cold(1, district="no"), 'temperature "t1"', 'district is "no"'),
        (cold(0, outdoor_c=99.0), 'temperature "t0"', "outdoor_c is 99.0"),
        (feeder("load", 1, 5), 'feeder "f2"', "load is row 5; there are 2 loads"),
        (feeder("load", 1, -1), 'feeder "f2"', "load is row -1"),
        (feeder("district", 3, 2), 'feeder "f4"', "district is row 2"),
        (feeder("queue", 1, "7.1"), 'feeder "f2"', 'queue is "7.1"'),
        (feeder("queue", 0, "1.2"), 'feeder "f1"', "supplies a service and stands in queue 1.2"),
        (feeder("queue", 0, "1.2"), 'service "s1"', "which stands in queue 1.2"),
        (feeder("is_critical", 0, False), 'service "s1"', "is not marked critical"),
        (feeder("demand_mw", 1, 3.2), 'load "d1"', "its feeders draw 5.200 MW, p_mw is 5.000"),
        (feeder("demand_mw", 1, np.nan), 'load "d1"', "its feeders draw nan MW"),
        (feeder("demand_mw", 2, -1.5), 'feeder "f3"', "demand_mw is -1.5"),
        (feeder("population", 2, -7), 'feeder "f3"', "population is -7"),
        (feeder("id", 2, "f1"), 'feeder "f1"', "comes 2 times"),
        (service(district=DistrictId("izium")), 'service "s1"', 'its feeder in "kharkiv"'),
        (service(district=DistrictId("x")), 'service "s1"', 'district is "x", which is not in'),
        (service(feeder=FeederId("f9")), 'service "s1"', 'feeder is "f9", which is not in'),
        (service(backup_h=-1.0), 'service "s1"', "backup_h is -1.0"),
        (service(backup_h=np.nan), 'service "s1"', "backup_h is nan"),
        (heat(plant="CHP 2"), 'heat source "h1"', 'plant "CHP 2" is not in generators.csv'),
        (heat(kind=HeatSourceKind.BOILER_HOUSE), 'heat source "h1"', "is a boiler_house with"),
        (heat(feeder=FeederId("f9")), 'heat source "h1"', 'feeder is "f9"'),
        (heat(districts=()), 'heat source "h1"', "warms no district"),
        (heat(districts=(DistrictId("x"),)), 'heat source "h1"', 'districts is "x"'),
        (warm(district=DistrictId("x")), 'warm point "w1"', 'district is "x"'),
        (warm(capacity=-1), 'warm point "w1"', "capacity is -1"),
        (warm(lat=95.0), 'warm point "w1"', "lat is 95.0"),
        (district(0, population=-5), 'district "kharkiv"', "population is -5"),
        (district(0, id=DistrictId("")), 'district ""', "has no id"),
        (district(1, polygon=BOW), 'district "izium"', "is not valid: Self-intersection"),
        (district(1, polygon=LINE), 'district "izium"', "its geometry is LineString"),
        (district(1, polygon=BROKEN), 'district "izium"', "cannot be read"),
        (district(1, polygon=METRES), 'district "izium"', "not in degrees"),
        (district(1, polygon=OVER), 'district "izium"', 'overlaps district "kharkiv" by 50%'),
        (
            district(1, place=PlaceCode("UA63120270010096107")),
            'district "izium"',
            "2 districts stand for place",
        ),
        (lambda r: replace(r, districts=()), "region", "has no district"),
    ],
)
def test_each_error_is_found(small_region: Region, change: Change, where: str, what: str) -> None:
    problems = validate_region(change(small_region))
    hits = [p for p in problems if p.where == where and what in p.what]
    assert hits, problems
    assert all(p.mend and not p.is_warning for p in hits)


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (feeder("queue", 1, ""), 'feeder "f2"', "stands in no queue and is not critical"),
        (service(demand_mw=2.5), 'feeder "f1"', "draws 2.000 MW, its services 2.500 MW"),
        (heat(population=10_000), 'heat source "h1"', "warms 10000 people"),
        (district(0, population=6000), 'district "kharkiv"', "has 6000 people, its feeders 5000"),
        (district(0, lon=37.5), 'district "kharkiv"', "lies outside its polygon"),
        (homes(population=9000), 'district "izium"', "has 4000 people, its homes 9000"),
        (heat(districts=("kharkiv",)), 'home group "m1"', "no heat source warms district"),
    ],
)
def test_what_is_only_worth_a_look(
    small_region: Region, change: Change, where: str, what: str
) -> None:
    problems = validate_region(change(small_region))
    assert [(p.where, p.is_warning) for p in problems] == [(where, True)]
    assert what in problems[0].what


def test_errors_come_before_warnings(small_region: Region) -> None:
    broken = feeder("queue", 1, "")(service(backup_h=-1.0)(small_region))
    assert [p.is_warning for p in validate_region(broken)] == [False, True]


def test_a_synthetic_region_has_no_error() -> None:
    region = make_region(SynthOptions(n_buses=120, bounding_box=(35.0, 49.0, 37.5, 50.5)))
    assert [p for p in validate_region(region) if not p.is_warning] == []
