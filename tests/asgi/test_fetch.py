"""Answers in the background, fetched over real sockets by the real SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from distillgate.gate import Gate

if TYPE_CHECKING:
    from tests.conftest import Serving

RESERVED, USED = 1000, 10
USAGE = {
    "input_tokens": 5,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": USED,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 5 + USED,
}


class Background:
    """An upstream that answers calls later: each is `polls` times not done yet."""

    def __init__(self, polls: int = 0, end: str = "completed", usage: Any = USAGE) -> None:
        self.polls = polls
        self.end = end
        self.usage = usage
        self.asked: dict[str, int] = {}

    def document(self, name: str) -> dict[str, Any]:
        done = self.asked[name] > self.polls
        return {
            "id": name,
            "object": "response",
            "created_at": 1,
            "model": "m",
            "background": True,
            "status": self.end if done else "queued",
            "output": [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": self.usage if done else None,
        }

    def app(self) -> FastAPI:
        app = FastAPI()

        async def create(request: Request) -> Response:
            name = f"resp_{len(self.asked)}"
            self.asked[name] = 0
            if (await request.json()).get("stream"):
                return self.events(name, "response.created")
            return JSONResponse(self.document(name))

        def retrieve(name: str, *, stream: bool = False) -> Response:
            if name not in self.asked:
                return JSONResponse({"error": {"message": "none"}}, 404)
            self.asked[name] += 1
            if stream:
                return self.events(name, f"response.{self.end}")
            return JSONResponse(self.document(name))

        app.add_api_route("/v1/responses", create, methods=["POST"])
        app.add_api_route("/v1/responses/{name}", retrieve, methods=["GET"])
        app.add_api_route("/v1/responses/{name}/cancel", retrieve, methods=["POST"])
        return app

    def events(self, name: str, kind: str) -> Response:
        event = {"type": kind, "sequence_number": 0, "response": self.document(name)}
        data = f"event: {kind}\ndata: {json.dumps(event)}\n\n"
        return StreamingResponse(iter([data]), media_type="text/event-stream")


def client(serving: Serving, inner: Background, key: str = "sk-1", **plan: Any) -> openai.OpenAI:
    plans = {"default": {"output_tokens_per_day": 5 * RESERVED} | plan}
    config = {"mode": "enforce", "policy": {"plans": plans}}
    app = inner.app()
    app.add_middleware(Gate, config=config)
    return openai.OpenAI(base_url=f"{serving(app).url}/v1", api_key=key, max_retries=0)


def begin(api: openai.OpenAI, **how: Any) -> Any:
    return api.responses.create(
        model="m", input="one two", background=True, max_output_tokens=RESERVED, **how
    )


def passed(api: openai.OpenAI, calls: int, **how: Any) -> int:
    """How many of so many calls, one after the other, are let in."""
    count = 0
    for _ in range(calls):
        try:
            begun = begin(api, **how)
            if "stream" in how:
                list(begun)
        except openai.RateLimitError:
            continue
        count += 1
    return count


@pytest.mark.parametrize("how", [{}, {"stream": True}])
def test_what_a_background_answer_may_cost_stays_reserved(
    serving: Serving, how: dict[str, Any]
) -> None:
    with client(serving, Background()) as api:
        assert passed(api, 12, **how) == 5


@pytest.mark.parametrize("asker", ["poll", "stream", "cancel", "other key"])
def test_the_answer_that_is_fetched_settles_it_once(serving: Serving, asker: str) -> None:
    inner = Background(polls=2 if asker == "poll" else 0)
    with client(serving, inner) as api:
        first = begin(api)
        for _ in range(5):
            if asker == "poll":
                api.responses.retrieve(first.id)
            elif asker == "stream":
                list(api.responses.retrieve(first.id, stream=True))
            elif asker == "cancel":
                api.responses.cancel(first.id)
            else:
                api.with_options(api_key="sk-2").responses.retrieve(first.id)

        # Of 5,000 tokens 10 are used: four reservations of 1,000 fit, whoever asked how often.
        assert passed(api, 12) == 4
        assert inner.asked[first.id] == 5


@pytest.mark.parametrize(
    ("end", "usage", "let_in"),
    [
        ("cancelled", None, 4),
        ("failed", None, 5),
        ("incomplete", USAGE, 4),
        ("in_progress", None, 4),
        ("completed", USAGE | {"output_tokens": 3 * RESERVED, "total_tokens": 3 * RESERVED}, 2),
    ],
)
def test_an_end_without_a_usage_is_charged_in_full(
    serving: Serving, end: str, usage: Any, let_in: int
) -> None:
    with client(serving, Background(end=end, usage=usage)) as api:
        name = begin(api).id
        api.responses.retrieve(name)

        assert passed(api, 12) == let_in


def test_fetching_what_is_not_there_or_asking_for_another_changes_nothing(
    serving: Serving,
) -> None:
    inner = Background()
    with client(serving, inner) as api:
        for _ in range(5):
            begin(api)
        with pytest.raises(openai.NotFoundError):
            api.responses.retrieve("resp_77")
        httpx2.get(f"{api.base_url}models/resp_0", timeout=30)

        assert passed(api, 2) == 0


def test_a_background_call_is_in_flight_no_longer_than_its_own_answer(serving: Serving) -> None:
    with client(serving, Background(), concurrent=1) as api:
        assert passed(api, 5) == 5
