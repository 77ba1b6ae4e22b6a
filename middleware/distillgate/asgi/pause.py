"""Answers held back for a moment: bounded in time and number, ended by the client or the operator.

Never a queue: nobody waits for anybody else, and past the bound answers go out at once, or
whoever is refused most could hold the most connections open.
"""

import asyncio
from typing import Any

from starlette.types import Receive


class Pauses:
    """The answers of one event loop that are held back."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: set[asyncio.Future[None]] = set()

    def __len__(self) -> int:
        return len(self._held)

    async def hold(self, seconds: float, receive: Receive) -> bool:
        """Wait, at most so long; False where the client went away meanwhile.

        The request's body must have been read: then all that can still come is its end.
        """
        if seconds <= 0 or len(self._held) >= self.limit:
            return True
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gone = asyncio.ensure_future(receive())
        self._held.add(ended)
        try:
            waiting: set[asyncio.Future[Any]] = {ended, gone}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not (gone.done() and gone.result()["type"] == "http.disconnect")
        finally:
            self._held.discard(ended)
            gone.cancel()

    def end(self) -> None:
        """Let go of all that is held back. Call it in the event loop."""
        for ended in self._held:
            if not ended.done():
                ended.set_result(None)
