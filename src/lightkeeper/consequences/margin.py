"""How near the damaged network is to splitting: every further single loss, tried."""

from __future__ import annotations

import numpy as np

from lightkeeper.consequences.model import SplitMargin
from lightkeeper.flow.cascade import prepare, run_cascade
from lightkeeper.flow.case import make_case
from lightkeeper.flow.model import CascadeResult, FlowCase, FlowOptions, Scenarios
from lightkeeper.flow.scenarios import lose, lose_each, select
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray, IntArray

CRITICAL_MW = 1.0
"""A single loss that leaves at least this much more unserved is critical."""

_CHUNK = 256


def split_margin(
    region: Region,
    case: FlowCase,
    scenarios: Scenarios,
    chosen: int,
    options: FlowOptions | None = None,
) -> SplitMargin:
    """Take out every branch and unit that is left of one scenario, one at a time.

    The state after the scenario's own cascade is the start: what tripped stays out, what was shed
    stays shed, units stay where they are. A loss after which no branch is overloaded ends there;
    for the others the cascade is followed.

    Parameters
    ----------
    scenarios, chosen
        The batch from `to_scenarios`, and the scenario in it to start from.
    """
    rules = options or FlowOptions()
    settled = settle(case, select(scenarios, chosen, chosen + 1), rules)
    prepared = prepare(settled)
    losses = lose_each(settled, branches=True, units=True)
    before = float(settled.base_served_mw.sum())
    served = np.zeros(losses.n_scenarios)
    headroom = np.full(losses.n_scenarios, np.inf)
    tightest = np.full(losses.n_scenarios, -1, dtype=np.int32)
    still = FlowOptions(
        rule=rules.rule,
        ramp_pu=rules.ramp_pu,
        ramp_min=rules.ramp_min,
        trip_overloads=False,
        n_threads=rules.n_threads,
        keep_flows=True,
    )
    for first in range(0, losses.n_scenarios, _CHUNK):
        part = slice(first, min(first + _CHUNK, losses.n_scenarios))
        result = run_cascade(prepared, select(losses, part.start, part.stop), still)
        served[part] = result.served_mw.sum(axis=1)
        headroom[part], tightest[part] = _least_room(settled, result)
    branches, units = np.flatnonzero(settled.branch_on), np.flatnonzero(settled.unit_on)
    followed = np.flatnonzero(headroom < 0)
    for first in range(0, followed.size, _CHUNK):
        rows = followed[first : first + _CHUNK]
        again = lose(
            settled,
            branches=[[int(branches[r])] if r < branches.size else [] for r in rows],
            units=[[int(units[r - branches.size])] if r >= branches.size else [] for r in rows],
        )
        served[rows] = run_cascade(prepared, again, rules).served_mw.sum(axis=1)
    branch_names, unit_names = _element_names(region)
    lost = np.concatenate([branches, len(branch_names) + units]).astype(np.int32)
    return _describe(
        (*branch_names, *unit_names), lost, np.maximum(before - served, 0.0), headroom, tightest
    )


def settle(case: FlowCase, scenario: Scenarios, options: FlowOptions) -> FlowCase:
    """Turn the end of one scenario's cascade into a case of its own.

    Its demand is what is still served, its schedule what the units give, its branches those that
    neither were lost nor tripped; impaired ratings and capacities stay impaired.
    """
    result = run_cascade(case, scenario, options)
    rating = np.where(np.isfinite(case.limit_mw), case.limit_mw, 0.0)
    if scenario.rating_factor is not None:
        rating = rating * scenario.rating_factor[0]
    unit_max = case.unit_max_mw
    if scenario.unit_factor is not None:
        unit_max = unit_max * scenario.unit_factor[0]
    unit_on = case.unit_on.copy()
    unit_on[scenario.unit_index] = False
    # A unit that gave power before and gives none now has tripped; one that stood by still may.
    unit_on &= ~((case.unit_p_mw != 0) & (result.unit_mw[0] == 0))
    bus_on = case.bus_on.copy()
    bus_on[scenario.bus_index] = False
    return make_case(
        base_mva=case.base_mva,
        n_bus=case.n_bus,
        from_bus=case.from_bus,
        to_bus=case.to_bus,
        x_pu=1.0 / case.susceptance_pu,
        shift_rad=case.shift_rad,
        rating_mw=rating,
        branch_on=case.branch_on & (result.trip_round[0] == 0),
        bus_on=bus_on,
        load_mw=result.served_mw[0] - result.infeed_mw[0],
        unit_bus=case.unit_bus,
        unit_scheduled_mw=result.unit_mw[0],
        unit_min_mw=case.unit_min_mw,
        unit_max_mw=unit_max,
        unit_ramp_pu_per_min=case.unit_ramp_pu_per_min,
        unit_on=unit_on,
    )


def _least_room(case: FlowCase, result: CascadeResult) -> tuple[FloatArray, IntArray]:
    """Least room left on any branch, as a share of its rating, and the branch (-1: none)."""
    assert result.flow_mw is not None
    limited = np.flatnonzero(case.branch_on & np.isfinite(case.limit_mw)).astype(np.int32)
    if limited.size == 0:
        n = result.flow_mw.shape[0]
        return np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    # A flow that is not a number (no unique solution) leaves no room.
    flow = np.nan_to_num(np.abs(result.flow_mw[:, limited]), nan=np.inf)
    room = 1.0 - flow / case.limit_mw[limited]
    tightest = room.argmin(axis=1)
    return room[np.arange(room.shape[0]), tightest], limited[tightest]


def _element_names(region: Region) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the branches and of the units, in the order of `FlowCase`."""
    network = region.network
    return (
        (
            *(f"line {i}" for i in network.lines.id),
            *(f"transformer {i}" for i in network.transformers.id),
            *(f"switch {i}" for i in network.switches.id),
        ),
        (
            *(f"unit {i}" for i in network.generators.id),
            *(f"tie {i}" for i in network.ties.id),
        ),
    )


def _describe(
    names: tuple[str, ...],
    lost: IntArray,
    unserved_mw: FloatArray,
    headroom: FloatArray,
    tightest: IntArray,
) -> SplitMargin:
    n_critical = int((unserved_mw >= CRITICAL_MW).sum())
    worst = int(unserved_mw.argmax()) if lost.size else -1
    tight = int(headroom.argmin()) if lost.size else -1
    worst_mw = float(unserved_mw[worst]) if worst >= 0 else 0.0
    room = float(headroom[tight]) if tight >= 0 else float("inf")
    reason = (
        f"Of {lost.size} single losses that remain, {n_critical} would leave at least "
        f"{CRITICAL_MW:g} MW more without supply, the worst of them {worst_mw:.0f} MW."
    )
    if room < 0:
        reason += f" After the tightest one a branch carries {1 - room:.0%} of its rating."
    elif np.isfinite(room):
        reason += f" After the tightest one every branch keeps {room:.0%} of its rating free."
    return SplitMargin(
        n_single_losses=int(lost.size),
        n_critical=n_critical,
        worst_unserved_mw=worst_mw,
        worst_element=names[lost[worst]] if n_critical else "",
        smallest_headroom_pu=room,
        smallest_headroom_element=(
            f"{names[tightest[tight]]} after the loss of {names[lost[tight]]}"
            if tight >= 0 and tightest[tight] >= 0
            else ""
        ),
        reason=reason,
    )
