"""Which homes there are, and how they cool: homes with the same history cool alike.

A history is the set of hours without heat, one bit for each hour. Each is followed once for every
building type and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.bit_sums import MaskArray, cool_homes
from lightkeeper.consequences.buildings import (
    EDGE,
    GAIN_W_PER_M2,
    SET_EDGE_C,
    SET_ROOMS_C,
    Building,
    design_heat_w,
    load_buildings,
    make_zones,
)
from lightkeeper.consequences.cold import Step, make_step
from lightkeeper.consequences.hours import MOST_HOURS
from lightkeeper.consequences.temperature import Outdoors
from lightkeeper.errors import InputError
from lightkeeper.region.model import BuildingType, DistrictId, HeatingKind, Region
from lightkeeper.units import FloatArray, IntArray

THRESHOLDS_C = (16.0, 10.0)
"""Homes below the first are cold, below the second no longer fit to live in."""

DRAIN_BELOW_C = 5.0
"""A heating system has to be drained before the coldest part of a building falls below this."""

TYPES = tuple(BuildingType)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdOptions:
    """What is assumed of homes and weather.

    `broken_windows` is the share of homes without panes by district, least and most; a district not
    named is taken to have none, and a note says so. `broken_loss_factor` multiplies the losses of
    such a home. `n_members` draws of building figures (within the bands of the types), of the
    forecast's error (`weather_error_c`, standard deviation) and of the share of broken windows are
    made once and shared by the scenarios in turn, so that two cases with one seed meet the same
    homes and the same weather.
    """

    broken_windows: Mapping[DistrictId, tuple[float, float]] = field(default_factory=dict)
    broken_loss_factor: float = 3.0
    weather_error_c: float = 1.5
    n_members: int = 24
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Homes:
    """People by district and building type, shape (n_districts, n_types), for each heating."""

    people: Mapping[HeatingKind, FloatArray]
    link_source: IntArray
    link_district: IntArray
    link_people: FloatArray
    district_people: FloatArray

    @property
    def n_known(self) -> float:
        """People whose homes are known."""
        return float(sum(p.sum() for p in self.people.values()))


def list_homes(region: Region) -> Homes:
    """Lay homes on what warms them.

    People on district heating are shared among the sources of their district by the people each
    warms there; `link_people` (n_links, n_types) are those of one source in one district.
    """
    row_of = {d.id: row for row, d in enumerate(region.districts)}
    n = len(region.districts)
    people = {kind: np.zeros((n, len(TYPES))) for kind in HeatingKind}
    for group in region.homes:
        people[group.heating][row_of[group.district], TYPES.index(group.type)] += group.population
    population = np.array([d.population for d in region.districts], dtype=np.float64)
    links = []
    for row, source in enumerate(region.heat_sources):
        rows = [row_of[d] for d in source.districts]
        there = max(float(population[rows].sum()), 1.0)
        links += [(row, d, source.population * population[d] / there) for d in rows]
    weight = np.array([w for _, _, w in links])
    district = np.array([d for _, d, _ in links], dtype=np.int32)
    total = np.bincount(district, weights=weight, minlength=n) if links else np.zeros(n)
    share = np.divide(weight, total[district], out=np.zeros_like(weight), where=weight > 0)
    return Homes(
        people=people,
        link_source=np.array([s for s, _, _ in links], dtype=np.int32),
        link_district=district,
        link_people=share[:, None] * people[HeatingKind.DISTRICT][district],
        district_people=population,
    )


class ColdTable:
    """Follows a history once for every series of weather and draw of buildings, and keeps it.

    `below` (n_rows, n_types, 2, n_thresholds) holds the hours below the thresholds as bits, with
    panes and without; `edge_h` (n_rows, n_types) the hour at which pipes have to be drained,
    infinite if never.
    """

    def __init__(self, outdoors: Outdoors, options: ColdOptions) -> None:
        if outdoors.outdoor_c.shape[1] > MOST_HOURS:
            raise InputError(f"cold is followed for {MOST_HOURS} hours at most")
        rng = np.random.default_rng([options.seed, 16])
        m = options.n_members
        # Usual figures are likelier than the ends of the bands.
        place = rng.triangular(-1.0, 0.0, 1.0, size=(m, len(TYPES)))
        self._weather_c = rng.normal(0.0, options.weather_error_c, size=m)
        self.n_members = m
        self._series, series_of = np.unique(
            np.nan_to_num(outdoors.outdoor_c, nan=99.0), axis=0, return_inverse=True
        )
        self.series_of = series_of.reshape(-1).astype(np.int32)
        """The series of weather that each district has, shape (n_districts,)."""
        self.n_series = self._series.shape[0]
        known = np.isfinite(outdoors.outdoor_c)
        self.last_known = known.cumprod(axis=1).sum(axis=1)
        """Last hour at which each district's homes can be told, shape (n_districts,)."""
        factors = (1.0, options.broken_loss_factor)
        self._loss, self._step, self._heat = _stack(load_buildings(), place, factors)
        self._rows: dict[tuple[int, ...], int] = {}
        self.below = np.empty((0, len(TYPES), len(factors), len(THRESHOLDS_C)), dtype=np.uint64)
        self.edge_h = np.empty((0, len(TYPES)), dtype=np.float32)

    def rows(
        self,
        series: IntArray,
        member: IntArray,
        mask: MaskArray,
        half_mask: MaskArray | None = None,
        half_share: FloatArray | None = None,
    ) -> IntArray:
        """Return the table's rows of histories, following those that are new.

        `mask` are the hours without heat, `half_mask` those at which only `half_share` is given.
        """
        if half_mask is None or half_share is None:
            half_mask, half_share = np.zeros_like(mask), np.ones(mask.size)
        keys = np.empty((mask.size, 5), dtype=np.uint64)
        keys[:, 0], keys[:, 1], keys[:, 2], keys[:, 3] = series, member, mask, half_mask
        keys[:, 4] = np.where(half_mask != 0, np.round(half_share * 1000), 0)
        kinds, which = np.unique(keys, axis=0, return_inverse=True)
        named = [tuple(key) for key in kinds.tolist()]
        new = [k for k, key in enumerate(named) if key not in self._rows]
        if new:
            self._follow(kinds[new])
            self._rows.update({named[k]: len(self._rows) + i for i, k in enumerate(new)})
        of_kind = np.array([self._rows[key] for key in named], dtype=np.int32)
        return of_kind[which.reshape(-1)]

    def _follow(self, keys: NDArray[np.uint64]) -> None:
        """Follow histories given as rows of series, draw, mask, half mask and half share."""
        below, edge_h = cool_homes(
            self._series[keys[:, 0].astype(np.int32)],
            self._weather_c,
            keys[:, 1].astype(np.int32),
            keys[:, 2].copy(),
            keys[:, 3].copy(),
            keys[:, 4] / 1000,
            self._loss,
            self._step.decay,
            self._step.drive,
            self._heat,
            np.array([GAIN_W_PER_M2, 0.0]),
            np.array([SET_ROOMS_C, SET_EDGE_C]),
            np.array(THRESHOLDS_C),
            DRAIN_BELOW_C,
            EDGE,
        )
        self.below = np.concatenate([self.below, below])
        self.edge_h = np.concatenate([self.edge_h, edge_h])


def _stack(
    buildings: Mapping[BuildingType, Building], place: FloatArray, factors: tuple[float, ...]
) -> tuple[FloatArray, Step, FloatArray]:
    """Losses, steps and heating of all members, types and windows: (n_members, n_types, 2, ...)."""
    losses, steps, heats = [], [], []
    for t, type_ in enumerate(TYPES):
        zones = [make_zones(buildings[type_], place[:, t], factor) for factor in factors]
        losses.append(np.stack([z.loss_w_per_k for z in zones], axis=1))
        steps.append([make_step(z) for z in zones])
        # Heating was laid out for whole windows.
        heats.append(np.stack([design_heat_w(zones[0])] * len(factors), axis=1))

    def stack(name: str) -> FloatArray:
        return np.stack([np.stack([getattr(s, name) for s in of], axis=1) for of in steps], axis=1)

    return (
        np.stack(losses, axis=1),
        Step(
            step_h=1.0,
            decay=stack("decay"),
            drive=stack("drive"),
            mean_decay=stack("mean_decay"),
            mean_drive=stack("mean_drive"),
        ),
        np.stack(heats, axis=1),
    )
