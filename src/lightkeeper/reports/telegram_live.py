"""Live Telegram channels through Telethon, with a session that the user made and keeps.

Nothing here signs in: `client` is a connected Telethon client, or anything with the same few parts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lightkeeper.errors import ExtraMissing
from lightkeeper.reports.source import SourceFailed
from lightkeeper.reports.telegram import UNKNOWN_SENDER, Chat, Message


class LiveForward(Protocol):
    """Where a forwarded message is from."""

    from_name: str | None
    chat: object | None


class LiveMessage(Protocol):
    """The used part of `telethon.tl.custom.Message`."""

    id: int
    raw_text: str | None
    date: datetime | None
    edit_date: datetime | None
    edit_hide: bool | None
    action: object | None
    forward: LiveForward | None
    reply_to_msg_id: int | None


class LiveClient(Protocol):
    """The used part of `telethon.TelegramClient`."""

    async def connect(self) -> None:
        """Open the connection."""

    async def disconnect(self) -> None:
        """Close the connection and the session file."""

    async def is_user_authorized(self) -> bool:
        """Whether the session is signed in."""
        ...

    async def get_entity(self, entity: str) -> object:
        """Find a channel by its name."""
        ...

    def iter_messages(self, entity: object, limit: int) -> AsyncIterator[LiveMessage]:
        """Give the newest messages first."""
        ...


OpenClient = Callable[[], LiveClient]


def open_client(session: str, api_id: str, api_hash: str) -> LiveClient:
    """Return a Telethon client on the user's session file; nothing is connected yet.

    Raises
    ------
    ExtraMissing
        Telethon is not installed.
    SourceFailed
        There is no such session, or the API id is no number.
    """
    try:
        from telethon import TelegramClient
    except ImportError as error:
        raise ExtraMissing("telethon", "telegram", "reading a live Telegram channel") from error
    path = Path(session.removesuffix(".session") + ".session")
    if not path.is_file():
        # Telethon would quietly make a new, empty one.
        raise SourceFailed(f'there is no Telegram session "{session}"; sign in once and name it')
    if not api_id.isdecimal():
        raise SourceFailed("the API id is no number; take both values from my.telegram.org")
    client: LiveClient = TelegramClient(str(path), int(api_id), api_hash)
    return client


def read_channel(open_client: OpenClient, channel: str, *, last: int, timeout_s: float) -> Chat:
    """Return the last messages of a channel, oldest first.

    The same stretch is read at every look, so that edits and deletions in it are noticed.

    Raises
    ------
    SourceFailed
        The session is not signed in, the channel cannot be read, or it takes too long.
    """
    return asyncio.run(_read(open_client, channel, last, timeout_s))


async def _read(open_client: OpenClient, channel: str, last: int, timeout_s: float) -> Chat:
    client = open_client()
    try:
        async with asyncio.timeout(timeout_s):
            await client.connect()
            if not await client.is_user_authorized():
                raise SourceFailed("the Telegram session is not signed in; sign in again")
            entity = await client.get_entity(channel)
            shown = [m async for m in client.iter_messages(entity, limit=last)]
    except TimeoutError as error:
        raise SourceFailed(f"Telegram does not answer within {timeout_s:g} s") from error
    except (OSError, ValueError, RuntimeError) as error:
        # Telethon's own errors, such as a flood wait, are of these; their text holds no key.
        raise SourceFailed(f"Telegram: {type(error).__name__}: {error}") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] != "telethon":
            raise
        raise SourceFailed(
            f"Telegram: {error}", retry_after_s=getattr(error, "seconds", None)
        ) from error
    finally:
        await client.disconnect()
    name = str(getattr(entity, "title", None) or channel)
    messages = (_message(m, name) for m in reversed(shown))
    return Chat(
        name=name,
        messages=tuple(m for m in messages if m is not None),
        present=frozenset(m.id for m in shown),
    )


def _message(message: LiveMessage, chat: str) -> Message | None:
    text = message.raw_text or ""
    if message.action is not None or not text.strip():
        return None
    # A reaction changes `edit_date` as well; Telegram then says not to show it as an edit.
    is_edited = message.edit_date is not None and not message.edit_hide
    return Message(
        chat=chat,
        item=str(message.id),
        text=text,
        published_at=message.date,
        reply_to=None if message.reply_to_msg_id is None else str(message.reply_to_msg_id),
        forwarded_from=_origin(message.forward),
        is_edited=is_edited,
        edited_at=message.edit_date if is_edited else None,
    )


def _origin(forward: LiveForward | None) -> str | None:
    if forward is None:
        return None
    title = getattr(forward.chat, "title", None)
    return str(title or forward.from_name or UNKNOWN_SENDER)
