from __future__ import annotations

import pytest

from lightkeeper.claims import Count
from lightkeeper.incidents.counts import agree, is_told, merge, say

ABOUT_10 = Count(best=10, approximate=True)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "number not said"),
        (Count(), "number not said"),
        (Count(min=2, approximate=True), "several"),
        (ABOUT_10, "about 10"),
        (Count(min=34200, best=34200, max=34200), "34,200"),
        (Count(min=5), "at least 5"),
        (Count(max=15), "up to 15"),
        (Count(min=5, max=6), "5 to 6"),
    ],
)
def test_words(count: Count | None, words: str) -> None:
    assert say(count) == words


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (ABOUT_10, ABOUT_10, True),
        (ABOUT_10, Count(best=12), True),
        (ABOUT_10, Count(best=13), False),
        (Count(min=5), Count(best=9), True),
        (Count(min=5), Count(best=4), False),
        (Count(max=15), Count(best=7), True),
        (Count(best=3, unit="strikes"), Count(best=3, unit="explosions"), False),
        (Count(min=2), Count(best=40), True),
    ],
)
def test_agreement_goes_both_ways(a: Count, b: Count, expected: bool) -> None:
    assert agree(a, b) is expected
    assert agree(b, a) is expected


def test_twice_about_ten_is_about_ten() -> None:
    assert merge([ABOUT_10, ABOUT_10]) == ABOUT_10


def test_the_most_definite_number_stands() -> None:
    exact = Count(best=11)
    assert merge([Count(min=5), ABOUT_10, exact]) == exact
    assert merge([Count(min=5), ABOUT_10]) == ABOUT_10
    assert say(merge([Count(min=5), Count(max=15)])) == "5 to 15"


def test_several_is_no_number() -> None:
    assert not is_told(Count(min=2, approximate=True))
    assert is_told(Count(min=5))
