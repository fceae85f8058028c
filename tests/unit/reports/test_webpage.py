"""Saved web pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports import MediaType, read_path

PAGE = """<!DOCTYPE html><html><head><title>Night of
attacks</title><meta property="article:published_time" content="2026-01-10T06:10:00+02:00">
<style>p {color: red}</style><script>alert("zero casualties")</script></head>
<body><h1>Night of attacks</h1><p>Power is <b>out</b>
in&nbsp;Lubny.</p><!-- ten dead --><p hidden>not seen</p><p style="display: NONE">nor this</p>
<noscript>switch it on</noscript><iframe src="http://example.org/"></iframe>
<ul><li>Crews are at work</li></ul><img src=x onerror="alert(1)">tail</body></html>"""


def test_visible_text_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    (report,) = read_path(path)
    assert report.text == "Night of attacks\nPower is out in Lubny.\nCrews are at work\ntail"
    assert report.title == "Night of attacks"
    assert report.media_type is MediaType.HTML
    assert report.published_at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)


def test_page_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("\n" + PAGE, encoding="utf-8")
    assert read_path(path)[0].media_type is MediaType.HTML


def test_declared_charset_is_used(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes('<meta charset="windows-1251"><p>У Лубнах немає світла</p>'.encode("cp1251"))
    assert read_path(path)[0].text == "У Лубнах немає світла"


def test_time_without_offset_is_no_instant(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE.replace("+02:00", ""), encoding="utf-8")
    assert read_path(path)[0].published_at is None


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<script>only()</script>", "no visible text"),
        ("<meta charset='klingon'><p>text</p>", "KLINGON"),
        ("<div>" * 3000 + "text", "nested deeper|not HTML|no visible text"),
    ],
)
def test_page_without_readable_text_is_refused(tmp_path: Path, markup: str, reason: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(markup, encoding="utf-8")
    with pytest.raises(ReportUnreadable, match=reason):
        read_path(path)
