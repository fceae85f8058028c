"""What an operator decides: shedding, outage schedule, repair order, reinforcement."""

from lightkeeper.plans.delivery import (
    Blocks,
    DamagedGrid,
    Delivery,
    LeastShed,
    damage_grid,
    load_blocks,
    nearest_dispatch,
)
from lightkeeper.plans.linear_program import ProgramUnsolved
from lightkeeper.plans.model import (
    OutageSchedule,
    Reinforcement,
    ReinforcementPlan,
    RepairJob,
    RepairPlan,
    SheddingPlan,
    ShedStep,
)
from lightkeeper.plans.schedule import (
    QUEUES,
    ScheduleOptions,
    WhenShort,
    plan_from_order,
    plan_schedule,
    write_schedule_csv,
)
from lightkeeper.plans.shedding import SheddingOptions, plan_shedding

__all__ = [
    "QUEUES",
    "Blocks",
    "DamagedGrid",
    "Delivery",
    "LeastShed",
    "OutageSchedule",
    "ProgramUnsolved",
    "Reinforcement",
    "ReinforcementPlan",
    "RepairJob",
    "RepairPlan",
    "ScheduleOptions",
    "ShedStep",
    "SheddingOptions",
    "SheddingPlan",
    "WhenShort",
    "damage_grid",
    "load_blocks",
    "nearest_dispatch",
    "plan_from_order",
    "plan_schedule",
    "plan_shedding",
    "write_schedule_csv",
]
