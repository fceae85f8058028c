"""Live channels, with a client of the test's own in Telethon's place."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.errors import ExtraMissing
from lightkeeper.reports import SourceFailed
from lightkeeper.reports.telegram_live import LiveForward, open_client, read_channel

AT = datetime(2026, 1, 10, 4, 10, tzinfo=UTC)


@dataclass
class Titled:
    title: str


@dataclass
class Forward:
    from_name: str | None = None
    chat: object | None = None


@dataclass
class LiveText:
    id: int
    raw_text: str | None = "Dark in Lubny."
    date: datetime | None = AT
    edit_date: datetime | None = None
    edit_hide: bool | None = None
    action: object | None = None
    forward: LiveForward | None = None
    reply_to_msg_id: int | None = None


@dataclass
class FakeClient:
    """Gives messages, newest first, as Telethon does."""

    messages: list[LiveText] = field(default_factory=list)
    is_signed_in: bool = True
    fault: Exception | None = None
    limit: int = 0
    is_open: bool = False

    async def connect(self) -> None:
        self.is_open = True

    async def disconnect(self) -> None:
        self.is_open = False

    async def is_user_authorized(self) -> bool:
        return self.is_signed_in

    async def get_entity(self, entity: str) -> object:
        if self.fault is not None:
            raise self.fault
        return Titled("Лубни сьогодні")

    async def iter_messages(self, entity: object, limit: int) -> AsyncIterator[LiveText]:
        self.limit = limit
        for message in self.messages[:limit]:
            yield message


def test_messages_edits_forwards_and_what_is_still_there() -> None:
    client = FakeClient(
        [
            LiveText(9, forward=Forward(from_name="a person")),
            LiveText(8, raw_text="", action=None),
            LiveText(7, action="pinned"),
            LiveText(
                6, edit_date=AT, edit_hide=True, forward=Forward(chat=Titled("Полтавська ОВА"))
            ),
            LiveText(5, edit_date=AT, reply_to_msg_id=3),
            LiveText(4, forward=Forward()),
        ]
    )
    chat = read_channel(lambda: client, "@lubny", last=50, timeout_s=5)
    assert chat.name == "Лубни сьогодні"
    assert chat.present == {4, 5, 6, 7, 8, 9}
    assert [m.item for m in chat.messages] == ["4", "5", "6", "9"]
    hidden, edited, forward, person = chat.messages
    assert (edited.is_edited, edited.edited_at, edited.reply_to) == (True, AT, "3")
    assert (forward.is_edited, forward.forwarded_from) == (False, "Полтавська ОВА")
    assert person.forwarded_from == "a person"
    assert hidden.forwarded_from == "an account that is hidden or deleted"
    assert client.limit == 50
    assert not client.is_open


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        (FakeClient(is_signed_in=False), "not signed in"),
        (FakeClient(fault=ValueError("no such channel")), "no such channel"),
        (FakeClient(fault=ConnectionError("unreachable")), "unreachable"),
    ],
)
def test_what_goes_wrong_is_said_and_the_client_is_closed(client: FakeClient, reason: str) -> None:
    with pytest.raises(SourceFailed, match=reason):
        read_channel(lambda: client, "@lubny", last=5, timeout_s=5)
    assert not client.is_open


def test_telegram_says_how_long_to_wait() -> None:
    errors = pytest.importorskip("telethon.errors", reason="the extra telegram is not installed")
    flood = FakeClient(fault=errors.FloodWaitError(request=None, capture=77))
    with pytest.raises(SourceFailed) as caught:
        read_channel(lambda: flood, "@lubny", last=5, timeout_s=5)
    assert caught.value.retry_after_s == 77


def test_a_session_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    pytest.importorskip("telethon", reason="the extra telegram is not installed")
    with pytest.raises(SourceFailed, match="no Telegram session"):
        open_client(str(tmp_path / "me"), "1", "hash")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "me.session").touch()
    with pytest.raises(SourceFailed, match="no number"):
        open_client(str(tmp_path / "me"), "one", "hash")


def test_without_telethon_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "telethon", None)
    with pytest.raises(ExtraMissing, match=r"lightkeeper\[telegram\]"):
        open_client("me", "1", "hash")
