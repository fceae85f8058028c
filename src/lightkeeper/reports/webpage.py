"""The visible text of a saved web page. Nothing in it is run or fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import etree, html

from lightkeeper.errors import ReportUnreadable

UNSEEN = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "canvas",
        "select",
        "button",
        "textarea",
        "input",
        "audio",
        "video",
    ]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
MAX_DEPTH = 500


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a page; lines are its blocks."""

    text: str
    title: str | None
    published_at: datetime | None


def declared_charset(data: bytes) -> str | None:
    """Return the encoding the page declares in its first 4 kB, None if it declares none."""
    found = CHARSET.search(data[:4096])
    charset = found.group(1).decode("ascii") if found else None
    return None if charset is None or charset.lower() in {"utf-8", "utf8"} else charset


def read_page(markup: str, *, where: str) -> Page:
    """Read the visible text, the title, and the publication time if the page states it.

    Scripts, styles, frames, form controls and hidden elements are left out. White space is as a
    browser shows it: runs become one space, blocks become lines.

    Raises
    ------
    ReportUnreadable
        Not HTML, nested deeper than 500 elements, or no visible text.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ReportUnreadable(where, "it is not HTML", "save its text as UTF-8") from error
    text = visible_text(root, where=where)
    if not text:
        raise ReportUnreadable(where, "the page has no visible text", "save its text as UTF-8")
    title = " ".join((root.findtext(".//title") or "").split())
    return Page(text=text, title=title or None, published_at=_published_at(root))


def visible_text(element: html.HtmlElement, *, where: str) -> str:
    """Return what a reader sees of an element: blocks and line breaks are lines.

    Raises
    ------
    ReportUnreadable
        Nested deeper than 500 elements.
    """
    pieces: list[str] = []
    try:
        _collect(element, pieces, depth=0)
    except RecursionError as error:
        raise ReportUnreadable(
            where, f"its elements are nested deeper than {MAX_DEPTH}", "save its text as UTF-8"
        ) from error
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(element: html.HtmlElement, pieces: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise RecursionError
    tag = element.tag
    if isinstance(tag, str) and not _is_unseen(element, tag):
        is_block = tag in BLOCKS
        if is_block:
            pieces.append("\n")
        pieces.append(_as_inline(element.text))
        for child in element:
            _collect(child, pieces, depth + 1)
            pieces.append(_as_inline(child.tail))
        if is_block:
            pieces.append("\n")


def _is_unseen(element: html.HtmlElement, tag: str) -> bool:
    return (
        tag in UNSEEN
        or element.get("hidden") is not None
        or HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def _as_inline(text: str | None) -> str:
    return (text or "").replace("\n", " ").replace("\r", " ")


def _published_at(root: html.HtmlElement) -> datetime | None:
    """Return the time the page itself states with an offset; anything else is no time."""
    for meta in root.iterfind(".//meta[@property='article:published_time']"):
        try:
            at = datetime.fromisoformat(meta.get("content") or "")
        except ValueError:
            continue
        if at.tzinfo is not None:
            return at
    return None
