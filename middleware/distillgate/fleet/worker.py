"""What one of several workers has beside a process of its own: the others."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from distillgate.durable.changed import Parts
from distillgate.errors import StoreError
from distillgate.fleet.handover import give, take
from distillgate.fleet.learning import Learning
from distillgate.fleet.socket import SocketTransport

HUB, METRICS = "hub", "metrics"
"""The hub's socket and what everybody counts, in the folder that workers share."""

_LOOK_SECONDS = 0.005


class Place(NamedTuple):
    """Which of the workers a process is, and where it finds what they share."""

    number: int
    """From 0."""
    folder: Path
    """Of its owner alone."""
    secret: bytes
    """The key of every hash that is kept, the same for all."""


class Observer(Protocol):
    """Hears of what happened."""

    def event(self, name: str, **fields: Any) -> None:
        """Hear of something rare."""

    def failed(self, where: str, error: BaseException) -> None:
        """Hear of an error of our own."""


class Worker:
    """One of several workers: its end of the hub, and what they tell and give each other.

    `obeys` are what to do with others' notices, by their names. Belongs to the event loop.
    """

    def __init__(self, place: Place, observer: Observer) -> None:
        self.place = place
        self.transport = SocketTransport(
            place.folder / HUB, place.number, heard=self._hear, asked=self._give
        )
        self.obeys: dict[str, Callable[[Any], object]] = {}
        self.complete = False
        """All workers were ready. One that dies later is missed by nobody's balancer."""
        self._observer = observer
        self._ending = False
        self._alone = asyncio.Event()
        self._end: str | None = None
        """The journal's last position, once nobody else appends."""
        self._held: tuple[Parts, Learning[Any]] | None = None
        self._giving: set[asyncio.Task[None]] = set()

    async def join(self, parts: Parts, learning: Learning[Any]) -> bool:
        """Join the others and take what they remember; False where nobody remembers anything.

        Without a hub, or what can be read, go on alone.
        """
        try:
            await self.transport.open()
            path = await self.transport.take()
            if path is None:
                return False
            began = perf_counter()
            records = await take(Path(path), parts, learning, self.place.secret)
        except StoreError as error:
            self._observer.failed("handover", error)
            self.complete = True
            return False
        self._observer.event("handed_over", records=records, seconds=perf_counter() - began)
        return True

    def hold(self, parts: Parts, learning: Learning[Any]) -> None:
        """Say that all there is is remembered here; who starts later may take it."""
        self._held = parts, learning
        self.transport.hold()

    def tell(self, name: str, value: Any) -> None:
        """Tell the other workers, and those to come, what is so from now on."""
        self.transport.notice(name, value)

    async def outlast(self, learning: Learning[Any], seconds: float) -> None:
        """Where all end, wait until the others did and what they learned last is learned here.

        For who keeps a file; so long at most.
        """
        if not self._ending:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._alone.wait()
                while self._end not in (None, learning.position):  # noqa: ASYNC110 - at an end
                    await asyncio.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Leave the others."""
        for giving in self._giving:
            giving.cancel()
        await asyncio.gather(*self._giving, return_exceptions=True)
        await self.transport.close()

    def _hear(self, name: str, value: Any) -> None:
        if name == "complete":
            self.complete = True
        elif name == "ending":
            self._ending = True
        elif name == "alone":
            self._end = value
            self._alone.set()
        elif name in self.obeys:
            self.obeys[name](value)

    def _give(self, path: str) -> None:
        giving = asyncio.get_running_loop().create_task(self._write(path))
        self._giving.add(giving)
        giving.add_done_callback(self._giving.discard)

    async def _write(self, path: str) -> None:
        whole = False
        try:
            if self._held is not None:
                await give(Path(path), *self._held, self.place.secret)
                whole = True
        except Exception as error:  # noqa: BLE001 - the other one begins without it
            self._observer.failed("handover", error)
        finally:
            self.transport.given(path, whole=whole)
