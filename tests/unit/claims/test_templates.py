"""Incident templates of news texts, on texts of the project's own words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from lightkeeper.claims.evaluate import read_item, read_set
from lightkeeper.claims.templates import read_templates
from lightkeeper.region.gazetteer import Gazetteer

PYLONS = """SAN SALVADOR, 5 MAR 90 (AGENCY) -- [TEXT] UNIDENTIFIED MEN BLEW UP TWO POWER
PYLONS WITH DYNAMITE LAST NIGHT IN SAN MIGUEL, LEAVING PART OF THE CITY
WITHOUT ELECTRICITY.

   THE MINISTER SAID REPAIRS WILL TAKE THREE DAYS.
"""


def test_an_incident_has_type_day_place_instrument_target_and_effect() -> None:
    (found,) = read_templates(PYLONS)
    assert found.type == "BOMBING"
    assert found.date == "04 MAR 90"
    assert found.location == "EL SALVADOR: SAN MIGUEL (CITY)"
    assert found.instrument_type == ['DYNAMITE: "DYNAMITE"']
    assert found.target_type == ['ENERGY: "POWER PYLONS"']
    assert found.target_effect == ['DESTROYED: "POWER PYLONS"']


@pytest.mark.parametrize(
    "text",
    [
        "BOGOTA, 5 MAR 90 -- THE PRESIDENT SAID THAT TALKS WILL BEGIN ON FRIDAY.",
        "LIMA, 5 MAR 90 -- FIGHTING BROKE OUT BETWEEN TROOPS AND GUERRILLAS IN AYACUCHO.",
        "LIMA, 5 MAR 90 -- THE GROUP THREATENED TO BLOW UP A BANK.",
    ],
)
def test_talk_threats_and_fighting_are_no_incidents(text: str) -> None:
    assert read_templates(text) == []


def test_a_second_telling_adds_to_the_first() -> None:
    text = (
        PYLONS + "\n   A BOMB EXPLODED AT THE PYLONS, POLICE SAID. NO DAMAGE TO HOUSES WAS SEEN.\n"
    )
    (found,) = read_templates(text)
    assert found.instrument_type == ['DYNAMITE: "DYNAMITE"', 'BOMB: "BOMB"']


def test_without_a_day_the_date_is_open() -> None:
    (found,) = read_templates("LIMA, 5 MAR 90 -- A BOMB EXPLODED AT A BANK IN LIMA.")
    assert (found.date, found.location) == ("- 05 MAR 90", "PERU: LIMA (CITY)")


def test_templates_are_exported(gazetteer: Gazetteer) -> None:
    (item,) = read_set(['{"docid": "N1", "text": "LIMA, 5 MAR 90 -- A BANK WAS BOMBED."}'], "set")
    line = read_item(item, gazetteer).line(gazetteer)
    assert line["docid"] == "N1"
    templates = line["templates"]
    assert isinstance(templates, list)
    assert isinstance(templates[0], dict)
    assert templates[0]["target_type"] == ['FINANCIAL: "BANK"']


def test_another_day_place_or_sort_of_target_is_another_incident() -> None:
    text = (
        "BOGOTA, 5 MAR 90 (AGENCY) -- [TEXT] A BOMB DESTROYED A SUBSTATION IN MEDELLIN TODAY.\n\n"
        "   ON 2 MARCH A BOMB EXPLODED AT A BANK IN CALI.\n\n"
        "   THE EXPLOSION IN CALI KILLED NOBODY.\n"
    )
    found = read_templates(text)
    assert [(t.date, t.location) for t in found] == [
        ("05 MAR 90", "COLOMBIA: MEDELLIN (CITY)"),
        ("02 MAR 90", "COLOMBIA: CALI (CITY)"),
    ]


def test_at_several_listed_places_it_is_one_incident_at_each() -> None:
    text = (
        "CLANDESTINE, 5 MAR 90 (RADIO) -- [TEXT] SALVADORAN REBELS SABOTAGED POWER POLES TODAY "
        "IN THE LAYCO AND MIRALVALLE NEIGHBORHOODS."
    )
    assert [t.location for t in read_templates(text)] == [
        "EL SALVADOR: LAYCO (NEIGHBORHOOD)",
        "EL SALVADOR: MIRALVALLE (NEIGHBORHOOD)",
    ]


def test_a_day_goes_on_within_its_paragraph_only() -> None:
    text = (
        "LIMA, 5 MAR 90 -- [TEXT] ON 3 MARCH THE PRESIDENT OF PERU SPOKE. A BANK WAS BOMBED."
        "\n\n   A PRIEST WAS KIDNAPPED.\n"
    )
    bank, priest = read_templates(text)
    assert (bank.date, priest.date) == ("03 MAR 90", "- 05 MAR 90")


def test_what_happened_long_before_the_news_is_left_out() -> None:
    text = "LIMA, 5 MAR 90 -- [TEXT] THE JUDGE WAS MURDERED IN LIMA ON 3 JUNE 1988."
    assert read_templates(text) == []


def test_a_text_of_no_known_country_has_no_templates() -> None:
    assert read_templates("OSLO, 5 MAR 90 -- [TEXT] A BANK WAS BOMBED.") == []


HEAD = "BOGOTA, 5 MAR 90 (AGENCY) -- [TEXT] "


def test_an_effect_told_later_of_the_thing_is_its_own() -> None:
    (found,) = read_templates(
        HEAD + "REBELS ATTACKED A PUMPING STATION IN TIBU TODAY.\n\n   IT WAS LEFT IN RUINS.\n"
    )
    assert found.target_effect == ['DESTROYED: "PUMPING STATION"']


def test_energy_works_that_work_no_more_have_some_damage() -> None:
    (found,) = read_templates(
        HEAD + "REBELS FIRED AT A SUBSTATION IN TIBU TODAY. THE TOWN HAD NO LIGHT."
    )
    assert found.target_effect == ['SOME DAMAGE: "SUBSTATION"']
    (unharmed,) = read_templates(HEAD + "REBELS FIRED AT A SUBSTATION IN TIBU TODAY.")
    assert unharmed.target_effect == []


@pytest.mark.parametrize(
    ("thing", "effect"), [("PYLON", "DESTROYED"), ("SUBSTATION", "SOME DAMAGE")]
)
def test_what_a_bomb_reached_has_an_effect(thing: str, effect: str) -> None:
    (found,) = read_templates(HEAD + f"A BOMB WENT OFF UNDER A {thing} IN TIBU TODAY.")
    assert found.target_effect == [f'{effect}: "{thing}"']


def test_what_was_blown_up_was_blown_up_with_something() -> None:
    (found,) = read_templates(HEAD + "REBELS CARRIED OUT THE DEMOLITION OF A BRIDGE IN CALI TODAY.")
    assert (found.type, found.instrument_type) == ("BOMBING", ['EXPLOSIVE: "-"'])


def test_a_general_word_gives_way_to_what_is_told_more_exactly() -> None:
    (found,) = read_templates(
        HEAD + "REBELS SABOTAGED THE POWER SYSTEM IN ARAUCA TODAY. THEY TOPPLED TWO PYLONS."
    )
    assert found.target_type == ['ENERGY: "PYLONS"']


def test_a_summary_leaves_to_its_paragraphs_what_they_tell() -> None:
    text = HEAD + (
        "BOMBS DAMAGED A SUBSTATION AND A SCHOOL.\n\n   THE SUBSTATION WAS BOMBED IN CALI ON 3 "
        "MARCH.\n\n   THE SCHOOL WAS BOMBED IN PASTO ON 4 MARCH.\n"
    )
    assert [(t.location, t.target_type) for t in read_templates(text)] == [
        ("COLOMBIA: CALI (CITY)", ['ENERGY: "SUBSTATION"']),
        ("COLOMBIA: PASTO (CITY)", ['SCHOOL: "SCHOOL"']),
    ]


def test_incidents_told_by_their_number_are_of_the_sort_told_last() -> None:
    text = HEAD + (
        "A PIPELINE SUFFERED TWO DYNAMITE ATTACKS.\n\n"
        "   THE FIRST TOOK PLACE ON 2 MARCH IN TIBU.\n\n   THE SECOND OCCURRED TODAY IN SARAVENA.\n"
    )
    assert [(t.type, t.date, t.location) for t in read_templates(text)] == [
        ("BOMBING", "02 MAR 90", "COLOMBIA: TIBU (CITY)"),
        ("BOMBING", "05 MAR 90", "COLOMBIA: SARAVENA (CITY)"),
    ]


def test_the_same_night_goes_on_in_the_next_paragraph() -> None:
    text = HEAD + (
        "A BANK WAS BOMBED IN CALI ON 3 MARCH.\n\n"
        "   THAT SAME NIGHT A PRIEST WAS KIDNAPPED IN PASTO."
    )
    assert [t.date for t in read_templates(text)] == ["03 MAR 90", "03 MAR 90"]


def test_the_bombing_is_a_bombing_told_before() -> None:
    text = HEAD + (
        "A BOMB EXPLODED IN CALI TODAY. A FARMER WAS ALSO MURDERED TODAY IN PASTO.\n\n"
        "   THE BOMB ATTACK IS BLAMED ON THE ELN.\n"
    )
    assert [t.type for t in read_templates(text)] == ["BOMBING", "ATTACK"]


def test_the_structure_is_the_works_for_energy_told_before() -> None:
    text = HEAD + (
        "A LINEMAN WAS KILLED TODAY IN CALI BY A MINE AT A PYLON.\n\n"
        "   THE STRUCTURE HAD BEEN BLOWN UP ON 2 MARCH.\n"
    )
    assert [(t.date, t.target_type) for t in read_templates(text)] == [
        ("05 MAR 90", ['ENERGY: "PYLON"']),
        ("02 MAR 90", ['ENERGY: "PYLON"']),
    ]


def test_a_lead_without_day_and_place_is_told_by_its_paragraphs() -> None:
    text = HEAD + (
        "AN ELECTRIC COMPANY SAID ITS POWER SYSTEM WAS SABOTAGED TWICE.\n\n"
        "   ON 2 MARCH SABOTEURS CUT A HIGH-TENSION LINE IN CALI.\n\n"
        "   ON 3 MARCH A BOMB WENT OFF IN A SUBSTATION IN PASTO.\n"
    )
    assert [(t.type, t.date, t.target_type) for t in read_templates(text)] == [
        ("ATTACK", "02 MAR 90", ['ENERGY: "HIGH-TENSION LINE"']),
        ("BOMBING", "03 MAR 90", ['ENERGY: "SUBSTATION"']),
    ]


@pytest.mark.parametrize(
    ("name", "recall", "precision"), [("news_all_sorts", 0.80, 0.77), ("news_energy", 0.78, 0.82)]
)
def test_own_news_texts_have_the_incidents_of_their_keys(
    gazetteer: Gazetteer, name: str, recall: float, precision: float
) -> None:
    lines = (Path(__file__).parent / "data" / f"{name}.jsonl").read_text("utf-8").splitlines()
    n_key = n_read = n_right = 0
    for line, item in zip(lines, read_set(lines, name), strict=True):
        key = Counter(
            t["INCIDENT: TYPE"][0].split(" / ")[0]
            for t in json.loads(line)["templates"]
            if "OPTIONAL" not in t["MESSAGE: TEMPLATE"][0]
        )
        read = Counter(str(t["type"]) for t in read_item(item, gazetteer).templates)
        n_key, n_read = n_key + key.total(), n_read + read.total()
        n_right += (key & read).total()
    assert n_right / n_key >= recall
    assert n_right / n_read >= precision
