"""A snapshot: a state as compressed pieces, written and read in slices beside the requests.

The compression has the checksum.
"""

import asyncio
import struct
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from time import perf_counter

from distillgate.derive import derive
from distillgate.log.log import DamagedError, ForeignError
from distillgate.records import FrozenRecord, Part, decoder, encode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 2
"""Another number is a form that cannot be read; what merely has more fields is no other form."""
_FRAME = struct.Struct("<I")
"""The length of a frame."""
_CHUNK = 1 << 16
"""Bytes compressed at once: a third of a millisecond's work."""
_COMPRESSION: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}
_SLICE_SECONDS = 0.0005
"""How long the event loop is held at once."""
_REST_SECONDS = 0.0005


class Head(FrozenRecord, frozen=True):
    """What a snapshot is of."""

    format: int
    key: str
    """Which key its hashes were made with, as a hash."""
    log: str
    position: str
    applied: int
    """Entries applied since the state was nothing."""
    offsets: list[tuple[int, int]]


class _Piece(FrozenRecord, frozen=True):
    """A piece of a part; the last one is of none, and tells how many there were before it."""

    part: str
    data: bytes
    before: int = 0


def check(secret: bytes) -> str:
    """Return what tells one key from another."""
    return derive(secret, b"log", 16).hex()


_SHARE = 0.25
"""Of what others took of the loop, what work in a hurry may take of it."""


class Pace:
    """Lets requests go first: where work took long enough, it rests."""

    def __init__(
        self, *, slice_seconds: float = _SLICE_SECONDS, rest: float = _REST_SECONDS
    ) -> None:
        self._slice = self._least = slice_seconds
        self._rest = rest
        self._began = perf_counter()

    async def rest(self, *, hurry: bool = False) -> None:
        """Rest if it is time; in a hurry only let others have their turn.

        The longer they take for it, the longer is the next turn: under a load that fills each turn
        of the loop, who falls behind would never catch up.
        """
        if (now := perf_counter()) - self._began >= self._slice:
            await asyncio.sleep(0.0 if hurry else self._rest)
            self._began = perf_counter()
            self._slice = max(self._least, _SHARE * (self._began - now)) if hurry else self._least


async def write(head: Head, parts: dict[str, Part]) -> AsyncIterator[bytes]:
    """Return a snapshot in chunks. What is written must not change until the last one is taken."""
    pace, chunk = Pace(), bytearray()
    for frame in _frames(head, parts):
        chunk += _FRAME.pack(len(frame))
        chunk += frame
        if len(chunk) >= _CHUNK:
            await pace.rest()
            yield _compressed(chunk)
            chunk = bytearray()
        await pace.rest()
    yield _compressed(chunk)


def _compressed(chunk: bytearray) -> bytes:
    return zstd.compress(chunk, options=_COMPRESSION)


def _frames(head: Head, parts: dict[str, Part]) -> Iterator[bytes]:
    yield encode(head)
    pieces = 0
    for name, part in parts.items():
        for data in part.dump():
            pieces += 1
            yield encode(_Piece(name, data))
    yield encode(_Piece("", b"", pieces))


async def read(
    chunks: AsyncIterator[bytes], parts: dict[str, Part], key: str, *, hurry: bool
) -> Head:
    """Read a snapshot into parts that are empty; pieces of parts that are not known are left out.

    Raises `ForeignError` for one of another key or form, `DamagedError` for one that is not whole.
    """
    pace, head, pieces, whole = Pace(), None, 0, False
    async for chunk in chunks:
        for frame in _split(chunk):
            if head is None:
                head = _of_this(_HEAD(frame), key)
                continue
            piece: _Piece = _PIECE(frame)
            if piece.part in parts:
                parts[piece.part].load(piece.data)
            whole = not piece.part and piece.before == pieces
            pieces += 1
            await pace.rest(hurry=hurry)
    if head is None or not whole:
        raise DamagedError("a snapshot is not whole")
    return head


async def read_head(chunks: AsyncIterator[bytes]) -> Head:
    """Read what a snapshot is of. Raises `DamagedError`."""
    async for chunk in chunks:
        for frame in _split(chunk):
            head: Head = _HEAD(frame)
            return head
    raise DamagedError("a snapshot is empty")


def _of_this(head: Head, key: str) -> Head:
    if head.format != FORMAT:
        raise ForeignError(f"a snapshot is of format {head.format}, not {FORMAT}")
    if head.key != key:
        raise ForeignError("a snapshot was written under another key")
    return head


def _split(chunk: bytes) -> Iterable[bytes]:
    try:
        data = zstd.decompress(chunk)
    except zstd.ZstdError as error:
        raise DamagedError(f"a snapshot is damaged: {error}") from error
    at = 0
    while at < len(data):
        if at + _FRAME.size > len(data):
            raise DamagedError("a snapshot ends in the middle of a piece")
        (length,) = _FRAME.unpack_from(data, at)
        at += _FRAME.size
        yield data[at : at + length]
        at += length


_HEAD, _PIECE = decoder(Head), decoder(_Piece)
