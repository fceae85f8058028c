"""Chains of one scenario: substation, feeders, districts, services and until when they go on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lightkeeper.consequences.dependencies import DependencyGraph, lost_supply, stock_at
from lightkeeper.consequences.hours import Hours
from lightkeeper.consequences.model import Chain, ChainLink
from lightkeeper.consequences.supply import Supply
from lightkeeper.consequences.walk import Walker
from lightkeeper.damage.assets import asset_rows, local_supply
from lightkeeper.damage.model import AssetKind, DamageEnsemble, DamageState
from lightkeeper.flow.model import CascadeResult
from lightkeeper.region.model import DistrictId, Region
from lightkeeper.units import FloatArray, IntArray

MAX_CHAINS = 12

DESTROYED, IMPAIRED, DEAD, FEEDER, SHED = (
    "substation destroyed",
    "substation impaired",
    "no supply from the grid",
    "feeder damaged",
    "shed for want of power",
)
"""Why the feeders of a substation are off, the weightiest first."""


def find_chains(
    region: Region,
    graph: DependencyGraph,
    supply: Supply,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    scenario: int,
    *,
    horizon_h: int = 48,
    max_chains: int = MAX_CHAINS,
) -> tuple[Chain, ...]:
    """Return the chains of one scenario, those with the most people first."""
    only = supply.of(slice(scenario, scenario + 1))
    time, outside = Walker(region, graph, Hours(horizon_h)).first_times(only)
    off = supply.pieces[0].feeder_off[scenario]
    local = local_supply(region)
    because, supplier = _causes(graph, time, outside)
    feeders = region.feeders
    hangs_on = [str(s.feeder) for s in region.services]
    hangs_on += [str(h.feeder) for h in region.heat_sources]
    chains = []
    for site in np.unique(local.substation[off & (local.substation >= 0)]).tolist():
        mine = np.flatnonzero(off & (local.substation == site)).astype(np.int32)
        on_them = {str(f) for f in feeders.id[mine]}
        at_site = [node for node, feeder in enumerate(hangs_on) if feeder in on_them]
        fallen = [n for n in at_site if time[n] < horizon_h]
        then = [
            n for n in _fallen_behind(supplier, fallen) if n not in at_site and time[n] < horizon_h
        ]
        people = np.bincount(
            feeders.district[mine][feeders.district[mine] >= 0],
            weights=feeders.population[mine][feeders.district[mine] >= 0],
            minlength=len(region.districts),
        )
        chains.append(
            Chain(
                substation=str(region.network.substations.id[site]),
                name=str(region.network.substations.name[site]),
                cause=_cause(region, ensemble, result, scenario, site, mine),
                n_feeders=int(mine.size),
                people=int(feeders.population[mine].sum()),
                demand_mw=float(feeders.demand_mw[mine].sum()),
                districts=tuple(
                    (region.districts[d].id, int(people[d]))
                    for d in np.argsort(-people, kind="stable").tolist()
                    if people[d] > 0
                ),
                services=tuple(_link(region, graph, n, time, because, horizon_h) for n in at_site),
                then=tuple(_link(region, graph, n, time, because, horizon_h) for n in then),
            )
        )
    chains.sort(key=lambda c: (-c.people, c.substation))
    return tuple(chains[:max_chains])


def find_failures(
    region: Region, graph: DependencyGraph, supply: Supply, scenario: int, *, horizon_h: int = 48
) -> tuple[ChainLink, ...]:
    """Return every service and heat source that fails in one scenario, and of what it does."""
    only = supply.of(slice(scenario, scenario + 1))
    time, outside = Walker(region, graph, Hours(horizon_h)).first_times(only)
    because, _ = _causes(graph, time, outside)
    fallen = np.flatnonzero(time[: graph.n_services + graph.n_sources] < horizon_h)
    return tuple(_link(region, graph, n, time, because, horizon_h) for n in fallen.tolist())


def _causes(
    graph: DependencyGraph, time: FloatArray, outside: FloatArray
) -> tuple[Mapping[int, str], Mapping[int, int]]:
    """For every node that fails of a need: the need, and the supplier whose loss was the last."""
    column, out = time[:, None], outside[:, None]
    stock = graph.buffer_h[:, None]
    lost = lost_supply(graph, column, out)
    fails = (lost + stock_at(graph, lost, stock))[:, 0]
    values = np.concatenate([time, outside])
    because, supplier = {}, {}
    for need, node in enumerate(graph.need_node.tolist()):
        if np.isfinite(time[node]) and node not in because and fails[need] == time[node]:
            links = graph.link[graph.link_start[need] : graph.link_start[need + 1]]
            because[node] = graph.need_kind[need].value
            supplier[node] = int(links[np.argmax(values[links])])
    return because, supplier


def _fallen_behind(supplier: Mapping[int, int], first: list[int]) -> list[int]:
    """Return the nodes whose last supplier is one of `first`, or one of those, and so on."""
    found = list(first)
    seen = set(first)
    for node in found:
        for other, last in supplier.items():
            if last == node and other not in seen:
                seen.add(other)
                found.append(other)
    return [node for node in found if node not in set(first)]


def _link(
    region: Region,
    graph: DependencyGraph,
    node: int,
    time: FloatArray,
    because: Mapping[int, str],
    horizon_h: int,
) -> ChainLink:
    if node < graph.n_services:
        service = region.services[node]
        name, kind, district = service.name, service.kind.value, service.district
    elif node < graph.n_services + graph.n_sources:
        source = region.heat_sources[node - graph.n_services]
        name, kind, district = source.name, source.kind.value, source.districts[0]
    else:
        row = int(np.flatnonzero(region.feeders.id == graph.id[node])[0])
        name, kind = graph.id[node], "feeder"
        district = region.districts[int(region.feeders.district[row])].id
    return ChainLink(
        id=graph.id[node],
        name=name,
        kind=kind,
        district=DistrictId(district),
        works_until_h=float(time[node]) if time[node] < horizon_h else None,
        because=because.get(node, "" if time[node] >= horizon_h else "damage"),
    )


def _cause(
    region: Region,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    scenario: int,
    site: int,
    feeders: IntArray,
) -> str:
    """Say why the feeders of a substation are off."""
    assets = ensemble.estimate.assets
    state = ensemble.state[scenario]
    of_site = state[asset_rows(assets, AssetKind.SUBSTATION)[site]]
    if of_site == DamageState.DESTROYED:
        return DESTROYED
    if of_site == DamageState.IMPAIRED:
        return IMPAIRED
    bus = local_supply(region).bus[feeders]
    if (result.island[scenario, bus] < 0).all():
        return DEAD
    if (state[asset_rows(assets, AssetKind.FEEDER)[feeders]] != DamageState.INTACT).any():
        return FEEDER
    return SHED
