"""Reinforcement: which substations to protect under a budget. Operator role only, defensive only.

Assumes that further attacks are like those the ensemble tells of. A protected site is hurt less
often and less badly; the scenarios are drawn again with the same random numbers (common random
numbers), so that a difference is due to protection and not to chance.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.apply import scenarios_of_states
from lightkeeper.damage.assets import asset_rows
from lightkeeper.damage.fragility import FragilityTable
from lightkeeper.damage.model import AssetId, AssetKind, Basis, DamageEnsemble, DamageState
from lightkeeper.errors import DataInvalid, InputError, Problem
from lightkeeper.flow import FlowCase, FlowOptions, prepare, run_cascade
from lightkeeper.plans.budget_choice import Plan, choose_measures
from lightkeeper.plans.model import Reinforcement, ReinforcementPlan
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray

_BATCH = 128
_N_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionCosts:
    """Cost of building level 1, 2, 3 at a site, on a relative scale."""

    name: str
    by_level: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinforcementOptions:
    """`horizon_h` turns unserved MW of a scenario into MWh: the outage an attack is taken to last.

    `max_candidates` keeps the sites hurt in the most scenarios, weighted by the load they carry.
    """

    costs: ProtectionCosts
    fragility: FragilityTable
    horizon_h: float = 24.0
    seed: int = 0
    max_candidates: int = 150
    flow: FlowOptions = field(default_factory=FlowOptions)


def load_protection_costs(path: Path | None = None) -> ProtectionCosts:
    """Read a cost table; the shipped illustrative one when no path is given.

    Raises
    ------
    DataInvalid
        A cost is missing, not a number, or not above zero.
    """
    if path is None:
        where = "protection_costs.toml"
        text = files("lightkeeper.plans").joinpath(where).read_text(encoding="utf-8")
    else:
        where, text = str(path), path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise DataInvalid(
            "protection costs", [Problem(where, str(fault), "mend the TOML")]
        ) from fault
    table = raw.get("cost")
    found: list[float] = []
    problems: list[Problem] = []
    for level in range(1, _N_LEVELS + 1):
        value = table.get(f"level_{level}") if isinstance(table, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            found.append(float(value))
        else:
            problems.append(
                Problem(f"{where}, cost.level_{level}", f"is {value!r}", "give a cost above zero")
            )
    if problems:
        raise DataInvalid("protection costs", problems)
    return ProtectionCosts(
        name=str(raw.get("name", where)), by_level=(found[0], found[1], found[2])
    )


def plan_reinforcement(
    region: Region,
    case: FlowCase,
    ensemble: DamageEnsemble,
    *,
    budget: float,
    options: ReinforcementOptions,
) -> ReinforcementPlan:
    """Choose substations to protect by expected unserved energy avoided per cost.

    Sites whose state is known by inspection are left out: protection mends nothing.

    Raises
    ------
    InputError
        A negative budget.
    """
    if not budget >= 0:
        raise InputError(f"budget is {budget}; give zero or more")
    trial = _Trial(region, case, ensemble, options)
    cost = trial.cost()
    choice = choose_measures(cost, trial.losses, ensemble.weight, budget)
    start = trial.losses([(0,) * trial.n])[0]
    assets = ensemble.estimate.assets
    chosen: list[Reinforcement] = []
    so_far: list[int] = [0] * trial.n
    before = start
    for i in choice.order:
        so_far[i] = choice.plan[i]
        after = trial.losses([tuple(so_far)])[0]
        row = int(trial.rows[i])
        mean, error = _mean_and_error(before - after, ensemble.weight)
        chosen.append(
            Reinforcement(
                asset=AssetId(str(assets.id[row])),
                name=str(assets.name[row]),
                from_level=int(assets.protection_level[row]),
                to_level=int(assets.protection_level[row]) + choice.plan[i],
                cost=float(cost[i, choice.plan[i] - 1]),
                avoided_mwh=mean,
                avoided_standard_error_mwh=error,
            )
        )
        before = after
    return ReinforcementPlan(
        budget=budget,
        spent=float(sum(c.cost for c in chosen)),
        expected_unserved_mwh=float(ensemble.weight @ start),
        expected_unserved_after_mwh=float(ensemble.weight @ before),
        n_scenarios=len(ensemble.weight),
        seed=options.seed,
        chosen=tuple(chosen),
        notes=trial.notes(),
    )


def _mean_and_error(value: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Weighted mean and its standard error; NaN from a single scenario."""
    mean = float(weight @ value)
    if len(value) < 2:
        return mean, float("nan")
    return mean, float(np.sqrt(np.square(weight) @ np.square(value - mean)))


class _Trial:
    """The ensemble with some sites better protected, and what that leaves unserved."""

    def __init__(
        self,
        region: Region,
        case: FlowCase,
        ensemble: DamageEnsemble,
        options: ReinforcementOptions,
    ) -> None:
        self._region, self._case = region, case
        self._ensemble, self._options = ensemble, options
        self._prepared = prepare(case)
        self._demand_mw = float(case.load_mw.sum())
        self.rows, self._n_left_out = self._candidates()
        self.n = len(self.rows)
        rng = np.random.default_rng(options.seed)
        shape = (len(ensemble.weight), ensemble.estimate.assets.id.size)
        # Drawn for all substations' columns, so that the candidates chosen do not change the draw.
        self._u = rng.random((2, shape[0], shape[1]), dtype=np.float32)[:, :, self.rows]
        self._known: dict[tuple[int, bytes], float] = {}

    def _candidates(self) -> tuple[NDArray[np.int64], int]:
        assets, estimate = self._ensemble.estimate.assets, self._ensemble.estimate
        rows = asset_rows(assets, AssetKind.SUBSTATION)
        hurt = self._ensemble.weight @ (self._ensemble.state[:, rows] > 0)
        able = (
            (hurt > 0)
            & (estimate.basis[rows] != Basis.INSPECTION.value)
            & (assets.protection_level[rows] < _N_LEVELS)
        )
        network = self._region.network
        load = np.zeros(len(network.substations.id))
        has = network.buses.substation >= 0
        np.add.at(load, network.buses.substation[has], self._case.load_mw[has])
        # A site without load of its own may carry much of others': it counts as an average one.
        size = np.maximum(load, load[load > 0].mean() if (load > 0).any() else 1.0)
        rank = np.argsort(-(hurt * size[assets.element[rows]] * able), kind="stable")
        kept = np.sort(rank[: min(self._options.max_candidates, int(able.sum()))])
        return rows[kept].astype(np.int64), int(able.sum()) - len(kept)

    def cost(self) -> FloatArray:
        """(n, 3): column k raises a site by k + 1 levels; inf beyond level 3."""
        level = self._ensemble.estimate.assets.protection_level[self.rows]
        cost = np.full((self.n, _N_LEVELS), np.inf)
        for up in range(1, _N_LEVELS + 1):
            able = level + up <= _N_LEVELS
            to = np.minimum(level + up, _N_LEVELS) - 1
            cost[able, up - 1] = np.array(self._options.costs.by_level)[to[able]]
        return cost

    def _states(self, plan: Plan) -> NDArray[np.uint8]:
        """States of the candidates under a plan, (n_scenarios, n), never worse than without."""
        state = self._ensemble.state[:, self.rows].copy()
        assets, estimate = self._ensemble.estimate.assets, self._ensemble.estimate
        table = self._options.fragility.kinds[AssetKind.SUBSTATION]
        for i in np.flatnonzero(plan):
            row = self.rows[i]
            was = int(assets.protection_level[row])
            to = was + plan[i]
            hurt = _ratio(table.hurt_by_protection[to], table.hurt_by_protection[was])
            worst = _ratio(table.destroyed_by_protection[to], table.destroyed_by_protection[was])
            # The background chance (nothing reported) is wear and accident: protection leaves it.
            p_hurt = float(estimate.probability[row, 1:].sum())
            by_attack = 1.0 - min(sum(table.prior) / p_hurt, 1.0) if p_hurt > 0 else 0.0
            spared = self._u[0, :, i] < by_attack * (1.0 - hurt)
            eased = self._u[1, :, i] < by_attack * (1.0 - worst)
            column = state[:, i]
            column[(column == DamageState.DESTROYED) & eased] = DamageState.IMPAIRED
            column[spared] = DamageState.INTACT
        return state

    def losses(self, plans: Sequence[Plan]) -> FloatArray:
        """Unserved MWh by plan and scenario; states met before are not calculated again."""
        keys: list[list[tuple[int, bytes]]] = []
        ask: dict[tuple[int, bytes], NDArray[np.uint8]] = {}
        for plan in plans:
            states = self._states(plan)
            mine = [(s, row.tobytes()) for s, row in enumerate(states)]
            ask |= {k: row for k, row in zip(mine, states, strict=True) if k not in self._known}
            keys.append(mine)
        todo = list(ask)
        for first in range(0, len(todo), _BATCH):
            part = todo[first : first + _BATCH]
            state = self._ensemble.state[[s for s, _ in part]].copy()
            state[:, self.rows] = np.stack([ask[k] for k in part])
            self._known.update(zip(part, self._unserved(state).tolist(), strict=True))
        return np.array([[self._known[k] for k in mine] for mine in keys])

    def _unserved(self, state: NDArray[np.uint8]) -> FloatArray:
        scenarios = scenarios_of_states(
            state, self._ensemble.estimate.assets, self._region, self._case
        )
        result = run_cascade(self._prepared, scenarios, self._options.flow)
        unserved = self._demand_mw - result.served_mw.sum(axis=1)
        return np.asarray(unserved * self._options.horizon_h, np.float64)

    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the plan."""
        notes = [
            "assumes further attacks like those of the ensemble; what protection does and costs "
            f'is illustrative (tables "{self._options.fragility.name}" and '
            f'"{self._options.costs.name}")',
            f"an outage is taken to last {self._options.horizon_h:g} h",
        ]
        if self._n_left_out:
            notes.append(
                f"{self._n_left_out} further sites, hurt less often or with less load, were not "
                "looked at"
            )
        return tuple(notes)


def _ratio(now: float, before: float) -> float:
    """How much of a chance protection leaves; a table that falls from zero leaves nothing."""
    return min(now / before, 1.0) if before > 0 else 1.0
