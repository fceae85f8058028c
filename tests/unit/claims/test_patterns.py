"""The pattern language of the lexicons."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lightkeeper.claims.matchers import MatcherTable, Vocabulary
from lightkeeper.claims.patterns import translate


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


def test_of_overlapping_matches_the_earlier_and_longer_stands() -> None:
    matcher = Vocabulary().matcher(["power", "power outage", "outage"])
    assert [m.group() for m in matcher.finditer("power outage, power")] == ["power outage", "power"]


def test_search_keeps_within_bounds() -> None:
    matcher = Vocabulary().matcher(["dark"])
    assert matcher.search("dark and dark", 1) is not None
    assert matcher.search("dark and dark", 1, 12) is None


@pytest.mark.parametrize("pattern", ["", ".. dark", "dark ..", "a | b", "* dark"])
def test_senseless_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        Vocabulary().matcher([pattern])


PATTERNS = (
    "без світла", "без ?всього світла|води", "знеструмлен*", "у|в місті .. без", "не|ані",
    "# абонент*", "після ... вибух*", "бпл*", "р-н", "об'єкт* енерг*", "?наразі немає|нема",
    "*обленерго", "з # до #", "вибух*|удар* у|в * районі",
)  # fmt: skip
PIECES = st.sampled_from([
    "без", "світла", "води", "всього", "знеструмлено", "у", "в", "місті", "не", "ані", "№№", "№",
    "абонентів", "після", "вибухів", "бпла", "р-н", "об'єкт", "енергетики", "наразі", "немає",
    "нема", "сумиобленерго", "з", "до", "удар", "київському", "районі", "безсвітла", "незручно",
    ",", ".", "—", "\n", "'", "-", "",
])  # fmt: skip


def every_match(text: str) -> list[tuple[int, int]]:
    """What a reader without any index finds: each pattern tried at each word."""
    starts = [m.start() for m in re.finditer(r"(?<!\w)\w|(?<!№)№", text)]
    matches = (re.compile(translate(p)).match(text, at) for p in PATTERNS for at in starts)
    spans = {match.span() for match in matches if match is not None}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


@example(pieces=["р-н", "сумиобленерго"], glue="")
@example(pieces=["після", ".", "абонентів", "вибухів"], glue="")
@settings(max_examples=300, deadline=None, database=None)
@given(pieces=st.lists(PIECES, max_size=14), glue=st.sampled_from([" ", " ", "", "  "]))
def test_the_index_leaves_nothing_out(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    found = [m.span() for m in Vocabulary().matcher(PATTERNS).finditer(text)]
    assert found == every_match(text)


@settings(max_examples=200, deadline=None, database=None)
@given(pieces=st.lists(PIECES, max_size=14), cut=st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_a_table_finds_what_its_matchers_find(pieces: list[str], cut: tuple[int, int]) -> None:
    text = " ".join(pieces)
    start, end = min(cut), min(max(cut), len(text))
    vocabulary = Vocabulary()
    table = MatcherTable(tuple((p, vocabulary.matcher([p, "без світла"])) for p in PATTERNS))
    said = {}
    for name, matcher in table.present(text):
        said[name] = [m.span() for m in matcher.finditer(text, start, end)]
        first = matcher.search(text, start, end)
        assert (first.span() if first else None) == (said[name][0] if said[name] else None)
    for name, plain in table:
        assert said.get(name, []) == [m.span() for m in plain.finditer(text, start, end)]
