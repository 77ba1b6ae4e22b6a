"""A person at a real browser, before a gate that a drill was played at."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SERIOUS = ("serious", "critical")
QUICKLY = {"resultTypes": ["violations"], "preload": False}
"""Of what passes only one node is told, and nothing is fetched a second time."""
WCAG = {**QUICKLY, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {**QUICKLY, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that another scheme can change is colours."""
ALIKE = ["tbody tr:nth-of-type(n+5)", "ol > li:nth-of-type(n+9)", "svg .point:nth-of-type(n+9)"]
"""Rows and points that a loop of the template writes like those before them: not looked at."""
PATIENCE = 120_000
"""Milliseconds: a busy machine is no failure."""


class Person:
    """Somebody at a browser of their own, whose every complaint is kept."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.base = f"{url}/distillgate/console"
        self._host = urlsplit(url).netloc
        self._context = browser.new_context(color_scheme="light")
        self._context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page = self._context.new_page()
        self._context.on("request", self._asked)
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != self._host:
            self.complaints.append(f"a foreign request: {request.url}")

    def _told(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str = "") -> Page:
        """Open a page of the console."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def sign_in(self, key: str) -> None:
        """Sign in with a key of one's own."""
        page = self.open("/sign-in")
        page.locator("#key").fill(key)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/now")

    def send(self, button: str, **fields: str) -> Page:
        """Fill in the form that has a button, and press it."""
        form = self.page.locator("form").filter(
            has=self.page.get_by_role("button", name=button, exact=True)
        )
        for label, value in fields.items():
            form.get_by_label(label.capitalize()).fill(value)
        form.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_load_state()
        return self.page

    def says(self) -> str:
        """Return all that the page says."""
        return self.page.locator("main").inner_text()

    def barriers(self, path: str) -> list[str]:
        """Return what axe-core finds serious on a page of the console."""
        self.open(path)
        return self.barriers_here()

    def barriers_here(self) -> list[str]:
        """Return what axe-core finds serious on the open page, in light and in dark."""
        found = []
        self.page.evaluate(AXE_SCRIPT)
        for scheme, rules in (("light", WCAG), ("dark", CONTRAST)):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two
            asked = [{"exclude": ALIKE}, rules]
            results = self.page.evaluate("([what, rules]) => axe.run(what, rules)", asked)
            assert results["passes"], "axe looked at nothing"
            found += [
                f"{self.page.url}, {scheme}: {one['id']}: {one['nodes'][0]['html'][:200]}"
                for one in results["violations"]
                if one["impact"] in SERIOUS
            ]
        return found

    def leave(self) -> None:
        """Close the browser's window."""
        self._context.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium, which is not downloaded: this machine's own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
