"""Who has no heat, whose home is how cold, and when pipes freeze, for a chunk of scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.dependencies import DependencyGraph
from lightkeeper.consequences.exposure import (
    ColdOptions,
    ColdTable,
    Entries,
    Homes,
    people_below,
)
from lightkeeper.consequences.hours import Gathered, Hours, MaskArray, gather, sum_by, where
from lightkeeper.consequences.supply import Supply
from lightkeeper.consequences.temperature import read_outdoors
from lightkeeper.errors import InputError
from lightkeeper.region.model import HeatingKind, Region, ServiceKind
from lightkeeper.units import BoolArray, FloatArray, IntArray

_Part = tuple[IntArray, IntArray, MaskArray, FloatArray]
"""Scenario, district, hours without heat and people by type of homes."""


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
        supply: Supply,
        homes: Homes,
        hours: Hours,
        options: ColdOptions,
    ) -> None:
        self._graph, self._supply, self._homes, self._hours = graph, supply, homes, hours
        self.outdoors = read_outdoors(region, hours.horizon_h)
        self._table = ColdTable(self.outdoors, options)
        n_d = len(region.districts)
        feeders = region.feeders
        inside = feeders.district >= 0
        self._on_feeders = np.bincount(
            feeders.district[inside], weights=feeders.population[inside], minlength=n_d
        )
        row = {d.id: i for i, d in enumerate(region.districts)}
        self._gas: dict[int, list[int]] = {}
        for node, service in enumerate(region.services):
            if service.kind is ServiceKind.GAS:
                self._gas.setdefault(row[service.district], []).append(node)
        self._broken = np.zeros(n_d)
        for district, share in options.broken_windows.items():
            if district not in row:
                raise InputError(f'broken windows are given for "{district}", which is no district')
            self._broken[row[district]] = share
        self._has_homes = np.zeros(n_d, dtype=np.bool_)
        for people in homes.people.values():
            self._has_homes |= people.sum(axis=1) > 0
        is_known = np.arange(hours.n) <= self._table.last_known[:, None]
        starts = np.isfinite(self.outdoors.outdoor_c[:, 0])
        self._is_known = is_known & (self._has_homes & starts)[:, None]
        self._all_known = (self._is_known | ~self._has_homes[:, None]).all(axis=0)
        self._all_known &= bool(self._has_homes.any())
        self.notes = self._notes(region, options)

    def go(self, part: slice, node_mask: MaskArray, off: Gathered) -> HeatOfChunk:
        """Follow the homes of a chunk.

        Parameters
        ----------
        node_mask
            Hours at which services and sources are out, shape (n_nodes, n_scenarios).
        off
            People whose feeder is off, by scenario and district.
        """
        size = part.stop - part.start
        n_d, n_h = self._broken.size, self._hours.n
        source = node_mask[self._graph.n_services :][: self._graph.n_sources]
        entries = self._entries(part, node_mask, source, off)
        is_off = entries.mask != 0
        people = entries.people[is_off].sum(axis=1)
        cold = gather(
            entries.scenario[is_off], entries.district[is_off], entries.mask[is_off], people
        )
        by_hour = cold.amount @ self._hours.of(cold.masks)
        without = np.where(self._has_homes[:, None], np.float32(0), np.float32(np.nan))
        district_without = np.broadcast_to(without, (size, n_d, n_h)).astype(np.float32)
        district_without[cold.scenario, cold.place] = by_hour
        total = sum_by(cold.scenario, by_hour, size)
        if not self._has_homes.any():
            total[...] = np.nan
        start = np.where(self._is_known, np.float32(0), np.float32(np.nan))
        district_below = np.broadcast_to(start, (size, n_d, n_h)).astype(np.float32)
        freeze = np.full((size, self._graph.n_sources), np.inf, dtype=np.float32)
        if not self._is_known.any():
            below = np.full((size, 2, n_h), np.nan)
            return HeatOfChunk(total, district_without, below, district_below, freeze)
        draws = np.arange(part.start, part.stop) % self._table.n_members
        member = draws.astype(np.int32)
        s, d, people_cold = people_below(self._table, entries, member, self._broken)
        n_thresholds = people_cold.shape[1]
        flat = people_cold.reshape(s.size, n_thresholds * n_h)
        below = sum_by(s, flat, size).reshape(size, n_thresholds, n_h)
        below[..., ~self._all_known] = np.nan
        district_below[s, d] = np.where(self._is_known[d], people_cold[:, 0], np.nan)
        self._find_freezing(freeze, source, member)
        return HeatOfChunk(total, district_without, below, district_below, freeze)

    def _find_freezing(
        self, freeze_h: NDArray[np.float32], source: MaskArray, member: IntArray
    ) -> None:
        """Set the hour at which the first pipes on each heat source freeze."""
        homes = self._homes
        link, s = where(source[homes.link_source] != 0)
        link_source = homes.link_source[link]
        rows = self._table.rows(
            homes.link_district[link], source[link_source, s], np.ones(link.size)
        )
        hour = self._table.edge_h(rows, member[s])
        hour = np.where(homes.link_people[link] > 0, hour, np.float32(np.inf))
        is_told = (
            hour.min(axis=1, initial=np.inf) <= self._table.last_known[homes.link_district[link]]
        )
        np.minimum.at(
            freeze_h,
            (s[is_told], link_source[is_told]),
            hour[is_told].min(axis=1, initial=np.inf).astype(np.float32),
        )

    def _entries(
        self, part: slice, node_mask: MaskArray, source: MaskArray, off: Gathered
    ) -> Entries:
        """Homes whose heat is hurt, by scenario, district and history."""
        homes, n_d = self._homes, self._broken.size
        size = part.stop - part.start
        given = self._supply.source_share[part].T
        hurt = ((source != 0) | (given < 1))[homes.link_source]
        link, s = where(hurt | (self._broken[homes.link_district][:, None] > 0))
        of = homes.link_source[link]
        share = given[of, s]
        parts: list[_Part] = [
            (s, homes.link_district[link], source[of, s], homes.link_people[link])
        ]
        # Homes that hang on their feeder, spread evenly over the feeders of the district.
        row, which = where(off.amount > 0)
        inside = off.place[row] < n_d
        row, which = row[inside], which[inside]
        s, d = off.scenario[row], off.place[row]
        off_share = off.amount[row, which] / np.maximum(self._on_feeders[d], 1.0)
        on_share = np.ones((size, n_d))
        np.subtract.at(on_share, (s, d), off_share)
        np.clip(on_share, 0.0, 1.0, out=on_share)
        electric = homes.people[HeatingKind.ELECTRIC]
        boiler = homes.people[HeatingKind.GAS_BOILER]
        stove = homes.people[HeatingKind.STOVE]
        gas = self._gas_masks(node_mask, size)
        parts.append((s, d, off.masks[which], off_share[:, None] * electric[d]))
        parts.append((s, d, off.masks[which] | gas[s, d], off_share[:, None] * boiler[d]))
        # Homes on feeders that are on: hurt where gas is out or panes are.
        is_broken: BoolArray = np.broadcast_to(self._broken > 0, (size, n_d))
        s, d = where((is_broken | (gas != 0)) & (on_share > 0))
        parts.append((s, d, gas[s, d], on_share[s, d][:, None] * boiler[d]))
        s, d = where(is_broken)
        nothing = np.zeros(s.size, dtype=np.uint64)
        parts.append((s, d, nothing, on_share[s, d][:, None] * electric[d]))
        parts.append((s, d, nothing, stove[d]))
        people = np.concatenate([p[3] for p in parts])
        shares = np.ones(people.shape[0])
        shares[: share.size] = np.where(share > 0, share, 1.0)
        kept = people.sum(axis=1) > 0
        return Entries(
            scenario=np.concatenate([p[0] for p in parts])[kept],
            district=np.concatenate([p[1] for p in parts])[kept],
            mask=np.concatenate([p[2] for p in parts])[kept],
            share=shares[kept],
            people=people[kept],
        )

    def _gas_masks(self, node_mask: MaskArray, size: int) -> MaskArray:
        """Hours at which all gas stations of a district are out, shape (size, n_districts)."""
        found = np.zeros((size, self._broken.size), dtype=np.uint64)
        for d, stations in self._gas.items():
            found[:, d] = np.bitwise_and.reduce(node_mask[stations], axis=0)
        return found

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
