"""The web server: translates HTTP into use cases and their answers into JSON. Nothing more.

Bound to loopback until there is a sign-in. Everything about the picture passes
`lightkeeper.notices.audience.project` before it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lightkeeper import __version__, operations
from lightkeeper.claims.model import Claim
from lightkeeper.damage.model import AssetId, DamageState, InspectionStage
from lightkeeper.errors import DeliveryError, InputError, LightkeeperError, NotAllowed, NotFound
from lightkeeper.incidents import Incident, IncidentId, Similar
from lightkeeper.notices.model import Audience, Notice, NoticeId
from lightkeeper.notices.picture import (
    AssetEntry,
    DistrictEntry,
    Picture,
    PlaceName,
    ReportEntry,
    SourceEntry,
    leave_out,
)
from lightkeeper.operations import PictureService, Workspace
from lightkeeper.operations.language_model import SecondReading
from lightkeeper.operations.read_text import ReadText
from lightkeeper.operations.service import LiveRecords
from lightkeeper.region import DistrictId
from lightkeeper.reports.model import ReportId
from lightkeeper.storage import LogSeq
from lightkeeper.web.briefing import make_brief_router
from lightkeeper.web.moments import AtQuery, AudienceQuery, UtcMoment, WithoutQuery
from lightkeeper.web.public import render_public
from lightkeeper.web.reviewing import make_review_router
from lightkeeper.web.session import (
    Sessions,
    User,
    is_foreign_write,
    require_user,
    sessions_of,
    user_of,
)

STATIC = Path(str(files("lightkeeper.web").joinpath("static")))

# One origin, no inline script, nothing from outside: the page works without the internet.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """Who is at the screen."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """A report entered by hand. `published_at` only if the source says it."""

    source: str
    text: str
    published_at: UtcMoment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRequest:
    """Why something is taken back."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """`kind` is "merge" or "split"."""

    kind: str
    reports: tuple[ReportId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRequest:
    """What a crew saw: 0 intact, 1 impaired, 2 destroyed; or how far its inspection has come.

    Exactly one of `state` and `stage` is given.
    """

    asset: AssetId
    state: DamageState | None = None
    stage: InspectionStage | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWithClaims:
    """A report with its claims, for marking them in the text."""

    report: ReportEntry
    claims: tuple[Claim, ...]
    place_names: tuple[PlaceName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWithSimilar:
    """An incident, and others that a person might find to be the same, with the evidence."""

    incident: Incident
    similar: tuple[Similar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRequest:
    """A text to read without keeping it. `with_model`: have the language model read it too, which
    sends it to the endpoint of the settings."""

    text: str
    channel: str | None = None
    published_at: UtcMoment | None = None
    with_model: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedText:
    """What would be read in a text. `language` None: another one than those that can be read."""

    text: str
    language: str | None
    claims: tuple[Claim, ...]
    place_names: tuple[PlaceName, ...]
    second: SecondReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """The language model that may be asked, and the host that the text would be sent to."""

    model: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressAnswer:
    """What is being computed, and how far it is (0 to 1)."""

    what: str
    done_pu: float
    is_busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """What went wrong and the mend."""

    error: str
    message: str
    problems: tuple[str, ...] = ()


def create_app(workspace: Workspace, *, live_records: LiveRecords | None = None) -> FastAPI:
    """Return the application on an open workspace.

    `live_records` says how sources do that are asked in the background.
    """
    service = PictureService(workspace, live_records=live_records)
    app = FastAPI(
        title="Lightkeeper",
        version=__version__,
        description="From reports to one trusted picture of an energy system under attack.",
        docs_url=None,  # its page loads scripts from outside
        redoc_url=None,
        responses={status: {"model": ErrorAnswer} for status in (400, 403, 404, 422)},
    )
    app.state.sessions = Sessions()
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", "testserver"]
    )

    app.add_middleware(GZipMiddleware, minimum_size=2000)

    @app.middleware("http")
    async def refuse_foreign_writes(
        request: Request, call_next: RequestResponseEndpoint
    ) -> Response:
        if is_foreign_write(request):
            answer = ErrorAnswer(
                error="NotAllowed",
                message="a page of another origin may not write here; use this server's own page",
            )
            return JSONResponse(_plain(answer), status_code=403)
        return await call_next(request)

    @app.middleware("http")
    async def add_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.exception_handler(LightkeeperError)
    async def explain(_request: Request, error: Exception) -> JSONResponse:
        problems = tuple(str(p) for p in getattr(error, "problems", ()))
        answer = ErrorAnswer(error=type(error).__name__, message=str(error), problems=problems)
        return JSONResponse(_plain(answer), status_code=_status(error))

    @app.exception_handler(RequestValidationError)
    async def explain_request(_request: Request, error: Exception) -> JSONResponse:
        problems = error.errors() if isinstance(error, RequestValidationError) else ()
        answer = ErrorAnswer(
            error="InputError",
            message="the request is not as the schema says",
            problems=tuple(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems),
        )
        return JSONResponse(_plain(answer), status_code=422)

    @app.exception_handler(HTTPException)
    async def explain_http(_request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else str(error)
        return JSONResponse(_plain(ErrorAnswer(error="HTTPError", message=detail)), status)

    @app.get("/api/session")
    def read_session(user: Annotated[User | None, Depends(user_of)]) -> User | None:
        """Who is at this screen; null until a name is given."""
        return user

    @app.post("/api/session")
    def open_session(
        body: SessionRequest,
        response: Response,
        sessions: Annotated[Sessions, Depends(sessions_of)],
    ) -> User:
        """Say who is at this screen. The name stands in the log beside what is done."""
        return sessions.open(body.name, response)

    @app.get("/api/picture")
    def read_picture(
        audience: AudienceQuery = Audience.OPERATOR,
        at: AtQuery = None,
        without: WithoutQuery = (),
    ) -> Picture:
        """The operating picture, now or at a past moment, as the audience may see it."""
        return leave_out(service.picture(audience, at=at), without)

    @app.get("/api/districts/{district_id}")
    def read_district(
        district_id: DistrictId, audience: AudienceQuery = Audience.OPERATOR, at: AtQuery = None
    ) -> DistrictEntry:
        """One district of the picture with all of its services."""
        return service.district(district_id, audience, at=at)

    @app.get("/api/assets")
    def read_assets(
        audience: AudienceQuery = Audience.OPERATOR, at: AtQuery = None
    ) -> tuple[AssetEntry, ...]:
        """The assets of the picture. Operators only: the list of others is empty."""
        return service.picture(audience, at=at).assets

    @app.get("/api/sources")
    def read_sources(
        audience: AudienceQuery = Audience.OPERATOR, at: AtQuery = None
    ) -> tuple[SourceEntry, ...]:
        """Where reports come from, and how each source does. Not for the public."""
        return service.sources(audience, at=at)

    @app.get("/api/progress")
    def read_progress() -> ProgressAnswer:
        """What the server is computing."""
        what, done_pu, is_busy = service.progress()
        return ProgressAnswer(what=what, done_pu=done_pu, is_busy=is_busy)

    @app.get("/api/map/districts", response_class=Response)
    def read_districts() -> Response:
        """Districts as GeoJSON; the ids are those of the picture."""
        return _geojson(operations.districts_geojson(workspace.region))

    @app.get("/api/map/outline", response_class=Response)
    def read_outline() -> Response:
        """The country and its neighbours as GeoJSON, in the internationally recognised borders."""
        return _geojson(operations.outline_geojson())

    @app.get("/api/map/grid", response_class=Response)
    def read_grid(audience: AudienceQuery = Audience.OPERATOR) -> Response:
        """Lines and buses as GeoJSON, with voltage and nothing else. Operators only."""
        return _geojson(operations.grid_geojson(workspace.region, audience))

    @app.get("/api/incidents/{incident_id}")
    def read_incident(
        incident_id: IncidentId, audience: AudienceQuery = Audience.OPERATOR, at: AtQuery = None
    ) -> IncidentWithSimilar:
        """The incident that an id stands for, also after merges, and others that might be it."""
        incident, similar = service.incident(incident_id, audience, at=at)
        return IncidentWithSimilar(incident=incident, similar=similar)

    @app.get("/api/reports/{report_id}")
    def read_report(
        report_id: ReportId, audience: AudienceQuery = Audience.OPERATOR
    ) -> ReportWithClaims:
        """One report, verbatim, with its claims. Not for the public."""
        report, claims = service.report(report_id, audience)
        return ReportWithClaims(
            report=report, claims=claims, place_names=service.name_places(claims)
        )

    @app.post("/api/reports/{report_id}/second-reading")
    def read_again(report_id: ReportId, audience: AudienceQuery = Audience.OPERATOR) -> TriedText:
        """Have the language model read a report too: its text is sent to the endpoint set."""
        return _tried(service.read_again(report_id, audience))

    @app.get("/api/language-model")
    def read_language_model() -> ModelInfo | None:
        """The language model that may be asked; null where none is set, which is the default."""
        endpoint = service.language_model()
        return None if endpoint is None else ModelInfo(model=endpoint.model, host=endpoint.host)

    @app.post("/api/try")
    def try_text(body: TryRequest) -> TriedText:
        """Say what would be read in a text. Nothing is stored."""
        return _tried(
            service.try_text(
                body.text,
                channel=body.channel,
                published_at=body.published_at,
                with_model=body.with_model,
            )
        )

    @app.post("/api/reports", status_code=201)
    def enter_report(body: ReportRequest, user: Annotated[User, Depends(require_user)]) -> ReportId:
        """Enter a report by hand."""
        done = operations.enter_report(
            workspace,
            source=body.source,
            text=body.text,
            published_at=body.published_at,
            actor=user.name,
        )
        return (done.new or done.known)[0].id

    @app.post("/api/reports/{report_id}/retract", status_code=204)
    def retract_report(
        report_id: ReportId, body: ReasonRequest, user: Annotated[User, Depends(require_user)]
    ) -> None:
        """Take a report out of every figure; it stays in the log."""
        operations.retract_report(workspace, report_id, reason=body.reason, actor=user.name)

    @app.post("/api/reports/{report_id}/restore", status_code=204)
    def restore_report(
        report_id: ReportId, body: ReasonRequest, user: Annotated[User, Depends(require_user)]
    ) -> None:
        """Undo a retraction."""
        operations.restore_report(workspace, report_id, reason=body.reason, actor=user.name)

    @app.post("/api/merges", status_code=201)
    def decide_merge(body: MergeRequest, user: Annotated[User, Depends(require_user)]) -> LogSeq:
        """Say that reports are, or are not, of one event. Returns the number to undo it by."""
        return operations.decide_merge(workspace, body.kind, body.reports, actor=user.name)

    @app.delete("/api/merges/{decision}", status_code=204)
    def undo_merge(decision: LogSeq, user: Annotated[User, Depends(require_user)]) -> None:
        """Take a merge or split back."""
        operations.undo_merge(workspace, decision, actor=user.name)

    @app.post("/api/inspections", status_code=204)
    def record_inspection(
        body: InspectionRequest, user: Annotated[User, Depends(require_user)]
    ) -> None:
        """Record what a crew saw at an asset; it beats inference. Or that one is under way."""
        operations.record_inspection(
            workspace,
            body.asset,
            body.state,
            stage=body.stage,
            note=body.note,
            actor=user.name,
        )

    @app.post("/api/notices/{notice_id}/approve")
    def approve_notice(notice_id: NoticeId, user: Annotated[User, Depends(require_user)]) -> Notice:
        """Approve a draft in your name. It leaves when its hold has passed."""
        return service.approve(notice_id, actor=user.name)

    @app.get("/api/notices/{notice_id}/cap", response_class=Response)
    def read_cap(notice_id: NoticeId) -> Response:
        """An approved notice that is due, as CAP 1.2."""
        return Response(service.cap(notice_id), media_type="application/cap+xml")

    @app.get("/public", response_class=HTMLResponse, include_in_schema=False)
    def public_page(lang: str = "uk") -> HTMLResponse:
        """What residents see: no script, under 50 kB."""
        page = render_public(
            service.picture(Audience.PUBLIC), lang, time_zone=workspace.options.time_zone
        )
        return HTMLResponse(page)

    app.include_router(make_brief_router(workspace, service))
    app.include_router(make_review_router(workspace))

    if STATIC.is_dir():
        app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    else:

        @app.get("/", response_class=HTMLResponse, include_in_schema=False)
        def not_built() -> HTMLResponse:
            return HTMLResponse(
                "<p>The page is not built. Run <code>make demo</code>, or install the wheel. "
                'The <a href="/public">public page</a> works without it.</p>',
                status_code=503,
            )

    return app


def _tried(done: ReadText) -> TriedText:
    return TriedText(
        text=done.report.text,
        language=done.report.language,
        claims=done.claims,
        place_names=done.place_names,
        second=done.second,
    )


def _geojson(collection: bytes) -> Response:
    return Response(
        collection,
        media_type="application/geo+json",
        headers={"Cache-Control": "private, max-age=3600"},
    )


def _plain(answer: ErrorAnswer) -> dict[str, object]:
    return {
        "error": answer.error,
        "message": answer.message,
        "problems": list(answer.problems),
    }


def _status(error: Exception) -> int:
    match error:
        case NotAllowed():
            return 403
        case NotFound():
            return 404
        case InputError():
            return 422
        case DeliveryError():
            return 502
        case _:
            return 500
