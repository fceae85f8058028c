"""From a network's tables to the arrays of the numerical core."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lightkeeper.errors import NetworkInvalid, Problem
from lightkeeper.flow.balance import ramped_base
from lightkeeper.flow.model import FlowCase
from lightkeeper.grid.columns import UNLIMITED_MW
from lightkeeper.grid.model import GeneratorKind, Lines, Network, Transformers
from lightkeeper.units import BoolArray, FloatArray, IntArray

# A closed switch: about a milliohm at 330 kV and 100 MVA, as a busbar coupler has. Small beside
# any line, large enough that double precision keeps Kirchhoff's law to 1e-9 p.u.
SWITCH_X_PU = 1e-6


def make_case(
    *,
    base_mva: float,
    n_bus: int,
    from_bus: ArrayLike,
    to_bus: ArrayLike,
    x_pu: ArrayLike,
    load_mw: ArrayLike,
    unit_bus: ArrayLike,
    unit_scheduled_mw: ArrayLike,
    unit_max_mw: ArrayLike,
    unit_min_mw: ArrayLike = 0.0,
    unit_ramp_pu_per_min: ArrayLike = np.inf,
    rating_mw: ArrayLike = 0.0,
    tap_ratio: ArrayLike = 1.0,
    shift_rad: ArrayLike = 0.0,
    branch_on: ArrayLike = True,
    bus_on: ArrayLike = True,
    unit_on: ArrayLike = True,
) -> FlowCase:
    """Make a case from plain arrays, check it, and calculate its base state.

    Scalars stand for every row. `load_mw` (n_bus,) is PD + GS; its negative part becomes fixed
    infeed. A rating of 0 is unlimited, a tap of 0 means 1. A minimum above the maximum is lowered
    to it; infinite limits of units count as `UNLIMITED_MW`. A branch or unit at a bus out of
    service is out of service.

    Raises
    ------
    NetworkInvalid
        No bus; an end or unit at a bus that is not there; a branch in service whose reactance is
        zero, NaN or infinite, or whose ends are one bus; a negative or NaN rating; a load, limit
        or schedule that is not a number. All problems are listed.
    """
    f, t = _rows(from_bus), _rows(to_bus)
    at = _rows(unit_bus)
    x = _column(x_pu, len(f))
    tap = _column(tap_ratio, len(f))
    x = x * np.where(tap == 0.0, 1.0, tap)
    shift, rating = _column(shift_rad, len(f)), _column(rating_mw, len(f))
    load = _column(load_mw, n_bus)
    p, p_min = _column(unit_scheduled_mw, len(at)), _column(unit_min_mw, len(at))
    p_max, ramp = _column(unit_max_mw, len(at)), _column(unit_ramp_pu_per_min, len(at))
    on_bus, on_branch, on_unit = (
        _flags(bus_on, n_bus),
        _flags(branch_on, len(f)),
        _flags(unit_on, len(at)),
    )

    problems: list[Problem] = []

    def check(fault: BoolArray, table: str, what: str, mend: str) -> None:
        problems.extend(
            Problem(where=f"{table} {k} (0-based)", what=what, mend=mend)
            for k in np.flatnonzero(fault)
        )

    if n_bus < 1:
        problems.append(Problem("buses", "there is no bus", "give at least one"))
    lost_end = (f < 0) | (f >= n_bus) | (t < 0) | (t >= n_bus)
    lost_unit = (at < 0) | (at >= n_bus)
    check(lost_end, "branch", "an end is at a bus that is not there", "give an existing bus")
    check(lost_unit, "unit", "its bus is not there", "give an existing bus")
    if problems:
        raise NetworkInvalid("flow case", problems)
    on_branch &= on_bus[f] & on_bus[t]
    on_unit &= on_bus[at]
    check(
        on_branch & (~np.isfinite(x) | (x == 0.0)),
        "branch",
        "its reactance times tap is zero or not a number",
        "give x_pu, or make the two buses one with a closed switch",
    )
    check(on_branch & (f == t), "branch", "both ends are at one bus", "take it out of service")
    check(on_branch & ~np.isfinite(shift), "branch", "its shift is not a number", "give shift_deg")
    check(~(rating >= 0.0), "branch", "its rating is negative or not a number", "0 is unlimited")
    check(on_bus & ~np.isfinite(load), "bus", "its load is not a number", "give p_mw of its loads")
    check(
        on_unit & (~np.isfinite(p) | np.isnan(p_min) | np.isnan(p_max)),
        "unit",
        "its schedule or a limit is not a number",
        "give p_mw, p_min_mw and p_max_mw",
    )
    check(on_unit & ~(ramp >= 0.0), "unit", "its ramp is negative or not a number", "give a ramp")
    if problems:
        raise NetworkInvalid("flow case", problems)

    p, p_min, p_max, ramp = (np.where(on_unit, v, 0.0) for v in (p, p_min, p_max, ramp))
    p_max = np.clip(p_max, -UNLIMITED_MW, UNLIMITED_MW)
    p_min = np.clip(p_min, -UNLIMITED_MW, p_max)
    load = np.where(on_bus, load, 0.0)
    demand, infeed = np.maximum(load, 0.0), np.maximum(-load, 0.0)
    base = ramped_base(
        from_bus=f,
        to_bus=t,
        branch_on=on_branch,
        bus_on=on_bus,
        load_mw=demand,
        infeed_mw=infeed,
        unit_bus=at,
        unit_scheduled_mw=p,
        unit_min_mw=p_min,
        unit_max_mw=p_max,
        unit_on=on_unit,
    )
    return FlowCase(
        base_mva=float(base_mva),
        n_bus=n_bus,
        from_bus=f,
        to_bus=t,
        susceptance_pu=1.0 / np.where(on_branch, x, 1.0),
        shift_rad=np.where(on_branch, shift, 0.0),
        limit_mw=np.where(rating == 0.0, np.inf, rating),
        branch_on=on_branch,
        bus_on=on_bus,
        load_mw=demand,
        infeed_mw=infeed,
        unit_bus=at,
        unit_scheduled_mw=p,
        unit_p_mw=base.unit_mw,
        unit_min_mw=p_min,
        unit_max_mw=p_max,
        unit_ramp_pu_per_min=ramp,
        unit_on=on_unit,
        base_served_mw=base.served_mw,
        base_infeed_mw=base.infeed_mw,
        base_unit_on=base.unit_on,
    )


def build_case(
    network: Network,
    *,
    use_taps: bool = True,
    use_shifts: bool = True,
    use_short_ratings: bool = False,
) -> FlowCase:
    """Turn a network into the arrays of the numerical core and balance its schedule.

    Branches are lines, transformers, then switches: a closed switch joins its buses through
    `SWITCH_X_PU`, so that losing one of the two buses leaves the other. Units are generators, then
    ties. Nuclear units are inflexible (ramp 0), ties may move to their limits at once; both hold
    when `FlowOptions.ramp_pu` is None, since a number there is for all. `use_taps` False takes
    b = 1/x, `use_shifts` False takes no phase shifts. `use_short_ratings` takes the short-time
    rating as the limit where there is one, as relays do.

    Raises
    ------
    NetworkInvalid
        See `make_case`.
    """
    lines, trafos, switches = network.lines, network.transformers, network.switches
    generators, ties = network.generators, network.ties
    n_bus = len(network.buses.id)
    n_lines, n_trafos, n_switches = len(lines.id), len(trafos.id), len(switches.id)
    n_ties = len(ties.id)
    load = np.zeros(n_bus)
    for bus, drawn, on in (
        (network.loads.bus, network.loads.p_mw, network.loads.in_service),
        (network.shunts.bus, network.shunts.g_mw, network.shunts.in_service),
    ):
        np.add.at(load, bus[on], drawn[on])
    tap = trafos.tap_ratio if use_taps else np.ones(n_trafos)
    shift = np.deg2rad(trafos.shift_deg) if use_shifts else np.zeros(n_trafos)

    def rating(branches: Lines | Transformers) -> FloatArray:
        short = use_short_ratings & (branches.rating_short_mva > 0.0)
        return np.where(short, branches.rating_short_mva, branches.rating_mva)

    ramp = np.where(generators.kind == GeneratorKind.NUCLEAR.value, 0.0, generators.ramp_pu_per_min)
    return make_case(
        base_mva=network.base_mva,
        n_bus=n_bus,
        from_bus=np.concatenate([lines.from_bus, trafos.from_bus, switches.from_bus]),
        to_bus=np.concatenate([lines.to_bus, trafos.to_bus, switches.to_bus]),
        x_pu=np.concatenate([lines.x_pu, trafos.x_pu, np.full(n_switches, SWITCH_X_PU)]),
        tap_ratio=np.concatenate([np.ones(n_lines), tap, np.ones(n_switches)]),
        shift_rad=np.concatenate([np.zeros(n_lines), shift, np.zeros(n_switches)]),
        rating_mw=np.concatenate([rating(lines), rating(trafos), np.zeros(n_switches)]),
        branch_on=np.concatenate([lines.in_service, trafos.in_service, switches.is_closed]),
        bus_on=network.buses.in_service,
        load_mw=load,
        unit_bus=np.concatenate([generators.bus, ties.bus]),
        unit_scheduled_mw=np.concatenate([generators.p_mw, ties.p_mw]),
        unit_min_mw=np.concatenate([generators.p_min_mw, -ties.export_limit_mw]),
        unit_max_mw=np.concatenate([generators.p_max_mw, ties.import_limit_mw]),
        unit_ramp_pu_per_min=np.concatenate([ramp, np.full(n_ties, np.inf)]),
        unit_on=np.concatenate([generators.in_service, ties.in_service]),
    )


def _column(values: ArrayLike, n: int) -> FloatArray:
    return np.broadcast_to(np.asarray(values, np.float64), (n,)).copy()


def _flags(values: ArrayLike, n: int) -> BoolArray:
    return np.broadcast_to(np.asarray(values, np.bool_), (n,)).copy()


def _rows(values: ArrayLike) -> IntArray:
    return np.atleast_1d(np.array(values, np.int32))
