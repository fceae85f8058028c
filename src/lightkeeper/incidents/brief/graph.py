"""Who and what the claims name, and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lightkeeper.claims.model import Claim, ClaimId, Layer, PlaceRef, SpeakerRole
from lightkeeper.incidents.brief.facts import is_told_before
from lightkeeper.incidents.brief.model import Edge, EntityGraph, Node
from lightkeeper.incidents.brief.standing import Sourcing
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.incidents.origins import NAMED_BODIES
from lightkeeper.region import Gazetteer, PlaceCode, PlaceLevel, fold_name

_BODIES = NAMED_BODIES | {SpeakerRole.OFFICIALS, SpeakerRole.UTILITY}
_SEAT = {
    SpeakerRole.CITY_ADMINISTRATION: PlaceLevel.SETTLEMENT,
    SpeakerRole.MAYOR: PlaceLevel.SETTLEMENT,
    SpeakerRole.RAION_ADMINISTRATION: PlaceLevel.RAION,
    SpeakerRole.OBLAST_ADMINISTRATION: PlaceLevel.OBLAST,
    SpeakerRole.DISTRIBUTION_OPERATOR: PlaceLevel.OBLAST,
}
"""Level of the place that a body is of; the others are the country's."""

_EVENT_OF_FIELD = {
    "target": "strikes",
    "weapon": "strikes",
    "without_power": "outage",
    "power_back": "restored",
}
_EVENTS = frozenset(
    {
        *("alert", "explosions", "strikes", "damage", "outage", "restored", "casualties"),
        *("services", "repair", "possible_second_attack", "schedule"),
    }
)
_MAIN = ("explosions", "strikes", "damage", "outage")


@dataclass(slots=True)
class _Draft:
    """Nodes and edges in the making: claims are gathered under the same key."""

    words: Words
    nodes: dict[str, tuple[str, str, dict[ClaimId, Claim]]] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], tuple[bool, dict[ClaimId, None]]] = field(
        default_factory=dict
    )

    def node(self, kind: str, key: str, label: str, claim: Claim) -> str:
        node = f"{kind}:{key}"
        self.nodes.setdefault(node, (kind, label, {}))[2].setdefault(claim.id, claim)
        return node

    def edge(
        self, source: str, target: str, kind: str, claim: Claim, *, is_certain: bool = True
    ) -> None:
        if source == target:
            return
        key = (source, target, kind)
        known = self.edges.setdefault(key, (is_certain, {}))
        known[1].setdefault(claim.id)
        self.edges[key] = (known[0] or is_certain, known[1])


def make_graph(
    sourcings: Sequence[Sourcing],
    apart: Sequence[Claim],
    titles: Mapping[IncidentId, str],
    words: Words,
) -> EntityGraph:
    """Draw who tells of what, where it was and what it bears on.

    Of one incident the events are what happened in it; of several they are the incidents, by their
    `titles`. `apart` are claims of no event: their speakers hang on by an uncertain edge.
    """
    draft = _Draft(words)
    for sourcing in sourcings:
        for event, label, claims in _events(sourcing, titles, words):
            is_certain = event != "possible_second_attack"
            for claim in claims:
                node = draft.node("event", event, label, claim)
                _hang(draft, node, claim, sourcing, is_certain=is_certain)
        _tell_apart(draft, apart, sourcing)
        _order(draft, sourcing, is_one=len(sourcings) == 1)
    for sourcing in sourcings:
        _part_of(draft, sourcing.incident)
    _nest_places(draft, words.gazetteer)
    return EntityGraph(
        nodes=tuple(
            Node(
                id=node,
                kind=kind,
                label=label,
                claims=tuple(claims),
                reports=tuple(dict.fromkeys(c.report for c in claims.values())),
            )
            for node, (kind, label, claims) in draft.nodes.items()
        ),
        edges=tuple(
            Edge(
                source=source,
                target=target,
                kind=kind,
                label=words.text(f"edge_kind.{kind}"),
                claims=tuple(claims),
                is_certain=is_certain,
            )
            for (source, target, kind), (is_certain, claims) in draft.edges.items()
        ),
    )


def _events(
    sourcing: Sourcing, titles: Mapping[IncidentId, str], words: Words
) -> list[tuple[str, str, list[Claim]]]:
    incident = sourcing.incident
    if len(titles) > 1:
        return [(incident.id, titles[incident.id], list(incident.claims))]
    found: dict[str, list[Claim]] = {}
    for fact in incident.facts:
        event = _EVENT_OF_FIELD.get(fact.name, fact.name)
        if event in _EVENTS:
            found.setdefault(event, []).extend(sourcing.told(fact.claims))
    has_strikes = any(f.name == "strikes" for f in incident.facts)
    if "explosions" in found and "strikes" in found and not has_strikes:
        # Weapons and targets told of explosions are no event beside them.
        found["explosions"].extend(found.pop("strikes"))
    return [(key, words.text(f"event.{key}"), claims) for key, claims in found.items()]


def _hang(draft: _Draft, event: str, claim: Claim, sourcing: Sourcing, *, is_certain: bool) -> None:
    for speaker in _speakers(draft, claim, sourcing):
        draft.edge(speaker, event, "tells_of", claim, is_certain=is_certain)
    for place in claim.places:
        node = draft.node("place", _place_key(place), draft.words.name(place), claim)
        draft.edge(event, node, "at", claim, is_certain=is_certain)
    if claim.target is not None and not claim.is_negated:
        label = draft.words.code("target", claim.target, "nom")
        node = draft.node("asset", claim.target, label, claim)
        draft.edge(event, node, "hits", claim, is_certain=is_certain)


def _speakers(draft: _Draft, claim: Claim, sourcing: Sourcing) -> list[str]:
    """The person named, or else the body; a person of a body is joined to it."""
    role, name = sourcing.role(claim), claim.attribution.name
    body = None
    if role in _BODIES:
        seat = _seat(role, claim, sourcing, draft.words.gazetteer)
        label = draft.words.code("role", role.value, "nom")
        where = "" if seat is None else draft.words.name(seat)
        named = f"{label} ({where})" if where else label
        body = draft.node("body", f"{role.value}:{where}", named, claim)
    if name is None or role is not claim.attribution.role:
        return [] if body is None else [body]
    person = draft.node("person", fold_name(name), name, claim)
    if body is not None:
        draft.edge(person, body, "speaks_for", claim)
    return [person]


def _seat(
    role: SpeakerRole, claim: Claim, sourcing: Sourcing, gazetteer: Gazetteer
) -> PlaceRef | None:
    """The place a body is of: that of its level above the claim's places, or the incident's."""
    level = _SEAT.get(role)
    if level is None:
        return None
    for place in (*claim.places, *sourcing.incident.places):
        if place.code is None or place.code not in gazetteer:
            continue
        found = gazetteer.level_up(place.code, level)
        if found is not None:
            return PlaceRef(text=found.name_en, code=found.code, level=found.level)
    return None


def _place_key(place: PlaceRef) -> str:
    return place.code or "?" + fold_name(place.text)


def _tell_apart(draft: _Draft, apart: Sequence[Claim], sourcing: Sourcing) -> None:
    """Those whom the reports quote beside the facts; only where they have a name."""
    incident = sourcing.incident
    events = [n for n in draft.nodes if n.startswith("event:")]
    for claim in apart:
        if claim.report not in incident.reports or claim.attribution.name is None:
            continue
        if claim.layer is Layer.OUT_OF_SCOPE or not events:
            continue
        event = f"event:{incident.id}"
        if event not in draft.nodes:
            event = next((e for m in _MAIN if (e := f"event:{m}") in draft.nodes), events[0])
        for speaker in _speakers(draft, claim, sourcing):
            draft.edge(speaker, event, "tells_of", claim, is_certain=False)


def _order(draft: _Draft, sourcing: Sourcing, *, is_one: bool) -> None:
    """What came before what, where the words say so."""
    if not is_one:
        return
    main = next((e for m in _MAIN if (e := f"event:{m}") in draft.nodes), None)
    if main is None:
        return
    for fact in sourcing.incident.facts:
        for claim in sourcing.told(fact.claims):
            if is_told_before(claim):
                draft.edge("event:alert", main, "before", claim)
            if fact.name == "possible_second_attack":
                second = "event:possible_second_attack"
                draft.edge(main, second, "before", claim, is_certain=False)


def _part_of(draft: _Draft, incident: Incident) -> None:
    child, parent = f"event:{incident.id}", f"event:{incident.parent}"
    if child in draft.nodes and parent in draft.nodes:
        draft.edge(child, parent, "part_of", incident.claims[0])


def _nest_places(draft: _Draft, gazetteer: Gazetteer) -> None:
    """Join each place to the nearest other one that holds it."""
    codes = {PlaceCode(n.removeprefix("place:")): n for n in draft.nodes if n.startswith("place:")}
    for code, node in codes.items():
        if code not in gazetteer:
            continue
        outer = next((codes[a] for a in gazetteer.ancestors(code) if a in codes), None)
        if outer is not None:
            for claim in draft.nodes[node][2].values():
                draft.edge(node, outer, "within", claim)
