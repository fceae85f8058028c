"""What sentences of Latin American news tell of incidents."""

from __future__ import annotations

import pytest

from lightkeeper.claims.news_mentions import read_mentions
from lightkeeper.claims.news_things import Target, instruments


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("two pylons were blown up with dynamite.", ["BOMBING"]),
        ("the rebels sabotaged a substation.", ["ATTACK"]),
        ("a judge and his driver were shot by two men.", ["ATTACK"]),
        ("they burned three buses and kidnapped a farmer.", ["ARSON", "KIDNAPPING"]),
        ("the bank was robbed by six men.", ["ROBBERY"]),
        ("a plane was hijacked.", ["HIJACKING"]),
        ("the police condemned the murder of the senator.", ["ATTACK"]),
        ("ten people who were killed in the street are not known.", ["ATTACK"]),
        ("an ambush on a patrol killed two civilians.", ["ATTACK"]),
        ("the bodies of two peasants were found near the river.", ["ATTACK"]),
        ("four men held up a bank.", ["ROBBERY"]),
        ("the tower was hit by a rocket.", ["BOMBING"]),
        # Fighting, threats, statistics, questions and what did not happen.
        ("the rebels attacked an army patrol.", []),
        ("four soldiers were killed.", []),
        ("the front threatened to blow up a bank.", []),
        ("120 people have been murdered since last year.", []),
        ("who murdered the priest?", []),
        ("they called for an end to the bombing of towns.", []),
    ],
)
def test_kinds_of_incidents(sentence: str, kinds: list[str]) -> None:
    assert [m.type for m in read_mentions(sentence)] == kinds


def test_each_thing_has_the_effect_told_nearest() -> None:
    (found,) = read_mentions("a bomb destroyed a substation and damaged two houses.")
    assert found.targets == [
        Target("ENERGY", "SUBSTATION", "DESTROYED"),
        Target("CIVILIAN RESIDENCE", "HOUSES", "SOME DAMAGE"),
    ]


def test_what_somebody_drove_home_in_is_no_target() -> None:
    (found,) = read_mentions("a bomb killed the mayor, who was returning home.")
    assert found.targets == []


def test_a_car_bomb_is_neither_a_car_nor_another_bomb() -> None:
    (found,) = read_mentions("a car bomb exploded at a bank.")
    assert found.instruments == ['VEHICLE BOMB: "CAR BOMB"']
    assert [t.fill for t in found.targets] == ['FINANCIAL: "BANK"']


def test_a_finer_instrument_is_told_alone() -> None:
    assert instruments("he was shot with a pistol") == ['HANDGUN: "PISTOL"']
    assert instruments("he was shot") == ['GUN: "SHOT"']


def test_the_attack_points_back_and_another_does_not() -> None:
    (back,) = read_mentions("the attack on the bank cost much.")
    (new,) = read_mentions("another bomb exploded at a hotel.")
    assert (back.is_definite, back.is_another) == (True, False)
    assert (new.is_definite, new.is_another) == (False, True)
