"""Is the log what was written? Every fault is found, not only the first."""

from __future__ import annotations

from lightkeeper.errors import Problem
from lightkeeper.storage.chain import (
    START,
    decode_payload,
    join_report,
    report_digest,
    row_digest,
    subject_of,
)
from lightkeeper.storage.encode import canonical_json, sha256_hex
from lightkeeper.storage.model import EventKind, LogHead
from lightkeeper.storage.store import Store
from lightkeeper.storage.tables import LogRow, ReportRow

_MEND = "compare with a copy of the store; what was changed cannot be told from the log alone"


def verify(store: Store, *, expected_head: LogHead | None = None) -> list[Problem]:
    """Check the chain, the reports' digests and that every entry can be read.

    The chain shows a change, an insertion or a removal in the middle. Lines cut off at the end show
    only against `expected_head`, a `Store.head()` that was kept elsewhere.
    """
    problems: list[Problem] = []
    previous, seq = START, 0
    seen_head = expected_head is None
    for row, report in store.read_rows():
        where = f"log entry {row.seq}"
        if row.seq != seq + 1:
            problems.append(Problem(where, f"follows entry {seq}; entries are missing", _MEND))
        if row.sha256 != row_digest(previous, row):
            problems.append(Problem(where, "does not fit its digest or the entry before", _MEND))
        problems.extend(_check_row(where, row, report))
        previous, seq = row.sha256, row.seq
        if expected_head is not None and expected_head.seq == row.seq:
            seen_head = expected_head.sha256 == row.sha256
    if not seen_head and expected_head is not None:
        problems.append(
            Problem(
                f"log entry {expected_head.seq}",
                "is missing or not the one that was noted",
                _MEND,
            )
        )
    return problems


def _check_row(where: str, row: LogRow, report: ReportRow | None) -> list[Problem]:
    is_report = row.kind == EventKind.REPORT_RECEIVED
    if is_report and report is None:
        return [Problem(where, f'report "{row.subject}" is not stored', _MEND)]
    try:
        full = None if report is None else join_report(report.text, report.details)
        payload = decode_payload(row.kind, row.payload, full)
    except ValueError as error:  # pydantic's ValidationError is one
        return [Problem(where, f"cannot be read: {str(error).splitlines()[0]}", _MEND)]
    if report is not None and full is not None:
        digest = report_digest(report.text, report.details)
        if row.payload != canonical_json({"report": row.subject, "row_sha256": digest}):
            return [Problem(where, f'report "{row.subject}" is not as it was received', _MEND)]
        if full.sha256 != sha256_hex(full.text):
            return [Problem(where, f'report "{row.subject}": sha256 is not of its text', _MEND)]
    if row.subject != subject_of(payload):
        return [Problem(where, f'subject "{row.subject}" is not that of its payload', _MEND)]
    return []
