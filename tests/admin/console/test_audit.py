"""The page *Audit*: who did what, filtered, verified, and undone from its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.admin.console.conftest import Browser, Page

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

CALL = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}

Seen = tuple[Browser, Path, Callable[[], None]]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    path = tmp_path_factory.mktemp("audit") / "audit"
    settings = {
        "key": "a secret",
        "admin": {"key": "operator"},
        "governance": {"audit": {"path": str(path)}},
        "telemetry": {"log": {"level": "off"}},
    }
    gate = Gate(upstream(), settings, identify=lambda _: "acme/1")
    assert gate.parts is not None
    with serve(gate.sidecar()) as address:
        browser = Browser(f"{address.url}/distillgate")
        with browser.client:
            sent = httpx2.post(f"{address.url}/v1/chat/completions", json=CALL, trust_env=False)
            assert sent.status_code == 200
            browser.sign_in("operator", "Ada <b>")
            yield browser, path, gate.parts.governance.audit.close


def lines(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"/json/audit{query}").json()["lines"]
    return found


def test_what_was_ordered_is_seen_undone_from_its_line_and_then_no_more(audited: Seen) -> None:
    browser, _, written = audited
    account = browser.page("/accounts/acme/1")
    browser.send(account, "/order/pardon", reason="they <b>called", days="2")
    browser.send(account, "/order/exempt", reason="a contract", days="2")
    browser.send(browser.page("/now"), "/kill", reason="an outage")
    written()

    page = browser.page("/audit")

    assert "they <b>called" in page.text
    assert "Ada <b>" in page.text
    undo = [
        form["action"]
        for form in page.forms
        if form["action"].startswith("/distillgate/console/acc")
    ]
    assert [action.rpartition("/")[2] for action in undo] == ["revoke", "unpardon"]
    assert browser.send(page, "/order/unpardon", reason="a mistake").status_code == 303
    assert browser.send(page, "/resume", reason="over").status_code == 303
    written()
    left = [one["undo"] for one in lines(browser) if one["undo"]]
    assert left == ["revoke"]


def test_lines_are_filtered_and_paged(audited: Seen) -> None:
    browser, _, written = audited
    for number in range(60):
        browser.get(f"/find?q=nobody-{number}")
    written()

    first = browser.get("/json/audit?event=read&by=Ada+%3Cb%3E").json()
    assert len(first["lines"]) == 50
    assert {one["event"] for one in first["lines"]} == {"read"}
    page = browser.page("/audit?event=read")
    [earlier] = [link for link in page.links if "before=" in link and "/json/" not in link]
    later = Page(
        browser.client.get(
            str(browser.client.base_url) + browser.base.split("/distillgate")[0] + earlier
        ).text
    )
    assert "nobody-3" in later.text
    assert lines(browser, "?account=nobody") == []
    assert lines(browser, "?before=x") != []


def test_the_chain_is_verified_and_a_change_is_found(audited: Seen) -> None:
    browser, path, written = audited
    written()
    page = browser.page("/audit?verify=1")
    assert "nothing was changed, swapped or taken out" in page.text
    [(link, _, shown)] = [one for one in page.figures if one[1] == "/verified/lines"]
    origin = browser.base.split("/distillgate")[0]
    assert browser.client.get(origin + link).json() >= int(shown)
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"Ada", b"Eve", 1))
    try:
        assert "was changed" in browser.page("/audit?verify=1").text
    finally:
        path.write_bytes(kept)
