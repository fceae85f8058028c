"""The full retelling of one incident: paragraphs of sentences, and the weightiest of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from lightkeeper.claims.model import Certainty, Claim, ClaimKind, Layer, OutageType
from lightkeeper.incidents.brief.facts import (
    HARMS,
    finish,
    ids_of,
    numbers_of,
    say_fact,
    say_number,
    unit_of,
)
from lightkeeper.incidents.brief.model import Listed, Paragraph, Sentence, Sort
from lightkeeper.incidents.brief.standing import Sourcing, say_reports, say_speaker, say_speakers
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import Contradiction, FieldStatus, Unknown
from lightkeeper.reports.model import ReportId

MAX_APART = 10
"""So many sentences of narrative, outlook and background are told of one incident."""

_PARAGRAPHS = {
    "event": (
        *("alert", "explosions", "strikes", "target", "weapon", "damage"),
        *("conditions", "explosion", "strike"),
    ),
    "power": ("outage", "without_power", "restored", "power_back", "schedule"),
    "people": ("casualties", "services", "advice"),
    "work": ("repair",),
}
"""Which facts are told in which paragraph, in this order."""

_WEIGHT = (
    *("explosions", "strikes", "without_power", "outage", "casualties", "restored", "damage"),
    *("possible_second_attack", "power_back", "weapon", "services", "target", "alert"),
)
"""Facts by how much a decision hangs on them, the weightiest first."""

Retelling: TypeAlias = tuple[list[Paragraph], list[Sentence]]


def retell(
    sourcing: Sourcing, apart: Sequence[Claim], links: Sequence[Sentence], words: Words, *, n: int
) -> Retelling:
    """Paragraphs of an incident, and at most `n` takeaways among their sentences.

    `apart` are the claims of its reports that are of no event: narrative, outlook, background.
    """
    incident = sourcing.incident
    told = [s for fact in incident.facts for s in say_fact(fact, sourcing, words)]
    facts = [s for s in told if s.sort is Sort.FACT]
    of = {name: i for i, (_, names) in enumerate(_PARAGRAPHS.items()) for name in names}
    paragraphs: dict[str, list[Sentence]] = {key: [] for key in _PARAGRAPHS}
    for sentence in facts:
        key = list(_PARAGRAPHS)[of.get(sentence.field, 0)]
        paragraphs[key].append(sentence)
    for key, names in _PARAGRAPHS.items():
        order = {name: i for i, name in enumerate(names)}
        paragraphs[key].sort(key=lambda s: order.get(s.field, len(order)))
    paragraphs["event"].extend(links)
    doubtful = [s for s in told if s.sort in (Sort.UNCORROBORATED, Sort.DENIAL, Sort.RUMOUR)]
    contradictions = _contradictions(sourcing, words)
    paragraphs["doubt"] = [*contradictions, *doubtful, *_superseded(sourcing, words)]
    # Where sources are withheld so are facts: what is not told here may well be known.
    paragraphs["unknown"] = [] if sourcing.sources_withheld else _unknowns(sourcing, words)
    paragraphs["sources"] = _sources(sourcing, words)
    forecasts = [s for s in told if s.sort is Sort.FORECAST]
    paragraphs["apart"] = [*forecasts, *_apart(apart, sourcing, words)][:MAX_APART]
    takeaways = _takeaways(facts, doubtful, contradictions, paragraphs, n=n)
    return [
        Paragraph(key=key, heading=words.text(f"heading.{key}"), sentences=tuple(sentences))
        for key, sentences in paragraphs.items()
        if sentences
    ], takeaways


def _takeaways(
    facts: Sequence[Sentence],
    doubtful: Sequence[Sentence],
    contradictions: Sequence[Sentence],
    paragraphs: dict[str, list[Sentence]],
    *,
    n: int,
) -> list[Sentence]:
    """The first sentence of each weighty field, the sources, and what is open and weighs most."""
    rank = {name: i for i, name in enumerate(_WEIGHT)}
    first: dict[str, Sentence] = {}
    for sentence in (*facts, *doubtful):
        if sentence.field in rank:
            first.setdefault(sentence.field, sentence)
    weighty = sorted(first.values(), key=lambda s: rank[s.field])
    ends = paragraphs["sources"][:1]
    open_ = [s for s in contradictions if s.field != "place"][:1]
    if "casualties" not in first:
        open_ += [s for s in paragraphs["unknown"] if s.field == "casualties"]
    kept = weighty[: max(n - len(ends) - len(open_), 1)]
    return [*kept, *open_, *ends]


# ---------------------------------------------------------------------- in doubt


def _contradictions(sourcing: Sourcing, words: Words) -> list[Sentence]:
    found = []
    for contradiction in sourcing.incident.contradictions:
        ids = tuple(i for _, side in contradiction.sides for i in side)
        claims = sourcing.told(ids)
        if contradiction.field == "possible_second_attack" or not claims:
            continue  # told by its own fact
        sides = [(v, sourcing.told(side)) for v, side in contradiction.sides if side]
        text = _say_contradiction(contradiction, sides, sourcing, words)
        found.append(
            Sentence(
                text=finish(text),
                sort=Sort.CONTRADICTION,
                claims=ids_of(claims),
                field=contradiction.field,
                status=FieldStatus.CONTRADICTED,
            )
        )
    return found


def _say_contradiction(
    contradiction: Contradiction,
    sides: Sequence[tuple[str, list[Claim]]],
    sourcing: Sourcing,
    words: Words,
) -> str:
    if contradiction.field == "place":
        return words.text("contradiction.place", sides=_say_place_sides(sides, words))
    denials = [claims for _, claims in sides if all(c.is_negated for c in claims)]
    told = [claims for _, claims in sides if not all(c.is_negated for c in claims)]
    if len(denials) == 1 and told:
        return words.text(
            "contradiction.denied",
            told=_side(words.quote(told[0][0].span.text), told[0], sourcing, words),
            denied=_side(words.quote(denials[0][0].span.text), denials[0], sourcing, words),
        )
    said = [
        _side(_say_value(contradiction.field, value, claims, words), claims, sourcing, words)
        for value, claims in sides
    ]
    field = words.find(f"contradiction.field.{contradiction.field}")
    return words.text(
        "contradiction.sides",
        field=field or words.text("contradiction.field.other"),
        sides=words.text("contradiction.one") + words.text("contradiction.join").join(said),
    )


def _side(said: str, claims: Sequence[Claim], sourcing: Sourcing, words: Words) -> str:
    speakers = say_speakers(claims, sourcing, words, "nom") or say_reports(claims, sourcing, words)
    return words.text("contradiction.side", value=said, speakers=speakers)


def _say_place_sides(sides: Sequence[tuple[str, list[Claim]]], words: Words) -> str:
    """Each side's own place: that among its claims' places which its value names."""
    names = []
    for value, claims in sides:
        bare = value.split(" (")[0]
        places = [p for c in claims for p in c.places]
        english = Words("en", words.gazetteer, words.zone_name, words.as_of)
        match = next((p for p in places if english.name(p) == bare), None)
        names.append(words.quote(bare) if match is None else words.name(match))
    return words.join(names)


def _say_value(field: str, value: str, claims: Sequence[Claim], words: Words) -> str:
    """One side's value: its number or weapons, else its own words."""
    if field == "weapon":
        return words.weapons([c.weapons for c in claims if c.weapons is not None])[0]
    unit = unit_of(value, claims, "")
    if unit in HARMS:
        numbers = [n for c in claims if (n := numbers_of(c).get(unit)) is not None]
        best = numbers[0].best if numbers else None
        if best is not None and words.find(f"noun.{unit}.one") is not None:
            return words.amount(best, unit)
    if unit is not None:
        return say_number(claims, unit, words) or words.quote(claims[0].span.text)
    return words.quote(claims[0].span.text)


def _superseded(sourcing: Sourcing, words: Words) -> list[Sentence]:
    found: dict[str, Sentence] = {}
    for item in sourcing.incident.superseded:
        claims = sourcing.told(item.claims)
        if len(claims) < 2:
            continue
        old, new = claims[:-1], claims[-1:]
        said = [_say_value(item.field, v, c, words) for v, c in ((item.old, old), (item.new, new))]
        field = words.find(f"contradiction.field.{item.field}")
        text = finish(
            words.text(
                "superseded.changed",
                field=field or words.text("contradiction.field.other"),
                old=said[0],
                new=said[1],
            )
        )
        known = found.get(text)
        ids = item.claims if known is None else tuple(dict.fromkeys((*known.claims, *item.claims)))
        found[text] = Sentence(text=text, sort=Sort.SUPERSEDED, claims=ids, field=item.field)
    return list(found.values())


# ---------------------------------------------------------------------- not known


def _unknowns(sourcing: Sourcing, words: Words) -> list[Sentence]:
    """What is said to be unknown, and what no report mentions: that stands on all the reports."""
    found = []
    tells_casualties = any(f.name == "casualties" for f in sourcing.incident.facts)
    for unknown in (*sourcing.incident.unknowns, *_cause(sourcing)):
        # "Not released" and "none reported" are facts of their own, told in their own words.
        if unknown.subject == "casualties" and unknown.reason == "stated" and tells_casualties:
            continue
        told = sourcing.told(unknown.claims)
        is_stated = unknown.reason == "stated" and bool(told)
        claims = told if is_stated else _one_of_each_report(sourcing)
        if not claims:
            continue
        how = "said" if is_stated else "none"
        key = f"unknown.{how}_{unknown.subject}"
        quote = words.quote(claims[0].span.text)
        text = words.text(key if words.find(key) else f"unknown.{how}_other", quote=quote)
        found.append(
            Sentence(
                text=finish(text), sort=Sort.UNKNOWN, claims=ids_of(claims), field=unknown.subject
            )
        )
    return found


def _cause(sourcing: Sourcing) -> list[Unknown]:
    """The cause of an outage, where no claim gives one and none says that it is unknown."""
    outages = [
        c for c in sourcing.incident.claims if c.kind is ClaimKind.OUTAGE and not c.is_negated
    ]
    known = any(
        c.cause is not None or c.outage_type not in (None, OutageType.UNKNOWN) for c in outages
    )
    if not outages or known or any(u.subject == "cause" for u in sourcing.incident.unknowns):
        return []
    return [Unknown(subject="cause", reason="not_mentioned")]


def _one_of_each_report(sourcing: Sourcing) -> list[Claim]:
    first: dict[ReportId, Claim] = {}
    for claim in sourcing.incident.claims:
        first.setdefault(claim.report, claim)
    return list(first.values())


# ---------------------------------------------------------------------- who says so


def _sources(sourcing: Sourcing, words: Words) -> list[Sentence]:
    incident = sourcing.incident
    if sourcing.sources_withheld:
        return []
    every = _one_of_each_report(sourcing)
    independent = tuple(g.reports[0] for g in incident.sources if g.adds_support)
    n_reports, n_sources = len(incident.reports), incident.n_independent_sources
    text = words.text(
        "sources.reports",
        reports=words.amount(n_reports, "reports"),
        sources=words.amount(n_sources, "sources"),
    )
    listed = (
        Listed(what="reports", ids=tuple(incident.reports)),
        Listed(what="sources", ids=independent[:n_sources]),
    )
    said: list[tuple[str, list[Claim], tuple[Listed, ...]]] = [(text, every, listed)]
    groups = [g.reports for g in incident.sources if len(g.reports) > 1]
    retold = {r for g in groups for r in g if len(sourcing.retellings(r)) > 1}
    own = {r for g in groups if not retold & set(g) for r in g}
    for key, of in (("sources.one_origin", retold), ("sources.one_body", own)):
        said.append((words.text(key), [c for c in every if c.report in of], ()))
    for role, ids in sourcing.roles_not_held().items():
        speakers = {form: words.code("role", role.value, form) for form in ("nom", "gen")}
        text = words.text(
            "sources.not_held", speakers=speakers["nom"], speakers_nom=speakers["nom"]
        )
        said.append((text, sourcing.told(ids), ()))
    return [
        Sentence(text=finish(text), sort=Sort.SOURCES, claims=ids_of(claims), listed=listed)
        for text, claims, listed in said
        if claims
    ]


# ---------------------------------------------------------------------- apart from the facts


def _apart(claims: Sequence[Claim], sourcing: Sourcing, words: Words) -> list[Sentence]:
    """Narrative, outlook and background, each marked as no fact; words only one retelling has."""
    found: dict[str, Sentence] = {}
    shared = {(c.report, *_voice(c)) for c in (*claims, *sourcing.incident.claims)}
    for claim in claims:
        if claim.layer is Layer.OUT_OF_SCOPE:
            continue
        siblings = sourcing.retellings(claim.report)
        sort, key = _sort_apart(claim)
        listed: tuple[Listed, ...] = ()
        is_only = _is_in_unshared_quote(claim, sourcing) or not any(
            (r, *_voice(claim)) in shared for r in siblings if r != claim.report
        )
        if sort is Sort.NARRATIVE and len(siblings) > 1 and is_only:
            sort, key = Sort.EMBELLISHMENT, "apart.only_one_quote"
            listed = (Listed(what="reports", ids=siblings),)
        text = words.text(
            key,
            n=words.number(len(siblings)),
            speakers=say_speaker(claim, sourcing, words, "gen"),
            quote=words.quote(claim.span.text),
        )
        found.setdefault(
            text,
            Sentence(
                text=finish(text), sort=sort, claims=(claim.id,), field=claim.kind, listed=listed
            ),
        )
    order = (Sort.EMBELLISHMENT, Sort.NARRATIVE, Sort.FORECAST, Sort.BACKGROUND)
    return sorted(found.values(), key=lambda s: order.index(s.sort))


def _is_in_unshared_quote(claim: Claim, sourcing: Sourcing) -> bool:
    """Whether its words stand in quotation marks that no other report of the origin has."""
    return any(
        q.report == claim.report and q.start < claim.span.end and claim.span.start < q.end
        for q in sourcing.incident.unshared_quotes
    )


def _sort_apart(claim: Claim) -> tuple[Sort, str]:
    if claim.kind is ClaimKind.FORECAST or claim.certainty is Certainty.POSSIBLE:
        return Sort.FORECAST, "apart.forecast"
    if claim.layer is Layer.NARRATIVE:
        return Sort.NARRATIVE, "apart.narrative"
    return Sort.BACKGROUND, "apart.context"


def _voice(claim: Claim) -> tuple[ClaimKind, str]:
    """What is told and by whom: two retellings share it or not."""
    return claim.kind, (claim.attribution.name or claim.attribution.role.value).casefold()
