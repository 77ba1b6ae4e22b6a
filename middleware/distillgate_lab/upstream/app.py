"""An embedded upstream: speaks OpenAI and Anthropic, needs no model, and remembers what it saw.

::

    app = upstream(chunk_delay=0.01)
    with serve(app) as server:
        client = openai.OpenAI(base_url=server.url + "/v1", api_key="any")
        ...
    assert app.received[0].json["model"] == "m-large"

The same request always gets the same bytes back, whoever asks: ids, times and texts follow from the
request's body alone.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from distillgate_lab.upstream import answers
from distillgate_lab.upstream.calls import decide, seed
from distillgate_lab.upstream.reply import Answer

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

SSE_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived."""

    method: str
    target: bytes
    """The path and query exactly as sent."""
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    def header(self, name: str) -> str | None:
        """Find the first value of a header, whatever its case; None where it was not sent."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), None)


def upstream(
    *,
    answer: Answer | None = None,
    first_delay: float = 0.0,
    chunk_delay: float = 0.0,
    reasoning: bool = False,
    break_after: int | None = None,
    keep: int = 10_000,
) -> "Upstream":
    """Build an upstream.

    `answer` says what the model writes, from the newest user text (by default a few dozen words);
    `first_delay` and `chunk_delay` are seconds before the answer and between streamed events;
    `reasoning` adds what each API calls thoughts; `break_after` cuts the connection after so many
    events of a stream; `keep` bounds how many requests are remembered.
    """
    return Upstream(
        answer=answer or answers.answer,
        first_delay=first_delay,
        chunk_delay=chunk_delay,
        reasoning=reasoning,
        break_after=break_after,
        received=deque(maxlen=keep),
    )


@dataclass(slots=True, eq=False)
class Upstream:
    """The ASGI app, and what a test may ask it. Delays may be changed while it runs."""

    answer: Answer
    first_delay: float
    chunk_delay: float
    reasoning: bool
    break_after: int | None
    received: deque[Received]
    live: int = 0
    """Answers under way right now."""
    finished: int = 0
    """Answers given to the end."""
    cancelled: int = 0
    """Answers whose client went away before the end."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request, or echo one WebSocket."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await _echo(scope, receive, send)
        else:
            request = await _read(scope, receive)
            if request is not None:
                self.received.append(request)
                await self._answer(scope["path"], request, receive, send)

    async def _answer(self, path: str, request: Received, receive: Receive, send: Send) -> None:
        gone = asyncio.Event()
        self.live += 1
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(_watch(receive, gone))
                complete = await self._send(path, request, gone, send)
                watch.cancel()
        finally:
            self.live -= 1
        if complete:
            self.finished += 1
        else:
            self.cancelled += 1

    async def _send(self, path: str, request: Received, gone: asyncio.Event, send: Send) -> bool:
        """Send the answer; says whether the client stayed to its end."""
        decided = decide(path, request.body, self.answer, reasoning=self.reasoning)
        if await _pause(self.first_delay, gone):
            return False
        reference = f"req_{seed(request.body):016x}".encode()
        headers = [(b"x-request-id", reference), (b"request-id", reference)]
        if decided.events is not None:
            await _start(send, 200, [*SSE_HEADERS, *headers])
            return await self._stream(decided.events, gone, send)
        length = str(len(decided.body)).encode()
        kind = [(b"content-type", b"application/json"), (b"content-length", length)]
        await _start(send, decided.status, kind + headers)
        body = b"" if request.method == "HEAD" else decided.body
        await send({"type": "http.response.body", "body": body})
        return not gone.is_set()

    async def _stream(self, events: Iterable[bytes], gone: asyncio.Event, send: Send) -> bool:
        for number, event in enumerate(events):
            if number == self.break_after:
                raise ConnectionAbortedError("cut on purpose")
            await send({"type": "http.response.body", "body": event, "more_body": True})
            if await _pause(self.chunk_delay, gone):
                return False
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return True


async def _read(scope: Any, receive: Receive) -> Received | None:
    """Read the whole request; None where the client went away first."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    target = scope.get("raw_path") or scope["path"].encode()
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    return Received(scope["method"], target, list(scope["headers"]), bytes(body))


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _watch(receive: Receive, gone: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()


async def _pause(seconds: float, gone: asyncio.Event) -> bool:
    """Wait, but not for a client that is gone: says whether it is."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return gone.is_set()
    try:
        async with asyncio.timeout(seconds):
            await gone.wait()
    except TimeoutError:
        return gone.is_set()
    return True


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _echo(scope: Any, receive: Receive, send: Send) -> None:
    """Take the first offered subprotocol and say everything back."""
    await receive()
    offered = scope.get("subprotocols") or [None]
    await send({"type": "websocket.accept", "subprotocol": offered[0]})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send(message | {"type": "websocket.send"})
