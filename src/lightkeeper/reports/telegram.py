"""Telegram Desktop exports (`result.json`), of one chat or of an account."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lightkeeper.errors import ReportUnreadable

MEND_EXPORT = "export the chat again from Telegram Desktop as machine-readable JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with words in it. `edited_at` is None where it was never edited, or not said."""

    chat: str
    item: str
    text: str
    published_at: datetime | None
    reply_to: str | None = None
    forwarded_from: str | None = None
    is_edited: bool = False
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One chat: its messages with words, and the numbers of all that it still shows."""

    name: str
    messages: tuple[Message, ...]
    present: frozenset[int]


UNKNOWN_SENDER = "an account that is hidden or deleted"


def read_export(text: str, *, where: str) -> list[Chat]:
    """Read the chats of an export, their messages as they stand in it.

    Service messages (joined, pinned) and messages without words (a photo alone) are no reports, but
    they are present. An export without `date_unixtime` gives no instant: its `date` is the local
    time of an unknown zone. A forward whose sender is hidden (`null`) is still a forward.

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
    return [_chat(chat, where) for chat in _chats(export, where)]


def _chats(export: object, where: str) -> Sequence[Mapping[str, object]]:
    if isinstance(export, dict):
        chats = export.get("chats")
        found = chats.get("list") if isinstance(chats, dict) else [export]
        if isinstance(found, list) and found:
            chats_found = [c for c in found if isinstance(c, dict) and "messages" in c]
            if len(chats_found) == len(found):
                return chats_found
    raise ReportUnreadable(where, 'it is JSON without "messages", no Telegram export', MEND_EXPORT)


def _chat(chat: Mapping[str, object], where: str) -> Chat:
    name = str(chat.get("name") or chat.get("id") or "unnamed chat")
    listed = chat["messages"]
    if not isinstance(listed, list):
        raise ReportUnreadable(where, f'"messages" of {name} is not a list', MEND_EXPORT)
    messages: list[Message] = []
    present: set[int] = set()
    for row, message in enumerate(listed):
        if not isinstance(message, dict) or "id" not in message:
            raise ReportUnreadable(where, f"message {row} of {name} has no id", MEND_EXPORT)
        item = str(message["id"])
        if item.lstrip("-").isdecimal():
            present.add(int(item))
        if message.get("type", "message") != "message":
            continue
        at = f"{where}, message {item}"
        text = _text(message.get("text", ""), at)
        if not text.strip():
            continue
        messages.append(
            Message(
                chat=name,
                item=item,
                text=text,
                published_at=_instant(message.get("date_unixtime"), at, "date_unixtime"),
                reply_to=_words(message.get("reply_to_message_id")),
                forwarded_from=_origin(message),
                is_edited="edited" in message or "edited_unixtime" in message,
                edited_at=_instant(message.get("edited_unixtime"), at, "edited_unixtime"),
            )
        )
    return Chat(name=name, messages=tuple(messages), present=frozenset(present))


def _words(value: object) -> str | None:
    return None if value is None else str(value)


def _origin(message: Mapping[str, object]) -> str | None:
    if "forwarded_from" not in message:
        return None
    return _words(message["forwarded_from"]) or UNKNOWN_SENDER


def _text(value: object, where: str) -> str:
    """Join the text: a string, or a list of strings and entities (links, bold, mentions)."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [p.get("text") if isinstance(p, dict) else p for p in value]
        if all(isinstance(p, str) for p in parts):
            return "".join(str(p) for p in parts)
    raise ReportUnreadable(where, "its text is neither words nor entities", MEND_EXPORT)


def _instant(value: object, where: str, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(int(str(value)), tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ReportUnreadable(
            where, f"{name} is {str(value)[:40]!r}, not seconds", MEND_EXPORT
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
