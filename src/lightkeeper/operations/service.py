"""The picture as a running service: computed once for each state of the log, shown many times."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock, RLock

from lightkeeper.claims import Claim
from lightkeeper.errors import NotAllowed, NotFound
from lightkeeper.incidents import Incident, IncidentId, Similar
from lightkeeper.notices.approve import approve, is_public
from lightkeeper.notices.audience import AudienceOptions, may_read_reports, project
from lightkeeper.notices.cap import to_cap
from lightkeeper.notices.model import Audience, Notice, NoticeId
from lightkeeper.notices.picture import (
    DistrictEntry,
    Picture,
    PlaceName,
    ReportEntry,
    SourceEntry,
)
from lightkeeper.operations.calculate import Calculated, calculate
from lightkeeper.operations.language_model import ModelEndpoint
from lightkeeper.operations.picture import assemble
from lightkeeper.operations.read_text import ReadText, name_places, read_report, try_text
from lightkeeper.operations.sources import list_sources
from lightkeeper.operations.understand import ClaimReader
from lightkeeper.operations.workspace import Progress, Workspace, no_progress
from lightkeeper.region import DistrictId
from lightkeeper.reports.model import ReportId
from lightkeeper.reports.source import SourceRecord
from lightkeeper.storage import (
    Event,
    InspectionUnderWay,
    LogSeq,
    NoticeApproved,
    NoticeDrafted,
    NoticeWithdrawn,
    PictureComputed,
    ReviewConfirmed,
    ReviewReopened,
    SourceChecked,
    State,
)
from lightkeeper.storage import project as project_log

MAX_KEPT = 16
SHOWN_ONLY = (
    NoticeDrafted,
    NoticeApproved,
    NoticeWithdrawn,
    PictureComputed,
    SourceChecked,
    InspectionUnderWay,
    ReviewConfirmed,
    ReviewReopened,
)
"""Events that change what is shown, not what is computed."""

LiveRecords = Callable[[], Mapping[str, SourceRecord]]
"""How the sources do that this process asks, to the last look."""


class PictureService:
    """Builds pictures of one workspace. Safe to share between threads."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        progress: Progress = no_progress,
        live_records: LiveRecords | None = None,
    ) -> None:
        self._workspace = workspace
        self._live_records = live_records
        self._tell = progress
        self._reader = ClaimReader(workspace.gazetteer)
        self._calculated: OrderedDict[LogSeq, Calculated] = OrderedDict()
        # One picture is computed at a time: two would only share the same cores.
        self._building = RLock()
        self._doing = Lock()
        self._progress: tuple[str, float, bool] = ("", 1.0, False)

    def progress(self) -> tuple[str, float, bool]:
        """Return what is being computed, the share done, and whether anything is."""
        with self._doing:
            return self._progress

    def full_picture(self, at: datetime | None = None) -> Picture:
        """Return the whole picture as it was known at a moment, or now. Not for showing."""
        workspace = self._workspace
        entries = workspace.store.events(until=at)
        state = project_log(entries)
        inputs = [e for e in entries if not isinstance(e.payload, SHOWN_ONLY)]
        key = inputs[-1].seq if inputs else LogSeq(0)
        with self._building:
            calculated = self._calculated.get(key)
            if calculated is None:
                try:
                    calculated = calculate(
                        state,
                        at=inputs[-1].at if inputs else at or workspace.now(),
                        reader=self._reader,
                        gazetteer=workspace.gazetteer,
                        region=workspace.region,
                        options=workspace.options,
                        progress=self._report,
                    )
                finally:
                    self._report("", 1.0)
                self._calculated[key] = calculated
                while len(self._calculated) > MAX_KEPT:
                    self._calculated.popitem(last=False)
        return assemble(
            calculated,
            state,
            seq=entries[-1].seq if entries else LogSeq(0),
            as_of=entries[-1].at if entries else at or workspace.now(),
            sources=self._sources(state, at),
        )

    def sources(self, audience: Audience, *, at: datetime | None = None) -> tuple[SourceEntry, ...]:
        """Return where reports come from and how each source does; nothing is computed for it."""
        if not may_read_reports(audience):
            raise NotAllowed(f'the audience "{audience}" does not see sources')
        return self._sources(self._workspace.store.state(at), at)

    def _sources(self, state: State, at: datetime | None) -> tuple[SourceEntry, ...]:
        live = self._live_records() if at is None and self._live_records else None
        now = at or self._workspace.now()
        return list_sources(state, self._workspace.sources, now, live=live)

    def picture(self, audience: Audience, *, at: datetime | None = None) -> Picture:
        """Return the picture as an audience may see it."""
        return project(
            self.full_picture(at),
            audience,
            now=at or self._workspace.now(),
            options=AudienceOptions(delay_min=self._workspace.options.hold_min),
        )

    def district(
        self, district_id: DistrictId, audience: Audience, *, at: datetime | None = None
    ) -> DistrictEntry:
        """Return one district with its services, as an audience may see it.

        Raises
        ------
        NotFound
            The region has no such district, or nothing of it is told to the audience.
        """
        for entry in self.picture(audience, at=at).districts:
            if entry.consequence.district == district_id:
                return entry
        raise NotFound(f'district "{district_id}" is not known, or nothing of it is told here')

    def report(
        self, report_id: ReportId, audience: Audience
    ) -> tuple[ReportEntry, tuple[Claim, ...]]:
        """Return one report with its claims.

        Raises
        ------
        NotAllowed
            The audience may not read reports.
        NotFound
            The report is not in the log.
        """
        if not may_read_reports(audience):
            raise NotAllowed(f'the audience "{audience}" does not read reports')
        picture = self.full_picture()
        entry = next((r for r in picture.reports if r.id == report_id), None)
        if entry is None:
            raise NotFound(f'report "{report_id}" is not in the log')
        report = next(r for r in self._workspace.store.state().reports if r.id == report_id)
        return entry, self._reader.read(report)

    def name_places(self, claims: Sequence[Claim]) -> tuple[PlaceName, ...]:
        """Return the official names of the places that claims are about."""
        return name_places(claims, self._workspace.gazetteer)

    def language_model(self) -> ModelEndpoint | None:
        """Return the language model that may be asked, None where none is set."""
        return self._workspace.language_model

    def read_again(self, report_id: ReportId, audience: Audience) -> ReadText:
        """Have a report read by the language model too: its text is sent to the endpoint.

        Raises
        ------
        NotAllowed
            The audience may not read reports.
        NotFound
            The report is not in the log, or no language model is set.
        """
        _, claims = self.report(report_id, audience)
        report = next(r for r in self._workspace.store.state().reports if r.id == report_id)
        return read_report(
            report, claims, gazetteer=self._workspace.gazetteer, endpoint=self._endpoint()
        )

    def try_text(
        self, text: str, *, channel: str | None, published_at: datetime | None, with_model: bool
    ) -> ReadText:
        """Say what would be read in a text; nothing is stored.

        Raises
        ------
        ReportUnreadable
            The text is empty, or longer than a report.
        NotFound
            `with_model`, and no language model is set.
        """
        return try_text(
            text,
            channel=channel,
            published_at=published_at,
            gazetteer=self._workspace.gazetteer,
            endpoint=self._endpoint() if with_model else None,
        )

    def _endpoint(self) -> ModelEndpoint:
        if self._workspace.language_model is None:
            raise NotFound("no language model is set; set LIGHTKEEPER_LANGUAGE_MODEL_URL")
        return self._workspace.language_model

    def incident(
        self, incident_id: IncidentId, audience: Audience, *, at: datetime | None = None
    ) -> tuple[Incident, tuple[Similar, ...]]:
        """Return the incident that an id stands for, and others that might be the same.

        Raises
        ------
        NotAllowed
            The audience may not read reports.
        NotFound
            The id was never given, or nothing that counts is left of its event.
        """
        if not may_read_reports(audience):
            raise NotAllowed(f'the audience "{audience}" does not see single incidents')
        state = self._workspace.store.state(at)
        found = self._reader.look_up(state, self._workspace.gazetteer, incident_id)
        if found is None:
            raise NotFound(f'incident "{incident_id}" is not known, or no report of it counts')
        return found

    def approve(self, notice_id: NoticeId, *, actor: str) -> Notice:
        """Approve a draft of the current picture in a person's name, and log both."""
        with self._building:
            notice = self._notice(notice_id)
            approved = approve(
                notice,
                by=actor,
                at=self._workspace.now(),
                is_exercise=self._workspace.region.network.is_synthetic,
            )
            self._workspace.store.append(
                [
                    Event(actor="lightkeeper", payload=NoticeDrafted(notice=notice)),
                    Event(actor=actor, payload=NoticeApproved(notice=notice_id, by=actor)),
                ],
                at=self._workspace.now(),
            )
            return approved

    def cap(self, notice_id: NoticeId) -> bytes:
        """Return an approved notice that is due as a CAP message."""
        notice = self._notice(notice_id)
        if not is_public(notice, self._workspace.now()):
            raise NotAllowed(
                f"notice {notice_id} is not approved, not yet due or no longer valid: "
                f"it may leave from {notice.not_before:%Y-%m-%d %H:%M} UTC once approved"
            )
        return to_cap(notice, sender=self._workspace.cap_sender)

    def _notice(self, notice_id: NoticeId) -> Notice:
        for notice in self.full_picture().notices:
            if notice.id == notice_id:
                return notice
        raise NotFound(f'notice "{notice_id}" is not in the current picture; reload it')

    def _report(self, what: str, done_pu: float) -> None:
        with self._doing:
            self._progress = (what, done_pu, bool(what))
        self._tell(what, done_pu)
