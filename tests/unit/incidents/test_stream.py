"""Reports as they arrive: versions of a post, ids, similar incidents, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from report_drafts import T0, Draft

from lightkeeper.claims import Casualties, CasualtyStatus, ClaimKind, Count, OutageType
from lightkeeper.errors import InputError
from lightkeeper.incidents import Importance, Incident, MergeDecision, Replacement
from lightkeeper.incidents.stream import (
    Stream,
    decide,
    find_incident,
    find_similar,
    open_stream,
    receive,
    snapshot,
    withdraw,
)
from lightkeeper.region import Gazetteer

Make = Callable[..., Draft]
K = ClaimKind


def households(n: int) -> Count:
    return Count(min=n, best=n, max=n, unit="households")


@pytest.fixture
def stream(gazetteer: Gazetteer) -> Stream:
    return open_stream(gazetteer)


def take_in(stream: Stream, *drafts: Draft) -> tuple[Incident, ...]:
    receive(stream, [(d.report(), d.claims) for d in drafts])
    return snapshot(stream).incidents


def strike(draft: Make, name: str, hours: float, place: str, channel: str | None = None) -> Draft:
    told = draft(name, hours=hours, channel=channel or f"{place} МВА")
    return told.tell(K.EXPLOSIONS, at=place, time=(hours - 1, hours))


def test_an_edited_post_replaces_what_it_said(stream: Stream, draft: Make) -> None:
    first = draft("a", hours=8, channel="Обленерго Одещини")
    first.tell(K.OUTAGE, at="Ізмаїл", customers=households(16_000))
    first.tell(K.FORECAST, "Power will be back by noon.", at="Ізмаїл")
    second = draft("b", hours=8.4, channel="Обленерго Одещини")
    second.tell(K.OUTAGE, at="Ізмаїл", customers=households(17_000))
    versions = [
        replace(first.report(), item="7"),
        replace(second.report(), item="7", is_edited=True, edited_at=T0 + timedelta(hours=8.4)),
    ]
    receive(stream, list(zip(versions, (first.claims, second.claims), strict=True)))
    (incident,) = snapshot(stream).incidents
    (without,) = [f for f in incident.facts if f.name == "without_power"]
    assert without.count == households(17_000)
    assert not [f for f in incident.facts if f.name == "forecast"]
    assert {(s.field, s.how, s.by) for s in incident.superseded} == {
        ("without_power", Replacement.EDIT, second.id),
        ("forecast", Replacement.EDIT, second.id),
    }
    assert incident.n_independent_sources == 1


def test_a_place_that_an_edit_takes_out_is_no_incident(stream: Stream, draft: Make) -> None:
    first = strike(draft, "a", 2.0, "Суми", channel="Новини")
    second = strike(draft, "b", 2.2, "Шостка", channel="Новини")
    old = replace(first.report(), item="7")
    receive(stream, [(old, first.claims)])
    assert len(snapshot(stream).incidents) == 1
    receive(stream, [(replace(second.report(), item="7"), second.claims)])
    (incident,) = snapshot(stream).incidents
    assert "Shostka" in incident.title
    withdraw(stream, [second.id])  # the edit is taken back: the first version stands again
    (incident,) = snapshot(stream).incidents
    assert "Sumy" in incident.title


def test_an_earlier_report_that_comes_late_moves_the_id_and_the_old_one_still_finds_it(
    stream: Stream, draft: Make
) -> None:
    (before,) = take_in(stream, strike(draft, "b", 2.0, "Шостка"))
    (after,) = take_in(stream, strike(draft, "a", 1.5, "Шостка", channel="Небо — монітор"))
    assert after.id != before.id
    assert find_incident(stream, before.id) == after
    assert find_incident(stream, after.id) == after


def test_a_split_gives_each_part_its_own_id_back(stream: Stream, draft: Make) -> None:
    a, b = strike(draft, "a", 1.5, "Шостка"), strike(draft, "b", 2.0, "Шостка", channel="Н")
    (both,) = take_in(stream, a, b)
    decide(stream, [MergeDecision(kind="split", reports=(a.id, b.id), by="n", at=T0)])
    parts = snapshot(stream).incidents
    assert sorted(both.aliases) == sorted(i.id for i in parts)
    for part in parts:
        (similar,) = find_similar(stream, part.id)
        assert similar.incident == next(i.id for i in parts if i.id != part.id)
        assert similar.ruled_out == "a person keeps them apart"
        assert any("the same place" in reason for reason in similar.reasons)
    decide(stream, [])
    assert snapshot(stream).incidents == (both,)


def test_the_next_night_is_offered_as_similar_only_where_it_nearly_fits(
    stream: Stream, draft: Make
) -> None:
    first, other = take_in(
        stream, strike(draft, "a", 1.0, "Шостка"), strike(draft, "b", 26.0, "Шостка")
    )
    assert find_similar(stream, first.id) == ()  # ruled out by the hours between them
    assert find_similar(stream, other.id) == ()
    assert find_similar(stream, "i-nothing") == ()  # type: ignore[arg-type]


def test_a_report_told_anew_counts_as_it_is_told_now(stream: Stream, draft: Make) -> None:
    one = strike(draft, "a", 1.0, "Шостка").tell(K.OUTAGE, at="Шостка")
    (before,) = take_in(stream, one)
    receive(stream, [(one.report(), one.claims[:1])])
    (after,) = snapshot(stream).incidents
    assert len(after.claims) == len(before.claims) - 1
    assert snapshot(stream).outside == ()


def test_claims_of_another_report_are_refused_and_nothing_is_taken_in(
    stream: Stream, draft: Make
) -> None:
    a, b = strike(draft, "a", 1.0, "Шостка"), strike(draft, "b", 2.0, "Суми")
    with pytest.raises(InputError, match="which is not given"):
        receive(stream, [(a.report(), a.claims), (b.report(), a.claims)])
    assert snapshot(stream).incidents == ()


def test_taking_out_what_is_not_there_changes_nothing(stream: Stream, draft: Make) -> None:
    (before,) = take_in(stream, strike(draft, "a", 1.0, "Шостка"))
    withdraw(stream, [draft("x").id])
    assert snapshot(stream).incidents == (before,)


def test_contradictions_and_unknowns_are_graded(stream: Stream, draft: Make) -> None:
    told = [
        strike(draft, name, hours, "Шостка", channel=channel)
        for name, hours, channel in (("a", 1.0, "Шостка МВА"), ("b", 1.2, "ДСНС Сумщини"))
    ]
    for one, injured in zip(told, (2, 5), strict=True):
        harm = Casualties(status=CasualtyStatus.COUNTED, injured=injured)
        one.tell(K.CASUALTIES, at="Шостка", casualties=harm)
    (incident,) = take_in(stream, *told)
    (contradiction,) = incident.contradictions
    assert (contradiction.field, contradiction.importance) == ("casualties", Importance.HIGH)
    grades = {u.subject: u.importance for u in incident.unknowns}
    assert grades["energy_asset"] is Importance.HIGH
    assert grades["restoration_time"] is Importance.MEDIUM


def test_a_fact_says_how_many_sources_tell_it(stream: Stream, draft: Make) -> None:
    own = [
        strike(draft, "a", 1.0, "Шостка", channel="Шостка МВА"),
        strike(draft, "b", 1.2, "Шостка", channel="ДСНС Сумщини"),
        strike(draft, "c", 1.3, "Шостка", channel="Новини дня"),
    ]
    (incident,) = take_in(stream, *own)
    (explosions,) = [f for f in incident.facts if f.name == "explosions"]
    assert (explosions.n_sources, incident.n_independent_sources) == (2, 2)
    assert len(explosions.claims) == 3


def test_an_answer_that_names_no_place_belongs_to_what_it_answers(
    stream: Stream, draft: Make
) -> None:
    first = draft("a", hours=1, channel="Обленерго Сумщини")
    first.tell(K.OUTAGE, at="Шостка", customers=households(900))
    answer = draft("b", hours=6, channel="Обленерго Сумщини").tell(K.RESTORED, effect="full")
    reports = [
        replace(first.report(), item="1"),
        replace(answer.report(), item="2", reply_to="1"),
    ]
    receive(stream, list(zip(reports, (first.claims, answer.claims), strict=True)))
    (incident,) = snapshot(stream).incidents
    assert incident.reports == (first.id, answer.id)


def test_power_back_after_ice_is_of_the_ice(stream: Stream, draft: Make) -> None:
    ice = draft("a", hours=1, channel="Обленерго Сумщини")
    ice.tell(K.OUTAGE, at="Шостка", outage_type=OutageType.WEATHER)
    back = draft("b", hours=6, channel="Обленерго Сумщини")
    back.tell(K.RESTORED, at="Шостка", effect="full")
    (incident,) = take_in(stream, ice, back)
    assert incident.kind == "outage_weather"
