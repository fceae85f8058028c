"""Pair the codifier's settlements with GeoNames' places; the rules are in docs/method/places.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from lightkeeper.region.names import fold_name, romanise

GREATEST_VILLAGE = 30_000  # people; what is larger is a part of a city


@dataclass(slots=True)
class Entry:
    """A row of the codifier, as it is filled in."""

    code: str
    category: str
    name: str
    parent: str | None
    old_names: list[str] = field(default_factory=list)
    was_urban: bool = False
    lon: float | None = None
    lat: float | None = None
    population: int | None = None
    seat: str | None = None
    spellings: list[str] = field(default_factory=list)
    name_en: str = ""
    name_uk: str = ""

    @property
    def is_settlement(self) -> bool:
        return self.category in "MCXTK"


@dataclass(frozen=True, slots=True)
class Known:
    """A populated place of GeoNames."""

    id: int
    name: str
    oblasts: tuple[str, ...]
    lon: float
    lat: float
    population: int | None
    cyrillic: tuple[str, ...]
    latin: tuple[str, ...]
    is_city_district: bool


def skeleton(latin: str) -> str:
    """Latin spelling without what the romanisations disagree on."""
    s = fold_name(latin).replace(" ", "")
    for a, b in (
        ("shch", "s"), ("sch", "s"), ("kh", "h"), ("zh", "z"), ("zgh", "zh"), ("ch", "c"),
        ("sh", "s"), ("ts", "c"), ("j", "i"), ("y", "i"), ("w", "v"), ("g", "h"), ("x", "ks"),
        ("ie", "e"), ("io", "o"), ("iu", "u"), ("ia", "a"),
    ):  # fmt: skip
        s = s.replace(a, b)
    return re.sub(r"(.)\1+", r"\1", s)


class Join:
    """Pairs GeoNames places with settlements, one to one, and says why it left the others."""

    def __init__(self, entries: dict[str, Entry], known: list[Known]) -> None:
        self.entries, self.known = entries, known
        self.pairs: dict[int, str] = {}  # row of known -> code
        self.taken: dict[str, int] = {}
        self.chain = {c: tuple(ancestors(entries, c)) for c in entries}
        self.raion = {c: first(entries, self.chain[c], "P") for c in entries}
        self.hromada = {c: first(entries, self.chain[c], "H") for c in entries}

    def candidates(self) -> list[tuple[str, ...]]:
        by_cyrillic: dict[tuple[str, str], list[str]] = defaultdict(list)
        by_latin: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, e in self.entries.items():
            if e.is_settlement:
                for name in (e.name, *e.old_names):
                    by_cyrillic[code[:4], fold_name(name)].append(code)
                by_latin[code[:4], skeleton(romanise(e.name))].append(code)
        out: list[tuple[str, ...]] = []
        for k in self.known:
            if k.is_city_district:
                out.append(())
                continue
            latin = {c: None for o in k.oblasts for c in by_latin[o, skeleton(k.name)]}
            cyrillic = {
                c: None for o in k.oblasts for n in k.cyrillic for c in by_cyrillic[o, fold_name(n)]
            }
            both = [c for c in latin if c in cyrillic]
            out.append(tuple(both or latin or cyrillic))
        return out

    def run(self) -> None:
        options = self.candidates()
        claims: dict[str, list[int]] = defaultdict(list)
        for i, codes in enumerate(options):
            for code in codes:
                claims[code].append(i)
        # A city's own entry is the most populous one of that name: its districts are smaller.
        for i in sorted(range(len(options)), key=lambda i: -(self.known[i].population or 0)):
            big = [c for c in options[i] if self.entries[c].category in "MK"]
            if len(big) == 1 and big[0] not in self.taken:
                rivals = [j for j in claims[big[0]] if j != i]
                if (self.known[i].population or 0) > 10_000 or not rivals:
                    self.accept(i, big[0])
        for i, codes in enumerate(options):
            if len(codes) == 1 and len(claims[codes[0]]) == 1 and codes[0] not in self.taken:
                self.accept(i, codes[0])
        self.drop_misplaced()
        while self.decide_by_neighbours(options):
            pass
        self.drop_misplaced()

    def accept(self, i: int, code: str) -> None:
        self.pairs[i] = code
        self.taken[code] = i

    def anchors(self) -> tuple[cKDTree, list[int]]:
        rows = sorted(self.pairs)
        return cKDTree([km(self.known[i].lon, self.known[i].lat) for i in rows]), rows

    def drop_misplaced(self) -> None:
        """Undo pairs whose surroundings belong to another raion, or lie inside another city."""
        tree, rows = self.anchors()
        by_oblast: dict[str, list[int]] = defaultdict(list)
        for i in rows:
            by_oblast[self.pairs[i][:4]].append(i)
        wrong = []
        for i in rows:
            code, k = self.pairs[i], self.known[i]
            if self.entries[code].category in "MK":
                continue
            at = np.array(km(k.lon, k.lat))
            others = sorted(
                (float(np.hypot(*(at - km(self.known[j].lon, self.known[j].lat)))), self.pairs[j])
                for j in by_oblast[code[:4]]
                if j != i
            )[:8]
            in_raion = any(self.raion[o] == self.raion[code] for _, o in others)
            if not in_raion or self.inside_city(k, code, tree, rows):
                wrong.append(i)
        for i in wrong:
            del self.taken[self.pairs.pop(i)]

    def inside_city(self, k: Known, code: str, tree: cKDTree, rows: list[int]) -> bool:
        if self.is_principal(code):
            return False
        if self.entries[code].category == "C" and (k.population or 0) > GREATEST_VILLAGE:
            return True
        distance, near = tree.query(km(k.lon, k.lat), k=9)
        for d, j in zip(distance, near, strict=True):
            city, people = self.pairs[rows[j]], self.known[rows[j]].population or 0
            if city == code or self.entries[city].category not in "MK" or people < 50_000:
                continue
            if d < 1.5 + 0.006 * people**0.5 and self.hromada[city] != self.hromada[code]:
                return True
        return False

    def decide_by_neighbours(self, options: list[tuple[str, ...]]) -> int:
        """Decide what is ambiguous by the raion around, then by the nearest known neighbour."""
        tree, rows = self.anchors()
        of_hromada: dict[str | None, list[tuple[float, float]]] = defaultdict(list)
        for i in rows:
            k = self.known[i]
            of_hromada[self.hromada[self.pairs[i]]].append(km(k.lon, k.lat))
        wins: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for i, codes in enumerate(options):
            free = [c for c in codes if c not in self.taken]
            if i in self.pairs or not free:
                continue
            k = self.known[i]
            at = np.array(km(k.lon, k.lat))
            _, near = tree.query(at, k=40)
            same = [self.pairs[rows[j]] for j in near]
            around = {self.raion[c] for c in [c for c in same if c[:4] == free[0][:4]][:5]}
            local = [c for c in free if self.raion[c] in around]
            principal = [c for c in local if self.is_principal(c)]
            if len(local) > 1 and len(principal) == 1 and self.is_greatest(i, local, options):
                local = principal
            distance = {
                c: min(
                    (float(np.hypot(*(at - a))) for a in of_hromada[self.hromada[c]]),
                    default=np.inf,
                )
                for c in local
            }
            local.sort(key=lambda c: (distance[c], c))
            if not local or self.inside_city(k, local[0], tree, rows):
                continue
            d = distance[local[0]]
            if len(local) == 1:
                is_clear = d < 25 or d == np.inf
            else:
                is_clear = d < 15 and 2 * d < distance[local[1]] < np.inf
            if is_clear:
                wins[local[0]].append((d, i))
        n = 0
        for code, who in sorted(wins.items()):
            who.sort()
            if len(who) > 1 and self.are_one_place([i for _, i in who]):
                who.sort(key=lambda w: -(self.known[w[1]].population or 0))
                who = who[:1]
            if len(who) == 1 or 2 * who[0][0] < who[1][0]:
                self.accept(who[0][1], code)
                n += 1
        return n

    def city_districts(self) -> dict[int, str]:
        """Pair places with districts of the city they lie in, by the district's name."""
        pairs: dict[int, str] = {}
        for code, e in self.entries.items():
            city = e.parent
            if e.category != "B" or city not in self.taken:
                continue
            at = self.known[self.taken[city]]
            names = {fold_name(n) for n in (e.name, *e.old_names)}
            names |= {f"{n} район" for n in names}
            hits = [
                i
                for i, k in enumerate(self.known)
                if i not in self.pairs
                and city[:4] in k.oblasts
                and not names.isdisjoint(map(fold_name, k.cyrillic))
                and np.hypot(*np.subtract(km(k.lon, k.lat), km(at.lon, at.lat))) < 25
            ]
            if len(hits) == 1 and hits[0] not in pairs:
                pairs[hits[0]] = code
        return pairs

    def is_principal(self, code: str) -> bool:
        """A city, a former urban-type settlement, or the seat of its hromada."""
        e, hromada = self.entries[code], self.hromada[code]
        is_seat = hromada is not None and self.entries[hromada].seat == code
        return e.category == "M" or e.was_urban or is_seat

    def is_greatest(self, i: int, codes: list[str], options: list[tuple[str, ...]]) -> bool:
        """Whether no other open place that may be one of `codes` has as many people."""
        people = self.known[i].population or 0
        rivals = (j for j in range(len(options)) if j != i and j not in self.pairs)
        return people >= 1_000 and all(
            people > (self.known[j].population or 0)
            for j in rivals
            if not set(codes).isdisjoint(options[j])
        )

    def are_one_place(self, rows: list[int]) -> bool:
        """Whether entries of GeoNames lie so near each other that they are one place twice."""
        points = np.array([km(self.known[i].lon, self.known[i].lat) for i in rows])
        return bool(np.ptp(points, axis=0).max() < 6)


def km(lon: float, lat: float) -> tuple[float, float]:
    """Flat kilometres, near enough for nearest neighbours within Ukraine (48.5 N)."""
    return lon * 73.8, lat * 111.2


def ancestors(entries: dict[str, Entry], code: str) -> Iterator[str]:
    parent = entries[code].parent
    while parent in entries:
        yield parent
        parent = entries[parent].parent


def first(entries: dict[str, Entry], codes: Iterable[str], category: str) -> str | None:
    return next((c for c in codes if entries[c].category == category), None)
