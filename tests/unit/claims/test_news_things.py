"""Things, instruments and effects that sentences of Latin American news name."""

from __future__ import annotations

import pytest

from lightkeeper.claims.news_mentions import read_mentions
from lightkeeper.claims.news_things import (
    Target,
    instruments,
    read_effect,
    read_own_targets,
    read_targets,
    tells_consequences,
)


@pytest.mark.parametrize(
    ("sentence", "fill"),
    [
        ("they hit a high-tension tower", 'ENERGY: "HIGH-TENSION TOWER"'),
        ("they hit the pumping station", 'ENERGY: "PUMPING STATION"'),
        ("they hit two fuel storage tanks", 'ENERGY: "FUEL STORAGE TANKS"'),
        ("they hit the telephone exchange", 'COMMUNICATIONS: "TELEPHONE EXCHANGE"'),
        ("they hit the town hall", 'GOVERNMENT OFFICE OR RESIDENCE: "TOWN HALL"'),
        ("they hit an evangelical chapel", 'CHURCH: "EVANGELICAL CHAPEL"'),
        ("they hit a tanker truck", 'TRANSPORT VEHICLE: "TANKER TRUCK"'),
        ("they hit a railroad bridge", 'TRANSPORTATION FACILITY: "RAILROAD BRIDGE"'),
        ("they hit the cabin of a ferry", 'TRANSPORT VEHICLE: "FERRY"'),
        ("they hit a cane field", 'FARM/RANCH: "CANE FIELD"'),
    ],
)  # fmt: skip
def test_things_have_kinds(sentence: str, fill: str) -> None:
    ((target, _),) = read_targets(sentence)
    assert target.fill == fill


@pytest.mark.parametrize(
    ("sentence", "effect"),
    [
        ("the poles were chopped down", "DESTROYED"),
        ("the poles were sawn through", "DESTROYED"),
        ("fire reduced the school to ashes", "DESTROYED"),
        ("the clinic is uninhabitable", "DESTROYED"),
        ("the blast tore off the door of the chapel", "SOME DAMAGE"),
        ("shots pierced the transformer", "SOME DAMAGE"),
        ("the transformer caught fire", "SOME DAMAGE"),
        ("the plant was put out of service", "SOME DAMAGE"),
        ("no damage to the bridge was seen", "NO DAMAGE"),
        ("the charge that would have destroyed the bridge did not explode", "NO DAMAGE"),
        ("a truck blew up near the bridge", None),
    ],
)  # fmt: skip
def test_things_have_the_effect_told_of_them(sentence: str, effect: str | None) -> None:
    assert {target.effect for target, _ in read_targets(sentence)} <= {effect}
    assert _effect_of_any(sentence) == effect


def _effect_of_any(sentence: str) -> str | None:
    found = [target.effect for target, _ in read_targets(sentence)]
    return found[0] if found else read_effect(sentence)


def test_each_thing_has_the_effect_told_nearest() -> None:
    (found,) = read_mentions("a bomb destroyed a substation and damaged two houses.")
    assert found.targets == [
        Target("ENERGY", "SUBSTATION", "DESTROYED"),
        Target("CIVILIAN RESIDENCE", "HOUSES", "SOME DAMAGE"),
    ]


def test_a_car_bomb_is_neither_a_car_nor_another_bomb() -> None:
    (found,) = read_mentions("a car bomb exploded at a bank.")
    assert found.instruments == ['VEHICLE BOMB: "CAR BOMB"']
    assert [t.fill for t in found.targets] == ['FINANCIAL: "BANK"']


def test_a_finer_instrument_is_told_alone() -> None:
    assert instruments("he was shot with a pistol") == ['HANDGUN: "PISTOL"']
    assert instruments("he was shot") == ['GUN: "SHOT"']


def test_what_a_thing_belongs_to_is_no_target() -> None:
    found = [t.words for t, _ in read_own_targets("they cut the pylons of the big power plant")]
    assert found == ["PYLONS"]


def test_what_an_instrument_is_made_of_is_no_target() -> None:
    assert read_own_targets("a pickup truck loaded with explosives went off") == []


def test_consequences_are_told_apart_from_effects() -> None:
    assert tells_consequences("three towns were left without light")
    assert read_effect("the ministers met today") is None


@pytest.mark.parametrize(
    "sentence", ["a university professor was shot", "army helicopters bombed the valley"]
)
def test_what_names_a_person_or_did_it_is_no_target(sentence: str) -> None:
    assert read_own_targets(sentence) == []
