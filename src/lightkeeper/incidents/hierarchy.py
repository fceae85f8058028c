"""Parent and child: a wave over several regions and the strikes that are part of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from lightkeeper.incidents.accounts import Account, Family, Scope, sort_of
from lightkeeper.incidents.model import IncidentId
from lightkeeper.incidents.sites import SiteTree
from lightkeeper.incidents.weapons import may_be_one
from lightkeeper.region import PlaceLevel
from lightkeeper.reports.model import ReportId

_SLACK = timedelta(hours=1)
_AFTERMATH = timedelta(hours=6)
"""How long after a wave its emergency shutdowns are still its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An incident as far as its place in the hierarchy goes."""

    id: IncidentId
    accounts: tuple[Account, ...]

    @property
    def is_wave(self) -> bool:
        """Whether it spans several regions."""
        return any(a.scope is Scope.WAVE for a in self.accounts)


@dataclass(slots=True)
class Forest:
    """Nodes, found again by time and by report, with the parent and the children of each."""

    nodes: dict[IncidentId, Node] = field(default_factory=dict)
    near: dict[tuple[bool, int], set[IncidentId]] = field(default_factory=dict)
    of_report: dict[ReportId, set[IncidentId]] = field(default_factory=dict)
    parent: dict[IncidentId, IncidentId] = field(default_factory=dict)
    children: dict[IncidentId, set[IncidentId]] = field(default_factory=dict)


def replant(
    forest: Forest, gone: Iterable[IncidentId], new: Iterable[Node], tree: SiteTree
) -> set[IncidentId]:
    """Take nodes out, put nodes in, and return those whose parent or children changed.

    A local attack belongs to a wave that the same report tells of, or whose dated time overlaps its
    own and whose places, where it names any, take it in; so does an outage told soon after a wave
    that names its oblast. Without dates only a common report ties the two: "early Thursday morning"
    comes every week.
    """
    doubtful: set[IncidentId] = set()
    changed: set[IncidentId] = set()
    for node_id in gone:
        node = forest.nodes.pop(node_id)
        for child in set(forest.children.get(node_id, ())):
            changed |= _set_parent(forest, child, None)
            doubtful.add(child)
        forest.children.pop(node_id, None)
        _unpost(forest, node)
        changed |= _set_parent(forest, node_id, None)
    fresh = list(new)
    for node in fresh:
        forest.nodes[node.id] = node
        _post(forest, node)
    for node in fresh:
        if node.is_wave:
            doubtful |= _neighbours(forest, node, waves=False)
        else:
            doubtful.add(node.id)
    for node_id in [n for n in doubtful if n in forest.nodes]:
        changed |= _set_parent(forest, node_id, _best_wave(forest, forest.nodes[node_id], tree))
    return {n for n in changed if n in forest.nodes}


def _set_parent(forest: Forest, child: IncidentId, parent: IncidentId | None) -> set[IncidentId]:
    before = forest.parent.get(child)
    if before == parent:
        return set()
    if before is not None:
        del forest.parent[child]
        forest.children.get(before, set()).discard(child)
    if parent is not None:
        forest.parent[child] = parent
        forest.children.setdefault(parent, set()).add(child)
    return {n for n in (child, before, parent) if n is not None}


def _best_wave(forest: Forest, node: Node, tree: SiteTree) -> IncidentId | None:
    if sort_of(node.accounts) is not Family.ATTACK or not any(
        a.is_more_than_alarm for a in node.accounts
    ):
        return None
    ranked = sorted(
        (-strength, wave)
        for wave in _neighbours(forest, node, waves=True)
        if (strength := _tie(node, forest.nodes[wave], tree)) > 0
    )
    return ranked[0][1] if ranked else None


def _neighbours(forest: Forest, node: Node, *, waves: bool) -> set[IncidentId]:
    """Waves that may take a node in, or nodes that a wave may."""
    found: set[IncidentId] = set()
    for bucket in _buckets(node):
        found |= forest.near.get((waves, bucket), set())
    for account in node.accounts:
        found |= {
            other
            for other in forest.of_report.get(account.report.id, ())
            if forest.nodes[other].is_wave == waves
        }
    return found


def _post(forest: Forest, node: Node) -> None:
    for bucket in _buckets(node):
        forest.near.setdefault((node.is_wave, bucket), set()).add(node.id)
    for account in node.accounts:
        forest.of_report.setdefault(account.report.id, set()).add(node.id)


def _unpost(forest: Forest, node: Node) -> None:
    for bucket in _buckets(node):
        _discard(forest.near, (node.is_wave, bucket), node.id)
    for account in node.accounts:
        _discard(forest.of_report, account.report.id, node.id)


_Key = TypeVar("_Key")


def _discard(index: dict[_Key, set[IncidentId]], key: _Key, node: IncidentId) -> None:
    held = index.get(key)
    if held is not None:
        held.discard(node)
        if not held:
            del index[key]


_BUCKET_S = 6 * 3600


def _buckets(node: Node) -> range:
    """Six-hour steps within which a node may be tied to another."""
    span = _span(node)
    if span is None:
        told = [a.as_of for a in node.accounts if a.as_of is not None]
        if not told or node.is_wave:
            return range(0)
        span = min(told), min(told)
    after = _AFTERMATH if node.is_wave else _SLACK
    first = int((span[0] - _SLACK).timestamp() // _BUCKET_S)
    return range(first, int((span[1] + after).timestamp() // _BUCKET_S) + 1)


def _tie(node: Node, wave: Node, tree: SiteTree) -> int:
    """How firmly a node belongs to a wave, 0 for not at all."""
    shared = {a.report.id for a in node.accounts} & {a.report.id for a in wave.accounts}
    span, wave_span = _span(node), _span(wave)
    if wave_span is None or (span is None and shared):
        return 2 + len(shared) if shared else 0
    if span is not None:
        if span[0] > wave_span[1] + _SLACK or wave_span[0] > span[1] + _SLACK:
            return 0
        return 2 + len(shared) if shared or _takes_in(wave, node, tree, by_name=False) else 0
    told_at = min((a.as_of for a in node.accounts if a.as_of is not None), default=None)
    if told_at is None or not wave_span[0] <= told_at <= wave_span[1] + _AFTERMATH:
        return 0
    return 1 if _takes_in(wave, node, tree, by_name=True) else 0


def _span(node: Node) -> tuple[datetime, datetime] | None:
    """Time said of it, or what is only assumed where nothing is said.

    The narrowest for one place, where a wide one is only vague ("on 11 January"); all of it for a
    wave, which goes on.
    """
    windows = [a.window for a in node.accounts if a.window is not None]
    said = [w for w in windows if not w.is_assumed] or windows
    if not said:
        return None
    if node.is_wave:
        return min(w.from_at for w in said), max(w.to_at for w in said)
    narrowest = min(said, key=lambda w: (w.to_at - w.from_at, w.from_at))
    return narrowest.from_at, narrowest.to_at


def _takes_in(wave: Node, node: Node, tree: SiteTree, *, by_name: bool) -> bool:
    """Whether the wave's places and weapons take the node in.

    A wave of which some report speaks for the whole country takes every place in, unless `by_name`.
    """
    used, wave_used = (frozenset().union(*(a.weapons for a in n.accounts)) for n in (node, wave))
    if used and wave_used and not any(may_be_one(x, y) for x in used for y in wave_used):
        return False
    named = [
        {o for s in a.sites if (o := tree.up(s, PlaceLevel.OBLAST)) is not None}
        for a in wave.accounts
        if a.scope is Scope.WAVE
    ]
    if not by_name and not all(named):
        return True
    every = set().union(*named)
    return any(a.oblasts & every for a in node.accounts)
