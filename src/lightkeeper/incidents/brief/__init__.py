"""Briefs: what is known, sentence by sentence, each with the claims it stands on."""

from lightkeeper.incidents.brief.build import make_brief
from lightkeeper.incidents.brief.html import draw_brief, to_html
from lightkeeper.incidents.brief.markdown import to_markdown
from lightkeeper.incidents.brief.model import (
    LANGUAGES,
    Brief,
    BriefOptions,
    BriefSource,
    Edge,
    EntityGraph,
    Footnote,
    IncidentBrief,
    Listed,
    Material,
    Node,
    Paragraph,
    Scope,
    Sentence,
    Sort,
    Theme,
    TimelineEntry,
)
from lightkeeper.incidents.brief.titles import title_by_kind, titles_of

__all__ = [
    "LANGUAGES",
    "Brief",
    "BriefOptions",
    "BriefSource",
    "Edge",
    "EntityGraph",
    "Footnote",
    "IncidentBrief",
    "Listed",
    "Material",
    "Node",
    "Paragraph",
    "Scope",
    "Sentence",
    "Sort",
    "Theme",
    "TimelineEntry",
    "draw_brief",
    "make_brief",
    "title_by_kind",
    "titles_of",
    "to_html",
    "to_markdown",
]
