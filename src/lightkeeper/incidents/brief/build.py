"""Make a brief: what is known of the incidents of a scope, every sentence with its claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lightkeeper.claims.model import Claim, ClaimId
from lightkeeper.incidents.brief.facts import finish, ids_of
from lightkeeper.incidents.brief.graph import make_graph
from lightkeeper.incidents.brief.model import (
    Brief,
    BriefOptions,
    BriefSource,
    EntityGraph,
    Footnote,
    IncidentBrief,
    Listed,
    Material,
    Scope,
    Sentence,
    Sort,
    TimelineEntry,
)
from lightkeeper.incidents.brief.overview import say_overview
from lightkeeper.incidents.brief.retell import retell
from lightkeeper.incidents.brief.scope import choose_incidents
from lightkeeper.incidents.brief.standing import Sourcing, name_of
from lightkeeper.incidents.brief.themes import find_themes
from lightkeeper.incidents.brief.timeline import make_timeline
from lightkeeper.incidents.brief.titles import say_title
from lightkeeper.incidents.brief.words import Words
from lightkeeper.incidents.model import Incident, IncidentId
from lightkeeper.reports.model import Report, ReportId


def make_brief(material: Material, scope: Scope, *, options: BriefOptions | None = None) -> Brief:
    """Say what is known of one incident, a place or a period.

    Parameters
    ----------
    material
        As the audience may see it: `lightkeeper.notices.audience` makes it.

    Raises
    ------
    NotFound
        The scope names an incident that is not there.
    """
    options = options or BriefOptions()
    words = Words(options.language, material.gazetteer, options.time_zone, material.as_of)
    incidents, undated = choose_incidents(material, scope)
    titles = {
        i.id: say_title(i, words, is_place_withheld=material.sources_withheld)
        for i in (*incidents, *undated)
    }
    sourcings = [_sourcing(i, material) for i in incidents]
    apart = _apart(sourcings, material.outside)
    n = options.max_takeaways if len(incidents) < 4 else options.max_takeaways_each
    parts = [
        _incident(sourcing, apart[sourcing.incident.id], titles, words, n) for sourcing in sourcings
    ]
    is_one = len([i for i in incidents if i.parent not in titles]) == 1
    overview: tuple[Sentence, ...] = ()
    if scope.kind != "incident" or not is_one:
        overview = say_overview(sourcings, [_sourcing(i, material) for i in undated], titles, words)
    every = [c for s in sourcings for c in s.incident.claims]
    outside = [c for told in apart.values() for c in told]
    graph = make_graph(sourcings, outside, {i.id: titles[i.id] for i in incidents}, words)
    brief = Brief(
        language=options.language,
        audience=material.audience,
        scope=scope.kind,
        title=_title(scope, incidents, titles, words),
        subtitle=words.text("label.as_of", at=words.instant(material.as_of, full=True)),
        as_of=material.as_of,
        time_zone=options.time_zone,
        is_exercise=material.is_exercise,
        held_back=material.held_back,
        note="" if incidents else _why_empty(material, words),
        overview=overview,
        incidents=tuple(parts),
        themes=find_themes([*every, *outside], words),
        timeline=make_timeline(sourcings, words),
        graph=graph,
        footnotes=(),
        sources=(),
    )
    if material.sources_withheld:
        return _withhold(brief)
    undated_claims = [c for i in undated for c in i.claims]
    return _with_footnotes(brief, [*every, *outside, *undated_claims], material, words)


def _title(
    scope: Scope, incidents: Sequence[Incident], titles: Mapping[IncidentId, str], words: Words
) -> str:
    parts = []
    if scope.incident is not None:
        parts.append(titles[incidents[0].id])
    if scope.place is not None:
        place = words.gazetteer.place(scope.place)
        parts.append(place.name_uk if words.language == "uk" else place.name_en)
    span = words.span(scope.from_at, scope.to_at)
    if span is not None:
        parts.append(span)
    if not parts:
        return words.text("title.all")
    return words.text("title.of", what=words.text("title.separator").join(parts))


def _why_empty(material: Material, words: Words) -> str:
    return words.text("label.nothing_released" if material.sources_withheld else "label.nothing")


def _sourcing(incident: Incident, material: Material) -> Sourcing:
    return Sourcing(
        incident=incident,
        claims={c.id: c for c in incident.claims},
        reports=material.reports,
        authors=material.authors,
        sources_withheld=material.sources_withheld,
    )


def _apart(sourcings: Sequence[Sourcing], outside: Iterable[Claim]) -> dict[str, list[Claim]]:
    """Claims of no event, with the first incident that their report tells of."""
    home: dict[ReportId, str] = {}
    for sourcing in sourcings:
        for report in sourcing.incident.reports:
            home.setdefault(report, sourcing.incident.id)
    found: dict[str, list[Claim]] = {s.incident.id: [] for s in sourcings}
    for claim in outside:
        if claim.report in home:
            found[home[claim.report]].append(claim)
    return found


def _incident(
    sourcing: Sourcing,
    apart: Sequence[Claim],
    titles: Mapping[IncidentId, str],
    words: Words,
    n: int,
) -> IncidentBrief:
    incident = sourcing.incident
    paragraphs, takeaways = retell(sourcing, apart, _links(incident, titles, words), words, n=n)
    return IncidentBrief(
        id=incident.id,
        title=titles[incident.id],
        kind=incident.kind,
        parent=incident.parent if incident.parent in titles else None,
        takeaways=tuple(takeaways),
        retelling=tuple(paragraphs),
        reports=() if sourcing.sources_withheld else incident.reports,
        n_independent_sources=None if sourcing.sources_withheld else incident.n_independent_sources,
    )


def _links(incident: Incident, titles: Mapping[IncidentId, str], words: Words) -> list[Sentence]:
    """That it is part of a larger event, or has parts; both stand on claims of this incident."""
    said = [
        ("link.part_of", titles[i]) for i in (incident.parent,) if i is not None and i in titles
    ]
    said += [("link.has_part", titles[i]) for i in incident.children if i in titles]
    return [
        Sentence(
            text=finish(words.text(key, title=title)),
            sort=Sort.LINK,
            claims=ids_of(incident.claims[:1]),
            listed=(Listed(what="incidents", ids=(incident.id,)),),
        )
        for key, title in said
        if incident.claims
    ]


# ---------------------------------------------------------------------- claims as footnotes


def _sentences(brief: Brief) -> list[Sentence]:
    """All sentences in the order they are read."""
    return [
        *brief.overview,
        *(s for i in brief.incidents for s in i.takeaways),
        *(s for i in brief.incidents for p in i.retelling for s in p.sentences),
        *(e.sentence for e in brief.timeline),
    ]


def _with_footnotes(
    brief: Brief, claims: Sequence[Claim], material: Material, words: Words
) -> Brief:
    """Number the claims in the order sentences, then the graph and themes, end in them."""
    by_id = {c.id: c for c in claims}
    cited: dict[ClaimId, None] = {}
    for ids in (
        *(s.claims for s in _sentences(brief)),
        *(n.claims for n in brief.graph.nodes),
        *(e.claims for e in brief.graph.edges),
        *(t.claims for t in brief.themes),
    ):
        cited.update(dict.fromkeys(ids))
    footnotes = [_footnote(n, by_id[i], words) for n, i in enumerate(cited, 1)]
    reports = dict.fromkeys(f.report for f in footnotes)
    return replace(
        brief,
        footnotes=tuple(footnotes),
        sources=tuple(_source(material.reports[r], material, words) for r in reports),
    )


def _footnote(number: int, claim: Claim, words: Words) -> Footnote:
    time = claim.time
    from_at, to_at = (None, None) if time is None else (time.from_at, time.to_at)
    return Footnote(
        number=number,
        claim=claim.id,
        report=claim.report,
        kind=claim.kind,
        layer=claim.layer,
        start=claim.span.start,
        end=claim.span.end,
        quote=claim.span.text,
        speaker=claim.attribution.role,
        speaker_name=claim.attribution.name,
        certainty=claim.certainty,
        time_text=words.span(from_at, to_at) or words.relative(time),
        from_at=from_at,
        to_at=to_at,
    )


def _source(report: Report, material: Material, words: Words) -> BriefSource:
    published = (
        words.text("time.not_published")
        if report.published_at is None
        else words.text("label.published", at=words.instant(report.published_at))
    )
    groups = [g.reports for i in material.incidents for g in i.sources if report.id in g.reports]
    others = (r for group in groups for r in group if r != report.id and r in material.reports)
    names = dict.fromkeys(name_of(material.reports[r]) for r in others)
    return BriefSource(
        report=report.id,
        name=name_of(report),
        language=report.language,
        published_at=report.published_at,
        published=published,
        origin=", ".join(names),
    )


def _withhold(brief: Brief) -> Brief:
    """Take the claims out of every sentence: this audience gets what is said, not who says it."""

    def bare(sentence: Sentence) -> Sentence:
        return replace(sentence, claims=(), listed=(), sources_withheld=True)

    def bare_entry(entry: TimelineEntry) -> TimelineEntry:
        return replace(entry, sentence=bare(entry.sentence))

    return replace(
        brief,
        overview=tuple(bare(s) for s in brief.overview),
        incidents=tuple(
            replace(
                i,
                takeaways=tuple(bare(s) for s in i.takeaways),
                retelling=tuple(
                    replace(p, sentences=tuple(bare(s) for s in p.sentences)) for p in i.retelling
                ),
            )
            for i in brief.incidents
        ),
        themes=(),
        timeline=tuple(bare_entry(e) for e in brief.timeline),
        graph=EntityGraph(nodes=(), edges=()),
    )
