"""Telegram Desktop exports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports import MediaType, read_path

CHANNEL = {
    "name": "Лубни сьогодні",
    "type": "public_channel",
    "id": 1001,
    "messages": [
        {"id": 1, "type": "service", "action": "create_channel", "text": ""},
        {
            "id": 2,
            "type": "message",
            "date": "2026-01-10T06:10:00",
            "date_unixtime": "1768018200",
            "text": ["У ", {"type": "bold", "text": "Лубнах"}, " немає світла."],
        },
        {"id": 3, "type": "message", "photo": "photos/1.jpg", "text": ""},
        {
            "id": 4,
            "type": "message",
            "date": "2026-01-10T07:00:00",
            "reply_to_message_id": 2,
            "forwarded_from": "Полтавська ОВА",
            "text": "Світло повертається.",
        },
    ],
}


def write(folder: Path, export: object) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(export, ensure_ascii=False), encoding="utf-8")
    return path


def test_messages_with_words_are_reports(tmp_path: Path) -> None:
    first, second = read_path(write(tmp_path, CHANNEL))
    assert first.text == "У Лубнах немає світла."
    assert first.media_type is MediaType.TELEGRAM
    assert first.channel == "Лубни сьогодні"
    assert first.source == "telegram:Лубни сьогодні"
    assert first.item == "2"
    assert first.language == "uk"
    assert first.published_at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)
    assert second.reply_to == "2"
    assert second.forwarded_from == "Полтавська ОВА"


def test_local_time_of_unknown_zone_is_no_instant(tmp_path: Path) -> None:
    assert read_path(write(tmp_path, CHANNEL))[1].published_at is None


def test_folder_and_account_export_read_alike(tmp_path: Path) -> None:
    alone = read_path(write(tmp_path, CHANNEL))
    write(tmp_path, {"chats": {"list": [CHANNEL]}})
    assert read_path(tmp_path) == alone


def test_message_listed_twice_is_one_report(tmp_path: Path) -> None:
    twice = CHANNEL | {"messages": [CHANNEL["messages"][1]] * 2}  # type: ignore[index]
    assert len(read_path(write(tmp_path, twice))) == 1


def test_cut_export_is_refused_and_says_what_stands(tmp_path: Path) -> None:
    path = write(tmp_path, CHANNEL)
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    with pytest.raises(ReportUnreadable, match=r"3 whole message\(s\)") as caught:
        read_path(path)
    assert "export the chat again" in caught.value.mend


@pytest.mark.parametrize(
    ("export", "reason"),
    [
        ([1, 2], 'without "messages"'),
        ({"name": "x"}, 'without "messages"'),
        ({"chats": {"list": []}}, 'without "messages"'),
        ({"messages": 5}, "not a list"),
        ({"messages": ["hello"]}, "has no id"),
        ({"messages": [{"id": 7, "text": 5}]}, "neither words nor entities"),
        ({"messages": [{"id": 7, "text": [{"type": "bold"}]}]}, "neither words nor entities"),
        ({"messages": [{"id": 7, "text": "a", "date_unixtime": "soon"}]}, "not seconds"),
        ({"messages": [{"id": 7, "text": "a", "date_unixtime": "9" * 30}]}, "not seconds"),
        ({"messages": [{"id": 7, "text": "a\ud800"}]}, "surrogate"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, export: object, reason: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    with pytest.raises(ReportUnreadable, match=reason):
        read_path(path)


def test_deeply_nested_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"messages": ' + "[" * 200_000, encoding="utf-8")
    with pytest.raises(ReportUnreadable, match=r"nested too deeply|breaks off"):
        read_path(path)
