"""The words of notices: data, one file for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def load_texts(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the text catalogue of a language ("uk" or "en")."""
    path = files("lightkeeper.notices").joinpath(f"texts/{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
