"""Served and unserved power of one scenario, by feeder, bus and district, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lightkeeper.consequences.dependencies import build_graph
from lightkeeper.consequences.hours import Hours
from lightkeeper.consequences.supply import Supply
from lightkeeper.consequences.walk import Walker
from lightkeeper.damage.assets import local_supply
from lightkeeper.region.model import Region
from lightkeeper.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCourse:
    """Power on feeders by the hour: whole feeders, since a feeder is on or off.

    `is_off` (n_hours, n_feeders); served and unserved in MW by feeder (n_hours, n_feeders), by bus
    (n_hours, n_buses) and by district (n_hours, n_districts); `people_off` by district. Load of a
    bus without feeders is not in it.
    """

    is_off: BoolArray
    served_by_feeder_mw: FloatArray
    unserved_by_feeder_mw: FloatArray
    served_by_bus_mw: FloatArray
    unserved_by_bus_mw: FloatArray
    served_by_district_mw: FloatArray
    unserved_by_district_mw: FloatArray
    people_off: FloatArray


def power_course(
    region: Region, supply: Supply, scenario: int, *, horizon_h: int = 48
) -> PowerCourse:
    """Follow the power of one scenario over the hours 0 to the horizon."""
    hours = Hours(horizon_h)
    walker = Walker(region, build_graph(region), hours)
    found = walker.go(supply.of(slice(scenario, scenario + 1)))
    is_off = hours.of(found.feeder_mask[0]).T > 0
    feeders = region.feeders
    unserved = np.where(is_off, feeders.demand_mw, 0.0)
    served = feeders.demand_mw - unserved
    bus, n_bus = local_supply(region).bus, region.network.buses.id.size
    n_districts = len(region.districts)
    return PowerCourse(
        is_off=is_off,
        served_by_feeder_mw=served,
        unserved_by_feeder_mw=unserved,
        served_by_bus_mw=_sum(served, bus, n_bus),
        unserved_by_bus_mw=_sum(unserved, bus, n_bus),
        served_by_district_mw=_sum(served, feeders.district, n_districts),
        unserved_by_district_mw=_sum(unserved, feeders.district, n_districts),
        people_off=_sum(np.where(is_off, feeders.population, 0.0), feeders.district, n_districts),
    )


def _sum(values: FloatArray, place: IntArray, n: int) -> FloatArray:
    """Sum columns by place; places below 0 are nowhere."""
    found = np.zeros((n, values.shape[0]))
    inside = place >= 0
    np.add.at(found, place[inside], values.T[inside])
    return found.T
