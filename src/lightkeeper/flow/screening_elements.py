"""What a screening loses: branches, units, substations, alone and by two."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.flow.scenarios import no_loss
from lightkeeper.grid.model import Network
from lightkeeper.grid.topology import group_into_sites
from lightkeeper.units import BoolArray, IntArray


class LossKind(StrEnum):
    """What is lost: a branch, a unit, all buses of a substation."""

    BRANCH = "branch"
    UNIT = "unit"
    SUBSTATION = "substation"


KINDS = tuple(LossKind)
BRANCH, UNIT, SUBSTATION = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """All that can be lost, n rows; `kind` are places in `KINDS`.

    `row` is a branch, a unit, or a group of buses: `bus_index[bus_start[g]:bus_start[g + 1]]`.
    """

    kind: IntArray
    row: IntArray
    bus_start: IntArray
    bus_index: IntArray

    def take(self, order: IntArray) -> Elements:
        """Return the same elements in another order."""
        return replace(self, kind=self.kind[order], row=self.row[order])

    def scenarios(self, chosen: IntArray) -> Scenarios:
        """Lose the elements of each row of `chosen`, (n_scenarios, 1 or 2)."""
        kind, row = self.kind[chosen], self.row[chosen]
        n = len(chosen)
        branch_start, branch_index = _lists(kind == BRANCH, row)
        unit_start, unit_index = _lists(kind == UNIT, row)
        group_start, group = _lists(kind == SUBSTATION, row)
        size = self.bus_start[group + 1] - self.bus_start[group]
        ends = np.concatenate([[0], np.cumsum(size)])
        within = np.arange(ends[-1]) - np.repeat(ends[:-1], size)
        return replace(
            no_loss(n),
            branch_start=branch_start,
            branch_index=branch_index,
            unit_start=unit_start,
            unit_index=unit_index,
            bus_start=ends[group_start].astype(np.int32),
            bus_index=self.bus_index[np.repeat(self.bus_start[group], size) + within],
        )


def find_elements(
    case: FlowCase, substations: Sequence[IntArray], kinds: AbstractSet[LossKind]
) -> Elements:
    """Everything of these kinds in service: branches, then units, then groups with a live bus."""
    groups = [g for g in range(len(substations)) if case.bus_on[substations[g]].any()]
    rows = [np.flatnonzero(case.branch_on), np.flatnonzero(case.unit_on), np.array(groups, int)]
    rows = [r if kind in kinds else r[:0] for kind, r in zip(KINDS, rows, strict=True)]
    start = np.concatenate([[0], np.cumsum([len(g) for g in substations])])
    return Elements(
        kind=np.repeat(np.arange(3, dtype=np.int32), [len(r) for r in rows]),
        row=np.concatenate(rows).astype(np.int32),
        bus_start=start.astype(np.int32),
        bus_index=np.concatenate([np.zeros(0, np.int32), *substations]).astype(np.int32),
    )


def contained(case: FlowCase, elements: Elements, left: IntArray, right: IntArray) -> BoolArray:
    """Which pairs lose no more than the substation of the two does: the other is in it or at it."""
    inside = np.zeros((len(left), len(right)), np.bool_)
    for one, other, turned in ((left, right, False), (right, left, True)):
        sites = np.flatnonzero(elements.kind[one] == SUBSTATION)
        here = np.zeros((len(sites), case.n_bus), np.bool_)
        for i, group in enumerate(elements.row[one[sites]].tolist()):
            bounds = elements.bus_start[group : group + 2]
            here[i, elements.bus_index[bounds[0] : bounds[1]]] = True
        for kind, ends in (
            (BRANCH, (case.from_bus, case.to_bus)),
            (UNIT, (case.unit_bus,)),
        ):
            parts = np.flatnonzero(elements.kind[other] == kind)
            rows = elements.row[other[parts]]
            held = np.zeros((len(sites), len(parts)), np.bool_)
            for end in ends:
                held |= here[:, end[rows]]
            if turned:
                inside[np.ix_(parts, sites)] |= held.T
            else:
                inside[np.ix_(sites, parts)] |= held
    return inside


def substation_buses(network: Network) -> tuple[tuple[str, ...], tuple[IntArray, ...]]:
    """Names of the substations and their buses.

    Those the network table names, then groups of buses that transformers and switches join; see
    `lightkeeper.grid.group_into_sites`.
    """
    sites = group_into_sites(network)
    by_site = np.argsort(sites.site_of_bus, kind="stable").astype(np.int32)
    counts = np.bincount(sites.site_of_bus, minlength=len(sites.id))
    groups = np.split(by_site, np.cumsum(counts)[:-1]) if len(counts) else []
    filled = [i for i in range(len(groups)) if len(groups[i])]
    return tuple(str(sites.id[i]) for i in filled), tuple(groups[i] for i in filled)


def digest(*parts: object) -> str:
    """SHA-256 over arrays and plain values, in order."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            found.update(f"{part.dtype.str}{part.shape}".encode())
            found.update(np.ascontiguousarray(part).tobytes())
        else:
            found.update(repr(part).encode())
        found.update(b"\x1f")
    return found.hexdigest()


def _lists(wanted: BoolArray, row: IntArray) -> tuple[IntArray, IntArray]:
    """Starts and rows of one list for each scenario, of the places that are wanted."""
    start = np.concatenate([[0], np.cumsum(wanted.sum(axis=1))]).astype(np.int32)
    return start, row[wanted].astype(np.int32)
