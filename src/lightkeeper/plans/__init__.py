"""What an operator decides: shedding, outage schedule, repair order, reinforcement."""

from lightkeeper.plans.component_order import (
    Component,
    ComponentKind,
    ComponentOrder,
    deliverable_mw,
    order_repairs,
)
from lightkeeper.plans.damaged_grid import DamagedGrid, damage_grid
from lightkeeper.plans.delivery import Blocks, Delivery, LeastShed, NearestDispatch, load_blocks
from lightkeeper.plans.feeder_search import SearchOptions
from lightkeeper.plans.linear_program import ProgramUnsolved
from lightkeeper.plans.mobile import (
    MobileOptions,
    MobilePlan,
    Placement,
    SiteNeed,
    place_units,
)
from lightkeeper.plans.model import (
    OutageSchedule,
    PlanCourse,
    Reinforcement,
    ReinforcementPlan,
    RepairJob,
    RepairPlan,
    Restoration,
    ReturnStep,
    SheddingPlan,
    ShedStep,
)
from lightkeeper.plans.reinforcement import (
    ProtectionCosts,
    ReinforcementOptions,
    load_protection_costs,
    plan_reinforcement,
)
from lightkeeper.plans.repair_course import follow_plan
from lightkeeper.plans.repair_options import RepairOptions, SiteAccess
from lightkeeper.plans.repair_times import AccessReason, RepairTimes, load_repair_times
from lightkeeper.plans.restoration import plan_repairs
from lightkeeper.plans.schedule import (
    QUEUES,
    ScheduleOptions,
    WhenShort,
    plan_from_order,
    plan_schedule,
    write_schedule_csv,
)
from lightkeeper.plans.shedding import SheddingOptions, plan_shedding
from lightkeeper.plans.site_needs import site_needs
from lightkeeper.plans.switched_hours import switched_hours
from lightkeeper.plans.travel import TravelOptions

__all__ = [
    "QUEUES",
    "AccessReason",
    "Blocks",
    "Component",
    "ComponentKind",
    "ComponentOrder",
    "DamagedGrid",
    "Delivery",
    "LeastShed",
    "MobileOptions",
    "MobilePlan",
    "NearestDispatch",
    "OutageSchedule",
    "Placement",
    "PlanCourse",
    "ProgramUnsolved",
    "ProtectionCosts",
    "Reinforcement",
    "ReinforcementOptions",
    "ReinforcementPlan",
    "RepairJob",
    "RepairOptions",
    "RepairPlan",
    "RepairTimes",
    "Restoration",
    "ReturnStep",
    "ScheduleOptions",
    "SearchOptions",
    "ShedStep",
    "SheddingOptions",
    "SheddingPlan",
    "SiteAccess",
    "SiteNeed",
    "TravelOptions",
    "WhenShort",
    "damage_grid",
    "deliverable_mw",
    "follow_plan",
    "load_blocks",
    "load_protection_costs",
    "load_repair_times",
    "order_repairs",
    "place_units",
    "plan_from_order",
    "plan_reinforcement",
    "plan_repairs",
    "plan_schedule",
    "plan_shedding",
    "site_needs",
    "switched_hours",
    "write_schedule_csv",
]
