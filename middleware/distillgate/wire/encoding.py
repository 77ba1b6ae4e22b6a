"""Undoing a Content-Encoding (RFC 9110 8.4.1) piece by piece, in bounded memory and work."""

import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODED_LIMIT = 8 << 20
"""Bytes that are decoded of one body; what follows is not read."""

ERRORS = (zlib.error, zstd.ZstdError, brotli.error)
"""What streams raise for bytes that are not what they were said to be."""

_STEP = 1 << 16
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32
_WINDOW: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
"""A window of 8 MB, the most that a sender may ask for (RFC 9659)."""


class Stream(Protocol):
    """A decompressor as zlib and zstd have it."""

    @property
    def eof(self) -> bool:
        """Whether all was decoded."""

    @property
    def unused_data(self) -> bytes:
        """What came after its end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decode a piece."""


class Brotli:
    """Brotli's in the same form. It may give some 32 KB more than it is asked for."""

    unused_data = b""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        """Whether all was decoded."""
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decode a piece."""
        expanded: bytes = self._stream.process(data, output_buffer_limit=max_length)
        return expanded


def unzstd() -> Stream:
    """Make a decompressor of zstd."""
    return zstd.ZstdDecompressor(options=_WINDOW)


_STREAMS: Mapping[str, Callable[[], Stream]] = {
    **dict.fromkeys(("gzip", "x-gzip", "deflate"), partial(zlib.decompressobj, _ZLIB_OR_GZIP)),
    "br": Brotli,
    "zstd": unzstd,
}


class Inflater:
    """Decodes one coding. Any chunking gives the same bytes, up to the same limit."""

    __slots__ = ("_left", "_stream", "broken")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = DECODED_LIMIT
        self.broken = False
        """The bytes are not what they were said to be; what was decoded must not be believed."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes, yield what they decode to. Never raises."""
        stream = self._stream
        while not self.broken and self._left and not stream.eof:
            room = min(_STEP, self._left)
            try:
                piece = stream.decompress(chunk, room)
            except ERRORS:
                self.broken = True
                return
            full, piece = len(piece) >= room, piece[: self._left]
            self._left -= len(piece)
            yield piece
            chunk = getattr(stream, "unconsumed_tail", b"")  # the others keep theirs
            if not chunk and not full:
                return


def inflater(content_encoding: str) -> Inflater | None:
    """Make the decoder of a Content-Encoding; None for those that are not read (two at once)."""
    stream = _STREAMS.get(content_encoding.strip().lower())
    return Inflater(stream()) if stream is not None else None
