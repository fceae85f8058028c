"""What a screening has found so far: the worst losses, counts, and a file to go on from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.model import CascadeResult, FlowCase, Output, Scenarios
from lightkeeper.flow.screening_kernels import measure
from lightkeeper.units import FloatArray, IntArray

# Load [MW] that counts as shed or cut off.
SOME_MW = 1e-3
# What of a result is needed to measure it.
NEEDED = frozenset({Output.ISLANDS, Output.UNITS, Output.TRIPS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What each of some losses comes to, (n,) each; see `Screening`."""

    unserved_mw: FloatArray
    extra_mw: FloatArray
    separated_mw: FloatArray
    separated_people: FloatArray
    n_islands: IntArray
    n_trips: IntArray
    least_reserve_mw: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """By what results are measured: who is where before any loss, and what units could give."""

    served_mw: FloatArray
    people: FloatArray
    unit_can_mw: FloatArray
    unit_mw: FloatArray


def weigh(weights: Weights, case: FlowCase, scenarios: Scenarios, result: CascadeResult) -> Figures:
    """Measure results, not yet beyond anything; `extra_mw` is the same as `unserved_mw`."""
    n = scenarios.n_scenarios
    separated, people, reserve = np.zeros(n), np.zeros(n), np.zeros(n)
    measure(
        result.island,
        result.n_islands,
        result.unit_mw,
        weights.served_mw,
        weights.people,
        case.unit_bus,
        weights.unit_can_mw,
        weights.unit_mw,
        scenarios.unit_start,
        scenarios.unit_index,
        separated,
        people,
        reserve,
    )
    unserved = result.total_demand_mw - result.total_served_mw
    return Figures(
        unserved_mw=unserved,
        extra_mw=unserved,
        separated_mw=separated,
        separated_people=people,
        n_islands=result.n_islands,
        n_trips=(result.trip_round > 0).sum(axis=1).astype(np.int32),
        least_reserve_mw=reserve,
    )


@dataclass(slots=True, kw_only=True)
class Found:
    """Losses run so far, of which the `keep` worst by each ranking are kept, in order of running.

    `place` is how many blocks are done, and how many pairs of the next.
    """

    keep: int
    place: tuple[int, int] = (0, 0)
    n_bounded: int = 0
    n_run: int = 0
    n_shedding: int = 0
    n_splitting: int = 0
    chosen: IntArray = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    figures: FloatArray = field(default_factory=lambda: np.zeros((7, 0)))
    recent: list[tuple[IntArray, FloatArray]] = field(default_factory=list)
    n_recent: int = 0

    def add(self, chosen: IntArray, figures: Figures) -> None:
        """Take in what was run."""
        self.n_run += len(chosen)
        self.n_shedding += int((figures.unserved_mw > SOME_MW).sum())
        self.n_splitting += int((figures.separated_mw > SOME_MW).sum())
        rows = np.array(
            [
                figures.unserved_mw,
                figures.extra_mw,
                figures.separated_mw,
                figures.separated_people,
                figures.n_islands,
                figures.n_trips,
                figures.least_reserve_mw,
            ],
            np.float64,
        )
        self.recent.append((chosen, rows))
        self.n_recent += len(chosen)
        if self.n_recent > self.keep:
            self.prune()

    def prune(self) -> None:
        """Keep the worst by each ranking; the first run, where they are equal."""
        self.chosen = np.concatenate([self.chosen, *(c for c, _ in self.recent)])
        self.figures = np.concatenate([self.figures, *(f for _, f in self.recent)], axis=1)
        self.recent, self.n_recent = [], 0
        if len(self.chosen) <= self.keep:
            return
        unserved, extra, separated, people = self.figures[:4]
        wanted = np.zeros(len(self.chosen), np.bool_)
        for first, second in ((extra, unserved), (unserved, extra), (people, separated)):
            wanted[np.lexsort((-second, -first))[: self.keep]] = True
        self.chosen, self.figures = self.chosen[wanted], self.figures[:, wanted]

    def as_figures(self) -> Figures:
        """Return the columns of what is kept."""
        unserved, extra, separated, people, islands, trips, reserve = self.figures
        return Figures(
            unserved_mw=unserved,
            extra_mw=extra,
            separated_mw=separated,
            separated_people=people,
            n_islands=islands.astype(np.int32),
            n_trips=trips.astype(np.int32),
            least_reserve_mw=reserve,
        )


def chunk_of(case: FlowCase, most_values: int) -> int:
    """How many losses go into one call, so that what is needed of them stays below this."""
    values = (case.n_bus + len(case.from_bus)) // 2 + len(case.unit_bus)
    return max(most_values // max(values, 1), 16)


def write_checkpoint(path: Path, found: Found, fingerprint: str) -> None:
    """Write where the screening is; a crash leaves the file as it was before."""
    found.prune()
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez(
            file,
            fingerprint=np.array(fingerprint),
            counts=np.array(
                [
                    *found.place,
                    found.n_bounded,
                    found.n_run,
                    found.n_shedding,
                    found.n_splitting,
                ],
                np.int64,
            ),
            chosen=found.chosen,
            figures=found.figures,
        )
    os.replace(beside, path)


def read_checkpoint(path: Path, keep: int, fingerprint: str) -> Found:
    """Go on from a file, or start anew where there is none.

    Raises
    ------
    InputError
        The file is of another screening (network, options, kinds of loss), or cannot be read.
    """
    if not path.exists():
        return Found(keep=keep)
    try:
        with np.load(path, allow_pickle=False) as data:
            written = str(data["fingerprint"])
            counts = [int(x) for x in data["counts"]]
            chosen, figures = data["chosen"], data["figures"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f'"{path}" is no checkpoint of a screening; name another file') from error
    if written != fingerprint:
        raise InputError(
            f'"{path}" is of a screening with another network, other options or other losses; '
            "name another file, or remove it"
        )
    return Found(
        keep=keep,
        place=(counts[0], counts[1]),
        n_bounded=counts[2],
        n_run=counts[3],
        n_shedding=counts[4],
        n_splitting=counts[5],
        chosen=chosen,
        figures=figures,
    )
