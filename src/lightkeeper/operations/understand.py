"""From the log's state to incidents: read claims, reconcile them."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from lightkeeper.claims import Claim, extract
from lightkeeper.claims.records import RECORDS, read_record
from lightkeeper.incidents import Incident, IncidentId, Reconciliation, Similar, Stream
from lightkeeper.incidents.stream import (
    decide,
    find_incident,
    find_similar,
    open_stream,
    receive,
    snapshot,
    withdraw,
)
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report, ReportId
from lightkeeper.storage import State

MAX_READ = 20_000
MANY = 1_000
MAX_STREAMS = 2
"""One for now and one for a past moment that is looked at."""


@dataclass(slots=True)
class _Kept:
    """A stream, the claims that people took out of it, and how many reports came since it was last
    set apart from what is searched for garbage."""

    stream: Stream
    retracted: frozenset[str] = field(default_factory=frozenset)
    n_unfrozen: int = 0


class ClaimReader:
    """Reads each report once, and keeps the incidents that the reports make as they come in.

    Reports never change, so neither do their claims.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._streams: list[_Kept] = []
        self._following = Lock()
        self._claims: OrderedDict[ReportId, tuple[Claim, ...]] = OrderedDict()
        self._lock = Lock()

    def read(self, report: Report) -> tuple[Claim, ...]:
        """Return the claims of a report."""
        with self._lock:
            claims = self._claims.get(report.id)
            if claims is None:
                read = read_record if report.media_type in RECORDS else extract
                claims = tuple(read(report, self._gazetteer))
                self._claims[report.id] = claims
                while len(self._claims) > MAX_READ:
                    self._claims.popitem(last=False)
            return claims

    def follow(
        self, state: State, gazetteer: Gazetteer, progress: Progress = no_progress
    ) -> Understanding:
        """Return what the live reports of a state say.

        Only what differs from the state asked for before is read and reconciled; the result is the
        same as that of doing everything at once.
        """
        with self._following:
            return self._follow(state, gazetteer, progress)

    def look_up(
        self, state: State, gazetteer: Gazetteer, incident: IncidentId
    ) -> tuple[Incident, tuple[Similar, ...]] | None:
        """Incident that an id stands for in a state, and others that might be the same.

        An id once given goes on finding its incident: after merges and splits, and also when the
        report that it came from was retracted, replaced or deleted, as long as another report of
        that event counts. None for an id that was never given, or of which nothing is left.
        """
        with self._following:
            self._follow(state, gazetteer, no_progress)
            stream = self._streams[0].stream
            found = find_incident(stream, incident) or self._look_up_former(stream, state, incident)
            return None if found is None else (found, find_similar(stream, found.id))

    def _look_up_former(
        self, stream: Stream, state: State, incident: IncidentId
    ) -> Incident | None:
        """Incident with which an account of a report that counts no more would stand."""
        for report in state.reports:
            if report.id in stream.reports:
                continue
            receive(stream, [(report, self.read(report))])
            node = find_incident(stream, incident)
            mates = () if node is None else node.aliases
            withdraw(stream, [report.id])
            if mates:
                held = (find_incident(stream, mate) for mate in mates)
                return next((i for i in held if i is not None), None)
        return None

    def _follow(self, state: State, gazetteer: Gazetteer, progress: Progress) -> Understanding:
        live = {r.id: r for r in state.live_reports}
        kept = self._nearest(live, gazetteer)
        stream = kept.stream
        changed = {c.partition(":")[0] for c in kept.retracted ^ state.retracted_claims}
        wanted = [r for r in live.values() if r.id not in stream.reports or r.id in changed]
        told = []
        for i, report in enumerate(wanted):
            progress("reading reports", i / len(wanted))
            claims = self.read(report)
            told.append((report, [c for c in claims if c.id not in state.retracted_claims]))
        withdraw(stream, stream.reports.keys() - live.keys())
        if stream.decisions != state.decisions:
            decide(stream, state.decisions)
        receive(stream, told)
        kept.retracted = frozenset(state.retracted_claims)
        kept.n_unfrozen += len(told)
        if kept.n_unfrozen >= MANY:
            kept.n_unfrozen = 0
            gc.freeze()  # what is held for good would be searched for garbage, for a second
        return Understanding(
            claims=tuple(c for report in live for c in stream.claims[report]),
            reconciliation=snapshot(stream),
        )

    def _nearest(self, live: Mapping[ReportId, Report], gazetteer: Gazetteer) -> _Kept:
        """The stream that differs least, put first; a new one where most would be different."""

        def n_different(kept: _Kept) -> int:
            return len(live.keys() ^ kept.stream.reports.keys())

        best = min(self._streams, key=n_different, default=None)
        if best is None or n_different(best) > len(live) // 2:
            best = _Kept(open_stream(gazetteer))
        self._streams = [best, *(k for k in self._streams if k is not best)][:MAX_STREAMS]
        return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What the reports say, after what was taken back is taken out."""

    claims: tuple[Claim, ...]
    reconciliation: Reconciliation


def understand(
    state: State,
    reader: ClaimReader,
    gazetteer: Gazetteer,
    *,
    progress: Progress = no_progress,
) -> Understanding:
    """Read the live reports of a state and reconcile their claims into incidents."""
    return reader.follow(state, gazetteer, progress)
