"""The public page: no script, no picture to load, under 50 kB, Ukrainian or English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from lightkeeper.consequences import Knowledge
from lightkeeper.notices import Audience, Picture, list_off_times, say_instant
from lightkeeper.notices.picture import ScheduleEntry

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
    environment.filters["people"] = _people
    return environment


@cache
def _words(language: str) -> Mapping[str, str]:
    path = files("lightkeeper.web").joinpath(f"templates/public.{language}.toml")
    words: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return words


def render_public(picture: Picture, language: str, *, time_zone: str) -> str:
    """Return the page as HTML, its times by the clock of `time_zone`.

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
            instant=partial(say_instant, time_zone=time_zone, language=language),
            schedule=_list_schedule(picture.schedule, time_zone, language),
            no_figure=Knowledge.REPORTED_SUPPLIED,
        )
    )


def _list_schedule(
    schedule: ScheduleEntry | None, time_zone: str, language: str
) -> list[tuple[str, list[str]]]:
    """Return each queue with the times it is off."""
    if schedule is None:
        return []
    return [
        (
            queue,
            list_off_times(
                is_off,
                starts_at=schedule.starts_at,
                slot_min=schedule.slot_min,
                time_zone=time_zone,
                language=language,
            ),
        )
        for queue, is_off in zip(schedule.queues, schedule.is_off, strict=True)
    ]


def _people(figure: float) -> str:
    return f"{round(figure):,}".replace(",", "\N{NO-BREAK SPACE}")
