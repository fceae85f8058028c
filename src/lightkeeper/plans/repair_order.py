"""Order jobs so that service comes back soonest: greedy with groups, then exchanges.

Knows nothing of grids: a job has hours, a set of finished jobs has a worth (people with supply, MW
served), crews travel. The worth of a set is asked in batches and remembered.

The cost of an order is the area between full service and the service had, over time. The greedy
takes, whenever a crew is free, the job with the most worth per crew-hour, alone or as part of a
group that brings something back only together (two lines in series). Exchanges of jobs in the list
follow while they lower the cost. Neither proves an optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lightkeeper.units import FloatArray

JobSet = frozenset[int]
Worth = Callable[[Sequence[JobSet]], FloatArray]
"""Worth of each set of finished jobs, in one batch; may not fall when a job is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Jobs to be ordered. `travel_h` (n + 1, n): row i from job i, the last row from the depot."""

    hours: FloatArray
    ready_h: FloatArray
    travel_h: FloatArray

    @property
    def n(self) -> int:
        """Number of jobs."""
        return len(self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One job as done: the crew leaves at `leave_h`, travels, may wait, and is done at `end_h`."""

    job: int
    crew: int
    leave_h: float
    travel_h: float
    end_h: float


def plain_jobs(hours: Sequence[float]) -> Jobs:
    """Jobs without travel or closed sites."""
    n = len(hours)
    return Jobs(
        hours=np.array(hours, np.float64), ready_h=np.zeros(n), travel_h=np.zeros((n + 1, n))
    )


class Service:
    """Remembers the worth of sets already asked."""

    def __init__(self, worth: Worth) -> None:
        self._worth = worth
        self._known: dict[JobSet, float] = {}

    def of(self, sets: Iterable[JobSet]) -> list[float]:
        """Worth of each set; those not known are asked in one batch."""
        asked = list(sets)
        new = list(dict.fromkeys(s for s in asked if s not in self._known))
        if new:
            self._known.update(zip(new, self._worth(new).tolist(), strict=True))
        return [self._known[s] for s in asked]


def dispatch(order: Sequence[int], jobs: Jobs, n_crews: int) -> list[Visit]:
    """Send the next job of the list to the crew that is free first (lowest number on a tie)."""
    free = [0.0] * n_crews
    at = [jobs.n] * n_crews
    visits: list[Visit] = []
    for job in order:
        crew = min(range(n_crews), key=lambda c: (free[c], c))
        end = _end(jobs, at[crew], job, free[crew])
        travel = float(jobs.travel_h[at[crew], job])
        visits.append(Visit(job=job, crew=crew, leave_h=free[crew], travel_h=travel, end_h=end))
        free[crew], at[crew] = end, job
    return visits


def _end(jobs: Jobs, here: int, job: int, now: float) -> float:
    start = max(now + float(jobs.travel_h[here, job]), float(jobs.ready_h[job]))
    return start + float(jobs.hours[job])


def steps_of(visits: Sequence[Visit]) -> list[tuple[float, JobSet]]:
    """(time, jobs finished by then), from time 0 on; jobs that end together make one step."""
    steps: list[tuple[float, JobSet]] = [(0.0, frozenset())]
    for visit in sorted(visits, key=lambda v: (v.end_h, v.job)):
        done = steps[-1][1] | {visit.job}
        if visit.end_h <= steps[-1][0]:
            steps[-1] = (steps[-1][0], done)
        else:
            steps.append((visit.end_h, done))
    return steps


def lost_service(visits: Sequence[Visit], service: Service, full: float) -> float:
    """Service not had until the last job ends: worth missing times hours."""
    steps = steps_of(visits)
    worth = service.of(done for _, done in steps[:-1])
    hours = np.diff([time for time, _ in steps])
    return float(sum((full - w) * h for w, h in zip(worth, hours, strict=True)))


def greedy_order(
    jobs: Jobs,
    n_crews: int,
    service: Service,
    *,
    groups: Callable[[JobSet], Sequence[JobSet]] = lambda done: (),
    power: float = 1.0,
) -> list[int]:
    """Whenever a crew is free, take the job with the most worth per crew-hour to the `power`.

    `groups` names, for a set of jobs taken, further jobs worth trying together.
    """
    free = [0.0] * n_crews
    at = [jobs.n] * n_crews
    taken: list[int] = []
    left = set(range(jobs.n))
    while left:
        done = frozenset(taken)
        together = [g for g in ({*s} & left for s in groups(done)) if len(g) > 1]
        tries = [frozenset({j}) for j in sorted(left)] + list(
            dict.fromkeys(map(frozenset, together))
        )
        now, *after = service.of([done, *(done | t for t in tries)])
        crew = min(range(n_crews), key=lambda c: (free[c], c))
        hours = {j: _end(jobs, at[crew], j, free[crew]) - free[crew] for j in left}
        score = dict.fromkeys(left, 0.0)
        for tried, worth in zip(tries, after, strict=True):
            gain = max(worth - now, 0.0) / sum(hours[j] for j in tried) ** power
            for j in tried:
                score[j] = max(score[j], gain)
        # Without any gain the shortest comes first: it may be half of a group not tried.
        best = min(left, key=lambda j: (-score[j], hours[j], j))
        free[crew], at[crew] = free[crew] + hours[best], best
        taken.append(best)
        left.remove(best)
    return taken


def pairs_and_triples(n: int, largest: int = 2) -> Callable[[JobSet], Sequence[JobSet]]:
    """Every pair (and triple) of `n` jobs, for small cases without a map of paths."""
    from itertools import combinations

    all_sets = [
        frozenset(c) for size in range(2, largest + 1) for c in combinations(range(n), size)
    ]

    def groups(done: JobSet) -> Sequence[JobSet]:
        return list(dict.fromkeys(s - done for s in all_sets))

    return groups


def improve_order(
    order: Sequence[int], jobs: Jobs, n_crews: int, service: Service, full: float, *, reach: int
) -> list[int]:
    """Move single jobs up to `reach` places in the list while that lowers the cost.

    Each round asks for the sets of all its neighbours in one batch and takes the best neighbour.
    """
    best = list(order)
    cost = lost_service(dispatch(best, jobs, n_crews), service, full)
    while True:
        neighbours = _neighbours(best, reach)
        if not neighbours:
            return best
        visits = [dispatch(n, jobs, n_crews) for n in neighbours]
        service.of(done for v in visits for _, done in steps_of(v))
        costs = [lost_service(v, service, full) for v in visits]
        k = int(np.argmin(costs))
        if costs[k] >= cost - 1e-9 * max(abs(cost), 1.0):
            return best
        best, cost = neighbours[k], costs[k]


def _neighbours(order: list[int], reach: int) -> list[list[int]]:
    found: dict[tuple[int, ...], None] = {}
    for i in range(len(order)):
        for j in range(max(0, i - reach), min(len(order), i + reach + 1)):
            if i != j:
                moved = order[:i] + order[i + 1 :]
                moved.insert(j, order[i])
                found[tuple(moved)] = None
    found.pop(tuple(order), None)
    return [list(n) for n in found]


def order_jobs(
    jobs: Jobs,
    n_crews: int,
    worth: Worth,
    *,
    groups: Callable[[JobSet], Sequence[JobSet]] = lambda done: (),
    reach: int = 4,
) -> list[int]:
    """Greedy in a few tempers (by gain, by gain per hour, between), each improved; the best."""
    service = Service(worth)
    full = service.of([frozenset(range(jobs.n))])[0]
    starts = [greedy_order(jobs, n_crews, service, groups=groups, power=p) for p in (1.0, 0.5, 0.0)]
    unique = list(dict.fromkeys(map(tuple, starts)))
    found = [improve_order(s, jobs, n_crews, service, full, reach=reach) for s in unique]
    return min(found, key=lambda o: lost_service(dispatch(o, jobs, n_crews), service, full))
