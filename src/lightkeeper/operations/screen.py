"""Which single or double losses cost load or tear a network apart. For operators only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    FlowCase,
    FlowOptions,
    LossKind,
    PreparedCase,
    Screening,
    build_case,
    lose,
    prepare,
    run_cascade,
    screen_pairs,
    screen_single,
    substation_buses,
)
from lightkeeper.grid import Network
from lightkeeper.operations.models import load_network
from lightkeeper.operations.simulate import case_branch_ids
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.units import FloatArray, IntArray

# Load [MW] that counts as lost or cut off.
SOME_MW = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class IslandLeft:
    """A live island after a loss; `reserve_mw` is what its units could still give."""

    n_buses: int
    demand_mw: float
    served_mw: float
    reserve_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedLoss:
    """One loss: what it sheds (and that beyond the worse of two alone), what it cuts off.

    `separated_mw` is load outside the largest live island; `islands`, the largest load first.
    """

    kind: LossKind
    lost: tuple[str, ...]
    unserved_mw: float
    extra_mw: float
    separated_mw: float
    n_trips: int
    islands: tuple[IslandLeft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningReport:
    """The worst losses of a network, by load shed and by splitting, of `n_losses` in all.

    Those of two branches are ranked by what they shed beyond the worse of the two alone.
    `n_bounded` were not run since provably nothing more happens. `n_shedding` and `n_splitting`
    are those that shed or cut off load, of those run. `n_trips_before` and `unserved_before_mw`
    are what happens without any loss; all else is beyond that.
    """

    network: str
    is_exercise: bool
    order: int
    n_losses: int
    n_bounded: int
    is_complete: bool
    n_trips_before: int
    unserved_before_mw: float
    n_shedding: int
    n_splitting: int
    by_shed: tuple[ScreenedLoss, ...]
    by_splitting: tuple[ScreenedLoss, ...]


def screen(
    network: str,
    *,
    order: int = 1,
    top: int = 10,
    n_threads: int = 2,
    progress: Progress = no_progress,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ScreeningReport:
    """Screen every single loss (branches, units, substations) or every pair of branches."""
    if order not in (1, 2):
        raise InputError(f"screening of {order} losses at once; give 1 or 2")
    progress("reading the network", 0.0)
    model = load_network(network)
    case = build_case(model)
    prepared = prepare(case)
    names, substations = substation_buses(model)
    options = FlowOptions(n_threads=n_threads)

    def watch(done_pu: float) -> bool:
        progress(f"screening n-{order}", done_pu)
        return not is_cancelled()

    if order == 1:
        found = screen_single(prepared, substations=substations, options=options, watch=watch)
    else:
        found = screen_pairs(prepared, options=options, watch=watch)

    def worst(first: FloatArray, second: FloatArray) -> tuple[ScreenedLoss, ...]:
        rows = np.lexsort((-second, -first))[:top]
        rows = rows[first[rows] > SOME_MW]
        return tuple(
            _describe(model, prepared, found, names, substations, options, int(r)) for r in rows
        )

    return ScreeningReport(
        network=model.name,
        is_exercise=model.is_synthetic,
        order=order,
        n_losses=found.n_losses,
        n_bounded=found.n_bounded,
        is_complete=found.is_complete,
        n_trips_before=found.n_trips_before,
        unserved_before_mw=found.unserved_before_mw,
        n_shedding=int((found.unserved_mw > SOME_MW).sum()),
        n_splitting=int((found.separated_mw > SOME_MW).sum()),
        by_shed=worst(found.extra_mw, found.unserved_mw),
        by_splitting=worst(found.separated_mw, found.unserved_mw),
    )


def _describe(
    model: Network,
    prepared: PreparedCase,
    found: Screening,
    names: tuple[str, ...],
    substations: tuple[IntArray, ...],
    options: FlowOptions,
    at: int,
) -> ScreenedLoss:
    """Name one loss and run it once more for its islands."""
    case = prepared.case
    kind = list(LossKind)[found.kind[at]]
    rows = [int(r) for r in found.row[at] if r >= 0]
    if kind is LossKind.BRANCH:
        ids = case_branch_ids(model)
        lost = tuple(str(ids[r]) for r in rows)
        scenario = lose(case, branches=[rows])
    elif kind is LossKind.UNIT:
        ids = np.concatenate([model.generators.id, model.ties.id])
        lost = tuple(str(ids[r]) for r in rows)
        scenario = lose(case, units=[rows])
    else:
        lost = tuple(names[r] for r in rows)
        scenario = lose(case, buses=[substations[rows[0]].tolist()])
    result = run_cascade(prepared, scenario, options)
    gone = rows if kind is LossKind.UNIT else []
    can_give = _reserve(case, result.unit_mw[0], gone)
    islands = []
    for island in range(int(result.n_islands[0])):
        here = result.island[0] == island
        islands.append(
            IslandLeft(
                n_buses=int(here.sum()),
                demand_mw=float(result.demand_mw[0][here].sum()),
                served_mw=float(result.served_mw[0][here].sum()),
                reserve_mw=float(can_give[here[case.unit_bus]].sum()),
            )
        )
    return ScreenedLoss(
        kind=kind,
        lost=lost,
        unserved_mw=float(found.unserved_mw[at]),
        extra_mw=float(found.extra_mw[at]),
        separated_mw=float(found.separated_mw[at]),
        n_trips=int(found.n_trips[at]),
        islands=tuple(sorted(islands, key=lambda i: -i.demand_mw)),
    )


def _reserve(case: FlowCase, unit_mw: FloatArray, gone: list[int]) -> FloatArray:
    """What each unit could still give, MW; one that ran before and rests now has tripped."""
    runs = case.base_unit_on & ((unit_mw > 0.0) | (case.unit_p_mw <= 0.0))
    runs[gone] = False
    return np.where(runs, np.maximum(case.unit_max_mw - unit_mw, 0.0), 0.0)
