"""What is left of an ensemble once the grid has spoken, and what it says of each asset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lightkeeper.damage.assets import asset_rows, local_supply
from lightkeeper.damage.conditional import SHARE_TOLERANCE, UNKNOWN
from lightkeeper.damage.groups import (
    district_of,
    feeder_evidence,
    highest_share,
    observed_groups,
    people_shares,
)
from lightkeeper.damage.model import AssetKind, Basis, DamageEnsemble, DamageEstimate, SupplyState
from lightkeeper.errors import NoScenarioFits
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray

_CHUNK = 256


def reweight(ensemble: DamageEnsemble, region: Region, feeder_off: BoolArray) -> DamageEnsemble:
    """Drop the scenarios in which the grid contradicts an observation.

    The draw looks at local damage only; after the flow, a district reported supplied may have lost
    its feeding grid. Such scenarios get weight 0.

    Parameters
    ----------
    feeder_off
        Feeders without power after the flow, shape (n_scenarios, n_feeders).

    Raises
    ------
    NoScenarioFits
        Every scenario contradicts some observation; names the districts that fit least.
    """
    fits = np.ones(ensemble.weight.size, dtype=np.bool_)
    misses: list[tuple[float, str]] = []
    for group in observed_groups(ensemble.observations, region, []):
        low, high = group.share_off
        people = people_shares(region.feeders.population[group.feeders])
        share = feeder_off[:, group.feeders] @ people
        here = (share >= low - SHARE_TOLERANCE) & (share <= highest_share(people, low, high))
        fits &= here
        misses.append((float(ensemble.weight[here].sum()), group.name))
    row_of = {str(f): row for row, f in enumerate(region.feeders.id)}
    for observation in ensemble.observations:
        if observation.feeder is not None and observation.feeder in row_of:
            row = row_of[observation.feeder]
            here = feeder_off[:, row] == (observation.state is SupplyState.DARK)
            fits &= here
            misses.append((float(ensemble.weight[here].sum()), district_of(region, row)))
    weight = np.where(fits, ensemble.weight, 0.0)
    total = weight.sum()
    if total <= 0:
        least = min(share for share, _ in misses)
        raise NoScenarioFits(sorted({name for share, name in misses if share <= least + 1e-12}))
    if fits.all():
        return ensemble
    weight = weight / total
    lost = int((~fits).sum())
    kept = 1.0 / float((weight**2).sum())
    before = 1.0 / float((ensemble.weight**2).sum())
    return replace(
        ensemble,
        weight=weight,
        effective_sample_size=min(kept, ensemble.effective_sample_size * kept / before),
        notes=(
            *ensemble.notes,
            f"{lost} of {weight.size} scenarios set aside: the grid contradicts an observation",
        ),
    )


def posterior_estimate(ensemble: DamageEnsemble, region: Region) -> DamageEstimate:
    """Probability over states given the observations: the ensemble's weighted frequencies.

    An asset without a basis of its own that bears on an observed district is marked as
    OBSERVED_OUTAGE.
    """
    estimate = ensemble.estimate
    probability = np.zeros((estimate.assets.id.size, 3))
    for first in range(0, ensemble.weight.size, _CHUNK):
        part = slice(first, first + _CHUNK)
        for state in range(3):
            probability[:, state] += ensemble.weight[part] @ (ensemble.state[part] == state)
    probability /= probability.sum(axis=1, keepdims=True)
    local = np.zeros(estimate.assets.id.size, dtype=np.bool_)
    sites = asset_rows(estimate.assets, AssetKind.SUBSTATION)
    feeders = asset_rows(estimate.assets, AssetKind.FEEDER)
    substation = local_supply(region).substation
    rows = [g.feeders for g in observed_groups(ensemble.observations, region, [])]
    known = feeder_evidence(ensemble.observations, region) != UNKNOWN
    for row in np.unique(np.concatenate([*rows, np.flatnonzero(known)])).astype(np.int32):
        local[feeders[row]] = True
        if substation[row] >= 0:
            local[sites[substation[row]]] = True
    basis = np.where(
        local & (estimate.basis == Basis.PRIOR), Basis.OBSERVED_OUTAGE.value, estimate.basis
    )
    return replace(estimate, probability=probability, basis=basis)
