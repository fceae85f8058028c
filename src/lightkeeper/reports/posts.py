"""Posts and their versions: what a source shows now, what it showed before, what it took away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from lightkeeper.reports.model import Report, ReportId
from lightkeeper.reports.source import Coverage

PostKey = tuple[str, str]
"""Source and item."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Posts:
    """Which version of each post stands. Built by telling it what came, in order.

    A report without `item` is no post: it has no versions and is never taken away. Of two versions
    the one edited later stands; where the source does not say when, the one that came later.
    """

    def __init__(self) -> None:
        self._versions: dict[PostKey, list[Report]] = {}
        self._current: dict[PostKey, Report] = {}
        self._post_of: dict[ReportId, PostKey] = {}
        self._deleted: dict[PostKey, datetime] = {}
        self._kept: set[PostKey] = set()

    def receive(self, report: Report) -> None:
        """Take in a report; the same one again changes nothing."""
        key = _key(report)
        if key is None or report.id in self._post_of:
            return
        self._post_of[report.id] = key
        self._versions.setdefault(key, []).append(report)
        current = self._current.get(key)
        if current is None or _said_at(report) >= _said_at(current):
            self._current[key] = report

    def show_again(self, report: ReportId) -> None:
        """The source shows this version, whatever it showed since."""
        key = self._post_of.get(report)
        if key is not None:
            self._current[key] = next(r for r in self._versions[key] if r.id == report)
            self._deleted.pop(key, None)

    def take_away(self, report: ReportId, at: datetime) -> None:
        """The source no longer shows the post that this is a version of, as noticed at `at`."""
        key = self._post_of.get(report)
        if key is not None:
            self._deleted.setdefault(key, at)

    def restore(self, report: ReportId) -> None:
        """A person lets a post count that its source took away; it is not missing from then on."""
        key = self._post_of.get(report)
        if key is not None and self._deleted.pop(key, None) is not None:
            self._kept.add(key)

    def knows(self, report: ReportId) -> bool:
        """Whether this version was received."""
        return report in self._post_of

    def current(self, key: PostKey) -> Report | None:
        """The version that stands, also of a post that was taken away."""
        return self._current.get(key)

    def is_deleted(self, key: PostKey) -> bool:
        """Whether the source took the post away."""
        return key in self._deleted

    def of_source(self, source: str) -> dict[str, Report]:
        """Posts that a source shows, by item, each in the version that stands."""
        return {
            key[1]: report
            for key, report in self._current.items()
            if key[0] == source and key not in self._deleted
        }

    def missing(self, shown: Coverage) -> list[Report]:
        """Posts of a source that it should show in a stretch and does not, and did before."""
        return [
            report
            for item, report in self.of_source(shown.source).items()
            if item.lstrip("-").isdecimal()
            and shown.first <= int(item) <= shown.last
            and int(item) not in shown.present
            and (shown.source, item) not in self._kept
        ]

    def replaced_by(self) -> Mapping[ReportId, ReportId]:
        """For each version that stands no more, the one that stands in its place."""
        return {
            old.id: self._current[key].id
            for key, versions in self._versions.items()
            if len(versions) > 1
            for old in versions
            if old.id != self._current[key].id
        }

    def deleted_at(self) -> Mapping[ReportId, datetime]:
        """Every version of the posts taken away, and when that was noticed."""
        return dict(self._deleted_versions())

    def _deleted_versions(self) -> Iterator[tuple[ReportId, datetime]]:
        for key, at in self._deleted.items():
            for version in self._versions[key]:
                yield version.id, at


def _key(report: Report) -> PostKey | None:
    return None if report.item is None else (report.source, report.item)


def _said_at(report: Report) -> datetime:
    return report.edited_at or report.published_at or _LONG_AGO
