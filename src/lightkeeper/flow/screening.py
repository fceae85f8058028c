"""Screening: which single and double losses cost load or tear the network apart.

Single losses are all run. Of pairs, those are left out after which provably nothing trips and
nothing more is cut off than by one of the two alone; the others are run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from lightkeeper import __version__
from lightkeeper.errors import InputError
from lightkeeper.flow.cascade import PreparedCase, base_state, prepare, run_cascade
from lightkeeper.flow.model import CascadeResult, FlowCase, FlowOptions
from lightkeeper.flow.scenarios import no_loss
from lightkeeper.flow.screening_bounds import BLOCK, blocks, find_bounds, pairs_to_run
from lightkeeper.flow.screening_elements import Elements, LossKind, digest, find_elements
from lightkeeper.flow.screening_found import (
    NEEDED,
    Figures,
    Found,
    Weights,
    chunk_of,
    read_checkpoint,
    weigh,
    write_checkpoint,
)
from lightkeeper.units import BoolArray, FloatArray, IntArray

# Values of the results of one call of the engine: 128 MiB.
CHUNK_VALUES = 16 << 20
# A checkpoint is written after so many runs, or so many blocks that need none.
RUNS_PER_CHECKPOINT, BLOCKS_PER_CHECKPOINT = 100_000, 200
# What a pair that only has to be looked at costs, of what one costs that is run, for progress.
LOOK_PU = 0.02

Watch = Callable[[float], bool]
"""Called now and then with the share done, 0 to 1; returns whether to go on."""


def go_on(_done_pu: float) -> bool:
    """Watch nothing and never cancel."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOptions:
    """What of a screening of pairs is kept and where it can go on.

    `kinds` are the elements of which two are lost. The `keep` worst by each ranking (load shed
    beyond the two alone, load shed, people or load cut off) are kept, so memory stays bounded. With
    `checkpoint`, a screening that was stopped goes on from that file; it is refused for another
    network or other options. At most `max_runs` pairs are run, None: all.
    """

    kinds: AbstractSet[LossKind] = frozenset(LossKind)
    keep: int = 100_000
    checkpoint: Path | None = None
    max_runs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What each loss comes to; one row for each that was run and kept, in the order of running.

    `kind` (n, 2) are places in `LossKind`, `row` (n, 2) the rows lost: a branch, a unit, or a group
    of buses; the second is -1 for single losses. `unserved_mw` is beyond what is unserved before
    any loss, `extra_mw` beyond the two alone together (for single losses the same).
    `separated_mw`: load that was served and is not in the live island with most load, beyond what
    is not before any loss; `separated_people` likewise, NaN where nobody said who lives where.
    `n_islands`: live ones. `n_trips`: branches that tripped. `least_reserve_mw`: what the units of
    the island with the least could still give; 0 where nothing lives.

    `n_losses` were to be looked at; `n_bounded` were not run because provably nothing trips after
    them and nothing more is cut off than by one of the two alone; `n_run` were, of which
    `n_shedding` shed load and `n_splitting` cut some off. `n_trips_before` and `unserved_before_mw`
    are what happens without any loss. `is_complete` is False after a cancel or at the cap.
    """

    order: int
    kind: IntArray
    row: IntArray
    unserved_mw: FloatArray
    extra_mw: FloatArray
    separated_mw: FloatArray
    separated_people: FloatArray
    n_islands: IntArray
    n_trips: IntArray
    least_reserve_mw: FloatArray
    n_losses: int
    n_bounded: int
    n_run: int
    n_shedding: int
    n_splitting: int
    n_trips_before: int
    unserved_before_mw: float
    is_complete: bool


def screen_single(
    case: FlowCase | PreparedCase,
    *,
    substations: Sequence[IntArray] = (),
    people: FloatArray | None = None,
    options: FlowOptions | None = None,
    watch: Watch = go_on,
) -> Screening:
    """Run the loss of each branch, each unit and each group of buses in service.

    `substations` are rows of buses, as from `substation_buses`; `people` (n_bus,) live on each bus.

    Examples
    --------
    >>> from lightkeeper.flow import make_case, screen_single
    >>> case = make_case(
    ...     base_mva=100, n_bus=2, from_bus=[0], to_bus=[1], x_pu=0.1, load_mw=[0, 60],
    ...     unit_bus=[0], unit_scheduled_mw=60, unit_max_mw=80,
    ... )
    >>> screen_single(case).unserved_mw.tolist()  # the branch, the unit
    [60.0, 60.0]
    """
    work = _begin(case, people, options)
    elements = find_elements(work.case, substations, frozenset(LossKind))
    n = len(elements.kind)
    found = Found(keep=n)
    for first in range(0, n, work.chunk):
        if not watch(first / n):
            break
        chosen = np.arange(first, min(first + work.chunk, n), dtype=np.int32)[:, None]
        figures = work.run(elements, chosen)
        found.add(np.concatenate([chosen, np.full_like(chosen, -1)], axis=1), figures)
    if found.n_run == n:
        watch(1.0)
    return work.screening(1, elements, found, n, is_complete=found.n_run == n)


def screen_pairs(
    case: FlowCase | PreparedCase,
    *,
    substations: Sequence[IntArray] = (),
    people: FloatArray | None = None,
    options: FlowOptions | None = None,
    screen: ScreenOptions | None = None,
    watch: Watch = go_on,
) -> Screening:
    """Find what the loss of any two elements in service does: branches, units, substations.

    A pair is left out where no flow after it exceeds its limit and it splits nothing, or only what
    one of the two splits alone (then it sheds what that one sheds); and where one is part of the
    other. `substations` and `people` as in `screen_single`.

    Raises
    ------
    InputError
        An option out of range, or a checkpoint of another network or other options.
    """
    screen = screen or ScreenOptions()
    if screen.keep < 1 or (screen.max_runs is not None and screen.max_runs < 0):
        raise InputError("keep is 1 or more, max_runs zero or more, or None")
    work = _begin(case, people, options)
    elements = find_elements(work.case, substations, screen.kinds)
    n = len(elements.kind)
    n_pairs = n * (n - 1) // 2
    if n_pairs >= work.options.bulk_from:
        work = replace(work, options=replace(work.options, bulk_from=1))
    fingerprint = _fingerprint(work, elements, screen)
    found = Found(keep=screen.keep)
    if screen.checkpoint is not None:
        found = read_checkpoint(screen.checkpoint, screen.keep, fingerprint)
    bounds = find_bounds(work.prepared, elements, work.flow_mw, is_settled=work.is_settled)
    elements = bounds.elements
    alone = np.zeros(n)
    goes_on = watch(0.0)
    for first in range(0, n if goes_on else 0, work.chunk):
        some = np.arange(first, min(first + work.chunk, n), dtype=np.int32)
        alone[some] = work.run(elements, some[:, None]).unserved_mw
        goes_on = goes_on and watch(0.0)
    todo = blocks(bounds)
    costs = np.array([LOOK_PU if b[3] <= bounds.n_known else 1.0 for b in todo])
    costs *= [(b[1] - b[0]) * (b[3] - b[2]) for b in todo]
    done_pu = np.concatenate([[0.0], np.cumsum(costs)]) / max(costs.sum(), 1.0)
    n_saved = (found.n_run, found.place[0])
    left = n_pairs + 1 if screen.max_runs is None else screen.max_runs
    while goes_on and found.place[0] < len(todo):
        at, begun = found.place
        pairs, size = pairs_to_run(bounds, todo[at], work.options)
        if begun == 0:
            found.n_bounded += size - len(pairs)
        stop = min(len(pairs), begun + left - found.n_run)
        for first in range(begun, stop, work.chunk):
            chosen = pairs[first : min(first + work.chunk, stop)]
            figures = work.run(elements, chosen)
            figures = replace(figures, extra_mw=figures.unserved_mw - alone[chosen].sum(axis=1))
            found.add(chosen, figures)
            found.place = (at, first + len(chosen))
            share = (first + len(chosen)) / len(pairs)
            goes_on = watch(float(done_pu[at] + share * (done_pu[at + 1] - done_pu[at])))
            if not goes_on:
                break
        else:
            found.place = (at + 1, 0)
            goes_on = watch(float(done_pu[at + 1]))
        is_due = (
            found.n_run - n_saved[0] >= RUNS_PER_CHECKPOINT
            or found.place[0] - n_saved[1] >= BLOCKS_PER_CHECKPOINT
        )
        if screen.checkpoint is not None and (is_due or not goes_on):
            write_checkpoint(screen.checkpoint, found, fingerprint)
            n_saved = (found.n_run, found.place[0])
    if screen.checkpoint is not None:
        write_checkpoint(screen.checkpoint, found, fingerprint)
    is_complete = found.n_bounded + found.n_run == n_pairs
    return work.screening(2, elements, found, n_pairs, is_complete=is_complete)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A network, by what its losses are measured, and what it does without any."""

    prepared: PreparedCase
    options: FlowOptions
    weights: Weights
    has_people: bool
    before: Figures
    flow_mw: FloatArray
    is_settled: bool

    @property
    def case(self) -> FlowCase:
        return self.prepared.case

    @property
    def chunk(self) -> int:
        """Losses of one call."""
        return min(chunk_of(self.case, CHUNK_VALUES), BLOCK * BLOCK)

    def run(self, elements: Elements, chosen: IntArray) -> Figures:
        """Lose the elements of each row and measure it beyond what happens without any loss."""
        scenarios = elements.scenarios(chosen)
        result = run_cascade(self.prepared, scenarios, self.options)
        figures = weigh(self.weights, self.case, scenarios, result)
        before = self.before
        unserved = np.maximum(figures.unserved_mw - before.unserved_mw[0], 0.0)
        separated = figures.separated_mw - before.separated_mw[0]
        people = figures.separated_people - before.separated_people[0]
        return replace(
            figures,
            unserved_mw=unserved,
            extra_mw=unserved,
            separated_mw=np.maximum(separated, 0.0),
            separated_people=np.maximum(people, 0.0),
        )

    def screening(
        self, order: int, elements: Elements, found: Found, n_losses: int, *, is_complete: bool
    ) -> Screening:
        """Put what was found into the rows of the case."""
        found.prune()
        figures = found.as_figures()
        there = found.chosen >= 0
        if not self.has_people:
            figures = replace(figures, separated_people=np.full(len(there), np.nan))
        return Screening(
            order=order,
            kind=np.where(there, elements.kind[found.chosen], -1).astype(np.int32),
            row=np.where(there, elements.row[found.chosen], -1).astype(np.int32),
            **{f.name: getattr(figures, f.name) for f in fields(Figures)},
            n_losses=n_losses,
            n_bounded=found.n_bounded,
            n_run=found.n_run,
            n_shedding=found.n_shedding,
            n_splitting=found.n_splitting,
            n_trips_before=int(self.before.n_trips[0]),
            unserved_before_mw=float(self.before.unserved_mw[0]),
            is_complete=is_complete,
        )


def _begin(
    case: FlowCase | PreparedCase, people: FloatArray | None, options: FlowOptions | None
) -> _Work:
    prepared = case if isinstance(case, PreparedCase) else prepare(case)
    case = prepared.case
    if people is not None and people.shape != (case.n_bus,):
        raise InputError(f"people: shape is {people.shape}, it should be {(case.n_bus,)}")
    options = replace(options or FlowOptions(), keep_flows=False, outputs=NEEDED)
    base = base_state(case, options)
    weights = Weights(
        served_mw=base.served,
        people=np.zeros(case.n_bus) if people is None else people.astype(np.float64),
        unit_can_mw=np.where(base.unit_on, case.unit_max_mw, -np.inf),
        unit_mw=base.p,
    )
    intact: CascadeResult = run_cascade(prepared, no_loss(), replace(options, keep_flows=True))
    assert intact.flow_mw is not None
    trips: BoolArray = intact.trip_round[0] > 0
    return _Work(
        prepared=prepared,
        options=options,
        weights=weights,
        has_people=people is not None,
        before=weigh(weights, case, no_loss(), intact),
        flow_mw=intact.flow_mw[0],
        is_settled=bool(intact.converged[0]) and not trips.any(),
    )


def _fingerprint(work: _Work, elements: Elements, screen: ScreenOptions) -> str:
    """Of all that the answer depends on; threads and batches do not change it."""
    options = work.options
    return digest(
        "screening of pairs, 1",
        __version__,
        *(getattr(work.case, f.name) for f in fields(FlowCase)),
        *(getattr(elements, f.name) for f in fields(Elements)),
        work.weights.people,
        (options.rule, options.ramp_pu, options.ramp_min, options.max_rounds),
        (options.trip_overloads, screen.keep, screen.max_runs, BLOCK),
    )
