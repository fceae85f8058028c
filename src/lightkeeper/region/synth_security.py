"""N-1 security: add circuits and lines, never ratings, until no single loss overloads anything.

The losses are every circuit, every transformer, and every unit and tie in use, the others taking
over within their reserves. Linear (DC) flows; the formulas of distribution factors for whole sets
of outages at once are in docs/method/synthetic-region.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from lightkeeper.errors import ModelError
from lightkeeper.region.synth_draft import BASE_MVA, Corridors, Units
from lightkeeper.region.synth_standards import (
    CONDUCTORS,
    TRANSFORMER_TYPES,
    conductors_of,
    transformers_of,
)
from lightkeeper.units import BoolArray, FloatArray, IntArray

RESPONSE_PU = 0.1
"""A unit moves by this share of its capacity at most to make up for the loss of another."""

SECURITY_MARGIN_PU = 0.97
"""Loading allowed after a loss. The rest is for another rule of sharing out the lost power."""

MOST_CIRCUITS = 3
MOST_TRANSFORMERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReport:
    """What single losses do at base load. Loadings are flow over rating of one circuit.

    `base_pu` (n_corridors,) before any loss; `worst_pu` (n_corridors,) the highest after any,
    `worst_by_unit_pu` after any unit's; `separating` marks single circuits whose loss separates
    the network.
    """

    base_pu: FloatArray
    worst_pu: FloatArray
    worst_by_unit_pu: FloatArray
    separating: BoolArray
    unmet_reserve_mw: float

    @property
    def is_secure(self) -> bool:
        """True when no single loss overloads, separates or leaves power missing."""
        return (
            not self.separating.any()
            and self.unmet_reserve_mw <= 1e-6
            and float(self.worst_pu.max(initial=0.0)) <= 1.0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flows:
    """Linear flows of a draft network: all per circuit, in MW."""

    reach: FloatArray  # (n_bus, n_bus) inverse of the reduced susceptance matrix, zeros at bus 0
    per_circuit: FloatArray  # (n_corridors,)
    angle: FloatArray  # (n_bus,)
    b_mw: FloatArray  # (n_corridors,) susceptance of one circuit times base


def response_to_loss(units: Units) -> tuple[FloatArray, FloatArray]:
    """Change of every unit's output when each unit in turn is lost, shape (n_units, n_units).

    Row u is the loss of unit u: the others move in proportion to their reserve, at most
    `RESPONSE_PU` of their capacity. The second result is the power that stays missing, (n_units,).
    """
    able = units.ramp_pu_per_min > 0
    size = np.maximum(units.p_max_mw, -units.p_min_mw)
    up = np.where(able, np.minimum(units.p_max_mw - units.p_mw, RESPONSE_PU * size), 0.0)
    down = np.where(able, np.minimum(units.p_mw - units.p_min_mw, RESPONSE_PU * size), 0.0)
    lost = units.p_mw
    room = np.where((lost > 0)[:, None], up[None, :], down[None, :]) * (1.0 - np.eye(len(lost)))
    total = room.sum(axis=1)
    share = np.minimum(1.0, np.abs(lost) / np.maximum(total, 1e-12))
    change = np.sign(lost)[:, None] * share[:, None] * room
    change[np.diag_indices(len(lost))] = -lost
    return change, np.abs(lost) - share * total


def check(corridors: Corridors, units: Units, load_mw: FloatArray) -> SecurityReport:
    """Say how every corridor is loaded before and after every single loss.

    Parameters
    ----------
    load_mw
        Demand by bus, shape (n_bus,); units and load must balance.
    """
    return _check(corridors, units, _solve(corridors, units, load_mw), len(load_mw))


def _check(corridors: Corridors, units: Units, flows: _Flows, n_bus: int) -> SecurityReport:
    rating = corridors.rating_mva()
    by_branch, separating = _worst_after_branches(corridors, flows)
    by_unit = _worst_after_units(corridors, flows, units, n_bus)
    _, unmet = response_to_loss(units)
    base = np.abs(flows.per_circuit) / rating
    return SecurityReport(
        base_pu=base,
        worst_pu=np.maximum(base, np.maximum(by_branch, by_unit) / rating),
        worst_by_unit_pu=by_unit / rating,
        separating=separating,
        unmet_reserve_mw=float(unmet.max(initial=0.0)),
    )


def secure(
    corridors: Corridors,
    candidates: Corridors,
    units: Units,
    load_mw: FloatArray,
    *,
    max_rounds: int = 80,
    progress: Callable[[float], None] = lambda share: None,
) -> Corridors:
    """Reinforce until `check` holds with `SECURITY_MARGIN_PU`.

    Each round takes the worst corridors that do not touch each other: a heavier conductor of the
    same voltage, then another circuit, then, when the corridor is full, a new line among
    `candidates` (one circuit each, unused pairs) that takes the most flow off it per kilometre.

    Raises
    ------
    ModelError
        The loss of a unit cannot be made up for, or still insecure after `max_rounds`.
    """
    missing = float(response_to_loss(units)[1].max(initial=0.0))
    if missing > 1e-6:
        raise ModelError(
            f"the reserves miss {missing:.1f} MW after the loss of the largest unit; "
            "choose a larger region, or more import"
        )
    worst = float("inf")
    for n_round in range(max_rounds):
        flows = _solve(corridors, units, load_mw)
        report = _check(corridors, units, flows, len(load_mw))
        worst = float(report.worst_pu.max(initial=0.0))
        if not report.separating.any() and worst <= SECURITY_MARGIN_PU:
            return corridors
        progress(n_round / max_rounds)
        corridors, candidates = _reinforce(corridors, candidates, flows, report)
    raise ModelError(
        f"the network is not N-1 secure after {max_rounds} rounds (worst loading {worst:.2f}); "
        "ask for more buses or less demand"
    )


def _solve(corridors: Corridors, units: Units, load_mw: FloatArray) -> _Flows:
    n_bus = len(load_mw)
    a, b = corridors.from_bus, corridors.to_bus
    b_mw = BASE_MVA / corridors.x_pu()
    total = b_mw * corridors.n_circuits
    matrix = np.zeros((n_bus, n_bus))
    np.add.at(matrix, (a, a), total)
    np.add.at(matrix, (b, b), total)
    np.add.at(matrix, (a, b), -total)
    np.add.at(matrix, (b, a), -total)
    reach = np.zeros((n_bus, n_bus))
    reach[1:, 1:] = _inverse(matrix[1:, 1:])
    injection = np.bincount(units.bus, weights=units.p_mw, minlength=n_bus) - load_mw
    angle = reach @ injection
    return _Flows(reach=reach, per_circuit=b_mw * (angle[a] - angle[b]), angle=angle, b_mw=b_mw)


def _inverse(matrix: FloatArray) -> FloatArray:
    """Inverse of a symmetric positive definite matrix, by Cholesky's factor."""
    factor, failed = dpotrf(matrix, lower=1)
    lower, failed_too = dpotri(factor, lower=1)
    if failed or failed_too:
        raise ModelError("the synthetic network is not in one piece")
    half = np.tril(lower, -1)
    return np.asarray(half + half.T + np.diag(np.diag(lower)), dtype=np.float64)


def _transfer(flows: _Flows, corridors: Corridors, c: IntArray, d: IntArray) -> FloatArray:
    """Flow per circuit of each corridor per MW from buses c to d, (n_corridors, n_pairs)."""
    potential = flows.reach[:, c] - flows.reach[:, d]
    return np.asarray(
        flows.b_mw[:, None] * (potential[corridors.from_bus] - potential[corridors.to_bus]),
        dtype=np.float64,
    )


def _worst_after_branches(corridors: Corridors, flows: _Flows) -> tuple[FloatArray, BoolArray]:
    """Highest flow per circuit after the loss of any one circuit, and the separating corridors."""
    n = len(corridors.from_bus)
    worst = np.zeros(n)
    separating = np.zeros(n, dtype=np.bool_)
    for start in range(0, n, 512):  # blocks keep the matrices in cache and memory small
        lost = np.arange(start, min(start + 512, n))
        factor = _transfer(flows, corridors, corridors.from_bus[lost], corridors.to_bus[lost])
        own = factor[lost, np.arange(len(lost))]
        bad = 1.0 - own < 1e-7
        separating[lost] = bad
        change = factor * (flows.per_circuit[lost] / np.where(bad, 1.0, 1.0 - own))
        after = np.abs(flows.per_circuit[:, None] + change)
        # What is left of the corridor itself: nothing of a single circuit.
        twin = np.abs(flows.per_circuit[lost]) / np.where(bad, 1.0, 1.0 - own)
        after[lost, np.arange(len(lost))] = np.where(corridors.n_circuits[lost] > 1, twin, 0.0)
        after[:, bad] = 0.0
        worst = np.maximum(worst, after.max(axis=1))
    return worst, separating


def _worst_after_units(corridors: Corridors, flows: _Flows, units: Units, n_bus: int) -> FloatArray:
    """Highest flow per circuit after the loss of any one unit or tie."""
    change, _ = response_to_loss(units)
    at_bus = np.zeros((n_bus, len(units.bus)))
    np.add.at(at_bus, units.bus, change.T)
    angle = flows.reach @ at_bus
    moved = flows.b_mw[:, None] * (angle[corridors.from_bus] - angle[corridors.to_bus])
    return np.asarray(np.abs(flows.per_circuit[:, None] + moved).max(axis=1), dtype=np.float64)


def _reinforce(
    corridors: Corridors,
    candidates: Corridors,
    flows: _Flows,
    report: SecurityReport,
) -> tuple[Corridors, Corridors]:
    kind, n_circuits = corridors.kind.copy(), corridors.n_circuits.copy()
    n_circuits[report.separating] += 1
    touched = np.zeros(len(flows.angle), dtype=np.bool_)
    new: list[int] = []
    over = np.flatnonzero(report.worst_pu > SECURITY_MARGIN_PU)
    for row in over[np.argsort(-report.worst_pu[over], kind="stable")]:
        ends = (int(corridors.from_bus[row]), int(corridors.to_bus[row]))
        if touched[list(ends)].any():
            continue
        touched[list(ends)] = True
        heavier = _heavier(bool(corridors.is_line[row]), int(kind[row]), report.worst_pu[row])
        if heavier is not None:
            kind[row] = heavier
        elif not corridors.is_line[row]:
            if n_circuits[row] >= MOST_TRANSFORMERS:
                raise ModelError(
                    f"a substation needs more than {MOST_TRANSFORMERS} transformers; "
                    "ask for more buses, so that there are more of them"
                )
            n_circuits[row] += 1
        elif n_circuits[row] < MOST_CIRCUITS:
            n_circuits[row] += 1
        else:
            best = _best_relief(corridors, candidates, flows, int(row), new)
            if best is None:
                n_circuits[row] += 1
            else:
                new.append(best)
                touched[[candidates.from_bus[best], candidates.to_bus[best]]] = True
    corridors = replace(corridors, kind=kind, n_circuits=n_circuits)
    if new:
        corridors = _join(corridors, _take(candidates, np.array(new, dtype=np.int32)))
        keep = np.ones(len(candidates.from_bus), dtype=np.bool_)
        keep[new] = False
        candidates = _take(candidates, np.flatnonzero(keep).astype(np.int32))
    return corridors, candidates


def _heavier(is_line: bool, kind: int, loading: float) -> int | None:
    """The next class of the same voltage that could carry it, the last one, or None if at it."""
    if is_line:
        own = CONDUCTORS[kind]
        ladder = [k for k in conductors_of(own.voltage_kv) if k > kind]
        enough = [k for k in ladder if CONDUCTORS[k].rating_mva >= loading * own.rating_mva]
    else:
        unit = TRANSFORMER_TYPES[kind]
        ladder = [k for k in transformers_of(unit.high_kv, unit.low_kv) if k > kind]
        enough = [k for k in ladder if TRANSFORMER_TYPES[k].rating_mva >= loading * unit.rating_mva]
    if not ladder:
        return None
    return enough[0] if enough else ladder[-1]


def _best_relief(
    corridors: Corridors, candidates: Corridors, flows: _Flows, row: int, taken: list[int]
) -> int | None:
    """The unused line that takes the most flow off corridor `row` per kilometre; None if none.

    A line added between i and j with reactance x takes f = (angle_i - angle_j) / (x + X_ij) where
    X_ij is the reactance seen between its ends, and moves the flow of `row` by its transfer factor.
    """
    i, j = candidates.from_bus, candidates.to_bus
    if not len(i):
        return None
    seen = flows.reach[i, i] + flows.reach[j, j] - 2 * flows.reach[i, j]
    x = candidates.x_pu() / BASE_MVA
    carried = (flows.angle[i] - flows.angle[j]) / (x + seen)
    a, b = int(corridors.from_bus[row]), int(corridors.to_bus[row])
    factor = flows.b_mw[row] * (
        (flows.reach[a, i] - flows.reach[a, j]) - (flows.reach[b, i] - flows.reach[b, j])
    )
    relief = np.sign(flows.per_circuit[row]) * factor * carried
    relief = np.where(np.isin(np.arange(len(i)), taken), 0.0, relief)
    useful = relief > 0.05 * abs(flows.per_circuit[row])
    if not useful.any():
        return None
    worth = np.where(useful, relief / np.maximum(candidates.length_km, 1.0), 0.0)
    return int(np.argmax(worth))


def _take(corridors: Corridors, rows: IntArray) -> Corridors:
    return Corridors(
        from_bus=corridors.from_bus[rows],
        to_bus=corridors.to_bus[rows],
        is_line=corridors.is_line[rows],
        kind=corridors.kind[rows],
        n_circuits=corridors.n_circuits[rows],
        length_km=corridors.length_km[rows],
    )


def _join(first: Corridors, second: Corridors) -> Corridors:
    return Corridors(
        from_bus=np.concatenate((first.from_bus, second.from_bus)),
        to_bus=np.concatenate((first.to_bus, second.to_bus)),
        is_line=np.concatenate((first.is_line, second.is_line)),
        kind=np.concatenate((first.kind, second.kind)),
        n_circuits=np.concatenate((first.n_circuits, second.n_circuits)),
        length_km=np.concatenate((first.length_km, second.length_km)),
    )
