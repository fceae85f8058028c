"""Which of the languages that can be read a text is written in."""

from __future__ import annotations

import re
from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

READ: dict[Language, str] = {
    Language.ENGLISH: "en",
    Language.UKRAINIAN: "uk",
    Language.RUSSIAN: "ru",
}
"""Languages with a lexicon; a text of any other language is of language None."""

# The others are there only to be told apart. One small set per script: models load on first use.
UKRAINIAN_OR_RUSSIAN = (Language.UKRAINIAN, Language.RUSSIAN)
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

_ENGLISH_WORDS = re.compile(
    r"\b(?:the|were|by|of|is|are|and|to|for|from|without|with|have|been|there|that)\b"
)
_ENGLISH_SHARE = 0.15
"""Words that only English has, of all words: a post of ten words full of names is too short for
trigrams, and names are of no language."""


_ENGLISH_NEWS = re.compile(
    r"\b(?:power|electricity|lights?|water|heating|restored|outages?|blackouts?|killed|wounded|"
    r"injured|died|dead|hurt|explosions?|blasts?|drones?|missiles?|attack|attacked|strikes?|struck|"
    r"hit|shelling|shelled|bombs?|air raid|alert|all clear|threat|fire|damaged|destroyed|customers|"
    r"households|homes|people|wom[ae]n|m[ae]n|child|children|stay|shelters?|emergency|schedules?|"
    r"crews|repairs?|casualties|queues?|tomorrow|today|district|region|below|zero|warns|says|said|reports?|no|not|in|on|at|near|over|"
    r"after|before|was|has|had|this|still|again|back|off|out|heard|now)\b"
)
_NOT_ENGLISH = re.compile(
    r"\b(?:der|die|das|und|im|ist|nach|le|la|les|des|de|et|dans|el|los|las|y|en|się|nie|na|w|z|si|"
    r"din|la|cu)\b"
)
_ENGLISH_NEWS_SHARE = 0.3
"""A message of few words has none of the above; what it tells of is told in English words. None
of the other languages with Latin letters spells so many of them."""
_FEW_WORDS = 12
_WORD = re.compile(r"[^\W\d_]+")


_UKRAINIAN_WORDS = re.compile(
    r"\b(?:та|але|або|що|щодо|щоб|наразі|зараз|вже|з|із|зі|внаслідок|унаслідок|немає|нема|ворог\w*|"
    r"загроза|завда\w+|пошкодж\w+|знеструм\w+|вибух\w*|влуч\w+|поранен\w+|загину\w+|"
    r"постражда\w+|окупант\w*|ракети|частина|блекаут|мешкан\w+|будин\w+|пожеж\w+|тимчасово|води|"
    r"бахнуло|прилетіло)\b|\w[сцз]ьк"
)
_RUSSIAN_WORDS = re.compile(
    r"\b(?:и|но|или|что|если|нет|сейчас|когда|после|из|с|со|об|от|во|поврежд\w+|погиб\w*|"
    r"пострада\w+|враг\w*|раненых|света?|отбой|тревога|угроза|пожар\w*|район[еа]|доме|жител\w+|"
    r"област[ие]|город[аеу]?|городом|взрыв\w*|прилет\w*|приход\w*|подряд|еще|только|похоже|"
    r"попал\w*|мопед\w*|сумщину|харьков\w*|николаев\w*|чернигов\w*|одесс\w*|запорож\w*|"
    r"черкасс\w*|киев\w*|днепр\w*)\b|\w[сц]к(?:ий|ая|ое|ой|ого|ом|ую|им|у|а|е)?\b"
)
"""Words that only one of the two has, for short messages without a letter that only one has:
"частина Ромен знеструмлена" is Ukrainian."""


# Trigrams alone: loads in 0.1 s instead of 2 s and tells these languages apart as well.
@cache
def _detector(languages: tuple[Language, ...]) -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


def detect_language(text: str) -> str | None:
    """Return "en", "uk" or "ru"; None for another language or a text without letters."""
    sample = text.lstrip()[:SAMPLE_CHARS].lower()
    n_letters = sum(c.isalpha() for c in sample)
    n_cyrillic = sum("Ѐ" <= c <= "ӿ" for c in sample)
    n_latin = sum(c.isalpha() and c < "ɐ" for c in sample)
    if not n_letters or max(n_cyrillic, n_latin) * 2 < n_letters:
        return None
    languages = _cyrillic_candidates(sample) if n_cyrillic > n_latin else LATIN
    if languages is LATIN:
        n_english = len(_ENGLISH_WORDS.findall(sample))
        if n_english >= 2 and n_english >= _ENGLISH_SHARE * len(sample.split()):
            return "en"
        n_words = len(_WORD.findall(sample))
        n_news = n_english + len(_ENGLISH_NEWS.findall(sample))
        if (
            n_words <= _FEW_WORDS
            and (n_english or n_news >= max(2, _ENGLISH_NEWS_SHARE * n_words))
            and _NOT_ENGLISH.search(sample) is None
        ):
            return "en"
    if languages is UKRAINIAN_OR_RUSSIAN:
        n_ukrainian = len(_UKRAINIAN_WORDS.findall(sample))
        n_russian = len(_RUSSIAN_WORDS.findall(sample))
        if n_ukrainian != n_russian:
            return "uk" if n_ukrainian > n_russian else "ru"
    if len(languages) == 1:
        return READ.get(languages[0])
    found = _detector(languages).detect_language_of(sample)
    return READ.get(found) if found is not None else None


def _cyrillic_candidates(sample: str) -> tuple[Language, ...]:
    """Narrow by letters: Ukrainian alone has і, ї, є without ы, э, ъ, and the other way round."""
    has_uk = any(c in sample for c in "іїєґ")
    has_ru = any(c in sample for c in "ыэъё")
    if "ў" in sample or (has_uk and has_ru):
        return CYRILLIC
    if has_uk:
        return (Language.UKRAINIAN,)
    if any(c in sample for c in "ыэё"):
        return (Language.RUSSIAN,)
    if has_ru:
        return (Language.RUSSIAN, Language.BULGARIAN)
    return UKRAINIAN_OR_RUSSIAN
