"""Undoing a Content-Encoding (RFC 9110 8.4.1) piece by piece, in bounded memory and work."""

import zlib
from collections.abc import Iterator

DECODED_LIMIT = 8 << 20
"""Bytes that are decoded of one body; what follows is not read."""

_STEP = 1 << 16
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


class Inflater:
    """Decodes gzip and deflate. Any chunking gives the same bytes, up to the same limit."""

    __slots__ = ("_inflate", "_left", "broken")

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
        self._left = DECODED_LIMIT
        self.broken = False
        """The bytes are not what they were said to be; what was decoded must not be believed."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes, yield what they decode to. Never raises."""
        while not self.broken and self._left and not self._inflate.eof:
            room = min(_STEP, self._left)
            try:
                piece = self._inflate.decompress(chunk, room)
            except zlib.error:
                self.broken = True
                return
            self._left -= len(piece)
            yield piece
            chunk = self._inflate.unconsumed_tail
            if not chunk and len(piece) < room:
                return


def inflater(content_encoding: str) -> Inflater | None:
    """Make the decoder of a Content-Encoding; None for those that are not read (br, zstd, two)."""
    return Inflater() if content_encoding.strip().lower() in _KNOWN else None
