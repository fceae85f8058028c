"""How bad an event was, which all its assets share; and sites, whose parts are hurt together.

Assets that one event bears on are not hurt independently: a salvo that went badly for one went
badly for its neighbours. Each event is mild or severe with even chances, and an asset's chance by
it is p (1 - c) or p (1 + c), where c is the table's spread, less where p (1 + c) would pass the
highest chance allowed: each asset's own chance stays what the estimate says, exactly. Given how bad
the events were, assets are independent, so that everything else is drawn as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightkeeper.incidents.model import IncidentId
from lightkeeper.units import BoolArray, FloatArray, IntArray

_ENUMERATE = 10
"""Up to this many events that observations tie together, every pattern is weighed."""

_OVERSAMPLE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChances:
    """What each event alone does to each asset.

    `chance` (n_events, n_assets) is the chance to be hurt by it; rows that an inspection settled
    are 0 everywhere. `prior` (n_assets, 2) are the chances of (impaired, destroyed) without any
    event, `share_destroyed` (n_assets,) how many of the hurt are destroyed. `spread_pu` is c above,
    `site_correlation` that between a power plant and the substation it stands at.
    """

    events: tuple[IncidentId, ...]
    chance: FloatArray
    prior: FloatArray
    share_destroyed: FloatArray
    max_probability: float
    spread_pu: float
    site_correlation: float

    @property
    def bears_on(self) -> BoolArray:
        """Assets that some event bears on, (n_assets,)."""
        return np.asarray(self.chance.any(axis=0), dtype=np.bool_)


def hurt_given(events: EventChances, level: IntArray, rows: IntArray) -> FloatArray:
    """Chance of each of these assets to be hurt by events, given how bad these were.

    `level` (n, n_events) is 1 where an event was severe, -1 where mild, 0 where nothing is assumed;
    the result has shape (n, len(rows)).
    """
    p = events.chance[:, rows]
    room = np.divide(events.max_probability, p, out=np.full_like(p, np.inf), where=p > 0) - 1.0
    spread = np.clip(room, 0.0, events.spread_pu)
    escaped = np.zeros((len(level), len(rows)))
    for sign in (-1, 0, 1):
        escaped += (level == sign).astype(np.float64) @ np.log1p(-p * (1 + sign * spread))
    return np.asarray(np.minimum(-np.expm1(escaped), events.max_probability))


def states_given(events: EventChances, level: IntArray, rows: IntArray) -> FloatArray:
    """Chances over states of assets that events bear on, shape (n, len(rows), 3)."""
    hurt = hurt_given(events, level, rows)
    impaired, destroyed = events.prior[rows].T
    share = events.share_destroyed[rows]
    return np.stack(
        [
            (1 - hurt) * (1 - impaired - destroyed),
            (1 - hurt) * impaired + hurt * (1 - share),
            (1 - hurt) * destroyed + hurt * share,
        ],
        axis=-1,
    )


def draw_levels(
    n_events: int,
    evidence: Sequence[tuple[IntArray, FloatArray]],
    n: int,
    rng: np.random.Generator,
) -> IntArray:
    """Draw how bad each event was, (n, n_events) of -1 and 1, in view of what is observed.

    `evidence` lists (events, likelihood): how well an observation is explained under each pattern
    of these k events, shape (2**k,), the first event being the lowest bit. Events that share an
    observation are drawn together: exactly where they are few, else by resampling.
    """
    severe = rng.random((n, n_events)) < 0.5
    for cluster in _clusters(n_events, evidence):
        k = len(cluster)
        if k <= _ENUMERATE:
            drawn = _bits(np.arange(1 << k), k)
        else:
            drawn = rng.random((_OVERSAMPLE * n, k)) < 0.5
        weight = np.ones(len(drawn))
        for events, likelihood in evidence:
            if events[0] in cluster:
                columns = np.searchsorted(cluster, events)
                weight *= likelihood[drawn[:, columns] @ (1 << np.arange(len(events)))]
        if weight.sum() > 0:
            severe[:, cluster] = drawn[rng.choice(len(drawn), n, p=weight / weight.sum())]
    return np.where(severe, 1, -1).astype(np.int32)


def patterns(k: int) -> IntArray:
    """All levels of k events, (2**k, k) of -1 and 1, the first event being the lowest bit."""
    return np.where(_bits(np.arange(1 << k), k), 1, -1).astype(np.int32)


def _bits(number: NDArray[np.intp], k: int) -> BoolArray:
    return np.asarray((number[:, None] >> np.arange(k)) & 1, dtype=np.bool_)


def _clusters(
    n_events: int, evidence: Sequence[tuple[IntArray, FloatArray]]
) -> Iterator[NDArray[np.intp]]:
    """Events that some observation ties together, each cluster in rising order."""
    if not evidence:
        return
    pairs = np.concatenate([[(e[0], other) for other in e] for e, _ in evidence])
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(n_events, n_events))
    label = connected_components(graph, directed=False)[1]
    for number in np.unique(label[pairs[:, 0]]):
        yield np.flatnonzero(label == number)


def joint_chance(p_a: FloatArray, p_b: FloatArray, correlation: float) -> FloatArray:
    """Chance that both of two happen, with this correlation as far as their chances allow it."""
    wanted = p_a * p_b + correlation * np.sqrt(p_a * (1 - p_a) * p_b * (1 - p_b))
    return np.asarray(np.clip(wanted, np.maximum(p_a + p_b - 1, 0.0), np.minimum(p_a, p_b)))
