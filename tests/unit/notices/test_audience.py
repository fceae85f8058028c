"""What each audience sees, proven on everything that would leave: the JSON itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pydantic_core import to_json
from small_picture import (
    ALERT,
    ASSET_NAME,
    NOW,
    OUTAGE,
    REPORT,
    STRIKE,
    STRIKE_WORDS,
    make_incident,
    make_notice,
    make_picture,
    make_repair,
    make_schedule_entry,
)

from lightkeeper.claims.model import PlaceRef
from lightkeeper.consequences.model import Knowledge, SamplingError
from lightkeeper.incidents.model import Incident
from lightkeeper.notices import Audience, NoticeClass, NoticeId, Picture, approve, project
from lightkeeper.notices.picture import PlaceName
from lightkeeper.region.model import PlaceCode, PlaceLevel

SECRETS_OF_OPERATORS = (ASSET_NAME, "branch-17", "branch-18", "F-1", "substation:S-0001")
NEVER_PUBLIC = (
    *SECRETS_OF_OPERATORS,
    STRIKE_WORDS,
    "Riverside",
    "post.txt",
    '"strike"',
    ":strike:",
    "Hospital",
    "Olena",
    REPORT,
    "source-of-",
    "from damage",
)


def text_of(picture: Picture) -> str:
    return to_json(picture).decode()


def test_the_operator_sees_everything_but_rank_and_coordinates_together() -> None:
    shown = project(make_picture(), Audience.OPERATOR, now=NOW)
    assert shown == make_picture()
    for part in (shown.assets, shown.reinforcement, shown.margin):
        assert not {"lon", "lat"} & set(to_json(part).decode().split('"'))


def test_officials_see_incidents_and_districts_but_no_element() -> None:
    text = text_of(project(make_picture(), Audience.OFFICIAL, now=NOW))
    assert STRIKE_WORDS in text
    assert "Hospital 1" in text
    for secret in SECRETS_OF_OPERATORS:
        assert secret not in text


def test_the_public_never_sees_where_or_how_a_strike_hit() -> None:
    approved = [
        approve(make_notice(of), by="Olena", at=NOW, is_exercise=True) for of in NoticeClass
    ]
    full = make_picture(notices=tuple(approved))
    assert [s for s in NEVER_PUBLIC if s not in text_of(full)] == []
    text = text_of(project(full, Audience.PUBLIC, now=NOW + timedelta(minutes=31)))
    for secret in NEVER_PUBLIC:
        assert secret not in text


def test_the_hours_ahead_are_for_officials_and_their_chains_for_operators() -> None:
    full = make_picture()
    assert full.course is not None
    assert full.course.chains
    official = project(full, Audience.OFFICIAL, now=NOW)
    assert official.course == replace(full.course, chains=())
    public = project(full, Audience.PUBLIC, now=NOW)
    assert public.course is None
    assert official.with_plan == full.with_plan
    assert public.with_plan is None
    assert "hours" in public.held_back


def test_rounded_figures_leave_without_their_sampling_error() -> None:
    sampling = SamplingError(
        p05=(3_111.0, 3_222.0), median=(5_411.0, 5_499.0), p95=(None, None), mean_error=17.25
    )
    full = make_picture()
    first, *others = full.districts
    figure = replace(first.consequence.people_off, sampling=sampling)
    told = replace(first, consequence=replace(first.consequence, people_off=figure))
    shown = project(replace(full, districts=(told, *others)), Audience.PUBLIC, now=NOW)
    assert shown.districts[0].consequence.people_off.sampling is None


def test_the_public_sees_reported_outages_by_district_in_round_numbers() -> None:
    shown = project(make_picture(), Audience.PUBLIC, now=NOW)
    (district,) = shown.districts
    assert district.consequence.knowledge is Knowledge.REPORTED_PARTLY_DARK
    assert district.consequence.people_off.median == 5_500
    (incident,) = shown.incidents
    assert {f.name for f in incident.facts} == {"alert", "outage"}
    assert [p.text for p in incident.places] == ["Ivanivka Raion"]
    assert shown.held_back


def test_fresh_state_is_held_back_but_an_alarm_is_not() -> None:
    fresh = make_picture(received_at=NOW - timedelta(minutes=5))
    shown = project(fresh, Audience.PUBLIC, now=NOW)
    assert shown.districts == ()
    assert shown.totals is None
    (incident,) = shown.incidents
    assert [f.name for f in incident.facts] == ["alert"]
    assert OUTAGE.id not in text_of(shown)
    later = project(fresh, Audience.PUBLIC, now=NOW + timedelta(minutes=26))
    assert [d.name_en for d in later.districts] == ["Ivanivka Raion"]


def test_an_incident_of_strikes_alone_does_not_exist_for_the_public() -> None:
    picture = replace(make_picture(), incidents=(make_incident((STRIKE,)),))
    assert project(picture, Audience.PUBLIC, now=NOW).incidents == ()


def test_the_public_sees_notices_only_when_approved_and_due() -> None:
    held = approve(make_notice(NoticeClass.UNPLANNED), by="Olena", at=NOW, is_exercise=True)
    alarm = approve(make_notice(NoticeClass.LIFE_SAFETY), by="Olena", at=NOW, is_exercise=True)
    planned = approve(make_notice(NoticeClass.PLANNED), by="Olena", at=NOW, is_exercise=True)
    picture = make_picture(notices=(held, alarm, planned, make_notice()))

    def shown(now: datetime) -> list[NoticeId]:
        return [n.id for n in project(picture, Audience.PUBLIC, now=now).notices]

    assert shown(NOW) == [alarm.id, planned.id]
    assert shown(held.not_before) == [held.id, alarm.id, planned.id]
    assert project(picture, Audience.OFFICIAL, now=NOW).notices == picture.notices


def test_the_public_sees_a_schedule_only_by_an_approved_notice_of_that_very_schedule() -> None:
    planned = make_notice(NoticeClass.PLANNED)
    approved = approve(planned, by="Olena", at=NOW, is_exercise=True)
    schedule = make_schedule_entry()

    def is_shown(picture: Picture, now: datetime = NOW) -> bool:
        return project(picture, Audience.PUBLIC, now=now).schedule is not None

    picture = replace(make_picture(notices=(planned,)), schedule=schedule)
    assert not is_shown(picture)
    assert project(picture, Audience.OFFICIAL, now=NOW).schedule == schedule
    assert is_shown(replace(picture, notices=(approved,)))
    assert not is_shown(replace(picture, notices=(approved,)), approved.expires_at)
    later = replace(schedule, starts_at=schedule.starts_at + timedelta(hours=1))
    assert not is_shown(replace(picture, notices=(approved,), schedule=later))
    swapped = replace(schedule, is_off=schedule.is_off[::-1])
    assert not is_shown(replace(picture, notices=(approved,), schedule=swapped))


def public_incident(*places: PlaceRef) -> Incident:
    """Return what the public gets of an alarm in the places said."""
    alarm = replace(ALERT, places=places)
    names = (PlaceName(code=PlaceCode("UA0"), name_uk="Область", name_en="The Oblast"),)
    picture = replace(
        make_picture(), incidents=(make_incident((alarm, STRIKE)),), place_names=names
    )
    shown = project(picture, Audience.PUBLIC, now=NOW)
    assert [n.code for n in shown.place_names] == [
        p.code for p in shown.incidents[0].places if p.code is not None
    ]
    return shown.incidents[0]


def test_a_place_as_coarse_as_a_district_is_told_and_a_finer_one_is_not() -> None:
    oblast = PlaceRef(text="in the oblast", code=PlaceCode("UA0"), level=PlaceLevel.OBLAST)
    town = PlaceRef(text="Ivanivka", code=PlaceCode("UA1"), level=PlaceLevel.SETTLEMENT)
    told = public_incident(replace(oblast, part="the riverside half"), town)
    assert [(p.text, p.code, p.part) for p in told.places] == [("The Oblast", "UA0", None)]
    assert told.title == "Air alarm \N{EM DASH} The Oblast"
    untold = public_incident(town)
    assert untold.places == ()
    assert untold.title == "Air alarm \N{EM DASH} place not released"


def test_the_place_of_a_strike_stays_unsaid_even_by_oblast() -> None:
    oblast = PlaceRef(text="the oblast", code=PlaceCode("UA0"), level=PlaceLevel.OBLAST)
    strike = replace(STRIKE, places=(oblast,))
    picture = replace(make_picture(), incidents=(make_incident((ALERT, strike)),))
    (shown,) = project(picture, Audience.PUBLIC, now=NOW).incidents
    assert shown.places == ()


def test_officials_read_no_note_that_names_an_element_of_the_shedding() -> None:
    picture = make_picture()
    assert picture.shedding is not None
    note = 'no source is left around "S-17" (2 buses): 45.0 MW without supply'
    told = replace(picture, shedding=replace(picture.shedding, notes=(note,)))
    official = project(told, Audience.OFFICIAL, now=NOW).shedding
    assert official is not None
    assert official.notes == ()
    assert "S-17" not in text_of(project(told, Audience.PUBLIC, now=NOW))
    operator = project(told, Audience.OPERATOR, now=NOW).shedding
    assert operator is not None
    assert operator.notes == (note,)


def test_what_is_blanked_for_officials_says_so() -> None:
    picture = replace(make_picture(), repair=make_repair())
    shown = project(picture, Audience.OFFICIAL, now=NOW)
    assert ASSET_NAME not in text_of(shown)
    assert shown.repair is not None
    first, second = shown.repair.jobs
    assert (first.asset, first.name, first.reason) == ("withheld",) * 3
    assert (first.waits_for, second.waits_for) == (("withheld",), ())
    assert first.district == "UA1"


def test_what_only_an_operators_list_says_is_not_for_the_public() -> None:
    picture = make_picture()
    first, *rest = picture.districts
    listed = replace(
        first,
        consequence=replace(
            first.consequence, reported_by=(), reported_sources=("feeder list off.csv",)
        ),
    )
    shown = project(replace(picture, districts=(listed, *rest)), Audience.PUBLIC, now=NOW)
    assert shown.districts == ()
