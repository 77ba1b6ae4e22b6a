"""How much JSON is parsed: counted before parsing, because a parser holds the interpreter lock.

A parsed container costs some 100 ns and 60 to 230 bytes, an element up to 100 ns: what is small on
the wire can be large in memory, and compressed it is smaller still.
"""

from typing import NamedTuple

import numpy as np

from distillgate.errors import WireError


class Bounds(NamedTuple):
    """The most that is parsed of one body."""

    objects: int
    """Objects and arrays."""
    elements: int
    """Elements, keys not counted."""
    mended: int
    """Bytes of a body that only the slow reader (`wire.lenient`) takes: about 1 µs a token."""


WIDE = Bounds(100_000, 400_000, 1 << 20)
"""For accounts that are known, in a thread: at most some 80 ms of a processor, and 60 MB."""

NARROW = Bounds(10_000, 40_000, 1 << 16)
"""For keys that were never seen, which cost their sender nothing."""

INLINE = Bounds(2_000, 20_000, 1 << 12)
"""For what is parsed on the event loop."""

_FREE = 1 << 14
"""Bytes of which no count is taken: they hold at most 8,000 containers, 1 ms of work."""

_FEW = 1 << 13
"""Bytes below which calling numpy takes longer than counting one by one."""

_STEP = 1 << 16
"""Bytes that are looked at together: they stay in the processor's cache."""

_QUOTES = 4
"""Quotes that are looked at for each element that is allowed."""


def check(body: bytes, bounds: Bounds) -> None:
    """Raise `WireError` where a body holds more than `bounds`, before anything is parsed.

    Brackets and commas are counted wherever they stand, in C; only where that count is too high
    are those inside strings told apart, in a loop that lets other threads run.
    """
    if len(body) <= _FREE:
        return
    if (
        occurrences(body, b"[") + occurrences(body, b"{") > bounds.objects
        or occurrences(body, b",") > bounds.elements
    ):
        _count_outside_strings(body, bounds)


def occurrences(body: bytes, what: bytes) -> int:
    """Count what `bytes.count` does, in steps between which other threads run.

    A single byte is counted many at once; longer ones must not overlap themselves.
    """
    if len(body) < _FEW:
        return body.count(what)
    steps = range(0, len(body), _STEP)
    if len(what) == 1:
        whole, byte = np.frombuffer(body, np.uint8), what[0]
        return sum(int(np.count_nonzero(whole[at : at + _STEP] == byte)) for at in steps)
    more = len(what) - 1
    return sum(body.count(what, at, at + _STEP + more) for at in steps)


def _count_outside_strings(body: bytes, bounds: Bounds) -> None:
    objects = elements = at = 0
    for _ in range(_QUOTES * bounds.elements):
        quote = body.find(b'"', at)
        end = len(body) if quote < 0 else quote
        objects += body.count(b"[", at, end) + body.count(b"{", at, end)
        elements += body.count(b",", at, end)
        if objects > bounds.objects or elements > bounds.elements:
            break
        if quote < 0 or not (at := _closing(body, quote + 1)):
            return
    raise WireError("the body holds more JSON than is parsed", reason="complex")


def _closing(body: bytes, at: int) -> int:
    # The place after the quote that ends a string; 0 where none does.
    while True:
        quote = body.find(b'"', at)
        if quote < 0:
            return 0
        before = quote
        while body[before - 1] == 0x5C:  # a backslash
            before -= 1
        at = quote + 1
        if (quote - before) % 2 == 0:
            return at
