"""Who is without power, as distributions over the ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lightkeeper.claims.model import ClaimId
from lightkeeper.incidents.model import IncidentId
from lightkeeper.region.model import DistrictId, ServiceKind
from lightkeeper.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingError:
    """Where the quantiles of infinitely many scenarios lie with 95 % confidence: (low, high).

    By order statistics, so for any distribution; of the model's own error it says nothing. None is
    a bound that so few scenarios cannot give. `mean_error` is the standard error of the mean.
    """

    p05: tuple[float | None, float | None]
    median: tuple[float | None, float | None]
    p95: tuple[float | None, float | None]
    mean_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A weighted distribution in three numbers, and how many scenarios stand behind it."""

    p05: float
    median: float
    p95: float
    mean: float
    n_scenarios: int
    effective_sample_size: float
    sampling: SamplingError | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A figure by the hour: quantiles and mean over the ensemble, one entry for each hour.

    `median_low` and `median_high` enclose the median with 95 % confidence (sampling error only).
    None is an hour of which nothing can be said, or a bound that so few scenarios cannot give.
    """

    p05: tuple[float | None, ...]
    median: tuple[float | None, ...]
    p95: tuple[float | None, ...]
    mean: tuple[float | None, ...]
    median_low: tuple[float | None, ...]
    median_high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """People by the hour, 5, 50 and 95 % of the ensemble; None where nothing can be said."""

    p05: tuple[int | None, ...]
    median: tuple[int | None, ...]
    p95: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a case changes against another on the same scenarios.

    `unpaired_mean_error` is what the standard error of the mean difference would be with
    independent draws for each case; `change.sampling.mean_error` is what it is.
    """

    change: Distribution
    p_less: float
    p_more: float
    unpaired_mean_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCourse:
    """A service or heat source by the hour; `kind` is that of its table.

    `p_failed` is the chance that it is out at each of `Course.district_hours`, None where nobody is
    known to supply it. `first_fails_h` is the hour at which it has failed in half of the scenarios,
    None if it does not come to that.
    """

    id: str
    name: str
    kind: str
    district: DistrictId
    p_failed: tuple[float, ...] | None
    first_fails_h: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictCourse:
    """A district at the hours of `Course.district_hours`.

    `people_in_reach_of_warm_point` live within walking distance of one, as far as the model knows
    where; `is_short_of_warm_points` is where the median of cold people is above all places there.
    """

    district: DistrictId
    people_off: Range
    people_without_heat: Range
    people_below_16: Range
    warm_point_capacity: int
    people_in_reach_of_warm_point: int
    is_short_of_warm_points: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainDecision:
    """Whether to drain a heating system, and until when that still saves the pipes.

    `p_freezes` is the chance that pipes on this source freeze within the horizon with nothing
    repaired; `freezes_h` (early, usual, late: 5, 50 and 95 % of the scenarios in which they do) the
    hour; `decide_by_h` the early hour less `drain_h`, never below 0. Draining costs `refill_days`
    (low, high) of warming up again once heat is back; burst pipes cost far more.
    """

    source: str
    name: str
    districts: tuple[DistrictId, ...]
    population: int
    p_freezes: float
    freezes_h: tuple[float, float, float]
    drain_h: float
    decide_by_h: float
    refill_days: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenWindows:
    """What reports say of homes without window panes in a district, and the claims that say it.

    `share` of the homes (low, high); None where panes are told to be out and no number is, or no
    homes of the district are known.
    """

    district: DistrictId
    share: tuple[float, float] | None
    claims: tuple[ClaimId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeHold:
    """How long homes of a type hold heat that is lost now, in the weather of the hours ahead.

    Hours until the rooms are below 16 °C and 10 °C and until pipes have to be drained: (fast,
    usual, slow) over the buildings of the type, None where the outdoor temperature is not known for
    so long or it does not come to that.
    """

    type: str
    people: int
    below_16_h: tuple[float | None, float | None, float | None]
    below_10_h: tuple[float | None, float | None, float | None]
    drain_h: tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """Something that hangs on what is named before it; None where it goes on over the horizon."""

    id: str
    name: str
    kind: str
    district: DistrictId
    works_until_h: float | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One substation, what is dark behind it, and until when the services there go on.

    Of the representative scenario, so it is one likely story and not the distribution. `services`
    hang on its feeders; `then` fails because they do.
    """

    substation: str
    name: str
    cause: str
    n_feeders: int
    people: int
    demand_mw: float
    districts: tuple[tuple[DistrictId, int], ...]
    services: tuple[ChainLink, ...]
    then: tuple[ChainLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Consequences hour by hour, as bands over the ensemble; hour 0 is the hour of the picture.

    `services_failed` counts sites out by kind (services and heat sources), of `services_total`.
    People below a temperature are None at hours that the outdoor temperature does not reach, or
    where no homes are known; `people_with_known_homes` says of how many the figures tell.
    `services` leaves out sites that fail with a chance below 1 %. `windows` is what the reports say
    of homes without panes; elsewhere none are assumed.
    `customer_hours` are people times hours without power, `service_hours` hours that sites are out,
    both over the horizon.
    """

    hours: tuple[int, ...]
    district_hours: tuple[int, ...]
    people_off: Band
    unserved_mw: Band
    people_without_heat: Band
    people_below_16: Band
    people_below_10: Band
    services_failed: dict[str, Band]
    services_total: dict[str, int]
    customer_hours: Distribution
    unserved_energy_mwh: Distribution
    service_hours: Distribution
    outdoor_c: tuple[float | None, ...]
    people_with_known_homes: int
    districts: tuple[DistrictCourse, ...]
    services: tuple[ServiceCourse, ...]
    drains: tuple[DrainDecision, ...]
    homes: tuple[HomeHold, ...]
    n_scenarios: int
    effective_sample_size: float
    chains: tuple[Chain, ...] = ()
    windows: tuple[BrokenWindows, ...] = ()
    notes: tuple[str, ...] = ()
