"""The Ukrainian page speaks Ukrainian; what is quoted from a report says its language."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect
from watched_page import Watched

pytestmark = pytest.mark.browser

FIND_ENGLISH = """panel => {
  for (const details of panel.querySelectorAll('details')) details.open = true;
  const found = [];
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const lang = node.parentElement.closest('[lang]').lang;
    if (lang === 'uk' && /[a-z]{2,} [a-z]{2,}/.test(node.textContent)) found.push(node.textContent);
  }
  return found;
}"""


def english_words(screen: Watched) -> list[str]:
    """Texts with two English words in a row that are not marked as English."""
    page = screen.page
    titles = [
        report["title"]
        for report in page.request.get(f"{screen.address}api/picture").json()["reports"]
        if report["title"] is not None
    ]
    found: list[str] = page.locator("#panel").evaluate(FIND_ENGLISH)
    return [text for text in found if not any(title in text for title in titles)]


def test_no_tab_and_no_incident_speaks_english(screen: Watched) -> None:
    page = screen.open("?lang=uk")
    tabs = page.locator("#panel nav a")
    for i in range(tabs.count()):
        tabs.nth(i).click()
        expect(tabs.nth(i)).to_have_attribute("aria-current", "page")
        expect(page.locator("#panel .body > *").first).to_be_visible()
        if "tab=brief" not in page.url:  # its sentences are the server's, tested with it
            assert english_words(screen) == [], tabs.nth(i).inner_text()
    tabs.first.click()
    links = page.get_by_test_id("incidents").get_by_role("link")
    for i in range(links.count()):
        links.nth(i).click()
        expect(page.get_by_test_id("incident")).to_be_visible()
        assert english_words(screen) == []
        page.go_back()
    # The search finds what it is to find.
    page.locator("#panel h2").evaluate("h => h.append('words nobody translated')")
    assert english_words(screen) != []


def test_words_of_a_report_are_quoted_in_their_language(screen: Watched) -> None:
    page = screen.open("?lang=en")
    incidents = page.get_by_test_id("incidents")
    told = incidents.locator("[lang=uk]")
    expect(told.first).to_have_text(re.compile("^«.*»$"))
    for text in told.all_inner_texts():
        assert re.search("[а-яіїєґ]", text)


def test_explosions_are_not_said_twice(screen: Watched) -> None:
    page = screen.open("?lang=uk")
    facts = page.get_by_test_id("incidents").locator(".facts li", has_text="Вибухи:")
    expect(facts.first).to_contain_text(re.compile(r"^Вибухи: (близько|щонайменше|\d)"))


def test_an_incident_tells_which_other_might_be_the_same(screen: Watched) -> None:
    page = screen.open("?lang=uk")
    for incident in page.request.get(f"{screen.address}api/picture").json()["incidents"]:
        similar = page.request.get(f"{screen.address}api/incidents/{incident['id']}").json()[
            "similar"
        ]
        if similar:
            break
    else:
        pytest.fail("the demo has no two incidents that are alike")
    page = screen.open(f"?lang=uk&incident={incident['id']}")
    shown = page.get_by_test_id("similar")
    expect(shown).to_contain_text("до будь-яких ознак")
    expect(shown.get_by_role("button")).not_to_have_count(0)


def test_why_a_source_fails_is_said_in_ukrainian(screen: Watched) -> None:
    reasons = {
        "https://news.example/feed answers 404 (there is nothing at this address)": (
            "https://news.example/feed відповідає кодом 404 (за цією адресою нічого немає)"
        ),
        "https://news.example/feed does not answer within 20 s": (
            "https://news.example/feed не відповідає протягом 20 с"
        ),
        "the environment variable ALERTS_KEY is not set; it holds the key": (
            "не задано змінну середовища ALERTS_KEY, у якій має бути ключ"
        ),
        # What nobody translated stays as it is and says its language.
        "row 3 is broken; mend it": "row 3 is broken; mend it",
    }

    def retell(route: Route) -> None:
        picture = route.fetch().json()
        (by_hand,) = picture["sources"]
        picture["sources"] = [
            by_hand | {"name": f"s{i}", "kind": "feed", "state": "failed", "reason": reason}
            for i, reason in enumerate(reasons)
        ]
        route.fulfill(json=picture)

    screen.page.route("**/api/picture?*", retell)
    page = screen.open("?lang=uk&tab=sources")
    told = page.get_by_test_id("sources").locator(".reason")
    expect(told).to_have_text(list(reasons.values()))
    expect(told.last.locator("[lang=en]")).to_have_text("row 3 is broken; mend it")
