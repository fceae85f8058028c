"""What every use case stands on: the log, the region, the gazetteer, the options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.errors import InputError
from lightkeeper.operations.language_model import ModelEndpoint, endpoint_from
from lightkeeper.operations.source_file import read_source_file
from lightkeeper.region import (
    DistrictId,
    Gazetteer,
    Region,
    load_demo_region,
    load_gazetteer,
    read_region,
)
from lightkeeper.reports.source import SourceSettings
from lightkeeper.settings import Settings
from lightkeeper.storage import Store, open_store

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the whole work done so far, 0 to 1."""


def no_progress(_what: str, _done_pu: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOptions:
    """What decides the figures of a picture, besides the reports and the region."""

    n_scenarios: int = 1000
    seed: int = 1
    n_threads: int = 2
    hold_min: int = 30
    time_zone: str = "Europe/Kyiv"
    crews: int = 6
    budget: float = 20.0
    horizon_h: float = 24.0
    course_h: int = 48
    schedule_slots: int = 48
    district_weights: Mapping[DistrictId, float] = field(default_factory=dict)
    short_time_ratings: bool = False


@dataclass(frozen=True, slots=True)
class ExerciseClock:
    """A clock that started at `started_at` when the real one stood at `real_started_at`.

    An exercise plays on its own date; time passes in it as it does outside.
    """

    started_at: datetime
    real_started_at: datetime

    def __call__(self) -> datetime:
        """Return the exercise's time."""
        return self.started_at + (datetime.now(UTC) - self.real_started_at)


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open store with the model it is about. `now` is the only clock below the edge.

    `sources` are those that are to be asked for reports; none by default.
    """

    store: Store
    region: Region
    gazetteer: Gazetteer
    options: PictureOptions
    cap_sender: str
    language_model: ModelEndpoint | None = None
    """A second reader, asked only when a person asks; None: off."""
    now: Callable[[], datetime] = utc_now
    sources: tuple[SourceSettings, ...] = ()


def options_from(settings: Settings) -> PictureOptions:
    """Return the picture's options from the settings."""
    return PictureOptions(
        n_scenarios=settings.n_scenarios,
        seed=settings.seed,
        n_threads=settings.n_threads,
        hold_min=settings.hold_min,
        time_zone=settings.time_zone,
        crews=settings.crews,
        budget=settings.budget,
        district_weights={DistrictId(d): w for d, w in settings.district_weights.items()},
        short_time_ratings=settings.short_time_ratings,
    )


def load_region(path: Path | None) -> Region:
    """Return the region of a folder or zip; the synthetic one of the demo if None."""
    return load_demo_region() if path is None else read_region(path)


def open_workspace(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Workspace:
    """Open the database and load the region that the settings name."""
    region = load_region(settings.region)
    check_weights(region, settings.district_weights)
    return Workspace(
        store=open_store(settings.database),
        region=region,
        gazetteer=load_gazetteer(),
        options=options_from(settings),
        cap_sender=settings.cap_sender,
        language_model=endpoint_from(settings),
        now=now,
        sources=() if settings.sources is None else read_source_file(settings.sources),
    )


def check_weights(region: Region, weights: Mapping[str, float]) -> None:
    """Refuse weights of districts that the region does not have.

    Raises
    ------
    InputError
        With every id that is not a district's.
    """
    known = {str(d.id) for d in region.districts}
    unknown = sorted(set(weights) - known)
    if unknown:
        raise InputError(
            f"district_weights: {', '.join(unknown)} is no district of {region.name}; "
            "use the ids of districts.csv"
        )


def clock_from(started_at: datetime) -> ExerciseClock:
    """Return a clock that shows `started_at` now."""
    return ExerciseClock(started_at, datetime.now(UTC))
