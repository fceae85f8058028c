"""How near a network is to falling apart, hour by hour over a load curve. For operators only."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow import (
    FlowOptions,
    LossKind,
    Margin,
    MarginLimit,
    MarginOptions,
    build_case,
    find_margins,
    substation_buses,
    take_away,
)
from lightkeeper.operations.models import load_network
from lightkeeper.operations.simulate import case_branch_ids, choose_losses
from lightkeeper.operations.workspace import Progress, no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class HourMargin:
    """The figure of one hour: by what share of its load `load_mw` the load may still rise.

    Negative: it must fall. Up to `level_mw` the network holds; a little above, at `next_mw`, it
    meets `limit`: for a loss, `lost` is the element, and its trips shed `unserved_mw` and cut
    `separated_mw` off beyond what the loss alone does.
    """

    hour: str
    load_pu: float
    load_mw: float
    margin_pu: float
    level_mw: float
    next_mw: float
    limit: MarginLimit
    kind: LossKind | None
    lost: str | None
    n_trips: int
    unserved_mw: float
    separated_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginReport:
    """The margin of every hour; `worst` is the row of the least, -1 where there is none.

    `lost` are elements that were gone from the start. `least_pu` is the share of the load that
    trips must cost for the network to count as falling apart.
    """

    network: str
    is_exercise: bool
    lost: tuple[str, ...]
    least_pu: float
    hours: tuple[HourMargin, ...]
    worst: int
    is_complete: bool


def regional_margin(
    network: str,
    *,
    load_curve: Path | None = None,
    lose: Sequence[str] = (),
    n_threads: int = 2,
    progress: Progress = no_progress,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> MarginReport:
    """Find the margin at the network's own load, or in each hour of a load curve.

    Elements named in `lose` are gone and the rest is balanced anew before anything else.

    Raises
    ------
    InputError
        An element that is not there, or a curve that `read_load_curve` refuses.
    """
    progress("reading the network", 0.0)
    model = load_network(network)
    curve = (("now", 1.0),) if load_curve is None else read_load_curve(load_curve)
    case = build_case(model)
    if lose:
        case = take_away(case, choose_losses(model, case, lose, n_random=0, n_lost=1, seed=0))
    names, substations = substation_buses(model)
    search = MarginOptions()

    def watch(done_pu: float) -> bool:
        progress("trying every loss, level by level", done_pu)
        return not is_cancelled()

    found = find_margins(
        case,
        [level for _, level in curve],
        substations=substations,
        options=FlowOptions(n_threads=n_threads),
        search=search,
        watch=watch,
    )
    ids = {
        LossKind.BRANCH: case_branch_ids(model),
        LossKind.UNIT: np.concatenate([model.generators.id, model.ties.id]),
        LossKind.SUBSTATION: np.array(names, np.str_),
    }
    load_mw = float(case.load_mw.sum())

    def hour(name: str, one: Margin) -> HourMargin:
        lost = None
        if one.kind is not None and one.row is not None:
            lost = str(ids[one.kind][one.row])
        return HourMargin(
            hour=name,
            load_pu=one.load_pu,
            load_mw=one.load_pu * load_mw,
            margin_pu=one.margin_pu,
            level_mw=one.level_pu * load_mw,
            next_mw=one.next_pu * load_mw,
            limit=one.limit,
            kind=one.kind,
            lost=lost,
            n_trips=one.n_trips,
            unserved_mw=one.unserved_mw,
            separated_mw=one.separated_mw,
        )

    hours = tuple(hour(name, one) for (name, _), one in zip(curve, found, strict=False))
    return MarginReport(
        network=model.name,
        is_exercise=model.is_synthetic,
        lost=tuple(lose),
        least_pu=search.least_pu,
        hours=hours,
        worst=int(np.argmin([h.margin_pu for h in hours])) if hours else -1,
        is_complete=len(hours) == len(curve),
    )


def read_load_curve(path: Path) -> tuple[tuple[str, float], ...]:
    """Read hours and their load, as a multiple of the network's own: columns `hour`, `load_pu`.

    Raises
    ------
    InputError
        The file cannot be read, has other columns or no rows, or a load is not above zero.
    """
    name = f'load curve "{path}"'
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: {error}; give a CSV file in UTF-8") from error
    if not rows or not {"hour", "load_pu"} <= set(rows[0]):
        raise InputError(f"{name}: give a row for each hour, under the columns hour and load_pu")
    curve = []
    for number, row in enumerate(rows, start=2):
        try:
            load_pu = float(row["load_pu"])
        except (TypeError, ValueError):
            load_pu = np.nan
        if not 0.0 < load_pu < np.inf:
            raise InputError(
                f'{name}: load_pu in row {number} is "{row["load_pu"]}"; give a number above zero'
            )
        curve.append((str(row["hour"]), load_pu))
    return tuple(curve)
