"""Who is without power: districts, services, totals, as distributions over the ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lightkeeper.claims.model import ClaimId
from lightkeeper.consequences.distribution import distributions
from lightkeeper.consequences.islands import group_islands
from lightkeeper.consequences.model import (
    Consequences,
    Distribution,
    DistrictConsequence,
    Knowledge,
    ServiceState,
)
from lightkeeper.damage.apply import locally_off
from lightkeeper.damage.assets import local_supply
from lightkeeper.damage.model import Basis, DamageEnsemble, Observation, SupplyState
from lightkeeper.flow.model import CascadeResult
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray

DARK_SHARE = 0.5
"""A district with at least this share of its people off is dark."""

GRID_SHARE = 0.01
"""A district that loses at least this mean share of its people through the grid is inferred."""

_CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessOptions:
    """`horizon_h`: hours over which unserved energy is counted, with nothing repaired."""

    horizon_h: float = 24.0
    max_island_groups: int = 5


def assess(
    region: Region,
    ensemble: DamageEnsemble,
    result: CascadeResult,
    feeder_off: BoolArray,
    observations: Sequence[Observation],
    incidents: Sequence[Incident],
    options: AssessOptions | None = None,
) -> Consequences:
    """Say who is without power, with the spread, and what of it is reported.

    Parameters
    ----------
    result
        The flow of every scenario of the ensemble, in the same order.
    feeder_off
        From `list_feeders_off`, shape (n_scenarios, n_feeders).
    observations, incidents
        What is reported; they decide how a district's state is known, the figures come from the
        ensemble, which is conditioned on the same observations.
    """
    rules = options or AssessOptions()
    feeders = region.feeders
    weight, effective = ensemble.weight, ensemble.effective_sample_size
    n_districts = len(region.districts)
    sums = _DistrictSums(region)
    local = locally_off(ensemble.state, ensemble.estimate.assets, region)

    n = weight.size
    people = np.empty((n, n_districts))
    p_grid_off = np.zeros(feeders.id.size)
    mw = np.empty((n, n_districts))
    unserved_mw = np.empty(n)
    p_feeder_off = np.zeros(feeders.id.size)
    population = feeders.population.astype(np.float64)
    bus = local_supply(region).bus
    for first in range(0, n, _CHUNK):
        part = slice(first, first + _CHUNK)
        off = feeder_off[part]
        people[part] = sums.of(off * population)
        p_grid_off += weight[part] @ (off & ~local[part])
        p_feeder_off += weight[part] @ off
        demand, served = result.demand_mw[part], result.served_mw[part]
        short = np.divide(demand - served, demand, out=np.zeros_like(demand), where=demand > 0)
        lost = np.where(local[part], 1.0, short[:, bus]) * feeders.demand_mw
        mw[part] = sums.of(lost)
        unserved_mw[part] = (demand - served).sum(axis=1) + local[part] @ feeders.demand_mw

    total_people = people.sum(axis=1)
    # People on feeders outside every district are counted once, in the total.
    outside = feeders.district < 0
    if outside.any():
        total_people += feeder_off[:, outside] @ feeders.population[outside]
    totals = distributions(
        np.column_stack([total_people, unserved_mw, unserved_mw * rules.horizon_h]),
        weight,
        effective,
    )
    return Consequences(
        people_off=totals[0],
        unserved_mw=totals[1],
        unserved_energy_mwh=totals[2],
        horizon_h=rules.horizon_h,
        districts=_districts(
            region,
            ensemble,
            p_feeder_off,
            people,
            distributions(people, weight, effective),
            distributions(mw, weight, effective),
            sums.of((p_grid_off * population)[None, :])[0],
            observations,
            incidents,
        ),
        islands=group_islands(region, result, weight, max_groups=rules.max_island_groups),
        margin=None,
        feeder_off=feeder_off,
        people_off_by_scenario=total_people,
        district_people_off=people,
        unserved_mw_by_scenario=unserved_mw,
    )


class _DistrictSums:
    """Sums over the feeders of each district; feeders are sorted by district once."""

    def __init__(self, region: Region) -> None:
        district = region.feeders.district
        order = np.argsort(district, kind="stable")
        self._order = order[district[order] >= 0]
        self._rows, self._start = np.unique(district[self._order], return_index=True)
        self._n_districts = len(region.districts)

    def of(self, values: FloatArray) -> FloatArray:
        """Sum columns (n, n_feeders) into (n, n_districts)."""
        found = np.zeros((values.shape[0], self._n_districts))
        if self._rows.size:
            found[:, self._rows] = np.add.reduceat(values[:, self._order], self._start, axis=1)
        return found


def _districts(
    region: Region,
    ensemble: DamageEnsemble,
    p_feeder_off: FloatArray,
    people: FloatArray,
    people_off: tuple[Distribution, ...],
    unserved_mw: tuple[Distribution, ...],
    grid_people: FloatArray,
    observations: Sequence[Observation],
    incidents: Sequence[Incident],
) -> tuple[DistrictConsequence, ...]:
    weight = ensemble.weight
    on_feeders = np.bincount(
        region.feeders.district[region.feeders.district >= 0],
        weights=region.feeders.population[region.feeders.district >= 0],
        minlength=len(region.districts),
    )
    feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
    reported = _reported(region, observations, feeder_row)
    told_by = {claim.id: i.id for i in incidents for claim in i.claims}
    touched = _incidents_by_district(region, ensemble)
    has_basis = set(
        ensemble.estimate.assets.district[
            np.isin(ensemble.estimate.basis, [Basis.INFERRED.value, Basis.INSPECTION.value])
        ].tolist()
    )
    found: list[DistrictConsequence] = []
    for row, district in enumerate(region.districts):
        own = reported.get(row, [])
        claims = tuple(dict.fromkeys(c for o in own for c in o.claims))
        dark = people[:, row] >= DARK_SHARE * max(on_feeders[row], 1.0)
        is_grid = grid_people[row] >= GRID_SHARE * max(on_feeders[row], 1.0)
        found.append(
            DistrictConsequence(
                district=district.id,
                knowledge=_knowledge(own),
                reported_by=claims,
                population=district.population,
                people_off=people_off[row],
                unserved_mw=unserved_mw[row],
                p_dark=float(weight @ dark),
                services=tuple(
                    ServiceState(
                        id=service.id,
                        name=service.name,
                        kind=service.kind,
                        p_without_supply=float(p_feeder_off[feeder_row[service.feeder]]),
                        backup_h=service.backup_h,
                    )
                    for service in region.services
                    if service.district == district.id and service.feeder in feeder_row
                ),
                inferred=bool(own) or row in has_basis or bool(is_grid),
                reported_sources=tuple(dict.fromkeys(o.source for o in own)),
                incidents=tuple(dict.fromkeys([*_ids_of(claims, told_by), *touched.get(row, ())])),
            )
        )
    return tuple(found)


def _ids_of(claims: Sequence[ClaimId], told_by: dict[ClaimId, IncidentId]) -> list[IncidentId]:
    return [told_by[c] for c in claims if c in told_by]


def _reported(
    region: Region, observations: Sequence[Observation], feeder_row: dict[str, int]
) -> dict[int, list[Observation]]:
    """Observations that bear on each district, by its row."""
    row_of = {d.id: row for row, d in enumerate(region.districts)}
    found: dict[int, list[Observation]] = {}
    for observation in observations:
        row = -1
        if observation.district is not None:
            row = row_of.get(observation.district, -1)
        elif observation.feeder is not None and observation.feeder in feeder_row:
            row = int(region.feeders.district[feeder_row[observation.feeder]])
        if row >= 0:
            found.setdefault(row, []).append(observation)
    return found


def _knowledge(observations: Sequence[Observation]) -> Knowledge:
    """What is reported of the whole district; of a part only that some of it is dark.

    A settlement or feeder said to be supplied says nothing of the rest of the district.
    """
    whole = [o for o in observations if o.feeder is None and o.place is None]
    parts = [o for o in observations if o.feeder is not None or o.place is not None]
    is_part_dark = any(o.state is not SupplyState.SUPPLIED for o in parts)
    states = {o.state for o in whole}
    if SupplyState.DARK in states:
        return Knowledge.REPORTED_DARK
    if SupplyState.PARTLY_DARK in states or is_part_dark:
        return Knowledge.REPORTED_PARTLY_DARK
    if SupplyState.SUPPLIED in states:
        return Knowledge.REPORTED_SUPPLIED
    return Knowledge.NO_REPORT


def _incidents_by_district(
    region: Region, ensemble: DamageEnsemble
) -> dict[int, tuple[IncidentId, ...]]:
    found: dict[int, dict[IncidentId, None]] = {}
    estimate = ensemble.estimate
    for district, ids in zip(estimate.assets.district.tolist(), estimate.incidents, strict=True):
        if district >= 0 and ids:
            found.setdefault(district, {}).update(dict.fromkeys(ids))
    return {district: tuple(ids) for district, ids in found.items()}
