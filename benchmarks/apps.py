"""What is served: `python -m benchmarks.apps KIND PORT`, started by `benchmarks.servers`."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
import uvloop

from distillgate.gate import Gate

ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1771286400,
        "model": "m-large",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A short answer, always the same."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 8, "total_tokens": 108},
    }
).encode()


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """The least a host does: read the body, answer."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body", False):
        pass
    length = str(len(ANSWER)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


class Upstream(asyncio.Protocol):
    """Answers every request with the same bytes: the cheapest service this language can be."""

    def __init__(self) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(ANSWER)}"
        self._answer = head.encode() + b"\r\n\r\n" + ANSWER
        self._received = bytearray()
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            if self._missing > 0:
                return
        else:
            self._received += data
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            _, _, rest = head.partition(b"\r\ncontent-length:")
            length = int(rest.partition(b"\r\n")[0] or 0)
            self._missing = length - (len(self._received) - end - 4)
            self._received.clear()
        if self._missing <= 0:
            self._missing = 0
            self.answer()

    def answer(self) -> None:
        """Answer the request that has come."""
        self._transport.write(self._answer)


EVENTS, PAUSE = 200, 0.005
"""Events of one stream, and the seconds between two."""
EVENT = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1771286400,
        "model": "m-large",
        "choices": [{"index": 0, "delta": {"content": " word"}, "finish_reason": None}],
    }
).encode()


class Events(Upstream):
    """Answers every request with a stream, an event a write."""

    def __init__(self) -> None:
        super().__init__()
        self._answer = (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        line = b"data: " + EVENT + b"\n\n"
        self._event = b"%x\r\n%s\r\n" % (len(line), line)

    def answer(self) -> None:
        """Begin the stream."""
        super().answer()
        self._send(EVENTS)

    def _send(self, left: int) -> None:
        if self._transport.is_closing():
            return
        if not left:
            self._transport.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
            return
        self._transport.write(self._event)
        self._later(self._send, left - 1)

    def _later(self, call: Callable[[int], None], left: int) -> None:
        asyncio.get_running_loop().call_later(PAUSE, call, left)


class Burst(Events):
    """The same without a pause: each event still a write of its own."""

    def _later(self, call: Callable[[int], None], left: int) -> None:
        asyncio.get_running_loop().call_soon(call, left)


async def respond(port: int, kind: type[Upstream]) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    answering: dict[str, type[Upstream]] = {
        "upstream": Upstream,
        "events": Events,
        "burst": Burst,
    }
    if kind in answering:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(respond(port, answering[kind]))
        return
    app: Any = {"bare": bare, "gated": Gate(bare)}[kind]
    settings: dict[str, Any] = {"log_level": "warning", "access_log": False}
    uvicorn.run(app, host="127.0.0.1", port=port, timeout_keep_alive=75, **settings)


if __name__ == "__main__":
    main()
