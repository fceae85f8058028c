from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.consequences import list_feeders_off
from lightkeeper.damage import DamageState, locally_off
from lightkeeper.flow import CascadeResult
from lightkeeper.region import Region

if TYPE_CHECKING:
    from tests.unit.consequences.conftest import MakeRun, Run

LOST = DamageState.DESTROYED


def shed_evenly(run: Run, share: float) -> CascadeResult:
    """The same flow with a share of every bus's demand unserved."""
    return replace(run.result, served_mw=run.result.demand_mw * (1 - share))


def test_nothing_hurt_nothing_off(make_run: MakeRun) -> None:
    run = make_run({})
    assert not list_feeders_off(run.region, run.ensemble, run.result, seed=1).any()


def test_dead_bus_takes_all_its_feeders(make_run: MakeRun) -> None:
    # "edge" feeds "field" too, but "field" keeps its transformer to the hub.
    run = make_run(
        {"substation:edge": LOST},
        {"line:hub-far": LOST},
        {"line:edge-field": LOST, "substation:hub": LOST},
    )
    off = list_feeders_off(run.region, run.ensemble, run.result, seed=1)
    assert np.flatnonzero(off[0]).tolist() == [6, 7, 8]
    assert np.flatnonzero(off[1]).tolist() == [12, 13, 14]
    assert off[2, 6:].all()  # no source east of the lost hub


def test_shortage_is_covered_by_whole_feeders(make_run: MakeRun, region: Region) -> None:
    run = make_run(*[{}] * 40)
    demand = region.feeders.demand_mw
    for share in (0.02, 0.1, 0.3, 0.55):
        result = shed_evenly(run, share)
        off = list_feeders_off(region, run.ensemble, result, seed=1)
        shed = off @ demand
        needed = share * demand.sum()
        assert (shed >= needed - 1e-2).all()
        assert (shed <= needed + demand.max()).all()


def test_services_go_last_and_turns_rotate(make_run: MakeRun, region: Region) -> None:
    run = make_run(*[{}] * 200)
    off = list_feeders_off(region, run.ensemble, shed_evenly(run, 0.1), seed=1)
    assert not off[:, region.feeders.is_critical].any()
    assert off[:, ~region.feeders.is_critical].any(axis=0).all()  # nobody is always spared
    assert not off.all(axis=0).any()  # nobody is always cut
    plain = region.feeders.demand_mw[~region.feeders.is_critical].sum()
    most = 1.05 * plain / region.feeders.demand_mw.sum()
    off = list_feeders_off(region, run.ensemble, shed_evenly(run, most), seed=1)
    assert off[:, ~region.feeders.is_critical].all()
    assert off[:, region.feeders.is_critical].any(axis=1).all()


def test_same_seed_same_feeders(make_run: MakeRun, region: Region) -> None:
    run = make_run(*[{}] * 30)
    result = shed_evenly(run, 0.2)
    first = list_feeders_off(region, run.ensemble, result, seed=1)
    assert np.array_equal(first, list_feeders_off(region, run.ensemble, result, seed=1))
    assert not np.array_equal(first, list_feeders_off(region, run.ensemble, result, seed=2))


def test_shed_only_where_the_flow_is_short(make_run: MakeRun, region: Region) -> None:
    run = make_run({})
    served = run.result.demand_mw.copy()
    served[:, 5] *= 0.9  # only "far" is short, by 10 of 100 MW
    off = list_feeders_off(region, run.ensemble, replace(run.result, served_mw=served), seed=1)
    assert off[0, 12:].sum() == 1
    assert not off[0, :12].any()


def test_load_without_feeders_bears_its_share(make_run: MakeRun, region: Region) -> None:
    run = make_run({})
    demand = run.result.demand_mw.copy()
    demand[:, 5] += 300.0  # an industry of 300 MW beside feeders of 100 MW
    served = demand.copy()
    served[:, 5] -= 100.0
    result = replace(run.result, demand_mw=demand, served_mw=served)
    off = list_feeders_off(region, run.ensemble, result, seed=1)
    # A quarter of 100 MW falls on feeders of 40, 30 and 30 MW: one of them.
    assert off[0, 12:].sum() == 1


def test_local_damage_stays_off(make_run: MakeRun, region: Region) -> None:
    run = make_run({"feeder:f3": LOST, "substation:north": DamageState.IMPAIRED})
    off = list_feeders_off(region, run.ensemble, run.result, seed=1)
    local = locally_off(run.ensemble.state, run.ensemble.estimate.assets, region)
    assert np.array_equal(off, local)
    assert np.flatnonzero(off[0]).tolist() == [0, 3]


def test_real_shortage(make_run: MakeRun, short_region: Region) -> None:
    """One plant lost: the flow sheds, and whole feeders cover it."""
    run = make_run({"power_plant:b": LOST}, region=short_region)
    unserved = float((run.result.demand_mw - run.result.served_mw).sum())
    assert unserved > 50
    off = list_feeders_off(short_region, run.ensemble, run.result, seed=1)
    shed = float(off[0] @ short_region.feeders.demand_mw)
    assert unserved - 1e-2 <= shed <= unserved + short_region.feeders.demand_mw.max()
    assert shed == pytest.approx(unserved, abs=40.0)
