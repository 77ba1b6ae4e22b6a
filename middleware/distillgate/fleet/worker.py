"""What one of several workers has beside a process of its own: the others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from distillgate.errors import StoreError
from distillgate.fleet.socket import SocketTransport

HUB, METRICS = "hub", "metrics"
"""The hub's socket and what everybody counts, in the folder that workers share."""


class Place(NamedTuple):
    """Which of the workers a process is, and where it finds what they share."""

    number: int
    """From 0, which keeps the file of `store.path`."""
    folder: Path
    """Of its owner alone."""
    secret: bytes
    """The key of every hash that is kept, the same for all."""


class Worker:
    """One of several workers: its end of the hub, and what they tell each other at once.

    `obeys` are what to do with others' notices, by their names. Belongs to the event loop.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.transport = SocketTransport(place.folder / HUB, place.number, heard=self._hear)
        self.obeys: dict[str, Callable[[Any], object]] = {}
        self.complete = False
        """All workers were ready. One that dies later is missed by nobody's balancer."""

    async def join(self) -> None:
        """Join the others; without a hub, go on alone."""
        try:
            await self.transport.open()
        except StoreError:
            self.complete = True

    def tell(self, name: str, value: Any) -> None:
        """Tell the other workers, and those to come, what is so from now on."""
        self.transport.notice(name, value)

    def _hear(self, name: str, value: Any) -> None:
        if name == "complete":
            self.complete = True
        elif name in self.obeys:
            self.obeys[name](value)
