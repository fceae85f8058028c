"""Draw a group of feeders and their substations given the share of people off.

A group is the feeders of an observed district, or of a settlement inside one. The sum of people off
is a sum over independent blocks (substations with their feeders), so its distribution is exact by
convolution, and scenarios are drawn backwards from it: no proposal is rejected, however many
districts are dark. Groups that share a substation are drawn one after the other, each given what is
drawn already, with the scenarios resampled by how well they allow the next group (a fully adapted
particle filter; Doucet and Johansen 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.block import OFF, ON, UNKNOWN, Block, Chain, chain_of, draw_feeders
from lightkeeper.units import BoolArray, FloatArray, IntArray

UNSET = 255
"""A state that is not drawn yet."""

N_UNITS = 1000
"""A group's people are counted in at most about this many units."""

SHARE_TOLERANCE = 0.01
"""How far the share off may lie outside its bounds: people are counted in units of the grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Feeders whose share of people off is observed within `share_off`.

    `name` is the district's id, for messages.
    """

    name: str
    feeders: IntArray
    share_off: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """What the local draw needs. Feeder columns (n_feeders,), substations (n_substations, 3).

    `p_feeder` (n_feeders, 3) is each feeder's own chance over states, `observed` what is known of
    it; `can_switch` is False where an inspection says intact. `switched` lists (share, chance).
    """

    substation: IntArray
    drops: BoolArray
    population: IntArray
    p_feeder: FloatArray
    p_substation: FloatArray
    observed: IntArray
    can_switch: BoolArray
    switched: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Drawn:
    """States under construction, UNSET where not drawn: (n, n_substations), (n, n_feeders)."""

    substation: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
    feeder: np.ndarray[tuple[int, int], np.dtype[np.uint8]]


def is_off(model: LocalModel, drawn: Drawn, feeders: IntArray) -> BoolArray:
    """Whether each of these feeders is off by local damage, shape (n, len(feeders))."""
    own = drawn.feeder[:, feeders]
    off: BoolArray = (own == 1) | (own == 2)
    has = np.flatnonzero(model.substation[feeders] >= 0)
    state = drawn.substation[:, model.substation[feeders[has]]]
    off[:, has] |= (state == 2) | ((state == 1) & model.drops[feeders[has]])
    return off


def weigh_group(model: LocalModel, group: Group, drawn: Drawn) -> tuple[FloatArray, bool]:
    """How well what is drawn already allows a group's observation, shape (n,).

    The bool says that the upper bound was raised because the group's feeders are too coarse for it.
    All weights 0: nothing drawn so far fits.
    """
    plan = _plan(model, group, drawn)
    weights = np.zeros(drawn.feeder.shape[0])
    for members, fixed in plan.patterns:
        weights[members] = _weigh(plan, fixed, members)[0].sum(axis=1)
    return weights, plan.is_widened


def complete_group(model: LocalModel, group: Group, drawn: Drawn, rng: np.random.Generator) -> None:
    """Draw the group in every scenario; each must have a positive weight."""
    plan = _plan(model, group, drawn)
    for members, fixed in plan.patterns:
        by_level, prefixes, chains = _weigh(plan, fixed, members)
        level = _pick(by_level, rng)
        for number in np.unique(level):
            rows = members[level == number]
            _draw_backwards(
                model, plan, fixed, rows, prefixes[number], chains[number], int(number), drawn, rng
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A group's blocks, and the scenarios sorted by what is drawn already of their substations.

    `feeders[b]`, `sites[b]`: the rows drawn in block b. `blocks[level][b]`. `patterns` lists (the
    scenarios, the state of each block's substation or UNSET). `low`, `high` (n,): what the weight
    still to be drawn must lie between. `p_level`: the chance of each level of switching off.
    """

    feeders: tuple[IntArray, ...]
    sites: tuple[int, ...]
    blocks: tuple[tuple[Block, ...], ...]
    patterns: tuple[tuple[IntArray, tuple[int, ...]], ...]
    low: IntArray
    high: IntArray
    p_level: FloatArray
    is_widened: bool


def _plan(model: LocalModel, group: Group, drawn: Drawn) -> _Plan:
    n = drawn.feeder.shape[0]
    weight, low, high, is_widened = _units(model.population[group.feeders], group.share_off)
    is_set = drawn.feeder[0, group.feeders] != UNSET
    done = is_off(model, drawn, group.feeders[is_set]) @ weight[is_set]
    weight_of = dict(zip(group.feeders.tolist(), weight.tolist(), strict=True))

    shares = (0.0, *(share for share, _ in model.switched))
    p_level = np.array([1.0, *(p for _, p in model.switched)])
    p_level[0] -= p_level[1:].sum()
    free = group.feeders[~is_set]
    members: list[IntArray] = []
    sites: list[int] = []
    for site in np.unique(model.substation[free]):
        rows = free[model.substation[free] == site]
        if site >= 0 and drawn.substation[0, site] == UNSET:
            # The site's state must answer to all that is observed of its feeders, here or not.
            known = np.flatnonzero((model.substation == site) & (model.observed != UNKNOWN))
            known = known[drawn.feeder[0, known] == UNSET]
            rows = np.union1d(rows, known).astype(np.int32)
        members.append(rows)
        sites.append(int(site))
    blocks = tuple(
        tuple(
            _block(model, rows, site, weight_of, share)
            for rows, site in zip(members, sites, strict=True)
        )
        for share in shares
    )
    states = np.full((n, len(sites)), UNSET, dtype=np.uint8)
    for b, site in enumerate(sites):
        states[:, b] = drawn.substation[:, site] if site >= 0 else 0
    kinds, kind_of = np.unique(states, axis=0, return_inverse=True)
    kind_of = kind_of.reshape(-1)
    return _Plan(
        feeders=tuple(members),
        sites=tuple(sites),
        blocks=blocks,
        patterns=tuple(
            (np.flatnonzero(kind_of == k).astype(np.int32), tuple(int(s) for s in kinds[k]))
            for k in range(len(kinds))
        ),
        low=(low - done).astype(np.int32),
        high=(high - done).astype(np.int32),
        p_level=p_level,
        is_widened=is_widened,
    )


def _block(
    model: LocalModel, rows: IntArray, site: int, weight_of: dict[int, int], share: float
) -> Block:
    # A feeder of another district, observed by itself, hangs on its own district's switching,
    # which is not drawn here: it has the mean of it.
    elsewhere = sum(s * p for s, p in model.switched)
    switched = np.where([int(row) in weight_of for row in rows], share, elsewhere)
    own = 1 - model.p_feeder[rows, 0]
    p_off = 1 - (1 - own) * (1 - switched * model.can_switch[rows])
    return Block(
        weight=np.array([weight_of.get(int(row), 0) for row in rows], dtype=np.int32),
        p_off=p_off,
        observed=model.observed[rows],
        drops=model.drops[rows],
        p_state=model.p_substation[site] if site >= 0 else np.array([1.0, 0.0, 0.0]),
    )


def _units(population: IntArray, share_off: tuple[float, float]) -> tuple[IntArray, int, int, bool]:
    """Count people in whole units and turn the bounds into units.

    Where no set of feeders lies within the bounds, the upper one moves to the least that does lie
    above the lower one, and the last value returned is True.
    """
    low, high = share_off
    if low <= 0 and high >= 1:
        return np.zeros(population.size, dtype=np.int32), 0, 0, False
    # A district whose feeders count nobody is observed by its number of feeders.
    people = population if population.sum() > 0 else np.ones_like(population)
    unit = max(people.sum() / N_UNITS, 1.0)
    weight = np.where(people > 0, np.maximum(np.rint(people / unit), 1), 0).astype(np.int32)
    total = int(weight.sum())
    first, last = int(np.ceil(low * total - 1e-9)), int(np.floor(high * total + 1e-9))
    can_be = _sums(weight)
    if can_be[first : last + 1].any():
        return weight, first, last, False
    return weight, first, first + int(np.argmax(can_be[first:])), True


def least_share_above(people: FloatArray, low: float) -> float:
    """The least share off at or above `low` that some set of feeders has, by units of the grid."""
    weight = np.where(people > 0, np.maximum(np.rint(people * N_UNITS), 1), 0).astype(np.int32)
    can_be = _sums(weight)
    first = int(np.ceil(low * weight.sum() - 1e-9))
    return float((first + np.argmax(can_be[first:])) / weight.sum())


def _sums(weight: IntArray) -> BoolArray:
    """Which sums subsets of the weights have, index 0 to their total."""
    total = int(weight.sum())
    can_be = np.zeros(total + 1, dtype=np.bool_)
    can_be[0] = True
    for w in weight:
        can_be[w:] |= can_be[: total + 1 - w].copy()
    return can_be


def _weigh(
    plan: _Plan, fixed: tuple[int, ...], members: IntArray
) -> tuple[FloatArray, list[list[FloatArray]], list[list[dict[int, Chain]]]]:
    """Chance of the observation at each level, shape (n_members, n_levels), and its parts."""
    by_level = np.zeros((members.size, plan.p_level.size))
    prefixes: list[list[FloatArray]] = []
    chains: list[list[dict[int, Chain]]] = []
    for level, blocks in enumerate(plan.blocks):
        products = [np.ones(1)]
        parts: list[dict[int, Chain]] = []
        for block, state in zip(blocks, fixed, strict=True):
            part = {s: chain_of(block, s) for s in _states(block, state)}
            mixture = np.zeros(int(block.weight.sum()) + 1)
            for s, chain in part.items():
                mixture += _p_state(block, state, s) * chain.chance
            products.append(np.convolve(products[-1], mixture))
            parts.append(part)
        for low, high, same in _ranges(plan, members):
            by_level[same, level] = plan.p_level[level] * products[-1][low:high].sum()
        prefixes.append(products)
        chains.append(parts)
    return by_level, prefixes, chains


def _ranges(plan: _Plan, rows: IntArray) -> list[tuple[int, int, IntArray]]:
    """Sort scenarios by the weight they may still draw: (first, one past the last, positions)."""
    bounds = np.column_stack([np.maximum(plan.low[rows], 0), np.maximum(plan.high[rows] + 1, 0)])
    kinds, kind_of = np.unique(bounds, axis=0, return_inverse=True)
    return [
        (int(low), int(high), np.flatnonzero(kind_of.reshape(-1) == k).astype(np.int32))
        for k, (low, high) in enumerate(kinds)
    ]


def _pick(weights: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw a column of each row, by weight."""
    return _pick_from(weights, np.arange(weights.shape[0]), rng)


def _pick_from(weights: FloatArray, which: NDArray[np.intp], rng: np.random.Generator) -> IntArray:
    """Draw a column of row `which[i]` for each i, by weight; never a column of weight 0."""
    n_columns = weights.shape[1]
    cumulative = weights.cumsum(axis=1)
    # Row k's cumulative shares, moved up by k, make one sorted list to search in.
    cumulative = cumulative / cumulative[:, -1:] + np.arange(weights.shape[0])[:, None]
    found = np.searchsorted(cumulative.ravel(), which + rng.random(which.size), side="right")
    last = n_columns - 1 - np.argmax(weights[:, ::-1] > 0, axis=1)
    chosen: IntArray = np.minimum(found - which * n_columns, last[which]).astype(np.int32)
    return chosen


def _states(block: Block, fixed: int) -> Sequence[int]:
    if fixed != UNSET:
        return (fixed,)
    return [s for s in range(3) if block.p_state[s] > 0]


def _p_state(block: Block, fixed: int, state: int) -> float:
    return 1.0 if fixed != UNSET else float(block.p_state[state])


def _draw_backwards(
    model: LocalModel,
    plan: _Plan,
    fixed: tuple[int, ...],
    rows: IntArray,
    products: list[FloatArray],
    chains: list[dict[int, Chain]],
    level: int,
    drawn: Drawn,
    rng: np.random.Generator,
) -> None:
    """Draw the total, then block by block from the last: state and weight, then its feeders."""
    rest = np.zeros(rows.size, dtype=np.int32)
    for low, high, same in _ranges(plan, rows):
        cumulative = products[-1][low:high].cumsum()
        pick = rng.random(same.size) * cumulative[-1]
        rest[same] = low + np.searchsorted(cumulative, pick, side="right")
    for b in range(len(plan.sites) - 1, -1, -1):
        block, before = plan.blocks[level][b], products[b]
        states = list(chains[b])
        y = np.arange(int(block.weight.sum()) + 1)
        # What is left takes few values: one distribution for each, however many scenarios.
        sums, which = np.unique(rest, return_inverse=True)
        left = sums[:, None] - y[None, :]
        inside = (left >= 0) & (left < before.size)
        remaining = np.where(inside, before[np.clip(left, 0, before.size - 1)], 0.0)
        joint = np.concatenate(
            [remaining * (_p_state(block, fixed[b], s) * chains[b][s].chance) for s in states],
            axis=1,
        )
        choice = _pick_from(joint, which, rng)
        total = choice % y.size
        state = np.array(states)[choice // y.size]
        rest = rest - total
        if plan.sites[b] >= 0:
            drawn.substation[rows, plan.sites[b]] = state
        for s in states:
            here = state == s
            if here.any():
                off = draw_feeders(block, chains[b][s], total[here], rng)
                _set_feeders(model, plan.feeders[b], block, s, off, rows[here], drawn, rng)


def _set_feeders(
    model: LocalModel,
    feeders: IntArray,
    block: Block,
    state: int,
    off: BoolArray,
    rows: IntArray,
    drawn: Drawn,
    rng: np.random.Generator,
) -> None:
    """Turn "off" into a damage state; a dropped feeder's own state is as likely as ever."""
    p_own = model.p_feeder[feeders]
    u = rng.random(off.shape)
    destroyed_if_off = np.divide(
        p_own[:, 2], block.p_off, out=np.zeros(feeders.size), where=block.p_off > 0
    )
    own = np.where(off, np.where(u < destroyed_if_off, 2, 1), 0)
    dropped = block.is_dropped(state)
    blind = np.where(u < p_own[:, 2], 2, np.where(u < block.p_off, 1, 0))
    drawn.feeder[np.ix_(rows, feeders)] = np.where(dropped[None, :], blind, own)


__all__ = [
    "OFF",
    "ON",
    "SHARE_TOLERANCE",
    "UNKNOWN",
    "UNSET",
    "Drawn",
    "Group",
    "LocalModel",
    "complete_group",
    "is_off",
    "least_share_above",
    "weigh_group",
]
