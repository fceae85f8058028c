"""Repair order: what first, with these crews, so that light and heat come back soonest.

Worth of a set of finished repairs: people with supply, plus a weight for every feeder that serves
a service, plus a weight for people warmed (`repair_worth`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from lightkeeper.damage.apply import scenarios_of_states
from lightkeeper.damage.assets import local_supply
from lightkeeper.damage.model import AssetId, AssetKind, Assets, DamageState
from lightkeeper.errors import InputError
from lightkeeper.flow import FlowCase, run_cascade
from lightkeeper.plans.model import RepairJob, RepairPlan
from lightkeeper.plans.repair_options import RepairOptions
from lightkeeper.plans.repair_order import (
    Jobs,
    JobSet,
    Service,
    Visit,
    dispatch,
    greedy_order,
    improve_order,
    lost_service,
    steps_of,
)
from lightkeeper.plans.repair_sites import Sites, opening, travel_of
from lightkeeper.plans.repair_worth import State, Worth, redispatched
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray, IntArray

# Buses and lines that stand cost next to nothing on a path, but the shortest such path is wanted.
_STEP_H = 1e-3
_MAX_GROUPS = 40


def plan_repairs(
    region: Region,
    case: FlowCase,
    assets: Assets,
    state: State,
    *,
    n_crews: int,
    options: RepairOptions,
) -> RepairPlan:
    """Order the repairs of one damage scenario for a number of crews.

    Parameters
    ----------
    state
        (n_assets,) `DamageState` of each asset: a drawn scenario, or the most likely state.

    Returns
    -------
    RepairPlan
        Feeders that are only switched off come back by switching, without a crew, after
        `switching_h`. A CHP is repaired once, as a plant, and gives heat and power back.
        `person_hours` of both orders run until the later of the two is done.

    Raises
    ------
    InputError
        No crew, or a state for a different number of assets.
    """
    if n_crews < 1:
        raise InputError(f"there are {n_crews} crews; give one or more")
    if state.shape != assets.id.shape:
        raise InputError(f"state is for {state.shape[0]} assets, there are {assets.id.size}")
    site = _Site(region, case, assets, state, options)
    visits = dispatch(site.order(n_crews), site.jobs, n_crews)
    listed = dispatch(list(range(site.jobs.n)), site.jobs, n_crews)
    time_h, people_off = site.curve(visits)
    time_listed, off_listed = site.curve(listed)
    end = max(time_h[-1], time_listed[-1])
    return RepairPlan(
        n_crews=n_crews,
        jobs=tuple(
            _job(site, visit, back)
            for visit, back in zip(visits, site.people_back(visits), strict=True)
        ),
        time_h=time_h,
        people_off=people_off,
        person_hours=_area(time_h, people_off, end),
        person_hours_as_listed=_area(time_listed, off_listed, end),
        notes=site.notes(),
    )


def _area(time_h: FloatArray, people_off: FloatArray, end_h: float) -> float:
    return float(people_off @ np.diff(np.append(time_h, end_h)))


class _Site:
    """The jobs of one scenario, and what finished ones are worth; holds what repeats."""

    def __init__(
        self,
        region: Region,
        case: FlowCase,
        assets: Assets,
        state: State,
        options: RepairOptions,
    ) -> None:
        self.region, self.case, self.assets, self.options = region, case, assets, options
        self.state = state
        self._supply = local_supply(region)
        self._sites = Sites(region, assets)
        self.is_switched_off = self._sites.switched_off(state)
        rows = [int(row) for row in np.flatnonzero(self._sites.needs_crew(state))]
        self.rows = rows
        self.jobs, self.waits = _jobs_of(assets, state, rows, options)
        self._worth = Worth(region, case, assets, options)
        self._service = Service(
            lambda sets: self._worth.of(np.stack([self.after(done) for done in sets]))
        )

    def order(self, n_crews: int) -> list[int]:
        """Greedy with paths, improved by moves of single jobs."""
        if not self.rows:
            return []
        everything = frozenset(range(self.jobs.n))
        full = self._service.of([everything])[0]
        order = greedy_order(self.jobs, n_crews, self._service, groups=self._paths)
        reach = self.options.reach if self.jobs.n <= 60 else 1
        order = improve_order(order, self.jobs, n_crews, self._service, full, reach=reach)
        # The list as given is a candidate too: a plan is never worse than no plan.
        listed = list(range(self.jobs.n))
        return min(
            (order, listed),
            key=lambda o: lost_service(dispatch(o, self.jobs, n_crews), self._service, full),
        )

    def after(self, done: JobSet, *, is_switched: bool = True) -> State:
        """State of the assets once these jobs are done."""
        state = self.state.copy()
        if is_switched:
            state[self.is_switched_off] = DamageState.INTACT
        for job in done:
            state[self._sites.clears(self.rows[job])] = DamageState.INTACT
        return state

    def _paths(self, done: JobSet) -> Sequence[JobSet]:
        """Jobs that together join a dark or separated bus to the main island, one set per bus."""
        state = self.after(done)
        result = run_cascade(
            self._worth.prepared,
            scenarios_of_states(state[None], self.assets, self.region, self.case),
            redispatched(1),
        )
        island = result.island[0]
        if (island < 0).all():
            return ()
        served = np.bincount(island[island >= 0], result.served_mw[0][island >= 0])
        main = np.flatnonzero(island == int(np.argmax(served)))
        short = np.flatnonzero(
            (island != island[main[0]])
            & ((island < 0) | (result.served_mw[0] < result.demand_mw[0] - 1e-6))
        )
        if not len(short):
            return ()
        bus_job, branch_job = self._jobs_on_network(state)
        case = self.case
        ends = np.concatenate([case.from_bus, case.to_bus])
        others = np.concatenate([case.to_bus, case.from_bus])
        via = np.tile(branch_job, 2)
        on = np.tile(case.branch_on, 2)
        hours = np.append(self.jobs.hours, 0.0)  # row -1: no job
        cost = hours[via] + hours[bus_job[others]] + _STEP_H
        graph = _cheapest_edges(ends[on], others[on], cost[on], case.n_bus)
        _, before, _ = dijkstra(graph, indices=main, min_only=True, return_predecessors=True)
        job_of_edge = {
            (int(a), int(b)): int(j)
            for a, b, j in zip(ends[on], others[on], via[on], strict=True)
            if j >= 0
        }
        whole = set(
            zip(ends[on & (via < 0)].tolist(), others[on & (via < 0)].tolist(), strict=True)
        )
        weight: dict[JobSet, float] = {}
        people = np.bincount(self._supply.bus, self.region.feeders.population, case.n_bus)
        for bus in short:
            jobs: set[int] = set()
            here = int(bus)
            while before[here] >= 0:
                there = int(before[here])
                jobs.add(int(bus_job[here]))
                if (there, here) not in whole:
                    jobs.add(job_of_edge.get((there, here), -1))
                here = there
            jobs.discard(-1)
            if len(jobs) > 1:
                key = frozenset(jobs)
                weight[key] = weight.get(key, 0.0) + float(people[bus])
        return sorted(weight, key=lambda s: -weight[s])[:_MAX_GROUPS]

    def _jobs_on_network(self, state: State) -> tuple[IntArray, IntArray]:
        """Job that brings each bus, and each branch, back; -1 where it stands."""
        network = self.region.network
        bus_job = np.full(self.case.n_bus, -1, np.int32)
        branch_job = np.full(len(self.case.from_bus), -1, np.int32)
        for job, row in enumerate(self.rows):
            if state[row] == DamageState.INTACT:
                continue
            element = self.assets.element[row]
            if self.assets.kind[row] == AssetKind.LINE:
                branch_job[element] = job
            elif (
                self.assets.kind[row] == AssetKind.SUBSTATION
                and state[row] == DamageState.DESTROYED
            ):
                bus_job[network.buses.substation == element] = job
        return bus_job, branch_job

    def curve(self, visits: Sequence[Visit]) -> tuple[FloatArray, FloatArray]:
        """(time, people without supply from then on), a step at each end of work or switching."""
        steps = steps_of(visits)
        switch_h = max(self.options.switching_h, self.options.alarm_until_h)
        marks: list[tuple[float, JobSet, bool]] = [(t, s, t >= switch_h) for t, s in steps]
        if self.is_switched_off.any():
            done = [s for t, s in steps if t <= switch_h][-1]
            marks.append((switch_h, done, True))
        else:
            marks = [(t, s, True) for t, s, _ in marks]
        marks.sort(key=lambda m: (m[0], len(m[1])))
        on, _ = self._worth.supplied(np.stack([self.after(s, is_switched=w) for _, s, w in marks]))
        population = self.region.feeders.population.astype(np.float64)
        off = population.sum() - on @ population
        return np.array([t for t, _, _ in marks]), np.maximum(off, 0.0)

    def people_back(self, visits: Sequence[Visit]) -> list[float]:
        """People that each visit brings back, in the order of `visits`; they add up, also in ties.

        Visits that end together count in the order of their jobs. What switching brings back is
        left out.
        """
        order = sorted(range(len(visits)), key=lambda i: (visits[i].end_h, visits[i].job))
        done = [frozenset(visits[i].job for i in order[:n]) for n in range(len(order) + 1)]
        on, _ = self._worth.supplied(np.stack([self.after(s, is_switched=True) for s in done]))
        gained = np.diff(on @ self.region.feeders.population.astype(np.float64))
        back = [0.0] * len(visits)
        for i, gain in zip(order, gained, strict=True):
            back[i] = max(float(gain), 0.0)
        return back

    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the plan."""
        notes = [f'repair times: table "{self.options.times.name}"']
        n = int(self.is_switched_off.sum())
        if n:
            notes.append(
                f"{n} feeder(s) are switched off, not hurt: they come back by switching after "
                f"{max(self.options.switching_h, self.options.alarm_until_h):g} h, without a crew"
            )
        if self.options.depot is None and self.rows:
            notes.append("no depot is given: the first trip of each crew is left out")
        return tuple(notes)


def _cheapest_edges(a: IntArray, b: IntArray, cost: FloatArray, n: int) -> sp.csr_matrix:
    """Directed graph with the cheapest of parallel edges; a sparse matrix would add them up."""
    order = np.lexsort((cost, b, a))
    a, b, cost = a[order], b[order], cost[order]
    first = np.ones(len(a), bool)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return sp.csr_matrix((cost[first], (a[first], b[first])), (n, n))


def _jobs_of(
    assets: Assets, state: State, rows: Sequence[int], options: RepairOptions
) -> tuple[Jobs, list[tuple[str, ...]]]:
    """Hours, opening and travel of the jobs, and in words what each site waits for."""
    hours, ready, waits = [], [], []
    for row in rows:
        hurt = DamageState(int(state[row]))
        hours.append(options.times.repair_h[AssetKind(str(assets.kind[row])), hurt])
        open_at = opening(AssetId(str(assets.id[row])), hurt, options)
        ready.append(max(at for _, at in open_at))
        waits.append(tuple(f"{r.value} until {at:g} h" for r, at in open_at if at > 0))
    return (
        Jobs(
            hours=np.array(hours, np.float64),
            ready_h=np.array(ready, np.float64),
            travel_h=travel_of(assets.lon[rows], assets.lat[rows], options),
        ),
        waits,
    )


def _job(site: _Site, visit: Visit, back: float) -> RepairJob:
    row = site.rows[visit.job]
    district = int(site.assets.district[row])
    crew_h = visit.end_h - visit.leave_h
    if back >= 0.5:
        reason = f"{back:,.0f} people back for {crew_h:.1f} crew-hours"
    else:
        reason = "brings nobody back by itself: it prepares a later repair or restores reserve"
    return RepairJob(
        asset=AssetId(str(site.assets.id[row])),
        name=str(site.assets.name[row]),
        district=site.region.districts[district].id if district >= 0 else None,
        crew=visit.crew,
        start_h=visit.leave_h,
        travel_h=visit.travel_h,
        repair_h=float(site.jobs.hours[visit.job]),
        end_h=visit.end_h,
        people_back=back,
        waits_for=site.waits[visit.job],
        reason=reason,
    )
