"""How the network splits: which districts hang together, how often, with what balance."""

from __future__ import annotations

import numpy as np

from lightkeeper.consequences.model import IslandBalance, IslandGroup
from lightkeeper.damage.assets import local_supply
from lightkeeper.flow.model import CascadeResult
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray, IntArray


def group_islands(
    region: Region, result: CascadeResult, weight: FloatArray, *, max_groups: int = 5
) -> tuple[IslandGroup, ...]:
    """Group the scenarios that split the districts alike, the most probable groups first.

    A district belongs to the live island that most of its demand hangs on, or to none when most of
    it is dead. Islands without a district (a plant alone, a few buses) are not counted. Balances
    are means over the group, weighted as the scenarios are. The probabilities of the groups left
    out are what is missing to 1.
    """
    if not region.districts:
        return ()
    label = _district_labels(region, result)
    counts = np.flatnonzero(weight > 0)
    parts: dict[tuple[int, ...], list[int]] = {}
    kinds, kind_of = np.unique(label[counts], axis=0, return_inverse=True)
    of_kind = [_in_order(kind) for kind in kinds]
    for s, kind in zip(counts.tolist(), kind_of.reshape(-1).tolist(), strict=True):
        parts.setdefault(of_kind[kind], []).append(s)
    total = weight.sum()
    ranked = sorted(parts.items(), key=lambda item: (-weight[item[1]].sum(), item[0]))
    return tuple(
        IslandGroup(
            probability=float(weight[members].sum() / total),
            n_islands=max(part) + 1,
            islands=_balances(
                region, result, part, label, np.array(members, dtype=np.int32), weight
            ),
        )
        for part, members in ranked[:max_groups]
    )


def _in_order(labels: IntArray) -> tuple[int, ...]:
    """Number a partition by first appearance, so that equal ones are equal; -1 stays."""
    seen: dict[int, int] = {}
    return tuple(-1 if k < 0 else seen.setdefault(k, len(seen)) for k in labels.tolist())


def _district_labels(region: Region, result: CascadeResult) -> IntArray:
    """The island of each district in each scenario, shape (n_scenarios, n_districts)."""
    feeders, bus = region.feeders, local_supply(region).bus
    n = result.island.shape[0]
    label = np.full((n, len(region.districts)), -1, dtype=np.int32)
    for district in range(len(region.districts)):
        rows = np.flatnonzero(feeders.district == district)
        if rows.size == 0:
            continue
        buses, at = np.unique(bus[rows], return_inverse=True)
        demand = np.bincount(at, weights=feeders.demand_mw[rows])
        islands = result.island[:, buses]
        most = np.full(n, -1.0)
        for island in np.unique(islands):
            here = (islands == island) @ demand
            wins = here > most
            label[wins, district] = island
            most[wins] = here[wins]
    return label


def _balances(
    region: Region,
    result: CascadeResult,
    part: tuple[int, ...],
    label: IntArray,
    members: IntArray,
    weight: FloatArray,
) -> tuple[IslandBalance, ...]:
    network = region.network
    unit_bus = np.concatenate([network.generators.bus, network.ties.bus])
    unit_max = np.concatenate([network.generators.p_max_mw, network.ties.import_limit_mw])
    share = weight[members] / weight[members].sum()
    island = result.island[members]
    unit_mw = result.unit_mw[members]
    # Only running units have room; a tie has it wherever its bus lives.
    is_tie = np.arange(unit_bus.size) >= network.generators.bus.size
    room = np.where((unit_mw > 0) | is_tie, np.maximum(unit_max - unit_mw, 0.0), 0.0)
    found: list[IslandBalance] = []
    for k in range(max(part) + 1):
        districts = [d for d, number in enumerate(part) if number == k]
        own = label[members, districts[0]]
        here = island == own[:, None]
        at_unit = here[:, unit_bus]
        generation = (unit_mw * at_unit).sum(axis=1)
        generation += (result.infeed_mw[members] * here).sum(axis=1)
        found.append(
            IslandBalance(
                n_buses=round(float(share @ here.sum(axis=1))),
                districts=tuple(region.districts[d].id for d in districts),
                generation_mw=float(share @ generation),
                demand_mw=float(share @ (result.demand_mw[members] * here).sum(axis=1)),
                served_mw=float(share @ (result.served_mw[members] * here).sum(axis=1)),
                reserve_mw=float(share @ (room * at_unit).sum(axis=1)),
            )
        )
    return tuple(sorted(found, key=lambda i: -i.demand_mw))
