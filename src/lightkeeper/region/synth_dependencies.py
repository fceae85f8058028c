"""What a synthetic region's services need from each other, how homes are built, how cold it is.

Everything here is assumed and nobody's: the shares, the hours of the buffers and the cold spell are
illustrative. It is drawn apart from the rest, so that the network does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lightkeeper.region.model import (
    BuildingType,
    Dependency,
    DistrictId,
    HeatingKind,
    HeatSource,
    HeatSourceKind,
    HomeGroup,
    MobileKind,
    MobileUnit,
    Need,
    OutdoorHour,
    Region,
    Service,
    ServiceKind,
)
from lightkeeper.region.synth_people import SYNTHETIC

PEOPLE_PER_GAS_STATION = 400_000
MOST_ALTERNATIVES = 3
"""A dependent names at most this many suppliers of a need, the nearest first."""

BOILER_BACKUP_H = (0.0, 4.0)

# Need, who gives it, hours the dependent goes on without it (low, high).
_HEAT_NEEDS = (
    (Need.GAS, ServiceKind.GAS, (0.5, 2.0)),
    (Need.WATER, ServiceKind.WATER, (6.0, 24.0)),
    (Need.PUMPING, ServiceKind.HEAT, (0.0, 0.0)),
)
_SERVICE_NEEDS = (
    (ServiceKind.HOSPITAL, Need.WATER, ServiceKind.WATER, (8.0, 24.0)),
    (ServiceKind.EMERGENCY, Need.COMMUNICATIONS, ServiceKind.COMMUNICATIONS, (1.0, 4.0)),
)
CHP_AUXILIARY_H = 1.0
"""Hours a CHP's own pumps and controls run without any of its feeders."""

# Homes on district heating by type, in large cities and elsewhere; then all others.
_LARGE_CITY = 200_000
_TYPES = (
    BuildingType.PANEL_HIGH_RISE,
    BuildingType.PANEL_FIVE_STOREY,
    BuildingType.BRICK,
    BuildingType.PRE_WAR_BRICK,
    BuildingType.INSULATED,
)
_CITY_SHARES = (0.46, 0.22, 0.16, 0.08, 0.08)
_TOWN_SHARES = (0.18, 0.38, 0.30, 0.09, 0.05)
_OTHER_HOMES = (
    (BuildingType.DETACHED, HeatingKind.GAS_BOILER, 0.60),
    (BuildingType.BRICK, HeatingKind.GAS_BOILER, 0.14),
    (BuildingType.DETACHED, HeatingKind.ELECTRIC, 0.08),
    (BuildingType.BRICK, HeatingKind.ELECTRIC, 0.04),
    (BuildingType.DETACHED, HeatingKind.STOVE, 0.14),
)

# Kind, power (MW), energy of the fuel it carries (MWh).
_MOBILE = (
    *((MobileKind.GENERATOR, power_mw, 24 * power_mw) for power_mw in (0.25, 0.5, 1.0, 2.0)),
    *((MobileKind.FUEL, 0.0, 40.0) for _ in range(4)),
    *((MobileKind.BOILER, power_mw, 0.0) for power_mw in (2.0, 5.0)),
) * 2

COLD_SPELL_H = 96
COLD_SPELL_C = -9.0
COLD_SPELL_SWING_C = 3.5
COLD_SPELL_TREND_C_PER_DAY = -1.5


def add_dependencies(region: Region, *, seed: int) -> Region:
    """Add gas stations, who needs what, homes and a cold spell; the same seed adds the same."""
    rng = np.random.default_rng([seed, 6])
    stations = _gas_stations(region, rng)
    sources = tuple(
        replace(source, backup_h=round(float(rng.uniform(*BOILER_BACKUP_H)), 1))
        if source.kind is HeatSourceKind.BOILER_HOUSE
        else source
        for source in region.heat_sources
    )
    region = replace(region, services=(*region.services, *stations), heat_sources=sources)
    return replace(
        region,
        dependencies=_dependencies(region, rng),
        homes=_homes(region, rng),
        temperatures=cold_spell(),
        mobile_units=_mobile_units(region, rng),
    )


def _mobile_units(region: Region, rng: np.random.Generator) -> tuple[MobileUnit, ...]:
    """A few units in the largest towns, as many as there are; sizes of what is sold."""
    towns = sorted(region.districts, key=lambda d: (-d.population, d.id))
    units = []
    for number, (kind, power_mw, energy_mwh) in enumerate(_MOBILE):
        town = towns[number % len(towns)]
        units.append(
            MobileUnit(
                id=f"M-{number + 1:02d}",
                name=f"M-{number + 1:02d} {town.name_uk} {SYNTHETIC}",
                kind=kind,
                power_mw=power_mw,
                energy_mwh=energy_mwh,
                ready_h=round(float(rng.uniform(0.5, 4.0)), 1),
                lon=town.lon,
                lat=town.lat,
            )
        )
    return tuple(units)


def cold_spell() -> tuple[OutdoorHour, ...]:
    """Four days that grow colder, coldest before dawn; hour 0 is eight in the morning."""
    hours = np.arange(COLD_SPELL_H + 1)
    daily = COLD_SPELL_SWING_C * np.cos(2 * np.pi * (hours + 8 - 15) / 24)
    spell = COLD_SPELL_C + COLD_SPELL_TREND_C_PER_DAY * hours / 24 + daily
    return tuple(
        OutdoorHour(id=f"K-{h:03d}", district="", hour=h, outdoor_c=round(float(c), 1))
        for h, c in zip(hours.tolist(), spell, strict=True)
    )


def _gas_stations(region: Region, rng: np.random.Generator) -> tuple[Service, ...]:
    """Put one station, or one more for every 400,000 people, on critical feeders of a district."""
    feeders = region.feeders
    stations = []
    for d, district in enumerate(region.districts):
        able = np.flatnonzero((feeders.district == d) & feeders.is_critical)
        beside = [s for s in region.services if s.district == district.id]
        for k in range(1 + district.population // PEOPLE_PER_GAS_STATION):
            at = beside[int(rng.integers(len(beside)))]
            name = f"N-{d + 1:03d}-{k + 1:02d}"
            stations.append(
                Service(
                    id=name,
                    name=f"{name} {district.name_uk} {SYNTHETIC}",
                    kind=ServiceKind.GAS,
                    district=district.id,
                    feeder=region.feeders.id[able[k % able.size]].item(),
                    backup_h=round(float(rng.uniform(4.0, 24.0)), 1),
                    demand_mw=0.0,
                    lon=round(at.lon + 0.01, 4),
                    lat=round(at.lat + 0.01, 4),
                )
            )
    return tuple(stations)


def _dependencies(region: Region, rng: np.random.Generator) -> tuple[Dependency, ...]:
    by_district: dict[tuple[DistrictId, ServiceKind], list[Service]] = {}
    for service in region.services:
        by_district.setdefault((service.district, service.kind), []).append(service)
    rows: list[tuple[str, Need, str, float]] = []

    def need(
        who: Service | HeatSource,
        where: Sequence[DistrictId],
        what: Need,
        kind: ServiceKind,
        hours: tuple[float, float],
    ) -> None:
        able = [s for d in where for s in by_district.get((d, kind), ())]
        able.sort(key=lambda s: (np.hypot(s.lon - who.lon, s.lat - who.lat), s.id))
        buffer_h = round(float(rng.uniform(*hours)), 1)
        rows.extend((who.id, what, s.id, buffer_h) for s in able[:MOST_ALTERNATIVES])

    feeders = region.feeders
    row_of = {d.id: row for row, d in enumerate(region.districts)}
    for source in region.heat_sources:
        for what, kind, hours in _HEAT_NEEDS:
            need(source, source.districts, what, kind, hours)
        if source.kind is HeatSourceKind.CHP:
            mine = np.isin(feeders.district, [row_of[d] for d in source.districts])
            able = feeders.id[mine & feeders.is_critical][:MOST_ALTERNATIVES]
            rows += [(source.id, Need.POWER, str(id), CHP_AUXILIARY_H) for id in able]
    for dependent, what, kind, hours in _SERVICE_NEEDS:
        for service in region.services:
            if service.kind is dependent:
                need(service, (service.district,), what, kind, hours)
    return tuple(
        Dependency(id=f"D-{k + 1:05d}", dependent=who, need=what, supplier=supplier, buffer_h=h)
        for k, (who, what, supplier, h) in enumerate(rows)
    )


def _homes(region: Region, rng: np.random.Generator) -> tuple[HomeGroup, ...]:
    """Share the people of every district out over types and ways of heating."""
    warmed = {d.id: 0.0 for d in region.districts}
    for source in region.heat_sources:
        there = sum(d.population for d in region.districts if d.id in source.districts)
        for district in region.districts:
            if district.id in source.districts:
                warmed[district.id] += source.population * district.population / there
    groups = []
    for d, district in enumerate(region.districts):
        on_source = min(warmed[district.id], float(district.population))
        shares = _CITY_SHARES if district.population >= _LARGE_CITY else _TOWN_SHARES
        weight = np.array(shares) * rng.uniform(0.7, 1.3, len(shares))
        heated = on_source * weight / weight.sum()
        others = district.population - on_source
        for k, (type_, heating, people) in enumerate(
            [
                *((t, HeatingKind.DISTRICT, p) for t, p in zip(_TYPES, heated, strict=True)),
                *((t, h, others * share) for t, h, share in _OTHER_HOMES),
            ]
        ):
            if int(people) > 0:
                groups.append(
                    HomeGroup(
                        id=f"M-{d + 1:03d}-{k + 1:02d}",
                        district=district.id,
                        type=type_,
                        heating=heating,
                        population=int(people),
                    )
                )
    return tuple(groups)
