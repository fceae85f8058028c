"""Follow every scenario through the hours: supply, services, heat, homes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.bit_sums import sum_people
from lightkeeper.consequences.dependencies import DependencyGraph, build_graph
from lightkeeper.consequences.distribution import shares
from lightkeeper.consequences.exposure import THRESHOLDS_C, ColdOptions, Homes, list_homes
from lightkeeper.consequences.heat import HeatFollower
from lightkeeper.consequences.hours import MOST_HOURS, Hours, gather, where
from lightkeeper.consequences.supply import Supply, SupplyMaker
from lightkeeper.consequences.walk import Walker
from lightkeeper.errors import InputError
from lightkeeper.region.model import Region, ServiceKind
from lightkeeper.units import FloatArray, IntArray

_CHUNK = 64
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

    By scenario: `people_off`, `unserved_mw`, `people_without_heat` (n_scenarios, n_hours), and
    `people_switched_off`, those of `people_off` whom only a plan's switching leaves without power;
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
    people_switched_off: FloatArray
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
    region: Region,
    weight: FloatArray,
    supply: Supply | SupplyMaker,
    options: FollowOptions | None = None,
) -> Followed:
    """Follow all scenarios of a supply hour by hour; it may be made for a few of them at a time.

    Raises
    ------
    InputError
        The horizon is longer than the hours that fit, or the pieces reach beyond it; weights sum to
        nothing.
    """
    rules = options or FollowOptions()
    if not 1 <= rules.horizon_h <= MOST_HOURS:
        raise InputError(f"the horizon is 1 to {MOST_HOURS} hours")
    follower = _Follower(region, rules)
    n, n_h = weight.size, rules.horizon_h + 1
    n_d, n_src = len(region.districts), len(region.heat_sources)
    shown = np.arange(0, n_h, rules.district_step_h)
    kinds = follower.kinds
    share = shares(weight)
    out = Followed(
        graph=follower.graph,
        homes=follower.homes,
        kinds=kinds,
        kind_total=np.bincount(follower.kind[follower.kind >= 0], minlength=len(kinds)).astype(
            np.int32
        ),
        district_hours=shown.astype(np.int32),
        people_off=np.empty((n, n_h)),
        people_switched_off=np.empty((n, n_h)),
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
        part = slice(first, min(first + _CHUNK, n))
        own = supply.of(part) if isinstance(supply, Supply) else supply(part)
        if own.pieces[-1].from_h >= rules.horizon_h:
            raise InputError("the horizon ends after the last piece of supply")
        follower.fill(out, part, own, share)
    return out


class _Follower:
    """What is the same for every chunk of scenarios."""

    def __init__(self, region: Region, rules: FollowOptions) -> None:
        self.region = region
        self.hours = Hours(rules.horizon_h)
        self.graph = graph = build_graph(region)
        self.homes = list_homes(region)
        self.walker = Walker(region, graph, self.hours)
        self.heat = HeatFollower(region, graph, self.homes, self.hours, rules.cold)
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
        self.people = feeders.population.astype(np.float64)

    def fill(self, out: Followed, part: slice, supply: Supply, share: FloatArray) -> None:
        """Follow one chunk and write what it gives into `out`."""
        size = part.stop - part.start
        found = self.walker.go(supply)
        weight = share[part]
        off = np.zeros((size, self.n_d + 1, self.hours.n))
        sum_people(off, out.feeder_p, found.feeder_mask, self.district, self.people, weight)
        out.people_off[part] = off.sum(axis=1)
        out.people_switched_off[part] = found.people_switched_off
        out.district_people_off[part] = off[:, : self.n_d, out.district_hours]
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
        heat = self.heat.go(part.start, found)
        out.people_without_heat[part] = heat.people_without_heat
        out.district_without_heat[part] = heat.district_without_heat[:, :, out.district_hours]
        out.people_below[part] = heat.people_below
        out.district_below_16[part] = heat.district_below_16[:, :, out.district_hours]
        out.freeze_h[part] = heat.freeze_h
