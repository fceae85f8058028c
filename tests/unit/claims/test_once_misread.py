"""What was once misread, each told by a post of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.claims.conftest import Read

from lightkeeper.claims import ClaimKind as K
from lightkeeper.claims import Layer, SpeakerRole

MIDNIGHT = "2026-01-14T00:05+02:00"
MORNING = "2026-01-14T09:30+02:00"


def test_this_night_after_midnight_is_the_one_that_runs(read: Read) -> None:
    (this,) = read("Цієї ночі дрони атакували Лубни.", at=MIDNIGHT)
    (last,) = read("Минулої ночі дрони атакували Лубни.", at=MIDNIGHT)
    assert this.time is not None
    assert last.time is not None
    assert this.time.from_at == datetime(2026, 1, 13, 20, tzinfo=UTC)
    assert last.time.from_at == datetime(2026, 1, 12, 20, tzinfo=UTC)


def test_a_community_by_its_adjective_in_russian(read: Read) -> None:
    (strike,) = read("По Снигирёвской громаде нанесён удар.", at=MORNING)
    assert strike.kind is K.STRIKE
    assert [p.level for p in strike.places] == ["hromada"]


@pytest.mark.parametrize(
    "words",
    [
        "Плануємо заживити Лубни до обіду.",
        "Світло в Лубнах обіцяють повернути до вечора.",
        "Планируем запитать Лубны до обеда.",
        "The operator plans to reconnect Lubny by noon.",
    ],
)
def test_a_promise_is_no_fact(read: Read, words: str) -> None:
    claims = read(words, at=MORNING)
    assert {c.kind for c in claims} == {K.FORECAST}
    assert {c.layer for c in claims} == {Layer.CONTEXT}


@pytest.mark.parametrize(
    "words",
    [
        "Насамперед повертають світло лікарням і котельням у Лубнах.",
        "В первую очередь возвращаем свет больницам в Лубнах.",
    ],
)
def test_what_comes_first_is_not_back_yet(read: Read, words: str) -> None:
    assert {c.kind for c in read(words, at=MORNING)} <= {K.REPAIR}


def test_launched_weapons_are_counted_and_what_was_shot_down_is_not(read: Read) -> None:
    text = "Противник атакував 73 БпЛА. Станом на 09:00 збито 61."
    (strike,) = read(text, at=MORNING, channel="Повітряні сили")
    assert strike.count is not None
    assert (strike.count.best, strike.count.unit) == (73, "weapons")


def test_three_hits_are_counted(read: Read) -> None:
    (hit,) = read("У Лубнах три влучання в об'єкт енергетики.", at=MORNING)
    assert hit.count is not None
    assert (hit.count.best, hit.count.unit) == (3, "strikes")


@pytest.mark.parametrize(
    ("head", "role"),
    [
        ("РВА", SpeakerRole.RAION_ADMINISTRATION),
        ("ОВА", SpeakerRole.OBLAST_ADMINISTRATION),
    ],
)
def test_heads_of_administrations(read: Read, head: str, role: SpeakerRole) -> None:
    (fire,) = read(f"Начальник {head} повідомив про пожежу в Лубнах.", at=MORNING)
    assert fire.attribution.role is role


def test_said_of_what_stands_before(read: Read) -> None:
    claims = read("Без світла 300 абонентів. Про це повідомив начальник ОВА.", at=MORNING)
    assert [c.attribution.role for c in claims] == [SpeakerRole.OBLAST_ADMINISTRATION]


def test_a_small_place_that_opens_a_message_of_its_oblast(read: Read) -> None:
    (outage,) = read(
        "Bilozerka has had no power since 08:15.", at=MORNING, channel="Khersonoblenergo"
    )
    (place,) = outage.places
    assert place.text == "Bilozerka"
    assert place.code is not None


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("Електропостачання Лубен не порушено.", [(K.OUTAGE, True)]),
        ("Світло в Лубнах поки не повернули.", []),
        ("Ремонт у Лубнах не розпочато.", []),
    ],
)
def test_not_in_the_middle_of_the_words(
    read: Read, words: str, kinds: list[tuple[K, bool]]
) -> None:
    assert [(c.kind, c.is_negated) for c in read(words, at=MORNING)] == kinds


def test_every_line_of_a_list_of_queues_is_a_schedule(read: Read) -> None:
    text = "Графік вимкнень у Лубнах:\n1.1 — 08:00–10:30\n1.2 — 10:30–14:00"
    schedules = [c for c in read(text, at=MORNING) if c.kind is K.SCHEDULE]
    hours = [c.time.from_at.hour for c in schedules if c.time and c.time.from_at]
    assert hours[-2:] == [6, 8]


def test_a_warning_is_for_where_missiles_go(read: Read) -> None:
    claims = read("Лубни! Балістика з Криму.", at=MORNING)
    assert [p.text for c in claims if c.kind is K.ALERT for p in c.places] == ["Лубни"]


def test_the_time_of_a_heading_holds_for_what_stands_under_it(read: Read) -> None:
    claims = read("Ситуація в Лубнах на 08:00:\n— вода відсутня", at=MORNING)
    (water,) = (c for c in claims if c.kind is K.SERVICES)
    assert water.time is not None
    assert water.time.to_at == datetime(2026, 1, 14, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "Світло в Лубнах вимкнули за командою диспетчера, мережі міста цілі.",
        "У районі Лубен уламки посікли п'ять приватних осель.",
        "Бригади виїдуть у Лубни після завершення тривоги.",
        "The search under the rubble goes on in Lubny.",
    ],
)
def test_nothing_of_people_supply_or_alarms_is_told_here(read: Read, words: str) -> None:
    told = {c.kind for c in read(words, at=MORNING)}
    assert K.CASUALTIES not in told
    assert K.ALL_CLEAR not in told
    assert ("Світло" in words) == (K.OUTAGE in told)


@pytest.mark.parametrize(
    "words",
    [
        "No one died, the number of injured in Lubny has climbed to five from two.",
        "Ніхто не загинув, кількість поранених у Лубнах зросла до п'яти.",
        "В Лубнах число раненых выросло до пяти, никто не погиб.",
    ],
)
def test_nobody_killed_leaves_the_injured_counted(read: Read, words: str) -> None:
    harmed = [c.casualties for c in read(words, at=MORNING) if c.casualties]
    assert {(h.killed, h.injured) for h in harmed} == {(0, None), (None, 5)}


@pytest.mark.parametrize(
    "words",
    [
        "Гуркіт у Лубнах не має нічого спільного з ракетним ударом.",
        "Грохот в Лубнах не имеет ничего общего с ракетным ударом.",
    ],
)
def test_what_a_strike_has_nothing_to_do_with(read: Read, words: str) -> None:
    (strike,) = (c for c in read(words, at=MORNING) if c.kind is K.STRIKE)
    assert strike.is_negated


def test_bombs_on_the_army_s_positions_are_the_war_on_the_ground(read: Read) -> None:
    (strike,) = read("Aviation dropped 40 guided bombs on forward positions near Lubny.")
    assert strike.layer is Layer.OUT_OF_SCOPE
