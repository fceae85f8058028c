"""Networks with everything that a flow engine may meet, and random losses in them."""

from __future__ import annotations

import numpy as np

from lightkeeper.flow import FlowCase, make_case


def network(rng: np.random.Generator, n_bus: int, n_chords: int, *, dry: bool = False) -> FlowCase:
    """A tree or several, with chords: many bridges, some parallels, some of it odd."""
    tree = np.arange(1, n_bus)
    from_bus = np.concatenate([np.maximum(0, tree - rng.integers(1, 40, n_bus - 1))])
    chord = rng.integers(0, n_bus - 20, n_chords)
    from_bus = np.concatenate([from_bus, chord])
    to_bus = np.concatenate([tree, chord + rng.integers(1, 20, n_chords)])
    n = len(from_bus)
    x = rng.uniform(0.02, 0.4, n)
    x[rng.random(n) < 0.05] *= -1.0
    x[rng.random(n) < 0.02] = 1e-6  # a closed switch
    n_unit = n_bus // 5
    p_max = np.where(rng.random(n_unit) < 0.1, -5.0, rng.uniform(20, 400, n_unit))
    return make_case(
        base_mva=100.0,
        n_bus=n_bus,
        from_bus=from_bus,
        to_bus=to_bus,
        x_pu=x,
        shift_rad=np.where(rng.random(n) < 0.03, rng.uniform(-0.2, 0.2, n), 0.0),
        rating_mw=np.where(rng.random(n) < 0.3, rng.uniform(100, 4000, n), 0.0),
        load_mw=np.where(rng.random(n_bus) < 0.5, rng.uniform(0 if dry else -20, 80, n_bus), 0.0),
        unit_bus=rng.integers(0, n_bus, n_unit),
        unit_scheduled_mw=rng.uniform(0, 300, n_unit),
        unit_min_mw=np.where(rng.random(n_unit) < 0.2, 10.0, 0.0),
        unit_max_mw=p_max,
        branch_on=rng.random(n) < (1.0 if dry else 0.995),
        bus_on=rng.random(n_bus) < (1.0 if dry else 0.998),
        unit_on=rng.random(n_unit) < 0.97,
    )


def dense_network(rng: np.random.Generator, n_bus: int, n_branch: int) -> FlowCase:
    """A few buses with many branches between them, several of them parallel, and much of it odd."""
    n_tree = n_bus - 1
    tree = np.arange(1, n_bus)
    pair = rng.permuted(np.tile(np.arange(n_bus), (n_branch - n_tree, 1)), axis=1)[:, :2]
    again = rng.integers(0, len(pair), len(pair) // 3)  # the same two buses, either way round
    pair[: len(again)] = np.where(rng.random((len(again), 1)) < 0.5, pair[again], pair[again, ::-1])
    x = rng.uniform(0.02, 0.4, n_branch)
    x[rng.choice(n_branch, 3, replace=False)] *= -1.0
    load = np.where(rng.random(n_bus) < 0.7, rng.uniform(-15, 90, n_bus), 0.0)
    load[0] = 60.0
    n_unit = max(2, n_bus // 3)
    return make_case(
        base_mva=100.0,
        n_bus=n_bus,
        from_bus=np.concatenate([(tree * rng.random(n_tree)).astype(int), pair[:, 0]]),
        to_bus=np.concatenate([tree, pair[:, 1]]),
        x_pu=x,
        tap_ratio=np.where(rng.random(n_branch) < 0.2, rng.uniform(0.9, 1.1, n_branch), 0.0),
        shift_rad=np.where(rng.random(n_branch) < 0.2, rng.uniform(-0.3, 0.3, n_branch), 0.0),
        load_mw=load,
        unit_bus=rng.integers(0, n_bus, n_unit),
        unit_scheduled_mw=rng.uniform(0, 200, n_unit),
        unit_min_mw=np.where(rng.random(n_unit) < 0.3, 15.0, 0.0),
        unit_max_mw=rng.uniform(50, 400, n_unit),
    )


def some(rng: np.random.Generator, n: int, size: int, most: int) -> list[list[int]]:
    return [rng.choice(size, rng.integers(0, most + 1), replace=False).tolist() for _ in range(n)]
