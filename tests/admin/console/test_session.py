"""Cookies that are signed, end, and carry a token of their own."""

from __future__ import annotations

import base64

import orjson
import pytest

from distillgate.admin.console.session import SECONDS, Sessions

NOW = 1_771_286_400.0


def test_a_cookie_says_who_until_it_ends() -> None:
    sessions = Sessions("key")
    cookie = sessions.open("Ada ☃", NOW)

    found = sessions.read(cookie, NOW + SECONDS - 1)

    assert found is not None
    assert (found.by, found.until) == ("Ada ☃", NOW + SECONDS)
    assert sessions.read(cookie, NOW + SECONDS) is None


def test_each_session_has_a_token_of_its_own() -> None:
    sessions = Sessions("key")
    first, second = (sessions.read(sessions.open("Ada", NOW), NOW) for _ in range(2))

    assert first is not None
    assert second is not None
    assert first.csrf != second.csrf


def test_a_cookie_of_another_key_or_by_another_hand_is_nobodys() -> None:
    cookie = Sessions("key").open("Ada", NOW)
    payload, _, signature = cookie.partition(".")
    longer = base64.urlsafe_b64encode(orjson.dumps(["Eve", NOW + 1e9, ""])).decode()

    assert Sessions("another").read(cookie, NOW) is None
    for forged in ("", ".", payload, f"{payload}.", f"{longer}.{signature}", f".{signature}",
                   f"{payload}.{signature}é", "x" * 5000):  # fmt: skip
        assert Sessions("key").read(forged, NOW) is None


@pytest.mark.parametrize(
    ("key", "given", "known"),
    [("k", "k", True), ("k", "K", False), ("", "", False), ("ö", "ö", True)],
)
def test_only_the_admin_key_is_accepted_and_never_none(key: str, given: str, known: bool) -> None:
    assert Sessions(key).accepts(given) is known
