"""The public page: no script, no picture to load, under 50 kB, Ukrainian or English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from lightkeeper.notices.model import Audience
from lightkeeper.notices.picture import Picture, ScheduleEntry

LANGUAGES = ("uk", "en")
MAX_NOTICES = 40


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lightkeeper.web"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["instant"] = _instant
    environment.filters["people"] = _people
    return environment


@cache
def _words(language: str) -> Mapping[str, str]:
    path = files("lightkeeper.web").joinpath(f"templates/public.{language}.toml")
    words: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return words


def render_public(picture: Picture, language: str) -> str:
    """Return the page as HTML.

    `picture` must be the public projection; another one is refused, whatever the caller meant.
    An unknown language falls back to Ukrainian.
    """
    if picture.audience is not Audience.PUBLIC:
        raise ValueError(f"the public page got the picture for {picture.audience}")
    language = language if language in LANGUAGES else "uk"
    notices = sorted(picture.notices, key=lambda n: n.not_before, reverse=True)
    return (
        _environment()
        .get_template("public.html")
        .render(
            picture=picture,
            words=_words(language),
            language=language,
            languages=LANGUAGES,
            notices=notices[:MAX_NOTICES],
            n_more=max(0, len(notices) - MAX_NOTICES),
            off_times=list_off_times,
        )
    )


def list_off_times(schedule: ScheduleEntry, queue: int) -> list[str]:
    """Return when a queue (by its row) is off, in UTC: "06:00-08:00", a later day named."""
    slot = timedelta(minutes=schedule.slot_min)
    times = []
    begin: int | None = None
    for i, is_off in enumerate((*schedule.is_off[queue], False)):
        if is_off and begin is None:
            begin = i
        elif not is_off and begin is not None:
            from_at, to_at = schedule.starts_at + begin * slot, schedule.starts_at + i * slot
            day = "" if from_at.date() == schedule.starts_at.date() else f"{from_at:%d.%m} "
            times.append(f"{day}{from_at:%H:%M}\N{EN DASH}{to_at:%H:%M}")
            begin = None
    return times


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _people(figure: float) -> str:
    return f"{round(figure):,}".replace(",", "\N{NO-BREAK SPACE}")
