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
    Give,
    Given,
    Hold,
    Join,
    Notice,
    Reaches,
    Read,
    Take,
    frame,
    of_hub,
    receive,
)
from distillgate.fleet.transport import Batch, Envelope


class SocketTransport:
    """The journal of the hub at `path`, and the hub's notices. Belongs to the event loop.

    `heard` is told every notice of others, and when joining all that hold; `asked` that another
    worker wants all that is remembered in a file at some path, and answers with `given`.
    """

    def __init__(
        self,
        path: Path,
        worker: int,
        *,
        heard: Callable[[str, Any], None] = lambda *_: None,
        asked: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._path = path
        self._worker = worker
        self._heard = heard
        self._asked = asked
        self._holds = False
        self._doubtful = False
        """A call was not answered in time."""
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Answer]] = {}
        self._ahead: list[Batch] = []
        """Batches that came with one that was asked for, the next one last."""
        self._position: str | None = None
        """After which those come."""
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> float:
        """Join the hub and give its time; again after a failure, however often.

        A connection that nothing speaks against is kept: to the hub a new one is a new worker.
        """
        if self._writer is None or self._doubtful:
            await self._connect()
        at = (await self._ask(Join(next(self._numbers), self._worker))).at
        if self._holds:
            self.hold()
        return at

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

    async def take(self) -> str | None:
        """Ask for all that the others remember: a file's path; None where nobody has more."""
        return (await self._ask(Take(next(self._numbers)))).path

    def hold(self) -> None:
        """Say that all is remembered here, from now on."""
        self._holds = True
        self._say(Hold())

    def given(self, path: str, *, whole: bool) -> None:
        """Say that a file with everything was written, or could not be."""
        self._say(Given(path, whole))

    def notice(self, name: str, value: Any) -> None:
        """Tell all other workers what is so from now on; nobody, where the hub is gone."""
        self._say(Notice(name, value))

    async def close(self) -> None:
        """Leave the hub."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _connect(self) -> None:
        await self.close()
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._path)
        except OSError as error:
            raise StoreError(f"the hub cannot be reached: {error.strerror or error}") from None
        self._doubtful = False
        loop = asyncio.get_running_loop()
        self._listening = loop.create_task(self._listen(reader, self._writer))

    def _say(self, message: Given | Hold | Notice) -> None:
        if self._writer is not None:
            self._writer.write(frame(message))

    async def _ask(self, call: Call) -> Answer:
        if self._writer is None:
            raise StoreError("the hub is gone")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._calls[call.number] = answer
        try:
            self._writer.write(frame(call))
            return await answer
        except asyncio.CancelledError:
            # Readings wait as long as they have to; whoever gives up on another call was let wait.
            self._doubtful = self._doubtful or not isinstance(call, Read)
            raise
        finally:
            self._calls.pop(call.number, None)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reason = "the hub is gone"
        try:
            while (message := await receive(reader, of_hub)) is not None:
                if isinstance(message, Notice):
                    self._heard(message.name, message.value)
                elif isinstance(message, Give):
                    self._asked(message.path)
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
