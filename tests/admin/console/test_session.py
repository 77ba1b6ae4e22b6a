"""Cookies that are signed, end, and carry a token of their own."""

from __future__ import annotations

import base64

import orjson
from tests.admin.conftest import access

from distillgate.admin.console.session import SECONDS, Sessions
from distillgate.admin.proof import hashed
from distillgate.admin.roles import Caller
from distillgate.admin.settings import AdminSettings
from distillgate.asgi.address import AddressSettings

NOW = 1_771_286_400.0
SHARED = Caller("", "administrator")


def sessions(key: str = "key") -> Sessions:
    return Sessions(access(key=key))


def test_a_cookie_says_who_until_it_ends() -> None:
    cookie = sessions().open("Ada ☃", SHARED, NOW)

    found = sessions().read(cookie, NOW + SECONDS - 1)

    assert found is not None
    assert (found.by, found.caller) == ("Ada ☃", SHARED)
    assert sessions().read(cookie, NOW + SECONDS) is None


def test_each_session_has_a_token_of_its_own() -> None:
    known = sessions()
    first, second = (known.read(known.open("Ada", SHARED, NOW), NOW) for _ in range(2))

    assert first is not None
    assert second is not None
    assert first.csrf != second.csrf


def test_a_cookie_of_another_key_or_by_another_hand_is_nobodys() -> None:
    cookie = sessions().open("Ada", SHARED, NOW)
    payload, _, signature = cookie.partition(".")
    longer = base64.urlsafe_b64encode(orjson.dumps(["Eve", NOW + 1e9, "", ""])).decode()

    assert sessions("another").read(cookie, NOW) is None
    for forged in ("", ".", payload, f"{payload}.", f"{longer}.{signature}", f".{signature}",
                   f"{payload}.{signature}é", "x" * 5000):  # fmt: skip
        assert sessions().read(forged, NOW) is None


def test_a_persons_session_has_the_role_of_now_and_ends_with_their_key() -> None:
    known = access(key="key", people={"anna": {"role": "lead", "key": hashed("dgk-1")}})
    cookie = Sessions(known).open("anna", Caller("anna", "lead"), NOW)

    def role(**person: str) -> str | None:
        settings = {"key": "key", "people": {"anna": person} if person else {}}
        known.configure(AdminSettings.model_validate(settings), AddressSettings())
        found = Sessions(known).read(cookie, NOW)
        return None if found is None else found.caller.role

    assert role(role="lead", key=hashed("dgk-1")) == "lead"
    assert role(role="viewer", key=hashed("dgk-1")) == "viewer"
    assert role(role="lead", key=hashed("dgk-2")) is None
    assert role(role="lead") is None
    assert role() is None
