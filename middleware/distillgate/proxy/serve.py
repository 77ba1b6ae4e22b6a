"""Running the sidecar: one process, one event loop, and an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import uvicorn

from distillgate.errors import UpstreamError
from distillgate.proxy.app import Sidecar
from distillgate.proxy.clients import Clients, raise_descriptors
from distillgate.proxy.front import Front
from distillgate.proxy.observer import NOBODY, Observer
from distillgate.proxy.settings import ProxySettings, socket_path

_BACKLOG = 2048
"""How many connections the system may hold that were not accepted yet."""


def serve(
    app: Sidecar,
    settings: ProxySettings,
    *,
    observer: Observer = NOBODY,
    on_reload: Callable[[], object] | None = None,
    on_listen: Callable[[str, int], object] | None = None,
    sockets: Sequence[socket.socket] | None = None,
    beside: tuple[str, int] | None = None,
) -> None:
    """Serve until told to end; returns when every request is over or was cut.

    SIGTERM makes `/readyz` say 503 at once; new requests are still taken for `notice_seconds`, then
    the port is closed and what is under way may take `drain_seconds`. SIGINT skips the notice; a
    second signal of either kind cuts everything. SIGHUP calls `on_reload`, which must not raise, in
    the event loop. `on_listen` is told host and port once connections are taken; `observer` hears
    of the same and of the end. `beside` is a second address to listen at, the operator's pages'
    own: the application tells the two apart by the scope's `server`. Raises `SystemExit` where the
    port cannot be had or the parts do not start. Signals are only handled in the main thread.
    """
    raise_descriptors()
    drain: Any = settings.drain_seconds  # uvicorn asks for whole seconds and takes any
    config = uvicorn.Config(
        app,
        http=protocol(app, settings, observer),
        uds=socket_path(settings.host),
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.certificate_key,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # The upstream's own pass through; two of each would be one too many.
        server_header=False,
        date_header=False,
        # Whom to believe about addresses is identity's business, not the server's.
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=drain,
    )
    server = _Server(config, app, settings.notice_seconds, observer)
    server.on_reload, server.on_listen = on_reload, on_listen
    server.beside, server.shared = beside, sockets is not None
    reported = _Reported()
    logging.getLogger("uvicorn.error").addFilter(reported)
    try:
        server.run(sockets=None if sockets is None else list(sockets))
    finally:
        logging.getLogger("uvicorn.error").removeFilter(reported)


def protocol(app: Sidecar, settings: ProxySettings, observer: Observer = NOBODY) -> Any:
    """Return what uvicorn takes as `http`: the front, with one bound for all connections."""
    clients = Clients(
        settings.clients,
        keepalive_seconds=settings.client_keepalive_seconds,
        upstream_connections=settings.max_connections,
        reserved=app.own_paths,
        on_refused=observer.refused,
    )
    return partial(Front, clients=clients)


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
        notice: float,
        observer: Observer,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._notice = notice
        self._observer = observer
        self.on_reload: Callable[[], object] | None = None
        self.on_listen: Callable[[str, int], object] | None = None
        self.beside: tuple[str, int] | None = None
        self.shared = False
        """Other workers listen at the same addresses."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        name = self.servers[0].sockets[0].getsockname()
        host, port = (f"unix:{name}", 0) if self.config.uds else name[:2]
        self._observer.event("listening", host=host, port=port)
        if self.beside is not None:
            self.servers.append(await self._listen(*self.beside))
            self._observer.event("listening", host=self.beside[0], port=self.beside[1])
        if self.on_listen is not None:
            self.on_listen(host, port)

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        """Serve the same application at a second address."""
        made: Any = self.config.http_protocol_class
        protocol = partial(
            made,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        return await asyncio.get_running_loop().create_server(
            protocol, host, port, ssl=self.config.ssl, backlog=self.config.backlog,
            reuse_port=self.shared or None,
        )  # fmt: skip

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
            self._observer.event("cut", requests=len(self.server_state.tasks))
            self.should_exit = True
            for task in self.server_state.tasks:
                task.cancel()
            return
        self._app.draining = True
        self._observer.event("draining", notice_seconds=notice)
        asyncio.get_running_loop().call_later(notice, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    def _reload(self) -> None:
        if self.on_reload is not None:
            self.on_reload()
