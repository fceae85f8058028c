"""Who fails when: services and heat sources that need each other, cycles allowed.

Between two changes of supply, let T_v be the time at which v fails, D_v what damage says of it, and
b_n how long v goes on without its need n. Then

    T_v = min( D_v , min over needs n of v of ( L_n + b_n ) )     L_n = max over suppliers u of T_u

a need is lost when its last supplier fails. The right side is monotone in T, so there is a greatest
solution (Knaster-Tarski), and it is what happens: nothing fails without a cause that began outside
the cycle. It is found by sweeps from T = D downwards. Every b_n is 0 or more, so the right side of
a node is never less than the T of the suppliers it hangs on: take the earliest failure times not
yet reached by the sweeps; at least one node among them hangs on nodes that are final, or the group
could all fail later, against the solution being the greatest. So every sweep settles a node that
fails, and after as many sweeps as there are nodes, and one to see it, nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from lightkeeper.errors import ModelError
from lightkeeper.region.model import Need, Region, ServiceKind
from lightkeeper.units import BoolArray, FloatArray, IntArray

RECHARGES = frozenset({ServiceKind.COMMUNICATIONS})
"""Services whose own supply is a battery: it fills again while there is power. Diesel does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyGraph:
    """Services, heat sources and dependent feeders as nodes, in this order, and what they need.

    Needs are sorted by node; the suppliers of need n are `link[link_start[n]:link_start[n + 1]]`: a
    node, or n_nodes + k for the feeder `outside[k]`, whose supply is given from outside.
    `needy` lists the nodes with a need, `need_start` the first need of each. `refills` marks needs
    whose buffer fills again, an hour for every hour supplied. `notes` says what is not known.
    """

    id: tuple[str, ...]
    n_services: int
    n_sources: int
    need_node: IntArray
    need_kind: tuple[Need, ...]
    buffer_h: FloatArray
    refills: BoolArray
    needy: IntArray
    need_start: IntArray
    link_start: IntArray
    link: IntArray
    outside: IntArray
    is_known: BoolArray
    notes: tuple[str, ...]

    @property
    def n_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.id)


def build_graph(region: Region) -> DependencyGraph:
    """Read who needs what from a region.

    A service or source hangs on its feeder for power; rows of `Region.dependencies` with the need
    "power" name alternatives to it. A dependent feeder is on while the grid supplies it and its
    rows are met. A supplier or a feeder that is not in the region supplies nobody: a node whose
    only supplier of a need is one such is not known (`is_known`), and a note names it.
    """
    feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
    nodes = [s.id for s in region.services] + [h.id for h in region.heat_sources]
    dependents = dict.fromkeys(d.dependent for d in region.dependencies)
    own = set(nodes)
    dependent_feeders = [d for d in dependents if d in feeder_row and d not in own]
    nodes += dependent_feeders
    row_of = {id: row for row, id in enumerate(nodes)}
    # By node, need and whether it is the grid's own supply of a feeder: suppliers, buffer, refills.
    needs: dict[tuple[int, Need, bool], tuple[list[str], float, bool]] = {}

    def add(node: int, need: Need, supplier: str, buffer_h: float, refills: bool) -> None:
        suppliers, longest, fills = needs.get((node, need, False), ([], 0.0, refills))
        needs[node, need, False] = ([*suppliers, supplier], max(longest, buffer_h), fills)

    for row, service in enumerate(region.services):
        add(row, Need.POWER, service.feeder, service.backup_h, service.kind in RECHARGES)
    for row, source in enumerate(region.heat_sources, start=len(region.services)):
        if source.feeder is not None:
            add(row, Need.POWER, source.feeder, source.backup_h, False)
    for dependency in region.dependencies:
        if dependency.dependent in row_of:
            node = row_of[dependency.dependent]
            add(node, dependency.need, dependency.supplier, dependency.buffer_h, True)
    for feeder in dependent_feeders:
        needs[row_of[feeder], Need.POWER, True] = ([feeder], 0.0, False)

    outside: dict[int, int] = {}
    links: list[int] = []
    start, need_node, kinds, buffer, refills = [0], [], [], [], []
    is_known = np.ones(len(nodes), dtype=np.bool_)
    notes: list[str] = []
    kind_row = {need: row for row, need in enumerate(Need)}
    for node, need, is_grid in sorted(needs, key=lambda key: (key[0], kind_row[key[1]], key[2])):
        suppliers, buffer_h, fills = needs[node, need, is_grid]
        found = []
        for supplier in dict.fromkeys(suppliers):
            if supplier in row_of and not is_grid:
                found.append(row_of[supplier])
            elif supplier in feeder_row:
                at = outside.setdefault(feeder_row[supplier], len(outside))
                found.append(len(nodes) + at)
        if not found:
            is_known[node] = False
            notes.append(f'nobody supplies "{nodes[node]}" with {need.value}: it is not followed')
            continue
        links += found
        start.append(len(links))
        need_node.append(node)
        kinds.append(need)
        buffer.append(buffer_h)
        refills.append(fills)
    powered = {node for node, need, _ in needs if need is Need.POWER}
    first_source = len(region.services)
    n_without = len(set(range(first_source, first_source + len(region.heat_sources))) - powered)
    if n_without:
        notes.append(f"of {n_without} heat sources no feeder is known: power is taken as there")
    needy, first = np.unique(np.array(need_node, dtype=np.int32), return_index=True)
    return DependencyGraph(
        id=tuple(nodes),
        n_services=len(region.services),
        n_sources=len(region.heat_sources),
        need_node=np.array(need_node, dtype=np.int32),
        need_kind=tuple(kinds),
        buffer_h=np.array(buffer, dtype=np.float64),
        refills=np.array(refills, dtype=np.bool_),
        needy=needy.astype(np.int32),
        need_start=first.astype(np.int32),
        link_start=np.array(start, dtype=np.int32),
        link=np.array(links, dtype=np.int32),
        outside=np.array(list(outside), dtype=np.int32),
        is_known=is_known,
        notes=tuple(notes),
    )


def failure_times(
    graph: DependencyGraph, ceiling_h: FloatArray, outside_h: FloatArray, stock_h: FloatArray
) -> tuple[FloatArray, int]:
    """Solve for the time at which every node fails; infinite where it never does.

    Parameters
    ----------
    ceiling_h
        The latest that anything else than a need allows: 0 for what is down, infinite for what is
        up. Shape (n_nodes, n_scenarios). Times solved for later outside times will do too.
    outside_h
        When each feeder of `graph.outside` goes off, shape (n_outside, n_scenarios).
    stock_h
        What is left of the buffer of each need, shape (n_needs, n_scenarios).

    Returns
    -------
    The times, shape (n_nodes, n_scenarios), and how many sweeps were made.
    """
    time = ceiling_h.copy()
    for sweep in range(1, graph.n_nodes + 2):
        has_moved = _sweep(
            time,
            outside_h,
            stock_h,
            graph.buffer_h,
            graph.refills,
            graph.need_node,
            graph.link_start,
            graph.link,
        )
        if not has_moved:
            return time, sweep
    raise ModelError("the dependencies of the region do not settle")  # Against the proof above.


@njit(cache=True, nogil=True)
def _sweep(
    time: FloatArray,
    outside_h: FloatArray,
    stock_h: FloatArray,
    buffer_h: FloatArray,
    refills: BoolArray,
    need_node: IntArray,
    link_start: IntArray,
    link: IntArray,
) -> bool:
    """Bring every node's time down to what its needs allow now; say whether any moved.

    In place, so that a sweep sees what it has just found: it only reaches the same end sooner.
    """
    n_nodes, n = time.shape
    lost = np.empty(n)
    has_moved = False
    for need in range(need_node.size):
        lost[:] = -np.inf
        for at in range(link_start[need], link_start[need + 1]):
            supplier = link[at]
            source = time[supplier] if supplier < n_nodes else outside_h[supplier - n_nodes]
            for s in range(n):
                lost[s] = max(lost[s], source[s])
        row = time[need_node[need]]
        for s in range(n):
            if lost[s] < row[s]:
                stock = stock_h[need, s]
                if refills[need]:
                    stock = min(stock + lost[s], buffer_h[need])
                if lost[s] + stock < row[s]:
                    row[s] = lost[s] + stock
                    has_moved = True
    return has_moved


def lost_supply(graph: DependencyGraph, time: FloatArray, outside_h: FloatArray) -> FloatArray:
    """Return the time at which every need loses its last supplier, shape (n_needs, n_scenarios)."""
    found = np.full((graph.need_node.size, time.shape[1]), -np.inf)
    _find_lost(found, time, outside_h, graph.link_start, graph.link)
    return found


@njit(cache=True, nogil=True)
def _find_lost(
    found: FloatArray,
    time: FloatArray,
    outside_h: FloatArray,
    link_start: IntArray,
    link: IntArray,
) -> None:
    n_nodes, n = time.shape
    for need in range(found.shape[0]):
        for at in range(link_start[need], link_start[need + 1]):
            supplier = link[at]
            source = time[supplier] if supplier < n_nodes else outside_h[supplier - n_nodes]
            for s in range(n):
                found[need, s] = max(found[need, s], source[s])


def stock_at(graph: DependencyGraph, lost_h: FloatArray, stock_h: FloatArray) -> FloatArray:
    """Return what the buffers hold when their supply is lost, those filled that fill again."""
    filled = np.minimum(stock_h + lost_h, graph.buffer_h[:, None])
    found: FloatArray = np.where(graph.refills[:, None], filled, stock_h)
    return found


def stock_after(
    graph: DependencyGraph, lost_h: FloatArray, stock_h: FloatArray, length_h: FloatArray
) -> FloatArray:
    """Return what the buffers hold after some hours, `length_h` (n_scenarios,)."""
    left = stock_h.copy()
    # Most needs miss nothing and are full.
    rows = np.flatnonzero(((lost_h < length_h) | (stock_h < graph.buffer_h[:, None])).any(axis=1))
    lost, stock = lost_h[rows], stock_h[rows]
    filled = np.minimum(stock + np.minimum(lost, length_h), graph.buffer_h[rows, None])
    held = np.where(graph.refills[rows, None], filled, stock)
    left[rows] = np.maximum(held - np.maximum(length_h - lost, 0.0), 0.0)
    return left


def restart(
    graph: DependencyGraph, is_up: BoolArray, outside_on: BoolArray, can_run: BoolArray
) -> tuple[BoolArray, int]:
    """Bring back every node whose needs are all met by what runs; return who is up, and the sweeps.

    The least set: a group that only its own members could start stays down (black start needs help
    from outside). Nodes that are up stay so. Each sweep but the last brings one back at least; in
    place, so that a sweep sees what it has just brought back: it only reaches the same end sooner.
    """
    up = is_up & can_run
    has_need = np.zeros(graph.n_nodes, dtype=np.bool_)
    has_need[graph.needy] = True
    up[~has_need] = can_run[~has_need]
    need_end = np.append(graph.need_start[1:], graph.need_node.size)
    for sweep in range(1, graph.n_nodes + 2):
        has_risen = _raise(
            up,
            outside_on,
            can_run,
            graph.needy,
            graph.need_start,
            need_end,
            graph.link_start,
            graph.link,
        )
        if not has_risen:
            return up, sweep
    raise ModelError("the dependencies of the region do not settle")  # Each sweep adds a node.


@njit(cache=True, nogil=True)
def _raise(
    up: BoolArray,
    outside_on: BoolArray,
    can_run: BoolArray,
    needy: IntArray,
    need_start: IntArray,
    need_end: IntArray,
    link_start: IntArray,
    link: IntArray,
) -> bool:
    """Bring up, in place, every node whose needs are met now; say whether any came up."""
    n_nodes, n = up.shape
    has_risen = False
    for k in range(needy.size):
        node = needy[k]
        for s in range(n):
            if up[node, s] or not can_run[node, s]:
                continue
            is_met = True
            for need in range(need_start[k], need_end[k]):
                has_supplier = False
                for at in range(link_start[need], link_start[need + 1]):
                    supplier = link[at]
                    if supplier < n_nodes:
                        has_supplier = has_supplier or up[supplier, s]
                    else:
                        has_supplier = has_supplier or outside_on[supplier - n_nodes, s]
                is_met = is_met and has_supplier
            if is_met:
                up[node, s] = True
                has_risen = True
    return has_risen


Feedback = Callable[[FloatArray], FloatArray]
"""From failure times of the nodes to the off times of `graph.outside`; never later for earlier."""


def settle_with_grid(
    graph: DependencyGraph,
    ceiling_h: FloatArray,
    outside_h: FloatArray,
    stock_h: FloatArray,
    feedback: Feedback,
) -> tuple[FloatArray, FloatArray, int]:
    """Solve failure times together with what the loss of plants does to the grid.

    `feedback` is monotone and no feeder goes off before the plant whose loss takes it, so the same
    argument holds: both sides only move earlier, and every round settles one plant more, in the
    order of their failures.

    Returns
    -------
    Times of the nodes, off times of the outside feeders, rounds.
    """
    time, _ = failure_times(graph, ceiling_h, outside_h, stock_h)
    for rounds in range(1, graph.n_nodes + 2):
        outside = np.minimum(outside_h, feedback(time))
        if np.array_equal(outside, outside_h):
            return time, outside_h, rounds
        outside_h = outside
        time, _ = failure_times(graph, np.minimum(ceiling_h, time), outside_h, stock_h)
    raise ModelError("plants and grid do not settle")  # Against the argument above.
