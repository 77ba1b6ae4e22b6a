"""The kept connections to one upstream, bounded in number and in age."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from distillgate.errors import UpstreamError
from distillgate.proxy.connection import Connection, late
from distillgate.proxy.settings import ProxySettings, socket_path

P = TypeVar("P", bound=asyncio.BaseProtocol)


class Dialer:
    """Opens connections to one upstream."""

    def __init__(self, settings: ProxySettings) -> None:
        parts = urlsplit(settings.upstream)
        self.secure = parts.scheme == "https"
        self.path = socket_path(settings.upstream)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self._tls = tls(settings) if self.secure else None
        self._seconds = settings.connect_seconds
        self._free = asyncio.Semaphore(settings.max_connections)

    async def acquire(self) -> None:
        """Wait until there may be one connection more. Raises `UpstreamError`."""
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise late() from error

    def release(self) -> None:
        """Note that a connection has been closed, or is free for another use."""
        self._free.release()

    async def dial(self, protocol: Callable[[], P]) -> P:
        """Open a connection. Raises `UpstreamError`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                if self.path is not None:
                    _, connection = await loop.create_unix_connection(protocol, self.path)
                else:
                    _, connection = await loop.create_connection(
                        protocol, self.host, self.port, ssl=self._tls
                    )
        except TimeoutError as error:
            raise late() from error
        except (OSError, UnicodeError) as error:  # refused, unknown, or TLS that failed
            reason = getattr(error, "strerror", None) or error
            where = self.path or f"{self.host}:{self.port}"
            told = OSError(f"{where}: {reason}")
            raise UpstreamError("The upstream could not be reached.", kind="connect") from told
        return connection


class Pool:
    """Belongs to one event loop. The newest idle connection is used first: the others may age."""

    def __init__(self, settings: ProxySettings) -> None:
        self._dialer = Dialer(settings)
        self._keep = settings.keepalive_seconds
        self._idle: deque[Connection] = deque()
        self._used: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def take(self) -> tuple[Connection, bool]:
        """Return a connection, and whether it served before. Raises `UpstreamError`."""
        await self._dialer.acquire()
        loop = asyncio.get_running_loop()
        while self._idle:
            connection = self._idle.pop()
            if loop.time() - connection.idle_since > self._keep or connection.stale:
                connection.close()
                continue
            self._used.add(connection)
            return connection, True
        try:
            connection = await self._dialer.dial(Connection)
        except BaseException:
            self._dialer.release()
            raise
        self._used.add(connection)
        return connection, False

    def give(self, connection: Connection) -> None:
        """Take a connection back, to keep it or to close it."""
        if connection not in self._used:
            return
        self._used.discard(connection)
        self._dialer.release()
        if connection.release():
            loop = asyncio.get_running_loop()
            connection.idle_since = loop.time()
            self._idle.append(connection)
            if self._sweep is None:
                self._sweep = loop.call_later(self._keep, self._expire)

    def close(self) -> None:
        """Close every connection, those in use too."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in (*self._idle, *self._used):
            connection.close()
        self._idle.clear()

    def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = None
        while self._idle and (
            self._idle[0].closed or loop.time() - self._idle[0].idle_since >= self._keep
        ):
            self._idle.popleft().close()
        if self._idle:
            due = self._idle[0].idle_since + self._keep
            self._sweep = loop.call_at(due, self._expire)


def tls(settings: ProxySettings) -> ssl.SSLContext:
    """Build what an https upstream is checked with. Raises `OSError` for a file that is none."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    if not settings.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
