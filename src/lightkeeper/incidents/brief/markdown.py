"""A brief as Markdown: every sentence ends in footnotes, the footnotes are the claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lightkeeper.incidents.brief.cite import headings, numbers_by_claim, say_by, words_of
from lightkeeper.incidents.brief.model import Brief, IncidentBrief, Sentence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def to_markdown(brief: Brief) -> str:
    """Return the brief as CommonMark with footnotes (``[^1]``) and tables."""
    heads, words = headings(brief), words_of(brief)
    lines = [f"# {_plain(brief.title)}", ""]
    if brief.is_exercise:
        lines += [f"**{words.text('label.exercise')}**", ""]
    audience = words.text("label.audience", audience=words.text(f"audience.{brief.audience}"))
    clock = words.text("label.clock", zone=words.zone())
    lines += [f"{brief.subtitle}. {clock}. {audience}.", ""]
    if brief.note:
        lines += [brief.note, ""]
    if brief.overview:
        lines += [f"## {heads['overview']}", "", *_bullets(brief.overview, brief), ""]
    for incident in brief.incidents:
        lines += _incident(incident, brief, heads, is_only=len(brief.incidents) == 1)
    if brief.timeline:
        lines += [f"## {heads['timeline']}", ""]
        lines += [f"- **{_plain(e.when)}**: {_end(e.sentence, brief)}" for e in brief.timeline]
        lines.append("")
    if brief.themes:
        lines += [f"## {heads['themes']}", ""]
        numbers = numbers_by_claim(brief)
        lines += [
            f"- {t.label} ({words.amount(t.n_claims, 'claims')})"
            + "".join(f"[^{numbers[c]}]" for c in t.claims)
            for t in brief.themes
        ]
        lines.append("")
    lines += _graph(brief, heads)
    if brief.held_back:
        lines += [f"## {heads['held_back']}", ""]
        lines += [f"- {words.find(f'held_back.{key}') or key}" for key in brief.held_back]
        lines.append("")
    names = {s.report: s for s in brief.sources}
    if brief.sources:
        lines += [f"## {heads['reports']}", ""]
        for source in brief.sources:
            origin = f"; {words.text('label.origin')}: {source.origin}" if source.origin else ""
            lines.append(
                f"- `{source.report}` {_plain(source.name)}: {source.published}{_plain(origin)}"
            )
        lines.append("")
    for footnote in brief.footnotes:
        quote = _plain(words.quote(footnote.quote))
        span = f"`{footnote.report}` {footnote.start}–{footnote.end}"
        lines.append(
            f"[^{footnote.number}]: {quote} ({say_by(footnote, words)}), "
            f"{_plain(names[footnote.report].name)}, {span}"
        )
    return "\n".join(lines).rstrip() + "\n"


def _incident(
    incident: IncidentBrief, brief: Brief, heads: dict[str, str] | object, *, is_only: bool
) -> list[str]:
    titles = headings(brief)
    lines = [] if is_only else [f"## {_plain(incident.title)}", ""]
    lines += [f"### {titles['takeaways']}", "", *_bullets(incident.takeaways, brief), ""]
    lines += [f"### {titles['retelling']}", ""]
    for paragraph in incident.retelling:
        said = " ".join(_end(s, brief) for s in paragraph.sentences)
        lines += [f"**{paragraph.heading}.** {said}", ""]
    return lines


def _bullets(sentences: Sequence[Sentence], brief: Brief) -> list[str]:
    return [f"- {_end(s, brief)}" for s in sentences]


def _end(sentence: Sentence, brief: Brief) -> str:
    """A sentence and the claims it stands on."""
    numbers = numbers_by_claim(brief)
    notes = "".join(f"[^{n}]" for n in sorted({numbers[c] for c in sentence.claims}))
    return _plain(sentence.text) + notes


def _graph(brief: Brief, heads: object) -> list[str]:
    if not brief.graph.nodes:
        return []
    titles, words, numbers = headings(brief), words_of(brief), numbers_by_claim(brief)
    labels = {n.id: n.label for n in brief.graph.nodes}
    head = [words.text(f"label.{key}") for key in ("node", "kind", "edges")]
    lines = [f"## {titles['nodes']}", "", f"| {' | '.join(head)} |", "|---|---|---|"]
    for node in brief.graph.nodes:
        ends = "; ".join(
            f"{e.label}: {_plain(labels[e.target])}" + "".join(f"[^{numbers[c]}]" for c in e.claims)
            for e in brief.graph.edges
            if e.source == node.id
        )
        notes = "".join(f"[^{n}]" for n in sorted({numbers[c] for c in node.claims}))
        kind = words.text(f"node_kind.{node.kind}")
        lines.append(f"| {_plain(node.label)}{notes} | {kind} | {ends or '-'} |")
    return [*lines, ""]


def _plain(text: str) -> str:
    """Keep what reports say from being read as markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
