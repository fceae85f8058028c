"""Crews at work in every scenario: one list of sites, the damage that is really there, real hours.

A plan is made for one scenario, and carried out in whichever is true. Crews take the sites of the
list in order. One that turns out to be in order costs the way and a look. Sites that are hurt and
not listed follow, those first whose loss alone costs the most per usual hour of work. Hours of work
are drawn about the usual ones; draws hang on seed, scenario and site alone, so that two plans meet
the same difficulties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightkeeper.damage.model import AssetId, AssetKind, Assets, DamageState
from lightkeeper.plans.repair_options import RepairOptions
from lightkeeper.plans.repair_order import Jobs, dispatch
from lightkeeper.plans.repair_sites import Sites, opening, travel_of
from lightkeeper.plans.repair_worth import State, Worth
from lightkeeper.units import FloatArray, IntArray

_LATE = 1.6448536269514722
"""95 % point of the standard normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewWork:
    """When sites are back in order: those of scenario s are `asset[start[s]:start[s + 1]]`.

    `end_h` are hours from now, in the order of the dispatch. `switched_h` is when feeders that were
    only switched off come back.
    """

    start: IntArray
    asset: IntArray
    end_h: FloatArray
    switched_h: float

    def of(self, scenario: int) -> tuple[IntArray, FloatArray]:
        """Return the assets of one scenario, and when each is back."""
        part = slice(int(self.start[scenario]), int(self.start[scenario + 1]))
        return self.asset[part], self.end_h[part]


def send_crews(
    worth: Worth, state: State, listed: Sequence[int], *, n_crews: int, seed: int
) -> CrewWork:
    """Send the crews of a plan through every scenario.

    Parameters
    ----------
    worth
        Of the region, with the assets and options of the plan.
    state
        (n_scenarios, n_assets).
    listed
        Rows of the assets on the list, the first to be repaired first.
    """
    assets, options = worth.assets, worth.options
    needs = Sites(worth.region, assets).needs_crew(state)
    listed = list(dict.fromkeys(listed))
    ever = np.flatnonzero(needs.any(axis=0)).astype(np.int32)
    rank = np.full(assets.id.size, np.inf)
    rank[ever] = _rank_alone(worth, ever)
    rank[listed] = np.arange(len(listed)) - len(listed) - 1e9
    usual_h, ready_h, spread = _hours(assets, options)
    visited = np.unique(np.concatenate([ever, np.array(listed, dtype=np.int32)]))
    column = np.full(assets.id.size, -1, dtype=np.int32)
    places, column[visited] = np.unique(
        np.stack([assets.lon[visited], assets.lat[visited]]), axis=1, return_inverse=True
    )
    travel = travel_of(places[0], places[1], options)
    row_start, rows, ends = [0], [np.empty(0, np.int32)], [np.empty(0)]
    for s in range(state.shape[0]):
        need = needs[s].copy()
        need[listed] = True
        jobs = np.flatnonzero(need).astype(np.int32)
        jobs = jobs[np.argsort(rank[jobs], kind="stable")]
        hurt = np.where(needs[s, jobs], state[s, jobs], DamageState.INTACT)
        factor = np.exp(spread[jobs, hurt] * _normal(seed, s, jobs, options.times.shared_pu))
        hours = np.where(hurt == DamageState.INTACT, options.look_h, usual_h[jobs, hurt] * factor)
        at = column[jobs]
        visits = dispatch(
            range(jobs.size),
            Jobs(
                hours=hours,
                ready_h=ready_h[jobs, hurt],
                travel_h=travel[np.append(at, len(travel) - 1)][:, at],
            ),
            n_crews,
        )
        done = [v for v in visits if hurt[v.job] != DamageState.INTACT]
        rows.append(jobs[[v.job for v in done]])
        ends.append(np.array([v.end_h for v in done]))
        row_start.append(row_start[-1] + len(done))
    return CrewWork(
        start=np.array(row_start, dtype=np.int32),
        asset=np.concatenate(rows),
        end_h=np.concatenate(ends),
        switched_h=max(options.switching_h, options.alarm_until_h),
    )


def _rank_alone(worth: Worth, rows: IntArray) -> FloatArray:
    """Return what comes first among sites: minus the worth lost with each alone, per hour."""
    assets = worth.assets
    lost = np.zeros((rows.size + 1, assets.id.size), dtype=np.uint8)
    lost[np.arange(rows.size), rows] = DamageState.DESTROYED
    for row, heat in zip(*Sites(worth.region, assets).followers(), strict=True):
        lost[np.flatnonzero(rows == row), heat] = DamageState.DESTROYED
    found = worth.of(lost)
    usual_h, _, _ = _hours(assets, worth.options)
    order: FloatArray = (found[:-1] - found[-1]) / usual_h[rows, DamageState.DESTROYED]
    return order


def _hours(assets: Assets, options: RepairOptions) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Usual hours, hours until open and spread of the logarithm, by asset and state."""
    n, times = assets.id.size, options.times
    usual, spread = np.zeros((n, len(DamageState))), np.zeros((n, len(DamageState)))
    ready = np.full((n, len(DamageState)), options.alarm_until_h)
    row_of = {str(a): row for row, a in enumerate(assets.id)}
    for hurt in (DamageState.IMPAIRED, DamageState.DESTROYED):
        for kind in AssetKind:
            mine = assets.kind == kind.value
            usual[mine, hurt] = times.repair_h[kind, hurt]
            spread[mine, hurt] = np.log(times.late_factor[kind, hurt]) / _LATE
        ready[:, hurt] = max(at for _, at in opening(AssetId(""), hurt, options))
        for asset in {a.asset for a in options.access}:
            opens = max(at for _, at in opening(asset, hurt, options))
            ready[row_of[str(asset)], hurt] = opens
    return usual, ready, spread


def _normal(seed: int, scenario: int, site: IntArray, shared_pu: float) -> FloatArray:
    """Draw standard normals that hang on seed, scenario and site alone; part of each is shared."""
    # Loads in half a second; commands without figures never come here.
    from scipy.special import ndtri

    key = np.append(site.astype(np.uint64) + np.uint64(1), np.uint64(0))
    mixed = _mix(_mix(np.full(key.size, seed, dtype=np.uint64)) + np.uint64(scenario))
    bits = _mix(mixed + np.multiply(key, np.uint64(0xD1B54A32D192ED03), dtype=np.uint64))
    found = ndtri(((bits >> np.uint64(11)) + 0.5) / 2.0**53)
    shared: FloatArray = np.sqrt(shared_pu) * found[-1] + np.sqrt(1 - shared_pu) * found[:-1]
    return shared


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64 bits (the finaliser of splitmix64; Steele, Lea and Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
