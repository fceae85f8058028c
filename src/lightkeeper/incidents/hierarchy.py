"""Parent and child: a wave over several regions and the strikes that are part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lightkeeper.incidents.accounts import Account, Family, Scope
from lightkeeper.incidents.model import IncidentId
from lightkeeper.incidents.sites import SiteTree
from lightkeeper.region import PlaceLevel

_SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An incident as far as its place in the hierarchy goes."""

    id: IncidentId
    accounts: tuple[Account, ...]

    @property
    def is_wave(self) -> bool:
        """Whether it spans several regions."""
        return any(a.scope is Scope.WAVE for a in self.accounts)


def find_parents(nodes: Sequence[Node], tree: SiteTree) -> dict[IncidentId, IncidentId]:
    """Parent of each incident that has one.

    A local attack belongs to a wave that the same report tells of, or whose dated time overlaps its
    own and whose places, where it names any, take it in. Without dates only a common report ties
    the two: "early Thursday morning" comes every week.
    """
    waves = [n for n in nodes if n.is_wave]
    parents: dict[IncidentId, IncidentId] = {}
    for node in nodes:
        if node.is_wave or any(a.family is not Family.ATTACK for a in node.accounts):
            continue
        ranked = sorted(
            (-strength, wave.id) for wave in waves if (strength := _tie(node, wave, tree)) > 0
        )
        if ranked:
            parents[node.id] = ranked[0][1]
    return parents


def _tie(node: Node, wave: Node, tree: SiteTree) -> int:
    shared = {a.report.id for a in node.accounts} & {a.report.id for a in wave.accounts}
    overlaps = _overlap(_span(node), _span(wave))
    if shared and overlaps is not False:
        return 2 + len(shared)
    return 1 if overlaps and _takes_in(wave, node, tree) else 0


def _span(node: Node) -> tuple[datetime, datetime] | None:
    windows = [a.window for a in node.accounts if a.window is not None]
    said = [w for w in windows if not w.is_assumed] or windows
    if not said:
        return None
    return min(w.from_at for w in said), max(w.to_at for w in said)


def _overlap(
    a: tuple[datetime, datetime] | None, b: tuple[datetime, datetime] | None
) -> bool | None:
    if a is None or b is None:
        return None
    return a[0] <= b[1] + _SLACK and b[0] <= a[1] + _SLACK


def _takes_in(wave: Node, node: Node, tree: SiteTree) -> bool:
    named = {
        oblast
        for a in wave.accounts
        for s in a.sites
        if (oblast := tree.up(s, PlaceLevel.OBLAST)) is not None
    }
    return not named or any(a.oblasts & named for a in node.accounts)
