"""Briefs: of the log, of a past moment, or of report files; for an audience, in a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.claims import Claim
from lightkeeper.errors import InputError
from lightkeeper.incidents import Incident, IncidentId
from lightkeeper.incidents.brief import LANGUAGES, Brief, BriefOptions, Material, Scope, make_brief
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.notices import Audience, AudienceOptions, Picture
from lightkeeper.notices.brief_audience import brief_material
from lightkeeper.operations.record import read_reports
from lightkeeper.operations.understand import ClaimReader, understand
from lightkeeper.operations.workspace import Progress, Workspace, no_progress
from lightkeeper.region import Gazetteer, PlaceCode, load_gazetteer
from lightkeeper.settings import Settings
from lightkeeper.storage import State
from lightkeeper.units import require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefRequest:
    """What a brief is asked for. `place` is a name or a code; nothing named is everything."""

    incident: IncidentId | None = None
    place: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    language: str = "uk"
    audience: Audience = Audience.OFFICIAL


def brief_of_log(
    workspace: Workspace,
    request: BriefRequest,
    *,
    at: datetime | None = None,
    progress: Progress = no_progress,
) -> Brief:
    """Make a brief of what the log tells, now or at a past moment; no figure is computed."""
    state = workspace.store.state(at)
    found = understand(
        state, ClaimReader(workspace.gazetteer), workspace.gazetteer, progress=progress
    )
    return brief_of_incidents(
        found.reconciliation.incidents,
        found.reconciliation.outside,
        state,
        request,
        gazetteer=workspace.gazetteer,
        as_of=at or workspace.now(),
        now=at or workspace.now(),
        is_exercise=workspace.region.network.is_synthetic,
        time_zone=workspace.options.time_zone,
        hold_min=workspace.options.hold_min,
    )


def brief_of_picture(
    workspace: Workspace, picture: Picture, request: BriefRequest, *, at: datetime | None = None
) -> Brief:
    """Make a brief of the full picture of a moment, as the audience may see it."""
    return brief_of_incidents(
        picture.incidents,
        picture.outside,
        workspace.store.state(at),
        request,
        gazetteer=workspace.gazetteer,
        as_of=picture.as_of,
        now=at or workspace.now(),
        is_exercise=picture.is_exercise,
        time_zone=workspace.options.time_zone,
        hold_min=workspace.options.hold_min,
    )


def brief_of_files(
    paths: Sequence[Path],
    request: BriefRequest,
    *,
    settings: Settings,
    progress: Progress = no_progress,
) -> Brief:
    """Make a brief of report files alone; nothing is stored.

    Raises
    ------
    ReportUnreadable
        A file cannot be read; nothing is told of a part, lest it pass for the whole.
    """
    reports, unreadable = read_reports(paths)
    if unreadable:
        raise unreadable[0]
    now = datetime.now(UTC)
    gazetteer = load_gazetteer()
    state = State(reports=tuple(reports), received_at={r.id: now for r in reports})
    found = understand(state, ClaimReader(gazetteer), gazetteer, progress=progress)
    return brief_of_incidents(
        found.reconciliation.incidents,
        found.reconciliation.outside,
        state,
        request,
        gazetteer=gazetteer,
        as_of=now,
        now=now,
        is_exercise=False,
        time_zone=settings.time_zone,
        hold_min=settings.hold_min,
    )


def brief_of_incidents(
    incidents: Sequence[Incident],
    outside: Sequence[Claim],
    state: State,
    request: BriefRequest,
    *,
    gazetteer: Gazetteer,
    as_of: datetime,
    now: datetime,
    is_exercise: bool,
    time_zone: str,
    hold_min: int,
) -> Brief:
    """Make a brief of incidents that are reconciled already, as the audience may see them.

    Raises
    ------
    InputError
        No brief is made in the language, the period ends before it begins, or no incident or place
        is what was asked for.
    """
    if request.language not in LANGUAGES:
        raise InputError(f'language "{request.language}" is not spoken here; use uk or en')
    from_at = None if request.from_at is None else require_utc(request.from_at)
    to_at = None if request.to_at is None else require_utc(request.to_at)
    if from_at is not None and to_at is not None and from_at > to_at:
        raise InputError(f"the period ends at {to_at} before it begins at {from_at}; swap the two")
    scope = Scope(
        incident=request.incident,
        place=None if request.place is None else find_place(request.place, gazetteer),
        from_at=from_at,
        to_at=to_at,
    )
    authors = {
        r.id: author.role
        for r in state.live_reports
        if (author := author_of(r, {})).role in OFFICIAL
    }
    material = Material(
        incidents=incidents,
        outside=outside,
        reports={r.id: r for r in state.live_reports},
        gazetteer=gazetteer,
        as_of=as_of,
        authors=authors,
        is_exercise=is_exercise,
    )
    released = brief_material(
        material,
        request.audience,
        heard_at={r.id: r.published_at or state.received_at[r.id] for r in state.live_reports},
        now=now,
        options=AudienceOptions(delay_min=hold_min),
    )
    options = BriefOptions(language=request.language, time_zone=time_zone)
    return make_brief(released, scope, options=options)


def find_place(place: str, gazetteer: Gazetteer) -> PlaceCode:
    """Code of a place named by its code or by any of its spellings; raise `PlaceUnknown`."""
    code = PlaceCode(place.strip())
    return code if code in gazetteer else gazetteer.find_one(place).code
