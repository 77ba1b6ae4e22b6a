"""What answers Envoy, where that is wanted: gRPC is imported only then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from distillgate.admin.settings import AdminSettings
from distillgate.asgi.context import Context
from distillgate.envoy.settings import EnvoySettings
from distillgate.errors import ConfigError, needs

if TYPE_CHECKING:
    from distillgate.admin.app import Console
    from distillgate.envoy.server import Server
    from distillgate.telemetry import Telemetry


class Listener:
    """Listens while the gate runs, if an address is configured.

    Raises `ConfigError` where nobody could be let in, or the extra is missing.
    """

    def __init__(self, settings: EnvoySettings, admin: AdminSettings, workers: int) -> None:
        self._shared = workers > 1
        self._listen = settings.listen
        self._server: Server | None = None
        if self._listen is None:
            return
        if admin.key is None:
            raise ConfigError("envoy.listen: needs `admin.key`, or nobody may ask")
        with needs("envoy"):
            import distillgate.envoy.server  # noqa: F401  (is it there?)

    @property
    def port(self) -> int:
        """The port that is listened on; 0 where none is."""
        return 0 if self._server is None else self._server.port

    async def start(
        self, context: Context, console: "Callable[[], Console]", telemetry: "Telemetry"
    ) -> None:
        """Begin. An address that cannot be had is told: the gate's relay goes on without."""
        if self._listen is not None:
            from distillgate.envoy.server import Server

            server = Server(context, console().access)
            try:
                await server.start(self._listen, shared=self._shared)
            except OSError as error:
                telemetry.event("envoy_off", reason=f"cannot listen on {self._listen}: {error}")
            else:
                self._server = server

    def stop(self) -> None:
        """End."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
