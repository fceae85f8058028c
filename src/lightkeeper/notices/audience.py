"""What may be said to whom. Every way out of Lightkeeper passes `project` or `project_report`.

| part | public | official | operator |
|---|---|---|---|
| incidents | alarms at once; outages, advice, restoration after the delay; no strike | all | all |
| reports | none | all, verbatim | all, verbatim |
| districts | reported supply, after the delay; people in round numbers | all | all |
| assets, grid layer | none | none | all; the layer without rank and protection |
| islands, margin | none | regional figures | all, elements named |
| shedding, repair | none | totals, no element | all |
| schedule | all | all | all |
| reinforcement | none | totals | all, without coordinates |
| notices | approved and due | all | all |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lightkeeper.claims.model import ClaimKind, PlaceRef
from lightkeeper.consequences.model import Distribution, IslandGroup, Knowledge
from lightkeeper.damage.model import AssetId
from lightkeeper.incidents.model import Incident
from lightkeeper.notices.approve import is_public
from lightkeeper.notices.draft import round_people
from lightkeeper.notices.model import Audience
from lightkeeper.notices.picture import (
    DistrictEntry,
    MarginEntry,
    Picture,
    RepairEntry,
    SheddingEntry,
)
from lightkeeper.reports.model import ReportId

PUBLIC_KINDS = frozenset(
    {
        ClaimKind.ALERT,
        ClaimKind.ALL_CLEAR,
        ClaimKind.OUTAGE,
        ClaimKind.RESTORED,
        ClaimKind.ADVICE,
        ClaimKind.FORECAST,
    }
)
"""What a resident may be told of an incident; a strike's place and effect are never among them."""

LIFE_SAFETY_KINDS = frozenset({ClaimKind.ALERT, ClaimKind.ALL_CLEAR})


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceOptions:
    """`delay_min` holds back unplanned state from the public."""

    delay_min: int = 30


def project(
    picture: Picture, audience: Audience, *, now: datetime, options: AudienceOptions | None = None
) -> Picture:
    """Return the part of the full picture that an audience may see.

    `picture` is the full one, as `operations` builds it. `held_back` of the result says in words
    what was left out, so that nobody takes a gap for an absence.
    """
    options = options or AudienceOptions()
    if audience is Audience.OPERATOR:
        return replace(picture, audience=audience)
    if audience is Audience.OFFICIAL:
        return _official(picture)
    return _public(picture, now, options)


def may_see_grid(audience: Audience) -> bool:
    """Return True for those who may see where the network's elements are."""
    return audience is Audience.OPERATOR


def may_read_reports(audience: Audience) -> bool:
    """Return True for those who may read reports word for word."""
    return audience is not Audience.PUBLIC


def _official(picture: Picture) -> Picture:
    return replace(
        picture,
        audience=Audience.OFFICIAL,
        assets=(),
        margin=_without_elements(picture.margin),
        shedding=_shedding_totals(picture.shedding),
        repair=_repair_totals(picture.repair),
        reinforcement=None
        if picture.reinforcement is None
        else replace(picture.reinforcement, chosen=()),
        held_back=("assets", "elements", "reinforcement_ranking"),
    )


def _public(picture: Picture, now: datetime, options: AudienceOptions) -> Picture:
    released_before = now - timedelta(minutes=options.delay_min)
    heard_at = {r.id: r.published_at or r.received_at for r in picture.reports}
    fresh = {r for r, at in heard_at.items() if at > released_before}
    incidents = tuple(
        shown
        for incident in picture.incidents
        if (shown := _public_incident(incident, fresh, picture.districts)) is not None
    )
    released = {claim for i in incidents for fact in i.facts for claim in fact.claims}
    totals = picture.totals
    return Picture(
        audience=Audience.PUBLIC,
        region=picture.region,
        is_exercise=picture.is_exercise,
        as_of=picture.as_of,
        seq=picture.seq,
        calculation=picture.calculation,
        # The totals stand on every report: one fresh report holds all of them back.
        totals=None
        if totals is None or fresh
        else replace(
            totals,
            people_off=_round(totals.people_off),
            unserved_mw=_round(totals.unserved_mw),
            unserved_energy_mwh=_round(totals.unserved_energy_mwh),
        ),
        incidents=incidents,
        outside=(),
        reports=(),
        districts=tuple(
            _public_district(entry)
            for entry in picture.districts
            if entry.consequence.knowledge is not Knowledge.NO_REPORT
            and set(entry.consequence.reported_by) <= released
        ),
        assets=(),
        islands=(),
        margin=None,
        shedding=None,
        schedule=picture.schedule,
        repair=None,
        reinforcement=None,
        notices=tuple(n for n in picture.notices if is_public(n, now)),
        held_back=("strikes", "damage", "reports", "assets", "recent_state", "plans"),
    )


def _public_incident(
    incident: Incident, fresh: set[ReportId], districts: tuple[DistrictEntry, ...]
) -> Incident | None:
    """Keep what residents may know; None where nothing is left.

    An alarm is never delayed; the rest waits until no report of the incident is fresh. Claims are
    dropped whole, since their words may tell where a strike hit; places become districts.
    """
    kinds = LIFE_SAFETY_KINDS if fresh & set(incident.reports) else PUBLIC_KINDS
    allowed = {c.id: c.kind for c in incident.claims if c.kind in kinds}
    facts = tuple(f for f in incident.facts if f.claims and set(f.claims) <= set(allowed))
    if not facts:
        return None
    shown = {claim for fact in facts for claim in fact.claims}
    return replace(
        incident,
        title=", ".join(sorted({allowed[claim].replace("_", " ") for claim in shown})),
        kind=min(allowed[claim] for claim in shown),
        places=tuple(
            PlaceRef(text=entry.name_en, code=None, level=None)
            for entry in districts
            if shown & set(entry.consequence.reported_by)
        ),
        claims=(),
        facts=facts,
        contradictions=(),
        unknowns=(),
        sources=(),
        children=(),
        parent=None,
    )


def _public_district(entry: DistrictEntry) -> DistrictEntry:
    consequence = entry.consequence
    return replace(
        entry,
        consequence=replace(
            consequence,
            people_off=_round(consequence.people_off),
            unserved_mw=_round(consequence.unserved_mw),
            services=(),
        ),
    )


def _round(figure: Distribution) -> Distribution:
    return replace(
        figure,
        p05=float(round_people(figure.p05)),
        median=float(round_people(figure.median)),
        p95=float(round_people(figure.p95)),
        mean=float(round_people(figure.mean)),
    )


def _without_elements(margin: MarginEntry | None) -> MarginEntry | None:
    if margin is None:
        return None
    return replace(margin, worst_element=None, smallest_headroom_element=None)


def _shedding_totals(shedding: SheddingEntry | None) -> SheddingEntry | None:
    return None if shedding is None else replace(shedding, steps=())


def _repair_totals(repair: RepairEntry | None) -> RepairEntry | None:
    """Keep where and when, not what: an asset's name and id stay with the operator."""
    if repair is None:
        return None
    return replace(
        repair,
        jobs=tuple(
            replace(job, asset=AssetId(""), name="", waits_for=(), reason="") for job in repair.jobs
        ),
    )


def regional(islands: tuple[IslandGroup, ...]) -> float:
    """Return the chance that the network is in more than one live island."""
    return sum(group.probability for group in islands if group.n_islands > 1)
