"""Places: cases, levels, spellings, words that mean a place, and people who are none."""

from __future__ import annotations

import pytest

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import load_lexicon
from lightkeeper.claims.places import PlaceFinder
from lightkeeper.region.gazetteer import Gazetteer


@pytest.fixture(scope="module")
def finder(gazetteer: Gazetteer) -> PlaceFinder:
    return PlaceFinder(gazetteer)


def named(finder: PlaceFinder, language: str, text: str) -> list[tuple[str, str]]:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    out = []
    for mention in finder.find(text, fold(text), lexicon):
        if mention.is_container:
            continue
        code = mention.ref.code
        name = finder.gazetteer.place(code).name_uk if code else "?"
        out.append((name, str(mention.ref.level)))
    return out


@pytest.mark.parametrize(
    ("language", "text", "places"),
    [
        ("uk", "У Лубнах чути вибухи", [("Лубни", "settlement")]),
        ("uk", "вибухи у Кременчуці", [("Кременчук", "settlement")]),
        ("uk", "світло у Кривому Розі", [("Кривий Ріг", "settlement")]),
        ("uk", "вибухи в Рівному", [("Рівне", "settlement")]),
        ("uk", "в Ізюмському районі", [("Ізюмський район", "raion")]),
        ("uk", "на Харківщині", [("Харківська область", "oblast")]),
        ("uk", "на Донеччині", [("Донецька область", "oblast")]),
        ("uk", "на Конотопщині", [("Конотопський район", "raion")]),
        (
            "uk",
            "у Сумській, Полтавській та Рівненській областях",
            [("Сумська область", "oblast"), ("Полтавська область", "oblast"),
             ("Рівненська область", "oblast")],
        ),
        ("uk", "у Лубнах Полтавської області", [("Лубни", "settlement")]),
        ("uk", "у столиці гучно", [("Київ", "settlement")]),
        ("uk", "Лубни. У місті темно", [("Лубни", "settlement"), ("Лубни", "settlement")]),
        ("ru", "в Харькове", [("Харків", "settlement")]),
        ("ru", "в Харьковской области", [("Харківська область", "oblast")]),
        ("uk", "на Шебелинському НПЗ", [("Шебелинка", "settlement")]),
        ("uk", "на Чорнобильській АЕС", [("Чорнобиль", "settlement")]),
        # A large power plant stands somewhere in the oblast that it is named after.
        ("uk", "на Запорізькій АЕС", [("Запорізька область", "oblast")]),
        ("ru", "у Киевской ГЭС", [("Київська область", "oblast")]),
        ("uk", "на Кременчуцькій ГЕС", [("Кременчук", "settlement")]),
        ("ru", "в Мелитопольском депо", [("Мелітополь", "settlement")]),
        ("uk", "дим під Феодосією", [("Феодосія", "settlement")]),
        ("ru", "взрыв в ДНР", [("Донецька область", "oblast")]),
        ("ru", "в Луганской народной республике", [("Луганська область", "oblast")]),
        ("en", "in Izum", [("Ізюм", "settlement")]),
        ("en", "in Izyum and Kiev", [("Ізюм", "settlement"), ("Київ", "settlement")]),
        ("en", "the Izum district of the Kharkiv region", [("Ізюмський район", "raion")]),
        ("en", "in Kharkiv Oblast", [("Харківська область", "oblast")]),
        (
            "en",
            "in Rivne, Poltava and Sumy regions",
            [("Рівненська область", "oblast"), ("Полтавська область", "oblast"),
             ("Сумська область", "oblast")],
        ),
        (
            "en",
            "The port city of Odesa and Kharkiv were hit. The coastal city is dark",
            [("Одеса", "settlement"), ("Харків", "settlement"), ("Одеса", "settlement")],
        ),
        (
            "en",
            "in Izmail raion; in the city itself",
            [("Ізмаїльський район", "raion"), ("Ізмаїл", "settlement")],
        ),
    ],
)  # fmt: skip
def test_places_are_found_and_resolved(
    finder: PlaceFinder, language: str, text: str, places: list[tuple[str, str]]
) -> None:
    assert named(finder, language, text) == places


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "said Maria Petrova. Petrova lives here"),
        ("en", "President Volodymyr Zelensky said"),
        ("uk", "розповів майстер Володимир"),
        ("uk", "світла не буде на вул. Харківській, Миргородській"),
        ("ru", "без света улицы Болградская, Кишинёвская"),
        ("en", "blackout on Kharkiv Street"),
        ("uk", "Вода є. Школи працюють"),
    ],
)
def test_people_streets_and_common_words_are_no_places(
    finder: PlaceFinder, language: str, text: str
) -> None:
    assert named(finder, language, text) == []


def test_place_meant_by_two_candidates_is_left_unknown(finder: PlaceFinder) -> None:
    """Odesa and Mykolaiv are both called port cities: "the port city" alone is neither."""
    text = "The port city of Odesa and the port city of Mykolaiv were hit. The coastal city is dark"
    assert named(finder, "en", text)[-1] == ("?", "settlement")
