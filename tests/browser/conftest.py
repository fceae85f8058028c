"""A real browser on a real server, with the network cut."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from demo_server import open_small_demo, serve
from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright
from watched_page import Watched

from lightkeeper.web.app import STATIC, create_app

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt-get install --no-install-recommends chromium fonts-dejavu-core"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module; Playwright's event loop must not outlive it."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        reason = f"Chromium is not installed; install it with: {INSTALL}"
        if os.environ.get("LIGHTKEEPER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo is served. After `browser`, so that nothing is computed without one."""
    if not (STATIC / "index.html").is_file():
        pytest.fail("the page is not built; run make (make demo and make test build it)")
    workspace = open_small_demo(tmp_path_factory.mktemp("demo"), n_scenarios=50)
    with serve(create_app(workspace)) as url:
        yield url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        locale="uk-UA", timezone_id="Europe/Kyiv", viewport={"width": 1600, "height": 1000}
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def screen(context: BrowserContext, address: str) -> Iterator[Watched]:
    """A page that is watched: no request may leave the server, no script may fail."""
    watched = Watched(context.new_page(), address)

    def guard(route: Route) -> None:
        if route.request.url.startswith(address):
            route.continue_()
        else:
            watched.foreign.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on(
        "console",
        lambda message: (
            watched.errors.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    yield watched
    assert watched.foreign == []
    assert watched.errors == []
