"""Quart, its ASGI application wrapped by the gate."""

from collections.abc import AsyncIterator
from typing import Any

from quart import Quart, request

from distillgate import Gate

quart = Quart(__name__)


async def _events() -> AsyncIterator[str]:
    for word in ("one", "two"):
        yield f'data: {{"choices": [{{"delta": {{"content": "{word}"}}}}]}}\n\n'
    yield "data: [DONE]\n\n"


@quart.post("/v1/chat/completions")
async def chat() -> Any:
    if (await request.get_json()).get("stream"):
        return _events(), {"content-type": "text/event-stream"}
    return {"choices": [{"message": {"role": "assistant", "content": "one two"}}]}


app = Gate(quart)
