from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightkeeper.damage import (
    Assets,
    Basis,
    DamageEnsemble,
    DamageEstimate,
    DamageState,
    list_assets,
    load_fragility,
)
from lightkeeper.errors import DataInvalid, InputError
from lightkeeper.flow import FlowCase
from lightkeeper.plans import (
    ReinforcementOptions,
    ReinforcementPlan,
    load_protection_costs,
    plan_reinforcement,
)
from lightkeeper.region.model import Region

OPTIONS = ReinforcementOptions(costs=load_protection_costs(), fragility=load_fragility())
N = 400


@pytest.fixture(scope="module")
def assets(small_region: Region) -> Assets:
    return list_assets(small_region)


def ensemble(
    assets: Assets, chance: dict[str, float], basis: Basis = Basis.INFERRED
) -> DamageEnsemble:
    """Each site named is destroyed with the chance given, in exactly that share of scenarios."""
    state = np.zeros((N, assets.id.size), np.uint8)
    probability = np.zeros((assets.id.size, 3))
    probability[:, 0] = 1.0
    for k, (asset, p) in enumerate(chance.items()):
        row = assets.id.tolist().index(asset)
        state[np.roll(np.arange(N) < round(p * N), 7 * k), row] = DamageState.DESTROYED
        probability[row] = [1 - p, 0.0, p]
    estimate = DamageEstimate(
        assets=assets,
        probability=probability,
        basis=np.full(assets.id.size, basis.value),
        incidents=tuple(() for _ in assets.id),
        model="test",
    )
    return DamageEnsemble(
        estimate=estimate,
        state=state,
        weight=np.full(N, 1 / N),
        effective_sample_size=float(N),
        seed=0,
        observations=(),
        notes=(),
    )


def plan(region: Region, case: FlowCase, drawn: DamageEnsemble, budget: float) -> ReinforcementPlan:
    return plan_reinforcement(region, case, drawn, budget=budget, options=OPTIONS)


def test_expected_unserved_is_that_of_the_ensemble(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    # D (5 MW) is lost in a fifth of the scenarios: 5 * 0.2 * 24 = 24 MWh.
    found = plan(small_region, small_case, ensemble(assets, {"substation:D": 0.2}), 0.0)
    assert found.expected_unserved_mwh == pytest.approx(24.0)
    assert found.expected_unserved_after_mwh == pytest.approx(24.0)
    assert (found.chosen, found.spent) == ((), 0.0)


def test_the_site_with_more_at_stake_comes_first(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    drawn = ensemble(assets, {"substation:B": 0.1, "substation:D": 0.1})
    found = plan(small_region, small_case, drawn, 1.0)
    assert [c.asset for c in found.chosen] == ["substation:B"]
    assert (found.chosen[0].from_level, found.chosen[0].to_level) == (0, 1)


def test_figures_add_up_and_spending_more_avoids_more(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    drawn = ensemble(assets, {"substation:B": 0.2, "substation:C": 0.2, "substation:D": 0.2})
    after = []
    for budget in (0.0, 1.0, 3.0, 14.0, 240.0):
        found = plan(small_region, small_case, drawn, budget)
        assert found.spent <= budget
        avoided = sum(c.avoided_mwh for c in found.chosen)
        assert found.expected_unserved_mwh - avoided == pytest.approx(
            found.expected_unserved_after_mwh
        )
        after.append(found.expected_unserved_after_mwh)
    assert after == sorted(after, reverse=True)
    assert after[-1] < 0.6 * after[0]


def test_thinning_leaves_the_share_the_fragility_table_says(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    # From level 0 to 3: hurt 0.35 as often; of those destroyed 0.1 / 0.45 stay so, and an impaired
    # D (one feeder, none dropped) loses nothing.
    drawn = ensemble(assets, {"substation:D": 0.5})
    found = plan(small_region, small_case, drawn, 80.0)
    assert found.chosen[-1].to_level == 3
    left = found.expected_unserved_after_mwh / found.expected_unserved_mwh
    assert left == pytest.approx(0.35 * 0.1 / 0.45, abs=4 * np.sqrt(0.08 / (0.5 * N)))


def test_standard_error_is_that_of_paired_differences(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    found = plan(small_region, small_case, ensemble(assets, {"substation:D": 0.5}), 1.0)
    only = found.chosen[0]
    # Each spared scenario saves 5 MW * 24 h; the differences are 0 or 120.
    share = only.avoided_mwh / 120.0
    assert only.avoided_standard_error_mwh == pytest.approx(
        120.0 * np.sqrt(share * (1 - share) / N)
    )


def test_inspected_sites_are_left_out(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    drawn = ensemble(assets, {"substation:B": 1.0}, Basis.INSPECTION)
    assert plan(small_region, small_case, drawn, 100.0).chosen == ()


def test_fully_protected_sites_are_left_out(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    full = replace(assets, protection_level=np.full(assets.id.size, 3, np.int32))
    assert plan(small_region, small_case, ensemble(full, {"substation:B": 0.5}), 100.0).chosen == ()


def test_a_negative_budget_is_refused(
    small_region: Region, small_case: FlowCase, assets: Assets
) -> None:
    with pytest.raises(InputError, match="budget"):
        plan(small_region, small_case, ensemble(assets, {}), -1.0)


def test_every_fault_of_a_cost_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "costs.toml"
    path.write_text("[cost]\nlevel_1 = 0\nlevel_2 = 2\n", "utf-8")
    with pytest.raises(DataInvalid) as fault:
        load_protection_costs(path)
    assert [p.where.rsplit(", ")[1] for p in fault.value.problems] == [
        "cost.level_1",
        "cost.level_3",
    ]
