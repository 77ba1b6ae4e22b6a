"""HTTP/2's frames (RFC 9113), as far as Envoy's streams need them."""

import struct

MAX_HEADERS = 64 * 1024
"""Bytes of a stream's headers."""
BLOCKS = 64
"""Blocks of headers that are remembered with what they say. Envoy's are alike, unless it traces."""
MAX_STREAMS = 16_384
"""Exchanges of one connection that are under way at once."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = (
    0, 1, 3, 4, 5, 6, 7, 8, 9,
)  # fmt: skip
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
HEAD = struct.Struct(">HBBBI")
"""A frame's length, kind, flags and stream: 9 bytes."""
FRAME = 16_384
"""Bytes of a frame: what every peer takes."""
WIDE = (1 << 31) - 1
FIRST_WINDOW = 65_535
CREDIT = 1 << 20
"""Bytes that are taken before the peer is told that it may send as many more."""
NO_ERROR, PROTOCOL, FLOW, SIZE, REFUSED, COMPRESSION = 0, 1, 3, 6, 7, 9


class ProtocolError(Exception):
    """A peer broke the protocol; `code` says how (RFC 9113 section 7)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Write a frame."""
    size = len(payload)
    return HEAD.pack(size >> 8, size & 0xFF, kind, flags, stream) + payload


def unpadded(flags: int, payload: bytes) -> bytes:
    """Return what a frame carries, without its padding. Raises `ProtocolError`."""
    if not flags & PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise ProtocolError(PROTOCOL)
    return payload[1 : len(payload) - payload[0]]
