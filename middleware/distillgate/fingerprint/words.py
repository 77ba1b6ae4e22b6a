"""Words of a text as hashes, in one vectorised pass over its bytes.

Texts are UTF-8. A word is a maximal run of letters and digits; a character of three or more bytes
(Chinese, Japanese, Korean, emoji) starts a word of its own, so that scripts without spaces have
words too. Case is folded for ASCII. The hash of a word is polynomial, sum(table[byte] * P**i) mod
2**64, taken from one cumulative sum: P is odd, hence invertible, and a word's value does not depend
on where it stands.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BYTES_LIMIT = 2048
"""How many bytes of a text are read; `window` cuts longer ones."""

U64 = np.uint64
Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]

SPACE, LOWER, UPPER, DIGIT, PUNCTUATION, NEWLINE, HIGH = range(7)
"""The kinds of bytes that style counts."""


def _kinds() -> Bytes:
    kinds = np.full(256, SPACE, np.uint8)
    kinds[33:127] = PUNCTUATION
    kinds[ord("0") : ord("9") + 1] = DIGIT
    kinds[ord("A") : ord("Z") + 1] = UPPER
    kinds[ord("a") : ord("z") + 1] = LOWER
    kinds[ord("\n")] = NEWLINE
    kinds[128:] = HIGH
    return kinds


def _powers(base: int) -> Hashes:
    powers = np.empty(BYTES_LIMIT, U64)
    value = 1
    for i in range(BYTES_LIMIT):
        powers[i] = value
        value = value * base % 2**64
    return powers


def _pcg64(count: int) -> Iterator[int]:
    """Yield what `numpy.random.PCG64(0x64697374)` draws; importing that costs 6 MB and 20 ms."""
    state, step = 0x72DE62070E371D7F725B0216D5790DBF, 0x78922DDD5EE45CF3A941602EA5799499
    for _ in range(count):
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + step) % 2**128
        mixed, turn = (state >> 64 ^ state) % 2**64, state >> 122
        yield (mixed >> turn | mixed << (64 - turn)) % 2**64


def _table() -> Hashes:
    # Any fixed table of odd-looking 64-bit values serves; the secret enters with `Words.mixed`.
    table = np.fromiter((1 + (draw * (2**63 - 1) >> 64) for draw in _pcg64(256)), U64)
    table[ord("A") : ord("Z") + 1] = table[ord("a") : ord("z") + 1]
    table[~_IN_WORD] = 0
    return table


def _marking(outside: int, inside: int, opening: int) -> bytes:
    """Return the table that replaces bytes outside and inside of words, and those that open one."""
    return bytes(opening if b >= 0xE0 else inside if _IN_WORD[b] else outside for b in range(256))


KINDS = _kinds()
_PRIME = 0x9E3779B97F4A7C15
_FIRST, _MIX, _LAST = U64(31), U64(0xBF58476D1CE4E5B9), U64(29)
_POWERS = _powers(_PRIME)
_INVERSES = _powers(pow(_PRIME, -1, 2**64))
_IN_WORD = np.isin(KINDS, (LOWER, UPPER, DIGIT, HIGH))
TABLE = _table()
_BEFORE, _BEGINS, _GOES_ON = _marking(0, 1, 1), _marking(0, 1, 2), _marking(0, 1, 0)
"""Bytes so marked that a word begins where `_BEGINS` is more than `_BEFORE` of the byte before, and
ends where `_GOES_ON` is less: translating bytes costs a tenth of looking them up in an array."""


class Words(NamedTuple):
    """The words of one text: where each starts (bytes), how long it is (bytes), its hash."""

    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    hashes: Hashes


def window(text: bytes) -> bytes:
    """Return the bytes of `text` that are read: all, or the first and the last half of the
    limit.
    """
    if len(text) > BYTES_LIMIT:
        half = BYTES_LIMIT // 2
        text = text[:half] + text[-half:]
    return text


def words(text: bytes) -> Words:
    """Split a text (of `window`) into hashed words."""
    spaced = b" %b " % text
    before = np.frombuffer(spaced.translate(_BEFORE), np.uint8)[:-1]
    begins = np.frombuffer(spaced.translate(_BEGINS), np.uint8)[1:]
    goes_on = np.frombuffer(spaced.translate(_GOES_ON), np.uint8)[1:]
    starts = (begins > before).nonzero()[0]
    ends = (goes_on < before).nonzero()[0]
    sums = np.zeros(len(text) + 1, U64)
    terms = TABLE.take(np.frombuffer(text, np.uint8))
    terms *= _POWERS[: len(text)]
    np.add.accumulate(terms, out=sums[1:])
    hashes = sums.take(ends)
    hashes -= sums.take(starts)
    hashes *= _INVERSES.take(starts)
    hashes ^= hashes >> _FIRST
    hashes *= _MIX
    hashes ^= hashes >> _LAST
    return Words(starts, ends - starts, hashes)
