"""The operator's pages in front of an application, mounted or relayed: one path is theirs."""

import posixpath
from urllib.parse import unquote

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from distillgate.admin.access import Access, Refused
from distillgate.admin.documents import answer

_DECODED = 3
"""How often a path is decoded to see where it leads: who encodes it oftener reaches nobody."""


class Pages:
    """Answers everything under one path; all the rest goes on to the application.

    The path counts from where the gate is mounted: below `app.mount("/api", …)` it is under
    `/api`. WebSockets to it are the pages' too, and are closed: no request for it goes on. Nor does
    one that would lead there if somebody decoded or tidied its path once more.
    """

    def __init__(
        self, app: ASGIApp, pages: ASGIApp, path: str, access: Access, port: int | None = None
    ) -> None:
        self._app = app
        self._pages = pages
        self._path = path.rstrip("/")
        self._word = self._path.rpartition("/")[2]
        self._access = access
        self._port = port
        """The one that they are at, and that nothing else is; None: the application's."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path: str = scope["path"]
        root = _root(scope.get("root_path", ""), path)
        if self._port is not None and self._port == (scope.get("server") or ("", None))[1]:
            await self._beside(root, scope, receive, send)
        elif _below(path, root + self._path):
            if self._port is None:
                await self._serve(root, scope, receive, send)
            else:
                await self._refuse("port", scope, receive, send)
        elif (self._word in path or "%" in path) and _below(_tidied(path), root + self._path):
            await self._refuse("path", scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _beside(self, root: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle what comes to the pages' own port: nothing else is there."""
        if _below(scope["path"], root + self._path):
            await self._serve(root, scope, receive, send)
        else:
            await _nothing(scope, receive, send)

    async def _serve(self, root: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._access.serves(HTTPConnection(scope)):
            await self._pages({**scope, "root_path": root + self._path}, receive, send)
        else:
            await self._refuse("network", scope, receive, send)

    async def _refuse(self, why: Refused, scope: Scope, receive: Receive, send: Send) -> None:
        self._access.note(HTTPConnection(scope), why)
        await _nothing(scope, receive, send)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as if there were nothing."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await answer({"error": "not found"}, status=404)(scope, receive, send)


def _tidied(path: str) -> str:
    """Return where a path leads once it is decoded and its slashes and dots are resolved."""
    for _ in range(_DECODED):
        path = unquote(path)
    return posixpath.normpath("/" + path.replace("\\", "/").lstrip("/"))


def _root(root: str, path: str) -> str:
    """Return the part of the path that leads to the gate.

    A server or framework may be told a `root_path` that its proxy has already taken off the path.
    """
    root = root.rstrip("/")
    return root if _below(path, root) else ""


def _below(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/")
