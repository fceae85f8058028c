"""How many homes are cold, hour by hour, in every scenario: homes with the same history cool alike.

A history is the set of hours without heat, one bit for each hour. A scenario has few of them, so
each is followed once for every building type and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lightkeeper.consequences.buildings import (
    EDGE,
    GAIN_W_PER_M2,
    ROOMS,
    SET_EDGE_C,
    SET_ROOMS_C,
    Building,
    design_heat_w,
    load_buildings,
    make_zones,
)
from lightkeeper.consequences.cold import Step, make_step
from lightkeeper.consequences.hours import MOST_HOURS, MaskArray
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

    `broken_windows` is the share of homes without panes by district; a district not named is taken
    to have none, and a note says so. `broken_loss_factor` multiplies the losses of such a home.
    `n_members` draws of building figures (within the bands of the types) and of the forecast's
    error (`weather_error_c`, standard deviation) are made once and shared by the scenarios in turn,
    so that two cases with one seed meet the same homes and the same weather.
    """

    broken_windows: Mapping[DistrictId, float] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True)
class Entries:
    """Homes of one history in one scenario and district; `people` has shape (n, n_types)."""

    scenario: IntArray
    district: IntArray
    mask: MaskArray
    share: FloatArray
    people: FloatArray


class ColdTable:
    """Follows each history once for every series of weather, draw and building type; keeps it."""

    def __init__(self, outdoors: Outdoors, options: ColdOptions) -> None:
        if outdoors.outdoor_c.shape[1] > MOST_HOURS:
            raise InputError(f"cold is followed for {MOST_HOURS} hours at most")
        for district, share in options.broken_windows.items():
            if not 0 <= share <= 1:
                raise InputError(f'broken windows of "{district}": {share} is no share (0 to 1)')
        rng = np.random.default_rng([options.seed, 16])
        m = options.n_members
        # Usual figures are likelier than the ends of the bands.
        place = rng.triangular(-1.0, 0.0, 1.0, size=(m, len(TYPES)))
        self._weather_c = rng.normal(0.0, options.weather_error_c, size=m)
        self.n_members = m
        self._series, self._series_of = np.unique(
            np.nan_to_num(outdoors.outdoor_c, nan=99.0), axis=0, return_inverse=True
        )
        self.n_hours = outdoors.outdoor_c.shape[1]
        known = np.isfinite(outdoors.outdoor_c)
        self.last_known = known.cumprod(axis=1).sum(axis=1)
        """Last hour at which each district's homes can be told, shape (n_districts,)."""
        buildings = load_buildings()
        factors = (1.0, options.broken_loss_factor)
        self._loss, self._step, self._heat = _stack(buildings, place, factors)
        self._rows: dict[tuple[int, int, float], int] = {}
        shape = (0, m, len(TYPES), len(factors))
        self._below = np.empty((*shape, len(THRESHOLDS_C), self.n_hours + 1), dtype=np.bool_)
        self._edge_h = np.empty(shape[:-1], dtype=np.float32)

    def rows(self, district: IntArray, mask: MaskArray, share: FloatArray) -> IntArray:
        """Return the table's rows for histories in districts, following those that are new."""
        series = self._series_of.reshape(-1)[district]
        keys = np.empty((mask.size, 3), dtype=np.uint64)
        keys[:, 0], keys[:, 1], keys[:, 2] = series, mask, np.round(share * 1000)
        order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
        is_new = np.ones(mask.size, dtype=np.bool_)
        is_new[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
        kinds = keys[order[is_new]]
        named = [(int(a), int(b), float(c) / 1000) for a, b, c in kinds]
        new = [key for key in named if key not in self._rows]
        if new:
            self._follow(new)
        of_kind = np.array([self._rows[key] for key in named], dtype=np.int32)
        found = np.empty(mask.size, dtype=np.int32)
        found[order] = of_kind[is_new.cumsum() - 1]
        return found

    def below(self, rows: IntArray, member: IntArray, glass: int) -> NDArray[np.bool_]:
        """Return whether homes are below the thresholds, (n, n_types, n_thresholds, n_hours + 1).

        `glass` is 0 with window panes, 1 without.
        """
        return self._below[rows, member, :, glass]

    def edge_h(self, rows: IntArray, member: IntArray) -> NDArray[np.float32]:
        """Return the hour at which pipes have to be drained, (n, n_types); infinite if never."""
        return self._edge_h[rows, member]

    def _follow(self, keys: list[tuple[int, int, float]]) -> None:
        """Follow new histories; shape of states: (n_keys, n_members, n_types, 2 glass, 2 zones)."""
        series = self._series[[k for k, _, _ in keys]]
        mask = np.array([m for _, m, _ in keys], dtype=np.uint64)
        share = np.array([x for _, _, x in keys])
        shape = (len(keys), self.n_members, len(TYPES), self._loss.shape[2], 2)
        at_set = np.array([SET_ROOMS_C, SET_EDGE_C])
        now = np.broadcast_to(at_set, shape).copy()
        gain = np.array([GAIN_W_PER_M2, 0.0])
        below = np.empty((*shape[:-1], len(THRESHOLDS_C), self.n_hours + 1), dtype=np.bool_)
        edge = np.full(shape[:-2], np.inf, dtype=np.float32)
        for k in range(self.n_hours + 1):
            for t, threshold in enumerate(THRESHOLDS_C):
                below[..., t, k] = now[..., ROOMS] < threshold
            falls = (now[..., 0, EDGE] < DRAIN_BELOW_C) & np.isinf(edge)
            edge[falls] = k
            if k == self.n_hours:
                break
            is_off = (mask >> np.uint64(k)) & np.uint64(1) == 1
            given = np.where(is_off, 0.0, share)[:, None, None, None, None] * self._heat
            outdoor = series[:, k, None] + self._weather_c
            power = given + gain + self._loss * outdoor[:, :, None, None, None]
            after = (self._step.decay @ now[..., None] + self._step.drive @ power[..., None])[
                ..., 0
            ]
            # The thermostat: heating stops at the set temperature, it does not cool.
            heated = (given > 0).any(axis=-1, keepdims=True)
            now = np.where(heated, np.minimum(after, at_set), after)
        first = len(self._rows)
        self._rows.update({key: first + i for i, key in enumerate(keys)})
        self._below = np.concatenate([self._below, below])
        self._edge_h = np.concatenate([self._edge_h, edge])


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


def people_below(
    table: ColdTable, entries: Entries, member: IntArray, broken: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Count people in homes below each threshold, scenario by scenario and district by district.

    Parameters
    ----------
    member
        The draw that each scenario meets, shape (n_scenarios,).
    broken
        Share of homes without window panes by district.

    Returns
    -------
    Scenario and district of each row, once each and in order, and the people of it, shape
    (n_rows, n_thresholds, n_hours + 1). Pairs without entries have nobody below.
    """
    key = entries.scenario.astype(np.int64) * broken.size + entries.district
    order = np.argsort(key, kind="stable")
    keys, start = np.unique(key[order], return_index=True)
    found = np.zeros((keys.size, len(THRESHOLDS_C), table.n_hours + 1))
    rows = table.rows(entries.district, entries.mask, entries.share)
    # In parts, since the table's slices would not fit the cache all at once.
    for first in range(0, keys.size, 512):
        last = min(first + 512, keys.size)
        end = start[last] if last < keys.size else order.size
        part = order[start[first] : end]
        draw = member[entries.scenario[part]]
        people = entries.people[part]
        is_broken = broken[entries.district[part]]
        cold = _sum_types(table.below(rows[part], draw, 0), people * (1 - is_broken)[:, None])
        if is_broken.any():
            cold += _sum_types(table.below(rows[part], draw, 1), people * is_broken[:, None])
        found[first:last] = np.add.reduceat(cold, start[first:last] - start[first], axis=0)
    return (
        (keys // broken.size).astype(np.int32),
        (keys % broken.size).astype(np.int32),
        found,
    )


def _sum_types(below: NDArray[np.bool_], people: FloatArray) -> FloatArray:
    """Sum people over the types that are below: (n, n_thresholds, n_hours + 1)."""
    n, n_types = people.shape
    flat = below.reshape(n, n_types, -1).astype(np.float64)
    found: FloatArray = (people[:, None, :] @ flat)[:, 0].reshape(n, *below.shape[2:])
    return found
