"""Draw damage scenarios that agree with what is observed.

What darkens a district is mostly its own substations and feeders, so the draw factorises: each
observed district is drawn exactly given its share of people off (`conditional`), everything else
freely from the estimate. Districts that share a substation are drawn together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightkeeper.damage.assets import (
    asset_rows,
    heat_source_plants,
    local_supply,
    plant_units,
)
from lightkeeper.damage.conditional import (
    SHARE_TOLERANCE,
    UNKNOWN,
    UNSET,
    Drawn,
    Group,
    LocalModel,
    complete_group,
    is_off,
    weigh_group,
)
from lightkeeper.damage.groups import (
    district_of,
    feeder_evidence,
    highest_share,
    merge_observations,
    observed_groups,
    people_shares,
)
from lightkeeper.damage.model import (
    AssetKind,
    Basis,
    DamageEnsemble,
    DamageEstimate,
    Observation,
)
from lightkeeper.damage.severity import (
    EventChances,
    draw_levels,
    joint_chance,
    patterns,
    states_given,
)
from lightkeeper.errors import NoScenarioFits
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray

_MIN_PARTICLES = 200
"""Resampling needs some scenarios to choose from, however few are asked for."""

_MOST_EVENTS = 3
"""Events whose severity is weighed by what a group of districts reports; patterns double each."""

_NO_BEARING = 1e-3
"""Fewer assets hurt than this are expected: the event says nothing of a district."""

_CHUNK = 512
"""Scenarios whose free assets are drawn at once; bounds the memory of the random numbers."""


def draw_scenarios(
    estimate: DamageEstimate,
    observations: Sequence[Observation],
    region: Region,
    n: int,
    seed: int,
    *,
    background: bool = False,
) -> DamageEnsemble:
    """Draw `n` damage scenarios, each in agreement with every observation.

    Without `background`, what nobody reported anything of stays intact: the scenarios are of what
    is reported and what follows from it. Everyday faults somewhere in the region are real, but
    would be told as if they were known; the prior then only explains outages that are reported.

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
    observed = observed_groups(merged, region, notes)
    n_drawn = max(n, _MIN_PARTICLES)
    drawn = Drawn(
        substation=np.full((n_drawn, region.network.substations.id.size), UNSET, dtype=np.uint8),
        feeder=np.full((n_drawn, region.feeders.id.size), UNSET, dtype=np.uint8),
    )
    components = _components(model, region, observed)
    level, bearing = _draw_levels(estimate, model, components, n_drawn, rng)
    worst = 1.0
    for component, events in zip(components, bearing, strict=True):
        for pattern, rows in _by_pattern(level[:, events]):
            given = _model_given(estimate, model, events, pattern)
            worst = min(worst, _draw_rows(given, component, drawn, rows, rng, notes))
    touched = (estimate.basis != Basis.PRIOR) | background
    state = _draw_free(estimate, region, model, drawn, touched, level, rng)[:n]
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


def _draw_levels(
    estimate: DamageEstimate,
    model: LocalModel,
    components: Sequence[Sequence[Group]],
    n: int,
    rng: np.random.Generator,
) -> tuple[IntArray, list[IntArray]]:
    """How bad each event was in each scenario, and the events that count for each component.

    Of the events that bear on a component the `_MOST_EVENTS` with the most hurt expected count; the
    rest is drawn there as if nothing were known of how bad it was.
    """
    events = estimate.events
    if events is None or events.spread_pu == 0:
        n_events = 0 if events is None else len(events.events)
        return np.zeros((n, n_events), np.int32), [np.zeros(0, np.int32)] * len(components)
    feeders = asset_rows(estimate.assets, AssetKind.FEEDER)
    substations = asset_rows(estimate.assets, AssetKind.SUBSTATION)
    bearing: list[IntArray] = []
    evidence: list[tuple[IntArray, FloatArray]] = []
    for component in components:
        own = np.unique(np.concatenate([g.feeders for g in component]))
        sites = np.unique(model.substation[own])
        rows = np.concatenate([feeders[own], substations[sites[sites >= 0]]])
        expected = events.chance[:, rows].sum(axis=1)
        most = np.argsort(-expected, kind="stable")[:_MOST_EVENTS]
        counted: IntArray = np.sort(most[expected[most] > _NO_BEARING]).astype(np.int32)
        bearing.append(counted)
        if counted.size:
            likelihood = [
                _likelihood(_model_given(estimate, model, counted, pattern), component)
                for pattern in patterns(counted.size)
            ]
            evidence.append((counted, np.array(likelihood, np.float64)))
    return draw_levels(len(events.events), evidence, n, rng), bearing


def _model_given(
    estimate: DamageEstimate, model: LocalModel, bearing: IntArray, pattern: IntArray
) -> LocalModel:
    """The local chances given how bad these events were."""
    events = estimate.events
    if events is None or not bearing.size:
        return model
    level = np.zeros((1, len(events.events)), np.int32)
    level[0, bearing] = pattern
    hit = np.flatnonzero((events.chance[bearing] > 0).any(axis=0))
    changed = []
    for kind, chances in (
        (AssetKind.FEEDER, model.p_feeder),
        (AssetKind.SUBSTATION, model.p_substation),
    ):
        asset = asset_rows(estimate.assets, kind)
        here = np.flatnonzero(np.isin(asset, hit))
        chances = chances.copy()
        chances[here] = states_given(events, level, asset[here])[0]
        changed.append(chances)
    return replace(model, p_feeder=changed[0], p_substation=changed[1])


def _likelihood(model: LocalModel, component: Sequence[Group]) -> float:
    """How likely the observations are; groups that share a substation are taken one by one."""
    total = 1.0
    for group in component:
        nothing = Drawn(
            substation=np.full((1, len(model.p_substation)), UNSET, dtype=np.uint8),
            feeder=np.full((1, len(model.p_feeder)), UNSET, dtype=np.uint8),
        )
        total *= float(weigh_group(model, group, nothing)[0][0])
    return total


def _by_pattern(level: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Each pattern of levels that occurs, and the scenarios that have it."""
    found, number = np.unique(level, axis=0, return_inverse=True)
    for k, pattern in enumerate(found):
        yield pattern, np.flatnonzero(number.ravel() == k).astype(np.int32)


def _draw_rows(
    model: LocalModel,
    component: list[Group],
    drawn: Drawn,
    rows: IntArray,
    rng: np.random.Generator,
    notes: list[str],
) -> float:
    """Draw a component in these scenarios only; resampling gets enough of them to choose from."""
    if rows.size == drawn.feeder.shape[0]:
        return _draw_component(model, component, drawn, rng, notes)
    wanted = np.resize(rows, max(rows.size, _MIN_PARTICLES))
    part = Drawn(substation=drawn.substation[wanted], feeder=drawn.feeder[wanted])
    worst = _draw_component(model, component, part, rng, notes)
    drawn.substation[rows] = part.substation[: rows.size]
    drawn.feeder[rows] = part.feeder[: rows.size]
    return worst


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
        observed=feeder_evidence(observations, region),
        can_switch=p_feeder[:, 0] < 1.0,
        switched=estimate.switched_off,
    )


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
            name=district_of(region, int(feeders[district == d][0])),
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
    people = people_shares(model.population[group.feeders])
    share = is_off(model, drawn, group.feeders) @ people
    return (share >= low - SHARE_TOLERANCE) & (share <= highest_share(people, low, high))


def _draw_free(
    estimate: DamageEstimate,
    region: Region,
    model: LocalModel,
    drawn: Drawn,
    touched: BoolArray,
    level: IntArray,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw what no observation settles and put all assets together; the rest stays intact."""
    assets = estimate.assets
    events = estimate.events if level.shape[1] else None
    n = drawn.feeder.shape[0]
    state = np.zeros((n, assets.id.size), dtype=np.uint8)
    p_destroyed = np.where(touched, estimate.probability[:, 2], 0.0).astype(np.float32)
    p_hurt = np.where(touched, 1 - estimate.probability[:, 0], 0.0).astype(np.float32)
    by_event = np.zeros(0, np.int32)
    if events is not None:
        by_event = np.flatnonzero(events.chance.any(axis=0)).astype(np.int32)
        p_hurt[by_event] = 0.0
    for first in range(0, n, _CHUNK):
        part = state[first : first + _CHUNK]
        u = rng.random(part.shape, dtype=np.float32)
        # Few assets are hurt: only those are looked at.
        scenario, asset = np.nonzero(u < p_hurt)
        part[scenario, asset] = np.where(u[scenario, asset] < p_destroyed[asset], 2, 1)
        if events is not None:
            chance = states_given(events, level[first : first + _CHUNK], by_event)
            own = u[:, by_event]
            part[:, by_event] = np.where(
                own < chance[..., 2], 2, np.where(own < 1 - chance[..., 0], 1, 0)
            )
    feeders = asset_rows(assets, AssetKind.FEEDER)
    district = np.unique(assets.district[touched & (assets.district >= 0)])
    _switch_off(state, feeders, region, district, model, rng)
    # A column is drawn in every scenario or in none.
    is_set = drawn.feeder[0] != UNSET
    state[:, feeders[is_set]] = drawn.feeder[:, is_set]
    is_set = drawn.substation[0] != UNSET
    state[:, asset_rows(assets, AssetKind.SUBSTATION)[is_set]] = drawn.substation[:, is_set]
    if events is not None:
        _tie_plants(state, estimate, events, region, level, rng)
    for source, plant in heat_source_plants(region, assets):
        if estimate.basis[source] != Basis.INSPECTION:
            state[:, source] = state[:, plant]
    return state


def _tie_plants(
    state: NDArray[np.uint8],
    estimate: DamageEstimate,
    events: EventChances,
    region: Region,
    level: IntArray,
    rng: np.random.Generator,
) -> None:
    """Draw power plants again, each given whether the substation it stands at is hurt, in place."""
    buses, generators = region.network.buses, region.network.generators
    of_unit, unit = plant_units(region, estimate.assets)
    plant, first = np.unique(of_unit, return_index=True)
    site = buses.substation[generators.bus[unit[first]]]
    substation = asset_rows(estimate.assets, AssetKind.SUBSTATION)[np.maximum(site, 0)]
    is_tied = (site >= 0) & events.bears_on[plant] & events.bears_on[substation]
    for of_plant, of_site in zip(plant[is_tied], substation[is_tied], strict=True):
        chance = states_given(events, level, np.array([of_plant, of_site], np.int32))
        p_plant, p_site = 1 - chance[:, 0, 0], 1 - chance[:, 1, 0]
        both = joint_chance(p_plant, p_site, events.site_correlation)
        given = np.where(state[:, of_site] > 0, both / p_site, (p_plant - both) / (1 - p_site))
        u = rng.random(len(state))
        destroyed = given * chance[:, 0, 2] / p_plant
        state[:, of_plant] = np.where(u < destroyed, 2, np.where(u < given, 1, 0))


def _switch_off(
    state: NDArray[np.uint8],
    feeders: IntArray,
    region: Region,
    districts: IntArray,
    model: LocalModel,
    rng: np.random.Generator,
) -> None:
    """Switch shares of the districts that events bear on off, in place."""
    chance = np.array([p for _, p in model.switched]).cumsum()
    if chance.size == 0:
        return
    shares = np.array([share for share, _ in model.switched])
    for district in districts:
        u = np.asarray(rng.random(state.shape[0]), dtype=np.float64)
        scenarios = np.flatnonzero(u < chance[-1])
        if scenarios.size == 0:
            continue
        share = shares[np.searchsorted(chance, u[scenarios], side="right")]
        here = np.flatnonzero((region.feeders.district == district) & model.can_switch)
        own = np.ix_(scenarios, feeders[here])
        off = rng.random((scenarios.size, here.size)) < share[:, None]
        state[own] = np.where(off & (state[own] == 0), 1, state[own])
