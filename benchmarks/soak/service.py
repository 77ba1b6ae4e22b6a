"""An upstream that fails when it is told to: resets, slow answers. One asyncio server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from enum import StrEnum
from random import Random

TOKENS = 8
"""Output tokens of every answer."""
METERED = b"metered"
"""What the accounts begin with whose answers are never reset: their budgets are counted."""
_WORDS = ["A", "short", "answer,", "which", "is", "always", "the", "same", "."][:TOKENS]
_USAGE = {"prompt_tokens": 20, "completion_tokens": TOKENS, "total_tokens": 20 + TOKENS}
_RESETS = 0.2
"""Share of answers that are reset, before or within them."""
_SLOW_SECONDS = 0.4


class Mood(StrEnum):
    """How it answers."""

    WELL = "well"
    RESETS = "resets"
    SLOW = "slow"


class Service:
    """Answers chat calls, whole or as a stream."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.asked = 0
        self.open = self.most_open = 0
        """Connections, now and at the most."""
        self._dice = Random(1)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serve until the block ends; give the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
        finally:
            self.open -= 1

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other, until the connection ends or is reset."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, _, rest = head.partition(b"\r\ncontent-length:")
            body = await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
            self.asked += 1
            if not await self._answer(writer, head, b'"stream":true' in body):
                writer.transport.abort()
                return

    async def _answer(self, writer: asyncio.StreamWriter, head: bytes, stream: bool) -> bool:
        """Answer; False where the connection is to be reset."""
        reset = (
            self.mood is Mood.RESETS
            and self._dice.random() < _RESETS
            and b"\r\nx-account: " + METERED not in head
        )
        if self.mood is Mood.SLOW:
            await asyncio.sleep(self._dice.uniform(0, 2 * _SLOW_SECONDS))
        if reset and self._dice.random() < 0.5:
            return False
        pieces = list(_stream() if stream else _whole())
        for number, piece in enumerate(pieces):
            if reset and number == len(pieces) - 1:
                await writer.drain()
                return False
            writer.write(piece)
            if self.mood is Mood.SLOW and stream:
                await asyncio.sleep(_SLOW_SECONDS / len(pieces))
        await writer.drain()
        return True


def _whole() -> tuple[bytes, bytes]:
    message = {"role": "assistant", "content": " ".join(_WORDS)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = json.dumps({"id": "c", "model": "m", "choices": [choice], "usage": _USAGE}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body[:40], body[40:]


def _stream() -> list[bytes]:
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    deltas = [{"index": 0, "delta": {"content": f"{word} "}} for word in _WORDS]
    events: list[dict[str, object]] = [
        {"id": "c", "model": "m", "choices": [delta]} for delta in deltas
    ]
    events.append({"id": "c", "model": "m", "choices": [], "usage": _USAGE})
    said = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
    return [head.encode(), *(f"{len(one):x}\r\n{one}\r\n".encode() for one in said), b"0\r\n\r\n"]
