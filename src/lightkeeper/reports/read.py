"""From files to reports: plain text, Markdown, HTML, Telegram exports and channel pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lightkeeper.errors import ReportUnreadable
from lightkeeper.region.model import PlaceLevel
from lightkeeper.reports.archive import EXPORT_NAME, read_export_member
from lightkeeper.reports.language import detect_language as detect
from lightkeeper.reports.model import MediaType, Report, ReportId
from lightkeeper.reports.source import Coverage
from lightkeeper.reports.telegram import Chat, Message, read_export
from lightkeeper.reports.telegram_page import is_channel_page, read_channel_page
from lightkeeper.reports.webpage import declared_charset, read_page

DetectLanguage = Callable[[str], str | None]

SIGNATURES: dict[bytes, str] = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "a database",
}
TITLE_MAX_CHARS = 200
FOLDED_CHARS = 75
"""A longer line with text right below it may be the first of a folded paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """`max_bytes`: a larger file is refused before it is read. `max_chars`: a longer text is no one
    report, and is refused rather than read for minutes."""

    max_bytes: int = 32 * 1024 * 1024
    max_chars: int = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file holds: reports in its order, and what of a channel it shows whole."""

    reports: tuple[Report, ...]
    coverage: tuple[Coverage, ...] = ()


def make_report(
    source: str,
    text: str,
    *,
    channel: str | None = None,
    published_at: datetime | None = None,
    title: str | None = None,
    item: str | None = None,
    reply_to: str | None = None,
    forwarded_from: str | None = None,
    speaks_for: PlaceLevel | None = None,
    is_edited: bool = False,
    edited_at: datetime | None = None,
    media_type: MediaType = MediaType.MANUAL,
    detect_language: DetectLanguage = detect,
) -> Report:
    """Make a report of a text, as entered by hand or read by an adapter.

    Parameters
    ----------
    source
        Who or what the text is from; with `item` and `text` it makes the id.
    published_at
        When the source says it was published, with an offset; None if it does not say.

    Raises
    ------
    ReportUnreadable
        The text is empty, holds characters that are none, or `published_at` has no offset.
    """
    if not text.strip():
        raise ReportUnreadable(source, "the text is empty", "give the words of the report")
    if published_at is not None and published_at.tzinfo is None:
        raise ReportUnreadable(
            source, "the publication time has no offset", "write it like 2026-01-10T04:10+02:00"
        )
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReportUnreadable(
            source if item is None else f"{source}, message {item}",
            f"character {error.start} is half of a surrogate pair",
            "export or copy the text again",
        ) from error
    key = "\x00".join((source, item or "", text)).encode("utf-8")
    return Report(
        id=ReportId(hashlib.sha256(key).hexdigest()[:16]),
        source=source,
        channel=channel,
        text=text,
        sha256=hashlib.sha256(encoded).hexdigest(),
        media_type=media_type,
        language=detect_language(text),
        published_at=published_at.astimezone(UTC) if published_at is not None else None,
        title=title,
        item=item,
        reply_to=reply_to,
        forwarded_from=forwarded_from,
        speaks_for=speaks_for,
        is_edited=is_edited,
        edited_at=edited_at.astimezone(UTC) if edited_at is not None else None,
    )


def refuse_long(name: str, text: str, options: ReadOptions | None = None) -> str:
    """Return the text; raise `ReportUnreadable` where it is too long to be one report."""
    limit = (options or ReadOptions()).max_chars
    if len(text) > limit:
        raise ReportUnreadable(
            name,
            f"its text has {len(text)} characters, more than {limit}",
            "split it into single reports",
        )
    return text


def report_of_message(
    source: str, message: Message, *, detect_language: DetectLanguage = detect
) -> Report:
    """Make the report of a Telegram message."""
    return make_report(
        source,
        message.text,
        channel=message.chat,
        published_at=message.published_at,
        item=message.item,
        reply_to=message.reply_to,
        forwarded_from=message.forwarded_from,
        is_edited=message.is_edited,
        edited_at=message.edited_at,
        media_type=MediaType.TELEGRAM,
        detect_language=detect_language,
    )


def cover(source: str, present: Iterable[int]) -> tuple[Coverage, ...]:
    """Return that all posts between the first and the last number shown are known."""
    numbers = frozenset(present)
    return (Coverage(source, min(numbers), max(numbers), numbers),) if numbers else ()


def read_path(
    path: Path,
    *,
    source: str | None = None,
    options: ReadOptions | None = None,
    detect_language: DetectLanguage = detect,
) -> list[Report]:
    """Read every report of a file, or of a folder that holds a Telegram export.

    As `read_document`, without what the file says about a channel as a whole.
    """
    document = read_document(path, source=source, options=options, detect_language=detect_language)
    return list(document.reports)


def read_document(
    path: Path,
    *,
    source: str | None = None,
    channel: str | None = None,
    options: ReadOptions | None = None,
    detect_language: DetectLanguage = detect,
) -> Document:
    """Read every report of a file, or of a folder that holds a Telegram export.

    The kind is told by the content first, then by the suffix. A file is read whole or not at all.

    Parameters
    ----------
    path
        `.txt`, `.md`, `.html`/`.htm` (a page, or a saved channel page `t.me/s/...`), `.json` (a
        Telegram export), `.zip` with one export in it, or a folder with `result.json`.
    source
        Name of the source; the file's name, or the chat, if not given.
    channel
        Who speaks in a text or page that does not say so itself.

    Returns
    -------
    Document
        Its reports in the file's order; the same item twice is one report.

    Raises
    ------
    ReportUnreadable
        The file is missing, empty, too large, binary, not UTF-8, a damaged export, or a zip bomb.
    """
    options = options or ReadOptions()
    if path.is_dir():
        if not (path / EXPORT_NAME).is_file():
            raise ReportUnreadable(
                str(path), f"it is a folder without {EXPORT_NAME}", "name its files one by one"
            )
        path = path / EXPORT_NAME
    suffix = path.suffix.lower()
    if suffix == ".zip" and path.is_file():
        data = read_export_member(path, max_bytes=options.max_bytes)
        chats = read_export(_decode(path, data), where=f"{path}/{EXPORT_NAME}")
        return _document_of_chats(chats, source, detect_language)
    data = _read_bytes(path, options)
    name = source or path.name
    if suffix == ".json":
        chats = read_export(_decode(path, data), where=str(path))
        return _document_of_chats(chats, source, detect_language)
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if suffix in {".html", ".htm", ".xhtml"} or start.startswith((b"<!doctype html", b"<html")):
        markup = _decode(path, data, declared_charset(data))
        if is_channel_page(markup):
            chat = read_channel_page(markup, where=str(path))
            return _document_of_chats([chat], source, detect_language)
        page = read_page(markup, where=str(path))
        report = make_report(
            name,
            refuse_long(str(path), page.text, options),
            channel=channel,
            published_at=page.published_at,
            title=page.title,
            media_type=MediaType.HTML,
            detect_language=detect_language,
        )
        return Document(reports=(report,))
    text = _decode(path, data)
    if not text.strip():
        raise ReportUnreadable(str(path), "the file is empty", "check that it was saved")
    report = make_report(
        name,
        refuse_long(str(path), text, options),
        channel=channel,
        title=title_of(text),
        media_type=MediaType.MARKDOWN if suffix in {".md", ".markdown"} else MediaType.TEXT,
        detect_language=detect_language,
    )
    return Document(reports=(report,))


def _document_of_chats(
    chats: Iterable[Chat], source: str | None, detect_language: DetectLanguage
) -> Document:
    reports: dict[ReportId, Report] = {}
    coverage: list[Coverage] = []
    for chat in chats:
        name = source or f"telegram:{chat.name}"
        for message in chat.messages:
            report = report_of_message(name, message, detect_language=detect_language)
            reports[report.id] = report
        coverage += cover(name, chat.present)
    return Document(reports=tuple(reports.values()), coverage=tuple(coverage))


def title_of(text: str) -> str | None:
    """Return the first line if it reads like a heading: short, no full stop, more text below.

    The first of several folded lines of one paragraph is none.
    """
    first, _, rest = text.strip().partition("\n")
    is_set_off = rest.startswith(("\n", "\r\n"))
    if not is_set_off and (rest[:1].islower() or len(first) > FOLDED_CHARS):
        return None
    if re.search(r"[.!?…]\s", first):
        return None
    first = first.strip()
    title = first.lstrip("#").strip()
    if not rest.strip() or not title or len(title) > TITLE_MAX_CHARS or title[-1] in ".!?…:;,»”’":
        return None
    return title


def _read_bytes(path: Path, options: ReadOptions) -> bytes:
    try:
        size = path.stat().st_size
        if size > options.max_bytes:
            raise ReportUnreadable(
                str(path),
                f"it has {size} bytes, more than the limit of {options.max_bytes}",
                "split it, or raise max_bytes",
            )
        data = path.read_bytes()
    except OSError as error:
        raise ReportUnreadable(
            str(path), error.strerror or str(error), "check the name and your access to it"
        ) from error
    for signature, what in SIGNATURES.items():
        if data.startswith(signature):
            raise ReportUnreadable(
                str(path), f"it is {what}, not text", "unpack it or save its text as UTF-8"
            )
    if not data.strip():
        raise ReportUnreadable(str(path), "the file is empty", "check that it was saved")
    return data


def _decode(path: Path, data: bytes, charset: str | None = None) -> str:
    """Decode to the letter: no byte is replaced, no line end changed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"  # the mark says so
    elif charset is None:
        charset = "utf-8-sig"
    if charset != "utf-16" and b"\x00" in data:
        raise ReportUnreadable(str(path), "it holds binary data", "save its text as UTF-8")
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        where = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise ReportUnreadable(
            str(path), f"it is not {charset.removesuffix('-sig').upper()} text{where}",
            "save it again as UTF-8",
        ) from error  # fmt: skip
