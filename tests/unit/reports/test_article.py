"""Web articles, by trafilatura."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from lightkeeper.errors import ExtraMissing, ReportUnreadable
from lightkeeper.reports.article import read_article

PAGE = """<html lang="uk"><head><title>Лубни без світла - Новини</title>
<meta property="og:title" content="Лубни без світла"><meta property="og:site_name" content="Новини">
<meta property="article:published_time" content="2026-01-10T06:10:00+02:00"></head><body>
<nav><a href="/a">Погода</a><a href="/b">Спорт</a></nav><article><h1>Лубни без світла</h1>
<p>У Лубнах Полтавської області вночі зникло світло після вибухів, повідомила обласна
адміністрація.</p><p>Бригади працюють, лікарня перейшла на резервне живлення, вода подається за
графіком.</p></article><aside>Читайте також: рецепти</aside><script>go()</script></body></html>"""


def test_the_article_is_read_without_what_stands_around_it() -> None:
    pytest.importorskip(
        "trafilatura", reason="the extra articles is not installed", exc_type=ImportError
    )
    article = read_article(PAGE, where="page")
    assert article.title == "Лубни без світла"
    assert article.site == "Новини"
    assert article.text.startswith("Лубни без світла")
    assert "лікарня перейшла на резервне живлення" in article.text
    for other in ("Погода", "рецепти", "go()"):
        assert other not in article.text
    assert article.published_at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)


def test_a_page_without_an_article_is_refused() -> None:
    pytest.importorskip(
        "trafilatura", reason="the extra articles is not installed", exc_type=ImportError
    )
    with pytest.raises(ReportUnreadable, match=r"no article|no visible text"):
        read_article("<html><body><p></p></body></html>", where="page")


def test_without_trafilatura_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(ExtraMissing, match=r"lightkeeper\[articles\]"):
        read_article(PAGE, where="page")
