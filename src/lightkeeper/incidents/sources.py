"""Which reports of one incident are one source, and how many independent sources there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lightkeeper.claims.model import SpeakerRole
from lightkeeper.incidents.accounts import Account
from lightkeeper.incidents.model import SourceGroup
from lightkeeper.incidents.origins import OFFICIAL, describe, is_same_body
from lightkeeper.incidents.rewrites import Rewrite
from lightkeeper.reports.model import MediaType, Report, ReportId
from lightkeeper.reports.telegram import UNKNOWN_SENDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Source groups of an incident and the group of each report."""

    groups: tuple[SourceGroup, ...]
    group_of: dict[ReportId, int]

    @property
    def n_independent(self) -> int:
        """Groups that speak from their own knowledge, or retell a named body that is not held."""
        return sum(g.adds_support for g in self.groups)


def report_order(report: Report) -> tuple[bool, float, str]:
    """Earliest first, undated last, then by id: an order that arrival does not change."""
    at = report.published_at
    return (at is None, 0.0 if at is None else at.timestamp(), report.id)


def group_sources(
    accounts: Sequence[Account], rewrites: Iterable[tuple[ReportId, ReportId, Rewrite]]
) -> Sources:
    """Group the reports of one incident by origin.

    One group are: rewrites and forwards; posts of one channel, or of one body through two channels;
    retellings of a body whose own report is there, with that report; retellings of the same body
    whose report is not there. A report that retells several bodies stands with one of them: it adds
    none, and joins none.
    """
    by_report = {a.report.id: a for a in accounts}
    order = sorted(by_report, key=lambda r: report_order(by_report[r].report))
    groups: dict[ReportId, set[ReportId]] = {r: {r} for r in order}
    reasons: dict[ReportId, list[str]] = {r: [] for r in order}

    def join(a: ReportId, b: ReportId, reason: str) -> None:
        reasons[a].append(reason)
        if groups[a] is groups[b]:
            return
        merged = groups[a] | groups[b]
        for member in merged:
            groups[member] = merged

    likely = sorted(rewrites, key=lambda r: (r[0], r[1]))
    for a, b, rewrite in likely:
        if rewrite.is_copy:
            join(a, b, rewrite.reason)
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            if _voice(by_report[a]) is not None and _voice(by_report[a]) == _voice(by_report[b]):
                join(a, b, "one channel")
            elif _is_one_body(by_report[a], by_report[b]):
                join(a, b, f"one {describe(by_report[a].author.role)}")
    placed: set[ReportId] = set()
    for report in order:
        origin = _retold(by_report, order, report)
        if origin is not None:
            join(report, *origin)
            placed.add(report)
    for a, b, rewrite in likely:
        # Two retellings of several bodies would tie those bodies together.
        if not {a, b} & placed and not any(by_report[r].author.role in OFFICIAL for r in (a, b)):
            join(a, b, rewrite.reason)

    listed: list[SourceGroup] = []
    seen: set[ReportId] = set()
    for report in order:
        if report in seen:
            continue
        members = [r for r in order if r in groups[report]]
        seen.update(members)
        why = sorted({reason for r in members for reason in reasons[r]})
        listed.append(
            SourceGroup(
                reports=tuple(members),
                origin=_origin([by_report[r] for r in members]),
                reason="; ".join(why) if why else "the only report of this origin",
                adds_support=any(_supports(by_report[r]) for r in members),
            )
        )
    if not any(g.adds_support for g in listed):
        # Someone's word it still is; that of several nameless ones is not several.
        listed[0] = replace(listed[0], adds_support=True)
    return Sources(
        groups=tuple(listed),
        group_of={r: i for i, group in enumerate(listed) for r in group.reports},
    )


def _voice(account: Account) -> str | None:
    """Name of the channel that speaks; None where the name stands for no one body."""
    report = account.report
    if report.media_type is MediaType.MANUAL or report.forwarded_from == UNKNOWN_SENDER:
        return None
    return report.forwarded_from or report.channel or report.source


_ONE_PER_OBLAST = frozenset({SpeakerRole.DISTRIBUTION_OPERATOR, SpeakerRole.OBLAST_ADMINISTRATION})


def _is_one_body(a: Account, b: Account) -> bool:
    """Whether two channels are of one body: an oblast has one operator and one administration."""
    return (
        a.author.role in _ONE_PER_OBLAST
        and a.author.role is b.author.role
        and len(a.oblasts) == 1
        and a.oblasts == b.oblasts
    )


def _retold(
    by_report: dict[ReportId, Account], order: Sequence[ReportId], report: ReportId
) -> tuple[ReportId, str] | None:
    """The report, if any, that this one retells or shares its origin with."""
    account = by_report[report]
    if account.author.role in OFFICIAL or not account.origins:
        return None
    for other in order:
        author = by_report[other].author
        if other == report or not author.knows_itself:
            continue
        for role in sorted(account.origins):
            if is_same_body(role, author.role):
                return other, f"retells the {describe(role)}, whose own report is held"
    for other in order:
        if other == report or by_report[other].author.knows_itself:
            continue
        shared = sorted(account.origins & by_report[other].origins)
        if shared:
            return other, f"both retell the {describe(shared[0])}"
    return None


def _supports(account: Account) -> bool:
    return account.author.knows_itself or (not account.author.is_relay and bool(account.origins))


def _origin(accounts: Sequence[Account]) -> str:
    own = [a.author for a in accounts if a.author.knows_itself]
    if own:
        return min(own, key=lambda a: (a.role not in OFFICIAL, a.label)).label
    retold = sorted({role for a in accounts for role in a.origins}, key=lambda r: r.value)
    if retold:
        # The body most of the group's reports name.
        best = max(retold, key=lambda r: (sum(r in a.origins for a in accounts), r.value))
        return f"{describe(best)}, as retold (its own report is not held)"
    if all(a.author.is_relay for a in accounts):
        return "alert relay"
    return "no source named"
