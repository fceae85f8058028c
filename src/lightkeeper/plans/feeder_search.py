"""The best list of whole feeders by an exact search, and what no list of whole feeders undercuts.

Beside the linear optimum L, switching feeder i of demand p_i against it costs at least |r_i| p_i,
r_i being the reduced cost of its block (linear duality). In a list that weighs less than the one in
hand, U, no feeder with ``|r_i| p_i >= U - L`` is switched so. What is left is a program in few
whole numbers; its own bound, or L plus the cheapest switching left out, holds for every list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.plans.damaged_grid import DamagedGrid
from lightkeeper.plans.delivery import Blocks
from lightkeeper.plans.delivery_program import DeliveryProgram
from lightkeeper.plans.linear_program import WholeNumbers
from lightkeeper.units import BoolArray, FloatArray, IntArray

_GAP_MW = 0.01
"""Lists nearer than this to the best are as good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """When to search for a better list, and how long: by counts, so that it can be repeated.

    The search begins where a list weighs more than the linear optimum by more than `above_pu`, and
    ends once one does not, or none can. It frees those feeders that cost least to switch, as many
    as `max_feeders` says for one search after the other, few for a quick answer and many for a
    proof, and each time branches on at most `max_nodes` sets of them.
    """

    above_pu: float = 0.03
    max_feeders: tuple[int, ...] = (60, 1000)
    max_nodes: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederLoad:
    """All feeders, (n_feeders,): where, how much, what a MW weighs, and if switching matters."""

    bus: IntArray
    demand_mw: FloatArray
    weight: FloatArray
    can_switch: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """Feeders off, (n_feeders,), and the weight that no list of whole feeders undercuts."""

    is_off: BoolArray
    least: float


def search_list(
    grid: DamagedGrid,
    feeders: FeederLoad,
    loose: Blocks,
    *,
    reduced_cost: FloatArray,
    bound: float,
    is_off: BoolArray,
    cost: float,
    limited: IntArray,
    target: float,
    max_feeders: int,
    max_nodes: int,
) -> FoundList:
    """Search for a list of whole feeders that weighs less than the one in hand.

    Parameters
    ----------
    loose
        Load on no feeder, shed in any amount.
    reduced_cost
        (n_feeders,) what a MW more served adds to the weight at the linear optimum.
    bound
        Weight of the linear optimum.
    is_off, cost
        The list in hand, and its weight.
    limited
        Live branches that are known to bind.
    target
        A list of this weight ends the search.

    Returns
    -------
    FoundList
        The list in hand where none better was found.
    """
    demand, weighs = feeders.demand_mw, feeders.weight * feeders.demand_mw
    rise = np.where(feeders.can_switch, np.abs(reduced_cost) * demand, np.inf)
    order = np.argsort(rise, kind="stable")
    n_cheap = int((rise < cost - bound).sum())
    n_free = min(n_cheap, max_feeders)
    left_out = bound + (float(rise[order[n_free]]) if n_free < n_cheap else cost - bound)
    # What the list in hand switches against the optimum stays free, so that it can be the start.
    is_against = feeders.can_switch & (rise > 0) & (is_off == (reduced_cost < 0))
    is_free = is_against.copy()
    is_free[order[:n_free]] = True
    free = np.flatnonzero(is_free)
    stays_on = feeders.can_switch & ~is_free & ~is_off

    on_mw = np.bincount(feeders.bus[stays_on], demand[stays_on], grid.n_bus)
    live = grid.island >= 0
    at = np.bincount(grid.source_bus, grid.source_max_mw, grid.n_bus)
    source_bus = np.flatnonzero(live & (at > 0))
    kept = np.flatnonzero(live[loose.bus])
    n_other = len(source_bus) + len(kept)
    at_most = float(
        weighs[feeders.can_switch].sum()
        - weighs[stays_on].sum()
        + loose.weight[kept] @ loose.demand_mw[kept]
    )
    program = DeliveryProgram(
        grid,
        bus=np.concatenate([source_bus, loose.bus[kept], feeders.bus[free]]).astype(np.int32),
        sign=np.repeat([1.0, -1.0], [len(source_bus), len(kept) + len(free)]),
        upper_mw=np.concatenate([at[source_bus], loose.demand_mw[kept], demand[free]]),
        cost=np.concatenate(
            [np.zeros(len(source_bus)), -loose.weight[kept], -feeders.weight[free]]
        ),
        fixed_mw=-on_mw.astype(np.float64),
        limited=limited,
        whole=WholeNumbers(
            is_whole=np.arange(n_other + len(free)) >= n_other,
            node_limit=max_nodes,
            target=target - at_most,
            gap=_GAP_MW,
            presolve=False,
        ),
    )
    found = program.solve(start=~is_off[free])
    better = is_off.copy()
    better[free] = found.x_mw[n_other:] < demand[free] / 2
    return FoundList(is_off=better, least=max(bound, min(at_most + found.least, left_out, cost)))
