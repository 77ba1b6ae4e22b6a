"""The clients' connections together: how many there may be, and how long each may keep us waiting.

A client that sends nothing, or a byte a minute, costs an attacker nothing and the sidecar a file
descriptor. So every wait for a client has an end, and when connections run out the one that has
been waited for longest makes room, as in nginx: a request that comes whole is always served.
"""

import asyncio
import resource
from collections.abc import Callable, Collection
from enum import IntEnum
from typing import Protocol

from pydantic import Field

from distillgate.proxy.head import HeadLimits
from distillgate.settings import Settings

RESERVED = 64
"""Connections beyond the bound that may still ask for health, readiness and the admin's pages."""

OWN_DESCRIPTORS = 64
"""File descriptors for all that is no connection: logs, stores, libraries."""

MIN_BODY_RATE = 500
"""Bytes a second that a request's body must come with in the mean, as Apache has it."""

MAX_UNREAD_BYTES = 64 * 1024 * 1024
"""Bytes of heads that are not whole and of requests that wait for their turn, of all clients."""

LINGER_SECONDS = 5.0
"""How long a client that was refused may take to read why (nginx: `lingering_timeout`)."""

SWEEP_SECONDS = 1.0
"""How often it is looked who has been waited for too long."""


class ClientSettings(Settings):
    """What clients may send, and how long they may take. Times are in seconds."""

    connections: int = Field(default=8192, ge=1)
    """Client connections at once; fewer where the process may open fewer files. Past it, the one
    that has been waited for longest is closed."""
    line_bytes: int = Field(default=16 * 1024, ge=256)
    """The longest request line (414 past it) and the longest header (431)."""
    head_bytes: int = Field(default=64 * 1024, ge=1024)
    """The longest request head, all its headers together (431 past it)."""
    headers: int = Field(default=200, ge=16)
    """How many headers a request may have (431 past it)."""
    head_seconds: float = Field(default=60.0, gt=0)
    """How long a request's head may take to come (408 past it)."""
    stall_seconds: float = Field(default=60.0, gt=0)
    """How long a client may pause while its request's body comes (408 past it), or while it should
    read its answer."""


class Wait(IntEnum):
    """What a connection is waiting for."""

    CLOSE = 0
    """That a client which was refused hangs up."""
    REQUEST = 1
    """The first byte of another request."""
    HEAD = 2
    """The rest of a request's head."""
    BODY = 3
    """The rest of a request's body."""
    ROOM = 4
    """That the client reads its answer."""


_TURNS = ((Wait.CLOSE,), (Wait.REQUEST, Wait.HEAD, Wait.BODY), (Wait.ROOM,))
"""Who makes room first; among those of one turn, who has been waited for longest."""


class Client(Protocol):
    """A connection, as far as it is bounded."""

    def give_up(self, wait: Wait, *, crowded: bool) -> None:
        """End it: it took too long, or somebody else needs its place."""


class Clients:
    """Every client connection of one server. Belongs to its event loop.

    `reserved` are the paths that are served when there is no room for anything else, with all that
    is under them. `on_refused` is told the status of each request that is refused.
    """

    def __init__(
        self,
        settings: ClientSettings,
        *,
        keepalive_seconds: float,
        upstream_connections: int = 0,
        reserved: Collection[str] = (),
        on_refused: Callable[[int], object] = lambda _status: None,
    ) -> None:
        self.limits = HeadLimits(settings.line_bytes, settings.head_bytes, settings.headers)
        self.max = min(settings.connections, _affordable(upstream_connections))
        self.on_refused = on_refused
        self.unread = 0
        """Bytes that all of them have sent and nobody has read yet."""
        self.stall_seconds = settings.stall_seconds
        self._reserved = reserved
        self._all: set[Client] = set()
        self._waits: list[dict[Client, float]] = [{} for _ in Wait]
        self._seconds = (
            LINGER_SECONDS,
            keepalive_seconds,
            settings.head_seconds,
            settings.stall_seconds,
            settings.stall_seconds,
        )
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, client: Client) -> bool:
        """Count a connection in; return whether it may ask for more than health."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(SWEEP_SECONDS, self._sweep)
        self._all.add(client)
        crowded = len(self._all) > self.max
        if crowded and self._make_room():
            return True
        if len(self._all) > self.max + RESERVED:
            client.give_up(Wait.REQUEST, crowded=True)
        return not crowded

    @property
    def crowded(self) -> bool:
        """Return whether more than half of the connections there may be are taken."""
        return len(self._all) > self.max // 2

    def is_reserved(self, path: str) -> bool:
        """Return whether a path is served even when there is no room."""
        return any(path == own or path.startswith(own + "/") for own in self._reserved)

    def remove(self, client: Client) -> None:
        """Count a connection out."""
        self._all.discard(client)
        self.settle(client)

    def settle(self, client: Client) -> None:
        """Note that a connection is waited for no more, whatever for."""
        for waits in self._waits:
            waits.pop(client, None)

    def wait(self, client: Client, wait: Wait) -> None:
        """Note that a connection is waited for, from now on or longer."""
        self._waits[wait].setdefault(client, self._now())

    def go_on(self, client: Client, wait: Wait) -> float:
        """Note that it is not waited for any more; return for how long it was."""
        since = self._waits[wait].pop(client, None)
        return 0.0 if since is None else self._now() - since

    def hold(self, difference: int) -> None:
        """Count bytes that came and cannot be read yet, or that were read; bound their sum."""
        self.unread += difference
        while self.unread > MAX_UNREAD_BYTES and self._make_room():
            pass

    def _now(self) -> float:
        return self._loop.time() if self._loop is not None else 0.0

    def _make_room(self) -> bool:
        """End the connection that has been waited for longest; return whether there was one.

        It does not matter for what: a client that asks often is idle for a moment, again and again,
        and must not go before one that does not finish its first request. One that was refused
        goes before all others, one that is being answered after them.
        """
        for turn in _TURNS:
            first: tuple[float, Wait, Client] | None = None
            for wait in turn:
                for client, since in self._waits[wait].items():
                    if first is None or since < first[0]:
                        first = since, wait, client
                    break
            if first is not None:
                _, wait, client = first
                self.remove(client)
                client.give_up(wait, crowded=True)
                return True
        return False

    def _sweep(self) -> None:
        """End what was waited for too long. Each kind of wait is in the order of its beginning."""
        now = self._now()
        for wait, waits in zip(Wait, self._waits, strict=True):
            due = now - self._seconds[wait]
            late = []
            for client, since in waits.items():
                if since > due:
                    break
                late.append(client)
            for client in late:
                waits.pop(client, None)
                client.give_up(wait, crowded=False)
        if self._all and self._loop is not None:
            self._loop.call_later(SWEEP_SECONDS, self._sweep)
        else:
            self._loop = None


def raise_descriptors() -> None:
    """Let this process open as many files as it is allowed to ask for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _affordable(upstream_connections: int) -> int:
    """Return how many clients there are descriptors for, with their connections to the upstream."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 30
    left = soft - OWN_DESCRIPTORS - RESERVED
    return max(left - upstream_connections, left // 2, 1)
