"""Follow every scenario through the hours: supply, services, heat, homes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.dependencies import DependencyGraph, build_graph
from lightkeeper.consequences.exposure import THRESHOLDS_C, ColdOptions, Homes, list_homes
from lightkeeper.consequences.heat import HeatFollower
from lightkeeper.consequences.hours import MOST_HOURS, Hours, gather, sum_by, where
from lightkeeper.consequences.supply import Supply
from lightkeeper.consequences.walk import Walker
from lightkeeper.errors import InputError
from lightkeeper.region.model import Region, ServiceKind
from lightkeeper.units import FloatArray, IntArray

_CHUNK = 256
"""Scenarios handled at once: their arrays stay in the cache."""

SOURCE_KIND = "heat_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOptions:
    """`district_step_h`: districts are told every so many hours, to keep 10,000 scenarios small."""

    horizon_h: int = 48
    district_step_h: int = 3
    cold: ColdOptions = field(default_factory=ColdOptions)


@dataclass(frozen=True, slots=True)
class Followed:
    """What happens in every scenario. n_hours is the horizon and one: hour 0 counts too.

    By scenario: `people_off`, `unserved_mw`, `people_without_heat` (n_scenarios, n_hours);
    `people_below` (n_scenarios, thresholds, n_hours), NaN where not known; `failed` by kind
    (n_scenarios, n_kinds, n_hours); `customer_hours`, `unserved_mwh`, `service_hours`
    (n_scenarios,). By district, at `district_hours`: (n_scenarios, n_districts, n_district_hours).
    Weighted over scenarios: `node_p` (n_nodes, n_hours), `feeder_p` (n_feeders, n_hours).
    `freeze_h` (n_scenarios, n_sources): when pipes have to be drained, infinite if never.
    """

    graph: DependencyGraph
    homes: Homes
    kinds: tuple[str, ...]
    kind_total: IntArray
    district_hours: IntArray
    people_off: FloatArray
    unserved_mw: FloatArray
    people_without_heat: FloatArray
    people_below: FloatArray
    failed: FloatArray
    customer_hours: FloatArray
    unserved_mwh: FloatArray
    service_hours: FloatArray
    district_people_off: NDArray[np.float32]
    district_without_heat: NDArray[np.float32]
    district_below_16: NDArray[np.float32]
    node_p: FloatArray
    feeder_p: FloatArray
    freeze_h: NDArray[np.float32]
    outdoor_c: FloatArray
    notes: tuple[str, ...]


def follow(
    region: Region, weight: FloatArray, supply: Supply, options: FollowOptions | None = None
) -> Followed:
    """Follow all scenarios of a supply hour by hour.

    Raises
    ------
    InputError
        The horizon is longer than the hours that fit, or the pieces reach beyond it.
    """
    rules = options or FollowOptions()
    if not 1 <= rules.horizon_h <= MOST_HOURS or supply.pieces[-1].from_h >= rules.horizon_h:
        raise InputError(f"the horizon is 1 to {MOST_HOURS} hours and ends after the last piece")
    follower = _Follower(region, supply, rules)
    n, n_h = weight.size, rules.horizon_h + 1
    n_d, n_src = len(region.districts), len(region.heat_sources)
    shown = np.arange(0, n_h, rules.district_step_h)
    kinds = follower.kinds
    share = weight / weight.sum()
    out = Followed(
        graph=follower.graph,
        homes=follower.homes,
        kinds=kinds,
        kind_total=np.bincount(follower.kind[follower.kind >= 0], minlength=len(kinds)).astype(
            np.int32
        ),
        district_hours=shown.astype(np.int32),
        people_off=np.empty((n, n_h)),
        unserved_mw=np.empty((n, n_h)),
        people_without_heat=np.empty((n, n_h)),
        people_below=np.empty((n, len(THRESHOLDS_C), n_h)),
        failed=np.empty((n, len(kinds), n_h)),
        customer_hours=np.empty(n),
        unserved_mwh=np.empty(n),
        service_hours=np.empty(n),
        district_people_off=np.empty((n, n_d, shown.size), dtype=np.float32),
        district_without_heat=np.empty((n, n_d, shown.size), dtype=np.float32),
        district_below_16=np.empty((n, n_d, shown.size), dtype=np.float32),
        node_p=np.zeros((follower.graph.n_nodes, n_h)),
        feeder_p=np.zeros((region.feeders.id.size, n_h)),
        freeze_h=np.full((n, n_src), np.inf, dtype=np.float32),
        outdoor_c=follower.heat.outdoors.outdoor_c,
        notes=(*follower.graph.notes, *follower.heat.notes),
    )
    for first in range(0, n, _CHUNK):
        follower.fill(out, slice(first, min(first + _CHUNK, n)), share)
    return out


class _Follower:
    """What is the same for every chunk of scenarios."""

    def __init__(self, region: Region, supply: Supply, rules: FollowOptions) -> None:
        self.region = region
        self.hours = Hours(rules.horizon_h)
        self.graph = graph = build_graph(region)
        self.homes = list_homes(region)
        self.walker = Walker(region, graph, supply, self.hours)
        self.heat = HeatFollower(region, graph, supply, self.homes, self.hours, rules.cold)
        self.kinds = (*(kind.value for kind in ServiceKind), SOURCE_KIND)
        row_of = {kind: row for row, kind in enumerate(self.kinds)}
        kind = [row_of[s.kind.value] for s in region.services]
        kind += [row_of[SOURCE_KIND]] * graph.n_sources
        kind += [-1] * (graph.n_nodes - len(kind))
        self.kind = np.where(graph.is_known, np.array(kind, dtype=np.int32), -1)
        # People outside every district count in the total, as a district of their own.
        self.n_d = len(region.districts)
        feeders = region.feeders
        self.district = np.where(feeders.district < 0, self.n_d, feeders.district)

    def fill(self, out: Followed, part: slice, share: FloatArray) -> None:
        """Follow one chunk and write what it gives into `out`."""
        size = part.stop - part.start
        found = self.walker.go(part)
        feeders = self.region.feeders
        weight = share[part]
        # Few feeders are off, and few are the different courses they take.
        s, f = where(found.feeder_mask != 0)
        masks = found.feeder_mask[s, f]
        off = gather(s, self.district[f], masks, feeders.population[f])
        bits = self.hours.of(off.masks)
        out.people_off[part] = sum_by(off.scenario, off.amount @ bits, size)
        inside = off.place < self.n_d
        out.district_people_off[part] = 0.0
        out.district_people_off[off.scenario[inside] + part.start, off.place[inside]] = (
            off.amount[inside] @ bits[:, out.district_hours]
        )
        chance = gather(f, np.zeros_like(f), masks, weight[s])
        out.feeder_p[chance.scenario] += chance.amount @ self.hours.of(chance.masks)
        out.customer_hours[part] = found.customer_hours
        out.unserved_mw[part] = found.unserved_mw
        out.unserved_mwh[part] = found.unserved_mwh
        # Services and heat sources.
        node, s = where(found.node_mask != 0)
        kept = self.kind[node] >= 0
        node, s = node[kept], s[kept]
        masks = found.node_mask[node, s]
        count = gather(s, self.kind[node], masks, np.ones(s.size))
        out.failed[part] = 0.0
        out.failed[count.scenario + part.start, count.place] = count.amount @ self.hours.of(
            count.masks
        )
        chance = gather(node, np.zeros_like(node), masks, weight[s])
        out.node_p[chance.scenario] += chance.amount @ self.hours.of(chance.masks)
        out.service_hours[part] = found.node_off_h[self.kind >= 0].sum(axis=0)
        heat = self.heat.go(part, found.node_mask, off)
        out.people_without_heat[part] = heat.people_without_heat
        out.district_without_heat[part] = heat.district_without_heat[:, :, out.district_hours]
        out.people_below[part] = heat.people_below
        out.district_below_16[part] = heat.district_below_16[:, :, out.district_hours]
        out.freeze_h[part] = heat.freeze_h
