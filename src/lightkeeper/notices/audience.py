"""What may be said to whom. Every way out of Lightkeeper passes `project`, briefs pass
`lightkeeper.notices.brief_audience`.

| part | public | official | operator |
|---|---|---|---|
| incidents | alarms at once, the rest after the delay; no strike, claim or source | all | all |
| reports | none | all, verbatim | all, verbatim |
| sources and their health | none | all | all |
| districts | reported supply, after the delay; people in round numbers; no claim | all | all |
| assets, grid layer | none | none | all; the layer without id, name, rank and protection |
| islands, margin | none | regional figures | all, elements named |
| hour by hour, with and without the plan | none | all but the chains | all, substations named |
| shedding, repair | none | totals, no element | all |
| mobile units | none | those that go to services | all |
| schedule | once its notice is approved and due | all | all |
| reinforcement | none | totals | all, without coordinates |
| notices | approved and due, without the approver's name | all | all |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lightkeeper.claims.model import ClaimKind, PlaceRef
from lightkeeper.consequences.model import Distribution, Knowledge
from lightkeeper.damage.model import AssetId
from lightkeeper.incidents.brief import title_by_kind
from lightkeeper.incidents.model import Fact, Incident, IncidentId
from lightkeeper.notices.approve import is_public
from lightkeeper.notices.draft import fingerprint_schedule, round_people
from lightkeeper.notices.model import Audience, Notice, NoticeClass
from lightkeeper.notices.picture import (
    DistrictEntry,
    IncidentTitle,
    MarginEntry,
    MobileEntry,
    Picture,
    RepairEntry,
    ScheduleEntry,
    SheddingEntry,
)
from lightkeeper.region.model import PlaceLevel
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

PUBLIC_TITLES = {
    "outage_restored": "Power outage and power back",
    "outage": "Power outage",
    "restored": "Power back",
    "alert_all_clear": "Air alarm and all clear",
    "alert": "Air alarm",
    "all_clear": "All clear",
    "forecast": "Power outages expected",
    "advice": "Advice to residents",
}
"""What residents read of an incident's kind; the weightiest that holds comes first."""

COARSE_LEVELS = frozenset({PlaceLevel.COUNTRY, PlaceLevel.OBLAST, PlaceLevel.RAION})
"""No finer than a district, so residents may know it."""

WITHHELD = "withheld"
"""Stands where a text is known and not shown to this audience."""


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
        course=None if picture.course is None else replace(picture.course, chains=()),
        shedding=_shedding_totals(picture.shedding),
        mobile=_mobile_services(picture),
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
        if (shown := _public_incident(incident, fresh, picture)) is not None
    )
    released = {
        claim
        for incident in picture.incidents
        for fact in public_facts(incident, fresh)
        for claim in fact.claims
    }
    shown_incidents = {incident.id for incident in incidents}
    notices = tuple(n for n in picture.notices if is_public(n, now))
    codes = {place.code for incident in incidents for place in incident.places}
    totals = picture.totals
    return Picture(
        audience=Audience.PUBLIC,
        region=picture.region,
        is_exercise=picture.is_exercise,
        as_of=picture.as_of,
        seq=picture.seq,
        # Notes are free words: they may name an element.
        calculation=None if picture.calculation is None else replace(picture.calculation, notes=()),
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
            _public_district(entry, shown_incidents)
            for entry in picture.districts
            if entry.consequence.knowledge is not Knowledge.NO_REPORT
            # What only an operator's list says has no report whose age could be told.
            and entry.consequence.reported_by
            and set(entry.consequence.reported_by) <= released
        ),
        assets=(),
        islands=(),
        margin=None,
        shedding=None,
        mobile=None,
        schedule=picture.schedule if _is_approved(picture.schedule, notices) else None,
        repair=None,
        reinforcement=None,
        notices=tuple(replace(n, claims=(), approved_by=None) for n in notices),
        place_names=tuple(name for name in picture.place_names if name.code in codes),
        incident_titles=tuple(_public_title(incident, picture) for incident in incidents),
        held_back=(
            "strikes",
            "damage",
            "reports",
            "sources",
            "places",
            "assets",
            "recent_state",
            "hours",
            "plans",
            "schedule",
            "approvers",
        ),
    )


def _is_approved(schedule: ScheduleEntry | None, released: tuple[Notice, ...]) -> bool:
    """Return True when a released notice tells this very schedule: it too needs an approval."""
    if schedule is None:
        return False
    told = fingerprint_schedule(
        schedule.starts_at, schedule.slot_min, schedule.queues, schedule.is_off
    )
    return any(n.notice_class is NoticeClass.PLANNED and n.schedule == told for n in released)


def public_facts(incident: Incident, fresh: set[ReportId]) -> tuple[Fact, ...]:
    """Return the facts that stand on what residents may know alone.

    An alarm is never delayed; the rest waits until no report of the incident is fresh.
    """
    kinds = LIFE_SAFETY_KINDS if fresh & set(incident.reports) else PUBLIC_KINDS
    allowed = {c.id for c in incident.claims if c.kind in kinds}
    return tuple(f for f in incident.facts if f.claims and set(f.claims) <= allowed)


def _public_incident(incident: Incident, fresh: set[ReportId], picture: Picture) -> Incident | None:
    """Keep what residents may know; None where nothing is left.

    Claims are dropped whole, since their words may tell where a strike hit; so are the ids of
    claims and reports. A place finer than a district becomes its district, or nothing.
    """
    facts = public_facts(incident, fresh)
    if not facts:
        return None
    shown = {claim for fact in facts for claim in fact.claims}
    claims = [c for c in incident.claims if c.id in shown]
    kind = public_kind({c.kind for c in claims})
    names = {name.code: name.name_en for name in picture.place_names}
    districts = [
        PlaceRef(text=entry.name_en, code=None, level=None)
        for entry in picture.districts
        if shown & set(entry.consequence.reported_by)
    ]
    coarse = [
        PlaceRef(text=names.get(p.code, p.text), code=p.code, level=p.level)
        for c in claims
        for p in c.places
        if p.level in COARSE_LEVELS and p.code is not None
    ]
    known = {place.text for place in districts}
    places = (*districts, *dict.fromkeys(p for p in coarse if p.text not in known))
    where = ", ".join(p.text for p in places) or "place not released"
    return replace(
        incident,
        title=f"{PUBLIC_TITLES[kind]} \N{EM DASH} {where}",
        kind=kind,
        places=places,
        claims=(),
        reports=(),
        aliases=(),
        facts=tuple(replace(f, value=_public_value(f), claims=()) for f in facts),
        contradictions=(),
        unknowns=(),
        superseded=(),
        sources=(),
        children=(),
        parent=None,
        unshared_quotes=(),
    )


def _public_title(incident: Incident, picture: Picture) -> IncidentTitle:
    """Title in both languages of an incident as the public sees it."""
    by_code = {name.code: name.name_uk for name in picture.place_names}
    by_name = {entry.name_en: entry.name_uk for entry in picture.districts}
    where = ", ".join(
        by_code.get(p.code, p.text) if p.code is not None else by_name.get(p.text, p.text)
        for p in incident.places
    )
    return IncidentTitle(
        incident=incident.id,
        uk=title_by_kind(incident.kind, where, "uk", is_place_withheld=True),
        en=incident.title,
    )


def public_kind(kinds: set[ClaimKind]) -> str:
    """Return the key of `PUBLIC_TITLES` whose parts all occur, the weightiest first."""
    both = {
        "outage_restored": {ClaimKind.OUTAGE, ClaimKind.RESTORED},
        "alert_all_clear": {ClaimKind.ALERT, ClaimKind.ALL_CLEAR},
    }
    return next(
        key
        for key in PUBLIC_TITLES
        if (both[key] <= kinds if key in both else ClaimKind(key) in kinds)
    )


def _public_value(fact: Fact) -> str:
    """Return a fact's words; an outage's without its part of town and without what hit it."""
    if fact.name != ClaimKind.OUTAGE:
        return fact.value
    return fact.value.partition(": ")[0].replace("power outage from damage", "power outage")


def _public_district(entry: DistrictEntry, shown_incidents: set[IncidentId]) -> DistrictEntry:
    consequence = entry.consequence
    return replace(
        entry,
        consequence=replace(
            consequence,
            people_off=_round(consequence.people_off),
            unserved_mw=_round(consequence.unserved_mw),
            services=(),
            reported_by=(),
            reported_sources=(),
            incidents=tuple(i for i in consequence.incidents if i in shown_incidents),
        ),
    )


def _round(figure: Distribution) -> Distribution:
    return replace(
        figure,
        p05=float(round_people(figure.p05)),
        median=float(round_people(figure.median)),
        p95=float(round_people(figure.p95)),
        mean=float(round_people(figure.mean)),
        # Bounds to the last person would tell what rounding hides.
        sampling=None,
    )


def _without_elements(margin: MarginEntry | None) -> MarginEntry | None:
    if margin is None:
        return None
    return replace(margin, worst_element=None, smallest_headroom_element=None)


def _shedding_totals(shedding: SheddingEntry | None) -> SheddingEntry | None:
    return None if shedding is None else replace(shedding, steps=(), returns=(), notes=())


def _mobile_services(picture: Picture) -> MobileEntry | None:
    """Keep what goes to services, which officials know; heat sources are assets of the grid."""
    if picture.mobile is None:
        return None
    known = {s.id for entry in picture.districts for s in entry.consequence.services}
    placements = tuple(p for p in picture.mobile.placements if p.site in known)
    return replace(picture.mobile, placements=placements, too_large=())


def _repair_totals(repair: RepairEntry | None) -> RepairEntry | None:
    """Keep where and when, not what: an asset's name and id stay with the operator."""
    if repair is None:
        return None
    return replace(
        repair,
        jobs=tuple(
            replace(
                job,
                asset=AssetId(WITHHELD),
                name=WITHHELD,
                waits_for=(WITHHELD,) if job.waits_for else (),
                reason=WITHHELD,
            )
            for job in repair.jobs
        ),
    )
