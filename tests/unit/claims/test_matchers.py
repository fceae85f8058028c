"""Which patterns match where: what the index finds, and what it must not leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lightkeeper.claims.matchers import MatcherTable, Vocabulary
from lightkeeper.claims.patterns import translate


def test_of_overlapping_matches_the_earlier_and_longer_stands() -> None:
    matcher = Vocabulary().matcher(["power", "power outage", "outage"])
    assert [m.group() for m in matcher.finditer("power outage, power")] == ["power outage", "power"]


def test_search_keeps_within_bounds() -> None:
    matcher = Vocabulary().matcher(["dark"])
    assert matcher.search("dark and dark", 1) is not None
    assert matcher.search("dark and dark", 1, 12) is None


def test_what_a_pattern_needs_may_be_added_later() -> None:
    """The words of a language are gathered from several files; texts may be read between."""
    vocabulary = Vocabulary()
    first = vocabulary.matcher(["dark"])
    assert first.search("dark and cold") is not None
    later = vocabulary.matcher(["cold", "dark .. cold"])
    assert [m.group() for m in later.finditer("dark and cold")] == ["dark and cold"]
    assert first.search("dark and cold") is not None


PATTERNS = (
    "без світла", "без ?всього світла|води", "знеструмлен*", "у|в місті .. без", "не|ані",
    "# абонент*", "після ... вибух*", "бпл*", "р-н", "об'єкт* енерг*", "?наразі немає|нема",
    "*обленерго", "з # до #", "не|без .. не|без", "с* районі", "*енерг* немає",
    "вибух*|удар* у|в * районі",
)  # fmt: skip
VOCABULARY = Vocabulary()
ALL = VOCABULARY.matcher(PATTERNS)
TABLE = MatcherTable(tuple((p, VOCABULARY.matcher([p, "без світла"])) for p in PATTERNS))
PIECES = st.sampled_from([
    "без", "світла", "води", "всього", "знеструмлено", "у", "в", "місті", "не", "ані", "№№", "№",
    "абонентів", "після", "вибухів", "вибух", "с", "бпла", "р-н", "об'єкт", "енергетики", "наразі",
    "немає", "нема", "сумиобленерго", "з", "до", "удар", "київському", "районі", "безсвітла",
    "незручно", ",", ".", "—", "\n", "'", "-", "",
])  # fmt: skip


def every_match(
    text: str, patterns: Iterable[str], start: int = 0, end: int | None = None
) -> list[tuple[int, int]]:
    """What a reader without any index finds: each pattern tried at each word."""
    stop = len(text) if end is None else end
    words = (m.start() for m in re.finditer(r"(?<!\w)\w|(?<!№)№", text))
    starts = [at for at in words if start <= at < stop]
    matches = (re.compile(translate(p)).match(text, at, stop) for p in patterns for at in starts)
    spans = {match.span() for match in matches if match is not None}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


@example(pieces=["світла", "районі"], glue=" ")
@example(pieces=["р-н", "сумиобленерго"], glue="")
@example(pieces=["після", ".", "абонентів", "вибухів"], glue="")
@settings(max_examples=300, deadline=None, database=None)
@given(pieces=st.lists(PIECES, max_size=14), glue=st.sampled_from([" ", " ", "", "  "]))
def test_the_index_leaves_nothing_out(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    found = [m.span() for m in ALL.finditer(text)]
    assert found == every_match(text, PATTERNS)


@settings(max_examples=200, deadline=None, database=None)
@given(pieces=st.lists(PIECES, max_size=14), cut=st.tuples(st.integers(0, 14), st.integers(0, 14)))
def test_a_table_leaves_nothing_out(pieces: list[str], cut: tuple[int, int]) -> None:
    """Between two places, neither of them within a word."""
    text = " ".join(pieces)
    start, end = len(" ".join(pieces[: min(cut)])), len(" ".join(pieces[: max(cut)]))
    said = {}
    for name, matcher in TABLE.present(text):
        said[name] = [m.span() for m in matcher.finditer(text, start, end)]
        first = matcher.search(text, start, end)
        assert (first.span() if first else None) == (said[name][0] if said[name] else None)
    for name, _ in TABLE:
        assert said.get(name, []) == every_match(text, [name, "без світла"], start, end)
