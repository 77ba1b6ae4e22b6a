"""A worker's end of the hub: the journal of one machine, over a Unix socket."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distillgate.errors import StoreError
from distillgate.fleet.frames import (
    Answer,
    Append,
    Call,
    Join,
    Notice,
    Reaches,
    Read,
    frame,
    of_hub,
    receive,
)
from distillgate.fleet.transport import Batch, Envelope


class SocketTransport:
    """The journal of the hub at `path`, and the hub's notices. Belongs to the event loop.

    `heard` is told every notice of others, and when joining all that hold.
    """

    def __init__(
        self,
        path: Path,
        worker: int,
        *,
        heard: Callable[[str, Any], None] = lambda *_: None,
    ) -> None:
        self._path = path
        self._worker = worker
        self._heard = heard
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Answer]] = {}
        self._ahead: list[Batch] = []
        """Batches that came with one that was asked for, the next one last."""
        self._position: str | None = None
        """After which those come."""
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> float:
        """Join the hub and give its time; again after a failure, however often."""
        await self.close()
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._path)
        except OSError as error:
            raise StoreError(f"the hub cannot be reached: {error.strerror or error}") from None
        loop = asyncio.get_running_loop()
        self._listening = loop.create_task(self._listen(reader, self._writer))
        return (await self._ask(Join(next(self._numbers), self._worker))).at

    async def append(self, envelopes: list[Envelope]) -> float:
        """Add a batch behind all that are there; give its time."""
        return (await self._ask(Append(next(self._numbers), envelopes))).at

    async def read(self, after: str | None) -> Batch:
        """Give the batch after a position; wait where there is none yet."""
        if after != self._position or not self._ahead:
            answer = await self._ask(Read(next(self._numbers), after))
            self._ahead = answer.batches[::-1]
        batch = self._ahead.pop()
        self._position = batch.position
        return batch

    async def reaches(self, position: str) -> bool:
        """Say whether all that was appended after a position is still there."""
        return (await self._ask(Reaches(next(self._numbers), position))).reaches

    def notice(self, name: str, value: Any) -> bool:
        """Tell all other workers what is so from now on; False where the hub is gone."""
        if self._writer is None:
            return False
        self._writer.write(frame(Notice(name, value)))
        return True

    async def close(self) -> None:
        """Leave the hub."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _ask(self, call: Call) -> Answer:
        if self._writer is None:
            raise StoreError("the hub is gone")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._calls[call.number] = answer
        try:
            self._writer.write(frame(call))
            return await answer
        finally:
            self._calls.pop(call.number, None)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reason = "the hub is gone"
        try:
            while (message := await receive(reader, of_hub)) is not None:
                if isinstance(message, Notice):
                    self._heard(message.name, message.value)
                elif (call := self._calls.get(message.number)) is not None and not call.done():
                    call.set_result(message)
        except StoreError as error:
            reason = str(error)
        finally:
            self._writer, self._ahead, self._position = None, [], None
            writer.close()
            for call in self._calls.values():
                if not call.done():
                    call.set_exception(StoreError(reason))
