"""Who is let in to what: keys, roles, proxies, forms, paths; and that a refusal tells nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from distillgate.admin.proof import OWN, hashed, meant, new_key, proof
from distillgate.admin.roles import ROLES, Role
from distillgate.admin.settings import PersonSettings
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

KEYS = {role: new_key() for role in ROLES}
PEOPLE: dict[str, dict[str, str]] = {
    f"the {role}": {"role": role, "key": hashed(key)} for role, key in KEYS.items()
}
PEOPLE["vera@example.com"] = {"role": "lead"}
ORDER = {"reason": "why", "by": "somebody else"}


class Served(NamedTuple):
    """A gate whose operator's pages several people may ask."""

    client: httpx2.Client
    audit: Path
    gate: Gate

    def ask(self, method: str, path: str, key: str = "", **headers: str) -> Any:
        given: dict[str, Any] = {"authorization": f"Bearer {key}".encode()} if key else {}
        body = ORDER if method == "POST" else None
        url = path if path.startswith("/dist") else f"/distillgate{path}"
        return self.client.request(method, url, headers={**given, **headers}, json=body)

    def refusals(self) -> dict[str, int]:
        lines = self.client.get(
            "/distillgate/metrics", headers={"authorization": f"Bearer {KEYS['metrics']}"}
        ).text.splitlines()
        found = [one for one in lines if one.startswith("distillgate_access_refused_total{")]
        return {one.split('"')[1]: int(float(one.split()[-1])) for one in found}

    def kept(self) -> list[dict[str, Any]]:
        assert self.gate.parts is not None
        self.gate.parts.governance.audit.close()  # it writes what is on its way, and goes on
        lines = self.audit.read_bytes().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    audit = tmp_path_factory.mktemp("access") / "audit.jsonl"
    settings = {
        "key": "a secret",
        "admin": {"key": "operator", "people": PEOPLE, "proxy": {"trusted": ["127.0.0.1/32"]}},
        "governance": {"audit": {"path": str(audit)}},
        "telemetry": {"log": {"level": "off"}},
    }
    gate = Gate(upstream(), settings, identify=lambda _: "acme/1")
    call = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client,
    ):
        assert client.post("/v1/chat/completions", json=call).status_code == 200
        yield Served(client, audit, gate)


WRONG = ["", "wrong", "operatör", OWN, f"{OWN}x", hashed(KEYS["lead"])]


@pytest.mark.parametrize("key", WRONG, ids=range(len(WRONG)))  # keys are drawn anew each time
def test_without_a_key_that_holds_every_page_there_is_or_is_not_answers_alike(
    served: Served, key: str
) -> None:
    before, why = served.refusals(), "wrong_key" if key else "anonymous"
    asked = [("GET", "/state"), ("GET", "/accounts/acme/1"), ("POST", "/accounts/acme/1/exempt"),
             ("GET", "/nothing"), ("POST", "/state"), ("GET", "/accounts/nobody")]  # fmt: skip

    answers = [served.ask(method, path, key) for method, path in asked]

    assert {(one.status_code, one.text) for one in answers} == {
        (401, '{\n  "error": "the key is missing or wrong"\n}')
    }
    assert served.refusals()[why] == before[why] + len(asked)
    assert why in [one["why"] for one in served.kept() if one["event"] == "access_refused"]


def test_an_order_is_given_by_whose_key_it_is_whoever_they_say_they_are(served: Served) -> None:
    assert served.ask("POST", "/accounts/acme/1/observe", KEYS["analyst"]).status_code == 200
    assert served.ask("POST", "/accounts/acme/1/observe", "operator").status_code == 200

    given = [one["by"] for one in served.kept() if one.get("order") == "observe"]
    assert given == ["the analyst", "somebody else"]


def test_the_shared_keys_holder_is_nobody_who_has_a_name_here(served: Served) -> None:
    url, headers = "/distillgate/accounts/acme/1/unpardon", {"authorization": "Bearer operator"}
    for name in ("the lead", "The  Lead", "vera@example.com", "gate", "an\u202ena"):
        order = {"reason": "x", "by": name}
        assert served.client.post(url, json=order, headers=headers).status_code == 422
        form = {"key": "operator", "by": name}
        assert served.client.post("/distillgate/console/sign-in", data=form).status_code == 422

    form = {"key": "operator", "by": "nadia"}
    with httpx2.Client(base_url=served.client.base_url, trust_env=False, timeout=60) as browser:
        assert browser.post("/distillgate/console/sign-in", data=form).status_code == 303
        assert browser.get("/distillgate/console/now").status_code == 200
        parts = served.gate.parts
        assert parts is not None
        assert parts.pages is not None
        people = {"nadia": PersonSettings(role="viewer", key=hashed(new_key()))}
        changed = parts.config.admin.model_copy(update={"people": people})
        parts.pages.access.configure(changed, parts.config.asgi.address)
        try:
            assert browser.get("/distillgate/console/now").status_code == 303
        finally:
            parts.pages.access.configure(parts.config.admin, parts.config.asgi.address)


def test_who_looked_at_whom_is_kept_once_for_the_same(served: Served) -> None:
    for path in ("/accounts/acme/1", "/accounts/acme/1", "/console/json/review", "/accounts/none"):
        served.ask("GET", path, KEYS["auditor"])

    looks = [one for one in served.kept() if one["event"] == "read"]
    own = [(one["page"], one.get("account")) for one in looks if one["by"] == "the auditor"]
    assert own.count(("accounts", "acme/1")) == 1
    assert ("review", None) in own
    assert ("accounts", "none") not in own


def test_a_proxy_that_is_trusted_says_who_asks_and_nobody_else_does(served: Served) -> None:
    def status(*names: str) -> int:
        headers = [(b"x-forwarded-user", name.encode()) for name in names]
        url = "/distillgate/accounts"
        found: int = served.client.get(url, headers=headers).status_code
        return found

    assert status("vera@example.com") == 200
    assert status("the viewer") == 403
    assert status("nobody") == 401
    assert status("vera@example.com", "vera@example.com") == 401
    assert served.ask("GET", "/accounts", "wrong", **{"x-forwarded-user": "vera@example.com"}) \
        .status_code == 401  # fmt: skip
    assert served.gate.parts is not None
    parts = served.gate.parts
    alone = parts.config.admin.model_copy(update={"proxy": type(parts.config.admin.proxy)()})
    assert parts.pages is not None
    parts.pages.access.configure(alone, parts.config.asgi.address)
    try:
        assert status("vera@example.com") == 401
    finally:
        parts.pages.access.configure(parts.config.admin, parts.config.asgi.address)


def test_no_other_site_orders_in_the_name_of_whom_a_proxy_signs_in(served: Served) -> None:
    def status(kind: str | None, order: str = "/accounts/acme/1/unpardon") -> int:
        headers = {"x-forwarded-user": "vera@example.com"}
        headers |= {} if kind is None else {"content-type": kind}
        url = f"/distillgate{order}"
        found: int = served.client.post(url, headers=headers, content=b'{"reason":"x"}').status_code
        return found

    forged = served.refusals().get("forged", 0)
    kinds = (None, "text/plain", "text/plain; a=application/json", "multipart/form-data")
    assert [status(kind) for kind in kinds] == [403] * 4
    assert status(None, "/none") == 403
    assert served.refusals()["forged"] == forged + 5
    assert status("Application/JSON; charset=utf-8") == 200


@pytest.mark.parametrize("path", ["/%64istillgate/state", "/distillgate//accounts/acme/1"])
def test_a_path_that_is_encoded_once_is_the_pages_own_and_needs_a_key(
    served: Served, path: str
) -> None:
    assert served.client.get(path).status_code == 401


def test_people_change_with_the_configuration_and_a_key_that_is_gone_is_none(
    served: Served,
) -> None:
    assert served.gate.parts is not None
    parts = served.gate.parts
    before = parts.config
    admin = before.admin.model_copy(update={"people": {}})
    parts.configure(before.model_copy(update={"admin": admin}))
    try:
        assert served.ask("GET", "/state", KEYS["lead"]).status_code == 401
        assert served.ask("GET", "/state", "operator").status_code == 200
    finally:
        parts.configure(before)
    assert served.ask("GET", "/state", KEYS["lead"]).status_code == 200


def test_networks_that_are_not_served_find_nothing(served: Served) -> None:
    assert served.gate.parts is not None
    parts = served.gate.parts
    assert parts.pages is not None
    admin = parts.config.admin.model_copy(update={"networks": ("192.0.2.0/24",)})
    parts.pages.access.configure(admin, parts.config.asgi.address)
    try:
        refused = served.ask("GET", "/state", "operator")
        assert (refused.status_code, refused.json()) == (404, {"error": "not found"})
        inside = served.ask("GET", "/state", "operator", **{"x-forwarded-for": "192.0.2.7"})
        assert inside.status_code == 200
    finally:
        parts.pages.access.configure(parts.config.admin, parts.config.asgi.address)


def test_a_gate_proves_that_it_has_the_hash_of_a_key_and_no_other(served: Served) -> None:
    key, nonce = KEYS["lead"], "0f" * 16

    def proven(which: str) -> Any:
        found = served.client.get(
            "/distillgate/proof", params={"nonce": nonce, **({"key": which} if which else {})}
        )
        return found.json().get("proof")

    assert proven(meant(key)) == proof(key, nonce)
    assert proven("") == proof("operator", nonce)
    assert proven("0" * 16) is None
    assert meant("operator") == ""


def test_a_viewer_sees_pages_in_which_nobody_is_named(served: Served) -> None:
    served.ask("POST", "/accounts/acme/1/restrict", KEYS["lead"])
    named = served.ask("GET", "/console/json/now", KEYS["analyst"]).text
    hidden = served.ask("GET", "/console/json/now", KEYS["viewer"])
    assert hidden.status_code == 200
    assert "acme/1" not in hidden.text
    assert json.loads(named)["standing"] == hidden.json()["standing"]
    served.ask("POST", "/accounts/acme/1/revoke", KEYS["lead"])


@pytest.mark.parametrize(("role", "page", "may"), [
    ("viewer", "/now", True), ("viewer", "/review", False), ("viewer", "/accounts/acme/1", False),
    ("viewer", "/audit", False), ("viewer", "/what-if", False), ("analyst", "/review", True),
    ("analyst", "/audit", False), ("auditor", "/audit", True), ("operator", "/find?q=acme", False),
    ("operator", "/health", True), ("metrics", "/now", False),
])  # fmt: skip
def test_who_signs_in_with_their_own_key_sees_the_pages_of_their_role(
    served: Served, role: Role, page: str, may: bool
) -> None:
    base = f"{served.client.base_url}".rstrip("/") + "/distillgate/console"
    with httpx2.Client(trust_env=False, timeout=60) as browser:
        signed = browser.post(f"{base}/sign-in", data={"key": KEYS[role], "by": "somebody else"})
        assert signed.status_code == 303
        before = served.refusals()
        seen = browser.get(base + page)
        assert (seen.status_code, served.refusals()["role"]) == (
            (200, before["role"]) if may else (403, before["role"] + 1)
        )
        assert f"the {role}, {role}: sign out" in seen.text
        assert may or "acme" not in seen.text.replace(page, "")
        links = [
            link for link in ("/review", "/audit", "/what-if") if f'console{link}"' in seen.text
        ]
        assert links == {
            "analyst": ["/review", "/what-if"], "auditor": ["/review", "/audit", "/what-if"],
        }.get(role, [])  # fmt: skip


def test_a_form_of_another_site_or_past_ones_role_does_nothing_and_is_counted(
    served: Served,
) -> None:
    base = f"{served.client.base_url}".rstrip("/") + "/distillgate/console"
    with httpx2.Client(trust_env=False, timeout=60) as browser:
        browser.post(f"{base}/sign-in", data={"key": KEYS["analyst"]})
        csrf = browser.get(f"{base}/now").text.partition('name="csrf" value="')[2].partition('"')[0]
        before = served.refusals()
        why = {"reason": "forged"}
        forged = [
            browser.post(f"{base}/accounts/acme/1/order/exempt", data={**why, "days": "1"}),
            browser.post(
                f"{base}/accounts/acme/1/order/exempt", data={**why, "days": "1", "csrf": csrf},
                headers={"sec-fetch-site": "cross-site"},
            ),
            browser.post(f"{base}/sign-in", data={"key": KEYS["lead"]},
                         headers={"sec-fetch-site": "cross-site"}),
        ]  # fmt: skip
        past = browser.post(f"{base}/kill", data={**why, "csrf": csrf})

    assert [one.status_code for one in (*forged, past)] == [403] * 4
    after = served.refusals()
    assert after["forged"] == before["forged"] + 3
    assert after["role"] == before["role"] + 1
    assert served.gate.parts is not None
    assert served.gate.parts.engine.state.killed is False
    assert [one for one in served.kept() if one.get("reason") == "forged"] == []
    assert "forged" in [one["why"] for one in served.kept() if one["event"] == "access_refused"]
