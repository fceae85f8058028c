"""Reports: texts from sources, kept verbatim with their hash."""

from lightkeeper.reports.language import detect_language
from lightkeeper.reports.model import MediaType, Report, ReportId
from lightkeeper.reports.read import ReadOptions, make_report, read_path, title_of

__all__ = [
    "MediaType",
    "ReadOptions",
    "Report",
    "ReportId",
    "detect_language",
    "make_report",
    "read_path",
    "title_of",
]
