"""The words of incidents in Latin American news, read from `lexicons/muc/words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lightkeeper.claims.matchers import Matcher, Vocabulary

Table: TypeAlias = tuple[tuple[str, Matcher], ...]
"""Words by what they stand for, in the order they are looked for."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that tell of an incident of one type, and what must stand with them."""

    type: str
    needs: str
    is_noun: bool
    is_of_subject: bool
    """The subject is whom or what it befell: "they died", "the mill went up in flames"."""
    words: Matcher


@dataclass(frozen=True, slots=True)
class NewsWords:
    """All tables of words; what each is for stands in the file."""

    triggers: tuple[Trigger, ...]
    not_so: Matcher
    accidents: Matcher
    statistics: Matcher
    soldiers: Matcher
    consequences: Matcher
    victims: Table
    instruments: Table
    targets: Table
    effects: Table


@cache
def news_words() -> NewsWords:
    """Return the words of incidents."""
    path = files("lightkeeper.claims") / "lexicons" / "muc" / "words.toml"
    raw = tomllib.loads(path.read_text("utf-8"))
    compile_patterns = Vocabulary().matcher

    def words(name: str) -> Matcher:
        return compile_patterns(raw[name]["words"])

    def table(name: str) -> Table:
        rows: Mapping[str, list[str]] = raw[name]
        return tuple((kind, compile_patterns(patterns)) for kind, patterns in rows.items())

    return NewsWords(
        triggers=tuple(
            Trigger(
                row["type"],
                row["needs"],
                row.get("noun", False),
                row.get("subject", False),
                compile_patterns(row["words"]),
            )
            for row in raw["triggers"]
        ),
        not_so=words("not_so"),
        accidents=words("accidents"),
        statistics=words("statistics"),
        soldiers=words("soldiers"),
        consequences=words("consequences"),
        victims=table("victims"),
        instruments=table("instruments"),
        targets=table("targets"),
        effects=table("effects"),
    )
