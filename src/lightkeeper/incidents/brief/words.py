"""Words of a language: plurals, cases, places, times, numbers. The texts are data, in `texts`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TypeAlias, cast
from zoneinfo import ZoneInfo

from lightkeeper.claims.model import Claim, Count, PlaceRef, TimeRef, Weapons
from lightkeeper.incidents.weapons import is_kind_of
from lightkeeper.region import Gazetteer, PlaceCode, PlaceLevel

Texts: TypeAlias = Mapping[str, "str | Texts"]

QUOTE_MAX_CHARS = 160
MAX_LISTED = 4
"""So many places or titles are named in one sentence; the rest are counted."""

EUPHONY = "\ue000"
"""Stands for у or в until the sentence is whole: which one depends on the words around it."""

_VOWELS = "аеєиіїоуюя"
_CLUSTERS = ("в", "ф", "льв", "св", "тв", "хв", "цв")


@cache
def load_texts(language: str) -> Texts:
    """Return the texts of a language ("uk" or "en")."""
    path = files("lightkeeper.incidents.brief").joinpath(f"texts/{language}.toml")
    return cast(Texts, tomllib.loads(path.read_text(encoding="utf-8")))


class Phrases:
    """Says things in one language.

    `time_zone` is the clock that instants are said by; the year of `as_of` needs no saying.
    """

    def __init__(self, language: str, time_zone: str, as_of: datetime) -> None:
        self.as_of = as_of
        self.language = language
        self._texts = load_texts(language)
        self.zone_name = time_zone
        self._zone = ZoneInfo(time_zone)

    # ------------------------------------------------------------------ texts

    def text(self, key: str, /, **values: str | int) -> str:
        """The text at a dotted key, filled."""
        return self._at(key).format(**values)

    def find(self, key: str) -> str | None:
        """The text at a dotted key, None where there is none."""
        found = self._node(key)
        return found if isinstance(found, str) else None

    def forms(self, key: str, by: int, /, **values: str | int) -> str:
        """The text at a dotted key in the form that agrees with a number."""
        node = self._node(key)
        if isinstance(node, str):
            return node.format(**values)
        if node is None:
            raise KeyError(key)
        form = node.get(self.plural(by)) or node["other" if "other" in node else "many"]
        return cast(str, form).format(**values)

    def plural(self, n: int) -> str:
        """CLDR plural category of a whole number."""
        if self.language == "en":
            return "one" if n == 1 else "other"
        if n % 10 == 1 and n % 100 != 11:
            return "one"
        return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"

    def _at(self, key: str) -> str:
        found = self._node(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found

    def _node(self, key: str) -> str | Texts | None:
        node: str | Texts | None = self._texts
        for part in key.split("."):
            if not isinstance(node, Mapping):
                return None
            node = node.get(part)
        return node

    # ------------------------------------------------------------------ numbers and lists

    def number(self, n: int) -> str:
        """Digits grouped as the language does."""
        separator = "\N{NO-BREAK SPACE}" if self.language == "uk" else ","
        return f"{n:,}".replace(",", separator)

    def noun(self, unit: str, n: int, case: str = "nom") -> str:
        """What is counted, in the form that agrees with `n`; `case` "nom" or "gen"."""
        node = self._node(f"noun.{unit}")
        if not isinstance(node, Mapping):
            return unit.replace("_", " ")
        form = self.plural(n)
        if case == "gen" and "gen_one" in node:
            form = "gen_one" if form == "one" else "many"
        return cast(str, node[form])

    def amount(self, n: int, unit: str) -> str:
        """An exact number with its noun."""
        return self.text("count.exact", n=self.number(n), noun=self.noun(unit, n)).strip()

    def count(self, count: Count, unit: str) -> str:
        """A number as told, with its noun: "about 10 explosions", "близько 10 вибухів"."""
        if count.best is not None:
            key, n, low = ("about" if count.approximate else "exact"), count.best, 0
        elif count.min is not None and count.max is not None:
            key, n, low = "range", count.max, count.min
        elif count.max is not None:
            key, n, low = "up_to", count.max, 0
        elif count.min is not None and count.min > 2:
            key, n, low = "at_least", count.min, 0
        else:
            key, n, low = "several", 5, 0
        said = self.text(
            f"count.{key}",
            n=self.number(n),
            low=self.number(low),
            noun=self.noun(unit, n),
            noun_gen=self.noun(unit, n, "gen"),
            noun_many=self.noun(unit, 5),
        )
        return " ".join(said.split(" ")).strip()

    def join(self, parts: Sequence[str], word: str = "and") -> str:
        """ "a, b and c"."""
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + self._at(f"mark.{word}") + parts[-1]

    def some(self, parts: Sequence[str], limit: int = MAX_LISTED) -> str:
        """The first parts, and how many more there are."""
        if len(parts) <= limit:
            return self.join(parts)
        more = self.text("mark.more", n=self.number(len(parts) - limit))
        return self.join([*parts[:limit], more])

    def quote(self, words: str) -> str:
        """Words as told, in the quotation marks of the language, cut where they run on."""
        said = " ".join(words.split())
        if len(said) > QUOTE_MAX_CHARS:
            said = said[:QUOTE_MAX_CHARS].rsplit(" ", 1)[0] + self._at("mark.cut")
        return self._at("mark.open_quote") + said + self._at("mark.close_quote")

    # ------------------------------------------------------------------ times

    def zone(self) -> str:
        """The clock that times are said by."""
        return self.find(f"zone.{self.zone_name}") or self.text("zone.other", zone=self.zone_name)

    def day(self, at: datetime, *, full: bool = False) -> str:
        """ "10 January"; with its year where that is another one, or the `full` date is wanted."""
        local = at.astimezone(self._zone)
        month = self._at(f"month.{local.month}")
        is_other = local.year != self.as_of.astimezone(self._zone).year
        key = "time.date" if full or is_other else "time.date_short"
        return self.text(key, day=local.day, month=month, year=local.year)

    def instant(self, at: datetime, *, full: bool = False) -> str:
        """ "10 January, 22:48"."""
        return self.text("time.at", date=self.day(at, full=full), clock=self.clock(at))

    def clock(self, at: datetime) -> str:
        """ "22:48"."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def span(self, from_at: datetime | None, to_at: datetime | None) -> str | None:
        """A time with one or two ends; None where neither is said."""
        if from_at is None and to_at is None:
            return None
        if to_at is None and from_at is not None:
            return self.text("time.from", at=self.instant(from_at))
        if from_at is None and to_at is not None:
            return self.text("time.until", at=self.instant(to_at))
        assert from_at is not None
        assert to_at is not None
        if self.instant(from_at) == self.instant(to_at):
            return self.instant(from_at)
        if self.day(from_at) == self.day(to_at):
            clocks = {"clock": self.clock(from_at), "clock_to": self.clock(to_at)}
            return self.text("time.range", date=self.day(from_at), **clocks)
        return self.text(
            "time.days",
            date=self.day(from_at),
            clock=self.clock(from_at),
            date_to=self.day(to_at),
            clock_to=self.clock(to_at),
        )

    def relative(self, time: TimeRef | None) -> str | None:
        """ "Thursday, early morning, no date given"; None where no such word is said."""
        if time is None:
            return None
        told = [w for w in (time.weekday, time.part_of_day) if w is not None]
        words = [self.find(f"time.words.{w}") or w.replace("_", " ") for w in told]
        return self.text("time.no_date", words=", ".join(words)) if words else None

    # ------------------------------------------------------------------ codes of claims

    def code(self, group: str, code: str, form: str = "") -> str:
        """A code of the claims in words; one that nobody translated as it is."""
        key = f"{group}.{code}" + (f".{form}" if form else "")
        return self.find(key) or code.replace("_", " ")

    def weapons(self, told: Sequence[Weapons]) -> tuple[str, bool]:
        """Weapons in words, and whether they are alternatives. A class gives way to its kind."""
        items = sorted({item for w in told for item in w.items})
        finest = [i for i in items if not any(o != i and is_kind_of(o, i) for o in items)]
        either = len(finest) > 1 and any(w.mode == "either" for w in told)
        return self.join(
            [self.code("weapon", i) for i in finest], "or" if either else "and"
        ), either


class Words(Phrases):
    """Says places too: by the names of a gazetteer, in the case that the sentence wants."""

    def __init__(
        self, language: str, gazetteer: Gazetteer, time_zone: str, as_of: datetime
    ) -> None:
        super().__init__(language, time_zone, as_of)
        self.gazetteer = gazetteer

    def name(self, place: PlaceRef) -> str:
        """Name of a place in the nominative; the words as told where it is not known."""
        if place.code is None or place.code not in self.gazetteer:
            return place.text
        found = self.gazetteer.place(place.code)
        return found.name_uk if self.language == "uk" else found.name_en

    def where(self, places: Sequence[PlaceRef], extents: Iterable[str] = ()) -> str:
        """ " in the city of Izium" or ""; what the gazetteer does not know, and parts, quoted."""
        known = self._finest(places)
        said = [self._located(code) for code in known]
        text = ""
        if said and self.language == "en":
            text = self.text("place.in", place=self.some(said))
        elif said:
            text = " " + self.some([f"{EUPHONY} {s}" for s in said])
        unknown = dict.fromkeys(self.quote(p.text) for p in places if p.code is None and p.text)
        if unknown and not said:
            text += self.text("place.as_told", words=self.some(list(unknown)))
        parts = dict.fromkeys(self.quote(e) for e in extents)
        return text + (self.text("place.extent", words=self.some(list(parts))) if parts else "")

    def names(self, places: Sequence[PlaceRef]) -> list[str]:
        """Names in the nominative, without oblasts and countries that hold another one named."""
        known = [self.name(PlaceRef(text="", code=c, level=None)) for c in self._finest(places)]
        return known or list(dict.fromkeys(p.text for p in places if p.text))

    def same_place(self, a: Sequence[PlaceRef], b: Sequence[PlaceRef]) -> bool:
        """Whether two lists name the same finest places."""
        return set(self._finest(a)) == set(self._finest(b))

    def main_place(self, places: Sequence[PlaceRef]) -> tuple[list[PlaceCode], str]:
        """The finest places, the most often named first, and the words for a title."""
        codes = [p.code for p in places if p.code is not None and p.code in self.gazetteer]
        finest = [
            c
            for c in dict.fromkeys(codes)
            if not any(o != c and self.gazetteer.contains(c, o) for o in codes)
        ]
        if not finest:
            return [], self.some(list(dict.fromkeys(p.text for p in places if p.text)), 3)
        ranked = sorted(finest, key=lambda c: (-codes.count(c), self._official(c)))
        main = ranked[0]
        oblast = self.gazetteer.level_up(main, PlaceLevel.OBLAST)
        named = [self._official(main)]
        if oblast is not None and oblast.code != main:
            named.append(self._official(oblast.code))
        more = len({self.gazetteer.level_up(c, PlaceLevel.RAION) or c for c in ranked}) - 1
        if more > 0:
            named.append(self.text("mark.more", n=self.number(more)))
        return ranked, ", ".join(named)

    def _official(self, code: PlaceCode) -> str:
        place = self.gazetteer.place(code)
        return place.name_uk if self.language == "uk" else place.name_en

    def _finest(self, places: Sequence[PlaceRef]) -> list[PlaceCode]:
        codes = list(
            dict.fromkeys(p.code for p in places if p.code is not None and p.code in self.gazetteer)
        )
        wide = (PlaceLevel.COUNTRY, PlaceLevel.OBLAST)
        return [
            code
            for code in codes
            if self.gazetteer.place(code).level not in wide
            or not any(c != code and self.gazetteer.contains(code, c) for c in codes)
        ]

    def _located(self, code: PlaceCode) -> str:
        place = self.gazetteer.place(code)
        name = place.name_uk if self.language == "uk" else place.name_en
        kind = self.gazetteer.kind(code)
        if kind is not None:
            return self.text(f"place.{kind.value}", name=name)
        return _locative(name) if self.language == "uk" else name


def extents_of(claims: Iterable[Claim]) -> list[str]:
    """Extents and parts of places as told, each once; codes of the reader are no words."""
    told = [p for c in claims for p in (c.extent, *(r.part for r in c.places)) if p]
    kept = [e for e in told if e not in ("partial", "total")]
    return list({e.casefold(): e for e in reversed(kept)}.values())[::-1]


def _locative(name: str) -> str:
    """Locative of a Ukrainian oblast, raion, hromada or country: these decline regularly."""
    words = [_LOCATIVE.get(w) or _adjective(w) for w in name.split(" ")]
    return " ".join(words)


_LOCATIVE = {
    "область": "області",
    "район": "районі",
    "громада": "громаді",
    "Україна": "Україні",
    "Автономна": "Автономній",
    "Республіка": "Республіці",
    "Крим": "Крим",
}


def _adjective(word: str) -> str:
    if word.endswith("а"):
        return word[:-1] + "ій"
    return word[:-2] + "ому" if word.endswith("ий") else word


def resolve_euphony(text: str) -> str:
    """Put у or в where it is still open: by the letters before and after, as euphony has it."""

    def choose(match: re.Match[str]) -> str:
        before, after = match[1].lower(), match[2].lower()
        if after.startswith(_CLUSTERS):
            letter = "у"
        elif after[0] in _VOWELS or before in _VOWELS:
            letter = "в"
        else:
            letter = "у"
        return f"{match[1]} {letter} {match[2]}"

    return re.sub(rf"(\S) {EUPHONY} (\S{{1,3}})", choose, text)
