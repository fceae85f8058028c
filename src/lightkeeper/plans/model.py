"""What an operator decides. (What the network sheds by itself is in `flow`.)"""

from __future__ import annotations

from dataclasses import dataclass

from lightkeeper.consequences.model import Band, Course, Difference, Distribution
from lightkeeper.damage.model import AssetId
from lightkeeper.region.model import DistrictId, FeederId, QueueId
from lightkeeper.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ShedStep:
    """Switch one feeder off."""

    feeder: FeederId
    district: DistrictId
    shed_mw: float
    people: int
    serves_critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStep:
    """Switch one feeder on again once `needs_mw` more can be served in its island.

    `needs_mw` counts all that return before it and itself. With `waits_for_lines` no power plant
    brings it back: the lines that are left cannot carry it.
    """

    feeder: FeederId
    district: DistrictId
    back_mw: float
    people: int
    serves_critical: bool
    island: int
    needs_mw: float
    waits_for_lines: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheddingPlan:
    """Least weighted shed for one scenario: the linear optimum as bound, then whole feeders.

    `bound_mw` is the linear optimum's unweighted shed, `bound_objective` its weighted one;
    `shed_mw` is what the switch list sheds and `objective` its weight; no list of whole feeders
    weighs less than `least_objective`, which is the linear optimum's unless more was proven.
    `unsupplied_mw` is demand that is dead or islanded without supply and no plan can serve; served
    + shed + unsupplied equals demand. `returns` is the order in which what was switched off comes
    back.
    """

    scenario: int
    demand_mw: float
    served_mw: float
    unsupplied_mw: float
    bound_mw: float
    shed_mw: float
    objective: float
    bound_objective: float
    least_objective: float
    steps: tuple[ShedStep, ...]
    returns: tuple[ReturnStep, ...]
    dispatch_mw: FloatArray  # (n_unit,)
    flow_mw: FloatArray  # (n_branch,)
    served_by_bus_mw: FloatArray  # (n_bus,)
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageSchedule:
    """Hourly outage schedule; `is_off` has shape (n_queues, n_slots), `breaches` broken rules."""

    queues: tuple[QueueId, ...]
    slot_min: int
    is_off: BoolArray
    needed_mw: FloatArray  # (n_slots,)
    shed_mw: FloatArray  # (n_slots,)
    hours_off: FloatArray  # (n_queues,)
    breaches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairJob:
    """One repair: which asset, which crew, when, and why then.

    The crew sets out at `start_h`, travels `travel_h`, waits until the site is open, works
    `repair_h`, and is done at `end_h`. `waits_for` says what keeps the site closed, and until when.
    """

    asset: AssetId
    name: str
    district: DistrictId | None
    crew: int
    start_h: float
    travel_h: float
    repair_h: float
    end_h: float
    people_back: float
    waits_for: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """Repair order for a number of crews, and the people without power over time under it."""

    n_crews: int
    jobs: tuple[RepairJob, ...]
    time_h: FloatArray
    people_off: FloatArray
    person_hours: float
    person_hours_as_listed: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinforcement:
    """One protection measure chosen, and the expected unserved energy it avoids."""

    asset: AssetId
    name: str
    from_level: int
    to_level: int
    cost: float
    avoided_mwh: float
    avoided_standard_error_mwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinforcementPlan:
    """Substations to protect under a budget, in the order chosen. Operator role only."""

    budget: float
    spent: float
    expected_unserved_mwh: float
    expected_unserved_after_mwh: float
    n_scenarios: int
    seed: int
    chosen: tuple[Reinforcement, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """People whom damage leaves without power, with the repairs and with nothing repaired.

    Both on the same scenarios, at `hours` from now; the plan's own switching (its hourly schedule)
    is in neither. `person_hours` is what the repairs change until the last of `hours`, scenario by
    scenario: below 0 is saved. `end_h` is when the last repair ends.
    """

    hours: tuple[int, ...]
    with_plan: Band
    without_plan: Band
    person_hours: Difference
    end_h: Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCourse:
    """The hours ahead with the plan carried out: repairs, switch list and hourly schedule.

    `people_switched_off` are those of `course.people_off` whom only the plan's own switching leaves
    without power, `people_off_by_damage` the others. `change` is with the plan less without it,
    scenario by scenario on the same draws, by the names of these bands and those of `Course`.
    """

    course: Course
    people_switched_off: Band
    people_off_by_damage: Band
    change: dict[str, Band]
    restoration: Restoration
