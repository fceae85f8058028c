"""What is known of the places of Latin American news, and in which country a news item plays."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lightkeeper.claims.matchers import Matcher, Vocabulary
from lightkeeper.claims.news_text import NewsText

QUARTER, TOWN, UNIT, COUNTRY = 0, 1, 3, 4
"""Ranks of places; 2 are districts of several towns."""
SENT_FROM = 1
"""The country that news is sent from counts as if it were named so often besides."""


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """Words that stand around places; what each set is for stands in the file."""

    locative: frozenset[str]
    part_of: frozenset[str]
    links: frozenset[str]
    after_name: frozenset[str]
    after_level: frozenset[str]
    here: frozenset[str]
    bodies: frozenset[str]
    not_before_a_name: frozenset[str]
    before_a_town_hit: frozenset[str]
    routes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Atlas:
    """What is known of places and of the words that tell of them."""

    words: PlaceWords
    levels: Mapping[str, tuple[str, int]]
    """Level word -> singular and rank."""
    plurals: frozenset[str]
    whole: frozenset[str]
    """Level words that stay in the name: "Comalapa airport"."""
    leading: Mapping[str, tuple[str, int]]
    """Level words of Spanish, which stand before the name."""
    not_names: frozenset[str]
    not_towns: frozenset[str]
    not_town_endings: tuple[str, ...]
    countries: tuple[tuple[str, Matcher], ...]
    capitals: Mapping[str, str]
    names: Mapping[str, Mapping[str, int]]
    """Name -> rank by country."""


@cache
def read_atlas() -> Atlas:
    """Return the atlas of `lexicons/muc/`."""
    folder = files("lightkeeper.claims") / "lexicons" / "muc"
    raw = tomllib.loads((folder / "places.toml").read_text("utf-8"))
    levels: dict[str, tuple[str, int]] = {}
    leading: dict[str, tuple[str, int]] = {}
    plurals: set[str] = set()
    for row in raw["levels"]:
        first, *others = row["words"]
        if row.get("leads"):
            leading.update(dict.fromkeys(row["words"][:], (first, row["rank"])))
            continue
        levels.update(dict.fromkeys(row["words"], (first, row["rank"])))
        plurals.update(others)
    names: dict[str, dict[str, int]] = {}
    compile_patterns = Vocabulary().matcher

    def add(country: str, own: Sequence[str], rank: int) -> None:
        for name in own:
            known = names.setdefault(name, {})
            known[country] = min(rank, known.get(country, rank))

    for country, own in raw["units"].items():
        add(country, own, UNIT)
    for line in (folder / "towns.tsv").read_text("utf-8").splitlines():
        country, tab, own_towns = line.partition("\t")
        if tab:
            add(country, own_towns.split("; "), TOWN)
    for country, own in raw["cities"].items():
        add(country, own, TOWN)
    for country, own in raw["quarters"].items():
        add(country, own, QUARTER)
    for country in raw["countries"]:
        names.pop(country.lower(), None)
    return Atlas(
        words=PlaceWords(**{k: frozenset(words.split()) for k, words in raw["words"].items()}),
        levels=levels,
        plurals=frozenset(plurals),
        whole=frozenset(w for row in raw["levels"] if row.get("whole") for w in row["words"]),
        leading=leading,
        not_names=frozenset(raw["not_names"].split()),
        not_towns=frozenset(raw["not_towns"].split()),
        not_town_endings=tuple(raw["not_town_endings"]),
        countries=tuple((c, compile_patterns(p)) for c, p in raw["countries"].items() if p),
        capitals=raw["capitals"],
        names=names,
    )


@dataclass(frozen=True, slots=True)
class NewsScene:
    """Where a news item plays: its main country, all that it names, and where it was sent from."""

    country: str
    countries: frozenset[str]
    sent_from: str | None


def read_scene(news: NewsText) -> NewsScene | None:
    """Return where a news item plays; None if it names no country or capital.

    The main country is the one named most; its capital and the place it was sent from count too.
    """
    atlas = read_atlas()
    counts = {name: sum(1 for _ in p.finditer(news.body)) for name, p in atlas.countries}
    for country, capital in atlas.capitals.items():
        counts[country] = counts.get(country, 0) + len(re.findall(rf"\b{capital}\b", news.body))
    sent_from = [c for c, capital in atlas.capitals.items() if capital == news.sent_from]
    sent_from = sent_from or list(atlas.names.get(news.sent_from or "", {}))
    if news.sent_from_country and news.sent_from_country.upper() in counts:
        sent_from = [news.sent_from_country.upper()]
    for country in sent_from if len(sent_from) == 1 else ():
        counts[country] = counts.get(country, 0) + SENT_FROM
    first = {
        name: next((m.start() for m in p.finditer(news.body)), len(news.body))
        for name, p in atlas.countries
    }
    # Of countries named equally often that of the head line, or the one named first.
    best = max(counts, key=lambda c: (counts[c], sent_from == [c], -first.get(c, len(news.body))))
    if not counts[best]:
        return None
    return NewsScene(best, frozenset(c for c, n in counts.items() if n), news.sent_from)


def country_of(name: str, scene: NewsScene, atlas: Atlas) -> str | None:
    """Return the country of a name: the main one if it has it, else the only other one named."""
    own = atlas.names.get(name, {})
    if scene.country in own:
        return scene.country
    others = [c for c in own if c in scene.countries]
    return others[0] if len(others) == 1 else None
