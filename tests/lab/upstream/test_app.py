"""The embedded upstream satisfies the real SDKs, records what it gets, and notices who leaves."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from pydantic import BaseModel
from websockets import Subprotocol
from websockets.sync.client import connect

from distillgate_lab.upstream.answers import answer
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import Address, serve

PROMPT: list[Any] = [{"role": "user", "content": "What is a river?"}]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


class City(BaseModel):
    name: str
    people: int
    twin: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[Address]:
    with serve(upstream()) as running:
        yield running


@pytest.fixture
def chat(server: Address) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client:
        yield client


@pytest.fixture
def claude(server: Address) -> Iterator[Any]:
    with anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=0) as client:
        yield client


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.005)


def test_chat_answers_with_text_and_usage(chat: Any) -> None:
    done = chat.chat.completions.create(model="m-large", messages=PROMPT)
    assert done.choices[0].message.content == answer("What is a river?")
    assert done.choices[0].finish_reason == "stop"
    assert done.usage.prompt_tokens == 4
    assert done.usage.completion_tokens == len(answer("What is a river?").split())


def test_chat_streams_the_same_text_and_usage_when_asked(chat: Any) -> None:
    stream = chat.chat.completions.create(
        model="m-large", messages=PROMPT, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == answer("What is a river?")
    assert chunks[-1].usage.completion_tokens == len(text.split())


def test_chat_calls_a_tool_and_answers_its_result(chat: Any) -> None:
    tool: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    asked = chat.chat.completions.create(model="m", messages=PROMPT, tools=[tool])
    call = asked.choices[0].message.tool_calls[0]
    assert asked.choices[0].finish_reason == "tool_calls"
    assert set(json.loads(call.function.arguments)) == {"city"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    turns: list[Any] = [*PROMPT, asked.choices[0].message, result]
    done = chat.chat.completions.create(model="m", messages=turns, tools=[tool])
    assert done.choices[0].message.content == answer("rain")


def test_chat_streams_a_tool_call(chat: Any) -> None:
    tool: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    with chat.chat.completions.stream(model="m", messages=PROMPT, tools=[tool]) as stream:
        done = stream.get_final_completion()
    call = done.choices[0].message.tool_calls[0]
    assert call.function.name == "weather"
    assert set(json.loads(call.function.arguments)) == {"city"}


def test_chat_keeps_a_schema(chat: Any) -> None:
    done = chat.chat.completions.parse(model="m", messages=PROMPT, response_format=City)
    assert isinstance(done.choices[0].message.parsed, City)


def test_chat_gives_log_probabilities_choices_and_a_limit(chat: Any) -> None:
    done = chat.chat.completions.create(
        model="m", messages=PROMPT, n=2, logprobs=True, top_logprobs=3, max_tokens=5
    )
    assert [c.finish_reason for c in done.choices] == ["length", "length"]
    assert len(done.choices[1].logprobs.content) == 5
    assert len(done.choices[0].logprobs.content[0].top_logprobs) == 3


def test_completions_stream_and_do_not(chat: Any) -> None:
    whole = chat.completions.create(model="m", prompt="one two").choices[0].text
    parts = chat.completions.create(model="m", prompt="one two", stream=True)
    assert whole == answer("one two") == "".join(p.choices[0].text for p in parts if p.choices)


def test_responses_answer_call_parse_and_stream(chat: Any) -> None:
    done = chat.responses.create(model="m", input="What is a river?")
    assert done.output_text == answer("What is a river?")
    tool: Any = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}
    called = chat.responses.create(model="m", input="q", tools=[tool]).output[0]
    assert set(json.loads(called.arguments)) == {"city"}
    assert isinstance(
        chat.responses.parse(model="m", input="q", text_format=City).output_parsed, City
    )
    with chat.responses.stream(model="m", input="What is a river?") as stream:
        for event in stream:
            assert event.type != "error"
        assert stream.get_final_response().output_text == done.output_text
    with chat.responses.stream(model="m", input="q", tools=[tool]) as stream:
        assert stream.get_final_response().output[0].name == "weather"


def test_embeddings_come_as_numbers_for_one_and_for_many(chat: Any) -> None:
    one = chat.embeddings.create(model="m", input="text").data
    many = chat.embeddings.create(model="m", input=["text", "other"], dimensions=4).data
    assert len(one[0].embedding) == 16
    assert [len(item.embedding) for item in many] == [4, 4]
    plain = chat.embeddings.create(model="m", input="text", encoding_format="float").data
    assert one[0].embedding == pytest.approx(plain[0].embedding, abs=1e-6)


def test_messages_answer_and_stream(claude: Any) -> None:
    asked: dict[str, Any] = {"model": "m", "max_tokens": 200, "messages": PROMPT}
    done = claude.messages.create(**asked)
    assert done.content[0].text == answer("What is a river?")
    assert done.usage.output_tokens == len(done.content[0].text.split())
    with claude.messages.stream(**asked) as stream:
        assert stream.get_final_text() == done.content[0].text
        assert stream.get_final_message().usage.output_tokens == done.usage.output_tokens


def test_messages_use_a_tool_and_answer_its_result(claude: Any) -> None:
    tools: list[Any] = [{"name": "weather", "input_schema": SCHEMA}]
    asked: dict[str, Any] = {"model": "m", "max_tokens": 200, "tools": tools}
    with claude.messages.stream(messages=PROMPT, **asked) as stream:
        streamed = stream.get_final_message()
    done = claude.messages.create(messages=PROMPT, **asked)
    assert done.stop_reason == streamed.stop_reason == "tool_use"
    assert set(done.content[0].input) == set(streamed.content[0].input) == {"city"}
    result = {"type": "tool_result", "tool_use_id": done.content[0].id, "content": "rain"}
    turns: list[Any] = [
        *PROMPT,
        {"role": "assistant", "content": done.content},
        {"role": "user", "content": [result]},
    ]
    assert claude.messages.create(messages=turns, **asked).content[0].text == answer("rain")


def test_messages_keep_a_schema_and_count_tokens(claude: Any) -> None:
    asked: dict[str, Any] = {"model": "m", "messages": PROMPT}
    done = claude.messages.parse(max_tokens=200, output_format=City, **asked)
    assert isinstance(done.parsed_output, City)
    assert claude.messages.count_tokens(**asked).input_tokens == 4


def test_models_are_listed_for_both(chat: Any, claude: Any) -> None:
    assert [m.id for m in chat.models.list()] == ["m-small", "m-large"]
    assert [m.id for m in claude.models.list()] == ["m-small", "m-large"]
    assert chat.models.retrieve("m-large").id == "m-large"


def test_reasoning_is_shown_when_it_is_on() -> None:
    with (
        serve(upstream(reasoning=True)) as server,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="k") as openai_client,
        anthropic.Anthropic(base_url=server.url, api_key="k") as anthropic_client,
    ):
        # The SDKs' unions of block types would need a cast at every step.
        chat: Any = openai_client
        claude: Any = anthropic_client
        done = chat.chat.completions.create(model="m", messages=PROMPT)
        assert done.choices[0].message.reasoning_content
        assert done.usage.completion_tokens_details.reasoning_tokens > 0
        assert chat.responses.create(model="m", input="q").output[0].type == "reasoning"
        with claude.messages.stream(model="m", max_tokens=99, messages=PROMPT) as stream:
            assert [b.type for b in stream.get_final_message().content] == ["thinking", "text"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/chat/completions", b"{", 400),
        ("/v1/messages", b"[]", 400),
        ("/v1/nothing", b"{}", 404),
        ("/v1/chat/completions", b'{"messages":' + b"[" * 200 + b"]" * 200 + b"}", 200),
        ("/openai/deployments/d/chat/completions?api-version=1", b"{}", 200),
    ],
)
def test_odd_requests_get_a_status_and_never_a_crash(
    server: Address, path: str, body: bytes, status: int
) -> None:
    got = httpx2.post(server.url + path, content=body)
    assert got.status_code == status
    assert ("error" in got.json()) == (status >= 400)


def test_the_same_bytes_in_are_the_same_bytes_out(server: Address) -> None:
    body = json.dumps({"model": "m", "messages": PROMPT, "stream": True}).encode()
    url = f"{server.url}/v1/chat/completions"
    one, two = httpx2.post(url, content=body), httpx2.post(url, content=body)
    assert one.content == two.content
    assert one.headers["x-request-id"] == two.headers["x-request-id"]


def test_it_remembers_what_it_received_and_no_more_than_it_may() -> None:
    app = upstream(keep=2)
    with serve(app) as server:
        for number in range(3):
            httpx2.post(f"{server.url}/v1/a%20b?q={number}", content=b"x", headers={"X-Key": "v"})
    assert [r.target for r in app.received] == [b"/v1/a%20b?q=1", b"/v1/a%20b?q=2"]
    assert (app.received[0].method, app.received[0].body) == ("POST", b"x")
    assert app.received[0].header("x-key") == "v"
    assert app.received[0].header("absent") is None
    assert (app.live, app.finished, app.cancelled) == (0, 3, 0)


@pytest.mark.parametrize("delays", [{"first_delay": 60.0}, {"chunk_delay": 60.0}])
def test_a_client_that_leaves_is_counted_at_once(delays: dict[str, Any]) -> None:
    app = upstream(**delays)
    body = {"model": "m", "messages": PROMPT, "stream": True}

    async def leave(url: str) -> None:
        async with httpx2.AsyncClient() as client:
            asked = client.stream("POST", f"{url}/v1/chat/completions", json=body)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3), asked as answered:
                    async for _ in answered.aiter_raw():
                        pass

    with serve(app) as running:
        asyncio.run(leave(running.url))
        eventually(lambda: app.cancelled == 1)
    assert (app.live, app.finished) == (0, 0)


def test_a_stream_can_be_cut_on_purpose() -> None:
    body = {"model": "m", "messages": PROMPT, "stream": True}
    with serve(upstream(break_after=3)) as server:
        url = f"{server.url}/v1/chat/completions"
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.post(url, json=body)


def test_a_websocket_is_echoed_with_its_first_subprotocol(server: Address) -> None:
    url = server.url.replace("http", "ws") + "/v1/realtime?model=m"
    with connect(
        url, subprotocols=[Subprotocol("realtime"), Subprotocol("other")], proxy=None
    ) as socket:
        assert socket.subprotocol == "realtime"
        for message in ("text", b"\x00bytes"):
            socket.send(message)
            assert socket.recv(timeout=5) == message
