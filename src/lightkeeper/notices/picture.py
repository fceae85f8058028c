"""The operating picture as it is shown: everything the stages found, in plain values.

`operations` builds the full picture; `lightkeeper.notices.audience` decides what of it each
audience sees; `web` and `cli` only print what that module returns.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lightkeeper.claims.model import Claim
from lightkeeper.consequences.model import Course, Distribution, DistrictConsequence, IslandGroup
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.notices.model import Audience, Notice
from lightkeeper.plans.mobile import Placement
from lightkeeper.plans.model import PlanCourse, Reinforcement, RepairJob, ReturnStep, ShedStep
from lightkeeper.region.model import PlaceCode
from lightkeeper.reports.model import ReportId
from lightkeeper.reports.source import SourceKind, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """What the modelled figures come from; enough to compute them again."""

    model: str
    version: str
    seed: int
    n_scenarios: int
    effective_sample_size: float
    inputs_sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """One report held; `text` is None where the audience may not read it.

    `replaced_by` is the version of the same post that stands in its place, `deleted_at` when its
    source was seen to show the post no more; either way it bears on no figure.
    """

    id: ReportId
    source: str
    channel: str | None
    title: str | None
    language: str | None
    published_at: datetime | None
    received_at: datetime
    is_retracted: bool
    n_claims: int
    text: str | None
    item: str | None = None
    forwarded_from: str | None = None
    is_edited: bool = False
    edited_at: datetime | None = None
    replaced_by: ReportId | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """Where reports come from, and how that does.

    `last_seen_at`: it last answered; `last_new_at`: it last had something new. `name` is empty for
    reports entered by hand. `reason` says what is wrong, "" for nothing. `n_new` counts what it has
    brought, `n_gone` files taken out of a watched folder.
    """

    name: str
    kind: SourceKind
    state: SourceState
    last_seen_at: datetime | None
    last_new_at: datetime | None
    failing_since: datetime | None
    reason: str
    n_new: int
    n_gone: int
    every_s: float
    silent_after_h: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceName:
    """A place that incidents or claims refer to, by its official names."""

    code: PlaceCode
    name_uk: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTitle:
    """What an incident is called, in each language of the page."""

    incident: IncidentId
    uk: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictEntry:
    """One row of the district table."""

    name_uk: str
    name_en: str
    oblast_uk: str
    oblast_en: str
    lon: float
    lat: float
    consequence: DistrictConsequence


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEntry:
    """One asset that is probably hurt, and why we think so. Operator role only."""

    id: str
    kind: str
    name: str
    district_en: str | None
    district_uk: str | None
    p_intact: float
    p_impaired: float
    p_destroyed: float
    basis: str
    incidents: tuple[IncidentId, ...]
    inspection_moves_people: float | None = None
    """How far seeing it should move the number of people without power; None: not ranked."""
    inspection: str | None = None
    """"assigned" or "no_access": a crew is on its way, or could not get in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The region as a whole. `people_in_reported_districts` is None when nothing is reported."""

    population: int
    demand_mw: float
    people_off: Distribution
    unserved_mw: Distribution
    unserved_energy_mwh: Distribution
    horizon_h: float
    n_districts_reported: int
    n_districts_without_report: int
    people_in_reported_districts: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginEntry:
    """How near the network is to splitting; the elements are None for all but operators.

    `smallest_headroom_pu` is None where no branch has a rating or the flow has no unique solution.
    """

    n_single_losses: int
    n_critical: int
    worst_unserved_mw: float
    worst_element: str | None
    smallest_headroom_pu: float | None
    smallest_headroom_element: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheddingEntry:
    """The emergency shedding plan for the representative scenario.

    `ordered_mw` is what the transmission operator ordered to take off, part of what is shed.
    `gap_pu` is how much more the list weighs than the linear optimum, and `least_gap_pu` how much
    more every list of whole feeders does, as far as was proven; None where the optimum is nothing.
    """

    demand_mw: float
    served_mw: float
    unsupplied_mw: float
    ordered_mw: float
    bound_mw: float
    shed_mw: float
    gap_pu: float | None
    least_gap_pu: float | None
    people: int
    steps: tuple[ShedStep, ...]
    returns: tuple[ReturnStep, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileEntry:
    """Where mobile generators, fuel and boilers should go, for the representative scenario."""

    placements: tuple[Placement, ...]
    unused: tuple[str, ...]
    too_large: tuple[str, ...]
    service_hours_kept: float
    service_hours_lost: float
    horizon_h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """The hourly outage schedule: one row of booleans (off) for each queue."""

    starts_at: datetime
    slot_min: int
    queues: tuple[str, ...]
    is_off: tuple[tuple[bool, ...], ...]
    needed_mw: tuple[float, ...]
    shed_mw: tuple[float, ...]
    hours_off: tuple[float, ...]
    breaches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairEntry:
    """The repair order and the curve of people without power under it."""

    n_crews: int
    jobs: tuple[RepairJob, ...]
    time_h: tuple[float, ...]
    people_off: tuple[float, ...]
    person_hours: float
    person_hours_as_listed: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinforcementEntry:
    """Which substations to protect under the budget. Never with coordinates."""

    budget: float
    spent: float
    expected_unserved_mwh: float
    expected_unserved_after_mwh: float
    n_scenarios: int
    chosen: tuple[Reinforcement, ...]
    notes: tuple[str, ...]


class PicturePart(StrEnum):
    """What weighs much and few views need: a client may leave it out and ask for it alone."""

    SERVICES = "services"
    """The services of every district."""
    ASSETS = "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One trusted picture at one moment. `seq` is the last log entry it stands on.

    `held_back` names what the audience may not see, `left_out` what the client did not want: both
    are empty here and may well exist.
    """

    audience: Audience
    region: str
    is_exercise: bool
    as_of: datetime
    seq: int
    calculation: Calculation | None
    totals: Totals | None
    incidents: tuple[Incident, ...]
    outside: tuple[Claim, ...]
    reports: tuple[ReportEntry, ...]
    districts: tuple[DistrictEntry, ...]
    assets: tuple[AssetEntry, ...]
    islands: tuple[IslandGroup, ...]
    margin: MarginEntry | None
    shedding: SheddingEntry | None
    mobile: MobileEntry | None
    schedule: ScheduleEntry | None
    repair: RepairEntry | None
    reinforcement: ReinforcementEntry | None
    notices: tuple[Notice, ...]
    course: Course | None = None
    with_plan: PlanCourse | None = None
    place_names: tuple[PlaceName, ...] = ()
    incident_titles: tuple[IncidentTitle, ...] = ()
    sources: tuple[SourceEntry, ...] = ()
    held_back: tuple[str, ...] = ()
    left_out: tuple[PicturePart, ...] = ()


def leave_out(picture: Picture, parts: Collection[PicturePart]) -> Picture:
    """Return the picture without some of its parts, and say so in it."""
    kept = picture
    if PicturePart.SERVICES in parts:
        kept = replace(
            kept,
            districts=tuple(
                replace(entry, consequence=replace(entry.consequence, services=()))
                for entry in kept.districts
            ),
        )
    if PicturePart.ASSETS in parts:
        kept = replace(kept, assets=())
    return replace(kept, left_out=tuple(part for part in PicturePart if part in parts))
