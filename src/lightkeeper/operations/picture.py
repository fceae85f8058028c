"""From the calculation to the picture as it is shown; quick, done for every view."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import numpy as np

from lightkeeper import __version__
from lightkeeper.consequences import Course, Knowledge, SplitMargin
from lightkeeper.damage import AssetId, Basis, DamageState
from lightkeeper.incidents.brief import titles_of
from lightkeeper.notices import Audience, Notice
from lightkeeper.notices.picture import (
    AssetEntry,
    Calculation,
    DistrictEntry,
    IncidentTitle,
    MarginEntry,
    MobileEntry,
    Picture,
    PlaceName,
    ReinforcementEntry,
    RepairEntry,
    ReportEntry,
    ScheduleEntry,
    SheddingEntry,
    SourceEntry,
    Totals,
)
from lightkeeper.operations.calculate import MODEL, Calculated, Figures
from lightkeeper.plans import PlanCourse, SheddingPlan
from lightkeeper.region import Gazetteer, Region
from lightkeeper.storage import LogSeq, State

SHOWN_FROM = 0.02
"""Assets less likely to be hurt than this, and never inspected, are not listed."""

MAX_ASSETS = 500


def assemble(
    calculated: Calculated,
    state: State,
    *,
    seq: LogSeq,
    as_of: datetime,
    sources: tuple[SourceEntry, ...] = (),
) -> Picture:
    """Return the full picture, for the operator; other audiences get a projection of it."""
    region, figures = calculated.region, calculated.figures
    found = calculated.understanding.reconciliation
    if region is None or figures is None:
        return Picture(
            audience=Audience.OPERATOR,
            region="no network model given" if region is None else region.name,
            is_exercise=region is not None and region.network.is_synthetic,
            as_of=as_of,
            seq=seq,
            calculation=None
            if calculated.failure is None
            else _calculation(calculated, 0, 0.0, "", (calculated.failure,)),
            totals=None,
            incidents=found.incidents,
            outside=found.outside,
            reports=_reports(calculated, state),
            districts=(),
            assets=(),
            islands=(),
            margin=None,
            shedding=None,
            mobile=None,
            schedule=None,
            repair=None,
            reinforcement=None,
            notices=state.notices,
            place_names=_place_names(calculated),
            incident_titles=_titles(calculated),
            sources=sources,
        )
    consequences, plans = figures.consequences, figures.plans
    totals = _totals(region, figures)
    return Picture(
        audience=Audience.OPERATOR,
        region=region.name,
        is_exercise=region.network.is_synthetic,
        as_of=as_of,
        seq=seq,
        calculation=_calculation(
            calculated,
            calculated.options.n_scenarios,
            figures.effective_sample_size,
            figures.inputs_sha256,
            figures.notes,
        ),
        totals=totals,
        incidents=found.incidents,
        outside=found.outside,
        reports=_reports(calculated, state),
        districts=_districts(region, calculated.gazetteer, figures),
        assets=_assets(region, figures, state),
        islands=consequences.islands,
        margin=None if consequences.margin is None else _margin(consequences.margin),
        # Where nothing is known no hour is either.
        course=None if totals is None else _course(figures.course, figures),
        shedding=_shedding(plans.shedding, state.shortage_mw),
        # Without units there is nothing to place, and nothing to say.
        mobile=MobileEntry(
            placements=plans.mobile.placements,
            unused=plans.mobile.unused,
            too_large=plans.mobile.too_large,
            service_hours_kept=plans.mobile.service_hours_kept,
            service_hours_lost=plans.mobile.service_hours_lost,
            horizon_h=calculated.options.course_h,
        )
        if region.mobile_units
        else None,
        schedule=ScheduleEntry(
            starts_at=plans.schedule_starts_at,
            slot_min=plans.schedule.slot_min,
            queues=plans.schedule.queues,
            is_off=tuple(tuple(map(bool, row)) for row in plans.schedule.is_off),
            needed_mw=tuple(plans.schedule.needed_mw.tolist()),
            shed_mw=tuple(plans.schedule.shed_mw.tolist()),
            hours_off=tuple(plans.schedule.hours_off.tolist()),
            breaches=plans.schedule.breaches,
        ),
        repair=RepairEntry(
            n_crews=plans.repair.n_crews,
            jobs=plans.repair.jobs,
            time_h=tuple(plans.repair.time_h.tolist()),
            people_off=tuple(plans.repair.people_off.tolist()),
            person_hours=plans.repair.person_hours,
            person_hours_as_listed=plans.repair.person_hours_as_listed,
            notes=plans.repair.notes,
        ),
        with_plan=None if totals is None else _with_plan(figures),
        reinforcement=ReinforcementEntry(
            budget=plans.reinforcement.budget,
            spent=plans.reinforcement.spent,
            expected_unserved_mwh=plans.reinforcement.expected_unserved_mwh,
            expected_unserved_after_mwh=plans.reinforcement.expected_unserved_after_mwh,
            n_scenarios=plans.reinforcement.n_scenarios,
            chosen=plans.reinforcement.chosen,
            notes=plans.reinforcement.notes,
        ),
        notices=_notices(state.notices, figures.drafts),
        place_names=_place_names(calculated),
        incident_titles=_titles(calculated),
        sources=sources,
    )


def _shedding(plan: SheddingPlan, ordered_mw: float) -> SheddingEntry:
    is_shed = plan.bound_objective > 0.01

    def above_pu(objective: float) -> float | None:
        return max(objective / plan.bound_objective - 1, 0.0) if is_shed else None

    return SheddingEntry(
        demand_mw=plan.demand_mw,
        served_mw=plan.served_mw,
        unsupplied_mw=plan.unsupplied_mw,
        ordered_mw=ordered_mw,
        bound_mw=plan.bound_mw,
        shed_mw=plan.shed_mw,
        gap_pu=above_pu(plan.objective),
        least_gap_pu=above_pu(plan.least_objective),
        people=sum(step.people for step in plan.steps),
        steps=plan.steps,
        returns=plan.returns,
        notes=plan.notes,
    )


def _calculation(
    calculated: Calculated,
    n_scenarios: int,
    effective_sample_size: float,
    inputs_sha256: str,
    notes: tuple[str, ...],
) -> Calculation:
    return Calculation(
        model=MODEL,
        version=__version__,
        seed=calculated.options.seed,
        n_scenarios=n_scenarios,
        effective_sample_size=effective_sample_size,
        inputs_sha256=inputs_sha256,
        notes=notes,
    )


def _reports(calculated: Calculated, state: State) -> tuple[ReportEntry, ...]:
    n_claims: dict[str, int] = {}
    for claim in calculated.understanding.claims:
        n_claims[claim.report] = n_claims.get(claim.report, 0) + 1
    return tuple(
        ReportEntry(
            id=report.id,
            source=report.source,
            channel=report.channel,
            title=report.title,
            language=report.language,
            published_at=report.published_at,
            received_at=state.received_at[report.id],
            is_retracted=report.id in state.retracted_reports,
            n_claims=n_claims.get(report.id, 0),
            text=report.text,
            item=report.item,
            forwarded_from=report.forwarded_from,
            is_edited=report.is_edited,
            edited_at=report.edited_at,
            replaced_by=state.replaced_by.get(report.id),
            deleted_at=state.deleted_at.get(report.id),
        )
        for report in state.reports
    )


def _margin(margin: SplitMargin) -> MarginEntry:
    headroom = margin.smallest_headroom_pu
    return MarginEntry(
        n_single_losses=margin.n_single_losses,
        n_critical=margin.n_critical,
        worst_unserved_mw=margin.worst_unserved_mw,
        worst_element=margin.worst_element,
        smallest_headroom_pu=headroom if math.isfinite(headroom) else None,
        smallest_headroom_element=margin.smallest_headroom_element,
        reason=margin.reason,
    )


def _place_names(calculated: Calculated) -> tuple[PlaceName, ...]:
    """Return the official names of every place that the incidents or claims refer to."""
    found = calculated.understanding.reconciliation
    refs = [p for i in found.incidents for p in i.places]
    refs += [p for claim in calculated.understanding.claims for p in claim.places]
    codes = sorted({p.code for p in refs if p.code is not None})
    places = [calculated.gazetteer.place(code) for code in codes if code in calculated.gazetteer]
    return tuple(PlaceName(code=p.code, name_uk=p.name_uk, name_en=p.name_en) for p in places)


def _course(course: Course, figures: Figures) -> Course:
    """Leave out districts of which nothing is known: their zeros would say that they are supplied.

    What is modelled of them stays in the totals.
    """
    known = {
        d.district
        for d in figures.consequences.districts
        if d.inferred or d.knowledge is not Knowledge.NO_REPORT
    }
    return replace(course, districts=tuple(d for d in course.districts if d.district in known))


def _with_plan(figures: Figures) -> PlanCourse:
    plan = figures.with_plan
    return replace(plan, course=_course(plan.course, figures))


def _titles(calculated: Calculated) -> tuple[IncidentTitle, ...]:
    incidents = calculated.understanding.reconciliation.incidents
    uk = titles_of(incidents, "uk", calculated.gazetteer)
    return tuple(IncidentTitle(incident=i.id, uk=uk[i.id], en=i.title) for i in incidents)


def _totals(region: Region, figures: Figures) -> Totals | None:
    """Return the region's figures; None where nothing is reported and nothing follows from it.

    A zero would say that everybody is supplied, which nobody said.
    """
    consequences = figures.consequences
    if not any(
        d.inferred or d.knowledge is not Knowledge.NO_REPORT for d in consequences.districts
    ):
        return None
    reported = [d for d in consequences.districts if d.knowledge is not Knowledge.NO_REPORT]
    return Totals(
        population=sum(d.population for d in region.districts),
        demand_mw=float(region.feeders.demand_mw.sum()),
        people_off=consequences.people_off,
        unserved_mw=consequences.unserved_mw,
        unserved_energy_mwh=consequences.unserved_energy_mwh,
        horizon_h=consequences.horizon_h,
        n_districts_reported=len(reported),
        n_districts_without_report=len(consequences.districts) - len(reported),
        people_in_reported_districts=sum(d.population for d in reported) if reported else None,
    )


def _districts(region: Region, gazetteer: Gazetteer, figures: Figures) -> tuple[DistrictEntry, ...]:
    entries = []
    for district, consequence in zip(region.districts, figures.consequences.districts, strict=True):
        oblast = gazetteer.place(district.oblast) if district.oblast in gazetteer else None
        entries.append(
            DistrictEntry(
                name_uk=district.name_uk,
                name_en=district.name_en,
                oblast_uk=district.oblast if oblast is None else oblast.name_uk,
                oblast_en=district.oblast if oblast is None else oblast.name_en,
                lon=district.lon,
                lat=district.lat,
                consequence=consequence,
            )
        )
    return tuple(entries)


def _assets(region: Region, figures: Figures, state: State) -> tuple[AssetEntry, ...]:
    """Return the assets that are probably hurt, or inspected, or about to be, likeliest first."""
    estimate = figures.estimate
    worth = {value.asset: value.moves_people for value in figures.inspections}
    under_way = {step.asset: step.stage.value for step in state.inspection_steps}
    hurt_pu = 1.0 - estimate.probability[:, DamageState.INTACT]
    inspected = (estimate.basis == Basis.INSPECTION) | np.isin(estimate.assets.id, list(under_way))
    ranked = np.isin(estimate.assets.id, list(worth))
    rows = np.flatnonzero((hurt_pu >= SHOWN_FROM) | inspected | ranked)
    rows = rows[np.argsort(-hurt_pu[rows], kind="stable")][:MAX_ASSETS]
    entries = []
    for row in rows:
        asset = AssetId(str(estimate.assets.id[row]))
        at = int(estimate.assets.district[row])
        district = region.districts[at] if at >= 0 else None
        entries.append(
            AssetEntry(
                id=asset,
                kind=str(estimate.assets.kind[row]),
                name=str(estimate.assets.name[row]),
                district_en=None if district is None else district.name_en,
                district_uk=None if district is None else district.name_uk,
                p_intact=float(estimate.probability[row, DamageState.INTACT]),
                p_impaired=float(estimate.probability[row, DamageState.IMPAIRED]),
                p_destroyed=float(estimate.probability[row, DamageState.DESTROYED]),
                basis=str(estimate.basis[row]),
                incidents=estimate.incidents[row],
                inspection_moves_people=worth.get(asset),
                inspection=under_way.get(asset),
            )
        )
    return tuple(entries)


def _notices(logged: tuple[Notice, ...], drafts: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Return logged notices, then the drafts that are not among them."""
    known = {notice.id for notice in logged}
    return (*logged, *(draft for draft in drafts if draft.id not in known))
