"""Measures of groupings against values worked out by hand."""

from __future__ import annotations

import pytest

from lightkeeper.incidents.score import score_groups

KEY = [{"a", "b", "c"}, {"d", "e"}, {"f"}]
SAID = [{"a", "b"}, {"c", "d", "e"}, {"f"}]


def test_a_perfect_grouping() -> None:
    score = score_groups(KEY, KEY)
    assert (score.pairs.f1, score.b_cubed.f1, score.conll_f1) == (1.0, 1.0, 1.0)
    assert (score.n_things, score.n_true, score.n_said) == (6, 3, 3)


def test_pairs_by_hand() -> None:
    # True pairs ab ac bc de; said ab cd ce de; both ab de.
    score = score_groups(KEY, SAID)
    assert score.pairs.precision == pytest.approx(2 / 4)
    assert score.pairs.recall == pytest.approx(2 / 4)


def test_b_cubed_by_hand() -> None:
    # Precision: a 1, b 1, c 1/3, d 2/3, e 2/3, f 1; recall: a 2/3, b 2/3, c 1/3, d 1, e 1, f 1.
    score = score_groups(KEY, SAID)
    assert score.b_cubed.precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6)
    assert score.b_cubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6)


def test_muc_by_hand() -> None:
    # abc is cut once: 1 of 2 links kept, de whole: 1 of 1; the same the other way round.
    score = score_groups(KEY, SAID)
    assert score.muc.recall == pytest.approx(2 / 3)
    assert score.muc.precision == pytest.approx(2 / 3)


def test_ceaf_by_hand() -> None:
    # Best pairing: abc with ab (2*2/5), de with cde (2*2/5), f with f (1): 2.6 over 3 groups.
    score = score_groups(KEY, SAID)
    assert score.ceaf_e.precision == pytest.approx(2.6 / 3)
    assert score.ceaf_e.recall == pytest.approx(2.6 / 3)
    assert score.conll_f1 == pytest.approx((2 / 3 + score.b_cubed.f1 + 2.6 / 3) / 3)


def test_all_alone_and_all_in_one() -> None:
    alone = score_groups(KEY, [{x} for x in "abcdef"])
    assert alone.pairs.recall == 0.0
    assert alone.b_cubed.precision == 1.0
    assert alone.b_cubed.recall == pytest.approx((3 * 1 / 3 + 2 * 1 / 2 + 1) / 6)
    assert alone.muc.f1 == 0.0
    one = score_groups(KEY, [set("abcdef")])
    assert one.pairs.recall == one.b_cubed.recall == one.muc.recall == 1.0
    assert one.b_cubed.precision == pytest.approx((9 + 4 + 1) / 36)


def test_what_one_side_lacks() -> None:
    score = score_groups(KEY, [{"a", "b", "x"}])
    assert score.n_said == 5  # ab, c, d, e, f; x is in no text of the set
    with pytest.raises(ValueError, match="two predicted groups"):
        score_groups(KEY, [{"a"}, {"a", "b"}])
