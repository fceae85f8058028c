"""A report: a text from a source at a time, kept verbatim. Never edited, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from lightkeeper.region.model import PlaceLevel

ReportId = NewType("ReportId", str)
"""First 16 hex digits of the SHA-256 of the source name, the item's own number and the text."""


class MediaType(StrEnum):
    """How the text came."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"
    TELEGRAM = "application/vnd.telegram.export+json"
    MANUAL = "application/vnd.lightkeeper.manual"
    ALERT = "application/vnd.lightkeeper.alert+json"
    """A change in a feed of air alerts, with the feed's own record; see `reports.alert_text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One raw item.

    `text` is what a reader of the source sees, kept to the letter (HTML: the visible text);
    `sha256` is of that text. `published_at` is None when the source gives no time: it is never
    guessed from the file's date. `language` is "uk", "en" or "ru", or None when it is another one.

    `item` is the item's own number at its source (a Telegram message id), None where it has none;
    `reply_to` is the `item` of the report it answers. Two messages of the same words on two nights
    are two reports; the same file read twice is one. Reports of one `source` and `item` with other
    texts are versions of one post; see `Posts`. `is_edited`: the source marks it as edited;
    `edited_at` is None where it does not say when. `speaks_for`: how wide the body of the channel
    speaks, as its source is set up: for a town, a raion, an oblast or the country.
    """

    id: ReportId
    source: str
    channel: str | None
    text: str
    sha256: str
    media_type: MediaType
    language: str | None
    published_at: datetime | None
    title: str | None = None
    item: str | None = None
    reply_to: str | None = None
    forwarded_from: str | None = None
    speaks_for: PlaceLevel | None = None
    is_edited: bool = False
    edited_at: datetime | None = None
