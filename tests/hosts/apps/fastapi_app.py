"""FastAPI, with the gate as its middleware."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from distillgate import Gate

app = FastAPI()
app.add_middleware(Gate)


async def _events() -> AsyncIterator[str]:
    for word in ("one", "two"):
        yield f'data: {{"choices": [{{"delta": {{"content": "{word}"}}}}]}}\n\n'
    yield "data: [DONE]\n\n"


@app.post("/v1/chat/completions")
async def chat(body: dict[str, Any]) -> Any:
    if body.get("stream"):
        return StreamingResponse(_events(), media_type="text/event-stream")
    return {"choices": [{"message": {"role": "assistant", "content": "one two"}}]}
