"""Consequences: who is without power, heat and services by the hour, and how the grid splits."""

from lightkeeper.consequences.assess import AssessOptions, assess
from lightkeeper.consequences.buildings import (
    Building,
    design_heat_w,
    hours_until,
    hours_until_in,
    load_buildings,
    make_zones,
)
from lightkeeper.consequences.chain import find_chains, find_failures
from lightkeeper.consequences.cold import (
    Cooling,
    Zones,
    cool,
    make_step,
    stored_wh,
    time_constant_h,
)
from lightkeeper.consequences.course import describe_course, people_in_reach
from lightkeeper.consequences.dependencies import DependencyGraph, build_graph, failure_times
from lightkeeper.consequences.distribution import bands, compare, distributions, weighted_quantiles
from lightkeeper.consequences.exposure import ColdOptions
from lightkeeper.consequences.feeders import list_feeders_off
from lightkeeper.consequences.follow import Followed, FollowOptions, follow
from lightkeeper.consequences.glass import find_broken_windows
from lightkeeper.consequences.inspection import InspectionValue, rank_inspections
from lightkeeper.consequences.islands import group_islands
from lightkeeper.consequences.margin import settle, split_margin
from lightkeeper.consequences.model import (
    Band,
    BrokenWindows,
    Chain,
    ChainLink,
    Consequences,
    Course,
    Difference,
    Distribution,
    DistrictConsequence,
    DistrictCourse,
    DrainDecision,
    HomeHold,
    IslandBalance,
    IslandGroup,
    Knowledge,
    Range,
    SamplingError,
    ServiceCourse,
    ServiceState,
    SplitMargin,
)
from lightkeeper.consequences.power import PowerCourse, power_course
from lightkeeper.consequences.representative import find_representative
from lightkeeper.consequences.supply import (
    PlantBalance,
    Supply,
    SupplyMaker,
    SupplyPiece,
    make_supply,
    supply_after,
)
from lightkeeper.consequences.temperature import Outdoors, hours_from, read_outdoors

__all__ = [
    "AssessOptions",
    "Band",
    "BrokenWindows",
    "Building",
    "Chain",
    "ChainLink",
    "ColdOptions",
    "Consequences",
    "Cooling",
    "Course",
    "DependencyGraph",
    "Difference",
    "Distribution",
    "DistrictConsequence",
    "DistrictCourse",
    "DrainDecision",
    "FollowOptions",
    "Followed",
    "HomeHold",
    "InspectionValue",
    "IslandBalance",
    "IslandGroup",
    "Knowledge",
    "Outdoors",
    "PlantBalance",
    "PowerCourse",
    "Range",
    "SamplingError",
    "ServiceCourse",
    "ServiceState",
    "SplitMargin",
    "Supply",
    "SupplyMaker",
    "SupplyPiece",
    "Zones",
    "assess",
    "bands",
    "build_graph",
    "compare",
    "cool",
    "describe_course",
    "design_heat_w",
    "distributions",
    "failure_times",
    "find_broken_windows",
    "find_chains",
    "find_failures",
    "find_representative",
    "follow",
    "group_islands",
    "hours_from",
    "hours_until",
    "hours_until_in",
    "list_feeders_off",
    "load_buildings",
    "make_step",
    "make_supply",
    "make_zones",
    "people_in_reach",
    "power_course",
    "rank_inspections",
    "read_outdoors",
    "settle",
    "split_margin",
    "stored_wh",
    "supply_after",
    "time_constant_h",
    "weighted_quantiles",
]
