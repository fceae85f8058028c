"""Who has no heat, whose home is how cold, and when pipes freeze, for a chunk of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.bit_sums import (
    MaskArray,
    mark_histories,
    number_masks,
    sum_entries,
    sum_homes,
)
from lightkeeper.consequences.dependencies import DependencyGraph
from lightkeeper.consequences.exposure import THRESHOLDS_C, ColdOptions, ColdTable, Homes
from lightkeeper.consequences.hours import Hours, where
from lightkeeper.consequences.temperature import read_outdoors
from lightkeeper.consequences.walk import Walked
from lightkeeper.errors import InputError
from lightkeeper.region.model import DistrictId, HeatingKind, Region, ServiceKind
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class HeatOfChunk:
    """Heat and cold of a chunk; NaN at hours and districts of which nothing is known.

    `people_without_heat` (n_scenarios, n_hours), `people_below` (n_scenarios, thresholds, n_hours),
    those by district (n_scenarios, n_districts, n_hours), `freeze_h` (n_scenarios, n_sources).
    """

    people_without_heat: FloatArray
    district_without_heat: NDArray[np.float32]
    people_below: FloatArray
    district_below_16: NDArray[np.float32]
    freeze_h: NDArray[np.float32]


class HeatFollower:
    """What is the same for every chunk of scenarios."""

    def __init__(
        self,
        region: Region,
        graph: DependencyGraph,
        homes: Homes,
        hours: Hours,
        options: ColdOptions,
    ) -> None:
        self._graph, self._homes, self._hours = graph, homes, hours
        self.outdoors = read_outdoors(region, hours.horizon_h)
        self._table = ColdTable(self.outdoors, options)
        n_d = len(region.districts)
        # Homes that hang on a feeder are spread evenly over the people on those of their district;
        # where it has none, on one of its own that is always on.
        feeders = region.feeders
        inside = feeders.district >= 0
        people = np.where(inside, feeders.population, 0).astype(np.float64)
        on_feeders = np.bincount(
            feeders.district[inside], weights=people[inside], minlength=n_d
        ).astype(np.float64)
        alone = np.flatnonzero(on_feeders == 0).astype(np.int32)
        self._n_alone = alone.size
        self._district = np.concatenate([feeders.district, alone]).astype(np.int32)
        share = np.divide(
            people, on_feeders[feeders.district], out=np.zeros_like(people), where=people > 0
        )
        self._share = np.concatenate([share, np.ones(alone.size)])
        row = {d.id: i for i, d in enumerate(region.districts)}
        self._gas: dict[int, list[int]] = {}
        for node, service in enumerate(region.services):
            if service.kind is ServiceKind.GAS:
                self._gas.setdefault(row[service.district], []).append(node)
        self._broken = _broken_windows(row, self._table.n_members, options)
        self._has_homes = np.zeros(n_d, dtype=np.bool_)
        for of_kind in homes.people.values():
            self._has_homes |= of_kind.sum(axis=1) > 0
        is_known = np.arange(hours.n) <= self._table.last_known[:, None]
        starts = np.isfinite(self.outdoors.outdoor_c[:, 0])
        self._is_known = is_known & (self._has_homes & starts)[:, None]
        self._all_known = (self._is_known | ~self._has_homes[:, None]).all(axis=0)
        self._all_known &= bool(self._has_homes.any())
        self.notes = self._notes(region, options)

    def go(self, first: int, walked: Walked) -> HeatOfChunk:
        """Follow the homes of a chunk whose first scenario is `first`."""
        graph = self._graph
        size, n_d, n_h = walked.feeder_mask.shape[0], self._has_homes.size, self._hours.n
        member = (np.arange(first, first + size) % self._table.n_members).astype(np.int32)
        without = np.zeros((size, n_d, n_h))
        below = np.zeros((size, n_d, len(THRESHOLDS_C), n_h))
        source = walked.node_mask[graph.n_services :][: graph.n_sources]
        self._add_links(without, below, walked, source, member)
        off = np.concatenate(
            [walked.feeder_mask, np.zeros((size, self._n_alone), dtype=np.uint64)], axis=1
        )
        numbered = number_masks(off)
        self._add_homes(without, below, *numbered, HeatingKind.ELECTRIC, member)
        gas = np.zeros((size, n_d), dtype=np.uint64)
        for d, stations in self._gas.items():
            gas[:, d] = np.bitwise_and.reduce(walked.node_mask[stations], axis=0)
        if gas.any():
            off |= np.where(self._district >= 0, gas[:, self._district], np.uint64(0))
            numbered = number_masks(off)
        self._add_homes(without, below, *numbered, HeatingKind.GAS_BOILER, member)
        total = without.sum(axis=1)
        if not self._has_homes.any():
            total[...] = np.nan
        without[:, ~self._has_homes] = np.nan
        all_below = below.sum(axis=1)
        all_below[..., ~self._all_known] = np.nan
        freeze = np.full((size, graph.n_sources), np.inf, dtype=np.float32)
        self._find_freezing(freeze, source, member)
        return HeatOfChunk(
            people_without_heat=total,
            district_without_heat=without.astype(np.float32),
            people_below=all_below,
            district_below_16=np.where(self._is_known, below[:, :, 0], np.nan).astype(np.float32),
            freeze_h=freeze,
        )

    def _add_homes(
        self,
        without: FloatArray,
        below: FloatArray,
        masks: MaskArray,
        index: IntArray,
        heating: HeatingKind,
        member: IntArray,
    ) -> None:
        """Add the homes that lose their heat with their feeder."""
        people, table = self._homes.people[heating], self._table
        if not people.any():
            return
        needed = np.zeros((table.n_series, masks.size, table.n_members), dtype=np.bool_)
        mark_histories(
            needed,
            index,
            self._district,
            table.series_of,
            member,
            self._broken,
            people.sum(axis=1),
        )
        row_of = np.full(needed.shape, -1, dtype=np.int32)
        series, k, m = (x.astype(np.int32) for x in np.nonzero(needed))
        if series.size:
            row_of[series, k, m] = table.rows(series, m, masks[k])
        sum_homes(
            without,
            below,
            index,
            masks,
            row_of,
            table.below,
            self._district,
            self._share,
            table.series_of,
            member,
            self._broken,
            people,
        )

    def _add_links(
        self,
        without: FloatArray,
        below: FloatArray,
        walked: Walked,
        source: MaskArray,
        member: IntArray,
    ) -> None:
        """Add homes on heat sources, and those with a stove, which only broken windows hurt."""
        homes, table = self._homes, self._table
        half = walked.half_mask
        is_broken: BoolArray = np.asarray(self._broken[member].T > 0)
        is_hurt: BoolArray = np.asarray((source | half) != 0)
        hurt = is_hurt[homes.link_source] | is_broken[homes.link_district]
        link, s = where(hurt)
        of = homes.link_source[link]
        d, stove = where(is_broken & (homes.people[HeatingKind.STOVE].sum(axis=1) > 0)[:, None])
        nothing = np.zeros(stove.size, dtype=np.uint64)
        scenario = np.concatenate([s, stove])
        if not scenario.size:
            return
        district = np.concatenate([homes.link_district[link], d])
        mask = np.concatenate([source[of, s], nothing])
        sum_entries(
            without,
            below,
            scenario,
            district,
            mask,
            table.rows(
                table.series_of[district],
                member[scenario],
                mask,
                np.concatenate([half[of, s], nothing]),
                np.concatenate([walked.half_share[of, s], np.ones(stove.size)]),
            ),
            table.below,
            member,
            self._broken,
            np.concatenate([homes.link_people[link], homes.people[HeatingKind.STOVE][d]]),
        )

    def _find_freezing(
        self, freeze_h: NDArray[np.float32], source: MaskArray, member: IntArray
    ) -> None:
        """Set the hour at which the first pipes on each heat source freeze."""
        homes, table = self._homes, self._table
        link, s = where(source[homes.link_source] != 0)
        if not link.size:
            return
        of, district = homes.link_source[link], homes.link_district[link]
        rows = table.rows(table.series_of[district], member[s], source[of, s])
        hour = np.where(homes.link_people[link] > 0, table.edge_h[rows], np.float32(np.inf))
        first = hour.min(axis=1)
        is_told = (first <= table.last_known[district]) & self._is_known[district, 0]
        np.minimum.at(freeze_h, (s[is_told], of[is_told]), first[is_told])

    def _notes(self, region: Region, options: ColdOptions) -> tuple[str, ...]:
        if not region.homes:
            return ("no homes are given: nothing is said of the cold in them",)
        if not region.temperatures:
            return ("no outdoor temperature is given: nothing is said of the cold",)
        notes = list(self.outdoors.notes)
        n_without = int((~self._has_homes).sum())
        if n_without:
            notes.append(f"of {n_without} districts no homes are given: their cold is not counted")
        n_untold = len(region.districts) - len(options.broken_windows)
        if n_untold:
            notes.append(f"of {n_untold} districts no broken windows are told: none are assumed")
        if self._homes.people[HeatingKind.GAS_BOILER].any() and not self._gas:
            notes.append("no gas station is given: gas is taken as there")
        return tuple(notes)


def _broken_windows(
    row: Mapping[DistrictId, int], n_members: int, options: ColdOptions
) -> FloatArray:
    """Draw the share of homes without panes within its band, shape (n_members, n_districts)."""
    # One place in the bands for all districts: what makes one count too low does so in others.
    place = np.random.default_rng([options.seed, 17]).uniform(size=n_members)
    found = np.zeros((n_members, len(row)))
    for district, (low, high) in options.broken_windows.items():
        if district not in row:
            raise InputError(f'broken windows are given for "{district}", which is no district')
        if not 0 <= low <= high <= 1:
            raise InputError(
                f'broken windows of "{district}": {low} to {high} is no share (0 to 1)'
            )
        found[:, row[district]] = low + place * (high - low)
    return found
