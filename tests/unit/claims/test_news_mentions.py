"""What sentences of Latin American news tell of incidents."""

from __future__ import annotations

import pytest

from lightkeeper.claims.news_mentions import read_mentions


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
        ("three masts were felled with dynamite.", ["BOMBING"]),
        ("the legs of the towers were sawed through.", ["ATTACK"]),
        ("the boilers were put out of action by saboteurs.", ["ATTACK"]),
        ("a truck ran over a mine, killing a nurse.", ["BOMBING"]),
        ("two buses were stopped at the ford and burned.", ["ARSON"]),
        ("the mill went up in flames.", ["ARSON"]),
        ("they poured gasoline on the tractors.", ["ARSON"]),
        ("the line that feeds the port was cut.", []),
        ("the pipeline that feeds the port was pierced.", ["ATTACK"]),
        ("a stray shot killed a florist.", ["ATTACK"]),
        ("two farmers lost their lives in the shooting.", ["ATTACK"]),
        ("the corpse of a teacher was discovered in a well.", ["ATTACK"]),
        ("they dragged an engineer from his camp.", ["KIDNAPPING"]),
        ("the rancher was led to an unknown place.", ["KIDNAPPING"]),
        ("a magnate who was taken away by armed men is missing.", ["KIDNAPPING"]),
        ("they threw chains over a power line.", ["ATTACK"]),
        ("they pulled a teacher from her house and murdered her.", ["ATTACK"]),
        ("five men stormed a bank and fled with 3 million pesos.", ["ROBBERY"]),
        ("they commandeered a ferry.", ["HIJACKING"]),
        ("an armed strike began.", ["FORCED WORK STOPPAGE"]),
        # Fighting, threats, statistics, questions and what did not happen.
        ("the rebels attacked an army patrol.", []),
        ("four soldiers were killed.", []),
        ("the front threatened to blow up a bank.", []),
        ("120 people have been murdered since last year.", []),
        ("who murdered the priest?", []),
        ("they called for an end to the bombing of towns.", []),
        ("pylons used to be blown up here.", []),
        ("not a single murder has been solved.", []),
        ("an earthquake destroyed 40 houses.", []),
        ("a transformer exploded because of a short circuit.", []),
        ("the police dragged a student from his house.", []),
        ("the patrol killed three and wounded two.", []),
    ],
)
def test_kinds_of_incidents(sentence: str, kinds: list[str]) -> None:
    assert [m.type for m in read_mentions(sentence)] == kinds


def test_the_attack_points_back_and_another_does_not() -> None:
    (back,) = read_mentions("the attack on the bank cost much.")
    (new,) = read_mentions("another bomb exploded at a hotel.")
    assert (back.is_definite, back.is_another) == (True, False)
    assert (new.is_definite, new.is_another) == (False, True)


def test_each_thing_goes_to_the_telling_nearest_to_it() -> None:
    attack, arson = read_mentions("rebels attacked a school and burned 14 huts.")
    assert [t.words for t in attack.targets] == ["SCHOOL"]
    assert [t.words for t in arson.targets] == ["HUTS"]


def test_where_a_robbery_was_is_told_before_the_taking() -> None:
    (found,) = read_mentions("four women entered a savings bank and made off with the cash.")
    assert [t.kind for t in found.targets] == ["FINANCIAL"]


def test_who_says_so_is_no_target() -> None:
    (found,) = read_mentions("saboteurs felled a power pole, the highway police said.")
    assert [t.fill for t in found.targets] == ['ENERGY: "POWER POLE"']


def test_what_somebody_drove_home_in_is_no_target() -> None:
    (found,) = read_mentions("a bomb killed the mayor, who was returning home.")
    assert found.targets == []


def test_where_the_wounded_were_taken_is_no_target() -> None:
    (found,) = read_mentions("a nurse was shot and died in a city hospital.")
    assert found.targets == []
    (bombed,) = read_mentions("a bomb was placed in a city hospital.")
    assert [t.words for t in bombed.targets] == ["HOSPITAL"]


def test_works_for_energy_in_other_clauses_are_what_a_bomb_was_put_under() -> None:
    (found,) = read_mentions("a pylon fell after explosives were placed on its legs.")
    assert [t.words for t in found.targets] == ["PYLON"]
