"""Which single or double losses cost load or tear a network apart. For operators only."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    FlowCase,
    FlowOptions,
    LossKind,
    PreparedCase,
    Screening,
    ScreenOptions,
    build_case,
    lose,
    prepare,
    run_cascade,
    screen_pairs,
    screen_single,
    substation_buses,
)
from lightkeeper.grid import Network
from lightkeeper.operations.models import load_network, load_people
from lightkeeper.operations.simulate import case_branch_ids
from lightkeeper.operations.workspace import Progress, no_progress
from lightkeeper.units import FloatArray, IntArray

# Load [MW] that counts as lost or cut off.
SOME_MW = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class IslandLeft:
    """A live island after a loss; `reserve_mw` is what its units could still give.

    `people` live on its buses; None where the network says nothing of people.
    """

    n_buses: int
    people: int | None
    demand_mw: float
    served_mw: float
    reserve_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedLoss:
    """One loss of one or two elements: what it sheds (beyond both alone, too) and cuts off.

    `separated_mw` and `separated_people` are outside the live island with most load; `islands`, the
    largest load first.
    """

    kinds: tuple[LossKind, ...]
    lost: tuple[str, ...]
    unserved_mw: float
    extra_mw: float
    separated_mw: float
    separated_people: int | None
    n_trips: int
    islands: tuple[IslandLeft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningReport:
    """The worst losses of a network, by load shed and by splitting, of `n_losses` in all.

    Those of two elements are ranked by what they shed beyond the two alone, and by splitting by
    the people cut off, where they are known. `n_bounded` were not run since provably nothing more
    happens. `n_shedding` and `n_splitting` are those that shed or cut off load, of the `n_run`.
    `n_trips_before` and `unserved_before_mw` are what happens without any loss; all else is beyond
    that.
    """

    network: str
    is_exercise: bool
    order: int
    n_losses: int
    n_bounded: int
    n_run: int
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
    kinds: AbstractSet[LossKind] = frozenset(LossKind),
    checkpoint: Path | None = None,
    top: int = 10,
    n_threads: int = 2,
    progress: Progress = no_progress,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ScreeningReport:
    """Screen every single loss, or every pair of elements of these kinds.

    A screening of pairs that is stopped goes on from `checkpoint`, if one is named.
    """
    if order not in (1, 2):
        raise InputError(f"screening of {order} losses at once; give 1 or 2")
    progress("reading the network", 0.0)
    model = load_network(network)
    people = load_people(network, model)
    prepared = prepare(build_case(model))
    names, substations = substation_buses(model)
    options = FlowOptions(n_threads=n_threads)

    def watch(done_pu: float) -> bool:
        progress(f"screening n-{order}", done_pu)
        return not is_cancelled()

    if order == 1:
        found = screen_single(
            prepared, substations=substations, people=people, options=options, watch=watch
        )
    else:
        found = screen_pairs(
            prepared,
            substations=substations,
            people=people,
            options=options,
            screen=ScreenOptions(kinds=kinds, checkpoint=checkpoint),
            watch=watch,
        )
    site = _Site(model, prepared, names, substations, people, options)

    def worst(*keys: FloatArray) -> tuple[ScreenedLoss, ...]:
        rows = np.lexsort(tuple(-key for key in reversed(keys)))[:top]
        rows = rows[keys[0][rows] > SOME_MW]
        return tuple(_describe(site, found, int(r)) for r in rows)

    by_splitting = [found.separated_mw, found.unserved_mw]
    if people is not None:
        by_splitting.insert(0, found.separated_people)
    return ScreeningReport(
        network=model.name,
        is_exercise=model.is_synthetic,
        order=order,
        n_losses=found.n_losses,
        n_bounded=found.n_bounded,
        n_run=found.n_run,
        is_complete=found.is_complete,
        n_trips_before=found.n_trips_before,
        unserved_before_mw=found.unserved_before_mw,
        n_shedding=found.n_shedding,
        n_splitting=found.n_splitting,
        by_shed=worst(found.extra_mw, found.unserved_mw),
        by_splitting=worst(*by_splitting),
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """What a loss is named and run with."""

    model: Network
    prepared: PreparedCase
    names: tuple[str, ...]
    substations: tuple[IntArray, ...]
    people: FloatArray | None
    options: FlowOptions


def _describe(site: _Site, found: Screening, at: int) -> ScreenedLoss:
    """Name one loss and run it once more for its islands."""
    case, model = site.prepared.case, site.model
    pairs = [
        (list(LossKind)[k], int(row))
        for k, row in zip(found.kind[at], found.row[at], strict=True)
        if k >= 0
    ]
    branch_names = case_branch_ids(model)
    unit_names = np.concatenate([model.generators.id, model.ties.id])
    name = {
        LossKind.BRANCH: branch_names,
        LossKind.UNIT: unit_names,
        LossKind.SUBSTATION: np.array(site.names, np.str_),
    }
    rows = {kind: [row for k, row in pairs if k is kind] for kind in LossKind}
    scenario = lose(
        case,
        branches=[rows[LossKind.BRANCH]],
        units=[rows[LossKind.UNIT]],
        buses=[[int(v) for g in rows[LossKind.SUBSTATION] for v in site.substations[g]]],
    )
    result = run_cascade(site.prepared, scenario, site.options)
    can_give = _reserve(case, result.unit_mw[0], rows[LossKind.UNIT])
    islands = []
    for island in range(int(result.n_islands[0])):
        here = result.island[0] == island
        islands.append(
            IslandLeft(
                n_buses=int(here.sum()),
                people=None if site.people is None else round(float(site.people[here].sum())),
                demand_mw=float(result.demand_mw[0][here].sum()),
                served_mw=float(result.served_mw[0][here].sum()),
                reserve_mw=float(can_give[here[case.unit_bus]].sum()),
            )
        )
    cut_off = found.separated_people[at]
    return ScreenedLoss(
        kinds=tuple(kind for kind, _ in pairs),
        lost=tuple(str(name[kind][row]) for kind, row in pairs),
        unserved_mw=float(found.unserved_mw[at]),
        extra_mw=float(found.extra_mw[at]),
        separated_mw=float(found.separated_mw[at]),
        separated_people=None if np.isnan(cut_off) else round(float(cut_off)),
        n_trips=int(found.n_trips[at]),
        islands=tuple(sorted(islands, key=lambda i: -i.demand_mw)),
    )


def _reserve(case: FlowCase, unit_mw: FloatArray, gone: list[int]) -> FloatArray:
    """What each unit could still give, MW; one that ran before and rests now has tripped."""
    runs = case.base_unit_on & ((unit_mw > 0.0) | (case.unit_p_mw <= 0.0))
    runs[gone] = False
    return np.where(runs, np.maximum(case.unit_max_mw - unit_mw, 0.0), 0.0)
