"""Lexicons: the words and rules of a language, read from files that need no Python to extend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lightkeeper.claims.matchers import Matcher, MatcherTable, Vocabulary
from lightkeeper.claims.model import Certainty, ClaimKind, Layer, OutageType, SpeakerRole
from lightkeeper.errors import InputError

LANGUAGES = ("en", "uk", "ru")
FILES = ("words", "rules", "speakers", "places", "times", "orders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: when `when` matches and `unless` does not, a claim of `kind` is made.

    `kind` None: what `when` matches is no claim at all. `unless` looks at the segments of
    the match, `needs` at its sentence.
    """

    kind: ClaimKind | None
    when: Matcher
    unless: Matcher | None = None
    needs: Matcher | None = None
    layer: Layer | None = None
    certainty: Certainty | None = None
    is_negated: bool = False
    effect: str | None = None
    target: str | None = None
    outage_type: OutageType | None = None
    subject: str | None = None
    status: str | None = None
    alert_type: str | None = None
    extent: str | None = None
    cause: str | None = None
    when_told: str | None = None
    """Told while it happens: "recent" (in the last minutes) or "ongoing" (at that moment)."""
    is_weak: bool = False
    """Holds only where the report says nothing else of the kind ("it is loud in the city")."""
    is_last: bool = False
    """Holds only where its sentence says nothing else of supply ("44 thousand households")."""
    harm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lexicon:
    """Everything the reader knows of one language."""

    language: str
    vocabulary: Vocabulary
    """The words of all patterns below, and of others that are looked for in the same texts."""
    abbreviations: re.Pattern[str]
    conjunctions: Matcher
    rules: tuple[Rule, ...]
    rules_when: MatcherTable[Rule]
    """The rules with the words that they begin at."""
    certainty: MatcherTable[tuple[int, Certainty]]
    """What words tell how surely, the first that is found before the others."""
    layers: MatcherTable[tuple[Layer, str]]
    """Layer and how far it reaches ("sentence", "segment" or "report")."""
    weapons: MatcherTable[str]
    downed: Matcher
    """Said of weapons that did not come through."""
    either: Matcher
    negations: Matcher
    absences: Matcher
    denials: Matcher
    instead: Matcher
    """After a denial: what is so in truth."""
    orders: Matcher
    """What a text says to whoever reads it by machine; such a sentence tells of no event."""
    becomes: Matcher
    past: Matcher
    """Says of a state that it is over."""
    extents: MatcherTable[str]
    some: Matcher
    """Says of what is back that it is not all: hospitals first, by a spare line, step by step."""
    burning: Matcher
    """Says of a fire that it is not out."""
    because: Matcher
    leads_to: Matcher
    therefore: Matcher
    cause_named: Matcher
    """Says that a sentence tells the cause of what the one before told."""
    targets: MatcherTable[str]
    meant: Matcher
    """Things that are of energy in a report about it: "equipment", "the facility"."""
    plant: Matcher
    energy: Matcher
    ordered_off: Matcher
    """Shutdowns that an operator orders."""
    services: MatcherTable[str]
    causes: MatcherTable[str]
    units: MatcherTable[str]
    persons: Matcher
    one_harmed: Matcher
    """Verbs in the singular: who "was killed" is one."""
    one_building: Matcher
    """A building in the singular."""
    apart: Matcher
    """Sets two numbers apart: "in the former", "in the latter"."""
    plural_explosions: Matcher
    one_explosion: Matcher
    number_words: Mapping[str, float]
    number_names: Matcher
    """The words that are numbers by themselves, "seven"."""
    scales: Mapping[str, int]
    scale_names: Matcher
    """The scales that are numbers too, "a thousand"."""
    vague: Matcher
    qualifiers: MatcherTable[str]
    round_numbers: frozenset[str]
    """Words such as "a dozen", that mean about so many."""
    alternatives: str
    ages: re.Pattern[str]
    speakers: MatcherTable[SpeakerRole]
    according_to: Matcher
    speech: Matcher
    pronoun_speech: Matcher
    media: Matcher
    about_this: Matcher
    """"This was reported by X": X said what stands before."""
    abroad: Matcher
    includes: Matcher
    places: Mapping[str, tuple[str, ...]]
    given_names: frozenset[str]
    times: Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def load_lexicon(language: str, own: Path | None = None) -> Lexicon | None:
    """Load the lexicon of "en", "uk" or "ru"; None for a language without one.

    Parameters
    ----------
    own
        A folder of further files, ``<own>/uk/rules.toml`` and the like, each of which may be
        missing. Their rules and lists come before those of the package, their single values
        replace them.

    Raises
    ------
    InputError
        A file of `own` is no TOML, or holds a pattern or a value that is none.
    ValueError
        A file of the package does.
    """
    if language not in LANGUAGES:
        return None
    folder = files("lightkeeper.claims") / "lexicons" / language
    tables = {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in FILES}
    if own is None:
        return _lexicon(language, tables)
    try:
        for name in FILES:
            path = own / language / f"{name}.toml"
            if path.exists():
                tables[name] = _merged(tables[name], tomllib.loads(path.read_text("utf-8")))
        return _lexicon(language, tables)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f'lexicon "{own}", {language}: {error}; correct the file') from error


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put own lists before those of the package; own single values replace them."""
    out = dict(base)
    for key, value in own.items():
        there = out.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            out[key] = _merged(there, value)
        elif isinstance(value, list) and isinstance(there, list):
            out[key] = [*value, *there]
        else:
            out[key] = value
    return out


def _lexicon(language: str, tables: dict[str, dict[str, Any]]) -> Lexicon:
    words, rules, speakers, places, times, orders = (tables[name] for name in FILES)
    groups = _groups({**_named_words(words), **rules.get("groups", {})})
    number_words = {
        form: float(value) for value, forms in words["numbers"].items() for form in forms.split()
    }
    scales = {form: int(value) for value, fs in words["scales"].items() for form in fs.split()}
    vocabulary = Vocabulary()
    compile_patterns = vocabulary.matcher
    found_rules = tuple(_rule(row, groups, vocabulary) for row in rules["rule"])
    return Lexicon(
        language=language,
        vocabulary=vocabulary,
        abbreviations=_abbreviations(words["abbreviations"]),
        conjunctions=compile_patterns(words["conjunctions"]),
        rules=found_rules,
        rules_when=MatcherTable(tuple((rule, rule.when) for rule in found_rules)),
        certainty=MatcherTable(
            tuple(
                ((order, Certainty(k)), compile_patterns(v))
                for order, (k, v) in enumerate(words["certainty"].items())
            )
        ),
        layers=MatcherTable(
            tuple(
                (
                    (Layer(row["layer"]), str(row.get("reach", "sentence"))),
                    compile_patterns(row["when"]),
                )
                for row in words["layer"]
            )
        ),
        weapons=_table(vocabulary, words["weapons"]),
        downed=compile_patterns(words["downed"]),
        either=compile_patterns(words["either"]),
        negations=compile_patterns(words["negations"]),
        absences=compile_patterns(words["absences"]),
        denials=compile_patterns(words["denials"]),
        instead=compile_patterns(words["instead"]),
        orders=compile_patterns(orders["orders"]),
        becomes=compile_patterns(words["becomes"]),
        past=compile_patterns(words["past"]),
        extents=_table(vocabulary, words["extents"]),
        some=compile_patterns(words["some"]),
        burning=compile_patterns(words["burning"]),
        because=compile_patterns(words["because"]),
        leads_to=compile_patterns(words["leads_to"]),
        therefore=compile_patterns(words["therefore"]),
        cause_named=compile_patterns(words["cause_named"]),
        targets=_table(vocabulary, words["targets"]),
        meant=compile_patterns(words["meant"]),
        plant=compile_patterns(words["plant"]),
        energy=compile_patterns(words["energy"]),
        ordered_off=compile_patterns(words["ordered_off"]),
        services=_table(vocabulary, words["services"]),
        causes=_table(vocabulary, words["causes"]),
        units=_table(vocabulary, words["units"]),
        persons=compile_patterns(words["persons"]),
        one_harmed=compile_patterns(words["one_harmed"]),
        one_building=compile_patterns(words["one_building"]),
        apart=compile_patterns(words["apart"]),
        plural_explosions=compile_patterns(words["plural_explosions"]),
        one_explosion=compile_patterns(words["one_explosion"]),
        number_words=number_words,
        number_names=compile_patterns(sorted(number_words.keys() - scales.keys())),
        scales=scales,
        scale_names=compile_patterns(sorted(number_words.keys() & scales.keys())),
        vague=compile_patterns(words["vague"]),
        qualifiers=_table(vocabulary, words["qualifiers"]),
        round_numbers=frozenset(words["round_numbers"].split()),
        alternatives="|".join(words["alternatives"]),
        ages=re.compile(words["ages"]),
        speakers=MatcherTable(
            tuple(
                (SpeakerRole(row["role"]), compile_patterns(row["when"]))
                for row in speakers["speaker"]
            )
        ),
        according_to=compile_patterns(speakers["according_to"]),
        speech=compile_patterns(speakers["speech"]),
        pronoun_speech=compile_patterns(speakers["pronoun_speech"]),
        media=compile_patterns(speakers["media"]),
        about_this=compile_patterns(speakers["about_this"]),
        abroad=compile_patterns(places["abroad"]),
        includes=compile_patterns(places["includes"]),
        places={
            k: tuple(v) for k, v in places.items() if k not in {"given_names", "abroad", "includes"}
        },
        given_names=frozenset(" ".join(places["given_names"]).split()),
        times={k: {n: tuple(f) for n, f in v.items()} for k, v in times.items()},
    )


def _table(vocabulary: Vocabulary, rows: Mapping[str, list[str]]) -> MatcherTable[str]:
    return MatcherTable(tuple((name, vocabulary.matcher(words)) for name, words in rows.items()))


def _abbreviations(words: list[str]) -> re.Pattern[str]:
    # A single letter is an initial or "м. Київ", but "600 кв. м." may end a sentence.
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(w) for w in words)}|(?<!кв\. )[^\W\d_])\Z")


def _named_words(words: Mapping[str, Any]) -> dict[str, str]:
    """Return the single words of lists that rules may name in braces, so that no word stands
    twice: {targets}, {weapons}, {services}."""
    rows = {name: words[name].values() for name in ("targets", "weapons", "services")}
    return {
        name: "|".join(w for patterns in kinds for w in patterns if len(w.split()) == 1)
        for name, kinds in rows.items()
    }


def _groups(rows: Mapping[str, str]) -> dict[str, str]:
    """Return the named groups of words; one may name groups that stand before it."""
    groups: dict[str, str] = {}
    for name, words in rows.items():
        if len(words.split()) != 1:
            raise ValueError(f'group {name}: write alternatives without spaces, "one|other*"')
        groups[name] = _filled(words, groups)
    return groups


def _filled(pattern: str, groups: Mapping[str, str]) -> str:
    """Put the words of groups in the place of their names in braces."""

    def words(match: re.Match[str]) -> str:
        if match.group(1) not in groups:
            raise ValueError(f"pattern {pattern!r}: no group is called {match.group(1)}")
        return groups[match.group(1)]

    return re.sub(r"\{(\w+)\}", words, pattern)


def _rule(row: Mapping[str, object], groups: Mapping[str, str], vocabulary: Vocabulary) -> Rule:
    known = {
        "kind", "when", "unless", "needs", "layer", "certainty", "negated", "effect", "target",
        "outage_type", "subject", "status", "alert_type", "extent", "cause", "harm", "note",
        "when_told", "weak",
    }  # fmt: skip
    if unknown := row.keys() - known:
        raise ValueError(f"rule {row}: unknown key {', '.join(sorted(unknown))}")

    def patterns(key: str) -> Matcher | None:
        value = row.get(key)
        if not isinstance(value, list):
            return None
        return vocabulary.matcher(_filled(str(v), groups) for v in value)

    def text(key: str) -> str | None:
        value = row.get(key)
        return None if value is None else str(value)

    when = patterns("when")
    if when is None:
        raise ValueError(f'rule {row}: write when = ["..."]')
    kind, layer, certainty, outage = (
        text("kind"), text("layer"), text("certainty"), text("outage_type"),
    )  # fmt: skip
    harm = row.get("harm")
    return Rule(
        kind=ClaimKind(kind) if kind and kind != "nothing" else None,
        when=when,
        unless=patterns("unless"),
        needs=patterns("needs"),
        layer=Layer(layer) if layer else None,
        certainty=Certainty(certainty) if certainty else None,
        is_negated=bool(row.get("negated", False)),
        effect=text("effect"),
        target=text("target"),
        outage_type=OutageType(outage) if outage else None,
        subject=text("subject"),
        status=text("status"),
        alert_type=text("alert_type"),
        extent=text("extent"),
        cause=text("cause"),
        when_told=text("when_told"),
        is_weak=row.get("weak", False) is True,
        is_last=row.get("weak") == "sentence",
        harm=tuple(str(h) for h in harm) if isinstance(harm, list) else (),
    )
