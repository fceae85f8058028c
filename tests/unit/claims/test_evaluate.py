"""Sets of annotated reports: reading them, the neutral form, the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lightkeeper.claims import evaluate, read_item, read_set
from lightkeeper.errors import InputError
from lightkeeper.region.gazetteer import Gazetteer

POST = {
    "id": "P1",
    "lang": "uk",
    "channel": "Лубни | міська військова адміністрація",
    "channel_type": "city_admin",
    "posted_at": "2026-01-10T04:31:00+02:00",
    "reply_to": None,
    "forwarded_from": {"channel": "Обленерго", "post": "P0"},
    "text": "У Лубнах пролунало шість вибухів. Без світла близько 12 тисяч споживачів.",
    "gold": {
        "claims": [
            {
                "kind": "explosions",
                "span": "пролунало шість вибухів",
                "must": True,
                "layer": "incident",
                "place": [{"name_en": "Lubny", "name_uk": "Лубни"}],
            },
            {
                "kind": "casualties",
                "span": "Без світла",
                "must": True,
                "layer": "incident",
                "place": [{"name_en": "Lubny", "name_uk": "Лубни"}],
            },
        ]
    },
}
HEADLINE = {
    "id": "H1",
    "text": "Ракетний удар по Лубнах: пошкоджено підстанцію",
    "places": [
        {"geonameid": "1", "name": "Lubny", "adm1": "Poltava", "lat": "50.016", "lon": "32.997"},
        {"geonameid": "2", "name": "Sumy", "adm1": "Sumy", "lat": "50.9216", "lon": "34.80029"},
    ],
}


def lines(*rows: Mapping[str, object]) -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def test_table_counts_what_is_found_missed_and_wrong(gazetteer: Gazetteer) -> None:
    (item,) = read_set(lines(POST), "set")
    result = evaluate([read_item(item, gazetteer)], gazetteer)
    rows = {k: (t.n_gold, t.n_found, t.n_read, t.n_right) for k, t in result.tallies.items()}
    assert rows == {
        "explosions": (1, 1, 1, 1),
        "casualties": (1, 0, 0, 0),
        "effect_outage": (0, 0, 1, 0),
    }
    assert (result.total.recall, result.total.precision) == (0.5, 0.5)
    assert {(sort, words.partition(":")[0]) for sort, _, words in result.errors} == {
        ("missed", "casualties"),
        ("not in the gold", "effect_outage"),
    }


def test_neutral_form(gazetteer: Gazetteer) -> None:
    (item,) = read_set(lines(POST), "set")
    line = read_item(item, gazetteer).line(gazetteer)
    assert line["id"] == "P1"
    claims = line["claims"]
    assert isinstance(claims, list)
    explosions, outage = claims
    assert isinstance(explosions, dict)
    assert isinstance(outage, dict)
    assert explosions["count"] == {
        "min": 6, "best": 6, "max": 6, "approximate": False, "unit": "explosions",
    }  # fmt: skip
    assert explosions["time"] == {
        "from": "2026-01-10T02:01:00+00:00",
        "to": "2026-01-10T02:31:00+00:00",
        "precision": "recent",
    }
    assert outage["kind"] == "effect_outage"
    assert outage["polarity"] == "positive"
    places = outage["place"]
    assert isinstance(places, list)
    assert isinstance(places[0], dict)
    assert (places[0]["name_uk"], places[0]["level"]) == ("Лубни", "settlement")
    assert str(outage["span"]) in str(POST["text"])


def test_headlines_are_compared_by_their_places(gazetteer: Gazetteer) -> None:
    (item,) = read_set(lines(HEADLINE), "set")
    reading = read_item(item, gazetteer)
    assert [p["name_uk"] for p in reading.places] == ["Лубни"]
    tally = evaluate([reading], gazetteer).tallies["places"]
    assert (tally.recall, tally.precision) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("oblast", "found"),
    [("Kiev", 1.0), ("Kiev City", 0.0), ("L'viv", 0.0), ("Zaporizhzhya", 0.0), ("Nowhere", 0.0)],
)
def test_an_oblast_is_compared_by_what_it_is_called(
    oblast: str, found: float, gazetteer: Gazetteer
) -> None:
    place = {"geonameid": "1", "name": "Fastiv", "adm1": oblast, "lat": "50.08", "lon": "29.92"}
    row = {"id": "H2", "text": "Обстріляли Київську область", "places": [place]}
    (item,) = read_set(lines(row), "set")
    tally = evaluate([read_item(item, gazetteer)], gazetteer).tallies["places"]
    assert (tally.recall, tally.precision) == (found, found)


@pytest.mark.parametrize("line", ["{", "[1]", '{"id": "x"}', '{"id": 1, "text": "a", "gold": {}}'])
def test_a_line_of_no_known_layout_is_named(line: str) -> None:
    with pytest.raises(InputError, match="set, line 2"):
        read_set([*lines(POST), line], "set")


def test_shared_posts_are_read_well(shared: Path, gazetteer: Gazetteer) -> None:
    text = (shared / "eval" / "posts" / "dev.jsonl").read_text("utf-8")
    items = read_set(text.splitlines(), "dev")
    total = evaluate([read_item(i, gazetteer) for i in items], gazetteer).total
    assert total.recall is not None
    assert total.recall >= 0.9
    assert total.precision is not None
    assert total.precision >= 0.85
