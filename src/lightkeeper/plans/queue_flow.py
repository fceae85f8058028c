"""Fewest breaches an outage schedule can have: queues as a flow through states, slot by slot.

Queues alike but for their name are counted, not named. After each slot a queue is free (on long
enough), resting (on for k slots since its outage), or off for k slots. Moving between these states
is an integer flow of all queues through time; the rules are the arcs that exist, breaking one is an
arc with a price. Counting takes away the symmetry that makes the program by names slow.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from lightkeeper.plans.linear_program import Program, WholeNumbers
from lightkeeper.units import BoolArray, FloatArray, IntArray

# A breach outweighs everything else; then fewer starts; then blocks of like length, because long
# blocks for some leave nothing for the others.
_BREACH = 1000.0
_START = 1.0
_LONG = 0.02


def assign_by_flow(
    count: IntArray,
    *,
    longest_off: int,
    shortest_on: int,
    before: BoolArray,
    precedence: IntArray,
    past: FloatArray,
    keep_rules: bool,
) -> BoolArray:
    """Queues off by slot, (n_queues, n_slots), `count` in each slot with the fewest breaches.

    With `keep_rules` no rule is broken and the count is missed as little as possible instead.
    States: 0 free, 1..shortest_on-1 resting, then off for 1..longest_off slots.
    """
    n_slot = len(count)
    free, first_off = 0, max(shortest_on, 1)
    n_state = first_off + longest_off
    last_off = n_state - 1
    arcs: list[tuple[int, int, float]] = [(free, free, 0.0), (free, first_off, _START)]
    for rest in range(1, first_off):
        arcs.append((rest, rest + 1 if rest + 1 < first_off else free, 0.0))
        if not keep_rules:
            arcs.append((rest, first_off, _BREACH + _START))
    after_off = 1 if first_off > 1 else free
    for off in range(first_off, n_state):
        arcs.append((off, after_off, 0.0))
        if off < last_off:
            arcs.append((off, off + 1, _LONG * (off - first_off + 1)))
        elif not keep_rules:
            arcs.append((off, off, _BREACH))
    source = np.array([a[0] for a in arcs])
    target = np.array([a[1] for a in arcs])
    price = np.array([a[2] for a in arcs])
    n_arc = len(arcs)

    state = _start_states(before, longest_off, first_off)
    # Rows: for each slot the balance of each state, then the count of each slot.
    column = np.arange(n_slot * n_arc)
    slot, arc = np.divmod(column, n_arc)
    into_off = target[arc] >= first_off
    later = slot + 1 < n_slot
    row = np.concatenate(
        [
            slot * n_state + source[arc],
            ((slot + 1) * n_state + target[arc])[later],
            (n_slot * n_state + slot)[into_off],
        ]
    )
    col = np.concatenate([column, column[later], column[into_off]])
    value = np.concatenate(
        [np.ones(len(column)), -np.ones(int(later.sum())), np.ones(int(into_off.sum()))]
    )
    n_miss = n_slot if keep_rules else 0
    if keep_rules:
        row = np.concatenate([row, n_slot * n_state + np.arange(n_slot)])
        col = np.concatenate([col, len(column) + np.arange(n_slot)])
        value = np.concatenate([value, np.ones(n_slot)])
    n_col = len(column) + n_miss
    bound = np.zeros(n_slot * n_state + n_slot)
    bound[:n_state] = np.bincount(state, minlength=n_state)
    bound[n_slot * n_state :] = count
    solution = Program(
        "outage schedule",
        cost=np.concatenate([np.tile(price, n_slot), np.full(n_miss, _BREACH)]),
        lower=np.zeros(n_col),
        upper=np.full(n_col, float(len(precedence))),
        matrix=sp.csr_matrix((value, (row, col)), (len(bound), n_col)),
        row_lower=bound,
        row_upper=bound,
        whole=WholeNumbers(is_whole=np.ones(n_col, bool), node_limit=50),
    ).solve()
    flow = np.rint(solution.x[: len(column)]).astype(np.int32).reshape(n_slot, n_arc)
    return _name(flow, source, target, state, first_off, precedence, past)


def _start_states(before: BoolArray, longest_off: int, first_off: int) -> IntArray:
    """State of each queue when the schedule starts."""
    state = np.zeros(len(before), np.int32)
    for slot in range(before.shape[1]):
        is_off = state >= first_off
        off_next = np.where(is_off, np.minimum(state + 1, first_off + longest_off - 1), first_off)
        rest_next = np.where(is_off, 1 % first_off, np.where(state > 0, (state + 1) % first_off, 0))
        state = np.where(before[:, slot], off_next, rest_next)
    return state


def _name(
    flow: IntArray,
    source: IntArray,
    target: IntArray,
    state: IntArray,
    first_off: int,
    precedence: IntArray,
    past: FloatArray,
) -> BoolArray:
    """Give the counted moves to named queues: who has the fewest hours goes, or stays, off."""
    state = state.copy()
    total = past.copy()
    is_off = np.zeros((len(state), len(flow)), bool)
    for slot, moves in enumerate(flow):
        following = state.copy()
        for here in np.unique(state):
            queue = np.flatnonzero(state == here)
            queue = queue[np.lexsort((precedence[queue], total[queue]))]
            ways = np.flatnonzero((source == here) & (moves > 0))
            ways = ways[np.argsort(target[ways] < first_off, kind="stable")]  # off first
            following[queue] = np.repeat(target[ways], moves[ways])
        state = following
        is_off[:, slot] = state >= first_off
        total = total + is_off[:, slot]
    return is_off
