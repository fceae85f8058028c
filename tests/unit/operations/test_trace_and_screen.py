from __future__ import annotations

from pathlib import Path

import pytest

from lightkeeper import operations
from lightkeeper.cli.show_cascade import show_screening, show_trace
from lightkeeper.errors import InputError
from lightkeeper.flow import LossKind, TripRule
from lightkeeper.region import read_region


@pytest.fixture
def weak(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two parallel lines of unlike ratings and a third without, from a unit to a load."""
    folder = tmp_path_factory.mktemp("weak")
    tables = {
        "network.toml": 'name = "weak"\nbase_mva = 100.0\nis_synthetic = true\n',
        "buses.csv": "id,base_kv\n1,330\n2,330\n",
        "lines.csv": "id,from_bus,to_bus,x_pu,rating_mva,rating_short_mva\n"
        "a,1,2,0.1,20,30\nb,1,2,0.1,40,0\nspare,1,2,0.1,0,0\n",
        "generators.csv": "id,bus,p_mw,p_max_mw\ng,1,90,200\n",
        "loads.csv": "id,bus,p_mw\nd,2,90\n",
    }
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("region")
    operations.synthesise(folder, seed=3, n_buses=150, country="UA", box="34.8,48.9,38.2,50.5")
    return str(folder)


def test_a_trace_tells_when_what_trips_and_why(weak: str) -> None:
    traced = operations.trace(weak, trip_rule=TripRule.TIMED_RELAYS, lose=["spare"])
    (one,) = traced.scenarios
    assert traced.is_exercise
    assert traced.seed is None
    assert one.lost == ("spare",)
    # 45 MW each; a has 15 MW too much on its short-time rating, b 5 MW on its only one.
    assert [(t.id, t.cause.value) for t in one.trips] == [
        ("a", "overload"),
        ("b", "overload"),
        ("g", "dead-island"),
    ]
    assert [t.time_s for t in one.trips] == pytest.approx([16.0, 20.5, 20.5])
    assert one.trips[0].loading_pu == pytest.approx(1.5)
    assert one.trips[2].output_mw == pytest.approx(90.0)
    assert one.lost_mw == {"no-supply": pytest.approx(90.0)}
    assert one.steps[-1].n_islands == 0


def test_a_screening_names_the_worst_losses(weak: str) -> None:
    single = operations.screen(weak, top=2)
    assert single.n_losses == 3 + 1 + 2
    assert single.is_complete
    # Without any loss line a (30 MW on 20) trips already, then b: the spare carries all.
    assert single.n_trips_before == 2
    assert single.unserved_before_mw == 0.0
    assert [(x.kinds, x.lost) for x in single.by_shed] == [
        ((LossKind.BRANCH,), ("spare",)),
        ((LossKind.UNIT,), ("g",)),
    ]
    assert single.by_shed[0].separated_people is None
    assert single.by_shed[0].unserved_mw == pytest.approx(90.0)
    assert single.by_shed[0].islands == ()
    pairs = operations.screen(weak, order=2)
    assert pairs.n_losses == 15
    # Three branches at either substation, the unit in one of them, and the unit with any branch,
    # after which nothing is left that could trip.
    assert pairs.n_bounded == 6 + 1 + 3
    branches = operations.screen(weak, order=2, kinds={LossKind.BRANCH})
    assert branches.n_losses == 3
    assert branches.n_bounded == 0
    stopped = operations.screen(weak, is_cancelled=lambda: True)
    assert not stopped.is_complete
    with pytest.raises(InputError):
        operations.screen(weak, order=3)


def test_people_are_those_of_the_feeders(region: str) -> None:
    found = operations.screen(region, top=3)
    (site, *_) = found.by_splitting
    assert site.separated_people is not None
    everyone = int(read_region(Path(region)).feeders.population.sum())
    people = [island.people or 0 for island in site.islands]
    assert max(people) + site.separated_people == everyone
    assert [x.separated_people or 0 for x in found.by_splitting] == sorted(
        (x.separated_people or 0 for x in found.by_splitting), reverse=True
    )


def test_a_screening_goes_on_from_its_checkpoint(weak: str, tmp_path: Path) -> None:
    file = tmp_path / "screening.npz"
    stopped = operations.screen(weak, order=2, checkpoint=file, is_cancelled=lambda: True)
    assert not stopped.is_complete
    whole = operations.screen(weak, order=2, checkpoint=file)
    assert whole == operations.screen(weak, order=2)
    lines = Path(weak) / "lines.csv"
    lines.write_text(lines.read_text("utf-8").replace("0.1,20,30", "0.1,25,30"), "utf-8")
    with pytest.raises(InputError, match="another network"):
        operations.screen(weak, order=2, checkpoint=file)


def test_both_can_be_read(weak: str) -> None:
    from rich.console import Console

    console = Console(record=True, width=200)
    show_trace(console, operations.trace(weak, trip_rule=TripRule.WORST_FIRST, lose=["spare"]))
    show_screening(console, operations.screen(weak))
    text = console.export_text()
    assert "branch a trips: overload, 225.0 % of its limit" in text
    assert "without any loss 2 branch(es) trip" in text
    assert "branch spare: unserved 90.0 MW" in text
