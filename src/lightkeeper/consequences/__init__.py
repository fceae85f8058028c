"""Consequences: who is without power, how the network splits, and how near it is to splitting."""

from lightkeeper.consequences.assess import AssessOptions, assess
from lightkeeper.consequences.distribution import distributions, weighted_quantiles
from lightkeeper.consequences.feeders import list_feeders_off
from lightkeeper.consequences.inspection import InspectionValue, rank_inspections
from lightkeeper.consequences.islands import group_islands
from lightkeeper.consequences.margin import settle, split_margin
from lightkeeper.consequences.model import (
    Consequences,
    Distribution,
    DistrictConsequence,
    IslandBalance,
    IslandGroup,
    Knowledge,
    ServiceState,
    SplitMargin,
)
from lightkeeper.consequences.representative import find_representative

__all__ = [
    "AssessOptions",
    "Consequences",
    "Distribution",
    "DistrictConsequence",
    "InspectionValue",
    "IslandBalance",
    "IslandGroup",
    "Knowledge",
    "ServiceState",
    "SplitMargin",
    "assess",
    "distributions",
    "find_representative",
    "group_islands",
    "list_feeders_off",
    "rank_inspections",
    "settle",
    "split_margin",
    "weighted_quantiles",
]
