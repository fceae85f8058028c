"""Repair order on a bare network: service is the largest deliverable load by the linear program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lightkeeper.flow import FlowCase, lose
from lightkeeper.plans.damaged_grid import damage_grid
from lightkeeper.plans.delivery import LeastShed, load_blocks
from lightkeeper.plans.repair_order import (
    JobSet,
    dispatch,
    order_jobs,
    pairs_and_triples,
    plain_jobs,
    steps_of,
)
from lightkeeper.units import FloatArray


class ComponentKind(StrEnum):
    """What a row belongs to."""

    BUS = "bus"
    BRANCH = "branch"
    UNIT = "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A damaged row of a `FlowCase` and the hours its repair takes."""

    kind: ComponentKind
    row: int
    repair_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOrder:
    """Order of repair (rows of the list given) and the energy not served until the last ends."""

    order: tuple[int, ...]
    unserved_mwh: float


def order_repairs(
    case: FlowCase, components: Sequence[Component], *, n_crews: int = 1, lookahead: int = 2
) -> ComponentOrder:
    """Order repairs so that little energy stays unserved; sets of up to `lookahead` are tried.

    A greedy with moves of single jobs: good, not proven optimal. Its cost grows with the number of
    sets, so it suits tens of components on small networks; a region uses `plan_repairs`.
    """
    jobs = plain_jobs([c.repair_h for c in components])

    def served(sets: Sequence[JobSet]) -> FloatArray:
        return np.array([deliverable_mw(case, components, done) for done in sets])

    order = order_jobs(
        jobs,
        n_crews,
        served,
        groups=pairs_and_triples(len(components), lookahead),
        reach=len(components),
    )
    steps = steps_of(dispatch(order, jobs, n_crews))
    hours = np.diff([t for t, _ in steps])
    missing = case.load_mw.sum() - served([done for _, done in steps[:-1]])
    return ComponentOrder(order=tuple(order), unserved_mwh=float(hours @ missing))


def deliverable_mw(case: FlowCase, components: Sequence[Component], repaired: JobSet) -> float:
    """Largest load that can be served with every component lost but those repaired."""
    lost: dict[ComponentKind, list[int]] = {kind: [] for kind in ComponentKind}
    for k, component in enumerate(components):
        if k not in repaired:
            lost[component.kind].append(component.row)
    scenario = lose(
        case,
        buses=[lost[ComponentKind.BUS]],
        branches=[lost[ComponentKind.BRANCH]],
        units=[lost[ComponentKind.UNIT]],
    )
    grid = damage_grid(case, scenario, 0)
    return float(LeastShed(grid, load_blocks(grid)).solve().served_mw.sum())
