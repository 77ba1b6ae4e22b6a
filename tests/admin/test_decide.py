"""Gateways that forward requests themselves are told what the relay would have done."""

from __future__ import annotations

import contextlib
import json
import re
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from starlette.types import ASGIApp
from tests.campaigning import CALLS, NOON, Fixed, headers, reply, settings

from distillgate.actions.effect import Effect
from distillgate.admin.proof import hashed, new_key
from distillgate.gate import Gate
from distillgate.policy.decision import Decision
from distillgate.telemetry import Telemetry, TelemetrySettings
from distillgate.wire import document
from distillgate.wire.operation import Operation
from distillgate_lab.upstream.server import serve

CHAT = "/v1/chat/completions"
KEY = new_key()
HELLO = {"model": "m-large", "messages": [{"role": "user", "content": "hello"}]}
ANSWER = {
    "model": "m-large",
    "choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3},
}


class Told(Telemetry):
    """Remembers what is told of decisions and answers."""

    def __init__(self) -> None:
        super().__init__(TelemetrySettings.model_validate({"log": {"level": "off"}}))
        self.decisions: list[Decision] = []
        self.effects: list[Effect] = []

    def exchange(self, operation: Operation, decision: Decision) -> None:
        super().exchange(operation, decision)
        self.decisions.append(decision)

    def ended(self, operation: Operation, decision: Decision, effect: Effect) -> None:
        super().ended(operation, decision, effect)
        self.effects.append(effect)


@dataclass
class Served:
    """A gate that a gateway asks, and whose relay answers beside."""

    client: httpx2.Client
    gate: Gate
    told: Told
    now: list[float]

    def decide(self, body: Any = HELLO, account: str = "a-1", **more: Any) -> dict[str, Any]:
        asked = {"path": CHAT, "headers": {"x-account": account}, "body": body, **more}
        found = self.client.post("/distillgate/decide", json=asked)
        assert found.status_code == 200, found.text
        told: dict[str, Any] = found.json()
        return told

    def advance(self, seconds: float) -> None:
        """Let time go on, once all that was answered has been learned."""
        assert self.client.get("/healthz").status_code == 200
        self.now[0] += seconds

    def learn(self, exchange: str, **came: Any) -> httpx2.Response:
        return self.client.post("/distillgate/learn", json={"id": exchange, **came})


Start = Callable[..., Served]


@pytest.fixture
def start() -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def begin(given: dict[str, Any], upstream: ASGIApp | None = None) -> Served:
            told, now = Told(), [NOON]
            people = {"edge": {"role": "gateway", "key": hashed(KEY)}}
            given = {
                "key": "a secret",
                "asgi": {"identity": {"header": "x-account"}},
                **given,
                "admin": {"key": "operator", "people": people},
            }
            gate = Gate(upstream or Fixed(), given, clock=lambda: now[0], telemetry=told)
            address = stack.enter_context(serve(gate.sidecar()))
            client = stack.enter_context(
                httpx2.Client(
                    base_url=address.url,
                    trust_env=False,
                    headers={"authorization": f"Bearer {KEY}"},
                    timeout=60,
                )
            )
            return Served(client, gate, told, now)

        yield begin


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.005)


def test_what_is_told_is_learned_as_if_it_had_been_relayed(start: Start) -> None:
    served = start({})
    found = served.decide()
    assert found["action"] == "allow"
    assert found["reference"].startswith("dg-")
    assert found["why"]["account"] == "a-1"
    assert "forward" not in found
    assert served.learn(found["id"], status=200, body=ANSWER).json() == {
        "reference": found["reference"]
    }
    again = served.learn(found["id"], status=200, body=ANSWER)
    assert again.status_code == 404
    assert "expired" in again.json()["error"]

    stream = b'data: {"choices":[{"delta":{"content":"yes"}}]}\n\ndata: [DONE]\n\n'
    ways: list[dict[str, Any]] = [
        {"usage": {"prompt_tokens": 7, "completion_tokens": 3}, "text": "yes"},
        {"body_base64": b64encode(json.dumps(ANSWER).encode()).decode()},
        {"body": json.dumps(ANSWER), "headers": {"content-type": "application/json"}},
        {"body": stream.decode(), "headers": [["Content-Type", "text/event-stream"]]},
    ]
    for way in ways:
        assert served.learn(served.decide()["id"], status=200, **way).status_code == 200
    served.advance(1.0)
    ended = served.told.effects
    assert [one.completion_tokens for one in ended] == [3, 3, 3, 3, None]
    assert [one.prompt_tokens for one in ended] == [7, 7, 7, 7, None]
    assert {one.result for one in ended} == {"answered"}

    gone = served.decide()
    assert served.learn(gone["id"], aborted=True).status_code == 200
    eventually(lambda: len(served.told.effects) == 6)
    assert served.told.effects[-1].result == "aborted"
    failed = served.decide()
    served.learn(failed["id"], status=502)
    eventually(lambda: len(served.told.effects) == 7)
    assert served.told.effects[-1].result == "failed"


def test_a_mistake_is_told(start: Start) -> None:
    served = start({})
    known = served.decide()["id"]
    for path, asked, status, error in [
        ("decide", [], 422, "a JSON object"),
        ("decide", {"method": "POST"}, 422, "give the request"),
        ("decide", {"path": CHAT, "headers": {"a": 1}}, 422, "`headers` is an object"),
        ("decide", {"path": CHAT, "headers": 7}, 422, "`headers` is an object"),
        ("decide", {"path": CHAT, "body_base64": "~"}, 422, "not base64"),
        ("decide", {"path": CHAT, "peer": 7}, 422, "`peer` is an address"),
        ("learn", {"id": known}, 422, "`status` is that of the answer"),
        ("learn", {"id": known, "status": 7}, 422, "`status` is that of the answer"),
        ("learn", {"id": 7}, 404, "no exchange is waited for"),
        ("learn", {}, 404, "no exchange is waited for"),
    ]:
        found = served.client.post(f"/distillgate/{path}", json=asked)
        assert (found.status_code, error in found.json()["error"]) == (status, True), found.text
    broken = served.client.post("/distillgate/decide", content=b"{")
    assert broken.status_code == 422
    for key in ("", "Bearer wrong"):
        found = served.client.post("/distillgate/decide", json={}, headers={"authorization": key})
        assert found.status_code == 401
    assert served.client.get("/distillgate/accounts").status_code == 403


def test_bodies_are_bounded_as_the_relays(start: Start) -> None:
    served = start({"asgi": {"identity": {"header": "x-account"}, "body": {"max_bytes": 1024}}})
    long = {"messages": [{"role": "user", "content": "x" * 2000}]}
    found = served.decide(long)
    assert (found["action"], found["id"]) == ("refuse", None)
    assert found["respond"]["status"] == 413
    assert found["respond"]["body"]["error"]["code"] == "request_too_large"
    asked = {"path": CHAT, "body": "x" * 300_000}
    assert served.client.post("/distillgate/decide", json=asked).status_code == 413
    assert served.gate.parts is not None
    assert served.gate.parts.context.ledger.held == 0


def test_bodies_that_are_too_much_together_are_told_to_come_later(start: Start) -> None:
    body = {"max_bytes": 1024, "max_held_bytes": 200_000}
    served = start({"asgi": {"identity": {"header": "x-account"}, "body": body}})
    asked = {"path": CHAT, "body": "x" * 230_000}  # less than one request may have
    assert served.client.post("/distillgate/decide", json=asked).status_code == 503
    assert served.gate.parts is not None
    assert served.gate.parts.context.ledger.held == 0


def test_what_is_not_read_passes_and_is_not_waited_for(start: Start) -> None:
    served = start({})
    others: list[dict[str, Any]] = [
        {"path": "/v1/models", "method": "GET"},
        {"path": "/v1/unknown", "body": {"prompt": "x"}},
        {"headers": {}},
        {"body_base64": b64encode(b"{").decode()},
    ]
    for more in others:
        found = served.decide(**more)
        assert (found["action"], found["id"], found["why"]) == ("allow", None, None)
    assert served.gate.parts is not None
    eventually(lambda: served.gate.parts.context.ledger.held == 0)  # type: ignore[union-attr]


def test_a_budget_is_told_in_the_apis_own_shape(start: Start) -> None:
    limited = {"policy": {"plans": {"default": {"requests_per_minute": 1}}}}
    served = start({"mode": "enforce", **limited})
    served.learn(served.decide()["id"], status=200, body=ANSWER)
    found = served.decide()
    assert found["action"] == "throttle"
    assert found["id"] is None
    assert found["respond"]["status"] == 429
    assert float(found["respond"]["headers"]["retry-after"]) >= 1
    assert found["respond"]["body"]["error"]["code"] == "rate_limit_exceeded"
    assert found["reference"] in found["respond"]["body"]["error"]["message"]
    claude = served.decide(path="/v1/messages", headers={"x-account": "a-1"})
    assert claude["respond"]["body"]["type"] == "error"
    raw = served.decide(body=None, body_base64=b64encode(json.dumps(HELLO).encode()).decode())
    assert (
        json.loads(b64decode(raw["respond"]["body_base64"]))["error"]["code"]
        == "rate_limit_exceeded"
    )


def test_the_pages_of_the_documentation_are_what_is_said(start: Start) -> None:
    page = (Path(__file__).parents[2] / "docs" / "deciding.md").read_text()
    asked, answered, told = (
        json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    )
    served = start({"mode": "enforce"})
    found = served.client.post("/distillgate/decide", json=asked).json()
    assert found["why"].keys() == answered["why"].keys()
    drawn = {"id": found["id"], "reference": found["reference"]}
    assert found == {**answered, **drawn}
    assert [len(text) for text in drawn.values()] == [len(answered[name]) for name in drawn]
    assert (
        served.client.post("/distillgate/learn", json={**told, "id": found["id"]}).status_code
        == 200
    )
    served.advance(1.0)
    assert served.told.effects[-1].completion_tokens == 3


@pytest.mark.timeout(300)
def test_the_same_traffic_gets_the_same_decisions_either_way(start: Start) -> None:
    upstream = Fixed()
    relayed, decided = start(settings(), upstream), start(settings())
    sent: list[bytes] = []
    statuses: Counter[tuple[bool, int]] = Counter()
    for number, call in enumerate(CALLS):
        for served in (relayed, decided):
            served.advance(call.at - CALLS[max(0, number - 1)].at)
        asked = {**call.body, **({} if call.account.honest else {"logprobs": True})}
        got = relayed.client.post(call.path, json=asked, headers=headers(call.account, ""))
        statuses[call.account.honest, got.status_code] += 1
        client = list(got.request.headers.items())
        found = decided.decide(asked, path=call.path, headers=client)
        if "respond" in found:
            assert found["respond"]["status"] == got.status_code
            assert found["respond"]["body"]["error"].keys() == got.json()["error"].keys()
            continue
        body = found.get("forward", {}).get("body", asked)
        sent.append(document.write(body))
        kind, answer = reply(sent[-1], call.path)
        learned = decided.learn(
            found["id"], status=200, headers={"content-type": kind}, body=answer.decode()
        )
        changed = learned.json().get("answer", {})
        assert b64decode(changed.get("body_base64", b64encode(answer))) == got.content
        assert changed.get("headers", {}).get("x-distillgate") == got.headers.get("x-distillgate")

    for served in (relayed, decided):
        served.advance(0.0)
    one, other = (
        [replace(d, passage=None, retry_after=None) for d in served.told.decisions]
        for served in (relayed, decided)
    )
    assert one == other
    assert sent == upstream.bodies
    effects = ([_known(e) for e in served.told.effects] for served in (relayed, decided))
    assert next(effects) == next(effects)
    assert {status for honest, status in statuses if honest} == {200}
    assert statuses[False, 429] > 20
    assert sum("reasoning" in effect.measures for effect in decided.told.effects) > 20


def _known(effect: Effect) -> tuple[Any, ...]:
    return effect.result, effect.cause, effect.status, effect.measures, effect.completion_tokens
