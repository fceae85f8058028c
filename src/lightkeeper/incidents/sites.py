"""How two places stand to each other, for telling whether two reports can mean the same event."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NewType

from lightkeeper.claims.model import PlaceRef
from lightkeeper.region import Gazetteer, Place, PlaceCode, PlaceLevel, SettlementKind

SiteKey = NewType("SiteKey", str)
"""A place code, or "?" and the folded words of a place that the gazetteer does not know."""


class Relation(IntEnum):
    """How near two sites are, the nearer the greater."""

    APART = 0
    WITHIN_COUNTRY = 1
    SAME_RAION = 2
    WITHIN_OBLAST = 3
    WITHIN_RAION = 4
    SAME = 5


class SiteTree:
    """The gazetteer's hierarchy with what was looked up kept: a run asks the same few codes."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._place: dict[SiteKey, Place | None] = {}
        self._up: dict[tuple[SiteKey, PlaceLevel], SiteKey | None] = {}
        self._chain: dict[SiteKey, tuple[SiteKey, ...]] = {}
        self._relation: dict[tuple[SiteKey, SiteKey], Relation] = {}

    def key(self, ref: PlaceRef) -> SiteKey:
        """Site of a place as named; a city district counts as its city."""
        place = None if ref.code is None else self._find(SiteKey(ref.code))
        if place is None:
            return SiteKey("?" + " ".join(ref.text.casefold().split()))
        if place.level is PlaceLevel.CITY_DISTRICT and place.parent is not None:
            return SiteKey(place.parent)
        return SiteKey(place.code)

    def level(self, site: SiteKey) -> PlaceLevel | None:
        """Level of a site, None for an unknown place."""
        place = self._find(site)
        return None if place is None else place.level

    def name(self, site: SiteKey) -> str:
        """English name; the words as told for an unknown place."""
        place = self._find(site)
        return site[1:] if place is None else place.name_en

    def up(self, site: SiteKey, level: PlaceLevel) -> SiteKey | None:
        """The place of `level` that the site is or lies in."""
        if self._find(site) is None:
            return None
        if (site, level) not in self._up:
            place = self._gazetteer.level_up(PlaceCode(site), level)
            self._up[site, level] = None if place is None else SiteKey(place.code)
        return self._up[site, level]

    def contains(self, outer: SiteKey, inner: SiteKey) -> bool:
        """Whether `inner` is `outer` or lies in it."""
        return outer == inner or outer in self._ancestors(inner)

    def is_city(self, site: SiteKey) -> bool:
        """Whether it is a city or town: two different ones are never one site."""
        if site.startswith("?"):
            return False
        kind = self._gazetteer.kind(PlaceCode(site))
        return kind in (SettlementKind.CITY, SettlementKind.TOWN)

    def finest(self, sites: Iterable[SiteKey]) -> frozenset[SiteKey]:
        """Sites without those that contain another one of them."""
        every = frozenset(sites)
        return frozenset(
            site
            for site in every
            if not any(other != site and self.contains(site, other) for other in every)
        )

    def relation(self, a: SiteKey, b: SiteKey) -> Relation:
        """How near two sites are."""
        pair = (a, b) if a <= b else (b, a)
        found = self._relation.get(pair)
        if found is None:
            found = self._relation[pair] = self._relate(*pair)
        return found

    def best_relation(self, a: Iterable[SiteKey], b: Iterable[SiteKey]) -> Relation:
        """Nearest relation between two sets of sites; APART when one is empty."""
        others = tuple(b)
        return max((self.relation(x, y) for x in a for y in others), default=Relation.APART)

    def _find(self, site: SiteKey) -> Place | None:
        if site not in self._place:
            code = PlaceCode(site)
            self._place[site] = self._gazetteer.place(code) if code in self._gazetteer else None
        return self._place[site]

    def _ancestors(self, site: SiteKey) -> tuple[SiteKey, ...]:
        if site.startswith("?"):
            return ()
        chain = self._chain.get(site)
        if chain is None:
            above = self._gazetteer.ancestors(PlaceCode(site))
            chain = self._chain[site] = tuple(SiteKey(code) for code in above)
        return chain

    def _relate(self, a: SiteKey, b: SiteKey) -> Relation:
        if a == b:
            return Relation.SAME
        for outer, inner in ((a, b), (b, a)):
            if outer in self._ancestors(inner):
                match self.level(outer):
                    case PlaceLevel.COUNTRY:
                        return Relation.WITHIN_COUNTRY
                    case PlaceLevel.OBLAST:
                        return Relation.WITHIN_OBLAST
                    case _:
                        return Relation.WITHIN_RAION
        raion_a, raion_b = self.up(a, PlaceLevel.RAION), self.up(b, PlaceLevel.RAION)
        if raion_a is not None and raion_a == raion_b:
            return Relation.SAME_RAION
        return Relation.APART
