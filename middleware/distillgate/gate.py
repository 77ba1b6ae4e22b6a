"""The public door: the gate as one ASGI middleware class that needs nothing but an application."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.asgi.identity import Identify
from distillgate.assembly import Parts, build
from distillgate.config.load import load, read
from distillgate.config.schema import Config
from distillgate.config.watch import Watcher
from distillgate.errors import ConfigError
from distillgate.fleet.worker import Place
from distillgate.proxy.app import Sidecar
from distillgate.telemetry import Telemetry

VARIABLE = "DISTILLGATE_CONFIG"
"""The environment variable that names the configuration file where nothing else does."""


class Gate:
    """Sees model-distillation campaigns in the API calls that pass; leaves everybody else alone.

    ::

        app.add_middleware(Gate, config="config.yaml")

    `config` is a file, a `Config`, or a mapping of its keys; without it `DISTILLGATE_CONFIG` names
    the file, and without that all settings have their defaults (shadow mode: nothing changes).
    `identify` may name the account behind a connection's scope before any configured source.
    `watch` is the file to reload where `config` was read from it already, and perhaps changed.
    `telemetry` is whom to tell, where others tell it too: the relay of a sidecar. `place` is that
    among the workers of `distillgate serve --workers`.

    A configuration that cannot be used fails the host's startup with its message; where the host
    knows no lifespan, every request raises it as `ConfigError`. It does not raise here, because
    frameworks build their middleware inside the startup, where servers take an exception to mean
    "no lifespan" and go on.
    """

    def __init__(
        self,
        app: ASGIApp,
        config: Config | Mapping[str, Any] | str | os.PathLike[str] | None = None,
        *,
        identify: Identify | None = None,
        clock: Callable[[], float] = time.time,
        watch: str | os.PathLike[str] | None = None,
        telemetry: Telemetry | None = None,
        place: Place | None = None,
    ) -> None:
        self.app = app
        self.parts: Parts | None = None
        self._path: Path | None = None
        self._error: ConfigError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Future[None] | None = None
        self._watcher: Watcher | None = None
        try:
            self.parts = build(
                self._load(config),
                clock=clock,
                identify=identify,
                telemetry=telemetry,
                place=place,
            )
        except ConfigError as error:
            self._error = error
        if watch is not None:
            self._path = Path(watch)
        self._inner: ASGIApp = app if self.parts is None else self.parts.middleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, or the host's lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        if self._error is not None:
            raise self._error
        if scope["type"] == "http" and not self.ready():
            await self._start()
        await self._inner(scope, receive, send)

    def ready(self) -> bool:
        """Say whether everything slow is loaded: a request would be judged at once."""
        return self._starting is not None and self._starting.done()

    def reload(self) -> bool:
        """Read the configuration file again soon; False where there is none, or no loop yet.

        Call it in the event loop. A file that cannot be used is told, and changes nothing.
        """
        if self._watcher is None:
            return False
        self._watcher.request()
        return True

    def sidecar(self) -> Sidecar:
        """Make the gate a whole server, with health and the operator's pages beside it.

        ::

            telemetry = Telemetry(config.telemetry)
            gate = Gate(Relay(config.proxy, telemetry), config, telemetry=telemetry)
            serve(gate.sidecar(), config.proxy, observer=telemetry, on_reload=gate.reload)

        Raises `ConfigError` at once where the configuration cannot be used.
        """
        if self.parts is None:
            raise self._error or ConfigError("the gate has no parts")
        admin = self.parts.config.admin
        if admin.key is None and not admin.open_metrics:
            return Sidecar(self, ready=self._all_ready)
        console = self.parts.console(self.reload)
        return Sidecar(self, ready=self._all_ready, admin=console.app(), admin_path=admin.path)

    def _all_ready(self) -> bool:
        """Say whether the other workers are ready too, where there are some."""
        worker = None if self.parts is None else self.parts.worker
        return self.ready() and (worker is None or worker.complete)

    def _load(self, config: Config | Mapping[str, Any] | str | os.PathLike[str] | None) -> Config:
        if isinstance(config, Config):
            return config
        if isinstance(config, Mapping):
            return read(orjson.dumps(dict(config)).decode(), Config, source="config")
        path = os.fspath(config) if config is not None else os.environ.get(VARIABLE)
        self._path = Path(path) if path else None
        return load(self._path)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the host's lifespan; start when it has started, end when it has ended."""
        if self._error is not None:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(self._error)})
            return

        async def watched(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._start()
            elif message["type"].startswith("lifespan.shutdown."):
                await self._stop()
            await send(message)

        await self.app(scope, receive, watched)

    async def _start(self) -> None:
        """Start once in each event loop; whoever comes meanwhile waits for it."""
        loop = asyncio.get_running_loop()
        if self._starting is None or self._loop is not loop:
            self._loop = loop
            self._starting = asyncio.ensure_future(self._started())
        await asyncio.shield(self._starting)

    async def _started(self) -> None:
        parts = self.parts
        if parts is None:
            return
        await parts.start()
        if self._path is not None:
            self._watcher = Watcher(
                self._path,
                apply=parts.configure,
                complain=parts.complain,
                interval=parts.config.reload_interval,
            )
            parts.context.tasks.spawn(self._watcher.run())

    async def _stop(self) -> None:
        if self.parts is not None and self._starting is not None:
            self._starting = self._watcher = None
            await self.parts.close()
