"""A brief as one HTML file: no script, nothing from outside, made for two pages of A4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lightkeeper.claims.model import ClaimId
from lightkeeper.incidents.brief.cite import cite, headings, numbers_by_claim, say_by, words_of
from lightkeeper.incidents.brief.drawing import draw, keep_linked
from lightkeeper.incidents.brief.model import Brief, BriefOptions, Edge

DIGEST_FROM = 4
"""From so many incidents on, the print has the takeaways alone; all the rest is on the screen."""

MAX_NODES = BriefOptions().max_graph_nodes


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("lightkeeper.incidents.brief"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def to_html(brief: Brief) -> str:
    """Return the brief as a page of its own: every sentence ends in links to its claims."""
    words, numbers = words_of(brief), numbers_by_claim(brief)
    report_number = {s.report: i for i, s in enumerate(brief.sources, 1)}

    def runs(claims: Sequence[ClaimId]) -> list[tuple[int, int]]:
        return cite(claims, numbers)

    edges: dict[str, list[Edge]] = {}
    for edge in brief.graph.edges:
        edges.setdefault(edge.source, []).append(edge)
    return (
        _environment()
        .get_template("brief.html")
        .render(
            brief=brief,
            heads=headings(brief),
            word=words.text,
            find=words.find,
            amount=words.amount,
            by=lambda footnote: say_by(footnote, words),
            quote=words.quote,
            runs=runs,
            drawing=Markup(draw_brief(brief)),
            n_drawn=MAX_NODES,
            edges=edges,
            labels={n.id: n.label for n in brief.graph.nodes},
            report_number=report_number,
            is_digest=len(brief.incidents) >= DIGEST_FROM,
            n_early=_n_early(brief, numbers),
            languages={s.report: s.language or "" for s in brief.sources},
            zone=words.zone(),
        )
    )


def _n_early(brief: Brief, numbers: Mapping[ClaimId, int]) -> int:
    """The last footnote that overview and takeaways end in: the print of a digest ends there."""
    early = (*brief.overview, *(s for i in brief.incidents for s in i.takeaways))
    return max((numbers[c] for s in early for c in s.claims), default=0)


def draw_brief(brief: Brief, *, max_nodes: int = MAX_NODES) -> str:
    """The entity graph of a brief as SVG; "" where there is none."""
    if not brief.graph.nodes:
        return ""
    words = words_of(brief)
    kinds = {k: words.text(f"node_kind.{k}") for k in ("person", "body", "event", "asset", "place")}
    graph = keep_linked(brief.graph, max_nodes)
    return draw(graph, title=words.text("heading.graph"), kinds=kinds)
