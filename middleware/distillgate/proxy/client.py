"""The client's side of one request: its body as it comes, and its leaving as it happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.types import Receive

from distillgate.proxy.connection import Body


class Client:
    """Always has one `receive` under way: a disconnect is heard whatever else is waited for.

    That reads one message ahead of an upload, no more: an upstream that does not read still makes
    the client wait. `on_leave` is called in the event loop when the client has gone; it must not
    refer to whoever holds this: what a request leaves in a cycle is the garbage collector's to
    find, which takes longer than the request did.
    """

    def __init__(self, receive: Receive, on_leave: Callable[[], object]) -> None:
        self.gone = False
        self._receive = receive
        self._on_leave = on_leave
        self._next: asyncio.Task[Any] | None = None

    async def body(self) -> Body:
        """Return the body if it is complete; otherwise an iterator over it as it comes."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.gone = True
            return None
        first = bytes(message.get("body", b""))
        waiting = self._listen()
        if message.get("more_body", False):
            return self._rest(first, waiting)
        return first or None

    def settle(self) -> None:
        """Stop listening: what the server says from here on is only that the answer is complete."""
        waiting, self._next = self._next, None
        if waiting is not None:
            waiting.cancel()

    async def _rest(self, first: bytes, waiting: asyncio.Task[Any]) -> AsyncIterator[bytes]:
        if first:
            yield first
        more = True
        while more:
            message = await asyncio.shield(waiting)
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the client went away while it was sending")
            more = message.get("more_body", False)
            waiting = self._listen()
            chunk = message.get("body", b"")
            if chunk:
                yield bytes(chunk)

    def _listen(self) -> asyncio.Task[Any]:
        self._next = asyncio.get_running_loop().create_task(self._hear())
        return self._next

    async def _hear(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.gone = True
            self._on_leave()
        return message
