"""Which of the languages that can be read a text is written in."""

from __future__ import annotations

from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

READ: dict[Language, str] = {
    Language.ENGLISH: "en",
    Language.UKRAINIAN: "uk",
    Language.RUSSIAN: "ru",
}
"""Languages with a lexicon; a text of any other language is of language None."""

# The others are there only to be told apart. One small set per script: models load on first use.
CYRILLIC = (Language.UKRAINIAN, Language.RUSSIAN, Language.BELARUSIAN, Language.BULGARIAN)
LATIN = (
    Language.ENGLISH,
    Language.GERMAN,
    Language.FRENCH,
    Language.SPANISH,
    Language.POLISH,
    Language.ROMANIAN,
)

SAMPLE_CHARS = 600
"""The beginning is enough, and keeps the cost the same for a post and for a book."""


# Trigrams alone: loads in 0.1 s instead of 2 s and tells these languages apart as well.
@cache
def _detector(languages: tuple[Language, ...]) -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


def detect_language(text: str) -> str | None:
    """Return "en", "uk" or "ru"; None for another language or a text without letters."""
    sample = text.lstrip()[:SAMPLE_CHARS]
    n_letters = sum(c.isalpha() for c in sample)
    n_cyrillic = sum("Ѐ" <= c <= "ӿ" for c in sample)
    n_latin = sum(c.isalpha() and c < "ɐ" for c in sample)
    if not n_letters or max(n_cyrillic, n_latin) * 2 < n_letters:
        return None
    languages = CYRILLIC if n_cyrillic > n_latin else LATIN
    found = _detector(languages).detect_language_of(sample)
    return READ.get(found) if found is not None else None
