"""Reports: texts from sources, kept verbatim with their hash."""

from lightkeeper.reports.language import detect_language
from lightkeeper.reports.model import MediaType, Report, ReportId
from lightkeeper.reports.posts import Posts
from lightkeeper.reports.read import (
    Document,
    ReadOptions,
    make_report,
    read_document,
    read_path,
    refuse_long,
    title_of,
)
from lightkeeper.reports.source import (
    Coverage,
    Previous,
    ReceivedList,
    SourceBatch,
    SourceCheck,
    SourceFailed,
    SourceKind,
    SourceRecord,
    SourceSettings,
    SourceState,
    note,
    state_of,
)

__all__ = [
    "Coverage",
    "Document",
    "MediaType",
    "Posts",
    "Previous",
    "ReadOptions",
    "ReceivedList",
    "Report",
    "ReportId",
    "SourceBatch",
    "SourceCheck",
    "SourceFailed",
    "SourceKind",
    "SourceRecord",
    "SourceSettings",
    "SourceState",
    "detect_language",
    "make_report",
    "note",
    "read_document",
    "read_path",
    "refuse_long",
    "state_of",
    "title_of",
]
