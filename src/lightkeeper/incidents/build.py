"""From a group of accounts to an incident: its sources, facts, contradictions and unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lightkeeper.claims.model import Claim, PlaceRef, TimeRef
from lightkeeper.incidents.accounts import Account, Family, sort_of
from lightkeeper.incidents.edits import number_of
from lightkeeper.incidents.hierarchy import Node
from lightkeeper.incidents.merge import merge_claims
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.incidents.open_questions import find_unknowns, place_difference, second_attack
from lightkeeper.incidents.quotes import find_unshared_quotes
from lightkeeper.incidents.rewrites import Rewrite
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.incidents.sources import group_sources, report_order
from lightkeeper.incidents.support import Standing
from lightkeeper.incidents.titles import kind_of, title_of
from lightkeeper.reports.model import ReportId

RewrittenPair = tuple[ReportId, ReportId, Rewrite]


def is_event(accounts: Sequence[Account], replaced_by: Mapping[ReportId, ReportId]) -> bool:
    """Whether a group is worth an incident: something happened, and nobody planned it.

    What only an earlier version of a post told is no longer told.
    """
    return sort_of(accounts) is not Family.PLANNED and any(
        a.has_event and a.report.id not in replaced_by for a in accounts
    )


def node_id(accounts: Sequence[Account]) -> IncidentId:
    """Id of the account of the earliest report: another rewrite that comes later changes nothing.

    Undated reports are ordered by their own ids. Whatever the order, the ids of all accounts stay
    among the incident's aliases, so that an id once given finds its incident.
    """
    return min(accounts, key=lambda a: (report_order(a.report), a.id)).id


def build_incident(
    node: Node,
    rewrites: Iterable[RewrittenPair],
    replaced_by: Mapping[ReportId, ReportId],
    tree: SiteTree,
) -> Incident:
    """Merge the accounts of one event. Parent and children are set by whoever knows the others.

    `replaced_by` has the last version of each report that is not the last one: what only an
    earlier version says is no longer said.
    """
    sources = group_sources(node.accounts, rewrites)
    reports = {a.report.id: a.report for a in node.accounts}
    replaced_here = {old: new for old, new in replaced_by.items() if new in reports}
    standing = Standing(
        reports=reports,
        authors={a.report.id: a.author for a in node.accounts},
        sources=sources,
        replaced_by=replaced_here,
        withdrawn=tuple(
            n
            for a in node.accounts
            if a.report.id in replaced_here
            for c in a.claims
            if (n := number_of(c)) is not None
        ),
    )
    order = {r.id: report_order(r) for r in reports.values()}
    claims = sorted(
        (c for a in node.accounts for c in a.claims),
        key=lambda c: (order[c.report], c.span.start, c.id),
    )
    following = frozenset().union(*(a.following for a in node.accounts))
    merged = merge_claims(claims, following, standing, is_wave=node.is_wave)
    accounts = sorted(node.accounts, key=lambda a: (order[a.report.id], a.id))
    return Incident(
        id=node.id,
        title=title_of(accounts, tree),
        kind=kind_of(accounts),
        places=_places(claims, tree),
        time=_time(accounts),
        claims=tuple(claims),
        reports=tuple(sorted(reports, key=lambda r: order[r])),
        sources=sources.groups,
        n_independent_sources=sources.n_independent,
        facts=tuple(merged.facts),
        contradictions=(
            *place_difference(accounts, tree),
            *merged.contradictions,
            *second_attack(accounts),
        ),
        unknowns=tuple(find_unknowns(claims)),
        superseded=tuple(merged.superseded),
        aliases=tuple(sorted(a.id for a in accounts)),
        unshared_quotes=find_unshared_quotes(sources.groups, reports),
    )


def _places(claims: Sequence[Claim], tree: SiteTree) -> tuple[PlaceRef, ...]:
    """Each place once, in order of telling."""
    found: dict[SiteKey, PlaceRef] = {}
    for claim in claims:
        if claim.is_negated:
            continue
        for place in claim.places:
            found.setdefault(tree.key(place), place)
    return tuple(found.values())


def _time(accounts: Sequence[Account]) -> TimeRef | None:
    """Time of the event as said; None when nothing is said. Never what was only assumed."""
    said = [a.window for a in accounts if a.window is not None and not a.window.is_assumed]
    times = [c.time for a in accounts for c in a.claims if c.time is not None]
    words = "; ".join(dict.fromkeys(t.text for t in times if t.text))
    if said:
        return TimeRef(
            text=words,
            from_at=min(w.from_at for w in said),
            to_at=max(w.to_at for w in said),
            precision="range",
        )
    relative = [t for t in times if t.weekday is not None or t.part_of_day is not None]
    return relative[0] if relative else None
