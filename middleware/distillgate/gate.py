"""The public door: the gate as one ASGI middleware class that needs nothing but an application."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from distillgate.asgi import lifespan
from distillgate.asgi.identity import Identify
from distillgate.assembly import Parts, build
from distillgate.config.load import load, read
from distillgate.config.review.review import examined
from distillgate.config.schema import Config
from distillgate.config.watch import Watcher
from distillgate.errors import ConfigError
from distillgate.proxy.supervisor import Place
from distillgate.telemetry import Telemetry

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from distillgate.proxy.app import Sidecar

VARIABLE = "DISTILLGATE_CONFIG"
"""The environment variable that names the configuration file where nothing else does."""

_JUDGED = "distillgate.gate"
"""The key of a scope that names the gate a request has already met."""


class Gate:
    """Sees model-distillation campaigns in the API calls that pass; leaves everybody else alone.

    ::

        app.add_middleware(Gate, config="config.yaml")

    `config` is a file, a `Config`, or a mapping of its keys; without it `DISTILLGATE_CONFIG` names
    the file, and without that all settings have their defaults (shadow mode: nothing changes).
    With `admin.key` set, the operator's pages answer under `admin.path`; the application sees no
    request for that path.

    `identify` may name the account behind a connection's scope before any configured source.
    `registry` is one of the host's own, of `prometheus_client`, to show the gate's metrics in too.
    `watch` is the file to reload where `config` was read from it already, and perhaps changed.
    `telemetry` is whom to tell, where others tell it too: the relay of a sidecar. `place` is that
    among the workers of `distillgate serve --workers`.

    A configuration that cannot be used fails the host's startup with its message; where the host
    knows no lifespan, every request raises it as `ConfigError`. It does not raise here, because
    frameworks build their middleware inside the startup, where servers take an exception to mean
    "no lifespan" and go on.
    """

    def __init__(  # noqa: PLR0913 - keywords, of which a host needs one or two
        self,
        app: ASGIApp,
        config: Config | Mapping[str, Any] | str | os.PathLike[str] | None = None,
        *,
        identify: Identify | None = None,
        registry: "CollectorRegistry | None" = None,
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
        self._place = place
        self._doubts: list[str] = []
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
        if self.parts is not None:
            self.parts.telemetry.registry = registry
            self.parts.reload = self.reload
            self.parts.reload_now = self._reload_now
        self._inner: ASGIApp = app if self.parts is None else self._assembled(self.parts)
        self._lifespan = self._told_twice = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, or the host's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if self._error is not None:
            raise self._error
        if scope["type"] == "http" and not self.ready():
            await self._start_late(scope)
        # In place, not in a copy: what the application writes into the scope, such as its route,
        # is read by middleware outside of the gate.
        if scope.setdefault(_JUDGED, self) is self:
            await self._inner(scope, receive, send)
        else:
            self._tell_twice()
            await self.app(scope, receive, send)

    def ready(self) -> bool:
        """Return whether everything slow is loaded: a request would be judged at once."""
        return self._starting is not None and self._starting.done()

    def reload(self) -> bool:
        """Read the configuration file again soon; False where there is none, or no loop yet.

        Call it in the event loop. A file that cannot be used is told, and changes nothing.
        """
        if self._watcher is None:
            return False
        self._watcher.request()
        return True

    async def _reload_now(self) -> ConfigError | None:
        """Read the configuration file again, and return what is wrong with it."""
        if self._watcher is None:
            return ConfigError("this gate was not configured from a file")
        return await self._watcher.ask()

    def sidecar(self) -> "Sidecar":
        """Make the gate a whole server, with health beside it.

        ::

            telemetry = Telemetry(config.telemetry)
            gate = Gate(Relay(config.proxy, telemetry), config, telemetry=telemetry)
            serve(gate.sidecar(), config.proxy, observer=telemetry, on_reload=gate.reload)

        Raises `ConfigError` at once where the configuration cannot be used.
        """
        from distillgate.proxy.app import Sidecar

        if self.parts is None:
            raise self._error or ConfigError("the gate has no parts")
        telemetry = self.parts.telemetry
        return Sidecar(
            self,
            ready=self._all_ready,
            losing=lambda: telemetry.losing,
            pages=(self.parts.config.admin.path,),
        )

    def _assembled(self, parts: Parts) -> ASGIApp:
        """Put the gate round the application, and the operator's pages before both."""
        admin = parts.config.admin
        inner = _appealing(parts, parts.middleware(self.app))
        if admin.key is None and not admin.open_metrics:
            return inner
        from distillgate.admin.pages import Pages

        console = parts.console()
        port = None if admin.address is None else admin.address[1]
        return Pages(inner, console.app(), admin.path, console.access, port)

    def _all_ready(self) -> bool:
        """Return whether the other workers are ready too, where there are some."""
        return self.ready() and (self._place is None or self._place.complete)

    def _load(self, config: Config | Mapping[str, Any] | str | os.PathLike[str] | None) -> Config:
        if isinstance(config, Config):
            return config
        if isinstance(config, Mapping):
            return read(orjson.dumps(dict(config)).decode(), Config, source="config")
        path = os.fspath(config) if config is not None else os.environ.get(VARIABLE)
        self._path = Path(path) if path else None
        found = load(self._path)
        # The sidecar's own settings count for nothing here.
        self._doubts = examined(
            found, self._path, now=time.time(), counts=lambda name: not name.startswith("proxy")
        )
        return found

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the host's lifespan, or fail it."""
        self._lifespan = True
        if self._error is not None:
            await lifespan.fail(self._error, receive, send)
        await lifespan.run(self.app, scope, receive, send, start=self._start, stop=self._stop)

    async def _start_late(self, scope: Scope) -> None:
        """Start with a request; where no lifespan came before, none will come to end the gate."""
        if self._starting is None and not self._lifespan and self.parts is not None:
            self.parts.telemetry.event(
                "no_lifespan",
                below=scope.get("root_path", ""),
                effect="the first request waited, and nothing ends the gate in order",
                advice="add it to the outermost application, not below a mount, and leave the "
                "server's lifespan on",
            )
        await self._start()

    def _tell_twice(self) -> None:
        """Warn once that an outer gate has already judged the request."""
        if not self._told_twice and self.parts is not None:
            self._told_twice = True
            self.parts.telemetry.event(
                "mounted_twice",
                effect="the outer gate alone judges; this one does nothing",
                advice="mount the gate once",
            )

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
        parts.in_force.doubt(self._doubts)
        if self._doubts:
            parts.telemetry.event("config_doubtful", doubts=self._doubts)
        if self._path is not None:
            self._watcher = Watcher(
                self._path,
                apply=parts.configure,
                complain=parts.complain,
                doubt=parts.in_force.doubt,
                interval=parts.config.reload_interval,
            )
            if self._place is not None and parts.engine.state.reloaded > self._place.started:
                self._watcher.request()  # the others have read it since this one was configured
            parts.context.tasks.spawn(self._watcher.run())

    async def _stop(self) -> None:
        self._lifespan = False
        if self.parts is not None and self._starting is not None:
            self._starting = self._watcher = None
            await self.parts.close()


def _appealing(parts: Parts, app: ASGIApp) -> ASGIApp:
    """Put the page of customers who were held back before an application, once it is wanted."""
    page: ASGIApp | None = None

    async def appealing(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal page
        if page is None and parts.engine.settings.actions.appeal.url:
            page = _appeal_page(parts, app)
        await (page or app)(scope, receive, send)

    return appealing


def _appeal_page(parts: Parts, app: ASGIApp) -> ASGIApp:
    from distillgate.admin.appeal import Appealing

    return Appealing(app, parts.engine, parts.governance, parts.context.clock)
