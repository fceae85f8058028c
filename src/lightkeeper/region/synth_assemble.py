"""From the draft to the tables of the network: one row per circuit, ids, names, protection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lightkeeper.grid.build import make_network
from lightkeeper.grid.model import Network
from lightkeeper.region.synth_demand import Sites
from lightkeeper.region.synth_draft import BASE_MVA, Corridors, DraftBuses, Units
from lightkeeper.region.synth_people import SYNTHETIC
from lightkeeper.region.synth_standards import SHORT_TERM_LINE_PU, SHORT_TERM_TRANSFORMER_PU
from lightkeeper.units import BoolArray, FloatArray, IntArray, StrArray

Table = Mapping[str, ArrayLike]

# Reactive compensation, as shares: of the charging of 500 kV and more, of that of the rest of the
# backbone (reactors), and of the reactive demand (capacitors). They hold a flat voltage profile.
_TOP_REACTOR_PU = 0.9
_BACKBONE_REACTOR_PU = 0.5
_CAPACITOR_PU = 0.8

# Share of sites with protection level 0, 1, 2, 3: backbone, then the lowest voltage.
_BACKBONE_PROTECTION = (0.32, 0.50, 0.16, 0.02)
_LOW_PROTECTION = (0.92, 0.08, 0.0, 0.0)


def assemble(
    name: str,
    buses: DraftBuses,
    corridors: Corridors,
    units: Units,
    sites: Sites,
    site_load: FloatArray,
    settlement_name: StrArray,
    *,
    power_factor: float,
    rng: np.random.Generator,
) -> Network:
    """Write the draft into tables; every name says that it is synthetic.

    Parameters
    ----------
    site_load
        Demand in MW by site, shape (n_sites,).
    settlement_name
        By settlement; a substation is named after the one it stands in, and numbered.
    """
    level = _protection(buses, len(sites.lon), rng)
    reference = units.bus[int(np.argmax(np.where(units.is_tie, 0.0, units.p_max_mw)))]
    lines, transformers = _branches(buses, corridors, level)
    q_mvar = np.round(site_load * np.tan(np.arccos(power_factor)), 3)
    return make_network(
        name,
        BASE_MVA,
        True,
        {
            "substations": {
                "id": [f"S-{i + 1:04d}" for i in range(len(sites.lon))],
                "name": [
                    f"S-{i + 1:04d} {settlement_name[row]} {SYNTHETIC}"
                    for i, row in enumerate(sites.settlement)
                ],
                "lon": sites.lon,
                "lat": sites.lat,
                "protection_level": level,
            },
            "buses": {
                "id": [
                    f"B-{site + 1:04d}-{kv:.0f}"
                    for site, kv in zip(buses.site, buses.kv, strict=True)
                ],
                "substation": buses.site,
                "base_kv": buses.kv,
                "lon": sites.lon[buses.site],
                "lat": sites.lat[buses.site],
                "is_reference": np.arange(len(buses.site)) == reference,
            },
            "lines": lines,
            "transformers": transformers,
            "generators": _generators(units, ~units.is_tie),
            "ties": _ties(units, units.is_tie),
            "loads": {
                "id": [f"L-{i + 1:04d}" for i in range(len(site_load))],
                "bus": np.arange(len(site_load), dtype=np.int32),
                "p_mw": site_load,
                "q_mvar": q_mvar,
            },
            "shunts": _shunts(buses, corridors, q_mvar),
        },
    )


def _branches(buses: DraftBuses, corridors: Corridors, level: IntArray) -> tuple[Table, Table]:
    """One row per circuit: the lines, then the transformers."""
    row = np.repeat(np.arange(len(corridors.from_bus)), corridors.n_circuits)
    circuit = np.concatenate([np.arange(1, n + 1) for n in corridors.n_circuits])
    a, b = corridors.from_bus[row], corridors.to_bus[row]
    is_line = corridors.is_line[row]
    rating = np.round(corridors.rating_mva()[row], 1)
    ids = []
    for i, j, c, line in zip(a, b, circuit, is_line, strict=True):
        at, to = buses.site[i] + 1, buses.site[j] + 1
        kv_at, kv_to = f"{buses.kv[i]:.0f}", f"{buses.kv[j]:.0f}"
        ids.append(
            f"N-{kv_at}-{at:04d}-{to:04d}-{c}" if line else f"T-{at:04d}-{kv_at}-{kv_to}-{c}"
        )

    def rows(mine: BoolArray, short_term_pu: float) -> dict[str, ArrayLike]:
        return {
            "id": np.array(ids)[mine],
            "from_bus": a[mine],
            "to_bus": b[mine],
            "r_pu": np.round(corridors.r_pu()[row][mine], 7),
            "x_pu": np.round(corridors.x_pu()[row][mine], 7),
            "b_pu": np.round(corridors.b_pu()[row][mine], 6),
            "rating_mva": rating[mine],
            "rating_short_mva": np.round(rating[mine] * short_term_pu, 1),
        }

    return (
        {**rows(is_line, SHORT_TERM_LINE_PU), "length_km": corridors.length_km[row][is_line]},
        {
            **rows(~is_line, SHORT_TERM_TRANSFORMER_PU),
            "protection_level": level[buses.site[a[~is_line]]],
        },
    )


def _generators(units: Units, rows: BoolArray) -> Table:
    """Units numbered within their plant."""
    so_far: Counter[str] = Counter()
    ids = []
    for plant in units.plant[rows].tolist():
        so_far[plant] += 1
        ids.append(f"G-{plant}-{so_far[plant]}")
    return {
        "id": ids,
        "plant": units.plant[rows],
        "bus": units.bus[rows],
        "kind": units.kind[rows],
        "p_mw": units.p_mw[rows],
        "p_min_mw": units.p_min_mw[rows],
        "p_max_mw": units.p_max_mw[rows],
        "q_min_mvar": -0.4 * units.p_max_mw[rows],
        "q_max_mvar": 0.6 * units.p_max_mw[rows],
        "v_setpoint_pu": 1.02,
        "ramp_pu_per_min": units.ramp_pu_per_min[rows],
        "is_black_start": units.is_black_start[rows],
    }


def _ties(units: Units, rows: BoolArray) -> Table:
    return {
        "id": [f"X-{i + 1}" for i in range(int(rows.sum()))],
        "bus": units.bus[rows],
        "neighbour": units.plant[rows],
        "p_mw": units.p_mw[rows],
        "import_limit_mw": units.p_max_mw[rows],
        "export_limit_mw": -units.p_min_mw[rows],
    }


def _shunts(buses: DraftBuses, corridors: Corridors, q_mvar: FloatArray) -> Table:
    """Reactors at the backbone's buses, capacitors at the loads'."""
    charging = 0.5 * BASE_MVA * corridors.b_pu() * corridors.n_circuits
    at_bus = np.bincount(
        np.concatenate((corridors.from_bus, corridors.to_bus)),
        weights=np.concatenate((charging, charging)),
        minlength=len(buses.site),
    )
    share = np.where(buses.kv >= 500.0, _TOP_REACTOR_PU, _BACKBONE_REACTOR_PU)
    reactor = np.flatnonzero(buses.kv > buses.kv.min())
    capacitor = np.arange(len(q_mvar))
    bus = np.concatenate((reactor, capacitor))
    return {
        "id": [
            f"{'R' if i < len(reactor) else 'C'}-{buses.site[row] + 1:04d}-{buses.kv[row]:.0f}"
            for i, row in enumerate(bus)
        ],
        "bus": bus.astype(np.int32),
        "b_mvar": np.round(np.concatenate((-(share * at_bus)[reactor], _CAPACITOR_PU * q_mvar)), 2),
    }


def _protection(buses: DraftBuses, n_sites: int, rng: np.random.Generator) -> IntArray:
    """Protection level by site: about half of the backbone at 1, a sixth at 2, hardly any at 3.

    The proportions follow the public counts of the three levels; which site has which is chance.
    """
    is_backbone = np.zeros(n_sites, dtype=np.bool_)
    is_backbone[buses.site[buses.kv > buses.kv.min()]] = True
    backbone = rng.choice(4, size=n_sites, p=_BACKBONE_PROTECTION)
    low = rng.choice(4, size=n_sites, p=_LOW_PROTECTION)
    return np.where(is_backbone, backbone, low).astype(np.int32)
