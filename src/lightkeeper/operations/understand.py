"""From the log's state to incidents: read claims, reconcile them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from lightkeeper.claims import Claim, extract
from lightkeeper.claims.records import RECORDS, read_record
from lightkeeper.incidents import Reconciliation, reconcile
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report, ReportId
from lightkeeper.storage import State

MAX_READ = 20_000


class ClaimReader:
    """Reads each report once. Reports never change, so neither do their claims."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
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
    reports = state.live_reports
    claims: list[Claim] = []
    for i, report in enumerate(reports):
        progress("reading reports", i / max(len(reports), 1))
        claims += [c for c in reader.read(report) if c.id not in state.retracted_claims]
    return Understanding(
        claims=tuple(claims),
        reconciliation=reconcile(claims, reports, gazetteer, decisions=state.decisions),
    )
