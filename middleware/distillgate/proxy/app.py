"""The sidecar as one ASGI application: its own few paths, and everything else through the gate."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH, READY = "/healthz", "/readyz"


def _always() -> bool:
    return True


class Sidecar:
    """Health, readiness, perhaps the admin's pages, and the gate for all the rest.

    ::

        relay = Relay(settings)
        app = Sidecar(GateMiddleware(relay, context), ready=warm, admin=console)
        serve(app, settings)

    `gate` also gets the lifespan and WebSockets. `ready` says whether the parts behind the gate
    are warm. `admin` answers under `admin_path` alone, as a mounted application does; leave it out
    to serve it on a port of its own.
    """

    def __init__(
        self,
        gate: ASGIApp,
        *,
        ready: Callable[[], bool] = _always,
        admin: ASGIApp | None = None,
        admin_path: str = "/distillgate",
    ) -> None:
        self.gate = gate
        self.draining = False
        """Set by the server when it is told to end: `/readyz` says 503 from then on."""
        self._ready = ready
        self._admin = admin
        self._admin_path = admin_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope.get("path", "")
        if path == HEALTH and scope["type"] == "http":
            await _say(send, scope, 200, b"ok\n")
        elif path == READY and scope["type"] == "http":
            ready = not self.draining and self._ready()
            await _say(send, scope, 200 if ready else 503, b"ready\n" if ready else b"not ready\n")
        elif self._admin is not None and self._is_admins(path):
            root = scope.get("root_path", "") + self._admin_path
            await self._admin({**scope, "root_path": root}, receive, send)
        else:
            await self.gate(scope, receive, send)

    def _is_admins(self, path: str) -> bool:
        prefix = self._admin_path
        return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/")


async def _say(send: Send, scope: Scope, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})
