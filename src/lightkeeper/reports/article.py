"""The article of a web page, without menus, teasers and comments, by trafilatura."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lightkeeper.errors import ExtraMissing, ReportUnreadable
from lightkeeper.reports.webpage import read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The words of an article, its heading first where it has one."""

    title: str | None
    text: str
    site: str | None
    published_at: datetime | None


def require_reader() -> None:
    """Raise `ExtraMissing` where trafilatura is not installed."""
    try:
        import trafilatura  # noqa: F401
    except ImportError as error:
        raise ExtraMissing("trafilatura", "articles", "reading web articles") from error


def read_article(markup: str, *, where: str) -> Article:
    """Read the article of a page. Nothing in the page is run or fetched.

    The time is the one that the page states with an offset; a date alone is no instant.

    Raises
    ------
    ExtraMissing
        Trafilatura is not installed.
    ReportUnreadable
        The page has no article, or is no page.
    """
    require_reader()
    from trafilatura import bare_extraction

    page = read_page(markup, where=where)
    found = bare_extraction(markup, include_comments=False, with_metadata=True)
    text = (getattr(found, "text", None) or "").strip()
    if not text:
        raise ReportUnreadable(where, "no article is found on the page", "save its text as a file")
    title = (getattr(found, "title", None) or "").strip() or page.title
    if title and not text.startswith(title):
        text = f"{title}\n\n{text}"
    return Article(
        title=title or None,
        text=text,
        site=getattr(found, "sitename", None),
        published_at=page.published_at,
    )
