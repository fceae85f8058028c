"""The low-rank engine: what a few losses change, as a small correction of the intact network.

Where nothing trips, most of what a scenario asks is the same for all: the network before any loss,
solved once. k lost branches change its matrix by rank k, so that a k by k system and one backward
step give the angles (Woodbury; for networks: Alsac, Stott, Tinney, IEEE Trans. Power Appar. Syst.
102, 1983). A branch whose loss cuts something off stays in the matrix: with each side balanced by
itself it carries nothing, and the matrix stays regular. The injections are five fixed vectors with
a factor each, and a few exceptions where something was cut off or lost.
"""

from __future__ import annotations

import numpy as np

from lightkeeper.flow.arrays import Factor, Grid, Out, Rules, State
from lightkeeper.flow.islands import label_islands
from lightkeeper.flow.kernels import MAX_REFINEMENTS, REFINE_ABOVE, TRIP_MARGIN
from lightkeeper.flow.low_rank_work import N_WAYS, Plan, depths, solve_ways
from lightkeeper.units import FloatArray

# Kirchhoff mismatch [p.u., of the largest injection] of the network before any loss above which
# its factor is no base for corrections.
MISMATCH_ABOVE = 1e-9
# The flow on a branch of more susceptance than this [p.u.], a closed switch, is known to fewer
# digits than Kirchhoff's law is checked to.
STIFF_ABOVE_PU = 1e4
# A loss that leaves less than this part of a branch's susceptance between its ends cuts something
# off, or all but does; where some reactance is negative, digits are lost sooner.
CUT_BELOW = 1e-6
CUT_BELOW_NEGATIVE = 1e-3
# There a correction above this [of the largest injection] is not taken either.
MOST_NEGATIVE = 30.0


def make_plan(grid: Grid, factor: Factor, start: State, rules: Rules, intact: Out) -> Plan | None:
    """Solve the network before any loss for what its injections are made of.

    `intact` is the result of an empty scenario. None where this engine has nothing to stand on: the
    largest island is dead, or reactances all but cancel.
    """
    n_bus = len(grid.place)
    order = np.empty(n_bus, np.int32)
    order[grid.place] = np.arange(n_bus, dtype=np.int32)
    label = label_islands(grid.from_bus, grid.to_bus, grid.branch_on, grid.bus_on)
    part = intact.island[0]
    is_dead = part[order] < 0
    size = np.bincount(label[label >= 0], minlength=1)
    main = int(size.argmax())
    in_main = label == main
    if not intact.converged[0] or not in_main.any() or is_dead[in_main].any():
        return None

    # By the case's buses and units, in the main island and elsewhere.
    bus_in, unit_in = in_main[grid.place], in_main[grid.unit_bus]
    served, infeed = np.where(bus_in, start.served, 0.0), np.where(bus_in, start.infeed, 0.0)
    unit = np.where(unit_in & start.unit_on, start.p, 0.0)
    runs = unit_in & start.unit_on
    reach = np.where(start.p_max > 0.0, grid.ramp_pu, 0.0)
    reach = np.where(reach > 0.0, reach * start.p_max, 0.0)
    up = np.where(runs, np.minimum(start.p_max - start.p, reach), 0.0)
    down = np.where(runs, np.minimum(start.p - start.p_min, reach), 0.0)
    if rules.proportional:
        up, down = np.zeros_like(up), np.zeros_like(down)
    served_rest = np.where(bus_in, 0.0, intact.served_mw[0])
    infeed_rest = np.where(bus_in, 0.0, intact.infeed_mw[0])
    unit_rest = np.where(unit_in, 0.0, intact.unit_mw[0])

    def at_bus(values: FloatArray) -> FloatArray:
        return np.bincount(grid.unit_bus, values, n_bus).astype(np.float64, copy=False)

    bus = np.stack([served[order], infeed[order], at_bus(unit), at_bus(up), at_bus(down)], axis=1)
    rest = at_bus(unit_rest) + (infeed_rest - served_rest)[order]
    supply = bus[:, 2] + bus[:, 1]
    way = np.stack([rest + supply - bus[:, 0], supply, -bus[:, 0], bus[:, 3], -bus[:, 4]])
    way /= grid.base_mva
    stiff = grid.branch_on & (np.abs(grid.b_pu) > STIFF_ABOVE_PU)
    joined = label_islands(grid.from_bus, grid.to_bus, stiff, np.ones(n_bus, np.bool_))
    weight = np.random.default_rng(0).uniform(-1.0, 1.0, n_bus)[joined]
    b_mw = np.where(grid.branch_on & ~is_dead[grid.from_bus], grid.b_pu, 0.0) * grid.base_mva
    b_pu = b_mw / grid.base_mva
    angle, along = _solve(grid, factor, way, b_pu)
    if angle is None:
        return None
    low, high = np.minimum(grid.from_bus, grid.to_bus), np.maximum(grid.from_bus, grid.to_bus)
    unit_at = np.argsort(grid.unit_bus, kind="stable").astype(np.int32)
    n_at = np.bincount(grid.unit_bus, minlength=n_bus)
    able = at_bus((runs & (start.p_max > 0.0)).astype(np.float64))
    depth = depths(grid.parent)
    scale = max(1.0, float(np.abs(way[0]).max()))
    is_positive = bool(np.all(grid.b_pu[grid.branch_on] > 0.0))
    return Plan(
        main=main,
        n_live=int(intact.n_islands[0]),
        height=int(depth.max()) + 1,
        cut_below=CUT_BELOW if is_positive else CUT_BELOW_NEGATIVE,
        scale=scale,
        most_pu=np.inf if is_positive else MOST_NEGATIVE * scale,
        may_trip=rules.trip_overloads and bool(np.isfinite(grid.limit_mw).any()),
        may_shift=len(grid.shifters) > 0,
        label=label,
        depth=depth,
        order=order,
        along=along,
        drop=np.ascontiguousarray((angle[:, low] - angle[:, high]).T).reshape(-1),
        weight=weight,
        weight_of=way @ weight,
        b_mw=b_mw,
        shift_rad=grid.shift_rad,
        weight_drop=weight[grid.from_bus] - weight[grid.to_bus],
        bus=bus.reshape(-1),
        bus_able=able.astype(np.int32),
        total=bus.sum(axis=0),
        total_able=int(able.sum()),
        unit_at_start=np.concatenate([[0], np.cumsum(n_at)]).astype(np.int32),
        unit_at=unit_at,
        served=served,
        infeed=infeed,
        unit=unit,
        unit_up=up,
        unit_down=down,
        served_rest=served_rest,
        infeed_rest=infeed_rest,
        unit_rest=unit_rest,
        part=part.copy(),
        served_rest_total=float(served_rest.sum()),
        demand_total=float(grid.demand_mw.sum()),
    )


def trip_limit_mw(grid: Grid) -> FloatArray:
    """What a branch trips above, (n_branch,)."""
    return grid.limit_mw * TRIP_MARGIN


def _solve(
    grid: Grid, factor: Factor, way: FloatArray, b_pu: FloatArray
) -> tuple[FloatArray | None, FloatArray]:
    """Angles of each part of the injections, and D^-1 L^-1 of them; no angles without a solution.

    Refined like any other solution, see `kernels.solve_flow`.
    """
    right, angle = way.copy(), np.zeros_like(way)
    np.add.at(right[0], grid.from_bus, b_pu * grid.shift_rad)
    np.subtract.at(right[0], grid.to_bus, b_pu * grid.shift_rad)
    along, part = np.zeros(way.size), np.empty(way.size)
    # What a part by itself does not balance flows to the reference.
    scale = np.maximum(1.0, np.maximum(np.abs(way).max(axis=1), np.abs(way.sum(axis=1))))
    before = np.inf
    for _ in range(MAX_REFINEMENTS):
        solve_ways(grid, factor, right, part)
        angle += right
        along += part
        flow = b_pu * (angle[:, grid.from_bus] - angle[:, grid.to_bus])
        flow[0] -= b_pu * grid.shift_rad
        right = way.copy()
        for i in range(N_WAYS):
            np.subtract.at(right[i], grid.from_bus, flow[i])
            np.add.at(right[i], grid.to_bus, flow[i])
        right[:, factor.inv_d == 0.0] = 0.0
        worst = float((np.abs(right).max(axis=1) / scale).max())
        if worst <= REFINE_ABOVE or not worst < 0.5 * before:
            break
        before = worst
    return (angle if worst <= MISMATCH_ABOVE else None), along
