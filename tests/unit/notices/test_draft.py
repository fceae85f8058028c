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
    fingerprint_schedule,
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


def test_a_synthetic_region_counts_its_warm_points_and_a_real_one_names_them() -> None:
    uk, en = make_notice().texts
    assert "1, for 100 people in all; see the list of your community" in en.instruction
    assert "1, разом на 100 людей; адреси - за переліком вашої громади" in uk.instruction
    for text in (uk, en):
        assert "School 1" not in text.instruction
        assert "(synthetic)" not in text.description + text.instruction
    for text in make_notice(is_synthetic=False).texts:
        assert "School 1" in text.instruction


def test_a_schedule_is_told_queue_by_queue_in_local_time_and_holds_to_its_end() -> None:
    notice = make_notice(NoticeClass.PLANNED)
    uk, en = notice.texts
    assert uk.description.splitlines()[-2:] == ["1.1: 06:00–06:30", "1.2: не вимикають"]
    assert en.description.splitlines()[-2:] == ["1.1: 06:00–06:30", "1.2: not switched off"]
    assert "10.01.2026 06:00 (за Києвом, UTC+2)" in uk.headline
    assert "10 Jan 2026, 06:00 (Kyiv time, UTC+2)" in en.headline
    assert notice.expires_at == NOW + timedelta(hours=1)
    assert max(len(text.headline) for text in notice.texts) <= 160


def test_a_schedule_notice_knows_its_schedule() -> None:
    schedule = make_schedule()
    off = schedule.is_off.tolist()
    told = make_notice(NoticeClass.PLANNED).schedule
    assert told == fingerprint_schedule(NOW, 30, schedule.queues, off)
    assert told != fingerprint_schedule(NOW, 30, schedule.queues, off[::-1])
    assert told != fingerprint_schedule(NOW + timedelta(hours=1), 30, schedule.queues, off)
    assert make_notice(NoticeClass.UNPLANNED).schedule == ""


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
