"""Days that sentences of news items name."""

from __future__ import annotations

from datetime import date

import pytest

from lightkeeper.claims.news_dates import read_days, written

TOLD = date(1990, 3, 5)  # a Monday


@pytest.mark.parametrize(
    ("sentence", "first", "last"),
    [
        ("the bridge was blown up today", (3, 5), (3, 5)),
        ("last night a bomb exploded", (3, 4), (3, 4)),
        ("the attack took place on 27 february", (2, 27), (2, 27)),
        ("during the night of 3 march and the morning of 4 march", (3, 3), (3, 4)),
        ("the pylons fell between 1 and 3 march", (3, 1), (3, 3)),
        ("he was killed on saturday", (3, 3), (3, 3)),
        ("he was killed last monday", (2, 26), (2, 26)),
        ("the bus was burned three days ago", (3, 2), (3, 2)),
        ("the mayor was murdered in february", (2, 1), (2, 28)),
        ("at dawn on the 2d a bomb exploded", (3, 2), (3, 2)),
        ("on the night of the 27th of last month", (2, 27), (2, 27)),
        ("on the 3d of march", (3, 3), (3, 3)),
        ("the day before yesterday", (3, 3), (3, 3)),
        ("two nights ago", (3, 3), (3, 3)),
        ("between friday night and sunday morning", (3, 2), (3, 4)),
        ("last weekend the posts were cut", (3, 3), (3, 4)),
        ("the posts were cut last month", (2, 1), (2, 28)),
    ],
)
def test_days_are_found(sentence: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    (found,) = read_days(sentence, TOLD)
    assert (found.first, found.last) == (date(1990, *first), date(1990, *last))
    assert not found.is_stale(TOLD)


@pytest.mark.parametrize(
    "sentence",
    ["he was murdered last year", "the attack of 17 december 1986", "two years ago", "in 1985"],
)
def test_what_is_long_ago_is_no_news(sentence: str) -> None:
    (found,) = read_days(sentence, TOLD)
    assert found.is_stale(TOLD)


def test_days_to_come_are_left_out() -> None:
    assert read_days("before the elections of 19 march the post was attacked", TOLD) == []


def test_the_day_of_a_report_is_not_that_of_what_it_tells() -> None:
    assert read_days("the company announced today that a tower fell", TOLD) == []
    (found,) = read_days("the company announced today that a tower fell on saturday", TOLD)
    assert found.first == date(1990, 3, 3)


def test_a_day_without_a_year_is_the_nearest() -> None:
    (found,) = read_days("the murder of 16 november", TOLD)
    assert found.first == date(1989, 11, 16)


def test_a_day_that_no_calendar_has_is_none() -> None:
    assert read_days("on 31 february", TOLD) == []


def test_days_are_written_as_in_the_keys() -> None:
    assert written(TOLD) == "05 MAR 90"
