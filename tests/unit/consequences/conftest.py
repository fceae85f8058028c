"""The small region of the damage tests, and an ensemble and flow made by hand from it."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lightkeeper.damage import (
    DamageEnsemble,
    DamageState,
    Observation,
    estimate_damage,
    list_assets,
    to_scenarios,
)
from lightkeeper.flow import CascadeResult, FlowCase, Scenarios, build_case, run_cascade
from lightkeeper.region import Gazetteer, Region

if TYPE_CHECKING:
    from tests.unit.damage import conftest as small
    from tests.unit.damage.conftest import Tell


def _small_region() -> ModuleType:
    path = Path(__file__).parents[1] / "damage" / "conftest.py"
    spec = importlib.util.spec_from_file_location("small_region", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while they are made.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if not TYPE_CHECKING:
    small = _small_region()

region = small.region
gazetteer = small.gazetteer
tell = small.tell


@dataclass(frozen=True)
class Run:
    """An ensemble, what the flow makes of it, and what both were made from."""

    region: Region
    ensemble: DamageEnsemble
    case: FlowCase
    scenarios: Scenarios
    result: CascadeResult


class MakeRun:
    """Run scenarios given as {asset id: state}, each with a weight."""

    def __init__(self, region: Region, gazetteer: Gazetteer) -> None:
        self.region = region
        self.gazetteer = gazetteer

    def __call__(
        self,
        *damage: dict[str, DamageState],
        weight: tuple[float, ...] | None = None,
        observations: tuple[Observation, ...] = (),
        region: Region | None = None,
    ) -> Run:
        region = region or self.region
        assets = list_assets(region)
        row_of = {str(a): row for row, a in enumerate(assets.id)}
        state = np.zeros((len(damage), assets.id.size), dtype=np.uint8)
        for s, change in enumerate(damage):
            for asset, value in change.items():
                state[s, row_of[asset]] = value
        share = np.array(weight or [1.0] * len(damage))
        share = share / share.sum()
        ensemble = DamageEnsemble(
            estimate=estimate_damage(region, assets, (), (), self.gazetteer),
            state=state,
            weight=share,
            effective_sample_size=float(1 / (share**2).sum()),
            seed=1,
            observations=observations,
            notes=(),
        )
        case = build_case(region.network)
        scenarios = to_scenarios(ensemble, region, case)
        return Run(region, ensemble, case, scenarios, run_cascade(case, scenarios))


@pytest.fixture(scope="session")
def make_run(region: Region, gazetteer: Gazetteer) -> MakeRun:
    return MakeRun(region, gazetteer)


@pytest.fixture(scope="session")
def short_region(region: Region) -> Region:
    """The same region without its tie, and with little more generation than it needs."""
    generators = replace(
        region.network.generators,
        p_max_mw=np.array([150.0, 120.0, 45.0]),
        plant=np.array(["a", "b", "chp"]),
    )
    ties = replace(region.network.ties, in_service=np.array([False]))
    return replace(region, network=replace(region.network, generators=generators, ties=ties))


__all__ = ["MakeRun", "Run", "Tell", "gazetteer", "make_run", "region", "short_region", "tell"]
