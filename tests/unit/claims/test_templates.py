"""Incident templates of news texts, on texts of the project's own words."""

from __future__ import annotations

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
