"""From compared pairs to groups of accounts, best evidence first, people's decisions before all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lightkeeper.incidents.accounts import Account, Scope
from lightkeeper.incidents.match import Match, ruled_out
from lightkeeper.incidents.model import MergeDecision, ReconcileOptions
from lightkeeper.incidents.sites import Relation, SiteTree
from lightkeeper.reports.model import ReportId

ReportPair = tuple[ReportId, ReportId]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What people decided, latest first, each pair of reports once."""

    together: tuple[ReportPair, ...]
    apart: frozenset[ReportPair]


def cluster(
    accounts: Sequence[Account],
    matches: Iterable[Match],
    decisions: Sequence[MergeDecision],
    tree: SiteTree,
    options: ReconcileOptions,
) -> list[list[int]]:
    """Group the rows of `accounts` into events.

    Two groups join on the best evidence between them, unless any two of their accounts rule each
    other out. Equal evidence is taken in order of the accounts' ids, so that the order in which
    things are given does not matter. Two accounts of one report are two events, by construction.
    """
    groups = _Groups(accounts, tree, options, _read_decisions(decisions))
    groups.join_decided()
    ranked = sorted(
        (m for m in matches if m.probability >= options.min_probability),
        key=lambda m: (-m.log_odds, accounts[m.a].id, accounts[m.b].id),
    )
    for match in ranked:
        groups.join(match.a, match.b)
    return groups.listed()


class _Groups:
    """Union-find with what must stay apart."""

    def __init__(
        self,
        accounts: Sequence[Account],
        tree: SiteTree,
        options: ReconcileOptions,
        rules: _Rules,
    ) -> None:
        self._accounts, self._tree, self._options, self._rules = accounts, tree, options, rules
        self._of = list(range(len(accounts)))
        self._members = {row: [row] for row in range(len(accounts))}

    def join(self, a: int, b: int) -> bool:
        """Join the groups of two rows if nothing rules it out."""
        return self._join(a, b, is_decided=False)

    def join_decided(self) -> None:
        """Join what people said belongs together, latest word first."""
        rows_of: dict[ReportId, list[int]] = defaultdict(list)
        for row, account in enumerate(self._accounts):
            rows_of[account.report.id].append(row)
        for first, second in self._rules.together:
            for a, b in self._pair_up(rows_of.get(first, []), rows_of.get(second, [])):
                self._join(a, b, is_decided=True)

    def listed(self) -> list[list[int]]:
        """Groups, in order of their accounts' ids."""
        found = [sorted(g, key=lambda row: self._accounts[row].id) for g in self._members.values()]
        return sorted(found, key=lambda g: self._accounts[g[0]].id)

    def _pair_up(self, rows_a: list[int], rows_b: list[int]) -> list[tuple[int, int]]:
        """Which account of one report is meant by which of the other: the nearest places."""
        ranked = sorted(
            (-self._nearness(a, b), self._accounts[a].id, self._accounts[b].id, a, b)
            for a in rows_a
            for b in rows_b
        )
        taken: set[int] = set()
        pairs: list[tuple[int, int]] = []
        for nearness, _, _, a, b in ranked:
            if a in taken or b in taken or (nearness == 0 and pairs):
                continue
            taken |= {a, b}
            pairs.append((a, b))
        return pairs

    def _nearness(self, a: int, b: int) -> int:
        x, y = self._accounts[a], self._accounts[b]
        if x.scope is y.scope and x.scope is not Scope.LOCAL:
            return int(Relation.SAME)
        return int(self._tree.best_relation(x.sites, y.sites))

    def _join(self, a: int, b: int, *, is_decided: bool) -> bool:
        root_a, root_b = self._of[a], self._of[b]
        if root_a == root_b:
            return True
        for x in self._members[root_a]:
            for y in self._members[root_b]:
                if self._must_stay_apart(x, y, is_decided=is_decided):
                    return False
        root, other = min(root_a, root_b), max(root_a, root_b)
        moved = self._members.pop(other)
        self._members[root].extend(moved)
        for row in moved:
            self._of[row] = root
        return True

    def _must_stay_apart(self, a: int, b: int, *, is_decided: bool) -> bool:
        x, y = self._accounts[a], self._accounts[b]
        if _pair(x.report.id, y.report.id) in self._rules.apart:
            return True
        if is_decided:
            return False
        if x.report.id == y.report.id:
            return True
        return ruled_out(x, y, self._tree, self._options) is not None


def _pair(a: ReportId, b: ReportId) -> ReportPair:
    return (a, b) if a <= b else (b, a)


def _read_decisions(decisions: Sequence[MergeDecision]) -> _Rules:
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
                _pair(x, y) in apart for x in group_a for y in group_b
            ):
                together.append((a, b))
                joined = group_a | group_b
                group.update(dict.fromkeys(joined, joined))
    return _Rules(together=tuple(together), apart=frozenset(apart))
