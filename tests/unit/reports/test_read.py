"""Plain text, Markdown, manual entry, and files that cannot be read."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports import MediaType, ReadOptions, make_report, read_path, title_of

BULLETIN = "Blackouts after a night attack\n\nPower is out in Lubny.\r\nCrews are at work.\n"


def test_text_is_kept_to_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "bulletin.txt"
    path.write_bytes(BULLETIN.encode())

    (report,) = read_path(path)

    assert report.text == BULLETIN
    assert report.sha256 == hashlib.sha256(BULLETIN.encode()).hexdigest()
    assert report.source == "bulletin.txt"
    assert report.media_type is MediaType.TEXT
    assert report.language == "en"
    assert report.title == "Blackouts after a night attack"
    assert report.published_at is None


def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    for name, encoding in [("a.txt", "utf-8-sig"), ("b.txt", "utf-16")]:
        path = tmp_path / name
        path.write_text("У Лубнах чути вибухи.", encoding=encoding)
        assert read_path(path)[0].text == "У Лубнах чути вибухи."


def test_same_text_of_same_source_is_one_report() -> None:
    one = make_report("town desk", "Power is out in Lubny.")
    assert make_report("town desk", "Power is out in Lubny.").id == one.id
    assert make_report("other desk", "Power is out in Lubny.").id != one.id
    assert make_report("town desk", "Power is out in Lubny!").id != one.id


def test_same_words_under_another_message_number_are_another_report() -> None:
    assert make_report("bot", "Air alarm!", item="1").id != make_report("bot", "Air alarm!").id


def test_markdown_is_verbatim_with_its_heading_as_title(tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("# Night of attacks\n\nPower is **out** in Lubny.\n")
    (report,) = read_path(path)
    assert report.media_type is MediaType.MARKDOWN
    assert report.title == "Night of attacks"
    assert "**out**" in report.text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A heading\nBody.", "A heading"),
        ("A full sentence.\nBody.", None),
        ("Only one line", None),
        ("A folded sentence that goes\non here.", None),
        ("Two. Sentences\nBody.", None),
        (
            "A heading that is as long as a folded line would be, and longer still yet\n\nBody.",
            "A heading that is as long as a folded line would be, and longer still yet",
        ),
        ("x" * 300 + "\nBody.", None),
    ],
)
def test_title_is_a_heading_line(text: str, title: str | None) -> None:
    assert title_of(text) == title


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\n ", "empty"),
        ("mark.txt", b"\xef\xbb\xbf ", "empty"),
        ("broken.txt", "Вибухи".encode()[:-1], "not UTF-8 text at byte 10"),
        ("old.txt", "Вибухи у місті".encode("cp1251"), "not UTF-8"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n123", "a picture"),
        ("export.json", b"PK\x03\x04\x14\x00", "a zip archive"),
        ("noise.txt", b"abc\x00\x01\x02", "binary"),
        ("odd.txt", b"\xff\xfeA", "UTF-16"),
    ],
)
def test_unreadable_file_is_named_with_reason_and_mend(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReportUnreadable) as caught:
        read_path(path)
    assert name in caught.value.path
    assert reason in caught.value.reason
    assert caught.value.mend


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReportUnreadable, match="No such file"):
        read_path(tmp_path / "absent.txt")
    with pytest.raises(ReportUnreadable, match="folder"):
        read_path(tmp_path)


def test_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(ReportUnreadable, match="more than the limit") as caught:
        read_path(path)
    assert "max_bytes" in caught.value.mend
    path.write_text("Power is out.")
    assert read_path(path, options=ReadOptions(max_bytes=13))
    with pytest.raises(ReportUnreadable):
        read_path(path, options=ReadOptions(max_bytes=12))


def test_publication_time_becomes_utc_and_needs_an_offset() -> None:
    at = datetime(2026, 1, 10, 6, 10, tzinfo=timezone(timedelta(hours=2)))
    report = make_report("desk", "Power is out.", published_at=at)
    assert report.published_at == at
    assert report.published_at.utcoffset() == timedelta(0)
    with pytest.raises(ReportUnreadable, match="no offset"):
        make_report("desk", "Power is out.", published_at=at.replace(tzinfo=None))


def test_empty_and_broken_manual_texts_are_refused() -> None:
    with pytest.raises(ReportUnreadable, match="empty"):
        make_report("desk", " \n")
    with pytest.raises(ReportUnreadable, match="surrogate"):
        make_report("desk", "bad \ud800 text")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_kept_or_refused_whole(text: str) -> None:
    if not text.strip():
        with pytest.raises(ReportUnreadable):
            make_report("desk", text, detect_language=lambda _: None)
        return
    report = make_report("desk", text, detect_language=lambda _: None)
    assert report.text == text
    assert report.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_text_too_long_for_one_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Power is out. " * 20_000)
    with pytest.raises(ReportUnreadable, match="280000 characters, more than 200000"):
        read_path(path)
    path.with_suffix(".html").write_text(f"<html><p>{'Power is out. ' * 20_000}</p></html>")
    with pytest.raises(ReportUnreadable, match="more than 200000"):
        read_path(path.with_suffix(".html"))


def test_marks_of_writing_direction_are_kept_to_the_letter(tmp_path: Path) -> None:
    text = "Power \u202eis out\u202c in \u2067Lubny\u2069.\u200f"
    path = tmp_path / "rtl.txt"
    path.write_text(text, encoding="utf-8")
    assert read_path(path)[0].text == text


def test_scripts_of_a_page_are_neither_run_nor_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><script>document.title = 'x'</script></head><body onload='go()'>"
        "<p>Power is out.</p><img src='http://127.0.0.1:1/x' onerror='go()'>"
        "<script>fetch('/api')</script><iframe src='http://127.0.0.1:1/'>frame</iframe>"
        "<svg><script>go()</script></svg><a href='javascript:go()'>more</a></body></html>"
    )
    assert read_path(path)[0].text == "Power is out.\nmore"
