"""The review queue of the log, kept as reports arrive, and what people do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from lightkeeper.claims.model import ClaimId
from lightkeeper.errors import InputError, NotAllowed, NotFound
from lightkeeper.incidents.brief import Material
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.incidents.review import (
    ReviewAct,
    ReviewActKind,
    ReviewItem,
    ReviewOptions,
    find_reviews,
)
from lightkeeper.incidents.stream import (
    Stream,
    decide,
    find_similar,
    open_stream,
    receive,
    snapshot,
    withdraw,
)
from lightkeeper.incidents.ties import weakest_ties
from lightkeeper.notices import Audience, may_read_reports
from lightkeeper.operations.record import (
    decide_merge,
    read_reports,
    retract_claim,
    retract_report,
)
from lightkeeper.operations.understand import ClaimReader
from lightkeeper.operations.workspace import Workspace, utc_now
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.settings import Settings
from lightkeeper.storage import Event, LogSeq, ReviewConfirmed, ReviewReopened, State


class ReviewDesk:
    """Keeps the incidents of a log up to date and lists what to look at. Safe between threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._reader = ClaimReader(workspace.gazetteer)
        self._stream = open_stream(workspace.gazetteer)
        self._retracted: frozenset[ClaimId] = frozenset()
        self._lock = Lock()

    def items(self, audience: Audience) -> tuple[ReviewItem, ...]:
        """What a person should look at, what weighs most first.

        Raises
        ------
        NotAllowed
            The audience may not read reports.
        """
        if not may_read_reports(audience):
            raise NotAllowed(f'the audience "{audience}" does not read reports')
        with self._lock:
            state = self._workspace.store.state()
            self._catch_up(state)
            return list_items(
                self._stream,
                state,
                self._workspace.gazetteer,
                now=self._workspace.now(),
                time_zone=self._workspace.options.time_zone,
            )

    def confirm(self, item: str, *, note: str, actor: str) -> LogSeq:
        """Let an item stand: it no longer comes up while it stands on the same claims.

        Raises
        ------
        NotFound
            The item is not in the queue.
        """
        if not any(i.id == item for i in self.items(Audience.OPERATOR)):
            raise NotFound(f'item "{item}" is not in the review queue; reload it')
        return _log(self._workspace, actor, ReviewConfirmed(item=item, note=note))

    def reopen(self, item: str, *, note: str, actor: str) -> LogSeq:
        """Take back that an item was let stand."""
        if item not in self._workspace.store.state().reviewed:
            raise NotFound(f'item "{item}" was not let stand, so it cannot be opened again')
        return _log(self._workspace, actor, ReviewReopened(item=item, note=note))

    def require_claim(self, claim: ClaimId) -> None:
        """Raise `NotFound` unless a report of the log makes the claim, taken back or not."""
        report_id = claim.partition(":")[0]
        for report in self._workspace.store.state().reports:
            if report.id == report_id and any(c.id == claim for c in self._reader.read(report)):
                return
        raise NotFound(f'claim "{claim}" is of no report in the log')

    def act(
        self, item: str, kind: ReviewActKind, *, note: str, actor: str, on: str | None = None
    ) -> ReviewAct:
        """Settle an item by one of its acts; the log keeps it and each can be undone.

        `on` is the report or claim to take back, where the item offers several.

        Raises
        ------
        NotFound
            The item is not in the queue.
        InputError
            The item does not offer the act, or offers it on several things and none is named.
        """
        found = next((i for i in self.items(Audience.OPERATOR) if i.id == item), None)
        if found is None:
            raise NotFound(f'item "{item}" is not in the review queue; list it again')
        acts = [a for a in found.acts if a.kind is kind]
        offered = [a for a in acts if on is None or on in (a.claim, *a.reports)]
        if len(offered) != 1:
            offers = "; ".join(" ".join([a.kind.value, *(a.reports or ())]) for a in found.acts)
            raise InputError(f'"{kind}" of item "{item}" is not one thing; it offers: {offers}')
        (act,) = offered
        workspace = self._workspace
        match act.kind:
            case ReviewActKind.CONFIRM:
                self.confirm(item, note=note, actor=actor)
            case ReviewActKind.MERGE | ReviewActKind.SPLIT:
                decide_merge(workspace, act.kind.value, act.reports, actor=actor)
            case ReviewActKind.RETRACT_REPORT:
                retract_report(workspace, act.reports[0], reason=note, actor=actor)
            case ReviewActKind.RETRACT_CLAIM if act.claim is not None:
                retract_claim(workspace, act.claim, reason=note, actor=actor)
            case _:
                raise InputError(f'"{kind}" of item "{item}" names nothing to act on')
        return act

    def _catch_up(self, state: State) -> None:
        """Bring the incidents to the state: only what changed is reconciled anew."""
        live = {r.id: r for r in state.live_reports}
        changed = {
            c.partition(":")[0]
            for c in self._retracted.symmetric_difference(state.retracted_claims)
        }
        withdraw(self._stream, [r for r in self._stream.reports if r not in live])
        if state.decisions != self._stream.decisions:
            decide(self._stream, state.decisions)
        fresh = [r for i, r in live.items() if i not in self._stream.reports or i in changed]
        receive(
            self._stream,
            [
                (r, [c for c in self._reader.read(r) if c.id not in state.retracted_claims])
                for r in fresh
            ],
        )
        self._retracted = state.retracted_claims


def review_of_files(paths: Sequence[Path], *, settings: Settings) -> tuple[ReviewItem, ...]:
    """List what to look at in report files alone; nothing is stored."""
    reports, unreadable = read_reports(paths)
    if unreadable:
        raise unreadable[0]
    now = utc_now()
    gazetteer = load_gazetteer()
    reader, stream = ClaimReader(gazetteer), open_stream(gazetteer)
    receive(stream, [(r, reader.read(r)) for r in reports])
    state = State(reports=tuple(reports), received_at={r.id: now for r in reports})
    return list_items(stream, state, gazetteer, now=now, time_zone=settings.time_zone)


def list_items(
    stream: Stream, state: State, gazetteer: Gazetteer, *, now: datetime, time_zone: str
) -> tuple[ReviewItem, ...]:
    """List what to look at in incidents that are reconciled already."""
    found = snapshot(stream)
    reports = state.live_reports
    material = Material(
        incidents=found.incidents,
        outside=found.outside,
        reports={r.id: r for r in reports},
        gazetteer=gazetteer,
        as_of=now,
        authors={r.id: a.role for r in reports if (a := author_of(r, {})).role in OFFICIAL},
    )
    return find_reviews(
        material,
        similar={i.id: find_similar(stream, i.id) for i in found.incidents},
        ties=weakest_ties(stream),
        decisions=state.decisions,
        settled=state.reviewed,
        heard_at={r.id: r.published_at or state.received_at[r.id] for r in reports},
        now=now,
        options=ReviewOptions(time_zone=time_zone),
    )


def _log(workspace: Workspace, actor: str, payload: ReviewConfirmed | ReviewReopened) -> LogSeq:
    if not actor.strip():
        raise InputError("the log keeps who did it; give your name")
    (entry,) = workspace.store.append([Event(actor=actor, payload=payload)], at=workspace.now())
    return entry.seq
