"""Briefs and the review queue as a duty officer uses them, and the print on two pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from watched_page import Watched

from lightkeeper.incidents.brief import to_html
from lightkeeper.operations import BriefRequest, brief_of_files
from lightkeeper.settings import Settings

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 800}
WORDS = {
    "uk": ("Довідка: ", "Головне", "Хронологія"),
    "en": ("Brief: ", "Key takeaways", "Timeline"),
}


@pytest.mark.parametrize("language", ["uk", "en"])
def test_a_brief_opens_from_its_incident_and_leads_to_the_words(
    screen: Watched, language: str
) -> None:
    title, takeaways, timeline = WORDS[language]
    page = screen.open(f"?lang={language}")
    page.get_by_test_id("incidents").locator("article").nth(1).get_by_role("link").click()
    page.get_by_test_id("incident").get_by_role(
        "button", name={"uk": "Довідка про цю подію", "en": "Brief of this incident"}[language]
    ).click()
    brief = page.get_by_test_id("brief")
    expect(brief.get_by_role("heading", name=re.compile(f"^{title}"))).to_be_visible()
    expect(brief.get_by_text(takeaways, exact=True)).to_be_visible()
    expect(brief.get_by_role("heading", name=timeline)).to_be_visible()
    expect(brief.locator("svg.graph")).to_be_visible()
    note = brief.locator(".cite button").first
    quoted = (note.get_attribute("title") or "").strip("«»")
    note.click()
    expect(page.get_by_test_id("report").locator("mark.chosen")).to_have_text([quoted])
    page.go_back()
    expect(brief.get_by_role("heading", name=re.compile(f"^{title}"))).to_be_visible()


def test_a_brief_of_a_place_stands_in_the_address(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=brief")
    brief = page.get_by_test_id("brief")
    expect(brief.get_by_role("heading", name="Brief: everything in the picture")).to_be_visible()
    page.get_by_label("Place").fill("Sumy Oblast")
    page.get_by_label("Place").press("Enter")
    expect(brief.get_by_role("heading", name="Brief: Sumy Oblast")).to_be_visible()
    assert "where=Sumy" in page.url
    page.reload()
    expect(brief.get_by_role("heading", name="Brief: Sumy Oblast")).to_be_visible()


@pytest.mark.parametrize("tab", ["brief", "review"])
def test_nothing_is_too_wide_for_a_phone(screen: Watched, tab: str) -> None:
    screen.page.set_viewport_size(PHONE)
    page = screen.open(f"?lang=uk&tab={tab}")
    expect(page.get_by_test_id(tab).locator("li").first).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_an_item_is_let_stand_and_the_act_undone(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=review")
    items = page.get_by_test_id("review-item")
    expect(items.first).to_be_visible()
    n_items = items.count()
    item = items.filter(has=page.get_by_role("button", name="Let it stand")).first
    reason = item.locator("strong").first.inner_text()
    item.get_by_role("button", name="Let it stand").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("Olena Koval")
    dialog.get_by_role("button", name="Continue").click()
    expect(items).to_have_count(n_items - 1)
    expect(page.get_by_role("status").filter(has_text="Done and logged")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(items).to_have_count(n_items)
    expect(items.filter(has_text=reason).first).to_be_visible()


def count_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.fixture
def paper(browser: Browser) -> Page:
    context = browser.new_context(java_script_enabled=False)
    return context.new_page()


@pytest.mark.parametrize("language", ["uk", "en"])
def test_a_brief_prints_on_two_pages(paper: Page, address: str, language: str) -> None:
    incidents = paper.request.get(f"{address}api/picture").json()["incidents"]
    largest = max(incidents, key=lambda i: len(i["claims"]))["id"]
    for scope in (f"&incident={largest}", ""):
        paper.goto(f"{address}api/brief/page?language={language}{scope}")
        pdf = paper.pdf(prefer_css_page_size=True)
        assert count_pages(pdf) <= 2, scope
    paper.context.close()


@pytest.mark.parametrize("language", ["uk", "en"])
def test_two_retellings_of_a_real_announcement_print_on_two_pages(
    paper: Page, shared: Path, language: str
) -> None:
    files = [shared / "reports" / f"izum-retelling-{x}.txt" for x in "ab"]
    request = BriefRequest(language=language)
    paper.set_content(to_html(brief_of_files(files, request, settings=Settings())))
    assert count_pages(paper.pdf(prefer_css_page_size=True)) <= 2
    paper.context.close()
