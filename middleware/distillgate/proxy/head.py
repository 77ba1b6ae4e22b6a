"""A request's head, as the strictest proxy reads it (RFC 9112). Pure: no I/O, no clock.

Whoever stands before or behind the sidecar parses the same bytes. Wherever two parsers have been
seen to disagree (about a line's end, a length, a coding, a host, a name) the request is refused, so
that nobody can be answered for somebody else.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from distillgate.proxy.headers import Headers

_PLAIN = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)})
"""What may stand in a line: all but control characters."""
_MAX_NAME = 256
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++")
_START = re.compile(rb"([A-Z][A-Z_-]{0,31}) ([!\"$-\[\]-~]++) HTTP/1\.([01])")
_VERSION = re.compile(rb"[A-Z]++ [^ ]++ HTTP/(?!1\.)[0-9]")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]++\]|[0-9A-Za-z._~%-]++)(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?]*+)([^?]*+)(?:\?(.*+))?", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")


class InvalidRequestError(Exception):
    """A request that is refused, and the status that says so."""

    def __init__(self, text: str, status: int = 400, *, head: "Head | None" = None) -> None:
        super().__init__(text)
        self.status = status
        self.head = head
        """What was read of it, where that much can be trusted to choose an answer's shape."""


@dataclass(slots=True, frozen=True)
class HeadLimits:
    """How large a request's head, or its trailers, may be."""

    line_bytes: int
    head_bytes: int
    headers: int


@dataclass(slots=True)
class Head:
    """A request line and its headers, understood."""

    method: str
    raw_path: bytes
    query: bytes
    version: str
    """`1.1` or `1.0`."""
    headers: Headers
    """Names in lower case, in order, duplicates and all."""
    length: int | None = 0
    """Bytes of the body; None where it is chunked."""
    keep_alive: bool = True
    expects_continue: bool = False
    websocket: bool = False
    """Whether this is the opening handshake of a WebSocket (RFC 6455 4.2.1)."""

    @property
    def handshake(self) -> bytes:
        """A WebSocket's opening handshake, written again for whoever speaks with it."""
        query = b"?" + self.query if self.query else b""
        lines = [b"%b: %b" % pair for pair in self.headers]
        return b"\r\n".join((b"GET %b%b HTTP/1.1" % (self.raw_path, query), *lines, b"", b""))

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        path = self.raw_path.decode("ascii")
        return unquote(path) if "%" in path else path


def parse_head(block: bytes, limits: HeadLimits) -> Head:
    """Read a head, its last empty line left out. Raises `InvalidRequestError`."""
    lines = split_lines(block)
    head = read_start(lines[0], limits)
    try:
        head.headers = read_fields(lines[1:], limits)
        _understand(head)
    except InvalidRequestError as error:
        error.head = head
        raise
    return head


def read_start(line: bytes, limits: HeadLimits) -> Head:
    """Read a request line. A target that is no path yet is all in `raw_path`."""
    if len(line) > limits.line_bytes:
        raise InvalidRequestError("The request line is too long.", 414)
    start = _START.fullmatch(line)
    if start is not None:
        target, query = start[2], b""
        if target.startswith(b"/"):
            target, _, query = target.partition(b"?")
        return Head(start[1].decode(), target, query, "1." + start[3].decode(), [])
    if _VERSION.match(line):
        raise InvalidRequestError("Only HTTP/1.1 and HTTP/1.0 are spoken here.", 505)
    raise InvalidRequestError("The request line cannot be read.")


def read_fields(lines: list[bytes], limits: HeadLimits) -> Headers:
    """Read header lines, or trailers; no line holds a control character."""
    if len(lines) > limits.headers:
        raise InvalidRequestError("There are too many headers.", 431)
    headers = []
    longest = limits.line_bytes
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            raise InvalidRequestError("A header cannot be read.")
        if len(line) > longest:
            raise InvalidRequestError("A header is too large.", 431)
        headers.append((_field_name(name), value.strip(b" \t")))
    return headers


@lru_cache(1024)
def _field_name(name: bytes) -> bytes:
    """Return a header's name in lower case; white space before its colon is no part of a name."""
    if len(name) > _MAX_NAME or _TOKEN.fullmatch(name) is None:
        raise InvalidRequestError("A header cannot be read.")
    return name.lower()


def split_lines(block: bytes) -> list[bytes]:
    """Split lines that all end with CR LF. Refuse any other control character but the tab."""
    lines = block.split(b"\r\n")
    del lines[-1]
    if block.translate(None, _PLAIN) != b"\r\n" * len(lines):
        raise InvalidRequestError("The request holds a control character.")
    return lines


_FRAMING = frozenset(
    (b"host", b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect")
)


def _understand(head: Head) -> None:
    """Fill in what the target and the headers of framing say."""
    said: dict[bytes, list[bytes]] = {}
    for name, value in head.headers:
        if name in _FRAMING:
            said.setdefault(name, []).append(value)
    hosts = said.get(b"host", [])
    if not head.raw_path.startswith(b"/"):
        _resolve_target(head, hosts[0] if hosts else None)
    if b"%00" in head.raw_path:
        raise InvalidRequestError("The request's target cannot be served.")
    if len(hosts) != 1 and (hosts or head.version == "1.1"):
        raise InvalidRequestError("There must be exactly one Host header.")
    if hosts and _HOST.fullmatch(hosts[0]) is None:
        raise InvalidRequestError("The Host header names no host.")
    head.length = _length(head, said)
    head.keep_alive = head.version == "1.1"
    if b"connection" in said:
        options = {part.strip().lower() for part in b",".join(said[b"connection"]).split(b",")}
        head.keep_alive = head.keep_alive and b"close" not in options
        if b"upgrade" in options:
            head.websocket = _opens_websocket(head, said.get(b"upgrade", []))
    if b"expect" in said:
        head.expects_continue = [value.lower() for value in said[b"expect"]] == [b"100-continue"]


def _opens_websocket(head: Head, protocols: list[bytes]) -> bool:
    return (
        head.method == "GET"
        and head.version == "1.1"
        and head.length == 0
        and [protocol.lower() for protocol in protocols] == [b"websocket"]
        and any(name == b"sec-websocket-key" for name, _ in head.headers)
    )


def _resolve_target(head: Head, host: bytes | None) -> None:
    """Reduce an absolute target to its path (RFC 9112 3.2.2); let `OPTIONS *` be."""
    if head.raw_path == b"*" and head.method == "OPTIONS":
        return
    absolute = _ABSOLUTE.fullmatch(head.raw_path)
    if absolute is None or head.method == "CONNECT":
        raise InvalidRequestError("The request's target cannot be served.")
    authority, path, query = absolute.groups()
    if _HOST.fullmatch(authority) is None:
        raise InvalidRequestError("The request's target names no host.")
    if host is not None and authority.lower() != host.lower():
        raise InvalidRequestError("The target and the Host header name different hosts.")
    head.raw_path, head.query = path or b"/", query or b""


def _length(head: Head, said: dict[bytes, list[bytes]]) -> int | None:
    """Return the body's length, or None for a chunked one (RFC 9112 6.3)."""
    lengths, codings = said.get(b"content-length", ()), said.get(b"transfer-encoding", ())
    if codings:
        if head.version == "1.0" or lengths:
            raise InvalidRequestError("The body's length is given in two ways.")
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise InvalidRequestError("Only the transfer coding `chunked` is understood.")
        return None
    if not lengths:
        return 0
    if len(lengths) != 1 or _LENGTH.fullmatch(lengths[0]) is None:
        raise InvalidRequestError("The Content-Length header cannot be read.")
    return int(lengths[0])
