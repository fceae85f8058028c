"""What comes first in a brief of several incidents: how many, told by whom, where, how dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lightkeeper.claims.model import Claim, ClaimKind
from lightkeeper.incidents.brief.facts import finish, ids_of, say_number, unit_of
from lightkeeper.incidents.brief.model import Listed, Sentence, Sort
from lightkeeper.incidents.brief.standing import Sourcing, say_reports, say_speakers
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import IncidentId
from lightkeeper.region import PlaceCode, PlaceLevel
from lightkeeper.reports.model import ReportId

MAX_PLACES = 12


def say_overview(
    sourcings: Sequence[Sourcing],
    undated: Sequence[Sourcing],
    titles: Mapping[IncidentId, str],
    words: Words,
) -> tuple[Sentence, ...]:
    """How many incidents and reports, the districts named, and who states how many are dark."""
    said = [
        *_how_many(sourcings, words),
        *_where(sourcings, words),
        *_how_dark(sourcings, titles, words),
        *_undated(undated, titles, words),
    ]
    return tuple(
        Sentence(text=finish(text), sort=Sort.OVERVIEW, claims=ids_of(claims), listed=listed)
        for text, claims, listed in said
        if claims
    )


_Told = tuple[str, list[Claim], tuple[Listed, ...]]


def _how_many(sourcings: Sequence[Sourcing], words: Words) -> list[_Told]:
    if not sourcings:
        return []
    reports = list(dict.fromkeys(r for s in sourcings for r in s.incident.reports))
    first: dict[ReportId, Claim] = {}
    for sourcing in sourcings:
        for claim in sourcing.incident.claims:
            first.setdefault(claim.report, claim)
    ids = tuple(s.incident.id for s in sourcings)
    incidents = words.amount(len(ids), "incidents")
    listed = [Listed(what="incidents", ids=ids)]
    if sourcings[0].sources_withheld:
        text = words.text("overview.incidents_only", incidents=incidents)
    else:
        listed.append(Listed(what="reports", ids=tuple(reports)))
        text = words.forms(
            "overview.incidents",
            len(reports),
            incidents=incidents,
            reports=words.amount(len(reports), "reports"),
        )
    return [(text, list(first.values()), tuple(listed))]


def _where(sourcings: Sequence[Sourcing], words: Words) -> list[_Told]:
    """Raions named or lain in; an oblast only where nothing finer of it is named."""
    found: dict[PlaceCode, Claim] = {}
    gazetteer = words.gazetteer
    for sourcing in sourcings:
        for claim in sourcing.incident.claims:
            for place in claim.places:
                if place.code is None or place.code not in gazetteer or claim.is_negated:
                    continue
                raion = gazetteer.level_up(place.code, PlaceLevel.RAION)
                oblast = gazetteer.level_up(place.code, PlaceLevel.OBLAST)
                outer = raion or oblast
                if outer is not None:
                    found.setdefault(outer.code, claim)
    finest = {
        code: claim
        for code, claim in found.items()
        if not any(o != code and gazetteer.contains(code, o) for o in found)
    }
    if not finest:
        return []
    shown = list(finest)[:MAX_PLACES]
    names = [_name(code, words) for code in finest]
    listed = (Listed(what="places", ids=tuple(finest)[len(shown) :]),)
    text = words.text("overview.places", places=words.some(names, MAX_PLACES))
    return [(text, list(finest.values()), listed)]


def _name(code: PlaceCode, words: Words) -> str:
    place = words.gazetteer.place(code)
    return place.name_uk if words.language == "uk" else place.name_en


def _how_dark(
    sourcings: Sequence[Sourcing], titles: Mapping[IncidentId, str], words: Words
) -> list[_Told]:
    """Each stated number with who states it; never a sum. And the outages nobody counted."""
    said: list[_Told] = []
    uncounted: list[Sourcing] = []
    has_outage = False
    for sourcing in sourcings:
        incident = sourcing.incident
        facts = [f for f in incident.facts if f.name == "without_power"]
        counted = False
        for fact in facts:
            claims = sourcing.told(fact.claims)
            unit = unit_of(fact.value, claims, "customers")
            if unit is None:
                continue
            count = say_number(claims, unit, words)
            if count is None:
                continue
            counted = True
            speakers = say_speakers(claims, sourcing, words, "gen")
            key = "overview.power" if speakers else "overview.power_report"
            text = words.text(
                "overview.power_only" if sourcing.sources_withheld else key,
                title=titles[incident.id],
                count=count,
                speakers=speakers,
                report=say_reports(claims, sourcing, words),
            )
            said.append((text, claims, ()))
        outages = [c for c in incident.claims if c.kind is ClaimKind.OUTAGE and not c.is_negated]
        has_outage = has_outage or bool(outages)
        if outages and not counted:
            uncounted.append(sourcing)
    if sourcings and sourcings[0].sources_withheld:
        return said  # what is not told here may well be known
    if uncounted:
        n = len(uncounted)
        text = words.forms(
            "overview.power_unknown",
            n,
            n=words.number(n),
            titles=words.some([titles[s.incident.id] for s in uncounted]),
        )
        claims = [_outage(s) for s in uncounted]
        ids = tuple(s.incident.id for s in uncounted)
        said.append((text, claims, _count_of(ids)))
    if sourcings and not has_outage:
        said.append(
            (words.text("overview.no_outage"), [s.incident.claims[0] for s in sourcings], ())
        )
    return said


def _outage(sourcing: Sourcing) -> Claim:
    return next(c for c in sourcing.incident.claims if c.kind is ClaimKind.OUTAGE)


def _undated(
    undated: Sequence[Sourcing], titles: Mapping[IncidentId, str], words: Words
) -> list[_Told]:
    if not undated:
        return []
    n = len(undated)
    named = words.some([titles[s.incident.id] for s in undated])
    text = words.forms("overview.undated", n, n=words.number(n), titles=named)
    ids = tuple(s.incident.id for s in undated)
    return [(text, [s.incident.claims[0] for s in undated], _count_of(ids))]


def _count_of(ids: tuple[str, ...]) -> tuple[Listed, ...]:
    """The count itself, and that of what is left unnamed."""
    return (Listed(what="incidents", ids=ids), Listed(what="more", ids=ids[4:]))
