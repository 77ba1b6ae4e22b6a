"""Requests out of the bytes of a connection, in whatever pieces they come. Pure: no I/O, no clock.

What leaves here has one meaning: no chunk extension and no trailer goes on, a length is counted,
and an upgrade that is not a WebSocket's is ignored (RFC 9110 7.8).
"""

import re

from distillgate.proxy.head import (
    Head,
    HeadLimits,
    InvalidRequestError,
    parse_head,
    read_fields,
    read_start,
    split_lines,
)

MAX_CHUNKS = 256
"""Chunks that are read before the event loop may do something else."""

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]{0,256})?\r\n")
_CHUNK_LINE = 300
"""Bytes within which a chunk's size must have ended."""
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


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
        """Return all received bytes."""
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
            head = read_start(bytes(buffer[:line]), limits)
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
        read_fields(split_lines(bytes(buffer[: end + 2])), self._limits)
        del buffer[: end + 4]
        return True
