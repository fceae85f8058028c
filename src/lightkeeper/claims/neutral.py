"""Claims and places in the neutral form in which readers of reports are compared.

One JSON object per claim, with the field names and values of the annotated sets: kinds and
certainties by their plain names, numbers as {min, best, max, approximate, unit}, instants in
ISO 8601, places with both names, level and oblast.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from lightkeeper.claims.model import (
    Attribution,
    Casualties,
    Certainty,
    Claim,
    ClaimKind,
    Count,
    PlaceRef,
    SpeakerRole,
    TimeRef,
)
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceLevel

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

KIND_NAMES = {
    ClaimKind.OUTAGE: "effect_outage",
    ClaimKind.RESTORED: "effect_restored",
    ClaimKind.SERVICES: "effect_services",
    ClaimKind.ADVICE: "public_advice",
    ClaimKind.UNKNOWN: "unknown_stated",
}
"""Kinds that are called otherwise; the rest have the same name."""

CERTAINTY_NAMES = {
    Certainty.OBSERVED: "stated",
    Certainty.PRELIMINARY: "preliminary",
    Certainty.LIKELY: "likely",
    Certainty.POSSIBLE: "possible",
    Certainty.UNLIKELY: "possible",
    Certainty.UNKNOWN: "unconfirmed",
}
LEVEL_NAMES = {PlaceLevel.CITY_DISTRICT: "part"}
_COMMON_NAMES = {"Autonomous Republic of Crimea": "Crimea"}
HEADED = frozenset(
    {
        SpeakerRole.CITY_ADMINISTRATION,
        SpeakerRole.RAION_ADMINISTRATION,
    }
)
"""Bodies told apart from their heads."""
_HEAD = re.compile(r"\b(?:head|chief|начальни|очільни|голов|глав|руководител|керівни)", re.I)


_LOCAL = re.compile(r"\blocal|\bмісцев|\bместн")
_PRESIDENT = re.compile(r"president|президент")


def neutral_claim(claim: Claim, gazetteer: Gazetteer) -> dict[str, Json]:
    """Return a claim in the neutral form; what it does not say is left out."""
    effect = claim.subject if claim.kind is ClaimKind.UNKNOWN else claim.effect
    said: dict[str, Json] = {
        "kind": KIND_NAMES.get(claim.kind, str(claim.kind)),
        "span": claim.span.text,
        "layer": str(claim.layer),
        "certainty": CERTAINTY_NAMES[claim.certainty],
        "polarity": "negative" if claim.is_negated else "positive",
        "attributed_to": _speaker(claim.attribution),
        "speaker": claim.attribution.name,
        "place": [neutral_place(p, gazetteer) for p in claim.places],
        "time": _time(claim.time),
        "count": _count(claim.count),
        "customers": _count(claim.customers),
        "casualties": _casualties(claim.casualties),
        "weapon": None
        if claim.weapons is None
        else {"mode": claim.weapons.mode, "items": list(claim.weapons.items)},
        "target": {"class": claim.target} if claim.target else None,
        "effect": effect,
        "outage_type": claim.outage_type and str(claim.outage_type),
        "alert_type": claim.alert_type,
        "temperature_c": claim.temperature_c,
        "cause": claim.cause,
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def neutral_place(ref: PlaceRef, gazetteer: Gazetteer) -> dict[str, Json]:
    """Return a place in the neutral form; one without a code has only its words."""
    if ref.code is None:
        return {"name": ref.text}
    place = gazetteer.place(ref.code)
    oblast = gazetteer.level_up(place.code, PlaceLevel.OBLAST)
    said: dict[str, Json] = {
        "code": place.code,
        "name_en": place.name_en,
        "name_uk": place.name_uk,
        "level": LEVEL_NAMES.get(place.level, str(place.level)),
        "admin1": _oblast_name(oblast.name_en) if oblast is not None else None,
    }
    if place.level is PlaceLevel.OBLAST:
        said["name_en"] = _oblast_name(place.name_en) + (" Oblast" if oblast is not None else "")
    if gazetteer.is_special_city(place.code):
        said["admin1"] = f"{place.name_en} city"
    if place.level is PlaceLevel.CITY_DISTRICT:
        town = gazetteer.level_up(place.code, PlaceLevel.SETTLEMENT)
        said["within"] = town.name_en if town is not None else None
    if ref.part is not None and all(word[0].isupper() for word in ref.part.split()):
        # A quarter by its name, which the gazetteer does not hold.
        said |= {"name_uk": ref.part, "level": "part", "within": place.name_en}
        del said["name_en"]
    point = gazetteer.point(place.code)
    if point is not None:
        said["lon"], said["lat"] = point
    return {key: value for key, value in said.items() if value is not None}


def _oblast_name(name: str) -> str:
    """Return the common name of an oblast, without the word for the level."""
    return _COMMON_NAMES.get(name, name.removesuffix(" Oblast"))


def _speaker(attribution: Attribution) -> str:
    role = attribution.role
    said = attribution.chain[-1].lower() if attribution.chain else ""
    if role is SpeakerRole.GOVERNMENT and _PRESIDENT.search(said):
        return "president"
    if role is SpeakerRole.OFFICIALS:
        # The sets know no "officials": those of the place are its administration.
        return str(SpeakerRole.CITY_ADMINISTRATION if _LOCAL.search(said) else SpeakerRole.UNNAMED)
    if role in HEADED and attribution.chain and _HEAD.search(attribution.chain[-1]):
        return f"head_of_{role}"
    return str(role)


def _count(count: Count | None) -> dict[str, Json] | None:
    if count is None:
        return None
    return {
        "min": count.min,
        "best": count.best,
        "max": count.max,
        "approximate": count.approximate,
        "unit": count.unit,
    }


def _casualties(said: Casualties | None) -> dict[str, Json] | None:
    if said is None:
        return None
    return {
        "status": str(said.status),
        "killed": said.killed,
        "injured": said.injured,
        "missing": said.missing,
        **({} if said.bounds is None else {"bounds": _count(said.bounds)}),
    }


def _time(time: TimeRef | None) -> dict[str, Json] | None:
    if time is None:
        return None
    if time.from_at is None and time.to_at is None:
        return {"weekday": time.weekday, "part_of_day": time.part_of_day}
    return {
        "from": time.from_at.isoformat() if time.from_at else None,
        "to": time.to_at.isoformat() if time.to_at else None,
        "precision": time.precision,
    }
