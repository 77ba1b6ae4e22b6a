"""Running the sidecar: one process, one event loop, and an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
import uvicorn

from distillgate.errors import UpstreamError
from distillgate.proxy.app import Sidecar
from distillgate.proxy.settings import ProxySettings

log = structlog.get_logger("distillgate.proxy")


def serve(
    app: Sidecar,
    settings: ProxySettings,
    *,
    on_reload: Callable[[], object] | None = None,
    on_listen: Callable[[str, int], object] | None = None,
    sockets: Sequence[socket.socket] | None = None,
) -> None:
    """Serve until told to end; returns when every request is over or was cut.

    SIGTERM makes `/readyz` say 503 at once; new requests are still taken for `notice_seconds`, then
    the port is closed and what is under way may take `drain_seconds`. SIGINT skips the notice; a
    second signal of either kind cuts everything. SIGHUP calls `on_reload`, which must not raise, in
    the event loop. `on_listen` is told host and port once connections are taken. Raises
    `SystemExit` where the port cannot be had or the parts do not start. Signals are only handled in
    the main thread.
    """
    drain: Any = settings.drain_seconds  # uvicorn asks for whole seconds and takes any
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # The upstream's own pass through; two of each would be one too many.
        server_header=False,
        date_header=False,
        # Whom to believe about addresses is identity's business, not the server's.
        proxy_headers=False,
        backlog=settings.backlog,
        timeout_keep_alive=settings.client_keepalive_seconds,
        timeout_graceful_shutdown=drain,
    )
    server = _Server(config, app, settings, on_reload, on_listen)
    reported = _Reported()
    logging.getLogger("uvicorn.error").addFilter(reported)
    try:
        server.run(sockets=None if sockets is None else list(sockets))
    finally:
        logging.getLogger("uvicorn.error").removeFilter(reported)


class _Reported(logging.Filter):
    """Leaves out the traceback of an upstream that broke off: the relay has said so in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, UpstreamError)


class _Server(uvicorn.Server):
    """A uvicorn that gives notice before it stops listening, and ends with exit code 0."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: Sidecar,
        settings: ProxySettings,
        on_reload: Callable[[], object] | None,
        on_listen: Callable[[str, int], object] | None,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._notice = settings.notice_seconds
        self._on_reload = on_reload
        self._on_listen = on_listen

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        log.info("listening", host=host, port=port)
        if self._on_listen is not None:
            self._on_listen(host, port)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals in the loop; unlike uvicorn's own, do not raise them again at the end.

        Raised again they would end the process before whoever called `serve` could flush and close.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end, self._notice)
        loop.add_signal_handler(signal.SIGINT, self._end, 0.0)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _end(self, notice: float) -> None:
        if self._app.draining:
            log.warning("cut", requests=len(self.server_state.tasks))
            self.should_exit = True
            for task in self.server_state.tasks:
                task.cancel()
            return
        self._app.draining = True
        log.info("draining", notice_seconds=notice)
        asyncio.get_running_loop().call_later(notice, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    def _reload(self) -> None:
        if self._on_reload is not None:
            self._on_reload()
