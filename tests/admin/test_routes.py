"""Every route of the operator's pages there is, as the application itself lists them: who may, and
that everybody else is refused, counted, kept, and told nothing. A new route is a row here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import pytest
from starlette.routing import Route

pytest.importorskip("jinja2")

from distillgate.admin.proof import hashed, new_key
from distillgate.admin.roles import ROLES, May, Role
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPEN = {
    ("GET", "/proof"): "a gate proves its key to whoever is about to send it theirs",
    ("GET", "/console/style.css"): "the sign-in page has a style",
    ("GET", "/console/sign-in"): "where one signs in",
    ("POST", "/console/sign-in"): "signs in whoever has a key",
}
"""What needs no key, and why."""
ANYBODY = "anybody who is signed in"
ROUTES: dict[tuple[str, str], May | str] = {
    ("GET", "/metrics"): May.METRICS,
    ("POST", "/decide"): May.DECIDE,
    ("POST", "/learn"): May.DECIDE,
    ("GET", "/standing"): May.DECIDE,
    ("GET", "/state"): May.HEALTH,
    ("POST", "/kill"): May.SWITCH,
    ("POST", "/resume"): May.SWITCH,
    ("POST", "/reload"): May.SWITCH,
    ("GET", "/references/{id:path}"): May.ACCOUNTS,
    ("GET", "/groups"): May.ACCOUNTS,
    ("GET", "/groups/{id:path}"): May.ACCOUNTS,
    ("POST", "/groups/{id:path}/name"): May.BULK,
    ("GET", "/memory"): May.ACCOUNTS,
    ("POST", "/memory/{id:path}/forget"): May.BULK,
    ("GET", "/accounts"): May.ACCOUNTS,
    ("GET", "/accounts/{id:path}"): May.ACCOUNTS,
    ("GET", "/accounts/{id:path}/export"): May.ACCOUNTS,
    ("POST", "/accounts/{id:path}/erase"): May.BULK,
    ("POST", "/accounts/{id:path}/{deed}"): May.ORDER,
    ("POST", "/organisations/{id:path}/{deed}"): May.BULK,
    ("GET", "/orders"): May.ACCOUNTS,
    ("GET", "/labels"): May.ACCOUNTS,
    ("GET", "/appeals"): May.ACCOUNTS,
    ("POST", "/appeals/{id:path}/answer"): May.ORDER,
    ("GET", "/campaigns"): May.ACCOUNTS,
    ("GET", "/campaigns/{id:path}"): May.ACCOUNTS,
    ("POST", "/campaigns/{id:path}/{deed}"): May.BULK,
    ("GET", "/intelligence"): May.ACCOUNTS,
    ("POST", "/intelligence"): May.BULK,
    ("POST", "/intelligence/export"): May.BULK,
    ("POST", "/intelligence/{id}/withdraw"): May.BULK,
    ("POST", "/console/sign-out"): ANYBODY,
    ("GET", "/console"): ANYBODY,
    ("GET", "/console/{path:path}"): ANYBODY,
    ("GET", "/console/now"): May.LOOK,
    ("GET", "/console/campaigns"): May.LOOK,
    ("GET", "/console/campaigns/{id:path}"): May.LOOK,
    ("GET", "/console/accounts/{id:path}"): May.ACCOUNTS,
    ("GET", "/console/find"): May.ACCOUNTS,
    ("GET", "/console/review"): May.ACCOUNTS,
    ("GET", "/console/what-if"): May.ACCOUNTS,
    ("GET", "/console/audit"): May.AUDIT,
    ("GET", "/console/health"): May.HEALTH,
    ("GET", "/console/json/now"): May.LOOK,
    ("GET", "/console/json/campaigns"): May.LOOK,
    ("GET", "/console/json/campaigns/{id:path}"): May.LOOK,
    ("GET", "/console/json/accounts/{id:path}"): May.ACCOUNTS,
    ("GET", "/console/json/review"): May.ACCOUNTS,
    ("GET", "/console/json/what-if"): May.ACCOUNTS,
    ("GET", "/console/json/audit"): May.AUDIT,
    ("GET", "/console/json/health"): May.HEALTH,
    ("POST", "/console/campaigns/{id:path}/name"): May.BULK,
    ("POST", "/console/campaigns/{id:path}/order/{deed}"): May.BULK,
    ("POST", "/console/campaigns/{id:path}/label"): May.BULK,
    ("POST", "/console/accounts/{id:path}/order/{deed}"): May.ORDER,
    ("POST", "/console/accounts/{id:path}/label"): May.ORDER,
    ("POST", "/console/appeals/{id:path}/answer"): May.ORDER,
    ("POST", "/console/kill"): May.SWITCH,
    ("POST", "/console/resume"): May.SWITCH,
}
"""Who may what. Below `/console/json` one route has every page's document."""
LISTED = [*OPEN, *(one for one in ROUTES if not one[1].startswith("/console/json/"))]
LISTED.append(("GET", "/console/json/{page:path}"))

KEYS = {role: new_key() for role in ROLES}
PEOPLE: dict[str, dict[str, str]] = {
    f"the {role}": {"role": role, "key": hashed(key)} for role, key in KEYS.items()
}
PEOPLE["vera@example.com"] = {"role": "administrator"}
VOUCHED = {"x-forwarded-user": "vera@example.com"}
ACCOUNT = "acme/1"
NOT_FOUND = {"error": "not found"}
ADMIN = {"key": "the-shared-key", "people": PEOPLE, "proxy": {"trusted": ["127.0.0.1/32"]}}
each_route = pytest.mark.parametrize("route", ROUTES, ids=" ".join)


class Site(NamedTuple):
    """A gate that knows one account, and somebody at each role's browser."""

    url: str
    gate: Gate
    audit: Path
    client: httpx2.Client
    browsers: dict[Role, httpx2.Client]

    def refused(self, why: str) -> int:
        """Return how often somebody was refused for this."""
        assert self.gate.parts is not None
        text = self.gate.parts.telemetry.render().decode()
        [count] = re.findall(rf'access_refused_total{{why="{why}"}} (\S+)', text)
        return int(float(count))

    def kept(self) -> set[tuple[str, str, str]]:
        """Return the refusals in the audit log: why, who, and at which page."""
        assert self.gate.parts is not None
        self.gate.parts.governance.audit.close()  # it writes what is on its way, and goes on
        lines = map(json.loads, self.audit.read_bytes().splitlines())
        refused = (one for one in lines if one["event"] == "access_refused")
        return {(one["why"], one["by"], one["page"]) for one in refused}

    def as_role(self, role: Role, route: tuple[str, str]) -> Any:
        """Ask as somebody of a role would: at a browser, or by their key."""
        method, path = route[0], filled(route[1])
        if not in_browser(route):
            headers = {"authorization": f"Bearer {KEYS[role]}"}
            body = {"reason": "why"} if method == "POST" else None
            return self.client.request(method, path, headers=headers, json=body)
        browser = self.browsers[role]
        data = {"csrf": token(browser), "reason": "why"} if method == "POST" else None
        return browser.request(method, path, data=data)


def filled(path: str) -> str:
    """Return a route's path with names in it: of an account that there is."""
    named = path.replace("{deed}", "exempt").replace("{path:path}", "nothing")
    return "/distillgate" + re.sub(r"\{\w+:path\}", ACCOUNT, named.replace("{id}", "indicator--1"))


def in_browser(route: tuple[str, str]) -> bool:
    """Return whether it is a page for people, which a session opens and no key."""
    return route[1].startswith("/console") and not route[1].startswith("/console/json")


def token(browser: httpx2.Client) -> str:
    """Return what the forms of a session carry: each page has one, of any role's."""
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/distillgate/console/none").text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    audit = tmp_path_factory.mktemp("routes") / "audit.jsonl"
    settings = {
        "key": "a secret",
        "admin": ADMIN,
        "governance": {"audit": {"path": str(audit)}},
        "telemetry": {"log": {"level": "off"}},
    }
    gate = Gate(upstream(), settings, identify=lambda _: ACCOUNT)
    call = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    with serve(gate.sidecar()) as address:
        browsers: dict[Role, httpx2.Client] = {
            role: httpx2.Client(base_url=address.url, trust_env=False, timeout=60) for role in KEYS
        }
        for role, browser in browsers.items():
            signed = browser.post("/distillgate/console/sign-in", data={"key": KEYS[role]})
            assert signed.status_code == 303
        with httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client:
            assert client.post("/v1/chat/completions", json=call).status_code == 200
            yield Site(address.url, gate, audit, client, browsers)
        for browser in browsers.values():
            browser.close()


def test_the_table_has_every_route_of_the_application(site: Site) -> None:
    assert site.gate.parts is not None
    routes = site.gate.parts.console().app().routes
    assert all(isinstance(one, Route) for one in routes)
    listed = [
        (method, one.path)
        for one in routes
        if isinstance(one, Route)
        for method in (one.methods or set()) - {"HEAD"}
    ]
    assert sorted(listed) == sorted(LISTED)


@each_route
def test_without_a_key_or_with_a_wrong_one_nothing_is_told(
    site: Site, route: tuple[str, str]
) -> None:
    method, path = route[0], filled(route[1])
    methods = ("GET", "HEAD") if method == "GET" else (method,)
    asked: list[dict[str, str]] = [
        {}, {"authorization": "Bearer wrong"}, {"authorization": "Basic dGhlOmtleQ=="},
        {"cookie": "distillgate=none.none"}, {"cookie": f"distillgate={KEYS['lead']}"},
    ]  # fmt: skip
    before = site.refused("anonymous") + site.refused("wrong_key")

    for one in methods:
        for headers in asked:
            answer = site.client.request(one, path, headers=headers)
            assert ACCOUNT not in answer.text
            if method == "GET" and in_browser(route):
                assert (answer.status_code, answer.text) == (303, "")
                assert "/console/sign-in?to=" in answer.headers["location"]
            else:
                assert answer.status_code == 401, headers
                assert answer.headers["www-authenticate"] == "Bearer"

    after = site.refused("anonymous") + site.refused("wrong_key")
    assert after - before == len(methods) * len(asked)


@each_route
def test_the_roles_that_may_are_let_in_and_no_other(site: Site, route: tuple[str, str]) -> None:
    may = ROUTES[route]
    for role in KEYS:
        before = site.refused("role")
        if may in ROLES[role] or may is ANYBODY:
            if may not in (May.SWITCH, ANYBODY):  # those are done at their own tests
                assert site.as_role(role, route).status_code not in (401, 403), role
            continue
        answer = site.as_role(role, route)
        assert answer.status_code == 403, role
        if not in_browser(route):
            assert answer.json() == {"error": "not allowed"}
        assert ACCOUNT not in answer.text.replace(filled(route[1]), "")
        assert site.refused("role") == before + 1
        page = re.sub(r"(/console/json)/.*", r"\1/{page:path}", route[1])
        assert ("role", f"the {role}", page) in site.kept()


@pytest.mark.parametrize("route", [one for one in ROUTES if one[0] == "POST"], ids=" ".join)
def test_a_forged_form_does_nothing(site: Site, route: tuple[str, str]) -> None:
    path, before, state = filled(route[1]), site.refused("forged"), standing(site)
    if in_browser(route):
        browser = site.browsers["administrator"]
        mine, others = token(browser), token(site.browsers["lead"])
        forged = [
            browser.post(path, data={"reason": "why"}),
            browser.post(path, data={"reason": "why", "csrf": others}),
            browser.post(path, json={"reason": "why", "csrf": mine}),
            browser.post(path, data={"csrf": mine}, headers={"sec-fetch-site": "cross-site"}),
            browser.post(path, data={"csrf": mine}, headers={"sec-fetch-site": "same-site"}),
        ]
    else:
        forged = [
            site.client.post(path, data={"reason": "why"}, headers=VOUCHED),
            site.client.post(path, content=b'{"reason": "why"}', headers=VOUCHED),
            site.client.post(
                path,
                content=b'{"reason": "why"}',
                headers={**VOUCHED, "content-type": "text/plain"},
            ),
        ]

    assert [one.status_code for one in forged] == [403] * len(forged)
    assert site.refused("forged") == before + len(forged)
    by = "the administrator" if in_browser(route) else "vera@example.com"
    assert ("forged", by, route[1]) in site.kept()
    assert standing(site) == state


def standing(site: Site) -> tuple[Any, ...]:
    """Return what an order would change."""
    assert site.gate.parts is not None
    state = site.gate.parts.engine.state
    return state.killed, list(state.directives), list(state.labels), site.gate.parts.config


@pytest.mark.parametrize("begin", ["/", "/%2e", "/x/%2e%2e", "/%5c", "/%25%32%65/"])
def test_a_path_that_is_doubled_or_encoded_is_nothing_even_with_the_key(
    site: Site, begin: str
) -> None:
    before, headers = site.refused("path"), {"authorization": "Bearer the-shared-key"}

    for method, path in LISTED:
        answer = site.client.request(method, f"{site.url}{begin}{filled(path)}", headers=headers)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND), path

    assert site.refused("path") == before + len(LISTED)


def test_a_stranger_is_kept_too_and_not_each_time(site: Site) -> None:
    for _ in range(2):
        site.client.get("/distillgate/state")
        site.client.get("/distillgate/state", headers={"authorization": "Bearer wrong"})
        site.client.get(f"{site.url}//distillgate/state")

    strangers = [why for why, by, _ in site.kept() if not by]
    assert sorted(strangers) == ["anonymous", "path", "wrong_key"]


def test_over_the_clients_port_there_is_nothing_where_the_pages_have_their_own(
    tmp_path: Path,
) -> None:
    audit = tmp_path / "audit.jsonl"
    settings = {
        "key": "a secret",
        "admin": {**ADMIN, "listen": "127.0.0.1:1"},
        "governance": {"audit": {"path": str(audit)}},
        "telemetry": {"log": {"level": "off"}},
    }
    gate = Gate(upstream(), settings)
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False, timeout=60) as client,
    ):
        site = Site(address.url, gate, audit, client, {})
        headers = {"authorization": "Bearer the-shared-key"}
        for method, path in LISTED:
            answer = client.request(method, filled(path), headers=headers)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), path
        assert site.refused("port") == len(LISTED)
        assert site.kept() == {("port", "", "")}
