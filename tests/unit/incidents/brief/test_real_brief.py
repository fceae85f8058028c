"""Briefs of the four reports beside the repository."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from brief_numbers import sentences_of, untold_numbers

from lightkeeper.claims import extract
from lightkeeper.incidents import Reconciliation, reconcile
from lightkeeper.incidents.brief import (
    Brief,
    BriefOptions,
    Material,
    Scope,
    Sort,
    make_brief,
    to_markdown,
)
from lightkeeper.region import Gazetteer
from lightkeeper.reports import Report, read_path

AS_OF = datetime(2026, 1, 12, 6, tzinfo=UTC)
LANGUAGES = ("en", "uk")


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[Report]:
    return [r for f in sorted((shared / "reports").glob("*.txt")) for r in read_path(f)]


@pytest.fixture(scope="module")
def found(reports: list[Report], gazetteer: Gazetteer) -> Reconciliation:
    return reconcile([c for r in reports for c in extract(r, gazetteer)], reports, gazetteer)


@pytest.fixture(scope="module")
def material(reports: list[Report], found: Reconciliation, gazetteer: Gazetteer) -> Material:
    return Material(
        incidents=found.incidents,
        outside=found.outside,
        reports={r.id: r for r in reports},
        gazetteer=gazetteer,
        as_of=AS_OF,
    )


def of_izium(material: Material, language: str) -> Brief:
    incident = next(i for i in material.incidents if len(i.reports) == 2)
    return make_brief(
        material, Scope(incident=incident.id), options=BriefOptions(language=language)
    )


def test_izium_in_english(material: Material) -> None:
    brief = of_izium(material, "en")
    text = " ".join(s.text for s in sentences_of(brief))
    for words in (
        "2 reports, 1 independent source",
        "About 10 explosions are reported in Izium Raion and the city of Izium",
        "The weapon is not settled, these are alternatives: unguided aerial bomb (FAB) or guided",
        "attributed to the city administration, whose own report is not held",
        "Casualty figures have not been released",
        "Which energy asset was hit, if any, no report says",
        "No report says what caused the outage",
        "No report says how many people are without power",
        "A possible second attack: 1 of 2 reports tells of a further strike after the event",
        "it is uncorroborated, and the silence of the rest is not a denial",
        "The reports name different places, Izium and Izium Raion",
        "An air alarm had been announced before the event",
    ):
        assert words in text, words
    assert "confirmed in the own report" not in text


def test_izium_in_ukrainian(material: Material) -> None:
    text = " ".join(s.text for s in sentences_of(of_izium(material, "uk")))
    for words in (
        "2 донесення, 1 незалежне джерело",
        "Повідомлено про близько 10 вибухів в Ізюмському районі та в місті Ізюм",
        "некерована авіабомба (ФАБ) або керована авіабомба (КАБ)",
        "з посиланням на слова міської адміністрації, чийого власного допису немає",
        "Дані про постраждалих не оприлюднено",
        "Який енергетичний об’єкт уражено і чи уражено взагалі, у донесеннях не сказано",
        "Можлива друга атака",
        "мовчання решти не є запереченням",
        "Ізюм та Ізюмський район",
    ):
        assert words in text, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_that_is_not_told(
    material: Material, reports: list[Report], found: Reconciliation, language: str
) -> None:
    held = {r.id: r for r in reports}
    claims = {c.id: c for c in (*(c for i in found.incidents for c in i.claims), *found.outside)}
    brief = make_brief(material, Scope(), options=BriefOptions(language=language))
    for sentence in sentences_of(brief):
        assert sentence.claims
        assert untold_numbers(sentence, claims, held, brief) == set(), sentence.text
        if sentence.sort is Sort.FACT:
            assert not re.search(r"\b(19|20)\d\d\b", sentence.text)
            assert not re.search(r"killed|injured|загибл|поранен", sentence.text)
            assert "Svyaz" not in sentence.text
    assert not re.search(r"\bair defen[cs]e|протиповітрян", to_markdown(brief), re.IGNORECASE)
    assert not any("Bakhmut" in s.text or "Бахмут" in s.text for s in sentences_of(brief))


def test_colour_and_outlook_are_no_facts(material: Material) -> None:
    brief = of_izium(material, "en")
    (incident,) = brief.incidents
    facts = [
        s for p in incident.retelling if p.key not in ("apart", "unknown") for s in p.sentences
    ]
    assert not any("Petrova" in s.text or "cascade" in s.text for s in facts)
    apart = next(p for p in incident.retelling if p.key == "apart")
    quoted = " ".join(s.text for s in apart.sentences if s.sort is Sort.EMBELLISHMENT)
    assert "Maria Petrova" in quoted
    assert "Only one of the 2 retellings has this" in quoted
    assert any(s.sort is Sort.FORECAST for s in apart.sentences)


def test_the_wave_names_its_strikes_and_those_their_wave(material: Material) -> None:
    wave = next(i for i in material.incidents if i.children)
    brief = make_brief(material, Scope(incident=wave.id), options=BriefOptions(language="en"))
    text = " ".join(s.text for s in sentences_of(brief))
    assert text.count("It includes: ") == 2
    assert "It is part of a larger event" in text
    assert "15 strikes are reported" in text
    assert "No casualties have been reported so far, which is not the same as none" in text


def test_order_of_events_without_a_date(material: Material) -> None:
    timeline = of_izium(material, "en").timeline
    fields = [e.sentence.field for e in timeline]
    assert fields[0] == "alert"
    assert fields[-1] == "possible_second_attack"
    assert all(e.from_at is None and e.to_at is None for e in timeline)


def test_the_graph_is_readable(material: Material) -> None:
    graph = of_izium(material, "en").graph
    kinds = {n.kind for n in graph.nodes}
    assert {"person", "body", "place", "event"} <= kinds
    assert 5 <= len(graph.nodes) <= 40
    assert {n.label for n in graph.nodes} >= {"Izium", "Maria Petrova", "Explosions"}
    assert "asset" not in kinds  # no energy asset is named
