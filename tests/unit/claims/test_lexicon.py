"""The lexicon files themselves."""

from __future__ import annotations

import pytest

from lightkeeper.claims.lexicon import LANGUAGES, load_lexicon
from lightkeeper.claims.model import ClaimKind

READ_IN_EVERY_LANGUAGE = set(ClaimKind) - {ClaimKind.WEAPON, ClaimKind.FORECAST}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_rules_for_every_kind(language: str) -> None:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    assert {rule.kind for rule in lexicon.rules} >= READ_IN_EVERY_LANGUAGE


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_name_the_same_things(language: str) -> None:
    """A weapon, target or unit of one language must not lack in another by oversight."""
    lexicon, english = load_lexicon(language), load_lexicon("en")
    assert lexicon is not None
    assert english is not None
    for table in ("weapons", "units", "services"):
        names = {name for name, _ in getattr(lexicon, table)}
        assert names == {name for name, _ in getattr(english, table)}, table


def test_language_without_lexicon_has_none() -> None:
    assert load_lexicon("de") is None
