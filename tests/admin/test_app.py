"""The operator's pages of a sidecar: who may ask, what is answered, what a pardon does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from distillgate.admin.proof import proof
from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

NOW = 1771286400.0
KEY = {"authorization": "Bearer operator"}
CALL = {"model": "m-large", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def gate() -> Gate:
    settings = {"admin": {"key": "operator"}, "telemetry": {"log": {"level": "off"}}}
    return Gate(upstream(), config=settings, identify=lambda _: "acme/1", clock=lambda: NOW)


@pytest.fixture
def client(gate: Gate) -> Iterator[httpx2.Client]:
    with (
        serve(gate.sidecar()) as address,
        httpx2.Client(base_url=address.url, trust_env=False) as asking,
    ):
        yield asking


def test_an_account_is_explained(client: httpx2.Client) -> None:
    assert client.post("/v1/chat/completions", json=CALL).status_code == 200

    found = client.get("/distillgate/accounts/acme/1", headers=KEY)

    assert found.status_code == 200
    told = found.json()
    assert told["account"] == "acme/1"
    assert told["activity"]["requests"]["minute"] == pytest.approx(1.0)
    assert told["first_seen"] == NOW


def test_a_pardon_needs_a_reason_and_is_seen_in_the_explanation(client: httpx2.Client) -> None:
    client.post("/v1/chat/completions", json=CALL)
    path = "/distillgate/accounts/acme/1/pardon"

    wrong: list[Any] = [{}, {"reason": " "}, {"reason": 1}, [], {"reason": "x", "days": -1}]
    for document in wrong:
        assert client.post(path, json=document, headers=KEY).status_code == 422
    assert client.post(path, content=b"no json", headers=KEY).status_code == 422
    assert client.post(path, content=b" " * 20_000, headers=KEY).status_code == 413
    done = client.post(path, json={"reason": "their auditor called", "days": 2}, headers=KEY)

    assert done.json()["until"] == NOW + 2 * 86_400
    told = client.get("/distillgate/accounts/acme/1", headers=KEY).json()
    assert told["pardoned_until"] == NOW + 2 * 86_400


def test_a_lift_leaves_the_account_alone_and_says_until_when(
    client: httpx2.Client, gate: Gate
) -> None:
    client.post("/v1/chat/completions", json=CALL)
    path = "/distillgate/accounts/acme/1/lift"

    done = client.post(path, json={"reason": "verified", "days": 2, "by": "anna"}, headers=KEY)

    assert done.json()["until"] == NOW + 2 * 86_400
    assert gate.parts is not None
    account = gate.parts.engine.state.accounts.get("acme/1")
    assert account is not None
    assert account.lifted_until == NOW + 2 * 86_400


def test_a_kill_needs_a_reason_holds_over_reloads_and_can_be_taken_back(
    client: httpx2.Client, gate: Gate
) -> None:
    parts = gate.parts
    assert parts is not None
    enforcing = parts.config.model_copy(update={"mode": "enforce"})
    parts.configure(enforcing)
    modes = []

    assert client.post("/distillgate/kill", json={}, headers=KEY).status_code == 422
    for order in ("kill", "resume"):
        client.post(f"/distillgate/{order}", json={"reason": "an outage"}, headers=KEY)
        parts.configure(enforcing)
        state = client.get("/distillgate/state", headers=KEY).json()
        modes.append((state["mode"], state["killed"]))

    assert modes == [("shadow", True), ("enforce", False)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/accounts/nobody", 404),
        ("GET", "/groups/nobody", 404),
        ("POST", "/accounts/nobody/pardon", 404),
        ("POST", "/reload", 409),
        ("POST", "/state", 405),
        ("GET", "/nothing", 404),
    ],
)
def test_what_is_not_there_is_an_error_in_json(
    client: httpx2.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, f"/distillgate{path}", headers=KEY, json={"reason": "a reason"})

    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)


def test_the_state_is_told_in_a_few_numbers(client: httpx2.Client) -> None:
    client.post("/v1/chat/completions", json=CALL)

    state = client.get("/distillgate/state", headers=KEY).json()

    assert state["mode"] == "shadow"
    assert state["accounts"] == 1


def test_metrics_are_prometheus_text(client: httpx2.Client) -> None:
    client.post("/v1/chat/completions", json=CALL)

    answer = client.get("/distillgate/metrics", headers=KEY)

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "distillgate_accounts 1.0" in answer.text
    assert "acme" not in answer.text


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Basic operator", "operator", "Bearer operatör"]
)
def test_without_the_key_nothing_is_answered(client: httpx2.Client, header: str) -> None:
    headers = {b"authorization": header.encode()}
    for path in ("state", "accounts/x", "groups/x", "metrics"):
        answer = client.get(f"/distillgate/{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    for path in ("accounts/x/pardon", "accounts/x/lift", "kill", "resume", "reload"):
        assert client.post(f"/distillgate/{path}", headers=headers).status_code == 401


def test_metrics_may_be_open_and_everything_else_then_still_is_not() -> None:
    gate = Gate(upstream(), config={"admin": {"open_metrics": True}})
    with serve(gate.sidecar()) as address:
        metrics = httpx2.get(f"{address.url}/distillgate/metrics", trust_env=False)
        state = httpx2.get(f"{address.url}/distillgate/state", headers=KEY, trust_env=False)

    assert (metrics.status_code, state.status_code) == (200, 403)


def test_without_a_key_the_path_is_the_upstreams() -> None:
    inner = upstream()
    with serve(Gate(inner).sidecar()) as address:
        httpx2.get(f"{address.url}/distillgate/state", headers=KEY, trust_env=False)

    assert [request.target for request in inner.received] == [b"/distillgate/state"]


def test_the_gate_proves_that_it_has_the_key_and_shows_nothing_else(client: httpx2.Client) -> None:
    key = KEY["authorization"].removeprefix("Bearer ")
    nonce = "0123456789abcdef" * 2

    answer = client.get("/distillgate/proof", params={"nonce": nonce})
    other = client.get("/distillgate/proof", params={"nonce": nonce[::-1]})

    assert answer.json() == {"proof": proof(key, nonce)}
    assert other.json()["proof"] != answer.json()["proof"]
    for wrong in ("", "0" * 31, "0" * 65, "g" * 32):
        assert client.get("/distillgate/proof", params={"nonce": wrong}).status_code == 422
