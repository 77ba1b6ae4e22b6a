"""The sidecar as one ASGI application: health and readiness, and the gate for all the rest."""

from collections.abc import Callable, Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH, READY = "/healthz", "/readyz"


def _always() -> bool:
    return True


class Sidecar:
    """Health, readiness, and the gate for all the rest.

    ::

        relay = Relay(settings)
        app = Sidecar(GateMiddleware(relay, context), ready=warm)
        serve(app, settings)

    `gate` also gets the lifespan and WebSockets. `ready` returns whether the parts behind the gate
    are warm, `losing` what is to be written and cannot be: requests are served as well without, so
    the status stays 200. `pages` are the paths of the operator's pages, which the gate answers.
    """

    def __init__(
        self,
        gate: ASGIApp,
        *,
        ready: Callable[[], bool] = _always,
        losing: Callable[[], Iterable[str]] = tuple,
        pages: Iterable[str] = (),
    ) -> None:
        self.gate = gate
        self.draining = False
        """Set by the server when it is told to end: `/readyz` says 503 from then on."""
        self._ready = ready
        self._losing = losing
        self.own_paths = (HEALTH, READY, *pages)
        """Paths that are served whatever else there is no room for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope.get("path", "")
        if path == HEALTH and scope["type"] == "http":
            await _say(send, scope, 200, b"ok\n")
        elif path == READY and scope["type"] == "http":
            await self._say_ready(send, scope)
        else:
            await self.gate(scope, receive, send)

    async def _say_ready(self, send: Send, scope: Scope) -> None:
        if self.draining or not self._ready():
            await _say(send, scope, 503, b"not ready\n")
            return
        lost = ", ".join(self._losing())
        said = f"ready, degraded: lines are lost: {lost}\n" if lost else "ready\n"
        await _say(send, scope, 200, said.encode())


async def _say(send: Send, scope: Scope, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})
