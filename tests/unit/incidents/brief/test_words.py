"""Plurals, cases, places and times in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from lightkeeper.claims import (
    CasualtyStatus,
    Certainty,
    Count,
    OutageType,
    PlaceRef,
    SpeakerRole,
    Weapons,
)
from lightkeeper.incidents.brief.model import LANGUAGES
from lightkeeper.incidents.brief.words import Texts, Words, load_texts, resolve_euphony
from lightkeeper.region import Gazetteer

AS_OF = datetime(2026, 1, 12, 6, tzinfo=UTC)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, gazetteer: Gazetteer) -> Words:
    return Words(request.param, gazetteer, "Europe/Kyiv", AS_OF)


@pytest.fixture
def uk(gazetteer: Gazetteer) -> Words:
    return Words("uk", gazetteer, "Europe/Kyiv", AS_OF)


@pytest.fixture
def en(gazetteer: Gazetteer) -> Words:
    return Words("en", gazetteer, "Europe/Kyiv", AS_OF)


def place(gazetteer: Gazetteer, name: str) -> PlaceRef:
    found = gazetteer.find_one(name)
    return PlaceRef(text=name, code=found.code, level=found.level)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (Count(best=1), "1 вибух"),
        (Count(best=3), "3 вибухи"),
        (Count(best=11), "11 вибухів"),
        (Count(best=12), "12 вибухів"),
        (Count(best=21), "21 вибух"),
        (Count(best=22), "22 вибухи"),
        (Count(best=10, approximate=True), "близько 10 вибухів"),
        (Count(best=21, approximate=True), "близько 21 вибуху"),
        (Count(best=2, approximate=True), "близько 2 вибухів"),
        (Count(min=5), "щонайменше 5 вибухів"),
        (Count(min=3), "щонайменше 3 вибухи"),
        (Count(max=1), "до 1 вибуху"),
        (Count(min=5, max=6), "від 5 до 6 вибухів"),
        (Count(min=2), "кілька вибухів"),
    ],
)
def test_ukrainian_numbers_rule_the_case_of_what_they_count(
    uk: Words, count: Count, said: str
) -> None:
    assert uk.count(count, "explosions") == said


def test_large_numbers_are_grouped_as_the_language_does(uk: Words, en: Words) -> None:
    count = Count(best=34_200)
    assert uk.count(count, "customers") == "34\N{NO-BREAK SPACE}200 споживачів"
    assert en.count(count, "customers") == "34,200 customers"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Ізюм"], "Вибухи в місті Ізюм"),
        (["Ізюмський район"], "Вибухи в Ізюмському районі"),
        (["Харківська область"], "Вибухи в Харківській області"),
        (["Львівська область"], "Вибухи у Львівській області"),
        (["Автономна Республіка Крим"], "Вибухи в Автономній Республіці Крим"),
        (["Оскільська громада"], "Вибухи в Оскільській громаді"),
        (["Шостка", "Шосткинський район"], "Вибухи в місті Шостка та в Шосткинському районі"),
        (["Харківська область", "Ізюм"], "Вибухи в місті Ізюм"),
        ([], "Вибухи"),
    ],
)
def test_where_in_ukrainian(uk: Words, gazetteer: Gazetteer, names: list[str], said: str) -> None:
    refs = [place(gazetteer, n) for n in names]
    assert resolve_euphony("Вибухи" + uk.where(refs)) == said


def test_where_in_english(en: Words, gazetteer: Gazetteer) -> None:
    refs = [place(gazetteer, n) for n in ("Ізюм", "Ізюмський район")]
    assert en.where(refs) == " in the city of Izium and Izium Raion"
    unknown = PlaceRef(text="Nowhereville", code=None, level=None)
    assert en.where([unknown]) == " (place as told: “Nowhereville”)"
    assert en.where([], ["several districts"]) == " (“several districts”)"


def test_euphony_does_not_touch_quoted_words() -> None:
    assert resolve_euphony("«пошкодження у місті»") == "«пошкодження у місті»"


def test_times_go_by_the_clock_of_the_zone_and_name_another_year(uk: Words, en: Words) -> None:
    at = datetime(2026, 1, 10, 22, 48, tzinfo=UTC)
    assert en.instant(at) == "11 January, 00:48"
    assert uk.instant(at) == "11 січня, 00:48"
    assert en.instant(datetime(2025, 12, 31, 10, tzinfo=UTC)) == "31 December 2025, 12:00"
    assert en.instant(at, full=True) == "11 January 2026, 00:48"
    assert en.span(at, None) == "from 11 January, 00:48"
    assert uk.span(None, at) == "до 11 січня, 00:48"
    assert en.span(None, None) is None


def test_alternative_weapons_stay_alternatives(uk: Words, en: Words) -> None:
    told = [
        Weapons(mode="either", items=("KAB", "FAB")),
        Weapons(mode="one", items=("aerial_bomb",)),
    ]
    assert en.weapons(told) == ("unguided aerial bomb (FAB) or guided aerial bomb (KAB)", True)
    assert uk.weapons(told) == ("некерована авіабомба (ФАБ) або керована авіабомба (КАБ)", True)


def leaves(node: Texts, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


_FORMS = {"one", "few", "many", "other", "gen_one", "nom", "gen", "acc"}


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    def values(language: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, text in leaves(load_texts(language)):
            head, _, form = key.rpartition(".")
            name = head if form in _FORMS else key
            found.setdefault(name, set()).update(re.findall(r"\{(\w+)\}", text))
        return found

    english, ukrainian = values("en"), values("uk")
    assert english.keys() == ukrainian.keys()
    cases = {"in", "noun_gen", "noun_many", "speakers_nom"}
    for key, names in english.items():
        fold = {n.removesuffix("_nom") for n in names} - cases
        assert fold == {n.removesuffix("_gen").removesuffix("_many").removesuffix("_nom")
                        for n in ukrainian[key]} - cases, key  # fmt: skip


def test_every_code_that_claims_may_hold_has_words(words: Words) -> None:
    for certainty in set(Certainty) - {Certainty.OBSERVED}:
        assert words.find(f"standing.{certainty}")
    for role in SpeakerRole:
        assert words.find(f"role.{role}.nom")
        assert words.find(f"role.{role}.gen")
    for outage in OutageType:
        assert words.find(f"outage.{outage}")
    for status in CasualtyStatus:
        assert words.find(f"fact.casualties_{status}")
    for kind in ("person", "body", "place", "asset", "event"):
        assert words.find(f"node_kind.{kind}")
