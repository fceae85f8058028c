"""Who is without power, as distributions over the ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lightkeeper.claims.model import ClaimId
from lightkeeper.incidents.model import IncidentId
from lightkeeper.region.model import DistrictId, ServiceKind
from lightkeeper.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A weighted distribution in three numbers, and how many scenarios stand behind it."""

    p05: float
    median: float
    p95: float
    mean: float
    n_scenarios: int
    effective_sample_size: float


class Knowledge(StrEnum):
    """Where a district's state comes from. NO_REPORT is not "power is on"."""

    REPORTED_DARK = "reported_dark"
    REPORTED_PARTLY_DARK = "reported_partly_dark"
    REPORTED_SUPPLIED = "reported_supplied"
    NO_REPORT = "no_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """A service site: chance that its feeder is off, and hours its own supply lasts."""

    id: str
    name: str
    kind: ServiceKind
    p_without_supply: float
    backup_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictConsequence:
    """One district: what is reported, and what is inferred, side by side.

    `inferred` is False when nothing reported and nothing modelled bears on the district: then the
    figures are the model's background and the page shows "no report". `p_dark` is the chance that
    at least half of the people are off. `reported_sources` says where an observation comes from,
    also where it is no claim (a feeder list, call counts); `incidents` lists those that bear on the
    district, by its assets or by what is reported of it.
    """

    district: DistrictId
    knowledge: Knowledge
    reported_by: tuple[ClaimId, ...]
    population: int
    people_off: Distribution
    unserved_mw: Distribution
    p_dark: float
    services: tuple[ServiceState, ...]
    inferred: bool = False
    reported_sources: tuple[str, ...] = ()
    incidents: tuple[IncidentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IslandGroup:
    """A way the network splits, and how often: districts that hang together, with their balance."""

    probability: float
    n_islands: int
    islands: tuple[IslandBalance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IslandBalance:
    """One live island of a scenario."""

    n_buses: int
    districts: tuple[DistrictId, ...]
    generation_mw: float
    demand_mw: float
    served_mw: float
    reserve_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitMargin:
    """How near the network is to splitting.

    Every branch and unit that is still in is taken out once. `n_critical` counts single losses
    that leave load unserved beyond what is unserved now; `worst_unserved_mw` is the most that one
    leaves, `worst_element` that loss. `smallest_headroom_pu` is the least room left on any branch
    right after a single loss, as a share of its rating (negative: overloaded, the cascade begins),
    and `smallest_headroom_element` names the loss and the branch. Elements are for the operator
    role only; `reason` says it in words without naming an asset.
    """

    n_single_losses: int
    n_critical: int
    worst_unserved_mw: float
    worst_element: str
    smallest_headroom_pu: float
    smallest_headroom_element: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """All of it. `feeder_off` has shape (n_scenarios, n_feeders).

    `unserved_energy_mwh` is over `horizon_h` with nothing repaired and demand as it is now.
    `district_people_off` has shape (n_scenarios, n_districts).
    """

    people_off: Distribution
    unserved_mw: Distribution
    unserved_energy_mwh: Distribution
    horizon_h: float
    districts: tuple[DistrictConsequence, ...]
    islands: tuple[IslandGroup, ...]
    margin: SplitMargin | None
    feeder_off: BoolArray
    people_off_by_scenario: FloatArray
    district_people_off: FloatArray
    unserved_mw_by_scenario: FloatArray
