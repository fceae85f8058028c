"""Drafts: what calls for one, what it says, in both languages."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from small_picture import NOW, make_consequence, make_notice, make_region, make_schedule

from lightkeeper.consequences.model import Knowledge
from lightkeeper.notices import (
    CapStatus,
    DraftOptions,
    NoticeClass,
    draft_outage,
    draft_schedule,
    load_texts,
    round_people,
)


@pytest.mark.parametrize(
    ("people", "rounded"), [(0, 0), (7, 7), (12, 12), (149, 150), (1_234, 1_200), (98_765, 99_000)]
)
def test_people_are_rounded_to_two_digits(people: float, rounded: int) -> None:
    assert round_people(people) == rounded


def test_a_reported_outage_is_told_as_reported_and_held_back() -> None:
    notice = make_notice(NoticeClass.UNPLANNED)
    assert notice.not_before == NOW + timedelta(minutes=30)
    uk, en = notice.texts
    assert (uk.language, en.language) == ("uk", "en")
    assert "5,500" in en.description
    assert "5\N{NO-BREAK SPACE}500" in uk.description
    assert "School 1" in en.instruction
    assert notice.claims
    assert notice.polygon[0] == notice.polygon[-1]
    assert notice.polygon[0] == (49.0, 36.0)


@pytest.mark.parametrize("notice_class", [NoticeClass.LIFE_SAFETY, NoticeClass.PLANNED])
def test_life_safety_and_planned_are_never_held_back(notice_class: NoticeClass) -> None:
    assert make_notice(notice_class).not_before == NOW


def test_everything_on_a_synthetic_network_is_an_exercise() -> None:
    for notice_class in NoticeClass:
        notice = make_notice(notice_class)
        assert notice.status is CapStatus.EXERCISE
        assert "НАВЧАННЯ" in notice.texts[0].headline
        assert "EXERCISE" in notice.texts[1].headline


@pytest.mark.parametrize(
    ("knowledge", "p_dark", "drafted"),
    [
        (Knowledge.NO_REPORT, 0.9, True),
        (Knowledge.NO_REPORT, 0.4, False),
        (Knowledge.REPORTED_DARK, 0.0, True),
        (Knowledge.REPORTED_SUPPLIED, 0.9, False),
    ],
)
def test_what_calls_for_a_draft(knowledge: Knowledge, p_dark: float, drafted: bool) -> None:
    consequence = replace(make_consequence("UA1", knowledge), p_dark=p_dark)
    notice = draft_outage(
        make_region(), consequence, now=NOW, calculation="", options=DraftOptions()
    )
    assert (notice is not None) == drafted
    if notice is not None and knowledge is Knowledge.NO_REPORT:
        assert "not confirmed" in notice.texts[1].description
        assert notice.certainty == "Possible"


def test_no_schedule_no_notice() -> None:
    schedule = make_schedule()
    empty = replace(schedule, is_off=schedule.is_off & False)
    assert (
        draft_schedule(make_region(), empty, NOW, now=NOW, calculation="", options=DraftOptions())
        is None
    )


def test_the_same_draft_computed_again_is_the_same_notice() -> None:
    assert make_notice().id == make_notice().id


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    def shape(texts: Mapping[str, object]) -> dict[str, set[str | None]]:
        fields: dict[str, set[str | None]] = {}
        for key, value in texts.items():
            parts = value.items() if isinstance(value, dict) else [("", value)]
            for name, text in parts:
                found = {field for _, field, _, _ in string.Formatter().parse(str(text))}
                fields[f"{key}.{name}"] = found - {None}
        return fields

    assert shape(load_texts("uk")) == shape(load_texts("en"))
