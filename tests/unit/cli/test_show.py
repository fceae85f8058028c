"""A picture as text: words instead of codes, and nothing said that is not known."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console
from small_picture import (
    ALERT,
    NOW,
    STRIKE,
    make_incident,
    make_notice,
    make_picture,
    make_repair,
    make_schedule_entry,
)

from lightkeeper.claims.model import Attribution, Certainty, Claim, ClaimKind, Layer, SpeakerRole
from lightkeeper.cli.show import show_picture
from lightkeeper.incidents.model import Contradiction, Fact, FieldStatus, Incident, Unknown
from lightkeeper.notices import approve, project
from lightkeeper.notices.model import Audience, NoticeClass
from lightkeeper.notices.picture import Picture
from lightkeeper.region.model import FeederId


def shown(picture: Picture, **options: object) -> str:
    stream = io.StringIO()
    show_picture(Console(file=stream, width=200), picture, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def told(role: SpeakerRole, name: str | None = None, **fields: object) -> Claim:
    claim = replace(STRIKE, attribution=Attribution(role=role, name=name))
    return replace(claim, **fields)  # type: ignore[arg-type]


def incident(claim: Claim, status: FieldStatus) -> Incident:
    fact = Fact(
        name="possible_second_attack",
        value="said",
        certainty=claim.certainty,
        status=status,
        claims=(claim.id,),
    )
    return replace(make_incident((claim,)), facts=(fact,))


@pytest.mark.parametrize(
    ("claim", "status", "words"),
    [
        (
            told(SpeakerRole.CITY_ADMINISTRATION),
            FieldStatus.ATTRIBUTED,
            "said  stated as fact by city administration, 1 claim(s)",
        ),
        (
            told(SpeakerRole.SYSTEM_OPERATOR, certainty=Certainty.LIKELY),
            FieldStatus.ATTRIBUTED,
            "said  called likely by transmission system operator",
        ),
        (
            told(SpeakerRole.MAYOR, "Mayor Koval"),
            FieldStatus.ATTRIBUTED,
            "said  stated as fact by Mayor Koval",
        ),
        (
            told(SpeakerRole.SELF, certainty=Certainty.PRELIMINARY),
            FieldStatus.PRELIMINARY,
            "said  preliminary, 1 claim(s)",
        ),
        (told(SpeakerRole.SELF), FieldStatus.CONFIRMED, "said  confirmed, stated as fact, 1"),
    ],
)
def test_how_a_fact_stands(claim: Claim, status: FieldStatus, words: str) -> None:
    text = shown(replace(make_picture(), incidents=(incident(claim, status),)))
    assert f"possible second attack: {words}" in text
    assert "observed" not in text


def test_no_code_is_printed() -> None:
    claim = told(SpeakerRole.EMERGENCY_SERVICE, kind=ClaimKind.ALL_CLEAR, layer=Layer.OUT_OF_SCOPE)
    event = replace(
        incident(claim, FieldStatus.ATTRIBUTED),
        contradictions=(Contradiction(field="number_killed", sides=(), note="They differ."),),
        unknowns=(
            Unknown(subject="energy_asset", reason="not_mentioned"),
            Unknown(subject="damage_extent", reason="stated"),
        ),
    )
    text = shown(
        replace(
            make_picture(notices=(make_notice(NoticeClass.LIFE_SAFETY),)),
            incidents=(event,),
            outside=(claim,),
            schedule=make_schedule_entry(),
            repair=make_repair(),
        )
    )
    without_ids = re.sub(r"\[[0-9a-f]{16}:\w+:\d+\]", "", text)
    assert re.findall(r"\w*[a-z]_[a-z]\w*", without_ids) == []
    assert "energy asset: nobody says" in text
    assert "damage extent: said to be unknown" in text
    assert 'out of scope: all clear "' in text
    assert "life safety  draft" in text


def test_what_the_plans_are_for_is_said() -> None:
    text = shown(replace(make_picture(), schedule=make_schedule_entry(), repair=make_repair()))
    assert "two ways to meet the same shortage" in text
    assert "instead of emergency shedding, for the same shortage" in text
    assert "Repair order for one representative scenario, 1 crew(s)" in text
    assert "crew 1 " in text
    assert "crew 0 " not in text
    assert "chance that half or more are off" in text


def test_what_comes_back_what_is_sent_and_what_to_look_at() -> None:
    picture = make_picture()
    assert picture.shedding is not None
    (back,) = picture.shedding.returns
    (asset,) = picture.assets
    picture = replace(
        picture,
        shedding=replace(
            picture.shedding,
            gap_pu=0.0123,
            returns=(back, replace(back, feeder=FeederId("F-2"), waits_for_lines=True)),
        ),
        assets=(replace(asset, inspection_moves_people=4321.0),),
    )
    text = shown(picture)
    for words in (
        "weighted shed 1.23% above the least possible",
        "on: F-1  5.0 MW  waits for 5.0 MW more",
        "on: F-2  5.0 MW  waits for lines",
        "generator M-1 to Hospital H-1: arrives 5.0 h before it stops",
        "42 hours of service within 48 h",
        f"{asset.name} (substation): 4,321 people; hurt with 50%",
    ):
        assert words in text, words


def test_the_moment_asked_for_and_the_last_entry_are_told_apart() -> None:
    picture = make_picture()
    assert "last log entry 3 of 2026-01-10 04:00 UTC" in shown(picture)
    text = shown(picture, asked_at=NOW + timedelta(minutes=40))
    assert "asked for 2026-01-10 04:40 UTC; last log entry 3 of 2026-01-10 04:00 UTC" in text
    nothing = replace(picture, seq=0, reports=(), incidents=())
    assert "04:00 UTC; no log entry by then" in shown(nothing, asked_at=NOW)


def test_only_districts_with_a_report_or_a_figure_have_a_row() -> None:
    text = shown(make_picture())
    assert "Ivanivka Raion" in text
    assert "Stepanivka Raion" not in text
    assert "no report from the other 1" in text


def test_no_report_is_no_zero() -> None:
    silent = replace(make_picture(), totals=None, reports=(), incidents=(), repair=make_repair())
    text = shown(silent)
    assert "no report: nothing is known" in text
    assert "Consequences" not in text
    assert "Repair order" not in text
    assert "Emergency shedding" in text  # ordered, so it is planned all the same
    assert silent.shedding is not None
    idle = replace(silent, shedding=replace(silent.shedding, bound_mw=0.0))
    assert "Emergency shedding" not in shown(idle)


def test_what_is_held_back_from_the_public_is_not_called_unknown() -> None:
    public = replace(
        make_picture(),
        audience=Audience.PUBLIC,
        totals=None,
        shedding=None,
        schedule=make_schedule_entry(),
    )
    text = shown(public)
    assert "nothing is known" not in text
    assert "no figure is released" in text
    assert "Hourly outage schedule" in text


def test_what_is_withheld_is_neither_zero_nor_not_said() -> None:
    alarm = approve(make_notice(NoticeClass.LIFE_SAFETY), by="Olena", at=NOW, is_exercise=True)
    full = replace(make_picture(notices=(alarm,)), incidents=(make_incident((ALERT, STRIKE)),))
    text = shown(project(full, Audience.PUBLIC, now=NOW))
    assert "reports withheld, 1 top-level incident(s)" in text
    assert "reports withheld, 1 independent source(s); place: not released" in text
    assert "claims withheld" in text
    assert "0 report(s)" not in text
    assert "0 claim(s)" not in text
    assert "approved, may leave" in text
    assert "Olena" not in text


def test_the_hours_ahead_are_told_with_what_is_not_known() -> None:
    text = shown(make_picture())
    assert "The hours ahead if nothing is repaired" in text
    assert re.search(r"people in homes below 16 °C\s+5,456 \(3,123-7,789\)", text)
    assert re.search(r"out: hospital, of 1\s+5,456", text)
    assert "substation destroyed → 2 feeders" in text
    assert "Hospital 1 until" in text
    assert "The hours ahead with the plan" in text
    assert re.search(r"of them switched off by the plan alone\s+5,456", text)
    assert "within 1 h by -500 (-900 to -100)" in re.sub(r"\s+", " ", text)
    official = shown(project(make_picture(), Audience.OFFICIAL, now=NOW))
    assert "The hours ahead" in official
    assert "→ 2 feeders" not in official
    assert "The hours ahead" not in shown(project(make_picture(), Audience.PUBLIC, now=NOW))
    course = make_picture().course
    assert course is not None
    cold = replace(course.people_below_16, median=(None, None))
    text = shown(replace(make_picture(), course=replace(course, people_below_16=cold)))
    assert re.search(r"people in homes below 16 °C\s+not known", text)


def test_a_list_far_above_the_least_possible_is_told_in_mw_and_with_its_proof() -> None:
    picture = make_picture()
    assert picture.shedding is not None
    assert "smallest feeder" not in shown(picture)
    far = replace(picture.shedding, bound_mw=4.7, gap_pu=0.064, least_gap_pu=0.05)
    text = shown(replace(picture, shedding=far))
    assert "that is 0.30 MW; the smallest feeder in the list has 5.00 MW" in text
    assert "every list of whole feeders is at least 5.00% above it" in text


def test_units_that_come_too_late_are_said_before_where_they_go() -> None:
    picture = make_picture()
    assert picture.mobile is not None
    assert "arrive only after" not in shown(picture)
    (one,) = picture.mobile.placements
    late = replace(picture.mobile, placements=(replace(one, arrives_h=8.0),))
    text = shown(replace(picture, mobile=late))
    assert text.index("1 of 1 arrive only after the site has stopped") < text.index(one.unit_name)
