"""Synthetic streams: the truth they carry, and how well it is found again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lightkeeper.incidents import reconcile
from lightkeeper.incidents.neutral import home_of
from lightkeeper.incidents.score import score_groups
from lightkeeper.incidents.synth import SynthOptions, SynthStream, generate
from lightkeeper.region import Gazetteer

START = datetime(2026, 1, 5, 16, tzinfo=UTC)


def make(gazetteer: Gazetteer, difficulty_pu: float, seed: int = 1) -> SynthStream:
    options = SynthOptions(start=START, n_nights=5, difficulty_pu=difficulty_pu, seed=seed)
    return generate(gazetteer, options)


def test_the_same_seed_gives_the_same_stream_and_another_another(gazetteer: Gazetteer) -> None:
    assert make(gazetteer, 0.4) == make(gazetteer, 0.4)
    assert make(gazetteer, 0.4) != make(gazetteer, 0.4, seed=2)


def test_claims_stand_in_their_text(gazetteer: Gazetteer) -> None:
    stream = make(gazetteer, 0.7)
    assert {p.report.language for p in stream.posts} == {"uk", "ru", "en"}
    for post in stream.posts:
        for claim in post.claims:
            assert claim.report == post.report.id
            span = claim.span
            assert post.report.text[span.start : span.end] == span.text


def test_the_truth_holds_together(gazetteer: Gazetteer) -> None:
    stream = make(gazetteer, 0.7)
    events = {p.event for p in stream.posts}
    assert None in events  # statistics are of no event
    assert set(stream.parent_of.values()) <= events
    for first, second in stream.look_alikes:
        assert first != second
        assert {first, second} <= stream.explosions.keys()


@pytest.mark.parametrize(("difficulty_pu", "least"), [(0.0, 0.97), (0.3, 0.9)])
def test_events_are_found_again(difficulty_pu: float, least: float, gazetteer: Gazetteer) -> None:
    stream = make(gazetteer, difficulty_pu)
    claims = [c for p in stream.posts for c in p.claims]
    found = reconcile(claims, [p.report for p in stream.posts], gazetteer)
    true: dict[str, list[str]] = {}
    for post in stream.posts:
        true.setdefault(post.event or post.report.id, []).append(post.report.id)
    said: dict[str, list[str]] = {}
    for report, incident in home_of(found).items():
        said.setdefault(incident, []).append(report)
    score = score_groups(true.values(), said.values())
    assert score.pairs.precision >= least
    assert score.pairs.recall >= least
