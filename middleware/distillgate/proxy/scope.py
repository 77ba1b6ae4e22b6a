"""What of an ASGI scope goes on to the upstream, for requests and for WebSockets alike. Pure."""

import re
from collections.abc import Callable, Collection
from urllib.parse import quote, unquote

from starlette.types import Scope

from distillgate.proxy.headers import Headers, request_headers
from distillgate.proxy.settings import ProxySettings
from distillgate.wire.target import normal_path

Trusts = Callable[[str | None], bool]
"""Whether the headers that a peer adds are believed; None is a peer on a Unix socket."""

_SCHEMES = {"ws": "http", "wss": "https"}
"""What proxies say of a WebSocket's scheme: that of the request it began as."""

_DOT = re.compile("%2e", re.IGNORECASE)
_LITERAL = "/:@!$&'()*+,;="
"""Characters that stand for themselves in a path (RFC 3986 section 3.3)."""


def target(scope: Scope) -> str:
    """Return path and query as the client wrote them, but for dot segments in the path.

    Those are resolved as they were for the judgement: an upstream that resolves them otherwise
    would answer another call than the one that was judged.
    """
    path: str = scope["path"]
    judged = normal_path(path)
    written = (scope.get("raw_path") or quote(path, safe=_LITERAL).encode()).decode("latin-1")
    if judged != path:
        written = normal_path(_DOT.sub(".", written))
        if unquote(written) != judged:  # a slash was percent-encoded
            written = quote(judged, safe=_LITERAL)
    query: bytes = scope.get("query_string", b"")
    return f"{written}?{query.decode('latin-1')}" if query else written


def outgoing(
    scope: Scope, settings: ProxySettings, trusts: Trusts, own: Collection[bytes] = frozenset()
) -> Headers:
    """Build the headers the upstream is sent, but for those of the connection to it."""
    client = scope.get("client")
    scheme: str = scope.get("scheme", "http")
    trusted = trusts(client[0] if client else None)
    return request_headers(
        scope["headers"],
        client=client[0] if client else None,
        scheme=_SCHEMES.get(scheme, scheme),
        forwarded=settings.forwarded,
        via=settings.via,
        trusted=trusted,
        own=own,
    )
