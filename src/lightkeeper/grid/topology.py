"""What hangs together: islands of the intact network, and buses that share a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightkeeper.grid.model import Network
from lightkeeper.units import BoolArray, IntArray, StrArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Buses grouped into sites.

    `site_of_bus` has shape (n_buses,). The first sites are the rows of `Network.substations`; sites
    that no substation names follow, and take the id of their first bus, after "site-".
    """

    site_of_bus: IntArray
    id: StrArray


def label_islands(network: Network) -> tuple[IntArray, int]:
    """Label the islands of the network as it stands, without any damage.

    Returns
    -------
    (IntArray, int)
        Island of each bus from 0, -1 for a bus out of service, shape (n_buses,); and their number.
        An island is what branches in service and closed switches hold together.
    """
    on = network.buses.in_service
    ends = [
        (rows.from_bus[rows.in_service], rows.to_bus[rows.in_service])
        for rows in (network.lines, network.transformers)
    ]
    closed = network.switches.is_closed
    ends.append((network.switches.from_bus[closed], network.switches.to_bus[closed]))
    from_bus = np.concatenate([f for f, _ in ends])
    to_bus = np.concatenate([t for _, t in ends])
    live = on[from_bus] & on[to_bus]
    label = _components(len(on), from_bus[live], to_bus[live])
    island = np.full(len(on), -1, dtype=np.int32)
    used, island[on] = np.unique(label[on], return_inverse=True)
    return island, len(used)


def group_into_sites(network: Network) -> Sites:
    """Group buses into sites: as the table says, else by what transformers and switches join.

    Transformers and switches stand inside a fence, so buses they join share one; whether they are
    in service does not matter. A group with one named substation among its buses belongs to it.
    """
    named = network.buses.substation
    n_bus, n_named = len(named), len(network.substations.id)
    inside = (network.transformers, network.switches)
    from_bus = np.concatenate([rows.from_bus for rows in inside])
    to_bus = np.concatenate([rows.to_bus for rows in inside])
    # A transformer between two named substations must not merge what hangs on either side.
    a, b = named[from_bus], named[to_bus]
    merges = (a < 0) | (b < 0) | (a == b)
    label = _components(n_bus, from_bus[merges], to_bus[merges])
    lowest = np.full(n_bus, n_named, dtype=np.int32)
    highest = np.full(n_bus, -1, dtype=np.int32)
    is_named: BoolArray = named >= 0
    np.minimum.at(lowest, label[is_named], named[is_named])
    np.maximum.at(highest, label[is_named], named[is_named])
    site = np.where(is_named, named, np.where(lowest == highest, highest, -1)[label])
    rest = site < 0
    groups, first, inverse = np.unique(label[rest], return_index=True, return_inverse=True)
    # Number the unnamed sites in the order of their first buses.
    order = np.argsort(first)
    rank = np.empty(len(groups), dtype=np.int32)
    rank[order] = np.arange(len(groups), dtype=np.int32)
    site[rest] = n_named + rank[inverse]
    first_id = network.buses.id[rest][first[order]]
    names = np.array([f"site-{key}" for key in first_id.tolist()], dtype=np.str_)
    ids = np.concatenate([network.substations.id, names]) if len(names) else network.substations.id
    return Sites(site_of_bus=site.astype(np.int32), id=ids)


def _components(n: int, from_bus: IntArray, to_bus: IntArray) -> IntArray:
    graph = coo_array((np.ones(len(from_bus)), (from_bus, to_bus)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int32)
