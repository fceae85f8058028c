"""The public page: what it refuses to render, whose clock it goes by, what it leaves unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_picture import (
    NOW,
    OUTAGE,
    make_consequence,
    make_notice,
    make_picture,
    make_schedule_entry,
)

from lightkeeper.consequences.model import Knowledge
from lightkeeper.notices import Audience, NoticeClass, Picture, approve, project
from lightkeeper.web.public import render_public


def render(picture: Picture, language: str = "uk", time_zone: str = "Europe/Kyiv") -> str:
    """Return the page of the public projection."""
    shown = project(picture, Audience.PUBLIC, now=NOW)
    return render_public(shown, language, time_zone=time_zone)


def test_only_the_public_projection_is_rendered() -> None:
    with pytest.raises(ValueError, match="operator"):
        render_public(make_picture(), "uk", time_zone="Europe/Kyiv")


def test_times_are_those_of_the_clock_on_the_wall() -> None:
    planned = approve(make_notice(NoticeClass.PLANNED), by="Olena", at=NOW, is_exercise=True)
    picture = replace(make_picture(notices=(planned,)), schedule=make_schedule_entry())
    page = render(picture)
    assert "Стан на 10.01.2026 06:00 (за Києвом, UTC+2)" in page
    assert "Чинне до 10.01.2026 07:00 (за Києвом, UTC+2)" in page
    assert '<span class="time">06:00–06:30</span>' in page
    assert "1.1: 06:00–06:30\n1.2: не вимикають" in page
    english = render(picture, "en", "Europe/Warsaw")
    assert "State as of 10 Jan 2026, 05:00 (local time, UTC+1)" in english
    assert '<span class="time">05:00–05:30</span>' in english


def test_a_schedule_nobody_approved_is_not_on_the_page() -> None:
    picture = replace(
        make_picture(notices=(make_notice(NoticeClass.PLANNED),)), schedule=make_schedule_entry()
    )
    assert "Графік" not in render(picture)


@pytest.mark.parametrize(
    ("knowledge", "has_figure"),
    [(Knowledge.REPORTED_SUPPLIED, False), (Knowledge.REPORTED_DARK, True)],
)
def test_where_power_is_reported_back_no_number_contradicts_it(
    knowledge: Knowledge, has_figure: bool
) -> None:
    picture = make_picture()
    first, *rest = picture.districts
    entry = replace(first, consequence=make_consequence("UA1", knowledge))
    assert entry.consequence.reported_by == (OUTAGE.id,)
    page = render(replace(picture, districts=(entry, *rest)), "en")
    assert ("reported supplied" in page) != has_figure
    assert ("7\N{NO-BREAK SPACE}800" in page) == has_figure
