"""Quotations that only one of several retellings of one origin has: perhaps made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

from lightkeeper.incidents.model import SourceGroup, UnsharedQuote
from lightkeeper.incidents.rewrites import locate_quotes, plain
from lightkeeper.reports.model import Report, ReportId

_ALIKE = 85.0
_MIN_CHARS = 12
"""A shorter one is a name or a word set apart, not speech."""


def find_unshared_quotes(
    groups: Iterable[SourceGroup], reports: Mapping[ReportId, Report]
) -> tuple[UnsharedQuote, ...]:
    """Quotations that no sibling has, whole or in part, in quotation marks or without.

    Siblings are the other reports of the same origin in the same language: of another language
    nothing can be said, and a report that stands alone has none to be compared with.
    """
    found = []
    for group in groups:
        held = [reports[r] for r in group.reports if r in reports]
        for report in held:
            siblings = [
                plain(other.text)
                for other in held
                if other.id != report.id and other.language == report.language
            ]
            if not siblings:
                continue
            for start, end in locate_quotes(report.text):
                words = plain(report.text[start:end])
                if len(words) >= _MIN_CHARS and not any(
                    fuzz.partial_ratio(words, text) >= _ALIKE for text in siblings
                ):
                    found.append(
                        UnsharedQuote(
                            report=report.id, start=start, end=end, text=report.text[start:end]
                        )
                    )
    return tuple(found)
