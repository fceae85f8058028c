"""Everything that takes time: from the log's state through all stages to the figures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from pydantic_core import to_json

from lightkeeper import __version__
from lightkeeper.claims import Claim, ClaimKind
from lightkeeper.consequences import (
    AssessOptions,
    Consequences,
    assess,
    find_representative,
    list_feeders_off,
    split_margin,
)
from lightkeeper.damage import (
    DamageEstimate,
    Observation,
    draw_scenarios,
    estimate_damage,
    list_assets,
    load_fragility,
    merge_observations,
    observe_incidents,
    posterior_estimate,
    reweight,
    to_scenarios,
)
from lightkeeper.flow import FlowOptions, build_case, run_cascade
from lightkeeper.notices import (
    DraftOptions,
    Notice,
    draft_alarm,
    draft_outage,
    draft_schedule,
)
from lightkeeper.operations.understand import ClaimReader, Understanding, understand
from lightkeeper.operations.workspace import PictureOptions, Progress, no_progress
from lightkeeper.plans import (
    OutageSchedule,
    ReinforcementPlan,
    RepairPlan,
    ScheduleOptions,
    SheddingOptions,
    SheddingPlan,
    plan_reinforcement,
    plan_repairs,
    plan_schedule,
    plan_shedding,
)
from lightkeeper.region import DistrictId, Gazetteer, Region, districts_of
from lightkeeper.storage import State

MODEL = "lightkeeper dc-cascade, illustrative fragility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What an operator may decide, each for the scenario or the ensemble it says."""

    shedding: SheddingPlan
    schedule: OutageSchedule
    schedule_starts_at: datetime
    repair: RepairPlan
    reinforcement: ReinforcementPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the model says, and what it stands on."""

    estimate: DamageEstimate
    observations: tuple[Observation, ...]
    consequences: Consequences
    plans: Plans
    drafts: tuple[Notice, ...]
    effective_sample_size: float
    inputs_sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """What was read and what was computed; `figures` is None without a region."""

    region: Region | None
    gazetteer: Gazetteer
    options: PictureOptions
    understanding: Understanding
    figures: Figures | None


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
    return Calculated(
        region=region,
        gazetteer=gazetteer,
        options=options,
        understanding=understanding,
        figures=None
        if region is None
        else _figures(state, at, understanding, gazetteer, region, options, progress),
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
    assess_options = AssessOptions(horizon_h=options.horizon_h)
    consequences = assess(
        region, ensemble, result, feeder_off, observations, incidents, assess_options
    )
    chosen = find_representative(ensemble, consequences)
    margin = split_margin(region, case, scenarios, chosen, flow_options)
    return Figures(
        estimate=posterior_estimate(ensemble, region),
        observations=observations,
        consequences=consequences,
        plans=None,
        drafts=(),
        effective_sample_size=ensemble.effective_sample_size,
        inputs_sha256=_digest(state, region, options),
        notes=ensemble.notes,
    )


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
        "region": region.name,
        "options": options,
    }
    return hashlib.sha256(to_json(inputs)).hexdigest()
