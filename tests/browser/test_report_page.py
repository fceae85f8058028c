"""A report with its claims marked, a second reading beside the rules, and a text that is tried."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from chat_server import Reply, chat_server, claims_answer
from demo_server import open_small_demo, serve
from playwright.sync_api import Browser, Page, ViewportSize, expect
from watched_page import Watched

from lightkeeper.operations.language_model import ModelEndpoint
from lightkeeper.web.app import STATIC, create_app

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 800}
TRIED = (
    "У Полтаві пролунало три вибухи. За даними обласної адміністрації, без світла 1200 абонентів. "
    "«Ми вдома, але страшно чути вибухи», — розповідає мешканка.\u200b Торік було більше."
)


def reading_model(request: dict[str, Any]) -> Reply:
    """A model that reads one claim less surely than the rules, one alone, and invents one."""
    text = json.loads(request["messages"][-1]["content"])["report"]
    words = re.findall(r"\S+", text)
    base = {"layer": "incident", "certainty": "observed"}
    return claims_answer(
        {"quote": "У Полтаві пролунало три вибухи", "kind": "explosions", "layer": "incident",
         "certainty": "likely", "number_words": "три", "place_words": ["Полтаві"]},
        base | {"quote": " ".join(words[-2:]), "kind": "advice"},
        base | {"quote": "нікого не поранено", "kind": "casualties", "casualties": "zero"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo with a language model set: a server of the test's own."""
    if not (STATIC / "index.html").is_file():
        pytest.fail("the page is not built; run make (make demo and make test build it)")
    workspace = open_small_demo(tmp_path_factory.mktemp("demo"), n_scenarios=20)
    with chat_server(reading_model) as model:
        endpoint = ModelEndpoint(url=model.url, model="small")
        with serve(create_app(dataclasses.replace(workspace, language_model=endpoint))) as url:
            # Computed once here, so that no test waits for it.
            httpx.get(f"{url}api/picture", timeout=300.0).raise_for_status()
            yield url


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def try_text(page: Page, words: str = TRIED) -> None:
    page.get_by_text("Try a text", exact=True).click()
    form = page.get_by_test_id("try-text")
    form.get_by_label("Words of the text").fill(words)
    form.get_by_role("button", name="Read it").click()
    page.get_by_test_id("tried").wait_for()


def test_a_claim_is_chosen_in_the_text_and_told_in_full(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    page.locator("#panel li button").first.click()
    report = page.get_by_test_id("report")
    mark = report.locator("mark").first
    mark.locator("[role=button]").click()
    detail = report.get_by_test_id("claim-detail")
    kind = str(mark.locator("[role=button]").get_attribute("title")).split(". ")[1].split(",")[0]
    expect(detail.locator("strong")).to_have_text(kind)
    for label in ("Who says it", "How surely", "Layer", "Place", "Time"):
        expect(detail.locator("dt", has_text=label).first).to_be_visible()
    assert "claim=" in page.url
    first = detail.locator("blockquote").inner_text()
    detail.get_by_role("button", name="Next claim").click()
    expect(detail.locator("blockquote")).not_to_have_text(first)
    expect(report.locator("mark.chosen").first).to_be_visible()


def test_marks_are_reached_and_chosen_from_the_keyboard(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    page.locator("#panel li button").first.click()
    buttons = page.get_by_test_id("report").locator("mark [role=button][tabindex='0']")
    buttons.first.focus()
    page.keyboard.press("Enter")
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(buttons.first).to_have_attribute("aria-pressed", "false")


def test_an_incident_leads_to_its_report(screen: Watched) -> None:
    page = screen.open("?lang=uk")
    page.get_by_test_id("incidents").locator("article").first.get_by_role("link").click()
    sources = page.get_by_test_id("incident").locator("section", has_text="джерел").last
    sources.locator("li li button").first.click()
    expect(page.get_by_test_id("marked-text").locator("mark").first).to_be_visible()
    expect(page.get_by_role("group", name="Що означають позначки")).to_be_visible()


def test_a_text_is_tried_and_not_kept(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    n_reports = page.locator("#panel > .card > ul > li").count()
    try_text(page)
    tried = page.get_by_test_id("tried")
    marks = tried.locator("mark")
    assert marks.count() >= 3
    assert str(tried.locator(".text").text_content()) == TRIED
    expect(tried.get_by_test_id("marked-text").locator("mark.narrative").first).to_be_visible()
    expect(tried.locator("dd", has_text="customers").first).to_contain_text("1,200")
    expect(tried.locator(".legend")).to_contain_text("narrative")
    page.reload()
    page.locator("main[aria-busy=false]").wait_for()
    assert page.locator("#panel > .card > ul > li").count() == n_reports


def test_another_language_and_markup_are_data(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    try_text(page, "In der Nacht wurde Charkiw <b onclick='x()'>angegriffen</b>, sagte der Chef.")
    tried = page.get_by_test_id("tried")
    expect(tried).to_contain_text("a language that is not read")
    expect(tried.locator(".text")).to_contain_text("<b onclick='x()'>")
    assert tried.locator(".text b").count() == 0


def test_a_second_reading_is_asked_for_and_compared(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    page.get_by_text("Try a text", exact=True).click()
    form = page.get_by_test_id("try-text")
    form.get_by_label("Words of the text").fill(TRIED)
    form.get_by_label(re.compile("the text is sent to 127.0.0.1")).check()
    form.get_by_role("button", name="Read it").click()
    second = page.get_by_test_id("second-reading")
    second.wait_for()
    expect(second).to_contain_text("bears on no figure")
    expect(second.locator("li", has_text="differs")).to_contain_text("observed ≠ likely")
    expect(second.locator("li", has_text="only the model")).to_contain_text("Advice")
    assert second.locator("li", has_text="only the rules").count() >= 1
    second.get_by_text("1 thing of the model refused").click()
    expect(second).to_contain_text("the words do not stand in the report")
    expect(page.locator("mark.foreign").first).to_be_visible()


def test_a_report_of_the_log_is_compared_on_a_click(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    page.locator("#panel li button").first.click()
    report = page.get_by_test_id("report")
    expect(report).to_contain_text("Its text is sent to 127.0.0.1")
    assert page.get_by_test_id("second-reading").count() == 0
    report.get_by_role("button", name="Compare with the language model small").click()
    expect(page.get_by_test_id("second-reading")).to_contain_text("Second reading")


@pytest.mark.parametrize("language", ["uk", "en"])
def test_fits_a_phone(screen: Watched, language: str) -> None:
    screen.page.set_viewport_size(PHONE)
    page = screen.open(f"?lang={language}&tab=reports")
    page.locator("#panel li button").first.click()
    report = page.get_by_test_id("report")
    report.locator("mark [role=button]").first.click()
    expect(report.get_by_test_id("claim-detail").locator("blockquote")).to_be_visible()
    assert not is_too_wide(page)


def test_prints_the_report_alone(screen: Watched) -> None:
    page = screen.open("?lang=uk&tab=reports")
    page.locator("#panel li button").first.click()
    page.evaluate("window.print = () => {}")
    page.get_by_test_id("report").get_by_role("button", name="Надрукувати донесення").click()
    page.emulate_media(media="print")
    printed = page.locator("body > .printed-alone")
    expect(printed.locator("mark").first).to_be_visible()
    expect(printed.locator("ol blockquote").first).to_be_visible()
    assert not page.locator("#app").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(printed).to_have_count(0)
