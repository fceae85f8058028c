"""Draw damage scenarios that agree with what is observed.

What darkens a district is mostly its own substations and feeders, so the draw factorises: each
observed district is drawn exactly given its share of people off (`conditional`), everything else
freely from the estimate. Districts that share a substation are drawn together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightkeeper.damage.assets import asset_rows, heat_source_plants, local_supply
from lightkeeper.damage.conditional import (
    OFF,
    ON,
    SHARE_TOLERANCE,
    UNKNOWN,
    UNSET,
    Drawn,
    Group,
    LocalModel,
    complete_group,
    is_off,
    least_share_above,
    weigh_group,
)
from lightkeeper.damage.model import (
    AssetKind,
    Basis,
    DamageEnsemble,
    DamageEstimate,
    Observation,
    SupplyState,
)
from lightkeeper.damage.observe import narrow
from lightkeeper.errors import NoScenarioFits
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

_MIN_PARTICLES = 200
"""Resampling needs some scenarios to choose from, however few are asked for."""

_CHUNK = 512
"""Scenarios whose free assets are drawn at once; bounds the memory of the random numbers."""

_EARLY = datetime.min.replace(tzinfo=UTC)


def draw_scenarios(
    estimate: DamageEstimate,
    observations: Sequence[Observation],
    region: Region,
    n: int,
    seed: int,
) -> DamageEnsemble:
    """Draw `n` damage scenarios, each in agreement with every observation.

    Deterministic for a seed. Weights are equal; where districts share substations and had to be
    resampled, `effective_sample_size` and a note say what that cost.

    Raises
    ------
    ValueError
        `n` is less than 1.
    NoScenarioFits
        Inspections, feeder lists and district reports exclude one another; names the districts.
    """
    if n < 1:
        raise ValueError(f"n is {n}; ask for at least one scenario")
    rng = np.random.default_rng(seed)
    merged = merge_observations(observations)
    notes: list[str] = []
    model = _local_model(estimate, region, merged)
    observed = _observed_groups(merged, region, notes)
    n_drawn = max(n, _MIN_PARTICLES)
    drawn = Drawn(
        substation=np.full((n_drawn, region.network.substations.id.size), UNSET, dtype=np.uint8),
        feeder=np.full((n_drawn, region.feeders.id.size), UNSET, dtype=np.uint8),
    )
    worst = 1.0
    for component in _components(model, region, observed):
        worst = min(worst, _draw_component(model, component, drawn, rng, notes))
    state = _draw_free(estimate, region, model, drawn, rng)[:n]
    if worst < 0.999:
        notes.append(
            f"districts that share substations were resampled; {worst:.0%} of the scenarios are "
            "effective in the worst group"
        )
    return DamageEnsemble(
        estimate=estimate,
        state=state,
        weight=np.full(n, 1.0 / n),
        effective_sample_size=n * worst,
        seed=seed,
        observations=merged,
        notes=tuple(notes),
    )


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
    for group in _observed_groups(ensemble.observations, region, []):
        low, high = group.share_off
        people = _people(region.feeders.population[group.feeders])
        share = feeder_off[:, group.feeders] @ people
        here = (share >= low - SHARE_TOLERANCE) & (share <= _reachable(people, low, high))
        fits &= here
        misses.append((float(ensemble.weight[here].sum()), group.name))
    row_of = {str(f): row for row, f in enumerate(region.feeders.id)}
    for observation in ensemble.observations:
        if observation.feeder is not None and observation.feeder in row_of:
            row = row_of[observation.feeder]
            here = feeder_off[:, row] == (observation.state is SupplyState.DARK)
            fits &= here
            misses.append((float(ensemble.weight[here].sum()), _district_of(region, row)))
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
    probability = np.column_stack(
        [ensemble.weight @ (ensemble.state == state) for state in range(3)]
    )
    probability /= probability.sum(axis=1, keepdims=True)
    local = np.zeros(estimate.assets.id.size, dtype=np.bool_)
    sites = asset_rows(estimate.assets, AssetKind.SUBSTATION)
    feeders = asset_rows(estimate.assets, AssetKind.FEEDER)
    substation = local_supply(region).substation
    rows = [g.feeders for g in _observed_groups(ensemble.observations, region, [])]
    known = _feeder_evidence(ensemble.observations, region) != UNKNOWN
    for row in np.unique(np.concatenate([*rows, np.flatnonzero(known)])).astype(np.int32):
        local[feeders[row]] = True
        if substation[row] >= 0:
            local[sites[substation[row]]] = True
    basis = np.where(
        local & (estimate.basis == Basis.PRIOR), Basis.OBSERVED_OUTAGE.value, estimate.basis
    )
    return replace(estimate, probability=probability, basis=basis)


def merge_observations(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Put the observations of one district, settlement or feeder together.

    In order of time (those without a time first): bounds that meet are narrowed to what both
    allow; where they do not meet, the later observation counts.
    """
    ordered = sorted(enumerate(observations), key=lambda entry: (entry[1].at or _EARLY, entry[0]))
    merged: dict[tuple[str, str, str], Observation] = {}
    for _, observation in ordered:
        key = (
            str(observation.district or ""),
            str(observation.place or ""),
            str(observation.feeder or ""),
        )
        known = merged.get(key)
        merged[key] = observation if known is None else narrow(known, observation)
    return tuple(merged[key] for key in sorted(merged))


def _local_model(
    estimate: DamageEstimate, region: Region, observations: Sequence[Observation]
) -> LocalModel:
    supply = local_supply(region)
    p_feeder = estimate.probability[asset_rows(estimate.assets, AssetKind.FEEDER)]
    return LocalModel(
        substation=supply.substation,
        drops=supply.is_off_when_impaired,
        population=region.feeders.population,
        p_feeder=p_feeder,
        p_substation=estimate.probability[asset_rows(estimate.assets, AssetKind.SUBSTATION)],
        observed=_feeder_evidence(observations, region),
        can_switch=p_feeder[:, 0] < 1.0,
        switched=estimate.switched_off,
    )


def _feeder_evidence(observations: Sequence[Observation], region: Region) -> IntArray:
    row_of = {str(f): row for row, f in enumerate(region.feeders.id)}
    observed = np.full(region.feeders.id.size, UNKNOWN, dtype=np.int32)
    for observation in observations:
        if observation.feeder is not None and observation.feeder in row_of:
            is_dark = observation.state is SupplyState.DARK
            observed[row_of[observation.feeder]] = OFF if is_dark else ON
    return observed


def _observed_groups(
    observations: Sequence[Observation], region: Region, notes: list[str]
) -> list[Group]:
    """The groups that have an observed share, in the order in which they are drawn.

    Supplied ones first, since they rule out most; settlements before the district around them.
    """
    row_of = {str(d.id): row for row, d in enumerate(region.districts)}
    feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
    found: list[tuple[tuple[bool, bool, str], Group]] = []
    for o in observations:
        if o.district is None:
            continue
        if o.place is not None:
            feeders = np.array(
                [feeder_row[f] for f in o.feeders if f in feeder_row], dtype=np.int32
            )
        else:
            district = row_of.get(str(o.district), -2)
            feeders = np.flatnonzero(region.feeders.district == district).astype(np.int32)
        if feeders.size == 0:
            notes.append(
                f"district {o.district} is reported {o.state.value.replace('_', ' ')}, "
                "but has no feeders in the model; scenarios say nothing of it"
            )
            continue
        group = Group(name=str(o.district), feeders=feeders, share_off=o.share_off)
        order = (o.state is not SupplyState.SUPPLIED, o.place is None, str(o.district))
        found.append((order, group))
    return [group for _, group in sorted(found, key=lambda entry: entry[0])]


def _components(model: LocalModel, region: Region, observed: Sequence[Group]) -> list[list[Group]]:
    """Groups that share a feeder or a substation go together.

    Observed feeders of districts that are not observed themselves become groups without bounds.
    """
    groups = list(observed)
    covered = np.zeros(model.observed.size, dtype=np.bool_)
    for group in groups:
        covered[group.feeders] = True
    alone = np.flatnonzero((model.observed != UNKNOWN) & ~covered).astype(np.int32)
    if alone.size:
        groups = [*groups, *_evidence_groups(model, region, alone)]
    n_sites = int(model.substation.max(initial=-1)) + 1
    first = [np.full(g.feeders.size, number) for number, g in enumerate(groups)]
    second = []
    for group in groups:
        site = model.substation[group.feeders]
        # Without a substation the feeder itself is what groups may share.
        second.append(np.where(site >= 0, site, n_sites + group.feeders))
    if not groups:
        return []
    a = np.concatenate(first)
    b = np.concatenate(second) + len(groups)
    size = len(groups) + n_sites + model.observed.size
    graph = coo_array((np.ones(a.size), (a, b)), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: len(groups)]
    return [[g for g, n in zip(groups, label, strict=True) if n == k] for k in np.unique(label)]


def _evidence_groups(model: LocalModel, region: Region, feeders: IntArray) -> list[Group]:
    """One unbounded group per district, of the observed feeders that no other group holds."""
    district = region.feeders.district[feeders]
    return [
        Group(
            name=_district_of(region, int(feeders[district == d][0])),
            feeders=feeders[district == d].astype(np.int32),
            share_off=(0.0, 1.0),
        )
        for d in np.unique(district)
    ]


def _draw_component(
    model: LocalModel,
    groups: Sequence[Group],
    drawn: Drawn,
    rng: np.random.Generator,
    notes: list[str],
) -> float:
    """Draw groups that hang together; return the least share of effective scenarios met.

    Where the first order runs into a dead end, the opposite one is tried: which group is harder to
    satisfy is not known beforehand.
    """
    rows = np.concatenate([g.feeders for g in groups])
    sites = np.unique(model.substation[rows])
    sites = sites[sites >= 0]
    evidence = np.flatnonzero(np.isin(model.substation, sites) & (model.observed != UNKNOWN))
    feeders = np.union1d(rows, evidence)
    stuck = groups[0]
    for order in (list(groups), list(reversed(groups))):
        said: list[str] = []
        worst = 1.0
        for group in order:
            stuck = group
            weights, is_widened = weigh_group(model, group, drawn)
            if weights.sum() <= 0:
                break
            if is_widened:
                said.append(
                    f"district {group.name}: no set of its feeders lies within "
                    f"{group.share_off[0]:.0%}-{group.share_off[1]:.0%} of its people; "
                    "the least above is taken"
                )
            if not np.allclose(weights, weights[0], rtol=1e-9, atol=0.0):
                worst = min(worst, _resample(drawn, sites, feeders, weights, rng))
            complete_group(model, group, drawn, rng)
            fits = _within(model, group, drawn)
            if not fits.any():
                break
            if not fits.all():
                worst = min(worst, _resample(drawn, sites, feeders, fits.astype(float), rng))
        else:
            notes.extend(said)
            return worst
        drawn.substation[:, sites] = UNSET
        drawn.feeder[:, feeders] = UNSET
    raise NoScenarioFits(
        sorted({g.name for g in groups if g.share_off != (0.0, 1.0)} or {stuck.name})
    )


def _resample(
    drawn: Drawn, sites: IntArray, feeders: IntArray, weights: FloatArray, rng: np.random.Generator
) -> float:
    """Resample some columns systematically, in random order; return the share effective.

    Only the columns of one component move, so what is drawn elsewhere stays independent.
    """
    n = weights.size
    share = weights / weights.sum()
    points = (rng.random() + np.arange(n)) / n
    chosen = np.minimum(np.searchsorted(share.cumsum(), points, side="right"), n - 1)
    # Rounding of the cumulative sum must not bring back a scenario of weight 0.
    chosen = np.where(share[chosen] > 0, chosen, int(np.argmax(share)))
    chosen = rng.permutation(chosen)
    drawn.substation[:, sites] = drawn.substation[np.ix_(chosen, sites)]
    drawn.feeder[:, feeders] = drawn.feeder[np.ix_(chosen, feeders)]
    return float(1.0 / (share**2).sum() / n)


def _within(model: LocalModel, group: Group, drawn: Drawn) -> BoolArray:
    """Whether the group's share of people off is within its bounds, counted to the person."""
    low, high = group.share_off
    people = _people(model.population[group.feeders])
    share = is_off(model, drawn, group.feeders) @ people
    return (share >= low - SHARE_TOLERANCE) & (share <= _reachable(people, low, high))


def _people(population: IntArray) -> FloatArray:
    """Each feeder's share of the group's people; of its feeders where nobody is counted."""
    if population.sum() > 0:
        return np.asarray(population / population.sum(), dtype=np.float64)
    return np.full(population.size, 1.0 / population.size)


def _reachable(people: FloatArray, low: float, high: float) -> float:
    """The upper bound, raised where a single feeder already is more than the bounds allow."""
    if low <= 0:
        return high + SHARE_TOLERANCE
    return max(high, least_share_above(people, low)) + SHARE_TOLERANCE


def _district_of(region: Region, feeder: int) -> str:
    district = int(region.feeders.district[feeder])
    return str(region.districts[district].id) if district >= 0 else "outside every district"


def _draw_free(
    estimate: DamageEstimate,
    region: Region,
    model: LocalModel,
    drawn: Drawn,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw everything that no observation bears on, and put all assets together."""
    assets = estimate.assets
    n = drawn.feeder.shape[0]
    p = estimate.probability
    state = np.empty((n, assets.id.size), dtype=np.uint8)
    switched = _draw_switched(model, region, n, rng)
    feeders = asset_rows(assets, AssetKind.FEEDER)
    sites = asset_rows(assets, AssetKind.SUBSTATION)
    for first in range(0, n, _CHUNK):
        part = slice(first, min(first + _CHUNK, n))
        u = rng.random((part.stop - part.start, assets.id.size), dtype=np.float32)
        state[part] = (u < p[:, 2]).astype(np.uint8) * 2
        state[part] += ((u >= p[:, 2]) & (u < p[:, 2] + p[:, 1])).astype(np.uint8)
        is_free = drawn.feeder[part] == UNSET
        v = rng.random(is_free.shape, dtype=np.float32)
        off = is_free & (v < switched[part][:, region.feeders.district]) & model.can_switch
        own = state[part][:, feeders]
        own = np.where(is_free, np.where(off & (own == 0), 1, own), drawn.feeder[part])
        state[part, feeders[0] : feeders[0] + feeders.size] = own
    set_site = drawn.substation != UNSET
    state[:, sites] = np.where(set_site, drawn.substation, state[:, sites])
    for source, plant in heat_source_plants(region, assets):
        if estimate.basis[source] != Basis.INSPECTION:
            state[:, source] = state[:, plant]
    return state


def _draw_switched(
    model: LocalModel, region: Region, n: int, rng: np.random.Generator
) -> FloatArray:
    """The share of each district's feeders switched off, shape (n, n_districts + 1).

    The last column, which index -1 finds, is for feeders outside every district.
    """
    shares = np.array([0.0, *(share for share, _ in model.switched)])
    chance = np.cumsum([p for _, p in model.switched])
    u = rng.random((n, len(region.districts) + 1))
    level = np.zeros(u.shape, dtype=np.int32)
    if chance.size:
        level = np.where(u < chance[-1], np.searchsorted(chance, u, side="right") + 1, 0)
    return shares[np.minimum(level, shares.size - 1)]
