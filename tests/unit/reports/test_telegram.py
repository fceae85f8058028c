"""Telegram Desktop exports."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports import MediaType, ReadOptions, read_document, read_path

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


EDITED = {
    "id": 5,
    "type": "message",
    "date_unixtime": "1768018200",
    "edited": "2026-01-10T06:20:00",
    "edited_unixtime": "1768018800",
    "forwarded_from": None,
    "text": [{"type": "hashtag", "text": "#Лубни"}, "\nСвітло ", {"type": "link", "text": "тут"}],
}


def test_edits_and_hidden_forwards_are_kept(tmp_path: Path) -> None:
    (report,) = read_path(write(tmp_path, CHANNEL | {"messages": [EDITED]}))
    assert report.text == "#Лубни\nСвітло тут"
    assert report.is_edited
    assert report.edited_at == datetime(2026, 1, 10, 4, 20, tzinfo=UTC)
    assert report.forwarded_from == "an account that is hidden or deleted"
    old = {k: v for k, v in EDITED.items() if k != "edited_unixtime"}
    (report,) = read_path(write(tmp_path, CHANNEL | {"messages": [old]}))
    assert report.is_edited
    assert report.edited_at is None


def test_the_numbers_that_are_still_there_are_told(tmp_path: Path) -> None:
    (shown,) = read_document(write(tmp_path, CHANNEL)).coverage
    assert (shown.source, shown.first, shown.last) == ("telegram:Лубни сьогодні", 1, 4)
    assert shown.present == {1, 2, 3, 4}


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_zipped_export_reads_as_the_export(tmp_path: Path) -> None:
    plain = read_document(write(tmp_path, CHANNEL))
    data = (tmp_path / "result.json").read_bytes()
    photo = {"ChatExport/photos/1.jpg": b"\xff\xd8\xff"}
    zipped = pack(tmp_path / "export.zip", {"ChatExport/result.json": data, **photo})
    assert read_document(zipped) == plain


def test_a_zip_without_one_export_is_refused(tmp_path: Path) -> None:
    for files in ({"a.txt": b"x"}, {"a/result.json": b"{}", "b/result.json": b"{}"}):
        with pytest.raises(ReportUnreadable, match=rf"{len(files) * (len(files) - 1)} files named"):
            read_path(pack(tmp_path / "e.zip", files))
    (tmp_path / "e.zip").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ReportUnreadable, match="cannot be read"):
        read_path(tmp_path / "e.zip")


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    bomb = pack(tmp_path / "bomb.zip", {"result.json": b" " * 30_000_000})
    assert bomb.stat().st_size < 50_000
    with pytest.raises(ReportUnreadable, match="zip bomb"):
        read_path(bomb)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    bomb = pack(tmp_path / "bomb.zip", {"result.json": b" " * 30_000_000})
    data = bomb.read_bytes()
    bomb.write_bytes(data.replace((30_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little")))
    with pytest.raises(ReportUnreadable, match="cannot be read"):
        read_path(bomb)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "e.zip", {"result.json": b"{}"})
    data = bytearray(path.read_bytes())
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags_at] |= 1
    path.write_bytes(data)
    with pytest.raises(ReportUnreadable, match="encrypted"):
        read_path(path)


def test_a_large_export_in_a_zip_is_refused_by_its_size(tmp_path: Path) -> None:
    data = json.dumps(CHANNEL, ensure_ascii=False).encode()
    path = pack(tmp_path / "e.zip", {"result.json": data})
    assert read_path(path, options=ReadOptions(max_bytes=len(data)))
    with pytest.raises(ReportUnreadable, match="over the limit"):
        read_path(path, options=ReadOptions(max_bytes=len(data) - 1))
