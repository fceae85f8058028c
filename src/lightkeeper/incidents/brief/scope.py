"""Which incidents a brief is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from lightkeeper.errors import NotFound
from lightkeeper.incidents.brief.model import Material, Scope
from lightkeeper.incidents.model import Incident
from lightkeeper.region import Gazetteer, PlaceCode, PlaceLevel
from lightkeeper.reports.model import Report, ReportId


def choose_incidents(
    material: Material, scope: Scope
) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
    """Incidents of a scope, in the order of the picture, and those that have no date to go by.

    An incident comes with its parts. The second are the undated ones where a period is asked for:
    whether they belong to it nobody can say.

    Raises
    ------
    NotFound
        No incident has the id asked for.
    """
    if scope.incident is not None:
        chosen = _one(material.incidents, scope)
        return chosen, ()
    found = [
        i
        for i in material.incidents
        if scope.place is None or _is_in(i, scope.place, material.gazetteer)
    ]
    if scope.from_at is None and scope.to_at is None:
        return tuple(found), ()
    times = {i.id: _span(i, material.reports) for i in found}
    dated = tuple(i for i in found if _overlaps(times[i.id], scope))
    return dated, tuple(i for i in found if times[i.id] is None)


def _one(incidents: Sequence[Incident], scope: Scope) -> tuple[Incident, ...]:
    for incident in incidents:
        if scope.incident == incident.id or scope.incident in incident.aliases:
            parts = tuple(i for i in incidents if i.parent == incident.id)
            return (incident, *parts)
    raise NotFound(
        f'incident "{scope.incident}" is not in the picture; `lightkeeper picture` lists them'
    )


def _is_in(incident: Incident, place: PlaceCode, gazetteer: Gazetteer) -> bool:
    """Whether an incident is in a place, or over a region that takes the place in.

    The country takes in everything and tells nothing.
    """
    for told in incident.places:
        if told.code is None or told.code not in gazetteer:
            continue
        if gazetteer.contains(place, told.code):
            return True
        if told.level is not PlaceLevel.COUNTRY and gazetteer.contains(told.code, place):
            return True
    return False


def _span(
    incident: Incident, reports: Mapping[ReportId, Report]
) -> tuple[datetime | None, datetime | None] | None:
    """When it was, as said, else when it was told; None where neither is known."""
    time = incident.time
    if time is not None and (time.from_at is not None or time.to_at is not None):
        return time.from_at, time.to_at
    told = [
        at for r in incident.reports if r in reports and (at := reports[r].published_at) is not None
    ]
    return (min(told), max(told)) if told else None


def _overlaps(span: tuple[datetime | None, datetime | None] | None, scope: Scope) -> bool:
    if span is None:
        return False
    from_at, to_at = span
    starts_before_end = scope.to_at is None or from_at is None or from_at <= scope.to_at
    ends_after_start = scope.from_at is None or to_at is None or to_at >= scope.from_at
    return starts_before_end and ends_after_start
