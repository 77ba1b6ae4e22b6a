"""Lets a browser's page read the gate's own answers where it may read the upstream's.

A browser hides an answer without CORS headers (Fetch, section 3.3) from the page that asked: a 429
without them is a network error, and its `Retry-After` is lost. Which origins are let in is the
upstream's to say: what it was seen to send is said again. Preflights are the upstream's as well.
"""

from cachetools import LRUCache
from starlette.types import Message, Send

from distillgate.settings import Settings

OWN = "distillgate.own"
"""The key of a message that begins an answer of the gate's own; servers do not look at it."""

READABLE = (
    b"retry-after, retry-after-ms, x-should-retry, x-request-id, request-id, www-authenticate"
)
"""Headers of own answers that a page may read; `*` would not do where credentials are sent."""

REMEMBERED = 1024
"""Origins of which is remembered what the upstream said to them."""
LONGEST = 512
"""Bytes of an origin that is remembered."""

_ALLOW, _CREDENTIALS = b"access-control-allow-origin", b"access-control-allow-credentials"
_PREFIX = b"access-control-"
_ANY = b"*"


class CorsSettings(Settings):
    """Which pages may read the gate's own answers, beside those that the upstream lets in."""

    origins: tuple[str, ...] = ()
    """Origins, such as `https://app.example.com`, or `*`. Needed only where the upstream sends no
    CORS headers itself because a proxy in front adds them, to its own answers alone."""
    credentials: bool = False
    """Let these pages send cookies and the like; not with `*`."""


class Cors:
    """What is known of the origins that may read. Belongs to the event loop."""

    def __init__(self, settings: CorsSettings) -> None:
        self._seen: LRUCache[bytes, bool] = LRUCache(REMEMBERED)
        self._any = False
        self.configure(settings)

    def configure(self, settings: CorsSettings) -> None:
        """Take new settings; what was seen stays."""
        self._listed = {origin.rstrip("/").lower().encode() for origin in settings.origins}
        self._listed_credentials = settings.credentials

    def watch(self, origin: bytes, send: Send) -> Send:
        """Return a `send` that learns from the upstream's answers and completes the gate's own."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                if OWN in message:
                    message = self._completed(origin, message)
                else:
                    self._learn(origin, message)
            await send(message)

        return watched

    def _learn(self, origin: bytes, message: Message) -> None:
        allowed, credentials = b"", False
        for name, value in message.get("headers", ()):
            lowered = name.lower()
            if lowered == _ALLOW:
                allowed = value.strip()
            elif lowered == _CREDENTIALS:
                credentials = value.strip() == b"true"
        if allowed == _ANY:
            self._any = True
        elif allowed == origin and len(origin) <= LONGEST:
            self._seen[origin] = credentials

    def _completed(self, origin: bytes, message: Message) -> Message:
        headers = [pair for pair in message["headers"] if not pair[0].startswith(_PREFIX)]
        headers.append((b"vary", b"Origin"))
        credentials = self._seen.get(origin)
        if credentials is None and origin.lower() in self._listed:
            credentials = self._listed_credentials
        if credentials is not None:
            headers.append((_ALLOW, origin))
            if credentials:
                headers.append((_CREDENTIALS, b"true"))
        elif self._any or _ANY in self._listed:
            headers.append((_ALLOW, _ANY))
        else:
            return {**message, "headers": headers}
        headers.append((b"access-control-expose-headers", READABLE))
        return {**message, "headers": headers}


def origin_of(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """Return a request's `Origin`; None where no browser's page sent it."""
    for name, value in headers:
        if name == b"origin":
            return value.strip() or None
    return None
