"""A browser page that is watched for what it must not do."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page


@dataclass(slots=True)
class Watched:
    """A page, and what it did that it should not."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> Page:
        """Go to a view of the operating picture and wait until it is there."""
        self.page.goto(f"{self.address}{query}")
        self.page.locator("main[aria-busy=false]").wait_for()
        self.page.locator("path.cell").first.wait_for()
        return self.page
