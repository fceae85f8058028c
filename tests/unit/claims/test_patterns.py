"""The pattern language of the lexicons."""

from __future__ import annotations

import pytest

from lightkeeper.claims.patterns import compile_patterns


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("без світла", "місто без світла.", "без світла"),
        ("без світла", "місто без  «світла»", "без  «світла"),
        ("світла", "несвітла", None),
        ("знеструмлен*", "знеструмлено місто", "знеструмлено"),
        ("blast|blasts", "two blasts heard", "blasts"),
        ("blast", "blasting", None),
        ("early * morning", "early thursday morning", "early thursday morning"),
        ("?very loud", "a very loud one", "very loud"),
        ("?very loud", "a loud one", "loud"),
        ("power ?has returned", "power has returned", "power has returned"),
        ("power ?has returned", "power returned", "power returned"),
        ("# blasts", "№№№ blasts", "№№№ blasts"),
        ("heard .. blasts", "heard at night two loud blasts", "heard at night two loud blasts"),
        ("heard .. blasts", "heard. Then blasts", None),
        ("heard ... blasts", "heard, as of 08.00, blasts", "heard, as of 08.00, blasts"),
    ],
)
def test_pattern_matches_words(pattern: str, text: str, found: str | None) -> None:
    match = compile_patterns([pattern]).search(text)
    assert (match.group() if match else None) == found


def test_of_overlapping_matches_the_earlier_and_longer_stands() -> None:
    matcher = compile_patterns(["power", "power outage", "outage"])
    assert [m.group() for m in matcher.finditer("power outage, power")] == ["power outage", "power"]


def test_search_keeps_within_bounds() -> None:
    matcher = compile_patterns(["dark"])
    assert matcher.search("dark and dark", 1) is not None
    assert matcher.search("dark and dark", 1, 12) is None


@pytest.mark.parametrize("pattern", ["", ".. dark", "dark ..", "a | b", "* dark"])
def test_senseless_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        compile_patterns([pattern])
