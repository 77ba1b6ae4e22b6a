"""A browser's part: signing in, and reading pages strictly."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

pytest.importorskip("jinja2")

if TYPE_CHECKING:
    from tests.conftest import Worked

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """Reads a page, and fails where it is not well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.figures: list[tuple[str, str, str]] = []
        """Of each figure: where it points, its place in the document, its value."""
        self.links: list[str] = []
        self.loads: list[str] = []
        """What a browser would fetch by itself."""
        self.handlers: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        assert len(got) == len(attrs), f"{tag} says something twice"
        if tag not in VOID:
            self.open.append(tag)
        if "id" in got:
            self.ids.append(got["id"])
        self.handlers += [name for name in got if name.startswith("on") or name == "style"]
        if tag == "a":
            self.links.append(got["href"])
        if tag == "data":
            self.figures.append((self.links[-1], got["data-at"], got["value"]))
        if tag in ("link", "script", "img", "iframe", "object", "embed", "source", "use", "image"):
            self.loads.append(got.get("href", got.get("src", "inline")))
        if tag == "form":
            self.forms.append({"action": got["action"], "method": got.get("method", "get")})
        if tag == "input" and self.forms:
            self.forms[-1][got.get("name", "")] = got.get("value", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> ends nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class Browser:
    """A person's browser at a console."""

    def __init__(self, url: str) -> None:
        self.base = f"{url}/console"
        self.client = httpx2.Client(trust_env=False, timeout=60)

    def sign_in(self, key: str, by: str = "Ada", to: str = "") -> Any:
        given = {"key": key, "by": by, "to": to}
        return self.client.post(f"{self.base}/sign-in", data=given)

    def get(self, path: str) -> Any:
        return self.client.get(self.base + path)

    def page(self, path: str, status: int = 200) -> Page:
        answer = self.get(path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("text/html")
        return Page(answer.text)

    def send(self, page: Page, ending: str, **given: str) -> Any:
        """Fill in the form whose address ends so, and send it."""
        [form] = [one for one in page.forms if one["action"].endswith(ending)]
        origin = self.base.split("/distillgate")[0]
        kept = {k: v for k, v in form.items() if k not in ("action", "method", "")}
        return self.client.post(origin + form["action"], data={**kept, **given})


@pytest.fixture
def browser(worked: Worked) -> Iterator[Browser]:
    made = Browser(worked.url)
    with made.client:
        yield made


@pytest.fixture
def signed_in(worked: Worked, browser: Browser) -> Browser:
    assert browser.sign_in(worked.key).status_code == 303
    return browser
