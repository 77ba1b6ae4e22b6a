"""Who gets in, and whose forms are refused."""

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


def test_who_signs_out_is_out(signed_in: Browser) -> None:
    page = signed_in.page("/now")
    assert signed_in.send(page, "/sign-out").status_code == 303
    assert signed_in.get("/now").status_code == 303


def test_an_order_without_a_session_is_refused(browser: Browser, worked: Worked) -> None:
    for path in ("/kill", "/resume", "/accounts/c-1/order/pardon", "/sign-out"):
        answer = browser.client.post(browser.base + path, data={"reason": "x", "csrf": "x"})
        assert answer.status_code == 401
    assert worked.engine.state.killed is False
