"""From served power by bus to whole feeders on or off.

People live on feeders, and a feeder is on or off: what the flow says of a bus as a fraction becomes
a set of feeders here. That set is what the network's own under-frequency relays do, not a plan.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from lightkeeper.damage.apply import locally_off
from lightkeeper.damage.assets import local_supply
from lightkeeper.damage.model import DamageEnsemble
from lightkeeper.flow.model import CascadeResult
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

COVERED_MW = 1e-3
"""Unserved power below this is covered."""


def list_feeders_off(
    region: Region, ensemble: DamageEnsemble, result: CascadeResult, *, seed: int
) -> BoolArray:
    """Find the feeders without power in every scenario, shape (n_scenarios, n_feeders).

    Off are feeders off by local damage, all feeders of a bus that is dead or serves nothing, and
    of an island that is short as many whole feeders as cover its unserved power: bus by bus from a
    first bus drawn by the seed for each scenario, within a bus from a feeder drawn likewise in the
    order of their queues, carrying what one feeder sheds too much over to the next bus. Feeders
    with services go last, after all others of the island. An island sheds at most one feeder more
    than it must, and only at buses where the flow leaves load unserved.
    """
    off = locally_off(ensemble.state, ensemble.estimate.assets, region)
    feeders = region.feeders
    n_bus = result.demand_mw.shape[1]
    bus = local_supply(region).bus
    order = np.lexsort((np.arange(bus.size), feeders.queue, feeders.is_critical, bus))
    start = np.searchsorted(bus[order], np.arange(n_bus + 1)).astype(np.int32)
    n_first = np.zeros(n_bus, dtype=np.int32)
    np.add.at(n_first, bus, ~feeders.is_critical)
    with_feeders = np.unique(bus).astype(np.int32)
    rng = np.random.default_rng(seed)
    turn = np.asarray(rng.integers(0, 1 << 30, size=off.shape[0]), dtype=np.int32)
    _shed(
        off,
        result.demand_mw,
        result.served_mw,
        result.island,
        order.astype(np.int32),
        start,
        n_first,
        with_feeders,
        feeders.demand_mw,
        turn,
    )
    return off


@njit(cache=True, nogil=True)
def _shed(
    off: BoolArray,
    demand_mw: FloatArray,
    served_mw: FloatArray,
    island: IntArray,
    order: IntArray,
    start: IntArray,
    n_first: IntArray,
    buses: IntArray,
    feeder_mw: FloatArray,
    turn: IntArray,
) -> None:
    """Set `off` in place. `order[start[b]:start[b + 1]]`: the feeders of bus b, services last."""
    n_bus = demand_mw.shape[1]
    need = np.zeros(n_bus + 1)
    for s in range(off.shape[0]):
        need[:] = 0.0
        # Passes: 0 feeders without services where load is short, carrying over; 1 what is left of
        # them; 2 feeders with services.
        for step in range(3):
            for i in range(buses.size):
                b = buses[(i + turn[s]) % buses.size]
                label = island[s, b]
                first, last = start[b], start[b + 1]
                unserved = demand_mw[s, b] - served_mw[s, b]
                if label < 0 or (demand_mw[s, b] > 0 and served_mw[s, b] <= 1e-9 * demand_mw[s, b]):
                    if step == 0:
                        for k in range(first, last):
                            off[s, order[k]] = True
                    continue
                if unserved <= 1e-9 * demand_mw[s, b]:
                    continue
                if step == 0:
                    on_feeders = 0.0
                    for k in range(first, last):
                        if not off[s, order[k]]:
                            on_feeders += feeder_mw[order[k]]
                    # Load without feeders bears its own share of what is unserved.
                    need[label] += unserved * min(on_feeders / demand_mw[s, b], 1.0)
                low, high = first, first + n_first[b]
                if step == 2:
                    low, high = high, last
                for j in range(high - low):
                    if need[label] <= COVERED_MW:
                        break
                    k = order[low + (j + turn[s] + i) % (high - low)]
                    if not off[s, k] and feeder_mw[k] > 0:
                        off[s, k] = True
                        need[label] -= feeder_mw[k]
