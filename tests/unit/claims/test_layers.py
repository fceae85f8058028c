"""What is told and is no fact of an incident: tags, colour, experts' forecasts, ground fighting."""

from __future__ import annotations

import pytest

from lightkeeper.claims import Certainty, Claim, ClaimKind, Layer, extract
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports.read import make_report


def read(text: str, gazetteer: Gazetteer) -> list[Claim]:
    return list(extract(make_report("test", text), gazetteer))


def test_a_line_of_tags_claims_nothing(gazetteer: Gazetteer) -> None:
    text = "#Lubny #Missile strikes #Power outage\nA substation in Lubny was hit."
    assert {c.span.start for c in read(text, gazetteer)} == {text.index("A substation")}
    # A tag before a statement is none.
    assert read("#Lubny: a substation was hit by a drone.", gazetteer)


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("In Lubny once bustling streets were littered with debris of destroyed houses.",
         Layer.NARRATIVE),
        ("In Lubny two houses were destroyed by a missile.", Layer.INCIDENT),
        ("The enemy continued its assault on the city of Bakhmut and attacks.", Layer.OUT_OF_SCOPE),
        ("A massive missile assault hit a substation in Lubny.", Layer.INCIDENT),
    ],
)  # fmt: skip
def test_layers(text: str, layer: Layer, gazetteer: Gazetteer) -> None:
    claims = read(text, gazetteer)
    assert claims
    assert {c.layer for c in claims} == {layer}


def test_a_forecast_of_an_expert_is_narrative(gazetteer: Gazetteer) -> None:
    text = (
        "Power is out in Lubny. 'The grid could collapse in Lubny', said engineer Ivan Petrenko.\n"
    )
    assert [c.layer for c in read(text, gazetteer) if c.kind is ClaimKind.FORECAST] == [
        Layer.NARRATIVE
    ]


def test_a_warning_of_a_possibility_was_given(gazetteer: Gazetteer) -> None:
    (alert,) = read(
        "Officials in Lubny issued warnings of the possibility of an air raid.", gazetteer
    )
    assert (alert.kind, alert.certainty) == (ClaimKind.ALERT, Certainty.OBSERVED)


def test_what_one_says_of_weapons_is_not_said_by_another(gazetteer: Gazetteer) -> None:
    said = (
        "Lubny was struck by missiles. "
        "Poltava Governor Ivan Petrenko said there were two hits in Lubny."
    )
    hits = [c for c in read(said, gazetteer) if c.count is not None]
    assert [c.weapons for c in hits] == [None]
    (again,) = [
        c for c in read("Лубни під атакою КАБів. Зафіксовано два влучання.", gazetteer) if c.count
    ]
    assert again.weapons is not None
    assert again.weapons.items == ("KAB",)
