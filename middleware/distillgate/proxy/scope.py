"""What of an ASGI scope goes on to the upstream, for requests and for WebSockets alike. Pure."""

from urllib.parse import quote

from starlette.types import Scope

from distillgate.proxy.headers import Headers, request_headers
from distillgate.proxy.settings import ProxySettings

_SCHEMES = {"ws": "http", "wss": "https"}
"""What proxies say of a WebSocket's scheme: that of the request it began as."""


def target(scope: Scope) -> str:
    """Give path and query as the client wrote them, undecoded."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.decode("latin-1")
    query: bytes = scope.get("query_string", b"")
    return f"{path}?{query.decode('latin-1')}" if query else path


def outgoing(scope: Scope, settings: ProxySettings) -> Headers:
    """Build the headers the upstream is sent, but for those of the connection to it."""
    client = scope.get("client")
    scheme: str = scope.get("scheme", "http")
    return request_headers(
        scope["headers"],
        client=client[0] if client else None,
        scheme=_SCHEMES.get(scheme, scheme),
        forwarded=settings.forwarded,
        via=settings.via,
    )
