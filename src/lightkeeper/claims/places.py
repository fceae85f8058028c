"""Places as named in a text: found in the gazetteer, resolved within the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.place_channel import places_of_channel
from lightkeeper.claims.place_choice import NamedPlace, choose, confirmed
from lightkeeper.claims.place_meant import meant_places
from lightkeeper.claims.place_mentions import (
    SENTENCE_STARTS,
    PlaceMention,
    as_ref,
    grouped,
    with_shared_level,
)
from lightkeeper.claims.place_names import LARGE, PlaceNames
from lightkeeper.claims.place_words import (
    ANY_ADJECTIVE,
    LISTED_OBLASTS,
    OBLAST_ADJECTIVE,
    REGION_NOUN,
    PlaceWords,
    place_words,
)
from lightkeeper.region.gazetteer import Gazetteer, SettlementKind
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ‑-][^\W\d_]+)*")
_MAX_WORDS = 3
_REMEMBERED = 100_000
_BEFORE = 24
"""How far before a name its preposition is looked for."""
_AND = frozenset({"та", "і", "й", "и"})
_HEADS = re.compile(r"(?:(?:,| та| і| и)\s[^\W\d_a-zа-яіїєґё][\w'’-]+)*\s?(?:[—–:]|-\s)")
"""What follows the places that open a message: "A and B: drones"."""
_MEDIUM = re.compile(r"-(?:інфо|инфо|info|онлайн|online|news|медіа|медиа|media|live|today)\b", re.I)
"""What follows a town in the name of a paper: "Ужгород-інфо"."""
_CLAUSE_ENDS = re.compile(r"[.;!?\n](?:\s|$)|\)")


@dataclass(slots=True)
class PlaceFinder:
    """Finds places of one gazetteer; remembers what it has looked up."""

    gazetteer: Gazetteer
    _names: PlaceNames = field(init=False)
    _first: dict[tuple[str, str], tuple[PlaceCode, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = PlaceNames(self.gazetteer)

    def find(
        self, text: str, folded: str, lexicon: Lexicon, *, context: tuple[PlaceCode, ...] = ()
    ) -> tuple[PlaceMention, ...]:
        """Find the places of a text, in order.

        Parameters
        ----------
        context
            Places known from elsewhere (channel, title): an ambiguous name is the one near them.
        """
        words = place_words(lexicon)
        if "_" in text:  # "#Ізюмський_район"
            text, folded = text.replace("_", " "), folded.replace("_", " ")
        named = _Scan(text, folded, words, self._names).named()
        plain = [n for n in named if not n.is_doubtful]
        mentions = [
            PlaceMention(n.start, n.end, as_ref(text[n.start : n.end], place))
            for n, place in zip(plain, choose(plain, context, self.gazetteer), strict=True)
        ]
        if len(plain) < len(named):
            mentions += confirmed(text, named, mentions, context, self.gazetteer)
        mentions += meant_places(text, folded, mentions, words, context, self.gazetteer)
        mentions.sort(key=lambda m: m.start)
        mentions = with_shared_level(text, folded, mentions, words, self._names)
        return grouped(text, mentions, self.gazetteer)

    def find_first(self, text: str, folded: str, lexicon: Lexicon) -> tuple[PlaceCode, ...]:
        """Codes of the places of a heading or a channel's name, in order, no context."""
        key = (lexicon.language, text)
        if key not in self._first:
            if len(self._first) > _REMEMBERED:
                self._first.clear()
            found = (m.ref.code for m in self.find(text, folded, lexicon))
            self._first[key] = tuple(code for code in found if code is not None)
        return self._first[key]

    def of_channel(
        self, name: str, lexicon: Lexicon, speaks_for: PlaceLevel | None
    ) -> tuple[PlaceCode, ...]:
        """Codes of the places of a channel's name, that of the level it speaks for first."""
        key = (f"{lexicon.language}:{speaks_for}", name)
        if key not in self._first:
            plain = _MEDIUM.sub(" ", name)
            found = self.find_first(plain, fold(plain), lexicon)
            self._first[key] = places_of_channel(name, found, speaks_for, self._names, lexicon)
        return self._first[key]


class _Scan:
    """One text in which names of places are looked for, word by word."""

    def __init__(self, text: str, folded: str, words: PlaceWords, names: PlaceNames) -> None:
        self.text, self.folded, self.words, self.names = text, folded, words, names
        self.lexicon, self.gazetteer = words.lexicon, names.gazetteer
        self.tokens = [m.span() for m in _WORD.finditer(text)]
        self.capitals = [i for i, (at, _) in enumerate(self.tokens) if text[at].isupper()]

    def named(self) -> list[NamedPlace]:
        """Return every name of a place, in order; none in names of persons, streets and abroad."""
        found: list[NamedPlace] = []
        streets = self._streets()
        persons = self._persons()
        abroad = self.words.abroad(self.folded)
        after = 0
        street_until = -1
        owners = self._owners()
        for i in sorted({*self.capitals, *streets, *owners}):
            if i < after:
                continue
            start, end = self.tokens[i]
            if i in owners and start >= street_until:
                found.append(NamedPlace(start, end, owners[i], False))
                continue
            if i in streets:
                street_until = _clause_end(self.folded, end)
            if (
                start < street_until
                or i in persons
                or not self.text[start].isupper()
                or any(s <= start < e for s, e in abroad)
            ):
                continue
            hit = self._at(i)
            if hit is None:
                continue
            n_words, places, is_doubtful = hit
            after = i + n_words
            end = self.tokens[after - 1][1]
            street_after = self.words.street_after
            if street_after is None or not street_after.match(self.folded, end):
                found.append(NamedPlace(start, end, places, is_doubtful))
        return found

    def _owners(self) -> dict[int, tuple[Place, ...]]:
        """Return the towns that adjectives in small letters are of, by the numbers of their words:
        "на павлоградській ТЕЦ"."""
        spans = {
            m.span()
            for m in self.words.owners.finditer(self.folded)
            if self.text[m.start()].islower()
        }
        if not spans:
            return {}
        return {
            i: towns
            for i, (start, end) in enumerate(self.tokens)
            if (start, end) in spans
            and (
                towns := self.names.named_after(self.text[start:end], self.lexicon, is_plant=False)
            )
        }

    def _streets(self) -> frozenset[int]:
        """Numbers of the words that say that names of streets follow."""
        for pattern, _ in self.words.streets.present(self.folded):
            # "Two streets in Brovary" name no street.
            return frozenset(
                i
                for i, (start, _) in enumerate(self.tokens)
                if (street := pattern.match(self.folded, start)) is not None
                and not self.words.prepositions_after.match(self.folded, street.end())
            )
        return frozenset()

    def _persons(self) -> set[int]:
        """Numbers of the words that are a person's name: a given name and what follows it.

        A surname found so is a person's wherever it stands again.
        """
        persons: set[int] = set()
        surnames: set[str] = set()
        for i, j in pairwise(self.capitals):
            (start, end), (next_start, next_end) = self.tokens[i], self.tokens[j]
            if (
                j == i + 1
                and self.text[end:next_start] == " "
                and self.words.is_given_name(self.folded[start:end])
                and self.words.level_of(self.folded, next_start, next_end) is None
                and not self.names.spelt(self.text[start:next_end], self.lexicon)
            ):
                persons |= {i, j}
                surnames.add(_stem(self.folded[next_start:next_end]))
        if surnames:
            for i in self.capitals:
                start, end = self.tokens[i]
                if _stem(self.folded[start:end]) in surnames:
                    persons.add(i)
        return persons

    def _at(self, i: int) -> tuple[int, tuple[Place, ...], bool] | None:
        """Return the longest name that begins at word `i`: its words, its places, whether it is
        doubtful."""
        start, end = self.tokens[i]
        for n in range(self._n_joined(i), 1, -1):
            last, end = self.tokens[i + n - 1]
            phrase = self.text[start:end]
            level = self.words.level_of(self.folded, last, end)
            if level is not None:
                places = self.names.of_level(phrase, level, self.lexicon)
                if places:
                    return n, places, False
                if level == "raion" and self.text[slice(*self.tokens[i + 1])] not in _AND:
                    inner = self.text[self.tokens[i + 1][0] : end]
                    if n > 2 and self.names.of_level(inner, level, self.lexicon):
                        continue  # "у Золочеві Богодухівського району"
                    return None  # "The Druzhba district" is no place called Druzhba.
            elif self.folded[start:end] not in self.words.not_places and self.text[last].isupper():
                places = self.names.spelt(phrase, self.lexicon)
                if places:
                    return n, places, False
        found = self._single(*self.tokens[i])
        return None if found is None else (1, *found)

    def _n_joined(self, i: int) -> int:
        """Count the words from `i` on that only blanks part, as many as a name may have."""
        n = 1
        while n < _MAX_WORDS and i + n < len(self.tokens):
            gap = self.text[self.tokens[i + n - 1][1] : self.tokens[i + n][0]]
            if gap != " " and (not gap.isspace() or "\n" in gap):
                break
            n += 1
        return n

    def _single(self, start: int, end: int) -> tuple[tuple[Place, ...], bool] | None:
        """Return the places that one word names, and whether it is doubtful that it names one."""
        text, words = self.text, self.words
        phrase, word = text[start:end], self.folded[start:end]
        if self.lexicon.language != "en" and ANY_ADJECTIVE.fullmatch(word):
            if oblast := self._listed_oblast(start, end):
                return oblast, False
            shared = words.shared_level.match(text, end)
            if shared is not None:
                noun = shared.group("level").lower()
                level = words.level_of(noun, 0, len(noun))
                if level and (
                    places := self.names.of_level(f"{phrase} {level}", level, self.lexicon)
                ):
                    return places, False
        if word in words.not_places:
            return None
        if quarter := words.quarter(self.folded, start, end):
            towns = self.gazetteer.find(quarter[1], levels=(PlaceLevel.SETTLEMENT,))[:1]
            district = f"{quarter[0]} район"
            inner = [p for t in towns for p in self.gazetteer.find(district, within=t.code)]
            return tuple(inner[:1] or towns), False
        if words.facility_after.match(self.folded, end):
            is_plant = words.plant_after.match(self.folded, end) is not None
            town = self.names.named_after(phrase, self.lexicon, is_plant=is_plant)
            if town:
                return town, False
        places = self.names.spelt(phrase, self.lexicon)
        if not places or self._is_plain(start, end, places):
            return (places, False) if places else None
        # "Bilozerka has no power", "Зеленівка — обстріл": common words open otherwise.
        may_be = (
            self.lexicon.language == "en"
            or not self._starts_sentence(start)
            or _HEADS.match(text, end)
        )
        return (places, True) if may_be and not words.is_given_name(word) else None

    def _is_plain(self, start: int, end: int, places: tuple[Place, ...]) -> bool:
        """Say whether a single word is used as a place here, not as a person or a common word."""
        word, words = self.folded[start:end], self.words
        if places[0].level in (PlaceLevel.OBLAST, PlaceLevel.COUNTRY) or REGION_NOUN.fullmatch(
            word
        ):
            return True
        is_large = (places[0].population or 0) >= LARGE or any(
            p.level is PlaceLevel.SETTLEMENT and self.gazetteer.kind(p.code) is SettlementKind.CITY
            for p in places
        )
        is_name = words.is_given_name(word)
        if is_large and not is_name:
            return True
        before = self.folded[max(0, start - _BEFORE) : start]
        has_preposition = words.prepositions.search(before) is not None
        if not is_name:
            return has_preposition and not self._starts_sentence(start)
        is_heading = is_large and not self.text[:start].strip(" \n🔴🟢📍⚡️❗")
        return is_heading or (
            has_preposition
            and (
                words.locative(word)
                or (is_large and words.near.search(before) is not None)
                or (before.endswith(" in ") and not self.text[end + 1 : end + 2].isupper())
            )
        )

    def _listed_oblast(self, start: int, end: int) -> tuple[Place, ...]:
        """Return the oblast that an adjective alone names at the head of a line: "Харківська,
        Сумська — відбій"."""
        if not OBLAST_ADJECTIVE.fullmatch(self.folded, start, end):
            return ()
        head = LISTED_OBLASTS.match(self.text, self._line_start(start))
        if head is None or end > head.end():
            return ()
        return self.names.of_level(f"{self.text[start:end]} область", "oblast", self.lexicon)

    def _line_start(self, at: int) -> int:
        """Where the sentence or line begins in which a word stands."""
        return max(self.text.rfind(mark, 0, at) for mark in ".!?\n") + 1

    def _starts_sentence(self, at: int) -> bool:
        return SENTENCE_STARTS.search(self.text[max(0, at - 4) : at]) is not None


def _stem(word: str) -> str:
    return word.removesuffix("'s")[: max(5, len(word) - 2)]


def _clause_end(folded: str, start: int) -> int:
    end = _CLAUSE_ENDS.search(folded, start + 2)
    return end.start() if end else len(folded)
