"""A sample of a long text that nobody without the key can aim at.

The text is cut where lines and sentences end, and its pieces are put in the order of keyed hashes
of how they begin; the first ones are a sample (bottom-k, as in MinHash: Broder 1997). Where a piece
stands makes no difference, so what two texts share is drawn from both, and a piece hidden in the
middle is as likely to be drawn as any other.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

PIECE = 192
"""Bytes of a piece; a longer line or sentence is several pieces."""

MOST = 1024
"""Pieces of one text that are looked at."""

_LEAST = 12
"""A shorter piece says nothing."""

_ENDS = np.isin(np.arange(256), list(b".!?:;"))
_SPACES = np.isin(np.arange(256), list(b" \t\r\n"))
_NEWLINE = 10
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)
_BEGINNING = 16

Places = NDArray[np.intp]


def pieces(text: bytes, seed: int) -> Iterator[bytes]:
    """Yield the pieces of a text (UTF-8) in the order of their hashes, at most `MOST`.

    Linear, and vectorised: about a millisecond a megabyte.
    """
    data = np.frombuffer(text, np.uint8)
    starts, ends = _cut(data)
    hashes = _hashes(data, starts, seed)
    if len(starts) > MOST:
        kept = np.argpartition(hashes, MOST)[:MOST]
        starts, ends, hashes = starts[kept], ends[kept], hashes[kept]
    order = np.lexsort((starts, hashes))
    for start, end in zip(starts[order].tolist(), ends[order].tolist(), strict=True):
        yield text[start:end].strip()


def _cut(data: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where pieces start and end: lines and sentences, long ones in parts."""
    space = _SPACES[data]
    ends = data == _NEWLINE
    ends[:-1] |= _ENDS[data[:-1]] & space[1:]
    after = np.flatnonzero(ends) + 1
    starts = np.concatenate((np.zeros(1, np.intp), after[after < len(data)]))
    stops = np.append(starts[1:], len(data))
    parts = -(-(stops - starts) // PIECE)
    within = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    begins = np.repeat(starts, parts) + within * PIECE
    until = np.minimum(begins + PIECE, np.repeat(stops, parts))
    # White space before a piece would make equal ones differ.
    begins += space[begins] & (begins + 1 < until)
    worth = until - begins >= _LEAST
    return (begins[worth], until[worth]) if worth.any() else (begins, until)


def _hashes(data: NDArray[np.uint8], starts: Places, seed: int) -> NDArray[np.uint64]:
    """Hash the bytes with which pieces begin, with ASCII's case folded."""
    folded = np.concatenate((data | np.uint8(0x20), np.zeros(_BEGINNING, np.uint8)))
    beginnings = np.lib.stride_tricks.sliding_window_view(folded, _BEGINNING)[starts]
    halves = np.ascontiguousarray(beginnings).view(np.uint64)
    mixed = (halves[:, 0] ^ np.uint64(seed & 0xFFFFFFFFFFFFFFFF)) * _MIX
    mixed ^= mixed >> _SHIFT
    mixed = (mixed + halves[:, 1]) * _MIX
    mixed ^= mixed >> _SHIFT
    hashes: NDArray[np.uint64] = mixed * _MIX
    return hashes
