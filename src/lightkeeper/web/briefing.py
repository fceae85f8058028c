"""Routes of briefs: as JSON for the page, as a page to print, as Markdown, as a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from lightkeeper import operations
from lightkeeper.incidents.brief import Brief, draw_brief, to_html, to_markdown
from lightkeeper.incidents.model import IncidentId
from lightkeeper.notices.model import Audience
from lightkeeper.operations import BriefRequest, PictureService, Workspace
from lightkeeper.web.moments import AtQuery, UtcMoment


class Language(StrEnum):
    """Languages of briefs."""

    UK = "uk"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a route was asked for, and of which moment."""

    request: BriefRequest
    at: datetime | None


def read_request(
    incident: Annotated[IncidentId | None, Query(description="One incident.")] = None,
    place: Annotated[
        str | None, Query(description="Oblast, raion, hromada or town: a name or a code.")
    ] = None,
    from_at: Annotated[UtcMoment | None, Query(description="Start of a period.")] = None,
    to_at: Annotated[UtcMoment | None, Query(description="End of a period.")] = None,
    language: Annotated[Language, Query(description="Language.")] = Language.UK,
    audience: Annotated[Audience, Query(description="Whose view.")] = Audience.OFFICIAL,
    at: AtQuery = None,
) -> Asked:
    """Read the query of a route of briefs."""
    request = BriefRequest(
        incident=incident,
        place=place,
        from_at=from_at,
        to_at=to_at,
        language=language.value,
        audience=audience,
    )
    return Asked(request=request, at=at)


def make_brief_router(workspace: Workspace, service: PictureService) -> APIRouter:
    """Return the routes of briefs on an open workspace."""
    router = APIRouter(prefix="/api/brief")

    def make(asked: Asked) -> Brief:
        picture = service.full_picture(asked.at)
        return operations.brief_of_picture(workspace, picture, asked.request, at=asked.at)

    @router.get("")
    def read_brief(asked: Annotated[Asked, Depends(read_request)]) -> Brief:
        """What is known of an incident, a place or a period: every sentence with its claims."""
        return make(asked)

    @router.get("/page", response_class=Response)
    def read_brief_page(asked: Annotated[Asked, Depends(read_request)]) -> Response:
        """The brief as a page of its own, without script, to print."""
        return HTMLResponse(to_html(make(asked)))

    @router.get("/markdown", response_class=Response)
    def read_brief_markdown(asked: Annotated[Asked, Depends(read_request)]) -> Response:
        """The brief as Markdown, its claims as footnotes."""
        return PlainTextResponse(to_markdown(make(asked)), media_type="text/markdown")

    @router.get("/drawing", response_class=Response)
    def read_brief_drawing(asked: Annotated[Asked, Depends(read_request)]) -> Response:
        """The entities of the brief and how they hang together, as SVG."""
        return Response(draw_brief(make(asked)), media_type="image/svg+xml")

    return router
