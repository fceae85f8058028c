"""From incidents and inspections to a probability over states for every asset.

A target that is not named stays unknown: what an event is expected to hurt is spread over all
candidates of the place, and nobody is singled out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lightkeeper.claims.model import Certainty, Claim, ClaimKind, Layer
from lightkeeper.damage.assets import asset_rows, heat_source_plants, local_supply
from lightkeeper.damage.fragility import EffectClass, FragilityTable, load_fragility
from lightkeeper.damage.model import AssetKind, Assets, Basis, DamageEstimate, Inspection
from lightkeeper.damage.observe import NO_SIGN_OF_DAMAGE
from lightkeeper.damage.places import Meant, feeders_in_place, find_districts
from lightkeeper.damage.severity import EventChances
from lightkeeper.errors import DataInvalid, Problem
from lightkeeper.incidents.model import FieldStatus, Incident, IncidentId
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceCode, Region
from lightkeeper.units import FloatArray, IntArray

_CERTAINTY_WEIGHT = {
    Certainty.OBSERVED: 1.0,
    Certainty.LIKELY: 0.9,
    Certainty.PRELIMINARY: 0.8,
    Certainty.POSSIBLE: 0.4,
    Certainty.UNLIKELY: 0.1,
    Certainty.UNKNOWN: 0.2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One broad effect at one place, as an incident tells it; `n_events` 1 where not said."""

    effect: EffectClass
    place: PlaceCode
    meant: Meant
    n_events: float
    weight: float


def estimate_damage(
    region: Region,
    assets: Assets,
    incidents: Iterable[Incident],
    inspections: Iterable[Inspection],
    gazetteer: Gazetteer,
    table: FragilityTable | None = None,
) -> DamageEstimate:
    """Estimate each asset's probability over states before observed outages are looked at.

    Within an incident and its children the strongest effect on an asset counts, so that one event
    told five times hurts no more than once; separate incidents add up as independent chances.

    Raises
    ------
    DataInvalid
        An inspection names an asset that is not in the region.
    """
    rules = table or load_fragility()
    told = tuple(incidents)
    p_hurt = np.zeros(assets.id.size)
    traced: list[list[IncidentId]] = [[] for _ in range(assets.id.size)]
    notes: list[str] = []
    families: dict[IncidentId, FloatArray] = {}
    for incident in told:
        here = np.zeros(assets.id.size)
        for event in read_events(incident, region, gazetteer, rules, notes):
            here = np.maximum(
                here, _chance_by_event(event, region, assets, gazetteer, rules, notes)
            )
        for row in np.flatnonzero(here):
            traced[row].append(incident.id)
        family = incident.parent or incident.id
        families[family] = np.maximum(families.get(family, np.zeros(assets.id.size)), here)
    for chance in families.values():
        p_hurt = 1 - (1 - p_hurt) * (1 - chance)
    p_hurt = np.minimum(p_hurt, rules.max_probability)

    impaired, destroyed, share_destroyed = (np.empty(assets.id.size) for _ in range(3))
    for kind in AssetKind:
        rows = asset_rows(assets, kind)
        fragility = rules.kinds[kind]
        impaired[rows], destroyed[rows] = fragility.prior
        by_level = np.array(fragility.destroyed_by_protection)
        share_destroyed[rows] = by_level[_level(assets, rows)]
    chance = np.stack(list(families.values())) if families else np.zeros((0, assets.id.size))
    probability = np.column_stack(
        [
            (1 - p_hurt) * (1 - impaired - destroyed),
            (1 - p_hurt) * impaired + p_hurt * (1 - share_destroyed),
            (1 - p_hurt) * destroyed + p_hurt * share_destroyed,
        ]
    )
    basis = np.where(p_hurt > 0, Basis.INFERRED.value, Basis.PRIOR.value)
    basis = basis.astype(f"<U{max(len(b.value) for b in Basis)}")
    _apply_inspections(assets, inspections, probability, basis)
    for source, plant in heat_source_plants(region, assets):
        if basis[source] != Basis.INSPECTION:
            probability[source] = probability[plant]
            basis[source] = basis[plant]
            traced[source] = traced[plant]
    settled = basis == Basis.INSPECTION.value
    return DamageEstimate(
        assets=assets,
        probability=probability,
        basis=basis,
        incidents=tuple(tuple(ids) for ids in traced),
        model=f"fragility table {rules.name}",
        switched_off=tuple(zip(rules.switched_off_share, rules.switched_off_prior, strict=True)),
        events=EventChances(
            events=tuple(families),
            chance=np.where(settled, 0.0, chance),
            prior=np.column_stack([impaired, destroyed]),
            share_destroyed=share_destroyed,
            max_probability=rules.max_probability,
            spread_pu=rules.event_spread,
            site_correlation=rules.site_correlation,
        ),
        notes=tuple(dict.fromkeys(notes)),
    )


def read_events(
    incident: Incident,
    region: Region,
    gazetteer: Gazetteer,
    table: FragilityTable,
    notes: list[str],
) -> tuple[Event, ...]:
    """Read an incident's claims as broad effects at places.

    A place that contains another one named with the same effect is left to the finer one. What
    cannot be laid on the region is written to `notes`.
    """
    denied = {c for f in incident.facts if f.status is FieldStatus.DENIED for c in f.claims}
    classes = {
        table.weapons[item]
        for claim in incident.claims
        if claim.weapons is not None and claim.layer is Layer.INCIDENT
        for item in claim.weapons.items
        if item in table.weapons
    }
    found: dict[tuple[EffectClass, PlaceCode], Event] = {}
    for claim in incident.claims:
        if claim.layer is not Layer.INCIDENT or claim.is_negated or claim.id in denied:
            continue
        effect = _effect_class(claim, classes, table)
        if effect is None:
            continue
        named = [p for p in claim.places or incident.places if p.code is not None]
        if not named:
            notes.append(f"{effect.value} of incident {incident.id}: no place known to the region")
        for place in named:
            assert place.code is not None
            meant = find_districts(region, place.code, place.level, gazetteer)
            if meant is None:
                notes.append(f'{effect.value} at "{place.text}": outside the region')
                continue
            if effect is EffectClass.OUTAGE_REPORTED and meant.local is not None:
                continue  # an observation of that district; scenarios are conditioned on it
            event = Event(
                effect=effect,
                place=place.code,
                meant=meant,
                n_events=max(_n_events(claim, table) / len(named), 1.0),
                weight=_CERTAINTY_WEIGHT[claim.certainty],
            )
            key = (effect, place.code)
            known = found.get(key)
            if known is None or event.n_events * event.weight > known.n_events * known.weight:
                found[key] = event
    return tuple(e for e in found.values() if not any(_is_finer(o, e) for o in found.values()))


def _effect_class(
    claim: Claim, weapons: set[EffectClass], table: FragilityTable
) -> EffectClass | None:
    if claim.kind is ClaimKind.EXPLOSIONS:
        return EffectClass.EXPLOSIONS_NEARBY
    if claim.kind in (ClaimKind.STRIKE, ClaimKind.DAMAGE):
        target = _target(claim)
        if target in table.targets:
            return table.targets[target]
        return min(weapons) if weapons else EffectClass.STRIKE
    if claim.kind is ClaimKind.OUTAGE and claim.outage_type not in NO_SIGN_OF_DAMAGE:
        return EffectClass.OUTAGE_REPORTED
    return None


def _target(claim: Claim) -> str:
    return (claim.target or "").casefold().replace(" ", "_").replace("-", "_")


def _n_events(claim: Claim, table: FragilityTable) -> float:
    """Events said; a number of houses or customers is no number of events."""
    is_event = claim.kind in (ClaimKind.EXPLOSIONS, ClaimKind.STRIKE)
    if claim.count is None or not (is_event or _target(claim) in table.targets):
        return 1.0
    said = claim.count.best or claim.count.min or claim.count.max
    return float(said) if said else 1.0


def _is_finer(a: Event, b: Event) -> bool:
    """True when `a` names a place strictly inside `b`'s, with the same effect."""
    if a.effect is not b.effect or a.place == b.place:
        return False
    inside = set(a.meant.districts) <= set(b.meant.districts)
    if set(a.meant.districts) == set(b.meant.districts):
        return inside and a.meant.part is not None and b.meant.part is None
    return inside


def _chance_by_event(
    event: Event,
    region: Region,
    assets: Assets,
    gazetteer: Gazetteer,
    table: FragilityTable,
    notes: list[str],
) -> FloatArray:
    """Chance of each asset to be hurt by an event: its expected number over the candidates."""
    effect = table.effects[event.effect]
    scale = min(event.n_events, effect.max_events) * event.weight
    scale *= table.precision[event.meant.precision]
    chance = np.zeros(assets.id.size)
    if scale <= 0:
        notes.append(f"{event.effect.value}: said of a place too coarse to lay on any asset")
        return chance
    candidates = {
        kind: rows
        for kind in effect.hurt
        if effect.hurt[kind] > 0
        and (rows := _candidates(kind, event.meant, region, assets, gazetteer)).size
    }
    if not candidates:
        notes.append(f"{event.effect.value}: the place has no asset it could have hurt")
        return chance
    kept = 1.0
    if effect.total_is_kept:
        kept = sum(effect.hurt.values()) / sum(effect.hurt[kind] for kind in candidates)
    for kind, rows in candidates.items():
        by_level = np.array(table.kinds[kind].hurt_by_protection)
        each = scale * kept * effect.hurt[kind] / rows.size
        chance[rows] = np.minimum(each, table.max_probability) * by_level[_level(assets, rows)]
    return chance


def _candidates(
    kind: AssetKind,
    meant: Meant,
    region: Region,
    assets: Assets,
    gazetteer: Gazetteer,
) -> IntArray:
    """Assets of a kind in the place; in the district where the model knows no finer."""
    rows = asset_rows(assets, kind)
    in_districts = rows[np.isin(assets.district[rows], meant.districts)]
    if meant.part is None or meant.local is None:
        return in_districts
    inside = feeders_in_place(region, meant.local, meant.part, gazetteer)
    if inside.size == 0:
        return in_districts
    if kind is AssetKind.FEEDER:
        return rows[inside]
    if kind is AssetKind.SUBSTATION:
        sites = np.unique(local_supply(region).substation[inside])
        return rows[sites[sites >= 0]]
    return in_districts


def _level(assets: Assets, rows: IntArray) -> IntArray:
    return np.clip(assets.protection_level[rows], 0, 3)


def _apply_inspections(
    assets: Assets,
    inspections: Iterable[Inspection],
    probability: FloatArray,
    basis: np.ndarray[tuple[int], np.dtype[np.str_]],
) -> None:
    """Set what crews saw as certain; of two inspections of one asset the later counts."""
    row_of = {str(asset): row for row, asset in enumerate(assets.id)}
    seen = sorted(inspections, key=lambda i: i.at)
    unknown = [i for i in seen if i.asset not in row_of]
    if unknown:
        raise DataInvalid(
            "inspections",
            [
                Problem(
                    f"inspection by {i.by} at {i.at.isoformat()}",
                    f'asset "{i.asset}" is not in the region',
                    'use an asset id such as "substation:ID"',
                )
                for i in unknown
            ],
        )
    for inspection in seen:
        row = row_of[inspection.asset]
        probability[row] = 0.0
        probability[row, inspection.state] = 1.0
        basis[row] = Basis.INSPECTION.value
