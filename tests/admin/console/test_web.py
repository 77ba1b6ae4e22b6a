"""Who gets in, what a browser is told about a page, and which forms are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.admin.console.conftest import Browser
    from tests.conftest import Worked

PAGES = ("/now", "/campaigns", "/health", "/accounts/c-1", "/find?q=x")


def test_nobody_sees_a_page_who_has_not_signed_in(browser: Browser) -> None:
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/distillgate/console/sign-in?to=")
        assert answer.text == ""
    asked = browser.page("/sign-in")
    assert [form["action"] for form in asked.forms] == ["/distillgate/console/sign-in"]


@pytest.mark.parametrize("key", ["", "wrong", "operatör", "operator ", "x" * 5000])
def test_a_wrong_key_signs_nobody_in(browser: Browser, key: str) -> None:
    answer = browser.sign_in(key)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "no key of this gate" in answer.text
    assert browser.get("/now").status_code == 303


@pytest.mark.parametrize("by", ["", "  ", "x" * 65, "a\x00b"])
def test_who_does_not_say_who_they_are_is_asked_again(
    browser: Browser, worked: Worked, by: str
) -> None:
    answer = browser.sign_in(worked.key, by)

    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_these_pages_alone_and_no_script_reads_it(
    browser: Browser, worked: Worked
) -> None:
    cookie = browser.sign_in(worked.key).headers["set-cookie"]

    words = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=strict", "path=/distillgate/console"} <= words
    assert worked.key not in cookie


def test_one_goes_where_one_wanted_to_but_never_elsewhere(browser: Browser, worked: Worked) -> None:
    wanted = "/distillgate/console/accounts/c-1"
    assert browser.sign_in(worked.key, to=wanted).headers["location"] == wanted
    for to in ("https://example.com/", "//example.com", "/other", "/distillgate/console/\\evil"):
        found = browser.sign_in(worked.key, to=to).headers["location"]
        assert found == "/distillgate/console/now", to


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


def test_a_form_without_its_token_or_from_another_site_does_nothing(
    signed_in: Browser, worked: Worked
) -> None:
    page = signed_in.page("/now")
    [form] = [one for one in page.forms if one["action"].endswith("/kill")]
    url = f"{signed_in.base}/kill"
    why = {"reason": "forged"}

    forged = [
        signed_in.client.post(url, data=why),
        signed_in.client.post(url, data={**why, "csrf": ""}),
        signed_in.client.post(url, data={**why, "csrf": "0" * 64}),
        signed_in.client.post(
            url, data={**why, "csrf": form["csrf"]}, headers={"sec-fetch-site": "cross-site"}
        ),
        signed_in.client.post(url, json={**why, "csrf": form["csrf"]}),
    ]

    assert [answer.status_code for answer in forged] == [403] * 5
    assert worked.engine.state.killed is False
    true = signed_in.client.post(
        url, data={**why, "csrf": form["csrf"]}, headers={"sec-fetch-site": "same-origin"}
    )
    assert true.status_code == 303
    assert worked.engine.state.killed is True


def test_another_sessions_token_is_none(signed_in: Browser, worked: Worked) -> None:
    page = signed_in.page("/now")
    [form] = [one for one in page.forms if one["action"].endswith("/kill")]
    signed_in.client.cookies.clear()
    signed_in.sign_in(worked.key, "Eve")

    answer = signed_in.client.post(
        f"{signed_in.base}/kill", data={"reason": "x", "csrf": form["csrf"]}
    )
    assert answer.status_code == 403


def test_a_form_that_is_too_large_or_no_form_is_refused(signed_in: Browser) -> None:
    url = f"{signed_in.base}/kill"
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert signed_in.client.post(url, content=b"a" * 20_000, headers=kind).status_code == 413
    assert signed_in.client.post(url, content=b"\xff", headers=kind).status_code == 422
    assert signed_in.client.post(url, content=b"a=1&" * 999, headers=kind).status_code == 422


def test_who_signs_out_is_out(signed_in: Browser) -> None:
    page = signed_in.page("/now")
    assert signed_in.send(page, "/sign-out").status_code == 303
    assert signed_in.get("/now").status_code == 303


def test_an_order_without_a_session_is_refused(browser: Browser, worked: Worked) -> None:
    for path in ("/kill", "/resume", "/accounts/c-1/order/pardon", "/sign-out"):
        answer = browser.client.post(browser.base + path, data={"reason": "x", "csrf": "x"})
        assert answer.status_code == 401
    assert worked.engine.state.killed is False


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
