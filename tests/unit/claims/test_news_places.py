"""Places that sentences of Latin American news name."""

from __future__ import annotations

import pytest

from lightkeeper.claims.news_atlas import NewsScene, read_scene
from lightkeeper.claims.news_places import read_place_groups
from lightkeeper.claims.news_text import read_news_text

SCENE = NewsScene("EL SALVADOR", frozenset({"EL SALVADOR", "HONDURAS"}), "san salvador")


def places(sentence: str) -> list[list[str]]:
    return [
        [p.written(SCENE.country).partition(": ")[2] for p in group.places]
        for group in read_place_groups(sentence, SCENE)
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a pylon fell in usulutan", [["USULUTAN (CITY)"]]),
        ("a pylon fell near las flores canton, san vicente department",
         [["LAS FLORES (CANTON)", "SAN VICENTE (DEPARTMENT)"]]),
        ("a bomb in the suburb of el olivo destroyed a shop", [["EL OLIVO (SUBURB)"]]),
        ("poles in the escalon and san benito neighborhoods",
         [["ESCALON (NEIGHBORHOOD)", "SAN BENITO (NEIGHBORHOOD)"]]),
        ("they blew up a tower in quebradita, el rosario jurisdiction",
         [["QUEBRADITA (TOWN)", "EL ROSARIO (JURISDICTION)"]]),
        ("a bomb went off in colonia guadalupe", [["GUADALUPE (NEIGHBORHOOD)"]]),
        ("shots were fired at the comalapa airport", [["COMALAPA AIRPORT (AIRPORT)"]]),
        ("he was murdered in tapachulita yesterday", [["TAPACHULITA (TOWN)"]]),
        ("there were blackouts in the capital", [["SAN SALVADOR (CITY)"]]),
        ("the explosion was heard in this city", [["SAN SALVADOR (CITY)"]]),
        ("a guard was shot in this quiet port", [["SAN SALVADOR (CITY)"]]),
        ("a pylon fell in the heights of usulutan", [["USULUTAN (CITY)"]]),
        ("poles fell between sonsonate and acajutla", [["SONSONATE (CITY)", "ACAJUTLA (CITY)"]]),
        ("poles fell on the road from sonsonate to acajutla",
         [["SONSONATE (CITY)"], ["ACAJUTLA (CITY)"]]),
        ("a bomb in the las lomas neighborhood of usulutan",
         [["LAS LOMAS (NEIGHBORHOOD)", "USULUTAN (CITY)"]]),
        ("blasts shook usulutan", [["USULUTAN (CITY)"]]),
        ("he was met at el tamarindal junction", [["EL TAMARINDAL (JUNCTION)"]]),
        ("they burned a bus at quebrachales on sunday", [["QUEBRACHALES (TOWN)"]]),
    ],
)  # fmt: skip
def test_places_are_found(sentence: str, expected: list[list[str]]) -> None:
    assert places(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "the governor of san miguel department spoke",
        "50 km from san salvador",
        "the state of siege goes on",
        "an official of the justice department was shot",
        "the suspects are in custody",
        "he spoke in retaliation",
        "they came to a fishing port",
        "dynamite was thrown at the technical university cafeteria",
        "the highway to usulutan was cut",
    ],
)
def test_what_only_names_a_body_or_a_distance_is_no_place(sentence: str) -> None:
    assert places(sentence) == []


def test_a_place_of_another_country_named_in_the_text_is_told_with_it() -> None:
    (group,) = read_place_groups("he was kidnapped in tegucigalpa", SCENE)
    assert group.finest.written(SCENE.country) == "HONDURAS: TEGUCIGALPA (CITY)"
    assert read_place_groups("he lived near bucaramanga", SCENE)[0].finest.country is None


def test_the_country_is_the_one_named_most() -> None:
    news = read_news_text(
        "MEXICO CITY, 5 MAR 90 (AGENCY) -- [TEXT] A SALVADORAN WAS KILLED IN SANTA ANA, THE "
        "SALVADORAN GOVERNMENT SAID."
    )
    scene = read_scene(news)
    assert scene is not None
    assert scene.country == "EL SALVADOR"
    tie = read_news_text("GUATEMALA CITY, 5 MAR 90 (AGENCY) -- [TEXT] THE ROAD TO MEXICO IS CUT.")
    assert read_scene(tie) == NewsScene(
        "GUATEMALA", frozenset({"GUATEMALA", "MEXICO"}), "guatemala city"
    )
    abroad = read_news_text(
        "MEXICO CITY (MEXICO), 5 MAR 90 (AGENCY) -- [TEXT] GUATEMALANS BLAMED THE GUATEMALAN ARMY."
    )
    found = read_scene(abroad)
    assert found is not None
    assert found.country == "GUATEMALA"
    assert read_scene(read_news_text("OSLO, 5 MAR 90 -- [TEXT] A BANK WAS ROBBED.")) is None
