"""The project's own annotated posts: other towns and wordings than any set it was made with.

What each was read like the first time, before its errors were worked on, stands on the method page;
since then they guard what was learnt.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lightkeeper.claims import (
    CasualtyStatus,
    Evaluation,
    Reading,
    evaluate,
    read_item,
    read_set,
)
from lightkeeper.region.gazetteer import Gazetteer

HERE = Path(__file__).parent / "data"
SETS = tuple(f"posts_{letter}" for letter in "abcdefghijklmnq")


@pytest.fixture(scope="module")
def readings(gazetteer: Gazetteer) -> dict[str, list[Reading]]:
    return {
        name: [
            read_item(item, gazetteer)
            for item in read_set((HERE / f"{name}.jsonl").read_text("utf-8").splitlines(), name)
        ]
        for name in SETS
    }


@pytest.fixture(scope="module")
def results(readings: dict[str, list[Reading]], gazetteer: Gazetteer) -> dict[str, Evaluation]:
    return {name: evaluate(read, gazetteer) for name, read in readings.items()}


@pytest.mark.parametrize(
    ("name", "recall", "precision", "fields"),
    [
        ("posts_a", 0.96, 0.93, 0.97),
        ("posts_b", 0.98, 0.95, 0.98),
        ("posts_c", 0.98, 0.98, 0.95),
        ("posts_d", 0.98, 0.97, 0.97),
        ("posts_e", 0.97, 0.97, 0.95),
        ("posts_f", 0.95, 0.95, 0.94),
        ("posts_g", 0.97, 0.96, 0.94),
        ("posts_h", 0.95, 0.92, 0.97),
        ("posts_i", 0.96, 0.88, 0.95),
        ("posts_j", 0.92, 0.88, 0.95),
        ("posts_k", 0.92, 0.87, 0.95),
        ("posts_l", 0.93, 0.89, 0.92),
        ("posts_m", 0.97, 0.94, 0.96),
        ("posts_n", 0.97, 0.95, 0.94),
        ("posts_q", 0.90, 0.87, 0.93),
    ],
)
def test_posts_are_read_as_annotated(
    results: dict[str, Evaluation], name: str, recall: float, precision: float, fields: float
) -> None:
    result = results[name]
    told = "\n".join(" ".join(e) for e in result.errors)
    assert (result.total.recall or 0.0) >= recall, told
    assert (result.total.precision or 0.0) >= precision, told
    assert (result.field_accuracy or 0.0) >= fields, told


@pytest.mark.parametrize("kind", ["alert", "all_clear", "explosions", "schedule", "conditions"])
def test_nothing_plain_is_missed(results: dict[str, Evaluation], kind: str) -> None:
    for name in SETS[:4]:
        tally = results[name].tallies.get(kind)
        assert tally is None or tally.n_found == tally.n_gold


def test_nobody_is_said_to_be_unhurt_without_words_for_it(
    readings: dict[str, list[Reading]],
) -> None:
    for reading in (r for read in readings.values() for r in read):
        said = {c.casualties.status for c in reading.claims if c.casualties}
        gold = json.dumps(reading.item.gold_claims, default=str)
        if '"status": "zero"' not in gold:
            assert CasualtyStatus.ZERO not in said, reading.item.report.text
