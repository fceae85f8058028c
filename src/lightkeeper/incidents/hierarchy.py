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


def find_parents(nodes: Sequence[Node], tree: SiteTree) -> dict[IncidentId, IncidentId]:
    """Parent of each incident that has one.

    A local attack belongs to a wave that the same report tells of, or whose dated time overlaps its
    own and whose places, where it names any, take it in; so does an outage told soon after a wave
    that names its oblast. Without dates only a common report ties the two: "early Thursday morning"
    comes every week.
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
    """Whether the wave's places take the node in; a wave that names none does, unless `by_name`."""
    named = {
        oblast
        for a in wave.accounts
        for s in a.sites
        if (oblast := tree.up(s, PlaceLevel.OBLAST)) is not None
    }
    if not named:
        return not by_name
    return any(a.oblasts & named for a in node.accounts)
