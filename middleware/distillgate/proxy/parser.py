"""Requests out of bytes, as the strictest proxy reads them (RFC 9112). Pure: no I/O, no clock.

Whoever stands before or behind the sidecar parses the same bytes. Wherever two parsers have been
seen to disagree (about a line's end, a length, a coding, a host, a name) the request is refused, so
that nobody can be answered for somebody else. What is left has one meaning, and is sent on in a
form of our own: no chunk extension and no trailer goes on, and an upgrade that is not a WebSocket's
is ignored (RFC 9110 7.8).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from distillgate.proxy.headers import Headers

MAX_CHUNKS = 256
"""Chunks that are read before the event loop may do something else."""

_PLAIN = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)})
"""What may stand in a line: all but control characters."""
_MAX_NAME = 256
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++")
_START = re.compile(rb"([A-Z][A-Z_-]{0,31}) ([!\"$-\[\]-~]++) HTTP/1\.([01])")
_VERSION = re.compile(rb"[A-Z]++ [^ ]++ HTTP/(?!1\.)[0-9]")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]++\]|[0-9A-Za-z._~%-]++)(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?]*+)([^?]*+)(?:\?(.*+))?", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]{0,256})?\r\n")
_CHUNK_LINE = 300
"""Bytes within which a chunk's size must have ended."""
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


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
    def path(self) -> str:
        """The path, percent-decoded."""
        path = self.raw_path.decode("ascii")
        return unquote(path) if "%" in path else path


class RequestParser:
    """Reads one request after the other: `feed`, then `head` until there is one, then `body`."""

    def __init__(self, limits: HeadLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._searched = 0
        self._left: int | None = 0
        """Bytes of the body, or of the current chunk, that are still to come."""
        self._chunked = self._closing = self._trailing = False
        self.complete = True
        """Whether the last request has been read to its end."""

    @property
    def buffered(self) -> int:
        """Bytes that came and were not read yet."""
        return len(self._buffer)

    def rest(self) -> bytes:
        """Take what has come and was not read."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        self._buffer += data

    def head(self) -> Head | None:
        """Return the next request's head, or None until it is whole. Raises `InvalidRequestError`.

        Call it when the last request is `complete`.
        """
        buffer = self._buffer
        if buffer.startswith(b"\r\n") and not self._searched:
            del buffer[:2]  # one empty line may precede a request (RFC 9112 2.2)
        end = buffer.find(b"\r\n\r\n", max(self._searched - 3, 0))
        if end < 0 or end > self._limits.head_bytes:
            self._check_unfinished()
            return None
        block = bytes(buffer[: end + 2])
        del buffer[: end + 4]
        self._searched = 0
        head = parse_head(block, self._limits)
        self._left, self._chunked = head.length or 0, head.length is None
        self.complete = head.length == 0
        return head

    def body(self) -> bytes | None:
        """Return what has come of the body; None where more has to come first.

        Call it until `complete`. Raises `InvalidRequestError`.
        """
        if self._chunked:
            return self._chunks()
        if not self._buffer:
            return None
        left = self._left or 0
        piece = bytes(self._buffer[:left])
        del self._buffer[: len(piece)]
        self._left = left - len(piece)
        self.complete = not self._left
        return piece

    def _check_unfinished(self) -> None:
        """Refuse a head that has become too large or can become nothing valid any more."""
        buffer, limits = self._buffer, self._limits
        line = buffer.find(b"\r\n", 0, limits.line_bytes + 2)
        if line < 0 and len(buffer) > limits.line_bytes:
            raise InvalidRequestError("The request line is too long.", 414)
        if buffer and not 65 <= buffer[0] <= 90 and buffer != b"\r":
            raise InvalidRequestError("This is no HTTP request.")
        if _BARE_LINE_FEED.search(buffer, max(self._searched - 1, 0)):
            raise InvalidRequestError("A line does not end with CR LF.")
        if line >= 0 and (not self._searched or len(buffer) > limits.head_bytes):
            head = _start(bytes(buffer[:line]), limits)
            if len(buffer) > limits.head_bytes:
                raise InvalidRequestError("The headers are too large.", 431, head=head)
        self._searched = len(buffer) if line >= 0 else 0

    def _chunks(self) -> bytes | None:
        pieces: list[bytes] = []
        at = 0
        if not self._trailing:
            at = self._read_chunks(pieces)
            del self._buffer[:at]
        if self._trailing and self._skip_trailers():
            self.complete, self._trailing = True, False
        if not at and not self.complete:
            return None
        return b"".join(pieces)

    def _read_chunks(self, pieces: list[bytes]) -> int:
        """Collect the data of chunks; return how far the buffer was read."""
        buffer, at = self._buffer, 0
        for _ in range(MAX_CHUNKS):
            if self._left:
                piece = bytes(buffer[at : at + self._left])
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
                self._closing = True
            if self._closing:
                if len(buffer) < at + 2:
                    break
                if buffer[at : at + 2] != b"\r\n":
                    raise InvalidRequestError("A chunk does not end where it should.")
                at += 2
                self._closing = False
            line = _CHUNK.match(bytes(buffer[at : at + _CHUNK_LINE]))
            if line is None:
                rest = buffer[at : at + _CHUNK_LINE]
                if len(rest) == _CHUNK_LINE or b"\n" in rest:
                    raise InvalidRequestError("A chunk's size cannot be read.")
                break
            at += line.end()
            self._left = int(line[1], 16)
            if not self._left:
                self._trailing = True
                break
        return at

    def _skip_trailers(self) -> bool:
        """Drop the trailers once they are all here: they are never headers (RFC 9110 6.5.1)."""
        buffer = self._buffer
        if buffer.startswith(b"\r\n"):
            del buffer[:2]
            return True
        end = buffer.find(b"\r\n\r\n")
        if end < 0 or end > self._limits.head_bytes:
            if len(buffer) > self._limits.head_bytes or _BARE_LINE_FEED.search(buffer):
                raise InvalidRequestError("The trailers cannot be read.")
            return False
        _fields(_lines(bytes(buffer[: end + 2])), self._limits)
        del buffer[: end + 4]
        return True


def parse_head(block: bytes, limits: HeadLimits) -> Head:
    """Read a head, its last empty line left out. Raises `InvalidRequestError`."""
    lines = _lines(block)
    head = _start(lines[0], limits)
    try:
        head.headers = _fields(lines[1:], limits)
        _understand(head)
    except InvalidRequestError as error:
        error.head = head
        raise
    return head


def _start(line: bytes, limits: HeadLimits) -> Head:
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


def _fields(lines: list[bytes], limits: HeadLimits) -> Headers:
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


def _lines(block: bytes) -> list[bytes]:
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
