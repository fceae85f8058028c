"""Claims of many reports to incidents: group, merge, set against each other, order.

A pure function of what is given. The order of claims and reports changes nothing; a report or a
claim that is not given leaves no trace.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lightkeeper.claims.model import Claim, Layer, PlaceRef, TimeRef
from lightkeeper.errors import InputError
from lightkeeper.incidents.accounts import Account, Family, make_accounts
from lightkeeper.incidents.cluster import cluster
from lightkeeper.incidents.hierarchy import Node, find_parents
from lightkeeper.incidents.match import Match, candidate_pairs, compare
from lightkeeper.incidents.merge import merge_claims
from lightkeeper.incidents.model import (
    Incident,
    IncidentId,
    MergeDecision,
    ReconcileOptions,
    Reconciliation,
)
from lightkeeper.incidents.open_questions import find_unknowns, place_difference, second_attack
from lightkeeper.incidents.sites import SiteKey, SiteTree
from lightkeeper.incidents.sources import group_sources, report_order
from lightkeeper.incidents.support import Standing
from lightkeeper.incidents.titles import kind_of, title_of
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report, ReportId


def reconcile(
    claims: Sequence[Claim],
    reports: Sequence[Report],
    gazetteer: Gazetteer,
    *,
    decisions: Sequence[MergeDecision] = (),
    options: ReconcileOptions | None = None,
) -> Reconciliation:
    """Merge claims about the same event into incidents.

    Parameters
    ----------
    claims
        Of the reports given, in any order; retracted ones left out. Only those of layer INCIDENT
        become facts.
    reports
        In any order; retracted ones left out.
    decisions
        What people merged and split, in order of the log; later ones win over earlier ones, and all
        of them over the program.

    Returns
    -------
    Reconciliation
        Incidents, parents before their children and earlier ones first, and the claims left
        outside.

    Raises
    ------
    InputError
        A claim belongs to a report that is not given.
    """
    options = options or ReconcileOptions()
    tree = SiteTree(gazetteer)
    accounts = _all_accounts(claims, reports, tree, options)
    matches = [
        match
        for a, b in candidate_pairs(accounts, tree, options)
        if (match := compare(accounts, a, b, tree, options)) is not None
    ]
    groups = cluster(accounts, matches, decisions, tree, options)
    kept = [g for g in groups if _is_event([accounts[row] for row in g])]
    nodes = [
        Node(id=_incident_id([accounts[r] for r in g]), accounts=tuple(accounts[r] for r in g))
        for g in kept
    ]
    parents = find_parents(nodes, tree)
    by_row = _matches_by_row(matches)
    incidents = [
        _build(node, rows, by_row, parents, tree) for node, rows in zip(nodes, kept, strict=True)
    ]
    inside = {c.id for incident in incidents for c in incident.claims}
    order = {r.id: report_order(r) for r in reports}
    outside = sorted(
        (c for c in claims if c.id not in inside),
        key=lambda c: (order[c.report], c.span.start, c.id),
    )
    return Reconciliation(incidents=tuple(_in_order(incidents, order)), outside=tuple(outside))


def _all_accounts(
    claims: Sequence[Claim],
    reports: Sequence[Report],
    tree: SiteTree,
    options: ReconcileOptions,
) -> list[Account]:
    by_id = {r.id: r for r in reports}
    of_report: dict[ReportId, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.report not in by_id:
            raise InputError(
                f'claim "{claim.id}" is of report "{claim.report}", which is not given; '
                "give the report too, or leave its claims out"
            )
        if claim.layer is Layer.INCIDENT:
            of_report[claim.report].append(claim)
    accounts = [
        account
        for report_id, told in of_report.items()
        for account in make_accounts(by_id[report_id], told, tree, options)
    ]
    return sorted(accounts, key=lambda a: a.id)


def _is_event(accounts: Sequence[Account]) -> bool:
    """Whether a group is worth an incident: something happened, and nobody planned it."""
    return accounts[0].family is not Family.PLANNED and any(a.has_event for a in accounts)


def _incident_id(accounts: Sequence[Account]) -> IncidentId:
    """Id of the account of the earliest report: another rewrite that comes later changes nothing.

    Undated reports are ordered by their own ids. Whatever the order, the ids of all accounts stay
    among the incident's aliases, so that an id once given finds its incident.
    """
    return min(accounts, key=lambda a: (report_order(a.report), a.id)).id


def _matches_by_row(matches: Sequence[Match]) -> dict[int, list[Match]]:
    by_row: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        if match.rewrite is not None:
            by_row[match.a].append(match)
    return by_row


def _build(
    node: Node,
    rows: Sequence[int],
    rewrites_by_row: dict[int, list[Match]],
    parents: dict[IncidentId, IncidentId],
    tree: SiteTree,
) -> Incident:
    report_of = {row: a.report.id for row, a in _by_row(node, rows)}
    rewrites = [
        (report_of[m.a], report_of[m.b], m.rewrite)
        for row in rows
        for m in rewrites_by_row.get(row, ())
        if m.b in report_of and m.rewrite is not None
    ]
    sources = group_sources(node.accounts, rewrites)
    reports = {a.report.id: a.report for a in node.accounts}
    standing = Standing(
        reports=reports,
        authors={a.report.id: a.author for a in node.accounts},
        sources=sources,
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
        parent=parents.get(node.id),
        children=tuple(sorted(child for child, parent in parents.items() if parent == node.id)),
        aliases=tuple(sorted(a.id for a in accounts)),
    )


def _by_row(node: Node, rows: Sequence[int]) -> list[tuple[int, Account]]:
    return list(zip(rows, node.accounts, strict=True))


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


def _in_order(
    incidents: Sequence[Incident], order: dict[ReportId, tuple[bool, float, str]]
) -> list[Incident]:
    """Parents first, each followed by its children; otherwise by earliest report."""
    ranked = sorted(incidents, key=lambda i: (order[i.reports[0]], i.id))
    ordered: list[Incident] = []
    for incident in ranked:
        if incident.parent is None:
            ordered.append(incident)
            ordered.extend(child for child in ranked if child.parent == incident.id)
    return ordered
