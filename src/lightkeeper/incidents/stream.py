"""The picture of incidents kept as reports arrive, one by one, in any order.

After each step the state is exactly what reconciling everything at once would give: only the groups
that a step can touch are formed anew. docs/method/incidents.md says why that is enough.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from lightkeeper.claims.model import Claim, ClaimId, Layer
from lightkeeper.errors import InputError
from lightkeeper.incidents.accounts import Account, make_accounts
from lightkeeper.incidents.blocks import Blocks, candidates, insert, remove
from lightkeeper.incidents.build import build_incident, is_event, node_id
from lightkeeper.incidents.cluster import (
    Group,
    Link,
    Rules,
    group_accounts,
    pair_of,
    pair_up,
    read_decisions,
)
from lightkeeper.incidents.hierarchy import Forest, Node, replant
from lightkeeper.incidents.match import Match, compare, log_odds_of, probability, ruled_out, weigh
from lightkeeper.incidents.model import (
    Incident,
    IncidentId,
    MergeDecision,
    ReconcileOptions,
    Reconciliation,
    Similar,
)
from lightkeeper.incidents.sites import SiteTree
from lightkeeper.incidents.sources import report_order
from lightkeeper.region import Gazetteer
from lightkeeper.reports.model import Report, ReportId

ReportOrder: TypeAlias = tuple[bool, float, str]
Version: TypeAlias = tuple[str, str]
"""Source and item: what the versions of one post share."""

KEPT_LOG_ODDS = 0.0
"""Pairs with less evidence than this and no common origin are forgotten: they decide nothing."""


@dataclass(slots=True, kw_only=True)
class Stream:
    """All that was received, and the incidents that it makes.

    `matches` holds, for each account, those of others that are worth remembering; `group_of` the
    event of each account. `order` and `outside` are sorted by their first element.
    """

    tree: SiteTree
    options: ReconcileOptions
    reports: dict[ReportId, Report] = field(default_factory=dict)
    claims: dict[ReportId, tuple[Claim, ...]] = field(default_factory=dict)
    decisions: tuple[MergeDecision, ...] = ()
    rules: Rules = field(default_factory=Rules)
    decided: dict[IncidentId, list[Link]] = field(default_factory=dict)
    accounts: dict[IncidentId, Account] = field(default_factory=dict)
    accounts_of: dict[ReportId, tuple[IncidentId, ...]] = field(default_factory=dict)
    versions: dict[Version, list[ReportId]] = field(default_factory=dict)
    blocks: Blocks = field(default_factory=Blocks)
    matches: dict[IncidentId, dict[IncidentId, Match]] = field(default_factory=dict)
    group_of: dict[IncidentId, Group] = field(default_factory=dict)
    node_of: dict[IncidentId, IncidentId] = field(default_factory=dict)
    forest: Forest = field(default_factory=Forest)
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    order: list[tuple[_IncidentOrder, IncidentId]] = field(default_factory=list)
    place_in_order: dict[IncidentId, _IncidentOrder] = field(default_factory=dict)
    outside: list[tuple[_ClaimOrder, Claim]] = field(default_factory=list)


_IncidentOrder: TypeAlias = tuple[ReportOrder, IncidentId, bool, ReportOrder, IncidentId]
_ClaimOrder: TypeAlias = tuple[ReportOrder, int, ClaimId]


def open_stream(gazetteer: Gazetteer, options: ReconcileOptions | None = None) -> Stream:
    """Return the state before the first report."""
    return Stream(tree=SiteTree(gazetteer), options=options or ReconcileOptions())


def receive(stream: Stream, told: Iterable[tuple[Report, Sequence[Claim]]]) -> None:
    """Add reports with the claims read from them; many at once is quicker than one by one.

    A report that is there already is told anew: its claims are those given now.

    Raises
    ------
    InputError
        A claim belongs to another report than the one it is given with. Nothing is added.
    """
    given = {report.id: (report, tuple(claims)) for report, claims in told}
    for report, claims in given.values():
        for claim in claims:
            if claim.report != report.id:
                raise InputError(
                    f'claim "{claim.id}" is of report "{claim.report}", which is not given; '
                    "give the report too, or leave its claims out"
                )
    dirty = _take_out(stream, [r for r in given if r in stream.reports])
    for report, claims in given.values():
        dirty |= _put_in(stream, report, claims)
    _update(stream, dirty)


def withdraw(stream: Stream, reports: Iterable[ReportId]) -> None:
    """Take reports out with all that stands on them alone; unknown ones change nothing."""
    _update(stream, _take_out(stream, [r for r in reports if r in stream.reports]))


def decide(stream: Stream, decisions: Sequence[MergeDecision]) -> None:
    """Set what people merged and split, in order of the log; it replaces what was set before."""
    before, stream.decisions = stream.rules, tuple(decisions)
    stream.rules = read_decisions(decisions)
    named = {r for pair in (*before.together, *stream.rules.together) for r in pair}
    named |= {r for pair in before.apart ^ stream.rules.apart for r in pair}
    dirty = {a for r in named for a in stream.accounts_of.get(r, ())}
    dirty |= _link_decided(stream)
    _update(stream, dirty)


def snapshot(stream: Stream) -> Reconciliation:
    """Incidents, parents before their children and earlier ones first, and the claims outside."""
    return Reconciliation(
        incidents=tuple(stream.incidents[incident] for _, incident in stream.order),
        outside=tuple(claim for _, claim in stream.outside),
    )


def find_incident(stream: Stream, incident: IncidentId) -> Incident | None:
    """Incident that an id stands for now, also after merges; None where it stands for none."""
    node = stream.node_of.get(incident)
    return None if node is None else stream.incidents.get(node)


def find_similar(stream: Stream, incident: IncidentId, *, limit: int = 5) -> tuple[Similar, ...]:
    """Other incidents that might be this one, the likeliest first, with the evidence.

    Those are incidents of which an account fits one of this incident at even odds or better and
    which something keeps apart: too little evidence, a conflict with another of its accounts, or a
    person's word.
    """
    found = find_incident(stream, incident)
    if found is None:
        return ()
    best: dict[IncidentId, tuple[float, IncidentId, IncidentId]] = {}
    for account in found.aliases:
        for other, match in stream.matches[account].items():
            node = stream.node_of.get(other)
            if node is None or node == found.id or match.log_odds < KEPT_LOG_ODDS:
                continue
            fit = (-match.log_odds, account, other)
            best[node] = min(best.get(node, fit), fit)
    ranked = sorted((fit, node) for node, fit in best.items())[:limit]
    return tuple(_similar(stream, found, node, a, b) for (_, a, b), node in ranked)


def _similar(
    stream: Stream, found: Incident, node: IncidentId, a: IncidentId, b: IncidentId
) -> Similar:
    evidence, _ = weigh(stream.accounts[a], stream.accounts[b], stream.tree, stream.options)
    other = stream.incidents[node]
    why = None
    for x in found.aliases:
        for y in other.aliases:
            first, second = stream.accounts[x], stream.accounts[y]
            if pair_of(first.report.id, second.report.id) in stream.rules.apart:
                why = "a person keeps them apart"
            elif why is None and first.report.id == second.report.id:
                why = "one report tells of both"
            elif why is None:
                why = ruled_out(first, second, stream.tree, stream.options)
    return Similar(
        incident=node,
        probability=probability(sum(weight for weight, _ in evidence)),
        reasons=tuple(f"{words} ({weight:+.1f})" for weight, words in evidence if weight),
        ruled_out=why,
    )


def _put_in(stream: Stream, report: Report, claims: tuple[Claim, ...]) -> set[IncidentId]:
    """Add a report and compare its accounts; return the accounts whose event may change."""
    stream.reports[report.id] = report
    stream.claims[report.id] = claims
    for claim in claims:
        _insert(stream.outside, _claim_order(report, claim), claim)
    told = [c for c in claims if c.layer is Layer.INCIDENT]
    accounts = make_accounts(report, told, stream.tree, stream.options)
    stream.accounts_of[report.id] = tuple(a.id for a in accounts)
    for account in accounts:
        stream.accounts[account.id] = account
        stream.matches[account.id] = {}
        for other in candidates(stream.blocks, account, stream.tree, stream.options):
            _compare(stream, account, stream.accounts[other])
        insert(stream.blocks, account, stream.tree)
    dirty = set(stream.accounts_of[report.id])
    if any(report.id in pair for pair in stream.rules.together):
        dirty |= _link_decided(stream)
    if report.item is not None:
        held = stream.versions.setdefault((report.source, report.item), [])
        insort(held, report.id, key=lambda r: _version_order(stream.reports[r]))
        dirty |= {a for r in held for a in stream.accounts_of[r]} if len(held) > 1 else set()
    return dirty


def _compare(stream: Stream, account: Account, other: Account) -> None:
    if account.report.id == other.report.id:
        return
    first, second = (account, other) if account.id <= other.id else (other, account)
    match = compare(first, second, stream.tree, stream.options)
    if match is not None and (match.log_odds >= KEPT_LOG_ODDS or match.rewrite is not None):
        stream.matches[account.id][other.id] = match
        stream.matches[other.id][account.id] = match


def _take_out(stream: Stream, reports: Sequence[ReportId]) -> set[IncidentId]:
    """Remove reports; return the accounts whose event may change, those removed included."""
    dirty: set[IncidentId] = set()
    for report_id in reports:
        report = stream.reports[report_id]
        for claim in stream.claims[report_id]:
            _drop(stream.outside, _claim_order(report, claim))
        for account_id in stream.accounts_of.pop(report_id):
            account = stream.accounts.pop(account_id)
            remove(stream.blocks, account, stream.tree)
            for other in stream.matches.pop(account_id):
                del stream.matches[other][account_id]
            dirty.add(account_id)
        if report.item is not None:
            version = (report.source, report.item)
            left = [r for r in stream.versions[version] if r != report_id]
            stream.versions[version] = left
            dirty |= {a for r in left for a in stream.accounts_of[r]}
            if not left:
                del stream.versions[version]
        del stream.reports[report_id], stream.claims[report_id]
    if any(r in pair for pair in stream.rules.together for r in reports):
        dirty |= _link_decided(stream)
    return dirty


def _link_decided(stream: Stream) -> set[IncidentId]:
    """Links between the accounts of reports that people joined; return the accounts concerned."""
    dirty = set(stream.decided)
    stream.decided.clear()
    for i, pair in enumerate(stream.rules.together):
        first, second = (
            [stream.accounts[a] for a in sorted(stream.accounts_of.get(r, ()))] for r in pair
        )
        for j, (x, y) in enumerate(pair_up(first, second, stream.tree)):
            a, b = first[x].id, second[y].id
            link = Link((0, i + j / 1000, a, b), a, b)
            stream.decided.setdefault(a, []).append(link)
            stream.decided.setdefault(b, []).append(link)
    return dirty | set(stream.decided)


def _update(stream: Stream, dirty: set[IncidentId]) -> None:
    """Form anew the events of the accounts named and of all that this touches."""
    old, new = _regroup(stream, dirty)
    gone: list[IncidentId] = []
    for group in old:
        for lost in {stream.node_of.pop(m) for m in group.members if m in stream.node_of}:
            _forget(stream, lost)
            gone.append(lost)
    nodes = []
    for group in new:
        accounts = tuple(stream.accounts[m] for m in group.members)
        for member in group.members:
            stream.group_of[member] = group
        if is_event(accounts, _replaced_by(stream, accounts)):
            node = Node(id=node_id(accounts), accounts=accounts)
            nodes.append(node)
            stream.node_of.update(dict.fromkeys(group.members, node.id))
    changed = replant(stream.forest, gone, nodes, stream.tree)
    for node in nodes:
        _show(stream, node)
    for incident in changed | {n.id for n in nodes}:
        _place(stream, incident)


def _regroup(stream: Stream, dirty: set[IncidentId]) -> tuple[list[Group], list[Group]]:
    """Groups that are no more and those that stand for them.

    Whole groups are formed anew, until no link that leaves them would join at its turn. A link to
    another group that was refused before stays refused when the part of the group that stood at
    its turn still stands; only where it does not, the link is tried again.
    """
    threshold = log_odds_of(stream.options.min_probability)
    known = {stream.group_of[a] for a in dirty if a in stream.group_of}
    region = {a for a in dirty if a in stream.accounts}
    region |= {m for group in known for m in group.members if m in stream.accounts}
    fresh = {a for a in dirty if a not in stream.group_of}
    torn = {g for g in known if any(m not in stream.accounts or m in dirty for m in g.members)}
    while True:
        links = {
            link
            for account in region
            for link in _links(stream, account, threshold)
            if link.a in region and link.b in region
        }

        def apart(x: IncidentId, y: IncidentId, is_decided: bool) -> bool:
            return _must_stay_apart(stream, x, y, is_decided=is_decided)

        groups, refused = group_accounts(region, links, apart)
        unsure = set(fresh)
        for group in known:
            if group in torn or any(join in refused for join in group.joins):
                unsure |= {m for m in group.members if m in region}
        group_of = {m: group for group in groups for m in group.members}
        joined = {
            stream.group_of[other]
            for account in unsure & region
            for link in _links(stream, account, threshold)
            if (other := link.b if link.a == account else link.a) not in region
            and not _is_refused(stream, link, account, group_of[account], other)
        }
        if not joined:
            break
        known |= joined
        region |= {m for group in joined for m in group.members}
    for account in dirty:
        stream.group_of.pop(account, None)
    before = {frozenset(g.members) for g in known}
    same = {g for g in groups if not dirty & set(g.members) and frozenset(g.members) in before}
    for group in same:  # the same members, perhaps joined otherwise
        stream.group_of.update(dict.fromkeys(group.members, group))
    kept = {frozenset(g.members) for g in same}
    return (
        [g for g in known if frozenset(g.members) not in kept],
        [g for g in groups if g not in same],
    )


def _links(stream: Stream, account: IncidentId, threshold: float) -> Iterator[Link]:
    yield from stream.decided.get(account, ())
    for other, match in stream.matches[account].items():
        if match.log_odds >= threshold:
            a, b = (account, other) if account < other else (other, account)
            yield Link((1, -match.log_odds, a, b), a, b)


def _is_refused(
    stream: Stream, link: Link, account: IncidentId, group: Group, other: IncidentId
) -> bool:
    """Whether a link between two groups finds two accounts that must stay apart at its turn."""
    theirs = list(stream.group_of[other].before(link.rank, other))
    return any(
        _must_stay_apart(stream, x, y, is_decided=link.is_decided)
        for x in group.before(link.rank, account)
        for y in theirs
    )


def _must_stay_apart(stream: Stream, a: IncidentId, b: IncidentId, *, is_decided: bool) -> bool:
    x, y = stream.accounts[a], stream.accounts[b]
    if stream.rules.apart and pair_of(x.report.id, y.report.id) in stream.rules.apart:
        return True
    if is_decided or b in stream.matches[a]:
        return False
    if x.report.id == y.report.id:
        return True
    return ruled_out(x, y, stream.tree, stream.options) is not None


def _replaced_by(stream: Stream, accounts: Iterable[Account]) -> dict[ReportId, ReportId]:
    """For each report of which a later version is held, that version."""
    found: dict[ReportId, ReportId] = {}
    for account in accounts:
        report = account.report
        if report.item is not None:
            last = stream.versions[report.source, report.item][-1]
            if last != report.id:
                found[report.id] = last
    return found


def _version_order(report: Report) -> ReportOrder:
    """Versions of one post in order: as edited, else as published, else by id."""
    at = report.edited_at or report.published_at
    return (at is None, 0.0 if at is None else at.timestamp(), report.id)


def _show(stream: Stream, node: Node) -> None:
    """Build the incident of a node and take its claims in."""
    members = {a.id: a for a in node.accounts}
    rewrites = [
        (account.report.id, members[other].report.id, match.rewrite)
        for account in node.accounts
        for other, match in stream.matches[account.id].items()
        if account.id < other and other in members and match.rewrite is not None
    ]
    replaced_by = _replaced_by(stream, node.accounts)
    incident = build_incident(node, rewrites, replaced_by, stream.tree)
    stream.incidents[node.id] = incident
    for claim in incident.claims:
        _drop(stream.outside, _claim_order(stream.reports[claim.report], claim))


def _forget(stream: Stream, node: IncidentId) -> None:
    """Take an incident away; those of its claims that are still held are outside again."""
    incident = stream.incidents.pop(node)
    for claim in incident.claims:
        report = stream.reports.get(claim.report)
        if report is not None and claim in stream.claims[claim.report]:
            _insert(stream.outside, _claim_order(report, claim), claim)
    order = stream.place_in_order.pop(node)
    _drop(stream.order, order)


def _place(stream: Stream, incident: IncidentId) -> None:
    """Set parent, children and the place in the order of an incident."""
    parent = stream.forest.parent.get(incident)
    children = tuple(sorted(stream.forest.children.get(incident, ())))
    shown = stream.incidents[incident]
    if (shown.parent, shown.children) != (parent, children):
        shown = stream.incidents[incident] = replace(shown, parent=parent, children=children)
    own = report_order(stream.reports[shown.reports[0]]), incident
    above = own
    if parent is not None:
        above = report_order(stream.reports[stream.incidents[parent].reports[0]]), parent
    order = (*above, parent is not None, *own)
    before = stream.place_in_order.get(incident)
    if before == order:
        return
    if before is not None:
        _drop(stream.order, before)
    _insert(stream.order, order, incident)
    stream.place_in_order[incident] = order


def _claim_order(report: Report, claim: Claim) -> _ClaimOrder:
    return (report_order(report), claim.span.start, claim.id)


_Order = TypeVar("_Order", _IncidentOrder, _ClaimOrder)
_Item = TypeVar("_Item")


def _insert(items: list[tuple[_Order, _Item]], order: _Order, item: _Item) -> None:
    """Put an item where its order says; one that stands there already is replaced."""
    at = bisect_left(items, order, key=_order_of)
    if at < len(items) and items[at][0] == order:
        items[at] = (order, item)
    else:
        items.insert(at, (order, item))


def _drop(items: list[tuple[_Order, _Item]], order: _Order) -> None:
    """Remove the item of an order from a sorted list, if it is there."""
    at = bisect_left(items, order, key=_order_of)
    if at < len(items) and items[at][0] == order:
        del items[at]


def _order_of(item: tuple[_Order, _Item]) -> _Order:
    return item[0]
