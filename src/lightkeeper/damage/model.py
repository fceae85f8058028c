"""Damage: for each asset a probability over states, where it comes from, and drawn scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from lightkeeper.claims.model import ClaimId
from lightkeeper.damage.severity import EventChances
from lightkeeper.incidents.model import IncidentId
from lightkeeper.region.model import DistrictId, FeederId, PlaceCode
from lightkeeper.units import FloatArray, IntArray, StrArray

AssetId = NewType("AssetId", str)


class AssetKind(StrEnum):
    """What can be hurt and repaired as one thing."""

    SUBSTATION = "substation"
    POWER_PLANT = "power_plant"
    LINE = "line"
    FEEDER = "feeder"
    HEAT_SOURCE = "heat_source"


class DamageState(IntEnum):
    """Ordinal states; what they mean for each kind is in the fragility table."""

    INTACT = 0
    IMPAIRED = 1
    DESTROYED = 2


class Basis(StrEnum):
    """Why an asset has its probability."""

    PRIOR = "prior"
    INFERRED = "inferred"
    OBSERVED_OUTAGE = "observed_outage"
    INSPECTION = "inspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Everything that can be hurt. Shape: (n_assets,).

    `element` is the row in the table the kind names: substations, lines (network), feeders, heat
    sources (region); for a power plant the first generator of that plant. `district` is a row of
    `Region.districts`, -1 where none.
    """

    id: StrArray
    kind: StrArray
    name: StrArray
    element: IntArray
    district: IntArray
    lon: FloatArray
    lat: FloatArray
    protection_level: IntArray


class SupplyState(StrEnum):
    """What is observed of a district's or a feeder's supply."""

    DARK = "dark"
    PARTLY_DARK = "partly_dark"
    SUPPLIED = "supplied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An observed supply state; exactly one of `district` and `feeder` is set.

    `place` is the settlement the words name when it is only a part of the district: then `state`
    and `share_off` are of that settlement, `feeders` lists those that supply it, and nothing is
    said of the rest of the district.
    `share_off` bounds the share of the people without power, (low, high); DARK has low >= 0.5.
    `source` says where it comes from: a claim, a feeder-off list, a call-centre count.
    """

    state: SupplyState
    district: DistrictId | None
    feeder: FeederId | None
    share_off: tuple[float, float]
    at: datetime | None
    source: str
    claims: tuple[ClaimId, ...] = ()
    place: PlaceCode | None = None
    feeders: tuple[FeederId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a crew saw; it beats inference."""

    asset: AssetId
    state: DamageState
    by: str
    at: datetime
    note: str = ""


class InspectionStage(StrEnum):
    """How far an inspection has come before it has a result."""

    ASSIGNED = "assigned"
    NO_ACCESS = "no_access"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionStep:
    """An inspection on its way: a crew is assigned, or was there and could not get in.

    It says nothing of the asset's state.
    """

    asset: AssetId
    stage: InspectionStage
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageEstimate:
    """Probability over states per asset, before conditioning on observed outages.

    `probability` has shape (n_assets, 3), rows sum to 1, columns are `DamageState`. `basis` has
    shape (n_assets,) and holds `Basis` values. `incidents[i]` lists what row i traces to.
    `switched_off` lists (share of a district's feeders, chance): supply switched off without
    damage. `notes` says what was said but could not be laid on any asset. `events` is what each
    event alone does; without it assets are drawn independently.
    """

    assets: Assets
    probability: FloatArray
    basis: StrArray
    incidents: tuple[tuple[IncidentId, ...], ...]
    model: str
    switched_off: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()
    events: EventChances | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageEnsemble:
    """Scenarios drawn from an estimate and conditioned on observations.

    `state` has shape (n_scenarios, n_assets) and holds `DamageState`; `weight` has shape
    (n_scenarios,) and sums to 1; `effective_sample_size` is 1 / sum(weight**2), or that of the
    worst group of observed districts that had to be drawn by resampling, whichever is less.
    """

    estimate: DamageEstimate
    state: NDArray[np.uint8]
    weight: FloatArray
    effective_sample_size: float
    seed: int
    observations: tuple[Observation, ...]
    notes: tuple[str, ...]
