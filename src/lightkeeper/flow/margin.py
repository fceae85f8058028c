"""How near a network is to falling apart: one figure for a level of load, and what sets it.

The figure is the share by which load may still rise (or must fall, where it is negative) until the
network no longer stands every single loss. It falls apart where a loss brings trips with it that
shed, or cut off, a share of the load beyond what the loss itself does; where branches trip without
any loss; or where units can no longer cover the load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.balance import ramped_base
from lightkeeper.flow.cascade import PreparedCase, base_state, prepare, run_cascade
from lightkeeper.flow.model import BalanceRule, FlowCase, FlowOptions, Scenarios
from lightkeeper.flow.scenarios import no_loss
from lightkeeper.flow.screening import Watch, go_on
from lightkeeper.flow.screening_elements import KINDS, Elements, LossKind, find_elements
from lightkeeper.flow.screening_found import NEEDED, Weights, chunk_of, weigh
from lightkeeper.units import FloatArray, IntArray

# Load [MW] that may miss in an island before units count as short of power.
SHORT_MW = 1e-3
# Values of the results of one call of the engine: 64 MiB.
CHUNK_VALUES = 8 << 20


class MarginLimit(StrEnum):
    """What the network meets first as load rises.

    LOSS: a single loss brings trips that cost load. OVERLOAD: branches trip without any loss.
    SUPPLY: units cannot cover the load, or all is dark as they cannot come down to it. NONE:
    nothing, up to the highest level looked at.
    """

    LOSS = "loss"
    OVERLOAD = "overload"
    SUPPLY = "supply"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginOptions:
    """How far and how finely to look.

    The network falls apart where trips after a loss shed or cut off at least `least_pu` of the
    load, beyond what the loss alone does. Levels are looked at in steps of `step_pu` and then
    between two steps to `fine_pu`, none above `most_pu` times the load of the case.
    """

    least_pu: float = 0.01
    step_pu: float = 0.05
    fine_pu: float = 0.001
    most_pu: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How near the network is to falling apart at load `load_pu` (as a multiple of the case's).

    `margin_pu`: share by which load may still rise, `level_pu / load_pu - 1`; negative where it
    must fall. At `level_pu` the network still holds; at `next_pu` it meets `limit` (the same where
    the limit is NONE). `kind` and `row` are the loss that costs most there (None for another limit
    than LOSS): it brings `n_trips`, which shed `unserved_mw` and cut `separated_mw` off beyond what
    the loss alone does. For SUPPLY `unserved_mw` is what is short.
    """

    load_pu: float
    margin_pu: float
    level_pu: float
    next_pu: float
    limit: MarginLimit
    kind: LossKind | None
    row: int | None
    n_trips: int
    unserved_mw: float
    separated_mw: float


def find_margins(
    case: FlowCase,
    load_pu: Sequence[float],
    *,
    substations: Sequence[IntArray] = (),
    options: FlowOptions | None = None,
    search: MarginOptions | None = None,
    watch: Watch = go_on,
) -> tuple[Margin, ...]:
    """Find the margin at each level of load, such as those of the hours of a day.

    At every level the schedule is first balanced without ramp limit, as in the base state of a
    case; then each branch, unit and group of buses in service is lost.  Levels that several hours
    need are looked at once. A stop by `watch` gives the margins found so far.

    Raises
    ------
    InputError
        A level that is not above zero, options out of range, or another rule than RAMPED.

    Examples
    --------
    >>> from lightkeeper.flow import find_margins, make_case
    >>> case = make_case(
    ...     base_mva=100, n_bus=2, from_bus=[0, 0], to_bus=[1, 1], x_pu=0.1, rating_mw=75,
    ...     load_mw=[0, 60], unit_bus=[0], unit_scheduled_mw=60, unit_max_mw=200,
    ... )
    >>> [m] = find_margins(case, [1.0])  # either line may carry 75 MW of load alone
    >>> round(m.margin_pu, 2), m.limit.value, m.row
    (0.25, 'loss', 0)
    """
    options, search = options or FlowOptions(), search or MarginOptions()
    levels = [float(x) for x in load_pu]
    if not all(np.isfinite(x) and x > 0.0 for x in levels):
        raise InputError("levels of load are numbers above zero")
    if options.rule is not BalanceRule.RAMPED:
        raise InputError("margins are found by the rule ramped alone")
    if not (0.0 < search.fine_pu <= search.step_pu and search.least_pu > 0.0):
        raise InputError("fine_pu and least_pu are above zero, and step_pu is no smaller than fine")
    ladder = _Ladder(case, substations, options, search)
    found: list[Margin] = []
    for i, level in enumerate(levels):
        if not watch(i / len(levels)):
            return tuple(found)
        found.append(ladder.margin(level))
    watch(1.0)
    return tuple(found)


def at_load(case: FlowCase, load_pu: float) -> FlowCase:
    """Return the case with all demand scaled and its schedule balanced anew, without ramp limit."""
    load = case.load_mw * load_pu
    base = ramped_base(
        from_bus=case.from_bus,
        to_bus=case.to_bus,
        branch_on=case.branch_on,
        bus_on=case.bus_on,
        load_mw=load,
        infeed_mw=case.infeed_mw,
        unit_bus=case.unit_bus,
        unit_scheduled_mw=case.unit_scheduled_mw,
        unit_min_mw=case.unit_min_mw,
        unit_max_mw=case.unit_max_mw,
        unit_on=case.unit_on,
    )
    return replace(
        case,
        load_mw=load,
        unit_p_mw=base.unit_mw,
        base_served_mw=base.served_mw,
        base_infeed_mw=base.infeed_mw,
        base_unit_on=base.unit_on,
    )


def take_away(case: FlowCase, lost: Scenarios) -> FlowCase:
    """Return the case without what the first of these scenarios loses, balanced anew.

    The load of a lost bus goes with it; factors of the scenario are left aside.
    """
    branch_on, bus_on, unit_on = case.branch_on.copy(), case.bus_on.copy(), case.unit_on.copy()
    bus_on[lost.bus_index[: lost.bus_start[1]]] = False
    branch_on[lost.branch_index[: lost.branch_start[1]]] = False
    unit_on[lost.unit_index[: lost.unit_start[1]]] = False
    branch_on &= bus_on[case.from_bus] & bus_on[case.to_bus]
    unit_on &= bus_on[case.unit_bus]
    left = replace(
        case,
        branch_on=branch_on,
        bus_on=bus_on,
        unit_on=unit_on,
        load_mw=np.where(bus_on, case.load_mw, 0.0),
        infeed_mw=np.where(bus_on, case.infeed_mw, 0.0),
    )
    return at_load(left, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fall:
    """What makes the network fall apart at a level; `cost_mw` ranks losses."""

    limit: MarginLimit
    kind: LossKind | None = None
    row: int | None = None
    n_trips: int = 0
    unserved_mw: float = 0.0
    separated_mw: float = 0.0


class _Ladder:
    """Levels of load looked at so far, and what the network does at each."""

    def __init__(
        self,
        case: FlowCase,
        substations: Sequence[IntArray],
        options: FlowOptions,
        search: MarginOptions,
    ) -> None:
        self.case = case
        self.elements = find_elements(case, substations, frozenset(LossKind))
        self.options = replace(options, keep_flows=False, trip_overloads=True, outputs=NEEDED)
        self.search = search
        self.seen: dict[float, _Fall | None] = {}

    def margin(self, load_pu: float) -> Margin:
        """Climb from this level until the network falls apart, or down until it holds."""
        step, most = self.search.step_pu, max(self.search.most_pu, load_pu)
        rungs = np.arange(1, int(np.ceil(most / step)) + 1) * step
        if self.fall(load_pu) is None:
            low = load_pu
            for rung in [*rungs[(rungs > load_pu) & (rungs < most)].tolist(), most]:
                if self.fall(rung) is not None:
                    return self.between(load_pu, low, rung)
                low = rung
            return _as_margin(load_pu, most, most, _Fall(limit=MarginLimit.NONE))
        high = load_pu
        for rung in rungs[rungs < load_pu][::-1].tolist():
            if self.fall(rung) is None:
                return self.between(load_pu, rung, high)
            high = rung
        return self.between(load_pu, 0.0, high)

    def between(self, load_pu: float, low: float, high: float) -> Margin:
        """Narrow down where the network, which holds at `low`, falls apart by `high`."""
        while high - low > self.search.fine_pu:
            middle = 0.5 * (low + high)
            if self.fall(middle) is None:
                low = middle
            else:
                high = middle
        fall = self.fall(high)
        assert fall is not None
        return _as_margin(load_pu, low, high, fall)

    def fall(self, load_pu: float) -> _Fall | None:
        """What makes the network fall apart at this level; None where it holds."""
        level = round(load_pu, 9)
        if level not in self.seen:
            self.seen[level] = self._look(load_pu)
        return self.seen[level]

    def _look(self, load_pu: float) -> _Fall | None:
        case = at_load(self.case, load_pu)
        lives = case.base_served_mw > 0.0
        if not lives.any():  # what is dark in part may be meant so; a network all dark is not
            lives = case.load_mw > 0.0
        short = float((case.load_mw - case.base_served_mw)[lives].sum())
        if short > SHORT_MW:
            return _Fall(limit=MarginLimit.SUPPLY, unserved_mw=short)
        prepared = prepare(case)
        intact = run_cascade(prepared, no_loss(), self.options)
        n_trips = int((intact.trip_round[0] > 0).sum())
        if n_trips:
            unserved = float(case.base_served_mw.sum() - intact.total_served_mw[0])
            return _Fall(limit=MarginLimit.OVERLOAD, n_trips=n_trips, unserved_mw=unserved)
        worst = _worst_loss(prepared, self.elements, self.options)
        if worst is None:
            return None
        cost = max(worst.unserved_mw, worst.separated_mw)
        return worst if cost >= self.search.least_pu * case.base_served_mw.sum() else None


def _worst_loss(prepared: PreparedCase, elements: Elements, options: FlowOptions) -> _Fall | None:
    """Find the loss whose trips shed or cut off most beyond what it does without them."""
    case = prepared.case
    base = base_state(case, options)
    weights = Weights(
        served_mw=base.served,
        people=np.zeros(case.n_bus),
        unit_can_mw=case.unit_max_mw,
        unit_mw=base.p,
    )
    n = len(elements.kind)
    chunk = chunk_of(case, CHUNK_VALUES)
    still = replace(options, trip_overloads=False)
    worst: _Fall | None = None
    for first in range(0, n, chunk):
        chosen = np.arange(first, min(first + chunk, n), dtype=np.int32)
        lost = elements.scenarios(chosen[:, None])
        told = weigh(weights, case, lost, run_cascade(prepared, lost, options))
        rows = np.flatnonzero(told.n_trips > 0).astype(np.int32)
        if not len(rows):
            continue
        lost = elements.scenarios(first + rows[:, None])
        alone = weigh(weights, case, lost, run_cascade(prepared, lost, still))
        shed: FloatArray = np.maximum(told.unserved_mw[rows] - alone.unserved_mw, 0.0)
        cut: FloatArray = np.maximum(told.separated_mw[rows] - alone.separated_mw, 0.0)
        i = int(np.argmax(np.maximum(shed, cut)))
        if worst is None or max(shed[i], cut[i]) > max(worst.unserved_mw, worst.separated_mw):
            at = first + int(rows[i])
            worst = _Fall(
                limit=MarginLimit.LOSS,
                kind=KINDS[elements.kind[at]],
                row=int(elements.row[at]),
                n_trips=int(told.n_trips[rows[i]]),
                unserved_mw=float(shed[i]),
                separated_mw=float(cut[i]),
            )
    return worst


def _as_margin(load_pu: float, level_pu: float, next_pu: float, fall: _Fall) -> Margin:
    return Margin(
        load_pu=load_pu,
        margin_pu=level_pu / load_pu - 1.0,
        level_pu=level_pu,
        next_pu=next_pu,
        limit=fall.limit,
        kind=fall.kind,
        row=fall.row,
        n_trips=fall.n_trips,
        unserved_mw=fall.unserved_mw,
        separated_mw=fall.separated_mw,
    )
