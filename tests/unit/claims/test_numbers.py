"""Numbers in figures and words, and what is said of them."""

from __future__ import annotations

import pytest

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import load_lexicon
from lightkeeper.claims.model import Count
from lightkeeper.claims.numbers import find_numbers


def exact(n: int, unit: str) -> Count:
    return Count(min=n, best=n, max=n, unit=unit)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "fifteen airstrikes", exact(15, "strikes")),
        ("en", "16,000 families", exact(16_000, "households")),
        ("en", "1.2 million customers", exact(1_200_000, "customers")),
        ("en", "twenty-four houses", exact(24, "buildings")),
        ("en", "about 10 loud explosions", Count(best=10, approximate=True, unit="explosions")),
        ("en", "at least five blasts", Count(min=5, approximate=True, unit="explosions")),
        ("en", "up to 15 houses", Count(max=15, approximate=True, unit="buildings")),
        ("en", "five or six blasts", Count(min=5, max=6, approximate=True, unit="explosions")),
        ("en", "several explosions", Count(min=2, approximate=True, unit="explosions")),
        ("en", "ten regions", exact(10, "regions")),
        ("uk", "34 200 споживачів", exact(34_200, "customers")),
        ("uk", "18,5 тис. абонентів", exact(18_500, "customers")),
        ("uk", "близько 9 тисяч родин", Count(best=9_000, approximate=True, unit="households")),
        ("uk", "близько десяти вибухів", Count(best=10, approximate=True, unit="explosions")),
        ("uk", "п’ять-шість вибухів", Count(min=5, max=6, approximate=True, unit="explosions")),
        ("uk", "понад сорок дві оселі", Count(min=42, approximate=True, unit="households")),
        ("uk", "63 населені пункти", exact(63, "settlements")),
        ("uk", "2,5 черги", Count(min=2, max=3, approximate=True, unit="queues")),
        ("en", "up to 2.5 queues", Count(max=3, approximate=True, unit="queues")),
        (
            "en", "more than half of the 34,200 customers",
            Count(min=17_100, approximate=True, unit="customers"),
        ),
        ("uk", "половина з 3 000 родин", Count(best=1_500, approximate=True, unit="households")),
        ("ru", "треть из 9 тыс. абонентов", Count(best=3_000, approximate=True, unit="customers")),
        ("ru", "как минимум пять взрывов", Count(min=5, approximate=True, unit="explosions")),
        ("ru", "сорок тысяч жителей", exact(40_000, "people")),
    ],
)  # fmt: skip
def test_number_is_read_with_its_unit(language: str, text: str, count: Count) -> None:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    (mention,) = find_numbers(fold(text), lexicon)
    assert mention.count == count


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "загинув 67-річний чоловік"),
        ("uk", "дев’ятирічний онук"),
        ("en", "a 59-year-old woman"),
        ("uk", "станом на 3-тю добу"),
        ("en", "the KAB-500 bomb"),
    ],
)
def test_ages_ordinals_and_names_are_no_counts(language: str, text: str) -> None:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    assert find_numbers(fold(text), lexicon) == ()


def test_a_number_within_a_word_counts_nothing() -> None:
    """A house of 25 storeys is one house."""
    lexicon = load_lexicon("uk")
    assert lexicon is not None
    assert [n.unit for n in find_numbers(fold("горять поверхи 25-поверхівки"), lexicon)] == [None]


def test_a_word_that_goes_on_after_an_apostrophe_is_no_number() -> None:
    lexicon = load_lexicon("uk")
    assert lexicon is not None
    assert find_numbers(fold("сім'я без світла"), lexicon) == ()
    assert [n.count for n in find_numbers(fold("сім родин"), lexicon)] == [exact(7, "households")]
