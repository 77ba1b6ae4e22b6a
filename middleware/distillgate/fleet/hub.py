"""The hub of one machine's workers: takes what each learned, and gives all of it to all, in order.

It lives in the process above them, keeps no state but the end of the journal, and reads nothing of
what passes. A worker that is slow waits for nobody and nobody for it: each asks for what comes
after the position it has.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from distillgate.errors import StoreError
from distillgate.fleet.frames import (
    AnswerRaw,
    AppendRaw,
    Give,
    Given,
    Heard,
    Hold,
    Join,
    Notice,
    Reaches,
    Read,
    Take,
    frame,
    of_worker,
    receive,
)
from distillgate.fleet.handover import remove
from distillgate.fleet.handovers import Handovers
from distillgate.fleet.journal import Journal

_AT_ONCE = 1 << 20
"""Bytes of an answer to one reading, a last batch beyond it included."""


KEEPER = 0
"""The worker that keeps the file of `store.path`, and begins where nobody remembers anything."""


class _Reading(NamedTuple):
    writer: asyncio.StreamWriter
    call: Read


class Hub:
    """Serves a journal at a Unix socket. Belongs to the event loop.

    `heard` is told each notice that a worker gives, with the worker's number.
    """

    def __init__(
        self,
        path: Path,
        journal: Journal,
        *,
        clock: Callable[[], float],
        heard: Callable[[int, str, Any], None] = lambda *_: None,
    ) -> None:
        self._path = path
        self._journal = journal
        self._clock = clock
        self._heard = heard
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._workers: dict[asyncio.StreamWriter, int] = {}
        self._readings: list[_Reading] = []
        self._notices: dict[str, Notice] = {}
        self._handovers: Handovers[asyncio.StreamWriter] = Handovers(
            path.parent,
            give=lambda worker, to: worker.write(frame(Give(to))),
            answer=lambda worker, call, at: worker.write(frame(AnswerRaw(call, path=at))),
            remove=lambda at: remove(Path(at)),
        )

    async def open(self) -> None:
        """Take workers. The folder of the socket must be the owner's alone."""
        self._server = await asyncio.start_unix_server(self._accept, self._path)

    async def close(self) -> None:
        """Let go of all workers; each goes on for itself."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._serving.values():
            writer.close()
        await asyncio.gather(*self._serving)
        await self._server.wait_closed()

    def notice(self, name: str, value: Any) -> None:
        """Tell all workers, and whoever joins later."""
        self._notices[name] = notice = Notice(name, value)
        self._tell(notice)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving[serving] = writer
        serving.add_done_callback(self._serving.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(StoreError):  # not ours: the connection ends, nothing else
                while (message := await receive(reader, of_worker)) is not None:
                    self._take(message, writer)
        finally:
            self._workers.pop(writer, None)
            self._handovers.leave(writer)
            self._readings = [one for one in self._readings if one.writer is not writer]
            writer.close()

    def _take(self, message: Heard, writer: asyncio.StreamWriter) -> None:
        match message:
            case Join():
                self._workers[writer] = message.worker
                for notice in self._notices.values():
                    writer.write(frame(notice))
                writer.write(frame(AnswerRaw(message.number, self._journal.now(self._clock()))))
            case AppendRaw():
                placed = self._journal.append(message.envelopes, self._clock())
                writer.write(frame(AnswerRaw(message.number, placed.at)))
                waiting, self._readings = self._readings, []
                for reading in waiting:
                    self._answer(reading)
            case Read():
                self._answer(_Reading(writer, message))
            case Reaches():
                reaches = self._journal.reaches(message.position)
                writer.write(frame(AnswerRaw(message.number, reaches=reaches)))
            case Take() | Hold() | Given():
                self._hand_over(message, writer)
            case Notice():
                self._notices[message.name] = message
                self._tell(message, besides=writer)
                self._heard(self._workers.get(writer, -1), message.name, message.value)

    def _hand_over(self, message: Take | Hold | Given, writer: asyncio.StreamWriter) -> None:
        match message:
            case Take():
                first = self._workers.get(writer) == KEEPER
                self._handovers.take(writer, message.number, first=first)
            case Hold():
                self._handovers.hold(writer)
            case Given():
                self._handovers.given(message.path, whole=message.whole)

    def _answer(self, reading: _Reading) -> None:
        batches = self._journal.after(reading.call.after, _AT_ONCE)
        if batches:
            reading.writer.write(frame(AnswerRaw(reading.call.number, batches=batches)))
        else:
            self._readings.append(reading)

    def _tell(self, notice: Notice, besides: asyncio.StreamWriter | None = None) -> None:
        for writer in self._workers:
            if writer is not besides:
                writer.write(frame(notice))
