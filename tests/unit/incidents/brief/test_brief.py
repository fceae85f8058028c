"""Briefs of reports by hand: what is said, how it stands, and on which claims."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from brief_numbers import sentences_of
from pydantic_core import to_json

from lightkeeper.claims import (
    Casualties,
    CasualtyStatus,
    Certainty,
    ClaimKind,
    Count,
    Layer,
    OutageType,
    SpeakerRole,
    Weapons,
)
from lightkeeper.errors import NotFound
from lightkeeper.incidents import IncidentId
from lightkeeper.incidents.brief import (
    Brief,
    BriefOptions,
    Material,
    Scope,
    Sort,
    make_brief,
    to_html,
    to_markdown,
)
from lightkeeper.incidents.brief.drawing import draw, keep_linked
from lightkeeper.incidents.origins import OFFICIAL, author_of
from lightkeeper.incidents.reconcile import reconcile
from lightkeeper.region import Gazetteer

AS_OF = datetime(2026, 1, 11, 6, tzinfo=UTC)
CITY = "Ізюм | міська військова адміністрація"

MakeBrief = Callable[..., Brief]


@pytest.fixture
def brief(gazetteer: Gazetteer) -> MakeBrief:
    def make(
        *drafts: object, scope: Scope | None = None, language: str = "en", withheld: bool = False
    ) -> Brief:
        reports = [d.report() for d in drafts]  # type: ignore[attr-defined]
        claims = [c for d in drafts for c in d.claims]  # type: ignore[attr-defined]
        found = reconcile(claims, reports, gazetteer)
        material = Material(
            incidents=found.incidents,
            outside=found.outside,
            reports={r.id: r for r in reports},
            gazetteer=gazetteer,
            as_of=AS_OF,
            authors={r.id: a.role for r in reports if (a := author_of(r, {})).role in OFFICIAL},
            sources_withheld=withheld,
        )
        return make_brief(material, scope or Scope(), options=BriefOptions(language=language))

    return make


def said(brief: Brief, field: str) -> str:
    """What the retelling says of a field."""
    (incident,) = brief.incidents
    found = [s.text for p in incident.retelling for s in p.sentences if s.field == field]
    return " ".join(found)


def all_said(brief: Brief) -> str:
    return " ".join(s.text for s in sentences_of(brief))


def test_a_retelling_is_attributed_and_the_origin_said_not_to_be_held(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("news").tell(  # type: ignore[attr-defined]
        ClaimKind.OUTAGE, at="Ізюм", by=SpeakerRole.CITY_ADMINISTRATION
    )
    english, ukrainian = brief(report), brief(report, language="uk")
    assert said(english, "outage") == (
        "A power outage is reported in the city of Izium — attributed to the city "
        "administration, whose own report is not held."
    )
    assert said(ukrainian, "outage") == (
        "Повідомлено про відключення електроенергії в місті Ізюм — з посиланням на слова "
        "міської адміністрації, чийого власного допису немає."
    )
    assert "its own report" not in said(english, "outage")
    assert "own report of that origin is not held" in all_said(english)
    assert "No report says what caused the outage" in all_said(english)


def test_the_own_report_of_a_body_confirms(draft: Callable[..., object], brief: MakeBrief) -> None:
    own = draft("post", hours=0, channel=CITY).tell(  # type: ignore[attr-defined]
        ClaimKind.OUTAGE, at="Ізюм", time=(-1, 0), outage_type=OutageType.DAMAGE
    )
    assert said(brief(own), "outage").endswith(
        "officially confirmed in the own report of the city administration."
    )
    assert said(brief(own, language="uk"), "outage").endswith(
        "офіційно підтверджено у власному дописі міської адміністрації."
    )


def test_two_sources_corroborate_and_are_counted(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    reports = [
        draft(name, hours=h, channel=channel).tell(  # type: ignore[attr-defined]
            ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0), count=Count(best=3, unit="explosions")
        )
        for name, h, channel in (("a", 0.0, CITY), ("b", 0.2, "Обленерго Харківщини"))
    ]
    english = brief(*reports)
    assert "3 explosions are reported" in said(english, "explosions")
    assert "independently corroborated by 2 sources" in said(english, "explosions")
    assert "незалежно підтверджують 2 джерела" in said(brief(*reports, language="uk"), "explosions")
    assert "2 reports, 2 independent sources" in all_said(english)


def test_a_contradiction_says_both_sides_and_who_takes_them(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    harm = [Casualties(status=CasualtyStatus.COUNTED, injured=n) for n in (1, 4)]
    reports = [
        draft(name, hours=h, channel=channel)  # type: ignore[attr-defined]
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
        .tell(ClaimKind.CASUALTIES, at="Ізюм", casualties=casualties)
        for (name, h, channel), casualties in zip(
            (("a", 0.0, CITY), ("b", 0.2, "Обленерго Харківщини")), harm, strict=True
        )
    ]
    english = brief(*reports)
    (sentence,) = [s for s in sentences_of(english) if s.sort is Sort.CONTRADICTION][:1]
    assert "on one side 1 injured (the city administration)" in sentence.text
    assert "on the other side 4 injured (the distribution operator)" in sentence.text
    assert len(sentence.claims) == 2
    ukrainian = brief(*reports, language="uk")
    assert "з одного боку — 1 поранений (міська адміністрація)" in all_said(ukrainian)
    assert "з іншого боку — 4 поранені (оператор системи розподілу)" in all_said(ukrainian)


@pytest.mark.parametrize(
    ("casualties", "english", "ukrainian"),
    [
        (
            Casualties(status=CasualtyStatus.ZERO),
            "It is said that there are no casualties",
            "Повідомлено, що загиблих і поранених немає",
        ),
        (
            Casualties(status=CasualtyStatus.NONE_REPORTED),
            "No casualties have been reported so far, which is not the same as none",
            "Про постраждалих поки не повідомляли, а це не те саме, що їх немає",
        ),
        (
            Casualties(status=CasualtyStatus.NOT_RELEASED),
            "Casualty figures have not been released",
            "Дані про постраждалих не оприлюднено",
        ),
        (
            None,
            "No report mentions casualties, which does not mean that there are none",
            "Про постраждалих у донесеннях не згадано, а це не означає, що їх немає",
        ),
    ],
)
def test_four_absences_are_four_sentences(
    draft: Callable[..., object],
    brief: MakeBrief,
    casualties: Casualties | None,
    english: str,
    ukrainian: str,
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    if casualties is not None:
        report.tell(ClaimKind.CASUALTIES, at="Ізюм", casualties=casualties)
    assert english in said(brief(report), "casualties")
    assert ukrainian in said(brief(report, language="uk"), "casualties")


def test_hearsay_denial_and_alternatives_are_marked(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = (
        draft("a", hours=0)  # type: ignore[attr-defined]
        .tell(
            ClaimKind.EXPLOSIONS,
            at="Ізюм",
            time=(-1, 0),
            weapons=Weapons(mode="either", items=("KAB", "FAB")),
            certainty=Certainty.PRELIMINARY,
        )
        .tell(ClaimKind.DAMAGE, "They say the dam is hit.", at="Ізюм", certainty=Certainty.UNKNOWN)
        .tell(ClaimKind.OUTAGE, "No outage in town.", at="Ізюм", is_negated=True)
    )
    text = all_said(brief(report))
    assert "The weapon is not settled, these are alternatives" in text
    assert "preliminary" in said(brief(report), "explosions")
    assert "Hearsay, not a fact: “They say the dam is hit.”" in text
    assert "A report denies this in the city of Izium: “No outage in town.”" in text
    ukrainian = all_said(brief(report, language="uk"))
    assert "Чутка, а не факт: «They say the dam is hit.»" in ukrainian
    assert "Донесення це заперечує в місті Ізюм: «No outage in town.»" in ukrainian


def test_narrative_and_outlook_stand_apart_from_the_facts(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    facts = draft("a", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    facts.layer = Layer.NARRATIVE
    facts.tell(ClaimKind.DAMAGE, "The windows shattered.", by=SpeakerRole.LOCAL_RESIDENTS)
    facts.layer = Layer.CONTEXT
    facts.tell(ClaimKind.FORECAST, "The grid could fracture.", certainty=Certainty.POSSIBLE)
    made = brief(facts)
    (incident,) = made.incidents
    apart = next(p for p in incident.retelling if p.key == "apart")
    assert [s.sort for s in apart.sentences] == [Sort.NARRATIVE, Sort.FORECAST]
    for paragraph in incident.retelling:
        if paragraph.key != "apart":
            words = " ".join(s.text for s in paragraph.sentences)
            assert "shattered" not in words
            assert "fracture" not in words


def test_what_only_one_retelling_has_is_marked(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    def retell(name: str) -> object:
        return (
            draft(name)  # type: ignore[attr-defined]
            .say("The quotation that both of these reports share word for word, ")
            .tell(
                ClaimKind.EXPLOSIONS,
                "about 10 explosions in the city",
                at="Ізюм",
                by=SpeakerRole.CITY_ADMINISTRATION,
                count=Count(best=10, approximate=True, unit="explosions"),
                weapons=Weapons(mode="either", items=("KAB", "FAB")),
            )
            .say("was said by the administration of the city that night and no more of it.")
        )

    plain, adorned = retell("one"), retell("two")
    adorned.tell(ClaimKind.SERVICES, "The hospital lost water.", services=("water",))  # type: ignore[attr-defined]
    made = brief(plain, adorned)
    assert "2 reports, 1 independent source" in all_said(made)
    assert "only one of the 2 retellings has this" in said(made, "services")
    assert "only one of" not in said(made, "explosions")


def test_a_period_leaves_undated_incidents_out_and_says_so(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    night = draft("night", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    later = draft("later", hours=30).tell(ClaimKind.EXPLOSIONS, at="Одеса", time=(29, 30))  # type: ignore[attr-defined]
    undated = draft("undated").tell(ClaimKind.EXPLOSIONS, at="Шостка")  # type: ignore[attr-defined]
    scope = Scope(
        from_at=datetime(2026, 1, 10, 20, tzinfo=UTC), to_at=datetime(2026, 1, 11, 4, tzinfo=UTC)
    )
    made = brief(night, later, undated, scope=scope)
    assert ["Izium" in i.title for i in made.incidents] == [True]
    assert "1 incident has no date in any report" in all_said(made)
    assert "Shostka" in all_said(made)
    assert "Odesa" not in all_said(made)


def test_a_place_takes_in_what_lies_in_it(
    draft: Callable[..., object], brief: MakeBrief, gazetteer: Gazetteer
) -> None:
    izium = draft("a", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    odesa = draft("b", hours=0).tell(ClaimKind.EXPLOSIONS, at="Одеса", time=(-1, 0))  # type: ignore[attr-defined]
    place = gazetteer.find_one("Харківська область").code
    made = brief(izium, odesa, scope=Scope(place=place))
    assert [i.title.rpartition(" — ")[2] for i in made.incidents] == ["Izium, Kharkiv Oblast"]
    assert made.title == "Brief: Kharkiv Oblast"


def test_an_incident_that_is_not_there_is_refused(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a").tell(ClaimKind.EXPLOSIONS, at="Ізюм")  # type: ignore[attr-defined]
    with pytest.raises(NotFound, match="is not in the picture"):
        brief(report, scope=Scope(incident=IncidentId("i-nothing")))


def test_nothing_to_tell_is_no_all_clear(brief: MakeBrief) -> None:
    assert "does not mean that nothing happened" in brief().note
    assert "Це не означає" in brief(language="uk").note


def test_withheld_sources_leave_no_claim_anywhere(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.OUTAGE, "secret words", at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    made = brief(report, withheld=True)
    assert sentences_of(made)
    assert all(s.sources_withheld and s.claims == () for s in sentences_of(made))
    assert (made.footnotes, made.sources, made.graph.nodes) == ((), (), ())
    text = to_json(made).decode() + to_html(made) + to_markdown(made)
    assert "secret" not in text
    assert str(report.id) not in text


def test_words_of_reports_are_no_markup(draft: Callable[..., object], brief: MakeBrief) -> None:
    evil = "<script>alert(1)</script> [x](http://evil) | `y`"
    report = (
        draft("a", hours=0, channel="<b>chan</b>")  # type: ignore[attr-defined]
        .tell(ClaimKind.ADVICE, evil, at="Ізюм")
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
    )
    report.claims[0] = replace(
        report.claims[0],
        attribution=replace(report.claims[0].attribution, role=SpeakerRole.EXPERT, name="<i>N</i>"),
    )
    made = brief(report)
    html, markdown = to_html(made), to_markdown(made)
    assert "<script" not in html
    assert "<b>chan" not in html
    assert "<i>N" not in html
    assert "<script" not in markdown.replace("\\<", "")
    assert "](http" not in markdown.replace("\\]", "")


def test_html_needs_nothing_from_outside_and_links_every_sentence(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.OUTAGE, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    html = to_html(brief(report))
    assert not re.search(r"<(script|link|img|iframe)|https?://(?!www\.w3\.org/2000/svg)", html)
    anchors = set(re.findall(r'id="(n\d+)"', html))
    assert set(re.findall(r'href="#(n\d+)"', html)) == anchors
    assert anchors


def test_markdown_has_a_footnote_for_every_reference(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.OUTAGE, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    markdown = to_markdown(brief(report))
    defined = set(re.findall(r"^\[\^(\d+)\]:", markdown, re.MULTILINE))
    assert set(re.findall(r"\[\^(\d+)\](?!:)", markdown)) == defined
    bullets = [line for line in markdown.split("\n") if line.startswith("- ") and "`" not in line]
    assert all(re.search(r"\[\^\d+\]$", line) for line in bullets)


def test_json_holds_span_report_and_time_of_each_claim(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.OUTAGE, "No light.", at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    made = json.loads(to_json(brief(report)))
    (note,) = made["footnotes"]
    text = report.report().text
    assert text[note["start"] : note["end"]] == note["quote"] == "No light."
    assert note["report"] == str(report.id)
    assert note["from_at"] == "2026-01-10T21:00:00Z"
    assert made["sources"][0]["report"] == note["report"]


def test_the_graph_joins_speakers_events_assets_and_places(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = (
        draft("a", hours=0)  # type: ignore[attr-defined]
        .tell(ClaimKind.ALERT, "Earlier there was an alarm.", at="Ізюм", alert_type="air_alarm")
        .tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))
        .tell(
            ClaimKind.DAMAGE,
            at=("Ізюм", "Ізюмський район"),
            target="substation",
            effect="hit",
            by=SpeakerRole.CITY_ADMINISTRATION,
        )
    )
    graph = brief(report).graph
    labels = {n.id: n.label for n in graph.nodes}
    edges = {(labels[e.source], e.kind, labels[e.target]) for e in graph.edges}
    assert edges >= {
        ("the city administration (Izium)", "tells_of", "Damage"),
        ("Damage", "hits", "a substation"),
        ("Explosions", "at", "Izium"),
        ("Izium", "within", "Izium Raion"),
        ("Alarm", "before", "Explosions"),
    }
    assert all(e.claims for e in graph.edges)
    assert all(n.claims for n in graph.nodes)


def test_the_drawing_keeps_boxes_apart_and_shows_every_node(
    draft: Callable[..., object], brief: MakeBrief
) -> None:
    report = draft("a", hours=0).tell(ClaimKind.EXPLOSIONS, at="Ізюм", time=(-1, 0))  # type: ignore[attr-defined]
    for i, town in enumerate(("Харків", "Одеса", "Шостка", "Київ", "Балаклія", "Рівне", "Суми")):
        report.tell(ClaimKind.OUTAGE, at=town, by=list(SpeakerRole)[i + 1])
    graph = brief(report).graph
    svg = draw(graph, title="t", kinds={})
    boxes = [
        tuple(float(v) for v in box)
        for box in re.findall(r'<rect class="g-box [^"]*" x="([\d.]+)" y="([\d.]+)"', svg)
    ]
    assert len(boxes) == len(graph.nodes) > 8
    for i, (x, y) in enumerate(boxes):
        assert all(x != u or abs(y - v) >= 34 for u, v in boxes[i + 1 :])
    assert svg == draw(graph, title="t", kinds={})
    small = keep_linked(graph, 5)
    assert len(small.nodes) == 5
    assert {e.source for e in small.edges} | {e.target for e in small.edges} <= {
        n.id for n in small.nodes
    }
