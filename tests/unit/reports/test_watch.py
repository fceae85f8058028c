"""Files and folders watched."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lightkeeper.reports import SourceBatch, SourceFailed, SourceKind, SourceSettings
from lightkeeper.reports.watch import watch_files

NOW = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)


@pytest.fixture
def inbox(tmp_path: Path) -> SourceSettings:
    return SourceSettings(name="inbox", kind=SourceKind.FILES, path=str(tmp_path))


def put(path: Path, text: str, *, at: datetime = LONG_AGO) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


def texts(batch: SourceBatch) -> list[str]:
    return [r.text for r in batch.reports]


def test_new_and_changed_files_are_read_and_the_others_are_not(
    inbox: SourceSettings, tmp_path: Path
) -> None:
    put(tmp_path / "a.txt", "Dark in Lubny.")
    put(tmp_path / "b.md", "Dark in Izium.")
    put(tmp_path / "c.jpg", "no report")
    put(tmp_path / ".hidden.txt", "no report")
    first = watch_files(inbox, "", NOW)
    assert texts(first) == ["Dark in Lubny.", "Dark in Izium."]
    assert [r.item for r in first.reports] == ["inbox/a.txt", "inbox/b.md"]
    assert [r.source for r in first.reports] == ["a.txt", "b.md"]
    assert texts(watch_files(inbox, first.cursor, NOW)) == []
    put(tmp_path / "a.txt", "Light in Lubny.", at=LONG_AGO + timedelta(minutes=1))
    (changed,) = watch_files(inbox, first.cursor, NOW).reports
    assert (changed.item, changed.text) == ("inbox/a.txt", "Light in Lubny.")
    assert changed.id != first.reports[0].id


def test_a_file_that_is_still_being_written_waits(inbox: SourceSettings, tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    put(path, "Dark in", at=NOW)
    first = watch_files(inbox, "", NOW)
    assert texts(first) == []
    put(path, "Dark in Lubny.", at=NOW + timedelta(seconds=1))
    second = watch_files(inbox, first.cursor, NOW + timedelta(seconds=1))
    assert texts(second) == []
    third = watch_files(inbox, second.cursor, NOW + timedelta(seconds=2))
    assert texts(third) == ["Dark in Lubny."]


def test_a_file_that_cannot_be_read_is_a_problem_until_it_changes(
    inbox: SourceSettings, tmp_path: Path
) -> None:
    put(tmp_path / "good.txt", "Dark in Lubny.")
    (tmp_path / "bad.txt").write_bytes("Вибухи".encode()[:-1])
    os.utime(tmp_path / "bad.txt", (1, 1))
    first = watch_files(inbox, "", NOW)
    assert texts(first) == ["Dark in Lubny."]
    assert "not UTF-8" in first.problems[0]
    second = watch_files(inbox, first.cursor, NOW)
    assert second.problems == first.problems
    put(tmp_path / "bad.txt", "Explosions in Lubny.")
    third = watch_files(inbox, second.cursor, NOW)
    assert third.problems == ()
    assert texts(third) == ["Explosions in Lubny."]


def test_a_file_taken_away_is_counted_and_read_again_when_it_is_back(
    inbox: SourceSettings, tmp_path: Path
) -> None:
    put(tmp_path / "a.txt", "Dark in Lubny.")
    first = watch_files(inbox, "", NOW)
    (tmp_path / "a.txt").unlink()
    second = watch_files(inbox, first.cursor, NOW)
    assert (texts(second), second.n_gone) == ([], 1)
    assert watch_files(inbox, second.cursor, NOW).n_gone == 1
    put(tmp_path / "a.txt", "Dark in Lubny.")
    third = watch_files(inbox, second.cursor, NOW)
    assert (texts(third), third.n_gone) == (["Dark in Lubny."], 0)


def test_exports_in_folders_of_their_own_are_watched_too(
    inbox: SourceSettings, tmp_path: Path
) -> None:
    message = {"id": 7, "type": "message", "text": "Dark."}
    export = json.dumps({"name": "Lubny", "messages": [message]})
    put(tmp_path / "ChatExport_1" / "result.json", export)
    put(tmp_path / "photos" / "a.txt", "no report")
    batch = watch_files(inbox, "", NOW)
    assert [(r.source, r.item) for r in batch.reports] == [("telegram:Lubny", "7")]
    assert batch.coverage[0].present == {7}


def test_one_file_is_watched_by_its_name(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "Dark in Lubny.")
    alone = SourceSettings(name="f", kind=SourceKind.FILES, path=str(tmp_path / "a.txt"))
    assert texts(watch_files(alone, "", NOW)) == ["Dark in Lubny."]


def test_a_folder_that_is_not_there_fails(tmp_path: Path) -> None:
    gone = SourceSettings(name="f", kind=SourceKind.FILES, path=str(tmp_path / "none"))
    with pytest.raises(SourceFailed, match="No such file"):
        watch_files(gone, "", NOW)
