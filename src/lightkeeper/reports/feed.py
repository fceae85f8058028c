"""RSS and Atom feeds: one report for each entry."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time

import feedparser
from lxml import etree, html

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports.webpage import visible_text

MEND_FEED = "check that the address is of an RSS or Atom feed"
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `item` is its own id, or its link; times are None where it gives none."""

    item: str
    title: str | None
    text: str
    link: str | None
    published_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContent:
    """A feed's name and its entries, in its order."""

    title: str | None
    entries: tuple[Entry, ...]


def read_feed(data: bytes, *, where: str, charset: str | None = None) -> FeedContent:
    """Read a feed. Scripts and frames in it are left out, nothing is fetched.

    An entry without words is left out. Its text is the title, then the full content or, without
    one, the summary.

    Raises
    ------
    ReportUnreadable
        No feed, or one that declares entities of its own (they can unpack to any size).
    """
    if _ENTITIES.search(data):
        raise ReportUnreadable(where, "the feed declares XML entities of its own", MEND_FEED)
    headers = {"content-type": f"application/xml; charset={charset}"} if charset else {}
    parsed: Mapping[str, object] = feedparser.parse(BytesIO(data), response_headers=headers)
    if not parsed.get("version"):
        raise ReportUnreadable(where, "it is no RSS or Atom feed", MEND_FEED)
    head, rows = parsed.get("feed"), parsed.get("entries")
    # As plain dicts: feedparser's own would give a time of publication as one of change.
    entries = [_entry(dict(e), where) for e in rows] if isinstance(rows, Sequence) else []
    return FeedContent(
        title=_words(head, "title") if isinstance(head, Mapping) else None,
        entries=tuple(e for e in entries if e is not None),
    )


def _entry(entry: Mapping[str, object], where: str) -> Entry | None:
    title, link = _plain(_words(entry, "title"), where), _words(entry, "link")
    item = _words(entry, "id") or link
    body = _plain(_body(entry), where)
    text = "\n\n".join(part for part in (title, body) if part)
    if item is None or not text:
        return None
    return Entry(
        item=item,
        title=title or None,
        text=text,
        link=link,
        published_at=_instant(entry.get("published_parsed")),
        updated_at=_instant(entry.get("updated_parsed")),
    )


def _body(entry: Mapping[str, object]) -> str | None:
    content = entry.get("content")
    if isinstance(content, Sequence):
        for part in content:
            if isinstance(part, Mapping) and _words(part, "value"):
                return _words(part, "value")
    return _words(entry, "summary")


def _plain(markup: str | None, where: str) -> str:
    if not markup or not markup.strip():
        return ""
    if not _MARKUP.search(markup):
        return "\n".join(line for raw in markup.split("\n") if (line := " ".join(raw.split())))
    try:
        element = html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError):
        return ""
    return visible_text(element, where=where)


def _words(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _instant(value: object) -> datetime | None:
    """Feedparser gives times in UTC; one without an offset it takes to be UTC, as RFC 4287 has no
    such times and RFC 822 asks for a zone."""
    return datetime.fromtimestamp(timegm(value), tz=UTC) if isinstance(value, struct_time) else None
