"""The map through the hours ahead: every state is told by its pattern and its word."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect
from watched_page import Watched

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 800}


def cell(page: Page, name: str) -> Locator:
    return page.locator(f"path.cell[aria-label^='{name}:']")


def test_the_map_moves_through_the_hours_from_the_keyboard(screen: Watched) -> None:
    page = screen.open("?lang=en")
    bar = page.get_by_test_id("map-hours")
    bar.get_by_role("button", name="Cold: below 16 °C").click()
    slider = bar.get_by_role("slider", name="Hour of the map")
    expect(bar).to_contain_text("Now (Sat")
    expect(cell(page, "Sumy")).to_have_attribute("aria-label", re.compile(r": modelled 0%, 0 \("))
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("#map-title")).to_contain_text("below 16 °C, hour 48")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^In 48 h"))
    expect(cell(page, "Sumy")).not_to_have_attribute("aria-label", re.compile(": modelled 0%"))
    assert "hour=48" in page.url
    assert "measure=people_below_16" in page.url
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#map-title")).to_contain_text("hour 45")
    expect(bar).to_contain_text("outdoors")
    page.reload()
    expect(page.locator("#map-title")).to_contain_text("below 16 °C, hour 45")
    # The label tells the share, which a shade alone would not.
    expect(page.locator("g.label", has_text="Sumy")).to_contain_text("%")


def test_nobody_unknown_and_no_report_are_drawn_apart(screen: Watched) -> None:
    def retell(route: Route) -> None:
        picture = route.fetch().json()
        ids = {entry["name_en"]: entry["consequence"]["district"] for entry in picture["districts"]}
        for district in picture["course"]["districts"]:
            figures = district["people_without_heat"]
            if district["district"] == ids["Kremenchuk"]:
                figures |= {key: [0] * len(figures[key]) for key in ("p05", "median", "p95")}
            if district["district"] == ids["Poltava"]:
                figures |= {key: [None] * len(figures[key]) for key in ("p05", "median", "p95")}
        route.fulfill(json=picture)

    screen.page.route("**/api/picture?*", retell)
    page = screen.open("?lang=en&measure=people_without_heat&hour=12")
    fills = {
        name: cell(page, name).get_attribute("fill")
        for name in ("Kremenchuk", "Poltava", "Sumy", "Lviv")
    }
    assert fills == {
        "Kremenchuk": "url(#nobody)",
        "Poltava": "url(#not-known)",
        "Sumy": "transparent",
        "Lviv": "url(#no-report)",
    }
    expect(cell(page, "Poltava")).to_have_attribute(
        "aria-label", re.compile("People without heat: not known$")
    )
    told = page.get_by_test_id("told").locator("li > span")
    n_districts = page.locator("path.cell").count()
    expect(told).to_have_text(
        [
            "calculated, districts: 3",
            "calculated, nobody affected (in 95 of 100 scenarios): 1",
            "reported on, this figure unknown: 1",
            f"no report, nothing calculated: {n_districts - 5}",
        ]
    )


def test_the_public_map_has_no_hours(screen: Watched) -> None:
    page = screen.open("?lang=en&audience=public&measure=people_below_16&hour=24")
    expect(page.locator("#map-title")).to_contain_text("People without power, by district")
    expect(page.get_by_test_id("map-hours")).to_have_count(0)


@pytest.mark.parametrize("tab", ["hours", "districts"])
def test_no_table_scrolls_sideways_on_a_phone(screen: Watched, tab: str) -> None:
    screen.page.set_viewport_size(PHONE)
    page = screen.open(f"?lang=uk&tab={tab}")
    tables = page.locator("#panel .wide")
    expect(tables.first).to_be_visible()
    assert tables.evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth)")


def test_the_first_services_to_stop_stand_first(screen: Watched) -> None:
    page = screen.open("?lang=en&tab=hours")
    chains = page.request.get(f"{screen.address}api/picture").json()["course"]["chains"]
    links = [link for chain in chains for link in (*chain["services"], *chain["then"])]
    stops = sorted(link["works_until_h"] for link in links if link["works_until_h"] is not None)
    assert stops
    first = page.get_by_test_id("deadlines").locator("li").first
    soonest = [link["id"] for link in links if link["works_until_h"] == stops[0]]
    expect(first).to_contain_text(re.compile("|".join(soonest)))
    # In each chain too, and the one that goes on comes last.
    for chain in page.get_by_test_id("chain").all():
        hours = [
            float(found[1]) if (found := re.search(r"\(([\d.]+) h\)", text)) else 1000.0
            for text in chain.locator(".until strong").all_inner_texts()
        ]
        assert hours == sorted(hours)


def test_what_follows_from_reports_elsewhere_is_marked_as_no_report(screen: Watched) -> None:
    page = screen.open("?lang=en&at=2026-01-10T02:10:00Z")
    expect(page.get_by_text("It is not the present.")).to_be_visible()
    inferred = page.locator("path.cell[data-knowledge=no_report][data-told=calculated]")
    expect(inferred.first).to_be_attached()
    assert inferred.evaluate_all("all => all.every(e => e.getAttribute('fill').includes('#no-'))")
    name = (inferred.first.get_attribute("aria-label") or "").split(":")[0]
    label = page.locator("g.label", has_text=name)
    expect(label.locator("circle.halo")).to_have_count(1)
    expect(label).to_contain_text("%")


def test_the_legend_counts_what_the_public_is_not_told(screen: Watched) -> None:
    page = screen.open("?lang=en&audience=public")
    n_shown = len(
        page.request.get(f"{screen.address}api/picture?audience=public").json()["districts"]
    )
    n_hatched = page.locator("path.cell").count() - n_shown
    assert n_hatched > 0
    expect(page.get_by_test_id("told").locator("li > span").last).to_have_text(
        f"no report, or not released to the public: {n_hatched}"
    )
