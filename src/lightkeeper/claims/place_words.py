"""The words that name places in a language, and the forms a name takes in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations

import pymorphy3

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.matchers import Matcher, MatcherTable

ADJECTIVE = re.compile(r"(.+(?:ськ|цьк|зьк|ск|цк))[а-яіїє]{1,3}$")
ANY_ADJECTIVE = re.compile(r".{3,}(?:(?:[сцз]ь?к)[а-яіїє]{1,3}|[иыі]й|ого|ому|ом|[иы][мх])")
"""Also of other adjectives, that quarters of towns are called by ("Корабельний")."""
OBLAST_ADJECTIVE = re.compile(r".{2,}[сцз]ь?к(?:а|ая)")
_ALSO = r"(?:,| та| і| й| и)\s"
_OBLAST = r"[^\W\d_a-zа-яіїєґ][\w'’-]+[сцз]ь?к(?:а|ая)"
LISTED_OBLASTS = re.compile(rf"[^\w\n]*{_OBLAST}(?:{_ALSO}{_OBLAST})*(?=\s*(?:[—–:!]|-\s))")
"""Adjectives of oblasts at the head of a line: "Харківська, Сумська — відбій"."""
COMPANY = re.compile(
    r"(.{3,}?)(?:(?P<region>обленерго|облэнерго|oblenergo)|"
    r"(?:міськ)?(?:тепло(?:комун)?енерго|водоканал|тепломереж|електротранс)\w*|"
    r"(?:гор)?(?:теплоэнерго|водоканал|теплосет|электротранс)\w*)"
)
"""A regional company's name begins with that of the regional town: "Сумиобленерго"."""
_TOWN_ENDINGS = ("а", "и", "ь", "е", "я", "ий", "жя", "ів", "ка", "ки")
REGION_NOUN = re.compile(r"(.+?)(ччин|щин)[а-яіїє]{1,3}$")
_NOUN_CASE = re.compile(r"[сц]ь?к(?:а|у|ом|е)$")
"""Ends as a noun in "-ськ" does in its cases; no other form of the adjective does."""
_CYRILLIC = re.compile(r"[а-яёіїєґ'’ʼ‑-]+", re.IGNORECASE)
_SORT_OF_HROMADA = re.compile(
    r"(?:\s(?:міськ|сільськ|селищн|територіальн|городск|сельск|поселков|территориальн)\w{1,3})+$"
)
"""Which sort of community it is: "Ніжинська міська територіальна"."""
_OF_NO_TOWN = (
    r"україн|украин|росій|росси|русск|міськ|сільськ|сельск|морськ|морск|військ|войск|городск"
)
"""How adjectives before a facility begin that are of no town."""
_LEVEL_NOUN = {"raion": "район", "oblast": "область", "hromada": "громада"}
_GENERIC = (
    "the_city", "the_capital", "oblast_centre", "the_country", "around_capital", "the_raion",
    "the_oblast", "the_hromada",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PlaceWords:
    """The places file of a lexicon, compiled."""

    lexicon: Lexicon
    prepositions: re.Pattern[str]
    near: re.Pattern[str]
    facility_after: re.Pattern[str]
    owners: re.Pattern[str]
    """Adjectives in small letters right before a facility."""
    plant_after: re.Pattern[str]
    prepositions_after: re.Pattern[str]
    streets: MatcherTable[re.Pattern[str]]
    street_after: re.Pattern[str] | None
    not_places: frozenset[str]
    generic: MatcherTable[tuple[str, re.Pattern[str]]]
    """Words such as "the city" by what they mean, and what finds them."""
    level_words: dict[str, re.Pattern[str]]
    shared_level: re.Pattern[str]
    epithets: re.Pattern[str]
    epithet_before: re.Pattern[str]
    epithet_after: re.Pattern[str]

    def level_of(self, folded: str, start: int, end: int) -> str | None:
        """Return the level a word tells ("raion" for "районі"), None if it tells none."""
        return _level_of(self, folded[start:end])

    def ends_with_level(self, folded: str, end: int, level: str) -> bool:
        """Say whether the name that ends here takes in a word of this level."""
        last = re.search(r"[^\W\d_]+\.?$", folded[max(0, end - 14) : end])
        return bool(last and self.level_words[level].fullmatch(last.group()))

    def is_given_name(self, word: str) -> bool:
        """Say whether a word is a given name: listed, or by one reading of the dictionary."""
        if word in self.lexicon.given_names:
            return True
        if word in self.lexicon.places.get("not_names", ()):
            return False  # "Влада Луцька" are the authorities, no lady
        # "Николаев" is a town; that it may also be "of several Nikolais" makes it no name.
        return self.lexicon.language != "en" and _has_tag(
            word, "Name", self.lexicon.language, but="plur"
        )

    def locative(self, word: str) -> bool:
        """Say whether a word may stand in the case of "where"; English has none."""
        if self.lexicon.language == "en":
            return word not in self.lexicon.given_names
        return _has_tag(word, "loct", self.lexicon.language)

    def quarter(self, folded: str, start: int, end: int) -> tuple[str, str] | None:
        """Return the name of the well-known quarter that is named first, and that of its town."""
        found = _quarters(self.lexicon).search(folded, start, end)
        if found is None or found.lastindex is None:
            return None
        _, _, row = self.lexicon.places["quarters"][found.lastindex - 1].partition("* ")
        name, _, town = row.partition(" / ")
        return name, town

    def is_what_is_around(self, word: str) -> bool:
        """Say whether a word may stand in the genitive: "у районі вокзалу" is no district."""
        return _has_tag(fold(word), "gent", self.lexicon.language) and _has_tag(
            fold(word), "NOUN", self.lexicon.language
        )

    def abroad(self, folded: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Return where places of other countries are named; "Белгород-Днестровский" is none."""
        spans = [m.span() for m in self.lexicon.abroad.finditer(folded, start, end)]
        return [(s, e) for s, e in spans if folded[e : e + 1] != "-"]

    def has_epithet(self, folded: str, start: int, end: int) -> bool:
        """Say whether the name stands in "the port city of X" or "X on the Black Sea"."""
        return (
            self.epithets.search(folded, max(0, start - 30), start) is not None
            and self.epithet_before.search(folded[max(0, start - 30) : start]) is not None
        ) or self.epithet_after.match(folded[end : end + 30]) is not None


@cache
def _quarters(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what finds well-known quarters of towns, a group for each row of the list."""
    stems = [row.partition("*")[0] for row in lexicon.places.get("quarters", ())]
    rows = "|".join(f"({re.escape(stem)})" for stem in stems) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{rows})\w{{0,3}}(?!\w)")


@lru_cache(maxsize=50_000)
def _level_of(words: PlaceWords, word: str) -> str | None:
    return next((k for k, pattern in words.level_words.items() if pattern.fullmatch(word)), None)


@cache
def place_words(lexicon: Lexicon) -> PlaceWords:
    """Compile the places file of a lexicon, once."""
    p = lexicon.places

    def words(key: str) -> str:
        return (
            "|".join(re.escape(w) for w in sorted(p.get(key, ()), key=len, reverse=True)) or "(?!)"
        )

    def found_by(*keys: str) -> Matcher:
        return lexicon.vocabulary.matcher(word for key in keys for word in p.get(key, ()))

    coastal = rf"(?<!\w)(?:the )?(?:{words('epithet_coastal')})(?!\w)(?! of)"
    generic = [(("epithet", re.compile(coastal)), found_by("epithet_coastal"))]
    generic += [
        ((key, re.compile(rf"(?<!\w)(?:{words(key)})(?!\w)")), found_by(key)) for key in _GENERIC
    ]
    streets = words("streets")
    is_english = lexicon.language == "en"
    return PlaceWords(
        lexicon=lexicon,
        prepositions=re.compile(rf"(?<!\w)(?:{words('prepositions')})(?:\s+the)?\s+[\"«“‘(]?\Z"),
        near=re.compile(rf"(?<!\w)(?:{words('near')})\s+\Z"),
        prepositions_after=re.compile(r"\s+(?:в|у|во|на)\s"),
        owners=re.compile(
            rf"(?<![\w'’-])(?!{_OF_NO_TOWN})[а-яіїєґ'’-]{{3,}}(?:ськ|цьк|зьк|ск|цк)[а-яіїє]{{1,3}}"
            rf"(?=\s+[\"«“]?(?:{words('facilities')}))",
        )
        if lexicon.language != "en"
        else re.compile("(?!)"),
        facility_after=re.compile(rf"\s+[\"«“]?(?:{words('facilities')})\w*"),
        plant_after=re.compile(rf"\s+[\"«“]?(?:{words('plants')})(?!\w)"),
        streets=MatcherTable(
            () if is_english else ((re.compile(rf"(?:{streets})(?!\w)"), found_by("streets")),)
        ),
        street_after=re.compile(rf"\s+(?:{streets})(?!\w)") if is_english else None,
        not_places=frozenset(p.get("not_places", ())),
        generic=MatcherTable(tuple(generic)),
        level_words={
            level: re.compile(rf"(?:{words(level)})(?:['’]s)?")
            for level in ("oblast", "raion", "hromada")
        },
        shared_level=re.compile(
            r"(?:(?:,|,?\s(?:та|і|й|и))\s(?:[ув]\s)?[^\W\d_a-zа-яіїєґё][\w'’-]+(?:[сцз]ь?к\w{1,3}|[иыі]й|ого|ому|ом|[иы][мх])){1,40}"
            rf"\s(?P<level>{words('oblast')}|{words('raion')}|{words('hromada')})(?!\w)"
        ),
        epithets=re.compile(rf"(?<!\w)(?:{words('epithet_words_coastal')})(?!\w)"),
        epithet_before=re.compile(rf"(?:{words('epithet_words_coastal')})(?: of)?\s+\Z"),
        epithet_after=re.compile(
            rf",?\s+(?:an?|the|on|on the|на|у|в)?\s*(?:{words('epithet_words_coastal')})"
        ),
    )


@cache
def _morph(language: str) -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer(lang=language)


def _readings(word: str, language: str) -> list[pymorphy3.analyzer.Parse]:
    """Return the readings of the dictionary; it stumbles over letters of rarer scripts."""
    return _morph(language).parse(word) if _CYRILLIC.fullmatch(word) else []


@lru_cache(maxsize=50_000)
def _has_tag(word: str, tag: str, language: str, but: str | None = None) -> bool:
    """Say whether one reading of a word has a tag of the dictionary, and not another."""
    return any(
        tag in p.tag and (but is None or but not in p.tag) for p in _readings(word, language)
    )


def base_forms(phrase: str, language: str) -> Iterator[str]:
    """Yield the forms a name may have in a gazetteer, the text's own first."""
    yield phrase
    if language == "en":
        for ending in ("'s", "’s", "'", "’"):
            if phrase.endswith(ending):
                yield phrase.removesuffix(ending)
        company = COMPANY.fullmatch(phrase.lower())
        if company:
            yield company.group(1).capitalize()
        return
    folded = phrase.lower().replace("’", "'").replace("ʼ", "'").replace("ё", "е")
    region = REGION_NOUN.fullmatch(folded)
    if region:
        stem = region.group(1) + ("цьк" if region.group(2) == "ччин" else "ськ")
        yield from (f"{stem}а область", f"{stem}ий район")
        if language == "ru":
            stem = region.group(1) + "ск"
            yield from (f"{stem}ая область", f"{stem}ий район")
        return
    company = COMPANY.fullmatch(folded)
    if company:
        yield company.group(1)
        yield from (company.group(1) + ending for ending in _TOWN_ENDINGS)
        return
    words = folded.split()
    options = [tuple(_lemmas(w, language)) for w in words]
    yield from _combine(options)


def guessed_forms(phrase: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield forms by endings alone, for names that the dictionary does not know ("Броварах")."""
    folded = phrase.lower().replace("’", "'").replace("ʼ", "'").replace("ё", "е")
    for row in lexicon.places.get("endings", ()):
        ending, _, bases = row.partition(" ")
        if folded.endswith(ending) and len(folded) > len(ending) + 2:
            stem = folded[: len(folded) - len(ending)]
            yield from (stem + base.strip("-") for base in bases.split())


def level_forms(head: str, level: str, language: str) -> Iterator[str]:
    """Yield names of a level as the gazetteer writes them, for an adjective in any case."""
    if language == "en":
        yield f"{head} {level}"
        yield f"{head} district" if level == "raion" else f"{head} {level}"
        yield head
        return
    folded = head.lower().replace("’", "'").replace("ʼ", "'").replace("ё", "е")
    if level == "hromada":
        folded = _SORT_OF_HROMADA.sub("", folded)
    adjective = ADJECTIVE.fullmatch(folded)
    if not adjective:
        if level == "raion":
            # "Індустріальному районі": a district of a town, with any adjective.
            for parse in _readings(folded, language):
                if "ADJF" in parse.tag:
                    yield f"{parse.normal_form} район"
                    if language == "ru":
                        stems = _ukrainian_adjectives(parse.normal_form[:-2])
                        yield from (f"{form}ий район" for form in stems)
        return
    stem = adjective.group(1)
    noun = _LEVEL_NOUN[level]
    if language == "uk":
        yield f"{stem}{'ий' if level == 'raion' else 'а'} {noun}"
    else:
        yield f"{stem}{'ий' if level == 'raion' else 'ая'} {noun}"
        yield f"{stem}{'ий' if level == 'raion' else 'а'} {noun}"
        ending = "ий" if level == "raion" else "а"
        yield from (f"{form}{ending} {noun}" for form in _ukrainian_adjectives(stem))


def towns_of(adjective: str) -> Iterator[str]:
    """Yield what an adjective may be of: "чорнобильськ" may be of "чорнобиль"."""
    stem = re.sub(r"(?:ськ|ск)$", "", adjective)
    yield from (stem + ending for ending in ("", "ь", "а", "я", "е", "і", "и", "ка", "ки"))


def _ukrainian_adjectives(stem: str) -> Iterator[str]:
    """Yield what a Russian adjective may be in Ukrainian: "салтовск" is "салтівський"."""
    stem = re.sub(r"([сц])к$", r"\1ьк", stem.replace("ы", "и"))
    vowels = [i for i, letter in enumerate(stem) if letter in "еио"]
    for n in range(min(2, len(vowels)) + 1):
        for chosen in combinations(vowels, n):
            letters = list(stem)
            for i in chosen:
                letters[i] = "і"
            yield "".join(letters).replace("іі", "ії")


def _lemmas(word: str, language: str) -> Iterable[str]:
    """Dictionary forms of every reading of a word; of adjectives in every gender and number."""
    found = {word: None}
    for parse in _readings(word, language):
        form = parse.normal_form
        found[form] = None
        if "plur" in parse.tag and (many := parse.inflect({"nomn"})) is not None:
            found[many.word] = None  # "Жовтих Водах"
        if "ADJF" in parse.tag:
            if form.endswith(("ий", "ый", "ой")):
                ends = ("а", "е", "і") if language == "uk" else ("ая", "ое", "ые", "ие", "ья")
                found.update(dict.fromkeys(form[:-2] + e for e in ends))
                if form.endswith(("ський", "цький", "ский", "цкий")) and _NOUN_CASE.search(word):
                    # "Слов'янська" is also "of Слов'янськ", which the dictionary does not know.
                    found[form[:-2]] = None
            elif form.endswith("ій"):
                found.update(dict.fromkeys(form[:-2] + e for e in ("я", "є", "і")))
    return found


def _combine(options: list[tuple[str, ...]]) -> Iterator[str]:
    if len(options) == 1:
        yield from options[0]
        return
    for rest in _combine(options[1:]):
        for first in options[0]:
            yield f"{first} {rest}"
