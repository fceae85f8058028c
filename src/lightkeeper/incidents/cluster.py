"""From compared pairs to groups of accounts, best evidence first, people's decisions before all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lightkeeper.incidents.accounts import Account, Scope
from lightkeeper.incidents.model import IncidentId, MergeDecision
from lightkeeper.incidents.sites import Relation, SiteTree
from lightkeeper.reports.model import ReportId

ReportPair = tuple[ReportId, ReportId]
Rank = tuple[int, float, IncidentId, IncidentId]
"""Order in which links are tried: decisions first, then the best evidence, then ids, so that the
order in which things arrive does not matter."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two accounts that belong together unless something keeps their groups apart."""

    rank: Rank
    a: IncidentId
    b: IncidentId

    @property
    def is_decided(self) -> bool:
        """Whether a person said so."""
        return self.rank[0] == 0


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one event, in order of id, and the links that joined them, in order of rank."""

    members: tuple[IncidentId, ...]
    joins: tuple[Link, ...] = ()

    def before(self, rank: Rank, member: IncidentId) -> Iterable[IncidentId]:
        """Accounts joined to a member by links of a lower rank."""
        if not self.joins or self.joins[-1].rank < rank:
            return self.members
        sets = {m: {m} for m in self.members}
        for link in self.joins:
            if link.rank >= rank:
                break
            merged = sets[link.a] | sets[link.b]
            sets.update(dict.fromkeys(merged, merged))
        return sets[member]


@dataclass(frozen=True, slots=True)
class Rules:
    """What people decided, latest first, each pair of reports once."""

    together: tuple[ReportPair, ...] = ()
    apart: frozenset[ReportPair] = frozenset()


Apart = Callable[[IncidentId, IncidentId, bool], bool]
"""Whether two accounts must stay apart; the last argument: where a person says otherwise."""


def group_accounts(
    accounts: Iterable[IncidentId], links: Iterable[Link], apart: Apart
) -> tuple[list[Group], set[Link]]:
    """Join accounts along links in order of rank, unless two of the joined ones must stay apart.

    Returns
    -------
    tuple[list[Group], set[Link]]
        The groups, and the links that were refused.
    """
    of = {a: a for a in accounts}
    members = {a: [a] for a in of}
    joins: dict[IncidentId, list[Link]] = defaultdict(list)
    refused: set[Link] = set()
    for link in sorted(links, key=lambda x: x.rank):
        root, other = of[link.a], of[link.b]
        if root == other:
            continue
        if any(apart(x, y, link.is_decided) for x in members[root] for y in members[other]):
            refused.add(link)
            continue
        if len(members[root]) < len(members[other]):
            root, other = other, root
        moved = members.pop(other)
        members[root] += moved
        for account in moved:
            of[account] = root
        joins[root] = sorted((*joins[root], *joins.pop(other, ()), link), key=lambda x: x.rank)
    groups = [
        Group(tuple(sorted(held)), tuple(joins.get(root, ()))) for root, held in members.items()
    ]
    return groups, refused


def pair_up(a: Sequence[Account], b: Sequence[Account], tree: SiteTree) -> list[tuple[int, int]]:
    """Which account of one report is meant by which of the other: the nearest places."""
    ranked = sorted(
        (-_nearness(x, y, tree), x.id, y.id, i, j) for i, x in enumerate(a) for j, y in enumerate(b)
    )
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for nearness, _, _, i, j in ranked:
        if i in taken_a or j in taken_b or (nearness == 0 and pairs):
            continue
        taken_a.add(i)
        taken_b.add(j)
        pairs.append((i, j))
    return pairs


def _nearness(x: Account, y: Account, tree: SiteTree) -> int:
    if x.scope is y.scope and x.scope is not Scope.LOCAL:
        return int(Relation.SAME)
    return int(tree.best_relation(x.sites, y.sites))


def pair_of(a: ReportId, b: ReportId) -> ReportPair:
    """Two reports in one order."""
    return (a, b) if a <= b else (b, a)


def read_decisions(decisions: Sequence[MergeDecision]) -> Rules:
    """Last word on each pair of reports; also on pairs that follow from later words.

    Latest first: a merge joins reports unless a later split keeps any two of them apart; a split
    counts unless later merges already make the two one.
    """
    ordered = sorted(enumerate(decisions), key=lambda item: (item[1].at, item[0]), reverse=True)
    group: dict[ReportId, frozenset[ReportId]] = {}
    together: list[ReportPair] = []
    apart: set[ReportPair] = set()
    for _, decision in ordered:
        reports = sorted(set(decision.reports))
        pairs = [(a, b) for i, a in enumerate(reports) for b in reports[i + 1 :]]
        for a, b in pairs:
            group_a = group.get(a, frozenset({a}))
            group_b = group.get(b, frozenset({b}))
            if decision.kind == "split":
                if b not in group_a:
                    apart.add((a, b))
            elif b not in group_a and not any(
                pair_of(x, y) in apart for x in group_a for y in group_b
            ):
                together.append((a, b))
                joined = group_a | group_b
                group.update(dict.fromkeys(joined, joined))
    return Rules(together=tuple(together), apart=frozenset(apart))
