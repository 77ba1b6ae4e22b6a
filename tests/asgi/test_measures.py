"""Every measure on every API, streamed and not, as the real SDKs see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import anthropic
import openai
import pytest
from msgspec.structs import replace

from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.dialects.registry import OPERATIONS
from distillgate.engine.engine import Engine
from distillgate.gate import Gate
from distillgate.wire.request import from_document
from distillgate_lab.upstream.app import Upstream, upstream

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from tests.conftest import Serving

    from distillgate.policy.decision import Decision
    from distillgate.wire.exchange import Exchange

ASK: list[Any] = [{"role": "user", "content": "What is a river?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "weather", "parameters": SCHEMA}
USAGE = {"stream_options": {"include_usage": True}}
TAGGED = "<think>A river flows.\n</think>\n\nWater < 100 C that goes to the sea."
VISIBLE = "Water < 100 C that goes to the sea."
SIZES = (1, 61)


class Api(NamedTuple):
    """How an SDK asks for text, for a tool, for JSON; and what of an answer says so."""

    text: dict[str, Any]
    tool: dict[str, Any]
    json: dict[str, Any]
    stream: dict[str, Any] = {}


CHAT = {"model": "m-large", "messages": ASK}
SHORT = {"max_completion_tokens": 300}
INPUT = {"model": "m-large", "input": "What is a river?", "max_output_tokens": 300}
FORMAT = {"type": "json_schema", "name": "city", "schema": SCHEMA}
APIS = {
    "chat": Api(
        CHAT,
        CHAT | SHORT | {"tools": [{"type": "function", "function": FUNCTION}]},
        CHAT | SHORT | {"response_format": {"type": "json_schema", "json_schema": FORMAT}},
        USAGE,
    ),
    "completions": Api({"model": "m-large", "prompt": "What is a river?"}, {}, {}, USAGE),
    "responses": Api(
        {"model": "m-large", "input": "What is a river?"},
        INPUT | {"tools": [{"type": "function", **FUNCTION}]},
        INPUT | {"text": {"format": FORMAT}},
    ),
    "messages": Api(
        CHAT | {"max_tokens": 300},
        CHAT | {"max_tokens": 300, "tools": [{"name": "weather", "input_schema": SCHEMA}]},
        CHAT | {"max_tokens": 300, "output_config": {"format": FORMAT}},
    ),
}
_CALLS = {call.name: call for call in OPERATIONS}
EVERY = pytest.mark.parametrize("api", APIS)
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


class Said(NamedTuple):
    """One answer as its SDK gives it."""

    parts: list[Any]
    headers: Any

    @property
    def text(self) -> str:
        return "".join(_texts(self.parts, "content", "text"))

    @property
    def thoughts(self) -> str:
        return "".join(_texts(self.parts, "reasoning_content", "thinking"))


def _texts(value: Any, *names: str) -> list[str]:
    """Collect what deltas and blocks say; events that repeat a text are left out by their type."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, *names)]
    if not isinstance(value, dict):
        return []
    kind = str(value.get("type"))
    if kind.startswith("response.") and not kind.endswith("output_text.delta"):
        return []
    found = []
    for name, item in value.items():
        if isinstance(item, str):
            spoken = name in names or (name == "delta" and "text" in names)
            found += [item] if spoken and kind != "summary_text" else []
        elif name not in ("tools", "text"):
            found += _texts(item, *names)
    return found


def ask(url: str, api: str, asked: dict[str, Any], *, stream: bool = False) -> Said:
    more = {"stream": True} | APIS[api].stream if stream else {}
    client: Any
    if api == "messages":
        client = anthropic.Anthropic(base_url=url, api_key="sk-1", max_retries=0)
    else:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0)
    call = {
        "chat": lambda: client.chat.completions,
        "completions": lambda: client.completions,
        "responses": lambda: client.responses,
        "messages": lambda: client.messages,
    }[api]()
    with client:
        raw = call.with_raw_response.create(**asked, **more)
        answer = raw.parse()
        if not stream:
            return Said([answer.model_dump(warnings=False)], raw.headers)
        with answer:
            return Said([event.model_dump(warnings=False) for event in answer], raw.headers)


def cut(app: ASGIApp, size: int) -> ASGIApp:
    """Send an app's answers in pieces of one size, wherever that cuts them."""

    async def cutting(scope: Scope, receive: Receive, send: Send) -> None:
        async def pieces(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] == "http.response.body" and body:
                for at in range(0, len(body), size):
                    piece = {**message, "body": body[at : at + size], "more_body": True}
                    await send(piece)
                if message.get("more_body", False):
                    return
                message = {**message, "body": b""}
            await send(message)

        await app(scope, receive, pieces)

    return cutting


def config(*measures: str, **actions: Any) -> dict[str, Any]:
    ladder = {"degrade": -1.0, "hard_families": 0}
    return {
        "mode": "enforce",
        "telemetry": {"log": {"level": "off"}},
        "policy": {"enforcement": {"onset_exchanges": 0}, "ladder": ladder},
        "actions": {"bands": [{"measures": list(measures)}], **actions},
    }


def gate(inner: ASGIApp, *measures: str, **actions: Any) -> Gate:
    return Gate(inner, config(*measures, **actions))


def usages(value: Any) -> list[Any]:
    """Every usage in an answer."""
    if isinstance(value, list):
        return [found for item in value for found in usages(item)]
    if not isinstance(value, dict):
        return []
    own = [value["usage"]] if value.get("usage") else []
    return own + [found for item in value.values() for found in usages(item)]


@EVERY
@STREAM
@pytest.mark.parametrize("size", SIZES)
def test_reasoning_goes_and_all_else_is_the_same(
    serving: Serving, api: str, stream: bool, size: int
) -> None:
    thinking, plain = upstream(reasoning=True), upstream(reasoning=False)
    direct = ask(serving(thinking).url, api, APIS[api].text, stream=stream)
    without = ask(serving(plain).url, api, APIS[api].text, stream=stream)

    found = ask(
        serving(gate(cut(thinking, size), "reasoning")).url, api, APIS[api].text, stream=stream
    )

    assert found.text == direct.text == without.text != ""
    assert "Let me see" not in str(found.parts)
    assert usages(found.parts) == usages(direct.parts) != []
    assert len(found.parts) == len(direct.parts)
    # A stream's headers leave before anybody knows what is in it.
    named = not stream and api != "completions"
    assert found.headers.get("x-distillgate") == ("degrade; reasoning" if named else None)
    if api != "completions":
        assert "Let me see" in str(direct.parts) or "Let" in direct.thoughts
        assert usages(direct.parts) != usages(without.parts)


@EVERY
@STREAM
@pytest.mark.parametrize("size", SIZES)
def test_tagged_reasoning_goes_and_all_else_is_the_same(
    serving: Serving, api: str, stream: bool, size: int
) -> None:
    inner = upstream(answer=lambda _: TAGGED)
    direct = ask(serving(inner).url, api, APIS[api].text, stream=stream)

    found = ask(
        serving(gate(cut(inner, size), "reasoning")).url, api, APIS[api].text, stream=stream
    )

    assert direct.text == TAGGED
    assert found.text == VISIBLE
    assert "A river flows" not in str(found.parts)
    assert usages(found.parts) == usages(direct.parts) != []


@pytest.mark.parametrize("api", [api for api in APIS if APIS[api].tool])
@STREAM
@pytest.mark.parametrize("what", ["tool", "json"])
@pytest.mark.parametrize("size", SIZES)
def test_tool_calls_and_json_are_untouched(
    serving: Serving, api: str, stream: bool, what: str, size: int
) -> None:
    inner = upstream()
    asked = getattr(APIS[api], what)
    direct = ask(serving(inner).url, api, asked, stream=stream)

    every = gate(cut(inner, size), "parameters", "determinism", "reasoning", "route", "pace")
    found = ask(serving(every).url, api, asked, stream=stream)

    assert found.text == direct.text
    assert usages(found.parts) == usages(direct.parts) != []
    assert _calls(found.parts) == _calls(direct.parts)
    assert inner.received[0].json == inner.received[1].json
    assert _calls(direct.parts) or what == "json"


def _calls(value: Any) -> list[Any]:
    """Every tool call in an answer, but for its id, which names the request."""
    if isinstance(value, list):
        return [found for item in value for found in _calls(item)]
    if not isinstance(value, dict):
        return []
    keys = ("arguments", "input", "partial_json", "name")
    own = {key: value[key] for key in keys if key in value and value.get("type") != "response"}
    kind = str(value.get("type"))
    called = "function" in kind or "tool" in kind or "json" in kind or "arguments" in value
    deeper = [found for key, item in value.items() if key != "tools" for found in _calls(item)]
    return ([own] if called and own else []) + deeper


CAPPED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "chat": (
        {"logprobs": True, "top_logprobs": 3, "logit_bias": {"5": 1}, "n": 3, "seed": 5}
        | {"reasoning_effort": "high", "max_completion_tokens": 4000},
        {"n": 1, "reasoning_effort": "medium", "max_completion_tokens": 1024},
    ),
    "completions": (
        {"logprobs": 3, "echo": True, "best_of": 4, "seed": 5, "max_tokens": 4000},
        {"max_tokens": 1024},
    ),
    "responses": (
        {"include": ["message.output_text.logprobs"], "top_logprobs": 3}
        | {"reasoning": {"effort": "high"}, "max_output_tokens": 4000},
        {"include": [], "reasoning": {"effort": "medium"}, "max_output_tokens": 1024},
    ),
    "messages": (
        {"output_config": {"effort": "max"}, "max_tokens": 4000},
        {"output_config": {"effort": "medium"}, "max_tokens": 1024},
    ),
}


@EVERY
@STREAM
def test_caps_and_the_seed(serving: Serving, api: str, stream: bool) -> None:
    inner: Upstream = upstream()
    url = serving(gate(inner, "parameters", "determinism")).url
    more, left = CAPPED[api]

    found = ask(url, api, APIS[api].text | more, stream=stream)

    extra = ({"stream": True} | APIS[api].stream) if stream else {}
    assert inner.received[0].json == APIS[api].text | left | extra
    assert found.text
    assert found.headers["x-distillgate"].startswith("degrade; ")


@EVERY
@STREAM
def test_another_model_answers_and_says_so(serving: Serving, api: str, stream: bool) -> None:
    inner = upstream()
    routed = gate(inner, "route", route={"models": {"m-large": "m-small"}})

    found = ask(serving(routed).url, api, APIS[api].text, stream=stream)

    assert inner.received[0].json["model"] == "m-small"
    models = {part["model"] for part in found.parts if part.get("model")}
    models |= {r["model"] for p in found.parts if (r := p.get("message") or p.get("response"))}
    assert models == {"m-small"}
    assert found.headers["x-distillgate"] == "degrade; model m-small"


@EVERY
def test_a_paced_stream_is_the_same_stream(serving: Serving, api: str) -> None:
    inner = upstream()
    direct = ask(serving(inner).url, api, APIS[api].text, stream=True)
    paced = gate(inner, "pace", pace={"events_per_second": 200.0, "burst": 5.0})

    found = ask(serving(paced).url, api, APIS[api].text, stream=True)

    assert found.parts == direct.parts
    assert "x-distillgate" not in found.headers, "it names what was done before"


def test_the_header_can_be_turned_off(serving: Serving) -> None:
    silent = gate(upstream(reasoning=True), "reasoning", header="")

    assert "x-distillgate" not in ask(serving(silent).url, "chat", APIS["chat"].text).headers


@pytest.mark.parametrize("api", ["chat", "responses", "messages"])
@STREAM
def test_a_marked_answer_comes_as_the_model_was_told(
    serving: Serving, api: str, stream: bool
) -> None:
    inner = upstream(answer=lambda _: "It carries sand. Shall I go on?")

    class Grouped(Engine):
        def begin(self, exchange: Exchange, now: float) -> Decision:
            return replace(super().begin(exchange, now), group_code="g-1")

    settings = Config.model_validate(config("mark", mark={"share": 1.0}))
    url = serving(build(settings, engine=Grouped).middleware(inner)).url
    direct = ask(serving(inner).url, api, APIS[api].text, stream=stream)

    found = ask(url, api, APIS[api].text, stream=stream)
    plain = ask(url, api, APIS[api].tool, stream=stream)

    asked = from_document(_CALLS[api], inner.received[1].json)
    assert 'begins with the words "' in asked.instructions
    assert asked.newest == "What is a river?"
    assert found.text == direct.text
    assert found.headers["x-distillgate"] == "degrade; mark"
    assert "x-distillgate" not in plain.headers
    assert inner.received[2].json == APIS[api].tool | (
        {"stream": True} | APIS[api].stream if stream else {}
    )
