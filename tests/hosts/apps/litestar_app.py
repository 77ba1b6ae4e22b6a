"""Litestar, wrapped by the gate."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Response, post
from litestar.response import Stream

from distillgate import Gate


async def _events() -> AsyncIterator[str]:
    for word in ("one", "two"):
        yield f'data: {{"choices": [{{"delta": {{"content": "{word}"}}}}]}}\n\n'
    yield "data: [DONE]\n\n"


@post("/v1/chat/completions", status_code=200)
async def chat(data: dict[str, Any]) -> Response[Any]:
    if data.get("stream"):
        return Stream(_events(), media_type="text/event-stream")
    return Response({"choices": [{"message": {"role": "assistant", "content": "one two"}}]})


app = Gate(Litestar([chat]))
