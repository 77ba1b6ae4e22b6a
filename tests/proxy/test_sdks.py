"""The real SDKs, sync and async, get through the sidecar what they get without it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

TURNS: Any = [{"role": "user", "content": "What is a river?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS: Any = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
CLAUDE_TOOLS: Any = [{"name": "weather", "input_schema": PARAMETERS}]


class City(BaseModel):
    name: str
    people: int


@pytest.fixture
def urls(sidecar: Any) -> Iterator[tuple[str, str]]:
    """The upstream's own URL, and the sidecar's."""
    with serve(upstream(reasoning=True)) as far, sidecar(far.url) as near:
        yield far.url, near.url


def with_openai(url: str) -> list[Any]:
    """Everything a client may ask, as plain data."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        chat: Any = client.chat.completions
        parsed = chat.parse(model="m", messages=TURNS, response_format=City)
        streamed = chat.create(
            model="m", messages=TURNS, stream=True, stream_options={"include_usage": True}
        )
        with chat.stream(model="m", messages=TURNS, tools=TOOLS) as stream:
            called = stream.get_final_completion()
        with client.responses.stream(model="m", input="q") as events:
            types = [event.type for event in events]
        answers = [
            chat.create(model="m", messages=TURNS),
            parsed,
            *streamed,
            called,
            client.responses.create(model="m", input="q"),
            client.completions.create(model="m", prompt="p"),
            client.embeddings.create(model="m", input=["a", "b"]),
            *client.models.list(),
        ]
        return [answer.model_dump(mode="json", warnings=False) for answer in answers] + types


async def with_async_openai(url: str) -> list[Any]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        chat: Any = client.chat.completions
        whole = await chat.create(model="m", messages=TURNS)
        parts = [part async for part in await chat.create(model="m", messages=TURNS, stream=True)]
        parsed = await chat.parse(model="m", messages=TURNS, response_format=City)
        called = await chat.create(model="m", messages=TURNS, tools=TOOLS)
        many = await asyncio.gather(
            *(client.embeddings.create(model="m", input=str(number)) for number in range(20))
        )
    return [
        answer.model_dump(mode="json", warnings=False)
        for answer in [whole, *parts, parsed, called, *many]
    ]


def with_anthropic(url: str) -> list[Any]:
    with anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client:
        messages: Any = client.messages
        asked = {"model": "m", "max_tokens": 500, "messages": TURNS}
        with messages.stream(**asked) as stream:
            types = [event.type for event in stream]
            final = stream.get_final_message()
        answers = [
            messages.create(**asked),
            final,
            messages.create(tools=CLAUDE_TOOLS, **asked),
            messages.parse(output_format=City, **asked),
            messages.count_tokens(model="m", messages=TURNS),
            *client.models.list(),
        ]
    return [answer.model_dump(mode="json", warnings=False) for answer in answers] + types


async def with_async_anthropic(url: str) -> list[Any]:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="k", max_retries=0) as client:
        messages: Any = client.messages
        asked = {"model": "m", "max_tokens": 500, "messages": TURNS}
        whole = await messages.create(**asked)
        async with messages.stream(tools=CLAUDE_TOOLS, **asked) as stream:
            final = await stream.get_final_message()
    return [answer.model_dump(mode="json", warnings=False) for answer in (whole, final)]


def test_openai_sync(urls: tuple[str, str]) -> None:
    direct, through = map(with_openai, urls)
    assert through == direct
    assert len(direct) > 50


def test_openai_async(urls: tuple[str, str]) -> None:
    direct, through = (asyncio.run(with_async_openai(url)) for url in urls)
    assert through == direct
    assert len(direct) > 40


def test_anthropic_sync(urls: tuple[str, str]) -> None:
    direct, through = map(with_anthropic, urls)
    assert through == direct
    assert "message_stop" in direct


def test_anthropic_async(urls: tuple[str, str]) -> None:
    direct, through = (asyncio.run(with_async_anthropic(url)) for url in urls)
    assert through == direct
    assert direct[1]["stop_reason"] == "tool_use"
