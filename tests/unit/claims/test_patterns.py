"""The pattern language of the lexicons."""

from __future__ import annotations

import pytest

from lightkeeper.claims.matchers import Vocabulary


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
    match = Vocabulary().matcher([pattern]).search(text)
    assert (match.group() if match else None) == found


@pytest.mark.parametrize("pattern", ["", ".. dark", "dark ..", "a | b", "* dark"])
def test_senseless_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        Vocabulary().matcher([pattern])
