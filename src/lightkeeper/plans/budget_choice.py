"""Choose measures under a budget by loss avoided: greedy per cost, then exchanges.

Knows nothing of grids. A measure is (candidate, level); a plan gives each candidate a level, 0 for
nothing. The loss of a plan is asked for every scenario, with common random numbers, so that the
difference between two plans has a small error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lightkeeper.units import FloatArray

Plan = tuple[int, ...]
Losses = Callable[[Sequence[Plan]], FloatArray]
"""Loss by plan and scenario, (n_plans, n_scenarios)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A plan, its loss by scenario, and the candidates in the order chosen."""

    plan: Plan
    loss: FloatArray
    order: tuple[int, ...]


def choose_measures(
    cost: FloatArray,
    losses: Losses,
    weight: FloatArray,
    budget: float,
    *,
    exchange: bool = False,
) -> Choice:
    """Take measures by expected loss avoided per cost until the budget is spent.

    Each round asks again only for measures whose last known gain could still be the best (gains
    mostly shrink as the plan grows; where they grow, a measure may be taken later than an
    exhaustive greedy would). The best single measure that fits is taken instead when it avoids
    more. With `exchange` chosen measures are swapped for others while that helps.

    Parameters
    ----------
    cost
        (n_candidates, n_levels) cost of bringing each candidate from nothing to level 1, 2, ...;
        inf where that is no measure.
    """
    n = len(cost)
    price = np.concatenate([np.zeros((n, 1)), cost], axis=1)

    def spent(plan: Plan) -> float:
        return float(sum(price[i, level] for i, level in enumerate(plan)))

    def with_level(plan: Plan, i: int, level: int) -> Plan:
        return (*plan[:i], level, *plan[i + 1 :])

    nothing: Plan = (0,) * n
    start = losses([nothing])[0]
    measures = [
        (i, level)
        for i in range(n)
        for level in range(1, price.shape[1])
        if np.isfinite(price[i, level])
    ]
    affordable = [m for m in measures if price[m] <= budget]
    singles = (
        losses([with_level(nothing, *m) for m in affordable]) if affordable else np.zeros((0, 0))
    )
    gain = {m: float(weight @ (start - loss)) for m, loss in zip(affordable, singles, strict=True)}
    best_single = max(gain, key=lambda m: (gain[m], -price[m]), default=None)

    plan, loss = nothing, start
    order: list[int] = []
    stale = dict(gain)
    while True:
        left = budget - spent(plan)
        open_measures = {
            m: g
            for m, g in stale.items()
            if m[1] > plan[m[0]] and price[m] - price[m[0], plan[m[0]]] <= left + 1e-9
        }
        found = _best(open_measures, plan, loss, price, losses, weight, stale)
        if found is None:
            break
        (i, level), new_loss = found
        plan, loss = with_level(plan, i, level), new_loss
        order = [*(c for c in order if c != i), i]
    if best_single is not None and gain[best_single] > float(weight @ (start - loss)) + 1e-12:
        plan = with_level(nothing, *best_single)
        loss, order = losses([plan])[0], [best_single[0]]
    if exchange:
        plan, loss = _exchange(plan, loss, price, losses, weight, budget, measures)
        order = [
            *(i for i in order if plan[i]),
            *(i for i in range(n) if plan[i] and i not in order),
        ]
    return Choice(plan=plan, loss=loss, order=tuple(order))


def _best(
    open_measures: dict[tuple[int, int], float],
    plan: Plan,
    loss: FloatArray,
    price: FloatArray,
    losses: Losses,
    weight: FloatArray,
    stale: dict[tuple[int, int], float],
) -> tuple[tuple[int, int], FloatArray] | None:
    """The measure with the most gain per further cost, asking as few as the old gains allow."""

    def per_cost(measure: tuple[int, int], gain: float) -> float:
        further = float(price[measure] - price[measure[0], plan[measure[0]]])
        return gain / max(further, 1e-9)

    fresh: dict[tuple[int, int], tuple[float, FloatArray]] = {}
    while True:
        rest = [m for m in open_measures if m not in fresh]
        rest.sort(key=lambda m: (-per_cost(m, stale[m]), m))
        top = max(fresh, key=lambda m: (per_cost(m, fresh[m][0]), m), default=None)
        bar = per_cost(top, fresh[top][0]) if top is not None else 0.0
        ask = [m for m in rest[:16] if per_cost(m, stale[m]) > bar]
        if not ask:
            break
        plans = [(*plan[: m[0]], m[1], *plan[m[0] + 1 :]) for m in ask]
        for measure, new in zip(ask, losses(plans), strict=True):
            gain = float(weight @ (loss - new))
            fresh[measure] = (gain, new)
            stale[measure] = gain
    if top is None or fresh[top][0] <= 1e-9:
        return None
    return top, fresh[top][1]


def _exchange(
    plan: Plan,
    loss: FloatArray,
    price: FloatArray,
    losses: Losses,
    weight: FloatArray,
    budget: float,
    measures: Sequence[tuple[int, int]],
) -> tuple[Plan, FloatArray]:
    while True:
        chosen = [i for i, level in enumerate(plan) if level]
        tries: list[Plan] = []
        for out in chosen:
            without = (*plan[:out], 0, *plan[out + 1 :])
            base = sum(price[i, level] for i, level in enumerate(without))
            for i, level in measures:
                if without[i] == 0 and i != out and base + price[i, level] <= budget + 1e-9:
                    tries.append((*without[:i], level, *without[i + 1 :]))
        if not tries:
            return plan, loss
        found = losses(tries)
        expected = found @ weight
        k = int(np.argmin(expected))
        if expected[k] >= float(weight @ loss) - 1e-9:
            return plan, loss
        plan, loss = tries[k], found[k]
