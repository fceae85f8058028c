"""Islands of a network: the parts that the branches left in service still connect."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from lightkeeper.units import BoolArray, IntArray


def label_islands(
    from_bus: IntArray, to_bus: IntArray, branch_on: BoolArray, bus_on: BoolArray
) -> IntArray:
    """Island of every bus, (n_bus,): 0, 1, ... in order of the first bus, -1 where a bus is off.

    Dead islands count too: whether anything runs in an island is for the balance to say.
    """
    n_bus = len(bus_on)
    live = branch_on & bus_on[from_bus] & bus_on[to_bus]
    ends = (from_bus[live], to_bus[live])
    graph = sp.coo_matrix((np.ones(int(live.sum())), ends), shape=(n_bus, n_bus))
    _, part = connected_components(graph, directed=False)
    label = np.full(n_bus, -1, np.int32)
    _, first = np.unique(part[bus_on], return_index=True)
    number = np.full(n_bus, -1, np.int32)
    number[part[bus_on][np.sort(first)]] = np.arange(len(first), dtype=np.int32)
    label[bus_on] = number[part[bus_on]]
    return label
