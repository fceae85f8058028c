"""What each audience sees, proven on everything that would leave: the JSON itself."""

from __future__ import annotations

from datetime import timedelta

from pydantic_core import to_json
from small_picture import (
    ASSET_NAME,
    NOW,
    OUTAGE,
    STRIKE_WORDS,
    make_incident,
    make_notice,
    make_picture,
)

from lightkeeper.consequences.model import Knowledge
from lightkeeper.notices import Audience, NoticeClass, Picture, approve, project

SECRETS_OF_OPERATORS = (ASSET_NAME, "branch-17", "branch-18", "F-1", "substation:S-0001")
NEVER_PUBLIC = (
    *SECRETS_OF_OPERATORS,
    STRIKE_WORDS,
    "Riverside",
    "post.txt",
    '"strike"',
    ":strike:",
    "Hospital",
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
    text = text_of(project(make_picture(), Audience.PUBLIC, now=NOW))
    for secret in NEVER_PUBLIC:
        assert secret not in text


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
    from dataclasses import replace

    from small_picture import STRIKE

    picture = replace(make_picture(), incidents=(make_incident((STRIKE,)),))
    assert project(picture, Audience.PUBLIC, now=NOW).incidents == ()


def test_the_public_sees_notices_only_when_approved_and_due() -> None:
    held = approve(make_notice(NoticeClass.UNPLANNED), by="Olena", at=NOW, is_exercise=True)
    alarm = approve(make_notice(NoticeClass.LIFE_SAFETY), by="Olena", at=NOW, is_exercise=True)
    planned = approve(make_notice(NoticeClass.PLANNED), by="Olena", at=NOW, is_exercise=True)
    picture = make_picture(notices=(held, alarm, planned, make_notice()))
    assert project(picture, Audience.PUBLIC, now=NOW).notices == (alarm, planned)
    later = held.not_before
    assert project(picture, Audience.PUBLIC, now=later).notices == (held, alarm, planned)
    assert project(picture, Audience.OFFICIAL, now=NOW).notices == picture.notices
