"""Which feeders each observation is about, and what it asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from lightkeeper.damage.conditional import (
    OFF,
    ON,
    SHARE_TOLERANCE,
    UNKNOWN,
    Group,
    least_share_above,
)
from lightkeeper.damage.model import Observation, SupplyState
from lightkeeper.damage.observe import narrow
from lightkeeper.region.model import Region
from lightkeeper.units import FloatArray, IntArray

_EARLY = datetime.min.replace(tzinfo=UTC)


def merge_observations(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Put the observations of one district, settlement or feeder together.

    In order of time (those without a time first): bounds that meet are narrowed to what both
    allow; where they do not meet, the later observation counts.
    """
    ordered = sorted(enumerate(observations), key=lambda entry: (entry[1].at or _EARLY, entry[0]))
    merged: dict[tuple[str, str, str], Observation] = {}
    for _, observation in ordered:
        key = (
            str(observation.district or ""),
            str(observation.place or ""),
            str(observation.feeder or ""),
        )
        known = merged.get(key)
        merged[key] = observation if known is None else narrow(known, observation)
    return tuple(merged[key] for key in sorted(merged))


def feeder_evidence(observations: Sequence[Observation], region: Region) -> IntArray:
    """What is observed of each feeder by itself, shape (n_feeders,): UNKNOWN, ON or OFF."""
    row_of = {str(f): row for row, f in enumerate(region.feeders.id)}
    observed = np.full(region.feeders.id.size, UNKNOWN, dtype=np.int32)
    for observation in observations:
        if observation.feeder is not None and observation.feeder in row_of:
            is_dark = observation.state is SupplyState.DARK
            observed[row_of[observation.feeder]] = OFF if is_dark else ON
    return observed


def observed_groups(
    observations: Sequence[Observation], region: Region, notes: list[str]
) -> list[Group]:
    """The groups that have an observed share, in the order in which they are drawn.

    Supplied ones first, since they rule out most; settlements before the district around them.
    """
    row_of = {str(d.id): row for row, d in enumerate(region.districts)}
    feeder_row = {str(f): row for row, f in enumerate(region.feeders.id)}
    found: list[tuple[tuple[bool, bool, str], Group]] = []
    for o in observations:
        if o.district is None:
            continue
        if o.place is not None:
            feeders = np.array(
                [feeder_row[f] for f in o.feeders if f in feeder_row], dtype=np.int32
            )
        else:
            district = row_of.get(str(o.district), -2)
            feeders = np.flatnonzero(region.feeders.district == district).astype(np.int32)
        if feeders.size == 0:
            notes.append(
                f"district {o.district} is reported {o.state.value.replace('_', ' ')}, "
                "but has no feeders in the model; scenarios say nothing of it"
            )
            continue
        group = Group(name=str(o.district), feeders=feeders, share_off=o.share_off)
        order = (o.state is not SupplyState.SUPPLIED, o.place is None, str(o.district))
        found.append((order, group))
    return [group for _, group in sorted(found, key=lambda entry: entry[0])]


def people_shares(population: IntArray) -> FloatArray:
    """Each feeder's share of the group's people; of its feeders where nobody is counted."""
    if population.sum() > 0:
        return np.asarray(population / population.sum(), dtype=np.float64)
    return np.full(population.size, 1.0 / population.size)


def highest_share(people: FloatArray, low: float, high: float) -> float:
    """The upper bound, raised where a single feeder already is more than the bounds allow."""
    if low <= 0:
        return high + SHARE_TOLERANCE
    return max(high, least_share_above(people, low)) + SHARE_TOLERANCE


def district_of(region: Region, feeder: int) -> str:
    """The id of a feeder's district, for messages."""
    district = int(region.feeders.district[feeder])
    return str(region.districts[district].id) if district >= 0 else "outside every district"
