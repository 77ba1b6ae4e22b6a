"""What a browser is told about a page, and what is no form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.admin.console.conftest import Browser
    from tests.conftest import Worked

PAGES = ("/now", "/campaigns", "/health", "/accounts/c-1", "/find?q=x")


def test_every_answer_forbids_scripts_strangers_frames_and_keeping(signed_in: Browser) -> None:
    for path in (*PAGES, "/json/now", "/sign-in", "/nothing"):
        answer = signed_in.get(path)
        if path == "/nothing":
            assert answer.status_code == 404
            continue
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_form_that_is_too_large_or_no_form_is_refused(signed_in: Browser) -> None:
    url = f"{signed_in.base}/kill"
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert signed_in.client.post(url, content=b"a" * 20_000, headers=kind).status_code == 413
    assert signed_in.client.post(url, content=b"\xff", headers=kind).status_code == 422
    assert signed_in.client.post(url, content=b"a=1&" * 999, headers=kind).status_code == 422


@pytest.mark.parametrize("path", ["/now", "/campaigns?show=all", "/health"])
def test_a_page_that_is_left_open_renews_itself_where_one_asks_for_it(
    browser: Browser, worked: Worked, path: str
) -> None:
    browser.sign_in(worked.key)
    asked = path.partition("?")[2]

    still, live = browser.get(path), browser.get(f"{path}{'&' if asked else '?'}renewed=yes")

    assert "refresh" not in still.headers
    assert live.headers["refresh"] == "10"
    assert f'?{asked}{"&amp;" if asked else ""}renewed=yes">Keep it up to date</a>' in still.text
    assert f'?{asked}">Leave it as it is</a>' in live.text
    assert "script" not in live.headers["content-security-policy"]


def test_a_page_on_which_one_acts_never_renews_itself(browser: Browser, worked: Worked) -> None:
    browser.sign_in(worked.key)

    for path in ("/accounts/c-1", f"/campaigns/{worked.group}", "/review"):
        asked = browser.get(f"{path}?renewed=yes")
        assert asked.status_code == 200
        assert "refresh" not in asked.headers
        assert "Keep it up to date" not in asked.text
