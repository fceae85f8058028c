"""The title of an incident in a language: the same on the page, in briefs and in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from lightkeeper.incidents.brief.words import Words, load_texts
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.incidents.titles import hits_energy
from lightkeeper.region import Gazetteer

MAX_PLACES = 3
"""A title of many places names so many of them."""


def titles_of(
    incidents: Iterable[Incident], language: str, gazetteer: Gazetteer
) -> Mapping[IncidentId, str]:
    """Return the titles of incidents that are told in full."""
    # A title tells no instant, so neither clock nor date matters.
    words = Words(language, gazetteer, "UTC", datetime.min.replace(tzinfo=UTC))
    return {incident.id: say_title(incident, words) for incident in incidents}


def say_title(incident: Incident, words: Words, *, is_place_withheld: bool = False) -> str:
    """Title of an incident; the Ukrainian one is put together from its kind and places."""
    if words.language == "en":
        return incident.title
    kind = incident.kind
    names = {f.name for f in incident.facts}
    # As in the English title: explosions alone do not say what was hit.
    if (
        kind.startswith("strike")
        and "explosions" in names
        and "strikes" not in names
        and not hits_energy(c for c in incident.claims if not c.is_negated)
    ):
        kind = kind.replace("strike", "explosions")
    elif kind.startswith("strike") and hits_energy(incident.claims):
        kind = kind.replace("strike", "strike_energy")
    told = [p for c in incident.claims if not c.is_negated for p in c.places] or incident.places
    if kind == "wave":
        named = words.names([p for p in told if p.level != "country"])
        more = len(named) - MAX_PLACES
        where = ", ".join(named[:MAX_PLACES])
        where += f", {words.text('mark.more', n=words.number(more))}" if more > 0 else ""
    else:
        where = words.main_place(told)[1]
    return title_by_kind(kind, where, words.language, is_place_withheld=is_place_withheld)


def title_by_kind(kind: str, where: str, language: str, *, is_place_withheld: bool) -> str:
    """Title from the kind of an incident and its places in words; "" where none is told."""
    texts = load_texts(language)
    kinds, places = texts["incident_kind"], texts["place"]
    assert isinstance(kinds, Mapping)
    assert isinstance(places, Mapping)
    unsaid = places["withheld" if is_place_withheld else "unknown"]
    return f"{kinds.get(kind) or kinds['report']} \N{EM DASH} {where or unsaid}"
