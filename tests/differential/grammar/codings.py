"""Bodies under a Content-Encoding that is true, half true, or a lie."""

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import NamedTuple

import brotli
from hypothesis import strategies as st
from tests.differential.grammar.documents import Draw

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class Coded(NamedTuple):
    """A body as it is sent, with the headers that say how it was coded."""

    data: bytes
    headers: tuple[tuple[str, str], ...] = ()


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, mtime=0),
    "x-gzip": partial(gzip.compress, mtime=0),
    "deflate": zlib.compress,
    "raw deflate": _raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
}

NAMES = (
    "gzip",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "identity",
    "compress",
    "aes128gcm",
    "utf-8",
    "",
    "gzip, gzip",
)
"""What a header may claim of a body whatever it is."""


def is_complete_deflate(data: bytes) -> bool:
    """Return whether some beginning of the data is a whole raw deflate stream."""
    stream = zlib.decompressobj(-15)
    try:
        stream.decompress(data, 1 << 20)
    except zlib.error:
        return False
    return stream.eof


def _baits() -> list[str]:
    """Find keys after whose opening brace a plain JSON text is a complete deflate stream."""
    dice = Random(0)
    keys = ("".join(dice.choices("@ P`0", k=dice.randint(4, 12))) for _ in range(2000))
    return [key for key in keys if is_complete_deflate(f'{{"{key}":1,'.encode() + b" " * 40)]


BAITS = _baits()


def bait(draw: Draw, data: bytes) -> bytes:
    """Make plain JSON one that inflates without an error, to rubbish."""
    if not data.startswith(b"{") or len(data) < 3:
        return data
    return f'{{"{draw(st.sampled_from(BAITS))}":1,'.encode() + data[1:]


HOW = ("bait", "broken", "lie", "members", "one", "silent", "stacked")
"""What may be done to a body."""


def coded(draw: Draw, data: bytes, how: str) -> Coded:
    """Send a body as it is, or coded, or said to be, in one of the ways of `HOW`."""
    if not how:
        return Coded(data)
    if how == "bait":
        return Coded(bait(draw, data), _said(draw, ["deflate"]))
    if how == "lie":
        return Coded(data, _said(draw, [draw(st.sampled_from(NAMES))]))
    names = draw(
        st.lists(
            st.sampled_from(sorted(CODINGS)), min_size=1, max_size=3 if how == "stacked" else 1
        )
    )
    for name in names:
        data = CODINGS[name](data)
    if how == "silent":
        return Coded(data)
    if how == "broken":
        data = data[: draw(st.integers(1, max(1, len(data) - 1)))]
    elif how == "members":
        data += CODINGS[names[-1]](draw(st.sampled_from((b"", b" ", b"x", b'{"model":"x"}'))))
    return Coded(data, _said(draw, [name.removeprefix("raw ") for name in names]))


def _said(draw: Draw, names: list[str]) -> tuple[tuple[str, str], ...]:
    """Write the header, on one line or several, in any letters."""
    if draw(st.booleans()):
        names = [name.upper() for name in names]
    if len(names) > 1 and draw(st.booleans()):
        return tuple(("Content-Encoding", name) for name in names)
    return (("Content-Encoding", draw(st.sampled_from((", ", ",", " ,, "))).join(names)),)
