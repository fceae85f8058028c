from __future__ import annotations

from typing import TYPE_CHECKING

from lightkeeper.consequences import assess, find_representative, list_feeders_off
from lightkeeper.damage import DamageState

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun

LOST = DamageState.DESTROYED


def chosen(make_run: MakeRun, *damage: dict[str, DamageState], weight: tuple[float, ...]) -> int:
    run = make_run(*damage, weight=weight)
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    return find_representative(
        run.ensemble, assess(run.region, run.ensemble, run.result, off, (), ())
    )


def test_middle_of_the_ensemble(make_run: MakeRun) -> None:
    damage: tuple[dict[str, DamageState], ...] = (
        {"substation:far": LOST, "substation:north": LOST},
        {},
        {"feeder:f12": LOST},
    )
    assert chosen(make_run, *damage, weight=(1.0, 1.0, 1.0)) == 2
    assert chosen(make_run, *damage, weight=(0.1, 0.8, 0.1)) == 1
    assert chosen(make_run, *damage, weight=(0.8, 0.1, 0.1)) == 0


def test_ordinary_district_by_district(make_run: MakeRun) -> None:
    """Two scenarios darken 3,000 people; the one where most do so is taken."""
    damage: tuple[dict[str, DamageState], ...] = (
        {"feeder:f2": LOST},
        {"feeder:f13": LOST},
        {"feeder:f13": LOST, "heat_source:boiler": LOST},
    )
    assert chosen(make_run, *damage, weight=(0.34, 0.33, 0.33)) == 1


def test_scenario_of_no_weight_is_never_taken(make_run: MakeRun) -> None:
    damage: tuple[dict[str, DamageState], ...] = (
        {},
        {"feeder:f12": LOST},
        {"substation:far": LOST},
    )
    assert chosen(make_run, *damage, weight=(1.0, 0.0, 1.0)) == 0
