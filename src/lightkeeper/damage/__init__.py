"""Damage: for each asset a probability over states, where it comes from, and drawn scenarios."""

from lightkeeper.damage.apply import locally_off, scenarios_of_states, to_scenarios
from lightkeeper.damage.assets import LocalSupply, asset_rows, list_assets, local_supply
from lightkeeper.damage.estimate import estimate_damage
from lightkeeper.damage.fragility import EffectClass, FragilityTable, load_fragility
from lightkeeper.damage.groups import merge_observations
from lightkeeper.damage.lists import (
    CallOptions,
    parse_call_counts,
    parse_feeder_list,
    parse_inspections,
    read_call_counts,
    read_feeder_list,
)
from lightkeeper.damage.model import (
    AssetId,
    AssetKind,
    Assets,
    Basis,
    DamageEnsemble,
    DamageEstimate,
    DamageState,
    Inspection,
    InspectionStage,
    InspectionStep,
    Observation,
    SupplyState,
)
from lightkeeper.damage.observe import observe_incidents
from lightkeeper.damage.places import find_districts
from lightkeeper.damage.posterior import posterior_estimate, reweight
from lightkeeper.damage.sample import draw_scenarios

__all__ = [
    "AssetId",
    "AssetKind",
    "Assets",
    "Basis",
    "CallOptions",
    "DamageEnsemble",
    "DamageEstimate",
    "DamageState",
    "EffectClass",
    "FragilityTable",
    "Inspection",
    "InspectionStage",
    "InspectionStep",
    "LocalSupply",
    "Observation",
    "SupplyState",
    "asset_rows",
    "draw_scenarios",
    "estimate_damage",
    "find_districts",
    "list_assets",
    "load_fragility",
    "local_supply",
    "locally_off",
    "merge_observations",
    "observe_incidents",
    "parse_call_counts",
    "parse_feeder_list",
    "parse_inspections",
    "posterior_estimate",
    "read_call_counts",
    "read_feeder_list",
    "reweight",
    "scenarios_of_states",
    "to_scenarios",
]
