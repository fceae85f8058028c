"""Which uncertain asset matters most to the answer: the value of an inspection.

Before an inspection the number of people without power has the variance V over the scenarios. An
inspection of asset a finds its state s and leaves the scenarios that have it. What it is expected
to take off the variance is that of the conditional means, the first-order part of the
decomposition of variance (Sobol 1993; in decisions: the expected value of perfect information for
quadratic loss, Raiffa and Schlaifer 1961):

    E_s[V - Var(people | state_a = s)] = Var_s(E[people | state_a = s])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.damage.model import AssetId, AssetKind, Basis, DamageEnsemble
from lightkeeper.units import FloatArray

_CHUNK = 512
_STATES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionValue:
    """What seeing one asset is expected to do to the number of people without power.

    `moves_people` is how far the expected number moves on average (root mean square) once the state
    is known, `explains_pu` the share of the variance that goes, and `spread_people` the standard
    deviation that is expected to be left. `p_hurt` is the chance that it is hurt at all. For the
    operator role only.
    """

    asset: AssetId
    name: str
    kind: AssetKind
    district: int
    p_hurt: float
    moves_people: float
    explains_pu: float
    spread_people: float


def rank_inspections(
    ensemble: DamageEnsemble, people_off: FloatArray, *, at_most: int = 20
) -> tuple[InspectionValue, ...]:
    """Rank the assets that nobody has inspected by what seeing them is worth, the most first.

    Parameters
    ----------
    people_off
        People without power in each scenario, shape (n_scenarios,).

    Notes
    -----
    Means of few scenarios differ by chance. What chance alone would explain is taken off (Kelley's
    epsilon squared), so that an asset that has no bearing comes out at nothing on average.
    """
    assets = ensemble.estimate.assets
    weight = ensemble.weight / ensemble.weight.sum()
    centred = people_off - weight @ people_off
    variance = float(weight @ centred**2)
    open_rows = np.flatnonzero(
        (ensemble.estimate.basis != Basis.INSPECTION)
        & (ensemble.state.max(axis=0) > ensemble.state.min(axis=0))
    )
    if variance <= 0.0 or not open_rows.size:
        return ()
    mass = np.zeros((_STATES, open_rows.size))
    moment = np.zeros((_STATES, open_rows.size))
    for first in range(0, weight.size, _CHUNK):
        part = slice(first, first + _CHUNK)
        state = ensemble.state[part][:, open_rows]
        for k in range(_STATES):
            is_k = state == k
            mass[k] += weight[part] @ is_k
            moment[k] += (weight[part] * centred[part]) @ is_k
    explained = np.divide(moment**2, mass, out=np.zeros_like(mass), where=mass > 0).sum(axis=0)
    freedom = (mass > 0).sum(axis=0) - 1
    left = np.maximum(ensemble.effective_sample_size - freedom - 1, 1.0)
    explained = np.clip(explained - freedom * (variance - explained) / left, 0.0, variance)
    order = np.lexsort((open_rows, -explained))[:at_most]
    return tuple(
        InspectionValue(
            asset=AssetId(str(assets.id[row])),
            name=str(assets.name[row]),
            kind=AssetKind(str(assets.kind[row])),
            district=int(assets.district[row]),
            p_hurt=float(1.0 - mass[0, k]),
            moves_people=float(np.sqrt(explained[k])),
            explains_pu=float(explained[k] / variance),
            spread_people=float(np.sqrt(variance - explained[k])),
        )
        for k in order.tolist()
        if explained[k] > 0
        for row in (open_rows[k],)
    )
