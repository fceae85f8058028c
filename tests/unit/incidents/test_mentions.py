"""Event mentions from a file: reading, grouping, baselines and the columns of the scorers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightkeeper.errors import InputError
from lightkeeper.incidents.mentions import (
    Mention,
    gold_groups,
    lemma_baseline,
    read_mentions,
    reconcile_mentions,
    to_conll,
)
from lightkeeper.incidents.score import score_groups

SMALL = Path(__file__).resolve().parents[2] / "cases" / "mentions_small" / "mentions.jsonl"


@pytest.fixture(scope="module")
def small() -> list[Mention]:
    return read_mentions(SMALL.read_text("utf-8").splitlines(), SMALL.name)


def mention(number: int, lemma: str, **said: object) -> Mention:
    fields = {"document": f"d{number}", "text": lemma, "lemma": lemma, **said}
    return Mention(id=f"m{number}", **fields)  # type: ignore[arg-type]


def test_every_mention_is_in_one_group_and_better_grouped_than_by_lemma(
    small: list[Mention],
) -> None:
    groups = reconcile_mentions(small)
    assert sorted(m for g in groups for m in g) == sorted(m.id for m in small)
    gold = gold_groups(small)
    assert gold is not None
    ours = score_groups(gold, groups).conll_f1
    assert ours > score_groups(gold, lemma_baseline(small)).conll_f1
    assert ours > score_groups(gold, lemma_baseline(small, 0.2)).conll_f1


def test_the_order_of_mentions_is_no_matter(small: list[Mention]) -> None:
    assert set(reconcile_mentions(small[::-1])) == set(reconcile_mentions(small))


def test_another_topic_sort_or_date_is_another_event() -> None:
    place = {"places": frozenset({"dunmere"}), "sentence": "Storm cut power in Dunmere."}
    same = [mention(1, "outage", **place), mention(2, "outage", **place)]
    assert len(reconcile_mentions(same)) == 1
    for other in ({"topic": "9"}, {"sort": "sport"}):
        pair = [mention(1, "outage", sort="power", **place)]
        pair.append(mention(2, "outage", **{"sort": "power", **place, **other}))
        assert len(reconcile_mentions(pair)) == 2
    nights = [
        mention(1, "outage", times=frozenset({"3 march"}), sentence="A storm hit homes."),
        mention(2, "outage", times=frozenset({"19 march"}), sentence="A transformer failed."),
    ]
    assert len(reconcile_mentions(nights)) == 2


def test_the_lemma_baselines(small: list[Mention]) -> None:
    groups = lemma_baseline(small)
    by_id = {m.id: m for m in small}
    assert all(len({(by_id[i].lemma, by_id[i].topic) for i in g}) == 1 for g in groups)
    assert len(groups) == len({(m.lemma, m.topic) for m in small})
    assert len(lemma_baseline(small, 2.0)) == len(small)  # no two documents are so alike
    assert {frozenset(g) for g in lemma_baseline(small, 0.0)} == set(groups)


def test_key_and_response_have_the_same_lines(small: list[Mention]) -> None:
    gold = gold_groups(small)
    assert gold is not None
    key, response = (to_conll(small, g, "s").splitlines() for g in (gold, lemma_baseline(small)))
    assert key[0] == response[0] == "#begin document (s); part 000"
    assert key[-1] == response[-1] == "#end document"
    assert [line.split("\t")[:3] for line in key] == [line.split("\t")[:3] for line in response]
    numbers = {line.split("\t")[2]: line.split("\t")[3] for line in key if "\t" in line}
    for group in gold:
        assert len({numbers[m] for m in group}) == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["{"], "line 1: not a mention"),
        ([json.dumps({"document": "d"})], "not a mention"),
        ([json.dumps({"id": "a", "document": "d", "text": "x"})] * 2, "comes twice"),
    ],
)
def test_what_is_no_mention_is_refused(lines: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_mentions(lines, "set")


def test_no_truth_no_score() -> None:
    assert gold_groups([mention(1, "fire")]) is None
    assert reconcile_mentions([]) == []
