import gzip
import itertools
import json
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire.codings import (
    FREE_BYTES,
    RATIO,
    Readings,
    charset,
    codings,
    is_upload,
    readings,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

REAL = b'{"messages":[{"role":"user","content":"real"}]}'
DECOY = b'{"messages":[{"role":"user","content":"decoy"}]}'

FORM = "application/x-www-form-urlencoded"

_WIDE = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 24})
WIDE = _WIDE.compress(b"x") + _WIDE.flush()
"""A frame that asks for a window of 16 MB."""


def read(data: bytes, *names: str, max_bytes: int = 1 << 20, content_type: str = "") -> Readings:
    headers = [(b"content-encoding", name.encode()) for name in names]
    return readings(data, codings(headers), content_type=content_type, max_bytes=max_bytes)


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def packed(data: bytes, times: int) -> bytes:
    return gzip.compress(packed(data, times - 1), mtime=0) if times else data


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "aws-chunked": bytes,
}
OBJECTS = st.dictionaries(st.text(max_size=9), st.text(max_size=50), max_size=9).map(
    lambda value: json.dumps(value).encode()
)


@given(OBJECTS, st.lists(st.sampled_from(sorted(PACK)), max_size=4))
def test_whatever_was_applied_is_undone(body: bytes, names: list[str]) -> None:
    data = body
    for name in names:
        data = PACK[name](data)

    for found in (read(data, ", ".join(names)), read(data, *(name.upper() for name in names))):
        assert found.bodies == [body]
        # Of four codings of which raw deflate is one, rarely so much comes that not all is tried.
        assert found.beyond is None or len(names) == 4


@given(OBJECTS, st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=3))
def test_the_order_that_a_header_tells_need_not_be_right(body: bytes, names: list[str]) -> None:
    data = body
    for name in names:
        data = PACK[name](data)

    for order in itertools.permutations(names):
        assert read(data, *order).bodies == [body]


@given(OBJECTS, st.lists(st.sampled_from([*PACK, "compress", "made-up"]), max_size=9))
def test_a_plain_body_is_read_whatever_it_claims(body: bytes, names: list[str]) -> None:
    assert body in read(body, *names).bodies


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_members_are_read_one_after_the_other(name: str) -> None:
    pack = PACK[name]

    assert read(pack(REAL[:9]) + pack(b"") * 100 + pack(REAL[9:]), name).bodies == [REAL]


def test_raw_deflate_is_read_too() -> None:
    assert read(raw_deflate(REAL), "deflate").bodies == [REAL]


def test_plain_json_that_begins_as_deflate_of_something_is_read_as_it_is() -> None:
    # `{"` begins a block of fixed Huffman codes: bytes that end it soon make it a whole stream.
    found = [
        body
        for end in range(1 << 16)
        if _is_stream(body := b'{"' + end.to_bytes(2, "little") + REAL[2:])
    ]

    assert found
    for body in found[:50]:
        assert body in read(body, "deflate").bodies


def _is_stream(body: bytes) -> bool:
    stream = zlib.decompressobj(-15)
    try:
        stream.decompress(body)
    except zlib.error:
        return False
    return stream.eof


@pytest.mark.parametrize("end", [b"trailing", b"\x1f\x8b\x08broken", b"\0" * 9])
@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_what_follows_a_coded_body_does_not_hide_it(name: str, end: bytes) -> None:
    assert read(PACK[name](REAL) + end, name).bodies == [REAL]


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_broken_checksum_does_not_hide_a_body(name: str) -> None:
    data = PACK[name](REAL * 500)
    broken = data[:-1] + bytes([data[-1] ^ 1])

    assert [body.startswith(REAL) for body in read(broken, name).bodies] == [True]


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_missing_end_does_not_hide_a_body(name: str) -> None:
    data = PACK[name](REAL)

    assert read(data[:-1], name).bodies[0].startswith(b'{"messages"')


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_bomb_is_given_up_at_the_bound(name: str, times: int) -> None:
    data = b"{" + b" " * 50_000_000
    for _ in range(times):
        data = PACK[name](data)

    found = read(data, *[name] * times, max_bytes=1 << 24)

    assert found.beyond is not None
    assert found.beyond.reason == "expansion"
    assert len(found.bodies[0]) <= max(FREE_BYTES, RATIO * len(data))


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_bomb_beside_a_body_does_not_hide_it(name: str) -> None:
    bomb = PACK[name](b" " * 3 * FREE_BYTES)

    found = read(PACK[name](REAL) + bomb, name)

    assert found.bodies[0].startswith(REAL)
    assert found.beyond is not None


def test_a_long_body_may_expand_by_the_ratio() -> None:
    line = json.dumps({"text": [str(n) for n in range(60_000)]}).encode()
    packed = gzip.compress(line)

    assert FREE_BYTES < len(line) < RATIO * len(packed)
    assert read(packed, "gzip").bodies == [line]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"x", "compress"),
        (b"not brotli", "br"),
        (b"not zstd", "zstd"),
        (WIDE, "zstd"),
        (b"not gzip", "gzip"),
        (b"", "gzip"),
        (gzip.compress(b"", mtime=0) * 1025, "gzip"),
        (
            gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(REAL))))),
            "gzip," * 5,
        ),
    ],
)
def test_what_cannot_be_undone_has_a_reason_of_its_own(data: bytes, encoding: str) -> None:
    with pytest.raises(WireError) as error:
        read(data, encoding)

    assert error.value.reason == "encoding"


@given(st.binary(max_size=300), st.lists(st.sampled_from(sorted(PACK)), max_size=5))
def test_arbitrary_bytes_are_readings_or_an_error(data: bytes, names: list[str]) -> None:
    try:
        found = read(data, *names)
    except WireError:
        return
    assert found.bodies


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/json", None),
        ("application/json; charset=utf-8", None),
        ("application/json; charset=latin-1", None),
        ("application/json; charset=utf-7", "utf-7"),
        ('application/json; Charset="UTF-16LE"', "utf-16-le"),
        ("application/json; charset=utf-32-be; x=y", "utf-32-be"),
    ],
)
def test_an_encoding_that_bytes_do_not_show_is_taken_from_the_type(
    kind: str, name: str | None
) -> None:
    assert charset(kind) == name


def test_a_body_of_another_encoding_is_read_both_ways() -> None:
    body = b'{"messages":["a"],"+AG0-essages":["b"]}'

    seven, sixteen = (f"application/json; charset=utf-{name}" for name in ("7", "16le"))
    assert read(body, content_type=seven).bodies == [b'{"messages":["a"],"messages":["b"]}', body]
    assert read(REAL.decode().encode("utf-16-le"), content_type=sixteen).bodies[0] == REAL


def test_a_body_that_is_json_and_a_form_is_read_as_both() -> None:
    body = b'{"prompt":"decoy","x":"&prompt=real&z="}'

    assert read(body, content_type=FORM).bodies[0] == body
    assert b'"prompt":"real"' in read(body, content_type=FORM).bodies[1]
    assert b'"prompt":"real"' in read(gzip.compress(body), "gzip", content_type=FORM).bodies[1]
    assert read(body).bodies == [body]


def test_a_form_with_more_fields_than_are_read_may_be_more_than_what_was_read() -> None:
    found = read(b'{"prompt":"' + b"&a=b" * 10_001 + b'"}', content_type=FORM)

    assert found.beyond is not None
    assert found.beyond.reason == "complex"


@pytest.mark.parametrize(
    ("start", "kind", "more", "upload"),
    [
        (b"\x89PNG", b"image/png", [], True),
        (None, b"image/png", [], True),
        (b" " * 100, b"image/png", [], False),
        (b"\x1f\x8b", b"image/png", [(b"content-encoding", b"gzip")], False),
        (b"+AHs-", b"image/png; charset=utf-7", [], False),
        (b"\x89PNG", b"", [], False),
        (None, b"application/json", [], False),
    ],
)
def test_an_upload_is_told_by_its_type_and_how_it_starts(
    start: bytes | None, kind: bytes, more: list[tuple[bytes, bytes]], upload: bool
) -> None:
    assert is_upload(start, [(b"content-type", kind), *more]) is upload


@pytest.mark.parametrize("encoding", ["utf-7", "utf-16", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_long_body_in_another_encoding_is_read_as_in_one_piece(encoding: str) -> None:
    text = json.dumps({"text": "é\U0001f600 " * 30_000}, ensure_ascii=False)

    found = read(text.encode(encoding), content_type=f"application/json; charset={encoding}")

    assert text.encode() in found.bodies
