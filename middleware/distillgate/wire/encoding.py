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

DECODED_LIMIT = 1 << 28
"""Bytes that are decoded of one body; what follows is not read. The events of a long answer are
tens of megabytes, and usage stands in the last."""

CODINGS_LIMIT = 3
"""Codings of one body, one after the other; more are not read."""

ERRORS = (zlib.error, zstd.ZstdError, brotli.error)
"""What streams raise for bytes that are not what they were said to be."""

_STEP = 1 << 16
ZLIB: "Callable[[], Stream]" = partial(zlib.decompressobj, zlib.MAX_WBITS | 32)
RAW: "Callable[[], Stream]" = partial(zlib.decompressobj, -zlib.MAX_WBITS)
"""Decompressors of zlib's and of gzip's form, and of deflate without either's header."""
_WINDOW: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
"""A window of 8 MB, the most that a sender may ask for (RFC 9659)."""


class Stream(Protocol):
    """A decompressor as zlib and zstd have it."""

    @property
    def eof(self) -> bool:
        """Return whether all was decoded."""

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
        """Return whether all was decoded."""
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decode a piece."""
        expanded: bytes = self._stream.process(data, output_buffer_limit=max_length)
        return expanded


def unzstd() -> Stream:
    """Make a decompressor of zstd."""
    return zstd.ZstdDecompressor(options=_WINDOW)


class Deflate:
    """Deflate, with zlib's header (RFC 1950) as the standard has it, or without as some send it."""

    def __init__(self) -> None:
        self._stream: Stream | None = None
        self._head = b""

    @property
    def eof(self) -> bool:
        """Return whether all was decoded."""
        return self._stream is not None and self._stream.eof

    @property
    def unused_data(self) -> bytes:
        """What came after its end."""
        return b"" if self._stream is None else self._stream.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        """What was not decoded for want of room."""
        return getattr(self._stream, "unconsumed_tail", b"")

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decode a piece."""
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < _HEAD:
                return b""
            plain = data[0] & 0x0F == 8 and int.from_bytes(data[:_HEAD]) % 31 == 0
            self._stream = ZLIB() if plain or data[:2] == _GZIP else RAW()
        return self._stream.decompress(data, max_length)


_HEAD = 2
_GZIP = b"\x1f\x8b"

STREAMS: Mapping[str, Callable[[], Stream]] = {
    **dict.fromkeys(("gzip", "x-gzip"), ZLIB),
    "deflate": Deflate,
    "br": Brotli,
    "zstd": unzstd,
}


class Inflater:
    """Decodes one coding. Any chunking gives the same bytes, up to the same limit."""

    __slots__ = ("_broken", "_left", "_stream", "_then")

    def __init__(
        self, stream: Stream, then: "Inflater | None" = None, limit: int | None = None
    ) -> None:
        self._stream = stream
        self._then = then
        """Decodes the coding that was applied before this one."""
        self._left = DECODED_LIMIT if limit is None else limit
        self._broken = False

    @property
    def broken(self) -> bool:
        """Return whether the bytes are not what they were said to be: nothing of them is
        believed.
        """
        return self._broken or (self._then is not None and self._then.broken)

    @property
    def cut(self) -> bool:
        """Return whether the limit was reached."""
        return not self._left or (self._then is not None and self._then.cut)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes, yield what they decode to. Never raises."""
        stream = self._stream
        while not self._broken and self._left and not stream.eof:
            room = min(_STEP, self._left)
            try:
                piece = stream.decompress(chunk, room)
            except ERRORS:
                self._broken = True
                return
            full, piece = len(piece) >= room, piece[: self._left]
            self._left -= len(piece)
            if self._then is None:
                yield piece
            else:
                yield from self._then.feed(piece)
            chunk = getattr(stream, "unconsumed_tail", b"")  # the others keep theirs
            if not chunk and not full:
                return


def known(content_encoding: str) -> bool:
    """Return whether a Content-Encoding can be undone."""
    names = names_in(content_encoding)
    return len(names) <= CODINGS_LIMIT and all(name in STREAMS for name in names)


def inflater(content_encoding: str, limit: int | None = None) -> Inflater | None:
    """Make the decoder of a Content-Encoding, the coding applied last named last; None for one that
    is not known, or changes nothing.
    """
    made: Inflater | None = None
    if known(content_encoding):
        for name in names_in(content_encoding):
            made = Inflater(STREAMS[name](), made, limit)
    return made


def names_in(content_encoding: str) -> list[str]:
    """List the codings that a Content-Encoding names, in the order they were applied."""
    names = [name.strip() for name in content_encoding.lower().split(",")]
    return [name for name in names if name not in ("", "identity")]
