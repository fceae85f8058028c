"""Batches of losses: what is gone in each scenario, and what is impaired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from lightkeeper.errors import InputError
from lightkeeper.flow.model import FlowCase, Scenarios
from lightkeeper.units import FloatArray, IntArray

IndexLists = Sequence[Iterable[int]]


def no_loss(n_scenarios: int = 1) -> Scenarios:
    """Scenarios in which nothing is lost."""
    none = np.zeros(n_scenarios + 1, np.int32)
    empty = np.zeros(0, np.int32)
    return Scenarios(
        n_scenarios=n_scenarios,
        branch_start=none,
        branch_index=empty,
        bus_start=none,
        bus_index=empty,
        unit_start=none,
        unit_index=empty,
    )


def lose(
    case: FlowCase,
    *,
    branches: IndexLists | None = None,
    buses: IndexLists | None = None,
    units: IndexLists | None = None,
    load_factor: FloatArray | None = None,
    rating_factor: FloatArray | None = None,
    unit_factor: FloatArray | None = None,
) -> Scenarios:
    """Scenarios from one list of lost 0-based rows per scenario and kind; no list: none of it.

    A lost bus takes its branches, units and loads with it.

    Raises
    ------
    InputError
        A row that the case does not have, lists of different lengths, a factor of the wrong shape,
        negative or not a number (zero for ratings).

    Examples
    --------
    >>> from lightkeeper.flow import lose, make_case
    >>> case = make_case(
    ...     base_mva=100, n_bus=2, from_bus=[0], to_bus=[1], x_pu=0.1, load_mw=[0, 50],
    ...     unit_bus=[0], unit_scheduled_mw=50, unit_max_mw=80,
    ... )
    >>> lose(case, branches=[[], [0]]).n_scenarios
    2
    """
    given = [x for x in (branches, buses, units) if x is not None]
    factors = [x for x in (load_factor, rating_factor, unit_factor) if x is not None]
    sizes = {len(x) for x in given} | {len(x) for x in factors}
    if len(sizes) > 1:
        raise InputError(
            f"scenarios: lists and factors are for {sorted(sizes)} scenarios; "
            "give one list per scenario and kind"
        )
    n = sizes.pop() if sizes else 1
    nothing: IndexLists = [()] * n
    branch_start, branch_index = _pack(nothing if branches is None else branches)
    bus_start, bus_index = _pack(nothing if buses is None else buses)
    unit_start, unit_index = _pack(nothing if units is None else units)
    scenarios = Scenarios(
        n_scenarios=n,
        branch_start=branch_start,
        branch_index=branch_index,
        bus_start=bus_start,
        bus_index=bus_index,
        unit_start=unit_start,
        unit_index=unit_index,
        load_factor=load_factor,
        rating_factor=rating_factor,
        unit_factor=unit_factor,
    )
    check_scenarios(case, scenarios)
    return scenarios


def lose_each(
    case: FlowCase, *, branches: bool = True, buses: bool = False, units: bool = False
) -> Scenarios:
    """N-1: one scenario for each element in service; branches first, then buses, then units."""
    rows = [
        np.flatnonzero(on) if wanted else np.zeros(0, np.int64)
        for on, wanted in ((case.branch_on, branches), (case.bus_on, buses), (case.unit_on, units))
    ]
    sizes = [len(r) for r in rows]
    lists: list[list[list[int]]] = []
    for kind, chosen in enumerate(rows):
        before, after = sum(sizes[:kind]), sum(sizes[kind + 1 :])
        lists.append([[]] * before + [[int(k)] for k in chosen] + [[]] * after)
    return lose(case, branches=lists[0], buses=lists[1], units=lists[2])


def select(scenarios: Scenarios, start: int, stop: int) -> Scenarios:
    """Scenarios `start` to `stop` (not included) of a batch."""
    stop = min(stop, scenarios.n_scenarios)

    def part(starts: IntArray, index: IntArray) -> tuple[IntArray, IntArray]:
        bounds = starts[start : stop + 1]
        return bounds - bounds[0], index[bounds[0] : bounds[-1]]

    def rows(factor: FloatArray | None) -> FloatArray | None:
        return None if factor is None else factor[start:stop]

    branch_start, branch_index = part(scenarios.branch_start, scenarios.branch_index)
    bus_start, bus_index = part(scenarios.bus_start, scenarios.bus_index)
    unit_start, unit_index = part(scenarios.unit_start, scenarios.unit_index)
    return replace(
        scenarios,
        n_scenarios=stop - start,
        branch_start=branch_start,
        branch_index=branch_index,
        bus_start=bus_start,
        bus_index=bus_index,
        unit_start=unit_start,
        unit_index=unit_index,
        load_factor=rows(scenarios.load_factor),
        rating_factor=rows(scenarios.rating_factor),
        unit_factor=rows(scenarios.unit_factor),
    )


def check_scenarios(case: FlowCase, scenarios: Scenarios) -> None:
    """Raise InputError if the batch does not fit the case; kernels do not check again."""
    n = scenarios.n_scenarios
    for kind, start, index, size in (
        ("branch", scenarios.branch_start, scenarios.branch_index, len(case.from_bus)),
        ("bus", scenarios.bus_start, scenarios.bus_index, case.n_bus),
        ("unit", scenarios.unit_start, scenarios.unit_index, len(case.unit_bus)),
    ):
        if (
            len(start) != n + 1
            or start[0] != 0
            or start[-1] != len(index)
            or np.any(np.diff(start) < 0)
        ):
            raise InputError(f"scenarios: {kind}_start does not describe {n} lists; use `lose`")
        wrong = np.flatnonzero((index < 0) | (index >= size))
        if len(wrong):
            at = int(wrong[0])
            scenario = int(np.searchsorted(start, at, side="right")) - 1
            raise InputError(
                f"scenario {scenario}: the case has no {kind} {int(index[at])}; "
                f"rows go from 0 to {size - 1}"
            )
    for name, factor, size, least in (
        ("load_factor", scenarios.load_factor, case.n_bus, 0.0),
        ("rating_factor", scenarios.rating_factor, len(case.from_bus), np.nextafter(0.0, 1.0)),
        ("unit_factor", scenarios.unit_factor, len(case.unit_bus), 0.0),
    ):
        if factor is None:
            continue
        if factor.shape != (n, size):
            raise InputError(f"{name}: shape is {factor.shape}, it should be {(n, size)}")
        if not np.all(np.isfinite(factor) & (factor >= least)):
            bound = "positive" if least > 0.0 else "zero or more"
            raise InputError(f"{name}: every factor is a finite number, {bound}")


def _pack(lists: IndexLists) -> tuple[IntArray, IntArray]:
    rows = [np.fromiter(x, np.int32) for x in lists]
    start = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(r) for r in rows], out=start[1:])
    index = np.concatenate(rows) if rows else np.zeros(0, np.int32)
    return start, index
