"""The gazetteer: every place of the country with its official code, place in the hierarchy and
spellings.

The shipped table is Ukraine's (`data/places.tsv.gz`, sources in `data/SOURCES.md`). Another
country's table of the same form can be named by its path; the form is in docs/method/places.md.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from rapidfuzz import process

from lightkeeper.errors import DataInvalid, PlaceUnknown, Problem
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel
from lightkeeper.region.names import fold_name, fold_text

COLUMNS = (
    "code",
    "level",
    "kind",
    "name_uk",
    "name_en",
    "parent",
    "seat",
    "lon",
    "lat",
    "population",
    "spellings",
)
_CODE, _LEVEL, _KIND, _UK, _EN, _PARENT, _SEAT, _LON, _LAT, _POPULATION, _SPELLINGS = range(11)

_RANK = {level: i for i, level in enumerate(PlaceLevel)}
_KIND_RANK = {"city": 0, "town": 1, "village": 2, "": 3}

# Words that say what kind of settlement follows; part of a text, not of the name.
_TYPE_WORDS = ("м. ", "місто ", "смт ", "смт. ", "селище ", "с. ", "село ", "г. ", "город ")


_LEVEL_WORDS = (
    *(" область", " район", " громада"),
    *(" Oblast", " region", " province", " Raion", " Rayon", " district", " Hromada"),
)
_NAMED_BY_ADJECTIVE = frozenset({PlaceLevel.OBLAST, PlaceLevel.RAION, PlaceLevel.HROMADA})


class SettlementKind(StrEnum):
    """What the codifier calls a settlement: місто, селище, село."""

    CITY = "city"
    TOWN = "town"
    VILLAGE = "village"


class Gazetteer:
    """Places of one country, with the indices that make look-up quick.

    Read once and hand on: it takes about a fifth of a second to load.
    """

    def __init__(self, text: str) -> None:
        head, _, body = text.rstrip("\n").partition("\n")
        if tuple(head.split("\t")) != COLUMNS:
            raise DataInvalid(
                "table of places",
                [
                    Problem(
                        "row 1", "the columns are not those expected", "use: " + ", ".join(COLUMNS)
                    )
                ],
            )
        self._body = body
        self._rows = [line.split("\t") for line in body.split("\n")]
        ragged = (i for i, row in enumerate(self._rows) if len(row) != len(COLUMNS))
        if (i := next(ragged, None)) is not None:
            what = f"has {len(self._rows[i])} cells, the header {len(COLUMNS)}"
            problem = Problem(f"row {i + 2}", what, "separate the cells by one tab each")
            raise DataInvalid("table of places", [problem])
        self._row_of = {row[0]: i for i, row in enumerate(self._rows)}
        # A text names few places, and asks of each many times.
        self._places: dict[int, Place] = {}
        self._above: dict[str, tuple[PlaceCode, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, code: object) -> bool:
        return code in self._row_of

    def __iter__(self) -> Iterator[Place]:
        return map(self._read_place, self._rows)

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Row numbers by folded spelling."""
        index: dict[str, list[int]] = {}
        for i, line in enumerate(fold_text(self._body).split("\n")):
            columns = line.split("\t")
            names = {columns[_UK], columns[_EN]}
            if columns[_SPELLINGS]:
                names.update(columns[_SPELLINGS].split("|"))
            for name in names:
                if name in index:
                    index[name].append(i)
                else:
                    index[name] = [i]
        return index

    @cached_property
    def _children(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for i, row in enumerate(self._rows):
            index[row[_PARENT]].append(i)
        return index

    def _place(self, i: int) -> Place:
        place = self._places.get(i)
        if place is None:
            place = self._places[i] = self._read_place(self._rows[i])
        return place

    def _read_place(self, row: list[str]) -> Place:
        return Place(
            code=PlaceCode(row[_CODE]),
            level=PlaceLevel(row[_LEVEL]),
            name_uk=row[_UK],
            name_en=row[_EN],
            parent=PlaceCode(row[_PARENT]) if row[_PARENT] else None,
            lon=float(row[_LON]) if row[_LON] else None,
            lat=float(row[_LAT]) if row[_LAT] else None,
            population=int(row[_POPULATION]) if row[_POPULATION] else None,
            spellings=tuple(row[_SPELLINGS].split("|")) if row[_SPELLINGS] else (),
        )

    def _row(self, code: str) -> list[str]:
        i = self._row_of.get(code)
        if i is None:
            raise PlaceUnknown(code, "give a code of the official codifier (KATOTTG)")
        return self._rows[i]

    def _rank(self, i: int) -> tuple[int, int, int, int]:
        """Oblasts and raions first, then settlements by people, kind and level."""
        row = self._rows[i]
        level = _RANK[PlaceLevel(row[_LEVEL])]
        people = int(row[_POPULATION]) if row[_POPULATION] else 0
        return min(level, _RANK[PlaceLevel.HROMADA]), -people, _KIND_RANK[row[_KIND]], level

    # ------------------------------------------------------------------ look-up

    def place(self, code: PlaceCode) -> Place:
        """Return the place with this code; raise `PlaceUnknown`."""
        self._row(code)
        return self._place(self._row_of[code])

    def is_spelling(self, name: str) -> bool:
        """Say whether any place is spelt so; quick enough to scan a text word by word."""
        return fold_name(name) in self._by_name

    def find(
        self,
        name: str,
        *,
        within: PlaceCode | None = None,
        levels: Collection[PlaceLevel] | None = None,
    ) -> list[Place]:
        """Find the places spelt so, likeliest first; an empty list when there is none.

        Every spelling counts: Ukrainian, official and older romanisation, Russian, names before a
        renaming. Case, apostrophes and dashes do not. Oblasts and raions come first, then places
        by population and by kind (city, town, village). Inflected forms are the caller's work.

        >>> gazetteer = load_gazetteer()
        >>> [p.name_en for p in gazetteer.find("Чугуев")]
        ['Chuhuiv']
        """
        folded = fold_name(name)
        hits = self._by_name.get(folded)
        if hits is None:
            for word in _TYPE_WORDS:
                if folded.startswith(word):
                    hits = self._by_name.get(folded.removeprefix(word))
                    break
        found = sorted(hits or (), key=lambda i: (*self._rank(i), i))
        if levels is not None:
            found = [i for i in found if self._rows[i][_LEVEL] in levels]
        if within is not None:
            found = [i for i in found if self.contains(within, PlaceCode(self._rows[i][_CODE]))]
        return [self._place(i) for i in found]

    def find_one(
        self,
        name: str,
        *,
        within: PlaceCode | None = None,
        levels: Collection[PlaceLevel] | None = None,
    ) -> Place:
        """Return the likeliest place spelt so; raise `PlaceUnknown` that names close spellings."""
        found = self.find(name, within=within, levels=levels)
        if not found:
            close = self.suggest(name)
            mend = "did you mean " + ", ".join(close) + "?" if close else "check the spelling"
            raise PlaceUnknown(name, mend)
        return found[0]

    def suggest(self, name: str, limit: int = 3) -> list[str]:
        """Names of places spelt much like this one, best first."""
        near = process.extract(
            fold_name(name), self._by_name.keys(), limit=8 * limit, score_cutoff=75
        )
        rows = [min(self._by_name[key], key=self._rank) for key, _, _ in near]
        return list(dict.fromkeys(self._rows[i][_UK] for i in rows))[:limit]

    # ------------------------------------------------------------------ hierarchy

    def ancestors(self, code: PlaceCode) -> tuple[PlaceCode, ...]:
        """Codes above this one, nearest first, the country last."""
        above = self._above.get(code)
        if above is None:
            out = []
            parent = self._row(code)[_PARENT]
            while parent:
                out.append(PlaceCode(parent))
                parent = self._row(parent)[_PARENT]
            above = self._above[code] = tuple(out)
        return above

    def contains(self, outer: PlaceCode, inner: PlaceCode) -> bool:
        """Say whether `inner` is `outer` or lies below it."""
        return outer == inner or outer in self.ancestors(inner)

    def level_up(self, code: PlaceCode, level: PlaceLevel) -> Place | None:
        """The place of this level that `code` is or belongs to.

        A city with special status (Kyiv, Sevastopol) stands directly below the country: it is its
        own oblast, raion and hromada, as in the codifier.
        """
        chain = (code, *self.ancestors(code))
        for c in chain:
            if self._row(c)[_LEVEL] == level:
                return self.place(c)
        if _RANK[PlaceLevel.COUNTRY] < _RANK[level] < _RANK[PlaceLevel.SETTLEMENT]:
            for c in chain:
                if self.is_special_city(c):
                    return self.place(c)
        return None

    def is_special_city(self, code: PlaceCode) -> bool:
        """Say whether this is a city that belongs to no oblast."""
        row = self._row(code)
        if row[_LEVEL] != PlaceLevel.SETTLEMENT or not row[_PARENT]:
            return False
        return self._row(row[_PARENT])[_LEVEL] == PlaceLevel.COUNTRY

    def children(self, code: PlaceCode, level: PlaceLevel | None = None) -> list[Place]:
        """Places below this one: of `level` at any depth, or those directly below it."""
        self._row(code)
        if level is None:
            return [self._place(i) for i in self._children.get(code, ())]
        out: list[Place] = []
        stack = [code]
        while stack:
            for i in self._children.get(stack.pop(), ()):
                row = self._rows[i]
                if row[_LEVEL] == level:
                    out.append(self._place(i))
                if _RANK[PlaceLevel(row[_LEVEL])] < _RANK[level]:
                    stack.append(PlaceCode(row[_CODE]))
        return sorted(out, key=lambda p: p.code)

    # ------------------------------------------------------------------ more about one place

    def kind(self, code: PlaceCode) -> SettlementKind | None:
        """What kind of settlement it is; None for other levels."""
        kind = self._row(code)[_KIND]
        return SettlementKind(kind) if kind else None

    def stems(self, code: PlaceCode) -> tuple[str, ...]:
        """Spellings of an oblast, raion or hromada without the word for the level.

        "Харківська" (область), "Харьковская", "Kharkiv": what a text declines, or writes once for
        several ("у Харківській та Сумській областях"). Empty for settlements.
        """
        place = self.place(code)
        stems = (
            name.removesuffix(word)
            for name in (place.name_uk, place.name_en, *place.spellings)
            for word in _LEVEL_WORDS
            if name.endswith(word)
        )
        return tuple(dict.fromkeys(stems)) if place.level in _NAMED_BY_ADJECTIVE else ()

    def seat(self, code: PlaceCode) -> Place | None:
        """The settlement an oblast, raion or hromada is governed from, None where not known."""
        seat = self._row(code)[_SEAT]
        return self.place(PlaceCode(seat)) if seat else None

    def point(self, code: PlaceCode) -> tuple[float, float] | None:
        """(lon, lat) of the place, or of its seat; None where neither is known."""
        place = self.place(code)
        if place.lon is None or place.lat is None:
            seat = self.seat(code)
            if seat is None or seat.lon is None or seat.lat is None:
                return None
            return seat.lon, seat.lat
        return place.lon, place.lat

    def known_population(self, code: PlaceCode) -> int | None:
        """People in the settlements below whose population is known; a lower bound, or None."""
        own = self.place(code).population
        if own is not None:
            return own
        known = [
            p.population
            for p in self.children(code, PlaceLevel.SETTLEMENT)
            if p.population is not None
        ]
        return sum(known) if known else None


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """Read a table of places: the shipped one of Ukraine, or `path` (.tsv, .tsv.gz).

    Raises
    ------
    DataInvalid
        The table's first row does not name the expected columns.
    """
    if path is None:
        raw = files("lightkeeper.region").joinpath("data", "places.tsv.gz").read_bytes()
    else:
        raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    return Gazetteer(raw.decode("utf-8"))
