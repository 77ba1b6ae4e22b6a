"""A sample of a long text that nobody without the key can aim at.

The text is cut where lines and sentences end, and its pieces are put in the order of keyed hashes
of how they begin; the first ones are a sample (bottom-k, as in MinHash: Broder 1997). Where a piece
stands makes no difference, so what two texts share is drawn from both, and a piece hidden in the
middle is as likely to be drawn as any other.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from distillgate.native import passes

PIECE = 192
"""Bytes of a piece; a longer line or sentence is several pieces."""

MOST = 1024
"""Pieces of one text that are looked at."""
_FIRST = 64
"""Those that are put in order at once."""

_LEAST = 12
"""A shorter piece says nothing."""
_DOUBLING = (1, 2, 4, 3)
"""Steps by which a mark spreads over `_LEAST` - 1 bytes, each of them twice as far as the last."""

_SPACE, _END, _LINE = 1, 2, 4
_KINDS = bytes(
    _SPACE * (byte in b" \t\r\n") | _END * (byte in b".!?:;") | _LINE * (byte == 10)
    for byte in range(256)
)
"""What each byte is: translating bytes costs a tenth of looking them up in an array."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)
_PLACES = np.arange(16)
"""The bytes of a piece by which it is put in order."""
_PADDING = bytes(len(_PLACES))

Places = NDArray[np.intp]


def pieces(text: bytes, seed: int) -> Iterator[bytes]:
    """Yield the pieces of a text (UTF-8) in the order of their hashes, at most `MOST`.

    Linear: about a millisecond a megabyte.
    """
    first = drawn(text, seed, _FIRST)
    for start, end in first:
        yield text[start:end].strip()
    if len(first) == _FIRST:  # rarely asked for: most texts are new, and few pieces are read
        for start, end in drawn(text, seed, MOST)[_FIRST:]:
            yield text[start:end].strip()


def read_drawn(text: bytes, seed: int, most: int) -> list[tuple[int, int]]:
    """Return where the first pieces of a text are in the order of their hashes, at most `most`."""
    starts, ends = _cut(np.frombuffer(text.translate(_KINDS), np.uint8))
    hashes = _hashes(text, starts, seed)
    if len(starts) > most:
        kept = np.flatnonzero(hashes <= np.partition(hashes, most - 1)[most - 1])
        starts, ends, hashes = starts[kept], ends[kept], hashes[kept]
    order = np.argsort(hashes, kind="stable")[:most]
    return list(zip(starts[order].tolist(), ends[order].tolist(), strict=True))


drawn = read_drawn if passes is None else passes.drawn
"""The same, by the compiled pass where there is one."""


def _cut(kinds: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where pieces start and end: lines and sentences, long ones in parts."""
    space = kinds & _SPACE
    ends = kinds >= _LINE
    ends[:-1] |= kinds[:-1] >> 1 & space[1:] != 0
    ends[-1] = True
    # Of a text of nothing but ends there are as many as bytes: what is too short goes before it is
    # a number. The marks of `near`: an end is here, or within the next bytes.
    near = ends.copy()
    for step in _DOUBLING:
        near[:-step] |= near[step:]
    begins = ~near
    begins[1:] &= ends[:-1]
    starts = np.flatnonzero(begins)
    stops = np.flatnonzero(ends[_LEAST - 1 :] & ~near[: 1 - _LEAST]) + _LEAST
    parts = -(-(stops - starts) // PIECE)
    within = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    starts = np.repeat(starts, parts) + within * PIECE
    until = np.minimum(starts + PIECE, np.repeat(stops, parts))
    # White space before a piece would make equal ones differ.
    starts += space[starts] & (starts + 1 < until)
    worth = until - starts >= _LEAST
    if worth.any():
        return starts[worth], until[worth]
    starts = np.arange(0, len(kinds), PIECE)  # nothing but ends: cut anywhere
    return starts, np.minimum(starts + PIECE, len(kinds))


def _hashes(text: bytes, starts: Places, seed: int) -> NDArray[np.uint64]:
    """Hash the bytes with which pieces begin, with ASCII's case folded."""
    data = np.frombuffer(text + _PADDING, np.uint8)
    halves = (data[starts[:, None] + _PLACES] | np.uint8(0x20)).view(np.uint64)
    mixed = (halves[:, 0] ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)) * _MIX
    mixed ^= mixed >> _SHIFT
    mixed = (mixed + halves[:, 1]) * _MIX
    mixed ^= mixed >> _SHIFT
    hashes: NDArray[np.uint64] = mixed * _MIX
    return hashes
