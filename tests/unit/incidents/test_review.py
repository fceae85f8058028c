"""The review queue: what comes up, why, in which order, and when it no longer does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lightkeeper.claims import (
    Casualties,
    CasualtyStatus,
    Certainty,
    ClaimKind,
    Count,
    PlaceRef,
    SpeakerRole,
)
from lightkeeper.incidents import MergeDecision
from lightkeeper.incidents.brief import Material
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.incidents.review import (
    WEIGHT,
    ReviewActKind,
    ReviewItem,
    ReviewKind,
    find_reviews,
)
from lightkeeper.incidents.stream import decide, find_similar, open_stream, receive, snapshot
from lightkeeper.incidents.ties import weakest_ties
from lightkeeper.region import Gazetteer

NOW = datetime(2026, 1, 10, 23, tzinfo=UTC)
CITY = "Ізюм | міська військова адміністрація"
GRID = "Обленерго Харківщини"

Queue = Callable[..., list[ReviewItem]]


@pytest.fixture
def queue(gazetteer: Gazetteer) -> Queue:
    def make(
        *drafts: object,
        decisions: tuple[MergeDecision, ...] = (),
        settled: frozenset[str] = frozenset(),
        now: datetime = NOW,
    ) -> list[ReviewItem]:
        stream = open_stream(gazetteer)
        decide(stream, decisions)
        receive(stream, [(d.report(), d.claims) for d in drafts])  # type: ignore[attr-defined]
        found, reports = snapshot(stream), list(stream.reports.values())
        material = Material(
            incidents=found.incidents,
            outside=found.outside,
            reports={r.id: r for r in reports},
            gazetteer=gazetteer,
            as_of=now,
            authors={r.id: a.role for r in reports if (a := author_of(r, {})).role in OFFICIAL},
        )
        return list(
            find_reviews(
                material,
                similar={i.id: find_similar(stream, i.id) for i in found.incidents},
                ties=weakest_ties(stream),
                decisions=decisions,
                settled=settled,
                heard_at={r.id: r.published_at for r in reports if r.published_at is not None},
                now=now,
            )
        )

    return make


def injured(n: int) -> Casualties:
    return Casualties(status=CasualtyStatus.COUNTED, injured=n)


def two_numbers(draft: Callable[..., object]) -> list[object]:
    return [
        draft(name, hours=h, channel=channel)  # type: ignore[attr-defined]
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
        .tell(ClaimKind.CASUALTIES, at="Ізюм", casualties=injured(n))
        for name, h, channel, n in (("a", 0.0, CITY, 1), ("b", 0.2, GRID, 4))
    ]


def test_a_contradiction_on_casualties_comes_first(
    draft: Callable[..., object], queue: Queue
) -> None:
    reports = two_numbers(draft)
    items = queue(*reports)
    first = items[0]
    assert first.kind is ReviewKind.CONTRADICTION
    assert first.score >= 0.9
    assert "where help goes depends on it" in first.reason["en"]
    assert "куди йде допомога" in first.reason["uk"]
    assert len(first.claims) == 2
    retract = [a for a in first.acts if a.kind is ReviewActKind.RETRACT_REPORT]
    assert {a.reports[0] for a in retract} == set(first.reports)


def test_scores_fall_and_never_exceed_the_weight_of_their_kind(
    draft: Callable[..., object], queue: Queue
) -> None:
    items = queue(*two_numbers(draft))
    assert [i.score for i in items] == sorted((i.score for i in items), reverse=True)
    assert all(0 < i.score <= WEIGHT[i.kind] for i in items)
    assert len({i.id for i in items}) == len(items)


def test_what_was_let_stand_comes_up_again_only_with_new_claims(
    draft: Callable[..., object], queue: Queue
) -> None:
    first, second = two_numbers(draft)
    item = queue(first, second)[0]
    settled = frozenset({item.id})
    assert item.id not in {i.id for i in queue(first, second, settled=settled)}
    third = draft("c", hours=0.3, channel="Новини").tell(  # type: ignore[attr-defined]
        ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0)
    )
    third.tell(ClaimKind.CASUALTIES, at="Ізюм", casualties=injured(9))
    again = queue(first, second, third, settled=settled)
    assert again[0].kind is ReviewKind.CONTRADICTION
    assert again[0].id != item.id


def test_a_grave_claim_of_one_source_is_shown_until_another_tells_it(
    draft: Callable[..., object], queue: Queue
) -> None:
    def report(name: str, channel: str, hours: float) -> object:
        return draft(name, hours=hours, channel=channel).tell(  # type: ignore[attr-defined]
            ClaimKind.OUTAGE,
            at="Ізюм",
            time=(-1, 0),
            customers=Count(best=34_200, unit="customers"),
        )

    alone, more = report("a", CITY, 0), report("b", GRID, 0.2)
    # What a body itself confirms is nothing to ask.
    assert ReviewKind.SEVERE_SINGLE_SOURCE not in [i.kind for i in queue(alone)]
    retold = draft("c", hours=0, channel="Новини").tell(  # type: ignore[attr-defined]
        ClaimKind.OUTAGE,
        at="Ізюм",
        time=(-1, 0),
        by=SpeakerRole.DISTRIBUTION_OPERATOR,
        customers=Count(best=34_200, unit="customers"),
    )
    kinds = [i.kind for i in queue(retold)]
    assert ReviewKind.SEVERE_SINGLE_SOURCE in kinds
    assert ReviewKind.ORIGIN_NOT_HELD in kinds
    assert ReviewKind.SEVERE_SINGLE_SOURCE not in [i.kind for i in queue(retold, alone, more)]


def test_hearsay_nameless_words_and_unknown_places_are_shown(
    draft: Callable[..., object], queue: Queue
) -> None:
    report = (
        draft("a", hours=0)  # type: ignore[attr-defined]
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
        .tell(ClaimKind.DAMAGE, "the dam is hit", at="Ізюм", certainty=Certainty.UNKNOWN)
        .tell(ClaimKind.STRIKE, "somebody says a strike", at="Ізюм", by=SpeakerRole.UNNAMED)
        .tell(
            ClaimKind.OUTAGE,
            at="Ізюм",
            places=(PlaceRef(text="Nowhereville", code=None, level=None),),
        )
    )
    found = {i.kind: i for i in queue(report)}
    assert "“the dam is hit”" in found[ReviewKind.HEARSAY].reason["en"]
    assert "«somebody says a strike»" in found[ReviewKind.UNATTRIBUTED].reason["uk"]
    assert "“Nowhereville”" in found[ReviewKind.PLACE_NOT_KNOWN].reason["en"]
    acts = found[ReviewKind.HEARSAY].acts
    assert [a.kind for a in acts] == [ReviewActKind.CONFIRM, ReviewActKind.RETRACT_CLAIM]
    assert acts[1].claim == found[ReviewKind.HEARSAY].claims[0]


def test_still_being_assessed_grows_stale(draft: Callable[..., object], queue: Queue) -> None:
    report = (
        draft("a", hours=0)  # type: ignore[attr-defined]
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
        .tell(ClaimKind.UNKNOWN, at="Ізюм", subject="damage_extent")
    )

    def stale(hours: float) -> list[ReviewItem]:
        items = queue(report, now=NOW + timedelta(hours=hours))
        return [i for i in items if i.kind is ReviewKind.STILL_ASSESSED]

    assert stale(1) == []
    (early,), (late,) = stale(8), stale(40)
    assert early.score < late.score
    assert early.id == late.id


def test_a_weak_merge_is_offered_until_a_person_decides(
    draft: Callable[..., object], queue: Queue
) -> None:
    reports = [
        draft(name, hours=h, channel=channel).tell(  # type: ignore[attr-defined]
            ClaimKind.EXPLOSIONS, at="Ізюм", time=time
        )
        for name, h, channel, time in (("a", 0.0, CITY, (-1, 0)), ("b", 1.0, GRID, (0.9, 1.0)))
    ]
    items = [
        i for i in queue(*reports) if i.kind in (ReviewKind.WEAK_MERGE, ReviewKind.NEARLY_MERGED)
    ]
    assert items
    (item,) = items
    kinds = {a.kind for a in item.acts}
    assert kinds == {ReviewActKind.MERGE, ReviewActKind.SPLIT}
    for act in item.acts:
        decision = MergeDecision(kind=act.kind.value, reports=act.reports, by="O. Koval", at=NOW)
        left = queue(*reports, decisions=(decision,))
        assert not any(i.kind in (ReviewKind.WEAK_MERGE, ReviewKind.NEARLY_MERGED) for i in left), (
            act.kind
        )


def test_every_kind_has_a_weight_and_reasons_in_both_languages(
    draft: Callable[..., object], queue: Queue
) -> None:
    assert set(WEIGHT) == set(ReviewKind)
    for item in queue(*two_numbers(draft)):
        assert set(item.reason) == set(item.title) == {"uk", "en"}
        assert all(item.reason.values())
        assert item.claims
        assert item.acts
