"""Incident templates of news texts of the MUC-4 kind: what, when, where, by what, on what.

These texts are of another time and place than the reports Lightkeeper is made for: in capitals, of
Latin America, with a key of one template for each incident. What is measured on them is how far
rules in readable files go without the vocabulary of the other lexicons; `lexicons/muc/words.toml`
holds all of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from lightkeeper.claims.folding import fold
from lightkeeper.claims.neutral import Json
from lightkeeper.claims.patterns import Matcher, compile_patterns

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HEAD = re.compile(
    r"\A\s*(?P<place>[a-z .]+?)(?: \([a-z ]+\))?,\s+"
    r"(?P<d>\d{1,2}) (?P<m>[a-z]{3}) (?P<y>\d\d)\b"
)
_DATE = re.compile(rf"\b(?P<d>\d{{1,2}}) (?P<m>{'|'.join(MONTHS)})(?: (?:19)?(?P<y>\d\d))?\b")
_RELATIVE = (
    (re.compile(r"\b(?:today|this morning|tonight|this afternoon|early this|at dawn today)\b"), 0),
    (re.compile(r"\b(?:yesterday|last night|early yesterday)\b"), 1),
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"\])]*\s+(?=\S)|\n\s*\n")
_NEEDS_VICTIM = re.compile(r"kill|murder|assassinat|shot|gunned|slain|massacre|death|execut|ambush")
_FINEST = (
    "neighborhood", "suburb", "suburbs", "sector", "colony", "canton", "hamlet", "village",
    "corregimiento", "town", "district", "municipality", "jurisdiction", "city", "province",
    "department",
)  # fmt: skip
"""Levels of a place, the finest first."""
_LEVELS = "|".join(_FINEST)
_LOCAL = re.compile(
    rf"(?:\b(?:in|at|near|of|to|from|on|and|,)|'s) (?:the )?"
    rf"(?P<name>(?!the\b)[a-z]+(?: [a-z]+){{0,2}}?)"
    rf" (?P<level>{_LEVELS})\b"
)
_NAME_WORD = r"(?!(?:in|and|at|on|by|to|was|were|which|is|the)\b)[a-z]+"
_LEVEL_OF = re.compile(rf"\b(?P<level>{_LEVELS}) of (?P<name>{_NAME_WORD}(?: {_NAME_WORD}){{0,2}})")
_SKIP = frozenset({
    "northern", "southern", "eastern", "western", "northeastern", "northwestern", "southeastern",
    "southwestern", "central", "the", "a", "same", "this", "in", "of", "at", "on", "near", "from",
    "and", "to", "by", "five", "four", "three", "two", "other", "several", "security", "police",
    "state", "justice", "capital", "rural", "small", "his", "their", "our", "poor", "entire",
    "administrative", "fire", "federal", "defense",
})  # fmt: skip


CARRY = 2
"""For how many sentences a day once named goes on."""
CARRY_PLACE = 2
"""For how many sentences a place once named goes on."""
_APPOSED = re.compile(r"\b(?:in|at|near|to|from) (?P<name>(?!the\b)[a-z]+(?: [a-z]+){0,2}), $")
"""A finer place before the one with its level: "in Sajandi, La Fonda corregimiento"."""


@dataclass(slots=True)
class Template:
    """One incident; the slots hold fills as they are written in such keys."""

    type: str
    date: str | None = None
    location: str | None = None
    instrument_type: list[str] = field(default_factory=list)
    target_type: list[str] = field(default_factory=list)
    target_effect: list[str] = field(default_factory=list)
    carried: str | None = None
    """The place named last before it, where it names none itself."""

    def neutral(self) -> dict[str, Json]:
        """Return the template in the neutral form."""
        return {
            "type": self.type,
            "date": self.date,
            "location": self.location,
            "instrument_type": list(self.instrument_type),
            "target_type": list(self.target_type),
            "target_effect": list(self.target_effect),
        }


@dataclass(frozen=True, slots=True)
class _Words:
    triggers: tuple[tuple[str, Matcher], ...]
    not_incidents: Matcher
    victims: Matcher
    instruments: tuple[tuple[str, Matcher], ...]
    targets: tuple[tuple[str, Matcher], ...]
    effects: tuple[tuple[str, Matcher], ...]
    countries: tuple[tuple[str, Matcher], ...]
    towns: tuple[tuple[str, Matcher], ...]


@cache
def _words() -> _Words:
    path = files("lightkeeper.claims") / "lexicons" / "muc" / "words.toml"
    raw = tomllib.loads(path.read_text("utf-8"))

    def table(rows: Mapping[str, list[str]]) -> tuple[tuple[str, Matcher], ...]:
        return tuple((name, compile_patterns(patterns)) for name, patterns in rows.items())

    return _Words(
        triggers=table(raw["triggers"]),
        not_incidents=compile_patterns(raw["not_incidents"]["words"]),
        victims=compile_patterns(raw["not_incidents"]["victims"]),
        instruments=table(raw["instruments"]),
        targets=table(raw["targets"]),
        effects=table(raw["effects"]),
        countries=table(raw["countries"]),
        towns=table(raw["towns"]),
    )


def read_templates(text: str) -> list[Template]:
    """Read the incidents of one news text, in order; several sentences may tell of one."""
    words = _words()
    flat = fold(text)
    head = _HEAD.match(flat)
    told = _header_date(head)
    country = _country(flat, head, words)
    body = flat[head.end() :] if head else flat
    # What stands before the text proper names the station that told it.
    body = body.partition("[text]")[2] or body
    out: list[Template] = []
    last_date: str | None = None
    last_place: str | None = None
    since = since_place = 0
    since_told = CARRY_PLACE
    for sentence in (re.sub(r"\s+", " ", s) for s in _SENTENCE.split(body)):
        kind = _kind(sentence, words)
        said = _date(sentence, told)
        last_date, since = (said, 0) if said else (last_date, since + 1)
        place = _location(sentence, country, words)
        last_place, since_place = (place, 0) if place else (last_place, since_place + 1)
        if kind is None:
            since_told += 1
            if out and since_told <= CARRY_PLACE and out[-1].location is None:
                out[-1].carried = out[-1].carried or place
            if out and since_told <= CARRY_PLACE and not words.not_incidents.search(sentence):
                _add_instruments(out[-1], _instruments(sentence, words))
            continue
        since_told = 0
        found = Template(type=kind)
        if kind != "KIDNAPPING":
            found.instrument_type = _instruments(sentence, words)
            found.target_type = _things(sentence, words.targets)
        effect = next((n for n, p in words.effects if p.search(sentence)), None)
        if effect:
            found.target_effect = [f"{effect}: {t.partition(': ')[2]}" for t in found.target_type]
        found.date = said or (last_date if since <= CARRY else None)
        found.location = place
        found.carried = last_place if since_place <= CARRY_PLACE else None
        if kind == "ATTACK" and not found.target_type and not words.victims.search(sentence):
            continue
        same = next((t for t in out if _is_same(t, found)), None)
        if same is None:
            out.append(found)
        else:
            _join(same, found)
    for template in out:
        template.date = template.date or (f"- {_written(told)}" if told else None)
        template.location = template.location or template.carried or country
    return out


def _add_instruments(template: Template, found: list[str]) -> None:
    """Add what a sentence about the same incident names besides."""
    if template.type == "KIDNAPPING":
        return
    known = {i.partition(":")[0] for i in template.instrument_type}
    template.instrument_type += [
        i
        for i in found
        if i.partition(":")[0] not in known and not i.startswith(("EXPLOSIVE", "GUN"))
    ]


def _kind(sentence: str, words: _Words) -> str | None:
    if words.not_incidents.search(sentence):
        return None
    for kind, pattern in words.triggers:
        match = pattern.search(sentence)
        if match is None:
            continue
        needs_victim = kind == "ATTACK" and _NEEDS_VICTIM.match(match.group())
        if needs_victim and not words.victims.search(sentence):
            return None
        return kind
    return None


def _is_same(a: Template, b: Template) -> bool:
    """Two tellings are of one incident unless type, day, place or targets differ."""
    if a.type != b.type and {a.type, b.type} != {"ATTACK", "BOMBING"}:
        return False
    if a.date and b.date and a.date != b.date:
        return False
    if a.location and b.location and a.location != b.location:
        return False
    first, second = ({t.partition(":")[0] for t in x.target_type} for x in (a, b))
    return not (first and second and not first & second)


def _join(into: Template, other: Template) -> None:
    if other.type == "BOMBING":
        into.type = "BOMBING"
    into.date = into.date or other.date
    into.location = into.location or other.location
    if into.instrument_type:
        _add_instruments(into, other.instrument_type)
    else:
        into.instrument_type = other.instrument_type
    known = {t.partition(":")[0] for t in into.target_type}
    into.target_type += [t for t in other.target_type if t.partition(":")[0] not in known]
    known = {t.partition(": ")[2] for t in into.target_effect}
    into.target_effect += [t for t in other.target_effect if t.partition(": ")[2] not in known]


def _things(sentence: str, table: tuple[tuple[str, Matcher], ...]) -> list[str]:
    """Fills of a table in a sentence, as `TYPE: "WORDS"`; none that says less than another."""
    taken: list[tuple[int, int]] = []
    out: list[str] = []
    for name, pattern in table:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if any(s < end and start < e for s, e in taken):
                continue
            taken.append((start, end))
            out.append(f'{name}: "{match.group().upper()}"')
    distinct = list(dict.fromkeys(out))
    return [f for f in distinct if not any(o != f and _says(o, f) for o in distinct)]


def _says(other: str, fill: str) -> bool:
    """Say whether another fill of the same type has all the words of this one."""
    a, b = other.partition(": "), fill.partition(": ")
    own = {w.rstrip("S") for w in re.findall(r"\w+", b[2])}
    return a[0] == b[0] and own <= {w.rstrip("S") for w in re.findall(r"\w+", a[2])}


def _instruments(sentence: str, words: _Words) -> list[str]:
    """Instruments of a sentence; "explosive" and "gun" only where nothing finer is named."""
    found = _things(sentence, words.instruments)
    fine = [f for f in found if not f.startswith(("EXPLOSIVE", "GUN"))]
    return (fine or found[:1])[:2]


def _header_date(head: re.Match[str] | None) -> date | None:
    if head is None:
        return None
    month = next((i for i, m in enumerate(MONTHS, 1) if m.startswith(head.group("m"))), None)
    return date(1900 + int(head.group("y")), month, int(head.group("d"))) if month else None


def _date(sentence: str, told: date | None) -> str | None:
    if told is None:
        return None
    match = _DATE.search(sentence)
    if match is not None:
        month = MONTHS.index(match.group("m")) + 1
        year = 1900 + int(match.group("y")) if match.group("y") else told.year
        try:
            day = date(year, month, int(match.group("d")))
        except ValueError:
            return None
        if day > told + timedelta(days=30) and match.group("y") is None:
            day = day.replace(year=year - 1)
        return _written(day)
    for pattern, back in _RELATIVE:
        if pattern.search(sentence):
            return _written(told - timedelta(days=back))
    for number, name in enumerate(WEEKDAYS):
        if re.search(rf"\b{name}\b", sentence):
            return _written(told - timedelta(days=(told.weekday() - number) % 7))
    return None


def _written(day: date) -> str:
    return f"{day.day:02d} {MONTHS[day.month - 1][:3].upper()} {day.year % 100:02d}"


def _country(flat: str, head: re.Match[str] | None, words: _Words) -> str | None:
    """Return the country that the text names most, in its head line too."""
    counts = {name: sum(1 for _ in p.finditer(flat)) for name, p in words.countries}
    for name, pattern in words.towns:
        counts[name] = counts.get(name, 0) + sum(1 for _ in pattern.finditer(flat))
        if head is not None and pattern.search(head.group("place")):
            counts[name] += 1
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _location(sentence: str, country: str | None, words: _Words) -> str | None:
    """Return the country and the finest place that the sentence names within it."""
    if country is None:
        return None
    found: list[tuple[int, int, str]] = []
    for match in (*_LOCAL.finditer(sentence), *_LEVEL_OF.finditer(sentence)):
        level = match.group("level")
        said = match.group("name").split()
        cut = max((i + 1 for i, word in enumerate(said) if word in _SKIP), default=0)
        name = said[cut:]
        if name and level != "city":
            found.append((_FINEST.index(level), match.start(), f"{' '.join(name)} ({level})"))
            found += _apposed(sentence, match.start("name"))
    for name, pattern in words.towns:
        if name == country:
            found += [
                (_FINEST.index("city"), m.start(), f"{m.group()} (city)")
                for m in pattern.finditer(sentence)
                if not sentence.startswith(" department", m.end())
            ]
            for match in pattern.finditer(sentence):
                found += _apposed(sentence, match.start())
    if not found:
        return None
    return f"{country}: {min(found)[2].upper()}"


def _apposed(sentence: str, start: int) -> list[tuple[int, int, str]]:
    """Return the finer place named right before one: "in Sajandi, La Fonda corregimiento"."""
    finer = _APPOSED.search(sentence[:start])
    if finer is None or set(finer.group("name").split()) & _SKIP:
        return []
    return [(0, finer.start(), f"{finer.group('name')} (town)")]
