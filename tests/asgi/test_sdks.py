"""The real SDKs cannot tell whether the gate is there: same bytes in, same answers out."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import openai
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate_lab.upstream.app import Upstream, upstream

if TYPE_CHECKING:
    from tests.conftest import Serving

PROMPT: list[Any] = [{"role": "user", "content": "What is a river?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
FLAT_TOOL: Any = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}
CLAUDE_TOOL: Any = {"name": "weather", "input_schema": SCHEMA}
CHAT: dict[str, Any] = {"model": "m-large", "messages": PROMPT}
MESSAGES: dict[str, Any] = {"model": "m-large", "max_tokens": 200, "messages": PROMPT}


class City(BaseModel):
    name: str
    people: int


OPENAI: dict[str, Callable[[Any], Any]] = {
    "chat": lambda c: c.chat.completions.create(**CHAT, logprobs=True, top_logprobs=2, n=2),
    "chat stream": lambda c: c.chat.completions.create(
        **CHAT, stream=True, stream_options={"include_usage": True}
    ),
    "chat tools": lambda c: c.chat.completions.create(**CHAT, tools=[TOOL]),
    "chat tools stream": lambda c: c.chat.completions.create(**CHAT, tools=[TOOL], stream=True),
    "chat structured": lambda c: c.chat.completions.parse(**CHAT, response_format=City),
    "completions": lambda c: c.completions.create(model="m-large", prompt="one two"),
    "completions stream": lambda c: c.completions.create(
        model="m-large", prompt="one two", stream=True
    ),
    "responses": lambda c: c.responses.create(model="m-large", input="one two"),
    "responses stream": lambda c: c.responses.create(model="m-large", input="x", stream=True),
    "responses tools": lambda c: c.responses.create(
        model="m-large", input="x", tools=[FLAT_TOOL], stream=True
    ),
    "responses structured": lambda c: c.responses.parse(
        model="m-large", input="x", text_format=City
    ),
    "embeddings": lambda c: c.embeddings.create(model="m-large", input=["one", "two"]),
    "models": lambda c: c.models.list(),
}

ANTHROPIC: dict[str, Callable[[Any], Any]] = {
    "messages": lambda c: c.messages.create(**MESSAGES, system="Be brief."),
    "messages stream": lambda c: c.messages.create(**MESSAGES, stream=True),
    "messages tools": lambda c: c.messages.create(**MESSAGES, tools=[CLAUDE_TOOL]),
    "messages tools stream": lambda c: c.messages.create(
        **MESSAGES, tools=[CLAUDE_TOOL], stream=True
    ),
    "messages structured": lambda c: c.messages.parse(**MESSAGES, output_format=City),
    "count tokens": lambda c: c.messages.count_tokens(model="m-large", messages=PROMPT),
}

CALLS = {name: (True, call) for name, call in OPENAI.items()} | {
    name: (False, call) for name, call in ANTHROPIC.items()
}


def whole(answer: Any) -> list[Any]:
    if hasattr(answer, "model_dump"):
        return [answer.model_dump(warnings=False)]
    with answer:
        return [event.model_dump(warnings=False) for event in answer]


async def whole_async(answer: Any) -> list[Any]:
    if isinstance(answer, Awaitable):
        answer = await answer
    if hasattr(answer, "model_dump"):
        return [answer.model_dump(warnings=False)]
    async with answer:
        return [event.model_dump(warnings=False) async for event in answer]


def ask(url: str, *, is_openai: bool, call: Callable[[Any], Any]) -> list[Any]:
    if is_openai:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-test", max_retries=0) as client:
            return whole(call(client))
    with anthropic.Anthropic(base_url=url, api_key="sk-test", max_retries=0) as claude:
        return whole(call(claude))


async def ask_async(url: str, *, is_openai: bool, call: Callable[[Any], Any]) -> list[Any]:
    if is_openai:
        async with openai.AsyncOpenAI(
            base_url=f"{url}/v1", api_key="sk-test", max_retries=0
        ) as client:
            return await whole_async(call(client))
    async with anthropic.AsyncAnthropic(base_url=url, api_key="sk-test", max_retries=0) as claude:
        return await whole_async(call(claude))


def host(inner: Upstream, **gate: Any) -> FastAPI:
    app = FastAPI()
    app.mount("/", inner)
    if gate:
        app.add_middleware(Gate, **gate)
    return app


def seen(inner: Upstream) -> list[Any]:
    """What arrived, but for the port in `host` and what pools differ in."""
    return [
        (r.method, r.target, [h for h in r.headers if h[0] != b"host"], r.body)
        for r in inner.received
    ]


@pytest.mark.parametrize("config", [Config(), Config(mode="enforce")], ids=["shadow", "enforce"])
def test_the_sdks_get_and_send_the_same_bytes_with_the_gate(
    serving: Serving, config: Config
) -> None:
    plain, gated = upstream(), upstream()
    direct = serving(host(plain)).url
    through = serving(host(gated, config=config)).url

    for name, (is_openai, call) in CALLS.items():
        for way in ("sync", "async"):
            answers = []
            for url in (direct, through):
                if way == "sync":
                    answers.append(ask(url, is_openai=is_openai, call=call))
                else:
                    answers.append(asyncio.run(ask_async(url, is_openai=is_openai, call=call)))
            assert answers[0], name
            assert answers[0] == answers[1], (name, way)

    assert seen(gated) == seen(plain)
    assert len(gated.received) == 2 * len(CALLS)


ENFORCE: dict[str, Any] = {"mode": "enforce", "telemetry": {"log": {"level": "off"}}}
AT_ONCE = {"enforcement": {"onset_exchanges": 0}}
REFUSING = ENFORCE | {
    "policy": AT_ONCE | {"ladder": {"refuse": -1.0, "hard_families": 0}},
    "actions": {"contact": "abuse@example.org"},
}
DEGRADING = ENFORCE | {"policy": AT_ONCE | {"ladder": {"degrade": -1.0, "hard_families": 0}}}
BUDGETED = ENFORCE | {"policy": {"plans": {"default": {"requests_per_minute": 60.0}}}}


class Stopped:
    """A clock that stands still until it is told to go."""

    def __init__(self) -> None:
        self.since: float | None = None

    def __call__(self) -> float:
        return 1771286400.0 + (0.0 if self.since is None else time.monotonic() - self.since)

    def go(self) -> None:
        self.since = time.monotonic()


def test_a_spent_budget_is_a_rate_limit_error_in_both_sdks(serving: Serving) -> None:
    inner = upstream()
    url = serving(host(inner, config=BUDGETED, clock=Stopped())).url

    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        for _ in range(60):
            client.chat.completions.create(**CHAT)
        with pytest.raises(openai.RateLimitError) as limited:
            client.chat.completions.create(**CHAT)
    with (
        anthropic.Anthropic(base_url=url, api_key="sk-1", max_retries=0) as claude,
        pytest.raises(anthropic.RateLimitError) as claude_limited,
    ):
        claude.messages.create(**MESSAGES)

    assert limited.value.code == "rate_limit_exceeded"
    assert limited.value.request_id
    assert claude_limited.value.request_id
    for error in (limited.value, claude_limited.value):
        assert 1 <= int(error.response.headers["retry-after"]) <= 3
        assert error.response.headers["x-should-retry"] == "true"
    assert len(inner.received) == 60


def test_retry_after_is_how_long_an_sdk_must_wait(serving: Serving) -> None:
    inner, clock = upstream(), Stopped()
    url = serving(host(inner, config=BUDGETED, clock=clock)).url

    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=1) as client:
        for _ in range(60):
            client.chat.completions.create(**CHAT)
        clock.go()
        client.chat.completions.create(**CHAT)

    assert len(inner.received) == 61
    assert inner.received[-1].header("x-stainless-retry-count") == "1"


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/chat/completions", CHAT), ("/v1/messages", MESSAGES)]
)
def test_a_suspects_refusals_have_the_shape_of_a_plans(
    serving: Serving, path: str, body: dict[str, Any]
) -> None:
    config = ENFORCE | {
        "asgi": {"identity": {"header": "x-account"}},
        "policy": AT_ONCE
        | {
            "plans": {"default": {"requests_per_minute": 20.0}},
            "ladder": {"throttle": -3.0, "degrade": 50.0, "refuse": 60.0},
            "group_budget": {"refill": 1e-6, "floor_per_day": 1.0},
            "exemptions": [{"account": "honest", "reason": "a plan, and nothing else"}],
        },
    }
    url = serving(host(upstream(), config=config, clock=Stopped())).url
    shapes: dict[str, set[Any]] = {"honest": set(), "suspect": set()}
    waits: dict[str, list[int]] = {"honest": [], "suspect": []}

    with httpx2.Client(base_url=url, timeout=60, trust_env=False) as client:
        for name, found in shapes.items():
            while len(waits[name]) < 60:
                answer = client.post(path, json=body, headers={"x-account": name})
                if answer.status_code == 200:
                    continue
                error = answer.json()["error"]
                found.add((
                    answer.status_code, len(answer.content), error["type"], error.get("code"),
                    tuple(sorted(set(answer.headers) - {"date"})),
                    answer.headers["x-should-retry"],
                ))  # fmt: skip
                waits[name].append(int(answer.headers["retry-after"]))

    assert shapes["honest"] == shapes["suspect"]
    assert len(shapes["honest"]) == 1
    for honest, suspect in zip(waits["honest"], waits["suspect"], strict=True):
        assert abs(honest - suspect) <= 4  # less than a turn, and its jitter


@pytest.mark.parametrize("named", [-1, -2, "-1", None, 0])
def test_twelve_at_once_that_name_no_limit_do_not_pass_a_budget_of_two(
    serving: Serving, named: Any
) -> None:
    plan = {"output_tokens_per_day": 1000.0, "reserve": 500}
    config = ENFORCE | {"policy": {"plans": {"default": plan}}}
    let_go, app = asyncio.Event(), FastAPI()

    async def answer() -> dict[str, Any]:
        await let_go.wait()
        return {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}

    async def release() -> None:
        let_go.set()

    app.add_api_route("/v1/chat/completions", answer, methods=["POST"])
    app.add_api_route("/release", release, methods=["POST"])
    app.add_middleware(Gate, config=config)
    url = serving(app).url

    async def ask_all() -> list[int]:
        async with httpx2.AsyncClient(base_url=url, timeout=120, trust_env=False) as client:

            async def ask_one() -> int:
                body, key = CHAT | {"max_tokens": named}, {"authorization": "Bearer sk-1"}
                reply = await client.post("/v1/chat/completions", json=body, headers=key)
                return reply.status_code

            calls = [asyncio.ensure_future(ask_one()) for _ in range(12)]
            for refused, call in enumerate(asyncio.as_completed(calls), start=1):
                await call
                if refused == 10:  # nobody is answered before all have come
                    await client.post("/release")
            return [call.result() for call in calls]

    statuses = asyncio.run(ask_all())

    assert sorted(statuses) == [200] * 2 + [429] * 10


class Skipped:
    """A clock that goes on to the next sleeper when all sleep."""

    def __init__(self, live: int) -> None:
        self.now = 1771286400.0
        self._live = live
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), woken))
        self._go_on()
        await woken

    def leave(self) -> None:
        self._live -= 1
        self._go_on()

    def _go_on(self) -> None:
        if self._sleepers and len(self._sleepers) == self._live:
            at, _, woken = heapq.heappop(self._sleepers)
            self.now = max(self.now, at)
            woken.set_result(None)


class Sleeper(openai.AsyncOpenAI):
    """The SDK, which waits as long as it would, by another clock."""

    clock: Skipped

    async def _sleep_for_retry(
        self, *, retries_taken: int, max_retries: int, options: Any, response: Any
    ) -> None:
        headers = None if response is None else response.headers
        left = max_retries - retries_taken
        await self.clock.sleep(self._calculate_retry_timeout(left, options, headers))


@pytest.mark.parametrize(
    ("plan", "calls"),
    [
        ({"requests_per_minute": 20.0}, 30),
        ({"requests_per_minute": 20.0}, 60),
        ({"tokens_per_minute": 20 * 256.0}, 30),
    ],
)
def test_sdks_with_two_retries_that_wait_as_told_all_succeed(
    serving: Serving, plan: dict[str, Any], calls: int
) -> None:
    inner, clock = upstream(), Skipped(calls)
    config = ENFORCE | {"policy": {"plans": {"default": plan}}}
    url = serving(host(inner, config=config, clock=clock)).url

    async def ask_all() -> None:
        async with Sleeper(base_url=f"{url}/v1", api_key="sk-1", max_retries=2) as client:
            client.clock = clock

            async def ask_one() -> None:
                try:
                    await client.chat.completions.create(**CHAT, max_tokens=240)
                finally:
                    clock.leave()

            await asyncio.gather(*(ask_one() for _ in range(calls)))

    asyncio.run(ask_all())

    assert len(inner.received) == calls
    assert {r.header("x-stainless-retry-count") for r in inner.received} <= {"0", "1", "2"}


def test_a_refusal_is_a_permission_denied_error_in_both_sdks(serving: Serving) -> None:
    inner = upstream()
    url = serving(host(inner, config=REFUSING)).url

    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1") as client,
        pytest.raises(openai.PermissionDeniedError) as denied,
    ):
        client.chat.completions.create(**CHAT, stream=True)
    with (
        anthropic.Anthropic(base_url=url, api_key="sk-1") as claude,
        pytest.raises(anthropic.PermissionDeniedError) as claude_denied,
    ):
        claude.messages.create(**MESSAGES)

    assert denied.value.code == "suspected_extraction"
    for error in (denied.value, claude_denied.value):
        assert "abuse@example.org" in error.message
        assert error.request_id
        assert error.request_id in error.message
    assert not inner.received


def test_a_degraded_request_reaches_the_upstream_without_what_serves_extraction(
    serving: Serving,
) -> None:
    inner = upstream()
    url = serving(host(inner, config=DEGRADING)).url

    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(
            **CHAT, logprobs=True, top_logprobs=5
        )

    (received,) = inner.received
    assert "logprobs" not in received.json
    assert received.json["messages"] == PROMPT
    assert answer.parse().choices[0].logprobs is None
    assert "degrade" in answer.headers["x-distillgate"]


def test_shadow_mode_does_none_of_it(serving: Serving) -> None:
    inner = upstream()
    url = serving(host(inner, config=REFUSING | {"mode": "shadow"})).url

    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(**CHAT)

    assert answer.status_code == 200
    assert "x-distillgate" not in answer.headers
    assert len(inner.received) == 1


def test_a_body_past_the_bound_is_the_sdks_own_error(serving: Serving) -> None:
    config = {"asgi": {"body": {"max_bytes": 1024}}}
    url = serving(host(upstream(), config=config)).url
    turns: list[Any] = [{"role": "user", "content": "x" * 100_000}]

    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1") as client,
        pytest.raises(openai.APIStatusError) as large,
    ):
        client.chat.completions.create(model="m-large", messages=turns)
    with (
        anthropic.Anthropic(base_url=url, api_key="sk-1") as claude,
        pytest.raises(anthropic.APIStatusError) as claude_large,
    ):
        claude.messages.create(model="m-large", max_tokens=9, messages=turns)

    assert large.value.status_code == claude_large.value.status_code == 413
