"""What of a brief may be said to whom: the part of the audience rules that briefs pass.

The public gets no brief of its own making: it is made from what `audience` releases, and nobody's
words, places finer than a district, causes, targets, weapons or sources are left in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from lightkeeper.claims.model import Attribution, Claim, ClaimKind, PlaceRef, Span, SpeakerRole
from lightkeeper.incidents.brief import Material
from lightkeeper.incidents.model import Incident
from lightkeeper.notices.audience import (
    COARSE_LEVELS,
    PUBLIC_TITLES,
    WITHHELD,
    AudienceOptions,
    public_facts,
    public_kind,
)
from lightkeeper.notices.model import Audience
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import ReportId

HELD_BACK = ("strikes", "damage", "reports", "sources", "places", "recent_state")
_TOLD = frozenset({ClaimKind.ALERT, ClaimKind.ALL_CLEAR, ClaimKind.OUTAGE, ClaimKind.RESTORED})
"""Advice and outlook are other people's words, which may tell anything; they stay out."""


def brief_material(
    material: Material,
    audience: Audience,
    *,
    heard_at: Mapping[ReportId, datetime],
    now: datetime,
    options: AudienceOptions | None = None,
) -> Material:
    """Return the material of a brief that an audience may see.

    `heard_at` is when each report was published, else received: what is fresher than the hold is
    kept from the public, alarms excepted.
    """
    if audience is not Audience.PUBLIC:
        return replace(material, audience=audience.value)
    released_before = now - timedelta(minutes=(options or AudienceOptions()).delay_min)
    fresh = {r for r, at in heard_at.items() if at > released_before}
    return replace(
        material,
        audience=audience.value,
        incidents=[
            shown
            for i in material.incidents
            if (shown := _release(i, fresh, material.gazetteer)) is not None
        ],
        outside=(),
        authors={},
        held_back=HELD_BACK,
        sources_withheld=True,
    )


def _release(incident: Incident, fresh: set[ReportId], gazetteer: Gazetteer) -> Incident | None:
    """Keep the facts that residents may know, on claims without words; None for no such fact."""
    of = {c.id: c for c in incident.claims}
    facts = [
        f
        for f in public_facts(incident, fresh)
        if all(of[c].kind in _TOLD and not of[c].is_negated for c in f.claims)
    ]
    if not facts:
        return None
    claims = tuple(
        _release_claim(of[i], gazetteer) for i in dict.fromkeys(c for f in facts for c in f.claims)
    )
    kind = public_kind({c.kind for c in claims})
    places = tuple(dict.fromkeys(p for c in claims for p in c.places))
    where = ", ".join(p.text for p in places) or "place not released"
    return replace(
        incident,
        title=f"{PUBLIC_TITLES[kind]} \N{EM DASH} {where}",
        kind=kind,
        places=places,
        claims=claims,
        aliases=(),
        facts=tuple(facts),
        contradictions=(),
        unknowns=(),
        superseded=(),
        sources=(),
        parent=None,
        children=(),
        unshared_quotes=(),
    )


def _release_claim(claim: Claim, gazetteer: Gazetteer) -> Claim:
    is_back = claim.kind is ClaimKind.RESTORED
    return Claim(
        id=claim.id,
        report=claim.report,
        kind=claim.kind,
        layer=claim.layer,
        span=Span(start=0, end=len(WITHHELD), text=WITHHELD),
        attribution=Attribution(role=SpeakerRole.SELF),
        places=tuple(
            PlaceRef(text=gazetteer.place(p.code).name_en, code=p.code, level=p.level)
            for p in claim.places
            if p.level in COARSE_LEVELS and p.code is not None and p.code in gazetteer
        ),
        time=claim.time,
        count=claim.count if claim.kind is ClaimKind.OUTAGE else None,
        customers=claim.customers,
        alert_type=claim.alert_type,
        effect=claim.effect if is_back else None,
        certainty=claim.certainty,
    )
