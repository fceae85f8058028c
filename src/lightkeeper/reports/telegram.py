"""Telegram Desktop exports (`result.json`), of one chat or of an account."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lightkeeper.errors import ReportUnreadable

MEND_EXPORT = "export the chat again from Telegram Desktop as machine-readable JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with words in it."""

    chat: str
    item: str
    text: str
    published_at: datetime | None
    reply_to: str | None
    forwarded_from: str | None


def read_export(text: str, *, where: str) -> list[Message]:
    """Read the messages of an export, oldest first as they stand in it.

    Service messages (joined, pinned) and messages without words (a photo alone) are no reports.
    An export without `date_unixtime` gives no instant: its `date` is the local time of an unknown
    zone.

    Raises
    ------
    ReportUnreadable
        Not JSON, cut in the middle, or not an export. Nothing is read of a damaged file.
    """
    try:
        export = json.loads(text)
    except json.JSONDecodeError as error:
        whole = _count_whole_messages(text)
        raise ReportUnreadable(
            where,
            f"the JSON breaks off or is damaged at line {error.lineno} ({error.msg}); "
            f"{whole} whole message(s) stand before that, none was read",
            MEND_EXPORT,
        ) from error
    except RecursionError as error:
        raise ReportUnreadable(where, "the JSON is nested too deeply", MEND_EXPORT) from error
    return [m for chat in _chats(export, where) for m in _messages(chat, where)]


def _chats(export: object, where: str) -> Sequence[Mapping[str, object]]:
    if isinstance(export, dict):
        chats = export.get("chats")
        found = chats.get("list") if isinstance(chats, dict) else [export]
        if isinstance(found, list) and found:
            chats_found = [c for c in found if isinstance(c, dict) and "messages" in c]
            if len(chats_found) == len(found):
                return chats_found
    raise ReportUnreadable(where, 'it is JSON without "messages", no Telegram export', MEND_EXPORT)


def _messages(chat: Mapping[str, object], where: str) -> Iterator[Message]:
    name = str(chat.get("name") or chat.get("id") or "unnamed chat")
    messages = chat["messages"]
    if not isinstance(messages, list):
        raise ReportUnreadable(where, f'"messages" of {name} is not a list', MEND_EXPORT)
    for row, message in enumerate(messages):
        if not isinstance(message, dict) or "id" not in message:
            raise ReportUnreadable(where, f"message {row} of {name} has no id", MEND_EXPORT)
        item = str(message["id"])
        if message.get("type", "message") != "message":
            continue
        text = _text(message.get("text", ""), f"{where}, message {item}")
        if not text.strip():
            continue
        reply_to, origin = message.get("reply_to_message_id"), message.get("forwarded_from")
        yield Message(
            chat=name,
            item=item,
            text=text,
            published_at=_instant(message.get("date_unixtime"), f"{where}, message {item}"),
            reply_to=None if reply_to is None else str(reply_to),
            forwarded_from=None if origin is None else str(origin),
        )


def _text(value: object, where: str) -> str:
    """Join the text: a string, or a list of strings and entities (links, bold, mentions)."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [p.get("text") if isinstance(p, dict) else p for p in value]
        if all(isinstance(p, str) for p in parts):
            return "".join(str(p) for p in parts)
    raise ReportUnreadable(where, "its text is neither words nor entities", MEND_EXPORT)


def _instant(value: object, where: str) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(int(str(value)), tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ReportUnreadable(
            where, f"date_unixtime is {str(value)[:40]!r}, not seconds", MEND_EXPORT
        ) from error


def _count_whole_messages(text: str) -> int:
    """Count the messages that stand whole before the break, for the error message only."""
    decoder = json.JSONDecoder()
    start = text.find('"messages"')
    position = text.find("[", start) + 1 if start >= 0 else 0
    count = 0
    while position > 0:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            _, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            break
        count += 1
    return count
