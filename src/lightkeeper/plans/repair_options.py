"""Crews, sites and what counts when repairs are put in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lightkeeper.damage.model import AssetId
from lightkeeper.plans.repair_times import AccessReason, RepairTimes
from lightkeeper.plans.travel import TravelOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccess:
    """A site is closed until `open_at_h` hours from now; it replaces the table's default."""

    asset: AssetId
    reason: AccessReason
    open_at_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOptions:
    """Crews, sites and what counts.

    `depot` is (lon, lat); None leaves the first trip of each crew out. `service_people` is what a
    feeder that serves a service counts for beside the people on it, `heat_weight` what a person
    warmed counts for beside a person with light. `look_h` is what a crew spends at a site that
    turns out to be in order.
    """

    times: RepairTimes
    alarm_until_h: float = 0.0
    access: Sequence[SiteAccess] = field(default=())
    switching_h: float = 0.5
    travel: TravelOptions = field(default_factory=TravelOptions)
    depot: tuple[float, float] | None = None
    service_people: float = 2000.0
    heat_weight: float = 0.3
    reach: int = 3
    look_h: float = 0.5
    n_threads: int = 1
