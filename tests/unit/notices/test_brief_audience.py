"""What of a brief leaves for whom: proved on the pages that come out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json

from lightkeeper.claims import (
    Attribution,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    PlaceRef,
    Span,
    SpeakerRole,
    TimeRef,
    Weapons,
)
from lightkeeper.incidents import reconcile
from lightkeeper.incidents.brief import (
    LANGUAGES,
    Brief,
    BriefOptions,
    Material,
    Scope,
    make_brief,
    to_html,
    to_markdown,
)
from lightkeeper.notices import Audience
from lightkeeper.notices.brief_audience import brief_material
from lightkeeper.region import Gazetteer, load_gazetteer
from lightkeeper.reports import make_report
from lightkeeper.reports.model import Report

NOW = datetime(2026, 1, 10, 22, tzinfo=UTC)
SECRET = "hit the boiler hall on Riverside street"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def tell(
    report: Report, gazetteer: Gazetteer, kind: ClaimKind, place: str, words: str, **said: object
) -> Claim:
    start = report.text.index(words)
    found = gazetteer.find_one(place)
    return Claim(
        id=ClaimId(f"{report.id}:{kind.value}:{start}"),
        report=report.id,
        kind=kind,
        layer=Layer.INCIDENT,
        span=Span(start=start, end=start + len(words), text=words),
        places=(PlaceRef(text=place, code=found.code, level=found.level),),
        **{"attribution": Attribution(role=SpeakerRole.SELF), **said},  # type: ignore[arg-type]
    )


def material(gazetteer: Gazetteer, published_at: datetime) -> Material:
    report = make_report(
        "Обленерго",
        f"Alarm. Drones {SECRET}. The town is dark, so is the district. Stay in Riverside shelter.",
        published_at=published_at,
    )
    time = TimeRef(text="", from_at=published_at, to_at=published_at)
    claims = [
        tell(report, gazetteer, ClaimKind.ALERT, "Ізюмський район", "Alarm", alert_type="air_alarm",
             time=time),
        tell(report, gazetteer, ClaimKind.STRIKE, "Ізюм", SECRET, target="substation",
             weapons=Weapons(mode="one", items=("uav",)), time=time),
        tell(report, gazetteer, ClaimKind.OUTAGE, "Ізюм", "The town is dark",
             outage_type=OutageType.DAMAGE, extent="the left bank", cause="strike", time=time),
        tell(report, gazetteer, ClaimKind.OUTAGE, "Ізюмський район", "so is the district",
             customers=Count(best=4_870, unit="customers"), time=time),
        tell(report, gazetteer, ClaimKind.ADVICE, "Ізюм", "Stay in Riverside shelter"),
    ]  # fmt: skip
    found = reconcile(claims, [report], gazetteer)
    return Material(
        incidents=found.incidents,
        outside=found.outside,
        reports={report.id: report},
        gazetteer=gazetteer,
        as_of=NOW,
    )


def brief_for(audience: Audience, gazetteer: Gazetteer, *, age_min: int, language: str) -> Brief:
    full = material(gazetteer, NOW - timedelta(minutes=age_min))
    released = brief_material(
        full,
        audience,
        heard_at={r: NOW - timedelta(minutes=age_min) for r in full.reports},
        now=NOW,
    )
    return make_brief(released, Scope(), options=BriefOptions(language=language))


def pages(brief: Brief) -> str:
    return to_json(brief).decode() + to_html(brief) + to_markdown(brief)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_gets_no_strike_source_word_or_fine_place(
    gazetteer: Gazetteer, language: str
) -> None:
    brief = brief_for(Audience.PUBLIC, gazetteer, age_min=60, language=language)
    text = pages(brief)
    for hidden in (
        *("Riverside", "boiler", "left bank", "Обленерго", "uav", "substation", "підстанц"),
        *("безпілотник", "drone", "through damage", "from damage", "через пошкодження"),
        *("місті Ізюм", "city of Izium", "strike_outage", "Strike", "Удар", ":outage:"),
    ):
        assert hidden not in text, hidden
    assert brief.footnotes == ()
    assert set(brief.held_back) >= {"strikes", "sources", "places", "recent_state"}
    assert ("4,870" if language == "en" else "4\N{NO-BREAK SPACE}870") in text
    assert ("Izium Raion" if language == "en" else "Ізюмському районі") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_within_the_hold_the_public_gets_the_alarm_alone(
    gazetteer: Gazetteer, language: str
) -> None:
    brief = brief_for(Audience.PUBLIC, gazetteer, age_min=5, language=language)
    (incident,) = brief.incidents
    said = [s.field for p in incident.retelling for s in p.sentences]
    assert said == ["alert"]
    assert "870" not in pages(brief)


@pytest.mark.parametrize("audience", [Audience.OFFICIAL, Audience.OPERATOR])
def test_officials_get_all_with_its_sources(gazetteer: Gazetteer, audience: Audience) -> None:
    brief = brief_for(audience, gazetteer, age_min=5, language="en")
    text = pages(brief)
    assert brief.audience == audience.value
    assert SECRET in text
    assert "attack drone" in text
    assert brief.held_back == ()
    assert len(brief.footnotes) == 5
