"""The operating picture, read and used as a duty officer would."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from watched_page import Watched

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 800}
N_TABS = 11
COMPUTED_WITHIN_MS = 60_000

WORDS = {
    "uk": ("НАВЧАННЯ - синтетична мережа", "Людей без світла", "немає донесень", "Події"),
    "en": ("EXERCISE - synthetic network", "People without power", "no report", "Incidents"),
}


def is_too_wide(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("language", ["uk", "en"])
def test_reads_in_both_languages(screen: Watched, language: str) -> None:
    page = screen.open(f"?lang={language}")
    exercise, people, no_report, incidents = WORDS[language]
    expect(page.get_by_role("note")).to_have_text(exercise)
    expect(page.locator("html")).to_have_attribute("lang", language)
    figures = page.get_by_role("heading", name=people).first.locator("..")
    expect(figures).to_contain_text("5–95%")
    expect(page.locator(".legend")).to_contain_text(no_report)
    expect(page.get_by_role("heading", name=incidents, exact=True)).to_be_visible()
    expect(page.get_by_test_id("incidents").locator("article").first).to_be_visible()


def test_language_is_switched_on_the_page(screen: Watched) -> None:
    page = screen.open("?lang=uk")
    page.get_by_role("button", name="en", exact=True).click()
    expect(page.get_by_role("note")).to_have_text(WORDS["en"][0])
    assert "lang=en" in page.url


def test_incident_opens_to_its_claims_and_the_marked_report(screen: Watched) -> None:
    page = screen.open("?lang=en")
    item = page.get_by_test_id("incidents").locator("article", has_text="outage").first
    title = item.get_by_role("link").inner_text()
    item.get_by_role("link").click()
    incident = page.get_by_test_id("incident")
    expect(incident.get_by_role("heading", name=title)).to_be_visible()
    quoted = incident.locator("blockquote").first.inner_text().strip("«»")
    incident.locator("article.claim").first.get_by_role(
        "button", name=re.compile("In the report")
    ).click()
    report = page.get_by_test_id("report")
    expect(report.locator("mark.chosen")).to_have_text([quoted])
    assert quoted in report.locator(".text").inner_text()

    page.reload()
    expect(page.get_by_test_id("report").locator("mark.chosen")).to_have_text([quoted])
    page.go_back()
    expect(page.get_by_test_id("incident")).to_be_visible()


def test_marks_are_the_words_of_the_claims(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=reports")
    n_reports = page.locator("#panel li button").count()
    assert n_reports > 3
    for i in range(n_reports):
        page.locator("#panel li button").nth(i).click()
        report = page.get_by_test_id("report")
        report.wait_for()
        marked = "".join(report.locator("mark").all_text_contents())
        for quoted in report.locator("blockquote").all_text_contents():
            assert quoted.strip("«»") in report.locator(".text").text_content().__str__()
        assert marked
        page.get_by_role("button", name="← Back").click()


def test_notice_is_approved_by_a_named_person(screen: Watched) -> None:
    page = screen.open("?lang=uk&tab=notices")
    draft = page.get_by_test_id("drafts").get_by_test_id("notice").first
    headline = draft.locator("[lang=uk] strong").inner_text()
    n_drafts = page.get_by_test_id("drafts").get_by_test_id("notice").count()
    draft.get_by_role("button", name="Схвалити").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Ваше ім’я").fill("Олена Коваль")
    dialog.get_by_role("button", name="Продовжити").click()
    approved = page.get_by_test_id("approved").get_by_test_id("notice").filter(has_text=headline)
    expect(approved).to_contain_text("схвалено: Олена Коваль")
    expect(page.get_by_test_id("drafts").get_by_test_id("notice")).to_have_count(n_drafts - 1)

    page.reload()
    expect(approved).to_contain_text("схвалено: Олена Коваль")
    expect(page.get_by_role("button", name="Олена Коваль")).to_be_visible()


def test_approval_without_a_name_is_not_sent(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=notices")
    notices = page.get_by_test_id("drafts").get_by_test_id("notice")
    n_drafts = notices.count()
    notices.first.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(notices).to_have_count(n_drafts)


def test_map_tells_no_report_from_power_on(screen: Watched) -> None:
    page = screen.open("?lang=en")
    unknown = page.locator("path.cell[data-knowledge=no_report]")
    assert unknown.count() > 100
    assert unknown.evaluate_all(
        "all => all.every(e => e.getAttribute('fill').includes('no-report'))"
    )
    lviv = page.get_by_role("button", name=re.compile("^Lviv: no report"))
    lviv.click()
    expect(page.get_by_test_id("district").get_by_role("heading", name="Lviv")).to_be_visible()
    expect(page.get_by_test_id("district")).to_contain_text("does not mean that its power is on")
    assert "district=" in page.url


def test_a_city_smaller_than_its_mark_is_clicked(screen: Watched) -> None:
    page = screen.open("?lang=en")
    page.locator(".label", has_text="Poltava").locator("circle.halo").click()
    heading = page.get_by_test_id("district").get_by_role("heading", name="Poltava", exact=True)
    expect(heading).to_be_visible()


def test_map_is_used_from_the_keyboard(screen: Watched) -> None:
    page = screen.open("?lang=en")
    page.locator("path.cell[tabindex='0']").first.focus()
    page.keyboard.press("ArrowLeft")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')").split(":")[0]
    page.keyboard.press("Enter")
    expect(
        page.get_by_test_id("district").get_by_role("heading", name=name, exact=True)
    ).to_be_visible()


def test_simferopol_lies_in_ukraine(screen: Watched) -> None:
    page = screen.open("?lang=en")
    cell = page.get_by_role("button", name=re.compile("^Simferopol:"))
    assert cell.evaluate(
        """cell => {
          const box = cell.getBBox(), point = cell.ownerSVGElement.createSVGPoint();
          point.x = box.x + box.width / 2; point.y = box.y + box.height / 2;
          return document.querySelector("path.home").isPointInFill(point);
        }"""
    )


def test_past_moment_has_its_own_address(screen: Watched) -> None:
    page = screen.open("?lang=en")
    n_now = page.get_by_test_id("incidents").locator("article").count()
    page.get_by_label("What did we know?").fill("3")
    expect(page.get_by_text("It is not the present.")).to_be_visible()
    expect(page.locator("main[aria-busy=false]")).to_be_visible()
    assert "at=" in page.url
    assert page.get_by_test_id("incidents").locator("article").count() < n_now
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.get_by_test_id("incidents").locator("article")).to_have_count(n_now)


def test_public_view_has_no_assets_and_no_claims(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=assets")
    asset = page.get_by_test_id("assets").locator(".name").first.inner_text().split()[0]
    screen.open("?lang=en&tab=assets&audience=public")
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_text(
        [re.compile("Incidents"), "Brief", "Districts", re.compile("Notices"), "Plans"]
    )
    page.get_by_test_id("incidents").wait_for()
    shown = page.content()
    assert asset not in shown
    assert "<blockquote" not in shown
    expect(page.get_by_role("heading", name="Not shown in this view")).to_be_visible()
    expect(page.get_by_label("Grid layer")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "alarm"),
    [
        ("uk", "Повітряна тривога і відбій — Полтавська область"),
        ("en", "Air alarm and all clear — Poltava Oblast"),
    ],
)
def test_public_view_says_in_words_what_and_where(
    screen: Watched, language: str, alarm: str
) -> None:
    page = screen.open(f"?lang={language}&audience=public")
    incidents = page.get_by_test_id("incidents")
    expect(incidents.get_by_role("link", name=alarm)).to_be_visible()
    incidents.get_by_role("link", name=alarm).click()
    expect(page.get_by_test_id("incident").get_by_role("heading", name=alarm)).to_be_visible()
    assert not re.search(r"\b0 (claim|report|source|тверджен|донесен|джерел)", page.content())


def test_plans_say_who_decides(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=plans")
    for plan in ("Emergency shedding", "Hourly outage schedule", "Repair order"):
        heading = page.get_by_role("heading", name=re.compile(plan))
        expect(heading).to_contain_text("an operator’s decision")
    screen.open("?lang=en&tab=network")
    expect(page.locator("#panel")).to_contain_text("What the network does by itself")


def test_the_hours_ahead_move_the_map_and_the_table(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=hours&measure=people_below_16")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("The hours ahead if nothing is repaired")
    expect(panel).to_contain_text("no forecast")
    table = page.get_by_test_id("district-hours")
    sumy = table.get_by_role("row", name=re.compile("^Sumy reported partly"))
    expect(sumy).to_contain_text("0 0")
    page.get_by_role("slider", name=re.compile("^Hour 0")).fill("36")
    expect(page.locator("#map-title")).to_contain_text("below 16 °C, hour 36")
    expect(sumy).not_to_contain_text("0 0")
    assert "hour=36" in page.url
    # A district without a report stays unknown at every hour.
    expect(page.get_by_role("button", name="Lviv: no report", exact=True)).to_have_count(1)
    expect(panel).to_contain_text("That does not mean that their power is on")
    chain = page.get_by_test_id("chain").filter(has_text=re.compile("feeder")).first
    expect(chain).to_contain_text("people")
    expect(chain.locator(".services")).to_contain_text(re.compile("until|all the time|at once"))
    screen.open("?lang=en&tab=hours&audience=official")
    expect(panel).to_contain_text("Heating systems to drain")
    expect(panel).not_to_contain_text("What hangs on what")
    page.goto(page.url.replace("official", "public"))
    expect(page.locator("#panel nav")).not_to_contain_text("Hours ahead")


def test_the_hours_ahead_are_told_with_the_plan_and_without(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=hours&hour=12")
    panel = page.locator("#panel")
    effect = page.get_by_test_id("plan-effect")
    expect(effect).to_have_count(0)
    # Both cases are drawn, each named in the picture's words too.
    curve = panel.get_by_role("img", name=re.compile("People without power, nothing repaired"))
    expect(curve).to_have_accessible_name(re.compile("People without power, with the plan"))
    panel.get_by_role("combobox", name="Case").select_option("with the plan")
    expect(panel).to_contain_text("The hours ahead with the plan")
    expect(page.locator("#map-title")).to_contain_text("hour 12 with the plan")
    expect(effect).to_contain_text(re.compile("The plan itself switches off [1-9]"))
    expect(effect).to_contain_text(re.compile("Against nothing repaired: -[1-9]"))
    assert "plan=1" in page.url
    panel.get_by_role("combobox", name="What").select_option("People in homes below 16 °C")
    page.reload()
    expect(panel).to_contain_text("The hours ahead with the plan")
    expect(effect).to_contain_text("scenario by scenario")
    # The same as bands over the whole restoration, with the error of the draw.
    screen.open("?lang=uk&tab=plans")
    restoration = page.get_by_test_id("restoration")
    expect(restoration).to_contain_text(re.compile("вберігає [1-9].* людино-годин без світла"))
    expect(restoration).to_contain_text("стандартна похибка вибірки")
    expect(panel.get_by_role("img", name=re.compile("з ремонтами"))).to_be_visible()
    screen.page.set_viewport_size(PHONE)
    screen.open("?lang=uk&tab=hours&plan=1")
    expect(effect).to_be_visible()
    assert not is_too_wide(page)


def test_fits_a_phone(screen: Watched) -> None:
    screen.page.set_viewport_size(PHONE)
    page = screen.open("?lang=uk")
    assert not is_too_wide(page)
    tabs = page.locator("#panel nav a")
    assert tabs.count() == N_TABS
    for i in range(N_TABS):
        tabs.nth(i).click()
        expect(tabs.nth(i)).to_have_attribute("aria-current", "page")
        assert not is_too_wide(page), tabs.nth(i).inner_text()


def test_prints_without_controls_and_with_the_mark(screen: Watched) -> None:
    page = screen.open("?lang=en")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.get_by_role("note")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_role("heading", name="Districts: reported and inferred")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Plans"))).to_be_visible()


@pytest.mark.parametrize("language", ["uk", "en"])
def test_public_page_needs_no_script(browser: Browser, address: str, language: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    response = page.goto(f"{address}public?lang={language}")
    assert response is not None
    assert len(response.body()) < 50_000
    assert requests == [response.url]
    expect(page.get_by_role("note")).to_contain_text(WORDS[language][0])
    assert "<script" not in page.content()
    # No script may run, so the width is read from the layout.
    box = page.locator("html").bounding_box()
    assert box is not None
    assert box["width"] <= PHONE["width"]
    for part in page.locator("body *").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= PHONE["width"]
    context.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", ("Звідки надходять донесення", "внесено вручну", "ще нічого")),
        ("en", ("Where reports come from", "entered by hand", "nothing yet")),
    ],
)
def test_sources_are_told_with_their_state(
    screen: Watched, language: str, words: tuple[str, str, str]
) -> None:
    page = screen.open(f"?lang={language}&tab=sources")
    heading, by_hand, nothing_yet = words
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    listed = page.get_by_test_id("sources")
    expect(listed.locator("li", has_text=by_hand)).to_contain_text(nothing_yet)
    page.set_viewport_size(PHONE)
    assert not is_too_wide(page)


def test_the_public_has_no_tab_of_sources(screen: Watched) -> None:
    page = screen.open("?lang=en&audience=public&tab=sources")
    expect(page.get_by_role("heading", name="Incidents", exact=True)).to_be_visible()
    expect(page.get_by_test_id("sources")).to_have_count(0)


def test_words_said_by_telephone_are_entered_under_a_name(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=sources")
    form = page.get_by_test_id("enter-report")
    form.get_by_label("Whose words").fill("Dispatcher, shift 2")
    form.get_by_label("What was said").fill("Part of Poltava is \u202ewithout electricity.")
    form.get_by_role("button", name="Put into the log").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("Olena Koval")
    dialog.get_by_role("button", name="Continue").click()
    report = page.get_by_test_id("report")
    # The picture is computed anew with it.
    expect(report).to_contain_text("Dispatcher, shift 2", timeout=COMPUTED_WITHIN_MS)
    expect(report).to_contain_text("marks that change the order")
    assert "report=" in page.url
