import gzip
import os
import sys
import zlib

import brotli
import pytest

from distillgate.wire import encoding
from distillgate.wire.encoding import Inflater, inflater

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"The answer. " * 50_000


def made(name: str) -> Inflater:
    decoder = inflater(name)
    assert decoder is not None
    return decoder


def decode(*chunks: bytes, name: str = "gzip") -> bytes:
    decoder = made(name)
    return b"".join(piece for chunk in chunks for piece in decoder.feed(chunk))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("zstd", zstd.compress(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
        ("br, identity, zstd", zstd.compress(brotli.compress(TEXT))),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_was_compressed_comes_back_in_any_chunking(name: str, body: bytes, size: int) -> None:
    assert decode(*(body[n : n + size] for n in range(0, len(body), size)), name=name) == TEXT


@pytest.mark.parametrize("text", [b"hello", b"a" * 65_600, b"a" * 200_000])
def test_what_came_so_far_is_decoded_before_the_end_comes(text: bytes) -> None:
    compressor = zlib.compressobj(wbits=31)
    first = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)

    assert decode(first) == text


def test_wherever_the_stream_breaks_off_all_that_came_is_decoded() -> None:
    body = gzip.compress(b"a" * 65_700 + b"b" * 65_700)

    for end in range(len(body)):
        assert decode(body[:end]) == zlib.decompressobj(31).decompress(body[:end])


def test_a_bomb_is_decoded_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "DECODED_LIMIT", 100_000)
    zeros = b"\0" * 10_000_000
    bombs = {
        "gzip": gzip.compress(zeros),
        "br": brotli.compress(zeros),
        "zstd": zstd.compress(zeros),
    }

    for name, bomb in bombs.items():
        assert decode(bomb, name=name) == b"\0" * 100_000
        assert decode(*(bytes([b]) for b in bomb), name=name) == b"\0" * 100_000


def test_damage_is_noticed_and_never_raised() -> None:
    body = bytearray(gzip.compress(os.urandom(1000)))
    body[-6] ^= 1
    decoder = made("gzip")

    list(decoder.feed(bytes(body)))

    assert decoder.broken
    assert list(decoder.feed(b"more")) == []


@pytest.mark.parametrize("name", ["br", "zstd"])
def test_what_is_no_stream_is_damage(name: str) -> None:
    decoder = made(name)

    list(decoder.feed(b"\xff" * 100))

    assert decoder.broken


@pytest.mark.parametrize("name", ["gzip", "x-gzip", " GZIP ", "deflate", "br", "zstd"])
def test_these_are_decoded(name: str) -> None:
    assert inflater(name) is not None


@pytest.mark.parametrize("name", ["gzip, compress", "gzip, gzip, gzip, gzip", "", "compress"])
def test_no_other_encoding_is(name: str) -> None:
    assert inflater(name) is None
