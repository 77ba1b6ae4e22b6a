"""A real server for tests and the demo: uvicorn on a free port of the loopback, in a thread."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn

START_SECONDS = 20.0
"""How long a server may take to come up before the test that wants it fails."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a served app answers."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://{self.host}:{self.port}"


@contextlib.contextmanager
def serve(app: Any, **options: Any) -> Iterator[Address]:
    """Serve an ASGI app until the block ends, over real sockets.

    `options` are uvicorn's own. The server is up when the block begins and its thread, sockets and
    requests are gone when it ends; requests still under way then get half a second. Raises
    `RuntimeError` where the app's startup fails.
    """
    quiet: dict[str, Any] = {
        "log_config": None,
        "log_level": "critical",
        "access_log": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": 0.5,
    }
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    host, port = listener.getsockname()
    server = _Server(uvicorn.Config(app, **quiet | options))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name=f"serve-{port}"
    )
    thread.start()
    try:
        server.wait(thread)
        yield Address(host, port)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class _Server(uvicorn.Server):
    """A uvicorn that says when it has begun, or that it never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._settled = threading.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            with contextlib.suppress(SystemExit):
                super().run(sockets)
        finally:
            self._settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._settled.set()

    def wait(self, thread: threading.Thread) -> None:
        """Return once requests are taken."""
        if not self._settled.wait(START_SECONDS) or not self.started:
            raise RuntimeError(f"the app behind {thread.name} did not start")
