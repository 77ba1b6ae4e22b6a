"""Starlette, with the gate in its list of middleware."""

from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from distillgate import Gate


async def _events() -> AsyncIterator[str]:
    for word in ("one", "two"):
        yield f'data: {{"choices": [{{"delta": {{"content": "{word}"}}}}]}}\n\n'
    yield "data: [DONE]\n\n"


async def chat(request: Request) -> Response:
    if (await request.json()).get("stream"):
        return StreamingResponse(_events(), media_type="text/event-stream")
    return JSONResponse({"choices": [{"message": {"role": "assistant", "content": "one two"}}]})


app = Starlette(
    routes=[Route("/v1/chat/completions", chat, methods=["POST"])], middleware=[Middleware(Gate)]
)
