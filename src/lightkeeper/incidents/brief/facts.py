"""One sentence for each fact of an incident, by kind of fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lightkeeper.claims.model import (
    Casualties,
    CasualtyStatus,
    Claim,
    ClaimId,
    ClaimKind,
    Count,
    OutageType,
    PlaceRef,
)
from lightkeeper.incidents.brief.model import Listed, Sentence, Sort
from lightkeeper.incidents.brief.standing import Sourcing, say_standing
from lightkeeper.incidents.brief.words import Words, extents_of, resolve_euphony
from lightkeeper.incidents.counts import merge
from lightkeeper.incidents.model import Fact, FieldStatus

_BEFORE = re.compile(
    r"\b(earlier|before|prior to|preceded|previous|раніше|перед|до цього|напередодні|"
    r"ранее|раньше|до этого)",
    re.IGNORECASE,
)
HARMS = ("killed", "injured", "missing")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement without its standing and the claims it is of; `listed` are things it counts."""

    text: str
    claims: tuple[Claim, ...]
    listed: tuple[Listed, ...] = ()


def say_fact(fact: Fact, sourcing: Sourcing, words: Words) -> list[Sentence]:
    """Sentences of one fact: one, or one for each effect where a fact holds several."""
    claims = sourcing.told(fact.claims)
    sort = Sort.DENIAL if _is_denial(fact, claims) else _SORTS.get(fact.name, Sort.FACT)
    sentences = []
    for said in state(fact, claims, sourcing, words):
        standing, listed = say_standing(
            _of_claims(fact, said.claims) if len(said.claims) < len(claims) else fact,
            sourcing,
            words,
        )
        text = said.text + (words.text("mark.dash") + standing if standing else "")
        sentences.append(
            Sentence(
                text=finish(text),
                sort=sort,
                claims=ids_of(said.claims),
                field=fact.name,
                status=fact.status,
                listed=(*said.listed, *listed),
            )
        )
    return sentences


def state(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    """What claims of a fact say of it, without how it stands; nothing where none is given."""
    if not claims:
        return []
    if _is_denial(fact, claims):
        return _say_denial(fact, claims, sourcing, words)
    return _TELLERS.get(fact.name, _say_other)(fact, claims, sourcing, words)


def _is_denial(fact: Fact, claims: Sequence[Claim]) -> bool:
    return fact.status in (FieldStatus.DENIED, FieldStatus.CONTRADICTED) and all(
        c.is_negated and c.kind is not ClaimKind.SCHEDULE for c in claims
    )


def finish(text: str) -> str:
    """Close a sentence; words that end it in quotation marks keep their own end outside."""
    text = resolve_euphony(text.rstrip())
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "…")) else f"{text}."


def _of_claims(fact: Fact, claims: Sequence[Claim]) -> Fact:
    return Fact(
        name=fact.name,
        value=fact.value,
        certainty=fact.certainty,
        status=fact.status,
        claims=tuple(c.id for c in claims),
        n_sources=fact.n_sources,
    )


def where(claims: Sequence[Claim], words: Words, *, but: Sequence[PlaceRef] = ()) -> str:
    """Places of claims as the end of a phrase, with the parts of them in the words told.

    Places that are those of `but` are left unsaid: the incident's own place needs no repeating.
    """
    places = [p for c in claims for p in c.places]
    is_idle = bool(but) and words.same_place(places, but)
    return words.where([] if is_idle else places, extents_of(claims))


def _home(sourcing: Sourcing) -> list[PlaceRef]:
    """Places of what happened: those that facts of its effects need not repeat."""
    kinds = (ClaimKind.EXPLOSIONS, ClaimKind.STRIKE, ClaimKind.OUTAGE, ClaimKind.DAMAGE)
    told = [c for c in sourcing.incident.claims if c.kind in kinds and not c.is_negated]
    places = [p for c in told or sourcing.incident.claims for p in c.places]
    codes = [p.code for p in places]
    if not codes:
        return []
    main = max(dict.fromkeys(codes), key=codes.count)
    return [p for p in places if p.code == main]


# ---------------------------------------------------------------------- numbers


def numbers_of(claim: Claim) -> dict[str, Count]:
    """Every number a claim tells, by what is counted."""
    found: dict[str, Count] = {}
    if claim.count is not None:
        found[claim.count.unit or claim.kind.value] = claim.count
    if claim.customers is not None:
        found[claim.customers.unit or "customers"] = claim.customers
    if claim.casualties is not None:
        for harm, n in zip(HARMS, _harm_numbers(claim.casualties), strict=True):
            if n is not None:
                found[harm] = Count(min=n, best=n, max=n, unit=harm)
    return found


def _harm_numbers(casualties: Casualties) -> tuple[int | None, int | None, int | None]:
    return casualties.killed, casualties.injured, casualties.missing


def unit_of(value: str, claims: Sequence[Claim], default: str) -> str | None:
    """Which of the numbers of its claims a value's words are about; None for none of them."""
    units = {u for c in claims for u in numbers_of(c)}
    words = value.replace("nobody ", "").split(" or ")[0]
    for unit in sorted(units, key=len, reverse=True):
        if words.endswith(unit.replace("_", " ")):
            return unit
    return default if default in units else None


def say_number(claims: Sequence[Claim], unit: str, words: Words) -> str | None:
    """The number that claims agree on, None where none of them tells it. Never their sum."""
    counts = [n for c in claims if (n := numbers_of(c).get(unit)) is not None]
    return words.count(merge(counts), unit) if counts else None


def _agreement(claims: Sequence[Claim], unit: str) -> int:
    """The number that a sentence's verb agrees with."""
    counts = [n for c in claims if (n := numbers_of(c).get(unit)) is not None]
    merged = merge(counts)
    told = (merged.best, merged.max, merged.min, 5)
    return next(n for n in told if n is not None)


def sides_of(fact: Fact, sourcing: Sourcing) -> list[tuple[str, list[Claim]]]:
    """The sides of a contradicted fact: value and claims of each; one side where it is not."""
    for contradiction in sourcing.incident.contradictions:
        ids = {i for _, side in contradiction.sides for i in side}
        if contradiction.field == fact.name and ids and ids <= set(fact.claims):
            return [(value, sourcing.told(side)) for value, side in contradiction.sides]
    return [(fact.value, sourcing.told(fact.claims))]


def _counted(
    fact: Fact,
    claims: list[Claim],
    sourcing: Sourcing,
    words: Words,
    *,
    default: str,
    key: Callable[[str], str],
) -> list[Said] | None:
    """A counted fact; both numbers where two contradict. None where no number is told."""
    unit = unit_of(fact.value, claims, default)
    if unit is None:
        return None
    sides = [[c for c in side if c in claims] for _, side in sides_of(fact, sourcing)]
    told = [n for side in sides if (n := say_number(side, unit, words)) is not None]
    if not told:
        return None
    with_number = [c for c in claims if unit in numbers_of(c)]
    but = _home(sourcing) if fact.name in ("without_power", "power_back") else ()
    text = words.forms(
        key(unit),
        _agreement(with_number, unit),
        count=words.join(told, "or"),
        place=where(claims, words, but=but),
    )
    return [Said(text, tuple(claims))]


# ---------------------------------------------------------------------- kinds of facts


def _say_alert(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    if all(c.kind is ClaimKind.ALL_CLEAR for c in claims):
        return [
            Said(
                words.text("fact.all_clear", place=where(claims, words, but=_home(sourcing))),
                tuple(claims),
            )
        ]
    kind = claims[0].alert_type or "other"
    is_before = any(is_told_before(c) for c in claims)
    key = f"fact.alert_{'before_' if is_before else ''}{kind}"
    if words.find(key) is None:
        key = "fact.alert_before_other" if is_before else "fact.alert_other"
    return [Said(words.text(key, place=where(claims, words, but=_home(sourcing))), tuple(claims))]


def is_told_before(claim: Claim) -> bool:
    """Whether the words of an alarm say that it came before the event."""
    return claim.kind is ClaimKind.ALERT and _BEFORE.search(claim.span.text) is not None


def _say_explosions(
    fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words
) -> list[Said]:
    counted = _counted(
        fact, claims, sourcing, words, default="explosions", key=lambda _: "fact.explosions"
    )
    bare = words.text("fact.explosions_uncounted", place=where(claims, words))
    return counted or [Said(bare, tuple(claims))]


def _say_strikes(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    counted = _counted(
        fact,
        claims,
        sourcing,
        words,
        default="strikes",
        key=lambda u: "fact.strikes" if u in ("strikes", "strike") else "fact.strikes_hit",
    )
    bare = words.text("fact.strikes_uncounted", place=where(claims, words))
    return counted or [Said(bare, tuple(claims))]


def _say_target(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    target = words.code("target", claims[0].target or "", "nom")
    return [
        Said(
            words.text(
                "fact.target", target=target, place=where(claims, words, but=_home(sourcing))
            ),
            (*claims,),
        )
    ]


def _say_weapon(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    said, either = words.weapons([c.weapons for c in claims if c.weapons is not None])
    key = "fact.weapon_either" if either else "fact.weapon"
    return [Said(words.text(key, weapons=said), tuple(claims))]


def _say_second(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    weapons = [c.weapons for c in claims if c.weapons is not None]
    what = f" ({words.weapons(weapons)[0]})" if weapons else ""
    tellers = tuple(sorted({c.report for c in claims}))
    every = tuple(sourcing.incident.reports)
    if len(tellers) == len(every):
        text = words.text(
            "fact.second_attack", weapons=what, place=where(claims, words, but=_home(sourcing))
        )
        return [Said(text, tuple(claims))]
    n = len(tellers)
    text = words.forms(
        "fact.second_attack_some",
        n,
        n=words.number(n),
        m=words.number(len(every)),
        weapons=what,
        place=where(claims, words, but=_home(sourcing)),
    )
    listed = (Listed(what="reports", ids=tellers), Listed(what="reports", ids=every))
    return [Said(text, tuple(claims), listed)]


def _say_damage(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    by_effect: dict[str, list[Claim]] = {}
    for claim in claims:
        by_effect.setdefault(claim.effect or "damaged", []).append(claim)
    said = []
    for effect, told in by_effect.items():
        target = told[0].target
        place = where(told, words)
        key = f"fact.damage_{effect}"
        if effect == "fire_out":
            text = words.text(key, place=place)
        elif effect == "fire":
            on = "" if target is None else f" ({words.code('target', target, 'nom')})"
            text = words.text(key, target=on, place=place)
        elif target is None or words.find(key) is None:
            bare = key if words.find(f"{key}_bare") is not None else "fact.damage_damaged"
            text = words.text(f"{bare}_bare", place=place)
        else:
            form = "acc" if effect == "hit" else "gen"
            text = words.text(key, target=words.code("target", target, form), place=place)
        said.append(Said(text, tuple(told)))
    return said


def _say_outage(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    known = sorted({c.outage_type for c in claims} - {None, OutageType.UNKNOWN}, key=str)
    types = [str(t) for t in known] or [OutageType.UNKNOWN.value]
    is_one = len(types) == 1 and words.text(f"outage_number.{types[0]}") == "one"
    text = words.forms(
        "fact.outage",
        1 if is_one else 2,
        outages=words.join([words.code("outage", t) for t in types]),
        place=where(claims, words),
    )
    return [Said(text, tuple(claims))]


def _say_without_power(
    fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words
) -> list[Said]:
    key = f"fact.{fact.name}"
    counted = _counted(fact, claims, sourcing, words, default="customers", key=lambda _: key)
    return counted or _say_other(fact, claims, sourcing, words)


def _say_restored(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    key = f"fact.restored_{claims[0].effect or 'other'}"
    key = key if words.find(key) is not None else "fact.restored_other"
    return [Said(words.text(key, place=where(claims, words, but=_home(sourcing))), tuple(claims))]


def _say_casualties(
    fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words
) -> list[Said]:
    place = where(claims, words, but=_home(sourcing))
    for harm in HARMS:
        numbers = [n for c in claims if (n := numbers_of(c).get(harm)) is not None]
        if not fact.value.endswith(harm) or not numbers:
            continue
        if all(n.best == 0 for n in numbers):
            return [Said(words.text(f"fact.nobody_{harm}", place=place), tuple(claims))]
        sides = [[c for c in s if c in claims] for _, s in sides_of(fact, sourcing)]
        told = [
            words.count(merge([n for c in s if (n := numbers_of(c).get(harm)) is not None]), "")
            for s in sides
            if any(harm in numbers_of(c) for c in s)
        ]
        most = max(n.best or 0 for n in numbers)
        text = words.forms(f"fact.{harm}", most, count=words.join(told, "or"), place=place)
        return [Said(text, tuple(claims))]
    status = next((c.casualties.status for c in claims if c.casualties is not None), None)
    key = f"fact.casualties_{(status or CasualtyStatus.COUNTED).value}"
    return [Said(words.text(key, place=place), tuple(claims))]


def _say_services(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    effect, place = claims[0].effect or "affected", where(claims, words, but=_home(sourcing))
    key = f"fact.services_{effect}"
    named = list(dict.fromkeys(s for c in claims for s in c.services))
    services = words.join([words.code("service", s) for s in named])
    if words.find(key) is None:
        key = "fact.services_affected"
    if key.endswith(("disrupted", "affected")) and not named:
        return _say_other(fact, claims, sourcing, words)
    return [Said(words.text(key, services=services, place=place), tuple(claims))]


def _say_repair(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    key = f"fact.repair_{claims[0].effect or 'other'}"
    key = key if words.find(key) is not None else "fact.repair_other"
    quote = words.quote(claims[0].span.text)
    return [
        Said(
            words.text(key, quote=quote, place=where(claims, words, but=_home(sourcing))),
            tuple(claims),
        )
    ]


def _say_conditions(
    fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words
) -> list[Said]:
    temperature = claims[0].temperature_c
    place = where(claims, words, but=_home(sourcing))
    if temperature is None:
        text = words.text("fact.conditions", quote=words.quote(claims[0].span.text), place=place)
    else:
        t = f"{temperature:g}".replace("-", "\N{MINUS SIGN}")
        text = words.text("fact.temperature", t=t, place=place)
    return [Said(text, tuple(claims))]


def _say_schedule(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    key = "fact.schedule_not" if claims[0].is_negated else "fact.schedule"
    return [Said(words.text(key, place=where(claims, words, but=_home(sourcing))), tuple(claims))]


def _say_quoted(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    quote = words.quote(claims[0].span.text)
    key = f"fact.{fact.name}"
    return [Said(words.text(key, quote=quote, place=""), tuple(claims))]


def _say_denial(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    quote = words.quote(claims[0].span.text)
    key = "fact.number_taken_back" if fact.name == "number" else "fact.denial"
    return [Said(words.text(key, quote=quote, place=where(claims, words)), tuple(claims))]


def _say_other(fact: Fact, claims: list[Claim], sourcing: Sourcing, words: Words) -> list[Said]:
    quote = words.quote(claims[0].span.text)
    return [Said(words.text("fact.other", quote=quote, place=""), tuple(claims))]


_TELLERS: dict[str, Callable[[Fact, list[Claim], Sourcing, Words], list[Said]]] = {
    "alert": _say_alert,
    "explosions": _say_explosions,
    "strikes": _say_strikes,
    "target": _say_target,
    "weapon": _say_weapon,
    "possible_second_attack": _say_second,
    "damage": _say_damage,
    "outage": _say_outage,
    "without_power": _say_without_power,
    "power_back": _say_without_power,
    "restored": _say_restored,
    "casualties": _say_casualties,
    "services": _say_services,
    "repair": _say_repair,
    "conditions": _say_conditions,
    "schedule": _say_schedule,
    "advice": _say_quoted,
    "forecast": _say_quoted,
    "rumour": _say_quoted,
    "number": _say_denial,
}
_SORTS = {
    "possible_second_attack": Sort.UNCORROBORATED,
    "rumour": Sort.RUMOUR,
    "forecast": Sort.FORECAST,
    "number": Sort.DENIAL,
}


def ids_of(claims: Sequence[Claim]) -> tuple[ClaimId, ...]:
    """Ids of claims, each once."""
    return tuple(dict.fromkeys(c.id for c in claims))
