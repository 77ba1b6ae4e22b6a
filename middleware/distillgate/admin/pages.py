"""The operator's pages in front of an application, mounted or relayed: one path is theirs."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Pages:
    """Answers everything under one path; all the rest goes on to the application.

    The path counts from where the gate is mounted: below `app.mount("/api", …)` it is under
    `/api`. WebSockets to it are the pages' too, and are closed: no request for it goes on.
    """

    def __init__(self, app: ASGIApp, pages: ASGIApp, path: str) -> None:
        self._app = app
        self._pages = pages
        self._path = path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path: str = scope["path"]
        root = _root(scope.get("root_path", ""), path)
        if not _below(path, root + self._path):
            await self._app(scope, receive, send)
            return
        await self._pages({**scope, "root_path": root + self._path}, receive, send)


def _root(root: str, path: str) -> str:
    """Return the part of the path that leads to the gate.

    A server or framework may be told a `root_path` that its proxy has already taken off the path.
    """
    root = root.rstrip("/")
    return root if _below(path, root) else ""


def _below(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/")
