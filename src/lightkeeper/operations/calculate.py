"""Everything that takes time: from the log's state through all stages to the figures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from pydantic_core import to_json

from lightkeeper import __version__
from lightkeeper.claims import Claim, ClaimId, ClaimKind, Layer
from lightkeeper.consequences import (
    AssessOptions,
    ColdOptions,
    Consequences,
    Course,
    FollowOptions,
    InspectionValue,
    assess,
    find_broken_windows,
    find_representative,
    list_feeders_off,
    rank_inspections,
    split_margin,
)
from lightkeeper.damage import (
    DamageEnsemble,
    DamageEstimate,
    Observation,
    draw_scenarios,
    estimate_damage,
    list_assets,
    load_fragility,
    locally_off,
    merge_observations,
    observe_incidents,
    posterior_estimate,
    reweight,
    to_scenarios,
)
from lightkeeper.errors import ModelError
from lightkeeper.flow import FlowCase, FlowOptions, Scenarios, build_case, run_cascade, select
from lightkeeper.grid import fingerprint
from lightkeeper.notices import (
    DraftOptions,
    Notice,
    draft_alarm,
    draft_outage,
    draft_schedule,
)
from lightkeeper.operations.hours import follow_hours
from lightkeeper.operations.understand import ClaimReader, Understanding, understand
from lightkeeper.operations.workspace import PictureOptions, Progress, no_progress
from lightkeeper.plans import (
    MobileOptions,
    MobilePlan,
    OutageSchedule,
    PlanCourse,
    ReinforcementOptions,
    ReinforcementPlan,
    RepairOptions,
    RepairPlan,
    ScheduleOptions,
    SearchOptions,
    SheddingOptions,
    SheddingPlan,
    SiteNeed,
    follow_plan,
    load_protection_costs,
    load_repair_times,
    place_units,
    plan_reinforcement,
    plan_repairs,
    plan_schedule,
    plan_shedding,
    site_needs,
    switched_hours,
)
from lightkeeper.region import DistrictId, Gazetteer, Region, districts_of
from lightkeeper.reports.model import ReportId
from lightkeeper.storage import FeederSpell, State
from lightkeeper.units import FloatArray

MODEL = "lightkeeper dc-cascade, illustrative fragility"
ALARM_LASTS = timedelta(hours=12)
ROTATION_OVER = timedelta(days=7)
"""Hours off count this long when feeders take turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What an operator may decide, each for the scenario or the ensemble it says."""

    shedding: SheddingPlan
    schedule: OutageSchedule
    schedule_starts_at: datetime
    mobile: MobilePlan
    repair: RepairPlan
    reinforcement: ReinforcementPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the model says, and what it stands on."""

    estimate: DamageEstimate
    observations: tuple[Observation, ...]
    consequences: Consequences
    course: Course
    with_plan: PlanCourse
    plans: Plans
    drafts: tuple[Notice, ...]
    inspections: tuple[InspectionValue, ...]
    effective_sample_size: float
    inputs_sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """What was read and what was computed.

    `figures` is None without a region, or where the model has no answer; `failure` says why. What
    the reports say stands all the same.
    """

    region: Region | None
    gazetteer: Gazetteer
    options: PictureOptions
    understanding: Understanding
    figures: Figures | None
    failure: str | None = None


def calculate(
    state: State,
    *,
    at: datetime,
    reader: ClaimReader,
    gazetteer: Gazetteer,
    region: Region | None,
    options: PictureOptions,
    progress: Progress = no_progress,
) -> Calculated:
    """Compute the picture of a state of the log.

    `at` is the time of the last entry that bears on the figures; drafts are dated by it.
    """
    understanding = understand(state, reader, gazetteer, progress=_part(progress, 0.0, 0.1))
    figures, failure = None, None
    if region is not None:
        try:
            figures = _figures(state, at, understanding, gazetteer, region, options, progress)
        except ModelError as error:
            failure = str(error)
    return Calculated(
        region=region,
        gazetteer=gazetteer,
        options=options,
        understanding=understanding,
        figures=figures,
        failure=failure,
    )


def _figures(
    state: State,
    at: datetime,
    understanding: Understanding,
    gazetteer: Gazetteer,
    region: Region,
    options: PictureOptions,
    progress: Progress,
) -> Figures:
    incidents = understanding.reconciliation.incidents
    reported_at = {r.id: r.published_at or state.received_at[r.id] for r in state.live_reports}
    observations = merge_observations(
        [*observe_incidents(incidents, region, gazetteer, reported_at), *state.observations]
    )
    progress("which assets are probably hurt", 0.12)
    assets = list_assets(region)
    table = load_fragility()
    estimate = estimate_damage(region, assets, incidents, state.inspections, gazetteer, table)
    ensemble = draw_scenarios(estimate, observations, region, options.n_scenarios, options.seed)

    progress("what the grid does (the first run compiles)", 0.2)
    case = build_case(region.network)
    scenarios = to_scenarios(ensemble, region, case)
    flow_options = FlowOptions(n_threads=options.n_threads)
    result = run_cascade(case, scenarios, flow_options)
    feeder_off = list_feeders_off(region, ensemble, result, seed=options.seed)
    ensemble = reweight(ensemble, region, feeder_off)

    progress("who is without power", 0.45)
    consequences = assess(
        region,
        ensemble,
        result,
        feeder_off,
        observations,
        incidents,
        AssessOptions(horizon_h=options.horizon_h),
    )
    chosen = find_representative(ensemble, consequences)
    progress("hour by hour", 0.48)
    windows = find_broken_windows(incidents, region, gazetteer)
    cold = ColdOptions(
        seed=options.seed,
        broken_windows={w.district: w.share for w in windows if w.share is not None},
    )
    ahead = follow_hours(region, ensemble, result, feeder_off, consequences, chosen, cold, options)
    progress("how near the grid is to splitting", 0.5)
    margin = split_margin(region, case, scenarios, chosen, flow_options)
    consequences = replace(consequences, margin=margin)
    plans = _plans(
        region,
        case,
        scenarios,
        ensemble,
        chosen,
        float(result.served_mw[chosen].sum()),
        state.shortage_mw,
        hours_off(region, state.feeder_spells, at),
        site_needs(region, ahead.failures),
        at,
        options,
        _part(progress, 0.55, 0.85),
    )
    progress("hour by hour with the plan", 0.85)
    with_plan = follow_plan(
        region,
        case,
        ensemble,
        result,
        feeder_off,
        ahead.followed,
        listed=[job.asset for job in plans.repair.jobs],
        switched_off=switched_hours(
            region,
            plans.shedding,
            plans.schedule,
            plans.schedule_starts_at,
            now=at,
            horizon_h=options.course_h,
        ),
        n_crews=options.crews,
        repairs=_repairs(options),
        follow_options=FollowOptions(horizon_h=options.course_h, cold=cold),
        seed=options.seed,
    )
    progress("drafting notices", 0.97)
    inputs_sha256 = _digest(state, region, options)
    return Figures(
        estimate=posterior_estimate(ensemble, region),
        observations=observations,
        consequences=consequences,
        course=replace(ahead.course, windows=windows),
        with_plan=with_plan,
        plans=plans,
        drafts=_drafts(
            region,
            consequences,
            plans,
            find_alarms(understanding.claims, reported_at, region, gazetteer, at),
            at,
            inputs_sha256,
            options,
        ),
        inspections=rank_inspections(ensemble, consequences.people_off_by_scenario),
        effective_sample_size=ensemble.effective_sample_size,
        inputs_sha256=inputs_sha256,
        notes=tuple(dict.fromkeys((*estimate.notes, *ensemble.notes))),
    )


def _plans(
    region: Region,
    case: FlowCase,
    scenarios: Scenarios,
    ensemble: DamageEnsemble,
    chosen: int,
    served_mw: float,
    shortage_mw: float,
    hours_off_before: FloatArray,
    needs: tuple[SiteNeed, ...],
    at: datetime,
    options: PictureOptions,
    progress: Progress,
) -> Plans:
    """Plan for the representative scenario; reinforcement for the whole ensemble."""
    assets = ensemble.estimate.assets
    progress("what to shed", 0.0)
    scenario = select(scenarios, chosen, chosen + 1)
    if shortage_mw:
        scenario = limit_supply(case, scenario, served_mw - shortage_mw)
    shedding = plan_shedding(
        region,
        case,
        scenario,
        feeder_lost=locally_off(ensemble.state[[chosen]], assets, region)[0],
        hours_off=hours_off_before,
        options=SheddingOptions(
            district_weight=options.district_weights,
            use_short_time_rating=options.short_time_ratings,
            search=SearchOptions(),
        ),
    )
    needed_mw = np.full(options.schedule_slots, shedding.bound_mw)
    schedule = plan_schedule(region, needed_mw, options=ScheduleOptions(rotation=at.weekday()))
    progress("what to repair first", 0.2)
    repair = plan_repairs(
        region,
        case,
        assets,
        ensemble.state[chosen],
        n_crews=options.crews,
        options=_repairs(options),
    )
    progress("what to reinforce", 0.6)
    reinforcement = plan_reinforcement(
        region,
        case,
        ensemble,
        budget=options.budget,
        options=ReinforcementOptions(
            costs=load_protection_costs(),
            fragility=load_fragility(),
            horizon_h=options.horizon_h,
            seed=options.seed,
            flow=FlowOptions(n_threads=options.n_threads),
        ),
    )
    return Plans(
        shedding=shedding,
        schedule=schedule,
        schedule_starts_at=next_slot(at, schedule.slot_min),
        mobile=place_units(region.mobile_units, needs, MobileOptions(horizon_h=options.course_h)),
        repair=repair,
        reinforcement=reinforcement,
    )


def _repairs(options: PictureOptions) -> RepairOptions:
    return RepairOptions(times=load_repair_times(), n_threads=options.n_threads)


def hours_off(region: Region, spells: Iterable[FeederSpell], at: datetime) -> FloatArray:
    """Return the hours each feeder was off within `ROTATION_OVER` before `at`, (n_feeders,).

    Only what operators' lists said of single feeders counts: they are what the rotation of
    emergency shedding can go by.
    """
    row_of = {str(feeder): row for row, feeder in enumerate(region.feeders.id)}
    hours = np.zeros(len(row_of))
    for spell in spells:
        row = row_of.get(spell.feeder)
        if row is not None:
            from_at = max(spell.from_at, at - ROTATION_OVER)
            lasted = min(spell.to_at or at, at) - from_at
            hours[row] += max(lasted / timedelta(hours=1), 0.0)
    return hours


def limit_supply(case: FlowCase, scenario: Scenarios, supply_mw: float) -> Scenarios:
    """Return one scenario whose units together give no more than `supply_mw`.

    This is how an order of the transmission operator ("take 800 MW off") enters the plan: as power
    that is not there, wherever in the network it is least felt. Every unit keeps the same share of
    its range above its minimum.
    """
    given = np.ones(case.unit_max_mw.size)
    if scenario.unit_factor is not None:
        given = scenario.unit_factor[0]
    lost = np.isin(case.unit_bus, scenario.bus_index) | ~case.unit_on
    lost[scenario.unit_index] = True
    most_mw = np.where(lost, 0.0, np.maximum(case.unit_max_mw, 0.0) * given)
    least_mw = np.clip(np.where(lost, 0.0, case.unit_min_mw), 0.0, most_mw)
    room_mw = float((most_mw - least_mw).sum())
    share = np.clip((supply_mw - least_mw.sum()) / max(room_mw, 1e-9), 0.0, 1.0)
    kept_mw = least_mw + share * (most_mw - least_mw)
    factor = np.divide(kept_mw, most_mw, out=np.ones_like(most_mw), where=most_mw > 0) * given
    return replace(scenario, unit_factor=factor[None, :])


def _drafts(
    region: Region,
    consequences: Consequences,
    plans: Plans,
    alarms: Mapping[DistrictId, tuple[ClaimId, ...]],
    at: datetime,
    calculation: str,
    options: PictureOptions,
) -> tuple[Notice, ...]:
    """Draft alarms first, then the schedule, then outages, the most people first."""
    rules = DraftOptions(delay_min=options.hold_min, time_zone=options.time_zone)
    drafts: list[Notice | None] = [
        draft_alarm(region, district, claims, now=at, options=rules)
        for district, claims in alarms.items()
    ]
    drafts.append(
        draft_schedule(
            region,
            plans.schedule,
            plans.schedule_starts_at,
            now=at,
            calculation=calculation,
            options=rules,
        )
    )
    drafts += [
        draft_outage(region, district, now=at, calculation=calculation, options=rules)
        for district in sorted(consequences.districts, key=lambda d: -d.people_off.median)
    ]
    return tuple(draft for draft in drafts if draft is not None)


def find_alarms(
    claims: Iterable[Claim],
    reported_at: Mapping[ReportId, datetime],
    region: Region,
    gazetteer: Gazetteer,
    at: datetime,
) -> dict[DistrictId, tuple[ClaimId, ...]]:
    """Return the districts where an alarm was sounded and no all-clear has followed.

    Only reports that name a region and speak for themselves count; a text that tells of an earlier
    alarm sounds none. An alarm older than `ALARM_LASTS` is taken to be over.
    """
    last: dict[DistrictId, Claim] = {}
    spoken = [
        c
        for c in claims
        if c.kind in (ClaimKind.ALERT, ClaimKind.ALL_CLEAR)
        and c.layer is Layer.INCIDENT
        and not c.is_negated
        and not c.attribution.is_second_hand
        and c.time is not None
        and c.time.from_at is not None
    ]
    for claim in sorted(spoken, key=lambda c: (reported_at[c.report], c.span.start)):
        for place in claim.places:
            # An alarm in a part of a place that is not said sounds in no district we could name.
            is_named = place.part is None or claim.kind is ClaimKind.ALL_CLEAR
            if is_named and place.code is not None and place.code in gazetteer:
                for district in districts_of(region, gazetteer, place.code):
                    last[district] = claim
    return {
        district: (claim.id,)
        for district, claim in sorted(last.items())
        if claim.kind is ClaimKind.ALERT and at - reported_at[claim.report] <= ALARM_LASTS
    }


def next_slot(at: datetime, slot_min: int) -> datetime:
    """Return the first start of a slot after `at`."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    slot = timedelta(minutes=slot_min)
    return day + ((at - day) // slot + 1) * slot


def _part(progress: Progress, start_pu: float, end_pu: float) -> Progress:
    """Return a progress that fills only part of the whole."""

    def tell(what: str, done_pu: float) -> None:
        progress(what, start_pu + done_pu * (end_pu - start_pu))

    return tell


def _digest(state: State, region: Region, options: PictureOptions) -> str:
    """Return the SHA-256 of everything the figures depend on."""
    inputs = {
        "version": __version__,
        "reports": [r.id for r in state.live_reports],
        "retracted_claims": sorted(state.retracted_claims),
        "decisions": state.decisions,
        "observations": state.observations,
        "inspections": state.inspections,
        "feeder_spells": state.feeder_spells,
        "shortage_mw": state.shortage_mw,
        "network": fingerprint(region.network),
        "districts": region.districts,
        "feeders": [array.tolist() for array in astuple(region.feeders)],
        "needs": (region.services, region.heat_sources, region.dependencies),
        "homes": (region.homes, region.temperatures, region.warm_points),
        "options": options,
    }
    return hashlib.sha256(to_json(inputs)).hexdigest()
