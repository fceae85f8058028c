from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from lightkeeper.claims import (
    Casualties,
    CasualtyStatus,
    Certainty,
    Claim,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.errors import InputError
from lightkeeper.incidents import Incident, MergeDecision, Reconciliation, reconcile
from lightkeeper.region import Gazetteer
from lightkeeper.reports import Report, ReportId


class Draft(Protocol):
    """A report in the making; see conftest.py."""

    claims: list[Claim]

    @property
    def id(self) -> ReportId: ...

    def tell(
        self,
        kind: ClaimKind,
        words: str | None = None,
        *,
        at: str | tuple[str, ...] | None = None,
        by: SpeakerRole = SpeakerRole.SELF,
        time: TimeRef | tuple[float, float] | None = None,
        **said: object,
    ) -> Draft: ...

    def report(self) -> Report: ...


DraftReport = Callable[..., Draft]
Picture = Callable[..., Reconciliation]
Only = Callable[..., Incident]
Facts = Callable[[Incident, str], list[tuple[str, str]]]

K = ClaimKind
KAB_OR_FAB = Weapons(mode="either", items=("FAB", "KAB"))
ABOUT_10 = Count(best=10, approximate=True, unit="explosions")
CITY = SpeakerRole.CITY_ADMINISTRATION
THURSDAY = TimeRef(text="early Thursday morning", weekday="thursday", part_of_day="early_morning")


def decide(kind: str, *drafts: Draft, minute: int = 0) -> MergeDecision:
    at = datetime(2026, 1, 11, 8, minute, tzinfo=UTC)
    return MergeDecision(kind=kind, reports=tuple(d.id for d in drafts), by="n", at=at)


@pytest.fixture
def izium(draft: DraftReport) -> tuple[Draft, Draft]:
    """Two undated retellings of one announcement, one with something of its own."""
    a = draft("a").tell(K.ALERT, at="Izium").tell(K.OUTAGE, at="Izium", by=CITY)
    a.tell(
        K.EXPLOSIONS,
        at="Izium",
        by=SpeakerRole.OFFICIALS,
        count=ABOUT_10,
        certainty=Certainty.PRELIMINARY,
    ).tell(K.WEAPON, weapons=KAB_OR_FAB, certainty=Certainty.PRELIMINARY)
    b = draft("b").tell(K.OUTAGE, at="Izium Raion", by=CITY)
    b.tell(K.EXPLOSIONS, at="Izium", count=ABOUT_10).tell(K.WEAPON, weapons=KAB_OR_FAB)
    b.tell(
        K.STRIKE,
        "The shelling that followed the explosions hit several districts.",
        weapons=Weapons(mode="one", items=("artillery",)),
    ).tell(K.CASUALTIES, casualties=Casualties(status=CasualtyStatus.NOT_RELEASED))
    return a, b


def test_two_retellings_of_one_announcement(
    izium: tuple[Draft, Draft], only: Only, facts: Facts
) -> None:
    incident = only(*izium)
    assert incident.title == "Explosions and power outage — Izium, Kharkiv Oblast"
    assert len(incident.reports) == 2
    assert incident.n_independent_sources == 1
    assert facts(incident, "explosions") == [("about 10 explosions", "preliminary")]
    assert facts(incident, "outage") == [("power outage", "attributed")]
    assert facts(incident, "casualties") == [("not released", "reported")]
    ((weapon, _),) = facts(incident, "weapon")
    assert weapon == "unguided aerial bomb (FAB) or guided aerial bomb (KAB)"
    assert incident.time is None
    (source,) = incident.sources
    assert source.origin == "city administration, as retold (its own report is not held)"


def test_what_one_retelling_adds_is_shown_as_possible(
    izium: tuple[Draft, Draft], only: Only, facts: Facts
) -> None:
    incident = only(*izium)
    assert facts(incident, "possible_second_attack") == [("further strike (artillery)", "reported")]
    (second,) = [c for c in incident.contradictions if c.field == "possible_second_attack"]
    assert [len(claims) for _, claims in second.sides] == [1, 0]
    assert "not a denial" in second.note


def test_district_or_city_is_a_difference(izium: tuple[Draft, Draft], only: Only) -> None:
    (place,) = [c for c in only(*izium).contradictions if c.field == "place"]
    assert [value for value, _ in place.sides] == ["Izium (city)", "Izium Raion (district)"]


def test_what_a_decision_needs_and_nobody_says(izium: tuple[Draft, Draft], only: Only) -> None:
    unknowns = {u.subject: u.reason for u in only(*izium).unknowns}
    assert unknowns == {
        "casualties": "stated",
        "damage_extent": "not_mentioned",
        "energy_asset": "not_mentioned",
        "time": "not_mentioned",
        "people_without_power": "not_mentioned",
        "restoration_time": "not_mentioned",
    }


def test_a_weekday_and_a_weapon_do_not_make_one_event(draft: DraftReport, picture: Picture) -> None:
    missiles = Weapons(mode="one", items=("missile",))
    reports = [
        draft(name).tell(K.STRIKE, at="Kyiv", time=THURSDAY, weapons=missiles, target="power_plant")
        for name in ("a", "b")
    ]
    incidents = picture(*reports).incidents
    assert [i.n_independent_sources for i in incidents] == [1, 1]
    assert {u.subject for u in incidents[0].unknowns} >= {"date"}


def test_undated_waves_over_different_cities_stay_apart(
    draft: DraftReport, picture: Picture
) -> None:
    a = draft("a").tell(K.STRIKE, at=("Ukraine",), time=THURSDAY, extent="ten regions")
    a.tell(K.STRIKE, at=("Kharkiv", "Odesa"))
    b = draft("b").tell(K.STRIKE, at=("Kyiv",), time=THURSDAY, extent="several other regions")
    assert [i.kind for i in picture(a, b).incidents] == ["wave", "wave"]


def test_a_wave_is_the_parent_of_its_strikes(draft: DraftReport, picture: Picture) -> None:
    report = draft("a").tell(
        K.STRIKE, at="Ukraine", extent="ten regions of Ukraine", by=SpeakerRole.GOVERNMENT
    )
    report.tell(K.STRIKE, at="Kharkiv", count=Count(best=15, unit="strikes"))
    report.tell(K.DAMAGE, at="Odesa", target="energy_facility", effect="hit")
    wave, *local = picture(report).incidents
    assert wave.title == "Strikes — ten regions"
    assert {i.id for i in local} == set(wave.children)
    assert {i.parent for i in local} == {wave.id}
    assert sorted(i.title for i in local) == [
        "Strike on an energy facility — Odesa, Odesa Oblast",
        "Strike — Kharkiv, Kharkiv Oblast",
    ]


def test_a_place_that_only_illustrates_a_wave_is_no_event_of_its_own(
    draft: DraftReport, only: Only
) -> None:
    report = draft("a").tell(K.STRIKE, at="Kyiv", extent="several other Ukrainian regions")
    report.tell(K.OUTAGE, at="Kyiv")
    incident = only(report)
    assert incident.kind == "wave"
    assert incident.title == "Strikes and power outages — Kyiv and other regions"


def test_the_same_town_the_next_night_is_another_event(
    draft: DraftReport, picture: Picture
) -> None:
    first = draft("a", hours=1).tell(K.EXPLOSIONS, at="Shostka", time=(0.5, 1))
    second = draft("b", hours=25).tell(K.EXPLOSIONS, at="Shostka", time=(24.5, 25))
    assert len(picture(first, second).incidents) == 2


def test_one_event_told_from_the_raion_and_the_town(draft: DraftReport, only: Only) -> None:
    alert = draft("a", hours=0, channel="Тривога по районах").tell(
        K.ALERT, at="Шосткинський район", time=(0, 0), alert_type="air_alarm"
    )
    blasts = draft("b", hours=0.5, channel="Шостка | МВА").tell(
        K.EXPLOSIONS, at="Шостка", time=(0.1, 0.5)
    )
    power = draft("c", hours=9, channel="Обленерго Сумщини").tell(
        K.RESTORED, at="Шостка", effect="full"
    )
    incident = only(alert, blasts, power)
    assert incident.n_independent_sources == 2
    assert [g.adds_support for g in incident.sources] == [False, True, True]


def test_different_towns_of_one_raion_stay_apart(draft: DraftReport, picture: Picture) -> None:
    a = draft("a", hours=1).tell(K.EXPLOSIONS, at="Izium", time=(0.5, 1))
    b = draft("b", hours=1).tell(K.EXPLOSIONS, at="Barvinkove", time=(0.5, 1))
    assert len(picture(a, b).incidents) == 2


def test_ice_and_an_attack_are_two_events(draft: DraftReport, picture: Picture) -> None:
    attack = draft("a", hours=1).tell(K.OUTAGE, at="Конотоп", outage_type=OutageType.DAMAGE)
    ice = draft("b", hours=1).tell(K.OUTAGE, at="Конотоп", outage_type=OutageType.WEATHER)
    ice.tell(K.DAMAGE, at="Конотоп", target="power_line")
    kinds = sorted(i.kind for i in picture(attack, ice).incidents)
    assert kinds == ["outage", "outage_weather"]


def test_planned_outages_are_no_incident(draft: DraftReport, picture: Picture) -> None:
    result = picture(
        draft("a", hours=1).tell(K.OUTAGE, at="Kyiv", outage_type=OutageType.SCHEDULED)
    )
    assert result.incidents == ()
    assert len(result.outside) == 1


@pytest.mark.parametrize("layer", [Layer.CONTEXT, Layer.NARRATIVE, Layer.OUT_OF_SCOPE])
def test_only_claims_of_the_event_become_facts(
    draft: DraftReport, picture: Picture, layer: Layer
) -> None:
    result = picture(draft("a", layer=layer).tell(K.STRIKE, at="Kyiv"))
    assert result.incidents == ()
    assert [c.layer for c in result.outside] == [layer]


def test_numbers_are_never_added_up(draft: DraftReport, only: Only, facts: Facts) -> None:
    reports = [
        draft(name, hours=1).tell(K.EXPLOSIONS, at="Izium", time=(0, 1), count=ABOUT_10)
        for name in "abc"
    ]
    incident = only(*reports)
    assert [value for value, _ in facts(incident, "explosions")] == ["about 10 explosions"]


def test_numbers_that_cannot_both_be_right(draft: DraftReport, only: Only, facts: Facts) -> None:
    a = draft("a", hours=1, channel="Шостка МВА").tell(
        K.EXPLOSIONS, at="Шостка", time=(0, 1), count=Count(best=3, unit="explosions")
    )
    b = draft("b", hours=1, channel="Сумська ОВА").tell(
        K.EXPLOSIONS, at="Шостка", time=(0, 1), count=Count(best=9, unit="explosions")
    )
    incident = only(a, b)
    ((value, status),) = facts(incident, "explosions")
    assert set(value.split(" or ")) == {"3 explosions", "9 explosions"}
    assert status == "contradicted"
    (contradiction,) = incident.contradictions
    assert {side for side, _ in contradiction.sides} == {"3 explosions", "9 explosions"}


def test_a_correction_replaces_a_number_and_an_old_retelling_does_not_bring_it_back(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    def customers(n: int, *, about: bool = False) -> Count:
        return Count(best=n, approximate=about, unit="customers")

    first = draft("a", hours=1, channel="Обленерго Сумщини").tell(
        K.OUTAGE,
        at="Шостка",
        outage_type=OutageType.DAMAGE,
        customers=customers(41_000, about=True),
    )
    corrected = draft("b", hours=8, channel="Обленерго Сумщини").tell(
        K.OUTAGE, at="Шостка", outage_type=OutageType.DAMAGE, customers=customers(34_200)
    )
    late = draft("c", hours=9, channel="Північні новини").tell(
        K.OUTAGE,
        at="Шостка",
        by=SpeakerRole.DISTRIBUTION_OPERATOR,
        customers=customers(41_000, about=True),
    )
    for reports in ((first, corrected), (late, corrected, first)):
        incident = only(*reports)
        current = [v for v, _ in facts(incident, "without_power")]
        assert "34,200 customers" in current[0]
        (old, *_) = incident.superseded
        assert (old.old, old.new, old.by) == (
            "about 41,000 customers",
            "34,200 customers",
            corrected.id,
        )


def test_a_number_after_none_reported_is_an_update(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    early = draft("a", hours=1, channel="Шостка МВА").tell(K.STRIKE, at="Шостка", time=(0, 1))
    early.tell(K.CASUALTIES, casualties=Casualties(status=CasualtyStatus.NONE_REPORTED))
    late = draft("b", hours=8, channel="Сумська ОВА").tell(
        K.CASUALTIES,
        at="Шостка",
        casualties=Casualties(status=CasualtyStatus.COUNTED, killed=0, injured=3),
    )
    incident = only(early, late)
    assert facts(incident, "casualties") == [
        ("nobody killed", "confirmed"),
        ("3 injured", "confirmed"),
    ]
    assert [s.old for s in incident.superseded] == ["none reported so far"]


def test_a_part_of_a_total_is_not_a_contradiction(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    report = draft("a", hours=8, channel="Сумська ОВА").tell(K.STRIKE, at="Шостка")
    for injured in (3, 2):
        report.tell(
            K.CASUALTIES, casualties=Casualties(status=CasualtyStatus.COUNTED, injured=injured)
        )
    incident = only(report)
    assert facts(incident, "casualties") == [("3 injured", "confirmed")]
    assert incident.contradictions == ()


def test_confirmed_only_in_the_bodys_own_report(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    retold = draft("a", hours=2, channel="Новини").tell(K.OUTAGE, at="Шостка", by=CITY)
    assert facts(only(retold), "outage") == [("power outage", "attributed")]
    own = draft("b", hours=1, channel="Шостка | міська військова адміністрація").tell(
        K.OUTAGE, at="Шостка"
    )
    incident = only(retold, own)
    assert facts(incident, "outage") == [("power outage", "confirmed")]
    assert incident.n_independent_sources == 1
    another = draft("c", hours=2, channel="Обленерго Сумщини").tell(K.OUTAGE, at="Шостка")
    assert facts(only(retold, own, another), "outage") == [("power outage", "corroborated")]


def test_a_retelling_of_two_bodies_ties_them_not_together(draft: DraftReport, only: Only) -> None:
    city = draft("a", hours=1, channel="Шостка МВА").tell(K.STRIKE, at="Шостка", time=(0, 1))
    grid = draft("b", hours=1, channel="Обленерго Сумщини").tell(K.OUTAGE, at="Шостка")
    both = draft("c", hours=2, channel="Новини").tell(K.STRIKE, at="Шостка", by=CITY)
    both.tell(K.OUTAGE, at="Шостка", by=SpeakerRole.DISTRIBUTION_OPERATOR)
    assert only(city, grid, both).n_independent_sources == 2


def test_a_forward_is_no_second_source(draft: DraftReport, only: Only) -> None:
    words = "There were explosions in the town and part of it is without light now."
    origin = draft("a", hours=1, channel="Полтавська ОВА").tell(K.EXPLOSIONS, words, at="Кременчук")
    forward = draft("b", hours=1.2, channel="Полтавщина 24", forwarded_from="Полтавська ОВА").tell(
        K.EXPLOSIONS, words, at="Кременчук"
    )
    incident = only(origin, forward)
    assert incident.n_independent_sources == 1
    assert "forwarded" in incident.sources[0].reason


def test_a_denial_contradicts_and_a_rumour_is_no_fact(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    rumour = draft("a", hours=1, channel="Чат").tell(
        K.DAMAGE, at="Кременчук", target="dam", certainty=Certainty.UNKNOWN
    )
    denial = draft("b", hours=1, channel="Міський голова Кременчука").tell(
        K.DAMAGE, "The dam is whole.", at="Кременчук", target="dam", is_negated=True
    )
    denial.tell(K.EXPLOSIONS, at="Кременчук", time=(0, 1))
    incident = only(rumour, denial)
    assert facts(incident, "damage") == [("no damage: “The dam is whole.”", "contradicted")]
    assert len(facts(incident, "rumour")) == 1
    assert [c.field for c in incident.contradictions] == ["damage"]


def test_weapons_that_exclude_each_other(draft: DraftReport, only: Only) -> None:
    def bombs(mode: str, *items: str) -> Weapons:
        return Weapons(mode=mode, items=items)

    a = draft("a", hours=1).tell(K.STRIKE, at="Izium", time=(0, 1), weapons=bombs("one", "KAB"))
    b = draft("b", hours=1).tell(
        K.STRIKE, at="Izium", time=(0, 1), weapons=bombs("either", "FAB", "KAB")
    )
    c = draft("c", hours=1).tell(
        K.STRIKE, at="Izium", time=(0, 1), weapons=bombs("one", "aerial_bomb")
    )
    assert [x.field for x in only(a, b).contradictions] == ["weapon"]
    assert only(a, c).contradictions == ()


def test_an_unknown_place_is_kept_as_told(draft: DraftReport, only: Only) -> None:
    incident = only(draft("a", hours=1).tell(K.STRIKE, at="Nowhereville"))
    assert incident.title == "Strike — nowhereville"
    assert incident.places[0].code is None


def test_no_place_at_all(draft: DraftReport, only: Only) -> None:
    assert only(draft("a", hours=1).tell(K.STRIKE)).title == "Strike — place not stated"


def test_a_claim_without_its_report_is_refused(draft: DraftReport, gazetteer: Gazetteer) -> None:
    report = draft("a").tell(K.STRIKE, at="Kyiv")
    with pytest.raises(InputError, match="give the report too"):
        reconcile(report.claims, [], gazetteer)


def test_people_split_and_merge_and_undo(izium: tuple[Draft, Draft], picture: Picture) -> None:
    a, b = izium
    merged = picture(a, b)
    split = decide("split", a, b)
    apart = picture(a, b, decisions=(split,))
    assert [len(i.reports) for i in apart.incidents] == [1, 1]
    again = picture(a, b, decisions=(split, decide("merge", a, b, minute=5)))
    assert again == merged
    assert picture(a, b, decisions=()) == merged
    assert (
        picture(a, b, decisions=(decide("merge", a, b), decide("split", a, b, minute=5))) == apart
    )


def test_a_person_may_merge_what_the_program_rules_out(
    draft: DraftReport, picture: Picture
) -> None:
    a = draft("a", hours=1).tell(K.EXPLOSIONS, at="Izium", time=(0.5, 1))
    b = draft("b", hours=40).tell(K.EXPLOSIONS, at="Balakliia", time=(39, 40))
    assert len(picture(a, b).incidents) == 2
    assert len(picture(a, b, decisions=(decide("merge", a, b),)).incidents) == 1


def test_a_split_holds_against_a_merge_through_a_third(
    draft: DraftReport, picture: Picture
) -> None:
    a, b, c = (draft(name, hours=1).tell(K.EXPLOSIONS, at="Izium", time=(0.5, 1)) for name in "abc")
    assert len(picture(a, b, c).incidents) == 1
    together = (decide("merge", a, b), decide("merge", b, c, minute=1))
    split = decide("split", a, c, minute=2)
    groups = [set(i.reports) for i in picture(a, b, c, decisions=(*together, split)).incidents]
    assert sorted(len(g) for g in groups) == [1, 2]
    assert not any({a.id, c.id} <= g for g in groups)
    later = (replace(split, at=datetime(2026, 1, 11, 7, tzinfo=UTC)), *together)
    assert len(picture(a, b, c, decisions=later).incidents) == 1


def test_an_id_outlives_a_rewrite(izium: tuple[Draft, Draft], picture: Picture) -> None:
    a, b = izium
    both = picture(a, b)
    for alone in (a, b):
        (incident,) = picture(alone).incidents
        found = both.find(incident.id)
        assert found is not None
        assert incident.id in found.aliases
    assert both.find(both.incidents[0].id) == both.incidents[0]
    assert picture(a).find(both.incidents[0].id) in (None, picture(a).incidents[0])


def test_a_later_rewrite_keeps_the_id(draft: DraftReport, only: Only) -> None:
    first = draft("z", hours=1).tell(K.EXPLOSIONS, at="Izium", time=(0.5, 1))
    later = draft("a", hours=2).tell(K.EXPLOSIONS, at="Izium", time=(0.5, 1))
    assert only(first).id == only(first, later).id


def test_an_answer_belongs_to_what_it_answers(draft: DraftReport, gazetteer: Gazetteer) -> None:
    first = draft("a", hours=1, channel="Обленерго Сумщини").tell(K.OUTAGE, at="Шостка")
    answer = draft("b", hours=8, channel="Обленерго Сумщини").tell(K.OUTAGE, at="Сумська область")
    claims = [*first.claims, *answer.claims]
    asked = replace(first.report(), item="5")
    for reply_to, n_incidents in ((None, 2), ("5", 1), ("6", 2)):
        answered = replace(answer.report(), item="9", reply_to=reply_to)
        assert len(reconcile(claims, [asked, answered], gazetteer).incidents) == n_incidents


def test_an_undated_retelling_joins_the_own_report_of_the_body_it_names(
    draft: DraftReport, only: Only, picture: Picture
) -> None:
    own = draft("a", hours=1, channel="Шостка МВА").tell(
        K.EXPLOSIONS, at="Шостка", time=(0.5, 1), count=ABOUT_10
    )
    retold = draft("b").tell(K.EXPLOSIONS, at="Шостка", by=CITY, count=ABOUT_10)
    incident = only(own, retold)
    assert len(incident.reports) == 2
    assert incident.n_independent_sources == 1
    other_number = Count(best=3, unit="explosions")
    unlike = draft("c").tell(K.EXPLOSIONS, at="Шостка", by=CITY, count=other_number)
    assert len(picture(own, unlike).incidents) == 2


def test_a_retelling_with_another_number_contradicts_and_does_not_correct(
    draft: DraftReport, only: Only, facts: Facts
) -> None:
    own = draft("a", hours=1, channel="Шостка МВА").tell(
        K.EXPLOSIONS, at="Шостка", time=(0.5, 1), count=Count(best=6, unit="explosions")
    )
    retold = draft("b", hours=2, channel="Новини").tell(
        K.EXPLOSIONS, at="Шостка", by=CITY, time=(0.5, 1), count=Count(min=10, unit="explosions")
    )
    incident = only(own, retold)
    assert incident.superseded == ()
    (contradiction,) = incident.contradictions
    assert [value for value, _ in contradiction.sides] == ["6 explosions", "at least 10 explosions"]
    assert facts(incident, "explosions") == [
        ("6 explosions or at least 10 explosions", "contradicted")
    ]


def test_an_alarm_alone_leaves_nothing_of_an_attack_to_ask(draft: DraftReport, only: Only) -> None:
    alarm = draft("a", hours=1, channel="Шостка МВА").tell(K.ALERT, at="Шостка", time=(0.9, 1))
    assert only(alarm).unknowns == ()
